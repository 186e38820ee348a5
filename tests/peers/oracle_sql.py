"""The expected tables, computed by DuckDB from the raw order lines, written to be plainly right rather than fast.

Independent of the product and of the racing jobs: scores compare whole numbers (a threshold times the number of
bins is one), money is whole minor units throughout. Money columns come back as those units.
"""

from __future__ import annotations

import datetime as dt

import duckdb
import polars as pl

BINS = 5
WHITE = r"\t\n\x{0B}\x{0C}\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
BLANK = rf"[{WHITE}\x{{200B}}-\x{{200D}}\x{{2060}}\x{{FEFF}}]*"


OCTANT_NAMES = """('111', '重要价值'), ('101', '重要发展'), ('011', '重要保持'), ('001', '重要挽留'),
    ('110', '一般价值'), ('100', '一般发展'), ('010', '一般保持'), ('000', '一般挽留')"""
RECENCY, REVENUE = "recency_days", "revenue"


def frequency_axis(method: str) -> str:
    return "transactions" if method == "r-rfm" else "orders"


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; set threads = 1")
    return connection


class Oracle:
    """Reads one data set once; `tables(method)` gives every expected table of one scoring method."""

    def __init__(
        self,
        source: str,
        as_of: dt.date,
        orders_by: str | None = None,
        returns: str = "net",
        scale: int = 2,
        pareto_groups: int = 100,
        filter_sql: str = "true",
        columns: dict[str, str] | None = None,
        dedupe: bool = False,
    ):
        self.scale, self.pareto_groups = scale, pareto_groups
        self.db = connect()
        names = {"customer_id": "customer_id", "order_ts": "order_ts", "amount": "amount"} | (columns or {})
        self.db.execute(f"create view source as select * from read_parquet('{source}') where {filter_sql}")
        types = {row[0]: row[1] for row in self.db.execute("describe source").fetchall()}
        if orders_by is None:
            orders_by = "order_id" if "order_id" in types else "row"
        self._rows(names, types, as_of, dedupe)
        self.left_out = 0
        self._orders(orders_by, returns)
        self._customers(as_of)

    def _rows(self, names: dict[str, str], types: dict[str, str], as_of: dt.date, dedupe: bool) -> None:
        text = types[names["customer_id"]] == "VARCHAR"
        blank = f"regexp_full_match(customer_id, '{BLANK}')" if text else "false"
        order_id = "order_id" if "order_id" in types else "null"
        not_finite = "not isfinite(amount)" if types.get(names["amount"]) in ("DOUBLE", "FLOAT") else "false"
        every_column = ", ".join(f'"{name}"' for name in types)
        self.db.execute(f"""
            create table rows as
            with named as (
                select {names["customer_id"]} as customer_id, {order_id} as order_id, {names["order_ts"]} as order_ts,
                       {names["amount"]} as amount, row_number() over (partition by {every_column}) as copy
                from source),
            judged as (
                select *, cast(order_ts as date) as day,
                    case when cast(order_ts as date) > date '{as_of}' then 'after_as_of'
                         when {dedupe} and copy > 1 then 'duplicate'
                         when customer_id is null then 'null_customer'
                         when {blank} then 'blank_customer'
                         when order_ts is null then 'null_date'
                         when amount is null then 'null_amount'
                         when {not_finite} then 'non_finite_amount'
                         else 'kept' end as outcome
                from named)
            select customer_id, order_id, day, outcome, case when outcome = 'kept' then {self._units(types, names["amount"])} end as units
            from judged""")

    def _units(self, types: dict[str, str], amount: str) -> str:
        """Half away from zero. A double stands for its shortest decimal text, as 1.005 for 1.005 and not for a bit less."""
        exact = "amount::varchar::decimal(38, 12)" if types.get(amount, "DOUBLE") in ("DOUBLE", "FLOAT") else "amount"
        return f"(round({exact}, {self.scale}) * {10**self.scale})::bigint"

    def _orders(self, orders_by: str, returns: str) -> None:
        """Rows without an order id are an order each. Rows that a policy leaves out get its outcome. A purchase sums above zero, or
        to zero without a line below zero; all money counts, also that of orders that are none."""
        key = {"order_id": "(order_id, case when order_id is null then rowid end)", "row": "rowid", "day": "day"}[
            orders_by
        ]
        if returns == "drop":
            self.db.execute("update rows set outcome = 'return_dropped' where outcome = 'kept' and units < 0")
        self.db.execute(f"""
            create table lines as select *, {key} as order_key from rows where outcome = 'kept'""")
        self.db.execute("""
            create table orders as
            select customer_id, order_key, min(day) as day, count(*) as line_count, sum(units) as sum_units, max(day) as last_line_day,
                   sum(units) > 0 or (sum(units) = 0 and min(units) >= 0) as is_order
            from lines group by customer_id, order_key""")
        if returns == "literal":
            self.db.execute("update orders set is_order = true")
        if returns == "purchases":
            self.left_out = self.db.execute(
                "select coalesce(sum(line_count), 0)::bigint from orders where sum_units <= 0"
            ).fetchone()[0]
            self.db.execute("delete from orders where sum_units <= 0")

    def _customers(self, as_of: dt.date) -> None:
        self.db.execute(f"""
            create table measures as
            with money as (select customer_id, cast(sum(sum_units) as bigint) as revenue from orders group by customer_id)
            select customer_id, min(day) as first_order_date, max(day) as last_order_date,
                   date '{as_of}' - max(day) as recency_days, date '{as_of}' - min(day) as tenure_days,
                   count(*) as orders, count(distinct day) as purchase_days, cast(sum(line_count) as bigint) as transactions,
                   any_value(revenue) as revenue, cast(max(sum_units) as bigint) as largest_order
            from orders join money using (customer_id) where is_order group by customer_id""")

    # --- the row account ----------------------------------------------------------------------------------

    def outcomes(self) -> dict[str, int]:
        found = dict(self.db.execute("select outcome, count(*) from rows group by outcome").fetchall())
        if self.left_out:
            found["not_a_purchase"] = self.left_out
            found["kept"] -= self.left_out
        return {outcome: count for outcome, count in found.items() if count}

    def kept_units(self) -> int:
        """The money of all orders, also of customers without one that counts."""
        return self.db.execute("select coalesce(sum(sum_units), 0)::bigint from orders").fetchone()[0]

    def totals(self) -> dict[str, object]:
        customers, orders, units, last = self.db.execute(
            "select count(*), sum(orders), sum(revenue), max(last_order_date) from measures"
        ).fetchone()
        outcomes = self.outcomes()
        rows_in, rows_used = sum(outcomes.values()), outcomes.get("kept", 0)
        return {
            "last_date": str(last),
            "rows_in": rows_in,
            "rows_used": rows_used,
            "rows_after_as_of": outcomes.get("after_as_of", 0),
            "rows_before_window": outcomes.get("before_window", 0),
            "rows_rejected": rows_in - rows_used - outcomes.get("after_as_of", 0) - outcomes.get("before_window", 0),
            "customers": customers,
            "orders": int(orders or 0),
            "revenue_minor_units": int(units or 0),
        }

    # --- scores -------------------------------------------------------------------------------------------

    def _learn(self, method: str) -> None:
        """`thresholds`: axis, k and the k-th threshold times the number of bins, a whole number of column units."""
        self.db.execute("create or replace table thresholds (axis varchar, k bigint, times_bins hugeint)")
        if method in ("ntile", "nested"):
            return
        for axis, unit in ((RECENCY, 1), (frequency_axis(method), 1), (REVENUE, 10**self.scale)):
            self.db.execute(f"""
                insert into thresholds
                with ordered as (select {axis}::hugeint as value, row_number() over (order by {axis}) - 1 as place from measures),
                positions as (
                    select k, (k * (n - 1)) // {BINS} as place, (k * (n - 1)) % {BINS} as part, n - 1 as last
                    from range(1, {BINS}) t(k), (select count(*) as n from measures))
                select '{axis}', k, low.value * {BINS} + part * (high.value - low.value) + {unit * BINS if method == "r-rfm" else 0}
                from positions
                join ordered low on low.place = positions.place
                join ordered high on high.place = least(positions.place + 1, last)""")

    def _score(self, method: str) -> None:
        if method == "ntile":
            scores = f"""ntile({BINS}) over (order by recency_days desc, customer_id) as r_score,
                         ntile({BINS}) over (order by orders, customer_id) as f_score,
                         ntile({BINS}) over (order by revenue, customer_id) as m_score"""
        elif method == "nested":
            self.db.execute(f"""
                create or replace table scored as
                with by_r as (
                    select *, ntile({BINS}) over (order by recency_days desc, customer_id) as r_score from measures),
                by_rf as (
                    select *, ntile({BINS}) over (partition by r_score order by orders, customer_id) as f_score from by_r)
                select *, ntile({BINS}) over (partition by r_score, f_score order by revenue, customer_id) as m_score
                from by_rf""")
            return
        else:

            def passed(axis: str) -> str:
                below = "<=" if method == "r-rfm" else "<"
                return f"(select count(*) from thresholds where axis = '{axis}' and times_bins {below} {axis}::hugeint * {BINS})"

            scores = f"""{BINS} - {passed(RECENCY)} as r_score, 1 + {passed(frequency_axis(method))} as f_score,
                         1 + {passed(REVENUE)} as m_score"""
        self.db.execute(f"create or replace table scored as select *, {scores} from measures")

    def _name(self) -> None:
        """Everything that hangs on the scores and on the totals."""
        self.db.execute(
            """
            create or replace table named as
            with whole as (select count(*) as n, sum(recency_days) as days, sum(orders) as all_orders, sum(revenue) as total from measures),
            ranked as (
                select *, row_number() over by_revenue as revenue_rank,
                       sum(revenue) over (by_revenue rows between unbounded preceding and current row) as running
                from scored, whole
                window by_revenue as (order by revenue desc, customer_id))
            select *,
                ntile(GROUPS) over (order by revenue desc, customer_id) as revenue_group,
                r_score || '' || f_score || m_score as cell,
                r_score + f_score + m_score as score_sum,
                case
                    when r_score <= 2 and f_score <= 2 then 'hibernating'
                    when r_score <= 2 and f_score <= 4 then 'at_risk'
                    when r_score <= 2 then 'cannot_lose'
                    when r_score = 3 and f_score <= 2 then 'about_to_sleep'
                    when r_score = 3 and f_score = 3 then 'needs_attention'
                    when r_score <= 4 and f_score >= 4 then 'loyal'
                    when r_score = 4 and f_score = 1 then 'promising'
                    when r_score = 5 and f_score = 1 then 'new'
                    when f_score <= 3 then 'potential_loyalist'
                    else 'champions' end as segment,
                (recency_days * n < days)::int || '' || (orders * n > all_orders)::int || (cast(revenue as hugeint) * n > total)::int as octant,
                (5 - least(orders, 5)) * 5
                    + case when recency_days <= 30 then 1 when recency_days <= 90 then 2 when recency_days <= 180 then 3
                           when recency_days <= 360 then 4 else 5 end as grid_cell,
                case when total <= 0 then 'C'
                     when (running - revenue) * 100 < total * 80 then 'A'
                     when (running - revenue) * 100 < total * 95 then 'B' else 'C' end as abc_class,
                case when total > 0 then running::double / total::double end as cumulative_revenue_share
            from ranked""".replace("GROUPS", str(self.pareto_groups))
        )

    # --- tables -------------------------------------------------------------------------------------------

    def tables(self, method: str) -> dict[str, pl.DataFrame]:
        self._learn(method)
        self._score(method)
        self._name()
        unit = float(10**self.scale)
        share = (
            "count(*) as customers, count(*) / any_value(n)::double as customer_share, sum(revenue)::bigint as revenue, "
            "case when any_value(total) > 0 then sum(revenue)::double / any_value(total)::double end as revenue_share"
        )
        aov = f"sum(revenue)::double / sum(orders)::double / {unit} as average_order_value"

        def running(order: str) -> str:
            return f"""sum(customers) over (order by {order} rows unbounded preceding)::double / (select count(*) from named)::double
                           as cumulative_customer_share,
                       case when revenue_share is not null then sum(revenue) over (order by {order} rows unbounded preceding)::double
                           / (select sum(revenue) from named)::double end as cumulative_revenue_share"""

        queries = {
            "customers": f"select *, revenue / {unit} / orders as average_order_value from named order by customer_id",
            "segments": f"""select *, {running("revenue desc, segment")} from (
                    select segment, {share}, sum(orders)::bigint as orders, {aov},
                        avg(recency_days) as mean_recency_days, avg(orders) as mean_orders, avg(revenue) / {unit} as mean_revenue,
                        median(recency_days) as median_recency_days, median(orders) as median_orders, median(revenue) / {unit} as median_revenue
                    from named group by segment) order by revenue desc, segment""",
            "pareto": f"""select *, {running("revenue_group")} from (
                    select revenue_group, {share}, min(revenue) as lowest_revenue, max(revenue) as highest_revenue
                    from named group by revenue_group) order by revenue_group""",
            "abc": f"select abc_class, {share} from named group by abc_class order by abc_class",
            "cells": f"select r_score, f_score, m_score, any_value(cell) as cell, any_value(segment) as segment, {share}, {aov} "
            "from named group by all order by r_score, f_score, m_score",
            "grid": f"""with filled as (
                    select grid_cell, {share}, {aov}, sum(revenue)::double / count(*) / {unit} as revenue_per_customer
                    from named group by grid_cell)
                select g::int as grid_cell, coalesce(customers, 0) as customers, coalesce(customer_share, 0) as customer_share,
                    coalesce(revenue, 0) as revenue,
                    case when (select sum(revenue) from named) > 0 then coalesce(revenue_share, 0) end as revenue_share,
                    average_order_value, revenue_per_customer
                from range(1, 26) t(g) left join filled on grid_cell = g order by g""",
            "octants": f"""with filled as (select octant, {share} from named group by octant)
                select octant, name_zh, coalesce(customers, 0) as customers, coalesce(customer_share, 0) as customer_share,
                    coalesce(revenue, 0) as revenue,
                    case when (select sum(revenue) from named) > 0 then coalesce(revenue_share, 0) end as revenue_share
                from (values {OCTANT_NAMES}) names(octant, name_zh) left join filled using (octant) order by octant desc""",
            "score_bounds": " union all ".join(
                f"""
                select '{axis}' as axis, s::int as score, min({axis}) / {per}::double as lowest_value,
                    max({axis}) / {per}::double as highest_value, count({axis}) as customers,
                    (select times_bins::double / {BINS} / {per}::double from thresholds where axis = '{axis}' and k = {edge}) as upper_threshold
                from range(1, {BINS + 1}) t(s) left join named on {score} = s group by s"""
                for axis, score, per, edge in (
                    (RECENCY, "r_score", 1, f"{BINS + 1} - s"),
                    (frequency_axis(method), "f_score", 1, "s"),
                    (REVENUE, "m_score", unit, "s"),
                )
            )
            + " order by axis, score",
        }
        return {name: self.db.sql(query).pl() for name, query in queries.items()}
