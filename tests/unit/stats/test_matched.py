"""Two shares of the same rows: coverage by enumeration, agreement with the exact McNemar test, weights."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from mlgate.stats.matched import MatchedRatio, MatchedShares, effective_rows, mcnemar

LEVEL = 0.05


def misses(n: int, won: float, lost: float) -> tuple[float, float]:
    """The chances of a lower bound above, and of an upper one below, the true difference: every outcome weighed."""
    truth, found = won - lost, [0.0, 0.0]
    for only_new in range(n + 1):
        for only_old in range(n + 1 - only_new):
            rest = n - only_new - only_old
            chance = stats.multinomial.pmf([only_new, only_old, rest], n, [won, lost, 1 - won - lost])
            if chance > 1e-9:
                shares = MatchedShares(n, only_new, only_old)
                found[0] += chance * (shares.lower(LEVEL) > truth + 1e-12)
                found[1] += chance * (shares.upper(LEVEL) < truth - 1e-12)
    return found[0], found[1]


LARGE = [(40, 0.05, 0.03), (40, 0.03, 0.001), (60, 0.3, 0.2), (60, 0.1, 0.1)]


@pytest.mark.parametrize(
    ("n", "won", "lost"), [(20, 0.4, 0.1), *(pytest.param(*of, marks=pytest.mark.slow) for of in LARGE)]
)
def test_bounds_miss_in_no_more_than_their_level(n, won, lost):
    assert max(misses(n, won, lost)) <= LEVEL


def test_the_bound_is_the_quantile_of_the_melded_shares():
    n, won, lost = 50, 6, 2
    differ = won + lost

    def chance_above(d: float) -> float:
        def of(share: float) -> float:
            gain = 2 * share - 1
            if gain <= d:
                return 0.0
            return stats.beta.pdf(share, won + 1, lost) * stats.beta.sf(d / gain, differ + 1, n - differ)

        return integrate.quad(of, (1 + d) / 2, 1, limit=200)[0]

    assert chance_above(MatchedShares(n, won, lost).upper(LEVEL)) == pytest.approx(LEVEL, abs=1e-6)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n))))
def test_bounds_stand_around_the_value_and_turn_with_the_models(counts):
    n, won, lost = counts
    lost = min(lost, n - won)
    shares, turned = MatchedShares(n, won, lost), MatchedShares(n, lost, won)
    low, high = shares.lower(LEVEL), shares.upper(LEVEL)
    assert -1 <= low <= shares.value <= high <= 1
    assert (turned.lower(LEVEL), turned.upper(LEVEL)) == (-high, -low)
    assert shares.exact == Fraction(won - lost, n)


@pytest.mark.parametrize(("won", "lost"), [(7, 1), (9, 2), (8, 3), (5, 0), (4, 0), (12, 4)])
def test_a_difference_is_shown_where_the_exact_mcnemar_test_shows_it(won, lost):
    one_sided = stats.binom.sf(won - 1, won + lost, 0.5)
    assert (MatchedShares(100, won, lost).lower(LEVEL) > 0) == (one_sided < LEVEL)


@pytest.mark.parametrize("counts", [(60, 0, 0), (60, 3, 0), (60, 0, 2), (40, 9, 4), (12, 7, 5), (3000, 40, 31)])
@pytest.mark.parametrize("alpha", [0.05, 0.004])
def test_what_is_shown_is_what_the_lower_bound_reaches(counts, alpha):
    shares = MatchedShares(*counts)
    bound = shares.lower(alpha)
    for away in (1e-3, 1e-9):
        assert shares.shows(bound - away, alpha)
        assert not shares.shows(bound + away, alpha)
    assert not shares.shows(1.0, alpha)


def test_more_rows_that_agree_narrow_the_bounds():
    widths = [MatchedShares(n, 0, 0).upper(LEVEL) for n in (10, 100, 1000)]
    assert widths == [pytest.approx(1 - LEVEL ** (1 / n), abs=1e-6) for n in (10, 100, 1000)]
    with pytest.raises(ValueError, match="discordant"):
        MatchedShares(10, 3, -1)
    with pytest.raises(ValueError, match="successes"):
        MatchedShares(10, 6, 6)


def test_effective_rows_are_the_rows_where_weights_are_equal():
    assert effective_rows(100, (180.0, 360.0), (14.0, 28.0), (6.0, 12.0)) == pytest.approx(99)
    assert effective_rows(100, (200.0, 400.0), (0.0, 0.0), (0.0, 0.0)) == 100
    random = np.random.default_rng(3)
    weights, signs = random.lognormal(0, 1, 400), random.choice([0, 1, -1], 400, p=[0.8, 0.15, 0.05])
    parts = [(weights[signs == sign].sum(), (weights[signs == sign] ** 2).sum()) for sign in (0, 1, -1)]
    gain = (weights * signs).sum() / weights.sum()
    variance = ((weights * (signs - gain)) ** 2).sum() / weights.sum() ** 2 * 400 / 399
    differ = (weights * signs**2).sum() / weights.sum()
    kish = weights.sum() ** 2 / (weights**2).sum()
    assert effective_rows(400, *parts) == pytest.approx(min((differ - gain**2) / variance, kish))


def test_the_ratio_of_large_samples_is_that_of_the_delta_method():
    both, won, lost = 6000, 500, 400
    ratio = MatchedRatio(both, won, lost)
    new, old = both + won, both + lost
    reach = stats.norm.isf(LEVEL) * np.sqrt((won + lost) / (new * old))
    assert ratio.value == pytest.approx(new / old - 1)
    assert ratio.lower(LEVEL) == pytest.approx(np.expm1(np.log(new / old) - reach), abs=1e-4)
    assert ratio.upper(LEVEL) == pytest.approx(np.expm1(np.log(new / old) + reach), abs=1e-4)
    with pytest.raises(ValueError, match="share of 0"):
        _ = MatchedRatio(0, 3, 0).value


def test_mcnemar_as_published():
    assert mcnemar(1, 7) == pytest.approx(0.0703, abs=5e-5)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test(b, c):
    assert mcnemar(b, c) == pytest.approx(stats.binomtest(b, b + c, 0.5).pvalue if b + c else 1.0)


def test_rows_below_0_are_refused():
    with pytest.raises(ValueError, match="negative"):
        mcnemar(-1, 3)
