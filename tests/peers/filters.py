"""Generated filters and computed amounts, over all types and with nulls, against DuckDB.

    filters.py --binary target/release/rfmetrics --seed 1 --filters 600 --amounts 100

Each filter is the same text for both. DuckDB reads the files with whole numbers as BIGINT (UBIGINT as HUGEINT), since expressions count
with 64 bits, and in the zone of the business. Compared are the rows that are kept, one customer each; of amounts the published revenue.
A filter that both refuse agrees. Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import decimal
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ZONE = "America/New_York"
ROWS = 900
WHOLE = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "month"]
INTEGER_TYPES = {"i8": pa.int8(), "i16": pa.int16(), "i32": pa.int32(), "i64": pa.int64(), "u8": pa.uint8(), "u16": pa.uint16(),
                 "u32": pa.uint32(), "u64": pa.uint64()}
DECIMALS = ["d2", "d4"]
FLOATS = ["f64", "f32"]
TEXTS = ["t", "s", "region"]
DATES = ["dy", "dt"]
NAIVE = ["us", "ms", "ns"]
INSTANTS = ["z", "zms"]
WORDS = ["paid", "PAID", "Refund", "", "a", "ab", "abc", "a%b", "x_y", "Ärger", "日本", "10", "z z", " paid ", "naïve"]
# Row groups are skipped by their statistics.
TRUSTED = ["--set", "input.trust_statistics=true"]
COMPARISONS = ["=", "<>", "<", "<=", ">", ">=", "!="]


def maybe(rng: random.Random, make):
    return None if rng.random() < 0.15 else make()


def make_rows(rng: random.Random, first: int, rows: int) -> pa.Table:
    """Rows with nulls in every column but those that a run needs."""
    bounds = {"i8": (-128, 127), "i16": (-300, 300), "i32": (-70_000, 70_000), "i64": (-5_000_000_000, 5_000_000_000),
              "u8": (0, 255), "u16": (0, 400), "u32": (0, 80_000), "u64": (0, 2**63)}

    def whole(low: int, high: int) -> int:
        return rng.choice([rng.randint(low, high), rng.randint(max(low, -9), min(high, 9)), rng.choice([low, high])])

    def clock() -> dt.datetime:
        day = dt.datetime(2024, rng.randint(1, 12), rng.randint(1, 28)) if rng.random() < 0.8 else dt.datetime(2024, 3, 10)
        parts = rng.choice([(0, 0, 0, 0), (rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59), 0),
                            (23, 59, 59, 999_000), (rng.randint(0, 23), 30, 0, 500_000)])
        return day.replace(hour=parts[0], minute=parts[1], second=parts[2], microsecond=parts[3])

    def money(digits: int, scale: int) -> decimal.Decimal:
        units = rng.choice([rng.randint(-(10**digits), 10**digits), rng.randint(-500, 500), 0])
        return decimal.Decimal(units).scaleb(-scale)

    columns: dict[str, pa.Array] = {
        "customer_id": pa.array(range(first, first + rows), pa.int64()),
        "order_ts": pa.array([dt.date(2024, 1, 1)] * rows, pa.date32()),
        "amount": pa.array([1.0] * rows, pa.float64()),
    }

    def put(name: str, kind: pa.DataType, make) -> None:
        columns[name] = pa.array([maybe(rng, make) for _ in range(rows)], kind)

    for name, kind in INTEGER_TYPES.items():
        put(name, kind, lambda name=name: whole(*bounds[name]))
    # Quarters are exact in every float, and so are their sums and products.
    put("f64", pa.float64(), lambda: rng.choice([rng.randint(-4_000, 4_000) / 4, 0.1, -0.0, 0.5]))
    put("f32", pa.float32(), lambda: rng.choice([rng.randint(-400, 400) / 4, 0.1, 0.5]))
    put("d2", pa.decimal128(9, 2), lambda: money(6, 2))
    put("d4", pa.decimal128(18, 4), lambda: money(9, 4))
    put("t", pa.string(), lambda: rng.choice(WORDS))
    put("s", pa.string(), lambda: rng.choice(WORDS))
    put("b", pa.bool_(), lambda: rng.random() < 0.5)
    put("c", pa.bool_(), lambda: rng.random() < 0.5)
    put("dy", pa.date32(), lambda: clock().date())
    put("us", pa.timestamp("us"), clock)
    put("ms", pa.timestamp("ms"), clock)
    put("ns", pa.timestamp("ns"), clock)
    put("z", pa.timestamp("us", "UTC"), clock)
    put("zms", pa.timestamp("ms", "UTC"), clock)
    return pa.table(columns)


def make_input(folder: Path, seed: int) -> None:
    """Files below directories whose keys are whole numbers, dates and texts."""
    rng = random.Random(seed)
    keys = [(1, "2024-01-31", "north"), (6, "2024-02-29", "7"), (10, "2024-02-29", "south"), (12, "2024-12-31", "07")]
    for number, (month, day, region) in enumerate(keys):
        path = folder / f"month={month}" / f"dt={day}" / f"region={region}"
        path.mkdir(parents=True)
        rows = ROWS // len(keys)
        pq.write_table(make_rows(rng, number * rows, rows), path / "part.parquet", row_group_size=64)


class Maker:
    """Filters of any shape that both sides take."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def pick(self, *makers) -> str:
        return self.rng.choice(makers)()

    def condition(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(self.comparison, self.comparison, self.null, self.among, self.between, self.like, self.truth)
        inner = lambda: self.condition(depth - 1)  # noqa: E731
        return self.pick(
            lambda: f"({inner()} AND {inner()})",
            lambda: f"({inner()} OR {inner()})",
            lambda: f"NOT ({inner()})",
            # Without parentheses: what binds how.
            lambda: f"{inner()} AND {inner()} OR {inner()}",
            lambda: f"NOT {inner()} AND {inner()}",
            lambda: f"{inner()} OR NOT {inner()}",
            lambda: f"({inner()}) IS {rng.choice(['', 'NOT '])}{rng.choice(['TRUE', 'FALSE', 'NULL'])}",
            lambda: f"CASE WHEN {inner()} THEN {inner()} ELSE {inner()} END",
            lambda: f"CASE WHEN {inner()} THEN {inner()} END",
            lambda: f"coalesce({inner()}, {inner()})",
            self.comparison, self.comparison, self.among, self.between, self.like,
        )

    def comparison(self) -> str:
        kind = self.rng.choice(["number"] * 4 + ["text", "date", "naive", "instant", "bool", "distinct"])
        operator = self.rng.choice(COMPARISONS)
        if kind == "distinct":
            kind = self.rng.choice(["number", "text", "date"])
            operator = self.rng.choice(["IS DISTINCT FROM", "IS NOT DISTINCT FROM"])
        if kind == "bool":
            return f"{self.truth()} {operator} {self.rng.choice(['TRUE', 'FALSE', 'b', 'c'])}"
        left, right = getattr(self, kind)(2), getattr(self, kind)(1)
        # Without parentheses the parser takes what follows for a part of the right side, and is refused.
        return f"({left} {operator} {right})" if "DISTINCT" in operator else f"{left} {operator} {right}"

    def truth(self) -> str:
        rng = self.rng
        return rng.choice(["b", "c", f"(b IS {rng.choice(['NOT ', ''])}{rng.choice(['TRUE', 'FALSE', 'UNKNOWN'])})",
                           f"starts_with(t, '{rng.choice(['a', 'P', ''])}')", "contains(t, s)"])

    def null(self) -> str:
        column = self.rng.choice([*WHOLE, "u64", *DECIMALS, *FLOATS, *TEXTS, *DATES, *NAIVE, *INSTANTS, "b"])
        return f"{column} IS {self.rng.choice(['', 'NOT '])}NULL"

    def among(self) -> str:
        kind = self.rng.choice(["whole", "exact", "text", "date", "naive", "instant"])
        items = [self.literal(kind) for _ in range(self.rng.randint(1, 5))] + ["NULL"] * (self.rng.random() < 0.25)
        if self.rng.random() < 0.2:
            items.append(getattr(self, {"exact": "decimal"}.get(kind, kind))(0))
        of = getattr(self, {"exact": "decimal"}.get(kind, kind))(self.rng.randint(0, 1))
        return f"{of} {self.rng.choice(['', 'NOT '])}IN ({', '.join(items)})"

    def between(self) -> str:
        kind = self.rng.choice(["whole", "decimal", "float", "text", "date", "naive", "instant"])
        of = getattr(self, kind)
        operands = of(1), of(0), of(0)
        # The standard compares twice; DuckDB brings all three to one type, in which a short float is another than its text.
        while all(any(name in operand for operand in operands) for name in ("f32", "f64")):
            operands = of(1), of(0), of(0)
        return f"{operands[0]} {self.rng.choice(['', 'NOT '])}BETWEEN {operands[1]} AND {operands[2]}"

    def like(self) -> str:
        pattern = self.rng.choice(["a%", "%a", "%a%", "_", "a_", "%", "", "P%d", "%ä%", "日_", "x!_y", "a!%b", "%!%%", "p%"])
        escape = " ESCAPE '!'" if "!" in pattern else ""
        return f"{self.text(1)} {self.rng.choice(['', 'NOT '])}{self.rng.choice(['LIKE', 'ILIKE'])} '{pattern}'{escape}"

    def number(self, depth: int) -> str:
        return self.pick(lambda: self.whole(depth), lambda: self.decimal(depth), lambda: self.float(depth))

    def literal(self, kind: str) -> str:
        rng = self.rng
        day = f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        clock = f"{day} {rng.choice(['00:00:00', '23:59:59', '12:30:00.5', '02:30:00'])}"
        return {
            "whole": lambda: str(rng.choice([rng.randint(-9, 20), rng.randint(-200, 400), 0, 100_000])),
            "exact": lambda: rng.choice([f"{rng.randint(-500, 500) / 100:.2f}", f"{rng.randint(-9, 9)}.5", "0", "3", "0.1"]),
            "text": lambda: "'" + rng.choice(WORDS) + "'",
            "date": lambda: rng.choice([f"DATE '{day}'", f"'{day}'", f"CAST('{day}' AS DATE)"]),
            "naive": lambda: rng.choice([f"TIMESTAMP '{clock}'", f"'{clock}'", f"DATE '{day}'"]),
            "instant": lambda: rng.choice([f"TIMESTAMP '{clock}'", f"'{clock}'", f"TIMESTAMPTZ '{clock}+02:00'", f"DATE '{day}'"]),
        }[kind]()

    def whole(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(lambda: rng.choice(WHOLE), lambda: rng.choice(WHOLE), lambda: self.literal("whole"))
        of = lambda: self.whole(depth - 1)  # noqa: E731
        divisor = rng.choice([3, 7, -3, 10])
        part = rng.choice(["year", "quarter", "month", "week", "day", "hour", "minute", "second", "dow", "isodow", "doy", "isoyear"])
        return self.pick(
            of, of,
            lambda: f"({of()} {rng.choice('+-*')} {of()})",
            lambda: f"{of()} {rng.choice('+-*')} {of()}",
            lambda: f"{of()} {rng.choice('%*')} {divisor} {rng.choice('+-')} {of()}",
            lambda: f"-{rng.choice(WHOLE)} {rng.choice('+-*%')} {divisor}",
            lambda: f"({of()} % ({divisor}))",
            lambda: f"({of()} // ({divisor}))",
            lambda: f"-({of()})",
            lambda: f"abs({of()})",
            lambda: f"sign({of()})",
            lambda: f"mod({of()}, {divisor})",
            lambda: f"length({self.text(depth - 1)})",
            lambda: f"strpos({self.text(depth - 1)}, {self.literal('text')})",
            lambda: f"EXTRACT({part} FROM {rng.choice([*NAIVE, *INSTANTS, *DATES])})",
            lambda: f"date_part('{part}', {rng.choice([*NAIVE, *INSTANTS, *DATES])})",
            lambda: f"date_diff('{rng.choice(['day', 'month', 'year', 'quarter'])}', {self.column_of_dates()}, {self.column_of_dates()})",
            lambda: f"({self.column_of_dates()} - {self.column_of_dates()})",
            lambda: f"CAST({self.decimal(0)} AS BIGINT)",
            lambda: f"CAST({rng.choice(['f64', 'f32'])} AS INTEGER)",
            lambda: "CAST(b AS INTEGER)",
            lambda: f"TRY_CAST({rng.choice(TEXTS)} AS INTEGER)",
            lambda: f"CAST(TRY_CAST({of()} AS TINYINT) AS BIGINT)",
            lambda: f"CASE WHEN {self.comparison_of_wholes()} THEN {of()} ELSE {of()} END",
            lambda: f"CASE {rng.choice(WHOLE)} WHEN 1 THEN {of()} WHEN 6 THEN {of()} END",
            lambda: f"coalesce({of()}, {of()})",
            lambda: f"nullif({of()}, {of()})",
            lambda: f"greatest({of()}, {of()})",
            lambda: f"least({of()}, {of()}, 5)",
        )

    def comparison_of_wholes(self) -> str:
        return f"{self.whole(0)} {self.rng.choice(COMPARISONS)} {self.whole(0)}"

    def decimal(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(lambda: rng.choice(DECIMALS), lambda: rng.choice(DECIMALS), lambda: self.literal("exact"))
        of = lambda: self.decimal(depth - 1)  # noqa: E731
        return self.pick(
            of, of,
            lambda: f"({of()} {rng.choice('+-')} {of()})",
            lambda: f"({rng.choice(DECIMALS)} * {rng.choice(['d2', '2', '0.5', '-1', 'i8', 'u8'])})",
            lambda: f"({of()} % 7)",
            lambda: f"-({of()})",
            lambda: f"abs({of()})",
            lambda: f"round({of()}, {rng.choice([0, 1, 2])})",
            lambda: f"floor({of()})",
            lambda: f"ceil({of()})",
            lambda: f"trunc({rng.choice(DECIMALS)})",
            lambda: f"CAST({of()} AS DECIMAL(18, {rng.choice([0, 1, 3])}))",
            lambda: f"CAST({self.whole(0)} AS DECIMAL(18, 2))",
            lambda: f"CASE WHEN {self.comparison_of_wholes()} THEN -{rng.choice(DECIMALS)} ELSE {of()} END",
            lambda: f"coalesce({of()}, {of()})",
            lambda: f"nullif({of()}, {of()})",
            lambda: f"greatest({of()}, {of()})",
        )

    def float(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(lambda: "f64", lambda: rng.choice(FLOATS), lambda: rng.choice(["0.1", "0.5", "1e2", "-2.25", "3"]))
        of = lambda: self.float(depth - 1)  # noqa: E731
        return self.pick(
            of,
            lambda: f"(f64 {rng.choice('+-*')} {rng.choice(['f64', '2', '0.5', 'i8'])})",
            lambda: f"(f64 / {rng.choice(['3', '100', '0.5'])})",
            lambda: f"({self.whole(0)} / {rng.choice(['3', '10', '100', '4'])})",
            lambda: f"({rng.choice(DECIMALS)} / 4)",
            lambda: f"abs({of()})",
            lambda: f"floor({of()})",
            lambda: f"ceil(f64)",
            lambda: f"round(f64, {rng.choice([0, 1])})",
            lambda: f"CAST({rng.choice([*WHOLE, *DECIMALS])} AS DOUBLE)",
            lambda: f"(f64 % 3)",
            lambda: f"coalesce(f64, {rng.choice(['f64', '0', '1.5'])})",
        )

    def text(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(lambda: rng.choice(TEXTS), lambda: rng.choice(TEXTS), lambda: self.literal("text"))
        of = lambda: self.text(depth - 1)  # noqa: E731
        return self.pick(
            of, of,
            lambda: f"lower({of()})",
            lambda: f"upper({of()})",
            lambda: f"trim({of()})",
            lambda: f"ltrim({of()}, 'ap ')",
            lambda: f"substring({of()}, {rng.randint(-3, 4)}, {rng.randint(0, 3)})",
            lambda: f"substr({of()}, {rng.randint(1, 4)})",
            lambda: f"left({of()}, {rng.randint(-2, 3)})",
            lambda: f"right({of()}, {rng.randint(-2, 3)})",
            lambda: f"({of()} || {of()})",
            lambda: f"concat({of()}, {of()}, {rng.choice(WHOLE)})",
            lambda: f"replace({of()}, 'a', 'xy')",
            lambda: f"CAST({rng.choice([*WHOLE, 'd2', 'b', 'dy', 'us'])} AS VARCHAR)",
            lambda: f"coalesce({of()}, {of()})",
            lambda: f"nullif({of()}, {of()})",
            lambda: f"split_part({of()}, 'a', {rng.randint(1, 2)})",
        )

    def column_of_dates(self) -> str:
        return self.rng.choice(DATES)

    def date(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(self.column_of_dates, lambda: self.literal("date"))
        return self.pick(
            self.column_of_dates, self.column_of_dates,
            lambda: f"CAST({rng.choice([*NAIVE, *INSTANTS])} AS DATE)",
            lambda: f"{rng.choice(INSTANTS)}::DATE",
            lambda: f"({self.column_of_dates()} {rng.choice('+-')} {rng.choice(['1', '30', 'CAST(month AS INTEGER)', 'CAST(u8 AS INTEGER)'])})",
            lambda: f"CAST(date_trunc('{rng.choice(['month', 'week', 'year', 'quarter'])}', {self.column_of_dates()}) AS DATE)",
            lambda: f"coalesce({self.column_of_dates()}, {self.column_of_dates()})",
            lambda: f"greatest({self.column_of_dates()}, {self.column_of_dates()})",
        )

    def span(self) -> str:
        rng = self.rng
        return rng.choice([f"INTERVAL '{rng.randint(1, 40)}' DAY", f"INTERVAL '{rng.randint(1, 5)} months'",
                           f"INTERVAL {rng.randint(1, 50)} HOUR", "INTERVAL '1 year 2 days'", "INTERVAL '90' MINUTE"])

    def naive(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(lambda: rng.choice(NAIVE), lambda: self.literal("naive"))
        return self.pick(
            lambda: rng.choice(NAIVE), lambda: rng.choice(NAIVE),
            lambda: f"({rng.choice([*NAIVE, *DATES])} {rng.choice('+-')} {self.span()})",
            lambda: f"date_trunc('{rng.choice(['hour', 'day', 'month', 'minute', 'quarter'])}', {rng.choice(NAIVE)})",
            lambda: f"CAST({rng.choice([*DATES, *INSTANTS])} AS TIMESTAMP)",
            lambda: f"coalesce({rng.choice(NAIVE)}, {rng.choice(NAIVE)})",
            lambda: f"({rng.choice(INSTANTS)} AT TIME ZONE 'Asia/Tokyo')",
        )

    def instant(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.pick(lambda: rng.choice(INSTANTS), lambda: self.literal("instant"))
        return self.pick(
            lambda: rng.choice(INSTANTS), lambda: rng.choice(INSTANTS),
            lambda: f"({rng.choice(INSTANTS)} {rng.choice('+-')} {self.span()})",
            lambda: f"date_trunc('{rng.choice(['hour', 'day', 'month'])}', {rng.choice(INSTANTS)})",
            lambda: f"coalesce({rng.choice(INSTANTS)}, {rng.choice(INSTANTS)})",
            lambda: f"CAST({rng.choice(NAIVE)} AS TIMESTAMPTZ)",
        )


def has_column(text: str) -> bool:
    names = [*WHOLE, "u64", *DECIMALS, *FLOATS, *TEXTS, *DATES, *NAIVE, *INSTANTS, "b", "c"]
    text = "".join(text.split("'")[::2])
    words = set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
    return any(name in words for name in names)


def rfmetrics(binary: Path, source: Path, output: Path, arguments: list[str]) -> tuple[int, str, Path]:
    shutil.rmtree(output, ignore_errors=True)
    command = [binary, "run", "--quiet", "--input", source, "--output", output, "--as-of", "2024-01-01", "--allow-empty",
               "--set", "input.hive_partitions=true", "--set", "clean.max_quarantined_share=1.0", "--time-zone", ZONE,
               "--threads", "1", *arguments]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return done.returncode, done.stderr.strip(), output / "as_of=2024-01-01" / "customers.parquet"


def database(source: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.sql(f"SET GLOBAL TimeZone = '{ZONE}'")
    wider = ", ".join(f"{name}::BIGINT AS {name}" for name in WHOLE)
    connection.sql(f"""CREATE TABLE rows AS SELECT * REPLACE ({wider}, u64::HUGEINT AS u64)
        FROM read_parquet('{source}/**/*.parquet', hive_partitioning = true,
        hive_types = {{'month': BIGINT, 'dt': DATE, 'region': VARCHAR}})""")
    return connection


def asked(connection: duckdb.DuckDBPyConnection, query: str):
    try:
        return connection.cursor().execute(query).fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0]


def compare_filters(work, text: str, number: int) -> str | None:
    binary, source, folder, connection, counts = work
    expected = asked(connection, f"SELECT customer_id FROM rows WHERE {text} ORDER BY 1")
    code, said, table = rfmetrics(binary, source, folder / f"out{number % 4}-{number}", ["--set", f"input.filter={text}", *TRUSTED * (number % 2)])
    if isinstance(expected, str):
        counts["refused by DuckDB"] += 1
        return None if code in (2, 3) else f"DuckDB refuses, rfmetrics does not: {expected}"
    if code != 0:
        return f"refused ({code}): {said}"
    found = duckdb.connect().execute(f"SELECT customer_id FROM '{table}' ORDER BY 1").fetchall()
    shutil.rmtree(table.parent.parent, ignore_errors=True)
    counts["neither all nor none"] += 0 < len(found) < ROWS // 4 * 4
    if found == expected:
        return None
    difference = sorted(set(found) ^ set(expected))
    row = connection.cursor().execute(f"SELECT * FROM rows WHERE customer_id = {difference[0][0]}").fetchdf().to_dict("records")
    return f"kept {len(found)}, DuckDB {len(expected)}; first: {row}"


def compare_amounts(work, text: str, number: int) -> str | None:
    binary, source, folder, connection, counts = work
    expected = asked(connection, f"SELECT customer_id, CAST(round({text}, 2) AS DECIMAL(30, 2)) FROM rows WHERE ({text}) > 0 ORDER BY 1")
    output = folder / f"amount-{number}"
    code, said, table = rfmetrics(binary, source, output, ["--set", f"columns.amount={text}", "--filter", f"({text}) > 0"])
    if isinstance(expected, str):
        counts["refused by DuckDB"] += 1
        return None if code in (2, 3) else f"DuckDB refuses, rfmetrics does not: {expected}"
    if code != 0:
        return f"refused ({code}): {said}"
    found = duckdb.connect().execute(f"SELECT customer_id, CAST(revenue AS DECIMAL(30, 2)) FROM '{table}' ORDER BY 1").fetchall()
    shutil.rmtree(output, ignore_errors=True)
    if found == expected:
        return None
    difference = sorted(set(found) ^ set(expected))[:4]
    return f"{len(found)} rows, DuckDB {len(expected)}; first: {difference}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--filters", type=int, default=600)
    parser.add_argument("--amounts", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    maker = Maker(random.Random(arguments.seed))
    filters: list[str] = []
    while len(filters) < arguments.filters:
        text = maker.condition(maker.rng.randint(0, 3))
        if has_column(text) and text not in filters:
            filters.append(text)
    amounts: list[str] = []
    while len(amounts) < arguments.amounts:
        # Floats are rounded by their shortest text, and DuckDB rounds their bits: what is exact is compared. To DuckDB the
        # ceiling of a whole number is a double. The plain name of a key of directories is a text.
        text = maker.pick(lambda: maker.decimal(2), lambda: maker.whole(2), lambda: f"({maker.whole(1)} / 100)")
        is_exact = "ceil(" not in text and "floor(" not in text
        if has_column(text) and is_exact and text != "month" and text not in amounts:
            amounts.append(text)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        source = root / "in"
        make_input(source, arguments.seed)
        counts = {"neither all nor none": 0, "refused by DuckDB": 0}
        work = (arguments.binary, source, root, database(source), counts)
        wrong = 0
        for what, compare, texts in [("filters", compare_filters, filters), ("amounts", compare_amounts, amounts)]:
            with ThreadPoolExecutor(arguments.jobs) as pool:
                results = list(pool.map(lambda pair, compare=compare: compare(work, pair[1], pair[0]), enumerate(texts)))
            for text, result in zip(texts, results):
                if result is not None:
                    wrong += 1
                    print(f"{what}: {text}\n    {result}")
        print(f"{len(filters)} filters and {len(amounts)} amounts: {wrong} differ; {counts}")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
