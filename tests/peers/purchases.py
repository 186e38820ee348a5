"""Purchase models against scipy, by what they mean and not by the formulas of the papers: likelihoods, P(alive) and the discounted
purchases of all of the future (DERT) are integrals over the unknown rates and times of leaving; the own price of customers who
always pay the same; BG/BB from calendar periods, by sums over the opportunities.

    purchases.py --binary target/release/rfmetrics --seeds 5

The program is known by its command line, its tables and its manifest only. Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from scipy.integrate import quad
from scipy.special import betaln, gammaln, roots_jacobi

import program

START = dt.date(2023, 1, 1)
DAYS = 720
RATE = 0.35  # per year
CHECKED = 40  # customers


def shop(random: np.random.Generator, customers: int, fixed_prices: bool) -> pl.DataFrame:
    """Customers who buy at rates of their own, and leave at rates of their own or after a purchase."""
    rows = []
    for customer in range(customers):
        rate, leaving = random.gamma(0.8, 1 / 20.0), random.gamma(0.9, 1 / 250.0)
        day, gone = int(random.integers(0, 500)), random.exponential(1 / leaving)
        first, price = day, float(random.choice([4.99, 9.99, 24.5]))
        while day <= DAYS and day - first <= gone:
            amount = price if fixed_prices else float(np.round(random.gamma(5, price / 5), 2)) + 0.01
            rows.append((customer, START + dt.timedelta(days=day), amount))
            day += 1 + int(random.exponential(1 / rate))
    return pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")


def publish(binary: Path, lines: pl.DataFrame, work: Path, settings: dict[str, object]) -> Path:
    source = work / "in"
    source.mkdir(parents=True, exist_ok=True)
    lines.write_parquet(source / "orders.parquet")
    as_of = str(START + dt.timedelta(days=DAYS))
    return program.publish(binary, source, work / str(settings["predict.model"]), as_of, settings)


def fitted(published: Path, model: str) -> dict[str, float]:
    fit = pl.read_parquet(published / "model_fit.parquet").filter(pl.col("model") == model)
    return dict(zip(fit["measure"], fit["value"]))


def histories(lines: pl.DataFrame) -> pl.DataFrame:
    days = lines.group_by("customer_id").agg(
        x=pl.col("order_ts").n_unique() - 1, first=pl.col("order_ts").min(), last=pl.col("order_ts").max()
    )
    end = START + dt.timedelta(days=DAYS)
    return days.sort("customer_id").select(
        "customer_id",
        "x",
        t_x=(pl.col("last") - pl.col("first")).dt.total_days(),
        t=(pl.lit(end) - pl.col("first")).dt.total_days(),
    )


class ParetoNbd:
    def __init__(self, at: dict[str, float]) -> None:
        self.r, self.alpha, self.s, self.beta = (at[name] for name in ["r", "alpha", "s", "beta"])

    def parts(self, x: int, t_x: float, t: float) -> tuple[float, float]:
        """Alive, and left at some time between the last purchase and the end, both relative to the first."""
        r, alpha, s, beta = self.r, self.alpha, self.s, self.beta
        ln = -(r + x) * np.log(alpha + t) - s * np.log(beta + t)
        gone = quad(lambda y: s * np.exp(-(r + x) * np.log(alpha + y) - (s + 1) * np.log(beta + y) - ln), t_x, t, epsabs=0, epsrel=1e-11, limit=400)[0]
        return ln, gone

    def ln_likelihood(self, x: int, t_x: float, t: float) -> float:
        ln, gone = self.parts(x, t_x, t)
        return gammaln(self.r + x) - gammaln(self.r) + self.r * np.log(self.alpha) + self.s * np.log(self.beta) + ln + np.log1p(gone)

    def p_alive(self, x: int, t_x: float, t: float) -> float:
        return 1 / (1 + self.parts(x, t_x, t)[1])

    def forever(self, x: int, t: float, rate: float) -> float:
        stay = lambda ahead: np.exp(-rate * ahead) * ((self.beta + t) / (self.beta + t + ahead)) ** self.s
        ends = [0, 10, 100, 1_000, 10_000, 40 / rate + 10_000]
        return (self.r + x) / (self.alpha + t) * sum(quad(stay, a, b, epsabs=0, epsrel=1e-11, limit=400)[0] for a, b in zip(ends, ends[1:]))


class Geometric:
    """BG/NBD and MBG/NBD: `extra` is 1 where the first purchase is a chance to leave, too."""

    def __init__(self, at: dict[str, float], extra: int) -> None:
        self.r, self.alpha, self.a, self.b = (at[name] for name in ["r", "alpha", "a", "b"])
        self.extra = extra

    def ln_likelihood(self, x: int, t_x: float, t: float) -> float:
        r, alpha, a, b, chances = self.r, self.alpha, self.a, self.b, x + self.extra
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        alive = betaln(a, b + chances) - (r + x) * np.log(alpha + t)
        gone = betaln(a + 1, b + chances - 1) - (r + x) * np.log(alpha + t_x) if chances else -np.inf
        return common + np.logaddexp(alive, gone)

    def p_alive(self, x: int, t_x: float, t: float) -> float:
        chances = x + self.extra
        if not chances:
            return 1.0
        return 1 / (1 + self.a / (self.b + chances - 1) * ((self.alpha + t) / (self.alpha + t_x)) ** (self.r + x))

    def forever(self, x: int, t: float, rate: float) -> float:
        """The mean of lambda / (lambda p + rate), over p by Jacobi's rule and over lambda by quad in its logarithm."""
        shape, scale, chances = self.r + x, self.alpha + t, x + self.extra
        points, weights = roots_jacobi(160, self.b + chances - 1, self.a - 1)
        p, weights = (1 + points) / 2, weights / weights.sum()

        def of(ln: float) -> float:
            rate_of = np.exp(ln)
            density = shape * (ln + np.log(scale)) - scale * rate_of - gammaln(shape)
            return float((weights * rate_of / (rate_of * p + rate)).sum() * np.exp(density))

        middle = np.log(shape / scale)
        low = middle - 60 / min(shape, 1) - 5
        ends = np.concatenate([[low], np.linspace(max(low, middle - 12), middle + 4, 17)])
        ends = np.unique(ends)
        return sum(quad(of, a, b, epsabs=0, epsrel=1e-10, limit=200)[0] for a, b in zip(ends, ends[1:]))


class Nbd:
    def __init__(self, at: dict[str, float]) -> None:
        self.r, self.alpha = at["r"], at["alpha"]

    def ln_likelihood(self, x: int, t_x: float, t: float) -> float:
        r, alpha = self.r, self.alpha
        return gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + t)

    def p_alive(self, x: int, t_x: float, t: float) -> float:
        return 1.0

    def forever(self, x: int, t: float, rate: float) -> float:
        return (self.r + x) / (self.alpha + t) / rate


MODELS = {"pareto_nbd": ParetoNbd, "bg_nbd": lambda at: Geometric(at, 0), "mbg_nbd": lambda at: Geometric(at, 1), "nbd": Nbd}


def check_models(binary: Path, seed: int, work: Path) -> list[str]:
    random = np.random.default_rng([seed, 21])
    lines = shop(random, 500 + 50 * (seed % 3), fixed_prices=False)
    own = histories(lines)
    rate = np.log1p(RATE) / 365.25
    problems = []
    for name, of in MODELS.items():
        settings = {
            "predict.model": name,
            "predict.time_unit": "day",
            "predict.horizons": "90",
            "predict.discount_rate": RATE,
            "predict.infinite_horizon": "true",
            "predict.model_inputs": "true",
            "predict.contact_cost": 0.01,
        }
        published = publish(binary, lines, work, settings)
        found = fitted(published, name)
        customers = pl.read_parquet(published / "customers.parquet").sort("customer_id")
        if found.get("is_chosen") != 1:
            print(f"ok   {name} seed {seed}: refused on these data")
            continue
        inputs = customers.select("customer_id", pl.col("x").cast(pl.Int64), t_x=pl.col("t_x").cast(pl.Int64), t=pl.col("T").cast(pl.Int64))
        if not inputs.equals(own.select(inputs.columns).cast(dict(zip(inputs.columns, inputs.dtypes)))):
            problems.append(f"{name}: x, t_x, T are others")
        model = of(found)
        rows = own.rows()
        ln = sum(model.ln_likelihood(x, t_x, t) for _, x, t_x, t in rows)
        chosen = [int(row) for row in np.linspace(0, len(rows) - 1, CHECKED)]
        p_alive = np.array([model.p_alive(*rows[row][1:]) for row in chosen])
        forever = np.array([model.forever(rows[row][1], rows[row][3], rate) for row in chosen]) * p_alive
        picked = customers[chosen]
        value = picked["expected_value"].to_numpy()
        perpetuity = 0.01 / np.expm1(rate)
        for what, ours, theirs, relative in [
            ("log-likelihood", found["log_likelihood"], ln, 1e-10),
            ("P(alive)", picked["p_alive"].to_numpy(), p_alive, 1e-8),
            ("DERT", picked["expected_orders_infinite"].to_numpy(), forever, 1e-7),
            ("infinite CLV", picked["clv_infinite"].to_numpy(), value * forever - perpetuity, 1e-6),
        ]:
            if not np.allclose(ours, theirs, rtol=relative, atol=1e-9):
                worst = np.max(np.abs(np.asarray(ours) - theirs))
                problems.append(f"{name} seed {seed} {what}: up to {worst} apart")
        print(f"{'DIFF' if problems else 'ok':4} {name} seed {seed}: log-likelihood {ln:.3f}, DERT of {CHECKED} customers")
    return problems


def check_own_prices(binary: Path, seed: int, work: Path) -> list[str]:
    lines = shop(np.random.default_rng([seed, 22]), 300, fixed_prices=True)
    published = publish(binary, lines, work, {"predict.model": "nbd"})
    customers = pl.read_parquet(published / "customers.parquet").sort("customer_id")
    days = lines.group_by("customer_id", "order_ts").agg(pl.col("amount").sum())
    own = days.group_by("customer_id").agg(price=pl.col("amount").first(), days=pl.len()).sort("customer_id")
    repeat = own.filter(pl.col("days") > 1)
    expected = np.where(own["days"].to_numpy() > 1, own["price"].to_numpy(), repeat["price"].to_numpy().mean())
    ok = np.allclose(customers["expected_value"].to_numpy(), expected, rtol=1e-12)
    print(f"{'ok' if ok else 'DIFF':4} own prices seed {seed}: {len(repeat)} repeat customers")
    return [] if ok else [f"own prices seed {seed}: values are not the customers' own"]


def check_bg_bb(binary: Path, seed: int, work: Path) -> list[str]:
    """Monthly renewals: alive with a chance of their own, and buying in a month with one of their own."""
    random = np.random.default_rng([seed, 23])
    rows = []
    for customer in range(700):
        buying, leaving, month = random.beta(1.2, 1.0), random.beta(0.7, 6.0), int(random.integers(0, 12))
        for m in range(month, 24):
            if m > month and random.random() < leaving:
                break
            if m == month or random.random() < buying:
                for _ in range(int(random.integers(1, 3))):
                    rows.append((customer, dt.date(2023 + m // 12, 1 + m % 12, int(random.integers(1, 29))), float(np.round(random.gamma(4, 5), 2)) + 0.01))
    lines = pl.DataFrame(rows, schema=["customer_id", "order_ts", "amount"], orient="row")
    source = work / "in"
    source.mkdir(parents=True)
    lines.write_parquet(source / "gifts.parquet")
    settings = {
        "predict.model": "bg_bb",
        "predict.time_unit": "month",
        "predict.horizons": "6",
        "predict.discount_rate": RATE,
        "predict.infinite_horizon": "true",
        "predict.model_inputs": "true",
    }
    published = program.publish(binary, source, work / "out", "2024-12-31", settings)
    found = fitted(published, "bg_bb")
    months = lines.select("customer_id", "amount", month=pl.col("order_ts").dt.year() * 12 + pl.col("order_ts").dt.month())
    months = months.group_by("customer_id", "month").agg(pl.col("amount").sum())
    own = months.group_by("customer_id").agg(
        x=pl.len() - 1, first=pl.col("month").min(), last=pl.col("month").max(),
        mean=pl.col("amount").filter(pl.col("month") > pl.col("month").min()).mean().fill_null(0.0),
    ).sort("customer_id")
    x = own["x"].to_numpy().astype(int)
    t_x, n = (own["last"] - own["first"]).to_numpy(), (2024 * 12 + 12 - own["first"]).to_numpy()
    a, b, g, d = (found[name] for name in ["alpha", "beta", "gamma", "delta"])
    stays = lambda k: np.exp(betaln(g, d + k) - betaln(g, d))
    dies = lambda k: np.exp(betaln(g + 1, d + k) - betaln(g, d))
    buys = lambda x, m: np.exp(betaln(a + x, b + m) - betaln(a, b))
    likelihood = np.array([
        buys(x[i], n[i] - x[i]) * stays(n[i]) + sum(buys(x[i], k - x[i]) * dies(k) for k in range(t_x[i], n[i])) for i in range(len(x))
    ])
    alive = np.array([buys(x[i], n[i] - x[i]) for i in range(len(x))]) / likelihood
    p_alive = alive * stays(n + 1)
    mean = (a + x) / (a + b + n)
    six = mean * alive * sum(stays(n + k) for k in range(1, 7))
    monthly = (1 + RATE) ** (1 / 12)
    forever = mean * alive * sum(stays(n + k) / monthly**k for k in range(1, 3_000))
    customers = pl.read_parquet(published / "customers.parquet").sort("customer_id")
    problems = []
    for what, ours, theirs, relative in [
        ("x", customers["x"].to_numpy(), x, 0),
        ("t_x", customers["t_x"].to_numpy(), t_x, 0),
        ("T", customers["T"].to_numpy(), n, 0),
        ("mean value", customers["mean_repeat_value"].to_numpy(), own["mean"].to_numpy(), 1e-9),
        ("log-likelihood", found["log_likelihood"], np.log(likelihood).sum(), 1e-10),
        ("P(alive)", customers["p_alive"].to_numpy(), p_alive, 1e-8),
        ("expected orders", customers["expected_orders_6_months"].to_numpy(), six, 1e-8),
        ("DERT", customers["expected_orders_infinite"].to_numpy(), forever, 1e-8),
    ]:
        if not np.allclose(ours, theirs, rtol=relative, atol=1e-12):
            problems.append(f"BG/BB seed {seed} {what}: up to {np.max(np.abs(np.asarray(ours) - theirs))} apart")
    print(f"{'DIFF' if problems else 'ok':4} BG/BB seed {seed}: {len(x)} customers, log-likelihood {np.log(likelihood).sum():.3f}")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    problems = []
    with tempfile.TemporaryDirectory(prefix="rfmetrics-purchases-") as directory:
        for seed in range(1, options.seeds + 1):
            problems += check_models(options.binary, seed, Path(directory) / f"models-{seed}")
            problems += check_own_prices(options.binary, seed, Path(directory) / f"prices-{seed}")
            problems += check_bg_bb(options.binary, seed, Path(directory) / f"periods-{seed}")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
