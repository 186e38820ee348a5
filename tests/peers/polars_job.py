"""The racing job in Python Polars: order lines in Parquet to the customers table and its reports in Parquet.

Streaming engine for the two aggregations (lines to orders, orders to customers); the rest works on one row per
customer in memory. Money is whole minor units in 64 bits, so that sums are exact, as in the product.
The number of threads is polars' own: the variable POLARS_MAX_THREADS, else all cores.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import polars as pl

QUINTILES = (0.2, 0.4, 0.6, 0.8)
ABC_LIMITS = (0.80, 0.95)
PARETO_GROUPS = 100
OCTANTS = [
    ("111", "high value", "重要价值客户"),
    ("110", "general value", "一般价值客户"),
    ("101", "to develop", "重要发展客户"),
    ("100", "general, to develop", "一般发展客户"),
    ("011", "to keep", "重要保持客户"),
    ("010", "general, to keep", "一般保持客户"),
    ("001", "to win back", "重要挽留客户"),
    ("000", "general, to win back", "一般挽留客户"),
]


def measures(input_directory: str, as_of: dt.date) -> pl.DataFrame:
    lines = pl.scan_parquet(f"{input_directory}/*.parquet")
    schema = lines.collect_schema()
    day_after = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(), dt.UTC)
    valid = pl.col("customer_id").is_not_null() & pl.col("amount").is_finite() & (pl.col("order_ts") < day_after)
    if schema["customer_id"] == pl.String:
        valid &= pl.col("customer_id").str.strip_chars() != ""
    units = (pl.col("amount") * 100).round(mode="half_away_from_zero").cast(pl.Int64)
    lines = lines.filter(valid)
    if "order_id" in schema:
        orders = lines.group_by("customer_id", "order_id").agg(
            day=pl.col("order_ts").min().dt.date(), units=units.sum(), line_count=pl.len()
        )
    else:
        orders = lines.select(
            "customer_id", day=pl.col("order_ts").dt.date(), units=units, line_count=pl.lit(1, pl.UInt32)
        )
    customers = orders.group_by("customer_id").agg(
        first_order_date=pl.col("day").min(),
        last_order_date=pl.col("day").max(),
        orders=pl.len().cast(pl.Int64),
        purchase_days=pl.col("day").n_unique().cast(pl.Int64),
        transactions=pl.col("line_count").sum().cast(pl.Int64),
        units=pl.col("units").sum(),
        largest_units=pl.col("units").max(),
    )
    return customers.with_columns(
        recency_days=(pl.lit(as_of) - pl.col("last_order_date")).dt.total_days().cast(pl.Int32),
        tenure_days=(pl.lit(as_of) - pl.col("first_order_date")).dt.total_days().cast(pl.Int32),
    ).collect(engine="streaming")


def passed(column: str, thresholds: list[float]) -> pl.Expr:
    return pl.sum_horizontal([(pl.col(column) > threshold).cast(pl.Int32) for threshold in thresholds])


def segment() -> pl.Expr:
    r, f = pl.col("r_score"), pl.col("f_score")
    return (
        pl.when((r <= 2) & (f <= 2))
        .then(pl.lit("hibernating"))
        .when((r <= 2) & (f <= 4))
        .then(pl.lit("at_risk"))
        .when(r <= 2)
        .then(pl.lit("cannot_lose"))
        .when((r == 3) & (f <= 2))
        .then(pl.lit("about_to_sleep"))
        .when((r == 3) & (f == 3))
        .then(pl.lit("needs_attention"))
        .when((r <= 4) & (f >= 4))
        .then(pl.lit("loyal"))
        .when((r == 4) & (f == 1))
        .then(pl.lit("promising"))
        .when(f == 1)
        .then(pl.lit("new"))
        .when(f <= 3)
        .then(pl.lit("potential_loyalist"))
        .otherwise(pl.lit("champions"))
    )


def learn(table: pl.DataFrame) -> dict[str, list[float]]:
    return {
        column: [table[column].quantile(p, interpolation="linear") for p in QUINTILES]
        for column in ("recency_days", "orders", "units")
    }


def score(table: pl.DataFrame, thresholds: dict[str, list[float]]) -> pl.DataFrame:
    """Scores, groups, ranks and shares; rows come out by revenue, highest first."""
    n, total = table.height, table["units"].sum()
    recency = pl.col("recency_days")
    bit = {
        name: expression.cast(pl.Int8).cast(pl.String)
        for name, expression in {
            "r": recency < table["recency_days"].mean(),
            "f": pl.col("orders") > table["orders"].mean(),
            "m": pl.col("units") > table["units"].mean(),
        }.items()
    }
    ranked = table.sort(["units", "customer_id"], descending=[True, False]).with_columns(
        revenue_rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        running=pl.col("units").cum_sum(),
        r_score=5 - passed("recency_days", thresholds["recency_days"]),
        f_score=1 + passed("orders", thresholds["orders"]),
        m_score=1 + passed("units", thresholds["units"]),
        octant=bit["r"] + bit["f"] + bit["m"],
        grid_cell=(
            (5 - pl.min_horizontal(pl.col("orders"), 5)) * 5
            + 1
            + (recency > 30).cast(pl.Int64)
            + (recency > 90).cast(pl.Int64)
            + (recency > 180).cast(pl.Int64)
            + (recency > 360).cast(pl.Int64)
        ).cast(pl.Int32),
    )
    small, larger = n // PARETO_GROUPS, n % PARETO_GROUPS
    place = pl.col("revenue_rank") - 1
    in_larger = place < larger * (small + 1)
    before = (pl.col("running") - pl.col("units")) / total if total > 0 else pl.lit(None, pl.Float64)
    return ranked.with_columns(
        cell=pl.concat_str("r_score", "f_score", "m_score"),
        score_sum=pl.sum_horizontal("r_score", "f_score", "m_score"),
        segment=segment(),
        revenue_group=(
            pl.when(in_larger).then(place // (small + 1)).otherwise((place - larger) // max(small, 1)) + 1
        ).cast(pl.Int32),
        abc_class=pl.when(before < ABC_LIMITS[0])
        .then(pl.lit("A"))
        .when(before < ABC_LIMITS[1])
        .then(pl.lit("B"))
        .otherwise(pl.lit("C")),
        cumulative_revenue_share=pl.col("running") / total if total > 0 else pl.lit(None, pl.Float64),
    )


def money(column: str) -> pl.Expr:
    """Whole minor units as decimal(18,2), exactly."""
    return (pl.col(column).cast(pl.Decimal(18, 0)) * pl.lit("0.01").str.to_decimal(scale=2)).cast(pl.Decimal(18, 2))


class Reports:
    def __init__(self, customers: pl.DataFrame, thresholds: dict[str, list[float]]):
        self.customers, self.thresholds = customers, thresholds
        self.n, self.total = customers.height, customers["units"].sum()

    def shares(self) -> list[pl.Expr]:
        revenue_share = pl.col("units").sum() / self.total if self.total > 0 else pl.lit(None, pl.Float64)
        return [
            pl.len().cast(pl.Int64).alias("customers"),
            (pl.len() / self.n).alias("customer_share"),
            pl.col("units").sum().alias("revenue"),
            revenue_share.alias("revenue_share"),
        ]

    order_value = (pl.col("units").sum() / pl.col("orders").sum() / 100).alias("average_order_value")
    cumulative = [
        pl.col("customer_share").cum_sum().alias("cumulative_customer_share"),
        pl.col("revenue_share").cum_sum().alias("cumulative_revenue_share"),
    ]
    share_names = ["customers", "customer_share", "revenue", "revenue_share"]

    def customers_table(self) -> pl.DataFrame:
        return self.customers.sort("customer_id").select(
            "customer_id",
            "first_order_date",
            "last_order_date",
            "recency_days",
            "tenure_days",
            "orders",
            "purchase_days",
            "transactions",
            money("units").alias("revenue"),
            (pl.col("units") / pl.col("orders") / 100).alias("average_order_value"),
            money("largest_units").alias("largest_order"),
            "r_score",
            "f_score",
            "m_score",
            "cell",
            "score_sum",
            "segment",
            "octant",
            "grid_cell",
            "abc_class",
            "revenue_rank",
            "cumulative_revenue_share",
        )

    def segments(self) -> pl.DataFrame:
        measures = [("recency_days", "recency_days", 1), ("orders", "orders", 1), ("units", "revenue", 100)]
        found = self.customers.group_by("segment").agg(
            *self.shares(),
            pl.col("orders").sum().alias("all_orders"),
            self.order_value,
            *[(pl.col(column).mean() / unit).alias(f"mean_{name}") for column, name, unit in measures],
            *[(pl.col(column).median() / unit).alias(f"median_{name}") for column, name, unit in measures],
        )
        return (
            found.sort(["revenue", "segment"], descending=[True, False])
            .with_columns(*self.cumulative)
            .select(
                "segment",
                pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("segment_order"),
                "customers",
                "customer_share",
                money("revenue"),
                "revenue_share",
                "cumulative_customer_share",
                "cumulative_revenue_share",
                pl.col("all_orders").alias("orders"),
                "average_order_value",
                *[f"{kind}_{name}" for kind in ("mean", "median") for _, name, _ in measures],
            )
        )

    def pareto(self) -> pl.DataFrame:
        found = self.customers.group_by("revenue_group").agg(
            *self.shares(),
            pl.col("units").min().alias("lowest_revenue"),
            pl.col("units").max().alias("highest_revenue"),
        )
        return found.sort("revenue_group").select(
            "revenue_group",
            "customers",
            "customer_share",
            money("revenue"),
            "revenue_share",
            *self.cumulative,
            money("lowest_revenue"),
            money("highest_revenue"),
        )

    def by(self, *keys: str) -> pl.DataFrame:
        return (
            self.customers.group_by(keys)
            .agg(*self.shares(), self.order_value)
            .sort(keys)
            .with_columns(money("revenue"))
        )

    def with_empty_rows(self, names: pl.DataFrame, key: str, *more: pl.Expr) -> pl.DataFrame:
        found = self.customers.group_by(key).agg(*self.shares(), *more)
        empty = [pl.col("customers", "customer_share", "revenue").fill_null(0)] + (
            [pl.col("revenue_share").fill_null(0)] if self.total > 0 else []
        )
        return (
            names.join(found, on=key, how="left", maintain_order="left")
            .with_columns(*empty)
            .with_columns(money("revenue"))
        )

    def octants(self) -> pl.DataFrame:
        names = pl.DataFrame(OCTANTS, schema=["octant", "name_en", "name_zh"], orient="row")
        return self.with_empty_rows(
            names.select("octant", ("o" + pl.col("octant")).alias("segment"), "name_en", "name_zh"), "octant"
        )

    def grid(self) -> pl.DataFrame:
        bands = pl.DataFrame(
            {
                "grid_cell": pl.Series(range(1, 26), dtype=pl.Int32),
                "recency_band": ["0-30", "31-90", "91-180", "181-360", "361+"] * 5,
                "orders_band": [band for band in ("5+", "4", "3", "2", "1") for _ in range(5)],
            }
        )
        return self.with_empty_rows(
            bands, "grid_cell", self.order_value, (pl.col("units").sum() / pl.len() / 100).alias("revenue_per_customer")
        )

    def score_bounds(self) -> pl.DataFrame:
        parts = []
        for axis, column, score_name, unit in (
            ("orders", "orders", "f_score", 1),
            ("recency_days", "recency_days", "r_score", 1),
            ("revenue", "units", "m_score", 100),
        ):
            upper = [threshold / unit for threshold in self.thresholds[column]]
            upper = [None, *reversed(upper)] if axis == "recency_days" else [*upper, None]
            every = pl.DataFrame(
                {
                    "axis": [axis] * 5,
                    "score": pl.Series(range(1, 6), dtype=pl.Int32),
                    "upper_threshold": pl.Series(upper, dtype=pl.Float64),
                }
            )
            found = self.customers.group_by(score_name).agg(
                (pl.col(column).min() / unit).alias("lowest_value"),
                (pl.col(column).max() / unit).alias("highest_value"),
                pl.len().cast(pl.Int64).alias("customers"),
            )
            parts.append(every.join(found, left_on="score", right_on=score_name, how="left"))
        return (
            pl.concat(parts)
            .sort("axis", "score")
            .select(
                "axis", "score", "lowest_value", "highest_value", pl.col("customers").fill_null(0), "upper_threshold"
            )
        )

    def tables(self) -> dict[str, pl.DataFrame]:
        return {
            "customers": self.customers_table(),
            "segments": self.segments(),
            "pareto": self.pareto(),
            "abc": self.by("abc_class").select("abc_class", *self.share_names),
            "cells": self.by("r_score", "f_score", "m_score", "cell", "segment"),
            "grid": self.grid(),
            "octants": self.octants(),
            "score_bounds": self.score_bounds(),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    customers = measures(options.input, options.as_of)
    thresholds = learn(customers)
    for name, table in Reports(score(customers, thresholds), thresholds).tables().items():
        dated = table.select(pl.lit(options.as_of).alias("as_of"), pl.all())
        dated.write_parquet(options.output / f"{name}.parquet", compression="zstd")


if __name__ == "__main__":
    main()
