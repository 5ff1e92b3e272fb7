"""Planning from an interval's width: against the normal distribution."""

import pytest
from scipy import stats

from mlgate.stats.widths import chance_by_width, refuted_by_width


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
