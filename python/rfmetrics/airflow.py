"""An operator for Airflow 3 that runs rfmetrics: one date, published all or not at all."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException

import rfmetrics


class RfmetricsOperator(BaseOperator):
    """Runs `rfmetrics run`; the summary of the run (`path`, `as_of`, `totals`, `warnings`) goes to XCom.

    A failure that needs a person fails the task at once: 2 (a setting), 3 (the input), 4 (the data), 70 (a bug). All others are
    left to Airflow's retries: 5 (memory), 6 (disk), 7 (busy), 143 (stopped). A retry is always safe. Three retries, five minutes
    apart, unless the DAG or the task says otherwise.

    :param config: the configuration file.
    :param settings: settings over those of the file, as `rfmetrics.run` takes them; templated.
    :param as_of: the analysis date, which is included; templated.
    :param wait: seconds to wait for an output that another run holds, before the task is retried.
    :param binary: the program, where it is not that of the package or on the PATH.
    """

    template_fields: Sequence[str] = ("config", "settings", "as_of", "binary")
    template_fields_renderers = {"settings": "json"}
    ui_color = "#e8f2ea"

    def __init__(
        self,
        *,
        config: str | None = None,
        settings: dict[str, Any] | None = None,
        as_of: str | None = None,
        wait: int | None = None,
        binary: str | None = None,
        retries: int = 3,
        retry_delay: timedelta = timedelta(minutes=5),
        **kwargs: Any,
    ) -> None:
        super().__init__(retries=retries, retry_delay=retry_delay, **kwargs)
        self.config = config
        self.settings = settings or {}
        self.as_of = as_of
        self.wait = wait
        self.binary = binary
        self._process: subprocess.Popen | None = None

    def execute(self, context: Any) -> dict[str, Any]:
        flags = {"as_of": self.as_of, "wait": self.wait}
        try:
            run = rfmetrics.run(config=self.config, binary=self.binary, on_start=self._started, **{**flags, **self.settings})
        except rfmetrics.RfmetricsError as error:
            # Fails at once, or is tried again.
            raise (AirflowFailException if error.needs_a_person else AirflowException)(str(error)) from error
        except (FileNotFoundError, TypeError) as error:
            # No program on this worker, or a setting that cannot be one.
            raise AirflowFailException(str(error)) from error
        for warning in run.warnings:
            self.log.warning("%s: %s", warning.code, warning.text)
        totals = run.totals
        self.log.info("published %s: %s customers from %s rows", run.path, totals["customers"], totals["rows_used"])
        return run.summary()

    def _started(self, process: subprocess.Popen) -> None:
        self._process = process

    def on_kill(self) -> None:
        """Airflow stops a task: the run removes its staging directory and ends with 143."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
