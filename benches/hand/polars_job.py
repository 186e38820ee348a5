"""The job of `duckdb_job.py` as a script in Python Polars, on its streaming engine; or the scan of its columns alone.

    polars_job.py GLOB OUT --as-of DATE --mode rows|orders [--key COLUMN] [--scan-only]
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import polars as pl


def scan(source: str, as_of: dt.date, mode: str, key: str) -> pl.LazyFrame:
    columns = [pl.col(key).alias("customer"), "order_ts", "amount", *(["order_id"] if mode == "orders" else [])]
    until = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
    rows = pl.scan_parquet(source).select(columns)
    return rows.filter(pl.col("order_ts") < until, pl.col("customer").is_not_null())


def scan_only(source: str, as_of: dt.date, mode: str, key: str) -> None:
    """Every needed column is decoded, and nothing is done with it."""
    rows = scan(source, as_of, mode, key)
    rows.map_batches(lambda batch: batch.clear(), streamable=True).collect(engine="streaming")


def job(source: str, out: Path, as_of: dt.date, mode: str, key: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    orders = pl.len() if mode == "rows" else pl.col("order_id").n_unique()
    measures = (
        scan(source, as_of, mode, key)
        .group_by("customer")
        .agg(
            last_ts=pl.col("order_ts").max(),
            first_ts=pl.col("order_ts").min(),
            orders=orders,
            revenue=pl.col("amount").sum(),
        )
        .collect(engine="streaming")
    )

    def score(column: str) -> pl.Expr:
        cuts = [measures[column].quantile(share, "lower") for share in (0.2, 0.4, 0.6, 0.8)]
        return pl.sum_horizontal(pl.lit(1, pl.Int8), *((pl.col(column) > cut).cast(pl.Int8) for cut in cuts))

    r, fm = pl.col("r"), pl.col("fm")
    segment = (
        pl.when((r >= 4) & (fm >= 4)).then(pl.lit("best")).when(fm >= 4).then(pl.lit("slipping"))
        .when((r >= 4) & (fm < 2)).then(pl.lit("new")).when((r >= 3) & (fm >= 2.5)).then(pl.lit("steady"))
        .when(r >= 3).then(pl.lit("small")).when(fm >= 2.5).then(pl.lit("at risk")).otherwise(pl.lit("gone"))
    )  # fmt: skip
    midnight = dt.datetime.combine(as_of, dt.time())
    scored = (
        measures.lazy()
        .with_columns(r=score("last_ts"), f=score("orders"), m=score("revenue"))
        .with_columns(fm=(pl.col("f") + pl.col("m")) / 2, recency_days=(midnight - pl.col("last_ts")).dt.total_days())
        .with_columns(segment=segment)
        .collect()
    )
    scored.write_parquet(out / "customers.parquet")
    customers, revenue = len(scored), scored["revenue"].sum()
    sums = [pl.len().alias("customers"), pl.col("revenue").sum()]
    means = [pl.col("recency_days").mean(), pl.col("orders").mean()]
    segments = scored.group_by("segment").agg(*sums, *means)
    segments = segments.with_columns(share=pl.col("customers") / customers, revenue_share=pl.col("revenue") / revenue)
    segments.sort("revenue", descending=True).write_parquet(out / "segments.parquet")
    scored.group_by("r", "f", "m").agg(*sums).sort("r", "f", "m").write_parquet(out / "cells.parquet")
    parts = scored.select(pl.col("revenue").sort(descending=True)).with_row_index()
    parts = parts.group_by(part=pl.col("index") * 100 // max(customers, 1)).agg(*sums).sort("part")
    parts.with_columns(cumulative_share=pl.col("revenue").cum_sum() / revenue).write_parquet(out / "pareto.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out", type=Path)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--mode", choices=["rows", "orders"], default="orders")
    parser.add_argument("--key", default="customer_id")
    parser.add_argument("--scan-only", action="store_true")
    options = parser.parse_args()
    if options.scan_only:
        scan_only(options.source, options.as_of, options.mode, options.key)
    else:
        job(options.source, options.out, options.as_of, options.mode, options.key)


if __name__ == "__main__":
    main()
