"""Ratio of two estimates: published bounds, the Betas by brute force, and by simulation."""

from collections import Counter
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.melded import melded_bound
from mlgate.stats.ratio import ShareRatio, mover_ratio
from mlgate.stats.share import clopper_pearson_lower

LEVEL = 0.05
COUNTS = [
    (110, 190, 590, 810),
    (1, 20, 3, 30),
    (10, 10, 3, 10),
    (20, 20, 190, 200),
    (2, 2, 2, 3),
    (500, 100_000, 3, 7),
    (3, 7, 500, 100_000),
    (7.3, 18.9, 4.4, 9.1),
]


def fixed(low, high):
    return SimpleNamespace(lower=lambda _alpha: low, upper=lambda _alpha: high)


def chance_below(ratio, counts):
    """P(A / B <= ratio) for the Betas of the lower bound: the mean over B's quantiles at 200,000 midpoints."""
    a, m, b, n = counts
    quantiles = stats.beta(b + 1, n - b).ppf((np.arange(200_000) + 0.5) / 200_000)
    return float(stats.beta(a, m - a + 1).cdf(np.minimum(ratio * quantiles, 1.0)).mean())


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize("alpha", [pytest.param(0.5, marks=pytest.mark.slow), 0.05, 0.05 / 40])
def test_reaches_its_level_exactly(counts, alpha):
    ratio = ShareRatio.from_counts(*counts)
    assert chance_below(ratio.lower(alpha), counts) == pytest.approx(alpha, rel=2e-4)
    turned = ShareRatio.from_counts(*counts[2:], *counts[:2])
    assert ratio.upper(alpha) == pytest.approx(1 / turned.lower(alpha), rel=1e-12)


@pytest.mark.parametrize("counts", COUNTS)
def test_is_the_melded_bound_without_its_allowance_for_draws(counts):
    a, m, b, n = counts
    shares = [(a, m - a), (b, n - b)]
    ratio = ShareRatio.from_counts(*counts)
    lower, upper = (
        melded_bound(lambda p, q: p / q, shares, [True, False], None, LEVEL, side) for side in ("lower", "upper")
    )
    assert lower <= ratio.lower(LEVEL) <= lower * 1.06
    assert upper >= ratio.upper(LEVEL) >= upper * 0.94


def test_german_credit_and_adult():
    german = ShareRatio.from_counts(110, 190, 590, 810)
    assert german.exact == Fraction(110, 190) / Fraction(590, 810)
    assert german.value == pytest.approx(0.794826, abs=5e-7)
    assert (german.lower(LEVEL), german.upper(LEVEL)) == pytest.approx((0.705, 0.885), abs=6e-4)
    assert ShareRatio.from_counts(1179, 10771, 6662, 21790).value == pytest.approx(0.358023, abs=5e-7)


def test_four_fifths_edge_is_exact():
    best = (60, 100)
    assert [ShareRatio.from_counts(k, 100, *best).exact for k in (45, 48, 51)] == [
        Fraction(3, 4),
        Fraction(4, 5),
        Fraction(17, 20),
    ]


def test_a_closed_form():
    # A uniform, B ~ Beta(2, 1): P(A <= rB) = 2r/3
    assert ShareRatio.from_counts(1, 1, 1, 2).lower(LEVEL) == pytest.approx(0.075, rel=1e-9)


def test_certain_and_empty_shares():
    assert ShareRatio.from_counts(0, 10, 3, 10).lower(LEVEL) == 0
    assert ShareRatio.from_counts(3, 10, 10, 10).lower(LEVEL) == clopper_pearson_lower(3, 10, LEVEL)
    assert ShareRatio.from_counts(3, 10, 0, 10).upper(LEVEL) is None
    assert 0 < ShareRatio.from_counts(9, 10, 0, 10).lower(LEVEL) < ShareRatio.from_counts(9, 10, 1, 10).value
    for undefined in (ShareRatio.from_counts(3, 10, 0, 10), ShareRatio.from_counts(0, 10, 0, 10)):
        with pytest.raises(ValueError, match="undefined"):
            _ = undefined.value


def test_huge_counts_agree_with_the_delta_method():
    ratio = ShareRatio.from_counts(5e7, 1e8, 4e7, 1e8)
    reach = stats.norm.isf(LEVEL) * np.sqrt(1 / 5e7 - 1e-8 + 1 / 4e7 - 1e-8)
    assert np.log([ratio.lower(LEVEL) / 1.25, ratio.upper(LEVEL) / 1.25]) == pytest.approx([-reach, reach], rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [(60, 0.1, 200, 0.4), (30, 0.9, 40, 0.8)])
def test_coverage(scenario):
    m, p, n, q = scenario
    rng = np.random.default_rng(7)
    samples = Counter(zip(rng.binomial(m, p, 500).tolist(), rng.binomial(n, q, 500).tolist()))
    misses = np.zeros(2)
    for (a, b), times in samples.items():
        ratio = ShareRatio.from_counts(a, m, b, n)
        upper = ratio.upper(LEVEL)
        misses += times * np.array([ratio.lower(LEVEL) > p / q, upper is not None and upper < p / q])
    assert misses.max() / 500 <= 0.065


def test_mover_on_the_log_by_hand():
    ratio = mover_ratio(2.0, fixed(1.0, 4.0), 8.0, fixed(2.0, 16.0))
    assert ratio.value == 0.25
    assert np.log(ratio.lower(LEVEL) * 4) == pytest.approx(-np.hypot(np.log(2), np.log(2)))
    assert np.log(ratio.upper(LEVEL) * 4) == pytest.approx(np.hypot(np.log(2), np.log(4)))


def test_mover_ratio_without_a_bound():
    assert mover_ratio(2.0, fixed(None, 4.0), 8.0, fixed(2.0, 16.0)).lower(LEVEL) is None
    assert mover_ratio(2.0, fixed(1.0, None), 8.0, fixed(2.0, 16.0)).upper(LEVEL) is None
    assert mover_ratio(2.0, fixed(0.0, 4.0), 8.0, fixed(2.0, 16.0)).lower(LEVEL) == 0
    assert mover_ratio(2.0, fixed(1.0, 4.0), 8.0, fixed(-1.0, 16.0)).upper(LEVEL) is None


@pytest.mark.parametrize("values", [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, float("inf")), (float("nan"), 1.0)])
def test_a_ratio_needs_positive_values(values):
    with pytest.raises(ValueError, match="positive"):
        mover_ratio(values[0], fixed(1, 2), values[1], fixed(1, 2))


def test_a_level_is_one_sided():
    for bound in (ShareRatio.from_counts(1, 2, 1, 2).lower, mover_ratio(1, fixed(1, 2), 1, fixed(1, 2)).upper):
        with pytest.raises(ValueError, match="level"):
            bound(0.95)
