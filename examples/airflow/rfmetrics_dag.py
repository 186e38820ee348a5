"""Daily RFM tables with rfmetrics. Needs Airflow 3 and the package `rfmetrics` where tasks run.

The settings are in a configuration file; only the analysis date comes from Airflow. Paths are absolute, since a task may start in
any directory. `make airflow` runs this DAG.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from airflow.sdk import DAG, task
from rfmetrics.airflow import RfmetricsOperator

with DAG(
    dag_id="rfmetrics",
    schedule="15 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Runs that share an output exclude each other. With `wait` those of a backfill queue, as long as the task may take.
    max_active_runs=2,
):
    run = RfmetricsOperator(
        task_id="run",
        config=os.environ.get("RFMETRICS_CONFIG", "/etc/rfmetrics.toml"),
        # The analysis date is included. Where the run starts on the day it is named after, that day is not over: ds - 1.
        as_of="{{ macros.ds_add(ds, -1) }}",
        wait=600,
        retries=3,
        retry_delay=timedelta(minutes=5),
        execution_timeout=timedelta(hours=2),
    )

    @task
    def show(summary: dict) -> None:
        """Shows how to use the summary."""
        totals = summary["totals"]
        print(f"{summary['path']}: {totals['customers']} customers from {totals['rows_used']} rows")
        for warning in summary["warnings"]:
            print(f"warning {warning['code']}: {warning['text']}")

    show(run.output)
