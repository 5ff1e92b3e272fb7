"""Two areas of the same rows: DeLong from rows, and coverage."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.paired import PairedAuc
from mlgate.stats.ranks import RocAuc

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
