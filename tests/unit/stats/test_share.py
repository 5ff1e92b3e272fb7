"""Bounds of one share: against scipy.stats, against published numbers, and by exact coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper, counted, missed_share


@given(st.integers(1, 500), st.floats(0, 1), st.sampled_from([0.001, 0.025, 0.05, 0.2]))
def test_clopper_pearson_is_scipys(trials, share, alpha):
    successes = round(share * trials)
    oracle = stats.binomtest(successes, trials).proportion_ci(1 - 2 * alpha, method="exact")
    assert clopper_pearson_lower(successes, trials, alpha) == pytest.approx(oracle.low, abs=1e-9)
    assert clopper_pearson_upper(successes, trials, alpha) == pytest.approx(oracle.high, abs=1e-9)


def test_published_intervals():
    assert clopper_pearson_lower(81, 263, 0.025) == pytest.approx(0.2527, abs=5e-5)
    assert clopper_pearson_upper(81, 263, 0.025) == pytest.approx(0.3676, abs=5e-5)
    assert clopper_pearson_lower(0, 20, 0.025) == 0.0
    assert clopper_pearson_upper(0, 20, 0.025) == pytest.approx(0.1684, abs=5e-5)
    assert clopper_pearson_upper(20, 20, 0.05) == 1.0


def test_fractional_counts_lie_between_their_neighbours():
    lower = [clopper_pearson_lower(s, 40, 0.05) for s in (12, 12.25, 12.9, 13)]
    upper = [clopper_pearson_upper(s, 40, 0.05) for s in (12, 12.25, 12.9, 13)]
    assert lower == sorted(lower)
    assert upper == sorted(upper)
    assert clopper_pearson_lower(0.2, 0.5, 0.05) < 0.4 < clopper_pearson_upper(0.2, 0.5, 0.05)


@pytest.mark.parametrize("trials", [5, 30, 400])
def test_exact_coverage_never_misses_more_than_alpha(trials):
    k = np.arange(trials + 1)
    lower = np.array([clopper_pearson_lower(int(i), trials, 0.05) for i in k])
    upper = np.array([clopper_pearson_upper(int(i), trials, 0.05) for i in k])
    for truth in np.linspace(0.003, 0.997, 83):
        chance = stats.binom.pmf(k, trials, truth)
        assert chance[lower > truth].sum() <= 0.05
        assert chance[upper < truth].sum() <= 0.05


def test_huge_counts_keep_their_digits():
    lower, upper = clopper_pearson_lower(9e8, 1e9, 0.05), clopper_pearson_upper(9e8, 1e9, 0.05)
    half = stats.norm.isf(0.05) * np.sqrt(0.09 / 1e9)
    assert (0.9 - lower, upper - 0.9) == pytest.approx((half, half), rel=1e-3)


def test_more_than_a_hundred_billion_rows_count_as_that_many():
    assert counted(3e11, 1e11) == (7.5e10, 2.5e10)
    assert counted(9e10, 3e10) == (7.5e10, 2.5e10)
    assert counted(9e10, 1e10) == (9e10, 1e10)
    assert counted(13.0, 1e11 - 13) == (13.0, 1e11 - 13)


@pytest.mark.parametrize("n", [1, 2, 500])
def test_the_share_that_a_sample_may_miss_is_the_bound_of_a_share_without_successes(n):
    assert missed_share(n, 0.05) == pytest.approx(1 - 0.05 ** (1 / n))
    assert missed_share(n, 0.05) == pytest.approx(clopper_pearson_upper(0, n, 0.05))


def f1_from_jaccard(jaccard):
    return 2 * jaccard / (1 + jaccard)


@pytest.mark.parametrize("scenario", [(200, 0.05, 0.6, 0.05), (200, 0.05, 0.9, 0.02), (50, 0.3, 0.9, 0.1)])
def test_f1_of_one_class_is_covered_through_jaccard(scenario):
    n, positive, recall, false_rate = scenario
    tp = positive * recall
    jaccard = tp / (positive + (1 - positive) * false_rate)
    rows = stats.binom.rvs(n, tp / jaccard, size=4000, random_state=1)
    hits = stats.binom.rvs(rows, jaccard, random_state=2)
    truth = f1_from_jaccard(jaccard)
    counts = [(int(h), int(r)) for h, r in zip(hits, rows) if r > 0]
    assert np.mean([f1_from_jaccard(clopper_pearson_lower(*c, 0.05)) > truth for c in counts]) <= 0.055
    assert np.mean([f1_from_jaccard(clopper_pearson_upper(*c, 0.05)) < truth for c in counts]) <= 0.055


@pytest.mark.parametrize(
    ("successes", "trials", "alpha"),
    [
        (0, 0, 0.05),
        (1, -2, 0.05),
        (3, 2, 0.05),
        (-1, 2, 0.05),
        (float("nan"), 2, 0.05),
        (1, float("nan"), 0.05),
        (1, float("inf"), 0.05),
        (1, 2, 0.0),
        (1, 2, 0.95),
        (1, 2, float("nan")),
    ],
)
@pytest.mark.parametrize("bound", [clopper_pearson_lower, clopper_pearson_upper])
def test_nonsense_is_refused(bound, successes, trials, alpha):
    with pytest.raises(ValueError, match=r"share|successes|level"):
        bound(successes, trials, alpha)


def test_the_largest_level_is_one_half():
    assert clopper_pearson_lower(1, 2, 0.5) == pytest.approx(stats.beta.ppf(0.5, 1, 2))
    assert clopper_pearson_upper(1, 2, 0.5) == pytest.approx(stats.beta.ppf(0.5, 2, 1))


def test_a_bound_that_rounds_to_1_is_1():
    assert clopper_pearson_upper(0.999, 1, 0.05) == 1.0
