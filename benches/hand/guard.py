"""Is a binary slower than a former one? By instructions, which no other program on the machine changes.

    guard.py --binary B --former OLD [--most 1.02] [--lines 300000]

Both run the same jobs on one thread under `valgrind --tool=callgrind`, which counts what they execute. Where there is no
valgrind, processor time is compared, in turn, as the median of five ratios: then only on an idle machine. By hand, before a
release; record the binary of the last one. Exit status 1 where a ratio is above the limit. What waiting for memory costs, no
count of instructions tells: that is what `race.py` is for.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
AS_OF = "2024-12-15"
CASES = {
    "order lines": [],
    "each row an order": ["--orders-by", "row"],
    "text ids": ["--column", "customer_id=customer_key"],
    "an attribute": ["--set", 'columns.attributes=["country"]'],
    "a margin": ["--column", "margin=margin"],
    "interactions": ["--set", "input.interactions=is_click", "--set", "score.recency.measure=interaction_days"],
}


def command(binary: Path, source: Path, out: Path, flags: list[str]) -> list[str]:
    shutil.rmtree(out, ignore_errors=True)
    return [str(binary), "run", "-qq", "--threads", "1", "--input", str(source), "--output", str(out), "--as-of", AS_OF, *flags]


def instructions(binary: Path, source: Path, out: Path, flags: list[str]) -> float:
    with tempfile.TemporaryDirectory() as scratch:
        # The program executes itself once more, as the same process.
        valgrind = ["valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={scratch}/%p"]
        done = subprocess.run([*valgrind, *command(binary, source, out, flags)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    counts = re.findall(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not counts:
        sys.exit(f"failed: {binary} {' '.join(flags)}\n{done.stderr[-2000:]}")
    return float(counts[-1])


def seconds(binary: Path, source: Path, out: Path, flags: list[str]) -> float:
    child = subprocess.Popen(command(binary, source, out, flags), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {binary} {' '.join(flags)}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--former", type=Path, required=True)
    parser.add_argument("--most", type=float, default=1.02)
    parser.add_argument("--lines", type=int)
    parser.add_argument("--cases", default=",".join(CASES))
    options = parser.parse_args()
    counts = shutil.which("valgrind") is not None
    lines = options.lines or (300_000 if counts else 10_000_000)
    slower = []
    with tempfile.TemporaryDirectory() as scratch:
        source, out = Path(scratch) / "lines", Path(scratch) / "out"
        subprocess.run([sys.executable, str(HERE / "make_data.py"), str(source), "--lines", str(lines), "--files", "2"], check=True)
        for case in options.cases.split(","):
            flags = CASES[case]
            if counts:
                old, new = (instructions(binary, source, out, flags) for binary in (options.former, options.binary))
                ratio, what = new / old, f"{old / 1e6:.0f} to {new / 1e6:.0f} million instructions"
            else:
                pairs = [[seconds(binary, source, out, flags) for binary in (options.former, options.binary)] for _ in range(5)]
                ratio, what = statistics.median(new / old for old, new in pairs), "processor time"
            print(f"{case}: {ratio:.3f} ({what})", flush=True)
            slower += [case] if ratio > options.most else []
    if slower:
        sys.exit(f"slower than {options.most}: {', '.join(slower)}")


if __name__ == "__main__":
    main()
