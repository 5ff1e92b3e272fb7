"""Weighted shares: against row-by-row formulas, and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.stats.weights import effective_share, kish


def from_rows(weights: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    sums = [float((weights[outcome == y] ** power).sum()) for y in (1, 0) for power in (1, 2)]
    return effective_share(*sums, len(weights))


@given(st.lists(st.tuples(st.floats(0.1, 50), st.booleans()), min_size=2, max_size=60))
def test_is_the_row_by_row_linearisation(rows):
    weights, outcome = np.array([w for w, _ in rows]), np.array([int(y) for _, y in rows])
    p, effective = from_rows(weights, outcome)
    share = np.average(outcome, weights=weights)
    n = len(rows)
    scores = weights * (outcome - share) / weights.sum()  # sum to 0
    variance = n / (n - 1) * (scores**2).sum()
    ceiling = weights.sum() ** 2 / (weights**2).sum()
    expected = min(share * (1 - share) / variance, ceiling) if 0 < share < 1 else ceiling
    assert p == pytest.approx(share)
    assert effective == pytest.approx(expected)


def test_equal_weights_lose_at_most_a_row():
    p, effective = from_rows(np.full(50, 7.0), np.arange(50) < 20)
    assert (p, effective) == (pytest.approx(0.4), pytest.approx(49))
    assert from_rows(np.full(50, 7.0), np.ones(50)) == (1.0, pytest.approx(50))


def test_kish():
    assert kish(8.0, 16.0) == 4.0
    with pytest.raises(ValueError, match="positive"):
        kish(0.0, 0.0)


@pytest.mark.slow
def test_coverage_with_informative_weights():
    rng = np.random.default_rng(11)
    heavy = rng.random((3000, 300)) < 0.3
    weights = np.where(heavy, 4.0, 1.0)
    outcome = rng.random(weights.shape) < np.where(heavy, 0.85, 0.6)
    truth = (0.3 * 4 * 0.85 + 0.7 * 0.6) / (0.3 * 4 + 0.7)
    misses = np.zeros(2)
    for w, y in zip(weights, outcome.astype(int)):
        p, effective = from_rows(w, y)
        misses[0] += clopper_pearson_lower(p * effective, effective, 0.05) > truth
        misses[1] += clopper_pearson_upper(p * effective, effective, 0.05) < truth
    assert (misses / len(weights) <= 0.06).all()


@pytest.mark.parametrize(
    "sums",
    [
        (1, 1, -1, 1, 2),
        (1, float("nan"), 1, 1, 2),
        (0, 0, 0, 0, 3),
        (1, 0, 1, 1, 2),
        (1, 1, 0, 0, 0),
        (1, 1, 1, 1, 1),
        (float("inf"), 1, 1, 1, 2),
    ],
)
def test_nonsense_is_refused(sums):
    with pytest.raises(ValueError, match=r"weights|both zero|two rows"):
        effective_share(*sums)
