"""Daily RFM tables with rfmetrics. Needs Airflow 3, and rfmetrics on the worker's PATH.

The settings are in /etc/rfmetrics.toml; only the analysis date comes from Airflow. Paths are absolute, since a task may
start in any directory. A failure that needs a person fails at once; all others are tried again.
"""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.sdk import DAG, task

# 2: a setting is wrong. 3: the input is missing, unreadable or has the wrong columns. 4: the data are bad, old or incomplete.
# The same run would fail in the same way: a person has to look.
NEEDS_A_PERSON = {2, 3, 4}

with DAG(
    dag_id="rfmetrics",
    schedule="15 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Runs that share an output exclude each other: the second would end with code 7 and be tried again.
    max_active_runs=1,
):

    # A retry is always safe: a run publishes all or nothing. It helps with 6 (disk), 7 (busy) and 143 (stopped).
    # No exit code means "skip": 99 is never used.
    @task(retries=3, retry_delay=timedelta(minutes=5), execution_timeout=timedelta(hours=2))
    def run(as_of: str) -> dict:
        """Publishes the tables of one day; the answer goes to XCom: path, as_of, totals, warnings."""
        command = ["rfmetrics", "run", "--quiet", "--config", "/etc/rfmetrics.toml", "--as-of", as_of, "--format", "json"]
        # Standard error (warnings and errors) goes to the log of the task.
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                answer, _ = process.communicate()
            except BaseException:
                # Airflow stops a task by a signal: the run removes its staging directory and ends.
                process.terminate()
                raise
        if process.returncode in NEEDS_A_PERSON:
            raise AirflowFailException(f"rfmetrics ended with {process.returncode}: see the log")
        if process.returncode != 0:
            raise AirflowException(f"rfmetrics ended with {process.returncode}: trying again")
        return json.loads(answer)

    @task
    def show(answer: dict) -> None:
        """Shows how to use the answer: totals and warnings of the run."""
        totals = answer["totals"]
        print(f"{answer['path']}: {totals['customers']} customers from {totals['rows_used']} rows")
        for warning in answer["warnings"]:
            print(f"warning: {warning}")

    # The analysis date is included. Where the run starts on the day it is named after, that day is not over: ds - 1.
    show(run("{{ macros.ds_add(ds, -1) }}"))
