"""A test, a selection and what they brought, for the ten customers of the worked example, from the definitions in METHODS.

The test takes every second customer by cell and id. The selection blocks customer 4, asks for `revenue >= 10` (not customer 10), has rates of
20%, 10.00 of profit per response, and takes half of the responses to be caused: 1.00 less the cost of 0.40 (champions), 1.20 (hibernating, not
worth it) or 0.70. Two contacts at 0.70 and one at 0.40 make 1.80, a third at 0.70 would be 2.50: the budget is 2.00. Three tenths would be held back: 3,
and 8, whom the walk does not meet before the budget is used up.
"""

import datetime as dt
import hashlib
import hmac
from collections import defaultdict
from fractions import Fraction as F
from math import erfc
from statistics import NormalDist

import every_run
from common import NULL, money, real, write

KEY = b"worked example 42"
SEED, SIZE = 1, 5
RATE, PER_RESPONSE, SHARE = F(2, 10), F(10), F(1, 2)
COSTS, OTHERS = {"champions": F(40, 100), "hibernating": F(120, 100)}, F(70, 100)
BUDGET, HELD = F(2), 0.3
# customer, date, amount in cents: nobody knows 77, the budget did not reach 8 and 6, and 5 came a day too late.
ANSWERS = [(77, "2025-04-02", 500), (1, "2025-04-01", 2000), (2, "2025-04-30", 1500), (8, "2025-04-10", 990),
           (6, "2025-04-15", 700), (5, "2025-05-01", 700)]
Z = NormalDist().inv_cdf(0.975)


def u(customer):
    digest = hmac.new(KEY, str(customer).encode(), hashlib.sha256).digest()
    return (int.from_bytes(digest[:8]) >> 11) / 2**53


def groups(rows, name):
    """The campaign, its segments and its cells, each with its rows."""
    yield "campaign", name, rows
    for by in ("segment", "cell"):
        parts = defaultdict(list)
        for row in rows:
            parts[row[by]].append(row)
        for group in sorted(parts):
            yield by, group, parts[group]


def sample(customers):
    """Every n-th: place i is (start + i * N) / n, rounded down."""
    ordered = sorted(customers, key=lambda c: (c["cell"], c["customer_id"]))
    random = int.from_bytes(hashlib.sha256(str(SEED).encode()).digest()[:8])
    start = random * len(ordered) >> 64
    return [ordered[(start + i * len(ordered)) // SIZE] for i in range(SIZE)]


def needed(count, rate=F(1, 2), error=F(2, 10)):
    many = float(rate * (1 - rate)) * Z * Z / float(error) ** 2
    exact = many / (1 + many / count)
    return min(count, -int(-exact // 1))


def chosen(customers):
    """The walk down profit per cost, ties by id, until the next target does not fit."""
    candidates = [dict(c) for c in customers if c["customer_id"] != 4 and c["revenue"] >= 1000]
    for c in candidates:
        c["cost"] = COSTS.get(c["segment"], OTHERS)
        c["profit"] = RATE * PER_RESPONSE * SHARE - c["cost"]
        c["group"] = "not_worth" if c["profit"] <= 0 else "cut_off"
    worth = sorted((c for c in candidates if c["profit"] > 0), key=lambda c: (-c["profit"] / c["cost"], c["customer_id"]))
    left, walked = BUDGET, []
    for c in worth:
        if u(c["customer_id"]) < HELD:
            walked.append(("control", c))
        elif c["cost"] <= left:
            left -= c["cost"]
            walked.append(("target", c))
        else:
            break
    # Whoever is held back after the last target was not met before the targets were full.
    while walked and walked[-1][0] == "control" and len(walked) < len(worth):
        walked.pop()
    for rank, (group, c) in enumerate(walked, start=1):
        c["group"], c["rank"] = group, rank
    return candidates, [c for _, c in walked]


def wilson(k, n):
    p = k / n
    middle, half = p + Z * Z / (2 * n), Z * (p * (1 - p) / n + Z * Z / (4 * n * n)) ** 0.5
    low, high = (middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)
    return 0.0 if k == 0 else low, 1.0 if k == n else high


def result(rows, answers):
    """The figures of some targets and controls."""
    targets = [r for r in rows if r["group"] == "target"]
    control = [r for r in rows if r["group"] == "control"]
    said = [r for r in targets if r["customer_id"] in answers]
    n, k, cost = len(targets), len(said), sum(r["cost"] for r in targets)
    out = {"n": n, "k": k, "revenue": sum(answers[r["customer_id"]] for r in said), "cost": cost,
           "profit": k * PER_RESPONSE - cost, "control": len(control),
           "anyway": [answers[r["customer_id"]] for r in control if r["customer_id"] in answers]}
    if n:
        out["even"] = cost / n / PER_RESPONSE
        p0 = float(out["even"])
        z = (k / n - p0) / (p0 * (1 - p0) / n) ** 0.5
        out["p"] = erfc(abs(z) / 2**0.5)
        out["low"], out["high"] = wilson(k, n)
    return out


def adjusted(values):
    """Benjamini and Hochberg, by the definition: the least p m / i of this rank and those behind it."""
    ranked = sorted(values)
    return [min(1.0, *(p * len(ranked) / i for i, p in enumerate(ranked, start=1) if p >= value)) for value in values]


def results(name, rows, answers):
    """Rows of campaign_results: tests of one group_by are adjusted together."""
    all_of = [(by, group, result(part, answers)) for by, group, part in groups(rows, name)]
    for by in ("campaign", "segment", "cell"):
        tested = [r for b, _, r in all_of if b == by and "p" in r]
        for r, q in zip(tested, adjusted([r["p"] for r in tested]), strict=True):
            r["q"] = q
            above = F(r["k"], r["n"]) > r["even"]
            r["verdict"] = "not_enough_evidence" if q >= 0.05 else "keep" if above else "drop"
    for by, group, r in all_of:
        n, k, held, anyway = r["n"], r["k"], r["control"], r["anyway"]
        against = [NULL] * 7
        if n and held:
            p, q = F(k, n), F(len(anyway), held)
            (l1, u1), (l2, u2) = wilson(k, n), wilson(len(anyway), held)
            low = float(p - q) - ((float(p) - l1) ** 2 + (u2 - float(q)) ** 2) ** 0.5
            high = float(p - q) + ((u1 - float(p)) ** 2 + (float(q) - l2) ** 2) ** 0.5
            more = (p - q) * n
            extra = F(r["revenue"], 100) - F(sum(anyway), 100 * held) * n
            against = [real(q), real(p - q), repr(low), repr(high), real(more), real(extra),
                       real(more * PER_RESPONSE - r["cost"])]
        share = real(F(k, n)) if n else NULL
        ends = [repr(r["low"]), repr(r["high"])] if n else [NULL] * 2
        tests = [real(r["even"]), repr(r["p"]), repr(r["q"]), r["verdict"]] if n else [NULL] * 4
        yield (name, by, group, n, k, share, *ends, money(r["revenue"]), real(r["cost"]), real(r["profit"]),
               real(r["profit"] / r["cost"]) if r["cost"] else NULL, *tests, held, len(anyway), *against)


def gains(name, rows, answers):
    """Tenths of the targets by the rate of their cell, at type 7 quantiles of it."""
    targets = [r for r in rows if r["group"] == "target"]
    rate = {}
    for cell in {r["cell"] for r in targets}:
        of = [r for r in targets if r["cell"] == cell]
        rate[cell] = F(sum(r["customer_id"] in answers for r in of), len(of))
    values = sorted(rate[r["cell"]] for r in targets)

    def border(tenth):
        place = F(tenth, 10) * (len(values) - 1)
        low = int(place)
        return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])

    borders = [border(tenth) for tenth in range(1, 10)]
    tenths = defaultdict(list)
    for r in targets:
        tenths[10 - sum(b < rate[r["cell"]] for b in borders)].append(r)
    seen = said = 0
    cost, everybody = F(0), sum(r["customer_id"] in answers for r in targets)
    for tenth in sorted(tenths):
        part = tenths[tenth]
        k = sum(r["customer_id"] in answers for r in part)
        seen, said, cost = seen + len(part), said + k, cost + sum(r["cost"] for r in part)
        lift = F(said, seen) / F(everybody, len(targets))
        yield (name, tenth, len(part), k, seen, said, real(F(seen, len(targets))), real(F(said, everybody)), real(lift),
               real(said * PER_RESPONSE - cost))


def tables():
    customers, _, _, _ = every_run.customers()
    for c in customers:
        c["cell"] = f"{c['r']}{c['f']}{c['m']}"

    trial = [dict(c, group="target", cost=OTHERS) for c in sample(customers)]
    inside = {c["customer_id"] for c in trial}
    write("campaign_test", ["campaign", "group_by", "group", "candidates", "targets", "step", "needed", "is_enough"], [
        ("trial", by, group, len(part), n := sum(c["customer_id"] in inside for c in part),
         real(F(len(part), n)) if n else NULL, needed(len(part)), str(n >= needed(len(part))).lower())
        for by, group, part in groups(customers, "trial")])

    candidates, walked = chosen(customers)
    write("targets", ["campaign", "customer_id", "group", "segment", "cell", "rank", "expected_response", "expected_profit",
                      "cost"],
          [("spring", c["customer_id"], c["group"], c["segment"], c["cell"], c["rank"], real(RATE),
            real(c["profit"] if c["group"] == "target" else 0), real(c["cost"] if c["group"] == "target" else 0))
           for c in walked])

    def summed(by, group, part):
        of = {name: [c for c in part if c["group"] == name] for name in ("target", "control", "cut_off", "not_worth")}
        targets = of["target"]
        n, cost, profit = len(targets), sum(c["cost"] for c in targets), sum(c["profit"] for c in targets)
        return ("spring", by, group, len(part), n, *(len(of[name]) for name in ("control", "cut_off", "not_worth")), real(cost),
                real(RATE * n), real(RATE) if n else NULL, real(cost / n / PER_RESPONSE) if n else NULL, real(profit),
                real(profit / cost) if cost else NULL, real(sum(c["profit"] for c in of["cut_off"])))

    write("campaign_summary", [
        "campaign", "group_by", "group", "candidates", "targets", "control", "cut_off", "not_worth", "cost",
        "expected_responses", "expected_response_rate", "break_even_rate", "expected_profit", "expected_roi",
        "cut_off_profit"], [summed(*group) for group in groups(candidates, "spring")])

    first, last = every_run.AS_OF, every_run.AS_OF + dt.timedelta(30)
    answers = {c: amount for c, day, amount in ANSWERS if first < dt.date.fromisoformat(day) <= last}
    campaigns = (("spring", walked), ("trial", trial))
    write("campaign_results", [
        "campaign", "group_by", "group", "contacts", "responders", "response_rate", "rate_low", "rate_high", "revenue",
        "cost", "profit", "roi", "break_even_rate", "p_value", "adjusted_p_value", "verdict", "control_customers",
        "control_responders", "control_rate", "rate_difference", "difference_low", "difference_high",
        "incremental_responders", "incremental_revenue", "incremental_profit"],
          [row for name, rows in campaigns for row in results(name, rows, answers)])
    write("campaign_gains", ["campaign", "tenth", "contacts", "responders", "cumulative_contacts", "cumulative_responders",
                             "cumulative_contact_share", "cumulative_gains", "cumulative_lift", "cumulative_profit"],
          [row for name, rows in campaigns for row in gains(name, rows, answers)])
