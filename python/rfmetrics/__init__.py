"""RFM customer analytics: runs the program `rfmetrics`, and reads what it has published.

    run = rfmetrics.run(input="data/sample", output="reports", as_of="2026-10-31")
    run["customers"].polars()

Nothing here knows a setting: names and values are those of the program, which checks them.
"""

from rfmetrics.errors import (
    BugError,
    BusyError,
    ComputeError,
    ConfigError,
    QualityError,
    RfmetricsError,
    SourceError,
    StoppedError,
    WriteError,
)
from rfmetrics.program import find_binary, run
from rfmetrics.published import Run, RunWarning, Table

__all__ = [
    "BugError",
    "BusyError",
    "ComputeError",
    "ConfigError",
    "QualityError",
    "RfmetricsError",
    "Run",
    "RunWarning",
    "SourceError",
    "StoppedError",
    "Table",
    "WriteError",
    "find_binary",
    "run",
]
