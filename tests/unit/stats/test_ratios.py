"""Ratios of means, against influence values, the jackknife, scikit-learn and simulation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from mlgate.stats.ratios import RatioOfMeans, one_minus_r2
from scipy.stats import t as student
from sklearn.metrics import r2_score


def ratio(a: np.ndarray, b: np.ndarray, linear: bool = False) -> RatioOfMeans:
    covariance = np.cov(a, b)
    return RatioOfMeans(
        len(a),
        float(a.mean()),
        float(b.mean()),
        float(covariance[0, 0]),
        float(covariance[1, 1]),
        float(covariance[0, 1]),
        linear,
    )


def r2_ratio(y: np.ndarray, e: np.ndarray, pivot: Fraction = Fraction(0)) -> RatioOfMeans:
    ys, es = [Fraction(v) - pivot for v in y.tolist()], [Fraction(v) for v in e.tolist()]
    return one_minus_r2(
        len(ys),
        sum(v**2 for v in es),
        sum(v**4 for v in es),
        tuple(sum(v**power for v in ys) for power in (1, 2, 3, 4)),
        sum(u**2 * v for u, v in zip(es, ys)),
        sum(u**2 * v**2 for u, v in zip(es, ys)),
    )


def rows(seed: int = 0, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.lognormal(3, 0.5, n)
    return y, rng.normal(0, 3, n)


def test_log_bounds_are_the_t_interval_of_the_influence_values():
    y, e = rows()
    a, b = abs(e), y
    influence = a / a.mean() - b / b.mean()  # the linear part of log(mean a / mean b)
    error = influence.std(ddof=1) / math.sqrt(len(y))
    low, high = student.interval(0.9, len(y) - 1, math.log(a.mean() / b.mean()), error)
    found = ratio(a, b)
    assert found.value == pytest.approx(abs(e).sum() / y.sum())
    assert (found.lower(0.05), found.upper(0.05)) == pytest.approx((math.exp(low), math.exp(high)))
    c = np.cov(a, b)
    same = RatioOfMeans(len(a), a.mean(), b.mean(), c[0, 0], c[1, 1], c[0, 1])
    assert (same.lower(0.05), same.upper(0.05)) == pytest.approx((math.exp(low), math.exp(high)))


def test_linear_bounds_take_ratios_of_any_sign():
    y, e = rows()
    x, w = e - 1, y
    value = (w * x).sum() / w.sum()
    residual = w * (x - value)
    error = residual.std(ddof=1) / w.mean() / math.sqrt(len(w))
    found = ratio(w * x, w, linear=True)
    assert found.value == pytest.approx(value)
    low, high = student.interval(0.9, len(w) - 1, value, error)
    assert (found.lower(0.05), found.upper(0.05)) == pytest.approx((low, high))


def test_exact_sums_give_the_same_ratio_as_floats():
    y, e = rows()
    a, b = abs(e), y
    exact = [sum(Fraction(v) for v in column.tolist()) for column in (a, b, a * a, b * b, a * b)]
    found, plain = RatioOfMeans.from_sums(len(a), *exact), ratio(a, b)
    assert found.value == pytest.approx(plain.value, rel=1e-12)
    assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-9)


@pytest.mark.parametrize("pivot", [Fraction(0), Fraction(20), Fraction(10**9)])
def test_one_minus_r2_is_scikit_learns_with_the_delta_methods_error(pivot):
    y, e = rows()
    found = r2_ratio(y, e, pivot)
    assert 1 - found.value == pytest.approx(r2_score(y, y - e), rel=1e-12)
    a, b = e**2, (y - y.mean()) ** 2
    influence = a / a.mean() - b / b.mean()
    assert found.standard_error / found.value == pytest.approx(influence.std(ddof=1) / math.sqrt(len(y)))


def test_the_error_of_one_minus_r2_agrees_with_the_jackknife():
    y, e = rows(1, 400)
    left_out = [
        np.log((np.delete(e, i) ** 2).mean() / np.delete(y, i).var()) for i in range(len(y))
    ]  # estimates the mean of y anew each time
    jackknife = math.sqrt((len(y) - 1) * np.var(left_out))
    found = r2_ratio(y, e)
    assert found.standard_error / found.value == pytest.approx(jackknife, rel=0.05)


def test_no_bound_without_variance_or_rows():
    same = np.array([1.0, 2, 3])
    assert ratio(2 * same, same).lower(0.05) is None
    assert ratio(0 * same, same).upper(0.05) is None
    assert RatioOfMeans(1, 1.0, 2.0, 0.0, 0.0, 0.0).upper(0.05) is None
    assert RatioOfMeans.from_sums(3, 0.3, 0.1, 0.09, 0.01, 0.03).standard_error >= 0


@pytest.mark.parametrize(
    "arguments",
    [
        (5, 1.0, 0.0, 1.0, 1.0, 0.0),
        (5, 1.0, -1.0, 1.0, 1.0, 0.0),
        (5, -1.0, 1.0, 1.0, 1.0, 0.0),
        (5, math.nan, 1.0, 1.0, 1.0, 0.0),
        (5, 1.0, 1.0, -1.0, 1.0, 0.0),
        (0, 1.0, 1.0, 1.0, 1.0, 0.0),
    ],
)
def test_what_is_no_ratio_is_refused(arguments):
    with pytest.raises(ValueError):
        RatioOfMeans(*arguments)


def test_a_constant_target_has_no_r2():
    with pytest.raises(ValueError):
        r2_ratio(np.ones(5), np.arange(5.0))
    with pytest.raises(ValueError):
        RatioOfMeans.from_sums(1, 1, 1, 1, 1, 1)


@pytest.mark.parametrize("level", [0, 0.95, math.nan])
def test_levels_outside_0_to_one_half_are_refused(level):
    with pytest.raises(ValueError):
        ratio(*map(abs, rows())).lower(level)


@pytest.mark.slow
def test_wape_is_missed_by_about_the_level():
    rng = np.random.default_rng(2)
    y, e = rng.normal(100, 20, (3000, 100)), rng.normal(0, 15, (3000, 100))
    true = 15 * math.sqrt(2 / math.pi) / 100
    found = [ratio(abs(row), b) for row, b in zip(e, y)]
    assert np.mean([one.lower(0.05) > true for one in found]) < 0.065
    assert np.mean([one.upper(0.05) < true for one in found]) < 0.065
