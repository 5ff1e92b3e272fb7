"""Two areas of the same rows: DeLong from rows, Obuchowski from rows in units, and coverage."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.paired import ClusteredPairedAuc, PairedAuc
from mlgate.stats.ranks import BetweenUnits, RocAuc

LEVEL = 0.05


def kernel(positive, negative):
    """Twice the placement of every pair of rows: 2 above, 1 tied, 0 below."""
    return 2 * (positive[:, None] > negative) + (positive[:, None] == negative)


def paired_auc(new, old):
    """From (positive scores, negative scores) of both models."""
    kernels = [kernel(*new), kernel(*old)]
    positive, negative = ([k.sum(axis=axis) for k in kernels] for axis in (1, 0))
    m, n = kernels[0].shape
    aucs = [
        RocAuc(m, n, int(p.sum()), int((p**2).sum()), int(q.sum()), int((q**2).sum()))
        for p, q in zip(positive, negative)
    ]
    return PairedAuc(*aucs, int((positive[0] * positive[1]).sum()), int((negative[0] * negative[1]).sum()))


def scores(rng, m, n, shift, noise=0.5):
    common = rng.normal(size=(2, max(m, n)))
    return [
        tuple(
            np.round(common[i, :k] + noise * rng.normal(size=k) + (shift if i == 0 else 0), 1)
            for i, k in ((0, m), (1, n))
        )
        for _ in range(2)
    ]


def test_paired_auc_is_delongs_covariance_matrix():
    new, old = scores(np.random.default_rng(5), 40, 60, 1.2)
    paired = paired_auc(new, old)
    kernels = [kernel(*new) / 2, kernel(*old) / 2]
    positive = np.cov([k.mean(axis=1) for k in kernels]) / 40
    negative = np.cov([k.mean(axis=0) for k in kernels]) / 60
    contrast = np.array([1, -1])
    assert paired.value == pytest.approx(kernels[0].mean() - kernels[1].mean())
    assert isinstance(paired.variance, Fraction)
    assert float(paired.variance) == pytest.approx(contrast @ (positive + negative) @ contrast)
    reach = stats.norm.isf(LEVEL) * float(paired.variance) ** 0.5
    rho, covariance = paired.correlation, positive + negative
    assert rho == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
    missed = np.hypot(1 - LEVEL ** (1 / 40), 1 - LEVEL ** (1 / 60))
    reach = np.hypot(reach, missed)
    assert (paired.lower(LEVEL), paired.upper(LEVEL)) == pytest.approx((paired.value - reach, paired.value + reach))


def test_the_ratio_of_areas_is_bounded_around_it():
    new, old = scores(np.random.default_rng(8), 400, 600, 1.0)
    paired = paired_auc(new, old)
    ratio = paired.ratio(1, 0)
    value = float(paired.new.value / paired.old.value) - 1
    assert ratio.lower(LEVEL) < value < ratio.upper(LEVEL)
    assert ratio.lower(LEVEL) == pytest.approx(paired.lower(LEVEL) / float(paired.old.value), abs=0.005)
    assert paired_auc(new, new).ratio(1, 0).lower(LEVEL) is None


def test_paired_auc_without_bounds():
    rng = np.random.default_rng(6)
    new, _ = scores(rng, 30, 30, 1.0)
    assert paired_auc(new, new).variance == 0
    few = scores(rng, 19, 100, 1.0)
    perfect = (new[0] + 100, new[1])
    for paired in (paired_auc(new, new), paired_auc(*few), paired_auc(perfect, perfect)):
        assert paired.lower(LEVEL) is paired.upper(LEVEL) is None


def test_a_perfect_area_is_compared_as_well():
    new, old = scores(np.random.default_rng(6), 30, 30, 1.0)
    paired = paired_auc((new[0] + 100, new[1]), old)
    assert paired.exact == 1 - paired_auc(new, old).old.value
    assert 0 < paired.lower(LEVEL) < paired.value < paired.upper(LEVEL) < 1


def in_units(new, old, units):
    """The same of rows in units; `units` are those of the positives and of the negatives."""
    of = np.concatenate(units)
    classes = [np.concatenate([np.full(len(units[0]), at == 0), np.full(len(units[1]), at == 1)]) for at in (0, 1)]
    kernels = [kernel(*new), kernel(*old)]
    placed = [
        [np.concatenate([k.sum(axis=1), 0 * units[1]]), np.concatenate([0 * units[0], k.sum(axis=0)])] for k in kernels
    ]
    placed.append([a - b for a, b in zip(*placed)])
    between = []
    for positive, negative in placed:
        m, n, p, q = (np.bincount(of, each).astype(int) for each in (*classes, positive, negative))
        m, n, p, q = (each[np.bincount(of) > 0] for each in (m, n, p, q))
        pairs = (m * m, n * n, m * n, p * p, p * m, p * n, q * q, q * n, q * m, p * q)
        between.append(BetweenUnits(len(m), int((m > 0).sum()), int((n > 0).sum()), *(int(x.sum()) for x in pairs)))
    return ClusteredPairedAuc(paired_auc(new, old), *between)


def test_where_each_row_is_a_unit_the_variance_is_delongs():
    new, old = scores(np.random.default_rng(9), 60, 90, 1.0)
    paired = in_units(new, old, [np.arange(60), 60 + np.arange(90)])
    assert paired.variance == paired.rows.variance
    assert paired.correlation == pytest.approx(paired.rows.correlation, abs=1e-12)
    assert paired.degrees == 59
    assert paired.lower(LEVEL) < paired.rows.lower(LEVEL) < paired.rows.upper(LEVEL) < paired.upper(LEVEL)


def of_patients(rng, healthy, ill, icc=0.5):
    """Scores of two models of four rows per patient, which share what the patient has; and the rows' patients."""
    patients = healthy + ill
    unit = np.repeat(np.arange(patients), 4)
    hit = unit >= healthy
    shared = np.sqrt(icc) * rng.normal(size=(3, patients))[:, unit]
    noise = np.sqrt(1 - icc) * rng.normal(size=(3, len(unit)))
    common, *own = shared + noise
    both = [0.8 * common + 0.6 * each + hit for each in own]
    return [(each[hit], each[~hit]) for each in both] + [(unit[hit], unit[~hit])]


def test_the_variance_between_units_is_that_of_leaving_out_one_after_another():
    new, old, units = of_patients(np.random.default_rng(2), 90, 60)
    paired = in_units(new, old, units)
    left_out = []
    for unit in range(150):
        kept = [each != unit for each in units]
        areas = [kernel(of[0][kept[0]], of[1][kept[1]]).mean() / 2 for of in (new, old)]
        left_out.append(areas[0] - areas[1])
    jackknife = 149 * np.var(left_out)
    assert float(paired.variance) == pytest.approx(jackknife, rel=0.03)
    assert float(paired.variance) > 2 * float(paired.rows.variance)


def test_nineteen_units_of_a_class_have_no_bounds():
    paired = in_units(*of_patients(np.random.default_rng(3), 60, 19))
    assert paired.new.least_units == 19
    assert paired.lower(LEVEL) is paired.upper(LEVEL) is paired.ratio(1, 0).lower(LEVEL) is None


@pytest.mark.slow
def test_coverage_of_paired_auc_in_units():
    rng = np.random.default_rng(7)
    found = [in_units(*of_patients(rng, 50, 25)) for _ in range(500)]
    assert np.mean([p.lower(LEVEL) > 0 for p in found]) <= 0.075
    assert np.mean([p.upper(LEVEL) < 0 for p in found]) <= 0.075
    assert np.mean([p.rows.upper(LEVEL) < 0 or p.rows.lower(LEVEL) > 0 for p in found]) > 0.15


@pytest.mark.slow
def test_coverage_of_paired_auc():
    rng = np.random.default_rng(7)
    found = [paired_auc(*scores(rng, 60, 100, 1.0)) for _ in range(500)]
    assert np.mean([p.lower(LEVEL) > 0 for p in found]) <= 0.075
    assert np.mean([p.upper(LEVEL) < 0 for p in found]) <= 0.075


@pytest.mark.parametrize(
    "refused",
    [
        lambda: PairedAuc(RocAuc(1, 1, 2, 4, 2, 4), RocAuc(1, 2, 2, 4, 2, 2), 4, 4),
        lambda: PairedAuc(RocAuc(2, 1, 2, 4, 2, 4), RocAuc(2, 1, 2, 4, 2, 4), 100, 4),
    ],
)
def test_nonsense_is_refused(refused):
    with pytest.raises(ValueError, match=r"rows|level|paired|fit|joint"):
        refused()


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.01, 0.02, 0.03, 0.05])
def test_a_few_positives_that_the_new_model_alone_ranks_last_are_not_overlooked(share):
    rng = np.random.default_rng(9)
    below = 0
    for _ in range(600):
        old = rng.normal(2, 1, 100), rng.normal(0, 1, 1000)
        new = np.where(rng.random(100) < share, -1e3, old[0] + rng.normal(0, 0.05, 100)), old[1]
        below += paired_auc(new, old).lower(LEVEL) > -share * stats.norm.cdf(2**0.5)
    assert below / 600 <= 0.07
