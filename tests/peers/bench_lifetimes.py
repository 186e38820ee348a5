"""Races the fits of BG/NBD and Gamma-Gamma against lifetimes 0.11.3 on the same simulated customers.

    bench_lifetimes.py --binary target/release/rfmetrics --customers 1000000

The program's seconds are those of the stages `fit` and `predict` in its manifest: one fit, all customers predicted.
lifetimes gets histories (x, t_x, T in weeks, mean value) that are counted here from the same files, and fits them as its
documentation shows, one row per customer, and once more with the distinct histories weighted by their number, which it can do
but leaves to its user. Its parameters must agree with ours. What does not end within the time that is given counts as that time.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import polars as pl

import program

AS_OF = "2026-10-31"
PARAMETERS = {"bg_nbd": ["r", "alpha", "a", "b"], "gamma_gamma": ["p", "q", "gamma"]}
LIFETIMES = {"gamma": "v"}
# Relative; both searches end where the likelihood is flat to many more digits.
AGREES = 1e-4


def ours(binary: Path, source: Path, output: Path) -> tuple[dict[str, float], dict[str, float]]:
    settings = {"predict.model": "bg_nbd", "predict.time_unit": "week"}
    published = program.publish(binary, source, output, AS_OF, settings)
    stages = {stage["stage"]: stage["seconds"] for stage in json.loads((published / "manifest.json").read_text())["stages"]}
    fitted = pl.read_parquet(published / "model_fit.parquet").select("model", "measure", "value").rows()
    values = {f"{model}.{measure}": value for model, measure, value in fitted}
    names = [f"{model}.{name}" for model, names in PARAMETERS.items() for name in names]
    return {name: values[name] for name in names}, stages


def histories(source: Path) -> pl.DataFrame:
    """One row per customer: days with a purchase above zero after the first, as weeks and mean values."""
    day = pl.col("order_ts").cast(pl.Date)
    lines = pl.scan_parquet(source / "*.parquet").select("customer_id", day, "amount").filter(day <= pl.lit(AS_OF).str.to_date())
    days = lines.group_by("customer_id", "order_ts").agg(pl.col("amount").sum()).filter(pl.col("amount") > 0)
    first = pl.col("order_ts").min()
    later = pl.col("amount").filter(pl.col("order_ts") > first)
    weeks = lambda days: days.dt.total_days() / 7.0
    return days.group_by("customer_id").agg(
        x=pl.len() - 1,
        t_x=weeks(pl.col("order_ts").max() - first),
        T=weeks(pl.lit(AS_OF).str.to_date() - first),
        z=later.mean().fill_null(0.0),
    ).collect().sort("customer_id")


def fit(frame, patterns: bool, queue: multiprocessing.Queue) -> None:
    import warnings

    from lifetimes import BetaGeoFitter, GammaGammaFitter

    warnings.filterwarnings("ignore")
    started = time.perf_counter()
    purchases = BetaGeoFitter()
    if patterns:
        counted = frame.groupby(["x", "t_x", "T"]).size().reset_index(name="n")
        purchases.fit(counted.x, counted.t_x, counted["T"], weights=counted.n)
    else:
        purchases.fit(frame.x, frame.t_x, frame["T"])
    spending = GammaGammaFitter()
    repeaters = frame[(frame.x > 0) & (frame.z > 0)]
    spending.fit(repeaters.x, repeaters.z)
    seconds = time.perf_counter() - started
    found = {f"bg_nbd.{name}": float(purchases.params_[name]) for name in PARAMETERS["bg_nbd"]}
    found |= {f"gamma_gamma.{name}": float(spending.params_[LIFETIMES.get(name, name)]) for name in PARAMETERS["gamma_gamma"]}
    queue.put((seconds, found))


def timed_fit(frame, patterns: bool, timeout: float) -> tuple[float, dict[str, float] | None]:
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=fit, args=(frame, patterns, queue))
    process.start()
    try:
        seconds, found = queue.get(timeout=timeout)
    except Exception:  # the queue is still empty
        process.kill()
        return timeout, None
    process.join()
    return seconds, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--timeout", type=float, default=600, help="seconds that one fit of lifetimes may take")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "lines"
        simulate = ["simulate", "--output", source, "--customers", options.customers, "--lines", 3 * options.customers]
        simulate += ["--lines-per-order", 1, "--no-order-ids", "--files", 8, "--seed", 5]
        program.run([options.binary, *simulate])
        parameters, stages = ours(options.binary, source, Path(directory) / "reports")
        counted = histories(source)
        frame = pd.DataFrame({name: counted[name].to_numpy() for name in counted.columns})
    print(f"{len(frame):,} customers; rfmetrics: fit {stages['fit']:.2f} s, predict {stages['predict']:.2f} s", flush=True)
    different = 0
    for patterns, name in [(True, "distinct histories, weighted"), (False, "one row per customer")]:
        seconds, found = timed_fit(frame, patterns, options.timeout)
        ratio = seconds / stages["fit"]
        if found is None:
            print(f"lifetimes, {name}: not done after {seconds:.0f} s (more than {ratio:.0f}x)", flush=True)
            continue
        apart = max(abs(found[key] / parameters[key] - 1.0) for key in parameters)
        print(f"lifetimes, {name}: fit {seconds:.2f} s ({ratio:.0f}x); parameters at most {apart:.1e} apart", flush=True)
        different += apart > AGREES
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
