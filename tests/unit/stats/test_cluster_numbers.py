"""Means, areas and quantiles of rows in units: against rows that stand alone, and by leaving units out."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from mlgate.stats.clusters import ClusteredShare, UnitSums
from mlgate.stats.means import SampleMean
from mlgate.stats.quantiles import ClusteredQuantile, lower_rank, upper_rank
from mlgate.stats.ranks import BetweenUnits, ClusteredAuc, RocAuc

LEVEL = 0.05


def in_units(unit, *values):
    """Σ over units of products of powers, of the units' sums of some values and their rows."""
    parts = [np.bincount(unit, value) for value in values] + [np.bincount(unit)]
    return {
        powers: Fraction(float(np.prod([part**power for part, power in zip(parts, powers)], axis=0).sum()))
        for powers in product(range(4), repeat=len(parts))
        if 0 < sum(powers) <= 3
    }


def left_out(unit, function, *values):
    """The jackknife's variance of a function of rows, a unit left out at a time."""
    found = np.array([function(*(value[unit != one] for value in values)) for one in np.unique(unit)])
    return (len(found) - 1) / len(found) * ((found - found.mean()) ** 2).sum()


def test_mean_of_units_of_one_row_is_the_mean_of_rows():
    x = np.random.default_rng(1).exponential(1, 50)
    found = SampleMean.from_sums(50, 50, in_units(np.arange(50), x - 1), Fraction(1))
    alone = SampleMean(50, x.mean(), x.var(ddof=1), ((x - x.mean()) ** 3).mean())
    assert (found.lower(LEVEL), found.upper(LEVEL)) == pytest.approx((alone.lower(LEVEL), alone.upper(LEVEL)))


def test_variance_of_a_mean_is_that_of_leaving_out_units():
    rng = np.random.default_rng(2)
    unit = np.repeat(np.arange(200), rng.integers(1, 20, 200))
    x = rng.normal(size=200)[unit] + rng.normal(size=len(unit))
    found = SampleMean.from_sums(200, len(unit), in_units(unit, x), Fraction(0))
    assert found.mean == pytest.approx(x.mean())
    assert found.variance / 200 == pytest.approx(left_out(unit, np.mean, x), rel=0.03)


def auc_of(unit, positive, score):
    low, high = np.sort(score[~positive]), np.sort(score[positive])
    above = np.searchsorted(low, score) + np.searchsorted(low, score, "right")
    below = 2 * len(high) - np.searchsorted(high, score) - np.searchsorted(high, score, "right")
    placed = np.where(positive, above, below)
    m, n, p, q = (
        np.bincount(unit, weight).astype(int) for weight in (positive, ~positive, placed * positive, placed * ~positive)
    )
    products = (m * m, n * n, m * n, p * p, p * m, p * n, q * q, q * n, q * m, p * q)
    s = [int(total) for total in (p.sum(), (placed[positive] ** 2).sum(), q.sum(), (placed[~positive] ** 2).sum())]
    rows = RocAuc(int(m.sum()), int(n.sum()), *s)
    units = (len(m), int((m > 0).sum()), int((n > 0).sum()))
    return ClusteredAuc(rows, BetweenUnits(*units, *(int(each.sum()) for each in products)))


def test_obuchowski_of_units_of_one_row_is_delong():
    rng = np.random.default_rng(5)
    positive = rng.random(120) < 0.4
    found = auc_of(np.arange(120), positive, (rng.normal(size=120) + positive).round(1))
    assert found.variance == pytest.approx(float(found.rows.variance), rel=0.02)
    assert found.design_effect == pytest.approx(1, abs=0.02)


def test_obuchowski_against_leaving_out_units():
    rng = np.random.default_rng(6)
    unit = np.repeat(np.arange(200), rng.integers(1, 15, 200))
    positive = rng.random(len(unit)) < rng.random(200)[unit]
    score = rng.normal(size=200)[unit] + rng.normal(size=len(unit)) + positive

    def area(positive, score):
        order = score.argsort().argsort()[positive] + 1
        m = positive.sum()
        return (order.sum() - m * (m + 1) / 2) / (m * (~positive).sum())

    found = auc_of(unit, positive, score)
    assert float(found.value) == pytest.approx(area(positive, score))
    assert float(found.variance) == pytest.approx(left_out(unit, area, positive, score), rel=0.03)


def test_copies_of_a_row_add_nothing_to_an_area():
    rng = np.random.default_rng(7)
    positive, score = rng.random(100) < 0.4, rng.normal(size=100)
    once, copies = (auc_of(np.repeat(np.arange(100), k), np.repeat(positive, k), np.repeat(score, k)) for k in (1, 5))
    assert copies.value == once.value
    assert copies.design_effect == pytest.approx(5, rel=0.02)
    assert copies.lower(LEVEL) == pytest.approx(once.lower(LEVEL), abs=5e-3)


def test_a_perfect_area_knows_no_more_than_its_units():
    positive = np.arange(400) < 200
    found = auc_of(np.arange(400) // 10, positive, positive * 1.0)
    assert (found.value, found.design_effect) == (1, 10)
    assert 0.7 < found.lower(LEVEL) < LEVEL ** (1 / 20) < found.upper(LEVEL) == 1


def test_few_units_of_a_class_have_no_bounds():
    positive = np.arange(400) < 100
    found = auc_of(np.arange(400) // 10, positive, np.random.default_rng(8).normal(size=400))
    assert found.least_units == 10
    assert found.lower(LEVEL) is found.upper(LEVEL) is None


def quantile_of(unit, below, q):
    y, x = np.bincount(unit, below).astype(int), np.bincount(unit)
    return ClusteredQuantile(
        ClusteredShare(UnitSums(len(x), *(int(s.sum()) for s in (y, x, y * y, x * x, x * y)), int(x.max()))),
        Fraction(str(q)),
    )


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_ranks_of_units_of_one_row_are_those_of_rows(q):
    n = 2000
    found = quantile_of(np.arange(n), np.arange(n) < n * q, q)
    assert found.lower(LEVEL) == pytest.approx(lower_rank(n, q, LEVEL), abs=1)
    assert found.upper(LEVEL) == pytest.approx(upper_rank(n, q, LEVEL), abs=1)


def test_ranks_of_copies_are_those_of_one_of_them():
    found = quantile_of(np.arange(2000) // 4, np.arange(2000) < 1000, 0.5)
    assert found.lower(LEVEL) / 4 == pytest.approx(lower_rank(500, 0.5, LEVEL), abs=1)
    assert found.upper(LEVEL) / 4 == pytest.approx(upper_rank(500, 0.5, LEVEL), abs=1)


def test_few_units_have_no_ranks():
    found = quantile_of(np.arange(150) // 10, np.arange(150) < 75, 0.5)
    assert found.lower(LEVEL) is found.upper(LEVEL) is None


@pytest.mark.parametrize(
    "refused",
    [
        lambda: SampleMean.from_sums(1, 5, {}, Fraction(0)),
        lambda: ClusteredAuc(RocAuc(2, 2, 4, 8, 4, 8), BetweenUnits(2, 3, 1, *[0] * 10)),
    ],
)
def test_nonsense_is_refused(refused):
    with pytest.raises(ValueError, match="unit"):
        refused()
