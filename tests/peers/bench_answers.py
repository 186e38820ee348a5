"""Whether two runs gave the same answer: `bench_answers.py OURS THEIRS`, directories of tables.

The customers are compared by count, sums and one checksum over every column that is no double; the sums of the doubles
and all reports value by value within the tolerance of `compare`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from compare import compare_table, load
from tables import TABLES

SCALE = 2


def customers(path: Path, db: duckdb.DuckDBPyConnection) -> dict[str, object]:
    columns = TABLES["customers"].columns
    exact = ", ".join(f"{name}::varchar" for name, kind in columns.items() if kind not in ("double", "ratio"))
    sums = {f"sum of {name}": f"fsum({name})" for name, kind in columns.items() if kind in ("double", "ratio")}
    parts = {
        "customers": "count(*)",
        "orders": "sum(orders)",
        "revenue": "sum(revenue)",
        "scores": "sum(score_sum)",
        "checksum": f"sum(hash(concat_ws('|', {exact}))::hugeint)",
        **sums,
    }
    row = db.execute(
        f"select {', '.join(parts.values())} from read_parquet('{path}', hive_partitioning = false)"
    ).fetchone()
    return dict(zip(parts, row))


def main() -> int:
    ours, theirs = map(Path, sys.argv[1:])
    db = duckdb.connect()
    problems = []
    left, right = (customers(side / "customers.parquet", db) for side in (ours, theirs))
    for name in left:
        same = left[name] == right[name]
        if isinstance(left[name], float) and isinstance(right[name], float):
            same = abs(left[name] - right[name]) <= 1e-9 * abs(left[name])
        if not same:
            problems.append(f"customers: {name} is {left[name]} and {right[name]}")
    as_of = db.execute(
        f"select any_value(as_of) from read_parquet('{ours}/customers.parquet', hive_partitioning = false)"
    ).fetchone()[0]
    for name, table in TABLES.items():
        if name != "customers":
            expected, _ = load(ours / f"{name}.parquet", table, SCALE, db)
            problems += compare_table(name, expected, theirs / f"{name}.parquet", as_of, db, SCALE)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
