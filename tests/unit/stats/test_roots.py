"""The difference of two root mean squares against the bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from mlgate.stats.roots import RootDifference


def test_the_standard_error_is_that_of_the_bootstrap():
    random = np.random.default_rng(1)
    shared = random.normal(size=2000)
    a, b = ((scale * shared + random.normal(size=2000)) ** 2 for scale in (1.0, 1.2))
    found = RootDifference(2000, a.mean(), b.mean(), a.var(ddof=1), b.var(ddof=1), np.cov(a, b)[0, 1])
    assert found.value == pytest.approx(np.sqrt(a.mean()) - np.sqrt(b.mean()))
    drawn = random.integers(0, 2000, (2000, 2000))
    replicates = np.sqrt(a[drawn].mean(axis=1)) - np.sqrt(b[drawn].mean(axis=1))
    assert found.standard_error == pytest.approx(replicates.std(), rel=0.06)
    assert found.lower(0.05) < found.value < found.upper(0.05)


def test_what_does_not_vary_has_no_bounds():
    same = RootDifference(10, 4.0, 4.0, 2.0, 2.0, 2.0)
    assert (same.value, same.lower(0.05), same.upper(0.05)) == (0.0, None, None)
    with pytest.raises(ValueError, match="above 0"):
        RootDifference(10, 0.0, 4.0, 2.0, 2.0, 2.0)
