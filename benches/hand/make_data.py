"""Order lines for the jobs by hand, written by DuckDB from row numbers and hashes: the same on every machine.

    make_data.py OUT --shape usual|few|skew|many [--lines N] [--customers N] [--files N]

Three years, files in the order of time, zstd and snappy in turn, row groups of a million, and columns that no report needs.
`usual`: customers who buy about twelve times, a few of them far more often, orders of one to four lines, 2% of the lines
below zero. `few`: 5,000 customers. `skew`: one customer has 40% of the orders. `many`: most customers buy once or twice.
Ids are `customer_id` (integers with gaps) and `customer_key` (texts); `few`, `skew` and `many` have one line per order.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

CUSTOMERS = {"usual": 15, "few": None, "skew": 33, "many": 1}
"""Lines per customer; none where their number is fixed."""
FEW = 5_000
LINES_PER_ORDER = {"usual": 1.8}
DAYS = 1_080


def uniform(salt: int) -> str:
    """A number from 0 to 1, by the number of the order or of the line."""
    return f"(hash(number * 16 + {salt})::double / 18446744073709551616.0)"


def orders_sql(shape: str, first: int, last: int, orders: int, customers: int) -> str:
    rank = {
        "usual": f"pow({uniform(1)}, 2.5) * {customers}",
        "skew": f"case when {uniform(2)} < 0.4 then 0 else 1 + {uniform(1)} * {customers - 1} end",
    }.get(shape, f"{uniform(1)} * {customers}")
    share = uniform(3)
    lines = f"case when {share} < 0.5 then 1 when {share} < 0.77 then 2 when {share} < 0.93 then 3 else 4 end"
    return f"""
        select number as order_id, floor({rank})::bigint as customer, {lines if shape == "usual" else "1"} as lines,
               make_timestamp(1640995200000000 + ((number + {uniform(4)})::double * {DAYS * 86_400_000_000} / {orders})::bigint) as order_ts
        from range({first}, {last}) orders(number)"""


def lines_sql(shape: str, first: int, last: int, orders: int, customers: int) -> str:
    return f"""
        with orders as ({orders_sql(shape, first, last, orders, customers)}),
             lines as (select *, order_id * 4 + unnest(range(0, lines)) as number from orders)
        select order_id, customer * 7919 + 13 as customer_id, 'C' || lpad(customer::text, 9, '0') as customer_key, order_ts,
               (hash(number) % 50000)::int as sku, (1 + hash(number + 1) % 5)::smallint as quantity,
               (case when {uniform(5)} < 0.02 then -1 else 1 end) * round(exp(3 + 0.8 * ({uniform(6)} + {uniform(7)} + {uniform(8)} - 1.5)), 2) as amount,
               round({uniform(9)} * 10, 2) as margin, 'K' || lpad((hash(customer) % 30)::text, 2, '0') as country,
               {uniform(10)} < 0.1 as is_click
        from lines"""


def make(out: Path, shape: str, lines: int, customers: int | None, files: int) -> None:
    orders = int(lines / LINES_PER_ORDER.get(shape, 1))
    per_customer = CUSTOMERS[shape]
    customers = customers or (FEW if per_customer is None else max(lines // per_customer, 1))
    out.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        for file in range(files):
            first, last = orders * file // files, orders * (file + 1) // files
            codec = "zstd" if file % 2 else "snappy"
            query = lines_sql(shape, first, last, orders, customers)
            path = out / f"part-{file:03}.parquet"
            connection.execute(f"copy ({query}) to '{path}' (format parquet, compression {codec}, row_group_size 1048576)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--shape", choices=[*CUSTOMERS], default="usual")
    parser.add_argument("--lines", type=float, default=1e7)
    parser.add_argument("--customers", type=float)
    parser.add_argument("--files", type=int, default=12)
    options = parser.parse_args()
    customers = int(options.customers) if options.customers else None
    make(options.out, options.shape, int(options.lines), customers, options.files)


if __name__ == "__main__":
    main()
