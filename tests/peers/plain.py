"""The customers table by the letter of METHODS.md, in plain Python with exact fractions: slow, short, and the judge of
the oracle's SQL (`oracle.py --self-check`). Only whole numbers, dates and texts; no report, no double.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"}
# str.isspace() also says yes to these four separators, which Unicode does not call white space.
NOT_WHITE = {"\x1c", "\x1d", "\x1e", "\x1f"}


def is_blank(text: object) -> bool:
    return isinstance(text, str) and all(c in INVISIBLE or (c.isspace() and c not in NOT_WHITE) for c in text)


def day_of(value: object, kind: pa.DataType) -> int | None:
    """Days since 1970-01-01; timestamps come as whole ticks."""
    if value is None:
        return None
    ticks = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit] * 86_400 if pa.types.is_timestamp(kind) else 1
    return value // ticks


def minor_units(amount: object) -> int | None:
    if amount is None or (isinstance(amount, float) and not math.isfinite(amount)):
        return None
    # Half "up" of decimal is away from zero. repr gives the shortest decimal of a double.
    return int(
        (Decimal(repr(amount)) if isinstance(amount, float) else Decimal(amount))
        .scaleb(2)
        .quantize(Decimal(1), ROUND_HALF_UP)
    )


def read_rows(source: Path):
    for file in sorted(source.rglob("*.parquet")):
        table = pq.read_table(file)
        stamp = table.schema.field("order_ts").type
        days = table["order_ts"].cast(pa.int64() if pa.types.is_timestamp(stamp) else pa.int32()).to_pylist()
        orders = table["order_id"].to_pylist() if "order_id" in table.column_names else [None] * table.num_rows
        for customer, order, ticks, amount in zip(
            table["customer_id"].to_pylist(), orders, days, table["amount"].to_pylist()
        ):
            yield customer, order, day_of(ticks, stamp), amount


def orders_of(source: Path, as_of: int, orders_by: str | None, returns: str) -> dict:
    """Customer to order to [day, lines, units, whether a line is below zero]."""
    found: dict = {}
    for number, (customer, order, day, amount) in enumerate(read_rows(source)):
        units = minor_units(amount)
        if (
            day is None
            or day > as_of
            or customer is None
            or is_blank(customer)
            or units is None
            or (returns == "drop" and units < 0)
        ):
            continue
        key = (
            ("day", day)
            if orders_by == "day"
            else ("row", number)
            if orders_by == "row" or order is None
            else ("id", order)
        )
        entry = found.setdefault(customer, {}).setdefault(key, [day, 0, 0, False])
        entry[:] = min(entry[0], day), entry[1] + 1, entry[2] + units, entry[3] or units < 0
    if returns == "purchases":
        found = {
            customer: {key: order for key, order in orders.items() if order[2] > 0}
            for customer, orders in found.items()
        }
    return {customer: orders for customer, orders in found.items() if orders}


def type7(values: list[int], k: int, bins: int) -> Fraction:
    values, position = sorted(values), Fraction(k * (len(values) - 1), bins)
    low = math.floor(position)
    high = min(low + 1, len(values) - 1)
    return values[low] + (position - low) * (values[high] - values[low])


def ntile(ordered: list, groups: int) -> dict:
    small, larger = divmod(len(ordered), groups)
    result, place = {}, 0
    for group in range(1, groups + 1):
        for customer in ordered[place : (place := place + small + (group <= larger))]:
            result[customer] = group
    return result


def by_id(customer: object):
    return customer.encode() if isinstance(customer, str) else customer


def scores(values: dict, method: str, oriented: int, unit: int) -> dict:
    """`oriented` is -1 where fewer is better."""
    if method == "ntile":
        return ntile(sorted(values, key=lambda c: (oriented * values[c], by_id(c))), 5)
    cuts = [type7(list(values.values()), k, 5) + (unit if method == "r-rfm" else 0) for k in range(1, 5)]
    passed = {c: sum(cut <= v if method == "r-rfm" else cut < v for cut in cuts) for c, v in values.items()}
    return {c: 1 + n if oriented > 0 else 5 - n for c, n in passed.items()}


def inside(before: list[dict], values: dict) -> dict:
    """Equal groups inside the customers of equal scores `before`."""
    groups: dict[tuple, dict] = {}
    for customer, value in values.items():
        groups.setdefault(tuple(scored[customer] for scored in before), {})[customer] = value
    return {c: score for group in groups.values() for c, score in scores(group, "ntile", 1, 1).items()}


def customers(source: Path, as_of: dt.date, orders_by: str | None, returns: str, method: str) -> list[dict]:
    epoch = dt.date(1970, 1, 1)
    today = (as_of - epoch).days
    every_order = orders_of(source, today, orders_by, returns)
    orders = {
        customer: {key: order for key, order in own.items() if returns == "literal" or order[2] > 0 or order[2:] == [0, False]}
        for customer, own in every_order.items()
    }
    orders = {customer: own for customer, own in orders.items() if own}
    days = {c: [order[0] for order in os.values()] for c, os in orders.items()}
    recency = {c: today - max(ds) for c, ds in days.items()}
    count = {c: len(os) for c, os in orders.items()}
    rows = {c: sum(order[1] for order in os.values()) for c, os in orders.items()}
    revenue = {c: sum(order[2] for order in every_order[c].values()) for c in orders}
    if method == "nested":
        r = scores(recency, "ntile", -1, 1)
        f = inside([r], count)
        m = inside([r, f], revenue)
    else:
        r, f = scores(recency, method, -1, 1), scores(rows if method == "r-rfm" else count, method, 1, 1)
        m = scores(revenue, method, 1, 100)
    ranked = sorted(orders, key=lambda c: (-revenue[c], by_id(c)))
    total, before, rank, abc = sum(revenue.values()), 0, {}, {}
    for place, c in enumerate(ranked):
        rank[c] = place + 1
        abc[c] = "C" if total <= 0 or before * 100 >= total * 95 else "A" if before * 100 < total * 80 else "B"
        before += revenue[c]
    n = len(orders)
    return [
        {
            "customer_id": c,
            "first_order_date": epoch + dt.timedelta(min(days[c])),
            "last_order_date": epoch + dt.timedelta(max(days[c])),
            "recency_days": recency[c],
            "tenure_days": today - min(days[c]),
            "orders": count[c],
            "purchase_days": len(set(days[c])),
            "transactions": rows[c],
            "revenue": revenue[c],
            "largest_order": max(order[2] for order in orders[c].values()),
            "r_score": r[c],
            "f_score": f[c],
            "m_score": m[c],
            "cell": f"{r[c]}{f[c]}{m[c]}",
            "score_sum": r[c] + f[c] + m[c],
            "octant": f"{recency[c] * n < sum(recency.values()):d}{count[c] * n > sum(count.values()):d}{revenue[c] * n > total:d}",
            "abc_class": abc[c],
            "revenue_rank": rank[c],
        }
        for c in sorted(orders, key=by_id)
    ]
