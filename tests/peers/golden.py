"""Runs the program on the golden data sets and compares with what other programs computed on them.

    golden.py --binary target/release/rfmetrics --golden ../shared/golden

Reproduced exactly: `expected/sql` (customers with quantile and ntile scores, thresholds, pareto in ten groups, abc,
octants, the 25 cells, the grid of R and F scores) and `expected/rfm_r` (scores and thresholds of the R package rfm).
Not reproduced: their segments, which come of other maps, and nested scores. Orders are made by the SQL that the golden
set names; where the raw file is plain enough the program also reads that itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

import program

SHARES_RELATIVE = 1e-9
SALES_FILTER = "customer_id IS NOT NULL AND quantity > 0 AND unit_price > 0 AND order_id NOT LIKE 'C%'"


@dataclass
class Input:
    """One way to read a data set."""

    how: str
    path: Path
    arguments: list[str] = field(default_factory=list)


@dataclass
class DataSet:
    name: str
    as_of: str
    decimals: int
    inputs: list[Input]


def money_decimals(scale: int) -> int:
    return len(str(scale)) - 1


def data_sets(golden: Path, work: Path) -> list[DataSet]:
    """From the cases of the SQL peer: as_of, scale, and the SQL that makes orders."""
    manifest = json.loads((golden / "manifest.json").read_text())
    found = []
    for case in manifest["cases"]:
        if not case["id"].startswith("sql/"):
            continue
        name, parameters = case["id"].removeprefix("sql/"), case["params"]
        decimals = money_decimals(parameters["money_scale"])
        raw = golden / case["data"][0]
        built = work / f"{name}.parquet"
        orders = parameters["source_sql"].replace("read_parquet('", f"read_parquet('{golden / 'data'}/")
        duckdb.execute(f"""copy (
                select customer_id, order_id, order_date as order_ts, (units::decimal(18, 0) * {10.0**-decimals:.{decimals}f})::decimal(18, {decimals}) as amount
                from ({orders})) to '{built}' (format parquet)""")
        inputs = [Input("orders built by SQL", built)]
        if "quantity" in case["params"]["source_sql"]:
            inputs.append(
                Input(
                    "raw lines with a filter",
                    raw,
                    ["--filter", SALES_FILTER, "--column", "quantity=quantity", "--column", "unit_price=unit_price"],
                )
            )
        else:
            inputs.append(Input("raw rows", raw, ["--orders-by", "row"]))
        found.append(DataSet(name, parameters["as_of"], decimals, inputs))
    return found


def run(binary: Path, source: Input, data: DataSet, output: Path, *arguments: str) -> Path:
    command = [
        str(binary),
        "run",
        "--input",
        str(source.path),
        "--output",
        str(output),
        "--as-of",
        data.as_of,
        *source.arguments,
        "--set",
        f"clean.money_scale={data.decimals}",
        "--set",
        "clean.max_quarantined_share=1.0",
        *arguments,
        "--quiet",
    ]
    program.run(command)
    return output / f"as_of={data.as_of}"


class Comparison:
    """Two tables with the same keys; columns are compared under a name for the report."""

    def __init__(self, expected: pl.DataFrame, found: pl.DataFrame, keys: list[str]):
        self.keys, self.problems = keys, []
        if expected.height != found.height:
            self.problems.append(f"{expected.height} rows expected, {found.height} found")
        casts = [
            pl.col(key).cast(pl.Int64) if expected[key].dtype.is_integer() else pl.col(key).cast(pl.String)
            for key in keys
        ]
        self.both = expected.with_columns(casts).join(
            found.with_columns(casts), on=keys, how="full", coalesce=True, suffix=" (ours)"
        )

    def check(self, left: str | pl.Expr, right: str | pl.Expr, relative: float | None = None) -> Comparison:
        sides = self.both.select(
            *self.keys,
            expected=pl.col(left) if isinstance(left, str) else left,
            found=pl.col(right) if isinstance(right, str) else right,
        )
        if relative is None:
            wrong = sides.filter(pl.col("expected").ne_missing(pl.col("found")))
        else:
            close = (pl.col("expected") - pl.col("found")).abs() <= relative * pl.col("expected").abs()
            wrong = sides.filter(~close.fill_null(False) & ~(pl.col("expected").is_null() & pl.col("found").is_null()))
        if wrong.height:
            self.problems.append(
                f"{left} differs in {wrong.height} of {sides.height} rows\n{wrong.sort(self.keys).head(5)}"
            )
        return self


def units(column: str, decimals: int) -> pl.Expr:
    """Money as whole units, from a double or a decimal."""
    return (pl.col(column).cast(pl.Float64) * 10**decimals).round().cast(pl.Int64)


def integers(*columns: str) -> list[pl.Expr]:
    return [pl.col(column).cast(pl.Int64) for column in columns]


class SqlCase:
    """`expected/sql/<data set>__*`."""

    def __init__(self, golden: Path, data: DataSet):
        self.prefix, self.data = golden / "expected" / "sql" / f"{data.name}__", data
        self.customers = pl.read_parquet(f"{self.prefix}customers.parquet")
        self.meta = json.loads(Path(f"{self.prefix}meta.json").read_text())

    def csv(self, name: str) -> pl.DataFrame:
        return pl.read_csv(f"{self.prefix}{name}.csv")

    def money(self, comparison: Comparison, left: str, right: str) -> None:
        comparison.check(
            units(left, self.data.decimals), units(right if right != left else f"{right} (ours)", self.data.decimals)
        )

    def check(self, published: Path, rule: str) -> dict[str, list[str]]:
        """`rule` is `cut` (method quantile) or `ntile`."""
        ours = {path.stem: pl.read_parquet(path, hive_partitioning=False) for path in published.glob("*.parquet")}
        found = {"customers": self.check_customers(ours["customers"], rule)}
        if rule == "cut":
            found |= {
                "thresholds": self.check_thresholds(ours["score_bounds"]),
                "rf_grid": self.check_rf_grid(ours["cells"]),
                "pareto": self.check_pareto(ours["pareto"]),
                "abc": self.check_shares(ours["abc"], "abc_tab", "abc", "abc_class"),
                "octants": self.check_shares(
                    ours["octants"].with_columns(pl.col("octant").str.to_integer(base=2)), "octants", "octant", "octant"
                ),
                "cells25": self.check_shares(ours["grid"], "cells25", "cell25", "grid_cell"),
            }
        return found

    def check_customers(self, ours: pl.DataFrame, rule: str) -> list[str]:
        comparison = Comparison(self.customers, ours, ["customer_id"])
        for left, right in {
            "first_date": "first_order_date",
            "last_date": "last_order_date",
            "frequency_orders": "orders",
            "frequency_days": "purchase_days",
            f"r_{rule}": "r_score",
            f"f_{rule}": "f_score",
            f"m_{rule}": "m_score",
            "cell25": "grid_cell",
            "abc": "abc_class",
        }.items():
            comparison.check(left, right)
        comparison.check("recency_days", "recency_days (ours)").check(pl.col(f"rfm_{rule}").cast(pl.String), "cell")
        comparison.check(pl.col("octant"), pl.col("octant (ours)").str.to_integer(base=2))
        if rule == "cut":
            comparison.check("rfm_sum_cut", "score_sum")
        self.money(comparison, "monetary_total", "revenue")
        self.money(comparison, "monetary_max_order", "largest_order")
        comparison.check("monetary_avg_order", pl.col("average_order_value").cast(pl.Float64), SHARES_RELATIVE)
        comparison.check("cum_share", "cumulative_revenue_share", SHARES_RELATIVE)
        return comparison.problems

    def check_thresholds(self, ours: pl.DataFrame) -> list[str]:
        problems = []
        for left, axis in {
            "recency_days": "recency_days",
            "frequency_orders": "orders",
            "monetary_total": "revenue",
        }.items():
            expected = self.meta["quantile_thresholds"][left]
            problems += same_thresholds(axis, expected, ours)
        return problems

    def check_rf_grid(self, cells: pl.DataFrame) -> list[str]:
        ours = cells.group_by("r_score", "f_score").agg(
            pl.col("customers").sum(), pl.col("revenue").cast(pl.Float64).sum()
        )
        comparison = Comparison(
            self.csv("rf_grid").rename({"r_cut": "r_score", "f_cut": "f_score"}), ours, ["r_score", "f_score"]
        )
        comparison.check("customers", "customers (ours)")
        self.money(comparison, "revenue", "revenue")
        return comparison.problems

    def check_pareto(self, ours: pl.DataFrame) -> list[str]:
        comparison = Comparison(self.csv("pareto").rename({"pareto_decile": "revenue_group"}), ours, ["revenue_group"])
        comparison.check("customers", "customers (ours)").check(
            "revenue_share", "revenue_share (ours)", SHARES_RELATIVE
        )
        comparison.check("cum_revenue_share", "cumulative_revenue_share", SHARES_RELATIVE)
        self.money(comparison, "revenue", "revenue")
        self.money(comparison, "min_monetary", "lowest_revenue")
        self.money(comparison, "max_monetary", "highest_revenue")
        return comparison.problems

    def check_shares(self, ours: pl.DataFrame, table: str, key: str, our_key: str) -> list[str]:
        expected = self.csv(table).rename({key: our_key} if key != our_key else {})
        comparison = Comparison(expected, ours.filter(pl.col("customers") > 0), [our_key])
        comparison.check("customers", "customers (ours)")
        self.money(comparison, "revenue", "revenue")
        if "revenue_share" in expected.columns:
            comparison.check("revenue_share", "revenue_share (ours)", SHARES_RELATIVE)
        return comparison.problems


def same_thresholds(axis: str, expected: list[float], bounds: pl.DataFrame) -> list[str]:
    """Thresholds ascending, against the upper ends of the bins; the bin of highest values has none."""
    ours = (
        bounds.filter(pl.col("axis") == axis)
        .sort("score", descending=axis == "recency_days")["upper_threshold"]
        .to_list()
    )
    same = (
        len(ours) == len(expected) + 1
        and ours[-1] is None
        and all(
            right is not None and abs(left - right) <= SHARES_RELATIVE * abs(left)
            for left, right in zip(expected, ours)
        )
    )
    return [] if same else [f"{axis}: expected {expected}, found {ours}"]


def check_r(golden: Path, name: str, decimals: int, published: Path) -> dict[str, list[str]]:
    """`expected/rfm_r/<name>__*`: scores, thresholds (none of its own with fixed cuts), customers per R and F score."""
    prefix = golden / "expected" / "rfm_r" / f"{name}__"
    ours = pl.read_parquet(published / "customers.parquet", hive_partitioning=False)
    comparison = Comparison(pl.read_parquet(f"{prefix}rfm.parquet"), ours, ["customer_id"])
    comparison.check("recency_days", "recency_days (ours)").check("transaction_count", "transactions")
    comparison.check(units("amount", decimals), units("revenue", decimals)).check("recency_score", "r_score")
    comparison.check("frequency_score", "f_score").check("monetary_score", "m_score").check(
        pl.col("rfm_score").cast(pl.String), "cell"
    )
    heat = Comparison(
        pl.read_csv(f"{prefix}rf_heatmap.csv").rename({"recency_score": "r_score", "frequency_score": "f_score"}),
        ours.group_by("r_score", "f_score").agg(
            pl.len().cast(pl.Int64).alias("customers"), pl.col("revenue").cast(pl.Float64).mean().alias("mean_monetary")
        ),
        ["r_score", "f_score"],
    )
    heat.check("customers", "customers (ours)").check("mean_monetary", "mean_monetary (ours)", SHARES_RELATIVE)
    found = {"customers": comparison.problems, "rf_heatmap": heat.problems}
    if name.endswith("_default"):
        table = pl.read_csv(f"{prefix}threshold.csv")
        bounds = pl.read_parquet(published / "score_bounds.parquet", hive_partitioning=False)
        found["thresholds"] = [
            problem
            for column, axis in {"recency": "recency_days", "frequency": "transactions", "monetary": "revenue"}.items()
            for problem in same_thresholds(axis, table[f"{column}_upper"].to_list()[:-1], bounds)
        ]
    return found


def custom_cuts(parameters: dict) -> list[str]:
    """R puts a whole value on a threshold above it, our `fixed` below it: half a unit less says the same."""
    arguments = ["--set", 'score.frequency.measure="transactions"']
    for axis in ("recency", "frequency", "monetary"):
        cuts = [threshold - 0.5 for threshold in parameters[f"{axis}_thresholds"]]
        arguments += ["--set", f'score.{axis}.method="fixed"', "--set", f"score.{axis}.cuts={cuts}"]
    return arguments


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--golden", type=Path, required=True)
    parser.add_argument("--work", type=Path, help="directory for data and output [a temporary one]")
    options = parser.parse_args()
    golden = options.golden.resolve()
    work = options.work or Path(tempfile.mkdtemp(prefix="rfmetrics-golden-"))
    work.mkdir(parents=True, exist_ok=True)
    done = failed = 0

    def report(case: str, how: str, tables: dict[str, list[str]]) -> None:
        nonlocal done, failed
        for table, problems in tables.items():
            done, failed = done + 1, failed + bool(problems)
            print(f"{'DIFF' if problems else 'ok':4} {case:40} {table:12} {how}", flush=True)
            for problem in problems:
                print("     " + problem.replace("\n", "\n     "))

    def attempt(case: str, how: str, compare) -> None:
        try:
            report(case, how, compare())
        except (RuntimeError, OSError, KeyError, pl.exceptions.PolarsError) as error:
            report(case, how, {"run": [f"{type(error).__name__}: {error}"]})

    sets = {data.name: data for data in data_sets(golden, work)}
    for data in sets.values():
        expected = SqlCase(golden, data)
        for source in data.inputs:
            for rule, method in (("cut", "quantile"), ("ntile", "ntile")):
                output = work / f"{data.name}-{source.how}-{method}".replace(" ", "-")
                attempt(
                    f"sql/{data.name}",
                    f"{method}, {source.how}",
                    lambda: expected.check(
                        run(
                            options.binary,
                            source,
                            data,
                            output,
                            "--method",
                            method,
                            "--set",
                            "reports.pareto_groups=10",
                        ),
                        rule,
                    ),
                )
    for case in json.loads((golden / "manifest.json").read_text())["cases"]:
        if not case["id"].startswith("rfm_r/"):
            continue
        name, parameters = case["id"].removeprefix("rfm_r/"), case["params"]
        data = sets[parameters["input"]]
        assert data.as_of == parameters["analysis_date"]
        arguments = custom_cuts(parameters) if "recency_thresholds" in parameters else ["--method", "r-rfm"]
        attempt(
            case["id"],
            "fixed cuts" if "recency_thresholds" in parameters else "r-rfm",
            lambda: check_r(
                golden, name, data.decimals, run(options.binary, data.inputs[0], data, work / f"r-{name}", *arguments)
            ),
        )
    print(f"{done} tables, {failed} with differences; data and output in {work}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
