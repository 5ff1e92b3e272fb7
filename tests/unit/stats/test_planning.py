"""Rows that would settle a demand: against brute force over every number of rows."""

import time

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.matched import MatchedShares
from mlgate.stats.planning import (
    MOST_ROWS,
    rows_for_paired,
    rows_for_share,
    rows_per_group,
    smallest_drop,
)
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.stats.widths import rows_by_width


def chances_to_show(truth: float, bound: float, alpha: float, most: int) -> np.ndarray:
    """P(Clopper-Pearson lower bound >= bound) for n = 1 .. most, from the definition of the test."""
    n = np.arange(1, most + 1)
    needed = stats.binom.isf(alpha, n, bound) + 1  # smallest k with P(X >= k) <= alpha
    return stats.binom.sf(needed - 1, n, truth)


def test_published_example():
    assert rows_for_share(0.92, 0.9, 0.05, 0.9) == 1845
    assert clopper_pearson_lower(1605, 1760, 0.05) >= 0.9 > clopper_pearson_lower(1604, 1760, 0.05)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.05 / 12])
@pytest.mark.parametrize(
    ("truth", "bound"),
    [
        (0.92, 0.9),
        (0.75, 0.6),
        (0.5, 0.4),
        (0.99, 0.95),
        (0.02, 0.01),
        (1.0, 0.9),
        (0.6, 0.1),
        (0.51, 0.5 - 0.06),
    ],
)
def test_is_brute_force(truth, bound, alpha, power):
    stable = rows_for_share(truth, bound, alpha, power)
    assert stable is not None
    chances = chances_to_show(truth, bound, alpha, 2 * stable + 50)
    short = np.flatnonzero(chances < power)
    assert stable == (short[-1] + 2 if short.size else 1)


def test_at_most_is_the_mirror():
    assert rows_for_share(0.08, 0.1, 0.05, 0.9, side="at_most") == 1845
    n, k = 400, np.arange(401)
    shown = np.array([clopper_pearson_upper(int(i), n, 0.05) <= 0.1 for i in k])
    power = stats.binom.pmf(k, n, 0.06)[shown].sum()
    assert rows_for_share(0.06, 0.1, 0.05, power + 0.03, side="at_most") > n


@pytest.mark.parametrize(
    ("truth", "bound", "side"), [(0.9, 0.9, "at_least"), (0.8, 0.9, "at_least"), (0.2, 0.1, "at_most")]
)
def test_no_number_shows_what_is_not_true(truth, bound, side):
    assert rows_for_share(truth, bound, 0.05, side=side) is None


def test_a_bound_of_nothing_needs_one_row():
    assert rows_for_share(0.3, 0.0, 0.05) == 1


def test_close_calls_are_fast_rounded_up_or_none():
    begun = time.perf_counter()
    rows = rows_for_share(0.5003, 0.5, 0.05)
    assert time.perf_counter() - begun < 0.5
    assert rows is not None
    assert rows == pytest.approx((1.6449 + 0.8416) ** 2 * 0.25 / 0.0003**2, rel=0.002)
    assert rows_for_share(0.50001, 0.5, 0.05) is None
    assert rows < MOST_ROWS


def test_width_scales_to_the_proportion_formula():
    value, n, alpha = 0.8, 500, 0.05
    lower = value - stats.norm.isf(alpha) * np.sqrt(value * (1 - value) / n)
    rows = rows_by_width(n, value, lower, 0.78, alpha, 0.8)
    expected = (stats.norm.isf(alpha) + stats.norm.isf(0.2)) ** 2 * value * (1 - value) / 0.02**2
    assert rows == np.ceil(expected)
    mirrored = rows_by_width(n, -value, -lower, -0.78, alpha, 0.8)
    assert mirrored == rows


@pytest.mark.parametrize("bound_now", [None, float("nan"), float("inf"), 0.8, 0.85])
def test_no_width_no_rows(bound_now):
    assert rows_by_width(100, 0.8, bound_now, 0.75, 0.05) is None


def test_wrong_side_or_out_of_reach_has_no_rows():
    assert rows_by_width(100, 0.8, 0.7, 0.8, 0.05) is None
    assert rows_by_width(100, 0.8, 0.7, 0.82, 0.05) is None
    assert rows_by_width(100, 0.8, 0.7, 0.8 - 1e-9, 0.05) is None
    assert rows_by_width(100, 0.8, 0.7, 0.6, 0.5) is None


@pytest.mark.parametrize(
    "question",
    [(1.2, 0.9, 0.05), (0.9, -0.1, 0.05), (float("nan"), 0.9, 0.05), (0.9, 0.8, 0.95), (0.9, 0.8, 0.05, 1.0)],
)
def test_nonsense_is_refused(question):
    with pytest.raises(ValueError, match=r"shares|level|power"):
        rows_for_share(*question)


def test_nonsense_width_is_refused():
    with pytest.raises(ValueError, match="rows"):
        rows_by_width(0, 0.8, 0.7, 0.75, 0.05)
    with pytest.raises(ValueError, match="side"):
        rows_for_share(0.9, 0.8, 0.05, side="above")


@pytest.mark.parametrize(("margin", "rows"), [(0.005, 598), (0.01, 299), (0.02, 149), (0.05, 59)])
def test_models_that_agree_on_every_row_need_the_rows_that_bound_no_discordant_row(margin, rows):
    """The rule of three: without a discordant row, the exact bound of their share is at most the margin."""
    assert rows_for_paired(0.0, 0.0, 0.05, margin) == rows
    assert 1 - 0.05 ** (1 / rows) <= margin < 1 - 0.05 ** (1 / (rows - 1))


@pytest.mark.parametrize("margin", [0.0, 0.005, 0.01, 0.05])
@pytest.mark.parametrize("discordant", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("part", [-0.4, 0.0, 0.5, 1.0])
def test_paired_rows_have_their_power(margin, discordant, part):
    """Whatever is drawn of so many rows, the rule's own bound decides, with the power that was asked for."""
    difference = part * (discordant if part > 0 else min(margin, discordant))
    rows = rows_for_paired(difference, discordant, 0.05, margin)
    if difference + margin <= 0:
        assert rows is None
        return
    shares = [(discordant + difference) / 2, (discordant - difference) / 2, 1 - discordant]
    for count in (rows, round(1.1 * rows)):
        assert chance_to_show(count, shares, -margin) >= 0.77
    if rows > 50 and part < 1:  # a tenth as many are not enough
        assert chance_to_show(rows // 10, shares, -margin) < 0.5


def chance_to_show(rows, shares, least, draws=500):
    """The part of random samples whose lower bound is at least `least`."""
    drawn = np.random.default_rng(1).multinomial(rows, shares, draws)
    found, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    shown = [MatchedShares(rows, *map(float, counts)).shows(least, 0.05) for counts in found]
    return times[shown].sum() / draws


def test_paired_rows_are_those_of_connor_where_discordant_rows_are_many():
    """Connor 1987, a normal approximation: 3,090, 3,092 and 463,692 rows."""
    assert 3090 < rows_for_paired(0.01, 0.05, 0.05) < 1.2 * 3090
    assert 3092 < rows_for_paired(0.0, 0.05, 0.05, margin=0.01) < 1.2 * 3092
    assert rows_for_paired(0.0, 0.3, 0.05, margin=0.002) == pytest.approx(463_692, rel=0.02)


def test_no_paired_rows_show_what_is_not_true_or_too_near():
    assert rows_for_paired(0.0, 0.05, 0.05) is None
    assert rows_for_paired(-0.02, 0.05, 0.05, margin=0.01) is None
    assert rows_for_paired(1e-7, 0.5, 0.05) is None


@pytest.mark.parametrize(("groups", "published"), [(2, 450), (4, 675), (6, 775), (10, 925), (20, 1125)])
def test_rows_per_group_as_published(groups, published):
    """Published in steps of 25 from simulation."""
    assert rows_per_group([0.5] * groups, 0.1, 0.05) == pytest.approx(published, abs=25)


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5, 0.5), (0.7, 0.72, 0.75), (0.9, 0.95)])
def test_rows_per_group_have_their_power(shares):
    n = rows_per_group(shares, 0.1, 0.05)
    observed = np.random.default_rng(2).binomial(n, shares, (4000, len(shares)))
    low = np.array([clopper_pearson_lower(k, n, 0.05) for k in range(n + 1)])
    high = np.array([clopper_pearson_upper(k, n, 0.05) for k in range(n + 1)])
    best, worst = observed.max(axis=1), observed.min(axis=1)
    reach = np.hypot(high[best] - best / n, worst / n - low[worst])
    assert 0.77 <= np.mean((best - worst) / n + reach <= 0.1) <= 0.87


def test_no_rows_show_a_gap_that_is_there():
    assert rows_per_group([0.5, 0.6], 0.1, 0.05) is None


@pytest.mark.parametrize(("share", "n"), [(0.9, 500), (0.5, 60), (0.99, 2000)])
def test_smallest_drop_is_where_the_power_begins(share, n):
    drop = smallest_drop(share, n, 0.05)
    refuting = np.flatnonzero([clopper_pearson_upper(k, n, 0.05) <= share for k in range(n + 1)]).max()
    assert stats.binom.cdf(refuting, n, share - drop) == pytest.approx(0.8, abs=1e-6)


def test_no_drop_is_refuted_by_too_few_rows():
    assert smallest_drop(0.3, 5, 0.05) is None
    assert smallest_drop(0.0, 500, 0.05) is None


@pytest.mark.parametrize(
    "refused",
    [
        lambda: rows_for_paired(0.1, 0.05, 0.05),
        lambda: rows_for_paired(0.01, 0.05, 0.95),
        lambda: rows_per_group([0.5], 0.1, 0.05),
        lambda: rows_per_group([0.5, 0.5], 0.0, 0.05),
        lambda: smallest_drop(0.9, 0, 0.05),
        lambda: smallest_drop(1.9, 10, 0.05),
    ],
)
def test_nonsense_plans_are_refused(refused):
    with pytest.raises(ValueError, match=r"discordant|level|shares|rows"):
        refused()
