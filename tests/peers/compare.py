"""Two versions of one table, value by value. Knows kinds and tolerances; computes no expected value."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import polars as pl

from tables import RELATIVE, TABLES, Table

SHOWN_ROWS = 5


def load(path: Path, table: Table, scale: int, db: duckdb.DuckDBPyConnection) -> tuple[pl.DataFrame, list[str]]:
    """The table with money as whole minor units, and what is wrong with its columns."""
    source = f"read_parquet('{path}', hive_partitioning = false)"
    types = {row[0]: row[1] for row in db.execute(f"describe select * from {source}").fetchall()}
    problems = [f"column `{name}` is missing" for name in table.columns if name not in types]
    if next(iter(types)) != "as_of":
        problems.append(f"the first column is `{next(iter(types))}`, not `as_of`")
    positions = [list(types).index(name) for name in table.columns if name in types]
    if positions != sorted(positions):
        problems.append(f"columns stand in another order: {list(types)}")
    parts = ["as_of"] if "as_of" in types else []
    for name, kind in table.columns.items():
        if name not in types:
            continue
        decimal = types[name].startswith("DECIMAL")
        if kind == "money" and types[name] != f"DECIMAL(18,{scale})":
            problems.append(f"`{name}` is {types[name]}, not DECIMAL(18,{scale})")
        if kind == "money" and decimal:
            parts.append(f'("{name}"::decimal(38, {scale}) * {10**scale})::bigint as "{name}"')
        elif kind == "money":
            parts.append(f'cast(round("{name}" * {10**scale}) as bigint) as "{name}"')
        elif decimal:
            parts.append(f'"{name}"::double as "{name}"')
        else:
            parts.append(f'"{name}"')
    frame = db.sql(f"select {', '.join(parts)} from {source}").pl()
    return frame, problems + [f"`{name}` is {types[name]}" for name in types if types[name] == "HUGEINT"]


def rounded_columns(path: Path, db: duckdb.DuckDBPyConnection) -> set[str]:
    """Columns stored as decimals: a ratio among them is rounded to the scale."""
    described = db.execute(f"describe select * from read_parquet('{path}')").fetchall()
    return {row[0] for row in described if row[1].startswith("DECIMAL")}


def differs(kind: str, rounded: bool, scale: int) -> pl.Expr:
    expected, found = pl.col("expected"), pl.col("found")
    if kind in ("double", "ratio"):
        close = (expected - found).abs() <= RELATIVE * pl.max_horizontal(expected.abs(), found.abs())
        if rounded:
            close = (expected - found).abs() <= 0.5 * 10.0**-scale * (1 + 1e-6)
        same = (expected.is_null() & found.is_null()) | (close & expected.is_not_null() & found.is_not_null())
        return ~same.fill_null(False)
    if kind == "prefix":
        return ~found.str.starts_with(expected).fill_null(False)
    return expected.ne_missing(found)


def as_kind(column: pl.Series, kind: str) -> pl.Series:
    if kind in ("int", "money"):
        return column.cast(pl.Int64)
    if kind in ("double", "ratio"):
        return column.cast(pl.Float64)
    if kind == "id":
        return column.cast(pl.Int64) if column.dtype.is_integer() else column.cast(pl.String)
    return column


def compare_table(
    name: str,
    expected: pl.DataFrame,
    path: Path,
    as_of: dt.date,
    db: duckdb.DuckDBPyConnection,
    scale: int = 2,
    skip: tuple[str, ...] = (),
) -> list[str]:
    """Every difference, one text each; the first differing rows of each column are in its text."""
    table = TABLES[name]
    if not path.exists():
        return [f"{name}: {path.name} is missing"]
    found, problems = load(path, table, scale, db)
    if "as_of" in found.columns and found.filter(pl.col("as_of").ne_missing(pl.lit(as_of))).height:
        problems.append(f"as_of is not {as_of} in every row")
    keys = list(table.keys)
    if any(key not in found.columns for key in keys):
        return [f"{name}: {problem}" for problem in problems]
    problems += compare_keys(expected, found, keys)
    if expected.height == found.height:
        rounded = rounded_columns(path, db)
        for column, kind in table.columns.items():
            if kind == "label" or column in skip or column not in found.columns:
                continue
            sides = pl.DataFrame({"expected": as_kind(expected[column], kind), "found": as_kind(found[column], kind)})
            wrong = sides.select(differs(kind, column in rounded, scale).alias("wrong"))["wrong"]
            if wrong.any():
                shown = (
                    pl.concat(
                        [
                            expected.select(keys),
                            sides.rename({"expected": f"expected {column}", "found": f"found {column}"}),
                        ],
                        how="horizontal",
                    )
                    .filter(wrong)
                    .head(SHOWN_ROWS)
                )
                problems.append(f"`{column}` differs in {wrong.sum()} of {wrong.len()} rows\n{shown}")
    return [f"{name}: {problem}" for problem in problems]


def compare_keys(expected: pl.DataFrame, found: pl.DataFrame, keys: list[str]) -> list[str]:
    left, right = expected.select(keys), found.select(keys)
    if expected.height == found.height:
        return []
    try:
        right = right.cast(dict(left.schema))
        missing, extra = left.join(right, on=keys, how="anti"), right.join(left, on=keys, how="anti")
    except pl.exceptions.PolarsError as error:
        return [f"{expected.height} rows expected, {found.height} found; keys do not compare: {error}"]
    return [
        f"{expected.height} rows expected, {found.height} found; missing {missing.head(SHOWN_ROWS).rows()}, "
        f"not expected {extra.head(SHOWN_ROWS).rows()}"
    ]
