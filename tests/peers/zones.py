"""The day of a stamp, in every time zone, through gaps and overlaps: against Python's zoneinfo, and DuckDB with ICU.

    zones.py --binary target/release/rfmetrics --runs 150 --seed 1

Each run takes a zone that stamps are written in, a business zone and a way to store stamps. Half of the stamps lie within hours
of a change of either clock; most business zones have their midnight at such a change, so that an hour more or less is another day. The program is known by its command line and its tables only. Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
import zoneinfo
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import program

UTC = dt.timezone.utc
# Tables of zones are corrected for the past and guessed for the future: in between all editions should agree.
FIRST, LAST = dt.datetime(1975, 1, 1), dt.datetime(2024, 12, 31)
AS_OF = "2030-01-01"
ROWS = 240
# Names that are no zones of the database, and those of which the edition of 2024 made links to others with another past.
NO_ZONES = ("posix", "right", "SystemV", "Etc/Unknown", "Factory", "localtime")
MADE_LINKS = {"CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "WET"}
STORED = ["ms", "us", "ns", "text", "number", "int96", "offset", "epoch", "float"]


def zones() -> list[str]:
    return sorted(name for name in zoneinfo.available_timezones() - MADE_LINKS if not name.startswith(NO_ZONES))


def offset_at(zone: zoneinfo.ZoneInfo, at: dt.datetime) -> dt.timedelta | None:
    return at.replace(tzinfo=UTC).astimezone(zone).utcoffset()


def changes(zone: zoneinfo.ZoneInfo) -> list[dt.datetime]:
    """The instants, in UTC, at which the offset changes."""
    found, at = [], FIRST
    while at < LAST:
        following = at + dt.timedelta(days=1)
        if offset_at(zone, following) != offset_at(zone, at):
            low, high = at, following
            while high - low > dt.timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (low, middle) if offset_at(zone, middle) == offset_at(zone, following) else (middle, high)
            found.append(high.replace(microsecond=0))
        at = following
    return found


def business_zone(rng: random.Random, source: str, names: list[str]) -> str:
    """Mostly one whose day begins when the clock of the source changes, or near that."""
    at = changes(zoneinfo.ZoneInfo(source))
    if not at or rng.random() < 0.25:
        return rng.choice(names)
    hours = -rng.choice(at).hour
    # The names count against the clock: GMT-14 is 14 hours ahead of UTC.
    return f"Etc/GMT{-(hours if hours >= -12 else hours + 24):+d}"


def moments(rng: random.Random, clocks: list[zoneinfo.ZoneInfo]) -> list[dt.datetime]:
    """Instants as UTC without its name; many near a change of a clock."""
    near = [hour for clock in clocks for hour in changes(clock)]
    span = int((LAST - FIRST).total_seconds())
    found = [FIRST + dt.timedelta(seconds=rng.randrange(span)) for _ in range(ROWS // 2 if near else ROWS)]
    while len(found) < ROWS:
        # Some of them to the minute: a gap ends and begins on one.
        seconds = rng.choice([rng.randrange(-5_400, 5_400), 900 * rng.randrange(-6, 7)])
        found.append(rng.choice(near) + dt.timedelta(seconds=seconds))
    return found


def instant_of(reading: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """PEP 495: without a fold, what occurs twice is the earlier one, and in a gap the offset before it holds."""
    return reading.replace(tzinfo=zone, fold=0).astimezone(UTC)


def stored_as(how: str, stamps: list[dt.datetime]) -> tuple[pa.Array, dict[str, object], dict[str, object]]:
    """The column, settings, and options of the writer."""
    seconds = [int((stamp - dt.datetime(1970, 1, 1)).total_seconds()) for stamp in stamps]
    if how in ("ms", "us", "ns"):
        return pa.array(stamps, pa.timestamp(how)), {}, {}
    if how == "int96":
        return pa.array(stamps, pa.timestamp("us")), {}, {"use_deprecated_int96_timestamps": True, "store_schema": False}
    if how == "text":
        return pa.array([f"{stamp:%d.%m.%Y %H:%M:%S}" for stamp in stamps]), {"dates.format": "%d.%m.%Y %H:%M:%S"}, {}
    if how == "number":
        return pa.array([int(f"{stamp:%Y%m%d%H%M%S}") for stamp in stamps]), {"dates.format": "%Y%m%d%H%M%S"}, {}
    if how == "offset":
        texts = [f"{stamp:%Y-%m-%dT%H:%M:%S}+00:00" for stamp in stamps]
        return pa.array(texts), {"dates.format": "%Y-%m-%dT%H:%M:%S%z"}, {}
    if how == "epoch":
        return pa.array(seconds), {"dates.epoch_unit": "s"}, {}
    return pa.array([second + 0.5 for second in seconds]), {"dates.epoch_unit": "s"}, {}


IS_INSTANT = {"int96", "offset", "epoch", "float"}


def by_duckdb(instants: list[dt.datetime], zone: str) -> list[dt.date]:
    """The days of instants, by ICU's own tables."""
    table = pa.table({"place": list(range(len(instants))), "instant": pa.array(instants, pa.timestamp("us", "UTC"))})
    connection = duckdb.connect()
    connection.execute("load icu")
    connection.execute("set timezone = 'UTC'")
    connection.register("stamps", table)
    rows = connection.execute(f"select (timezone('{zone}', instant))::date from stamps order by place").fetchall()
    return [row[0] for row in rows]


def one(binary: Path, rng: random.Random, names: tuple[str, str], how: str, directory: Path) -> list[str]:
    source, business = names
    clocks = [zoneinfo.ZoneInfo(source), zoneinfo.ZoneInfo(business)]
    instants = moments(rng, clocks)
    if how in IS_INSTANT:
        stamps = instants
    else:
        # What the clock shows, and, in a gap, what it never shows: the wall time is moved without asking the zone.
        stamps = [at.replace(tzinfo=UTC).astimezone(clocks[0]).replace(tzinfo=None) for at in instants]
        stamps = [stamp + dt.timedelta(minutes=rng.choice([0, 0, 15, 30, -30])) for stamp in stamps]
        instants = [instant_of(stamp, clocks[0]).replace(tzinfo=None) for stamp in stamps]
    column, settings, options = stored_as(how, stamps)
    table = pa.table({"customer_id": list(range(ROWS)), "order_ts": column, "amount": [1.0] * ROWS})
    directory.mkdir()
    pq.write_table(table, directory / "a.parquet", **options)
    settings |= {"dates.time_zone": business, "dates.source_time_zone": source}
    published = program.publish(binary, directory / "a.parquet", directory / "out", AS_OF, settings)
    days = pq.read_table(published / "customers.parquet", columns=["customer_id", "last_order_date"]).sort_by("customer_id")
    found = days["last_order_date"].to_pylist()
    expected = [at.replace(tzinfo=UTC).astimezone(clocks[1]).date() for at in instants]
    faults = [
        f"{how}, from {source} to {business}: {stamp} is {got}, should be {want}"
        for stamp, got, want in zip(stamps, found, expected, strict=True)
        if got != want
    ]
    # A second opinion on the days; where the two judges differ, their tables do, and nobody is wrong.
    other = by_duckdb([at.replace(tzinfo=UTC) for at in instants], business)
    disputed = sum(a != b for a, b in zip(expected, other, strict=True))
    if disputed:
        print(f"note: zoneinfo and ICU differ in {disputed} days of {business}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every-zone", action="store_true", help="a run for each zone, instead of --runs")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    names = zones()
    sources = names if arguments.every_zone else [rng.choice(names) for _ in range(arguments.runs)]
    faults: list[str] = []
    stamps = 0
    with tempfile.TemporaryDirectory() as temporary:
        for number, source in enumerate(sources):
            how = STORED[number % len(STORED)]
            pair = (source, business_zone(rng, source, names))
            faults += one(arguments.binary.resolve(), rng, pair, how, Path(temporary) / str(number))
            stamps += ROWS
    for fault in faults[:20]:
        print(fault)
    print(f"zones: {stamps} stamps in {len(sources)} runs, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
