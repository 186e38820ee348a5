"""A series of dates against a run for each date alone: every file of every date must be the same, byte for byte.

    series.py --binary BINARY [--seeds N] [--first N] [--keep DIR]

Made-up lines of some hundred customers with all that is hard about dates: orders whose lines lie in several of the intervals
between dates, cancelled and made up for, days out of order, nulls, ids of nobody, repeats, order ids that come again. Each
seed has its own files, types, dates and settings. What a single run should say, `oracle.py` knows. Exit status 1 on any
difference.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

START = date(2024, 1, 1)
DAYS = 400


def lines(rng: random.Random) -> list[dict]:
    """Lines of orders, some of which go on for months."""
    customers = rng.choice([5, 40, 300])
    rows = []
    for _ in range(rng.choice([200, 1_500])):
        order = {"customer": rng.randrange(customers), "order": rng.randrange(rng.choice([5, 500]))}
        first = rng.randrange(DAYS)
        spread = rng.choice([0, 0, 0, 1, 40, 200])
        for _ in range(rng.choice([1, 1, 2, 4])):
            row = dict(order, day=first + (rng.randint(0, spread) if spread else 0))
            row["amount"] = rng.choice([rng.uniform(0, 99), rng.uniform(-60, 60), 0.0, 12.345])
            row["town"] = rng.choice([None, "Ulm", "a town with quite a long name", f"t{rng.randrange(30)}"])
            row["weight"] = rng.choice([None, rng.uniform(-1, 1), float(rng.randrange(4))])
            row["profit"] = rng.choice([None, rng.uniform(-9, 9)])
            row["currency"] = rng.choice(["EUR", "EUR", "USD", None])
            for column, chance in [("customer", 0.02), ("order", 0.05), ("day", 0.02), ("amount", 0.02)]:
                if rng.random() < chance:
                    row[column] = None
            rows.append(row)
            if rng.random() < 0.03:
                rows.append(dict(row))
    how = rng.choice(["random", "by day", "as made"])
    if how == "random":
        rng.shuffle(rows)
    elif how == "by day":
        rows.sort(key=lambda row: row["day"] or 0)
    return rows


def write(rng: random.Random, directory: Path) -> None:
    rows = lines(rng)
    text_ids = rng.random() < 0.5
    per_file = max(1, len(rows) // rng.choice([1, 2, 5]))
    directory.mkdir(parents=True)
    for number, first in enumerate(range(0, len(rows), per_file)):
        part = rows[first : first + per_file]
        ids = [row["customer"] for row in part]
        if text_ids:
            ids = pa.array([None if id is None else rng.choice([f"c-{id}", f"c-{id}", f" c-{id}"]) for id in ids])
        else:
            ids = pa.array(ids, pa.int64())
        days = [None if row["day"] is None else START + timedelta(days=row["day"]) for row in part]
        table = pa.table(
            {
                "customer_id": ids,
                "order_id": pa.array([row["order"] for row in part], pa.int64()),
                "order_ts": pa.array(days, pa.date32()),
                "amount": pa.array([row["amount"] for row in part], pa.float64()),
                "town": pa.array([row["town"] for row in part], pa.string()),
                "weight": pa.array([row["weight"] for row in part], pa.float64()),
                "profit": pa.array([row["profit"] for row in part], pa.float64()),
                "currency": pa.array([row["currency"] for row in part], pa.string()),
            }
        )
        pq.write_table(table, directory / f"{number}.parquet", row_group_size=rng.choice([17, 200, 10_000]))


def settings(rng: random.Random, root: Path) -> list[str]:
    """Random settings, those of which most say what counts."""
    chosen: list[str] = []
    maybe = lambda chance, *words: chosen.extend(words) if rng.random() < chance else None  # noqa: E731
    maybe(0.7, "--returns", rng.choice(["net", "literal", "purchases", "drop"]))
    if rng.random() < 0.5:
        chosen += ["--window-days", str(rng.choice([1, 20, 90, 365]))]
        maybe(0.15, "--set", "dates.window_applies_to=everything")
    maybe(0.4, "--set", 'columns.attributes=["town","weight"]')
    maybe(0.3, "--orders-by", rng.choice(["row", "day", "order_id_and_day"]))
    repeats = rng.random()
    if repeats < 0.3:
        chosen.append("--dedupe" if repeats < 0.2 else "--count-repeats")
    maybe(0.2, "--set", "clean.zero_amounts=drop")
    maybe(0.2, "--set", "clean.trim_ids=true")
    maybe(0.2, "--set", "dates.min_date=2024-01-03")
    maybe(0.2, "--set", "clean.max_amount=80")
    maybe(0.2, "--set", "clean.quarantine_rows=3")
    maybe(0.15, "--filter", "amount > -40")
    maybe(0.1, "--column", "margin=profit")
    maybe(0.1, "--set", "input.trust_statistics=true")
    maybe(0.2, "--map", rng.choice(["lifecycle", "octants", "pymc"]))
    maybe(0.2, "--money-scale", rng.choice(["0", "3"]))
    if rng.random() < 0.2:
        rates = root / "rates.parquet"
        days = [START + timedelta(days=step) for step in range(0, DAYS, rng.choice([3, 40]))]
        table = {"currency": ["USD"] * len(days), "day": pa.array(days, pa.date32()), "rate": [0.9 + 0.001 * n for n in range(len(days))]}
        pq.write_table(pa.table(table), rates)
        chosen += ["--column", "currency=currency", "--set", "currency.base=EUR", "--set", f"currency.rates={rates}"]
    if rng.random() < 0.4:
        chosen += ["--predict", rng.choice(["bg_nbd", "auto"]), "--set", "predict.min_history_days=1"]
        maybe(0.5, "--set", f"predict.holdout_days={rng.choice([5, 30])}")
        maybe(0.3, "--set", "predict.by_year=true")
    maybe(0.5, "--threads", rng.choice(["1", "2", "8"]))
    return chosen + ["--set", "clean.max_quarantined_share=1"]


def run(binary: Path, root: Path, output: str, arguments: list[str]) -> subprocess.CompletedProcess:
    command = [str(binary), "run", "--quiet", "--format", "json", "--input", "in", "--output", output, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600)


def tables(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.glob("*.parquet"))}


def compare(binary: Path, root: Path, seed: int) -> list[str]:
    rng = random.Random(seed)
    write(rng, root / "in")
    chosen = settings(rng, root)
    days = sorted({START + timedelta(days=rng.randrange(5, DAYS)) for _ in range(rng.choice([2, 4, 9]))})
    dates = [str(day) for day in days]
    series = run(binary, root, "series", ["--as-of", ",".join(dates), *chosen])
    answer = json.loads(series.stdout) if series.returncode == 0 else {"dates": []}
    published = {entry["as_of"] for entry in answer["dates"]}
    wrong = []
    for day in dates:
        single = run(binary, root, "single", ["--as-of", day, *chosen])
        directory = f"as_of={day}"
        if single.returncode != 0:
            if day in published:
                wrong.append(f"{day} is published, and alone stops: {single.stderr.strip()}")
            elif series.returncode == 0 and "no row is left" not in single.stderr:
                wrong.append(f"{day} alone stops, and is skipped: {single.stderr.strip()}")
            continue
        if day not in published:
            skipped = [entry["facts"]["as_of"] for entry in answer.get("warning_details", [])]
            if series.returncode == 0 and day not in skipped:
                wrong.append(f"{day} is neither published nor skipped")
            continue
        own, theirs = tables(root / "series" / directory), tables(root / "single" / directory)
        if own.keys() != theirs.keys():
            wrong.append(f"{day}: tables {sorted(own.keys() ^ theirs.keys())}")
        wrong += [f"{day}: {name}" for name in own.keys() & theirs.keys() if own[name] != theirs[name]]
        facts = [json.loads((root / of / directory / "manifest.json").read_text()) for of in ("series", "single")]
        for key in ("totals", "account", "notes", "currency", "breaks", "predictions"):
            if facts[0].get(key) != facts[1].get(key):
                wrong.append(f"{day}: `{key}` of the manifest")
    if series.returncode not in (0, 4):
        wrong.append(f"exit code {series.returncode}: {series.stderr.strip()}")
    return [f"seed {seed}, {' '.join(chosen)}: {text}" for text in wrong]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="leave the directories of seeds that differ here")
    arguments = parser.parse_args()
    binary, wrong = arguments.binary.resolve(), []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        with tempfile.TemporaryDirectory() as directory:
            found = compare(binary, Path(directory), seed)
            if found and arguments.keep:
                shutil.copytree(directory, arguments.keep / str(seed), dirs_exist_ok=True)
        wrong += found
        for line in found:
            print(line, flush=True)
    print(f"{arguments.seeds} seeds, {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
