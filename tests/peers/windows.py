"""Scores where customers have no order in the window, computed again by numpy from the raw lines.

Half of the customers bought before the window only. Compared are the scores (`quantile` and `ntile`), octants and their
thresholds, grid cells, the weighted value on its default scale, the life cycle over all days, and the nulls. Money is whole
cents, and dates are days, so that every comparison but that of the weighted value is exact.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from program import publish

AS_OF = dt.date(2025, 6, 30)
WINDOW_DAYS = 180
BINS = 5
MEASURES = ["recency_days", "orders", "revenue"]


@dataclass
class Customer:
    """What the lines say: credit notes have an order id of their own."""

    days: list[int] = field(default_factory=list)
    """Days before the analysis date of each purchase."""
    revenue: int = 0


def lines(seed: int, customers: int) -> list[tuple[int, int, int, int]]:
    """Customer, order, days before the analysis date, cents."""
    random = np.random.default_rng(seed)
    found, order = [], 0
    for customer in range(customers):
        for _ in range(1 + random.poisson(1.5)):
            order += 1
            days = int(random.integers(0, 700))
            found.append((customer, order, days, 50 + int(random.gamma(2, 2000))))
            if random.random() < 0.05:
                later = max(0, days - int(random.integers(1, 60)))
                found.append((customer, order + 10_000_000, later, -50 - int(random.gamma(2, 500))))
    return found


def write(path: Path, rows: list[tuple[int, int, int, int]]) -> None:
    pl.DataFrame(
        {
            "customer_id": [row[0] for row in rows],
            "order_id": [row[1] for row in rows],
            "order_ts": [AS_OF - dt.timedelta(row[2]) for row in rows],
            "amount": [row[3] / 100 for row in rows],
        }
    ).write_parquet(path)


def customers_of(rows: list[tuple[int, int, int, int]]) -> list[Customer]:
    table: dict[int, Customer] = {}
    for customer, _, days, cents in rows:
        own = table.setdefault(customer, Customer())
        if cents > 0:
            own.days.append(days)
        if days < WINDOW_DAYS:
            own.revenue += cents
    return [table[customer] for customer in sorted(table)]


def scores(values: np.ndarray, learned_from: np.ndarray) -> np.ndarray:
    cuts = np.quantile(learned_from, np.arange(1, BINS) / BINS)
    return 1 + (values[:, None] > cuts[None, :] + 1e-9).sum(axis=1)


def ntile(values: np.ndarray, buyers: np.ndarray) -> np.ndarray:
    found, order = np.ones(len(values), int), np.flatnonzero(buyers)
    order = order[np.lexsort((order, values[order]))]
    for number, group in enumerate(np.array_split(order, BINS), start=1):
        found[group] = number
    return found


def clipped(values: np.ndarray, learned_from: np.ndarray) -> np.ndarray:
    low, high = np.quantile(learned_from, [0.01, 0.99])
    return np.clip((values - low) / (high - low), 0, 1)


def stage(customer: Customer) -> str:
    recency, tenure, purchase_days = min(customer.days), max(customer.days), len(set(customer.days))
    if recency > 180:
        return "lost" if recency > 360 else "dormant"
    if tenure <= 60:
        return "new"
    is_overdue = purchase_days > 1 and recency * (purchase_days - 1) > 2 * (tenure - recency)
    if len(customer.days) == 1 or is_overdue:
        return "declining"
    return "growing" if tenure <= 365 else "active"


def digits(*columns: np.ndarray) -> np.ndarray:
    return np.array(["".join("1" if high else "0" for high in row) for row in zip(*columns, strict=True)])


def check(binary: Path, seed: int, customers: int) -> list[str]:
    rows = lines(seed, customers)
    table = customers_of(rows)
    recency = np.array([min(customer.days) for customer in table])
    orders = np.array([sum(days < WINDOW_DAYS for days in customer.days) for customer in table])
    revenue = np.array([customer.revenue for customer in table])
    buyers = orders > 0
    problems: list[str] = []

    def same(name: str, found: object, expected: np.ndarray) -> None:
        differing = int((np.asarray(found) != expected).sum())
        if differing:
            problems.append(f"seed {seed}: {name}: {differing} of {len(expected)} differ")

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "lines.parquet"
        write(source, rows)

        def published(settings: dict[str, object], name: str = "customers", order_by: str = "customer_id") -> pl.DataFrame:
            settings = {"dates.window_days": WINDOW_DAYS} | settings
            path = publish(binary, source, Path(folder) / "out", AS_OF, settings) / f"{name}.parquet"
            return duckdb.sql(f"select * from '{path}' order by {order_by}").pl()

        plain = published({})
        same("r_score", plain["r_score"], BINS + 1 - scores(recency, recency))
        same("f_score", plain["f_score"], np.where(buyers, scores(orders, orders[buyers]), 1))
        same("m_score", plain["m_score"], np.where(buyers, scores(revenue, revenue[buyers]), 1))
        high = recency < recency.mean(), buyers & (orders > orders[buyers].mean()), buyers & (revenue > revenue[buyers].mean())
        same("octant", plain["octant"], digits(*high))
        band = (recency[:, None] > np.array([30, 90, 180, 360])).sum(axis=1)
        same("grid_cell", plain["grid_cell"], np.where(buyers, (5 - np.minimum(orders, 5)) * 5 + band + 1, 26 + band))
        for column in ("average_order_value", "largest_order"):
            same(f"nulls of {column}", plain[column].is_null(), ~buyers)
        octants = published({}, "octants", "octant")
        thresholds = {
            "recency_threshold": recency.mean(),
            "frequency_threshold": orders[buyers].mean(),
            "monetary_threshold": revenue[buyers].mean() / 100,
        }
        for column, mean in thresholds.items():
            if abs(octants[column][0] - mean) > 1e-9 * mean:
                problems.append(f"seed {seed}: {column} is {octants[column][0]}, not {mean}")
        equal = published({f"score.{axis}.method": "ntile" for axis in ("frequency", "monetary")})
        same("f_score by ntile", equal["f_score"], ntile(orders, buyers))
        same("m_score by ntile", equal["m_score"], ntile(revenue, buyers))
        valued = published({"score.composites.columns": ["weighted_value"], "score.value.measures": MEASURES})
        value = (1 - clipped(recency, recency) + clipped(orders, orders[buyers]) + clipped(revenue, revenue[buyers])) / 3
        if np.abs(valued["weighted_value"].to_numpy() - value).max() > 1e-9:
            problems.append(f"seed {seed}: weighted_value differs")
        cycle = published({"segment.map": "lifecycle"})
        same("life cycle", cycle["segment"], np.array([stage(customer) for customer in table]))
        same("orders_ever", cycle["orders_ever"], np.array([len(customer.days) for customer in table]))
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--customers", type=int, default=1_000)
    arguments = parser.parse_args()
    problems = [
        problem
        for seed in range(arguments.seeds)
        for problem in check(arguments.binary.resolve(), seed, arguments.customers)
    ]
    print("\n".join(problems) or f"windows: {arguments.seeds} data sets agree with numpy")
    raise SystemExit(bool(problems))


if __name__ == "__main__":
    main()
