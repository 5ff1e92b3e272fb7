"""Ranks that bound a quantile, against the exact binomial distribution and numpy's quantiles."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import median_absolute_error

from mlgate.stats.quantiles import estimate_rank, lower_rank, middle_ranks, upper_rank


def at_most(k: int, n: int, q: Fraction) -> Fraction:
    """P(Binomial(n, q) <= k), exactly."""
    return sum((comb(n, i) * q**i * (1 - q) ** (n - i) for i in range(k + 1)), Fraction(0))


@pytest.mark.parametrize("q", ["1/2", "1/4", "9/10", "19/20", "1/100"])
@pytest.mark.parametrize("n", [1, 2, 5, 20, 58, 59, 60, 97])
@pytest.mark.parametrize("alpha", [0.051, 0.002])
def test_ranks_are_those_of_the_exact_binomial(n, q, alpha):
    share = Fraction(q)
    lowers = [r for r in range(1, n + 1) if at_most(r - 1, n, share) <= alpha]
    uppers = [r for r in range(1, n + 1) if 1 - at_most(r - 1, n, share) <= alpha]
    assert lower_rank(n, share, alpha) == max(lowers, default=None)
    assert upper_rank(n, share, alpha) == min(uppers, default=None)


def test_an_upper_bound_of_p95_exists_from_59_rows():
    assert upper_rank(58, 0.95, 0.05) is None
    assert upper_rank(59, 0.95, 0.05) == 59


@pytest.mark.parametrize("n", [10**6, 10**8])
@pytest.mark.parametrize("q", [0.5, 0.95, 0.999])
def test_ranks_of_many_rows_are_where_the_binomial_crosses_the_level(n, q):
    lower, upper = lower_rank(n, q, 0.05), upper_rank(n, q, 0.05)
    assert lower is not None
    assert upper is not None
    assert binom.cdf(lower - 1, n, q) <= 0.05 < binom.cdf(lower, n, q)
    assert binom.sf(upper - 1, n, q) <= 0.05 < binom.sf(upper - 2, n, q)


@given(st.integers(1, 400), st.integers(1, 99))
def test_the_estimate_lies_between_its_bounds(n, percent):
    q = Fraction(percent, 100)
    lower, upper = lower_rank(n, q, 0.05), upper_rank(n, q, 0.05)
    assert (lower or 0) <= estimate_rank(n, q) <= (upper or n)


@given(st.integers(1, 60), st.sampled_from([0.05, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 0.95]))
def test_estimates_are_numpys(n, q):
    x = np.sort(np.random.default_rng(n).normal(size=n))
    first, last = middle_ranks(n, q)
    # numpy multiplies floats, where 0.7 * 10 may be just above 7; the decimal that q prints as is meant.
    exact = Fraction(repr(q)) * n
    assert first == -(-exact.numerator // exact.denominator)
    if n * q == exact:
        assert x[first - 1] == np.quantile(x, q, method="inverted_cdf")
        assert (x[first - 1] + x[last - 1]) / 2 == pytest.approx(np.quantile(x, q, method="averaged_inverted_cdf"))


@pytest.mark.parametrize("n", [1, 2, 7, 10])
def test_the_mean_of_the_middle_values_is_scikit_learns_median_absolute_error(n):
    errors = np.sort(np.random.default_rng(n).exponential(size=n))
    first, last = middle_ranks(n, 0.5)
    middle = (errors[first - 1] + errors[last - 1]) / 2
    assert middle == pytest.approx(median_absolute_error(np.zeros(n), errors))


@pytest.mark.parametrize(
    ("n", "q", "alpha"), [(0, 0.5, 0.05), (5, 0, 0.05), (5, 1, 0.05), (5, float("nan"), 0.05), (5, 0.5, 0.95)]
)
def test_what_is_no_quantile_or_level_is_refused(n, q, alpha):
    for bound in (lower_rank, upper_rank):
        with pytest.raises(ValueError):
            bound(n, q, alpha)


@pytest.mark.slow
def test_misses_stay_within_the_level_for_ties_too():
    x = np.sort(np.random.default_rng(1).poisson(3, size=(4000, 150)), axis=1)
    lower, upper = lower_rank(150, 0.9, 0.05), upper_rank(150, 0.9, 0.05)
    assert lower is not None
    assert upper is not None
    assert np.mean(x[:, lower - 1] > 5) <= 0.05  # P(X <= 4) = .815, P(X <= 5) = .916
    assert np.mean(x[:, upper - 1] < 5) <= 0.05
