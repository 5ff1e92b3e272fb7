"""Recalibration: against scipy's optimizer, published formulas and what has no value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit, ndtri

from mlgate.stats.reliability import calibration_intercept, calibration_slope


def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = expit(rng.normal(-1, rng.choice([0.3, 1, 4]), n))
    return score, (rng.random(n) < expit(0.5 * logit(score) - 0.3)).astype(int)


def loss(beta: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    eta = beta[0] + beta[1] * x
    return float((np.logaddexp(0, eta) - y * eta).sum())


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("n", [60, 300])
def test_coefficients_are_those_of_an_optimizer(seed, n):
    score, y = draw(seed, n)
    x = logit(score)
    found = minimize(loss, [0, 0], (x, y), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert calibration_slope(score, y, 1 - y).value == pytest.approx(found.x[1], abs=1e-5)
    alone = minimize(lambda a: loss(np.array([a[0], 1]), x, y), [0.0], method="Nelder-Mead", options={"xatol": 1e-9})
    assert calibration_intercept(score, y, 1 - y).value == pytest.approx(alone.x[0], abs=1e-4)


def test_rows_of_one_score_count_as_often_as_they_are_there():
    score, y = draw(3, 200)
    score = np.round(score, 1).clip(0.05, 0.95)
    values, at = np.unique(score, return_inverse=True)
    together = values, np.bincount(at, y), np.bincount(at, 1 - y)
    for fit in (calibration_slope, calibration_intercept):
        one, other = fit(*together), fit(score, y, 1 - y)
        assert (one.value, one.standard_error) == pytest.approx((other.value, other.standard_error), rel=1e-9)


def test_the_standard_error_is_the_larger_of_the_two_of_the_textbook():
    score, y = draw(4, 250)
    x, slope = logit(score), calibration_slope(score, y, 1 - y).value
    shift = minimize(lambda a: loss(np.array([a[0], slope]), x, y), [0.0], method="Nelder-Mead").x[0]
    design, rate = np.stack([np.ones_like(x), x]), expit(shift + slope * x)
    inverse = np.linalg.inv(design * rate * (1 - rate) @ design.T)
    robust = inverse @ (design * (y - rate) ** 2 @ design.T) @ inverse
    expected = math.sqrt(max(inverse[1, 1], robust[1, 1]))
    found = calibration_slope(score, y, 1 - y)
    assert found.standard_error == pytest.approx(expected, rel=1e-4)
    assert found.upper(0.05) == pytest.approx(slope + ndtri(0.95) * expected, rel=1e-4)
    assert found.lower(0.05) + found.upper(0.05) == pytest.approx(2 * slope)


def test_the_intercept_of_one_score_is_a_difference_of_log_odds():
    found = calibration_intercept([0.2], [30], [70])
    assert found.value == pytest.approx(logit(0.3) - logit(0.2), rel=1e-12)
    assert found.standard_error == pytest.approx(1 / math.sqrt(21), rel=1e-12)


@pytest.mark.parametrize(
    ("positives", "negatives"),
    [((0, 0, 2, 1), (1, 3, 0, 0)), ((1, 3, 0, 0), (0, 0, 2, 1)), ((0, 1, 2, 1), (1, 3, 0, 0))],
    ids=["parted", "parted the wrong way", "parted but for one score"],
)
def test_a_slope_of_classes_that_a_score_parts_has_no_value(positives, negatives):
    with pytest.raises(ValueError, match="separates all positives"):
        calibration_slope((0.1, 0.2, 0.3, 0.4), positives, negatives)
    assert math.isfinite(calibration_intercept((0.1, 0.2, 0.3, 0.4), positives, negatives).value)


def test_a_constant_score_has_no_slope():
    with pytest.raises(ValueError, match="separates all positives"):
        calibration_slope([0.5], [3], [4])


def test_scores_far_apart_still_converge():
    score = np.array([1e-15, 1e-9, 0.5, 1 - 1e-9, 1 - 1e-15])
    found = calibration_slope(score, [1, 0, 5, 999, 1000], [1000, 999, 5, 1, 1])
    assert 0 < found.value < 1


@pytest.mark.parametrize(
    ("scores", "positives", "negatives", "said"),
    [
        ([0.0, 0.5], [1, 1], [1, 1], "above 0"),
        ([0.5, 1.0], [1, 1], [1, 1], "below 1"),
        ([0.5, math.nan], [1, 1], [1, 1], "above 0"),
        ([0.5], [1, 1], [1, 1], "equal length"),
        ([0.5], [-1], [1], "counts"),
        ([0.5], [0], [1], "no rows"),
    ],
)
def test_what_is_no_probability_or_count_is_refused(scores, positives, negatives, said):
    for fit in (calibration_slope, calibration_intercept):
        with pytest.raises(ValueError, match=said):
            fit(scores, positives, negatives)
