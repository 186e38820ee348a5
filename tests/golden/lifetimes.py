"""What is to be expected of the ten customers and four more, with what they bought before, and what they are worth.

Models with the parameters that the papers print for CDNOW, a holdout of the last 60 days, values by the plain formula, and
social measures: every column and table of `[predict]` and `[social]`.
"""

import datetime as dt
import math
from collections import defaultdict
from fractions import Fraction as F

from bg_nbd import A, ALPHA, B, GAMMA, P, Q, R, expected, forever, order_value, p_alive, probability
from common import NULL, cents, cuts_of, money, ntile, real, scores_by, write
from every_run import AS_OF, GROUPS, ROWS, customers, outcome
from scorings import UNITS, min_max, weighted

# customer, order, date, amount as typed: a second file
PAST = [
    (1, 91, "2023-02-10", "45.00"), (1, 92, "2023-09-01", "30.00"), (1, 93, "2024-02-14", "80.00"),
    (3, 391, "2022-12-05", "25.00"),
    (5, 591, "2023-05-20", "12.00"), (5, 592, "2024-05-20", "18.00"),
    (6, 691, "2024-06-30", "35.00"), (6, 692, "2024-07-05", "-10.00"),
    (8, 891, "2022-04-01", "60.00"), (8, 892, "2023-04-01", "40.00"), (8, 893, "2024-04-01", "20.00"),
    (8, 894, "2025-02-14", "30.00"),
    (11, 1101, "2024-11-11", "75.00"), (11, 1102, "2025-03-15", "20.00"),
    (12, 1201, "2025-02-02", "15.00"),
    (13, 1301, "2025-03-03", "-5.00"),
    (14, 1401, "2024-12-12", "25.00"), (14, 1402, "2025-01-28", "5.00"), (14, 1403, "2025-02-20", "35.00"),
]
HORIZONS = (4, 26)
RATE, MARGIN, CONTACT, ACQUISITION = 0.1, 0.3, 0.02, 5.0
HOLDOUT_DAYS = 60
PLANNED, RETENTION = (40.0, 30.0, 20.0), 0.8
# customer: profits of three years
PROFITS = {1: (30.0, 20.0, 10.0), 3: (5.0, None, 5.0), 13: (0.0, 0.0, 0.0)}
# customer: followers, interactions, comments, shares, referrals
SOCIAL = {
    1: (120, 10, 4, 1, 2), 2: (40, 3, 0, 0, 0), 3: (300, 25, 9, 4, 5), 5: (10, 1, 1, 0, 0), 7: (75, 12, 0, 2, 1),
    9: (0, 0, 0, 0, 0), 11: (220, 7, 3, 3, 4), 13: (60, 5, 5, 5, 1), 14: (180, 30, 2, 1, 3),
}
INDEX_WEIGHTS = (F(1, 2), F(1, 4), F(1, 4))
DAY = dt.timedelta(days=1)


def weeks(delta):
    return delta.days / 7


def orders(until=AS_OF):
    """Per customer with a purchase the orders as the lines dated up to `until` have them: the day of the first line, the
    sum in cents, and whether it is a purchase: above zero, or zero without a line below zero."""
    lines = defaultdict(lambda: defaultdict(list))
    for row in ROWS + PAST:
        if outcome(row) == "kept" and dt.date.fromisoformat(row[2]) <= until:
            lines[row[0]][row[1]].append((dt.date.fromisoformat(row[2]), cents(row[3])))
    found = {}
    for customer in sorted(lines):
        own = [(min(own)[0], sum(u for _, u in own), min(u for _, u in own)) for own in lines[customer].values()]
        own = sorted((day, sum_, sum_ > 0 or (sum_ == 0 and least >= 0)) for day, sum_, least in own)
        if any(is_purchase for *_, is_purchase in own):
            found[customer] = own
    return found


def occasions(own):
    """The days with a purchase, and what the purchases of each sum to."""
    days = defaultdict(int)
    for day, sum_, is_purchase in own:
        if is_purchase:
            days[day] += sum_
    return sorted(days.items())


def revenue_of(own):
    return sum(sum_ for _, sum_, _ in own)


def history(own, until):
    """x, t_x, T in weeks, the paid repeat occasions, and their mean value in major units, lowered by the share of the
    purchases' money that returns took; none where they left nothing."""
    days = occasions(own)
    paid = [sum_ for _, sum_ in days[1:] if sum_ > 0]
    purchased, revenue = sum(sum_ for _, sum_ in days), revenue_of(own)
    mean = float(F(sum(paid), max(len(paid), 1)) * F(revenue, purchased) / 100) if revenue > 0 else None
    return len(days) - 1, weeks(days[-1][0] - days[0][0]), weeks(until - days[0][0]), len(paid), mean


def value_of(paid, mean):
    return 0.0 if mean is None else order_value(paid, mean)


# What money loses in a week.
WEEKLY = (1 + RATE) ** (7 / 365.25) - 1


def discounted(flows):
    return math.fsum(flow / (1 + WEEKLY) ** i for i, flow in enumerate(flows, start=1))


def lifetime_value(curve, value):
    """Profit on the orders that arrive in each week, less a contact in each, at today's value."""
    arriving = [now - before for before, now in zip([0.0, *curve], curve)]
    return discounted([MARGIN * value * orders - CONTACT for orders in arriving])


def predict(own):
    x, t_x, t, paid, mean = history(own, AS_OF)
    value = value_of(paid, mean)
    curve = [expected(x, t_x, t, week) for week in range(1, HORIZONS[-1] + 1)]
    return {"p_alive": p_alive(x, t_x, t), "orders": [curve[h - 1] for h in HORIZONS], "value": value,
            "clv": [0.0 if mean is None else lifetime_value(curve[:h], value) for h in HORIZONS]}


def plain_value(profits, retention):
    return sum((p or 0) * retention ** (year - 1) / (1 + RATE) ** year
               for year, p in enumerate(profits, start=1)) - ACQUISITION


def social(table):
    """Per customer of the table the indices of influence, activity and value, and the social value."""
    customers_of_table = {c["customer_id"] for c in table}
    own = {c: measures for c, measures in SOCIAL.items() if c in customers_of_table}
    columns = [min_max(list(column), False) for column in zip(*own.values(), strict=True)]
    parts = [columns[:1], columns[1:4], columns[4:]]
    indices = [[F(v, UNITS) for v in weighted(list(zip(*part, strict=True)), [F(1, len(part))] * len(part))]
               for part in parts]
    rows = zip(*indices, strict=True)
    return {c: (*row, sum(w * i for w, i in zip(INDEX_WEIGHTS, row, strict=True)))
            for c, row in zip(own, rows, strict=True)}


def of_customers(table, predicted, scv):
    ranked = sorted(predicted, key=lambda c: (-predicted[c]["clv"][-1], c))
    rows = []
    for c in (c["customer_id"] for c in table):
        own = predicted.get(c)
        figures = (own["p_alive"], *own["orders"], own["value"], *own["clv"]) if own else [None] * 6
        planned = plain_value(PROFITS[c], RETENTION) if c in PROFITS else None
        rows.append((c, *map(real, figures), ranked.index(c) + 1 if own else NULL, real(planned),
                     *map(real, scv.get(c, [None] * 4))))
    write("customers.lifetimes", [
        "customer_id", "p_alive", "expected_orders_4_weeks", "expected_orders_26_weeks", "expected_value",
        "clv_4_weeks", "clv_26_weeks", "clv_rank", "planned_ltv", "influence_index", "activity_index", "value_index",
        "scv"], rows)


def on_request(table, bought):
    """All of the future, what the models see, and what was predicted and happened in the holdout, per customer."""
    cut = AS_OF - HOLDOUT_DAYS * DAY
    seen, rows = orders(cut), []
    for c in (c["customer_id"] for c in table):
        own = bought.get(c)
        if own is None:
            rows.append((c, *[NULL] * 6, *[NULL] * 4))
            continue
        x, t_x, t, paid, mean = history(own, AS_OF)
        ahead = forever(x, t_x, t, math.log1p(WEEKLY))
        value = value_of(paid, mean)
        worth = 0.0 if mean is None else MARGIN * value * ahead - CONTACT / WEEKLY
        figures = [real(ahead), real(worth), x, real(t_x), real(t), real(mean or 0.0)]
        outcome_of = [NULL] * 4
        if c in seen:
            x, t_x, t, paid, mean = history(seen[c], cut)
            after = [o for o in own if o[0] > cut]
            n = expected(x, t_x, t, HOLDOUT_DAYS / 7)
            outcome_of = [real(n), len(occasions(after)), real(value_of(paid, mean) * n), real(revenue_of(after) / 100)]
        rows.append((c, *figures, *outcome_of))
    write("customers.models", [
        "customer_id", "expected_orders_infinite", "clv_infinite", "x", "t_x", "T", "mean_repeat_value",
        "holdout_predicted_orders", "holdout_actual_orders", "holdout_predicted_revenue", "holdout_actual_revenue"], rows)


def of_groups(name, key, groups, predicted):
    """Sums over the customers of each group, each with its share of that of all."""
    columns = [lambda own: own["p_alive"], lambda own: own["orders"][0], lambda own: own["orders"][1],
               lambda own: own["clv"][0], lambda own: own["clv"][1]]
    sums = {group: [math.fsum(of(predicted[c]) for c in members) if members else None for of in columns]
            for group, members in ((g, [c for c in all_ if c in predicted]) for g, all_ in groups.items())}
    totals = [math.fsum(of(own) for own in predicted.values()) for of in columns]
    rows = []
    for group, own in sums.items():
        share = [None if s is None else s / total for s, total in zip(own, totals, strict=True)]
        figures = own[0], share[0], own[1], own[2], share[1], share[2], own[3], own[4], share[3], share[4]
        rows.append((group, *map(real, figures)))
    write(f"{name}.lifetimes", [
        key, "expected_customers_alive", "expected_customers_alive_share", "expected_orders_4_weeks",
        "expected_orders_26_weeks", "expected_orders_share_4_weeks", "expected_orders_share_26_weeks", "clv_4_weeks",
        "clv_26_weeks", "clv_share_4_weeks", "clv_share_26_weeks"], rows)


def clv_pareto(table, predicted):
    revenue = {c["customer_id"]: c["revenue"] for c in table}
    rows = []
    for place, horizon in enumerate(HORIZONS):
        clv = {c: own["clv"][place] for c, own in predicted.items()}
        ranked = sorted(clv, key=lambda c: (-clv[c], c))
        total, seen, held = math.fsum(clv.values()), 0, 0.0
        for number, group in enumerate(ntile(ranked, GROUPS), start=1):
            of_group = math.fsum(clv[c] for c in group)
            seen, held = seen + len(group), held + of_group
            rows.append((f"{horizon}_weeks", number, len(group), real(F(len(group), len(clv))), real(of_group),
                         real(of_group / total), real(F(seen, len(clv))), real(held / total), real(clv[group[-1]]),
                         real(clv[group[0]]), money(sum(revenue[c] for c in group))))
    write("clv_pareto", ["horizon", "clv_group", "customers", "customer_share", "clv", "clv_share",
                         "cumulative_customer_share", "cumulative_clv_share", "lowest_clv", "highest_clv", "revenue"],
          rows)


def model_fit():
    """The parameters as they were loaded, and what is expected of a new customer."""
    curve = [expected(0, 0.0, 0.0, week) for week in range(1, HORIZONS[-1] + 1)]
    value = order_value(0, 0.0)
    figures = {"r": R, "alpha": ALPHA, "a": A, "b": B, "is_chosen": 1}
    for horizon in HORIZONS:
        figures[f"new_customer_orders_{horizon}_weeks"] = curve[horizon - 1]
        figures[f"new_customer_value_{horizon}_weeks"] = \
            MARGIN * value + lifetime_value(curve[:horizon], value) - ACQUISITION
    rows = [("bg_nbd", measure, real(figures[measure]), NULL, NULL) for measure in sorted(figures)]
    spending = {"p": P, "q": Q, "gamma": GAMMA}
    rows += [("gamma_gamma", measure, real(spending[measure]), NULL, NULL) for measure in sorted(spending)]
    write("model_fit", ["model", "measure", "value", "standard_error", "note"], rows)


def model_repeats(bought):
    histories = [history(own, AS_OF) for own in bought.values()]
    rows = []
    for n in range(8):
        has = (lambda x: x >= 7) if n == 7 else (lambda x, n=n: x == n)
        chance = [1 - math.fsum(probability(k, t) for k in range(7)) if n == 7 else probability(n, t)
                  for _, _, t, *_ in histories]
        rows.append((n, sum(has(x) for x, *_ in histories), real(math.fsum(chance))))
    write("model_repeats", ["repeats", "actual_customers", "expected_customers"], rows)


def model_tracking(bought):
    days = {c: occasions(own) for c, own in bought.items()}
    start = min(own[0][0] for own in days.values())
    rows, week = [], 0
    while not rows or rows[-1][1] < AS_OF:
        week += 1
        last = min(start + 7 * week * DAY - DAY, AS_OF)
        came = [own for own in days.values() if own[0][0] <= last]
        actual = sum(day <= last for own in came for day, _ in own[1:])
        # A day is over when the next one begins.
        of_all = math.fsum(expected(0, 0.0, 0.0, weeks(last + DAY - own[0][0])) for own in came)
        rows.append((week, last, actual, real(of_all)))
    write("model_tracking", ["week", "last_date", "actual_repeats", "expected_repeats"], rows)


def pearson(a, b):
    mean_a, mean_b = math.fsum(a) / len(a), math.fsum(b) / len(b)
    dot = lambda p, q: math.fsum(x * y for x, y in zip(p, q, strict=True))
    a, b = [x - mean_a for x in a], [x - mean_b for x in b]
    return dot(a, b) / math.sqrt(dot(a, a) * dot(b, b))


def captured(score, values, percent):
    """The share that the best `percent` percent hold (rounded up to whole customers); of those with one score at the
    border each counts in part."""
    left, held = -(-len(score) * percent // 100), 0.0
    for value in sorted(set(score), reverse=True):
        alike = [i for i, s in enumerate(score) if s == value]
        chosen = min(left, len(alike))
        held += sum(values[i] for i in alike) * chosen / len(alike)
        left -= chosen
    return held / sum(values)


def calibration(bought):
    """The models at the day of the cut, by the lines up to it, and what came in the days after it, by all lines."""
    cut = AS_OF - HOLDOUT_DAYS * DAY
    seen = [(before, [o for o in bought.get(c, []) if o[0] > cut]) for c, before in orders(cut).items()]
    histories = [history(before, cut) for before, _ in seen]
    predicted_orders = [expected(x, t_x, t, HOLDOUT_DAYS / 7) for x, t_x, t, *_ in histories]
    revenue = [value_of(paid, mean) * n for (*_, paid, mean), n in zip(histories, predicted_orders, strict=True)]
    actual = [float(len(occasions(after))) for _, after in seen]
    brought = [revenue_of(after) / 100 for _, after in seen]
    assert len(set(predicted_orders)) == len(seen), "deciles do not hang on the order of equal customers"
    ranked = sorted(range(len(seen)), key=lambda i: -predicted_orders[i])
    groups = [("decile", number, group) for number, group in enumerate(ntile(ranked, 10), start=1)]
    groups += [("frequency", n, [i for i, (x, *_) in enumerate(histories) if min(x, 7) == n]) for n in range(8)]
    means = lambda group: [real(math.fsum(of[i] for i in group) / len(group) if group else None)
                           for of in (predicted_orders, actual, revenue, brought)]
    write("calibration", ["grouping", "group", "customers", "mean_predicted_orders", "mean_actual_orders",
                          "mean_predicted_revenue", "mean_actual_revenue"],
          [(name, number, len(group), *means(group)) for name, number, group in groups])

    silence = [(cut - occasions(before)[-1][0]).days for before, _ in seen]
    often = [len(occasions(before)) for before, _ in seen]
    amounts = [revenue_of(before) for before, _ in seen]
    quintiles = [scores_by(cuts_of(column), column, column is silence) for column in (silence, often, amounts)]
    by = {"clv": revenue, "rfm_sum": [sum(three) for three in zip(*quintiles, strict=True)],
          "recency": [-n for n in silence], "frequency": often, "revenue": amounts}
    figures = {"customers": len(seen), "holdout_days": HOLDOUT_DAYS}
    for name, predicted, happened in (("orders", predicted_orders, actual), ("revenue", revenue, brought)):
        figures[f"{name}_predicted"] = math.fsum(predicted)
        figures[f"{name}_actual"] = math.fsum(happened)
        figures[f"{name}_mean_absolute_error"] = \
            math.fsum(abs(p - a) for p, a in zip(predicted, happened, strict=True)) / len(seen)
        figures[f"{name}_correlation"] = pearson(predicted, happened)
    for name, score in by.items():
        for percent in (10, 20):
            figures[f"buyers_in_top_{percent}_percent_by_{name}"] = captured(score, [n > 0 for n in actual], percent)
            figures[f"revenue_in_top_{percent}_percent_by_{name}"] = captured(score, brought, percent)
    write("calibration_summary", ["measure", "value"], [(name, real(figures[name])) for name in sorted(figures)])


def anniversary(first, years):
    try:
        return first.replace(year=first.year + years)
    except ValueError:  # 29 February in a common year
        return dt.date(first.year + years, 3, 1)


def years(bought):
    """What customers brought in each year since their first purchase; a year begins on its anniversary."""
    rows = []
    for customer, own in bought.items():
        first = occasions(own)[0][0]
        by_year = defaultdict(list)
        for order in own:
            begun = [n for n in range(200) if anniversary(first, n) <= order[0]]
            by_year[len(begun) or 1].append(order)
        value = -ACQUISITION
        for year, orders_ in sorted(by_year.items()):
            purchases, revenue = sum(is_purchase for *_, is_purchase in orders_), revenue_of(orders_)
            if not (purchases or revenue):
                continue
            profit = MARGIN * revenue / 100
            value += profit / (1 + RATE) ** year
            rows.append((customer, year, purchases, money(revenue), real(profit), real(value)))
    write("customer_years", ["customer_id", "year", "orders", "revenue", "profit", "historical_ltv"], rows)


def planned():
    rows = []
    for year, profit in enumerate(PLANNED, start=1):
        stay = RETENTION ** (year - 1)
        rows.append((year, real(profit), real(stay), real(profit * stay / (1 + RATE) ** year),
                     real(plain_value(PLANNED[:year], RETENTION))))
    write("planned_ltv", ["year", "profit", "staying_share", "discounted_profit", "ltv"], rows)


def value_map(table, predicted, scv):
    revenue = {c["customer_id"]: c["revenue"] for c in table}
    both = [(c, predicted[c]["clv"][-1], float(scv[c][-1])) for c in revenue if c in predicted and c in scv]
    classes = [scores_by(cuts_of(column, bins=2), column)
               for column in ([round(row[k] * 1e6) for row in both] for k in (1, 2))]
    cells = defaultdict(list)
    for row, *cell in zip(both, *classes, strict=True):
        cells[tuple(cell)].append(row)
    total, rows = math.fsum(clv for _, clv, _ in both), []
    for cell in ((2, 2), (2, 1), (1, 2), (1, 1)):
        own = cells[cell]
        clv = math.fsum(clv for _, clv, _ in own)
        rows.append((*cell, len(own), real(F(len(own), len(both))), real(clv), real(clv / total),
                     real(math.fsum(s for _, _, s in own) / len(own) if own else None),
                     money(sum(revenue[c] for c, _, _ in own))))
    write("value_map", ["clv_class", "scv_class", "customers", "customer_share", "clv", "clv_share", "mean_scv",
                        "revenue"], rows)


def grouped(table, key, names):
    return {name: [c["customer_id"] for c in table if c[key] == name] for name in names}


def tables():
    table, _, _, _ = customers(ROWS + PAST)
    bought = orders()
    predicted = {c: predict(own) for c, own in bought.items()}
    scv = social(table)
    of_customers(table, predicted, scv)
    on_request(table, bought)
    brings = defaultdict(int)
    for c in table:
        brings[c["segment"]] += c["revenue"]
    segments = sorted(brings, key=lambda name: (-brings[name], name))
    of_groups("segments", "segment", grouped(table, "segment", segments), predicted)
    octants = ["111", "110", "101", "100", "011", "010", "001", "000"]
    of_groups("octants", "octant", grouped(table, "octant", octants), predicted)
    clv_pareto(table, predicted)
    model_fit()
    model_repeats(bought)
    model_tracking(bought)
    calibration(bought)
    years(bought)
    planned()
    value_map(table, predicted, scv)
