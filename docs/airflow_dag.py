"""Daily RFM tables with rfmetrics. Needs Airflow 3 with the standard provider, and rfmetrics on the worker's PATH.

The settings are in /etc/rfmetrics.toml; only the analysis date comes from Airflow. Paths are absolute, since
BashOperator starts the command in a temporary directory.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task

with DAG(
    dag_id="rfmetrics",
    schedule="15 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Runs that share an output exclude each other: the second would end with code 7 and be tried again.
    max_active_runs=1,
):
    run = BashOperator(
        task_id="run",
        # The analysis date is included. Where the run starts on the day it is named after, that day is not over: ds - 1.
        bash_command=(
            "rfmetrics run --quiet --config /etc/rfmetrics.toml"
            " --as-of {{ macros.ds_add(ds, -1) }} --format json"
        ),
        # The last line of the output goes to XCom: {"path": .., "as_of": .., "totals": {..}, "warnings": [..]}.
        do_xcom_push=True,
        output_processor=json.loads,
        # A retry is always safe: a run publishes all or nothing. It helps with 6 (disk), 7 (busy) and 143 (stopped);
        # 2, 3 and 4 need a person. No exit code means "skip": 99 is never used.
        retries=3,
        retry_delay=timedelta(minutes=5),
        execution_timeout=timedelta(hours=2),
    )

    @task
    def show(answer: dict) -> None:
        """Shows how to use the answer: totals and warnings of the run."""
        totals = answer["totals"]
        print(f"{answer['path']}: {totals['customers']} customers from {totals['rows_used']} rows")
        for warning in answer["warnings"]:
            print(f"warning: {warning}")

    show(run.output)
