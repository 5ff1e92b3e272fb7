"""Clustered rows: against row-level residuals, against numbers worked by hand, and by simulation."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.clusters import LEAST_UNITS, ClusteredShare, UnitSums
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper

LEVEL = 0.05


def sums_of(y, x):
    y, x = np.asarray(y), np.asarray(x)
    return UnitSums(
        len(x), *(int(total) for total in (y.sum(), x.sum(), (y * y).sum(), (x * x).sum(), (x * y).sum(), x.max()))
    )


def drawn(rng, units, share, icc, rows=10):
    a, b = share * (1 - icc) / icc, (1 - share) * (1 - icc) / icc
    return rng.binomial(rows, rng.beta(a, b, units)), np.full(units, rows)


def test_variance_is_that_of_the_residuals_between_units():
    rng = np.random.default_rng(0)
    x = rng.integers(1, 12, 35)
    y = rng.binomial(x, 0.7)
    residuals = y - y.sum() / x.sum() * x
    expected = 35 / 34 * (residuals**2).sum() / x.sum() ** 2
    assert float(sums_of(y, x).variance) == pytest.approx(expected, rel=1e-12)
    assert sums_of(y, x).exact == Fraction(int(y.sum()), int(x.sum()))


def test_units_of_one_row_are_rows():
    share = ClusteredShare(sums_of([1] * 60 + [0] * 40, [1] * 100))
    assert share.effective_rows == pytest.approx(99)
    rows = 99 * (stats.norm.isf(LEVEL) / stats.t.isf(LEVEL, 99)) ** 2
    assert share.lower(LEVEL) == pytest.approx(clopper_pearson_lower(0.6 * rows, rows, LEVEL), abs=1e-12)
    assert share.upper(LEVEL) == pytest.approx(clopper_pearson_upper(0.6 * rows, rows, LEVEL), abs=1e-12)


def test_copies_of_a_row_add_nothing():
    y = [10] * 30 + [0] * 20
    share = ClusteredShare(sums_of(y, [10] * 50))
    assert share.effective_rows == pytest.approx(49)


def test_effective_rows_are_never_more_than_rows():
    share = ClusteredShare(sums_of([5, 6] * 20, [10] * 40))  # less spread than chance would give
    assert share.effective_rows == 400


def test_units_of_unequal_size_count_as_fewer_of_equal_size():
    sizes = [1] * 50 + [20] * 10
    sums = sums_of([0] * 60, sizes)
    assert sums.equal_units == pytest.approx(250**2 / 4050)
    assert ClusteredShare(sums).effective_rows == sums.equal_units
    mixed = UnitSums(60, 150, 250, 2450, 4050, 3050, 20)
    degrees = 4050 / 20**2
    factor = (stats.norm.isf(LEVEL) / stats.t.isf(LEVEL, degrees)) ** 2
    share = ClusteredShare(mixed)
    least = min(mixed.equal_units, share.effective_rows) * (stats.norm.isf(LEVEL) / stats.t.isf(LEVEL, 59)) ** 2
    assert share.rows_at(LEVEL) == pytest.approx(max(share.effective_rows * factor, least))


def test_few_units_with_the_rarer_outcome_tell_little_of_the_variance():
    y = [10] * 95 + [9] * 5
    known, alone = (ClusteredShare(replace(sums_of(y, [10] * 100), differing=units)) for units in (None, 5))
    factor = (stats.t.isf(LEVEL, 99) / stats.t.isf(LEVEL, 4)) ** 2
    assert alone.rows_at(LEVEL) == pytest.approx(known.rows_at(LEVEL) * factor)
    assert alone.lower(LEVEL) < known.lower(LEVEL)


@pytest.mark.parametrize("differing", [0, 1, 2])
def test_rows_are_at_least_as_many_as_were_those_of_a_unit_all_the_same(differing):
    y = [10] * (100 - differing) + [9] * differing
    share = ClusteredShare(replace(sums_of(y, [10] * 100), differing=differing))
    same = 100 * (stats.norm.isf(LEVEL) / stats.t.isf(LEVEL, 99)) ** 2
    assert share.rows_at(LEVEL) == pytest.approx(same)


@pytest.mark.parametrize(("hits", "value"), [(0, 0.0), (10, 1.0)])
def test_where_units_do_not_differ_each_counts_once(hits, value):
    share = ClusteredShare(sums_of([hits] * 40, [10] * 40))
    assert (share.value, share.effective_rows) == (value, 40)
    assert share.upper(LEVEL) - share.lower(LEVEL) > 1 - 0.05 ** (1 / 40)


def test_the_degrees_of_freedom_are_at_most_satterthwaites():
    rng = np.random.default_rng(5)
    for x in (np.full(30, 4), rng.integers(1, 9, 50), np.maximum(400 // np.arange(1, 101), 1)):
        satterthwaite = (x**2).sum() ** 2 / (x.astype(float) ** 4).sum()
        assert 1 <= sums_of(0 * x, x).even_units <= satterthwaite * (1 + 1e-12)
    assert sums_of([0] * 30, [4] * 30).even_units == 30


@pytest.mark.slow
@pytest.mark.parametrize("icc", [0.5, 0.1])
@pytest.mark.parametrize("exponent", [0.5, 1, 1.5])
def test_coverage_of_shares_in_units_of_very_unequal_sizes(icc, exponent):
    rng = np.random.default_rng(3)
    sizes = np.maximum((400 / np.arange(1, 201) ** exponent).astype(int), 1)
    a, b = 0.9 * (1 - icc) / icc, 0.1 * (1 - icc) / icc
    hits = rng.binomial(sizes, rng.beta(a, b, (1500, 200)))
    assert np.mean([ClusteredShare(sums_of(y, sizes)).lower(LEVEL) > 0.9 for y in hits]) <= 0.065


def test_few_units_have_no_bounds():
    few = sums_of([7] * 18 + [3], [10] * (LEAST_UNITS - 1))
    assert ClusteredShare(few).lower(LEVEL) is ClusteredShare(few).upper(LEVEL) is None
    enough = sums_of([7] * 18 + [3, 4], [10] * LEAST_UNITS)
    assert ClusteredShare(enough).lower(LEVEL) < ClusteredShare(enough).lower(0.5) <= ClusteredShare(enough).value


@pytest.mark.slow
@pytest.mark.parametrize(("units", "share"), [(20, 0.5), (30, 0.9), (100, 0.9)])
def test_coverage_of_shares(units, share):
    rng = np.random.default_rng(1)
    missed = np.zeros(2)
    for _ in range(800):
        found = ClusteredShare(sums_of(*drawn(rng, units, share, 0.1)))
        missed += [found.lower(LEVEL) > share, found.upper(LEVEL) < share]
    assert missed.max() / 800 <= 0.065


@pytest.mark.parametrize(
    "refused",
    [
        lambda: UnitSums(0, 0, 0, 0, 0, 0, 0),
        lambda: UnitSums(5, 1, 4, 1, 4, 1, 1),
        lambda: UnitSums(2, 1, 4, 1, 8, 9, 2),
        lambda: UnitSums(2, float("nan"), 4, 1, 8, 1, 2),
        lambda: ClusteredShare(UnitSums(2, 5, 4, 13, 8, 10, 2)),
        lambda: ClusteredShare(sums_of([7, 3] * 20, [10] * 40)).lower(0.95),
    ],
)
def test_nonsense_is_refused(refused):
    with pytest.raises(ValueError, match=r"unit|fit|finite|level"):
        refused()
