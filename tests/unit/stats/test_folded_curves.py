"""The jackknife of folds: against the textbook's one of equal groups, and rankings put together from folds."""

from math import log, sqrt

import numpy as np
import pytest

from mlgate.stats.curves import average_precision
from mlgate.stats.folded_curves import LEAST_FOLDS, Folded, group_jackknife

LEVEL = 0.05


def folds_of(fold, positive, score):
    found = []
    for at in np.unique(fold):
        own = fold == at
        scores = np.unique(score[own])[::-1]
        counts = [[int((own & (score == s) & side).sum()) for s in scores] for side in (positive, ~positive)]
        found.append((scores, *counts))
    return found


def sample(rng, n=400, folds=20):
    positive = rng.random(n) < 0.4
    return rng.integers(0, folds, n), positive, (rng.normal(size=n) + positive).round(1)


def test_equal_groups_have_the_textbooks_variance():
    left = np.random.default_rng(1).normal(0.3, 0.05, 12)
    expected = sqrt(11 / 12 * ((left - left.mean()) ** 2).sum())
    assert group_jackknife(0.3, left.tolist(), [1 / 12] * 12) == pytest.approx(expected)


def test_a_mean_of_unequal_groups_has_the_variance_of_their_means():
    rng = np.random.default_rng(2)
    sizes = rng.integers(20, 60, 40)
    groups = [rng.normal(size=size) for size in sizes]
    rows = np.concatenate(groups)
    left = [(rows.sum() - each.sum()) / (len(rows) - len(each)) for each in groups]
    found = group_jackknife(rows.mean(), left, (sizes / len(rows)).tolist())
    assert found == pytest.approx(1 / sqrt(len(rows)), rel=0.25)


def test_folds_together_are_the_whole_ranking():
    fold, positive, score = sample(np.random.default_rng(3))
    folded = Folded.of(folds_of(fold, positive, score))
    ((_, *whole),) = folds_of(np.zeros(len(fold)), positive, score)
    assert folded.positives.sum(axis=0).tolist() == whole[0]
    assert folded.negatives.sum(axis=0).tolist() == whole[1]


def test_bounds_are_those_of_leaving_out_folds():
    fold, positive, score = sample(np.random.default_rng(4))
    found = Folded.of(folds_of(fold, positive, score)).bounds(average_precision, 300)

    def value(chosen):
        ((_, *whole),) = folds_of(np.zeros(chosen.sum()), positive[chosen], score[chosen])
        return average_precision(*whole)

    values = [value(fold != at) for at in range(20)]
    shares = [float((fold == at).mean()) for at in range(20)]
    whole = value(fold >= 0)
    error = group_jackknife(log(whole / (1 - whole)), [log(v / (1 - v)) for v in values], shares)
    assert (found.value, found.standard_error, found.degrees) == (whole, pytest.approx(error), 19)
    assert found.lower(LEVEL) < whole < found.upper(LEVEL)
    assert Folded.of(folds_of(fold, positive, score)).bounds(average_precision, 12).degrees == 11


def test_few_folds_and_perfect_rankings_have_no_bounds():
    fold, positive, score = sample(np.random.default_rng(5), folds=LEAST_FOLDS - 1)
    assert Folded.of(folds_of(fold, positive, score)).bounds(average_precision, 300) is None
    perfect = folds_of(np.arange(400) % 20, positive, positive * 1.0)
    assert Folded.of(perfect).bounds(average_precision, 300) is None


@pytest.mark.parametrize("refused", [([0.1], [0.5]), ([0.1, 0.2], [1.0, 0.0]), ([0.1, 0.2], [0.5])])
def test_nonsense_is_refused(refused):
    with pytest.raises(ValueError, match="two groups"):
        group_jackknife(0.1, *refused)
