"""Segment maps with random rules over scores, sums, values, octants, classes, money, predictions and attributes: against DuckDB.

    rules.py --binary target/release/rfmetrics --seeds 30

Each map is written twice: as TOML for the program, and as CASE WHEN for DuckDB, over the published measures and over attributes
that DuckDB finds in the raw rows. In SQL, as in a map, a comparison with null does not hold. Besides, `lint-map --data` must count
the same customers, a rule that never wins must have none, and a map that leaves gaps must be refused. Nested scores by quantiles
are held against numpy, and clusters from given centres, of logarithms and not, against scikit-learn. Exit status 1 on any difference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.cluster import KMeans

import program

AS_OF = "2024-12-31"
COUNTRIES = [None, "AT", "DE", "FR", "Zürich", "a \"quoted\" one", ""]
# Rule names of measures, their column or expression in DuckDB, and bounds that some customers meet.
MEASURES = {
    "orders": ("orders", lambda rng: rng.randrange(0, 6)),
    "recency_days": ("recency_days", lambda rng: rng.randrange(0, 900)),
    "tenure_days": ("tenure_days", lambda rng: rng.randrange(0, 1_200)),
    "revenue": ("revenue", lambda rng: Decimal(rng.randrange(-5_000, 50_000)) / 100),
    "margin": ("margin", lambda rng: Decimal(rng.randrange(-5_000, 20_000)) / 100),
    "score_sum": ("score_sum", lambda rng: rng.randrange(3, 16)),
    "weighted_score": ("round(weighted_score, 9)", lambda rng: Decimal(rng.randrange(10, 51)) / 10),
    "value": ("round(weighted_value, 9)", lambda rng: Decimal(rng.randrange(0, 100)) / 100),
    "p_alive": ("p_alive", lambda rng: rng.choice([0.2, 0.5, 0.9, 0.987])),
    "clv": ("clv_12_months", lambda rng: rng.choice([0, 10.5, 100, 300])),
    "clv_3_months": ("clv_3_months", lambda rng: rng.choice([0, 5, 50.25])),
}
SIDES = {"min_": ">=", "max_": "<=", "above_": ">", "below_": "<"}
ORDERS = {"min": ">=", "max": "<=", "above": ">", "below": "<"}


def transactions(rng: random.Random) -> pa.Table:
    rows = []
    for customer in range(rng.choice([150, 400])):
        rate, last = rng.expovariate(1 / 60) + 3, dt.date(2024, 12, 31) - dt.timedelta(days=int(rng.expovariate(1 / 200)))
        day, stays = dt.date(2022, 1, 1) + dt.timedelta(days=rng.randrange(500)), rng.random() * 0.3
        price = rng.lognormvariate(3, 1)
        while day <= min(last, dt.date(2024, 12, 31)):
            amount = Decimal(round(price * rng.uniform(0.5, 1.5) * 100)) / 100 + Decimal("0.01")
            profit = amount * rng.randrange(-3, 6) / 10
            rows.append(
                (
                    customer,
                    day,
                    -amount if rng.random() < 0.03 else amount,
                    profit.quantize(Decimal("0.01")),
                    rng.choice(COUNTRIES),
                    rng.choice([None, 17, 18, 30, 64, 65]),
                    rng.choice([None, True, False]),
                    rng.choice([None, Decimal("0.50"), Decimal("1.25"), Decimal("-3.00")]),
                    rng.choice([None, 0.1, 0.3, 2.5, float("nan")]),
                    rng.choice([None, dt.date(1990, 1, 31), dt.date(2001, 12, 1)]),
                )
            )
            if rng.random() < stays:
                break
            day += dt.timedelta(days=1 + int(rng.expovariate(1 / rate)))
    rng.shuffle(rows)
    names = ["customer_id", "order_ts", "amount", "profit", "country", "age", "vip", "tier", "share", "born"]
    kinds = [pa.int64(), pa.date32(), pa.decimal128(12, 2), pa.decimal128(12, 2), pa.string(), pa.int32(), pa.bool_()]
    kinds += [pa.decimal128(9, 2), pa.float64(), pa.date32()]
    return pa.table({name: pa.array([row[at] for row in rows], kind) for at, (name, kind) in enumerate(zip(names, kinds))})


ATTRIBUTES = {
    "country": ["AT", "DE", "FR", "Zürich", "a \"quoted\" one", "", "E"],
    "age": [17, 18, 29.5, 30, 65, 70],
    "tier": [Decimal("0.5"), Decimal("1.25"), Decimal("-3"), 0],
    "share": [0.1, 0.3, 2.5, 1],
    "born": ["1990-01-31", "2001-12-01", "1995"],
}


def toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool, list)) else str(value)


def sql(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def of_attribute(rng: random.Random) -> tuple[str, str]:
    """A condition on an attribute, as TOML and as SQL."""
    name = rng.choice([*ATTRIBUTES, "vip"])
    column = f"x_{name}"
    if name == "vip":
        truth = rng.random() < 0.5
        return f"attributes.vip = {toml(truth)}", f"{column} = {truth}"
    if rng.random() < 0.15:
        is_null = rng.random() < 0.5
        return f"attributes.{name} = {{ is_null = {toml(is_null)} }}", f"{column} is {'' if is_null else 'not '}null"
    choices = ATTRIBUTES[name]
    several = rng.sample(choices, rng.randrange(1, 4))
    listed = "[" + ", ".join(toml(value) for value in several) + "]"
    in_sql = "(" + ", ".join(sql(value) for value in several) + ")"
    kind = rng.randrange(5)
    if kind == 0:
        return f"attributes.{name} = {listed}", f"{column} in {in_sql}"
    if kind == 1:
        return f"attributes.{name} = {{ not_in = {listed} }}", f"{column} not in {in_sql}"
    if kind == 2:
        return f"attributes.{name} = {{ is_not = {toml(several[0])} }}", f"{column} <> {sql(several[0])}"
    pairs = rng.sample(list(ORDERS), rng.choice([1, 1, 2]))
    if {"min", "above"} >= set(pairs) or {"max", "below"} >= set(pairs) or len(pairs) == 1:
        chosen = [(pair, rng.choice(choices)) for pair in pairs]
    else:
        order = {text: place for place, text in enumerate(sorted(choices, key=lambda value: (str(type(value)), value)))} if name in ("country", "born") else None
        low, high = sorted(rng.sample(choices, 2), key=(lambda value: value) if order is None else (lambda value: order[value]))
        chosen = [(pair, low if pair in ("min", "above") else high) for pair in pairs]
    table = ", ".join(f"{pair} = {toml(value)}" for pair, value in chosen)
    text = " and ".join(f"{column} {ORDERS[pair]} {sql(value)}" for pair, value in chosen)
    return f"attributes.{name} = {{ {table} }}", text


def condition(rng: random.Random) -> tuple[str, str, str]:
    """What is looked at, as TOML, and as SQL."""
    kind = rng.random()
    if kind < 0.35:
        toml_text, sql_text = of_attribute(rng)
        return toml_text.split(" =")[0], toml_text, sql_text
    if kind < 0.5:
        codes = rng.sample([f"{number:03b}" for number in range(8)], rng.randrange(1, 4))
        return "octant", f"octant = {toml(codes)}", "octant in (" + ", ".join(sql(code) for code in codes) + ")"
    if kind < 0.6:
        classes = rng.sample("ABC", rng.randrange(1, 3))
        return "abc", f"abc = {toml(classes)}", "abc_class in (" + ", ".join(sql(own) for own in classes) + ")"
    if kind < 0.75:
        axis = rng.choice("rf")
        scores = rng.sample(range(1, 6), rng.randrange(1, 4))
        return axis, f"{axis} = {scores}", f"{axis}_score in ({', '.join(map(str, scores))})"
    name = rng.choice(list(MEASURES))
    column, bound = MEASURES[name]
    side, value = rng.choice(list(SIDES)), bound(rng)
    return name, f"{side}{name} = {value}", f"{column} {SIDES[side]} {value}"


def map_of(rng: random.Random) -> tuple[str, str, int]:
    rules = []
    for number in range(rng.randrange(1, 7)):
        conditions = {what: (toml_text, sql_text) for what, toml_text, sql_text in (condition(rng) for _ in range(rng.randrange(1, 4)))}
        rules.append((f"s{number}", list(conditions.values())))
    keys = [key for key, _ in rules] + ["rest"]
    text = 'name = "random"\nbins = { r = 5, f = 5 }\notherwise = "rest"\n'
    text += "".join(f'[[segments]]\nkey = "{key}"\nname_en = "{key}"\n' for key in keys)
    for key, conditions in rules:
        text += f'[[rules]]\nsegment = "{key}"\n' + "".join(toml_text + "\n" for toml_text, _ in conditions)
    cases = " ".join(f"when {' and '.join(sql_text for _, sql_text in conditions)} then '{key}'" for key, conditions in rules)
    return text, f"case {cases} else 'rest' end", len(rules)


SETTINGS: dict[str, object] = {
    "columns.margin": "profit",
    "columns.attributes": ["country", "age", "vip", "tier", "share", "born"],
    "score.composites.columns": ["weighted_score", "weighted_value"],
    "score.composites.weights": [0.5, 0.3, 0.2],
    "predict.model": "mbg_nbd",
}
# Of equal days the greatest value counts: NaN is above all numbers, and then it is no value.


def latest(name: str) -> str:
    key = f"case when {name} then 1 else 0 end" if name == "vip" else name
    value = f"(list({name} order by order_ts desc, {key} desc) filter (where {name} is not null and used))[1]"
    if name == "share":
        value = f"(select case when isnan(v) then null else v end from (select {value} as v))"
    return f"{value} as x_{name}"


def rules(binary: Path, seed: int, directory: Path) -> list[str]:
    rng = random.Random(seed)
    table = transactions(rng)
    source = directory / "in"
    source.mkdir(parents=True)
    files = rng.choice([1, 3])
    for number in range(files):
        pq.write_table(table.take(pa.array(range(number, table.num_rows, files))), source / f"{number}.parquet")
    faults = []
    for attempt in range(4):
        text, case, count = map_of(rng)
        own = directory / "own.toml"
        own.write_text(text)
        threads = {"run.threads": rng.choice([1, 2])}
        settings = {**SETTINGS, **threads, "segment.map": str(own), "clean.returns": "literal"}
        published = program.publish(binary, source, directory / "out", AS_OF, settings)
        connection = duckdb.connect()
        connection.register("given", table)
        connection.execute("create view used as select *, true as used from given")
        columns = ", ".join(latest(name) for name in ["country", "age", "vip", "tier", "share"])
        born = "strftime((list(born order by order_ts desc, born desc) filter (where born is not null))[1], '%Y-%m-%d') as x_born"
        connection.execute(f"create table attributes as select customer_id, {columns}, {born} from used group by customer_id")
        query = f"""
            select customer_id, segment, {case} as expected
            from '{published}/customers.parquet' join attributes using (customer_id) order by customer_id"""
        found = connection.execute(query).fetchall()
        wrong = [row for row in found if row[1] != row[2]]
        what = f"seed {seed}, map {attempt}"
        if wrong or not found:
            faults.append(f"{what}: {len(wrong)} of {len(found)} customers differ, the first is {wrong[:1]}\n{text}")
        command = [str(binary), "lint-map", str(own), "--data", str(published), "--format", "json"]
        linted = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        counted = {entry["segment"]: entry["customers"] for entry in linted["data"]["segments"]}
        tally = dict(connection.execute(f"select segment, count(*) from ({query}) group by all").fetchall())
        if {key: number for key, number in counted.items() if number} != tally:
            faults.append(f"{what}: lint-map counts {counted}, should be {tally}")
        for loser in linted["rules_that_never_win"]:
            if tally.get(loser["segment"]):
                faults.append(f"{what}: rule {loser['rule']} never wins, but {tally[loser['segment']]} customers are in its segment")
        if (linted["gaps"]["count"] == 0) and tally.get("rest"):
            faults.append(f"{what}: no gap was found, but {tally['rest']} customers match no rule")
        open_map = own.with_name("open.toml")
        open_map.write_text(text.replace('otherwise = "rest"\n', ""))
        code = subprocess.run([str(binary), "lint-map", str(open_map)], capture_output=True).returncode
        if (code == 0) != (linted["gaps"]["count"] + linted["unproved"]["count"] == 0):
            faults.append(f"{what}: without the rest lint-map ends with {code}, gaps are {linted['gaps']}")
    return faults


def scores(values: np.ndarray, bins: int, fewer_is_better: bool) -> np.ndarray:
    below = (values[:, None] > np.quantile(values, np.arange(1, bins) / bins)[None, :]).sum(axis=1)
    return bins - below if fewer_is_better else 1 + below


def nested(binary: Path, seed: int, directory: Path) -> list[str]:
    """Integers of days, orders and cents: quantiles by numpy are exact enough for these few values."""
    rng = random.Random(seed)
    source = directory / "in"
    source.mkdir(parents=True, exist_ok=True)
    pq.write_table(transactions(rng), source / "0.parquet")
    bins = [rng.randrange(2, 6) for _ in range(3)]
    settings: dict[str, object] = {"score.combination": "nested", "segment.map": "abc", "clean.returns": "literal"}
    settings |= {f"score.{axis}.bins": own for axis, own in zip(["recency", "frequency", "monetary"], bins)}
    published = program.publish(binary, source, directory / "nested", AS_OF, settings)
    customers = pq.read_table(published / "customers.parquet")
    column = lambda name: np.array([float(value) for value in customers[name].to_pylist()])
    axes = [column("recency_days"), column("orders"), np.round(column("revenue") * 100)]
    cells = np.zeros(customers.num_rows, dtype=int)
    faults = []
    for axis, (values, name) in enumerate(zip(axes, ["r_score", "f_score", "m_score"])):
        expected = np.zeros(customers.num_rows, dtype=int)
        for cell in np.unique(cells):
            own = cells == cell
            expected[own] = scores(values[own], bins[axis], axis == 0)
        different = int((customers[name].to_numpy() != expected).sum())
        if different:
            faults.append(f"seed {seed}: {different} nested {name} differ with bins {bins}")
        cells = cells * 10 + expected
    return faults


def clusters(binary: Path, seed: int, directory: Path) -> list[str]:
    rng = random.Random(seed)
    source = directory / "in"
    source.mkdir(parents=True, exist_ok=True)
    pq.write_table(transactions(rng), source / "0.parquet")
    measures = ["recency_days", "orders", "revenue"]
    how, logarithms = rng.choice(["min-max", "z-score"]), rng.random() < 0.6
    k = rng.randrange(2, 6)
    settings: dict[str, object] = {"score.value.measures": measures, "score.value.standardise": how, "segment.map": "abc"}
    # Each centre is where a customer is, so that none begins without any: then programs differ in what they do.
    plain = program.publish(binary, source, directory / "plain", AS_OF, {"segment.map": "abc", "clean.returns": "literal"})
    known = pq.read_table(plain / "customers.parquet", columns=measures).to_pylist()
    distinct = sorted({tuple(float(row[name]) for name in measures) for row in known if row["revenue"] > 0})
    centres = [list(own) for own in rng.sample(distinct, k)]
    settings |= {"kmeans.centres": centres, "kmeans.logarithms": str(logarithms).lower(), "clean.returns": "literal"}
    published = program.publish(binary, source, directory / "clusters", AS_OF, settings)
    customers = pq.read_table(published / "customers.parquet")
    values = np.column_stack([[float(value) for value in customers[name].to_pylist()] for name in measures])
    given = np.array(centres, dtype=float)
    if logarithms:
        values, given = np.log1p(np.maximum(values, 0)), np.log1p(given)
    origin, spread = (values.mean(axis=0), values.std(axis=0, ddof=1)) if how == "z-score" else (values.min(axis=0), np.ptp(values, axis=0))
    turn = np.array([-1, 1, 1])
    points, starts = (values - origin) / spread * turn, (given - origin) / spread * turn
    theirs = KMeans(n_clusters=k, init=starts, n_init=1, max_iter=300, tol=0, algorithm="lloyd").fit(points)
    labels = customers["cluster"].to_numpy()
    order = np.argsort([-theirs.cluster_centers_[own].sum() for own in range(k)], kind="stable")
    expected = np.argsort(order)[theirs.labels_] + 1
    different = int((labels != expected).sum())
    what = f"seed {seed}: k = {k}, {how}, logarithms {logarithms}"
    print(f"{'DIFF' if different else 'ok':4} clusters {what}, {len(labels)} customers, {theirs.n_iter_} rounds")
    return [f"{what}: {different} of {len(labels)} clusters differ from scikit-learn's"] if different else []


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=30)
    arguments = parser.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(arguments.seeds):
            directory, binary = Path(temporary) / str(seed), arguments.binary.resolve()
            faults += rules(binary, seed, directory / "rules")
            faults += nested(binary, seed, directory / "nested")
            faults += clusters(binary, seed, directory / "clusters")
    for fault in faults[:20]:
        print(fault)
    print(f"rules: {arguments.seeds} inputs, {4 * arguments.seeds} maps, {len(faults)} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
