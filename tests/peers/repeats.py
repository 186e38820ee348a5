"""Repeats of rows, whole and by key, against DuckDB: `SELECT DISTINCT *` and `QUALIFY row_number()`.

    repeats.py --binary target/release/rfmetrics --seeds 20

Small inputs of many columns that no run needs (floats with both zeros and NaN, lists, structs, maps, dictionaries, days,
times, decimals, bytes), in several files that differ in types, lack columns or lie in `key=value` directories, with many
repeats and near repeats. Compared are the rows left out, their number as counted, orders and money of every customer. Exit
status 1 on any difference, whose data are kept.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import program

AS_OF = dt.date(2025, 6, 30)
FIRST = dt.date(2025, 1, 1)


def pick(rng: np.random.Generator, values: list, rows: int) -> list:
    return [values[index] for index in rng.integers(0, len(values), rows)]


def odd_columns(rng: np.random.Generator, rows: int) -> dict[str, pa.Array]:
    """Columns of few values each, so that rows agree in some and differ in others."""
    nan = float("nan")
    point = pa.struct([("x", pa.float64()), ("tags", pa.list_(pa.string()))])
    columns = {
        "weight": pa.array(pick(rng, [0.0, -0.0, nan, 1.5, None], rows), pa.float64()),
        "single": pa.array(pick(rng, [0.0, -0.0, nan, 0.1, None], rows), pa.float32()),
        "sku": pa.array(pick(rng, ["pen", "cup", "", "a text of more than a dozen bytes", None], rows)).dictionary_encode(),
        "note": pa.array(pick(rng, ["ab", "a", "b", None], rows)),
        "flag": pa.array(pick(rng, [True, False, None], rows)),
        "day": pa.array(pick(rng, [FIRST, AS_OF, None], rows), pa.date32()),
        "at": pa.array(pick(rng, [dt.datetime(2025, 1, 1, 10), dt.datetime(2025, 1, 1, 10, 0, 0, 1), None], rows), pa.timestamp("us")),
        "clock": pa.array(pick(rng, [dt.time(10), dt.time(10, 0, 1), None], rows), pa.time64("us")),
        "rate": pa.array(pick(rng, [Decimal("0.100"), Decimal("0.125"), Decimal("7"), None], rows), pa.decimal128(9, 3)),
        "bytes": pa.array(pick(rng, [b"\x00", b"\x00\x00", None], rows), pa.binary()),
        "small": pa.array(pick(rng, [-1, 0, 1, None], rows), pa.int8()),
        "tags": pa.array(pick(rng, [["a"], ["a", None], [], None, ["b", "a"]], rows), pa.list_(pa.string())),
        "levels": pa.array(pick(rng, [[[0.0], []], [[-0.0], []], [[nan]], None], rows), pa.list_(pa.list_(pa.float64()))),
        "pair": pa.array(pick(rng, [[0.0, 1.0], [-0.0, 1.0], [1.0, 0.0], None], rows), pa.list_(pa.float64(), 2)),
        "point": pa.array(pick(rng, [{"x": 0.0, "tags": ["a"]}, {"x": -0.0, "tags": ["a"]}, {"x": None, "tags": []}, None], rows), point),
        "labels": pa.array(pick(rng, [[("k", 1)], [("k", 2)], [], None], rows), pa.map_(pa.string(), pa.int64())),
    }
    return {name: columns[name] for name in rng.permutation(list(columns))[: rng.integers(1, 6)]}


def lines(rng: np.random.Generator, rows: int) -> pa.Table:
    customers = rng.integers(1, 6, rows)
    orders = customers * 10 + rng.integers(0, 3, rows)
    table = {
        "customer_id": pa.array(customers, pa.int64()),
        "order_id": pa.array(orders, pa.int64()),
        "order_ts": pa.array([FIRST + dt.timedelta(days=int(order % 90)) for order in orders], pa.date32()),
        "amount": pa.array(pick(rng, [1.0, 2.5, 10.25], rows), pa.float64()),
        "version": pa.array(pick(rng, [1, 2, 3, None], rows), pa.int32()),
        "op": pa.array(pick(rng, ["I", "U", "D"], rows)),
    }
    return pa.table(table | odd_columns(rng, rows))


def as_stored(rng: np.random.Generator, table: pa.Table) -> pa.Table:
    """The same values in other types, or without a column."""
    for name in table.column_names:
        kind, index = table.schema.field(name).type, table.schema.get_field_index(name)
        if rng.random() < 0.5:
            continue
        if pa.types.is_dictionary(kind):
            table = table.set_column(index, name, table[name].cast(pa.string()))
        elif kind == pa.int8() or kind == pa.int32():
            table = table.set_column(index, name, table[name].cast(pa.int64()))
        elif kind == pa.float32():
            table = table.set_column(index, name, table[name].cast(pa.float64()))
        elif kind == pa.timestamp("us"):
            table = table.set_column(index, name, table[name].cast(pa.timestamp("ns")))
        elif name in ("note", "flag", "tags", "point"):
            table = table.drop_columns([name])
    return table


def write(rng: np.random.Generator, seed: int, source: Path, is_plain: bool) -> None:
    table = lines(rng, int(rng.integers(50, 400)))
    # Whole repeats in other places, beside those that chance made.
    table = pa.concat_tables([table, table.take(rng.integers(0, table.num_rows, table.num_rows // 3))])
    # Sorted by amount, statistics rule out whole row groups.
    order = np.argsort(table["amount"].to_numpy(), kind="stable") if seed % 4 == 3 else rng.permutation(table.num_rows)
    table = table.take(order)
    files = 1 + seed % 4
    for file in range(files):
        part = table.take(np.arange(file, table.num_rows, files))
        folder = source / (f"store={file % 2}" if seed % 3 == 2 else ".")
        folder.mkdir(parents=True, exist_ok=True)
        stored = part if is_plain or file == 0 else as_stored(rng, part)
        pq.write_table(stored, folder / f"{file}.parquet", row_group_size=int(rng.integers(20, 500)))


def published(binary: Path, source: Path, output: Path, threads: int, settings: dict[str, object]) -> dict:
    shutil.rmtree(output, ignore_errors=True)
    directory = program.publish(binary, source, output, AS_OF, {"run.threads": threads, "clean.returns": "net"} | settings)
    db = duckdb.connect()
    customers = db.execute(f"select customer_id, orders, transactions, revenue::double from '{directory}/customers.parquet' order by 1")
    duplicates = "select coalesce(sum(rows), 0)::bigint from '{}/quality.parquet' where outcome = 'duplicate'".format(directory)
    return {
        "customers": customers.fetchall(),
        "duplicates": db.execute(duplicates).fetchone()[0],
        "counted": json.loads((directory / "manifest.json").read_text())["notes"].get("rows_repeated"),
    }


def expected(db: duckdb.DuckDBPyConnection, rows: str) -> list[tuple]:
    return db.execute(f"""
        select customer_id, count(distinct order_id), count(*), sum(amount)::double from ({rows}) group by 1 order by 1""").fetchall()


def check(binary: Path, seed: int, work: Path) -> list[str]:
    rng = np.random.default_rng([seed, 14])
    source, output = work / "in", work / "out"
    write(rng, seed, source, is_plain=seed % 2 == 0)
    db = duckdb.connect()
    db.execute(f"""create view source as
        select * from read_parquet('{source}/**/*.parquet', union_by_name = true, hive_partitioning = true)""")
    all_rows = db.execute("select count(*) from source").fetchone()[0]
    whole = "select distinct * from source"
    distinct = db.execute(f"select count(*) from ({whole})").fetchone()[0]
    threads, problems = 1 + seed % 3, []

    def compare(what: str, found: object, wanted: object) -> None:
        if found != wanted:
            problems.append(f"{what}: expected {wanted}, found {found}")

    run = published(binary, source, output, threads, {"clean.dedupe": "true", "clean.max_quarantined_share": 1.0})
    compare("dedupe: duplicates", run["duplicates"], all_rows - distinct)
    compare("dedupe: customers", run["customers"], expected(db, whole))
    # Row groups may be skipped by their statistics, and rows keep their numbers.
    some = {"input.filter": "amount < 5", "input.trust_statistics": "true", "clean.max_quarantined_share": 1.0}
    few = db.execute("select count(*) from source where amount < 5").fetchone()[0]
    few_distinct = db.execute(f"select count(*) from ({whole}) where amount < 5").fetchone()[0]
    run = published(binary, source, output, threads, some | {"clean.dedupe": "true"})
    compare("dedupe, filtered: duplicates", run["duplicates"], few - few_distinct)
    compare("dedupe, filtered: customers", run["customers"], expected(db, f"select * from ({whole}) where amount < 5"))
    run = published(binary, source, output, threads, some | {"clean.count_repeats": "true"})
    compare("count_repeats, filtered: counted", run["counted"], few - few_distinct)
    run = published(binary, source, output, threads, {"clean.count_repeats": "true"})
    compare("count_repeats: counted", run["counted"], all_rows - distinct)
    compare("count_repeats: customers", run["customers"], expected(db, "select * from source"))
    # Rows with one key need one type in all files. What the run reads decides between equal versions.
    if seed % 2 == 0:
        keys = {"clean.dedupe_keys": ["order_id", "amount"], "clean.dedupe_latest_by": "version"}
        latest = """select * from source qualify row_number() over (
            partition by order_id, amount order by version desc nulls last, customer_id, order_ts, op) = 1"""
        distinct = db.execute(f"select count(*) from ({latest})").fetchone()[0]
        run = published(binary, source, output, threads, keys)
        compare("latest: duplicates", run["duplicates"], all_rows - distinct)
        compare("latest: customers", run["customers"], expected(db, latest))
        run = published(binary, source, output, threads, keys | {"input.filter": "op <> 'D'"})
        compare("latest, filtered: duplicates", run["duplicates"], all_rows - distinct)
        # `op` is read then, and decides between equal versions before the filter asks for it.
        compare("latest, filtered: customers", run["customers"], expected(db, f"select * from ({latest}) where op <> 'D'"))
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=Path("target/release/rfmetrics"))
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    failed = 0
    for seed in range(options.seeds):
        work = Path(tempfile.mkdtemp(prefix=f"repeats-{seed}-"))
        problems = check(options.binary.resolve(), seed, work)
        if problems:
            failed += 1
            print(f"seed {seed}: {work}", *problems, sep="\n  ")
        else:
            shutil.rmtree(work)
    print(f"repeats: {options.seeds - failed} of {options.seeds} inputs agree with DuckDB")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
