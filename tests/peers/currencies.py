"""Amounts in several currencies against DuckDB: an ASOF join to the rates, and products of DECIMAL.

    currencies.py --binary target/release/rfmetrics --seeds 60

Random rows with currencies that are null, blank, unknown or in any letter case, with dates before, between and long after the
rates, and with amounts that are null, no numbers or halves of a cent once they are converted; rates by day and for all days, stored in
every type. Compared are the customers, the row account with its amounts, and the rows and the oldest rate that the manifest tells.
Exit status 1 on any difference.
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

FIRST = dt.date(2024, 1, 1)
AS_OF = dt.date(2024, 6, 30)
TEXTS = [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
AMOUNTS = ["double", "decimal", "integer", "product"]
RATES = ["double", "decimal", "text"]
# What is no code is a currency without a rate, too.
UNKNOWN = ["XXX", "krona of nowhere"]


def written(rng: random.Random, code: str | None) -> str | None:
    """A currency as people write it. Two capitals and a small letter are a currency of their own."""
    if code is None:
        return rng.choice([None, "", "  ", "\t", "\ufeff"])
    if code == "GBp":
        return rng.choice([code, " GBp"])
    return rng.choice([code, code, code, code.lower(), f" {code}\t", code.capitalize()])


def amount(rng: random.Random, places: int) -> Decimal:
    """Small and large, below zero, and such whose product with a short rate is a half."""
    units = rng.choice([rng.randrange(-500, 2_000), rng.randrange(-10, 100) * 5, rng.randrange(10**7), 0])
    return Decimal(units).scaleb(-places)


def transactions(rng: random.Random, codes: list[str]) -> pa.Table:
    rows = rng.choice([1, 30, 500, 4_000])
    kind, days = rng.choice(AMOUNTS), rng.choice([20, 200])
    places = 0 if kind == "integer" else rng.choice([2, 3, 4])
    known = [rng.choice(codes + UNKNOWN + [None]) if rng.random() < 0.2 else rng.choice(codes) for _ in range(rows)]
    texts = pa.array([written(rng, code) for code in known], pa.string())
    text_kind = rng.choice(TEXTS)
    columns = {
        "customer_id": pa.array([None if rng.random() < 0.02 else rng.randrange(max(1, rows // 20)) for _ in range(rows)], pa.int64()),
        "order_id": [rng.randrange(max(1, rows // 3)) for _ in range(rows)],
        "order_ts": pa.array([None if rng.random() < 0.02 else FIRST + dt.timedelta(days=rng.randrange(days)) for _ in range(rows)], pa.date32()),
        "currency": texts.dictionary_encode() if pa.types.is_dictionary(text_kind) else texts.cast(text_kind),
        "profit": pa.array([None if rng.random() < 0.05 else amount(rng, 2) for _ in range(rows)], pa.decimal128(14, 2)),
    }
    values = [None if rng.random() < 0.03 else amount(rng, places) for _ in range(rows)]
    if kind == "double":
        floats = [None if value is None else float("nan") if rng.random() < 0.02 else float(value) for value in values]
        columns["amount"] = pa.array(floats, pa.float64())
    elif kind == "decimal":
        columns["amount"] = pa.array(values, pa.decimal128(rng.choice([14, 38]), places))
    elif kind == "integer":
        columns["amount"] = pa.array([None if value is None else int(value) for value in values], rng.choice([pa.int32(), pa.int64()]))
    else:
        columns["pieces"] = pa.array([rng.choice([None, -1, 1, 2, 3, 7]) for _ in range(rows)], pa.int32())
        columns["price"] = pa.array(values, pa.decimal128(14, places))
    return pa.table(columns)


def rates(rng: random.Random, codes: list[str]) -> tuple[pa.Table, list[tuple[str, dt.date | None, Decimal]]]:
    """The table as it is stored, and its rows; the first code is the base."""
    by_day, gap = rng.random() < 0.8, rng.choice([1, 3, 12])
    rows: list[tuple[str, dt.date | None, Decimal]] = []
    for code in codes[1:]:
        days = [FIRST + dt.timedelta(days=day) for day in range(rng.randrange(15), 190) if rng.random() < 1 / gap] if by_day else [None]
        for day in days or ([FIRST] if by_day else [None]):
            short = Decimal(rng.randrange(1, 3_000)).scaleb(-rng.choice([0, 1, 2, 3]))
            # The inverse of a quote, as a division gives it.
            long = Decimal(repr(round(1 / rng.uniform(0.01, 20), 12)))
            rows.append((code, day, rng.choice([short, long])))
    if rng.random() < 0.5:
        rows.append((codes[0], FIRST if by_day else None, Decimal("1.000")))
    rng.shuffle(rows)
    kind = rng.choice(RATES)
    values = [rate for _, _, rate in rows]
    stored = {
        "double": lambda: pa.array([float(value) for value in values], pa.float64()),
        "decimal": lambda: pa.array([value.quantize(Decimal("1e-16")) for value in values], pa.decimal128(38, 16)),
        "text": lambda: pa.array([f"{value:f}" for value in values], pa.string()),
    }[kind]()
    columns: dict[str, object] = {"rate": stored, "currency": [code if code == "GBp" else rng.choice([code, code.lower()]) for code, _, _ in rows]}
    if by_day:
        days = pa.array([day for _, day, _ in rows], pa.date32())
        columns["day"] = rng.choice([days, days.cast(pa.string()), days.cast(pa.timestamp("ns"))])
    return pa.table(columns), rows


class Expected:
    """The customers and the account as DuckDB has them."""

    def __init__(self, table: pa.Table, rows: list, base: str, scale: int, max_age_days: int, zeros: str):
        self.db = duckdb.connect()
        self.db.execute("set threads = 1")
        self.db.register("given", table)
        self.db.execute("create table rates (code varchar, day date, rate decimal(20, 16))")
        self.db.executemany("insert into rates values (?, ?, ?)", [row for row in rows if row[0] != base])
        by_day = any(day is not None for _, day, _ in rows)
        is_float = "amount" in table.column_names and pa.types.is_floating(table.schema.field("amount").type)
        value = "pieces * price" if "pieces" in table.column_names else "amount"
        exact = "case when isfinite(amount) then cast(cast(amount as varchar) as decimal(15, 4)) end" if is_float else f"cast({value} as decimal(15, 4))"
        no_number = "coalesce(not isfinite(amount), false)" if is_float else "false"
        trimmed = r"regexp_replace(cast(currency as varchar), '^[\s\x{feff}]+|[\s\x{feff}]+$', '', 'g')"
        self.db.execute(f"""
            create table lines as
            select row_number() over () as number, customer_id, order_id, order_ts as day, {exact} as amount, {no_number} as no_number,
                {value} is null as no_amount, cast(profit as decimal(15, 4)) as profit,
                case when regexp_matches({trimmed}, '^[A-Z][A-Z][a-z]$') then {trimmed} else upper({trimmed}) end as code
            from given""")
        join = "asof left join rates r on l.code = r.code and l.day >= r.day" if by_day else "left join rates r on l.code = r.code"
        age = "datediff('day', r.day, l.day)" if by_day else "0"
        own = f"case when l.code = '{base}' then 1::decimal(20, 16) when {age} <= {max_age_days} then r.rate end"
        self.db.execute(f"""
            create table judged as
            select *, round(amount * rate, {scale})::decimal(38, {scale}) as money, coalesce(round(profit * rate, {scale}), 0)::decimal(38, {scale}) as margin,
                case when day > date '{AS_OF}' then 'after_as_of' when customer_id is null then 'null_customer' when day is null then 'null_date'
                    when no_amount then 'null_amount' when no_number then 'non_finite_amount'
                    when code is null or code = '' then 'null_currency' when rate is null then 'missing_rate'
                    when round(amount * rate, {scale}) = 0 and '{zeros}' = 'drop' then 'zero_dropped' else 'kept' end as outcome
            from (select l.*, {own} as rate, case when l.code = '{base}' then 0 else {age} end as age from lines l {join})""")

    def customers(self) -> list[tuple]:
        """With `clean.returns = "net"`: purchases are orders, and the money of every kept row counts."""
        return self.db.execute("""
            with orders as (
                select customer_id, order_id, sum(money) as total, sum(margin) as margin, min(day) as day,
                    sum(money) > 0 or (sum(money) = 0 and min(money) >= 0) as is_purchase
                from judged where outcome = 'kept' group by all)
            select customer_id, count(*) filter (is_purchase) as orders, sum(total), max(total) filter (is_purchase), sum(margin),
                max(day) filter (is_purchase)
            from orders group by all having orders > 0 order by customer_id""").fetchall()

    def outcomes(self) -> dict[str, int]:
        return dict(self.db.execute("select outcome, count(*) from judged group by all").fetchall())

    def kept_amount(self) -> Decimal:
        return self.db.execute("select coalesce(sum(money), 0) from judged where outcome = 'kept'").fetchone()[0]

    def currencies(self) -> dict[str, tuple[int, int]]:
        """What is no code goes by one name."""
        return {
            row[0]: row[1:]
            for row in self.db.execute("""
                select case when length(code) > 12 then 'other texts' else code end as name,
                    count(*) filter (outcome = 'kept'), count(*) filter (outcome = 'missing_rate')
                from judged where outcome in ('kept', 'missing_rate') group by all""").fetchall()
        }

    def oldest(self, base: str) -> int | None:
        return self.db.execute(f"select max(age) from judged where outcome = 'kept' and code <> '{base}'").fetchone()[0]


def one(binary: Path, seed: int, directory: Path) -> list[str]:
    rng = random.Random(seed)
    codes = rng.sample(["EUR", "USD", "GBP", "JPY", "CHF", "CNY", "GBp", "KWD"], rng.choice([2, 3, 8]))
    # Pence are no base.
    codes.sort(key=lambda code: code == "GBp")
    table, (stored, rows) = transactions(rng, codes), rates(rng, codes)
    source = directory / "in"
    source.mkdir(parents=True)
    files = rng.choice([1, 1, 3])
    for number in range(files):
        part = table.take(pa.array(range(number, table.num_rows, files), pa.int64()))
        pq.write_table(part, source / f"{number}.parquet", row_group_size=rng.choice([7, 1_000_000]))
    pq.write_table(stored, directory / "rates.parquet")
    scale, max_age_days, zeros = rng.choice([0, 2, 2, 3]), rng.choice([0, 7, 7, 30]), rng.choice(["keep", "drop"])
    settings: dict[str, object] = {
        "columns.currency": "currency",
        "columns.margin": "profit",
        "currency.base": rng.choice([codes[0], codes[0].lower()]),
        "currency.rates": directory / "rates.parquet",
        "currency.max_age_days": max_age_days,
        "clean.money_scale": scale,
        "clean.zero_amounts": zeros,
        "clean.max_quarantined_share": 1.0,
        "clean.allow_empty": "true",
        "run.threads": rng.choice([1, 2, 3]),
    }
    if "pieces" in table.column_names:
        settings |= {"columns.quantity": "pieces", "columns.unit_price": "price"}
    published = program.publish(binary, source, directory / "out", AS_OF, settings)
    expected = Expected(table, rows, codes[0], scale, max_age_days, zeros)
    wanted = ["customer_id", "orders", "revenue", "largest_order", "margin", "last_order_date"]
    found = pq.read_table(published / "customers.parquet", columns=wanted).sort_by("customer_id").to_pylist()
    quality = {row["outcome"]: row for row in pq.read_table(published / "quality.parquet").to_pylist()}
    told = json.loads((published / "manifest.json").read_text())["currency"]
    oldest = told["oldest_rate"] and told["oldest_rate"]["age_days"]
    by_day = any(day is not None for _, day, _ in rows)
    pairs = {
        "customers": ([tuple(row[name] for name in wanted) for row in found], expected.customers()),
        "outcomes": ({name: row["rows"] for name, row in quality.items() if row["rows"]}, expected.outcomes()),
        "kept amount": (quality["kept"]["amount"], expected.kept_amount()),
        "currencies": ({row["currency"]: (row["rows_kept"], row["rows_without_rate"]) for row in told["rows"]}, expected.currencies()),
        "oldest rate": (oldest, expected.oldest(codes[0]) if by_day else None),
    }
    faults = []
    for what, (got, should) in pairs.items():
        if got != should:
            first = next(((a, b) for a, b in zip(got, should) if a != b), (got, should)) if what == "customers" else (got, should)
            faults.append(f"seed {seed}, {what}: got {first[0]}, should be {first[1]}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--keep", type=Path, help="leave inputs and tables there")
    arguments = parser.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(arguments.seeds):
            faults += one(arguments.binary.resolve(), seed, (arguments.keep or Path(temporary)).resolve() / str(seed))
    for fault in faults[:20]:
        print(fault)
    print(f"currencies: {arguments.seeds} inputs, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
