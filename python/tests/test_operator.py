"""The operator and the example DAG in a real Airflow, with its own database. Needs Airflow 3.

    BINARY=target/release/rfmetrics python -m unittest discover -s python/tests -p test_operator.py

`airflow dags test` runs the DAG twice: once it succeeds, once its input is missing. All of this took 145 seconds on two busy cores.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = tempfile.mkdtemp(prefix="rfmetrics-airflow-")
BINARY = Path(os.environ["BINARY"]).resolve()
os.environ.update(
    {
        "AIRFLOW_HOME": HOME,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "examples" / "airflow"),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "PYTHONPATH": str(REPOSITORY / "python"),
        "PATH": f"{BINARY.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
)
sys.path.insert(0, str(REPOSITORY / "python"))


def tearDownModule() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


class Operator(unittest.TestCase):
    """What Airflow is told for each exit code."""

    def execute(self, script: str, **settings):
        from rfmetrics.airflow import RfmetricsOperator

        path = Path(HOME) / "stand-in"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return RfmetricsOperator(task_id="run", binary=str(path), **settings).execute({})

    def test_what_needs_a_person_fails_at_once_and_all_else_is_tried_again(self) -> None:
        from airflow.sdk.exceptions import AirflowException, AirflowFailException

        for code, is_final in {2: True, 3: True, 4: True, 70: True, 5: False, 6: False, 7: False, 143: False, 130: False}.items():
            with self.assertRaises(AirflowException) as failed:
                self.execute(f"exit {code}")
            self.assertEqual(isinstance(failed.exception, AirflowFailException), is_final, code)

    def test_a_worker_without_the_program_needs_a_person(self) -> None:
        from airflow.sdk.exceptions import AirflowFailException
        from rfmetrics.airflow import RfmetricsOperator

        with self.assertRaises(AirflowFailException):
            RfmetricsOperator(task_id="run", binary=f"{HOME}/nowhere").execute({})

    def test_it_is_tried_three_times_unless_it_is_said_otherwise(self) -> None:
        from airflow.sdk import DAG
        from rfmetrics.airflow import RfmetricsOperator

        self.assertEqual(RfmetricsOperator(task_id="a").retries, 3)
        with DAG("d", default_args={"retries": 7}):
            self.assertEqual(RfmetricsOperator(task_id="b").retries, 7)
        self.assertEqual(RfmetricsOperator(task_id="c", retries=1).retries, 1)


class Example(unittest.TestCase):
    """The DAG, run by Airflow."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.airflow("db", "migrate")

    @staticmethod
    def airflow(*words: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "airflow", *words]
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done

    def states(self) -> dict[str, tuple[str, int]]:
        """State and number of tries of each task of the latest run."""
        with sqlite3.connect(f"{HOME}/airflow.db") as database:
            latest = database.execute("select run_id from dag_run order by id desc limit 1").fetchone()[0]
            rows = database.execute("select task_id, state, try_number from task_instance where run_id = ?", [latest])
            return {task: (state, tries) for task, state, tries in rows}

    def config(self, source: Path) -> str:
        path = Path(HOME) / f"{self.id().rsplit('.', 1)[-1]}.toml"
        path.write_text(f'[input]\npaths = ["{source}"]\n\n[output]\npath = "{HOME}/reports"\n')
        return str(path)

    def test_a_day_is_published_and_its_summary_goes_to_xcom(self) -> None:
        config = self.config(REPOSITORY / "data" / "sample")
        done = self.airflow("dags", "test", "rfmetrics", "2026-11-01", RFMETRICS_CONFIG=config)
        self.assertEqual({task: state for task, (state, _) in self.states().items()}, {"run": "success", "show": "success"}, done.stdout)
        # The day before that of the run, whose own day is not over.
        path = Path(HOME) / "reports" / "as_of=2026-10-31"
        manifest = json.loads((path / "manifest.json").read_text())
        with sqlite3.connect(f"{HOME}/airflow.db") as database:
            value = database.execute("select value from xcom where task_id = 'run' and key = 'return_value'").fetchone()[0]
        summary = json.loads(value)
        summary = json.loads(summary) if isinstance(summary, str) else summary
        self.assertEqual((summary["path"], summary["as_of"]), (str(path), "2026-10-31"))
        self.assertEqual(summary["totals"]["customers"], manifest["totals"]["customers"])

    def test_a_missing_input_fails_at_once(self) -> None:
        config = self.config(Path(HOME) / "nowhere")
        done = self.airflow("dags", "test", "rfmetrics", "2026-11-02", check=False, RFMETRICS_CONFIG=config)
        states = self.states()
        self.assertEqual(states["run"][0], "failed", done.stdout[-3000:])
        self.assertEqual(states["show"][0], "upstream_failed")
        # Three retries were allowed, and none was made.
        self.assertLessEqual(states["run"][1], 1)
        self.assertIn("nowhere", done.stdout + done.stderr)
        self.assertFalse((Path(HOME) / "reports" / "as_of=2026-11-01").exists())


if __name__ == "__main__":
    unittest.main()
