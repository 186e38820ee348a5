"""Reads every published table with the programs that people use, and compares what they see.

    readers.py --tables reports/as_of=2026-10-31
    readers.py --tables reports/as_of=2026-10-31 --values      those of `[predict]` and `[social]` must be there, too

Readers: pyarrow, pandas, DuckDB, Polars, Tableau's Hyper. Compared: row counts, column names and their order, types,
values. Besides: no dictionary, unsigned or nested types, no NaN, zstd, statistics on every column, row group sizes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import decimal
import math
import re
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
from tableauhyperapi import Connection, CreateMode, HyperProcess, Telemetry

from tables import ALL_TABLES, TABLES, VALUE_TABLES

COMPARED_ROWS = 200_000
LARGEST_ROW_GROUP = 1_048_576
SMALLEST_FULL_ROW_GROUP = 65_536
PLAIN = {"string", "int32", "int64", "double", "date32[day]", "bool"}

# The name of each type in the tongue of each reader; `money` is decimal(18, s).
NAMES = {
    "string": {"duckdb": "VARCHAR", "polars": "String", "hyper": "TEXT"},
    "int32": {"duckdb": "INTEGER", "polars": "Int32", "hyper": "INT"},
    "int64": {"duckdb": "BIGINT", "polars": "Int64", "hyper": "BIG_INT"},
    "double": {"duckdb": "DOUBLE", "polars": "Float64", "hyper": "DOUBLE"},
    "date32[day]": {"duckdb": "DATE", "polars": "Date", "hyper": "DATE"},
    "bool": {"duckdb": "BOOLEAN", "polars": "Boolean", "hyper": "BOOL"},
}


def names_of(kind: pa.DataType) -> dict[str, str]:
    if pa.types.is_decimal(kind):
        return {
            "duckdb": f"DECIMAL(18,{kind.scale})",
            "polars": f"Decimal(precision=18, scale={kind.scale})",
            "hyper": f"NUMERIC(18, {kind.scale})",
        }
    return NAMES.get(str(kind), {})


def as_plain(schema: pa.Schema) -> pa.Schema:
    """In Parquet there is one string type; how wide Arrow holds it is a hint of the writer."""
    wide = (pa.types.is_large_string, pa.types.is_string_view)
    return pa.schema(
        [field.with_type(pa.string()) if any(test(field.type) for test in wide) else field for field in schema]
    )


def check_file(path: Path) -> list[str]:
    """What stands in the footer."""
    file, problems = pq.ParquetFile(path), []
    for field in as_plain(file.schema_arrow):
        if str(field.type) not in PLAIN and not (pa.types.is_decimal128(field.type) and field.type.precision == 18):
            problems.append(f"`{field.name}` is {field.type}")
    for index in range(len(file.schema.names)):
        column = file.schema.column(index)
        if "signed=false" in str(column.logical_type).lower().replace(" ", "") or column.max_repetition_level > 0:
            problems.append(f"`{column.name}` is {column.logical_type}")
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    for number, group in enumerate(groups):
        last = number == len(groups) - 1
        if group.num_rows > LARGEST_ROW_GROUP or (group.num_rows < SMALLEST_FULL_ROW_GROUP and not last):
            problems.append(f"row group {number} of {len(groups)} has {group.num_rows} rows")
        for index in range(group.num_columns):
            chunk = group.column(index)
            if chunk.compression != "ZSTD":
                problems.append(f"`{chunk.path_in_schema}` in row group {number} is {chunk.compression}")
            statistics = chunk.statistics
            if statistics is None or not statistics.has_null_count:
                problems.append(f"`{chunk.path_in_schema}` in row group {number} has no statistics")
            elif statistics.null_count < group.num_rows and not statistics.has_min_max:
                problems.append(f"`{chunk.path_in_schema}` in row group {number} has no minimum and maximum")
    return problems


def same_values(expected: pa.Table, found: pa.Table) -> list[str]:
    problems = []
    for field in expected.schema:
        if not expected[field.name].combine_chunks().equals(found[field.name].combine_chunks()):
            left, right = expected[field.name].to_pylist(), found[field.name].to_pylist()
            place = next((i for i, pair in enumerate(zip(left, right)) if pair[0] != pair[1]), -1)
            problems.append(f"`{field.name}` differs, first in row {place}: {left[place]!r} and {right[place]!r}")
    return problems


def shape(expected: pa.Table, names: list[str], rows: int) -> list[str]:
    problems = []
    if names != expected.column_names:
        problems.append(f"columns {names}")
    if rows != expected.num_rows:
        problems.append(f"{rows} rows instead of {expected.num_rows}")
    return problems


def types(expected: pa.Table, reader: str, found: dict[str, str]) -> list[str]:
    wanted = {field.name: names_of(field.type).get(reader) for field in expected.schema}
    return [f"`{name}` is {found.get(name)}, not {kind}" for name, kind in wanted.items() if found.get(name) != kind]


def with_pandas(path: Path, expected: pa.Table) -> list[str]:
    frame = pandas.read_parquet(path)
    problems = shape(expected, list(frame.columns), len(frame))
    return problems or same_values(expected, pa.Table.from_pandas(frame, schema=expected.schema, preserve_index=False))


def with_duckdb(path: Path, expected: pa.Table) -> list[str]:
    relation = duckdb.connect().sql(f"select * from read_parquet('{path}')")
    table = relation.to_arrow_table()
    problems = shape(expected, table.column_names, table.num_rows)
    problems += types(expected, "duckdb", dict(zip(relation.columns, map(str, relation.types))))
    return problems or same_values(expected, table.cast(expected.schema))


def with_polars(path: Path, expected: pa.Table) -> list[str]:
    frame = polars.read_parquet(path)
    problems = shape(expected, frame.columns, frame.height)
    problems += types(expected, "polars", {name: str(kind) for name, kind in frame.schema.items()})
    return problems or same_values(expected, frame.to_arrow().cast(expected.schema))


def plain_value(value: object) -> object:
    """Values of Hyper and of Arrow in the same Python types."""
    if hasattr(value, "to_date"):
        return value.to_date()
    return value


def with_hyper(path: Path, expected: pa.Table, connection: Connection) -> list[str]:
    connection.execute_command("drop table if exists t")
    connection.execute_command(f"create table t as (select * from external('{path}'))")
    columns = connection.catalog.get_table_definition("t").columns
    rows = connection.execute_scalar_query("select count(*) from t")
    problems = shape(expected, [column.name.unescaped for column in columns], rows)
    problems += types(
        expected,
        "hyper",
        {
            column.name.unescaped: re.sub(r"(?i)numeric\((\d+), ?(\d+)\)", r"NUMERIC(\1, \2)", str(column.type))
            for column in columns
        },
    )
    if problems or rows > COMPARED_ROWS:
        return problems
    found = [[plain_value(value) for value in row] for row in connection.execute_list_query("select * from t")]
    wanted = [list(row.values()) for row in expected.to_pylist()]
    found, wanted = sorted(map(canonical, found)), sorted(map(canonical, wanted))
    wrong = [(left, right) for left, right in zip(wanted, found) if left != right]
    return [f"{len(wrong)} rows differ, the first:\n{wrong[0][0]}\n{wrong[0][1]}"] if wrong else []


def canonical(row: list) -> str:
    """A text that is equal where the values are: a whole double and an integer are told apart by their column's type."""
    return "|".join(str(value.normalize() + 0) if isinstance(value, decimal.Decimal) else repr(value) for value in row)


def check_values(expected: pa.Table) -> list[str]:
    problems = []
    for field in expected.schema:
        if pa.types.is_floating(field.type) and any(
            v is not None and not math.isfinite(v) for v in expected[field.name].to_pylist()
        ):
            problems.append(f"`{field.name}` has values that are not finite")
    return problems


def check_keys(name: str, expected: pa.Table, as_of: dt.date | None) -> list[str]:
    problems = [] if expected.column_names[0] == "as_of" else [f"the first column is `{expected.column_names[0]}`"]
    if as_of and "as_of" in expected.column_names and set(expected["as_of"].to_pylist()) - {as_of}:
        problems.append(f"as_of is not {as_of} everywhere")
    keys = TABLES[name].keys if name in TABLES else VALUE_TABLES.get(name, ())
    for key in keys:
        if expected[key].null_count:
            problems.append(f"key `{key}` has nulls")
    if keys and expected.group_by(list(keys)).aggregate([]).num_rows != expected.num_rows:
        problems.append(f"rows share a key of {keys}")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, required=True)
    parser.add_argument("--only", help="names of tables, with commas [all that must be there]")
    parser.add_argument("--values", action="store_true", help="the tables of predictions and social value, too")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else [*ALL_TABLES, *(VALUE_TABLES if options.values else ())]
    directory = options.tables.resolve()
    named = re.fullmatch(r"as_of=(\d{4}-\d{2}-\d{2})", directory.name)
    as_of = dt.date.fromisoformat(named[1]) if named else None
    failed = 0
    with (
        tempfile.TemporaryDirectory() as logs,
        HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_dir": logs}) as hyper,
        Connection(hyper.endpoint, f"{logs}/t.hyper", CreateMode.CREATE_AND_REPLACE) as connection,
    ):
        for name in wanted:
            path = directory / f"{name}.parquet"
            if not path.exists():
                failed += 1
                print(f"DIFF {name}: {path} is missing")
                continue
            expected = pq.ParquetFile(path).read()
            expected = expected.cast(as_plain(expected.schema))
            problems = {
                "footer": check_file(path),
                "keys": check_keys(name, expected, as_of),
                "values": check_values(expected),
            }
            for reader, read in {
                "pandas": with_pandas,
                "duckdb": with_duckdb,
                "polars": with_polars,
                "hyper": lambda p, e: with_hyper(p, e, connection),
            }.items():
                try:
                    problems[reader] = read(path, expected)
                except Exception as error:  # a reader that refuses the file is what this looks for
                    problems[reader] = [f"{type(error).__name__}: {error}"]
            wrong = [f"{who}: {problem}" for who, found in problems.items() for problem in found]
            print(
                f"{'DIFF' if wrong else 'ok':4} {name:16} {expected.num_rows:10,} rows {expected.num_columns:3} columns "
                f"{path.stat().st_size:12,} bytes"
            )
            for problem in wrong:
                print("     " + problem)
            failed += bool(wrong)
    print(f"{failed} tables with differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
