"""RFM as an analyst writes it in SQL: one aggregation, quintiles, a CASE for the segments, four files.

    duckdb_job.py GLOB OUT --as-of DATE --mode rows|orders [--key COLUMN] [--threads N]

It does what one asks of a script, and less than the product: sums in doubles, no purchase days, no largest order, no check of
the input, and no claim that the same rows give the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

SEGMENTS = """case
    when r >= 4 and fm >= 4 then 'best' when fm >= 4 then 'slipping' when r >= 4 and fm < 2 then 'new'
    when r >= 3 and fm >= 2.5 then 'steady' when r >= 3 then 'small' when fm >= 2.5 then 'at risk' else 'gone' end"""


def job(source: str, out: Path, as_of: str, mode: str, key: str, threads: int | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    orders = "count(*)" if mode == "rows" else "count(distinct order_id)"
    with duckdb.connect() as connection:
        if threads:
            connection.execute(f"set threads = {threads}")
        connection.execute(f"""
            create temp table measures as
            select {key} as customer, max(order_ts) as last_ts, min(order_ts) as first_ts, {orders} as orders, sum(amount) as revenue
            from read_parquet('{source}') where order_ts < date '{as_of}' + interval 1 day and {key} is not null group by 1""")
        cuts = [f"quantile_disc({column}, [0.2, 0.4, 0.6, 0.8]) as {name}" for name, column in
                {"cut_r": "last_ts", "cut_f": "orders", "cut_m": "revenue"}.items()]
        connection.execute(f"create temp table cuts as select {', '.join(cuts)} from measures")
        score = {name: " + ".join(["1", *(f"({column} > cut_{name}[{n}])::tinyint" for n in range(1, 5))])
                 for name, column in {"r": "last_ts", "f": "orders", "m": "revenue"}.items()}
        connection.execute(f"""
            create temp table scored as
            with scores as (select measures.*, {", ".join(f"{sql} as {name}" for name, sql in score.items())} from measures, cuts),
                 means as (select *, (f + m) / 2.0 as fm, date_diff('day', last_ts, timestamp '{as_of}') as recency_days from scores)
            select *, {SEGMENTS} as segment from means""")
        files = {
            "customers": "select * from scored",
            "segments": """select segment, count(*) as customers, count(*) / sum(count(*)) over () as share, sum(revenue) as revenue,
                sum(revenue) / sum(sum(revenue)) over () as revenue_share, avg(recency_days) as mean_recency, avg(orders) as mean_orders
                from scored group by segment order by revenue desc""",
            "cells": "select r, f, m, count(*) as customers, sum(revenue) as revenue from scored group by all order by all",
            "pareto": """with parts as (select revenue, ntile(100) over (order by revenue desc) as part from scored)
                select part, count(*) as customers, sum(revenue) as revenue,
                sum(sum(revenue)) over (order by part) / sum(sum(revenue)) over () as cumulative_share from parts group by part order by part""",
        }
        for name, query in files.items():
            connection.execute(f"copy ({query}) to '{out / name}.parquet' (format parquet, compression zstd)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out", type=Path)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--mode", choices=["rows", "orders"], default="orders")
    parser.add_argument("--key", default="customer_id")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    job(options.source, options.out, options.as_of, options.mode, options.key, options.threads)


if __name__ == "__main__":
    main()
