"""Units that a sample has missed: their share, how far they move a value, and how often bounds then miss."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlgate.stats.clusters import ClusteredShare, UnitSums
from mlgate.stats.missed_units import MissedUnits, moved_by, rooted, towards
from mlgate.stats.share import missed_share


@pytest.mark.parametrize("units", [20, 100])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_a_part_with_the_missed_share_is_in_no_sample_as_often_as_stated(units: int, alpha: float) -> None:
    assert (1 - missed_share(units, alpha)) ** units == pytest.approx(alpha)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_mean_is_moved_by_further_rows_at_the_end_of_its_range(sign: int) -> None:
    """Three units of two rows in all, of which a quarter are as large as twice the mean and at an end."""
    ends = {-1: 0.0, 1: 1.0}
    rows = 0.25 * 2 / (0.75 + 0.25 * 2)
    moved = towards(0.6, 0.0, 1.0, unevenness=2.0)
    assert moved(sign, 0.25) == pytest.approx((1 - rows) * 0.6 + rows * ends[sign])
    assert rooted(moved)(sign, 0.25) == pytest.approx(math.sqrt(moved(sign, 0.25)))


def test_a_function_of_sums_is_moved_by_further_units() -> None:
    class Ratio:
        def value(self, sums: np.ndarray) -> float:
            return float(sums[0] / sums[1])

    worse, better = np.array([0.0, 5.0]), np.array([5.0, 5.0])
    moved = moved_by(Ratio(), np.array([80.0, 100.0]), 20, worse, better)  # type: ignore[arg-type]
    assert moved(-1, 0.2) == pytest.approx(80 / 125)  # a fifth of 25 units
    assert moved(1, 0.2) == pytest.approx(105 / 125)


def test_wrong_units_raise_what_counts_mistakes() -> None:
    class Mistakes:
        def value(self, sums: np.ndarray) -> float:
            return float(1 - sums[0] / sums[1])

    worse, better = np.array([0.0, 5.0]), np.array([5.0, 5.0])
    moved = moved_by(Mistakes(), np.array([80.0, 100.0]), 20, worse, better)  # type: ignore[arg-type]
    assert moved(1, 0.2) == pytest.approx(1 - 80 / 125)
    assert moved(-1, 0.2) == pytest.approx(1 - 105 / 125)


def _share(random: np.random.Generator, units: int, rows: int, background: float, wrong: float) -> ClusteredShare:
    bad = random.random(units) < wrong
    y = random.binomial(rows, np.where(bad, 0.0, 1 - background))
    x = np.full(units, rows)
    differing = int(min((y > 0).sum(), (y < x).sum()))
    return ClusteredShare(UnitSums(units, *(int(s.sum()) for s in (y, x, y * y, x * x, x * y)), rows, differing))


@pytest.mark.parametrize(("units", "rows", "wrong"), [(20, 50, 0.05), (30, 20, 0.05), (200, 20, 0.01)])
def test_bounds_hold_where_few_units_are_wholly_wrong(units: int, rows: int, wrong: float) -> None:
    random, true = np.random.default_rng(units), 0.98 * (1 - wrong)
    alone, allowed = 0, 0
    for _ in range(200):
        share = _share(random, units, rows, 0.02, wrong)
        bounds = MissedUnits(share.value, share, units, towards(share.value, 0.0, 1.0))
        alone += (share.lower(0.05) or 0) > true
        allowed += (bounds.lower(0.05) or 0) > true
        assert (bounds.lower(0.05) or 0) <= (share.lower(0.05) or 0) <= share.value
    assert allowed / 200 < 0.08 < alone / 200


def test_what_is_bounded_by_nothing_stays_so() -> None:
    few = _share(np.random.default_rng(0), 19, 10, 0.1, 0.0)
    assert MissedUnits(few.value, few, 19, towards(few.value, 0.0, 1.0)).lower(0.05) is None
