"""The whole job next to the job by hand, and next to a former binary: in turn, medians, ratios.

    race.py --binary B [--former OLD] [--lines 1e7] [--shapes usual,few] [--rounds 3] [--peers duckdb,polars,scan]

Every job is a process of its own; the kernel tells its wall time, processor time (user and system) and peak memory. The jobs
of a round run one after another, so that what else the machine does meets them all. On a busy machine compare processor time.
All jobs must find as many customers. The file itself needs the standard library alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
AS_OF = "2024-12-15"
OURS, FORMER = "rfmetrics", "former binary"
RACES = {"usual": ["orders", "rows"], "few": ["rows"], "skew": ["rows"], "many": ["rows"]}


@dataclass
class Measured:
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)


def ours(binary: Path, source: Path, out: Path, mode: str, key: str, options: argparse.Namespace) -> list[str]:
    more = options.further.split() if options.further else []
    by_row = ["--orders-by", "row"] if mode == "rows" else []
    # Every order id counts, whatever it sums to: what the jobs by hand ask.
    columns = ["--column", f"customer_id={key}", "--returns", "literal"]
    threads = ["--threads", str(options.threads)] if options.threads else []
    return [str(binary), "run", "-qq", "--input", str(source), "--output", str(out), "--as-of", AS_OF, *by_row, *columns, *threads, *more]  # fmt: skip


def jobs(source: Path, out: Path, mode: str, key: str, options: argparse.Namespace) -> dict[str, list[str]]:
    pattern = str(source / "*.parquet")
    by_hand = ["--as-of", AS_OF, "--mode", mode, "--key", key]
    threads = ["--threads", str(options.threads)] if options.threads else []
    polars = [sys.executable, str(HERE / "polars_job.py"), pattern, str(out / "polars"), *by_hand]
    every = {
        OURS: ours(options.binary, source, out / "ours", mode, key, options),
        "duckdb": [sys.executable, str(HERE / "duckdb_job.py"), pattern, str(out / "duckdb"), *by_hand, *threads],
        "polars": polars,
        "scan": [*polars, "--scan-only"],
    }
    if options.former:
        every[FORMER] = ours(options.former, source, out / "former", mode, key, options)
    wanted = [OURS, *([FORMER] if options.former else []), *(peer for peer in options.peers.split(",") if peer)]
    return {name: every[name] for name in wanted}


def run(command: list[str], measured: Measured, threads: int | None) -> None:
    environment = os.environ | ({"POLARS_MAX_THREADS": str(threads)} if threads else {})
    started = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    measured.wall.append(time.perf_counter() - started)
    measured.cpu.append(usage.ru_utime + usage.ru_stime)
    measured.peak.append(usage.ru_maxrss * 1024)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(command)}")


def customers(out: Path) -> int:
    """How many customers a job found; a process of its own counts them, since a child begins with the peak of its parent."""
    [table] = [path for path in out.rglob("customers.parquet")]
    count = "import duckdb, sys; print(duckdb.execute('select count(*) from read_parquet(?)', [sys.argv[1]]).fetchone()[0])"
    return int(subprocess.run([sys.executable, "-c", count, str(table)], check=True, capture_output=True, text=True).stdout)


FOLDERS = {OURS: "ours", FORMER: "former", "duckdb": "duckdb", "polars": "polars"}


def race(source: Path, out: Path, mode: str, key: str, options: argparse.Namespace) -> dict[str, Measured]:
    every = jobs(source, out, mode, key, options)
    measured = {name: Measured() for name in every}
    shutil.rmtree(out, ignore_errors=True)
    for turn in range(options.rounds):
        for name, command in every.items():
            out.mkdir(parents=True, exist_ok=True)
            run(command, measured[name], options.threads)
        found = {name: customers(out / FOLDERS[name]) for name in every if name in FOLDERS} if turn == 0 else {}
        if len(set(found.values())) > 1:
            sys.exit(f"the jobs differ in their customers: {found}")
        shutil.rmtree(out)
    return measured


def report(title: str, measured: dict[str, Measured]) -> None:
    print(f"\n{title}\n\n| | wall | CPU | peak memory |\n|---|---|---|---|")
    median = statistics.median
    base = measured[OURS]
    for name, of in measured.items():
        ratio = lambda own, others: "" if name == OURS else f" ({median(own) / median(others):.2f}x)"
        cells = [
            f"{median(of.wall):.2f} s{ratio(of.wall, base.wall)}",
            f"{median(of.cpu):.2f} s{ratio(of.cpu, base.cpu)}",
            f"{median(of.peak) / 1e9:.2f} GB",
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--former", type=Path, help="an older binary that runs beside")
    parser.add_argument("--lines", type=float, default=1e7)
    parser.add_argument("--shapes", default="usual,few,skew,many")
    parser.add_argument("--keys", default="customer_id,customer_key", help="for the usual shape")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default="duckdb,polars,scan")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--further", help="more flags for the binaries, as one text")
    parser.add_argument("--data", type=Path, default=Path("data/generated/hand"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")
    results = {}
    for shape in options.shapes.split(","):
        source = options.data / f"{shape}-{int(options.lines)}"
        if not source.exists():
            unfinished = source.with_name(source.name + ".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            command = [sys.executable, str(HERE / "make_data.py"), str(unfinished), "--shape", shape]
            subprocess.run([*command, "--lines", str(options.lines)], check=True)
            unfinished.rename(source)
        for mode in RACES[shape]:
            for key in options.keys.split(",") if shape == "usual" else ["customer_id"]:
                title = f"{shape}, {options.lines / 1e6:.0f} million lines, {'each an order' if mode == 'rows' else 'order ids'}, {key}"
                measured = race(source, options.data / "out", mode, key, options)
                report(title, measured)
                results[title] = {name: vars(of) for name, of in measured.items()}
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
