"""Old ids and members: the ten customers of `every_run`, some of whom are one, and those who never bought among them.

Customer 6 has become 5, and 8 has become 11, who has become 9: eight customers are left. Members 12 to 15 never bought; 16
signed up after the analysis date. Those who never bought count: their scores are 1.
"""

import datetime as dt
from collections import defaultdict
from fractions import Fraction as F

from common import NULL, median, money, ntile, real, write
from every_run import AS_OF, GROUPS, ROWS, customers

ALIASES = {6: 5, 8: 11, 11: 9}
# id: tier, sign-up date, consent
MEMBERS = {
    1: ("gold", "2024-01-01", True), 2: ("gold", None, None), 5: ("silver", "2024-08-01", True),
    6: ("bronze", "2023-05-01", False), 8: ("silver", "2024-02-02", True), 12: ("bronze", "2025-03-02", True),
    13: (None, "2024-12-01", False), 14: ("gold", None, True), -3: ("bronze", "2024-01-01", None),
    16: ("gold", "2025-04-01", True),
}


def today(customer):
    while customer in ALIASES:
        customer = ALIASES[customer]
    return customer


def member(customer):
    """The row of the id of today, else of the smallest old one; the first date of all accounts; no where any says no."""
    accounts = sorted((account for account in MEMBERS if today(account) == customer), key=lambda id: (id != customer, id))
    if not accounts:
        return NULL, NULL, NULL
    rows = [MEMBERS[account] for account in accounts]
    dates = [row[1] for row in rows if row[1]]
    answers = [row[2] for row in rows if row[2] is not None]
    consent = NULL if not answers else "true" if all(answers) else "false"
    return rows[0][0] or NULL, min(dates) if dates else NULL, consent


def prospect_cell(signed):
    days = 10**6 if signed == NULL else (AS_OF - dt.date.fromisoformat(signed)).days
    return 26 + sum(days > limit for limit in (30, 90, 180, 360))


def tables():
    # Receipts of one customer stay apart: no id occurs twice.
    table, _, _, total = customers([(today(row[0]), *row[1:]) for row in ROWS])
    bought = {c["customer_id"] for c in table}
    prospects = sorted(today(id) for id in MEMBERS if today(id) not in bought)
    prospects = [id for id in prospects if member(id)[1] == NULL or member(id)[1] <= str(AS_OF)]
    count = len(table) + len(prospects)
    # Nothing was bought, nothing was paid: behind everyone with revenue, by id among those without.
    ranked = [("buyer", c["customer_id"], c["revenue"]) for c in table] + [("prospect", id, 0) for id in prospects]
    ranked.sort(key=lambda one: (-one[2], one[1]))
    rank = {one[1]: place for place, one in enumerate(ranked, start=1)}
    held = {one[1]: F(sum(other[2] for other in ranked[:place]), total) for place, one in enumerate(ranked, start=1)}

    def everything(id):
        tier, signed, consent = member(id)
        c = next((c for c in table if c["customer_id"] == id), None)
        if c is None:
            return (id, *[NULL] * 4, 0, 0, 0, "0.00", NULL, NULL, 1, 1, 1, "111", 3, "prospects", "000", prospect_cell(signed),
                    "C", rank[id], real(held[id]), signed, consent, tier, "rf25")
        return (id, c["first"], c["last"], c["recency_days"], c["tenure_days"], c["orders"], c["purchase_days"],
                c["transactions"], money(c["revenue"]), real(F(c["revenue"], 100 * c["orders"])), money(c["largest_order"]),
                c["r"], c["f"], c["m"], f"{c['r']}{c['f']}{c['m']}", c["r"] + c["f"] + c["m"], c["segment"], c["octant"],
                c["grid"], c["abc"], rank[id], real(c["cumulative"]), signed, consent, tier, "rf25")

    write("customers.people", [
        "customer_id", "first_order_date", "last_order_date", "recency_days", "tenure_days", "orders", "purchase_days",
        "transactions", "revenue", "average_order_value", "largest_order", "r_score", "f_score", "m_score", "cell",
        "score_sum", "segment", "octant", "grid_cell", "abc_class", "revenue_rank", "cumulative_revenue_share",
        "sign_up_date", "consent", "tier", "map"], [everything(id) for id in sorted(bought.union(prospects))])

    groups = defaultdict(list)
    for c in table:
        groups[c["segment"]].append(c)
    rows = [(segment, len(own), real(F(len(own), count)), money(sum(c["revenue"] for c in own)),
             sum(c["orders"] for c in own), real(F(sum(c["recency_days"] for c in own), len(own))),
             real(median([c["recency_days"] for c in own])), real(median([c["orders"] for c in own])),
             sum(c["revenue"] for c in own)) for segment, own in groups.items()]
    rows.append(("prospects", len(prospects), real(F(len(prospects), count)), "0.00", 0, NULL, NULL, "0.0", 0))
    rows.sort(key=lambda row: (-row[-1], row[0]))
    write("segments.people", ["segment", "customers", "customer_share", "revenue", "orders", "mean_recency_days",
                              "median_recency_days", "median_orders"], [row[:-1] for row in rows])

    groups = [(number, group) for number, group in enumerate(ntile(ranked, GROUPS), start=1)]
    write("pareto.people", ["revenue_group", "customers", "revenue", "lowest_revenue", "highest_revenue"],
          [(number, len(group), money(sum(one[2] for one in group)), money(group[-1][2]), money(group[0][2]))
           for number, group in groups])

    cells = defaultdict(int)
    for c in table:
        cells[c["grid"]] += 1
    for id in prospects:
        cells[prospect_cell(member(id)[1])] += 1
    orders = ["5+", "4", "3", "2", "1", "0"]
    write("grid.people", ["grid_cell", "orders_band", "customers", "customer_share"],
          [(cell, orders[(cell - 1) // 5], cells[cell], real(F(cells[cell], count))) for cell in range(1, 31)])

    octants = defaultdict(int)
    for c in table:
        octants[c["octant"]] += 1
    octants["000"] += len(prospects)
    codes = ["111", "110", "101", "100", "011", "010", "001", "000"]
    write("octants.people", ["octant", "customers", "customer_share"],
          [(code, octants[code], real(F(octants[code], count))) for code in codes])

    classes = defaultdict(int)
    for c in table:
        classes[c["abc"]] += 1
    classes["C"] += len(prospects)
    write("abc.people", ["abc_class", "customers", "customer_share"],
          [(name, classes[name], real(F(classes[name], count))) for name in "ABC" if classes[name]])
