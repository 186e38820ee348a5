"""Runs the program: settings to arguments, its log to a logger, its exit code to an exception."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import shutil
import subprocess
import sysconfig
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rfmetrics.errors import error_of
from rfmetrics.published import Run

LOG = logging.getLogger("rfmetrics")
LEVELS = {"ERROR": logging.ERROR, "WARN": logging.WARNING, "INFO": logging.INFO, "DEBUG": logging.DEBUG, "TRACE": logging.DEBUG}
#: Flags whose names Python reserves or that stand for a key: the key is what is set.
KEYS_OF_FLAGS = {"input": "input.paths", "output": "output.path"}


def find_binary() -> str:
    """The path of the program: the one that was installed with this package, else the one on the PATH.

    Raises FileNotFoundError where there is none.
    """
    name = "rfmetrics" + (sysconfig.get_config_var("EXE") or "")
    schemes = [sysconfig.get_path("scripts")]
    # `pip install --user`, and `pip install --target`, which puts it next to the package.
    user = {"posix": "posix_user", "nt": "nt_user"}.get(os.name)
    if user in sysconfig.get_scheme_names():
        schemes.append(sysconfig.get_path("scripts", scheme=user))
    schemes.append(str(Path(__file__).resolve().parent.parent / "bin"))
    for directory in schemes:
        path = os.path.join(directory, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    if found is None:
        places = ", ".join([*schemes, "PATH"])
        raise FileNotFoundError(f"the program `{name}` is in none of: {places}")
    return found


def run(
    *,
    config: str | os.PathLike[str] | None = None,
    binary: str | os.PathLike[str] | None = None,
    on_start: Callable[[subprocess.Popen], None] | None = None,
    **settings: Any,
) -> Run:
    """Computes every table and publishes it, all or none.

    `config` names a configuration file; other keywords are settings (see the README). None leaves a setting as it is. `on_start`
    is called with the process, for whoever may have to stop it from another thread: SIGTERM leaves nothing behind.

    Raises RfmetricsError, by exit code one of its subclasses; TypeError for a value that no setting can have.
    """
    command = [os.fspath(binary or find_binary()), "--quiet", "--log-format", "json"]
    command += ["--config", os.fspath(config)] if config is not None else []
    command += ["run", "--format", "json", *arguments(settings)]
    answer = execute(command, on_start)
    return Run.of_answer(json.loads(answer))


def arguments(settings: Mapping[str, Any]) -> list[str]:
    """The settings as arguments of `rfmetrics run`."""
    words: list[str] = []
    for name, value in settings.items():
        if value is None:
            continue
        if name == "set":
            pairs: Iterator[tuple[str, Any]] = iter(value.items())
        elif isinstance(value, Mapping):
            pairs = flat(name, value)
        elif name in KEYS_OF_FLAGS:
            is_list_of_one = name == "input" and not isinstance(value, (list, tuple))
            pairs = iter([(KEYS_OF_FLAGS[name], [value] if is_list_of_one else value)])
        else:
            words += flag(name, value)
            continue
        words += [word for key, each in pairs if each is not None for word in ("--set", f"{key}={text(key, each)}")]
    return words


def flag(name: str, value: Any) -> list[str]:
    dashed = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [dashed] if value else []
    # One word, so that a value may begin with a dash.
    return [f"{dashed}={text(name, value)}"]


def flat(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            yield from flat(key, value)
        else:
            yield key, value


def text(key: str, value: Any) -> str:
    """A value as the program reads it behind `--set`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        if any(isinstance(each, Mapping) for each in value):
            raise TypeError(f"`{key}` is a list of tables: write it into a configuration file, and give `config`")
        return json.dumps(plain(value), ensure_ascii=False)
    if isinstance(value, dt.datetime):
        raise TypeError(f"`{key}` is a date without a time of day, found {value!r}")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"`{key}` has a value that no setting can have: {value!r}")


def plain(value: Any) -> Any:
    """What JSON can hold."""
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def execute(command: list[str], on_start: Callable[[subprocess.Popen], None] | None = None) -> str:
    """Runs the program to its end; its standard output, or the exception of its exit code."""
    errors: list[dict] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    ) as process:
        # The log is read by a thread of its own: neither stream may fill up while the other one is waited for.
        reader = threading.Thread(target=follow, args=(process.stderr, errors), daemon=True)
        reader.start()
        try:
            if on_start is not None:
                on_start(process)
            answer = process.stdout.read()
            code = process.wait()
        except BaseException:
            # An interrupt, or a timeout of the caller: the run removes its staging directory and ends.
            process.terminate()
            process.wait()
            raise
        reader.join()
    if code != 0:
        raise error_of(code, errors[-1] if errors else None)
    return answer


def follow(stream: Any, errors: list[dict]) -> None:
    """Passes the lines of the program's log on to the logger, and keeps its errors."""
    for line in stream:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = {"level": "ERROR" if "error" in line else "WARN", "message": line.rstrip("\n")}
        if not isinstance(entry, dict):
            continue
        level = str(entry.get("level", "INFO"))
        if level == "ERROR":
            errors.append(entry)
        LOG.log(LEVELS.get(level, logging.INFO), "%s", entry.get("message", line.rstrip("\n")), extra={"rfmetrics": entry})

