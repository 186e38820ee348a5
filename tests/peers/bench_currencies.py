"""What conversion costs: processor seconds of runs over the same rows with and without currencies.

    bench_currencies.py --binary target/release/rfmetrics --lines 10000000 --runs 5

Rows are those of `rfmetrics simulate`, each in one of eight currencies, with rates for every day of each. Three runs are compared: without
`columns.currency`, with amounts that are all in the base, and with rates. Prints the median of each and its ratio to the first.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CODES = ["EUR", "USD", "GBP", "JPY", "CHF", "CNY", "SEK", "PLN"]
SHARES = [0.5, 0.2, 0.1, 0.05, 0.05, 0.04, 0.03, 0.03]
START, END = dt.date(2020, 1, 1), dt.date(2025, 12, 31)


def make(binary: Path, lines: int, directory: Path) -> None:
    command = [binary, "simulate", "--quiet", "--output", directory / "plain", "--lines", lines, "--files", 4, "--seed", 7]
    subprocess.run([str(word) for word in [*command, "--start", START, "--end", END]], check=True)
    rng = np.random.default_rng(7)
    (directory / "in").mkdir()
    for path in sorted((directory / "plain").rglob("*.parquet")):
        rows = pq.read_table(path)
        codes = pa.array(CODES).take(pa.array(rng.choice(len(CODES), rows.num_rows, p=SHARES)))
        base = pa.array(["EUR"] * rows.num_rows)
        rows = rows.append_column("currency", codes).append_column("base", base)
        pq.write_table(rows, directory / "in" / path.name, row_group_size=1 << 18)
    days = [START + dt.timedelta(days=day) for day in range((END - START).days + 1)]
    rates = [(code, day, repr(round(1 / rng.uniform(0.5, 20), 12))) for code in CODES[1:] for day in days]
    names = ["currency", "day", "rate"]
    pq.write_table(pa.table({name: [row[place] for row in rates] for place, name in enumerate(names)}), directory / "rates.parquet")


def seconds(command: list) -> float:
    """Processor seconds of a process and its threads."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"status {status}: {command}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="an empty directory for the input")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = (arguments.keep or Path(temporary)).resolve()
        binary = arguments.binary.resolve()
        make(binary, arguments.lines, directory)
        plain = [binary, "run", "-qq", "--input", directory / "in", "--output", directory / "out", "--as-of", END]
        rates = ["--set", "currency.base=EUR", "--set", f"currency.rates={directory / 'rates.parquet'}"]
        jobs = {
            "plain": plain,
            "one currency": [*plain, "--column", "currency=base"],
            "rates": [*plain, "--column", "currency=currency", *rates],
        }
        taken: dict[str, list[float]] = {name: [] for name in jobs}
        for _ in range(arguments.runs):
            for name, job in jobs.items():
                taken[name].append(seconds(job))
        first = statistics.median(taken["plain"])
        for name, all_runs in taken.items():
            median = statistics.median(all_runs)
            print(f"{name:13} {median:7.2f} CPU s  {median / first:5.2f}x  ({', '.join(f'{run:.2f}' for run in all_runs)})")


if __name__ == "__main__":
    main()
