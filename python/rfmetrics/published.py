"""A published run: its manifest, its warnings, and its tables, read when they are asked for."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

MANIFEST = "manifest.json"
RUNS = "_runs"


@dataclass(frozen=True)
class RunWarning:
    """What a reader of the tables should know."""

    #: A word that stays the same from version to version.
    code: str
    #: A sentence.
    text: str
    #: Its numbers and names.
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A published table. No byte of it is read before one of the methods is called."""

    name: str
    path: Path
    rows: int
    #: The analysis date, which the files of an output by table do not hold.
    as_of: dt.date
    #: Whether the file has the column `as_of`.
    is_dated: bool

    def polars(self) -> polars.LazyFrame:
        """A lazy frame, of which only what is needed is read."""
        import polars

        frame = polars.scan_parquet(self.path, hive_partitioning=False)
        return frame if self.is_dated else frame.select(polars.lit(self.as_of).alias("as_of"), polars.all())

    def pandas(self, columns: list[str] | None = None) -> pandas.DataFrame:
        """A frame; money is exact (`decimal.Decimal`) unless the run stored it as doubles."""
        return self.pyarrow(columns).to_pandas()

    def pyarrow(self, columns: list[str] | None = None) -> pyarrow.Table:
        """A table of Arrow."""
        import pyarrow
        import pyarrow.parquet

        is_wanted = columns is None or "as_of" in columns
        stored = columns if columns is None or self.is_dated else [name for name in columns if name != "as_of"]
        # As a file and not as a directory: the partitions in the path are no columns.
        table = pyarrow.parquet.ParquetFile(self.path).read(columns=stored)
        if self.is_dated or not is_wanted:
            return table
        dates = pyarrow.array([self.as_of], pyarrow.date32()).take(pyarrow.array([0] * self.rows, pyarrow.int32()))
        return table.add_column(0, pyarrow.field("as_of", pyarrow.date32()), dates)


@dataclass(frozen=True)
class Run(Mapping[str, Table]):
    """A published run; its tables by name: `run["customers"]`."""

    #: The directory that holds the manifest and the tables.
    path: Path

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Run:
        """A run that was published before, in either layout, by the path of its date (`reports/as_of=2026-10-31`).

        Raises FileNotFoundError where there is none.
        """
        directory = Path(path)
        by_table = directory.parent / RUNS / directory.name
        found = by_table if not directory.exists() and by_table.exists() else directory
        if not (found / MANIFEST).is_file():
            raise FileNotFoundError(f"`{directory}` holds no published run: it has no `{MANIFEST}`")
        return cls(found)

    @classmethod
    def of_answer(cls, answer: dict) -> Run:
        """The run that an answer of the program is about."""
        return cls(Path(answer["path"]))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Everything that the program has noted: settings, row account, inputs, learned breaks, tables with checksums."""
        return json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))

    @property
    def as_of(self) -> dt.date:
        """The analysis date."""
        return dt.date.fromisoformat(self.manifest["as_of"])

    @property
    def totals(self) -> dict[str, Any]:
        """The run in a few numbers."""
        return self.manifest["totals"]

    @property
    def warnings(self) -> list[RunWarning]:
        """What a reader of the tables should know."""
        known = {"code", "text"}
        details = self.manifest.get("warning_details", [])
        return [RunWarning(each["code"], each["text"], {k: v for k, v in each.items() if k not in known}) for each in details]

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name; none is read."""
        return dict(self)

    def summary(self) -> dict[str, Any]:
        """What is worth passing on, in the types of JSON: `path`, `as_of`, `totals`, `warnings` by code."""
        warnings = [{"code": warning.code, "text": warning.text} for warning in self.warnings]
        return {"path": str(self.path), "as_of": str(self.as_of), "totals": self.totals, "warnings": warnings}

    @cached_property
    def _entries(self) -> dict[str, dict]:
        return {entry["name"]: entry for entry in self.manifest["tables"]}

    def __getitem__(self, name: str) -> Table:
        entry = self._entries[name]
        return Table(name, self.path / entry["file"], entry["rows"], self.as_of, entry.get("part") is None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
