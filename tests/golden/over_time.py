"""The ten customers on two dates, and what they did month by month, from the definitions in METHODS.

Migration is between 2025-02-28 and 2025-03-31: `frozen` scores both with the cuts of February. Health, ladder and cohorts are as of
2025-03-31, from purchases of all days.
"""

import datetime as dt
import math
import tomllib
from collections import Counter, defaultdict
from fractions import Fraction as F

from common import MAPS, NULL, cents, money, quantile, real, scores_by, write
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


def histories(as_of=AS_OF):
    """Per customer with a purchase: their purchases and their returns, each a day and cents, by day."""
    orders = defaultdict(lambda: defaultdict(list))
    for row in ROWS:
        if outcome(row, as_of) == "kept":
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


def grid():
    """The cells of `grid` at every month end with a customer."""
    own, rows = histories(), []
    for back in range(23, -1, -1):
        date = last_day(month_of(AS_OF, back))
        cells = defaultdict(list)
        for days in own.values():
            there = [(day, units, purchase) for day, units, purchase in days if day <= date]
            if any(purchase for *_, purchase in there):
                last = max(day for day, _, purchase in there if purchase)
                orders = sum(purchase for *_, purchase in there)
                band = sum((date - last).days > limit for limit in (30, 90, 180, 360))
                cells[(5 - min(orders, 5)) * 5 + band + 1].append((orders, sum(units for _, units, _ in there)))
        everyone = [row for rows_of in cells.values() for row in rows_of]
        total = sum(units for _, units in everyone)
        for cell in range(1, 26) if everyone else ():
            n, orders, units = len(cells[cell]), sum(o for o, _ in cells[cell]), sum(u for _, u in cells[cell])
            rows.append((date, cell, ("0-30", "31-90", "91-180", "181-360", "361+")[(cell - 1) % 5],
                         ("5+", "4", "3", "2", "1")[(cell - 1) // 5], n, real(F(n, len(everyone))), money(units),
                         real(F(units, total)) if total > 0 else NULL, real(F(units, 100 * orders)) if orders else NULL,
                         real(F(units, 100 * n)) if n else NULL))
    write("grid_over_time", ["date", "grid_cell", "recency_band", "orders_band", "customers", "customer_share", "revenue",
                             "revenue_share", "average_order_value", "revenue_per_customer"], rows)


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


def limit_of(days):
    """The own limit in days; none with one purchase day."""
    days = sorted({day for day, _, purchase in days if purchase})
    gaps = [(later - day).days for day, later in zip(days, days[1:], strict=False)]
    if not gaps:
        return None
    return quantile(gaps, 9, 10) if len(gaps) >= 5 else F(2 * sum(gaps), len(gaps))


def is_late(customer, days):
    limit = limit_of(days)
    return limit is not None and customer["recency_days"] > limit


def alerts():
    """Against 2025-02-28, without a model."""
    rf25_map = tomllib.loads((MAPS / "rf25.toml").read_text())
    action = {segment["key"]: (segment["action_en"], segment["action_zh"]) for segment in rf25_map["segments"]}
    before, days, rows = histories(THEN), histories(), []
    for number, (then, frozen, now) in both().items():
        if not then or not now or not (then["f"] > 3 or then["m"] > 3 or then["abc"] == "A"):
            continue
        reasons = ["score_fell"] * (then["r"] - frozen["r"] >= 2)
        reasons += ["own_rhythm"] * (is_late(now, days[number]) and not is_late(then, before[number]))
        if reasons:
            year = sum(units for day, units, _ in days[number] if (AS_OF - day).days < 365)
            rows.append((year, (number, now["segment"], "+".join(reasons), now["recency_days"], real(limit_of(days[number])),
                                then["r"], now["r"], money(year), *action[now["segment"]], frozen["r"])))
    write("alerts", ["customer_id", "segment", "reasons", "days_since_last_order", "own_limit_days", "r_score_before", "r_score",
                     "revenue_last_365_days", "action_en", "action_zh", "r_score_frozen"],
          [row for _, row in sorted(rows, key=lambda row: (-row[0], row[1][0]))])


HORIZON = 90


def outcomes():
    """Per customer of 90 days ago: who they were, orders and cents since, and cents of as many days before."""
    start = AS_OF - dt.timedelta(HORIZON)
    table, *_ = customers(as_of=start)
    since, before, found = histories(), histories(start), []
    for customer in table:
        own = [(units, purchase) for day, units, purchase in since.get(customer["customer_id"], []) if day > start]
        earlier = sum(units for day, units, _ in before[customer["customer_id"]] if day > start - dt.timedelta(HORIZON))
        found.append((customer, sum(purchase for _, purchase in own), sum(units for units, _ in own), earlier))
    return found


def wilson(successes, trials):
    z = 1.959963984540054
    p, square = successes / trials, z * z
    middle, spread = p + square / (2 * trials), z * math.sqrt(p * (1 - p) / trials + square / (4 * trials**2))
    low, high = (middle - spread) / (1 + square / trials), (middle + spread) / (1 + square / trials)
    return 0.0 if successes == 0 else low, 1.0 if successes == trials else high


def evaluation():
    groups = defaultdict(list)
    for row in outcomes():
        customer = row[0]
        cell = f"{customer['r']}{customer['f']}{customer['m']}"
        names = {"segment": customer["segment"], "octant": customer["octant"], "cell": cell,
                 **{f"{letter}_score": str(customer[letter]) for letter in "rfm"}}
        for by, name in names.items():
            groups[by, name].append(row)
    rows = []
    for (by, name), own in sorted(groups.items()):
        n, buyers, orders = len(own), sum(row[1] > 0 for row in own), sum(row[1] for row in own)
        revenue, before = sum(row[2] for row in own), sum(row[3] for row in own)
        low, high = wilson(buyers, n)
        rows.append(("main", by, name, n, buyers, real(F(buyers, n)), real(low), real(high), orders, money(revenue),
                     real(F(revenue, 100 * orders)) if orders else NULL, real(F(revenue - before, 100 * n))))
    write("evaluation", ["scoring", "group_by", "group", "customers", "buyers", "repurchase_rate", "rate_low", "rate_high",
                         "orders", "revenue", "average_order_value", "change_of_revenue_per_customer"], rows)


def top(ranked, tenths):
    """Buyers and cents among the best tenths: of equal ranks at the border each counts in part."""
    left, found = F(len(ranked) * tenths, 10), [F(0), F(0)]
    for value in sorted({row[0] for row in ranked}, reverse=True):
        alike = [row for row in ranked if row[0] == value]
        part = min(F(1), left / len(alike))
        found[0] += part * sum(row[1] for row in alike)
        found[1] += part * sum(row[2] for row in alike)
        left -= part * len(alike)
    return found


def rankings():
    """The rows of `evaluation_rankings` and `evaluation_summary`."""
    tenths, summary = [], []
    new = len(customers()[0]) - len(outcomes())
    for name in ("f_score", "m_score", "r_score", "score_sum"):
        value = {"score_sum": lambda c: c["r"] + c["f"] + c["m"]}.get(name, lambda c, name=name: c[name[0]])
        ranked = [(value(customer), int(orders > 0), revenue) for customer, orders, revenue, _ in outcomes()]
        n, buyers, revenue = len(ranked), sum(row[1] for row in ranked), sum(row[2] for row in ranked)
        pairs = [(a[0], b[0]) for a in ranked for b in ranked if a[1] and not b[1]]
        auc = F(sum(2 * (a > b) + (a == b) for a, b in pairs), 2 * len(pairs))
        for number in range(1, 11):
            before, upto = top(ranked, number - 1), top(ranked, number)
            own = [b - a for a, b in zip(before, upto, strict=True)]
            tenths.append(("main", name, number, real(F(n, 10)), real(own[0]), real(own[1] / 100), real(F(number, 10)),
                           real(upto[0] / buyers), real(upto[1] / revenue), real(own[0] / F(n, 10) / F(buyers, n))))
        best = [top(ranked, number) for number in (1, 2, 3)]
        summary.append(("main", name, HORIZON, n, buyers, real(auc),
                        *(real(own[0] / buyers / F(k, 10)) for k, own in enumerate(best, 1)),
                        *(real(own[0] / buyers) for own in best), *(real(own[1] / revenue) for own in best), new))
    write("evaluation_rankings", ["scoring", "ranking", "tenth", "customers", "buyers", "revenue", "cumulative_customer_share",
                                  "cumulative_buyer_share", "cumulative_revenue_share", "lift"], tenths)
    write("evaluation_summary", ["scoring", "ranking", "horizon_days", "customers", "buyers", "auc", "lift_10", "lift_20",
                                 "lift_30", "buyer_share_top_10", "buyer_share_top_20", "buyer_share_top_30",
                                 "revenue_share_top_10", "revenue_share_top_20", "revenue_share_top_30", "new_customers"], summary)


def previous():
    """The columns that the comparison adds to `customers`."""
    rows = []
    for number, (then, _, now) in both().items():
        if now:
            rows.append((number, *((then[key] for key in ("segment", "r", "f", "m", "octant")) if then else [NULL] * 5)))
    write("customers.compared", ["customer_id", "previous_segment", "previous_r_score", "previous_f_score", "previous_m_score",
                                 "previous_octant"], rows)


def tables():
    for made in (migration, flows, migration_customers, previous, alerts, health, grid, ladder, cohorts, evaluation, rankings):
        made()
