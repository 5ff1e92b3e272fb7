"""Values of a ranking, against scikit-learn, scipy and a random order of tied rows."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_curve

from mlgate.stats.curves import (
    average_precision,
    hits_at_k,
    ks_statistic,
    lift_at_k,
    precision_at_k,
    recall_at_k,
    rows_at,
)

RANKINGS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12).filter(
    lambda cells: any(p for p, _ in cells) and any(n for _, n in cells)
)


def spread(cells: list[tuple[int, int]]) -> tuple[list[int], list[float]]:
    """Labels and scores of the rows of a ranking."""
    rows = [(label, -float(i)) for i, (p, n) in enumerate(cells) for label in [1] * p + [0] * n]
    return [label for label, _ in rows], [score for _, score in rows]


@given(RANKINGS)
def test_average_precision_is_scikit_learns(cells):
    labels, scores = spread(cells)
    assert average_precision(*zip(*cells)) == pytest.approx(average_precision_score(labels, scores), abs=1e-12)


@given(RANKINGS)
def test_ks_is_the_greatest_distance_on_scikit_learns_roc_curve(cells):
    false_positive_rate, true_positive_rate, _ = roc_curve(*spread(cells), drop_intermediate=False)
    distance = abs(true_positive_rate - false_positive_rate).max()
    assert ks_statistic(*zip(*cells)) == pytest.approx(distance, abs=1e-12)


@given(RANKINGS, st.data())
def test_hits_are_expected_ones_under_a_random_order_of_ties(cells, data):
    total = sum(p + n for p, n in cells)
    k = data.draw(st.integers(1, total))
    left, expected = k, Fraction(0)
    for p, n in cells:
        taken = min(left, p + n)
        expected += Fraction(p * taken, p + n) if taken else 0  # the mean of a hypergeometric draw
        left -= taken
    positives = sum(p for p, _ in cells)
    ranking = tuple(zip(*cells))
    assert hits_at_k(*ranking, k) == expected
    assert precision_at_k(*ranking, k) == expected / k
    assert recall_at_k(*ranking, k) == expected / positives
    assert lift_at_k(*ranking, k) == expected / k / Fraction(positives, total)


def test_the_mean_over_random_orders_is_the_expected_value():
    rng = np.random.default_rng(0)
    labels, scores = (np.array(column) for column in spread([(2, 0), (3, 5), (1, 9)]))
    orders = [np.lexsort((rng.random(20), -scores))[:6] for _ in range(20_000)]
    assert np.mean(labels[np.array(orders)]) == pytest.approx(float(precision_at_k([2, 3, 1], [0, 5, 9], 6)), abs=0.005)


@pytest.mark.parametrize(
    ("k", "rows", "count"),
    [
        (0.1, 200, 20),
        (0.07, 100, 7),
        (0.1, 15, 2),
        (1, 50, 1),
        (50, 50, 50),
        (Fraction(1, 3), 10, 4),
        (0.001, 5, 1),
    ],
)
def test_k_is_a_share_of_rows_or_their_number(k, rows, count):
    assert rows_at(k, rows) == count


@pytest.mark.parametrize("k", [0, -1, 1.5, 51, math.nan, math.inf])
def test_what_is_no_k_is_refused(k):
    with pytest.raises(ValueError):
        rows_at(k, 50)


@pytest.mark.parametrize(
    "ranking",
    [([], []), ([1], [1, 2]), ([-1], [2]), ([0.5], [2]), ([math.nan], [2]), ([[1]], [[2]]), (["1"], ["2"])],
)
def test_what_is_no_ranking_is_refused(ranking):
    for statistic in (average_precision, ks_statistic):
        with pytest.raises(ValueError):
            statistic(*ranking)


def test_missing_classes_have_no_value_where_they_are_divided_by():
    with pytest.raises(ValueError):
        average_precision([0, 0], [1, 2])
    with pytest.raises(ValueError):
        ks_statistic([1, 2], [0, 0])
    with pytest.raises(ValueError):
        recall_at_k([0, 0], [1, 2], 1)
    assert average_precision([1, 2], [0, 0]) == 1
    assert precision_at_k([0, 0], [1, 2], 1) == 0
