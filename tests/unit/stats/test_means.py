"""Hall's bounds of a mean: against an independent transcription, the t interval, and simulation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import beta, pearson3
from scipy.stats import t as student

from mlgate.stats.means import RangedMean, RootMean, SampleMean, pearson_quantile, t_quantile

ROWS = st.lists(st.integers(-1000, 1000), min_size=2, max_size=40)


def sample(values: np.ndarray) -> SampleMean:
    third = float(((values - values.mean()) ** 3).mean())
    return SampleMean(len(values), float(values.mean()), float(values.var(ddof=1)), third)


@pytest.mark.parametrize("values", [[1, 2, 9, 30], [5, 5.5, 4, 3, -20], list(range(30))])
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_bounds_are_where_halls_polynomial_of_the_t_statistic_meets_the_quantile(values, alpha):
    x = np.array(values, dtype=float)
    n, s = len(x), x.std(ddof=1)
    skew = ((x - x.mean()) ** 3).mean() / x.std() ** 3

    def polynomial(true_mean: float) -> float:
        t = math.sqrt(n) * (x.mean() - true_mean) / s
        root = math.sqrt(n)
        return t + skew * t**2 / (3 * root) + skew**2 * t**3 / (27 * n) + skew / (6 * root)

    q = student.isf(alpha, n - 1)
    far = 1e4 * (1 + s)
    lower = brentq(lambda mu: polynomial(mu) - q, -far, far, xtol=1e-12, rtol=1e-14)
    upper = brentq(lambda mu: polynomial(mu) + q, -far, far, xtol=1e-12, rtol=1e-14)
    assert sample(x).lower(alpha) == pytest.approx(lower, rel=1e-8)
    assert sample(x).upper(alpha) == pytest.approx(upper, rel=1e-8)


def test_without_skewness_it_is_the_t_interval():
    x = np.array([1.0, 2, 3, 4, 10, 16, 17, 18, 19])
    low, high = student.interval(0.9, 8, loc=10, scale=x.std(ddof=1) / 3)
    assert (sample(x).lower(0.05), sample(x).upper(0.05)) == pytest.approx((low, high))


def test_a_little_skewness_moves_the_bounds_a_little():
    bounds = [SampleMean(50, 0.0, 1.0, skew).lower(0.05) for skew in (-1e-9, -1e-300, 0.0, 1e-300, 1e-9)]
    assert bounds == pytest.approx([bounds[2]] * 5, abs=1e-9)
    assert bounds[0] != bounds[2] != bounds[4]


@given(ROWS, st.integers(-(10**9), 10**9))
def test_exact_sums_give_the_moments_whatever_the_pivot(rows, pivot):
    sums = {(a, b): sum(Fraction(x - pivot) ** a for x in rows) for a in range(4) for b in range(4 - a)}
    built = SampleMean.from_sums(len(rows), len(rows), sums, pivot=Fraction(pivot))
    plain = sample(np.array(rows, dtype=float))
    assert built.mean == pytest.approx(plain.mean, abs=1e-9)
    assert built.variance == pytest.approx(plain.variance, abs=1e-6)
    assert built.third_central_moment == pytest.approx(plain.third_central_moment, abs=1e-2, rel=1e-9)


@given(ROWS)
def test_bounds_widen_as_the_level_falls(rows):
    mean = sample(np.array(rows, dtype=float))
    lowers = [mean.lower(alpha) for alpha in (0.001, 0.01, 0.05)]
    uppers = [mean.upper(alpha) for alpha in (0.001, 0.01, 0.05)]
    if mean.variance == 0:
        assert lowers == uppers == [None] * 3
    else:
        assert lowers == sorted(lowers)
        assert uppers == sorted(uppers, reverse=True)
        assert lowers[-1] < uppers[-1]


@given(ROWS)
def test_bounds_of_the_mirrored_rows_are_the_mirrored_bounds(rows):
    x = np.array(rows, dtype=float)
    if x.var() > 0:
        assert sample(-x).upper(0.05) == pytest.approx(-sample(x).lower(0.05), rel=1e-9, abs=1e-9)


def test_no_bound_from_one_row_or_from_equal_rows():
    assert SampleMean(1, 3.0, 0.0, 0.0).lower(0.05) is None
    assert SampleMean(100, 3.0, 0.0, 0.0).upper(0.05) is None


@pytest.mark.parametrize(
    "moments",
    [(0, 1.0, 1.0, 0.0), (5, math.nan, 1.0, 0.0), (5, 1.0, -1.0, 0.0), (5, 1.0, math.inf, 0.0)],
)
def test_moments_of_no_sample_are_refused(moments):
    with pytest.raises(ValueError):
        SampleMean(*moments)


@pytest.mark.parametrize("alpha", [0, 0.95, -0.1, math.nan])
def test_levels_outside_0_to_one_half_are_refused(alpha):
    for of in (SampleMean(10, 1.0, 1.0, 0.5), SampleMean(1, 1.0, 0.0, 0.0)):
        for bound in (of.lower, of.upper):
            with pytest.raises(ValueError):
                bound(alpha)


def test_root_mean_square_has_the_roots_of_the_bounds():
    squares = sample(np.array([1.0, 4, 9, 16, 25]))
    root = RootMean(squares)
    assert root.value == pytest.approx(math.sqrt(11))
    assert root.upper(0.05) == pytest.approx(math.sqrt(squares.upper(0.05)))
    assert root.lower(0.05) == pytest.approx(math.sqrt(squares.lower(0.05)))


def test_root_of_a_negative_lower_bound_is_zero():
    squares = SampleMean(4, 1.0, 100.0, 0.0)
    assert squares.lower(0.05) < 0
    assert RootMean(squares).lower(0.05) == 0
    with pytest.raises(ValueError):
        RootMean(SampleMean(4, -1.0, 1.0, 0.0))


@pytest.mark.parametrize("degrees", [1, 7, 1e3, 1e8, 1e12])
def test_t_quantiles_are_scipys(degrees):
    assert t_quantile(degrees, 0.01) == pytest.approx(student.isf(0.01, degrees))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "most"), [(100, 0.065), (1000, 0.06)])
def test_an_exponential_mean_is_missed_by_about_the_level(n, most):
    x = np.random.default_rng(8).exponential(size=(3000, n))
    means = [sample(row) for row in x]
    assert np.mean([mean.lower(0.05) > 1 for mean in means]) < most
    assert np.mean([mean.upper(0.05) < 1 for mean in means]) < most


def ranged(values: np.ndarray, low: float = 0.0, high: float = 1.0) -> RangedMean:
    deviations = values - values.mean()
    moments = (float((deviations**power).mean()) for power in (2, 3))
    return RangedMean(len(values), float(values.mean()), *moments, low, high)


@pytest.mark.parametrize("skewness", [-2.5, -0.3, -1e-5, 0.0, 1e-3, 0.7, 2.0])
@pytest.mark.parametrize("alpha", [0.2, 0.05, 1e-4])
def test_quantiles_of_pearsons_type_iii_are_scipys(skewness, alpha):
    assert pearson_quantile(skewness, alpha) == pytest.approx(pearson3.isf(alpha, skewness), rel=1e-4)


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.001])
@pytest.mark.parametrize("shape", [(0.3, 3), (2, 2), (0.1, 0.4), (30, 1)])
@pytest.mark.parametrize("n", [8, pytest.param(60, marks=pytest.mark.slow), 400])
def test_a_ranged_mean_has_the_quantile_of_randomly_weighted_rows(alpha, shape, n):
    rng = np.random.default_rng(11)
    x = rng.beta(*shape, n)
    with_end = np.append(x, 1.0)
    drawn = np.concatenate([rng.dirichlet(np.ones(n + 1), 2000) @ with_end for _ in range(20)])
    found = ranged(x).upper(alpha)
    quantile, noise = np.quantile(drawn, 1 - alpha), drawn.std() * (0.02 if alpha > 0.01 else 0.15)
    reach = found - x.mean()
    near, wide = (0.02, 0.02) if alpha > 0.01 else (0.08, 0.15)
    assert quantile - noise - near * reach < found < quantile + noise + wide * reach
    assert ranged(1 - x).lower(alpha) == pytest.approx(1 - found)


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.001])
@pytest.mark.parametrize(("hits", "n"), [(0, 5), (0, 300), (1, 20), (7, 20), (20, 20), (1, 5000), (2500, 5000)])
def test_a_ranged_mean_of_zeros_and_ones_is_nearly_clopper_pearsons(hits, n, alpha):
    found = ranged(np.repeat([1.0, 0.0], [hits, n - hits])).upper(alpha)
    exact = beta.isf(alpha, hits + 1, n - hits) if hits < n else 1.0
    assert 0.985 * exact < found < exact * (1.15 if n < 20 else 1.05)


def test_rows_without_a_spread_are_bounded_by_the_one_that_may_be_missing():
    same = ranged(np.full(100, 0.25), high=1.25)
    assert same.upper(0.05) == pytest.approx(0.25 + (1 - 0.05 ** (1 / 100)), rel=1e-12)
    assert same.lower(0.05) == pytest.approx(0.25 - 0.25 * (1 - 0.05 ** (1 / 100)), rel=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.sampled_from([0.3, 0.05, 1e-6]))
def test_bounds_of_a_ranged_mean_stay_in_its_range_and_on_their_sides(rows, alpha):
    mean = ranged(np.array(rows))
    assert 0 <= mean.lower(alpha) <= mean.mean <= mean.upper(alpha) <= 1
    assert mean.upper(alpha) <= mean.upper(alpha / 10)


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 50, 200, 1000])
@pytest.mark.parametrize("expected", [0.5, 1, 2, 3, 5, 10])
def test_rare_rows_at_the_end_of_the_range_are_not_overlooked(n, expected):
    rng = np.random.default_rng(12)
    share = expected / n
    samples = np.where(rng.random((2000, n)) < share, 1.0, 0.02 * rng.random((2000, n)))
    misses = np.mean([ranged(x).upper(0.05) < share + 0.01 * (1 - share) for x in samples])
    assert misses < 0.065
