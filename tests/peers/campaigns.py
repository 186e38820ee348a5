"""Campaigns again: selections and results by DuckDB, budgets by an exact solver, rates and intervals by scipy and statsmodels, exports by
openpyxl and Python's csv.

    campaigns.py --binary target/release/rfmetrics --seeds 20 [--customers 1000000]

Each seed makes a shop, tests it, evaluates the test, and selects by its rates with random filters, lists, budgets and controls. Exit status 1
on any difference. `--customers` makes one shop of that size and selects by the same comparison.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import hmac
import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import optimize, special
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

import program

AS_OF = dt.date(2025, 6, 30)
KEY = b"rfmetrics campaign control group"
FILTERS = [None, "revenue >= 50", "recency_days < 200 AND orders > 1", "cell LIKE '5%' OR segment = 'at_risk'",
           "average_order_value BETWEEN 20 AND 80"]
PER_RESPONSE = 12.0


class Differs(Exception):
    """What the program says, and what its peer says."""


def check(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Differs(f"{what}: found {str(found)[:600]}, expected {str(expected)[:600]}")


def near(what: str, found: float | None, expected: float | None, rel: float = 1e-9) -> None:
    is_null = [value is None or math.isnan(value) for value in (found, expected)]
    if any(is_null):
        check(f"{what}: null", *is_null)
    elif not math.isclose(found, expected, rel_tol=rel, abs_tol=1e-9):
        raise Differs(f"{what}: found {found!r}, expected {expected!r}")


def campaign(binary: Path, *words: object) -> Path:
    """A command of campaigns; the directory that it has published."""
    command = [str(word) for word in (binary, "--quiet", "campaign", *words)]
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode != 0:
        raise RuntimeError(f"exit status {finished.returncode}: {' '.join(command)}\n{finished.stderr}")
    return Path(finished.stdout.splitlines()[-1])


def u(customer: object) -> float:
    digest = hmac.new(KEY, str(customer).encode(), hashlib.sha256).digest()
    return (int.from_bytes(digest[:8]) >> 11) / 2**53


def made_orders(rng: random.Random, customers: int, is_text: bool) -> pa.Table:
    """Customers who buy at rates of their own; every amount is above zero, every row an order."""
    ids, days, amounts = [], [], []
    for customer in range(customers):
        for _ in range(1 + int(rng.expovariate(0.5))):
            ids.append(f"C-{customer:06d}" if is_text else customer * 7 - 100)
            days.append(AS_OF - dt.timedelta(days=int(rng.expovariate(1 / 120))))
            amounts.append(round(rng.uniform(5, 120), 2))
    kind = pa.string() if is_text else pa.int64()
    return pa.table({"customer_id": pa.array(ids, kind), "order_ts": pa.array(days, pa.date32()),
                     "amount": pa.array(amounts, pa.float64())})


def nth_names(customers: list[tuple[str, object]], size: int, seed: int) -> list[object]:
    ordered = sorted(customers)
    random_bits = int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:8])
    start = random_bits * len(ordered) >> 64
    return [ordered[(start + i * len(ordered)) // size][1] for i in range(size)]


def shrunk(cells: dict[str, tuple[int, int]], told: dict) -> tuple[float, float] | float:
    """Alpha and beta as the program found them, which must be as likely as those that scipy finds; or the pooled rate, where the
    likelihood falls from the border."""
    k, n = (np.array([cell[i] for cell in cells.values()], dtype=float) for i in range(2))
    rate = k.sum() / n.sum()
    slope = (k * (k - 1) / rate + (n - k) * (n - k - 1) / (1 - rate) - n * (n - 1)).sum() if 0 < rate < 1 else -1
    if len(k) < 2 or slope <= 0:
        near("pooled rate", told.get("pooled_rate"), rate)
        return rate

    def minus(t: np.ndarray) -> float:
        a, b = np.exp(t)
        return -np.sum(special.betaln(a + k, b + n - k) - special.betaln(a, b))

    def likelihood(a: float, b: float) -> float:
        def rising(x: float, counts: np.ndarray) -> float:
            return sum(np.log(x + np.arange(count)).sum() for count in counts)

        return rising(a, k) + rising(b, n - k) - rising(a + b, n)

    options = {"xatol": 1e-11, "fatol": 1e-12, "maxiter": 40_000, "maxfev": 40_000}
    starts = [np.log([m * rate, m * (1 - rate)]) for m in (5, 50, 500)]
    best = min((optimize.minimize(minus, s, method="Nelder-Mead", options=options) for s in starts), key=lambda r: r.fun)
    if "alpha" not in told:
        raise Differs(f"rates: found {told}, expected alpha and beta {np.exp(best.x)}")
    # The likelihood may be flat: then many pairs are right. Near 0 scipy's betaln loses digits, and products do not.
    if likelihood(told["alpha"], told["beta"]) < likelihood(*np.exp(best.x)) - 1e-6:
        raise Differs(f"rates: found {told}, and {np.exp(best.x)} is more likely")
    return told["alpha"], told["beta"]


class Shop:
    """A published date, a test of it with its results, and a connection that knows both."""

    def __init__(self, binary: Path, root: Path, seed: int, customers: int) -> None:
        self.binary, self.root, self.rng = binary, root, random.Random(seed)
        self.is_text = self.rng.random() < 0.5
        (root / "in").mkdir()
        pq.write_table(made_orders(self.rng, customers, self.is_text), root / "in" / "a.parquet")
        self.run = program.publish(binary, root / "in", root / "out", AS_OF, {})
        self.sql = duckdb.connect()
        self.sql.execute(f"CREATE TABLE customers AS FROM '{self.run}/customers.parquet'")
        self.cost = self.rng.choice([0.62, 0.05, 1.5])
        self.told: dict = {}

    def customers(self) -> list[tuple[str, object]]:
        return self.sql.execute("SELECT cell, customer_id FROM customers").fetchall()

    def test(self) -> None:
        everybody = self.customers()
        size, seed = max(1, len(everybody) * self.rng.randrange(2, 8) // 10), self.rng.randrange(1_000)
        path = campaign(self.binary, "test", self.run, "--name", "trial", "--size", size, "--seed", seed, "--cost", self.cost)
        found = [row[0] for row in self.sql.execute(f"SELECT customer_id FROM '{path}/targets.parquet' ORDER BY rank").fetchall()]
        check("nth names", found, nth_names(everybody, size, seed))

    def answers(self, name: str) -> Path:
        """Responses to a campaign: more of the recent ones, and some of nobody."""
        rows = self.sql.execute(
            f"SELECT t.customer_id, c.r_score FROM '{self.root}/out/campaigns/{name}/targets.parquet' t "
            "JOIN customers c USING (customer_id) ORDER BY t.rank").fetchall()
        said = [(i, AS_OF + dt.timedelta(days=self.rng.randrange(1, 35)), self.rng.randrange(0, 9_000) / 100)
                for i, score in rows if self.rng.random() < 0.03 + 0.03 * score]
        said = said or [(rows[0][0], AS_OF + dt.timedelta(days=1), 5.0)]
        said.append(("nobody" if self.is_text else 10**9, AS_OF + dt.timedelta(days=3), 5.0))
        self.rng.shuffle(said)
        path = self.root / f"{name}.parquet"
        kind = pa.string() if self.is_text else pa.int64()
        pq.write_table(pa.table({"customer_id": pa.array([s[0] for s in said], kind),
                                 "date": pa.array([s[1] for s in said], pa.date32()),
                                 "amount": pa.array([s[2] for s in said], pa.float64())}), path)
        return path

    def evaluate(self, name: str, by_orders: bool) -> None:
        answers = self.answers(name)
        self.sql.execute(f"CREATE OR REPLACE TEMP TABLE answers AS FROM '{answers}'")
        more: list[object] = ["--responses", answers]
        if by_orders:
            # Several orders make one responder.
            later = self.root / f"later-{name}"
            later.mkdir()
            table = self.sql.sql("SELECT customer_id, date AS order_ts, amount + 0.01 AS amount FROM answers UNION ALL "
                                     "SELECT customer_id, date + 1, 1.0 FROM answers").to_arrow_table()
            pq.write_table(table.cast(pa.schema([("customer_id", table.schema.field(0).type), ("order_ts", pa.date32()),
                                                 ("amount", pa.float64())])), later / "later.parquet")
            more = ["--input", self.root / "in", later]
            self.sql.execute("CREATE OR REPLACE TEMP TABLE answers AS SELECT customer_id, order_ts AS date, amount FROM "
                             f"'{later}/later.parquet'")
        path = campaign(self.binary, "evaluate", self.root / "out" / "campaigns" / name, "--profit", PER_RESPONSE, *more)
        self.compare_results(path, name)

    def compare_results(self, path: Path, name: str) -> None:
        self.sql.execute(f"""
            CREATE OR REPLACE TEMP TABLE said AS
            WITH t AS (FROM '{self.root}/out/campaigns/{name}/targets.parquet'),
            inside AS (SELECT customer_id, sum(round(amount * 100)::BIGINT) AS cents FROM answers
                       WHERE date > DATE '{AS_OF}' AND date <= DATE '{AS_OF}' + 30 GROUP BY 1)
            SELECT t.segment, t.cell, t.cost, t."group" = 'control' AS is_control, cents FROM t LEFT JOIN inside USING (customer_id)""")
        rows = []
        for by, column in (("campaign", f"'{name}'"), ("segment", "segment"), ("cell", "cell")):
            rows += self.sql.execute(f"""
                SELECT '{by}', {column} AS name, count(*) FILTER (NOT is_control), count(cents) FILTER (NOT is_control),
                       coalesce(sum(cents) FILTER (NOT is_control), 0)::BIGINT, coalesce(sum(cost) FILTER (NOT is_control), 0),
                       count(*) FILTER (is_control), count(cents) FILTER (is_control),
                       coalesce(sum(cents) FILTER (is_control), 0)::BIGINT
                FROM said GROUP BY ALL ORDER BY 2""").fetchall()
        found = pq.read_table(path / "campaign_results.parquet").to_pylist()
        check("result groups", [(row["group_by"], row["group"]) for row in found], [row[:2] for row in rows])
        for by in ("campaign", "segment", "cell"):
            self.compare_tests([(f, e) for f, e in zip(found, rows, strict=True) if e[0] == by])

    def compare_tests(self, pairs: list[tuple[dict, tuple]]) -> None:
        p_values = []
        for f, (by, name, n, k, cents, cost, held, anyway, anyway_cents) in pairs:
            what = f"result of {by} {name}"
            check(what, [f["contacts"], f["responders"], int(f["revenue"] * 100), f["control_customers"],
                         f["control_responders"]], [n, k, cents, held, anyway])
            near(f"{what}: cost", f["cost"], cost)
            near(f"{what}: profit", f["profit"], k * PER_RESPONSE - cost)
            even = cost / n / PER_RESPONSE if n else None
            near(f"{what}: break-even", f["break_even_rate"], even)
            low, high = proportion_confint(k, n, method="wilson") if n else (None, None)
            near(f"{what}: low", f["rate_low"], low)
            near(f"{what}: high", f["rate_high"], high)
            if n:
                _, p = proportions_ztest(k, n, value=even, prop_var=even)
                p_values.append((f, k / n - even, float(p), what))
                near(f"{what}: p", f["p_value"], float(p), rel=1e-7)
            if n and held:
                low, high = confint_proportions_2indep(k, n, anyway, held, method="newcomb", compare="diff")
                near(f"{what}: difference low", f["difference_low"], float(low))
                near(f"{what}: difference high", f["difference_high"], float(high))
                more = (k / n - anyway / held) * n
                near(f"{what}: more responders", f["incremental_responders"], more, rel=1e-7)
                near(f"{what}: more revenue", f["incremental_revenue"], (cents - anyway_cents / held * n) / 100, rel=1e-7)
                near(f"{what}: more profit", f["incremental_profit"], more * PER_RESPONSE - cost, rel=1e-7)
        if not p_values:
            return
        adjusted = multipletests([p for _, _, p, _ in p_values], method="fdr_bh")[1]
        for (f, above, _, what), q in zip(p_values, adjusted, strict=True):
            near(f"{what}: adjusted p", f["adjusted_p_value"], float(q), rel=1e-7)
            verdict = "not_enough_evidence" if q >= 0.05 else "keep" if above > 0 else "drop"
            check(f"{what}: verdict", f["verdict"], verdict)

    def rates(self) -> dict[str, float]:
        """The shrunk rate of each cell, None for those that nobody was contacted of."""
        found = self.sql.execute(f"SELECT \"group\", responders, contacts FROM '{self.root}/out/campaigns/trial-results/"
                                 "campaign_results.parquet' WHERE group_by = 'cell' AND contacts > 0").fetchall()
        cells = {cell: (k, n) for cell, k, n in found}
        if not self.told:
            path = campaign(self.binary, "select", self.run, "--name", "first", "--former", "trial-results", "--goal", "people")
            self.told = json.loads((path / "manifest.json").read_text())["rates"]
        common = shrunk(cells, self.told)
        if isinstance(common, float):
            return {"": common, **dict.fromkeys(cells, common)}
        alpha, beta = common
        return {"": alpha / (alpha + beta), **{c: (alpha + k) / (alpha + beta + n) for c, (k, n) in cells.items()}}

    def select(self, number: int) -> None:
        """A random selection with one cost, walked in SQL."""
        rng, sql = self.rng, self.sql
        everybody = sql.execute("SELECT count(*) FROM customers").fetchone()[0]
        share = rng.choice([0, 0, 0.1, 0.4])
        where, held = rng.choice(FILTERS), rng.choice([[], ["at_risk", "loyal", "champions", "new"]])
        blocked = [row[0] for row in sql.execute("SELECT customer_id FROM customers WHERE hash(customer_id) % 9 = ?",
                                                 [rng.randrange(9)]).fetchall()] if rng.random() < 0.5 else []
        contacts = rng.choice([None, 1, everybody // 10 + 1, everybody // 3 + 1, 10 * everybody])
        money = rng.choice([None, None, round(everybody * self.cost * rng.choice([0.05, 0.3, 2]), 2)])
        goal, incremental = rng.choice(["profit", "people"]), rng.choice([0.2, 0.6, 1.0])
        words: list[object] = ["--former", "trial-results", "--cost", self.cost, "--profit", PER_RESPONSE, "--goal", goal,
                               "--incremental-share", incremental, "--control-share", share]
        words += ["--where", where] if where else []
        words += [word for segment in held for word in ("--segment", segment)]
        words += ["--max-contacts", contacts] if contacts else []
        words += ["--max-cost", money] if money else []
        if blocked:
            (self.root / f"blocked{number}.txt").write_text("\n".join(map(str, blocked)) + "\n")
            words += ["--blocked", self.root / f"blocked{number}.txt"]
        limit = min(contacts or 10**12, int(round(money * 1e6) // round(self.cost * 1e6)) if money else 10**12)
        expected = self.walked(where, held, blocked, share, goal, incremental, limit)
        if not any(row[2] == "target" for row in expected):
            return
        path = campaign(self.binary, "select", self.run, "--name", f"s{number}", *words)
        found = sql.execute(f"SELECT rank, customer_id, \"group\", expected_response, expected_profit, cost FROM "
                            f"'{path}/targets.parquet' ORDER BY rank").fetchall()
        check("targets", [row[:3] for row in found], [row[:3] for row in expected])
        for f, e in zip(found, expected, strict=True):
            is_target = f[2] == "target"
            near("expected response", f[3], e[3])
            near("expected profit", f[4], e[3] * PER_RESPONSE * incremental - self.cost if is_target else 0.0, rel=1e-7)
            near("cost", f[5], self.cost if is_target else 0.0)
        summary = sql.execute(f"SELECT targets, control, cost FROM '{path}/campaign_summary.parquet' WHERE group_by = 'campaign'"
                              ).fetchone()
        targets = sum(row[2] == "target" for row in expected)
        check("summary", summary[:2], (targets, len(expected) - targets))
        near("summary cost", summary[2], targets * self.cost)
        with open(path / "targets.csv", newline="", encoding="utf-8") as file:
            listed = [row["customer_id"] for row in csv.DictReader(file)]
        check("targets.csv", listed, [str(row[1]) for row in expected if row[2] == "target"])

    def walked(self, where, held, blocked, share, goal, incremental, limit) -> list[tuple]:
        """Rank, id, group and rate of everybody whom the walk meets."""
        sql, rates = self.sql, self.rates()
        sql.execute("CREATE OR REPLACE TEMP TABLE rates (cell VARCHAR, rate DOUBLE)")
        sql.executemany("INSERT INTO rates VALUES (?, ?)", list(rates.items()))
        kind = "VARCHAR" if self.is_text else "BIGINT"
        ids = [row[0] for row in sql.execute("SELECT customer_id FROM customers").fetchall()]
        numbers = pa.table({"customer_id": pa.array(ids), "u": pa.array([u(i) for i in ids] if share else [1.0] * len(ids))})
        listed = pa.table({"customer_id": pa.array(blocked, pa.string() if self.is_text else pa.int64())})
        sql.register("numbers", numbers)
        sql.register("listed", listed)
        segments = ", ".join(f"'{segment}'" for segment in held)
        value = f"rate * {PER_RESPONSE} * {incremental} - {self.cost}" if goal == "profit" else f"rate * {incremental}"
        worth = f"{value} > 0" if goal == "profit" else "true"
        return sql.execute(f"""
            WITH candidates AS (
                SELECT c.customer_id::{kind} AS id, u < {share} AS is_held,
                       coalesce(r.rate, (SELECT rate FROM rates WHERE cell = '')) AS rate
                FROM customers c JOIN numbers USING (customer_id) LEFT JOIN rates r USING (cell)
                WHERE coalesce({where or 'true'}, false) AND ({f'segment IN ({segments})' if held else 'true'})
                  AND customer_id NOT IN (SELECT customer_id FROM listed)),
            ranked AS (SELECT *, row_number() OVER (ORDER BY rate DESC, id) AS place FROM candidates WHERE {worth}),
            filled AS (SELECT *, count(*) FILTER (NOT is_held) OVER (ORDER BY place) AS upto,
                              count(*) FILTER (NOT is_held) OVER () AS open FROM ranked),
            met AS (SELECT * FROM filled WHERE CASE WHEN open <= {limit} THEN true
                                                    WHEN is_held THEN upto < {limit} ELSE upto <= {limit} END)
            SELECT row_number() OVER (ORDER BY place), id, CASE WHEN is_held THEN 'control' ELSE 'target' END, rate
            FROM met ORDER BY place""").fetchall()

    def budget(self, number: int) -> None:
        """Few customers with several costs, against scipy's exact solver."""
        rng, sql = self.rng, self.sql
        costs = {segment: rng.choice([0.3, 1.1, 2.7]) for segment in ("champions", "loyal", "at_risk", "hibernating")}
        few = rng.randrange(5, 40)
        cut = sql.execute("SELECT revenue_rank FROM customers ORDER BY hash(customer_id) LIMIT 1").fetchone()[0]
        where = f"revenue_rank BETWEEN {cut} AND {cut + few}"
        rates, goal = self.rates(), rng.choice(["profit", "people"])
        contacts, money = rng.choice([None, 1, 3, few // 2 + 1]), rng.choice([None, round(rng.uniform(1, few * 1.2), 2)])
        words: list[object] = ["--former", "trial-results", "--cost", 0.8, "--cost-by", "segment", "--profit", PER_RESPONSE,
                               "--incremental-share", 1, "--goal", goal, "--where", where]
        words += [word for segment, cost in costs.items() for word in ("--cost-of", f"{segment}={cost}")]
        words += ["--max-contacts", contacts] if contacts else []
        words += ["--max-cost", money] if money else []
        rows = sql.execute(f"SELECT cell, segment FROM customers WHERE {where}").fetchall()
        cost = np.array([costs.get(segment, 0.8) for _, segment in rows])
        rate = np.array([rates.get(cell, rates[""]) for cell, _ in rows])
        value = rate * PER_RESPONSE - cost if goal == "profit" else rate
        keep = value > 0
        cost, value = cost[keep], value[keep]
        if not len(value):
            return
        limits = [optimize.LinearConstraint(np.ones(len(value)), ub=contacts or len(value)),
                  optimize.LinearConstraint(cost, ub=(money or cost.sum()) + 1e-9)]
        exact = optimize.milp(-value, constraints=limits, integrality=np.ones(len(value)), bounds=optimize.Bounds(0, 1),
                              options={"mip_rel_gap": 0})
        best = -exact.fun
        if best < 1e-9:
            return
        try:
            path = campaign(self.binary, "select", self.run, "--name", f"b{number}", *words)
        except RuntimeError as error:
            # One contact may be all that there is to lose.
            if "nobody is worth a contact" in str(error) and best <= value.max() + 1e-6:
                return
            raise
        column = "expected_profit" if goal == "profit" else "expected_response"
        total, spent, count = sql.execute(f"SELECT sum({column}), sum(cost), count(*) FROM '{path}/targets.parquet'").fetchone()
        bound = json.loads((path / "manifest.json").read_text())["totals"]["bound"]
        one = value.max()
        if not (spent <= (money or 1e9) + 1e-9 and count <= (contacts or 1e9)):
            raise Differs(f"budget: {count} contacts for {spent}")
        if not (total <= best + 1e-6 and total >= best - one - 1e-6 and bound >= best - 1e-6):
            raise Differs(f"budget: found {total}, the best is {best}, one contact {one}, bound {bound}")
        if len(set(cost)) == 1:
            near("budget at one cost", total, best, rel=1e-4)

    def export(self) -> None:
        """A workbook by openpyxl and a CSV by Python's reader, against the table."""
        columns = "customer_id,segment,revenue,last_order_date,orders,average_order_value"
        for name in ("a.csv", "a.xlsx"):
            program.run([self.binary, "export", self.run, "-o", self.root / name, "--columns", columns, "--where", "orders > 1"])
        expected = self.sql.execute(f"SELECT {columns} FROM customers WHERE orders > 1").fetchall()
        sheet = openpyxl.load_workbook(self.root / "a.xlsx", read_only=True).active
        rows = list(sheet.iter_rows(values_only=True))
        check("header of the workbook", list(rows[0]), columns.split(","))
        check("rows of the workbook", len(rows) - 1, len(expected))
        with open(self.root / "a.csv", newline="", encoding="utf-8") as file:
            listed = list(csv.reader(file))[1:]
        for in_sheet, in_csv, row in zip(rows[1:], listed, expected, strict=True):
            found = (*in_sheet[:2], float(in_sheet[2]), in_sheet[3].date(), in_sheet[4], float(in_sheet[5]))
            check("row of the workbook", found, (*row[:2], float(row[2]), row[3], row[4], row[5]))
            found = (in_csv[0], in_csv[1], in_csv[2], in_csv[3], int(in_csv[4]), float(in_csv[5]))
            check("row of the CSV", found, (str(row[0]), row[1], str(row[2]), str(row[3]), row[4], row[5]))


def one(binary: Path, seed: int, customers: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        shop = Shop(binary, Path(root), seed, customers)
        shop.test()
        shop.evaluate("trial", by_orders=False)
        for number in range(6):
            shop.select(number)
            shop.budget(number)
        names = sorted(path.name for path in (shop.root / "out" / "campaigns").glob("s*"))
        for name in names[:2]:
            shop.evaluate(name, by_orders=True)
        shop.export()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--customers", type=int, help="one shop of this size instead")
    args = parser.parse_args()
    seeds = [args.first] if args.customers else range(args.first, args.first + args.seeds)
    failed = 0
    for seed in seeds:
        customers = args.customers or random.Random(seed).choice([30, 400, 2_000])
        try:
            one(args.binary.resolve(), seed, customers)
        except (Differs, RuntimeError) as error:
            failed += 1
            print(f"seed {seed} ({customers} customers): {error}")
    print(f"campaigns: {len(seeds) - failed} of {len(seeds)} shops agree with DuckDB, scipy and statsmodels")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
