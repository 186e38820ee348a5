"""Files of many writers, in the types that warehouses, lakes and data frames leave: `check` and `run` must agree on every one of
them, and the figures must be those that DuckDB computes of the needed columns.

    writers.py --binary target/release/rfmetrics [--keep FOLDER] [--only PART-OF-A-NAME] [--spark]

pyarrow, pandas, Polars, DuckDB, fastparquet and delta-rs write; with --spark Spark, too (pyspark 4 and Java, not in the
requirements). All of them write the same 240 lines, so that a file that any reader reads wrongly is noticed. Exit status 1 on any
difference.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

AS_OF = "2024-12-31"
COLUMNS = ["customer_id", "order_id", "order_ts", "amount"]


@dataclass
class Line:
    customer: int
    order: int
    at: dt.datetime
    cents: int


def lines() -> list[Line]:
    """Orders of one to three lines, on hours that no zone moves to another day."""
    made = []
    for number in range(240):
        order = number // 2 if number % 5 else number
        customer = order * 7 % 41 + 1
        at = dt.datetime(2024, 1, 1, 12) + dt.timedelta(days=order % 300, minutes=number)
        made.append(Line(customer, order, at, 100 + number * 137 % 9_900))
    return made


LINES = lines()
IDS = [line.customer for line in LINES]
ORDERS = [line.order for line in LINES]
STAMPS = [line.at for line in LINES]
DAYS = [line.at.date() for line in LINES]
AMOUNTS = [Decimal(line.cents) / 100 for line in LINES]
UUIDS = [uuid.UUID(int=customer * 0x1111_2222_3333_4444_5555) for customer in IDS]
ROWS = len(LINES)


@dataclass
class Case:
    """An input, and how it is read. `customer` is the id as text, in SQL on the columns of the file."""

    name: str
    make: Callable[[Path], None]
    settings: dict[str, object] = field(default_factory=dict)
    customer: Callable[[Line], str] = lambda line: str(line.customer)
    # What DuckDB reads; none where it cannot, and the lines that were written are what is expected.
    sql: str | None = "select customer_id::varchar, order_id::varchar, order_ts::date, amount::decimal(38,2) from read_parquet('{files}', union_by_name = true)"
    # The program must refuse the input, and say this.
    refused: str | None = None
    # Lines that are used, of those that were written.
    used: Callable[[int, Line], bool] = lambda number, line: True


def base(**others: object) -> dict[str, object]:
    amounts = pa.array(AMOUNTS, pa.decimal128(18, 2))
    return {"customer_id": pa.array(IDS, pa.int64()), "order_id": pa.array(ORDERS, pa.int64()), "order_ts": pa.array(DAYS), "amount": amounts} | others


def table(name: str, others: dict[str, object] | None = None, options: dict | None = None, **more: object) -> Case:
    """A file by pyarrow: the needed columns, some of them otherwise, and others."""
    return Case(f"pyarrow {name}", lambda folder: pq.write_table(pa.table(base(**(others or {}))), folder / "a.parquet", **(options or {})), **more)


def two(name: str, first: dict, second: dict, **more: object) -> Case:
    """Two files by pyarrow: the even lines in some types, the odd ones in others."""

    def make(folder: Path) -> None:
        for number, columns in enumerate((first, second)):
            given = pa.table(base(**columns))
            pq.write_table(given.take(pa.array(range(number, ROWS, 2))), folder / f"{'ab'[number]}.parquet")

    return Case(f"pyarrow {name}", make, **more)


# --- pyarrow ---


class Geometry(pa.ExtensionType):
    """As geoarrow writes it: bytes, and an extension type in Arrow's schema alone."""

    def __init__(self) -> None:
        super().__init__(pa.binary(), "geoarrow.wkb")

    def __arrow_ext_serialize__(self) -> bytes:
        return b'{"crs": "EPSG:4326"}'

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: pa.DataType, serialized: bytes) -> Geometry:
        return cls()


def unneeded() -> dict[str, object]:
    """One column of every type that pyarrow writes and no role takes."""
    some = lambda value: [value if number % 3 else None for number in range(ROWS)]  # noqa: E731
    half = np.float16(1.5)
    return {
        "u_uuid": pa.array([value.bytes for value in UUIDS], pa.uuid()),
        "u_json": pa.array(some('{"a": 1}'), pa.json_()),
        "u_float16": pa.array(some(half), pa.float16()),
        "u_bool8": pa.ExtensionArray.from_storage(pa.bool8(), pa.array(some(1), pa.int8())),
        "u_fixed": pa.array(some(b"abc"), pa.binary(3)),
        "u_binary": pa.array(some(b"\xff\x00"), pa.binary()),
        "u_large": pa.array(some("x"), pa.large_string()),
        "u_view": pa.array(some("x"), pa.string_view()),
        "u_duration": pa.array(some(dt.timedelta(days=1)), pa.duration("ns")),
        "u_time32": pa.array(some(dt.time(1)), pa.time32("ms")),
        "u_time64": pa.array(some(dt.time(1)), pa.time64("ns")),
        "u_null": pa.nulls(ROWS),
        "u_decimal256": pa.array(some(Decimal(10) ** 60), pa.decimal256(76, 2)),
        "u_decimal38": pa.array(some(Decimal("1.0000000001")), pa.decimal128(38, 10)),
        "u_category": pa.array(some("x")).dictionary_encode(),
        "u_numbers": pa.array(some(7), pa.int64()).dictionary_encode(),
        "u_list": pa.array(some([1, None]), pa.list_(pa.int32())),
        "u_halves": pa.array(some([half]), pa.list_(pa.float16())),
        "u_fixed_list": pa.array(some([1, 2]), pa.list_(pa.int8(), 2)),
        "u_map": pa.array(some([("k", [1.5])]), pa.map_(pa.string(), pa.list_(pa.float64()))),
        "u_struct": pa.array(some({"a": 1, "b": {"c": half}}), pa.struct([("a", pa.uint8()), ("b", pa.struct([("c", pa.float16())]))])),
        "u_uuids": pa.ListArray.from_arrays(pa.array(range(ROWS + 1), pa.int32()), pa.array([value.bytes for value in UUIDS], pa.uuid())),
        "u_geometry": pa.ExtensionArray.from_storage(Geometry(), pa.array(some(b"\x01\x02"), pa.binary())),
        "u_opaque": pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "point", "postgres"), pa.array(some(b"p"), pa.binary())),
    }


def doubled(folder: Path) -> None:
    columns = base()
    arrays = [*columns.values(), pa.array(IDS), pa.array(["x"] * ROWS), pa.array([1.5] * ROWS)]
    pq.write_table(pa.Table.from_arrays(arrays, [*columns, "note", "note", "note"]), folder / "a.parquet")


def encrypted(column: str, footer: bool) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        import pyarrow.parquet.encryption as encryption

        class Client(encryption.KmsClient):
            def __init__(self, _: object) -> None:
                super().__init__()

            wrap_key = lambda self, key, _: base64.b64encode(key)  # noqa: E731
            unwrap_key = lambda self, key, _: base64.b64decode(key)  # noqa: E731

        factory = encryption.CryptoFactory(Client)
        how = encryption.EncryptionConfiguration(footer_key="f", column_keys={"c": [column]}, plaintext_footer=not footer)
        properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), how)
        given = pa.table(base(card=["4111"] * ROWS))
        with pq.ParquetWriter(folder / "a.parquet", given.schema, encryption_properties=properties) as writer:
            writer.write_table(given)

    return make


def annotated(new: bytes) -> Callable[[Path], None]:
    """A file whose annotation JSON is replaced by another logical type, as a later writer leaves it."""

    def make(folder: Path) -> None:
        path = folder / "a.parquet"
        pq.write_table(pa.table(base(extra=pa.array(["{}"] * ROWS, pa.json_()))), path, store_schema=False)
        data = path.read_bytes()
        size = int.from_bytes(data[-8:-4], "little")
        body, footer = data[: -8 - size], data[-8 - size : -8]
        # Field 6, the old annotation JSON; field 10, the union of logical types: field 12, an empty structure, the end of the union.
        json_type = b"\x25\x26\x4c\xcc\x00\x00"
        assert footer.count(json_type) == 1
        # Without field 6, field 10 comes six after the name.
        footer = footer.replace(json_type, b"\x6c" + new)
        path.write_bytes(body + footer + len(footer).to_bytes(4, "little") + b"PAR1")

    return make


def one_more(folder: Path, **columns: object) -> None:
    pq.write_table(pa.table(columns), folder / "z.parquet")


def halves(first: dict, second: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    """The even lines as they are, the odd ones changed as a table."""

    def make(folder: Path) -> None:
        given = pa.table(base(**first))
        pq.write_table(given.take(pa.array(range(0, ROWS, 2))), folder / "a.parquet")
        pq.write_table(second(given.take(pa.array(range(1, ROWS, 2)))), folder / "b.parquet")

    return make


def with_empty(folder: Path) -> None:
    pq.write_table(pa.table(base()), folder / "a.parquet")
    pq.write_table(pa.table({name: pa.nulls(0) for name in COLUMNS}), folder / "b.parquet")
    pd.DataFrame().to_parquet(folder / "c.parquet")


def keyed(folder: Path) -> None:
    """Directories by a key that the files have as well."""
    given = pa.table(base(region=["EU" if line.customer % 2 else "US" for line in LINES]))
    for region in ("EU", "US"):
        (folder / f"region={region}").mkdir()
        pq.write_table(given.filter(pa.compute.equal(given["region"], region)), folder / f"region={region}" / "0.parquet")


WHOLE_FLOATS = pa.array([float(customer) for customer in IDS], pa.float64())
SOME_FLOATS = pa.array([None if number % 10 == 0 else float(line.customer) for number, line in enumerate(LINES)], pa.float64())
NOT_TENTH = lambda number, line: number % 10 != 0  # noqa: E731
BY_ID = "select {customer}, order_id::varchar, order_ts::date, amount::decimal(38,2) from read_parquet('{files}', union_by_name = true)"
AS_BIGINT = BY_ID.replace("{customer}", "customer_id::hugeint::varchar")
decimal = lambda values, digits, scale=0: pa.array([Decimal(value) for value in values], pa.decimal128(digits, scale))  # noqa: E731
stamp = lambda unit, zone=None: pa.array(STAMPS, pa.timestamp(unit, zone))  # noqa: E731
LARGE = 10**30


def of_pyarrow() -> list[Case]:
    written = [int(f"{day:%Y%m%d}") for day in DAYS]
    by_digits = {"dates.format": "%Y%m%d"}
    as_date = "strptime(order_ts::bigint::varchar, '%Y%m%d')::date"
    digits_sql = f"select customer_id::varchar, order_id::varchar, {as_date}, amount::decimal(38,2) from read_parquet('{{files}}', union_by_name = true)"
    as_float = pa.array([float(amount) for amount in AMOUNTS])
    cents = {"columns.amount": "amount / 100"}
    return [
        table("plain"),
        table("every unneeded type", unneeded()),
        *[table(f"unneeded {name}", {name: values}) for name, values in unneeded().items()],
        table("unneeded types without Arrow's schema", unneeded(), {"store_schema": False}),
        Case("pyarrow equal names", doubled, sql=None),
        Case("pyarrow annotation of the future", annotated(b"\x0c\x32\x00\x00"), sql=None),
        Case("pyarrow geometry", annotated(b"\x0c\x22\x00\x00"), sql=None),
        Case("pyarrow enum as customer", lambda f: annotated(b"\x4c\x00\x00")(f), {"columns.attributes": ["extra"]}),
        Case("pyarrow annotation of the future that is needed", annotated(b"\x0c\x32\x00\x00"), {"columns.attributes": ["extra"]}, refused="extra.*later format"),
        table("decimal ids", {"customer_id": decimal(IDS, 38), "order_id": decimal(ORDERS, 38)}),
        table("decimal ids with decimals", {"customer_id": decimal(IDS, 38, 10)}, sql=AS_BIGINT),
        table("short decimal ids", {"customer_id": decimal(IDS, 9), "order_id": decimal(ORDERS, 4)}),
        table("decimal ids beyond 64 bits", {"customer_id": decimal([LARGE + id for id in IDS], 38)}, customer=lambda line: str(LARGE + line.customer)),
        table("decimal ids without statistics", {"customer_id": decimal(IDS, 38)}, {"write_statistics": False}),
        table("uuid ids", {"customer_id": pa.array([value.bytes for value in UUIDS], pa.uuid())}, customer=lambda line: str(UUIDS[IDS.index(line.customer)])),
        table("uuid orders", {"order_id": pa.array([uuid.UUID(int=order).bytes for order in ORDERS], pa.uuid())}),
        table("float ids", {"customer_id": WHOLE_FLOATS}, sql=AS_BIGINT),
        table("float ids with NaN", {"customer_id": pa.array([float("nan") if x is None else x for x in SOME_FLOATS.to_pylist()])}, sql=None, used=NOT_TENTH),
        table("float ids with nulls", {"customer_id": SOME_FLOATS}, sql=None, used=NOT_TENTH),
        table("float orders", {"order_id": pa.array([float(order) for order in ORDERS])}),
        table("ids with a fraction", {"customer_id": pa.array([customer + 0.5 for customer in IDS])}, refused="whole numbers"),
        table("dictionary ids", {"customer_id": pa.array([str(id) for id in IDS]).dictionary_encode()}),
        table("dictionary of numbers", {"customer_id": pa.array(IDS).dictionary_encode(), "amount": as_float.dictionary_encode()}),
        table("bytes as ids", {"customer_id": pa.array([str(id).encode() for id in IDS], pa.binary())}, refused="binary_as_text"),
        table("bytes as text", {"customer_id": pa.array([str(id).encode() for id in IDS], pa.binary())}, settings={"input.binary_as_text": "utf8"}, sql=BY_ID.replace("{customer}", "decode(customer_id)")),
        table("bytes as digits", {"customer_id": pa.array([bytes([id]) for id in IDS], pa.binary())}, settings={"input.binary_as_text": "hex"}, customer=lambda line: f"{line.customer:02x}", sql=BY_ID.replace("{customer}", "lower(hex(customer_id))")),
        table("16 bytes as uuid", {"customer_id": pa.array([value.bytes for value in UUIDS], pa.binary(16))}, settings={"input.binary_as_text": "uuid"}, customer=lambda line: str(UUIDS[IDS.index(line.customer)]), sql=None),
        table("large texts and views", {"customer_id": pa.array([str(id) for id in IDS], pa.large_string()), "order_id": pa.array([str(id) for id in ORDERS], pa.string_view())}),
        table("json as order", {"order_id": pa.array([str(order) for order in ORDERS], pa.json_())}),
        *[table(f"stamps in {unit}", {"order_ts": stamp(unit)}) for unit in ("s", "ms", "us", "ns")],
        *[table(f"instants in {unit}", {"order_ts": stamp(unit, "UTC")}) for unit in ("s", "ms", "us", "ns")],
        table("a named zone", {"order_ts": stamp("us", "Europe/Berlin")}),
        table("int96", {"order_ts": stamp("ns")}, {"use_deprecated_int96_timestamps": True}),
        table("dates with a time", {"order_ts": pa.array(DAYS, pa.date64())}),
        table("dates in decimals", {"order_ts": decimal(written, 8)}, settings=by_digits, sql=digits_sql),
        table("dates in floats", {"order_ts": pa.array([float(day) for day in written])}, settings=by_digits, sql=digits_sql),
        table("cents in decimals", {"amount": decimal([line.cents for line in LINES], 38)}, settings=cents, sql="select customer_id::varchar, order_id::varchar, order_ts::date, (amount / 100)::decimal(38,2) from read_parquet('{files}')"),
        table("amounts of many digits", {"amount": pa.array(AMOUNTS, pa.decimal128(38, 10))}),
        table("amounts as decimal32", {"amount": pa.array(AMOUNTS, pa.decimal32(7, 2))}),
        table("amounts as decimal64", {"amount": pa.array(AMOUNTS, pa.decimal64(16, 2))}),
        table("amounts as decimal256", {"amount": pa.array(AMOUNTS, pa.decimal256(38, 2))}),
        table("small decimals as integers", {"amount": pa.array(AMOUNTS, pa.decimal128(9, 2))}, {"store_decimal_as_integer": True}),
        *[table(f"compressed with {codec}", options={"compression": codec}) for codec in ("none", "snappy", "gzip", "brotli", "lz4", "zstd")],
        table("pages of version 2", options={"data_page_version": "2.0", "version": "2.6"}),
        table("small row groups with an index", unneeded(), {"row_group_size": 7, "write_page_index": True, "write_page_checksum": True}),
        two("int64 beside double amounts", {"amount": pa.array([int(a) for a in AMOUNTS])}, {"amount": as_float}, sql=None, customer=lambda line: str(line.customer)),
        two("double beside decimal amounts", {"amount": as_float}, {}),
        two("decimals of two scales", {"amount": pa.array(AMOUNTS, pa.decimal128(20, 4))}, {"amount": pa.array(AMOUNTS, pa.decimal128(9, 2))}),
        two("int64 beside decimal ids", {}, {"customer_id": decimal(IDS, 38), "order_id": decimal(ORDERS, 38)}),
        two("int64 beside float ids", {"customer_id": WHOLE_FLOATS, "order_id": pa.array([float(x) for x in ORDERS])}, {}, sql=AS_BIGINT.replace("order_id::varchar", "order_id::bigint::varchar")),
        two("uint64 beside int32 ids", {"customer_id": pa.array(IDS, pa.uint64())}, {"customer_id": pa.array(IDS, pa.int32())}),
        two("dictionary beside text", {"customer_id": pa.array([str(id) for id in IDS]).dictionary_encode()}, {"customer_id": pa.array([str(id) for id in IDS])}),
        two("text beside dictionary", {"customer_id": pa.array([str(id) for id in IDS])}, {"customer_id": pa.array([str(id) for id in IDS]).dictionary_encode()}),
        two("uuid beside text", {"customer_id": pa.array([v.bytes for v in UUIDS], pa.uuid())}, {"customer_id": pa.array([str(v) for v in UUIDS])}, customer=lambda line: str(UUIDS[IDS.index(line.customer)])),
        two("date beside stamp", {}, {"order_ts": stamp("us")}),
        two("stamp beside date with a filter", {"order_ts": stamp("ns")}, {}, settings={"input.filter": "order_ts < TIMESTAMP '2024-06-01 00:00:00'"}, sql=BY_ID.replace("{customer}", "customer_id::varchar") + " where order_ts::timestamp < '2024-06-01'", used=lambda n, line: line.at < dt.datetime(2024, 6, 1)),
        two("a filter on numbers of two types", {"amount": as_float}, {}, settings={"input.filter": "amount >= 50"}, sql=BY_ID.replace("{customer}", "customer_id::varchar") + " where amount >= 50", used=lambda n, line: line.cents >= 5_000),
        two("an attribute of three types", {"level": pa.array([1] * ROWS)}, {"level": pa.array([1.5] * ROWS)}, settings={"columns.attributes": ["level"]}),
        two("unneeded types that differ", {"x": pa.array([1] * ROWS)}, {"x": pa.array(["a"] * ROWS)}, sql=BY_ID.replace("{customer}", "customer_id::varchar").replace("read_parquet('{files}', union_by_name = true)", "(select customer_id, order_id, order_ts, amount from read_parquet('{files}', union_by_name = true))")),
        two("unneeded types that differ and cannot be opened", {"x": pa.array([b"x" * 16] * ROWS, pa.uuid())}, {"x": pa.array([np.float16(1)] * ROWS, pa.float16())}, sql=None),
        Case("pyarrow null-typed order ids", halves({}, lambda t: t.set_column(1, "order_id", pa.nulls(t.num_rows))), sql=None),
        Case("pyarrow older file without an attribute", halves({"city": ["x"] * ROWS}, lambda t: t.drop(["city"])), {"columns.attributes": ["city"], "input.missing_columns": "null"}),
        Case("pyarrow older file without an attribute, refused", halves({"city": ["x"] * ROWS}, lambda t: t.drop(["city"])), {"columns.attributes": ["city"]}, refused="missing_columns"),
        Case("pyarrow a filter on what older files lack", halves({"city": ["x"] * ROWS}, lambda t: t.drop(["city"])), {"input.filter": "city IS NULL", "input.missing_columns": "null"}, sql=BY_ID.replace("{customer}", "customer_id::varchar") + " where city is null", used=lambda n, line: n % 2 == 1),
        Case("pyarrow a byte-order mark in a name", halves({}, lambda t: t.rename_columns(["\ufeffcustomer_id", *COLUMNS[1:]])), sql=None),
        Case("pyarrow names in two forms", halves({"Stadt Köln": ["x"] * ROWS}, lambda t: t.rename_columns([*COLUMNS, "Stadt Ko\u0308ln"])), {"columns.attributes": ["Stadt Köln"]}),
        Case("pyarrow names in capitals", halves({}, lambda t: t.rename_columns([*COLUMNS[:3], "AMOUNT"])), refused="did you mean `AMOUNT`"),
        Case("pyarrow empty frames", with_empty, sql=None),
        Case("pyarrow keys that the files have", keyed, {"columns.attributes": ["region"]}, sql=BY_ID.replace("{customer}", "customer_id::varchar").replace("union_by_name = true", "union_by_name = true, hive_partitioning = false")),
        Case("pyarrow keys as columns that the files have", keyed, {"columns.attributes": ["region"], "input.hive_partitions": True}, sql=None),
        Case("pyarrow encrypted column", encrypted("card", False), sql=None),
        Case("pyarrow encrypted column that is needed", encrypted("amount", False), refused="amount.*encrypted"),
        Case("pyarrow encrypted footer", encrypted("card", True), refused="encrypted"),
    ]


# --- pandas ---


def of_pandas() -> list[Case]:
    def frame(**others: object) -> pd.DataFrame:
        columns = {"customer_id": IDS, "order_id": ORDERS, "order_ts": pd.to_datetime(STAMPS), "amount": [float(a) for a in AMOUNTS]}
        return pd.DataFrame(columns | others)

    def case(name: str, make: Callable[[], pd.DataFrame], options: dict | None = None, **more: object) -> Case:
        return Case(f"pandas {name}", lambda folder: make().to_parquet(folder / "a.parquet", **(options or {})), **more)

    missing = [None if number % 10 == 0 else id for number, id in enumerate(IDS)]
    return [
        case("plain", frame),
        case("an index", lambda: frame().set_index("order_id")),
        case("a named index over rows", lambda: frame().set_index(pd.MultiIndex.from_arrays([range(ROWS), ["x"] * ROWS], names=["a", "b"]))),
        case("ids of which some are missing", lambda: frame(customer_id=missing), sql=None, used=NOT_TENTH),
        case("nullable integers", lambda: frame(customer_id=pd.array(missing, dtype="Int64")), sql=None, used=NOT_TENTH),
        case("categories", lambda: frame(customer_id=pd.Categorical([str(id) for id in IDS]), kind=pd.Categorical(["x"] * ROWS))),
        case("ordered categories of numbers", lambda: frame(customer_id=pd.Categorical(IDS), level=pd.Categorical([1] * ROWS, ordered=True))),
        case("Decimals", lambda: frame(amount=AMOUNTS, customer_id=[Decimal(id) for id in IDS])),
        case("Arrow types", lambda: frame().convert_dtypes(dtype_backend="pyarrow")),
        case("timedelta, period and interval", lambda: frame(wait=pd.to_timedelta(["1D"] * ROWS), month=pd.PeriodIndex(["2024-01"] * ROWS, freq="M"), range=pd.arrays.IntervalArray.from_breaks(range(ROWS + 1))), sql=None),
        case("dates and bytes", lambda: frame(order_ts=DAYS, blob=[b"\xff"] * ROWS, guid=[v.bytes for v in UUIDS])),
        case("a named zone", lambda: frame(order_ts=pd.to_datetime(STAMPS).tz_localize("Asia/Tokyo")), sql=None),
        case("int96", frame, {"use_deprecated_int96_timestamps": True}),
        case("nested values", lambda: frame(tags=[["a", "b"]] * ROWS, more=[{"a": [1]}] * ROWS)),
        case("complex column names", lambda: frame().assign(**{"Größe (cm)": 1, "a.b": 2, " ": 3})),
    ]


# --- Polars ---


def of_polars() -> list[Case]:
    def frame(**others: object) -> pl.DataFrame:
        columns = {"customer_id": IDS, "order_id": ORDERS, "order_ts": STAMPS, "amount": [float(a) for a in AMOUNTS]}
        return pl.DataFrame(columns).with_columns(**others) if others else pl.DataFrame(columns)

    def case(name: str, make: Callable[[], pl.DataFrame], options: dict | None = None, **more: object) -> Case:
        return Case(f"polars {name}", lambda folder: make().write_parquet(folder / "a.parquet", **(options or {})), **more)

    column = pl.col("customer_id")
    odd = {
        "u_time": pl.lit(dt.time(1)),
        "u_duration": pl.lit(dt.timedelta(days=1)),
        "u_null": pl.lit(None),
        "u_category": pl.lit("x").cast(pl.Categorical),
        "u_enum": pl.lit("x").cast(pl.Enum(["x", "y"])),
        "u_binary": pl.lit(b"\xff"),
        "u_list": pl.concat_list(column, column),
        "u_array": pl.concat_list(column, column).cast(pl.Array(pl.Int64, 2)),
        "u_struct": pl.struct(column, pl.lit(dt.time(1)).alias("t")),
        "u_decimal": pl.lit(Decimal("1.5")).cast(pl.Decimal(38, 5)),
        "u_int128": column.cast(pl.Int128),
        "u_uint128": column.cast(getattr(pl, "UInt128", pl.Int128)),
        "u_float16": column.cast(getattr(pl, "Float16", pl.Float32)),
    }
    return [
        case("plain", frame),
        case("every unneeded type", lambda: frame(**odd), sql=None),
        *[case(f"unneeded {name}", lambda name=name: frame(**{name: odd[name]}), sql=None) for name in odd],
        case("categorical ids", lambda: frame(customer_id=column.cast(pl.String).cast(pl.Categorical))),
        case("enum ids", lambda: frame(customer_id=column.cast(pl.String).cast(pl.Enum([str(id) for id in sorted(set(IDS))])))),
        case("decimal ids and amounts", lambda: frame(customer_id=column.cast(pl.Decimal(38, 0)), amount=pl.Series(AMOUNTS).cast(pl.Decimal(12, 2)))),
        case("float ids", lambda: frame(customer_id=column.cast(pl.Float32)), sql=AS_BIGINT),
        case("dates", lambda: frame(order_ts=pl.col("order_ts").cast(pl.Date))),
        case("instants in ms", lambda: frame(order_ts=pl.col("order_ts").dt.cast_time_unit("ms").dt.replace_time_zone("UTC"))),
        case("the whole of statistics", frame, {"statistics": "full", "compression": "lz4", "row_group_size": 13}),
        case("nothing but nulls as order", lambda: frame(order_id=pl.lit(None)), sql=None),
    ]


# --- DuckDB ---


def of_duckdb() -> list[Case]:
    def case(name: str, query: str, options: str = "", **more: object) -> Case:
        def make(folder: Path) -> None:
            connection = duckdb.connect()
            connection.register("t", pa.table(base(moment=stamp("us"), guid=[str(value) for value in UUIDS])))
            connection.execute(f"copy ({query}) to '{folder / 'a.parquet'}' (format parquet{options})")

        return Case(f"duckdb {name}", make, **more)

    odd = {
        "interval": "interval 3 day",
        "uuid": "guid::uuid",
        "variant": "7::variant",
        "variant of a struct": "{'a': [1, 2]}::variant",
        "enum": "'x'::enum('x', 'y')",
        "hugeint": "customer_id::hugeint",
        "uhugeint": "customer_id::uhugeint",
        "bit": "'101'::bit",
        "blob": "'\\xFF'::blob",
        "json": """'{"a": 1}'::json""",
        "map": "map(['a'], [guid::uuid])",
        "union": "union_value(n := 1)",
        "time": "time '01:00:00'",
        "timetz": "timetz '01:00:00+02'",
        "seconds": "moment::timestamp_s",
        "nanoseconds": "moment::timestamp_ns",
        "instant": "moment::timestamptz",
        "list of intervals": "[interval 1 month]",
        "struct of a uuid": "{'id': guid::uuid, 'halves': [1.5::float]}",
        "array": "[1, 2]::integer[2]",
        "bignum": "12345678901234567890123456789::bignum",
        "decimal of 38 digits": "1.5::decimal(38, 10)",
        "geometry": "'POINT(1 2)'::geometry",
    }
    plain = "select customer_id, order_id, order_ts, amount"
    cases = [case(f"unneeded {name}", f"{plain}, {value} as extra from t") for name, value in odd.items()]
    every = ", ".join(f'{value} as "{name}"' for name, value in odd.items() if name not in ("geometry", "variant", "variant of a struct", "union", "timetz", "bignum"))
    return cases + [
        case("plain", f"{plain} from t"),
        case("many unneeded types", f"{plain}, {every} from t"),
        case("version 2", f"{plain}, guid::uuid as g from t", ", parquet_version v2, row_group_size 2048"),
        case("uuid ids", "select guid::uuid as customer_id, order_id, moment as order_ts, amount::double as amount from t", customer=lambda line: str(UUIDS[IDS.index(line.customer)])),
        case("hugeint ids", "select customer_id::hugeint as customer_id, order_id::hugeint as order_id, order_ts, amount from t", sql=AS_BIGINT.replace("order_id::varchar", "order_id::bigint::varchar")),
        case("decimal ids", "select customer_id::decimal(38,0) as customer_id, order_id::decimal(18,0) as order_id, moment::timestamptz as order_ts, amount::decimal(38,10) as amount from t"),
        case("enum ids", f"select ('c' || customer_id % 9)::enum({', '.join(repr(f'c{n}') for n in range(9))}) as customer_id, order_id, order_ts, amount from t", customer=lambda line: f"c{line.customer % 9}"),
        case("blob ids", "select customer_id::varchar::blob as customer_id, order_id, order_ts, amount from t", settings={"input.binary_as_text": "utf8"}, sql=BY_ID.replace("{customer}", "decode(customer_id)")),
        case("interval that is needed", f"{plain}, interval 3 day as extra from t", settings={"columns.attributes": ["extra"]}, refused="extra.*interval"),
    ]


# --- fastparquet ---


def of_fastparquet() -> list[Case]:
    import fastparquet

    def case(name: str, make: Callable[[], pd.DataFrame], options: dict | None = None, file: str = "a.parquet", **more: object) -> Case:
        return Case(f"fastparquet {name}", lambda folder: fastparquet.write(str(folder / file), make(), **(options or {})), **more)

    def frame(**others: object) -> pd.DataFrame:
        stamps = pd.to_datetime(STAMPS).astype("datetime64[ns]")
        texts = {"note": pd.Series(["x"] * ROWS, dtype=object)}
        return pd.DataFrame({"customer_id": IDS, "order_id": ORDERS, "order_ts": stamps, "amount": [float(a) for a in AMOUNTS]} | texts | others)

    objects = lambda value: pd.Series([value] * ROWS, dtype=object)  # noqa: E731
    return [
        case("plain", frame),
        # The engine refuses the bytes that fastparquet leaves behind the last value.
        case("int96", frame, {"times": "int96"}, refused="INT96 as fastparquet"),
        case("int96 that is not needed", lambda: frame(seen=pd.to_datetime(STAMPS).astype("datetime64[ns]"), order_ts=[str(day) for day in DAYS]), {"times": "int96"}, settings={"dates.format": "%Y-%m-%d"}),
        case("json, bytes and categories", lambda: frame(j=objects({"a": 1}), b=objects(b"\xff"), c=pd.Categorical(["x"] * ROWS)), {"object_encoding": {"note": "utf8", "j": "json", "b": "bytes"}}),
        case("bson as an annotation", lambda: frame(j=objects({"a": 1})), {"object_encoding": {"note": "utf8", "j": "json"}, "compression": "GZIP"}),
        case("timedelta", lambda: frame(wait=pd.to_timedelta(["1D"] * ROWS).astype("timedelta64[ns]"))),
        case("ids of which some are missing", lambda: frame(customer_id=[np.nan if n % 10 == 0 else id for n, id in enumerate(IDS)]), sql=None, used=NOT_TENTH),
        case("row groups", frame, {"row_group_offsets": 50, "stats": True}),
        case("a file scheme of directories", lambda: frame(region=["EU"] * ROWS), {"file_scheme": "hive", "partition_on": ["region"]}, file="", settings={"columns.attributes": ["region"], "input.hive_partitions": True}, sql=None),
    ]


# --- delta-rs ---


def of_delta() -> list[Case]:
    import deltalake

    def case(name: str, columns: Callable[[], dict], options: dict | None = None, **more: object) -> Case:
        def make(folder: Path) -> None:
            source = folder.parent / f"{folder.name}.delta"
            deltalake.write_deltalake(str(source), pa.table(columns()), **(options or {}))
            # As an export leaves them: the files without the log, which says which of them hold.
            for file in sorted(source.rglob("*.parquet")):
                if "_delta_log" in file.parts:
                    continue
                target = folder / file.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)

        return Case(f"delta-rs {name}", make, **more)

    return [
        case("plain", base),
        case("stamps and nested values", lambda: base(order_ts=stamp("us", "UTC"), tags=pa.array([["a"]] * ROWS), more=pa.array([{"a": 1}] * ROWS))),
        case("decimal ids", lambda: base(customer_id=decimal(IDS, 38), amount=pa.array(AMOUNTS, pa.decimal128(38, 18)))),
        case("naive stamps", lambda: base(order_ts=stamp("us"))),
        case("partitions", lambda: base(region=["EU" if line.customer % 2 else "US" for line in LINES]), {"partition_by": ["region"]}, settings={"columns.attributes": ["region"], "input.hive_partitions": True}, sql=None),
    ]


# --- Spark, on request ---


def of_spark() -> list[Case]:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    rows = [(line.customer, line.order, line.at, Decimal(line.cents) / 100) for line in LINES]
    session.createDataFrame(rows, "customer_id bigint, order_id bigint, order_ts timestamp, amount decimal(18,2)").createOrReplaceTempView("t")

    def case(name: str, query: str, options: dict | None = None, by: list[str] | None = None, **more: object) -> Case:
        def make(folder: Path) -> None:
            for key, value in (options or {}).items():
                session.conf.set(key, value)
            writer = session.sql(query).repartition(2).write.mode("overwrite")
            (writer.partitionBy(*by) if by else writer).parquet(str(folder))

        return Case(f"spark {name}", make, **more)

    plain = "select customer_id, order_id, order_ts, amount"
    return [
        case("plain", f"{plain} from t"),
        case("int96", f"{plain} from t", {"spark.sql.parquet.outputTimestampType": "INT96"}),
        case("micros", f"{plain} from t", {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"}),
        case("without a zone", "select customer_id, order_id, cast(order_ts as timestamp_ntz) as order_ts, amount from t"),
        case("interval", f"{plain}, make_dt_interval(1) as a, make_ym_interval(1) as b from t"),
        case("variant", f"{plain}, parse_json('{{\"a\": [1, 2]}}') as extra from t", sql=None),
        case("nested values", f"{plain}, array(named_struct('a', 1)) as a, map('k', array(1.5)) as m, X'FF' as b, cast(null as void) is null as n from t"),
        case("decimal ids", "select cast(customer_id as decimal(38,0)) as customer_id, cast(order_id as decimal(20,0)) as order_id, order_ts, cast(amount as decimal(38,10)) as amount from t"),
        case("double ids", "select cast(customer_id as double) as customer_id, order_id, order_ts, cast(amount as double) as amount from t", sql=AS_BIGINT),
        case("legacy decimals", f"{plain} from t", {"spark.sql.parquet.writeLegacyFormat": "true"}),
        case("partitions", f"{plain}, if(customer_id % 2 = 1, 'EU', 'US') as region from t", by=["region"], settings={"columns.attributes": ["region"], "input.hive_partitions": True}, sql=None),
    ]


# --- the comparison ---


def files_of(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(("_", "."))]


def expected(case: Case, folder: Path) -> tuple[list[tuple], str | None]:
    """Per customer its lines, orders, money and last day, as written; and what DuckDB reads otherwise."""
    per: dict[str, list] = {}
    for number, line in enumerate(LINES):
        if case.used(number, line):
            per.setdefault(case.customer(line), []).append((number, line))
    is_whole = "int64 beside double amounts" in case.name
    cents = lambda number, line: line.cents // 100 * 100 if is_whole and number % 2 == 0 else line.cents  # noqa: E731
    no_orders = {"pyarrow null-typed order ids": lambda number: number % 2 == 1, "polars nothing but nulls as order": lambda number: True}
    is_lone = no_orders.get(case.name, lambda number: False)
    order = lambda number, line: ("lone", number) if is_lone(number) else ("id", line.order)  # noqa: E731
    written = sorted(
        (customer, len(rows), len({order(n, line) for n, line in rows}), sum(cents(n, line) for n, line in rows), str(max(line.at for _, line in rows).date()))
        for customer, rows in per.items()
    )
    if case.sql is None:
        return written, None
    files = str(folder / "**" / "*.parquet")
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    read = connection.execute(
        f"""with given(customer, order_key, day, amount) as ({case.sql.replace('{files}', files)})
            select customer, count(*)::bigint, count(distinct order_key)::bigint, (sum(amount) * 100)::bigint, max(day)::varchar
            from given group by customer order by customer"""
    ).fetchall()
    return written, None if sorted(read) == written else f"DuckDB reads {sorted(read)[:1]}, written were {written[:1]}"


def call(binary: Path, command: str, folder: Path, output: Path, settings: dict[str, object]) -> subprocess.CompletedProcess:
    words = [binary, command, "--input", folder, "--output", output, "--as-of", AS_OF, "--format", "json"]
    for key, value in settings.items():
        text = json.dumps(value) if isinstance(value, (list, bool)) else value
        words += ["--set", f"{key}={text}"]
    return subprocess.run([str(word) for word in words], capture_output=True, text=True)


def judge(binary: Path, case: Case, folder: Path, output: Path) -> list[str]:
    import re

    case.make(folder)
    checked = call(binary, "check", folder, output, case.settings)
    ran = call(binary, "run", folder, output, case.settings)
    said = " ".join((checked.stderr + ran.stderr).split())
    if case.refused is not None:
        faults = [] if ran.returncode in (2, 3) else [f"ran with exit status {ran.returncode}"]
        # What only the rows can show is no matter of a check.
        must_check = "fraction" not in case.name
        if must_check and checked.returncode != ran.returncode:
            faults.append(f"check ends with {checked.returncode}, run with {ran.returncode}")
        if not re.search(case.refused, " ".join(ran.stderr.split())) or must_check and not re.search(case.refused, " ".join(checked.stderr.split())):
            faults.append(f"is refused otherwise: {said[:300]}")
        return faults
    if (checked.returncode, ran.returncode) != (0, 0):
        return [f"check ends with {checked.returncode}, run with {ran.returncode}: {said[:400]}"]
    wanted, difference = expected(case, folder)
    published = duckdb.execute(
        f"""select customer_id::varchar, transactions::bigint, orders::bigint, (revenue * 100)::bigint, last_order_date::varchar
            from '{output}/as_of={AS_OF}/customers.parquet'"""
    ).fetchall()
    found = sorted(tuple(row) for row in published)
    faults = [difference] if difference else []
    if found != wanted:
        first = next(((a, b) for a, b in zip(found, wanted) if a != b), (len(found), len(wanted)))
        faults.append(f"has {first[0]}, should have {first[1]}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--spark", action="store_true")
    arguments = parser.parse_args()
    makers = [of_pyarrow, of_pandas, of_polars, of_duckdb, of_fastparquet, of_delta] + ([of_spark] if arguments.spark else [])
    cases = [case for maker in makers for case in maker() if arguments.only in case.name]
    faults, unmade = [], []
    with tempfile.TemporaryDirectory() as temporary:
        root = arguments.keep or Path(temporary)
        for number, case in enumerate(cases):
            folder = root / f"{number:03}"
            folder.mkdir(parents=True)
            try:
                found = judge(arguments.binary.resolve(), case, folder, root / f"{number:03}.out")
            except Exception as error:  # noqa: BLE001: a writer that cannot write a type is named, and the others go on
                unmade.append(f"{case.name}: {type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''}")
                continue
            faults += [f"{number:03} {case.name}: {fault}" for fault in found]
    for fault in faults:
        print(fault)
    for name in unmade:
        print(f"not made: {name}")
    print(f"writers: {len(cases)} inputs, {len(faults)} differences, {len(unmade)} not made")
    return 1 if faults or unmade else 0


if __name__ == "__main__":
    sys.exit(main())
