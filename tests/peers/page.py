"""The page of pictures against the tables: parsed by expat as strict XML, its figures computed again with pyarrow.

    page.py --binary target/release/rfmetrics --seeds 3

A failed assertion ends it with exit status 1.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

import program


def cells(section: ElementTree.Element) -> list[list[str]]:
    """The cells of each row of each table in a section."""
    bodies = section.iter("tbody")
    return [["".join(cell.itertext()) for cell in row] for body in bodies for row in body.iter("tr")]


def money(value: object) -> str:
    return f"{value:,.2f}".replace("-", "\u2212")


def check(path: Path, published: Path) -> int:
    text = path.read_text(encoding="utf-8")
    page = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))
    sections = {section.get("id"): section for section in page.iter("section")}
    assert len(text) < 600_000, len(text)
    assert not re.search(r"https?:|url\(", text)
    customers = pq.read_table(published / "customers.parquet")
    total = pc.sum(customers["revenue"]).as_py()
    by_segment = customers.group_by("segment").aggregate([("revenue", "sum"), ("customer_id", "count")])
    names = pq.read_table(published / "dim_segment.parquet").to_pylist()
    names = {(row["map"], row["segment"]): row["name_en"] for row in names}
    own_map = customers["map"][0].as_py()
    expected = {
        names[own_map, row["segment"]]: (
            f"{row['customer_id_count']:,}",
            f"{100 * row['customer_id_count'] / customers.num_rows:.1f}%",
            money(row["revenue_sum"]),
            f"{100 * float(row['revenue_sum']) / float(total):.1f}%",
        )
        for row in by_segment.to_pylist()
    }
    rows = cells(sections["segments"])
    assert {row[0]: tuple(row[1:5]) for row in rows} == expected
    # Customers by orders and by days since the last one, counted again from the bounds that the page shows.
    counted = 0
    for figure, column in zip(sections["distributions"].iter("figure"), ["recency_days", "orders"]):
        values = customers[column].to_pylist()
        for name, number, _ in cells(figure):
            name = name.replace(",", "")
            low, high = (name.split(" ")[0], 10**9) if "more" in name else (name.split("–")[0], name.split("–")[-1])
            assert sum(int(low) <= value <= int(high) for value in values) == int(number.replace(",", "")), (column, name)
            counted += int(number.replace(",", ""))
    assert counted == 2 * customers.num_rows
    return len(text)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    binary = given.binary.resolve()
    with tempfile.TemporaryDirectory() as directory:
        for seed in range(given.seeds):
            root = Path(directory) / str(seed)
            lines = ["--lines", 20_000, "--seed", seed, "--share-returns", 0.03, "--end", "2025-12-31"]
            program.run([binary, "simulate", "--quiet", "--output", root / "in", *lines])
            published = program.publish(binary, root / "in", root / "out", "2025-12-31", {})
            program.run([binary, "report", published, "-o", root / "page.html"])
            size = check(root / "page.html", published)
            print(f"seed {seed}: well-formed, {size:,} characters, figures as computed again")


if __name__ == "__main__":
    main()
