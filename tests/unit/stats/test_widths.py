"""Planning from an interval's width: against the normal distribution."""

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.widths import chance_by_width, refuted_by_width, rows_at_the_end, rows_by_width


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("power", [0.6, 0.9])
def test_a_truth_is_refuted_with_the_power(alpha, power):
    error, z = 0.3, stats.norm.isf(alpha)
    truth = refuted_by_width(z * error, 2.0, alpha, "at_least", power)
    assert stats.norm.cdf(2.0 - z * error, truth, error) == pytest.approx(power)
    mirrored = refuted_by_width(z * error, -2.0, alpha, "at_most", power)
    assert mirrored == pytest.approx(-truth)


def test_the_chance_is_normal():
    half = 0.3 * stats.norm.isf(0.05)
    assert chance_by_width(0.2, half, 0.05) == pytest.approx(stats.norm.cdf(0.2, 0, 0.3))
    assert chance_by_width(0.0, half, 0.05) == pytest.approx(0.5)


@pytest.mark.parametrize("half", [0.0, float("inf"), float("nan")])
def test_no_width_tells_nothing(half):
    assert chance_by_width(0.2, half, 0.05) is None
    assert refuted_by_width(half, 2.0, 0.05) is None
    assert chance_by_width(0.2, 0.1, 0.5) is None


def test_a_skewed_interval_is_planned_by_its_mean_half_width_and_what_the_skew_leaves():
    """With m rows the bound is z·s/√m + c/m away; the rows found are the first with which it is near enough."""
    n, half, opposite, room = 100, 0.3, 0.1, 0.05
    rows = rows_by_width(n, 0.0, -half, -room, 0.05, 0.8, opposite)
    z, power = stats.norm.isf(0.05), stats.norm.isf(0.2)
    spread, skew = 0.2 * np.sqrt(n), 0.1 * n
    assert spread / np.sqrt(n) + skew / n == pytest.approx(half)
    away = [spread * (1 + power / z) / np.sqrt(m) + skew / m for m in (rows - 1, rows)]
    assert away[0] > room >= away[1]
    assert rows_by_width(n, 0.0, -half, -room, 0.05, 0.8, half) == rows_by_width(n, 0.0, -half, -room, 0.05, 0.8)
    mirrored = rows_by_width(n, 0.0, half, room, 0.05, 0.8, -opposite)
    assert mirrored == rows


@pytest.mark.parametrize("width", [1.0, 2.0])
def test_at_the_end_of_the_range_the_rows_are_those_of_a_share_without_mistakes(width):
    half = width * (1 - 0.05 ** (1 / 40))
    rows = rows_at_the_end(40, half, 0.01 * width, width)
    assert width * (1 - 0.05 ** (1 / rows)) <= 0.01 * width < width * (1 - 0.05 ** (1 / (rows - 1)))


def test_at_the_end_of_an_endless_range_the_bound_shrinks_with_the_rows():
    assert rows_at_the_end(40, 0.3, 0.1, np.inf) == 120
    assert rows_at_the_end(40, 1.0, 0.1, 1.0) is None
    assert rows_at_the_end(40, 0.3, 1e-12, 1.0) is None
    for wrong in ((0, 0.3, 0.1), (40, 0.0, 0.1), (40, 0.3, 0.0)):
        with pytest.raises(ValueError, match="above 0"):
            rows_at_the_end(*wrong, 1.0)
