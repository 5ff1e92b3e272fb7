"""Bounds of functions of sums: against the delta method by hand, other code of ours, and simulation of the guard."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mlgate.stats.cells import LOGIT, PLAIN, guarded_bounds
from mlgate.stats.functions import bounds_of_sums, with_rows
from scipy.special import ndtri


def sums(values: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    moved = values - values.mean(axis=0)
    return len(values), values.sum(axis=0), moved.T @ moved


def ratio(totals: np.ndarray) -> np.ndarray:
    return totals[:, 0] / totals[:, 1]


def draw(seed: int, n: int = 200) -> np.ndarray:
    rng = np.random.default_rng(seed)
    of = rng.integers(1, 5, n)
    return np.stack([rng.binomial(of, 0.7), of], axis=1).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_a_ratio_has_the_textbooks_standard_error(seed):
    values = draw(seed)
    n, value = len(values), values[:, 0].sum() / values[:, 1].sum()
    error = np.std(values[:, 0] - value * values[:, 1], ddof=1) / math.sqrt(n) / values[:, 1].mean()
    found = bounds_of_sums(*sums(values), ratio, PLAIN, [], [])
    assert found.value == pytest.approx(value)
    assert found.lower(0.05) == pytest.approx(value - ndtri(0.95) * error, rel=1e-6)
    logit = error / value / (1 - value)
    upper = bounds_of_sums(*sums(values), ratio, LOGIT, [], []).upper(0.05)
    assert upper == pytest.approx(1 / (1 + math.exp(-(math.log(value / (1 - value)) + ndtri(0.95) * logit))), rel=1e-6)


def test_parts_of_a_row_are_added_as_rows_are():
    values, more = draw(1, 30), np.array([[0.0, 3.0], [2.0, 2.0]])
    rows, totals, products = with_rows(*sums(values), [(1.0, row) for row in more])
    n, expected, centred = sums(np.concatenate([values, more]))
    assert rows == n
    assert totals == pytest.approx(expected)
    assert products == pytest.approx(centred)


def test_counts_of_cells_give_the_bounds_that_they_give_as_counts():
    cells = np.array([40, 7, 9, 60])
    values = np.repeat(np.eye(4), cells, axis=0)

    def f1(totals: np.ndarray) -> np.ndarray:
        return 2 * totals[:, 0] / (2 * totals[:, 0] + totals[:, 1] + totals[:, 2])

    worse, better = [0, 0.5, 0.5, 0], [0.5, 0, 0, 0]
    expected = guarded_bounds(cells, f1, LOGIT, worse, better)
    eye = np.eye(4)
    found = bounds_of_sums(*sums(values), f1, LOGIT, [(0.5, eye[1]), (0.5, eye[2])], [(0.5, eye[0])])
    assert found.lower(0.05) == pytest.approx(expected.lower(0.05), abs=1e-3)
    assert found.upper(0.05) == pytest.approx(expected.upper(0.05), abs=1e-3)


def test_perfect_rows_have_a_lower_bound_by_the_guard_and_no_upper_one():
    values = np.ones((20, 2))
    found = bounds_of_sums(*sums(values), ratio, LOGIT, [(0.5, np.array([0.0, 1.0]))], [(0.5, np.array([1.0, 1.0]))])
    assert found.value == 1
    assert 0.5 < found.lower(0.05) < 0.05 ** (1 / 20)
    assert found.upper(0.05) is None


def test_a_ratio_of_nothing_has_no_bounds():
    with np.errstate(invalid="ignore"):
        found = bounds_of_sums(*sums(np.zeros((5, 2))), ratio, LOGIT, [], [])
    assert (found.lower(0.05), found.upper(0.05)) == (None, None)
