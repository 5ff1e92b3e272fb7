"""Calibration error: against plain formulas, scipy's noncentral chi-square and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, ncx2

from mlgate.stats.calibration import Bin, CalibrationError


def bins(y: np.ndarray, p: np.ndarray, count: int = 10) -> list[Bin]:
    index = np.minimum((p * count).astype(int), count - 1)
    return [
        Bin(int(at.sum()), y[at].sum(), p[at].sum(), (p[at] ** 2).sum(), i / count, (i + 1) / count)
        for i, at in ((i, index == i) for i in range(count))
    ]


def draw(seed: int, n: int, shift: float = 0.0) -> CalibrationError:
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 4, n)
    return CalibrationError.from_bins(bins(rng.random(n) < np.clip(p + shift, 0, 1), p))


def test_ece_and_rms_are_their_textbook_sums():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    y = rng.random(500) < p**2
    index = (p * 10).astype(int)
    gaps = [abs(y[index == i].mean() - p[index == i].mean()) for i in range(10)]
    weights = [np.mean(index == i) for i in range(10)]
    found = CalibrationError.from_bins(bins(y, p))
    assert found.ece == pytest.approx(np.dot(weights, gaps))
    assert found.rms == pytest.approx(math.sqrt(np.dot(weights, np.square(gaps))))
    assert found.ece <= found.rms
    assert found.debiased < found.rms


def test_empty_bins_change_only_what_may_be_unseen():
    filled = [Bin(400, 100, 150.0, 70.0, 0.0, 0.5), Bin(600, 500, 450.0, 350.0, 0.5, 0.9)]
    narrow, wide = CalibrationError.from_bins(filled), CalibrationError.from_bins([*filled, Bin(0, 0, 0, 0, 0.9, 1.0)])
    assert (wide.ece, wide.rms, wide.debiased, wide.lower(0.05)) == (
        narrow.ece,
        narrow.rms,
        narrow.debiased,
        narrow.lower(0.05),
    )
    assert wide.upper(0.05) >= narrow.upper(0.05)


@pytest.mark.parametrize("shift", [0.1, 0.2])
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_bounds_are_where_the_noncentral_chi_square_meets_the_level(shift, alpha):
    found = draw(1, 3000, shift)
    observed = found.rms**2 / found.scale
    for bound, probability in ((found.lower(alpha), 1 - alpha), (found.upper(alpha), alpha)):
        chance = ncx2.cdf(observed, found.degrees, bound**2 / found.scale)
        assert chance == pytest.approx(probability, abs=1e-9)


def test_ten_million_rows_are_bounded_too():
    found = CalibrationError.from_bins([Bin(10**7, 3 * 10**6, 2.9e6, 0.9e6), Bin(10**7, 8e6, 8e6, 6.5e6)])
    assert found.lower(0.05) < math.sqrt(0.01**2 / 2) < found.upper(0.05)
    assert found.upper(0.05) - found.lower(0.05) < 0.001


def test_data_better_than_calibrated_gain_nothing():
    lucky = CalibrationError.from_bins([Bin(100, 30, 30.0, 9.5), Bin(100, 70, 70.0, 49.5)])
    assert lucky.rms == lucky.debiased == lucky.lower(0.05) == 0
    bound = lucky.upper(0.05) ** 2 / lucky.scale
    assert ncx2.cdf(chi2.median(lucky.degrees), lucky.degrees, bound) == pytest.approx(0.05)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_rows_too_rare_to_be_seen_are_allowed_for(alpha):
    """A part that is wrong throughout and has no row in the sample in 2 `alpha` of all samples is inside the bound."""
    n = 1000
    seen = [Bin(n, 20, 20.0, 0.6, 0.0, 1 / 15), *(Bin(0, 0, 0, 0, at / 15, (at + 1) / 15) for at in range(1, 15))]
    share = 1 - (2 * alpha) ** (1 / n)
    assert CalibrationError.from_bins(seen).upper(alpha) >= math.sqrt(share) > 0.04


def test_a_perfect_model_has_bounds():
    certain = [Bin(500, 0, 0.0, 0.0, 0.0, 0.1), Bin(700, 700, 700.0, 700.0, 0.9, 1.0)]
    found = CalibrationError.from_bins(certain)
    assert found.lower(0.05) == 0
    # 2.3 wrong rows in the smaller bin would have gone unseen in 10 % of samples.
    assert found.upper(0.05) == pytest.approx(math.sqrt(math.log(10) ** 2 / (500 + math.log(10)) / 1200))


def test_a_bin_without_positives_has_a_variance_too():
    assert Bin(10, 0, 0.5, 0.03).row_variance > 0


def test_row_variance_is_that_of_the_rows():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.2, 0.6, 400_000)
    y = rng.random(len(p)) < p + 0.1
    found = Bin(len(p), y.sum(), p.sum(), (p**2).sum()).row_variance
    assert found == pytest.approx(np.var(y - p), rel=0.005)


@pytest.mark.parametrize(
    "sums",
    [
        (-1, 0, 0.0, 0.0),
        (5, 6, 1.0, 1.0),
        (5, 1, 6.0, 5.0),
        (5, 1, math.nan, 1.0),
        (5, 1, 2.0, 0.1),
        (5, 1, 2.0, 3.0),
    ],
)
def test_sums_of_no_bin_are_refused(sums):
    with pytest.raises(ValueError):
        Bin(*sums)


def test_no_rows_and_no_level_are_refused():
    with pytest.raises(ValueError):
        CalibrationError.from_bins([])
    for bound in (draw(0, 50).lower, draw(0, 50).upper):
        with pytest.raises(ValueError):
            bound(0.95)


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 2000])
@pytest.mark.parametrize("shift", [0.0, 0.08])
def test_misses_are_rare_and_the_upper_bound_holds_for_ece_too(n, shift):
    # The gap is the shift in every bin as long as p + shift stays below 1, so the truth is the shift.
    found = [draw(seed, n, shift) for seed in range(400)]
    assert np.mean([one.lower(0.05) > shift + 1e-12 for one in found]) < 0.09
    assert np.mean([one.upper(0.05) < shift - 1e-3 for one in found]) < 0.09


@pytest.mark.slow
def test_misses_stay_rare_where_one_noisy_bin_holds_all_the_gap():
    true, found = 0.3 * math.sqrt(0.1), []
    for seed in range(500):
        rng = np.random.default_rng(seed)
        p = rng.random(3000)
        y = rng.random(3000) < np.where((p >= 0.4) & (p < 0.5), p + 0.3, p)
        found.append(CalibrationError.from_bins(bins(y, p)))
    assert np.mean([one.lower(0.05) > true for one in found]) < 0.08
    assert np.mean([one.upper(0.05) < true for one in found]) < 0.08


@pytest.mark.parametrize(("n", "expected"), [(200, 2.0), (1000, 2.0)])
def test_the_upper_bound_holds_where_few_rows_are_wrong_in_a_bin_of_their_own(n, expected):
    share, found = expected / n, []
    true = 0.97 * math.sqrt(share)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        wrong = rng.random(n) < share
        p = np.where(wrong, 0.97, rng.beta(1, 20, n) * 0.9)
        y = (rng.random(n) < p) & ~wrong
        found.append(CalibrationError.from_bins(bins(y, p)).upper(0.05))
    assert np.mean(np.array(found) < true) < 0.08


def test_scores_that_are_all_equal_and_right_are_shown_to_be_calibrated():
    """Of four classes as frequent as their score, 250 rows show an error of at most 0.1."""
    quarter = Bin(252, 63, 63.0, 15.75, 3 / 15, 4 / 15)
    others = [Bin(0, 0, 0, 0, at / 15, (at + 1) / 15) for at in range(15) if at != 3]
    assert CalibrationError.from_bins([quarter, *others]).upper(0.05) < 0.1
