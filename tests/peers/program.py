"""Runs the program and its peers as processes of their own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path


def run(command: list) -> None:
    """Runs a command to its end; what it said is the error where it fails."""
    words = [str(word) for word in command]
    finished = subprocess.run(words, capture_output=True, text=True)
    if finished.returncode != 0:
        raise RuntimeError(f"exit status {finished.returncode}: {' '.join(words)}\n{finished.stdout}{finished.stderr}")


def publish(binary: Path, source: Path, output: Path, as_of: object, settings: dict[str, object]) -> Path:
    """A run with settings (lists as JSON); the directory that it has published."""
    command = [binary, "run", "--quiet", "--input", source, "--output", output, "--as-of", as_of]
    for key, value in settings.items():
        command += ["--set", f"{key}={json.dumps(value) if isinstance(value, list) else value}"]
    run(command)
    return output / f"as_of={as_of}"
