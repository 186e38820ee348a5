"""Master data: old ids, members and those who never bought, on random dirty data; against DuckDB.

    people.py --binary target/release/rfmetrics --seeds 40

DuckDB follows chains with a recursive query, and joins members. Two laws are held, too: a run with old ids publishes the same
bytes as a run on rows that have the ids of today, and those who never bought change no table of buyers. Exit status 1 on any
difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import program

AS_OF = dt.date(2024, 6, 30)
SIGNED = "joined"
TABLES = ["segments", "pareto", "pareto_summary", "abc", "cells", "octants", "score_bounds", "grid", "quality"]


def made_ids(rng: random.Random, count: int, is_text: bool) -> list:
    """Ids of one type; texts of all lengths, some of which begin alike."""
    if not is_text:
        return rng.sample([*range(-5, 5 * count), -(2**62), 2**62], count)
    kinds = ["C-{:07d}", "{}", "customer number {} of many", "ä{}"]
    return [rng.choice(kinds).format(number) for number in rng.sample(range(10 * count), count)]


class Case:
    """Random rows, old ids, members and a list of those who are left out."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = random.Random(seed)
        self.is_text = rng.random() < 0.5
        self.ids = made_ids(rng, rng.choice([4, 60, 400]), self.is_text)
        self.kind = pa.string() if self.is_text else pa.int64()
        self.rows = self.made_rows()
        self.aliases = self.made_aliases()
        self.members = self.made_members()
        self.excluded = rng.sample(self.ids, rng.choice([0, 0, 1, 3]))

    def made_rows(self) -> pa.Table:
        rng = self.rng
        count = rng.choice([1, 50, 3_000])
        buyers = rng.sample(self.ids, max(1, len(self.ids) * 2 // 3))
        customers = [rng.choice(buyers) if rng.random() > 0.02 else None for _ in range(count)]
        days = [AS_OF - dt.timedelta(days=rng.randrange(-20, 400)) for _ in range(count)]
        amounts = [Decimal(rng.randrange(-3_000, 9_000)) / 100 if rng.random() > 0.02 else None for _ in range(count)]
        return pa.table({
            "customer_id": pa.array(customers, self.kind),
            # Receipts of a customer come again under other ids.
            "order_id": pa.array([rng.randrange(max(2, count // 4)) for _ in range(count)], pa.int64()),
            "order_ts": pa.array([None if rng.random() < 0.01 else day for day in days], pa.date32()),
            "amount": pa.array(amounts, pa.decimal128(9, 2)),
        })

    def made_aliases(self) -> pa.Table:
        """Chains without a circle: every id leads to one that stands behind it, or to itself, or to one of nobody."""
        rng = self.rng
        order = rng.sample(self.ids, len(self.ids))
        pairs = []
        for place, old in enumerate(order[:-1]):
            if rng.random() < 0.4:
                new = order[rng.randrange(place + 1, min(len(order), place + 1 + rng.choice([1, 3, 50])))]
                pairs += [(old, new)] * rng.choice([1, 1, 1, 2])
            elif rng.random() < 0.1:
                pairs.append((old, old))
        strangers = made_ids(random.Random(7), 6, self.is_text)
        pairs += [(old, rng.choice(order)) for old in strangers if old not in self.ids and rng.random() < 0.5]
        rng.shuffle(pairs)
        return pa.table({
            "old_id": pa.array([old for old, _ in pairs], self.kind),
            "customer_id": pa.array([new for _, new in pairs], self.kind),
        })

    def made_members(self) -> pa.Table:
        rng = self.rng
        own = [id for id in self.ids if rng.random() < 0.7]
        rows = [(id, rng.choice(["gold", "silver", None, "a tier with a long name"]), rng.choice([None, True, False]),
                 rng.choice([None, AS_OF - dt.timedelta(days=rng.randrange(-60, 800))]), rng.choice([None, 1, 2.5]))
                for id in own]
        rows += rng.sample(rows, min(len(rows), rng.choice([0, 0, 2])))
        rng.shuffle(rows)
        names = ["member", "tier", "mail", SIGNED, "spent"]
        kinds = [self.kind, pa.string(), pa.bool_(), pa.date32(), pa.float64()]
        return pa.table({name: pa.array([row[place] for row in rows], kind)
                         for place, (name, kind) in enumerate(zip(names, kinds))})


FOLLOWED = """
    create table followed as
    with recursive pairs as (select distinct old_id, customer_id as new_id from aliases where old_id <> customer_id),
    chain(old_id, new_id, steps) as (
        select old_id, new_id, 1 from pairs
        union all
        select chain.old_id, pairs.new_id, steps + 1 from chain join pairs on chain.new_id = pairs.old_id
    )
    select old_id, arg_max(new_id, steps) as new_id, max(steps) as steps from chain group by old_id
"""

BUYERS = """
    create table buyers as
    with kept as (
        select coalesce(new_id, customer_id) as id, customer_id as own, order_id, order_ts, amount
        from given left join followed on customer_id = old_id
        where order_ts <= $as_of and customer_id is not null and amount is not null
          and coalesce(new_id, customer_id) not in (select id from excluded)
    ),
    orders as (
        select id, order_id, sum(amount) as total, count(*) as lines, min(order_ts) as day,
               sum(amount) > 0 or (sum(amount) = 0 and min(amount) >= 0) as is_purchase
        from kept group by id, order_id
    )
    select id, min(day) filter (is_purchase) as first_order_date, max(day) filter (is_purchase) as last_order_date,
           count(*) filter (is_purchase) as orders, sum(lines) filter (is_purchase) as transactions,
           sum(total) as revenue, max(total) filter (is_purchase) as largest_order
    from orders group by id having count(*) filter (is_purchase) > 0
"""

PEOPLE = """
    create table accounts as
    select distinct coalesce(new_id, member) as id, member, new_id is not null as is_old, tier, mail, joined, spent
    from members left join followed on member = old_id;
    create table people as
    select id, first(tier order by is_old, member) as tier, first(spent order by is_old, member) as spent,
           bool_and(mail) as consent, min(joined) as sign_up_date, count(*) as accounts
    from accounts group by id
"""


def published(case: Case, directory: Path, binary: Path, source: Path, **settings: object) -> Path:
    listed = directory / "left_out.txt"
    listed.write_text("\n".join(map(str, case.excluded)))
    settings = {key.replace("__", "."): value for key, value in settings.items()}
    settings |= {"privacy.exclude_ids": listed, "clean.allow_empty": "true", "clean.max_quarantined_share": 1}
    return program.publish(binary, source, directory / "out" / str(len(settings)), AS_OF, settings)


def database(case: Case) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in ("rows", "aliases", "members"):
        connection.register("given" if name == "rows" else name, getattr(case, name))
    connection.execute(FOLLOWED)
    kind = "varchar" if case.is_text else "bigint"
    connection.execute(f"create table listed(id {kind})")
    if case.excluded:
        connection.executemany("insert into listed values (?)", [[id] for id in case.excluded])
    connection.execute("create table excluded as select coalesce(new_id, id) as id from listed left join followed on id = old_id")
    connection.execute(BUYERS, {"as_of": AS_OF})
    connection.execute(PEOPLE)
    return connection


MEASURES = ["first_order_date", "last_order_date", "orders", "transactions", "revenue", "largest_order"]


def expected_customers(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    return connection.execute(
        f"""select coalesce(buyers.id, people.id), {", ".join(name if "date" in name or name == "largest_order" else
            f"coalesce({name}, 0)" for name in MEASURES)},
            case when buyers.id is null then 'prospects' end, sign_up_date, consent, tier, spent
        from buyers full join people on buyers.id = people.id
        where buyers.id is not null or (people.id not in (select id from excluded)
              and (sign_up_date is null or sign_up_date <= $as_of))
        order by 1""", {"as_of": AS_OF}).fetchall()


def found_customers(published_at: Path) -> list[tuple]:
    frame = duckdb.read_parquet(str(published_at / "customers.parquet"))
    segment = "case when segment = 'prospects' then segment end"
    return frame.select(f"customer_id, {', '.join(MEASURES)}, {segment}, sign_up_date, consent, tier, spent").fetchall()


def differences(what: str, found: list, should: list) -> list[str]:
    if found == should:
        return []
    first = next(((a, b) for a, b in zip(found, should) if a != b), (f"{len(found)} rows", f"{len(should)} rows"))
    return [f"{what}: got {first[0]}, should be {first[1]}"]


def counts(connection: duckdb.DuckDBPyConnection, manifest: dict) -> list[str]:
    def one(sql: str, **parameters: object) -> int:
        return connection.execute(sql, parameters or None).fetchone()[0]

    moved = """from given join followed on customer_id = old_id where order_ts <= $as_of and amount is not null
               and new_id not in (select id from excluded)"""
    should = {}
    found = manifest.get("aliases", {})
    if found:
        old = one("select count(*) from followed")
        seen = one(f"select count(distinct old_id) {moved}", as_of=AS_OF)
        should["aliases"] = {
            "old_ids": old, "longest_chain": one("select coalesce(max(steps), 0) from followed"), "old_ids_found": seen,
            "old_ids_unmatched": old - seen, "rows_moved": one(f"select count(*) {moved}", as_of=AS_OF),
            "customers_merged": one(f"select count(distinct new_id) {moved}", as_of=AS_OF)}
    left_out = "people.id in (select id from excluded)"
    of_buyers = "people.id in (select id from buyers)"
    later = f"not {of_buyers} and not {left_out} and sign_up_date > $as_of"
    rows = one("select count(*) from members")
    should["members"] = {
        "rows": rows, "customers": one(f"select count(*) from people where {of_buyers}"),
        "prospects": one(f"""select count(*) from people where not {of_buyers} and not {left_out}
                             and coalesce(sign_up_date <= $as_of, true)""", as_of=AS_OF),
        "excluded": one(f"select coalesce(sum(accounts), 0)::bigint from people where {left_out}"),
        "after_as_of": one(f"select count(*) from people where {later}", as_of=AS_OF),
        "merged": one(f"select coalesce(sum(accounts - 1), 0)::bigint from people where not {left_out}"),
        "repeated": rows - one("select count(*) from accounts"),
        "customers_without_row": one("select count(*) from buyers where id not in (select id from people)")}
    got = {part: manifest.get(part) for part in should}
    return [f"{part}: got {got[part]}, should be {should[part]}" for part in should if got[part] != should[part]]


def counted_tables(connection: duckdb.DuckDBPyConnection, at: Path) -> list[str]:
    """Where those who never bought count, from the published rows of every customer."""
    connection.execute(f"create or replace view everyone as select * from read_parquet('{at}/customers.parquet')")
    rank = """select customer_id, revenue_rank from everyone order by customer_id"""
    should = """select customer_id, row_number() over (order by revenue desc, customer_id) from everyone order by customer_id"""
    faults = differences("ranks", connection.execute(rank).fetchall(), connection.execute(should).fetchall())
    for table, key in (("segments", "segment"), ("abc", "abc_class"), ("grid", "grid_cell"), ("octants", "octant"),
                       ("cells", "cell")):
        found = f"""select {key}, customers, round(customer_share, 12), revenue from read_parquet('{at}/{table}.parquet')
                    where customers > 0 order by 1"""
        should = f"""select {key}, count(*), round(count(*) / (select count(*) from everyone), 12), sum(revenue)
                     from everyone group by 1 order by 1"""
        faults += differences(table, connection.execute(found).fetchall(), connection.execute(should).fetchall())
    bounds = connection.execute(f"select axis, sum(customers) from read_parquet('{at}/score_bounds.parquet') group by 1").fetchall()
    everyone = connection.execute("select count(*) from everyone").fetchone()[0]
    faults += [f"score_bounds: {axis} has {customers} of {everyone}" for axis, customers in bounds if customers != everyone]
    scored = "select r_score, f_score, m_score, score_sum, octant, abc_class from everyone where segment = 'prospects' group by all"
    faults += differences("scores of prospects", connection.execute(scored).fetchall() or [(1, 1, 1, 3, "000", "C")],
                          [(1, 1, 1, 3, "000", "C")])
    sums = f"select coalesce(sum(customers), 0), sum(revenue) from read_parquet('{at}/pareto.parquet')"
    everyone = connection.execute("select count(*), sum(revenue) from everyone").fetchall()
    return faults + differences("pareto", connection.execute(sums).fetchall(), everyone)


def one(binary: Path, seed: int, directory: Path) -> list[str]:
    case = Case(seed)
    connection = database(case)
    sources = {name: directory / name for name in ("in", "today")}
    [path.mkdir(parents=True) for path in sources.values()]
    files = case.rng.choice([1, 3])
    for number in range(files):
        part = case.rows.take(pa.array(range(number, case.rows.num_rows, files), pa.int64()))
        pq.write_table(part, sources["in"] / f"{number}.parquet", row_group_size=case.rng.choice([7, 1_000_000]))
    today = connection.sql("""select coalesce(new_id, customer_id) as customer_id, order_id, order_ts, amount
                                  from given left join followed on customer_id = old_id""").to_arrow_table()
    pq.write_table(today, sources["today"] / "a.parquet")
    for name in ("aliases", "members"):
        pq.write_table(getattr(case, name), directory / f"{name}.parquet", row_group_size=case.rng.choice([3, 1_000_000]))
    aliases = {"customers__aliases": directory / "aliases.parquet"} if case.aliases.num_rows else {}
    members = {"customers__path": directory / "members.parquet", "customers__customer_id": "member",
               "customers__attributes": ["tier", "spent"], "customers__consent": "mail", "customers__sign_up_date": SIGNED}
    run = lambda source, **settings: published(case, directory, binary, sources[source], **settings)
    with_aliases = {table: (run("in", **aliases) / f"{table}.parquet").read_bytes() for table in ["customers", *TABLES]}
    case.excluded = [row[0] for row in connection.execute("select distinct id from excluded").fetchall()]
    plain = {table: (run("today") / f"{table}.parquet").read_bytes() for table in ["customers", *TABLES]}
    faults = [f"{table} is not that of rows with ids of today" for table in plain if plain[table] != with_aliases[table]]
    apart = run("in", **aliases, **members)
    faults += differences("customers", found_customers(apart), expected_customers(connection))
    faults += [f"{table} is changed by members" for table in TABLES
               if (apart / f"{table}.parquet").read_bytes() != with_aliases[table]]
    faults += counts(connection, json.loads((apart / "manifest.json").read_text()))
    counted = run("in", **aliases, **members, customers__prospects="counted")
    faults += differences("customers", found_customers(counted), expected_customers(connection))
    faults += counted_tables(connection, counted)
    return [f"seed {seed}: {fault}" for fault in faults]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=40)
    arguments = parser.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(arguments.seeds):
            faults += one(arguments.binary.resolve(), seed, Path(temporary) / str(seed))
    for fault in faults[:20]:
        print(fault)
    print(f"people: {arguments.seeds} inputs, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
