"""What the worked examples share: rounding, quantiles and how a table is written as text. Plain Python and fractions."""

from fractions import Fraction as F
from pathlib import Path

HERE = Path(__file__).parent
MAPS = HERE.parent.parent / "src" / "segment" / "maps"
NAN = "NaN"
NULL = "-"


def cents(amount):
    """Half away from zero."""
    if amount in (None, NAN):
        return 0
    exact = F(amount) * 100
    return int(abs(exact) + F(1, 2)) * (1 if exact >= 0 else -1)


def money(units):
    sign, units = ("-" if units < 0 else ""), abs(units)
    return f"{sign}{units // 100}.{units % 100:02d}"


def real(value):
    return NULL if value is None else repr(float(value))


def quantile(values, k, bins=5):
    """Type 7: position k / bins * (N - 1), linear in between."""
    ordered = sorted(values)
    position = F(k, bins) * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


def cuts_of(values, bins=5):
    return [quantile(values, k, bins) for k in range(1, bins)]


def scores_by(cuts, values, fewer_is_better=False):
    """1 plus the cuts strictly below a value; turned round where fewer is better."""
    below = [sum(cut < value for cut in cuts) for value in values]
    return [len(cuts) + 1 - n if fewer_is_better else 1 + n for n in below]


def ntile(items, groups):
    """As in SQL: the first groups get one more."""
    size, longer = divmod(len(items), groups)
    start, parts = 0, []
    for number in range(groups):
        end = start + size + (number < longer)
        parts.append(items[start:end])
        start = end
    return parts


def median(values):
    ordered = sorted(values)
    return F(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2], 2)


def write(name, header, rows):
    head = ["# computed by `python3 tests/golden/worked.py` (plain Python and fractions, no code of this crate)"]
    lines = head + [" | ".join(header)] + [" | ".join(str(cell) for cell in row) for row in rows]
    (HERE / f"{name}.txt").write_text("\n".join(lines) + "\n")
