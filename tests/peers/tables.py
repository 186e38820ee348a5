"""The published tables as their readers know them: columns, kinds, keys and row order. Nothing is computed here.

Kinds: `id` (integer or text), `int`, `text`, `date`, `money` (decimal, compared as whole minor units),
`double` (relative 1e-12), `ratio` (a double, or money rounded to the scale: a mean or a quotient of money),
`prefix` (a text that begins with the expected one), `label` (must be there, its wording is free).
"""

from __future__ import annotations

from dataclasses import dataclass

RELATIVE = 1e-12


@dataclass(frozen=True)
class Table:
    """Rows are compared in the order in which they stand: that order is part of the table."""

    keys: tuple[str, ...]
    columns: dict[str, str]


MEASURES = {
    "first_order_date": "date",
    "last_order_date": "date",
    "recency_days": "int",
    "tenure_days": "int",
    "orders": "int",
    "purchase_days": "int",
    "transactions": "int",
    "revenue": "money",
    "average_order_value": "ratio",
    "largest_order": "money",
}
SCORES = {"r_score": "int", "f_score": "int", "m_score": "int"}
SHARES = {"customers": "int", "customer_share": "double", "revenue": "money", "revenue_share": "double"}
CUMULATIVE = {"cumulative_customer_share": "double", "cumulative_revenue_share": "double"}

TABLES = {
    "customers": Table(
        ("customer_id",),
        {
            "customer_id": "id",
            **MEASURES,
            **SCORES,
            "cell": "text",
            "score_sum": "int",
            "segment": "text",
            "octant": "text",
            "grid_cell": "int",
            "abc_class": "text",
            "revenue_rank": "int",
            "cumulative_revenue_share": "double",
        },
    ),
    "segments": Table(
        ("segment",),
        {
            "segment": "text",
            "segment_order": "label",
            **SHARES,
            **CUMULATIVE,
            "orders": "int",
            "average_order_value": "ratio",
            "mean_recency_days": "double",
            "mean_orders": "double",
            "mean_revenue": "ratio",
            "median_recency_days": "double",
            "median_orders": "double",
            "median_revenue": "ratio",
        },
    ),
    "pareto": Table(
        ("revenue_group",),
        {"revenue_group": "int", **SHARES, **CUMULATIVE, "lowest_revenue": "money", "highest_revenue": "money"},
    ),
    "abc": Table(("abc_class",), {"abc_class": "text", **SHARES}),
    "cells": Table(
        ("r_score", "f_score", "m_score"),
        {**SCORES, "cell": "text", "segment": "text", **SHARES, "average_order_value": "ratio"},
    ),
    "grid": Table(
        ("grid_cell",),
        {
            "grid_cell": "int",
            "recency_band": "label",
            "orders_band": "label",
            **SHARES,
            "average_order_value": "ratio",
            "revenue_per_customer": "ratio",
        },
    ),
    "octants": Table(
        ("octant",), {"octant": "text", "segment": "label", "name_en": "label", "name_zh": "prefix", **SHARES}
    ),
    "score_bounds": Table(
        ("axis", "score"),
        {
            "axis": "text",
            "score": "int",
            "lowest_value": "double",
            "highest_value": "double",
            "customers": "int",
            "upper_threshold": "double",
        },
    ),
}

ALL_TABLES = [*TABLES, "pareto_summary", "dim_segment", "quality", "quarantine"]
"""Every table of a run; those without an entry in `TABLES` are checked for readability only."""

VALUE_TABLES: dict[str, tuple[str, ...]] = {
    "clv_pareto": ("horizon", "clv_group"),
    "model_fit": ("model", "measure"),
    "model_repeats": ("repeats",),
    "model_tracking": ("week",),
    "calibration": ("grouping", "group"),
    "calibration_summary": ("measure",),
    "customer_years": ("customer_id", "year"),
    "planned_ltv": ("year",),
    "value_map": ("clv_class", "scv_class"),
}
"""What `[predict]` and `[social]` add, and the keys; `values.py` computes them again."""
