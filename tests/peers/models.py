"""k-means and the adjusted Rand index against scikit-learn, AHP against numpy's eigenvectors, values and drift against numpy,
NBD against scipy.

    models.py --binary target/release/rfmetrics --seeds 10

The program is known by its command line, its tables and its manifest only. Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import gammaln
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import program

RANDOM_INDEX = [0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49]
MEASURES = ["recency_days", "orders", "purchase_days", "transactions", "revenue", "average_order_value", "largest_order"]
AS_OF = "2026-10-31"
WORSE_ALLOWED = 0.01


SCORINGS = """[
    { name = "equal", score = { recency.method = "ntile", frequency.method = "ntile", monetary.method = "ntile" } },
    { name = "classes", segment = { map = "abc" } },
    { name = "wide", score = { recency.method = "uniform", frequency.method = "uniform" } }]"""


def run(binary: Path, source: Path, output: Path, settings: dict[str, object], as_of: str = AS_OF) -> Path:
    return program.publish(binary, source, output, as_of, settings)


def simulate(binary: Path, directory: Path, seed: int) -> Path:
    command = [binary, "simulate", "--output", directory, "--lines", 20_000 + 7_000 * (seed % 5), "--seed", seed]
    program.run(command)
    return directory


def average_order_values(customers: pl.DataFrame) -> np.ndarray:
    """In whole millionths, half away from zero, as METHODS.md says: averages that differ by less are equal."""
    units = (customers["revenue"].cast(pl.Float64) * 1_000_000).round().cast(pl.Int64).to_list()

    def average(units: int, orders: int) -> int:
        rounded = (2 * abs(units) + orders) // (2 * orders)
        return rounded if units >= 0 else -rounded

    return np.array([average(u, n) for u, n in zip(units, customers["orders"].to_list())], dtype=float)


def standardised(customers: pl.DataFrame, measure: str, how: str) -> np.ndarray:
    values = customers[measure].cast(pl.Float64).to_numpy()
    if measure == "average_order_value":
        values = average_order_values(customers)
    if how == "min-max":
        spread = values.max() - values.min()
        scaled = (values - values.min()) / spread if spread > 0 else np.zeros_like(values)
        return 1 - scaled if measure == "recency_days" and spread > 0 else scaled
    if how == "z-score":
        scaled = (values - values.mean()) / values.std(ddof=1)
        return -scaled if measure == "recency_days" else scaled
    order = np.sort(values)
    smaller, not_larger = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    scaled = (smaller + not_larger - 1) / 2 / (len(values) - 1)
    return 1 - scaled if measure == "recency_days" else scaled


def inertia(points: np.ndarray, labels: np.ndarray) -> float:
    """The sum of squared distances to the means of the groups, from the labels alone."""
    total = 0.0
    for label in np.unique(labels):
        own = points[labels == label]
        total += ((own - own.mean(axis=0)) ** 2).sum()
    return float(total)


def check_kmeans(binary: Path, seed: int, work: Path) -> list[str]:
    random = np.random.default_rng(seed)
    source = simulate(binary, work / "in", seed)
    how = ["min-max", "z-score", "rank"][seed % 3]
    measures = [str(m) for m in random.choice(MEASURES, size=int(random.integers(2, 5)), replace=False)]
    k = int(random.integers(2, 12))
    settings = {"score.value.measures": measures, "score.value.standardise": how, "kmeans.clusters": k}
    settings["score.composites.columns"] = ["weighted_value"]
    published = run(binary, source, work / "out", settings)
    customers = pl.read_parquet(published / "customers.parquet")
    points = np.column_stack([standardised(customers, measure, how) for measure in measures])
    labels = customers["cluster"].to_numpy()
    ours = inertia(points, labels)
    theirs = KMeans(n_clusters=k, n_init=10, random_state=seed).fit(points).inertia_
    problems = []
    if ours > theirs * (1 + WORSE_ALLOWED):
        problems.append(f"inertia {ours}, scikit-learn has {theirs}")
    value = customers["weighted_value"].to_numpy()
    expected = points.mean(axis=1)
    if np.abs(value - expected).max() > 2e-9:
        problems.append(f"weighted values differ by up to {np.abs(value - expected).max()}")
    means = [value[labels == label].mean() for label in range(1, k + 1)]
    if any(a < b - 1e-6 for a, b in zip(means, means[1:])):
        problems.append(f"clusters are not numbered by value: {means}")
    clusters = pl.read_parquet(published / "clusters.parquet")
    if clusters["customers"].to_list() != [int((labels == label).sum()) for label in range(1, k + 1)]:
        problems.append("the sizes of the clusters are not those of their labels")
    what = f"k-means seed {seed:3} k = {k:2} {how:8} {len(customers):6,} customers, {ours / theirs:.5f} of scikit-learn's inertia"
    print(f"{'DIFF' if problems else 'ok':4} {what}")
    return problems


def judgements(random: np.random.Generator, n: int, noise: float) -> np.ndarray:
    weights = random.uniform(0.2, 5, n)
    matrix = np.ones((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            judged = float(np.clip(weights[i] / weights[j] * np.exp(random.normal(0, noise)), 1 / 9, 9))
            matrix[i, j] = judged
            matrix[j, i] = 1 / judged
    return matrix


def check_ahp(binary: Path, seed: int, work: Path, source: Path) -> list[str]:
    random = np.random.default_rng([seed, 7])
    n = int(random.integers(2, len(MEASURES) + 1))
    matrix = judgements(random, n, [0.05, 0.3, 1.0][seed % 3])
    settings = {
        "score.value.measures": MEASURES[:n],
        "score.value.judgements": matrix.tolist(),
        "score.value.allow_inconsistent": "true",
        "score.composites.columns": ["weighted_value"],
    }
    published = run(binary, source, work / f"ahp-{seed}", settings)
    found = json.loads((published / "manifest.json").read_text())["value"]["ahp"]
    values, vectors = np.linalg.eig(matrix)
    principal = int(np.argmax(values.real))
    weights = np.abs(vectors[:, principal].real)
    weights /= weights.sum()
    largest = values[principal].real
    index = max((largest - n) / (n - 1), 0)
    ratio = index / RANDOM_INDEX[n - 1] if RANDOM_INDEX[n - 1] else 0
    problems = []
    for name, ours, theirs in [
        ("weights", found["weights"], weights),
        ("lambda", found["lambda_max"], largest),
        ("consistency ratio", found["consistency_ratio"], ratio),
    ]:
        if not np.allclose(ours, theirs, rtol=1e-9, atol=1e-10):
            problems.append(f"{name}: {ours}, numpy has {theirs}")
    print(f"{'DIFF' if problems else 'ok':4} AHP seed {seed:3} of {n} measures, consistency ratio {ratio:.4f}")
    return problems


def check_stability(binary: Path, seed: int, work: Path) -> list[str]:
    published = run(binary, work / "in", work / "scorings", {"scoring": SCORINGS})
    scorings = pl.read_parquet(published / "scorings.parquet")
    segments = {name: scorings.filter(pl.col("scoring") == name)["segment"].to_list() for name in scorings["scoring"].unique()}
    problems = []
    for row in pl.read_parquet(published / "stability_summary.parquet").rows(named=True):
        first, second = segments[row["scoring_a"]], segments[row["scoring_b"]]
        theirs = adjusted_rand_score(first, second)
        if not np.isclose(row["adjusted_rand_index"], theirs, rtol=1e-9, atol=1e-12):
            problems.append(f"adjusted Rand index {row}, scikit-learn has {theirs}")
        changed = None if "classes" in (row["scoring_a"], row["scoring_b"]) else sum(a != b for a, b in zip(first, second))
        if row["changed_customers"] != changed:
            problems.append(f"{row}: {changed} customers change")
    print(f"{'DIFF' if problems else 'ok':4} stability seed {seed:3} of {len(segments)} scorings")
    return problems


def check_drift(binary: Path, seed: int, work: Path) -> list[str]:
    former = run(binary, work / "in", work / "former", {}, as_of="2026-04-30")
    now = run(binary, work / "in", work / "frozen", {"score.breaks_from": former / "manifest.json"})
    fresh = run(binary, work / "in", work / "fresh", {})
    tables = [pl.read_parquet(path / "customers.parquet") for path in (former, now, fresh)]
    drift = {row["axis"]: row for row in pl.read_parquet(now / "drift.parquet").rows(named=True)}
    problems = []
    for axis, score in [("recency_days", "r_score"), ("orders", "f_score"), ("revenue", "m_score")]:
        then, later = [
            np.maximum(np.bincount(table[score].to_numpy(), minlength=6)[1:] / len(table), 1e-4) for table in tables[:2]
        ]
        index = float(((later - then) * np.log(later / then)).sum())
        changed = int((tables[1][score] != tables[2][score]).sum())
        found = drift[axis]
        if not np.isclose(found["population_stability_index"], index, rtol=1e-9, atol=1e-12):
            problems.append(f"stability index of {axis} {found}, numpy has {index}")
        if (found["changed_customers"], found["customers_now"]) != (changed, len(tables[1])):
            problems.append(f"{axis}: {found}, expected {changed} changed of {len(tables[1])}")
    print(f"{'DIFF' if problems else 'ok':4} drift seed {seed:3}")
    return problems


def check_nbd(binary: Path, seed: int, work: Path) -> list[str]:
    """Customers who buy at rates of their own to the end: nobody leaves. Likelihood and search are scipy's."""
    random = np.random.default_rng([seed, 11])
    days, rows = 500 + 40 * (seed % 4), []
    for customer in range(400):
        rate, day = random.gamma(0.9, 1 / 30.0), int(random.integers(0, 200))
        rows.append((customer, day, 10.0))
        while (day := day + 1 + int(random.exponential(1 / rate))) <= days:
            rows.append((customer, day, float(np.round(random.gamma(4, 5), 2)) + 0.01))
    customer, day, amount = zip(*rows)
    source = work / f"nbd-{seed}"
    source.mkdir()
    start = pl.date(2023, 1, 1)
    lines = pl.DataFrame({"customer_id": customer, "day": day, "amount": amount})
    lines = lines.select("customer_id", (start + pl.duration(days="day")).alias("order_ts"), "amount")
    lines.write_parquet(source / "orders.parquet")
    as_of = str(dt.date(2023, 1, 1) + dt.timedelta(days=days))
    settings = {"predict.model": "nbd", "predict.time_unit": "day", "predict.horizons": "90"}
    published = run(binary, source, work / f"nbd-{seed}-out", settings, as_of)
    own = lines.group_by("customer_id").agg(x=pl.col("order_ts").n_unique() - 1, first=pl.col("order_ts").min()).sort("customer_id")
    x = own["x"].to_numpy().astype(float)
    t = np.array([(dt.date.fromisoformat(as_of) - first).days for first in own["first"]], dtype=float)

    def ln_likelihood(at: np.ndarray) -> float:
        r, alpha = np.exp(at)
        return float((gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + t)).sum())

    best = minimize(lambda at: -ln_likelihood(at), [0.0, 3.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 9_000})
    r, alpha = np.exp(best.x)
    fit = pl.read_parquet(published / "model_fit.parquet").filter(pl.col("model") == "nbd")
    found = dict(zip(fit["measure"], fit["value"]))
    customers = pl.read_parquet(published / "customers.parquet").sort("customer_id")
    expected = (r + x) / (alpha + t) * 90
    problems = []
    for name, ours, theirs, near in [
        ("r", found["r"], r, 1e-5),
        ("alpha", found["alpha"], alpha, 1e-5),
        ("log-likelihood", found["log_likelihood"], -best.fun, 1e-9),
        ("BIC", found["bic"], 2 * np.log(x.size) + 2 * best.fun, 1e-9),
        ("expected orders", customers["expected_orders_90_days"].to_numpy(), expected, 1e-5),
        ("p_alive", customers["p_alive"].to_numpy(), np.ones(x.size), 0),
    ]:
        if not np.allclose(ours, theirs, rtol=near, atol=0):
            problems.append(f"NBD {name}: {ours}, scipy has {theirs}")
    print(f"{'DIFF' if problems else 'ok':4} NBD seed {seed:3} r {r:.4f} alpha {alpha:.3f}, {int(x.sum()):6,} repeat purchases")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory(prefix="rfmetrics-models-") as directory:
        source = simulate(options.binary, Path(directory) / "ahp-in", 1)
        for seed in range(1, options.seeds + 1):
            problems += check_kmeans(options.binary, seed, Path(directory) / f"kmeans-{seed}")
            problems += check_stability(options.binary, seed, Path(directory) / f"kmeans-{seed}")
            problems += check_drift(options.binary, seed, Path(directory) / f"kmeans-{seed}")
            problems += check_ahp(options.binary, seed, Path(directory), source)
            problems += check_nbd(options.binary, seed, Path(directory))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
