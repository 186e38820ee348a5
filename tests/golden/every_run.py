"""The tables that every run publishes, for ten customers, from the definitions in METHODS."""

import datetime as dt
import tomllib
from collections import Counter, defaultdict
from fractions import Fraction as F

from common import MAPS, NAN, NULL, cents, cuts_of, median, money, ntile, real, scores_by, write

AS_OF = dt.date(2025, 3, 31)
BINS, GROUPS = 5, 4

# customer, order, date, amount as typed
ROWS = [
    (1, 101, "2025-03-31", "60.00"), (1, 101, "2025-03-31", "40.00"), (1, 102, "2025-03-01", "100.00"),
    (1, 103, "2025-02-01", "100.00"), (1, 104, "2025-01-01", "60.00"), (1, 105, "2024-12-01", "40.00"),
    (2, 201, "2025-03-21", "120.00"), (2, 202, "2024-06-01", "80.00"),
    (3, 301, "2025-03-01", "50.50"), (3, 302, "2025-02-01", "29.50"), (3, 303, "2024-03-31", "40.00"),
    (4, 401, "2025-02-28", "100.00"),
    (5, 501, "2024-12-31", "10.00"), (5, 502, "2024-12-31", "20.00"), (5, 503, "2024-12-01", "15.00"),
    (5, 504, "2024-11-01", "15.00"),
    (6, 601, "2024-12-30", "50.00"),
    (7, 701, "2024-10-03", "15.00"), (7, 701, "2024-10-02", "25.00"),
    (8, 801, "2024-10-01", "10.00"), (8, 802, "2024-10-01", "10.00"),
    (9, 901, "2024-04-05", "10.004"),
    (10, 1001, "2024-02-20", "30.00"), (10, 1002, "2024-02-25", "-30.00"),
    (None, 9001, "2025-01-01", "5.00"),
    (1, 9002, None, "7.00"),
    (2, 9003, "2025-01-01", None),
    (3, 9004, "2025-01-01", NAN),
    (2, 203, "2025-04-01", "99.00"),
]
OUTCOMES = [
    "kept", "after_as_of", "before_window", "null_customer", "blank_customer", "null_date", "unparsable_date",
    "null_amount", "non_finite_amount", "unparsable_amount", "date_before_min", "amount_out_of_range", "duplicate",
    "return_dropped", "zero_dropped", "not_a_purchase", "excluded_customer",
]


def outcome(row, as_of=AS_OF):
    customer, _, day, amount = row
    if day is not None and dt.date.fromisoformat(day) > as_of:
        return "after_as_of"
    if customer is None:
        return "null_customer"
    if day is None:
        return "null_date"
    if amount is None:
        return "null_amount"
    return "non_finite_amount" if amount == NAN else "kept"


def rf25(r, f):
    if r <= 2:
        return "hibernating" if f <= 2 else "at_risk" if f <= 4 else "cannot_lose"
    if r == 3 and f <= 3:
        return "about_to_sleep" if f <= 2 else "needs_attention"
    if r <= 4 and f >= 4:
        return "loyal"
    if f == 1:
        return "promising" if r == 4 else "new"
    return "potential_loyalist" if f <= 3 else "champions"


def is_purchase(lines):
    """Above zero, or zero without a line below zero. `lines`: days and cents."""
    total = sum(units for _, units in lines)
    return total > 0 or (total == 0 and all(units >= 0 for _, units in lines))


def customers(rows=ROWS, as_of=AS_OF):
    """The customers with everything that is known of them, the cuts of the scores, and total revenue in cents."""
    orders = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if outcome(row, as_of) == "kept":
            orders[row[0]][row[1]].append((dt.date.fromisoformat(row[2]), cents(row[3])))
    table = []
    for customer in sorted(orders):
        revenue = sum(units for lines in orders[customer].values() for _, units in lines)
        own = [lines for lines in orders[customer].values() if is_purchase(lines)]
        if not own:
            continue
        days = [min(day for day, _ in lines) for lines in own]
        totals = [sum(units for _, units in lines) for lines in own]
        table.append({
            "customer_id": customer, "first": min(days), "last": max(days), "recency_days": (as_of - max(days)).days,
            "tenure_days": (as_of - min(days)).days, "orders": len(days), "purchase_days": len(set(days)),
            "transactions": sum(map(len, own)), "revenue": revenue, "largest_order": max(totals),
        })
    cuts = {axis: cuts_of([c[axis] for c in table]) for axis in ("recency_days", "orders", "revenue")}
    mean = {axis: F(sum(c[axis] for c in table), len(table)) for axis in cuts}
    total = sum(c["revenue"] for c in table)
    before = 0
    for rank, c in enumerate(sorted(table, key=lambda c: (-c["revenue"], c["customer_id"])), start=1):
        c["rank"] = rank
        share_before = F(before, total)
        c["abc"] = "A" if share_before < F(80, 100) else "B" if share_before < F(95, 100) else "C"
        before += c["revenue"]
        c["cumulative"] = F(before, total)
    for c in table:
        (c["r"],) = scores_by(cuts["recency_days"], [c["recency_days"]], fewer_is_better=True)
        (c["f"],), (c["m"],) = (scores_by(cuts[axis], [c[axis]]) for axis in ("orders", "revenue"))
        c["segment"] = rf25(c["r"], c["f"])
        high = c["recency_days"] < mean["recency_days"], c["orders"] > mean["orders"], c["revenue"] > mean["revenue"]
        c["octant"] = "".join("1" if h else "0" for h in high)
        band = sum(c["recency_days"] > limit for limit in (30, 90, 180, 360))
        c["grid"] = (5 - min(c["orders"], 5)) * 5 + band + 1
    return table, cuts, mean, total


def sums(group):
    return len(group), sum(c["revenue"] for c in group), sum(c["orders"] for c in group)


def tables():
    table, cuts, mean, total = customers()
    count = len(table)

    def shares(group):
        n, revenue, _ = sums(group)
        return n, real(F(n, count)), money(revenue), real(F(revenue, total))

    def by(key):
        groups = defaultdict(list)
        for c in table:
            groups[key(c)].append(c)
        return groups

    write("customers", [
        "customer_id", "first_order_date", "last_order_date", "recency_days", "tenure_days", "orders", "purchase_days",
        "transactions", "revenue", "average_order_value", "largest_order", "r_score", "f_score", "m_score", "cell",
        "score_sum", "segment", "octant", "grid_cell", "abc_class", "revenue_rank", "cumulative_revenue_share",
        "map"],
        [(c["customer_id"], c["first"], c["last"], c["recency_days"], c["tenure_days"], c["orders"],
          c["purchase_days"], c["transactions"], money(c["revenue"]), real(F(c["revenue"], 100 * c["orders"])),
          money(c["largest_order"]), c["r"], c["f"], c["m"], f"{c['r']}{c['f']}{c['m']}", c["r"] + c["f"] + c["m"],
          c["segment"], c["octant"], c["grid"], c["abc"], c["rank"], real(c["cumulative"]), "rf25") for c in table])

    rf25_map = tomllib.loads((MAPS / "rf25.toml").read_text())
    order = {segment["key"]: place for place, segment in enumerate(rf25_map["segments"], start=1)}
    rows, seen, held = [], 0, 0
    for segment, group in sorted(by(lambda c: c["segment"]).items(), key=lambda kv: (-sums(kv[1])[1], kv[0])):
        n, revenue, orders = sums(group)
        seen, held = seen + n, held + revenue
        rows.append((segment, order[segment], *shares(group), real(F(seen, count)), real(F(held, total)), orders,
                     real(F(revenue, 100 * orders)), real(F(sum(c["recency_days"] for c in group), n)),
                     real(F(orders, n)), real(F(revenue, 100 * n)), real(median([c["recency_days"] for c in group])),
                     real(median([c["orders"] for c in group])), real(median([c["revenue"] for c in group]) / 100), "rf25"))
    write("segments", [
        "segment", "segment_order", "customers", "customer_share", "revenue", "revenue_share",
        "cumulative_customer_share", "cumulative_revenue_share", "orders", "average_order_value", "mean_recency_days",
        "mean_orders", "mean_revenue", "median_recency_days", "median_orders", "median_revenue", "map"], rows)

    ranked = sorted(table, key=lambda c: c["rank"])
    rows, seen, held = [], 0, 0
    for number, group in enumerate(ntile(ranked, GROUPS), start=1):
        seen, held = seen + len(group), held + sums(group)[1]
        rows.append((number, *shares(group), real(F(seen, count)), real(F(held, total)),
                     money(group[-1]["revenue"]), money(group[0]["revenue"])))
    write("pareto", ["revenue_group", "customers", "customer_share", "revenue", "revenue_share",
                     "cumulative_customer_share", "cumulative_revenue_share", "lowest_revenue", "highest_revenue"],
          rows)

    figures = {}
    for percent in (1, 5, 10, 20):
        top = -(-count * percent // 100)
        figures[f"revenue_share_of_top_{percent}_percent"] = F(sums(ranked[:top])[1], total)
    for percent in (50, 80, 90):
        holders = next(n for n in range(1, count + 1) if sums(ranked[:n])[1] * 100 >= total * percent)
        figures[f"customers_for_{percent}_percent_of_revenue"] = F(holders)
        figures[f"customer_share_for_{percent}_percent_of_revenue"] = F(holders, count)
    # The mean absolute difference of all pairs over twice the mean: the definition, not the shortcut.
    differences = sum(abs(a["revenue"] - b["revenue"]) for a in table for b in table)
    figures["gini"] = F(differences, 2 * count * total)
    write("pareto_summary", ["measure", "value"], [(name, real(figures[name])) for name in sorted(figures)])

    write("abc", ["abc_class", "customers", "customer_share", "revenue", "revenue_share"],
          [(name, *shares(group)) for name, group in sorted(by(lambda c: c["abc"]).items())])

    write("cells", ["r_score", "f_score", "m_score", "cell", "segment", "customers", "customer_share", "revenue",
                    "revenue_share", "average_order_value"],
          [(*scores, "".join(map(str, scores)), rf25(*scores[:2]), *shares(group),
            real(F(sums(group)[1], 100 * sums(group)[2])))
           for scores, group in sorted(by(lambda c: (c["r"], c["f"], c["m"])).items())])

    cells, rows = by(lambda c: c["grid"]), []
    for cell in range(1, 26):
        group = cells.get(cell, [])
        n, revenue, orders = sums(group)
        rows.append((cell, ["0-30", "31-90", "91-180", "181-360", "361+"][(cell - 1) % 5],
                     ["5+", "4", "3", "2", "1"][(cell - 1) // 5], *shares(group),
                     real(F(revenue, 100 * orders)) if n else NULL, real(F(revenue, 100 * n)) if n else NULL))
    write("grid", ["grid_cell", "recency_band", "orders_band", "customers", "customer_share", "revenue",
                   "revenue_share", "average_order_value", "revenue_per_customer"], rows)

    octants = tomllib.loads((MAPS / "octants.toml").read_text())
    codes = ["111", "101", "011", "001", "110", "100", "010", "000"]
    names = dict(zip(codes, octants["segments"], strict=True))
    groups = by(lambda c: c["octant"])
    write("octants", ["octant", "segment", "name_en", "name_zh", "customers", "customer_share", "revenue",
                      "revenue_share", "recency_threshold", "frequency_threshold", "monetary_threshold"],
          [(code, names[code]["key"], names[code]["name_en"], names[code]["name_zh"], *shares(groups.get(code, [])),
            real(mean["recency_days"]), real(mean["orders"]), real(mean["revenue"] / 100))
           for code in sorted(codes, reverse=True)])

    rows = []
    for axis, score in (("orders", "f"), ("recency_days", "r"), ("revenue", "m")):
        unit = 100 if axis == "revenue" else 1
        for number in range(1, BINS + 1):
            values = [F(c[axis], unit) for c in table if c[score] == number]
            place = BINS - number if axis == "recency_days" else number - 1
            cut = real(cuts[axis][place] / unit) if place < BINS - 1 else NULL
            low, high = (real(min(values)), real(max(values))) if values else (NULL, NULL)
            rows.append((axis, number, low, high, len(values), cut))
    write("score_bounds", ["axis", "score", "lowest_value", "highest_value", "customers", "upper_threshold"], rows)

    rows = [(name, s["key"], place, s["name_en"], s["name_zh"], s["colour"], s["action_en"], s["action_zh"])
            for name, map_ in (("octants", octants), ("rf25", rf25_map))
            for place, s in enumerate(map_["segments"], start=1)]
    write("dim_segment", ["map", "segment", "segment_order", "name_en", "name_zh", "colour", "action_en",
                          "action_zh"], rows)

    judged = Counter(outcome(row) for row in ROWS)
    rounded = sum(F(row[3]) * 100 % 1 != 0 for row in ROWS if outcome(row) == "kept")
    write("quality", ["outcome", "rows", "row_share", "amount", "rounded_amounts"],
          [(name, judged[name], real(F(judged[name], len(ROWS))),
            money(sum(cents(row[3]) for row in ROWS if outcome(row) == name)),
            rounded if name == "kept" else NULL) for name in OUTCOMES])

    bad = [(OUTCOMES.index(outcome(row)), number, row) for number, row in enumerate(ROWS)
           if outcome(row) not in ("kept", "after_as_of")]

    def text(value):
        return NULL if value is None else value if value == NAN else repr(float(value))

    write("quarantine", ["reason", "row", "customer_id", "order_id", "order_ts", "amount", "quantity", "unit_price"],
          [(OUTCOMES[place], number, NULL if row[0] is None else row[0], row[1], row[2] or NULL, text(row[3]), NULL, NULL)
           for place, number, row in sorted(bad)])
