"""Three scorings of the ten customers side by side, their clusters, and the drift of the axes a month later.

- `main`: quintiles, the map rf25. Its weighted value is the mean of recency, orders and revenue by min-max; two clusters.
- `mixed`: recency in bins of equal width, the others in equal groups (NTILE); the same map, neither value nor clusters.
- `worth`: quintiles, a weighted value of ranks (.2, .3, .5), the map three_tier over its score; three clusters.

The clusters are those of all ways to part ten customers that have the least sum of squared distances to their centres.
"""

import datetime as dt
import itertools
import math
from collections import Counter, defaultdict
from fractions import Fraction as F

import tomllib

from common import MAPS, NULL, cuts_of, money, ntile, quantile, real, scores_by, write
from every_run import customers, rf25

AXES = ("recency_days", "orders", "revenue")
LETTERS = dict(zip(AXES, "rfm", strict=True))
SCORE_WEIGHTS = (3, 2, 1)
# Weighted values are whole numbers of 10^-9.
UNITS = 10**9


def uniform(values, bins=5):
    low, high = min(values), max(values)
    return [low + F(k * (high - low), bins) for k in range(1, bins)]


def min_max(values, fewer_is_better):
    low, high = min(values), max(values)
    return [F(high - v if fewer_is_better else v - low, high - low) for v in values]


def rank(values, fewer_is_better):
    """The share of the other customers with a worse value, equal ones counting half."""
    def share(value):
        worse = sum(v > value if fewer_is_better else v < value for v in values)
        return F(2 * worse + values.count(value) - 1, 2 * (len(values) - 1))
    return [share(value) for value in values]


def weighted(points, weights):
    sums = [UNITS * sum(w * x for w, x in zip(weights, point, strict=True)) for point in points]
    # No sum is so near the middle of two whole numbers that rounding of doubles could decide.
    assert all(abs(s % 1 - F(1, 2)) > F(1, 1000) for s in sums)
    return [int(s + F(1, 2)) for s in sums]


def centre(points):
    return [sum(xs) / len(points) for xs in zip(*points, strict=True)]


def inertia(parts):
    return sum(sum((x - c) ** 2 for x, c in zip(point, centre(part), strict=True)) for part in parts for point in part)


def clusters(points, weights, k):
    """The best way of all to part the points, numbered by the weighted value of the centres, best first."""
    found = []
    for groups in itertools.product(range(k), repeat=len(points)):
        # Each way once: groups are numbered as they come.
        firsts = [groups.index(g) for g in range(k) if g in groups]
        if len(firsts) < k or firsts != sorted(firsts):
            continue
        parts = [[p for p, g in zip(points, groups, strict=True) if g == number] for number in range(k)]
        found.append((inertia(parts), groups))
    (best, groups), (second, _) = sorted(found)[:2]
    assert second - best > F(1, 1000), "one way is clearly the best"
    centres = [centre([p for p, g in zip(points, groups, strict=True) if g == number]) for number in range(k)]
    values = [sum(w * x for w, x in zip(weights, c, strict=True)) for c in centres]
    order = sorted(range(k), key=lambda number: -values[number])
    return [order.index(g) + 1 for g in groups]


def scored(table, name):
    """One scoring: per customer r, f, m, segment, and value, v, cluster where it makes them; the cuts of its axes."""
    columns = {axis: [c[axis] for c in table] for axis in AXES}
    scoring = {"name": name, "map": "rf25", "cuts": {}}
    for axis in AXES:
        fewer = axis == "recency_days"
        if name == "mixed" and not fewer:
            order = sorted(range(len(table)), key=lambda i: (columns[axis][i], i))
            scores = [0] * len(table)
            for number, group in enumerate(ntile(order, 5), start=1):
                for i in group:
                    scores[i] = number
        else:
            scoring["cuts"][axis] = (uniform if name == "mixed" else cuts_of)(columns[axis])
            scores = scores_by(scoring["cuts"][axis], columns[axis], fewer)
        scoring[LETTERS[axis]] = scores
    if name != "mixed":
        standardise, weights, k = (min_max, [F(1, 3)] * 3, 2) if name == "main" else \
            (rank, [F(2, 10), F(3, 10), F(5, 10)], 3)
        points = list(zip(*(standardise(columns[a], a == "recency_days") for a in AXES), strict=True))
        scoring["value"] = weighted(points, weights)
        scoring["cuts"]["weighted_value"] = cuts_of(scoring["value"])
        scoring["v"] = scores_by(scoring["cuts"]["weighted_value"], scoring["value"])
        scoring["cluster"] = clusters(points, weights, k)
    if name == "worth":
        scoring["map"] = "three_tier"
        scoring["segment"] = ["vip" if v == 5 else "low" if v == 1 else "regular" for v in scoring["v"]]
    else:
        scoring["segment"] = [rf25(r, f) for r, f in zip(scoring["r"], scoring["f"], strict=True)]
    return scoring


def order_of(name):
    segments = tomllib.loads((MAPS / f"{name}.toml").read_text())["segments"]
    return {segment["key"]: number for number, segment in enumerate(segments, start=1)}


def adjusted_rand(a, b):
    """Hubert and Arabie 1985: pairs together in both, less those expected by chance."""
    pairs = lambda counts: sum(math.comb(n, 2) for n in counts.values())
    both, first, second = pairs(Counter(zip(a, b, strict=True))), pairs(Counter(a)), pairs(Counter(b))
    chance = F(first * second, math.comb(len(a), 2))
    return (both - chance) / (F(first + second, 2) - chance)


def by_customer(table, scorings):
    rows = []
    for s in scorings:
        for i, c in enumerate(table):
            three = s["r"][i], s["f"][i], s["m"][i]
            rows.append((
                s["name"], c["customer_id"], *three, "".join(map(str, three)), sum(three), real(F(sum(three), 3)),
                real(sum(w * x for w, x in zip(SCORE_WEIGHTS, three, strict=True))),
                real(F(s["value"][i], UNITS)) if "value" in s else NULL, s["v"][i] if "v" in s else NULL,
                s["segment"][i], s["cluster"][i] if "cluster" in s else NULL, s["map"]))
    write("scorings", ["scoring", "customer_id", "r_score", "f_score", "m_score", "cell", "score_sum", "score_mean",
                       "weighted_score", "weighted_value", "v_score", "segment", "cluster", "map"], rows)


def by_segment(table, scorings, total):
    rows = []
    for s in scorings:
        groups, order = defaultdict(list), order_of(s["map"])
        for c, segment in zip(table, s["segment"], strict=True):
            groups[segment].append(c)
        for segment, group in sorted(groups.items()):
            revenue = sum(c["revenue"] for c in group)
            rows.append((s["name"], segment, s["map"], order[segment], len(group), real(F(len(group), len(table))),
                         money(revenue), real(F(revenue, total))))
    write("scoring_segments", ["scoring", "segment", "map", "segment_order", "customers", "customer_share", "revenue",
                               "revenue_share"], rows)


def bounds(table, scorings):
    rows = []
    for s in scorings:
        axes = [(axis, letter, [c[axis] for c in table], 100 if axis == "revenue" else 1)
                for axis, letter in LETTERS.items()]
        if "value" in s:
            axes.append(("weighted_value", "v", s["value"], UNITS))
        for axis, letter, values, unit in sorted(axes):
            for number in range(1, 6):
                of = [v for v, score in zip(values, s[letter], strict=True) if score == number]
                place = 5 - number if axis == "recency_days" else number - 1
                cut = F(s["cuts"][axis][place]) / unit if axis in s["cuts"] and place < 4 else None
                low, high = (real(F(min(of), unit)), real(F(max(of), unit))) if of else (NULL, NULL)
                rows.append((s["name"], axis, number, low, high, len(of), real(cut)))
    write("scoring_bounds", ["scoring", "axis", "score", "lowest_value", "highest_value", "customers",
                             "upper_threshold"], rows)


def stability(scorings):
    rows, summary = [], []
    for a, b in itertools.combinations(scorings, 2):
        count, of_a, of_b = len(a["segment"]), Counter(a["segment"]), Counter(b["segment"])
        crossing = Counter(zip(a["segment"], b["segment"], strict=True))
        for (one, other), n in sorted(crossing.items()):
            rows.append((a["name"], b["name"], one, other, n, real(F(n, count)), real(F(n, of_a[one])),
                         real(F(n, of_b[other]))))
        changed = sum(n for (one, other), n in crossing.items() if one != other) if a["map"] == b["map"] else None
        summary.append((a["name"], b["name"], count, NULL if changed is None else changed,
                        real(None if changed is None else F(changed, count)),
                        real(adjusted_rand(a["segment"], b["segment"]))))
    write("stability", ["scoring_a", "scoring_b", "segment_a", "segment_b", "customers", "customer_share",
                        "share_of_segment_a", "share_of_segment_b"], rows)
    write("stability_summary", ["scoring_a", "scoring_b", "customers", "changed_customers", "changed_share",
                                "adjusted_rand_index"], summary)


def by_cluster(table, scorings, total):
    rows = []
    for s in (s for s in scorings if "cluster" in s):
        for number in range(1, max(s["cluster"]) + 1):
            of = [i for i, cluster in enumerate(s["cluster"]) if cluster == number]
            group, n = [table[i] for i in of], len(of)
            total_of = {key: sum(c[key] for c in group) for key in ("recency_days", "orders", "revenue", "largest_order")}
            revenue, orders = total_of["revenue"], total_of["orders"]
            rows.append((
                s["name"], number, n, real(F(n, len(table))), money(revenue), real(F(revenue, total)),
                real(F(sum(s["value"][i] for i in of), n * UNITS)), real(F(total_of["recency_days"], n)),
                real(F(orders, n)), real(F(revenue, 100 * n)), real(F(revenue, 100 * orders)),
                real(F(total_of["largest_order"], 100 * n))))
    write("clusters", ["scoring", "cluster", "customers", "customer_share", "revenue", "revenue_share",
                       "mean_weighted_value", "mean_recency_days", "mean_orders", "mean_revenue",
                       "average_order_value", "mean_largest_order"], rows)


def drift():
    """A month later, with the cuts of the month before. Customer 2 has bought again, and all others have been silent for
    thirty days more."""
    (then, _, _, _), (now, _, _, _) = customers(), customers(as_of=dt.date(2025, 4, 30))
    rows = []
    for scoring in ("main", "wide"):
        for axis in sorted(AXES):
            cut = uniform if scoring == "wide" and axis == "revenue" else cuts_of
            fewer = axis == "recency_days"
            before, after = ([c[axis] for c in table] for table in (then, now))
            cuts = cut(before)
            kept, fresh = scores_by(cuts, after, fewer), scores_by(cut(after), after, fewer)
            index = 0
            for score in range(1, 6):
                # A share below 0.0001 counts as so much.
                p, q = (max(scores.count(score) / len(scores), 1e-4)
                        for scores in (scores_by(cuts, before, fewer), kept))
                index += (q - p) * math.log(q / p)
            changed = sum(a != b for a, b in zip(kept, fresh, strict=True))
            rows.append((scoring, axis, real(index), len(then), len(now), changed, real(F(changed, len(now)))))
    write("drift", ["scoring", "axis", "population_stability_index", "customers_then", "customers_now",
                    "changed_customers", "changed_share"], rows)


def tables():
    table, _, _, total = customers()
    scorings = [scored(table, name) for name in ("main", "mixed", "worth")]
    by_customer(table, scorings)
    by_segment(table, scorings, total)
    bounds(table, scorings)
    stability(scorings)
    by_cluster(table, scorings, total)
    drift()
