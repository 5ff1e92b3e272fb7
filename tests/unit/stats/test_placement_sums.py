"""Sums of placements by sorted arrays, against pairs one by one."""

from __future__ import annotations

import numpy as np
import pytest

from mlgate.stats.placement_sums import exact_dot, placement_sums


@pytest.mark.parametrize(("m", "n"), [(0, 0), (0, 4), (3, 0), (1, 1), (7, 90), (90, 7), (40, 40)])
@pytest.mark.parametrize("values", [1, 2, 5, 10**6])
def test_against_every_pair(m, n, values):
    random = np.random.default_rng(m + 100 * n)
    positives, negatives = (random.integers(0, values, size) / 7 * -1.0 for size in (m, n))
    compared = np.sign(positives[:, None] - negatives[None, :]).astype(int) + 1
    below, not_above = compared.sum(axis=1), (2 - compared).sum(axis=0)
    expected = (below.sum(), (below**2).sum(), not_above.sum(), (not_above**2).sum())
    assert placement_sums(positives.copy(), negatives.copy()) == tuple(map(int, expected))


def test_both_zeros_are_one_score():
    assert placement_sums(np.array([0.0]), np.array([-0.0])) == (1, 1, 1, 1)


def test_products_beyond_64_bits_are_exact():
    random = np.random.default_rng(0)
    one, other = random.integers(0, 2**32, (2, 1000))
    assert exact_dot(one, other) == sum(int(a) * int(b) for a, b in zip(one, other))
    assert exact_dot(one, one) > 2**64
