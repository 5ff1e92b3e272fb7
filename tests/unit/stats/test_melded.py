"""Melded bounds: against a large Monte Carlo of the same Betas, the closed form, and by simulation."""

from collections import Counter

import numpy as np
import pytest
from scipy.special import betaincinv

from mlgate.stats import melded
from mlgate.stats.melded import melded_bound
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper


def balanced(tpr, tnr):
    return (tpr + tnr) / 2


def predicted(tpr, tnr, share):
    return share * tpr + (1 - share) * (1 - tnr)


def mcc(tpr, tnr, share):
    q = predicted(tpr, tnr, share)
    return (tpr + tnr - 1) * np.sqrt(share * (1 - share) / (q * (1 - q)))


def kappa(tpr, tnr, share):
    q = predicted(tpr, tnr, share)
    return 2 * share * (1 - share) * (tpr + tnr - 1) / (share * (1 - q) + (1 - share) * q)


def cost(tpr, tnr, share):
    return 10 * share * (1 - tpr) + (1 - share) * (1 - tnr)


def macro(*recalls):
    return sum(recalls) / len(recalls)


def level_reached(metric, shares, increasing, prevalence, side, bound, draws=300_000):
    """The brute-force oracle: the share of plainly random draws beyond `bound`: what its level really is."""
    rng = np.random.default_rng(5)
    arguments = []
    for (s, f), up in zip(shares, increasing):
        if up == (side == "upper"):
            arguments.append(rng.beta(s + 1, f, draws) if f else np.ones(draws))
        else:
            arguments.append(rng.beta(s, f + 1, draws) if s else np.zeros(draws))
    if prevalence:
        arguments.append(rng.beta(prevalence[0] + 0.5, prevalence[1] + 0.5, draws))
    values = metric(*arguments)
    return float(np.mean(values < bound if side == "lower" else values > bound))


CASES = [
    (balanced, [(6, 4), (180, 10)], [True, True], None),
    (balanced, [(10, 0), (185, 5)], [True, True], None),
    (balanced, [(0, 10), (185, 5)], [True, True], None),
    (balanced, [(0.4, 9.6), (17.5, 0.7)], [True, True], None),
    (mcc, [(6, 4), (180, 10)], [True, True], (10, 190)),
    (mcc, [(1369, 532), (990, 805)], [True, True], (1901, 1795)),
    (kappa, [(10, 0), (185, 5)], [True, True], (10, 190)),
    (cost, [(6, 4), (180, 10)], [False, False], (10, 190)),
    (macro, [(8, 2), (15, 5), (27, 3), (40, 1), (5, 5), (9, 3), (20, 20)], [True] * 7, None),
    (macro, [(16, 4)] * 40, [True] * 40, None),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("side", ["lower", "upper"])
@pytest.mark.parametrize("alpha", [0.05, pytest.param(0.05 / 6, marks=pytest.mark.slow)])
def test_reaches_its_level_in_plain_monte_carlo(case, side, alpha):
    bound = melded_bound(*case, alpha, side)
    assert 0.78 * alpha <= level_reached(*case, side, bound) <= 1.03 * alpha


@pytest.mark.parametrize("alpha", [0.05, 0.001, 1e-4])
def test_one_share_is_clopper_pearson(alpha):
    lower = melded_bound(lambda p: p, [(90, 10)], [True], None, alpha, "lower")
    upper = melded_bound(lambda p: p, [(90, 10)], [True], None, alpha, "upper")
    assert lower == pytest.approx(clopper_pearson_lower(90, 100, alpha), abs=2e-3)
    assert upper == pytest.approx(clopper_pearson_upper(90, 100, alpha), abs=2e-3)
    assert lower <= clopper_pearson_lower(90, 100, alpha)
    assert upper >= clopper_pearson_upper(90, 100, alpha)


@pytest.mark.parametrize("shapes", [(1, 1), (1, 200), (5, 6), (3000, 2), (1, 1e9), (1e8, 2e8), (0.02, 3.5)])
@pytest.mark.parametrize("draws", [8192, 2**17])
def test_interpolated_quantiles_are_betas(shapes, draws):
    a, b = shapes
    at = np.unique(np.r_[:40, draws - 40 : draws, np.linspace(0, draws - 1, 300).astype(int)])
    exact = betaincinv(a, b, (at + 0.5) / draws)
    spread = np.sqrt(a * b / (a + b + 1)) / (a + b)
    assert melded._beta_quantiles(a, b, draws)[at] == pytest.approx(exact, abs=1e-6 * spread)


@pytest.mark.parametrize("dimensions", [3, 9])
def test_every_argument_meets_every_quantile_once(dimensions):
    ranks = [melded._ranks(8192, index, dimensions) for index in range(dimensions)]
    assert all(len(np.unique(r)) == 8192 for r in ranks)
    correlations = np.corrcoef(ranks) - np.eye(dimensions)
    assert np.abs(correlations).max() < 0.05


def test_same_counts_same_digits():
    bounds = {melded_bound(*CASES[4], 0.05, "lower") for _ in range(3)}
    assert len(bounds) == 1


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [(200, 0.05, 0.6, 0.95), (200, 0.05, 0.95, 0.7), (50, 0.3, 0.7, 0.9)])
def test_coverage(scenario):
    n, prevalence, tpr, tnr = scenario
    rng = np.random.default_rng(3)
    runs = 500
    positives = rng.binomial(n, prevalence, runs)
    samples = Counter(zip(positives, rng.binomial(positives, tpr), rng.binomial(n - positives, tnr)))
    for metric in (balanced, mcc, kappa):
        three = metric is not balanced
        truth = metric(tpr, tnr, prevalence) if three else metric(tpr, tnr)
        misses = {"lower": 0, "upper": 0}
        for (p, tp, tn), times in samples.items():
            if p == 0:
                continue
            shares = [(tp, p - tp), (tn, n - p - tn)]
            for side in misses:
                bound = melded_bound(metric, shares, [True, True], (p, n - p) if three else None, 0.05, side)
                missed = bound > truth if side == "lower" else bound < truth
                misses[side] += times * missed
        assert max(misses.values()) / runs <= 0.065


def test_undefined_draws_count_as_worst():
    def undefined_below(p):
        with np.errstate(invalid="ignore"):
            return np.where(p < 0.5, np.nan, p)

    assert melded_bound(undefined_below, [(5, 5)], [True], None, 0.05, "lower") is None
    assert melded_bound(undefined_below, [(95, 5)], [True], None, 0.05, "lower") > 0.8


def test_a_level_out_of_reach_has_no_bound():
    assert melded_bound(balanced, [(6, 4), (180, 10)], [True, True], None, 1e-6, "lower") is None


@pytest.mark.parametrize(
    ("shares", "increasing", "prevalence", "alpha", "side"),
    [
        ([], [], None, 0.05, "lower"),
        ([(1, 2)], [True, True], None, 0.05, "lower"),
        ([(0, 0)], [True], None, 0.05, "lower"),
        ([(1, -1)], [True], None, 0.05, "lower"),
        ([(float("nan"), 1)], [True], None, 0.05, "lower"),
        ([(1, 1)], [True], (0, 0), 0.05, "lower"),
        ([(1, 1)], [True], None, 0.95, "lower"),
        ([(1, 1)], [True], None, 0.05, "left"),
    ],
)
def test_nonsense_is_refused(shares, increasing, prevalence, alpha, side):
    with pytest.raises(ValueError, match=r".+"):
        melded_bound(lambda *arguments: arguments[0], shares, increasing, prevalence, alpha, side)


def test_a_metric_that_does_not_map_draws_is_refused():
    with pytest.raises(ValueError, match="one value per draw"):
        melded_bound(lambda p: p[:5], [(1, 1)], [True], None, 0.05, "lower")
