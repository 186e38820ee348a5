"""Is a limit of memory kept, and is nothing left of it? Needs Python alone; some of it needs root, and says so where it is skipped.

    limits.py --binary BINARY [--lines N] [--customers N] [--scratch DIR]

A run with a limit that its log does not fit into publishes the same bytes as one without, and takes no more memory than the limit,
as the kernel says (`wait4`). The same in a control group that kills whoever takes more (version 1 or 2), without any setting. A
directory for temporary files that fills up (a small tmpfs) ends a run with code 6, and nothing is left. Runs that are killed at
various moments leave no file in it, and the next run publishes. Exit status 1 where any of this is not so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

AS_OF = "2026-01-01"


class Lab:
    """A directory with simulated lines, and a program."""

    def __init__(self, root: Path, binary: str, lines: int, customers: int) -> None:
        self.root, self.binary, self.failures = root, binary, 0
        self.input = root / "lines"
        simulate = [binary, "simulate", "--quiet", "--output", self.input, "--lines", str(lines), "--seed", "3"]
        subprocess.run([*simulate, "--customers", str(customers)], check=True)

    def command(self, output: str, *words: str) -> list[str]:
        place = ["--input", str(self.input), "--output", str(self.root / output), "--as-of", AS_OF]
        return [self.binary, "run", "--quiet", *place, *words]

    def run(self, output: str, *words: str, group: Path | None = None) -> tuple[int, float, str]:
        """The exit code, the peak in MB, and what it said."""
        errors = self.root / "errors"
        pid = os.fork()
        if pid == 0:
            if group:
                (group / "cgroup.procs").write_text(str(os.getpid()))
            sink = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(sink, 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            command = self.command(output, *words)
            os.execv(command[0], command)
        _, status, usage = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024 / 1e6, errors.read_text()

    def tables(self, output: str) -> dict[str, str]:
        files = sorted((self.root / output / f"as_of={AS_OF}").glob("*.parquet"))
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    def manifest(self, output: str) -> dict:
        return json.loads((self.root / output / f"as_of={AS_OF}" / "manifest.json").read_text())

    def expect(self, what: str, is_so: bool, shown: object = "") -> None:
        print(f"{'ok  ' if is_so else 'FAIL'} {what} {shown}")
        self.failures += not is_so


def check(lab: Lab, *words: str) -> dict:
    command = [lab.binary, "check", "--format", "json", "--input", lab.input, "--output", lab.root / "none", *words]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def limited(lab: Lab) -> int:
    """Same bytes within a limit in the middle between what must stay and what a run takes; returns the limit."""
    code, whole, errors = lab.run("whole")
    lab.expect("a run without a limit", code == 0, f"{whole:.0f} MB {errors}")
    least = check(lab)["spill"]["least_memory_bytes"]
    limit = int((least + whole * 1e6) / 2)
    for threads in ("1", "2", "4"):
        # Each thread has row groups of its own.
        limit = max(limit, check(lab, "--threads", threads)["spill"]["least_memory_bytes"] + 1_000_000)
        code, peak, errors = lab.run("tight", "--memory-limit", f"{limit} b", "--threads", threads)
        lab.expect(f"a limit of {limit / 1e6:.0f} MB on {threads} threads", code == 0 and peak * 1e6 < limit, f"{peak:.0f} MB {errors}")
        if code == 0:
            spilled = lab.manifest("tight").get("spilled_bytes", 0)
            is_spilled = spilled > 0 or threads == "1"
            lab.expect("something was spilled, and the bytes are the same", is_spilled and lab.tables("tight") == lab.tables("whole"), spilled)
    return limit


def grouped(lab: Lab, limit: int) -> None:
    """A control group that kills, and no setting."""
    first, second = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    is_first = (first / "memory.limit_in_bytes").exists()
    group = (first if is_first else second) / f"rfmetrics-limits-{os.getpid()}"
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if is_first else "memory.max")).write_text(str(limit))
    except OSError as error:
        print(f"skipped: a control group of our own ({error})")
        return
    try:
        code, peak, errors = lab.run("grouped", group=group)
        lab.expect("a control group of that limit", code == 0, f"{peak:.0f} MB {errors}")
        lab.expect("the same bytes", lab.tables("grouped") == lab.tables("whole"))
        code, peak, errors = lab.run("killed", "--memory-limit", "100 GB", group=group)
        lab.expect("who ignores it is killed, or takes no more than it", code in (0, -signal.SIGKILL, 5), f"{code}, {peak:.0f} MB")
    finally:
        time.sleep(0.5)
        group.rmdir()


def full(lab: Lab, limit: int) -> None:
    """A disk of two megabytes."""
    place = lab.root / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True).returncode:
        print("skipped: a disk that is full (no right to mount one)")
        return
    try:
        code, _, errors = lab.run("full", "--memory-limit", f"{limit} b", "--spill-path", str(place))
        lab.expect("a full disk is code 6", code == 6 and "temporary file" in errors, f"{code} {errors}")
        lab.expect("nothing is left", not list(place.iterdir()) and not (lab.root / "full").exists())
        used = shutil.disk_usage(place).used
        lab.expect("not even a file without a name", used == 0, used)
    finally:
        subprocess.run(["umount", place], check=True)


def killed(lab: Lab, limit: int) -> None:
    place = lab.root / "killed-spill"
    place.mkdir()
    words = ["--memory-limit", f"{limit} b", "--spill-path", str(place)]
    for part in range(1, 9):
        started = subprocess.Popen(lab.command("again", *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.25 * part)
        started.kill()
        started.wait()
        lab.expect(f"killed after {0.25 * part} s", not list(place.iterdir()), [path.name for path in place.iterdir()])
    (place / ".rfmetrics-spill-1-2").write_text("as a file system without nameless files would leave it")
    code, _, errors = lab.run("again", *words)
    lab.expect("the next run publishes the same and clears", code == 0 and lab.tables("again") == lab.tables("whole") and not list(place.iterdir()), errors)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.scratch) as root:
        lab = Lab(Path(root), str(Path(args.binary).resolve()), args.lines, args.customers)
        limit = limited(lab)
        grouped(lab, limit)
        full(lab, limit)
        killed(lab, limit)
    return 1 if lab.failures else 0


if __name__ == "__main__":
    sys.exit(main())
