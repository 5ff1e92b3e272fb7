"""ROC AUC and its bounds, against scikit-learn, brute-force DeLong and Newcombe's own equations."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import norm, rankdata
from sklearn.metrics import roc_auc_score

from mlgate.stats.ranks import LogitBounds, RocAuc, auc, bisect, newcombe_lower, newcombe_upper

SCORES = st.lists(st.integers(0, 6), min_size=1, max_size=12)


def kernel(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """Twice DeLong's psi for every pair."""
    higher = positive[:, None] > negative[None, :]
    return 2 * higher + (positive[:, None] == negative[None, :])


def placements(positive: np.ndarray, negative: np.ndarray) -> RocAuc:
    rows, columns = kernel(positive, negative).sum(axis=1), kernel(positive, negative).sum(axis=0)
    sums = (rows.sum(), (rows**2).sum(), columns.sum(), (columns**2).sum())
    return RocAuc(len(positive), len(negative), *map(int, sums))


@given(SCORES, SCORES)
def test_the_value_is_scikit_learns(positive, negative):
    labels = [1] * len(positive) + [0] * len(negative)
    roc = placements(np.array(positive), np.array(negative))
    assert float(roc.value) == pytest.approx(roc_auc_score(labels, positive + negative), abs=1e-14)
    assert 0 <= roc.lower(0.05) <= roc.value <= roc.upper(0.05) <= 1


@pytest.mark.parametrize(("m", "n"), [(2, 2), (10, 190), (57, 31)])
def test_the_variance_is_delongs(m, n):
    rng = np.random.default_rng(m)
    x, y = rng.normal(1, 1, m).round(1), rng.normal(0, 1, n).round(1)
    psi = kernel(x, y) / 2
    s10 = sum((row.mean() - psi.mean()) ** 2 for row in psi) / (m - 1)
    s01 = sum((column.mean() - psi.mean()) ** 2 for column in psi.T) / (n - 1)
    assert float(placements(x, y).variance) == pytest.approx(s10 / m + s01 / n, abs=1e-12, rel=1e-12)


def newcombe_equation(theta: float, m: int, n: int) -> float:
    """Newcombe 2006, method 5: the variance with both sizes less one replaced by (m + n)/2 - 1."""
    star = (m + n) / 2 - 1
    return theta * (1 - theta) * (1 + star * (1 - theta) / (2 - theta) + star * theta / (1 + theta)) / (m * n)


@pytest.mark.parametrize("value", [0.03, 0.5, 0.81, 0.999])
@pytest.mark.parametrize(("m", "n"), [(1, 1), (10, 190), (500, 20)])
def test_method_5_solves_its_equation(value, m, n):
    z = -ndtri(0.05)

    def score(theta: float) -> float:
        return (value - theta) / math.sqrt(newcombe_equation(theta, m, n))

    lower = brentq(lambda theta: score(theta) - z, 1e-12, value, xtol=1e-14)
    upper = brentq(lambda theta: score(theta) + z, value, 1 - 1e-12, xtol=1e-14)
    assert newcombe_lower(m, n, value, 0.05) == pytest.approx(lower, abs=1e-9)
    assert newcombe_upper(m, n, value, 0.05) == pytest.approx(upper, abs=1e-9)


def with_half_rows(roc: RocAuc) -> tuple[float, float]:
    """The area and its standard error once half a positive ranks below all, and half a negative above all."""
    m, n, area = roc.m, roc.n, float(roc.value)
    shrink = m * n / ((m + 0.5) * (n + 0.5))
    moved = area * shrink
    added = moved**2 / 2 * (1 / (m + 0.5) ** 2 + 1 / (n + 0.5) ** 2)
    return moved, math.sqrt(float(roc.variance or 0) * shrink**2 + added)


def logit_lower(value: float, error: float) -> float:
    return 1 / (1 + math.exp(norm.isf(0.05) * error / (value * (1 - value)) - math.log(value / (1 - value))))


def test_a_perfect_auc_is_not_known_to_be_perfect():
    roc = placements(np.arange(20, 30), np.arange(10))
    assert roc.value == 1
    assert roc.upper(0.05) == 1
    assert roc.lower(0.05) == pytest.approx(logit_lower(*with_half_rows(roc)))
    assert placements(np.arange(10), np.arange(20, 30)).upper(0.05) == pytest.approx(1 - roc.lower(0.05))


@pytest.mark.parametrize(("m", "n"), [(10, 10), (50, 50), (100, 5000), (1000, 20), (1, 7)])
@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.001])
def test_no_perfect_auc_is_known_better_than_a_perfect_share_of_its_rarer_class(m, n, alpha):
    perfect = RocAuc(m, n, 2 * m * n, 4 * m * n * n, 2 * m * n, 4 * m * m * n)
    assert perfect.lower(alpha) <= alpha ** (1 / min(m, n)) * (1 + 1e-12)


def test_one_row_of_a_class_has_no_variance_but_bounds():
    roc = placements(np.array([3]), np.array([1, 2, 4]))
    assert roc.variance is None
    assert roc.lower(0.05) == pytest.approx(2 / 3 * 0.05)
    assert roc.lower(0.05) < min(newcombe_lower(1, 3, 2 / 3, 0.05), logit_lower(*with_half_rows(roc)))


def test_the_wider_of_both_bounds_is_taken():
    rng = np.random.default_rng(3)
    roc = placements(rng.normal(1, 3, 15), rng.normal(0, 1, 185))
    mirrored = RocAuc(
        15, 185, 2 * 15 * 185 - roc.s10, 4 * 15 * 185**2 - 4 * 185 * roc.s10 + roc.s10_squares,
        2 * 15 * 185 - roc.s01, 4 * 185 * 15**2 - 4 * 15 * roc.s01 + roc.s01_squares,
    )  # fmt: skip
    value = float(roc.value)
    lower, upper = logit_lower(*with_half_rows(roc)), 1 - logit_lower(*with_half_rows(mirrored))
    assert roc.lower(0.05) == pytest.approx(min(lower, newcombe_lower(15, 185, value, 0.05)))
    assert roc.upper(0.05) == pytest.approx(max(upper, newcombe_upper(15, 185, value, 0.05)))


def test_bounds_on_the_logit_are_those_of_the_normal_distribution():
    bounds = LogitBounds(0.3, 0.4)
    low, high = norm.interval(0.9, math.log(0.3 / 0.7), 0.4)
    assert bounds.lower(0.05) == pytest.approx(1 / (1 + math.exp(-low)))
    assert bounds.upper(0.05) == pytest.approx(1 / (1 + math.exp(-high)))


@pytest.mark.parametrize("arguments", [(0, 5, 0), (5, 0, 0), (2, 2, 9), (2, 2, -1)])
def test_what_is_no_auc_is_refused(arguments):
    with pytest.raises(ValueError):
        auc(*arguments)


def test_sums_that_do_not_fit_together_are_refused():
    assert auc(2, 2, 5) == Fraction(5, 8)
    with pytest.raises(ValueError):
        RocAuc(2, 2, 4, 8, 5, 13)
    with pytest.raises(ValueError):
        RocAuc(2, 2, 4, 7, 4, 8)
    with pytest.raises(ValueError):
        RocAuc(2, 2, 4, 8, 4, 8).lower(0.95)


def test_bisect_finds_a_sign_change():
    assert bisect(lambda x: x * x - 2, 0, 2) == pytest.approx(math.sqrt(2), rel=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize(("true", "m", "n"), [(0.7, 10, 190), (0.9, 50, 950), (0.9, 50, 50)])
def test_misses_are_rare_in_the_binormal_model(true, m, n):
    rng = np.random.default_rng(4)
    runs = 1000
    shift = math.sqrt(2) * norm.ppf(true)
    x, y = rng.normal(shift, 1, (runs, m)), rng.normal(0, 1, (runs, n))
    ranks = rankdata(np.hstack([x, y]), axis=1)
    rows = (2 * (ranks[:, :m] - rankdata(x, axis=1))).astype(int)
    columns = (2 * (m - ranks[:, m:] + rankdata(y, axis=1))).astype(int)
    sums = zip(rows.sum(1), (rows**2).sum(1), columns.sum(1), (columns**2).sum(1))
    rocs = [RocAuc(m, n, *map(int, four)) for four in sums]
    assert np.mean([roc.lower(0.05) > true for roc in rocs]) < 0.075
    assert np.mean([roc.upper(0.05) < true for roc in rocs]) < 0.075


@pytest.mark.slow
@pytest.mark.parametrize(
    ("true", "share", "m", "n"), [(1.0, 0.01, 100, 1000), (0.95, 0.02, 50, 1000), (0.95, 0.05, 20, 200)]
)
def test_a_few_positives_below_all_others_are_not_overlooked(true, share, m, n):
    rng = np.random.default_rng(6)
    shift = 30.0 if true == 1 else math.sqrt(2) * norm.ppf(true)
    scores = rng.normal(shift, 1, (1500, m))
    scores = np.where(rng.random((1500, m)) < share, -1e3, scores)
    rocs = [placements(x, rng.normal(0, 1, n)) for x in scores]
    assert np.mean([roc.lower(0.05) > true * (1 - share) for roc in rocs]) < 0.065
