"""What changed between two dates, and what customers do month by month, computed again by DuckDB from raw rows.

The rows are dirty: missing customers, dates and amounts, orders with lines on several days, orders taken back by later lines of
the same id, credit notes with ids of their own, free orders, days after the analysis date. Settings vary: returns policies, windows,
periods. `rfmetrics compare` sees the published tables alone; DuckDB sees the rows. Money is whole cents, and everything but shares
and means is exact.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from program import publish, run
from scipy.stats import mannwhitneyu

FIRST = dt.date(2023, 11, 5)
SETTINGS = [
    {},
    {"dates.window_days": 120},
    {"clean.returns": "purchases"},
    {"clean.returns": "literal"},
    {"clean.returns": "drop", "dates.window_days": 200},
    {"dates.window_days": 90, "dates.window_applies_to": "everything"},
]
PERIODS = ["month", "quarter", "year"]


def rows(seed: int, customers: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    found, order = [], 0
    for customer in range(customers):
        start, rate = int(random.integers(0, 500)), float(random.gamma(1.2, 45)) + 2
        day = start
        while day < 620:
            order += 1
            lines = int(random.integers(1, 4))
            amounts = [int(random.gamma(2, 1500)) for _ in range(lines)] if random.random() > 0.03 else [0]
            for amount in amounts:
                found.append((customer, order, day + int(random.integers(0, 3)) * int(random.random() < 0.2), amount))
            if random.random() < 0.06:  # taken back, weeks or months later
                found.append((customer, order, day + int(random.integers(1, 150)), -sum(amounts)))
            elif random.random() < 0.05:
                found.append((customer, 1_000_000 + order, day + int(random.integers(1, 60)), -int(random.gamma(2, 700))))
            if random.random() < 0.25:
                break
            day += int(random.exponential(rate))
    ids = [None if random.random() < 0.01 else row[0] for row in found]
    days = [None if random.random() < 0.01 else FIRST + dt.timedelta(row[2]) for row in found]
    amounts = [[None, math.nan, row[3] / 100][min(2, int(random.random() * 150))] for row in found]
    return pl.DataFrame(
        {"customer_id": ids, "order_id": [row[1] for row in found], "order_ts": days, "amount": amounts},
        schema={"customer_id": pl.Int64, "order_id": pl.Int64, "order_ts": pl.Date, "amount": pl.Float64},
    ).sample(fraction=1, shuffle=True, seed=seed)


class Shop:
    """The rows as one date sees them, by the definitions in METHODS."""

    def __init__(self, source: Path, as_of: dt.date, settings: dict) -> None:
        self.db, self.as_of = duckdb.connect(), as_of
        returns, window = settings.get("clean.returns", "net"), settings.get("dates.window_days")
        start = as_of - dt.timedelta(window) if window else dt.date(1900, 1, 1)
        cuts_rows = settings.get("dates.window_applies_to") == "everything"
        purchase = "total > 0" if returns == "purchases" else "(total > 0 or (total = 0 and not lowered))"
        is_order = "true" if returns == "literal" else purchase
        money = "total > 0" if returns == "purchases" else "true"
        dropped = "and amount >= 0" if returns == "drop" else ""
        self.db.execute(f"""
            create table kept as select customer_id as c, order_id as o, order_ts as d, round(amount * 100)::bigint as u
            from '{source}' where customer_id is not null and order_ts is not null and amount is not null
              and not isnan(amount) and order_ts <= date '{as_of}' {dropped};
            create table every_order as select *, {purchase} as p, {is_order} as is_order, {money} as m from (
                select c, o, min(d) as d, sum(u)::bigint as total, bool_or(u < 0) as lowered from kept group by c, o);
            create table seen as select *, {purchase} as p, {is_order} as is_order, {money} as m from (
                select c, o, min(d) as d, sum(u)::bigint as total, bool_or(u < 0) as lowered from kept
                where {f"d > date '{start}'" if cuts_rows else "true"} group by c, o);
            create table customers as select c, date '{as_of}' - max(d) filter (is_order) as recency,
                count(*) filter (is_order and d > date '{start}') as orders,
                coalesce(sum(total) filter (m and d > date '{start}'), 0)::bigint as revenue
              from seen group by c having count(*) filter (is_order) > 0 order by c;
            create table days as select c, d, count(*) filter (p) as purchases, sum(total) filter (m)::bigint as money
              from every_order where m group by c, d;
            create table all_days as from days;
            delete from days where c not in (select c from every_order where p);
        """)

    def cuts(self) -> dict[str, list[float]]:
        """The quintiles of each axis, and the means of the octants; F and M among those with an order in the window."""
        found = {}
        for axis, buyers in (("recency", "true"), ("orders", "orders > 0"), ("revenue", "orders > 0")):
            cuts = self.db.execute(f"select quantile_cont({axis}, [.2, .4, .6, .8]), avg({axis}) from customers where {buyers}")
            quintiles, mean = cuts.fetchone()
            found[axis] = [*quintiles, mean]
        return found

    def scored(self, cuts: dict[str, list[float]]) -> list[tuple]:
        """Customer, orders, revenue, R, F, M, octant by these cuts."""

        def score(axis: str) -> str:
            return " + ".join(f"({axis} > {cut!r} + 1e-9)::int" for cut in cuts[axis][:4])

        (*_, r), (*_, f), (*_, m) = (cuts[axis] for axis in ("recency", "orders", "revenue"))
        return self.db.execute(f"""
            select c, orders, revenue, 5 - ({score("recency")}), case when orders = 0 then 1 else 1 + {score("orders")} end,
              case when orders = 0 then 1 else 1 + {score("revenue")} end,
              (recency < {r!r} - 1e-9)::int || '' || (orders > 0 and orders > {f!r} + 1e-9)::int || ''
              || (orders > 0 and revenue > {m!r} + 1e-9)::int from customers order by c""").fetchall()


def rf25(r: int, f: int) -> str:
    if r <= 2:
        return "hibernating" if f <= 2 else "at_risk" if f <= 4 else "cannot_lose"
    if r == 3 and f <= 3:
        return "about_to_sleep" if f <= 2 else "needs_attention"
    if r <= 4 and f >= 4:
        return "loyal"
    if f == 1:
        return "promising" if r == 4 else "new"
    return "potential_loyalist" if f <= 3 else "champions"


def standing(scored: list[tuple]) -> dict[int, dict]:
    return {c: {"orders": o, "revenue": u, "scores": (r, f, m), "segment": rf25(r, f), "octant": octant}
            for c, o, u, r, f, m, octant in scored}


def migration(then: Shop, now: Shop) -> tuple[list[tuple], list[tuple]]:
    """The rows of `migration`, and of `migration_customers`."""
    cuts = then.cuts()
    before, frozen, after = standing(then.scored(cuts)), standing(now.scored(cuts)), standing(now.scored(now.cuts()))
    db = duckdb.connect()
    db.execute("create table moves (basis text, by_ text, f text, t text, o0 bigint, r0 bigint, o1 bigint, r1 bigint)")
    moves, customers = [], []
    for c in sorted(before.keys() | after.keys()):
        a, b, z = before.get(c), frozen.get(c), after.get(c)
        for basis, to in (("frozen", b), ("published", z)):
            for by in ("segment", "octant"):
                moves.append((basis, by, a[by] if a else "absent", to[by] if to else "absent", *(
                    value for own in (a, z) for value in ((own["orders"], own["revenue"]) if own else (None, None)))))
        names = [own["segment"] if own else "absent" for own in (a, b, z)]
        scores = [score for own in (a, z) for score in (own["scores"] if own else (None, None, None))]
        customers.append((c, names[0], names[2], names[0] != names[1], names[1] != names[2], *scores, names[1]))
    db.executemany("insert into moves values (?, ?, ?, ?, ?, ?, ?, ?)", moves)
    counted = db.execute("""
        with counted as (select basis, by_, f, t, count(*) as n, sum(r0)::bigint as r0, sum(r1)::bigint as r1, sum(o0) as o0,
            sum(o1) as o1 from moves group by basis, by_, f, t)
        select basis, by_, f, t, n, n / sum(n) over (partition by basis, by_, f), r0, r1, r0 / 100 / nullif(o0, 0),
          r1 / 100 / nullif(o1, 0) from counted order by basis, by_, f, t""").fetchall()
    return counted, customers


def ladder(shop: Shop) -> list[tuple]:
    return shop.db.execute(f"""
        with own as (select c, d, row_number() over (partition by c order by d, o) as k from every_order where p),
        steps as (select own.k, own.d, next.d as next from own left join own as next on next.c = own.c and next.k = own.k + 1),
        found as (select k, count(*) as n, count(next) as went, quantile_cont(next - d, [.5, .25, .75]) as q,
            {", ".join(f"sum((next - d <= {n})::int) filter (date '{shop.as_of}' - d >= {n}) as w{n}, "
                       f"count(*) filter (date '{shop.as_of}' - d >= {n}) as a{n}" for n in (90, 180, 365))}
            from steps group by k)
        select s.k, coalesce(n, 0), coalesce(went, 0), went / n, q[1], q[2], q[3],
          {", ".join(f"case when a{n} > 0 then coalesce(w{n}, 0) / a{n} end" for n in (90, 180, 365))}
        from range(1, 11) as s(k) left join found using (k) order by 1""").fetchall()


def cohorts(shop: Shop, period: str) -> list[tuple]:
    over = f"date_trunc('{period}', cohort + to_months(months * age)) + to_months(months) <= date '{shop.as_of}' + 1"
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    return shop.db.execute(f"""
        with firsts as (select c, date_trunc('{period}', min(d) filter (purchases > 0))::date as cohort from days group by c),
        cells as (select cohort, greatest(0, datediff('{period}', cohort, d)) as age, count(distinct c) filter (purchases > 0) as active,
            sum(purchases)::bigint as orders, sum(money)::bigint as revenue from days join firsts using (c) group by all),
        sizes as (select cohort, count(*) as n, {months} as months from firsts group by cohort),
        ages as (select cohort, n, months, unnest(range(datediff('{period}', cohort, date '{shop.as_of}') + 1)) as age from sizes),
        whole as (select cohort, age, n, coalesce(active, 0) as active, coalesce(orders, 0) as orders, coalesce(revenue, 0) as revenue,
            sum(coalesce(revenue, 0)) over (partition by cohort order by age) as held, {over} as is_over
            from ages left join cells using (cohort, age))
        select cohort, age, n, case when is_over then active end, case when is_over then active / n end,
          case when is_over then orders end, case when is_over then revenue end, case when is_over then held / 100 / n end
        from whole order by 1, 2""").fetchall()


def health(shop: Shop, period: str, periods: int) -> list[tuple]:
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    back = {"month": 12, "quarter": 4, "year": 1}[period]
    shop.db.execute(f"""
        create or replace table dates as
        with ends as (select (date_trunc('{period}', date '{shop.as_of}' + 1) - to_months({months} * i))::date as start_next, i
            from range(0, {periods} + 12) as r(i))
        select i, (start_next - 1)::date as date, (start_next - to_months({months}))::date as start from ends;
        create or replace table counted as
        with p as (select c, d from days where purchases > 0),
        per as (select i, date, start, c, max(d) filter (d <= date) as last, min(d) filter (d between start and date) as first_in,
            max(d) filter (d < start) as before from dates cross join p group by all)
        select i, date, start, count(*) filter (date - last < 30) as a30, count(*) filter (date - last < 60) as a60,
          count(*) filter (date - last < 90) as a90, count(last) as known, count(first_in) as buyers,
          count(*) filter (first_in is not null and before is null) as first_time,
          count(*) filter (first_in - before <= 180) as again, count(*) filter (first_in - before > 180) as back
        from per group by all;
        create or replace table sums as select i, coalesce(sum(purchases), 0)::bigint as orders,
          coalesce(sum(money), 0)::bigint as revenue from dates left join days on d between start and date group by i;
    """)
    ratio = "case when {0} >= 1.05 then 'growing' when {0} <= 0.95 then 'shrinking' else 'steady' end"
    return shop.db.execute(f"""
        with first as (select min(d) as day from days where purchases > 0),
        whole as (select *, lag(a30) over w as previous, lag(a30, {back}) over w as year, lag(date, {back}) over w as year_date,
            lag(a30, 1) over w + lag(a30, 2) over w + lag(a30, 3) over w as three, lag(date, 3) over w as three_date
            from counted join sums using (i), first window w as (order by date))
        select date, a30, a60, a90, known, a30 / known, buyers, first_time, again, back, orders, revenue,
          a30 / nullif(previous, 0) - 1, a30 / nullif(year, 0) - 1,
          case when three > 0 and three_date - day >= 30 then {ratio.format("(3 * a30 / three)")} end,
          case when year > 0 and year_date - day >= 30 then {ratio.format("(a30 / year)")} end
        from whole where i < {periods} and known > 0 order by date""").fetchall()


def grid(shop: Shop, periods: int, settings: dict) -> list[tuple]:
    """The cells with customers, on the dates of `health`."""
    window, cut = settings.get("dates.window_days", 100_000), settings.get("dates.window_applies_to") == "everything"
    return shop.db.execute(f"""
        with own as (select date, c, date - max(d) filter (purchases > 0) as quiet,
            coalesce(sum(purchases) filter (d > date - {window}), 0)::bigint as orders,
            coalesce(sum(money) filter (d > date - {window}), 0)::bigint as revenue
          from dates join days on d <= date where i < {periods} group by date, c),
        cells as (select *, (5 - least(orders, 5)) * 5 + (quiet > 30)::int + (quiet > 90)::int + (quiet > 180)::int
            + (quiet > 360)::int + 1 as cell from own where quiet is not null and (orders > 0 or not {cut}))
        select date, cell, count(*) as n, n / sum(n) over (partition by date), sum(revenue)::bigint, sum(revenue) / 100 / n
        from cells group by date, cell order by date, cell""").fetchall()


def abc_a(shop: Shop) -> set[int]:
    """The customers of class A: by revenue, then id, while the share before them is below 0.8."""
    rows = shop.db.execute("""select c, sum(revenue) over (order by revenue desc, c rows unbounded preceding) - revenue as before,
        sum(revenue) over () as total from customers""").fetchall()
    return {c for c, before, total in rows if total > 0 and before * 10 < 8 * total}


def rhythms(shop: Shop) -> dict[int, tuple]:
    """Per customer the days since the last order, the own limit, and cents of the last 365 days."""
    return {row[0]: row[1:] for row in shop.db.execute(f"""
        with p as (select distinct c, d from days where purchases > 0),
        gaps as (select c, d - lag(d) over (partition by c order by d) as gap from p),
        limits as (select c, case when count(gap) >= 5 then quantile_cont(gap, .9) when count(gap) > 0 then 2 * avg(gap) end as lim
            from gaps group by c),
        money as (select c, sum(money) filter (d > date '{shop.as_of}' - 365)::bigint as year from all_days group by c)
        select customers.c, recency, lim, coalesce(year, 0) from customers left join limits using (c) left join money using (c)
        """).fetchall()}


def alerts(then: Shop, now: Shop) -> list[tuple]:
    cuts, valued = then.cuts(), abc_a(then)
    before, frozen, after = standing(then.scored(cuts)), standing(now.scored(cuts)), standing(now.scored(now.cuts()))
    own, earlier, found = rhythms(now), rhythms(then), []
    for c in before.keys() & after.keys():
        (r, f, m), (days, limit, year) = before[c]["scores"], own[c]
        if not (f > 3 or m > 3 or c in valued):
            continue
        then_days, then_limit, _ = earlier[c]
        late = lambda days, limit: limit is not None and days > limit + 1e-9  # noqa: E731
        reasons = ["score_fell"] * (r - frozen[c]["scores"][0] >= 2)
        reasons += ["own_rhythm"] * (late(days, limit) and not late(then_days, then_limit))
        if reasons:
            found.append((-year, c, after[c]["segment"], "+".join(reasons), days, limit, r, after[c]["scores"][0], year,
                          frozen[c]["scores"][0]))
    return [row[1:] for row in sorted(found, key=lambda row: row[:2])]


def wilson(successes: int, trials: int) -> tuple[float, float]:
    z = 1.959963984540054
    p, middle = successes / trials, successes / trials + z * z / (2 * trials)
    spread = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials**2))
    low, high = (middle - spread) / (1 + z * z / trials), (middle + spread) / (1 + z * z / trials)
    return 0.0 if successes == 0 else low, 1.0 if successes == trials else high


def evaluation(then: Shop, now: Shop) -> tuple[list[tuple], list[tuple]]:
    """The rows of `evaluation`, and of `evaluation_summary`."""
    known, horizon = standing(then.scored(then.cuts())), (now.as_of - then.as_of).days
    outcomes = {row[0]: row[1:] for row in now.db.execute(f"""select c, sum(purchases)::bigint, sum(money)::bigint from all_days
        where d > date '{then.as_of}' and c in (select c from customers) group by c""").fetchall()}
    earlier = dict(then.db.execute(f"""select c, sum(money)::bigint from all_days
        where d > date '{then.as_of}' - {horizon} group by c""").fetchall())
    groups: dict[tuple, list] = {}
    for c, own in known.items():
        orders, money = outcomes.get(c, (0, 0))
        cell = "".join(map(str, own["scores"]))
        scores = {f"{letter}_score": str(score) for letter, score in zip("rfm", own["scores"], strict=True)}
        for name in ({"segment": own["segment"], "octant": own["octant"], "cell": cell} | scores).items():
            groups.setdefault(name, []).append((orders, money, earlier.get(c, 0)))
    rows = []
    for (by, name), own in sorted(groups.items()):
        n, buyers = len(own), sum(orders > 0 for orders, *_ in own)
        orders, money, before = (sum(values) for values in zip(*own, strict=True))
        rows.append((by, name, n, buyers, buyers / n, *wilson(buyers, n), orders, money, money / 100 / orders if orders else None,
                     (money - before) / 100 / n))
    summary = []
    for name, value in (("f_score", lambda s: s[1]), ("m_score", lambda s: s[2]), ("r_score", lambda s: s[0]), ("score_sum", sum)):
        ranked = [(value(own["scores"]), outcomes.get(c, (0, 0))[0] > 0) for c, own in known.items()]
        yes, no = ([v for v, bought in ranked if bought == side] for side in (True, False))
        auc = float(mannwhitneyu(yes, no).statistic / (len(yes) * len(no))) if yes and no else None
        summary.append((name, horizon, len(ranked), len(yes), auc, len(now.scored(now.cuts())) - sum(
            c in known for c, *_ in now.scored(now.cuts()))))
    return rows, summary


def published(path: Path, columns: list[str], order_by: str) -> list[tuple]:
    """Rows of a table; money as whole cents."""
    db = duckdb.connect()
    types = {row[0]: row[1] for row in db.execute(f"describe select * from '{path}'").fetchall()}
    cents = [f'("{c}" * 100)::bigint' if types[c].startswith("DECIMAL") else f'"{c}"' for c in columns]
    return db.execute(f"select {', '.join(cents)} from '{path}' order by {order_by}").fetchall()


def same(one: object, other: object) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


def differing(name: str, expected: list[tuple], found: list[tuple]) -> list[str]:
    if len(expected) != len(found):
        return [f"{name}: {len(expected)} rows expected, {len(found)} found"]
    wrong = [(e, f) for e, f in zip(expected, found, strict=True) if not all(map(same, e, f))]
    return [f"{name}: {len(wrong)} of {len(expected)} rows differ, such as\n  {wrong[0][0]}\n  {wrong[0][1]}"] if wrong else []


def check(binary: Path, seed: int, customers: int) -> list[str]:
    settings, period = SETTINGS[seed % len(SETTINGS)], PERIODS[seed % len(PERIODS)]
    random = np.random.default_rng(1000 + seed)
    now = FIRST + dt.timedelta(int(random.integers(430, 620)))
    # With a window of everything an evaluation may not reach beyond it.
    longest = 90 if "dates.window_applies_to" in settings else 200
    then = now - dt.timedelta(int(random.integers(20, longest)))
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "rows.parquet", Path(folder) / "out"
        rows(seed, customers).write_parquet(source)
        asked = settings | {"health.every": period, "health.periods": 15, "health.grid": "true", "cohorts.by": period, "cohorts.loyalty_ladder": "true"}
        first, second = publish(binary, source, output, then, settings), publish(binary, source, output, now, asked)
        moves = Path(folder) / "moves"
        run([binary, "compare", first, second, "--by", "segment", "--by", "octant", "--output", moves, "--customers"])
        moves /= f"as_of={now}"
        shops = [Shop(source, date, settings) for date in (then, now)]
        expected, of_customers = migration(*shops)
        columns = ["basis", "by", "from_segment", "to_segment", "customers", "share_of_from", "from_revenue", "to_revenue",
                   "from_average_order_value", "to_average_order_value"]
        problems += differing("migration", expected, published(moves / "migration.parquet", columns, "all"))
        columns = ["customer_id", "from_segment", "to_segment", "moved", "moved_by_breaks", "r_score_before", "f_score_before",
                   "m_score_before", "r_score", "f_score", "m_score", "frozen_segment"]
        path = moves / "migration_customers.parquet"
        problems += differing("migration_customers", of_customers, published(path, columns, "customer_id"))
        problems += check_run(binary, source, Path(folder) / "again", shops, (settings, then, now))
        shop = shops[1]
        for name, rows_of, order_by in (
            ("loyalty_ladder", ladder(shop), "step"),
            ("cohorts", cohorts(shop, period), "cohort, age"),
            ("health", health(shop, period, 15), "date"),
        ):
            columns = {
                "loyalty_ladder": ["step", "customers_with_k", "customers_with_next", "share", "median_days", "lower_quartile_days",
                                   "upper_quartile_days", "share_within_90", "share_within_180", "share_within_365"],
                "cohorts": ["cohort", "age", "customers", "active", "retention", "orders", "revenue",
                            "cumulative_revenue_per_customer"],
                "health": ["date", "active_30", "active_60", "active_90", "known_customers", "active_30_share", "buyers",
                           "first_time", "returning", "reactivated", "orders", "revenue", "change_on_previous", "change_on_year",
                           "sign", "sign_on_year"],
            }[name]
            problems += differing(name, rows_of, published(second / f"{name}.parquet", columns, order_by))
        columns = ["date", "grid_cell", "customers", "customer_share", "revenue", "revenue_per_customer"]
        found = published(second / "grid_over_time.parquet", columns, "date, grid_cell")
        problems += differing("grid_over_time", grid(shop, 15, settings), [row for row in found if row[2]])
    return [f"seed {seed}, {settings}, {period}: {problem}" for problem in problems]


def check_run(binary: Path, source: Path, output: Path, shops: list[Shop], asked: tuple) -> list[str]:
    """A run that compares, looks for alerts and evaluates: with the same earlier date as the tables."""
    settings, then, now = asked
    further = {
        "compare.with": then,
        "compare.by": ["segment", "octant"],
        "compare.customers": "true",
        "alerts.reasons": ["score_fell", "own_rhythm"],
        "evaluate.horizon_days": (now - then).days,
    }
    run_at = publish(binary, source, output, now, settings | further)
    expected, of_customers = migration(*shops)
    columns = ["basis", "by", "from_segment", "to_segment", "customers", "share_of_from", "from_revenue", "to_revenue",
               "from_average_order_value", "to_average_order_value"]
    problems = differing("migration of a run", expected, published(run_at / "migration.parquet", columns, "all"))
    columns = ["customer_id", "from_segment", "to_segment", "moved", "moved_by_breaks", "r_score_before", "f_score_before",
               "m_score_before", "r_score", "f_score", "m_score", "frozen_segment"]
    path = run_at / "migration_customers.parquet"
    problems += differing("migration_customers of a run", of_customers, published(path, columns, "customer_id"))
    columns = ["customer_id", "segment", "reasons", "days_since_last_order", "own_limit_days", "r_score_before", "r_score",
               "revenue_last_365_days", "r_score_frozen"]
    order_by = "revenue_last_365_days desc, customer_id"
    problems += differing("alerts", alerts(*shops), published(run_at / "alerts.parquet", columns, order_by))
    groups, summary = evaluation(*shops)
    columns = ["group_by", "group", "customers", "buyers", "repurchase_rate", "rate_low", "rate_high", "orders", "revenue",
               "average_order_value", "change_of_revenue_per_customer"]
    problems += differing("evaluation", groups, published(run_at / "evaluation.parquet", columns, "all"))
    columns = ["ranking", "horizon_days", "customers", "buyers", "auc", "new_customers"]
    return problems + differing("evaluation_summary", summary, published(run_at / "evaluation_summary.parquet", columns, "ranking"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--customers", type=int, default=400)
    arguments = parser.parse_args()
    problems = [
        problem
        for seed in range(arguments.seeds)
        for problem in check(arguments.binary.resolve(), seed, arguments.customers)
    ]
    print("\n".join(problems) or f"over time: {arguments.seeds} data sets agree with DuckDB")
    raise SystemExit(bool(problems))


if __name__ == "__main__":
    main()
