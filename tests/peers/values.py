"""What predictions, holdouts, yearly and social values add to a run, computed again by DuckDB.

    values.py --binary target/release/rfmetrics --seeds 10
    values.py --binary target/release/rfmetrics --seeds 1 --keep DIR        leaves the tables of the last seed there

Sums, ranks, groups and shares of the predictions are taken from the published `customers`; what happened (years of
customers, repeats by week, the holdout) from the raw order lines, in whole minor units; social and planned values from the
tables they are made of. The models themselves are checked elsewhere (`tests/all/models.rs`). Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

import cases
import program

HORIZONS = ["3_months", "12_months"]
GROUPS = 10
CLASSES = 3
HOLDOUT = 120
MARGIN, RATE, RETENTION, ACQUISITION = 0.4, 0.08, 0.75, 12.5
PROFITS = [90.0, 70.5, 0.0, 40.25]
WEIGHTS = [0.5, 0.3, 0.2]
RELATIVE, ABSOLUTE = 1e-9, 1e-9


def run(binary: Path, source: Path, side: Path, output: Path, as_of: dt.date, seed: int) -> Path:
    settings = {
        "predict.model": ("bg_nbd", "mbg_nbd")[seed // 2 % 2],
        "predict.horizons": "3,12",
        "predict.holdout_days": HOLDOUT,
        "predict.by_year": "true",
        "predict.margin": MARGIN,
        "predict.discount_rate": RATE,
        "predict.retention": RETENTION,
        "predict.acquisition_cost": ACQUISITION,
        "predict.yearly_profits": json.dumps(PROFITS),
        "predict.profits.path": side / "profits.parquet",
        "predict.profits.years": '["first", "second"]',
        "social.path": side / "social.parquet",
        "social.weights": json.dumps(WEIGHTS),
        "social.map_classes": CLASSES,
        "reports.pareto_groups": GROUPS,
        "clean.max_quarantined_share": 1.0,
        "run.threads": 1 + seed % 2,
    }
    return program.publish(binary, source, output, as_of, settings)


def write_side_tables(source: Path, side: Path, seed: int) -> None:
    """Two thirds of the customers have social measures, half of them profits; some rows match no customer."""
    side.mkdir(parents=True)
    ids = duckdb.sql(f"select distinct customer_id from read_parquet('{source}/*.parquet') where customer_id is not null order by 1")
    ids = ids.pl()["customer_id"]
    rng = np.random.default_rng([seed, 99])
    nobody = ["nobody"] if ids.dtype == pl.String else [1 << 60]
    some = pl.concat([ids.filter(pl.Series(rng.random(ids.len()) < 2 / 3)), pl.Series(nobody, dtype=ids.dtype)])
    count = some.len()

    def holes(values: np.ndarray) -> pl.Series:
        return pl.Series([None if hole else value for value, hole in zip(values.tolist(), rng.random(values.size) < 0.1)])

    pl.DataFrame(
        {
            "customer_id": some,
            "followers": holes(rng.pareto(1.0, count).round(3)),
            "interactions": holes(rng.integers(0, 50, count)),
            "comments": holes(rng.integers(0, 5, count)),
            "shares": holes(rng.integers(0, 3, count)),
            "referrals": holes(rng.poisson(0.3, count)),
        }
    ).write_parquet(side / "social.parquet")
    some = pl.concat([ids.filter(pl.Series(rng.random(ids.len()) < 1 / 2)), pl.Series(nobody, dtype=ids.dtype)])
    first, second = rng.normal(50, 40, some.len()).round(2), rng.integers(-20, 90, some.len())
    pl.DataFrame({"customer_id": some, "first": holes(first), "second": holes(second)}).write_parquet(
        side / "profits.parquet"
    )


class Expected:
    """The tables as DuckDB makes them. Money is in whole minor units."""

    def __init__(self, source: Path, side: Path, published: Path, as_of: dt.date):
        self.db, self.as_of = duckdb.connect(), as_of
        self.db.execute("set TimeZone = 'UTC'; set threads = 1")
        for name in ("social", "profits"):
            self.db.execute(f"create view {name} as select * from read_parquet('{side}/{name}.parquet')")
        self.db.execute(f"""
            create table customers as select *, (revenue * 100)::bigint as units
            from read_parquet('{published}/customers.parquet', hive_partitioning = false)""")
        columns = [row[0] for row in self.db.sql(f"describe select * from read_parquet('{source}/*.parquet')").fetchall()]
        self.order = "order_id::varchar" if "order_id" in columns else "row_number() over ()::varchar"
        self.db.execute(f"""
            create table lines as
            select customer_id, {self.order} as order_key, cast(order_ts as date) as day,
                (round(amount::varchar::decimal(38, 12), 2) * 100)::bigint as units
            from read_parquet('{source}/*.parquet')
            where customer_id is not null and trim(customer_id::varchar) <> '' and order_ts is not null
                and cast(order_ts as date) <= date '{as_of}'""")
        self.db.execute(f"create table orders as {self.orders(as_of)}")
        self.db.execute(f"create table orders_at_cut as {self.orders(as_of - dt.timedelta(days=HOLDOUT))}")
        # Days with a purchase, of whomever, up to the analysis date.
        self.db.execute("create table days as select distinct customer_id, day from orders where is_purchase")
        self.db.execute("""
            create table occasions as
            select *, min(day) over (partition by customer_id) as first_day,
                row_number() over (partition by customer_id order by day) as number
            from days""")

    def orders(self, until: dt.date) -> str:
        """Orders as the lines dated up to a day have them; a purchase is above zero, or zero without a line below zero."""
        return f"""
            select customer_id, min(day) as day, sum(units)::bigint as units,
                sum(units) > 0 or (sum(units) = 0 and min(units) >= 0) as is_purchase
            from lines where day <= date '{until}' group by customer_id, order_key"""

    def tables(self) -> dict[str, str]:
        return {
            "clv_pareto": " union all ".join(self.clv_pareto(horizon) for horizon in HORIZONS),
            "customer_years": self.customer_years(),
            "planned_ltv": self.planned_ltv(),
            "value_map": self.value_map(),
            "model_repeats": self.model_repeats(),
            "model_tracking": self.model_tracking(),
            "calibration": self.calibration(),
            "calibration_summary": self.calibration_summary(),
            "segments": self.sums("segment"),
            "octants": self.sums("octant"),
            "customers": self.customers(),
        }

    def clv_pareto(self, horizon: str) -> str:
        return f"""
            select '{horizon}' as horizon, clv_group::int as clv_group, customers, customers / n as customer_share, clv,
                case when total > 0 then clv / total end as clv_share,
                sum(customers) over so_far / n as cumulative_customer_share,
                case when total > 0 then sum(clv) over so_far / total end as cumulative_clv_share,
                lowest_clv, highest_clv, revenue
            from (
                select clv_group, count(*) as customers, sum(clv) as clv, min(clv) as lowest_clv, max(clv) as highest_clv,
                    sum(units)::bigint as revenue, any_value(n) as n, any_value(total) as total
                from (
                    select clv_{horizon} as clv, units,
                        ntile(least({GROUPS}, (select count(clv_{horizon}) from customers)))
                            over (order by clv_{horizon} desc, customer_id) as clv_group,
                        count(*) over () as n, sum(clv_{horizon}) over () as total
                    from customers where clv_{horizon} is not null)
                group by clv_group)
            window so_far as (order by clv_group rows unbounded preceding)"""

    def customer_years(self) -> str:
        """Years begin on anniversaries of the first purchase: DuckDB puts that of 29 February on the 28th, and the 1st of March is
        the next day. Only customers of the table are published."""
        return f"""
            with first as (select customer_id, min(day) as first_day from days group by customer_id),
            anniversaries as (
                select customer_id, n + 1 as year,
                    (first_day + to_years(n::int))::date
                        + (day(first_day) <> day(first_day + to_years(n::int)))::int as begins
                from first, range(0, 60) t(n)),
            years as (
                select customer_id, year::int as year, count(*) filter (is_purchase) as orders, sum(units)::bigint as revenue
                from (
                    select o.*, greatest((select count(*) from anniversaries a
                        where a.customer_id = o.customer_id and a.begins <= o.day), 1) as year
                    from orders o semi join customers using (customer_id) semi join first using (customer_id))
                group by all having orders > 0 or revenue <> 0)
            select customer_id, year, orders, revenue, {MARGIN} * revenue / 100 as profit,
                sum({MARGIN} * revenue / 100 / pow(1 + {RATE}, year)) over (partition by customer_id order by year)
                    - {ACQUISITION} as historical_ltv
            from years order by customer_id, year"""

    def planned_ltv(self) -> str:
        rows = ", ".join(f"({year}, {profit}::double)" for year, profit in enumerate(PROFITS, 1))
        return f"""
            select year, profit, pow({RETENTION}, year - 1) as staying_share,
                profit * pow({RETENTION}, year - 1) / pow(1 + {RATE}, year) as discounted_profit,
                sum(profit * pow({RETENTION}, year - 1) / pow(1 + {RATE}, year)) over (order by year) - {ACQUISITION} as ltv
            from (values {rows}) given(year, profit) order by year"""

    def classes(self, value: str) -> str:
        """Tables of an SQL query: type 7 quantiles of whole millionths; a class is one more than the thresholds below, all
        compared as whole numbers, which a threshold times the number of classes is."""
        return f"""
            ranked_{value} as (
                select customer_id, round({value} * 1e6)::hugeint as v, row_number() over (order by round({value} * 1e6)) - 1 as place
                from both_values),
            places_{value} as (
                select k * (n - 1) // {CLASSES} as place, k * (n - 1) % {CLASSES} as part, n - 1 as last
                from range(1, {CLASSES}) t(k), (select count(*) as n from both_values)),
            cuts_{value} as (
                select low.v * {CLASSES} + part * (high.v - low.v) as cut
                from places_{value} p join ranked_{value} low on low.place = p.place
                join ranked_{value} high on high.place = least(p.place + 1, last)),
            {value}_classes as (
                select customer_id, 1 + count(cut) as {value}_class
                from ranked_{value} left join cuts_{value} on cut < v * {CLASSES} group by customer_id)"""

    def value_map(self) -> str:
        last = HORIZONS[-1]
        return f"""
            with both_values as (
                select customer_id, clv_{last} as clv, scv, units from customers where clv_{last} is not null and scv is not null),
            {self.classes("clv")}, {self.classes("scv")},
            filled as (
                select clv_class, scv_class, count(*) as customers, sum(clv) as clv, avg(scv) as mean_scv, sum(units)::bigint as revenue
                from both_values join clv_classes using (customer_id) join scv_classes using (customer_id) group by all),
            whole as (select count(*) as n, sum(clv) as total from both_values)
            select c::int as clv_class, s::int as scv_class, coalesce(customers, 0) as customers,
                case when n > 0 then coalesce(customers, 0) / n end as customer_share, coalesce(clv, 0) as clv,
                case when total > 0 then coalesce(clv, 0) / total end as clv_share, mean_scv, coalesce(revenue, 0) as revenue
            from range(1, {CLASSES + 1}) a(c) cross join range(1, {CLASSES + 1}) b(s) cross join whole
            left join filled on clv_class = c and scv_class = s order by c desc, s desc"""

    def model_repeats(self) -> str:
        return """
            with own as (select customer_id, least(count(*) - 1, 7) as repeats from days group by customer_id)
            select r::int as repeats, count(customer_id) as actual_customers
            from range(0, 8) t(r) left join own on repeats = r group by r order by r"""

    def model_tracking(self) -> str:
        return f"""
            with first as (select min(day) as start from days),
            weeks as (
                select w::int as week, least(start + (7 * w - 1)::int, date '{self.as_of}') as last_date
                from first, range(1, ((date '{self.as_of}' - start) // 7 + 2)) t(w))
            select week, last_date, (select count(*) from occasions where number > 1 and day <= last_date) as actual_repeats
            from weeks order by week"""

    def holdout(self) -> str:
        return f"""
            with before as (
                select customer_id, count(distinct day) - 1 as x from orders_at_cut where is_purchase group by customer_id),
            own as (
                select customer_id, x, count(distinct day) filter (is_purchase) as orders, coalesce(sum(units), 0) / 100 as revenue
                from before left join (select * from orders where day > date '{self.as_of}' - {HOLDOUT}) using (customer_id)
                group by all)"""

    def calibration(self) -> str:
        """The groups by frequency; who is in which tenth depends on the predictions."""
        return self.holdout() + """
            select 'frequency' as grouping, g::int as "group", count(customer_id) as customers,
                avg(orders) as mean_actual_orders, avg(revenue) as mean_actual_revenue
            from range(0, 8) t(g) left join own on least(x, 7) = g group by g order by g"""

    def calibration_summary(self) -> str:
        return self.holdout() + f"""
            select * from (
                select unnest(['customers', 'holdout_days', 'orders_actual', 'revenue_actual']) as measure,
                    unnest([count(*), {HOLDOUT}, sum(orders), sum(revenue)]::double[]) as value from own)
            order by measure"""

    def sums(self, group: str) -> str:
        figures = ["p_alive", *(f"{name}_{horizon}" for horizon in HORIZONS for name in ("expected_orders", "clv"))]
        columns = []
        for figure in figures:
            shown = "expected_customers_alive" if figure == "p_alive" else figure
            share = f"{shown}_share" if figure == "p_alive" else figure.replace("orders", "orders_share").replace("clv", "clv_share")
            columns.append(f"sum({figure}) as {shown}")
            columns.append(f"case when sum(sum({figure})) over () > 0 then sum({figure}) / sum(sum({figure})) over () end as {share}")
        return f"select {group}, {', '.join(columns)} from customers group by {group} order by {group}"

    def customers(self) -> str:
        """Ranks, planned values, and social values from their tables. Null counts as 0."""
        index = {
            "influence": ["followers"],
            "activity": ["interactions", "comments", "shares"],
            "value": ["referrals"],
        }
        measured = [name for names in index.values() for name in names]
        ranges = ", ".join(
            f"coalesce((coalesce({m}, 0) - min(coalesce({m}, 0)) over ()) / nullif(max(coalesce({m}, 0)) over () "
            f"- min(coalesce({m}, 0)) over (), 0), 0) as {m}"
            for m in measured
        )
        means = {name: f"({' + '.join(of)}) / {len(of)}" for name, of in index.items()}
        scv = " + ".join(f"{weight} * {mean}" for weight, mean in zip(WEIGHTS, means.values()))
        profit = " + ".join(
            f"coalesce({name}, 0) * pow({RETENTION}, {year - 1}) / pow(1 + {RATE}, {year})"
            for year, name in enumerate(("first", "second"), 1)
        )
        return f"""
            with known as (select * from social semi join customers using (customer_id)),
            scaled as (select customer_id, {ranges} from known),
            ranked as (
                select customer_id, row_number() over (order by clv_{HORIZONS[-1]} desc, customer_id) as clv_rank
                from customers where clv_{HORIZONS[-1]} is not null)
            select customer_id, ranked.clv_rank, case when profits.customer_id is not null then {profit} - {ACQUISITION} end as planned_ltv,
                {", ".join(f"{mean} as {name}_index" for name, mean in means.items())}, {scv} as scv
            from (select customer_id from customers) left join ranked using (customer_id) left join profits using (customer_id)
                left join scaled using (customer_id)
            order by customer_id"""


def compare(name: str, expected: pl.DataFrame, path: Path) -> list[str]:
    """Differences in the columns that are expected, in the order of rows that is published."""
    if not path.exists():
        return [f"{name}: {path.name} is missing"]
    found = pl.read_parquet(path)
    if name in ("segments", "octants"):
        found = found.filter(pl.col("customers") > 0).sort(expected.columns[0])
    if name == "calibration":
        found = found.filter(pl.col("grouping") == "frequency")
    if name == "calibration_summary":
        found = found.filter(pl.col("measure").is_in(expected["measure"].implode()))
    if found.height != expected.height:
        return [f"{name}: {expected.height} rows expected, {found.height} found"]
    problems = []
    for column in expected.columns:
        left, right = expected[column], found[column]
        if isinstance(right.dtype, pl.Decimal):
            right = (right * 100).cast(pl.Int64)
        if left.dtype.is_float() or right.dtype.is_float() or isinstance(left.dtype, pl.Decimal):
            left, right = left.cast(pl.Float64), right.cast(pl.Float64)
            far = (left - right).abs() > ABSOLUTE + RELATIVE * pl.select(pl.max_horizontal(left.abs(), right.abs())).to_series()
            wrong = (left.is_null() != right.is_null()) | far.fill_null(False)
        else:
            wrong = left.cast(right.dtype).ne_missing(right)
        if wrong.any():
            place = wrong.arg_true()[0]
            problems.append(f"{name}: `{column}` differs in {wrong.sum()} rows, first in row {place}: {left[place]}, found {right[place]}")
    return problems


def case_of(seed: int) -> cases.Case:
    """Customers who buy at different rates and leave after different times, which is what the models are about."""
    ids = ("integer", "short", "uuid")[seed % 3]
    case = cases.simulated(seed, 9_000 + 911 * (seed % 5), 2, ids, seed % 2 == 0, seed % 4 < 2, files=1 + seed % 3)
    lines = pl.from_arrow(pa.concat_tables(case.tables))
    customers = lines.select("customer_id").unique(maintain_order=True)
    days = np.random.default_rng([seed, 7]).exponential(250, customers.height)
    ends = customers.with_columns(life=pl.duration(seconds=(pl.Series(days) * 86_400).cast(pl.Int64)))
    lines = lines.join(ends, on="customer_id", how="left", nulls_equal=True, maintain_order="left")
    first = pl.col("order_ts").min().over("customer_id")
    stays = pl.col("customer_id").is_null() | pl.col("order_ts").is_null() | (pl.col("order_ts") <= first + pl.col("life"))
    case.tables = cases.cut(lines.filter(stays).drop("life").to_arrow(), len(case.tables))
    case.as_of -= dt.timedelta(days=30 * (seed % 3))
    return case


def check(binary: Path, seed: int, work: Path, keep: Path | None) -> list[str]:
    source, side, output = work / f"{seed}", work / f"{seed}-side", keep or work / f"{seed}-out"
    case = case_of(seed)
    case.write(source)
    write_side_tables(source, side, seed)
    published = run(binary, source, side, output, case.as_of, seed)
    expected = Expected(source, side, published, case.as_of)
    if expected.db.sql(f"select count(clv_{HORIZONS[0]}) as n from customers").pl()["n"][0] < 100:
        return ["fewer than a hundred customers have a clv: this compares nothing"]
    problems = []
    for name, query in expected.tables().items():
        problems += compare(name, expected.db.sql(query).pl(), published / f"{name}.parquet")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="directory for the published tables of each seed, the last one on top")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="rfmetrics-values-") as work:
        for seed in range(1, options.seeds + 1):
            try:
                problems = check(options.binary, seed, Path(work), options.keep)
            except (RuntimeError, duckdb.Error, pl.exceptions.PolarsError) as error:
                problems = [f"{type(error).__name__}: {error}"]
            print(f"{'DIFF' if problems else 'ok':4} seed {seed:3}  {case_of(seed).name}", *problems, sep="\n     ")
            failed += bool(problems)
    print(f"{options.seeds} runs, {failed} with differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
