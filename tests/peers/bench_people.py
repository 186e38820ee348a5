"""What old ids and members cost: CPU seconds and peak memory of runs with them as a multiple of the plain run.

    bench_people.py --binary target/release/rfmetrics --lines 100M --customers 10000000 --runs 3 [--ids uuid]

`simulate` makes the rows. DuckDB makes the tables from the ids that occur: `aliases` (a tenth of the ids have become ids of another tenth),
`crosswalk` (every id has become another one, as where ids of channels become ids of people) and `members` (every id with a date, a
consent and two attributes, and a tenth as many who never bought). The data stay in --directory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb

TABLES = {
    "aliases": """with numbered as (
                      select customer_id, hash(customer_id) % 10 as part,
                             row_number() over (partition by hash(customer_id) % 10 order by hash(customer_id)) as n from ids)
                  select old.customer_id as old_id, new.customer_id
                  from numbered old join numbered new on old.n = new.n where old.part = 0 and new.part = 1""",
    # Two by two they have become one of a new kind.
    "crosswalk": """with numbered as (select customer_id, row_number() over (order by hash(customer_id)) as n from ids)
                    select customer_id as old_id, NEW as customer_id from numbered""",
    "members": """with everyone as (
                      select customer_id from ids union all
                      select STRANGER from range((select count(*) // 10 from ids)) others(n)
                  )
                  select customer_id, date '2020-01-01' + (hash(customer_id) % 2000)::int as joined,
                         hash(customer_id) % 3 > 0 as mail, (['DE', 'AT', 'CH', 'FR'])[1 + (hash(customer_id) % 4)::int] as country,
                         (hash(customer_id) % 90)::int as age
                  from everyone order by hash(customer_id)""",
}


def make(options: argparse.Namespace) -> None:
    """The rows and the tables, unless they are there."""
    rows = options.directory / "rows"
    if not rows.exists():
        subprocess.run([options.binary, "simulate", "--quiet", "--output", rows, "--lines", options.lines, "--customers",
                        str(options.customers), "--ids", options.ids], check=True, stdout=subprocess.DEVNULL)
    connection = duckdb.connect()
    connection.execute(f"set temp_directory = '{options.directory}/spill'; set memory_limit = '8GB'")
    connection.execute(f"create table ids as select distinct customer_id from read_parquet('{rows}/**/*.parquet')")
    is_text = connection.execute("select typeof(any_value(customer_id)) from ids").fetchone()[0] == "VARCHAR"
    new = "'person-' || (n // 2)" if is_text else "1000000000000 + n // 2"
    stranger = "'stranger-' || n" if is_text else "2000000000000 + n"
    for name, sql in TABLES.items():
        path = options.directory / f"{name}.parquet"
        sql = sql.replace("NEW", new).replace("STRANGER", stranger)
        if not path.exists():
            connection.execute(f"copy ({sql}) to '{path}' (format parquet)")


def measure(command: list, log: Path) -> tuple[float, float, float]:
    """CPU and wall seconds, and peak memory in megabytes."""
    start = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command}\n{log.read_text()}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--directory", type=Path, default=Path("data/generated/people"))
    parser.add_argument("--lines", default="100M")
    parser.add_argument("--customers", type=int, default=10_000_000)
    parser.add_argument("--ids", default="integer", choices=["integer", "short", "uuid"])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    make(options)
    members = {"customers.path": "members", "customers.sign_up_date": "joined", "customers.consent": "mail",
               "customers.attributes": "country,age"}
    kinds = {
        "plain": {},
        "aliases": {"customers.aliases": "aliases"},
        "crosswalk": {"customers.aliases": "crosswalk"},
        "members": members,
        "aliases and members": {"customers.aliases": "aliases", **members},
    }
    found: dict[str, list] = {kind: [] for kind in kinds}
    for _ in range(options.runs):
        for kind, settings in kinds.items():
            command = [options.binary, "run", "--quiet", "--input", options.directory / "rows", "--output",
                       options.directory / "out", "--as-of", "2025-12-31"]
            for key, value in settings.items():
                is_path = key in ("customers.path", "customers.aliases")
                command += ["--set", f"{key}={options.directory / f'{value}.parquet' if is_path else value}"]
            found[kind].append(measure(command, options.directory / "log"))
    plain = statistics.median(cpu for cpu, _, _ in found["plain"])
    print("| run | CPU | multiple | wall | peak memory |\n|---|---|---|---|---|")
    for kind, measured in found.items():
        cpu, wall, memory = (statistics.median(column) for column in zip(*measured))
        print(f"| {kind} | {cpu:.1f} s | {cpu / plain:.2f} | {wall:.1f} s | {memory:.0f} MB |")


if __name__ == "__main__":
    main()
