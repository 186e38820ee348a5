"""Order keys: one column or several, numbers and texts, nulls, numbers that come again; against DuckDB.

    keys.py --binary target/release/rfmetrics --seeds 40

Amounts are above zero, so that no policy of returns matters. With --far-apart the warning about orders whose lines lie more than
30 days apart must have the right number, too. Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import program

AS_OF = "2024-12-31"
FAR_APART_DAYS = 30
TYPES = [pa.int32(), pa.int64(), pa.uint64(), pa.int8(), pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]


def column(rng: random.Random, rows: int, with_nulls: bool) -> pa.Array:
    """Few values, so that keys come again; texts that look like numbers, and like two of them."""
    kind = rng.choice(TYPES)
    is_text = not pa.types.is_integer(kind)
    values: list[object] = [rng.choice([1, 2, 11, 12, 21]) for _ in range(rows)]
    if is_text:
        texts = ["1", "01", "1 ", "1,2", "", "ä", "receipt with more than twelve bytes"]
        values = [rng.choice(texts) for _ in range(rows)]
    if with_nulls:
        values = [None if rng.random() < 0.1 else value for value in values]
    made = pa.array(values, pa.string() if is_text else kind)
    return made.dictionary_encode() if pa.types.is_dictionary(kind) else made.cast(kind)


def transactions(rng: random.Random) -> tuple[pa.Table, list[str]]:
    rows = rng.choice([1, 40, 400, 3_000])
    names = [f"part {number}" for number in range(rng.choice([1, 1, 2, 3]))]
    days = rng.choice([3, 40, 360])
    columns = {name: column(rng, rows, rng.random() < 0.5) for name in names}
    table = pa.table(
        {
            "customer_id": [rng.randrange(max(1, rows // 30)) for _ in range(rows)],
            "order_ts": [dt.date(2024, 1, 1) + dt.timedelta(days=rng.randrange(days)) for _ in range(rows)],
            "amount": pa.array([Decimal(rng.randrange(1, 5_000)) / 100 for _ in range(rows)], pa.decimal128(9, 2)),
        }
        | columns
    )
    return table, names


def expected(table: pa.Table, names: list[str], with_day: bool) -> tuple[list[tuple], int]:
    connection = duckdb.connect()
    connection.register("given", table)
    key = [f'"{name}"' for name in names] + (["order_ts"] if with_day else [])
    is_key = " and ".join(f'"{name}" is not null' for name in names)
    lone = f"case when {is_key} then 0 else number end"
    orders = f"""
        with numbered as (select *, row_number() over () as number from given),
        orders as (
            select customer_id, {", ".join(f"{part} as p{place}" for place, part in enumerate(key))}, {lone} as lone,
                   sum(amount) as total, count(*) as lines, min(order_ts) as first, max(order_ts) as last
            from numbered group by all)"""
    customers = connection.execute(
        f"""{orders} select customer_id, count(*), sum(lines), sum(total), max(total), count(distinct first), min(first), max(first)
            from orders group by customer_id order by customer_id"""
    ).fetchall()
    far = connection.execute(f"{orders} select count(*) from orders where last - first > {FAR_APART_DAYS}").fetchone()
    return customers, far[0]


def one(binary: Path, seed: int, directory: Path, far_apart: bool) -> list[str]:
    rng = random.Random(seed)
    table, names = transactions(rng)
    with_day = rng.random() < 0.4
    source = directory / "in"
    source.mkdir(parents=True)
    # Lines in any order, over several files: an order comes again in another one.
    files = rng.choice([1, 1, 3])
    for number in range(files):
        rows = table.take(pa.array(range(number, table.num_rows, files), pa.int64()))
        pq.write_table(rows, source / f"{number}.parquet", row_group_size=rng.choice([7, 1_000_000]))
    settings: dict[str, object] = {"columns.order_id": names if len(names) > 1 or rng.random() < 0.5 else names[0]}
    if with_day:
        settings["clean.orders_by"] = "order_id_and_day"
    published = program.publish(binary, source, directory / "out", AS_OF, settings)
    wanted = ["customer_id", "orders", "transactions", "revenue", "largest_order", "purchase_days", "first_order_date", "last_order_date"]
    found = pq.read_table(published / "customers.parquet", columns=wanted).sort_by("customer_id").to_pylist()
    got = [tuple(row[name] for name in wanted) for row in found]
    should, far = expected(table, names, with_day)
    faults = []
    if got != should:
        first = next(((a, b) for a, b in zip(got, should) if a != b), (len(got), len(should)))
        faults.append(f"seed {seed}, key {names}, with day {with_day}: got {first[0]}, should be {first[1]}")
    if far_apart:
        manifest = json.loads((published / "manifest.json").read_text())
        counts = [w["facts"]["orders"] for w in manifest["warning_details"] if w["code"] == "orders_far_apart"]
        if sum(counts) != far:
            faults.append(f"seed {seed}: {sum(counts)} orders are said to lie far apart, should be {far}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--far-apart", action="store_true")
    arguments = parser.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(arguments.seeds):
            faults += one(arguments.binary.resolve(), seed, Path(temporary) / str(seed), arguments.far_apart)
    for fault in faults[:20]:
        print(fault)
    print(f"keys: {arguments.seeds} inputs, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
