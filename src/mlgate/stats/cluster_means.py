"""Means and R² of rows in units: the unit's sums are the sample, linearised where units differ in their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mlgate.stats.means import SampleMean
from mlgate.stats.ratios import RatioOfMeans

Sums = Mapping[tuple[int, ...], Fraction]


def mean_of_units(units: int, rows: int, sums: Sums, pivot: Fraction) -> SampleMean:
    """The mean of rows as the mean of a sample of units, for Hall's transform: y_u - r x_u in place of a row's value.

    `sums` are Σ over units of y^a x^b by (a, b) up to order three, y a unit's sum of values less the pivot and x its
    rows. Units of one row give the mean of independent rows.
    """
    if units < 2:
        raise ValueError(f"a mean of units needs at least two, not {units}")
    r, size = sums[1, 0] / rows, Fraction(rows, units)
    second = sums[2, 0] - 2 * r * sums[1, 1] + r**2 * sums[0, 2]
    third = sums[3, 0] - 3 * r * sums[2, 1] + 3 * r**2 * sums[1, 2] - r**3 * sums[0, 3]
    variance = max(second, Fraction(0)) / (units - 1) / size**2
    return SampleMean(units, float(r + pivot), float(variance), float(third / units / size**3))


def unexplained_in_units(units: int, rows: int, sums: Sums, pivot: Fraction) -> RatioOfMeans:
    """1 - R² = Σe² / Σ(y - ȳ)² of rows in units, from sums over units.

    `sums` are Σ E^a A^b B^c n^d by (a, b, c, d): E a unit's sum of e² less the pivot, A and B of y and y², y less any.
    """
    s, mean = sums, sums[0, 1, 0, 0] / rows
    spread = s[0, 0, 1, 0] - rows * mean**2
    errors = s[1, 0, 0, 0] + rows * pivot
    error_squares = s[2, 0, 0, 0] + 2 * pivot * s[1, 0, 0, 1] + pivot**2 * s[0, 0, 0, 2]
    # A unit's part in the spread about the mean of all: B - 2ȳA + ȳ²n.
    squares = (
        s[0, 0, 2, 0]
        + 4 * mean**2 * s[0, 2, 0, 0]
        + mean**4 * s[0, 0, 0, 2]
        - 4 * mean * s[0, 1, 1, 0]
        + 2 * mean**2 * s[0, 0, 1, 1]
        - 4 * mean**3 * s[0, 1, 0, 1]
    )
    centred = s[1, 0, 1, 0] - 2 * mean * s[1, 1, 0, 0] + mean**2 * s[1, 0, 0, 1]
    cross = centred + pivot * (s[0, 0, 1, 1] - 2 * mean * s[0, 1, 0, 1] + mean**2 * s[0, 0, 0, 2])
    return RatioOfMeans.from_sums(units, errors, spread, error_squares, squares, cross)


def square_of(sums: Sums, weights: Sequence[Fraction], pivots: Sequence[Fraction]) -> Fraction:
    """Σ over units of (Σ weight * value)², the last weight that of the unit's rows; 0 where it is less by rounding.

    `sums` are those of values less their pivots, by exponents as in `mean_of_units`.
    """
    last = len(weights) - 1
    own = [*weights[:last], weights[last] + sum((w * p for w, p in zip(weights, pivots)), Fraction(0))]
    total = Fraction(0)
    for i in range(len(own)):
        for j in range(len(own)):
            total += own[i] * own[j] * sums[tuple((at == i) + (at == j) for at in range(len(own)))]
    return max(total, Fraction(0))
