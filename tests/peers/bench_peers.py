"""Races the program against DuckDB SQL and Python Polars over the same whole job: from order lines in Parquet to the
customers table and its reports in Parquet.

    bench_peers.py --binary target/release/rfmetrics --lines 1000000,10000000 --runs 3 --ids integer --lines-per-order 3,1

Per data set the jobs run in turn (A B C A B C ...), each as a process of its own whose wall time, user + system time
and peak resident memory the kernel reports (wait4). The files are read once before, so that all find them cached.
After the first round every answer is compared with ours. Medians are printed as Markdown; everything goes to a JSON file.
The program also writes pareto_summary, dim_segment, quality, quarantine and a manifest with checksums; the others need not.

This file imports nothing but the standard library: a child begins with the peak memory of the process that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
AS_OF = "2026-10-31"
OURS = "rfmetrics"


def commands(options: argparse.Namespace, source: Path, output: Path) -> dict[str, list[str]]:
    python, common = sys.executable, ["--input", str(source), "--as-of", AS_OF]
    every = {
        OURS: [
            str(options.binary),
            "run",
            *common,
            "--output",
            str(output / OURS),
            "--threads",
            str(options.threads),
            "--quiet",
        ],
        "duckdb": [
            python,
            str(HERE / "duckdb_job.py"),
            *common,
            "--output",
            str(output / "duckdb"),
            "--threads",
            str(options.threads),
        ],
        "polars": [python, str(HERE / "polars_job.py"), *common, "--output", str(output / "polars")],
    }
    return {name: every[name] for name in [OURS, *options.peers.split(",")]}


def data(options: argparse.Namespace, lines: int, per_order: str, ids: str) -> Path:
    """The directory of a data set, made when it is not there. An unfinished one does not bear the name."""
    directory = options.data / f"bench-{ids}-{lines}-lines-{per_order}-per-order"
    if not directory.exists():
        unfinished = directory.with_name(directory.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                str(options.binary),
                "simulate",
                "--output",
                str(unfinished),
                "--lines",
                str(lines),
                "--lines-per-order",
                per_order,
                "--files",
                "8",
                "--seed",
                "1",
                "--ids",
                ids,
                # Where each row is an order there is nothing that an order id could tell.
                *(["--no-order-ids"] if per_order == "1" else []),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        unfinished.rename(directory)
    return directory


def read_once(directory: Path) -> int:
    """Brings the files into the page cache; their size in bytes."""
    size = 0
    for file in sorted(directory.rglob("*.parquet")):
        with file.open("rb", buffering=0) as opened:
            while block := opened.read(1 << 22):
                size += len(block)
    return size


def measure(command: list[str], log: Path, threads: int, timeout: float) -> dict[str, float]:
    """One run: what the kernel says about this very child."""
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    with log.open("wb") as errors:
        started = time.perf_counter()
        child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        alarm = threading.Timer(timeout, os.kill, (child.pid, signal.SIGKILL))
        alarm.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        alarm.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "wall_seconds": wall,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "exit_status": child.returncode,
    }


def compare(output: Path, peer: str) -> str:
    """`same`, or what differs."""
    finished = subprocess.run(
        [sys.executable, str(HERE / "bench_answers.py"), str(output / OURS / f"as_of={AS_OF}"), str(output / peer)],
        capture_output=True,
        text=True,
    )
    return "same" if finished.returncode == 0 else (finished.stdout + finished.stderr).strip()


def race(options: argparse.Namespace, source: Path, output: Path) -> dict[str, dict]:
    jobs = commands(options, source, output)
    results: dict[str, dict] = {name: {"runs": [], "answer": "ours" if name == OURS else None} for name in jobs}
    for number in range(options.runs):
        for name, command in jobs.items():
            if results[name].get("failed"):
                continue
            shutil.rmtree(output / name, ignore_errors=True)
            run = measure(command, output / f"{name}.log", options.threads, options.timeout)
            print(
                f"  {name:10} {run['wall_seconds']:9.2f} s {run['cpu_seconds']:9.2f} s cpu {run['peak_bytes'] / 1e6:9.0f} MB",
                file=sys.stderr,
                flush=True,
            )
            results[name]["runs"].append(run)
            if run["exit_status"] != 0:
                log = (output / f"{name}.log").read_text(errors="replace")[-2000:]
                results[name]["failed"] = f"exit status {run['exit_status']}: {log}"
        if number == 0:
            for name in jobs:
                if name != OURS and not results[name].get("failed") and not results[OURS].get("failed"):
                    results[name]["answer"] = compare(output, name)
    return results


def median(result: dict, field: str) -> float:
    return statistics.median(run[field] for run in result["runs"])


def markdown(results: dict[str, dict]) -> str:
    rows = [
        "| job | wall s | CPU s | peak MB | wall | CPU | memory | answer |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    ours = results[OURS]
    for name, result in results.items():
        if result.get("failed"):
            rows.append(f"| {name} | failed | | | | | | {result['failed'].splitlines()[0]} |")
            continue
        values = [median(result, field) for field in ("wall_seconds", "cpu_seconds", "peak_bytes")]
        if ours.get("failed"):
            ratios = ["", "", ""]
        else:
            ratios = [
                f"{value / median(ours, field):.2f}x"
                for value, field in zip(values, ("wall_seconds", "cpu_seconds", "peak_bytes"))
            ]
        rows.append(
            f"| {name} | {values[0]:.2f} | {values[1]:.2f} | {values[2] / 1e6:.0f} | {' | '.join(ratios)} | {str(result['answer']).splitlines()[0]} |"
        )
    return "\n".join(rows)


def versions(options: argparse.Namespace) -> dict[str, str]:
    ask = "import duckdb, polars; print(duckdb.__version__, polars.__version__)"
    duckdb, polars = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True, check=True
    ).stdout.split()
    ours = subprocess.run([str(options.binary), "--version"], capture_output=True, text=True).stdout.strip()
    return {OURS: ours, "duckdb": duckdb, "polars": polars, "python": platform.python_version()}


def machine() -> dict[str, object]:
    model = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model[0] if model else platform.processor(),
        "cores": os.cpu_count(),
        "memory_bytes": memory,
        "kernel": platform.release(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--lines", default="1000000,10000000,100000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ids", default="integer", help="integer, short, uuid; several with commas")
    parser.add_argument("--lines-per-order", default="3,1")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--peers", default="duckdb,polars")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds after which a run counts as failed")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "generated")
    parser.add_argument("--json", type=Path, help="[bench_peers.json beside the data]")
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    report = {
        "as_of": AS_OF,
        "threads": options.threads,
        "machine": machine(),
        "versions": versions(options),
        "data_sets": [],
    }
    print(
        f"{report['machine']['processor']}, {report['threads']} threads; {report['versions']}\n"
        f"Medians of {options.runs} runs in turn; ratios are peer / {OURS}, above 1 is in our favour."
    )
    wrong = False
    for ids in options.ids.split(","):
        for per_order in options.lines_per_order.split(","):
            for lines in map(int, options.lines.split(",")):
                source = data(options, lines, per_order, ids)
                size = read_once(source)
                output = options.data / "bench-output" / source.name
                output.mkdir(parents=True, exist_ok=True)
                results = race(options, source, output)
                print(
                    f"\n{lines:,} lines, {per_order} per order, {ids} ids, {size / 1e6:,.0f} MB of Parquet\n\n{markdown(results)}",
                    flush=True,
                )
                report["data_sets"].append(
                    {"lines": lines, "lines_per_order": per_order, "ids": ids, "bytes": size, "jobs": results}
                )
                for name, result in results.items():
                    if result.get("failed") or (result["answer"] not in ("same", "ours")):
                        wrong = True
                        print(f"\n{name}: {result.get('failed') or result['answer']}")
                shutil.rmtree(output, ignore_errors=True)
                (options.json or options.data / "bench_peers.json").write_text(json.dumps(report, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
