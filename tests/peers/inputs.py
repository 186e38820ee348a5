"""Several inputs against DuckDB: the union of both by hand, with the columns, filters, dates and order ids of each.

    inputs.py --binary target/release/rfmetrics --seeds 20

A shop and a till, each with names, types, formats, zones, sale and event rows, nulls, bad dates, returns and repeats of its
own, in several files; order ids that clash, and customers of one or both. Compared are rows per outcome of each input,
and orders, days, money, margin and attributes of every customer; with shared order ids and without, by id, by id and day,
and by day; and that neither the order of the entries nor the number of threads changes a byte. Exit status 1 on any
difference, whose data are kept.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import program

AS_OF = dt.date(2025, 6, 30)
FIRST = dt.datetime(2025, 3, 1)
HOURS = 130 * 24
ZONE, SOURCE = "Europe/Berlin", "America/New_York"


def shop(rng: np.random.Generator, rows: int) -> pa.Table:
    """Stamps of a clock in New York, money as floats, paid and void rows, profits and a country."""
    at = [FIRST + dt.timedelta(hours=int(hour), minutes=int(minute)) for hour, minute in zip(rng.integers(0, HOURS, rows), rng.integers(0, 60, rows))]
    receipts = rng.integers(1, 30, rows)
    return pa.table({
        "user": pa.array([None if rng.random() < 0.03 else int(one) for one in rng.integers(1, 9, rows)], pa.int64()),
        "receipt": pa.array([None if rng.random() < 0.05 else int(one) for one in receipts], pa.int64()),
        "at": pa.array([None if rng.random() < 0.03 else one for one in at], pa.timestamp("us")),
        "total": pa.array([None if rng.random() < 0.03 else int(cents) / 100 for cents in rng.integers(-900, 4000, rows)], pa.float64()),
        "state": pa.array([["paid", "paid", "void", None][one] for one in rng.integers(0, 4, rows)]),
        "profit": pa.array([None if rng.random() < 0.1 else int(cents) / 100 for cents in rng.integers(-100, 500, rows)], pa.float64()),
        "country": pa.array([["DE", "FR", None][one] for one in rng.integers(0, 3, rows)]),
    })


def till(rng: np.random.Generator, rows: int) -> pa.Table:
    """Written days, cents, a guest number, and numbers of receipts that the shop has as well."""
    days = [FIRST.date() + dt.timedelta(days=int(day)) for day in rng.integers(0, 130, rows)]
    return pa.table({
        "card": pa.array(rng.integers(0, 12, rows), pa.int32()),
        "number": pa.array(rng.integers(1, 30, rows), pa.int32()),
        "day": pa.array(["soon" if rng.random() < 0.03 else day.strftime("%d/%m/%Y") for day in days]),
        "cents": pa.array([None if rng.random() < 0.03 else int(cents) for cents in rng.integers(-500, 3000, rows)], pa.int64()),
        "tier": pa.array([["gold", "tin", None][one] for one in rng.integers(0, 3, rows)]),
    })


def write(rng: np.random.Generator, table: pa.Table, folder: Path, files: int) -> None:
    folder.mkdir(parents=True)
    # Whole repeats in other places.
    table = pa.concat_tables([table, table.take(rng.integers(0, table.num_rows, table.num_rows // 10))])
    table = table.take(rng.permutation(table.num_rows))
    for file in range(files):
        pq.write_table(table.take(np.arange(file, table.num_rows, files)), folder / f"{file}.parquet", row_group_size=int(rng.integers(20, 400)))


def settings(work: Path, turned: bool, shares: bool, rule: str, dedupe: bool) -> str:
    shared = "shared_order_ids = true\n" if shares else ""
    entries = [
        f"""[[input]]
name = "shop"
paths = ["{work}/shop"]
filter = "state = 'paid'"
{shared}columns = {{ customer_id = "user", order_id = "receipt", order_ts = "at", amount = "total", margin = "profit", attributes = ["country"] }}
dates.source_time_zone = "{SOURCE}"
""",
        f"""[[input]]
name = "till"
paths = ["{work}/till/*.parquet"]
{shared}columns = {{ customer_id = "card", order_id = "number", order_ts = "day", amount = "cents / 100", attributes = ["tier"] }}
dates.format = "%d/%m/%Y"
clean.nobody_ids = ["0"]
clean.dedupe = {str(dedupe).lower()}
""",
    ]
    run = f"""clean.orders_by = "{rule}"\nclean.returns = "net"\nclean.max_quarantined_share = 1.0\ndates.time_zone = "{ZONE}"\n"""
    return run + "".join(reversed(entries) if turned else entries)


def published(binary: Path, work: Path, text: str, threads: int) -> Path:
    output = work / "out"
    shutil.rmtree(output, ignore_errors=True)
    (work / "settings.toml").write_text(text)
    program.run([binary, "run", "--quiet", "--config", work / "settings.toml", "--output", output, "--as-of", AS_OF, "--threads", threads])
    return output / f"as_of={AS_OF}"


def union(db: duckdb.DuckDBPyConnection, work: Path, shares: bool, rule: str, dedupe: bool) -> None:
    """Every row with its outcome, as METHODS section 2 orders them, and what its order is."""
    key = {"order_id": "id", "order_id_and_day": "id || '@' || day", "day": "day::varchar"}[rule]
    prefix = "''" if shares or rule == "day" else "input || ':'"
    distinct = f"""select *, row_number() over (partition by card, number, day, cents, tier) > 1 as again from '{work}/till/*.parquet'"""
    db.execute(f"""
        create or replace table rows as
        with shop as (
            select 'shop' as input, user::bigint as customer, receipt::varchar as id,
                (("at" at time zone '{SOURCE}') at time zone '{ZONE}')::date as day, false as no_day, total::decimal(18, 2) as amount,
                profit::decimal(18, 2) as margin, country, null::varchar as tier, false as again, false as nobody
            from '{work}/shop/*.parquet' where state = 'paid'
        ), till as (
            select 'till', card::bigint, number::varchar, try_strptime(day, '%d/%m/%Y')::date, day = 'soon',
                (cents / 100)::decimal(18, 2), null, null, tier, {"again" if dedupe else "false"}, card = 0
            from ({distinct})
        ), joined as (select * from shop union all select * from till)
        select *, case
            when day > date '{AS_OF}' then 'after_as_of'
            when again then 'duplicate'
            when customer is null then 'null_customer'
            when nobody then 'blank_customer'
            when no_day then 'unparsable_date'
            when day is null then 'null_date'
            when amount is null then 'null_amount'
            else 'kept' end as outcome,
            -- A row without an order id is an order by itself.
            coalesce({prefix} || ({key}), 'lone ' || row_number() over ()) as order_key
        from joined""")


def expected(db: duckdb.DuckDBPyConnection) -> list[tuple]:
    return db.execute("""
        with kept as (select * from rows where outcome = 'kept'),
        orders as (
            select customer, order_key, sum(amount) as total, min(day) as day, count(*) as lines,
                sum(amount) > 0 or sum(amount) = 0 and min(amount) >= 0 as is_order
            from kept group by 1, 2),
        of_orders as (
            select customer, count(*) as orders, count(distinct day) as days, sum(lines) as lines, min(day) as first, max(day) as last
            from orders where is_order group by 1),
        money as (select customer, sum(amount) as revenue, sum(coalesce(margin, 0)) as margin from kept group by 1),
        countries as (select customer, country, row_number() over (partition by customer order by day desc, country desc) as n
            from kept where country is not null),
        tiers as (select customer, tier, row_number() over (partition by customer order by day desc, tier desc) as n
            from kept where tier is not null)
        select o.customer, o.orders, o.days, o.lines, o.first, o.last, m.revenue::double, m.margin::double, c.country, t.tier
        from of_orders o join money m using (customer)
        left join countries c on c.customer = o.customer and c.n = 1 left join tiers t on t.customer = o.customer and t.n = 1
        order by 1""").fetchall()


def check(binary: Path, seed: int, work: Path) -> list[str]:
    rng = np.random.default_rng([seed, 15])
    write(rng, shop(rng, int(rng.integers(40, 600))), work / "shop", 1 + seed % 3)
    write(rng, till(rng, int(rng.integers(40, 600))), work / "till", 1 + seed % 2)
    db, problems = duckdb.connect(), []
    for rule in ("order_id", "order_id_and_day", "day"):
        for shares in (False, True):
            dedupe = bool(rng.integers(0, 2))
            what = f"seed {seed}, by {rule}{', shared' if shares else ''}{', till deduped' if dedupe else ''}"
            directory = published(binary, work, settings(work, False, shares, rule, dedupe), 2)
            union(db, work, shares, rule, dedupe)
            found = db.execute(f"""
                select customer_id, orders, purchase_days, transactions, first_order_date, last_order_date, revenue::double, margin::double,
                    country, tier from '{directory}/customers.parquet' order by 1""").fetchall()
            problems += [f"{what}: {a} instead of {b}" for a, b in zip(found, expected(db)) if a != b]
            if len(found) != len(expected(db)):
                problems.append(f"{what}: {len(found)} customers instead of {len(expected(db))}")
            account = "select input, outcome, rows, amount::double from '{}/input_quality.parquet' where rows > 0 order by 1, 2"
            account = db.execute(account.format(directory)).fetchall()
            by_hand = "select input, outcome, count(*), coalesce(sum(amount), 0)::double from rows group by 1, 2 order by 1, 2"
            by_hand = db.execute(by_hand).fetchall()
            if account != by_hand:
                problems.append(f"{what}: the account is {account} instead of {by_hand}")
            named = db.execute(f"select distinct input, reason from '{directory}/quarantine.parquet' order by 1, 2").fetchall()
            bad = [(name, outcome) for name, outcome, *_ in by_hand if outcome not in ("kept", "after_as_of")]
            if named != bad:
                problems.append(f"{what}: quarantined are {named} instead of {bad}")
            manifest = json.loads((directory / "manifest.json").read_text())
            sums = [(entry["name"], entry["rows_in"]) for entry in manifest["account_by_input"]]
            if sums != db.execute("select input, count(*) from rows group by 1 order by 1").fetchall():
                problems.append(f"{what}: the manifest says {sums}")
            tables = {file.name: file.read_bytes() for file in directory.glob("*.parquet")}
            again = published(binary, work, settings(work, True, shares, rule, dedupe), 1)
            problems += [f"{what}: {name} differs with the entries turned round" for name in tables if (again / name).read_bytes() != tables[name]]
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    failed = 0
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        work = Path(tempfile.mkdtemp(prefix=f"rfmetrics-inputs-{seed}-"))
        problems = check(arguments.binary.resolve(), seed, work)
        for problem in problems[:10]:
            print(problem)
        if problems:
            failed += 1
            print(f"seed {seed}: {len(problems)} differences, the data are in {work}")
        else:
            shutil.rmtree(work)
    print(f"{arguments.seeds} pairs of inputs, each in 6 ways: {failed} differ")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
