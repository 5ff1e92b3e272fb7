"""P values that order a list: Fisher's exact test, and a difference read off its bounds."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom, norm

from mlgate.stats.difference import Remembered, ShareDifference
from mlgate.stats.weaker import fisher_less, normal_less

SHARE = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(SHARE, SHARE)
def test_fishers_exact_test(a: tuple[int, int], b: tuple[int, int]) -> None:
    (hits, n), (others, m) = a, b
    expected = hypergeom.cdf(hits, n + m, hits + others, n)
    assert fisher_less(hits, n, others, m) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_ten_million_rows_are_no_trouble() -> None:
    expected = hypergeom.cdf(499_000, 10**7, 4_999_000, 10**6)
    assert fisher_less(499_000, 10**6, 4_500_000, 9 * 10**6) == pytest.approx(expected, rel=1e-6)


def test_a_normal_difference_has_its_own_p_value() -> None:
    bounds = Remembered(lambda a: -0.3 + 0.1 * norm.ppf(a), lambda a: -0.3 - 0.1 * norm.ppf(a))
    assert normal_less(-0.3, bounds, 0.05) == pytest.approx(norm.cdf(-3))
    turned = Remembered(lambda a: 0.2 + 0.1 * norm.ppf(a), lambda a: 0.2 - 0.1 * norm.ppf(a))
    assert normal_less(0.2, turned, 0.05) == pytest.approx(norm.cdf(2))


def test_a_share_approximately_agrees_with_fisher() -> None:
    found = normal_less(0.6 - 0.7, ShareDifference.from_counts(600, 1000, 700, 1000), 0.05)
    assert found == pytest.approx(fisher_less(600, 1000, 700, 1000), rel=0.5)


@pytest.mark.parametrize("end", [None, -inf, 0.1])
def test_without_a_bound_there_is_no_p_value(end: float | None) -> None:
    assert normal_less(0.1, Remembered(lambda _alpha: end, lambda _alpha: 0.3), 0.05) is None
