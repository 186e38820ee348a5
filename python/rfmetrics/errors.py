"""What can go wrong, by the exit code of the program: who must act."""

from __future__ import annotations


class RfmetricsError(Exception):
    """The program ended with a code that is not 0. The subclasses say who must act."""

    #: Whether the same run would fail again until a person has acted.
    needs_a_person = False

    def __init__(self, code: int, headline: str, causes: list[str] | None = None, hint: str | None = None) -> None:
        #: The exit code; the negative number of the signal where one has killed the program.
        self.code = code
        #: One line: what went wrong, with the path first.
        self.headline = headline
        #: Everything that was found.
        self.causes = list(causes or [])
        #: What to do.
        self.hint = hint
        super().__init__(code, headline, self.causes, hint)

    def __str__(self) -> str:
        lines = [f"{self.headline} (exit code {self.code})", *(f"cause: {cause}" for cause in self.causes)]
        return "\n".join(lines + [f"hint: {self.hint}"] * bool(self.hint))


class ConfigError(RfmetricsError):
    """2: a setting, flag or variable is wrong."""

    needs_a_person = True


class SourceError(RfmetricsError):
    """3: the input is missing, unreadable, has the wrong columns, or changed during the run."""

    needs_a_person = True


class QualityError(RfmetricsError):
    """4: too much of the data is bad, no row is left, the input is old or incomplete, or a warning is denied."""

    needs_a_person = True


class ComputeError(RfmetricsError):
    """5: no correct answer can be computed; a thread, process or memory was refused."""


class WriteError(RfmetricsError):
    """6: the output cannot be written."""


class BusyError(RfmetricsError):
    """7: another run holds the output."""


class BugError(RfmetricsError):
    """70: a bug in rfmetrics. Please report it."""

    needs_a_person = True


class StoppedError(RfmetricsError):
    """130 or 143: stopped by SIGINT or SIGTERM; nothing unfinished was published."""


BY_CODE: dict[int, type[RfmetricsError]] = {
    2: ConfigError,
    3: SourceError,
    4: QualityError,
    5: ComputeError,
    6: WriteError,
    7: BusyError,
    70: BugError,
    130: StoppedError,
    143: StoppedError,
}


def error_of(code: int, line: dict | None) -> RfmetricsError:
    """The exception of an exit code; `line` is the last error in the log, as the program wrote it."""
    kind = BY_CODE.get(code, RfmetricsError)
    if line is None:
        what = f"was killed by signal {-code}" if code < 0 else "ended without saying why"
        return kind(code, f"rfmetrics {what}")
    causes = line.get("causes") or []
    # Several problems at once: each is an error of its own.
    for problem in line.get("problems") or []:
        causes = causes + [": ".join([problem.get("error", ""), *(problem.get("causes") or [])])]
    return kind(code, line.get("error") or line.get("message") or "rfmetrics failed", causes, line.get("hint"))
