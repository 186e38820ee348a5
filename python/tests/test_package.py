"""The package around the program: settings, tables, warnings, exceptions. Needs polars, pandas and pyarrow.

    BINARY=target/release/rfmetrics python -m unittest discover -s python/tests -p test_package.py
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import stat
import sys
import tempfile
import threading
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
if os.environ.get("INSTALLED") is None:
    # Without a wheel the package is tested as it lies here.
    sys.path.insert(0, str(REPOSITORY / "python"))

import rfmetrics
from rfmetrics.program import arguments

BINARY = os.environ.get("BINARY") and str(Path(os.environ["BINARY"]).resolve())
SAMPLE = REPOSITORY / "data" / "sample"
DAY = dt.date(2026, 10, 31)


def program(directory: Path, script: str) -> str:
    """A program that stands in for the real one."""
    path = directory / "stand-in"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


class WithDirectory(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        logging.getLogger("rfmetrics").addHandler(logging.NullHandler())
        logging.getLogger("rfmetrics").propagate = False

    def run_sample(self, **settings) -> rfmetrics.Run:
        return rfmetrics.run(binary=BINARY, input=SAMPLE, output=self.directory / "out", as_of=DAY, **settings)


class Settings(unittest.TestCase):
    def test_a_table_is_a_dict_and_a_flag_a_keyword(self) -> None:
        self.assertEqual(
            arguments({"input": Path("a"), "as_of": DAY, "dedupe": True, "strict": False, "map": None, "output": "-o"}),
            ["--set", 'input.paths=["a"]', "--as-of=2026-10-31", "--dedupe", "--set", "output.path=-o"],
        )
        self.assertEqual(
            arguments({"score": {"recency": {"bins": 4, "cuts": None}}, "set": {"clean.money_scale": 0}, "input": ["a", "b"]}),
            ["--set", "score.recency.bins=4", "--set", "clean.money_scale=0", "--set", 'input.paths=["a", "b"]'],
        )

    def test_what_no_setting_can_be_is_refused_here(self) -> None:
        for settings in ({"scoring": [{"name": "x"}]}, {"as_of": dt.datetime(2026, 1, 1)}, {"filter": object()}):
            with self.assertRaises(TypeError):
                arguments(settings)


class Published(WithDirectory):
    def test_a_run_is_its_path_manifest_and_tables(self) -> None:
        run = self.run_sample(output_layout=None)
        self.assertEqual((run.path, run.as_of), (self.directory.resolve() / "out" / "as_of=2026-10-31", DAY))
        self.assertEqual(run.manifest["program"], "rfmetrics")
        self.assertEqual(run, rfmetrics.Run.open(self.directory / "out" / "as_of=2026-10-31").__class__(run.path))
        self.assertEqual(set(run.tables), {entry["name"] for entry in run.manifest["tables"]})
        self.assertEqual(run["customers"].rows, run.totals["customers"])
        with self.assertRaises(KeyError):
            run["orders"]

    def test_each_library_reads_the_same_in_both_layouts(self) -> None:
        import polars

        # The sum of the segments is that of all customers: minor units in the totals, and a scale of 2.
        by_date = self.run_sample()
        by_table = rfmetrics.run(
            binary=BINARY, input=SAMPLE, as_of=DAY, output={"path": self.directory / "lake", "layout": "by_table"}
        )
        self.assertEqual(by_table.path.parent.name, "_runs")
        self.assertEqual(rfmetrics.Run.open(self.directory / "lake" / "as_of=2026-10-31").path, self.directory / "lake" / "_runs" / "as_of=2026-10-31")
        for run in (by_date, by_table):
            minor = run.totals["revenue_minor_units"]
            table = run["segments"]
            lazy = table.polars()
            self.assertIsInstance(lazy, polars.LazyFrame)
            frames = {"polars": lazy.collect().to_arrow(), "pandas": table.pandas(), "pyarrow": table.pyarrow()}
            for name, frame in frames.items():
                self.assertEqual(list(frame.columns if name == "pandas" else frame.column_names)[0], "as_of", name)
                revenue = [int(value * 100) for value in (frame["revenue"] if name == "pandas" else frame["revenue"].to_pylist())]
                self.assertEqual(sum(revenue), minor, name)
                dates = list(frame["as_of"]) if name == "pandas" else frame["as_of"].to_pylist()
                self.assertEqual(set(dates), {DAY}, name)
            self.assertEqual(table.pyarrow(["segment", "as_of"]).num_columns, 2)
            self.assertEqual(table.pandas(["segment"]).shape, (table.rows, 1))
        for name in by_date:
            self.assertTrue(by_date[name].pyarrow().equals(by_table[name].pyarrow()), name)

    def test_warnings_have_codes_and_facts(self) -> None:
        run = self.run_sample(clean={"min_amount": 0.01})
        self.assertEqual([warning.code for warning in run.warnings], [each["code"] for each in run.manifest["warning_details"]])
        self.assertEqual([warning.text for warning in run.warnings], run.manifest["warnings"])

    def test_a_directory_without_a_manifest_is_no_run(self) -> None:
        with self.assertRaises(FileNotFoundError):
            rfmetrics.Run.open(self.directory)


class Failures(WithDirectory):
    def test_the_program_says_what_is_wrong(self) -> None:
        with self.assertRaises(rfmetrics.ConfigError) as refused:
            self.run_sample(score={"recency": {"bins": 1}}, clean={"money_scale": 9})
        self.assertEqual(refused.exception.code, 2)
        self.assertIn("score.recency.bins", str(refused.exception))
        self.assertIn("clean.money_scale", str(refused.exception))
        with self.assertRaises(rfmetrics.SourceError) as missing:
            rfmetrics.run(binary=BINARY, input=self.directory / "none", output=self.directory / "out")
        self.assertIn("none", missing.exception.headline)
        self.assertTrue(missing.exception.needs_a_person)
        with self.assertRaises(rfmetrics.QualityError):
            self.run_sample(strict=True)

    def test_each_code_has_its_exception(self) -> None:
        codes = {
            2: (rfmetrics.ConfigError, True),
            3: (rfmetrics.SourceError, True),
            4: (rfmetrics.QualityError, True),
            5: (rfmetrics.ComputeError, False),
            6: (rfmetrics.WriteError, False),
            7: (rfmetrics.BusyError, False),
            70: (rfmetrics.BugError, True),
            130: (rfmetrics.StoppedError, False),
            143: (rfmetrics.StoppedError, False),
            1: (rfmetrics.RfmetricsError, False),
        }
        for code, (kind, needs_a_person) in codes.items():
            script = f"""echo '{{"level":"ERROR","message":"a","error":"a is wrong","causes":["b"],"hint":"c"}}' >&2; exit {code}"""
            with self.assertRaises(rfmetrics.RfmetricsError) as failed:
                rfmetrics.run(binary=program(self.directory, script))
            error = failed.exception
            self.assertIs(type(error), kind)
            self.assertEqual((error.code, error.headline, error.causes, error.hint), (code, "a is wrong", ["b"], "c"))
            self.assertEqual(error.needs_a_person, needs_a_person)

    def test_a_killed_program_is_an_error_that_may_be_tried_again(self) -> None:
        with self.assertRaises(rfmetrics.RfmetricsError) as killed:
            rfmetrics.run(binary=program(self.directory, "kill -9 $$"))
        self.assertEqual((killed.exception.code, killed.exception.needs_a_person), (-9, False))

    def test_a_full_log_does_not_stop_the_run(self) -> None:
        # Far more than a pipe holds, on both streams.
        script = """i=0; while [ $i -lt 20000 ]; do echo '{"level":"WARN","message":"a long line of a log"}' >&2; i=$((i+1)); done
echo '{"path":"/nowhere"}'"""
        self.assertEqual(rfmetrics.run(binary=program(self.directory, script)).path, Path("/nowhere"))

    def test_a_run_that_is_stopped_ends_before_the_call_does(self) -> None:
        script = "trap 'exit 143' TERM; while :; do sleep 0.05; done"
        started = []

        def stop(process) -> None:
            started.append(process)
            threading.Timer(0.3, process.terminate).start()

        with self.assertRaises(rfmetrics.StoppedError):
            rfmetrics.run(binary=program(self.directory, script), on_start=stop)
        self.assertEqual(started[0].returncode, 143)

    def test_the_program_is_found_or_it_is_said_where_it_was_looked_for(self) -> None:
        path = os.environ["PATH"]
        try:
            os.environ["PATH"] = str(self.directory)
            if os.environ.get("INSTALLED") is None:
                with self.assertRaises(FileNotFoundError) as missing:
                    rfmetrics.find_binary()
                self.assertIn("PATH", str(missing.exception))
            else:
                self.assertTrue(os.access(rfmetrics.find_binary(), os.X_OK))
        finally:
            os.environ["PATH"] = path


if __name__ == "__main__":
    unittest.main()
