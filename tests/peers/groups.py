"""Scores, octants and tables by group of customers, computed again by DuckDB (PARTITION BY) from the raw lines.

The lines are dirty: ids, dates and amounts are missing, customers move between countries, some of these are empty, null, written
like a name that the program gives, or too small for breaks of their own. Compared are the group of every customer, the scores by
`quantile`, `ntile` and nested, the octants by mean and median, the weighted value by min-max, and `score_groups`,
`segments_by_group` and `pareto_by_group`. Values are whole numbers, and so are all comparisons but those of shares and values.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from program import publish

AS_OF = dt.date(2025, 6, 30)
BINS = 5
LEAST = 40
PARETO_GROUPS = 7
COUNTRIES = ["DE", "de", "FR", "Österreich", "a/b", "(none)", "(all)", "", "\\(none)", "LU", None]
WEIGHTS = [40, 20, 15, 10, 6, 6, 3, 6, 2, 1, 8]
CHANNELS = ["web", "till", "a/b", None]
METHODS = {
    "quantile": {},
    "ntile": {f"score.{axis}.method": "ntile" for axis in ("recency", "frequency", "monetary")},
    "nested": {
        "score.combination": "nested",
        "segment.map": "abc",
        **{f"score.{axis}.method": "ntile" for axis in ("recency", "frequency", "monetary")},
    },
}


def write(path: Path, seed: int, customers: int) -> None:
    """Lines in disorder, one in thirty of them bad."""
    random = np.random.default_rng(seed)
    shares = np.array(WEIGHTS) / sum(WEIGHTS)
    rows, order = [], 0
    for customer in range(customers):
        country, channel = random.choice(len(COUNTRIES), p=shares), random.choice(len(CHANNELS))
        rate = 1 + country % 3
        for _ in range(1 + random.poisson(rate)):
            order += 1
            if random.random() < 0.1:
                country = random.choice(len(COUNTRIES), p=shares)
            day = AS_OF - dt.timedelta(int(random.integers(0, 200 * rate)))
            cents = 100 * int(random.gamma(2, 20 * rate)) + 1
            row = [customer * 7 - 300, order, day, cents, COUNTRIES[country], CHANNELS[channel]]
            for _ in range(1 + (random.random() < 0.3)):
                rows.append(list(row))
                if random.random() < 1 / 30:
                    rows[-1][int(random.choice([0, 2, 3]))] = None
    random.shuffle(rows)
    columns = ["customer_id", "order_id", "order_ts", "cents", "country", "channel"]
    kinds = [pl.Int64, pl.Int64, pl.Date, pl.Int64, pl.String, pl.String]
    frame = pl.DataFrame(rows, schema=dict(zip(columns, kinds, strict=True)), orient="row")
    frame.with_columns(amount=pl.col("cents") / 100).write_parquet(path)


def shown(column: str, several: bool) -> str:
    """SQL for the name of a value: no two groups have one."""
    reserved = f"{column} IN ('(none)', '(all)')"
    if several:
        escaped = f"replace(replace({column}, '\\', '\\\\'), '/', '\\/')"
        return f"CASE WHEN {column} IS NULL THEN '(none)' WHEN {reserved} THEN '\\' || {escaped} ELSE {escaped} END"
    reserved = f"ltrim({column}, '\\') IN ('(none)', '(all)')"
    return f"CASE WHEN {column} IS NULL THEN '(none)' WHEN {reserved} THEN '\\' || {column} ELSE {column} END"


def measure(connection: duckdb.DuckDBPyConnection, path: Path, by: list[str]) -> None:
    """Customers with their measures and their group, and everyone whom a group's scores are made of."""
    latest = ", ".join(
        f"(SELECT arg_max({name}, (order_ts, {name})) FROM kept AS own WHERE own.customer_id = c.customer_id"
        f" AND own.{name} IS NOT NULL) AS {name}"
        for name in by
    )
    name = " || '/' || ".join(f"({shown(column, len(by) > 1)})" for column in by)
    connection.execute(f"""
        CREATE OR REPLACE TABLE kept AS SELECT * FROM read_parquet('{path}')
            WHERE customer_id IS NOT NULL AND order_ts IS NOT NULL AND cents IS NOT NULL;
        CREATE OR REPLACE TABLE measured AS
            WITH sums AS (SELECT customer_id, date_diff('day', max(order_ts), DATE '{AS_OF}') AS recency_days,
                count(DISTINCT order_id) AS orders, sum(cents)::BIGINT AS revenue FROM kept GROUP BY customer_id),
            latest AS (SELECT c.*, {latest} FROM sums AS c)
            SELECT *, {name} AS customer_group FROM latest;
        CREATE OR REPLACE TABLE sizes AS
            SELECT customer_group, count(*) AS customers, count(*) >= {LEAST} AS has_own FROM measured GROUP BY ALL;
        -- Everyone among those of their group, and everyone once more: of these the customers of small groups are taken.
        CREATE OR REPLACE TABLE among AS
            SELECT m.*, m.customer_group AS scored_among, true AS is_taken
                FROM measured AS m JOIN sizes USING (customer_group) WHERE has_own
            UNION ALL
            SELECT m.*, NULL, NOT has_own FROM measured AS m JOIN sizes USING (customer_group);
    """)


def quantile_score(column: str, fewer_is_better: bool) -> str:
    """Type 7 in whole numbers: position (n - 1) k / bins, and the value as a multiple of 1 / bins."""
    cuts = " + ".join(
        f"({BINS} * {column} > {BINS} * v_{column}[(n - 1) * {k} // {BINS} + 1]"
        f" + ((n - 1) * {k} % {BINS}) * (v_{column}[least((n - 1) * {k} // {BINS} + 2, n)]"
        f" - v_{column}[(n - 1) * {k} // {BINS} + 1]))::INT"
        for k in range(1, BINS)
    )
    return f"{BINS} - ({cuts})" if fewer_is_better else f"1 + ({cuts})"


def ntile(order: str, within: str = "scored_among") -> str:
    return f"ntile({BINS}) OVER (PARTITION BY {within} ORDER BY {order}, customer_id)"


def scores(method: str) -> str:
    """SQL for the customers with their scores."""
    lists = ", ".join(
        f"list({name} ORDER BY {name}) OVER (PARTITION BY scored_among ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED"
        f" FOLLOWING) AS v_{name}"
        for name in ("recency_days", "orders", "revenue")
    )
    if method == "quantile":
        return f"""WITH listed AS (SELECT *, count(*) OVER (PARTITION BY scored_among) AS n, {lists} FROM among)
            SELECT *, {quantile_score('recency_days', True)} AS r_score, {quantile_score('orders', False)} AS f_score,
                {quantile_score('revenue', False)} AS m_score FROM listed"""
    if method == "ntile":
        return f"""SELECT *, {ntile('recency_days DESC')} AS r_score, {ntile('orders')} AS f_score,
            {ntile('revenue')} AS m_score FROM among"""
    return f"""WITH r AS (SELECT *, {ntile('recency_days DESC')} AS r_score FROM among),
        f AS (SELECT *, {ntile('orders', 'scored_among, r_score')} AS f_score FROM r)
        SELECT *, {ntile('revenue', 'scored_among, r_score, f_score')} AS m_score FROM f"""


def octant(threshold: str) -> str:
    """SQL for the octant: better than the mean or the median, in whole numbers."""
    if threshold == "mean":
        than = {name: (f"{name} * count(*) OVER g", f"sum({name}) OVER g") for name in ("recency_days", "orders", "revenue")}
    else:
        ranked = "list({0} ORDER BY {0}) OVER g"
        than = {
            name: (
                f"2 * {name}",
                f"({ranked.format(name)})[(count(*) OVER g + 1) // 2] + ({ranked.format(name)})[count(*) OVER g // 2 + 1]",
            )
            for name in ("recency_days", "orders", "revenue")
        }
    digit = [f"({own} {sign} {limit})::INT" for (own, limit), sign in zip(than.values(), "<>>", strict=True)]
    return " || ".join(f"({one})::VARCHAR" for one in digit)


def expected(connection: duckdb.DuckDBPyConnection, method: str, threshold: str) -> pl.DataFrame:
    scale = " + ".join(
        f"CASE WHEN max({name}) OVER g = min({name}) OVER g THEN 0 ELSE ({of})::DOUBLE / (max({name}) OVER g - min({name}) OVER g) END"
        for name, of in (
            ("recency_days", "max(recency_days) OVER g - recency_days"),
            ("orders", "orders - min(orders) OVER g"),
            ("revenue", "revenue - min(revenue) OVER g"),
        )
    )
    return connection.sql(f"""
        WITH scored AS ({scores(method)}), told AS (
            SELECT *, {octant(threshold)} AS octant, ({scale}) / 3 AS weighted_value FROM scored
            WINDOW g AS (PARTITION BY scored_among ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))
        SELECT customer_id, customer_group, r_score, f_score, m_score, octant, weighted_value FROM told
        WHERE is_taken ORDER BY customer_id""").pl()


def compare(what: str, found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Every column of `expected`, in its order of rows: floats to nine digits."""
    assert len(found) == len(expected), f"{what}: {len(found)} rows, expected {len(expected)}"
    for name in expected.columns:
        own, other = found[name].to_list(), expected[name].to_list()
        for row, (a, b) in enumerate(zip(own, other, strict=True)):
            is_float = isinstance(b, float) and isinstance(a, float)
            same = abs(a - b) <= 1e-8 * max(1.0, abs(b)) if is_float else a == b
            assert same, f"{what}: row {row} of {name} is {a!r}, expected {b!r} ({expected.row(row)})"


def minor(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return frame.with_columns([(pl.col(name) * 100).cast(pl.Int64) for name in names])


def ranks(connection: duckdb.DuckDBPyConnection, by: list[str]) -> dict[str, int]:
    """The place of each group: nulls first, then by code point."""
    found = connection.execute(f"SELECT DISTINCT {', '.join(by)}, customer_group FROM measured").fetchall()
    found.sort(key=lambda row: [(value is not None, value or "") for value in row[:-1]])
    return {row[-1]: place for place, row in enumerate(found)}


def check_tables(connection: duckdb.DuckDBPyConnection, what: str, published: Path, rank: dict[str, int]) -> None:
    """The tables by group, from the published segments and the measures of the raw lines."""
    customers = pl.read_parquet(published / "customers.parquet")  # noqa: F841
    connection.execute("CREATE OR REPLACE TABLE told AS SELECT m.*, c.segment FROM measured AS m JOIN customers AS c USING (customer_id)")
    groups = connection.sql("""SELECT customer_group, customers, customers / sum(customers) OVER () AS customer_share,
        CASE WHEN has_own THEN 'own' ELSE 'all' END AS breaks FROM sizes""").pl()

    def by_rank(frame: pl.DataFrame) -> pl.DataFrame:
        place = pl.col("customer_group").replace_strict(rank)
        return frame.with_columns(place=place).sort("place", maintain_order=True).drop("place")

    compare(f"{what}, score_groups", pl.read_parquet(published / "score_groups.parquet"), by_rank(groups))
    segments = connection.sql("""
        WITH sums AS (SELECT customer_group, segment, count(*) AS customers, sum(revenue)::BIGINT AS revenue,
            sum(orders)::BIGINT AS orders, avg(recency_days) AS mean_recency_days, avg(orders) AS mean_orders,
            avg(revenue) / 100 AS mean_revenue, median(recency_days) AS median_recency_days, median(orders) AS median_orders,
            median(revenue) / 100 AS median_revenue, sum(revenue) / sum(orders) / 100 AS average_order_value
            FROM told GROUP BY ALL)
        SELECT *, customers / sum(customers) OVER g AS customer_share, revenue / sum(revenue) OVER g AS revenue_share,
            sum(customers) OVER (g ORDER BY revenue DESC, segment) / sum(customers) OVER g AS cumulative_customer_share,
            sum(revenue) OVER (g ORDER BY revenue DESC, segment) / sum(revenue) OVER g AS cumulative_revenue_share
        FROM sums WINDOW g AS (PARTITION BY customer_group) ORDER BY revenue DESC, segment""").pl()
    found = minor(pl.read_parquet(published / "segments_by_group.parquet"), ["revenue"])
    compare(f"{what}, segments_by_group", found, by_rank(segments))
    pareto = connection.sql(f"""
        WITH tiles AS (SELECT *, ntile({PARETO_GROUPS}) OVER (PARTITION BY customer_group ORDER BY revenue DESC, customer_id) AS revenue_group FROM told),
        sums AS (SELECT customer_group, revenue_group, count(*) AS customers, sum(revenue)::BIGINT AS revenue,
            min(revenue) AS lowest_revenue, max(revenue) AS highest_revenue FROM tiles GROUP BY ALL)
        SELECT *, customers / sum(customers) OVER g AS customer_share, revenue / sum(revenue) OVER g AS revenue_share,
            sum(revenue) OVER (g ORDER BY revenue_group) / sum(revenue) OVER g AS cumulative_revenue_share
        FROM sums WINDOW g AS (PARTITION BY customer_group) ORDER BY revenue_group""").pl()
    money = ["revenue", "lowest_revenue", "highest_revenue"]
    found = minor(pl.read_parquet(published / "pareto_by_group.parquet"), money)
    compare(f"{what}, pareto_by_group", found, by_rank(pareto))


def run(binary: Path, seed: int, directory: Path) -> int:
    path = directory / "lines.parquet"
    write(path, seed, customers=300 + 97 * (seed % 5))
    connection, compared = duckdb.connect(), 0
    for by in (["country"], ["channel", "country"]):
        measure(connection, path, by)
        rank = ranks(connection, by)
        for method, settings in METHODS.items():
            threshold = "median" if method == "ntile" else "mean"
            all_settings = {
                "score.by": by,
                "score.by_min_customers": LEAST,
                "reports.by": by,
                "reports.pareto_groups": PARETO_GROUPS,
                "octants.threshold": threshold,
                "score.value.standardise": "min-max",
                "score.composites.columns": ["weighted_value"],
                "columns.attributes": ["channel", "country"],
                "clean.max_quarantined_share": 1.0,
                **settings,
            }
            what = f"seed {seed}, {method} by {', '.join(by)}"
            published = publish(binary, path, directory / "out", AS_OF, all_settings)
            found = pl.read_parquet(published / "customers.parquet").sort("customer_id")
            wanted = expected(connection, method, threshold)
            compare(what, found, wanted.drop("customer_group"))
            check_tables(connection, what, published, rank)
            compared += len(wanted)
    return compared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    arguments = parser.parse_args()
    compared = 0
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        with tempfile.TemporaryDirectory() as directory:
            compared += run(arguments.binary.resolve(), seed, Path(directory))
    print(f"{arguments.seeds} seeds: the scores of {compared} customers in groups, and the tables of the groups, agree")


if __name__ == "__main__":
    main()
