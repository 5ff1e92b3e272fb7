"""Bounds at the end of a range hold for what a sample may have missed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mlgate.stats.curve_bounds import average_precision_bounds, ks_bounds, lift_at_k_bounds, recall_at_k_bounds
from mlgate.stats.range_ends import PerfectRanking, PerfectSkill
from mlgate.stats.share import clopper_pearson_upper, missed_share

ALPHA = 0.05


def seldom(rows: int) -> float:
    """The largest share of rows of which a sample has none in at least 5 of 100 samples."""
    return float(1 - ALPHA ** (1 / rows))


def test_a_share_that_a_sample_misses_too_often_is_excluded() -> None:
    assert missed_share(500, ALPHA) == pytest.approx(seldom(500)) == clopper_pearson_upper(0, 500, ALPHA)
    assert missed_share(1, ALPHA) == pytest.approx(0.95)


@pytest.mark.parametrize(("positives", "negatives"), [(250, 250), (10, 490), (1000, 1000), (40, 8)])
def test_a_perfect_ranking_is_bounded_by_the_worst_population_that_looks_perfect(
    positives: int, negatives: int
) -> None:
    """A share of the negatives ranks first and a share of the positives last, and 5 % of samples see neither."""
    prevalence = positives / (positives + negatives)
    lower = PerfectRanking(positives, negatives).lower(ALPHA)
    for of_positives in (0.0, 0.3, 0.7, 1.0):
        last = float(1 - ALPHA ** (of_positives / positives))
        first = float(1 - ALPHA ** ((1 - of_positives) / negatives))
        recall = (np.arange(200_000) + 0.5) / 200_000 * (1 - last)
        precision = prevalence * recall / (prevalence * recall + (1 - prevalence) * first)
        assert lower <= precision.mean() * (1 - last) + last * prevalence


def test_a_perfect_ranking_of_500_rows_is_shown_to_be_good() -> None:
    bounds = average_precision_bounds([1] * 250 + [0] * 250, [0] * 250 + [1] * 250)
    assert 0.88 < (bounds.lower(ALPHA) or 0) < 0.95
    assert bounds.upper(ALPHA) == 1
    assert bounds.lower(0.001) < bounds.lower(0.05)  # type: ignore[operator]


def test_a_perfect_ranking_of_few_rows_shows_little() -> None:
    assert PerfectRanking(1, 1).lower(ALPHA) < 0.01


@pytest.mark.parametrize(("positives", "rows"), [(250, 500), (10, 500), (990, 1000)])
def test_a_perfect_skill_is_bounded_by_the_worst_population_that_looks_perfect(positives: int, rows: int) -> None:
    """Every row of the share that was missed has the error 1."""
    prevalence = positives / rows
    lower = PerfectSkill(positives, rows).lower(ALPHA)
    assert lower <= 1 - seldom(rows) / (prevalence * (1 - prevalence))
    assert PerfectSkill(positives, rows).upper(ALPHA) == 1


def test_ks_of_separate_classes_reaches_the_end_of_its_range() -> None:
    bounds = ks_bounds([50, 0], [0, 50], [25, 0], [0, 25])
    assert bounds.upper(ALPHA) == 1


def test_a_recall_of_every_positive_is_bounded_on_both_sides() -> None:
    bounds = recall_at_k_bounds([1] * 40 + [0] * 960, [0] * 40 + [1] * 960, Fraction(1, 10))
    assert bounds.lower(ALPHA) == pytest.approx((ALPHA / 2) ** (1 / 40))
    assert bounds.upper(ALPHA) == 1


def test_a_recall_of_no_positive_is_bounded_on_both_sides() -> None:
    bounds = recall_at_k_bounds([0] * 960 + [1] * 40, [1] * 960 + [0] * 40, Fraction(1, 10))
    assert bounds.lower(ALPHA) == 0
    assert bounds.upper(ALPHA) == pytest.approx(1 - (ALPHA / 2) ** (1 / 40))


def test_a_lift_is_that_of_the_recall() -> None:
    ranking = [1] * 40 + [0] * 960, [0] * 40 + [1] * 960
    lift, recall = lift_at_k_bounds(*ranking, Fraction(1, 10)), recall_at_k_bounds(*ranking, Fraction(1, 10))
    assert lift.lower(ALPHA) == pytest.approx(10 * (recall.lower(ALPHA) or 0))
    assert lift.upper(ALPHA) == pytest.approx(10)


def test_positives_that_just_fit_are_not_shown_to_be_all_of_them() -> None:
    """The cut of the population may be a little higher than the sample's, and then many of them are below it."""
    bounds = recall_at_k_bounds([1] * 100 + [0] * 900, [0] * 100 + [1] * 900, 100)
    assert (bounds.lower(ALPHA) or 0) < 0.9


def test_a_cut_below_all_rows_leaves_nothing_out() -> None:
    bounds = recall_at_k_bounds([1, 0, 1], [0, 1, 0], 3)
    assert bounds.lower(ALPHA) == pytest.approx((ALPHA / 2) ** (1 / 2))


@pytest.mark.slow
@pytest.mark.parametrize(("prevalence", "share", "beyond"), [(0.05, 0.1, 0.04), (0.09, 0.1, 0.02), (0.2, 0.21, 0.01)])
@pytest.mark.parametrize("best", [True, False])
def test_a_recall_of_all_or_none_misses_seldom(prevalence: float, share: float, beyond: float, best: bool) -> None:
    """A share `beyond` of the positives ranks at the other end."""
    random, misses, runs, rows = np.random.default_rng(1), 0, 2000, 300
    # For the best recall the positives and the negatives among them fill the share but for half of what is left of it.
    low, high = (1 - (share - prevalence) / (1 - prevalence) / 2, 1.0) if best else (0.0, 1 - 2 * share)
    truth, judged = _recall(prevalence, share, beyond, low, high, best), 0
    for _ in range(runs):
        positive = random.random(rows) < prevalence
        away = random.random(rows) < beyond
        score = random.random(rows)
        score[positive] = low + (high - low) * score[positive] if best else score[positive] * high
        score[positive & away] = 0.0 if best else 2.0
        order = np.argsort(-score)
        ranked = positive[order].astype(int)
        if not ranked.any() or ranked[: -(-int(share * rows) // 1)].sum() not in (0, ranked.sum()):
            continue
        judged += 1
        bounds = recall_at_k_bounds(ranked, 1 - ranked, Fraction(share).limit_denominator(1000))
        misses += not (bounds.lower(ALPHA) or 0) <= truth if best else not truth <= (bounds.upper(ALPHA) or 1)
    assert misses <= 0.05 * runs
    assert judged > 0.05 * runs


def _recall(prevalence: float, share: float, beyond: float, low: float, high: float, best: bool) -> float:
    """The recall of the population, on a fine grid of its scores."""
    size = 400_000
    grid = (np.arange(size) + 0.5) / size
    positives = np.where(grid < beyond, 0.0 if best else 2.0, low + (high - low) * grid)
    scores = np.concatenate([positives, grid])
    weights = np.concatenate([np.full(size, prevalence / size), np.full(size, (1 - prevalence) / size)])
    order = np.argsort(-scores, kind="stable")
    inside = np.cumsum(weights[order]) <= share
    return float((weights[order] * inside * (order < size)).sum() / prevalence)
