"""Difference of two estimates: published intervals, a brute-force oracle, and exact coverage."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlgate.stats.difference import (
    MoverDifference,
    Remembered,
    ShareBounds,
    ShareDifference,
    mover_difference,
)

LEVEL = 0.05


@dataclass
class Fixed:
    low: float | None
    high: float | None
    asked: int = 0

    def lower(self, _alpha):
        self.asked += 1
        return self.low

    def upper(self, _alpha):
        return self.high


def test_german_credit_and_adult():
    german = ShareDifference.from_counts(110, 190, 590, 810)
    assert german.exact == Fraction(110, 190) - Fraction(590, 810)
    assert german.value == pytest.approx(-0.149448, abs=5e-7)
    assert german.lower(LEVEL) < german.value < german.upper(LEVEL) < 0
    assert ShareDifference.from_counts(1179, 10771, 6662, 21790).value == pytest.approx(-0.196276, abs=5e-7)


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.001, 0.05, 0.5]))
def test_is_mover_of_scipys_clopper_pearson(trials_a, trials_b, share_a, share_b, alpha):
    counts = (round(share_a * trials_a), trials_a, round(share_b * trials_b), trials_b)
    found = ShareDifference.from_counts(*counts)
    a, b = (
        stats.binomtest(k, n).proportion_ci(max(1 - 2 * alpha, 0), method="exact") for k, n in (counts[:2], counts[2:])
    )
    p, q = counts[0] / trials_a, counts[2] / trials_b
    assert found.lower(alpha) == pytest.approx(p - q - np.sqrt((p - a.low) ** 2 + (b.high - q) ** 2), abs=1e-9)
    assert found.upper(alpha) == pytest.approx(p - q + np.sqrt((a.high - p) ** 2 + (q - b.low) ** 2), abs=1e-9)
    assert -1 <= found.lower(alpha) <= found.value <= found.upper(alpha) <= 1
    turned = ShareDifference.from_counts(*counts[2:], *counts[:2])
    assert turned.lower(alpha) == pytest.approx(-found.upper(alpha), abs=1e-12)


@pytest.mark.parametrize("sizes", [(10, 10), (40, 15), (100, 60)])
def test_exact_coverage_of_shares_no_further_apart_than_a_half(sizes):
    """Nearly so: shares at opposite ends (0.03 and 0.97) are missed by up to 7.7 %."""
    shares = [[ShareBounds(k, n) for k in range(n + 1)] for n in sizes]
    table = [[ShareDifference(a, b) for b in shares[1]] for a in shares[0]]
    lower = np.array([[d.lower(LEVEL) for d in row] for row in table])
    upper = np.array([[d.upper(LEVEL) for d in row] for row in table])
    for p in np.linspace(0.02, 0.98, 13):
        for q in np.linspace(0.02, 0.98, 13)[np.abs(np.linspace(0.02, 0.98, 13) - p) <= 0.5]:
            chance = np.outer(*(stats.binom.pmf(np.arange(n + 1), n, s) for n, s in zip(sizes, (p, q))))
            assert chance[lower > p - q + 1e-12].sum() <= 0.052
            assert chance[upper < p - q - 1e-12].sum() <= 0.052


def test_any_two_estimates_by_hand():
    found = mover_difference(5.0, Fixed(2.0, 6.0), 1.0, Fixed(0.0, 5.0))
    assert (found.value, found.lower(LEVEL), found.upper(LEVEL)) == (4.0, 4 - 5.0, 4 + np.sqrt(2))


def test_is_what_share_difference_does():
    a, b = ShareBounds(56, 70), ShareBounds(48, 80)
    mover = mover_difference(a.value, a, b.value, b)
    exact = ShareDifference(a, b)
    assert mover.lower(LEVEL) == pytest.approx(exact.lower(LEVEL), abs=1e-15)
    assert mover.upper(LEVEL) == pytest.approx(exact.upper(LEVEL), abs=1e-15)


def test_a_bound_on_the_wrong_side_of_its_value_does_not_help():
    found = MoverDifference(5.0, Fixed(5.5, 6.0), 1.0, Fixed(1.5, 2.0))
    assert (found.lower(LEVEL), found.upper(LEVEL)) == (4 - 1.0, 4 + 1.0)


def test_a_missing_bound_is_missing_only_where_it_is_needed():
    found = mover_difference(5.0, Fixed(None, 6.0), 1.0, Fixed(0.0, float("inf")))
    assert found.lower(LEVEL) is None
    assert found.upper(LEVEL) == 4 + np.sqrt(2)
    assert mover_difference(5.0, Fixed(4.0, 6.0), 1.0, Fixed(0.0, float("inf"))).lower(LEVEL) is None


def test_remembered_bounds_turn_and_go_on_the_log_and_are_asked_once():
    bounds = Fixed(0.5, 2.0)
    remembered = Remembered.of(bounds)
    assert Remembered.of(remembered) is remembered
    turned, logs = remembered.turned(), remembered.on_log()
    assert (turned.lower(LEVEL), turned.upper(LEVEL)) == (-2.0, -0.5)
    assert (logs.lower(LEVEL), logs.upper(LEVEL)) == pytest.approx((np.log(0.5), np.log(2)))
    assert bounds.asked == 1
    empty = Remembered.of(Fixed(0.0, None)).on_log()
    assert (empty.lower(LEVEL), empty.upper(LEVEL)) == (None, None)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="successes"):
        ShareDifference.from_counts(3, 2, 1, 2)
    with pytest.raises(ValueError, match="trials"):
        ShareDifference.from_counts(0, 0, 1, 2)
    with pytest.raises(ValueError, match="finite"):
        mover_difference(float("nan"), Fixed(0, 1), 1.0, Fixed(0, 1))
    for bound in (
        ShareDifference.from_counts(1, 2, 1, 2).lower,
        mover_difference(1, Fixed(0, 2), 1, Fixed(0, 2)).upper,
    ):
        with pytest.raises(ValueError, match="level"):
            bound(0.95)
