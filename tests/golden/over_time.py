"""The ten customers on two dates, and what they did month by month, from the definitions in METHODS.

Migration is between 2025-02-28 and 2025-03-31: `frozen` scores both with the cuts of February. Health, ladder and cohorts are as of
2025-03-31, from purchases of all days.
"""

import datetime as dt
from collections import Counter, defaultdict
from fractions import Fraction as F

from common import NULL, cents, money, quantile, real, scores_by, write
from every_run import AS_OF, ROWS, customers, is_purchase, outcome, rf25

THEN = dt.date(2025, 2, 28)
ABSENT = "absent"
OCTANT_AXES = (("recency_days", True), ("orders", False), ("revenue", False))


def octant(customer, mean):
    return "".join("1" if (customer[axis] < mean[axis]) == fewer and customer[axis] != mean[axis] else "0"
                   for axis, fewer in OCTANT_AXES)


def both():
    """Per customer of either date: what they were, what they are by the cuts of then, and what they are."""
    (then, cuts, mean, _), (now, *_) = customers(as_of=THEN), customers()
    found = defaultdict(lambda: [None, None, None])
    for customer in then:
        found[customer["customer_id"]][0] = customer
    for customer in now:
        by_then = dict(customer)
        for axis, letter in (("recency_days", "r"), ("orders", "f"), ("revenue", "m")):
            (by_then[letter],) = scores_by(cuts[axis], [customer[axis]], axis == "recency_days")
        by_then["segment"], by_then["octant"] = rf25(by_then["r"], by_then["f"]), octant(customer, mean)
        found[customer["customer_id"]][1:] = by_then, customer
    return dict(sorted(found.items()))


def name(customer, by):
    return customer[by] if customer else ABSENT


def moves():
    counted = defaultdict(list)
    for then, frozen, now in both().values():
        for by in ("octant", "segment"):
            for basis, after in (("frozen", frozen), ("published", now)):
                counted[basis, by, name(then, by), name(after, by)].append((then, now))
    return counted


def migration():
    counted, rows = moves(), []
    for (basis, by, source, target), pairs in sorted(counted.items()):
        everyone = sum(len(own) for (b, g, s, _), own in counted.items() if (b, g, s) == (basis, by, source))
        sums = [[(c["revenue"], c["orders"]) for c in side if c] for side in zip(*pairs, strict=True)]
        revenue = [sum(r for r, _ in side) if side else None for side in sums]
        per_order = [F(sum(r for r, _ in side), 100 * sum(o for _, o in side)) if side else None for side in sums]
        rows.append((THEN, basis, by, source, target, len(pairs), real(F(len(pairs), everyone)),
                     *(NULL if r is None else money(r) for r in revenue), *map(real, per_order)))
    write("migration", ["compared_with", "basis", "by", "from_segment", "to_segment", "customers", "share_of_from",
                        "from_revenue", "to_revenue", "from_average_order_value", "to_average_order_value"], rows)


def flows():
    counted, groups = moves(), set()
    for basis, by, source, target in counted:
        groups |= {(basis, by, source), (basis, by, target)}
    rows = []
    for basis, by, group in sorted(groups):
        came = sum(len(own) for (b, g, s, t), own in counted.items() if (b, g, t) == (basis, by, group) and s != group)
        left = sum(len(own) for (b, g, s, t), own in counted.items() if (b, g, s) == (basis, by, group) and t != group)
        rows.append((THEN, basis, by, group, came, left, came - left))
    write("migration_flows", ["compared_with", "basis", "by", "segment", "in", "out", "net"], rows)


def truth(value):
    return "true" if value else "false"


def migration_customers():
    rows = []
    for customer, (then, frozen, now) in both().items():
        segments = [name(c, "segment") for c in (then, frozen, now)]
        scores = [c[letter] if c else NULL for c in (then, now) for letter in "rfm"]
        rows.append((THEN, customer, segments[0], segments[2], truth(segments[0] != segments[1]),
                     truth(segments[1] != segments[2]), *scores, segments[1]))
    write("migration_customers", ["compared_with", "customer_id", "from_segment", "to_segment", "moved", "moved_by_breaks",
                                  "r_score_before", "f_score_before", "m_score_before", "r_score", "f_score", "m_score",
                                  "frozen_segment"], rows)


def histories():
    """Per customer with a purchase: their purchases and their returns, each a day and cents, by day."""
    orders = defaultdict(lambda: defaultdict(list))
    for row in ROWS:
        if outcome(row) == "kept":
            orders[row[0]][row[1]].append((dt.date.fromisoformat(row[2]), cents(row[3])))
    found = {}
    for customer, own in orders.items():
        whole = [(min(d for d, _ in lines), sum(u for _, u in lines), is_purchase(lines)) for lines in own.values()]
        if any(purchase for *_, purchase in whole):
            found[customer] = sorted(whole)
    return found


def month_of(day, back=0):
    """The first day of a month, so many before that of a day."""
    number = 12 * day.year + day.month - 1 - back
    return dt.date(number // 12, number % 12 + 1, 1)


def last_day(first):
    return month_of(first, -1) - dt.timedelta(1)


def health():
    own = histories()
    first = min(day for days in own.values() for day, _, purchase in days if purchase)

    def active(date, days=30):
        return sum(any(purchase and date - dt.timedelta(days) < day <= date for day, _, purchase in customer)
                   for customer in own.values())

    def sign(now, then):
        ratio = F(now) / then
        return "growing" if ratio >= F(105, 100) else "shrinking" if ratio <= F(95, 100) else "steady"

    def change(date, then):
        return real(F(active(date), active(then)) - 1) if active(then) else NULL

    rows = []
    for back in range(23, -1, -1):
        start = month_of(AS_OF, back)
        date, previous, year = last_day(start), start - dt.timedelta(1), last_day(month_of(start, 12))
        known = sum(any(purchase and day <= date for day, _, purchase in customer) for customer in own.values())
        if not known:
            continue
        kinds, orders, revenue = Counter(), 0, 0
        for customer in own.values():
            inside = [day for day, _, purchase in customer if purchase and start <= day <= date]
            before = [day for day, _, purchase in customer if purchase and day < start]
            if inside:
                kinds["first" if not before else "back" if (inside[0] - before[-1]).days > 180 else "again"] += 1
            orders += len(inside)
            revenue += sum(units for day, units, _ in customer if start <= day <= date)
        before = [last_day(month_of(start, n)) for n in (1, 2, 3)]
        known_long = lambda day: (day - first).days >= 30  # noqa: E731
        mean = F(sum(map(active, before)), 3)
        rows.append((date, active(date), active(date, 60), active(date, 90), known, real(F(active(date), known)),
                     sum(kinds.values()), kinds["first"], kinds["again"], kinds["back"], orders, money(revenue),
                     change(date, previous), change(date, year),
                     sign(active(date), mean) if mean and all(map(known_long, before)) else NULL,
                     sign(active(date), active(year)) if known_long(year) and active(year) else NULL))
    write("health", ["date", "active_30", "active_60", "active_90", "known_customers", "active_30_share", "buyers",
                     "first_time", "returning", "reactivated", "orders", "revenue", "change_on_previous", "change_on_year",
                     "sign", "sign_on_year"], rows)


def ladder():
    own = [[day for day, _, purchase in days if purchase] for days in histories().values()]
    rows = []
    for k in range(1, 11):
        there = [days for days in own if len(days) >= k]
        waited = [(days[k] - days[k - 1]).days for days in there if len(days) > k]
        quartiles = [real(quantile(waited, q, 4)) if waited else NULL for q in (2, 1, 3)]
        within = []
        for limit in (90, 180, 365):
            old = [days for days in there if (AS_OF - days[k - 1]).days >= limit]
            came = [days for days in old if len(days) > k and (days[k] - days[k - 1]).days <= limit]
            within.append(real(F(len(came), len(old))) if old else NULL)
        rows.append((k, len(there), len(waited), real(F(len(waited), len(there))) if there else NULL, *quartiles, *within))
    write("loyalty_ladder", ["step", "customers_with_k", "customers_with_next", "share", "median_days",
                             "lower_quartile_days", "upper_quartile_days", "share_within_90", "share_within_180",
                             "share_within_365"], rows)


def cohorts():
    """By quarter: March 2025 ends the first quarter, so that every period is over."""
    number = lambda day: 4 * day.year + (day.month - 1) // 3  # noqa: E731
    members = defaultdict(list)
    for days in histories().values():
        members[number(next(day for day, _, purchase in days if purchase))].append(days)
    rows = []
    for cohort, own in sorted(members.items()):
        held = 0
        for age in range(number(AS_OF) - cohort + 1):
            inside = [[(units, purchase) for day, units, purchase in days if max(number(day) - cohort, 0) == age] for days in own]
            active = sum(any(purchase for _, purchase in days) for days in inside)
            revenue = sum(units for days in inside for units, _ in days)
            held += revenue
            orders = sum(purchase for days in inside for _, purchase in days)
            rows.append((dt.date(cohort // 4, 3 * (cohort % 4) + 1, 1), age, len(own), active, real(F(active, len(own))),
                         orders, money(revenue), real(F(held, 100 * len(own)))))
    write("cohorts", ["cohort", "age", "customers", "active", "retention", "orders", "revenue",
                      "cumulative_revenue_per_customer"], rows)


def tables():
    for made in (migration, flows, migration_customers, health, ladder, cohorts):
        made()
