"""Order lines to test on, made without the program under test.

`simulated` stands in for `rfmetrics simulate` (time-ordered files of one schema); every function in `NASTY`
makes one small data set that is unkind in one way. Lives here: data, nothing that knows what a right answer is.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MICROSECONDS_PER_DAY = 86_400_000_000
EPOCH = dt.date(1970, 1, 1)
AS_OF = dt.date(2026, 10, 31)


@dataclass
class Case:
    """One data set: its files, the analysis date, and what to tell the program besides."""

    name: str
    tables: list[pa.Table]
    as_of: dt.date = AS_OF
    orders_by: str | None = None
    returns: str = "net"
    dedupe: bool = False
    raceable: bool = True
    """Whether the racing jobs understand it: plain double amounts, UTC timestamps, default settings, no blank ids."""

    def write(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for number, table in enumerate(self.tables):
            pq.write_table(table, directory / f"part-{number:03}.parquet", compression="zstd")


def day_number(day: dt.date) -> int:
    return (day - EPOCH).days


def micros(days: np.ndarray, time_of_day: np.ndarray | int = 0) -> np.ndarray:
    return days.astype(np.int64) * MICROSECONDS_PER_DAY + time_of_day


def utc(values: np.ndarray, mask: np.ndarray | None = None) -> pa.Array:
    return pa.array(values, type=pa.int64(), mask=mask).cast(pa.timestamp("us", tz="UTC"))


def lines(customer_id, order_ts, amount, order_id=None) -> pa.Table:
    columns = {"customer_id": customer_id}
    if order_id is not None:
        columns["order_id"] = order_id
    columns |= {"order_ts": order_ts, "amount": amount}
    return pa.table(columns)


def cut(table: pa.Table, files: int) -> list[pa.Table]:
    edges = np.linspace(0, table.num_rows, files + 1).astype(int)
    return [table.slice(a, b - a) for a, b in zip(edges, edges[1:])]


def cents(rng: np.random.Generator, size: int, largest: int = 50_000) -> np.ndarray:
    return rng.integers(1, largest, size) / 100.0


# --- a stand-in for the product's own simulator ---------------------------------------------------------------


def simulated(
    seed: int,
    rows: int,
    per_order: int = 3,
    ids: str = "integer",
    order_ids: bool = True,
    dirty: bool = False,
    files: int = 4,
) -> Case:
    """Customers who buy at very different rates; the lines of one order follow one another within minutes."""
    rng = np.random.default_rng(seed)
    orders = max(rows // per_order, 1)
    customers = max(orders // 6, 1)
    weight = rng.pareto(1.5, customers) + 0.05
    customer_of_order = rng.choice(customers, orders, p=weight / weight.sum())
    start = np.sort(
        rng.integers(micros(np.array(day_number(AS_OF) - 730)), micros(np.array(day_number(AS_OF) + 1)), orders)
    )
    line_order = np.repeat(np.arange(orders), per_order)
    customer = customer_of_order[line_order]
    timestamps = start[line_order] + np.tile(np.arange(per_order), orders) * 30_000_000
    amount = np.round(rng.lognormal(3.0, 1.0, line_order.size), 2)
    mask = np.zeros(line_order.size, dtype=bool)
    date_mask = mask.copy()
    if dirty:
        amount = np.where(rng.random(amount.size) < 0.02, -amount, amount)
        mask = rng.random(amount.size) < 0.01
        date_mask = rng.random(amount.size) < 0.001
    if ids == "integer":
        customer_ids = pa.array(customer.astype(np.int64) + 1, mask=mask)
    else:
        width = {
            "short": lambda i: f"C{i:07}",
            "uuid": lambda i: str(uuid.UUID(int=(i * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128)),
        }[ids]
        names = np.array([width(i) for i in range(customers)], dtype=object)
        customer_ids = pa.array(names[customer], mask=mask, type=pa.string())
    order_column = (
        pa.array(line_order.astype(np.int64) + 1) if ids == "integer" else pa.array([f"O{i:09}" for i in line_order])
    )
    table = lines(customer_ids, utc(timestamps, date_mask), pa.array(amount), order_column if order_ids else None)
    if dirty:
        repeats = np.sort(
            np.concatenate([np.arange(table.num_rows), rng.integers(0, table.num_rows, table.num_rows // 100)])
        )
        table = table.take(pa.array(repeats))
    return Case(f"python-{ids}{'' if order_ids else '-no-orders'}{'-dirty' if dirty else ''}", cut(table, files))


# --- nasty data -----------------------------------------------------------------------------------------------


def random_orders(rng, rows, customers, first, last, per_order=1):
    """Customer number, order number and time of `rows` lines, spread evenly over [first, last]."""
    orders = max(rows // per_order, 1)
    order = rng.integers(0, orders, rows)
    customer = rng.integers(0, customers, orders)[order]
    days = rng.integers(day_number(first), day_number(last) + 1, rows)
    return customer, order, micros(days, rng.integers(0, MICROSECONDS_PER_DAY, rows))


def ties(rng) -> Case:
    customer, order, ts = random_orders(rng, 3_000, 700, AS_OF - dt.timedelta(days=5), AS_OF)
    amount = rng.choice([0.5, 1.0, 1.5], 3_000)
    return Case("ties", cut(lines(pa.array(customer), utc(ts), pa.array(amount), pa.array(order)), 2))


def all_equal(rng) -> Case:
    size = int(rng.integers(2, 600))
    ts = micros(np.full(size, day_number(AS_OF)))
    return Case(
        "all-equal",
        [lines(pa.array(np.arange(size)), utc(ts), pa.array(np.full(size, 9.99)), pa.array(np.arange(size)))],
    )


def negative_totals(rng) -> Case:
    customer, order, ts = random_orders(rng, 4_000, 500, dt.date(2025, 1, 1), AS_OF, 2)
    amount = cents(rng, 4_000) * rng.choice([1, -1], 4_000, p=[0.6, 0.4])
    return Case("negative-totals", cut(lines(pa.array(customer), utc(ts), pa.array(amount), pa.array(order)), 3))


def total_not_positive(rng) -> Case:
    customer, order, ts = random_orders(rng, 500, 150, dt.date(2025, 1, 1), AS_OF, 2)
    amount = -cents(rng, 500)
    table = lines(pa.array(customer), utc(ts), pa.array(amount), pa.array(order))
    return Case("total-not-positive", [table], returns="literal")


def total_zero(rng) -> Case:
    amount = cents(rng, 200)
    customer, order, ts = random_orders(rng, 400, 90, dt.date(2025, 1, 1), AS_OF, 2)
    return Case(
        "total-zero",
        [lines(pa.array(customer), utc(ts), pa.array(np.concatenate([amount, -amount])), pa.array(order))],
        returns="literal",
    )


def zero_amounts(rng) -> Case:
    customer, order, ts = random_orders(rng, 3_000, 400, dt.date(2026, 1, 1), AS_OF, 3)
    amount = np.where(rng.random(3_000) < 0.7, 0.0, cents(rng, 3_000))
    return Case(
        "zero-amounts",
        [
            lines(
                pa.array(customer), utc(ts), pa.array(np.where(rng.random(3_000) < 0.1, -0.0, amount)), pa.array(order)
            )
        ],
    )


def interleaved(rng) -> Case:
    """Lines of one order lie days apart, with other orders of the same customer between them."""
    size, customers = 6_000, 120
    customer = np.sort(rng.integers(0, customers, size))
    order = customer * 1_000 + rng.integers(0, 20, size)
    ts = micros(
        rng.integers(day_number(dt.date(2026, 3, 1)), day_number(AS_OF) + 4, size),
        rng.integers(0, MICROSECONDS_PER_DAY, size),
    )
    by_time = np.argsort(ts, kind="stable")
    table = lines(pa.array(customer), utc(ts), pa.array(cents(rng, size)), pa.array(order))
    return Case("interleaved", cut(table.take(pa.array(by_time)), 3))


def shuffled(rng) -> Case:
    table = pa.concat_tables(simulated(int(rng.integers(1 << 30)), 5_000, ids="short", dirty=True).tables)
    return Case("shuffled", cut(table.take(pa.array(rng.permutation(table.num_rows))), 5))


def before_1970(rng) -> Case:
    customer, order, ts = random_orders(rng, 4_000, 600, dt.date(1905, 1, 1), dt.date(1970, 1, 10), 3)
    as_of = dt.date(1969, 12, 31) if rng.random() < 0.5 else dt.date(1970, 1, 3)
    return Case(
        "before-1970", cut(lines(pa.array(customer), utc(ts), pa.array(cents(rng, 4_000)), pa.array(order)), 2), as_of
    )


def midnight(rng) -> Case:
    """First and last microsecond of a day, and an order whose lines stand on both sides of it."""
    size = 3_000
    days = rng.integers(day_number(dt.date(1969, 12, 20)), day_number(dt.date(1970, 1, 12)), size)
    ts = micros(days, rng.choice([0, 1, MICROSECONDS_PER_DAY - 1], size))
    order = rng.integers(0, 1_500, size)
    table = lines(pa.array(order % 300), utc(ts), pa.array(cents(rng, size)), pa.array(order))
    return Case("midnight", cut(table, 2), dt.date(1970, 1, 8))


def single_customer(rng) -> Case:
    size = int(rng.choice([1, 2, 7, 300]))
    _, order, ts = random_orders(rng, size, 1, dt.date(2020, 1, 1), AS_OF, 2)
    return Case(
        "single-customer", [lines(pa.array(np.full(size, -7)), utc(ts), pa.array(cents(rng, size)), pa.array(order))]
    )


def few_customers(rng) -> Case:
    customers = int(rng.integers(2, 12))
    customer, order, ts = random_orders(rng, 60, customers, dt.date(2025, 1, 1), AS_OF, 2)
    return Case("few-customers", [lines(pa.array(customer), utc(ts), pa.array(cents(rng, 60)), pa.array(order))])


def reused_order_ids(rng) -> Case:
    """Order numbers that start again for every customer, so that every order id has many owners."""
    size = 5_000
    customer = rng.integers(0, 400, size)
    order = rng.integers(0, 6, size)
    ts = micros(rng.integers(day_number(dt.date(2025, 1, 1)), day_number(AS_OF) + 1, size))
    text = pa.array([f"#{i}" for i in order])
    return Case("reused-order-ids", cut(lines(pa.array(customer), utc(ts), pa.array(cents(rng, size)), text), 3))


def far_apart(rng) -> Case:
    customer, order, ts = random_orders(rng, 2_000, 300, dt.date(1600, 1, 1), dt.date(2200, 1, 1), 3)
    return Case(
        "far-apart",
        cut(lines(pa.array(customer), utc(ts), pa.array(cents(rng, 2_000)), pa.array(order)), 4),
        dt.date(2100, 2, 28),
    )


def text_ids(rng) -> Case:
    """Ids that differ only in case, blanks, accents or planes of Unicode; some that mean nobody."""
    names = [
        "a",
        "A",
        "a ",
        " a",
        "á",
        "a\u0301",
        "Z",
        "ß",
        "10",
        "9",
        "09",
        "é",
        "中文",
        "日本",
        "\uffee",
        "\U0001f600",
        "\U00010348",
        "O'Brien",
        'x"y',
        "a,b",
        "a\tb",
        "null",
        "NaN",
        "0",
        "-1",
        "a\u200bb",
        "x" * 300,
    ]
    blank = ["", " ", "\t\n", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u200b \ufeff", "\u2028"]
    size = 2_000
    chosen = [names[i] for i in rng.integers(0, len(names), size)]
    for place in rng.integers(0, size, 300):
        chosen[place] = blank[int(rng.integers(0, len(blank)))]
    for place in rng.integers(0, size, 50):
        chosen[place] = None
    _, order, ts = random_orders(rng, size, 1, dt.date(2026, 1, 1), AS_OF, 3)
    return Case(
        "text-ids",
        cut(lines(pa.array(chosen, type=pa.string()), utc(ts), pa.array(cents(rng, size)), pa.array(order)), 2),
        raceable=False,
    )


def dirty(rng) -> Case:
    """Every reason for quarantine, and rows with several of them; nearly half of the rows are bad."""
    size = 4_000
    customer, order, ts = random_orders(rng, size, 300, dt.date(2025, 6, 1), AS_OF + dt.timedelta(days=40), 2)
    amount = cents(rng, size) * rng.choice([1, -1], size, p=[0.9, 0.1])
    amount = np.where(rng.random(size) < 0.05, rng.choice([np.nan, np.inf, -np.inf], size), amount)
    table = lines(
        pa.array(customer, mask=rng.random(size) < 0.2),
        utc(ts, rng.random(size) < 0.1),
        pa.array(amount, mask=rng.random(size) < 0.1),
        pa.array(order),
    )
    return Case("dirty", cut(table, 3))


def half_cents(rng) -> Case:
    """Decimals with more places than money has: halves go away from zero."""
    size = 3_000
    customer, order, ts = random_orders(rng, size, 250, dt.date(2025, 1, 1), AS_OF, 2)
    values = [decimal.Decimal(int(i)).scaleb(-4) for i in rng.integers(-400_000, 900_000, size) // 50 * 50]
    return Case(
        "half-cents",
        [lines(pa.array(customer), utc(ts), pa.array(values, type=pa.decimal128(18, 4)), pa.array(order))],
        raceable=False,
    )


def half_cents_double(rng) -> Case:
    """Halves of a cent as doubles: 0.125 is exact in binary, 1.005 is not, and both go away from zero."""
    size = 3_000
    customer, order, ts = random_orders(rng, size, 250, dt.date(2025, 1, 1), AS_OF, 2)
    amount = np.where(
        rng.random(size) < 0.5, rng.integers(-4_000, 9_000, size) / 8.0, rng.integers(-8_000, 90_000, size) / 1_000.0
    )
    table = lines(pa.array(customer), utc(ts), pa.array(amount), pa.array(order))
    return Case("half-cents-double", [table], raceable=False)


def null_order_ids(rng) -> Case:
    """Rows without an order id are an order each."""
    size = 3_000
    customer, order, ts = random_orders(rng, size, 300, dt.date(2025, 1, 1), AS_OF, 4)
    column = pa.array(order, mask=rng.random(size) < 0.2)
    if rng.random() < 0.5:
        column = column.cast(pa.string())
    table = lines(pa.array(customer), utc(ts), pa.array(cents(rng, size)), column)
    return Case("null-order-ids", cut(table, 3), raceable=False)


def other_types(rng) -> Case:
    """Dates instead of timestamps, whole amounts, 32-bit and negative ids, ids at the ends of 64 bits."""
    size = 3_000
    customer, order, ts = random_orders(rng, size, 400, dt.date(1960, 1, 1), AS_OF, 2)
    day = pa.array((ts // MICROSECONDS_PER_DAY).astype(np.int32)).cast(pa.date32())
    kind = int(rng.integers(0, 3))
    if kind == 0:
        return Case(
            "types-int32-date",
            [
                lines(
                    pa.array((customer - 200).astype(np.int32)),
                    day,
                    pa.array(rng.integers(-20, 500, size)),
                    pa.array(order.astype(np.int32)),
                )
            ],
            raceable=False,
        )
    if kind == 1:
        ends = np.array(
            [number - 2**63 for number in range(200)] + [2**63 - 1 - number for number in range(200)], dtype=np.int64
        )
        naive = pa.array(ts // 1_000).cast(pa.timestamp("ms"))
        return Case(
            "types-int64-ends-ms",
            [
                lines(
                    pa.array(ends[customer]),
                    naive,
                    pa.array(cents(rng, size)).cast(pa.decimal128(18, 2)),
                    pa.array(order),
                )
            ],
            raceable=False,
        )
    names = np.array([f"k{i}" for i in range(400)], dtype=object)
    nanos = pa.array(ts // 1_000 * 1_000_000).cast(pa.timestamp("ns", tz="UTC"))
    dictionary = pa.array(names[customer], type=pa.string()).dictionary_encode()
    return Case(
        "types-dictionary-ns",
        [
            lines(
                dictionary, nanos, pa.array(cents(rng, size)), pa.array([f"{i}" for i in order], type=pa.large_string())
            )
        ],
        raceable=False,
    )


def big_money(rng) -> Case:
    """Sums beyond 2^53 minor units, where a sum of doubles is no longer exact."""
    size = 2_000
    customer, order, ts = random_orders(rng, size, 200, dt.date(2025, 1, 1), AS_OF, 2)
    values = [decimal.Decimal(int(i)).scaleb(-2) for i in rng.integers(0, 90_000_000_000_000, size)]
    return Case(
        "big-money",
        [lines(pa.array(customer), utc(ts), pa.array(values, type=pa.decimal128(18, 2)), pa.array(order))],
        raceable=False,
    )


def returns_purchases(rng) -> Case:
    case = negative_totals(rng)
    case.name, case.returns, case.raceable = "returns-purchases", "purchases", False
    return case


def returns_literal(rng) -> Case:
    case = negative_totals(rng)
    case.name, case.returns, case.raceable = "returns-literal", "literal", False
    return case


def returns_drop(rng) -> Case:
    case = negative_totals(rng)
    case.name, case.returns, case.raceable = "returns-drop", "drop", False
    return case


def orders_by_day(rng) -> Case:
    case = interleaved(rng)
    case.name, case.orders_by, case.raceable = "orders-by-day", "day", False
    return case


def orders_by_row(rng) -> Case:
    case = reused_order_ids(rng)
    case.name, case.orders_by, case.raceable = "orders-by-row", "row", False
    return case


def no_order_ids(rng) -> Case:
    customer, _, ts = random_orders(rng, 3_000, 500, dt.date(2025, 1, 1), AS_OF)
    return Case("no-order-ids", cut(lines(pa.array(customer), utc(ts), pa.array(cents(rng, 3_000))), 2))


NASTY = [
    ties,
    negative_totals,
    interleaved,
    shuffled,
    before_1970,
    midnight,
    single_customer,
    few_customers,
    reused_order_ids,
    far_apart,
    text_ids,
    dirty,
    null_order_ids,
    half_cents,
    half_cents_double,
    other_types,
    big_money,
    zero_amounts,
    all_equal,
    total_not_positive,
    total_zero,
    returns_purchases,
    returns_literal,
    returns_drop,
    orders_by_day,
    orders_by_row,
    no_order_ids,
]
