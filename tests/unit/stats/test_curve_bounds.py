"""Bounds of values of a ranking, against resampled rows, Clopper-Pearson, MOVER by hand and simulation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.metrics import average_precision_score

from mlgate.stats import curve_bounds
from mlgate.stats.curve_bounds import (
    average_precision_bounds,
    ks_bounds,
    lift_at_k_bounds,
    precision_at_k_bounds,
    recall_at_k_bounds,
)
from mlgate.stats.curves import average_precision, ks_statistic, recall_at_k
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper


def ranking(seed: int, positives: int, negatives: int, shift: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = np.concatenate([rng.normal(shift, 1, positives), rng.normal(0, 1, negatives)])
    label = np.repeat([1, 0], [positives, negatives])[np.argsort(-scores)]
    return label, 1 - label


@pytest.mark.slow
def test_the_error_of_average_precision_is_that_of_resampled_rows():
    positive, negative = ranking(0, 80, 220)
    rng, scores = np.random.default_rng(1), -np.arange(300.0)
    logits = []
    for _ in range(600):
        rows = rng.integers(0, 300, 300)
        value = average_precision_score(positive[rows], scores[rows])
        logits.append(math.log(value / (1 - value)))
    bounds = average_precision_bounds(positive, negative)
    assert bounds.standard_error == pytest.approx(np.std(logits), rel=0.1)
    value = average_precision(positive, negative)
    assert bounds.bias > 0
    step = student.isf(0.05, 79) * bounds.standard_error
    low, high = (math.log(value / (1 - value)) + move for move in (-step - bounds.bias, step))
    assert bounds.lower(0.05) == pytest.approx(1 / (1 + math.exp(-low)))
    assert bounds.upper(0.05) == pytest.approx(1 / (1 + math.exp(-high)))


def test_recall_of_a_perfect_cut_varies_as_a_binomial_does():
    # With k at a cut between two scores far apart, recall is a share of the positives.
    bounds = recall_at_k_bounds([300, 100], [100, 9500], 400)
    assert bounds.value == 0.75
    assert 0.02 < bounds.standard_error * 0.75 * 0.25 < 0.025  # sqrt(.75 * .25 / 400) = .0217


def test_lift_is_recall_times_rows_over_k():
    positive, negative = ranking(2, 50, 450)
    recall, lift = (f(positive, negative, 0.1) for f in (recall_at_k_bounds, lift_at_k_bounds))
    assert recall.value == float(recall_at_k(positive, negative, 0.1))
    assert lift.lower(0.05) == pytest.approx(10 * recall.lower(0.05))
    assert lift.upper(0.05) == pytest.approx(10 * recall.upper(0.05))


def test_precision_has_the_wider_of_two_bounds_with_expected_hits_rounded_outward():
    bounds = precision_at_k_bounds([7, 3], [1, 14], 10)
    assert bounds.hits == 7 + Fraction(6, 17)
    resampled = bounds.resampled
    assert bounds.lower(0.05) == min(clopper_pearson_lower(7, 10, 0.05), resampled.lower(0.05))
    assert bounds.upper(0.05) == max(clopper_pearson_upper(8, 10, 0.05), resampled.upper(0.05))


def test_the_error_of_precision_knows_that_the_cut_varies():
    # A cut that moves down among rows without hits dilutes: p(1-p) + (p - p_cut)^2 (1 - k/n) a row.
    bounds = precision_at_k_bounds([480, 0], [120, 5400], 600)
    error = bounds.resampled.standard_error * 0.8 * 0.2
    assert math.sqrt(0.8 * 0.2 / 600) * 1.2 < error < math.sqrt((0.8 * 0.2 + 0.8**2 * 0.9) / 600) * 1.1


def test_where_no_or_all_rows_hit_precision_has_clopper_pearsons_bounds():
    bounds = precision_at_k_bounds([12, 3], [0, 14], 10)
    assert bounds.lower(0.05) == clopper_pearson_lower(10, 10, 0.05)
    assert bounds.upper(0.05) == 1
    assert precision_at_k_bounds([0, 15], [12, 3], 10).lower(0.05) == 0
    assert precision_at_k_bounds([4, 3], [3, 3], 5).lower(0.05) is None


def test_ks_is_bounded_below_by_shares_of_the_rows_that_did_not_choose():
    half = [20, 10, 5], [5, 10, 20]
    whole = [38, 22, 11], [11, 19, 41]
    bounds = ks_bounds(*whole, *half)
    assert (bounds.caught, bounds.positives, bounds.alarms, bounds.negatives) == (18, 36, 6, 36)
    less = 18 / 36 - clopper_pearson_lower(18, 36, 0.05)
    more = clopper_pearson_upper(6, 36, 0.05) - 6 / 36
    assert bounds.lower(0.05) == pytest.approx(12 / 36 - math.hypot(less, more))
    assert bounds.upper(0.05) > ks_statistic(*whole)


def test_a_ranking_that_is_worse_than_chance_has_its_ks_from_the_other_side():
    bounds = ks_bounds([11, 22, 38], [41, 19, 11], [5, 10, 20], [20, 10, 5])
    # The half's distance is greatest after the first score, so the test counts the rows below it.
    assert (bounds.caught, bounds.positives, bounds.alarms, bounds.negatives) == (30, 36, 15, 36)


def test_a_half_without_a_class_gives_no_lower_bound():
    whole = [38, 22], [11, 19]
    assert ks_bounds(*whole, [0, 0], [5, 5]).lower(0.05) is None
    assert ks_bounds(*whole, *whole).lower(0.05) is None
    with pytest.raises(ValueError):
        ks_bounds(*whole, [39, 0], [0, 0])


@pytest.mark.parametrize("cells", [([9, 9], [0, 0]), ([5, 4], [20, 20])])
def test_single_class_and_small_rankings_have_no_bootstrap_bound(cells):
    bounds = average_precision_bounds(*cells)
    assert (bounds.lower(0.05), bounds.upper(0.05)) == (None, None)


def test_bounds_are_the_same_each_time_and_do_not_depend_on_empty_bins():
    positive, negative = ranking(3, 40, 160)
    once = average_precision_bounds(positive, negative, seed=7)
    assert once == average_precision_bounds(positive, negative, seed=7)
    padded = [np.insert(counts, [0, 50], 0) for counts in (positive, negative)]
    again = average_precision_bounds(*padded, seed=7)
    assert again.value == pytest.approx(once.value, rel=1e-12)
    assert again.standard_error == once.standard_error


def test_collapsing_many_bins_keeps_value_and_error(monkeypatch):
    positive, negative = ranking(4, 600, 2400)
    monkeypatch.setattr(curve_bounds, "REPLICATES", 500)
    coarse = average_precision_bounds(positive, negative)
    monkeypatch.setattr(curve_bounds, "MOST_BINS", 10**6)
    fine = average_precision_bounds(positive, negative)
    assert coarse.value == fine.value
    assert coarse.standard_error == pytest.approx(fine.standard_error, rel=0.12)


@pytest.mark.parametrize("level", [0, 0.95, math.nan])
def test_levels_outside_0_to_one_half_are_refused(level):
    for bounds in (
        average_precision_bounds([30, 10], [10, 40]),
        precision_at_k_bounds([30, 10], [10, 40], 5),
        ks_bounds([30, 10], [10, 40], [15, 5], [5, 20]),
    ):
        with pytest.raises(ValueError):
            bounds.lower(level)
        with pytest.raises(ValueError):
            bounds.upper(level)


@pytest.mark.slow
def test_misses_are_rare_with_random_prevalence(monkeypatch):
    monkeypatch.setattr(curve_bounds, "REPLICATES", 100)
    rng = np.random.default_rng(5)
    true_ks = 0.5467  # 2 * Phi(1.5 / 2) - 1
    wide = ranking(99, 200_000, 800_000)
    true_ap, true_lift = average_precision(*wide), float(recall_at_k(*wide, 0.1)) * 10
    runs, n = 150, 300
    misses = np.zeros(5)
    for seed in range(runs):
        m = rng.binomial(n, 0.2)
        positive, negative = ranking(seed, m, n - m)
        half = rng.random(n) < 0.5
        ap = average_precision_bounds(positive, negative)
        lift = lift_at_k_bounds(positive, negative, 0.1)
        ks = ks_bounds(positive, negative, positive * half, negative * half)
        misses += [ap.lower(0.05) > true_ap, ap.upper(0.05) < true_ap, lift.lower(0.05) > true_lift, 0, 0]
        misses += [0, 0, 0, ks.lower(0.05) > true_ks, ks.upper(0.05) < true_ks]
    assert (misses / runs < 0.11).all()
