"""The ten customers in groups: Germany (1, 3, 5, 7, 9), France (2, 4, 6, 8), and customer 10, whose country is null.

Groups of fewer than four take what all have. Scores are quintiles within the group; the tables by group report on the same groups.
The drift is that of a month later, with the cuts of the month before.
"""

import datetime as dt
import math
import tomllib
from collections import defaultdict
from fractions import Fraction as F

from common import MAPS, NULL, cuts_of, median, money, ntile, real, scores_by, write
from every_run import customers, rf25

AXES = ("orders", "recency_days", "revenue")
NONE, ALL = "(none)", "(all)"
LEAST, PARETO_GROUPS = 4, 3


def country(customer):
    return NONE if customer["customer_id"] == 10 else "DE" if customer["customer_id"] % 2 else "FR"


def in_groups(table):
    groups = defaultdict(list)
    for customer in table:
        groups[country(customer)].append(customer)
    return {name: groups[name] for name in sorted(groups, key=lambda name: (name != NONE, name))}


def whose(table, name):
    """The customers whose cuts and means a group takes."""
    own = in_groups(table)[name]
    return own if len(own) >= LEAST else table


def score(cuts, axis, value):
    return scores_by(cuts, [value], axis == "recency_days")[0]


def scored(table):
    for customer in table:
        among = whose(table, country(customer))
        for axis, letter in (("recency_days", "r"), ("orders", "f"), ("revenue", "m")):
            customer[letter] = score(cuts_of([c[axis] for c in among]), axis, customer[axis])
        customer["segment"] = rf25(customer["r"], customer["f"])


def unit(axis, value):
    return F(value, 100) if axis == "revenue" else F(value)


def score_groups(table):
    rows = []
    for name, own in in_groups(table).items():
        among = whose(table, name)
        means = [unit(axis, F(sum(c[axis] for c in among), len(among))) for axis in ("recency_days", "orders", "revenue")]
        rows.append(("main", name, len(own), real(F(len(own), len(table))), "own" if len(own) >= LEAST else "all",
                     *map(real, means)))
    write("score_groups", ["scoring", "customer_group", "customers", "customer_share", "breaks", "recency_threshold",
                           "frequency_threshold", "monetary_threshold"], rows)


def bounds(table):
    groups = in_groups(table)
    parts = [(name, own, own) for name, own in groups.items() if len(own) >= LEAST]
    parts.append((ALL, [c for own in groups.values() if len(own) < LEAST for c in own], table))
    letters = {"orders": "f", "recency_days": "r", "revenue": "m"}
    rows = []
    for name, own, among in parts:
        for axis in AXES:
            cuts = cuts_of([c[axis] for c in among])
            for number in range(1, 6):
                values = [unit(axis, c[axis]) for c in own if c[letters[axis]] == number]
                place = 5 - number if axis == "recency_days" else number - 1
                upper = unit(axis, cuts[place]) if place < 4 else None
                ends = [real(min(values)), real(max(values))] if values else [NULL, NULL]
                rows.append(("main", name, axis, number, *ends, len(values), real(upper)))
    write("bounds_by_group", ["scoring", "customer_group", "axis", "score", "lowest_value", "highest_value", "customers",
                              "upper_threshold"], rows)


def shares(values):
    """Each as a share of the sum, and what is held up to there; null where the sum is not above zero."""
    total, held, found = sum(values), 0, []
    for value in values:
        held += value
        found.append((real(F(value, total)), real(F(held, total))) if total > 0 else (NULL, NULL))
    return found


def segments(table):
    order = {s["key"]: n for n, s in enumerate(tomllib.loads((MAPS / "rf25.toml").read_text())["segments"], start=1)}
    rows = []
    for name, own in in_groups(table).items():
        parts = defaultdict(list)
        for customer in own:
            parts[customer["segment"]].append(customer)
        revenue = {key: sum(c["revenue"] for c in part) for key, part in parts.items()}
        keys = sorted(parts, key=lambda key: (-revenue[key], key))
        held = zip(keys, shares([len(parts[key]) for key in keys]), shares([revenue[key] for key in keys]), strict=True)
        for key, (customer_share, customers_held), (revenue_share, revenue_held) in held:
            part, orders = parts[key], sum(c["orders"] for c in parts[key])
            of = lambda axis: [unit(axis, c[axis]) for c in part]  # noqa: B023, E731
            rows.append((name, key, order[key], len(part), customer_share, money(revenue[key]), revenue_share,
                         customers_held, revenue_held, orders, real(F(revenue[key], 100 * orders)),
                         real(sum(of("recency_days")) / len(part)), real(F(orders, len(part))),
                         real(sum(of("revenue")) / len(part)), *(real(median(of(axis))) for axis in
                                                                 ("recency_days", "orders", "revenue"))))
    write("segments_by_group", [
        "customer_group", "segment", "segment_order", "customers", "customer_share", "revenue", "revenue_share",
        "cumulative_customer_share", "cumulative_revenue_share", "orders", "average_order_value", "mean_recency_days",
        "mean_orders", "mean_revenue", "median_recency_days", "median_orders", "median_revenue"], rows)


def pareto(table):
    rows = []
    for name, own in in_groups(table).items():
        ranked = sorted(own, key=lambda c: (-c["revenue"], c["customer_id"]))
        parts = ntile(ranked, min(PARETO_GROUPS, len(own)))
        sums = [sum(c["revenue"] for c in part) for part in parts]
        held = zip(parts, sums, shares([len(part) for part in parts]), shares(sums), strict=True)
        for number, (part, revenue, (customer_share, customers_held), (revenue_share, revenue_held)) in enumerate(held, 1):
            rows.append((name, number, len(part), customer_share, money(revenue), revenue_share, customers_held,
                         revenue_held, money(part[-1]["revenue"]), money(part[0]["revenue"])))
    write("pareto_by_group", ["customer_group", "revenue_group", "customers", "customer_share", "revenue",
                              "revenue_share", "cumulative_customer_share", "cumulative_revenue_share",
                              "lowest_revenue", "highest_revenue"], rows)


def drift():
    (then, *_), (now, *_) = customers(), customers(as_of=dt.date(2025, 4, 30))
    rows = []
    for name, own in in_groups(now).items():
        if len(in_groups(then)[name]) < LEAST:
            continue
        for axis in AXES:
            before, after = [c[axis] for c in in_groups(then)[name]], [c[axis] for c in own]
            fewer, old = axis == "recency_days", cuts_of(before)
            kept, fresh = scores_by(old, after, fewer), scores_by(cuts_of(after), after, fewer)
            index = 0
            for number in range(1, 6):
                # A share below 0.0001 counts as so much.
                p, q = (max(F(scores.count(number), len(scores)), F(1, 10_000)) for scores in
                        (scores_by(old, before, fewer), kept))
                index += (q - p) * math.log(q / p)
            changed = sum(a != b for a, b in zip(kept, fresh, strict=True))
            rows.append(("main", name, axis, real(index), len(before), len(after), changed, real(F(changed, len(after)))))
    write("drift_by_group", ["scoring", "customer_group", "axis", "population_stability_index", "customers_then",
                             "customers_now", "changed_customers", "changed_share"], rows)


def tables():
    table, *_ = customers()
    scored(table)
    for made in (score_groups, bounds, segments, pareto):
        made(table)
    drift()
