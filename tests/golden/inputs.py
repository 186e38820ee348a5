"""The worked example of `input_quality`: the rows of `every_run`, the first of them in one input and the rest in another."""

from collections import Counter
from fractions import Fraction as F

from common import NULL, cents, money, real, write
from every_run import OUTCOMES, ROWS, outcome

SHOP = 17


def tables():
    rows = []
    for name, own in [("shop", ROWS[:SHOP]), ("till", ROWS[SHOP:])]:
        judged = Counter(outcome(row) for row in own)
        rounded = sum(F(row[3]) * 100 % 1 != 0 for row in own if outcome(row) == "kept")
        for reason in OUTCOMES:
            if reason == "kept" or judged[reason]:
                amount = money(sum(cents(row[3]) for row in own if outcome(row) == reason))
                rows.append((name, reason, judged[reason], real(F(judged[reason], len(own))), amount,
                             rounded if reason == "kept" else NULL))
    write("input_quality", ["input", "outcome", "rows", "row_share", "amount", "rounded_amounts"], rows)
