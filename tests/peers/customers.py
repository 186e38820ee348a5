"""Tables of customers, inputs without amounts, and counted interactions; against DuckDB and the R package rfm.

    customers.py --binary target/release/rfmetrics --seeds 20 [--golden ../shared/golden]

Random dirty tables of customers: what is kept, with which reason the others are not, scores by type 7 quantiles, octants, ABC
classes and Pareto groups. Clicks without amounts, and clicks as interactions beside orders, from the raw rows. With --golden the
per-customer results of R are read as a table of customers, whose scores must be R's own. Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import program

AS_OF = "2024-12-31"
FIRST = dt.date(2023, 1, 1)


def perhaps(rng: random.Random, value: object, share: float) -> object:
    return None if rng.random() < share else value


def customers(rng: random.Random) -> tuple[pa.Table, bool]:
    """Rows of customers, each once among those that can be used; and whether days stand in the place of dates."""
    rows = rng.choice([3, 60, 700, 4_000])
    dirt = rng.choice([0.0, 0.02, 0.1])
    by_days = rng.random() < 0.4
    made = []
    for number in range(rows):
        first = FIRST + dt.timedelta(days=rng.randrange(400))
        last = first + dt.timedelta(days=rng.choice([0, rng.randrange(330), rng.randrange(500)]))
        orders = rng.choice([1, 1, 2, 3, rng.randrange(1, 40)])
        if rng.random() < dirt:
            orders = rng.choice([-1, 0, None])
        days = orders if orders is None else max(0, min(orders, rng.randrange(1, 9)))
        if rng.random() < dirt:
            days = rng.choice([None, -2, 99])
        if rng.random() < dirt:
            first = rng.choice([None, last + dt.timedelta(days=1)])
        revenue = perhaps(rng, Decimal(rng.randrange(-3_000, 90_000)) / 100, dirt)
        made.append((number * 7 - 50, perhaps(rng, last, dirt), first, orders, revenue, days))
    rng.shuffle(made)
    names = ["customer_id", "last", "first_order_date", "orders", "revenue", "purchase_days"]
    table = pa.table({name: [row[place] for row in made] for place, name in enumerate(names)}, schema=pa.schema([
        ("customer_id", pa.int64()), ("last", pa.date32()), ("first_order_date", pa.date32()),
        ("orders", rng.choice([pa.int32(), pa.int64(), pa.float64()])), ("revenue", pa.decimal128(12, 2)),
        ("purchase_days", pa.int64()),
    ]))
    return table, by_days


# The reasons in the order in which rows are judged.
JUDGED = """
    create or replace table judged as select *, date '{as_of}' - last as days,
        case when last > date '{as_of}' then 'last_order_after_as_of'
             when customer_id is null then 'null_customer'
             when last is null then 'null_date'
             when revenue is null then 'null_amount'
             when orders is null then 'null_count'
             when orders < 0 then 'count_out_of_range'
             when purchase_days is null then 'null_count'
             when purchase_days < 0 or purchase_days > orders then 'count_out_of_range'
             when first_order_date is null then 'null_date'
             when first_order_date > last then 'first_order_after_last'
             else 'kept' end as outcome
    from given"""

# Money is compared in whole cents.
SCORED = """
    with kept as (select *, (revenue * 100)::bigint as cents, orders > 0 as buys from judged where outcome = 'kept'),
    cuts as (select quantile_cont(days::double, [0.2, 0.4, 0.6, 0.8]) as r,
                    quantile_cont(orders::double, [0.2, 0.4, 0.6, 0.8]) filter (where buys) as f,
                    quantile_cont(cents::double, [0.2, 0.4, 0.6, 0.8]) filter (where buys) as m,
                    sum(days)::hugeint as all_days, count(*) as everyone, count(*) filter (where buys) as buyers,
                    sum(orders) filter (where buys) as all_orders, sum(cents) filter (where buys) as all_cents from kept),
    ranked as (select *, row_number() over (order by cents desc, customer_id) as place,
                      sum(cents) over (order by cents desc, customer_id rows unbounded preceding) as running,
                      sum(cents) over () as total from kept)
    select customer_id, days, orders::bigint, revenue, first_order_date, purchase_days,
           5 - len(list_filter(r, lambda cut: cut < days)),
           case when buys then 1 + len(list_filter(f, lambda cut: cut < orders)) else 1 end,
           case when buys then 1 + len(list_filter(m, lambda cut: cut < cents)) else 1 end,
           (case when days * everyone < all_days then '1' else '0' end)
             || (case when buys and orders * buyers > all_orders then '1' else '0' end)
             || (case when buys and cents * buyers > all_cents then '1' else '0' end),
           case when total <= 0 then 'C' when (running - cents) < 0.8 * total then 'A'
                when (running - cents) < 0.95 * total then 'B' else 'C' end,
           place
    from ranked, cuts order by customer_id"""

PUBLISHED = """
    select customer_id, recency_days, orders, revenue, first_order_date, purchase_days, r_score, f_score, m_score, octant,
           abc_class, revenue_rank
    from '{tables}/customers.parquet' order by customer_id"""


def compare(what: str, found: list, expected: list) -> list[str]:
    if found == expected:
        return []
    pairs = [(one, other) for one, other in zip(found, expected) if one != other]
    return [f"{what}: {len(found)} rows, expected {len(expected)}; the first that differs: {pairs[:1]}"]


def table_of_customers(binary: Path, rng: random.Random, directory: Path) -> list[str]:
    table, by_days = customers(rng)
    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute(JUDGED.format(as_of=AS_OF))
    settings: dict[str, object] = {"input.grain": "customers", "clean.max_quarantined_share": 1.0, "clean.allow_empty": "true"}
    source = directory / "given.parquet"
    if by_days:
        connection.execute(f"copy (select * exclude (last), date '{AS_OF}' - last as since from given) to '{source}'")
        settings["columns.recency_days"] = "since"
    else:
        pq.write_table(table, source)
        settings["columns.last_order_date"] = "last"
    tables = program.publish(binary, source, directory / "out", AS_OF, settings)
    quality = f"select outcome, rows, coalesce(amount, 0) from '{tables}/quality.parquet' where rows > 0 order by outcome"
    expected = "select outcome, count(*), coalesce(sum(revenue), 0) from judged group by outcome order by outcome"
    found = compare("outcomes", connection.execute(quality).fetchall(), connection.execute(expected).fetchall())
    if connection.execute("select count(*) from judged where outcome = 'kept' and orders > 0").fetchone()[0] > 0:
        published = connection.execute(PUBLISHED.format(tables=tables)).fetchall()
        found += compare("customers", published, connection.execute(SCORED).fetchall())
        found += compare(
            "money",
            connection.execute(f"select sum(revenue) from '{tables}/pareto.parquet'").fetchall(),
            connection.execute("select sum(revenue) from judged where outcome = 'kept'").fetchall(),
        )
    return found


def clicks(rng: random.Random) -> pa.Table:
    rows = rng.choice([20, 500, 5_000])
    events = ["visit", "search", "purchase"]
    return pa.table({
        "customer_id": [perhaps(rng, rng.randrange(max(2, rows // 8)), 0.03) for _ in range(rows)],
        "order_ts": [perhaps(rng, FIRST + dt.timedelta(days=rng.randrange(760)), 0.03) for _ in range(rows)],
        "amount": pa.array([perhaps(rng, Decimal(rng.randrange(1, 5_000)) / 100, 0.2) for _ in range(rows)], pa.decimal128(9, 2)),
        "event": [rng.choice(events) for _ in range(rows)],
    }, schema=pa.schema([("customer_id", pa.int64()), ("order_ts", pa.date32()), ("amount", pa.decimal128(9, 2)), ("event", pa.string())]))


def without_amounts(binary: Path, rng: random.Random, directory: Path) -> list[str]:
    """Each click an order: days, orders, both scores and the cell of two digits."""
    connection = duckdb.connect()
    connection.register("given", clicks(rng).drop(["amount"]))
    source = directory / "clicks.parquet"
    connection.execute(f"copy given to '{source}'")
    tables = program.publish(binary, source, directory / "clicks", AS_OF, {"columns.amount": "none"})
    expected = connection.execute(f"""
        with kept as (select customer_id, date '{AS_OF}' - max(order_ts) as days, count(*) as orders, count(distinct order_ts) as on_days
                      from given where customer_id is not null and order_ts <= date '{AS_OF}' group by 1),
        cuts as (select quantile_cont(days::double, [0.2, 0.4, 0.6, 0.8]) as r, quantile_cont(orders::double, [0.2, 0.4, 0.6, 0.8]) as f from kept)
        select customer_id, days, orders, on_days, (5 - len(list_filter(r, lambda cut: cut < days))) || '' ||
               (1 + len(list_filter(f, lambda cut: cut < orders))), null, null, null from kept, cuts order by 1""").fetchall()
    found = connection.execute(f"""select customer_id, recency_days, orders, purchase_days, cell, revenue, m_score, octant
        from '{tables}/customers.parquet' order by 1""").fetchall()
    missing = [name for name in ("abc", "pareto", "pareto_summary", "octants") if (tables / f"{name}.parquet").exists()]
    return compare("clicks", found, expected) + [f"`{name}` is published" for name in missing]


def interactions(binary: Path, rng: random.Random, directory: Path) -> list[str]:
    """Clicks beside orders: rows that meet the condition, of those who bought, in the window."""
    connection = duckdb.connect()
    connection.register("given", clicks(rng))
    source = directory / "events.parquet"
    connection.execute(f"copy given to '{source}'")
    condition = rng.choice(["event IN ('visit', 'purchase')", "event = 'visit'", "event <> 'search' OR amount > 20"])
    window = rng.choice([None, 90, 400])
    has_filter = rng.random() < 0.7
    settings: dict[str, object] = {"input.interactions": condition, "score.frequency.measure": "interactions", "clean.max_quarantined_share": 1.0}
    if has_filter:
        settings["input.filter"] = "event = 'purchase'"
    if window:
        settings["dates.window_days"] = window
    tables = program.publish(binary, source, directory / "events", AS_OF, settings)
    start = f"date '{AS_OF}' - {window} + 1" if window else "date '0001-01-01'"
    expected = connection.execute(f"""
        with dated as (select * from given where customer_id is not null and order_ts <= date '{AS_OF}'),
        buyers as (select distinct customer_id from dated where amount is not null {"and event = 'purchase'" if has_filter else ""})
        select customer_id, count(*) filter (where ({condition}) and order_ts >= {start})
        from buyers join dated using (customer_id) group by 1 order by 1""").fetchall()
    found = connection.execute(f"select customer_id, interactions from '{tables}/customers.parquet' order by 1").fetchall()
    return compare(f"interactions by {condition}, window {window}", found, expected)


def of_r(binary: Path, golden: Path, directory: Path) -> list[str]:
    """What R says of each customer is read as a table of customers; its scores are those of the same figures."""
    found = []
    cases = {"rfm_data_orders_default": "2006-12-31", "cdnow_sample_default": "1998-07-01", "online_retail_sales_default": "2011-12-10"}
    for case, as_of in cases.items():
        source = golden / f"expected/rfm_r/{case}__rfm.parquet"
        settings = {"input.grain": "customers", "columns.recency_days": "recency_days", "columns.orders": "transaction_count",
                    "columns.revenue": "amount", "clean.money_scale": 3}
        settings |= {f"score.{axis}.method": "r-rfm" for axis in ("recency", "frequency", "monetary")}
        tables = program.publish(binary, source, directory / case, as_of, settings)
        scores = "select cast(customer_id as varchar) as id, {} from '{}' order by id"
        published = scores.format("r_score, f_score, m_score", tables / "customers.parquet")
        expected = scores.format("recency_score, frequency_score, monetary_score", source)
        found += compare(case, duckdb.execute(published).fetchall(), duckdb.execute(expected).fetchall())
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--golden", type=Path)
    arguments = parser.parse_args()
    failed = 0
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        for check in (table_of_customers, without_amounts, interactions):
            with tempfile.TemporaryDirectory() as directory:
                differences = check(arguments.binary.resolve(), random.Random(seed), Path(directory))
            failed += len(differences)
            for difference in differences:
                print(f"seed {seed}, {check.__name__}: {difference}")
    if arguments.golden and arguments.golden.is_dir():
        with tempfile.TemporaryDirectory() as directory:
            differences = of_r(arguments.binary.resolve(), arguments.golden, Path(directory))
        failed += len(differences)
        print("\n".join(differences) or "R's scores are those of R's customers")
    print(f"{arguments.seeds} seeds, {failed} differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
