"""Paired comparisons: published numbers, likelihoods by brute force, DeLong from rows, and coverage."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from mlgate.stats.paired import PairedAuc, PairedShares, mcnemar, paired_cells, paired_mean, paired_mean_of_sums
from mlgate.stats.ranks import RocAuc

LEVEL = 0.05


def test_published_tango_interval():
    paired = PairedShares(21, 1, 7)
    assert (paired.lower(0.025), paired.upper(0.025)) == pytest.approx((-0.5172, -0.0260), abs=5e-5)
    assert paired.exact == Fraction(-6, 21)


def test_published_mcnemar():
    assert mcnemar(1, 7) == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar(1, 7, mid_p=True) == pytest.approx(0.0391, abs=5e-5)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test(b, c):
    exact = stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    assert mcnemar(b, c) == pytest.approx(exact)
    middle = exact - stats.binom.pmf(min(b, c), b + c, 0.5) if b != c else 1.0
    assert mcnemar(b, c, mid_p=True) == pytest.approx(middle)


@pytest.mark.parametrize("counts", [(21, 1, 7), (50, 0, 3), (100, 12, 8), (30, 5, 0), (1000, 3, 40)])
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_tango_is_the_score_test_by_brute_force(counts, alpha):
    """At the bound, (b - c - nd) is z standard errors, the nuisance share maximising the likelihood numerically."""
    n, b, c = counts
    paired = PairedShares(*counts)
    for d, sign in ((paired.lower(alpha), 1), (paired.upper(alpha), -1)):

        def loss(q, d=d):
            cells = ((b, q + d), (c, q), (n - b - c, 1 - 2 * q - d))
            return -sum(k * np.log(max(p, 1e-300)) for k, p in cells if k)

        ends = (max(0.0, -d), (1 - d) / 2)
        q = optimize.minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-13}).x
        z = (b - c - n * d) / np.sqrt(n * (2 * q + d * (1 - d)))
        assert z == pytest.approx(sign * stats.norm.isf(alpha), abs=2e-3)


def test_tango_without_discordant_rows_and_with_nothing_else():
    z2 = stats.norm.isf(LEVEL) ** 2
    none = PairedShares(10, 0, 0)
    assert none.upper(LEVEL) == pytest.approx(z2 / (10 + z2))
    assert none.lower(LEVEL) == -none.upper(LEVEL)
    every = PairedShares(10, 10, 0)
    assert (every.upper(LEVEL), every.lower(0.5)) == (1, 1)
    assert -1 < every.lower(LEVEL) < 1 == -PairedShares(10, 0, 10).lower(LEVEL)


@pytest.mark.parametrize(("n", "new", "old"), [(60, 0.1, 0.1), (100, 0.1, 0.12), (100, 0.3, 0.2), (60, 0.15, 0.3)])
def test_exact_coverage_of_tango(n, new, old):
    chances, missed = stats.multinomial(n, [new, old, 1 - new - old]), np.zeros(2)
    for b in range(n + 1):
        for c in range(n - b + 1):
            chance = chances.pmf([b, c, n - b - c])
            if chance > 1e-6:
                paired = PairedShares(n, b, c)
                missed += chance * np.array([paired.lower(LEVEL) > new - old, paired.upper(LEVEL) < new - old])
    assert missed.max() <= 0.056


def test_paired_mean_is_the_mean_of_differences():
    rng = np.random.default_rng(3)
    new, old = ([Fraction(x) for x in rng.exponential(size=50)] for _ in range(2))
    differences = [a - b for a, b in zip(new, old)]
    direct = paired_mean(50, *(sum(d**k for d in differences) for k in (1, 2, 3)))
    sums = [tuple(sum(x**k for x in one) for k in (1, 2, 3)) for one in (new, old)]
    cross = tuple(sum(a**i * b**j for a, b in zip(new, old)) for i, j in ((1, 1), (2, 1), (1, 2)))
    assert paired_mean_of_sums(50, *sums, cross) == direct
    without = paired_mean(50, sum(differences), sum(d**2 for d in differences))
    floats = [float(d) for d in differences]
    reach = stats.t.isf(LEVEL, 49) * stats.sem(floats)
    assert without.lower(LEVEL) == pytest.approx(np.mean(floats) - reach)
    assert without.upper(LEVEL) == pytest.approx(np.mean(floats) + reach)
    assert paired_mean(5, Fraction(10), Fraction(20), Fraction(40)).lower(LEVEL) is None


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
    (new_low, new_high), (old_low, old_high) = (
        (float(auc.value) - auc.lower(LEVEL), auc.upper(LEVEL) - float(auc.value)) for auc in (paired.new, paired.old)
    )
    below, above = (
        max(reach, np.sqrt(a**2 + b**2 - 2 * rho * a * b)) for a, b in ((new_low, old_high), (old_low, new_high))
    )
    assert (paired.lower(LEVEL), paired.upper(LEVEL)) == pytest.approx((paired.value - below, paired.value + above))


def test_the_ratio_of_areas_is_bounded_around_it():
    new, old = scores(np.random.default_rng(8), 400, 600, 1.0)
    paired = paired_auc(new, old)
    ratio = paired.ratio(1, 0)
    value = float(paired.new.value / paired.old.value) - 1
    assert ratio.lower(LEVEL) < value < ratio.upper(LEVEL)
    assert ratio.lower(LEVEL) == pytest.approx(paired.lower(LEVEL) / float(paired.old.value), abs=0.004)
    assert paired_auc(new, new).ratio(1, 0).lower(LEVEL) is None


def test_paired_auc_without_bounds():
    rng = np.random.default_rng(6)
    new, old = scores(rng, 30, 30, 1.0)
    assert paired_auc(new, new).variance == 0
    few = scores(rng, 19, 100, 1.0)
    perfect = (new[0] + 100, new[1])
    for paired in (paired_auc(new, new), paired_auc(*few), paired_auc(perfect, old), paired_auc(old, perfect)):
        assert paired.lower(LEVEL) is paired.upper(LEVEL) is None
    assert paired_auc(perfect, old).exact == 1 - paired_auc(new, old).old.value


@pytest.mark.slow
def test_coverage_of_paired_auc():
    rng = np.random.default_rng(7)
    found = [paired_auc(*scores(rng, 60, 100, 1.0)) for _ in range(500)]
    assert np.mean([p.lower(LEVEL) > 0 for p in found]) <= 0.075
    assert np.mean([p.upper(LEVEL) < 0 for p in found]) <= 0.075


def f1(tables):
    return 2 * tables[:, 3] / (2 * tables[:, 3] + tables[:, 1] + tables[:, 2])


def accuracy(tables):
    return (tables[:, 0] + tables[:, 3]) / tables.sum(axis=1)


def test_paired_cells_of_accuracy_have_mcnemars_variance():
    joint = np.array([300, 9, 12, 40, 20, 8, 15, 196])  # label, old, new: 000 001 010 011 100 101 110 111
    found = paired_cells(joint, 2, accuracy)
    better, worse, n = 12 + 8, 9 + 15, 600
    assert found.value == pytest.approx((better - worse) / n)
    b, c, total = better + 1, worse + 1, n + 2  # half a row in each discordant cell
    assert found.standard_error == pytest.approx(np.sqrt(b + c - (b - c) ** 2 / total) / total, rel=1e-5)
    reach = stats.norm.isf(LEVEL) * found.standard_error
    assert (found.lower(LEVEL), found.upper(LEVEL)) == pytest.approx((found.value - reach, found.value + reach))


def test_paired_cells_of_f1_by_hand_and_without_discordant_rows():
    joint = np.array([300, 9, 12, 40, 20, 8, 15, 196])
    old = f1(np.array([[309, 52, 28, 211]]))[0]
    new = f1(np.array([[312, 49, 35, 204]]))[0]
    assert paired_cells(joint, 2, f1).value == pytest.approx(new - old)
    same = paired_cells(np.array([300, 0, 0, 40, 20, 0, 0, 196]), 2, f1)
    assert same.value == 0
    assert same.lower(LEVEL) < 0 < same.upper(LEVEL)


@pytest.mark.slow
def test_coverage_of_paired_f1():
    shares = np.array([0.6, 0.04, 0.04, 0.02, 0.05, 0.03, 0.03, 0.19])
    drawn = np.random.default_rng(8).multinomial(400, shares, 600)
    found = [paired_cells(joint, 2, f1) for joint in drawn]
    assert np.mean([f.lower(LEVEL) > 0 for f in found]) <= 0.07
    assert np.mean([f.upper(LEVEL) < 0 for f in found]) <= 0.07


@pytest.mark.parametrize(
    "refused",
    [
        lambda: PairedShares(0, 0, 0),
        lambda: PairedShares(5, 3, 3),
        lambda: PairedShares(5, -1, 3),
        lambda: PairedShares(5, 1, 3).lower(0.95),
        lambda: mcnemar(-1, 3),
        lambda: PairedAuc(RocAuc(1, 1, 2, 4, 2, 4), RocAuc(1, 2, 2, 4, 2, 2), 4, 4),
        lambda: PairedAuc(RocAuc(2, 1, 2, 4, 2, 4), RocAuc(2, 1, 2, 4, 2, 4), 100, 4),
        lambda: paired_cells([1] * 7, 2, f1),
        lambda: paired_cells([0] * 8, 2, f1),
        lambda: paired_cells([0.5] * 8, 2, f1),
        lambda: paired_cells([1], 1, f1),
    ],
)
def test_nonsense_is_refused(refused):
    with pytest.raises(ValueError, match=r"rows|level|paired|fit|joint"):
        refused()
