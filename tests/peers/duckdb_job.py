"""The racing job in DuckDB: order lines in Parquet to the customers table and its reports in Parquet.

Settings: two threads (`--threads`), default memory limit, spilling allowed, `preserve_insertion_order = false`.
Money is whole minor units in 64 bits (`round(amount * 100)`), so that sums are exact, as in the product.
Two aggregations (lines to orders, orders to customers), one sort by revenue, one by id. Windows without an order of
their own stream over the sorted customers (half the time of ordered windows; the answer is compared with the others').
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import duckdb

COPY_OPTIONS = "(format parquet, compression zstd)"
OCTANTS = """('111', 'high value', '重要价值客户'), ('101', 'to develop', '重要发展客户'), ('011', 'to keep', '重要保持客户'), ('001', 'to win back', '重要挽留客户'),
    ('110', 'general value', '一般价值客户'), ('100', 'general, to develop', '一般发展客户'), ('010', 'general, to keep', '一般保持客户'), ('000', 'general, to win back', '一般挽留客户')"""
QUINTILES = "[0.2, 0.4, 0.6, 0.8]"


def measures_sql(types: dict[str, str], as_of: dt.date) -> str:
    valid = [
        "customer_id is not null",
        "isfinite(amount)",
        f"order_ts < timestamptz '{as_of + dt.timedelta(days=1)} 00:00:00+00'",
    ]
    if types["customer_id"] == "VARCHAR":
        valid.append("trim(customer_id) <> ''")
    # The day by way of a timestamp without zone: the session's zone is UTC, and the calendar of ICU is not needed.
    day, units = "make_timestamp(epoch_us({}))::date as day", "round(amount * 100)::bigint"
    where = " and ".join(valid)
    if "order_id" in types:
        orders = f"""select customer_id, {day.format("min(order_ts)")}, count(*) as line_count, sum({units})::bigint as units
                     from lines where {where} group by customer_id, order_id"""
    else:
        orders = (
            f"select customer_id, {day.format('order_ts')}, 1 as line_count, {units} as units from lines where {where}"
        )
    return f"""
        create temp table measures as
        select customer_id, min(day) as first_order_date, max(day) as last_order_date, (date '{as_of}' - max(day))::int as recency_days,
               (date '{as_of}' - min(day))::int as tenure_days, count(*) as orders, count(distinct day) as purchase_days,
               sum(line_count)::bigint as transactions, sum(units)::bigint as units, max(units) as largest_units
        from ({orders}) group by customer_id"""


WHOLE_SQL = f"""
    create temp table whole as
    select count(*) as n, sum(units)::bigint as total, avg(recency_days) as mean_days, avg(orders) as mean_orders, avg(units) as mean_units,
           quantile_cont(recency_days, {QUINTILES}) as r, quantile_cont(orders, {QUINTILES}) as f, quantile_cont(units, {QUINTILES}) as m
    from measures"""

CUSTOMERS_SQL = """
    create temp table customers as
    with scored as (
        select measures.*, n, total,
            5 - (recency_days > r[1])::int - (recency_days > r[2])::int - (recency_days > r[3])::int - (recency_days > r[4])::int as r_score,
            1 + (orders > f[1])::int + (orders > f[2])::int + (orders > f[3])::int + (orders > f[4])::int as f_score,
            1 + (units > m[1])::int + (units > m[2])::int + (units > m[3])::int + (units > m[4])::int as m_score,
            case when recency_days < mean_days then '1' else '0' end || case when orders > mean_orders then '1' else '0' end
                || case when units > mean_units then '1' else '0' end as octant,
            row_number() over () as revenue_rank, sum(units) over (rows unbounded preceding)::bigint as running
        from (from measures order by units desc, customer_id) measures, whole)
    select *,
        case when revenue_rank <= (n % 100) * (n // 100 + 1) then (revenue_rank - 1) // (n // 100 + 1)
             else (revenue_rank - 1 - n % 100) // greatest(n // 100, 1) end + 1 as revenue_group,
        r_score::varchar || f_score::varchar || m_score::varchar as cell, r_score + f_score + m_score as score_sum,
        case when r_score <= 2 then case when f_score <= 2 then 'hibernating' when f_score <= 4 then 'at_risk' else 'cannot_lose' end
             when r_score = 3 then case when f_score <= 2 then 'about_to_sleep' when f_score = 3 then 'needs_attention' else 'loyal' end
             when f_score = 1 then case r_score when 4 then 'promising' else 'new' end
             when f_score <= 3 then 'potential_loyalist'
             when r_score = 4 then 'loyal' else 'champions' end as segment,
        ((5 - least(orders, 5)) * 5 + case when recency_days <= 30 then 1 when recency_days <= 90 then 2 when recency_days <= 180 then 3
            when recency_days <= 360 then 4 else 5 end)::int as grid_cell,
        case when total <= 0 then 'C' when (running - units) / total < 0.80 then 'A' when (running - units) / total < 0.95 then 'B' else 'C' end
            as abc_class,
        case when total > 0 then running / total end as cumulative_revenue_share
    from scored"""


def money(units: str) -> str:
    return f"(({units})::decimal(18, 0) * 0.01)::decimal(18, 2)"


SHARES = f"""count(*) as customers, count(*) / any_value(n) as customer_share, {money("sum(units)")} as revenue,
    case when any_value(total) > 0 then sum(units)::bigint / any_value(total) end as revenue_share"""
ORDER_VALUE = "sum(units)::bigint / sum(orders)::bigint / 100 as average_order_value"
CUMULATIVE = "sum(customer_share) over so_far as cumulative_customer_share, sum(revenue_share) over so_far as cumulative_revenue_share"


def bounds_sql(axis: str, column: str, score: str, learned: str, unit: int) -> str:
    place = "6 - s" if axis == "recency_days" else "s"
    return f"""select '{axis}' as axis, s::int as score, lowest / {unit} as lowest_value, highest / {unit} as highest_value,
            coalesce(customers, 0) as customers, {learned}[case when {place} between 1 and 4 then {place} end] / {unit} as upper_threshold
        from whole, range(1, 6) t(s) left join (
            select {score} as score, min({column}) as lowest, max({column}) as highest, count(*) as customers
            from customers group by {score}) found on found.score = s"""


REPORTS = {
    "customers": f"""
        select AS_OF, customer_id, first_order_date, last_order_date, recency_days, tenure_days, orders, purchase_days, transactions,
            {money("units")} as revenue, units / orders / 100 as average_order_value, {money("largest_units")} as largest_order,
            r_score, f_score, m_score, cell, score_sum, segment, octant, grid_cell, abc_class, revenue_rank, cumulative_revenue_share
        from customers order by customer_id""",
    "segments": f"""
        select AS_OF, segment, row_number() over (order by revenue desc, segment)::int as segment_order, customers, customer_share, revenue,
            revenue_share, {CUMULATIVE}, orders, average_order_value, mean_recency_days, mean_orders, mean_revenue, median_recency_days,
            median_orders, median_revenue
        from (
            select segment, {SHARES}, sum(orders)::bigint as orders, {ORDER_VALUE}, avg(recency_days) as mean_recency_days,
                avg(orders) as mean_orders, avg(units) / 100 as mean_revenue, median(recency_days) as median_recency_days,
                median(orders) as median_orders, median(units) / 100 as median_revenue
            from customers group by segment)
        window so_far as (order by revenue desc, segment rows unbounded preceding) order by revenue desc, segment""",
    "pareto": f"""
        select AS_OF, revenue_group::int as revenue_group, customers, customer_share, revenue, revenue_share, {CUMULATIVE}, lowest_revenue, highest_revenue
        from (
            select revenue_group, {SHARES}, {money("min(units)")} as lowest_revenue, {money("max(units)")} as highest_revenue
            from customers group by revenue_group)
        window so_far as (order by revenue_group rows unbounded preceding) order by revenue_group""",
    "abc": f"select AS_OF, abc_class, {SHARES} from customers group by abc_class order by abc_class",
    "cells": f"""
        select AS_OF, r_score, f_score, m_score, cell, segment, {SHARES}, {ORDER_VALUE}
        from customers group by r_score, f_score, m_score, cell, segment order by r_score, f_score, m_score""",
    "grid": f"""
        select AS_OF, g::int as grid_cell, ['0-30', '31-90', '91-180', '181-360', '361+'][(g - 1) % 5 + 1] as recency_band,
            ['5+', '4', '3', '2', '1'][(g - 1) // 5 + 1] as orders_band, coalesce(customers, 0) as customers,
            coalesce(customer_share, 0) as customer_share, coalesce(revenue, 0)::decimal(18, 2) as revenue,
            case when total > 0 then coalesce(revenue_share, 0) end as revenue_share, average_order_value, revenue_per_customer
        from whole, range(1, 26) t(g) left join (
            select grid_cell, {SHARES}, {ORDER_VALUE}, sum(units)::bigint / count(*) / 100 as revenue_per_customer
            from customers group by grid_cell) on grid_cell = g
        order by g""",
    "octants": f"""
        select AS_OF, octant, 'o' || octant as segment, name_en, name_zh, coalesce(customers, 0) as customers, coalesce(customer_share, 0) as customer_share,
            coalesce(revenue, 0)::decimal(18, 2) as revenue, case when total > 0 then coalesce(revenue_share, 0) end as revenue_share
        from whole, (values {OCTANTS}) names(octant, name_en, name_zh)
            left join (select octant, {SHARES} from customers group by octant) using (octant)
        order by octant desc""",
    "score_bounds": "select AS_OF, * from ("
    + " union all ".join(
        [
            bounds_sql("orders", "orders", "f_score", "f", 1),
            bounds_sql("recency_days", "recency_days", "r_score", "r", 1),
            bounds_sql("revenue", "units", "m_score", "m", 100),
        ]
    )
    + ") order by axis, score",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect()
    db.execute(f"set threads = {options.threads}; set preserve_insertion_order = false; set TimeZone = 'UTC'")
    db.execute(f"set temp_directory = '{options.output}/spill'")
    db.execute(f"create view lines as from read_parquet('{options.input}/*.parquet')")
    types = {row[0]: row[1] for row in db.execute("describe lines").fetchall()}
    db.execute(measures_sql(types, options.as_of))
    db.execute(WHOLE_SQL)
    db.execute(CUSTOMERS_SQL)
    for name, query in REPORTS.items():
        dated = query.replace("AS_OF", f"date '{options.as_of}' as as_of")
        db.execute(f"copy ({dated}) to '{options.output}/{name}.parquet' {COPY_OPTIONS}")


if __name__ == "__main__":
    main()
