"""Outputs by table, read by what reads directories of partitions, against the same run by date.

    layouts.py --binary target/release/rfmetrics
    layouts.py --binary target/release/rfmetrics --spark      Spark alone: needs pyspark and a Java

Readers: pyarrow's hive datasets, DuckDB, Polars; with `--spark` Spark. Each reads the directory of every table, without any
word about its columns, and must find the rows of both dates, the date of the path as a date, and no other column. Compared with
the files of a run by date, read by pyarrow one by one. Besides: `_runs` is skipped by readers of the whole output, snappy
files hold the same values, and a table that a later run no longer has is gone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from program import run

DATES = ("2026-09-30", "2026-10-31")


def publish(binary: Path, source: Path, output: Path, **settings: object) -> None:
    for date in DATES:
        words = [word for key, value in settings.items() for word in ("--set", f"output.{key}={value}")]
        # With predictions, members of every chapter are there; snappy and zstd are set from outside.
        run([binary, "run", "-q", "-i", source, "-o", output, "--as-of", date, "--predict", "bg_nbd", *words])


def rows_of(table) -> list[tuple]:
    """The rows of an Arrow table in the order of their texts, with the columns by name."""
    names = sorted(table.column_names)
    columns = [table[name].to_pylist() for name in names]
    return sorted(zip(*columns), key=repr)


def expected_of(output: Path, name: str):
    """Both dates of a table by date, one file after the other; columns that one of them lacks are null in it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = [output / f"as_of={date}" / f"{name}.parquet" for date in DATES]
    tables = [pq.ParquetFile(file).read() for file in files if file.exists()]
    return pa.concat_tables(tables, promote_options="default")


def with_pyarrow(directory: Path):
    """Hive partitions are texts to pyarrow unless their type is given."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    dates = ds.partitioning(pa.schema([("as_of", pa.date32())]), flavor="hive")
    plain = ds.dataset(directory, format="parquet", partitioning="hive")
    assert plain.schema.field("as_of").type in (pa.string(), pa.dictionary(pa.int32(), pa.string())), plain.schema
    return ds.dataset(directory, format="parquet", partitioning=dates).to_table()


def with_duckdb(directory: Path):
    import duckdb

    query = f"select * from read_parquet('{directory}/*/*.parquet', hive_partitioning = true, union_by_name = true)"
    recursive = query.replace("/*/*.parquet", "/**/*.parquet")
    connection = duckdb.connect()
    rows = connection.sql(query).to_arrow_table()
    assert connection.sql(recursive).to_arrow_table().num_rows == rows.num_rows
    return rows


def with_polars(directory: Path):
    import polars

    return polars.scan_parquet(directory, hive_partitioning=True).collect().to_arrow()


def spark_reader(session):
    def read(directory: Path):
        return session.read.option("mergeSchema", "true").parquet(str(directory)).toArrow()

    return read


def compare(name: str, readers: dict, directory: Path, expected, report: list[str]) -> None:
    wanted = rows_of(expected)
    for reader, read in readers.items():
        try:
            found = read(directory)
            problems = []
            if sorted(found.column_names) != sorted(expected.column_names):
                problems.append(f"columns {sorted(set(found.column_names) ^ set(expected.column_names))}")
            elif str(found.schema.field("as_of").type) != "date32[day]":
                problems.append(f"as_of is {found.schema.field('as_of').type}")
            elif rows_of(found) != wanted:
                problems.append(f"{found.num_rows} rows, other values than by date ({expected.num_rows} rows)")
        except Exception as error:  # a reader that refuses the directory is what this looks for
            problems = [f"{type(error).__name__}: {str(error)[:300]}"]
        report.extend(f"{name}, {reader}: {problem}" for problem in problems)


def whole_output(output: Path, tables: list[str], report: list[str]) -> None:
    """A recursive reader of the whole output skips `_runs`: pyarrow by its rule for names, DuckDB and Polars by the pattern."""
    import pyarrow.dataset as ds

    files = [Path(file).relative_to(output) for file in ds.dataset(output, format="parquet", schema=None).files]
    expected = {Path(name) / f"as_of={date}" / "part-0.parquet" for name in tables for date in DATES}
    if set(files) != {path for path in expected if (output / path).exists()}:
        report.append(f"pyarrow finds other files in the whole output: {sorted(set(files) ^ expected)}")


def changes(binary: Path, source: Path, output: Path, report: list[str]) -> None:
    """Without predictions their tables lose the date; the other date keeps them."""
    run([binary, "run", "-q", "-i", source, "-o", output, "--as-of", DATES[1], "--set", "output.layout=by_table"])
    left = sorted(path.name for path in (output / "model_fit").glob("as_of=*"))
    if left != [f"as_of={DATES[0]}"]:
        report.append(f"model_fit of a run without predictions is still there: {left}")
    run([binary, "verify", output])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--input", type=Path, default=Path("data/sample"))
    parser.add_argument("--spark", action="store_true", help="read with Spark instead of the others")
    options = parser.parse_args()
    report: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        by_date, by_table, snappy = root / "by_date", root / "by_table", root / "snappy"
        publish(options.binary, options.input, by_date)
        publish(options.binary, options.input, by_table, layout="by_table")
        publish(options.binary, options.input, snappy, layout="by_table", compression="snappy")
        readers = {"pyarrow": with_pyarrow, "duckdb": with_duckdb, "polars": with_polars}
        if options.spark:
            from pyspark.sql import SparkSession

            session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
            session = session.config("spark.sql.session.timeZone", "UTC").getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
            readers = {"spark": spark_reader(session)}
        manifest = json.loads((by_table / "_runs" / f"as_of={DATES[1]}" / "manifest.json").read_text())
        tables = [table["name"] for table in manifest["tables"]]
        for name in tables:
            expected = expected_of(by_date, name)
            compare(name, readers, by_table / name, expected, report)
            compare(f"{name} in snappy", readers, snappy / name, expected, report)
        if not options.spark:
            whole_output(by_table, tables, report)
        changes(options.binary, options.input, by_table, report)
    print(f"{len(tables)} tables of {len(DATES)} dates, read by {', '.join(readers)}: {len(report)} differences")
    for line in report:
        print("DIFF " + line)
    return 1 if report else 0


if __name__ == "__main__":
    sys.exit(main())
