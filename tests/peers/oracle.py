"""Runs the program on many small data sets and compares every value with DuckDB's answer from the raw files.

    oracle.py --binary target/release/rfmetrics --seeds 20
    oracle.py --job duckdb_job.py --seeds 20       checks a racing job the same way (quantile scores, plain data)
    oracle.py --self-check --seeds 20              checks the oracle's SQL against plain Python (customers only)

One line per case; exit status 1 on any difference, whose data and output are kept.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

import cases
import plain
from compare import compare_table
from oracle_sql import Oracle
from program import run
from tables import ALL_TABLES

SIMULATED_PER_SEED = 2
NASTY_PER_SEED = 4
HERE = Path(__file__).parent
SIMULATED = [
    (ids, order_ids, dirty, per_order)
    for dirty in (False, True)
    for order_ids in (True, False)
    for ids in ("integer", "short", "uuid")
    for per_order in (3, 1)
]


class Candidate:
    """The program under test: the binary, or a racing job in its place."""

    def __init__(self, options: argparse.Namespace):
        self.binary, self.job, self.self_check = options.binary, options.job, options.self_check
        self.methods = ["quantile"] if self.job else options.methods.split(",")

    def methods_of(self, seed: int) -> list[str]:
        """The method of the R package is tried on every third seed: it differs from quantiles in the cuts alone."""
        return [method for method in self.methods if method != "r-rfm" or seed % 3 == 1]

    def simulate(self, seed: int, directory: Path) -> cases.Case:
        ids, order_ids, dirty, per_order = SIMULATED[seed % len(SIMULATED)]
        rows = 3_000 + 911 * (seed % 7)
        if self.job or self.self_check:
            case = cases.simulated(seed, rows, per_order, ids, order_ids, dirty, files=1 + seed % 5)
            case.write(directory)
        else:
            command = [
                self.binary,
                "simulate",
                "--output",
                directory,
                "--lines",
                rows,
                "--lines-per-order",
                per_order,
                "--files",
                1 + seed % 5,
                "--seed",
                seed,
                "--ids",
                ids,
            ]
            if not order_ids:
                command.append("--no-order-ids")
            if dirty:
                command += [
                    "--share-returns",
                    0.02,
                    "--share-null-ids",
                    0.01,
                    "--share-duplicates",
                    0.01,
                    "--share-bad-dates",
                    0.001,
                ]
            run(command)
            case = cases.Case(
                f"simulated-{ids}{'' if order_ids else '-no-orders'}{'-dirty' if dirty else ''}-{per_order}", []
            )
        if dirty and seed % 2 and not (self.job or self.self_check):
            case.name, case.dedupe = f"{case.name}-dedupe", True
        if seed % 3 == 2:
            case.as_of -= dt.timedelta(days=75)
        return case

    def nested_map(self) -> str:
        """The cells of `rf25` as a map for nested scores, so that the segments are known."""
        shipped = subprocess.run([self.binary, "maps", "rf25", "--toml"], capture_output=True, text=True, check=True).stdout
        own = shipped.replace('"rf25"', '"rf25-nested"').replace('"independent"', '"nested"')
        if own.count('"nested"') != 1:
            raise RuntimeError("the map cannot be made one for nested scores")
        return own

    def run(self, case: cases.Case, method: str, source: Path, output: Path, threads: int) -> Path:
        """The directory that holds the tables."""
        if self.job:
            run([sys.executable, self.job, "--input", source, "--output", output, "--as-of", case.as_of])
            return output
        command = [
            self.binary,
            "run",
            "--input",
            source,
            "--output",
            output,
            "--as-of",
            case.as_of,
            "--method",
            "ntile" if method == "nested" else method,
            "--threads",
            threads,
            "--returns",
            case.returns,
            "--set",
            "clean.max_quarantined_share=1.0",
            "--quiet",
        ]
        if method == "nested":
            own = Path(f"{output}.toml")
            own.write_text(self.nested_map())
            command += ["--set", "score.combination=nested", "--map", own]
        if case.orders_by:
            command += ["--orders-by", case.orders_by]
        if case.dedupe:
            command += ["--dedupe"]
        run(command)
        return output / f"as_of={case.as_of}"


def check_account(oracle: Oracle, published: Path) -> list[str]:
    """The quality table and the totals of the manifest."""
    problems = [f"{name}.parquet is missing" for name in ALL_TABLES if not (published / f"{name}.parquet").exists()]
    if (published / "quality.parquet").exists():
        quality = pl.read_parquet(published / "quality.parquet")
        found = {outcome: rows for outcome, rows in quality.select("outcome", "rows").rows() if rows}
        if found != oracle.outcomes():
            problems.append(f"quality: expected {oracle.outcomes()}, found {found}")
        if quality.height and abs(quality["row_share"].sum() - 1) > 1e-12:
            problems.append(f"quality: row_share adds up to {quality['row_share'].sum()}")
        kept = quality.filter(pl.col("outcome") == "kept")["amount"].sum()
        if round(kept * 100) != oracle.kept_units():
            problems.append(
                f"quality: the kept rows amount to {kept}, expected {oracle.kept_units()} minor units"
            )
    manifest = json.loads((published / "manifest.json").read_text())
    totals = manifest["totals"]
    for name, expected in oracle.totals().items():
        if totals.get(name) != expected:
            problems.append(f"manifest.json: totals.{name} is {totals.get(name)}, expected {expected}")
    return problems


def check(
    candidate: Candidate, oracle: Oracle, case: cases.Case, method: str, source: Path, output: Path, threads: int
) -> list[str]:
    if candidate.self_check:
        return self_check(oracle, case, method, source)
    try:
        published = candidate.run(case, method, source, output, threads)
        problems = [] if candidate.job else check_account(oracle, published)
        for name, expected in oracle.tables(method).items():
            problems += compare_table(name, expected, published / f"{name}.parquet", case.as_of, oracle.db)
        return problems
    except (RuntimeError, OSError, ValueError, duckdb.Error, pl.exceptions.PolarsError) as error:
        return [f"{type(error).__name__}: {error}"]


def self_check(oracle: Oracle, case: cases.Case, method: str, source: Path) -> list[str]:
    expected = plain.customers(source, case.as_of, case.orders_by, case.returns, method)
    found = oracle.tables(method)["customers"].select(*expected[0]).rows(named=True)
    wrong = [(left, right) for left, right in zip(expected, found) if left != right]
    counts = [f"{len(expected)} customers expected, {len(found)} found"] if len(expected) != len(found) else []
    return counts + [f"{len(wrong)} rows differ, the first:\n{left}\n{right}" for left, right in wrong[:1]]


def cases_of_seed(candidate: Candidate, seed: int, work: Path):
    """The data sets of a seed, or the error instead of one, and their directories."""
    for number in range(SIMULATED_PER_SEED):
        source = work / f"simulated-{number}"
        try:
            yield candidate.simulate(seed * SIMULATED_PER_SEED + number, source), source
        except RuntimeError as error:
            yield error, source
    for number in range(NASTY_PER_SEED):
        make = cases.NASTY[(seed * NASTY_PER_SEED + number) % len(cases.NASTY)]
        case = make(np.random.default_rng([seed, number]))
        if candidate.job and not case.raceable:
            continue
        case.write(work / case.name)
        yield case, work / case.name


def run_seed(candidate: Candidate, seed: int, work: Path) -> tuple[list[str], int, int]:
    """What to print, the number of runs, and of those with differences. Data without a difference is removed."""
    lines, runs, failed, work = [], 0, 0, work / f"seed-{seed}"
    for case, source in cases_of_seed(candidate, seed, work):
        if isinstance(case, RuntimeError):
            lines, runs, failed = [*lines, f"DIFF seed {seed:3}  simulate: {case}"], runs + 1, failed + 1
            continue
        # The racing jobs count every order id.
        returns = "literal" if candidate.job else case.returns
        oracle = Oracle(f"{source}/**/*.parquet", case.as_of, case.orders_by, returns, dedupe=case.dedupe)
        for number, method in enumerate(candidate.methods_of(seed)):
            begun = time.monotonic()
            output = Path(f"{source}-{method}")
            problems = check(candidate, oracle, case, method, source, output, 1 + (seed + number) % 2)
            totals = oracle.totals()
            lines.append(
                f"{'DIFF' if problems else 'ok':4} seed {seed:3}  {case.name:32} {method:8} {totals['rows_in']:7,} rows "
                f"{totals['customers']:6,} customers {time.monotonic() - begun:6.2f} s"
            )
            lines += ["     " + problem.replace("\n", "\n     ") for problem in problems]
            if problems:
                lines.append(f"     data {source}, output {output}")
            runs, failed = runs + 1, failed + bool(problems)
    if not failed:
        shutil.rmtree(work, ignore_errors=True)
    return lines, runs, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--binary", type=Path)
    which.add_argument("--job", type=Path)
    which.add_argument("--self-check", action="store_true")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--methods", default="quantile,ntile,nested,r-rfm")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="seeds at a time")
    parser.add_argument("--work", type=Path, help="directory for data and output [a temporary one]")
    options = parser.parse_args()
    candidate = Candidate(options)
    work = options.work or Path(tempfile.mkdtemp(prefix="rfmetrics-oracle-"))
    started, done, failed = time.monotonic(), 0, 0
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    # New processes and no forks: polars and DuckDB have threads.
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for lines, runs, wrong in pool.map(run_seed, [candidate] * options.seeds, seeds, [work] * options.seeds):
            print("\n".join(lines), flush=True)
            done, failed = done + runs, failed + wrong
    print(f"{done} runs, {failed} with differences, {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
