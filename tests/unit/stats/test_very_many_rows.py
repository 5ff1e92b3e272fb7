"""Bounds of shares of more rows than a Beta distribution can be taken of: finite, quick, and around the value."""

from __future__ import annotations

import time
import warnings

import pytest

from mlgate.stats.matched import MatchedShares
from mlgate.stats.melded import melded_bound
from mlgate.stats.ratio import ShareRatio
from mlgate.stats.share import MOST_COUNTED, clopper_pearson_lower, clopper_pearson_upper, counted

MANY = (10**12, 2**53, 2**63, 60 * 2**63)


def test_few_rows_are_counted_as_they_are() -> None:
    assert counted(3, 4) == (3, 4)


def test_very_many_rows_keep_their_shares() -> None:
    assert counted(10**18, 3 * 10**18) == (MOST_COUNTED / 4, 3 * MOST_COUNTED / 4)


@pytest.mark.parametrize("rows", MANY)
def test_bounds_of_very_many_rows_are_around_the_value(rows: int) -> None:
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for hits in (1, rows // 3, rows - 1):
            share = hits / rows
            assert clopper_pearson_lower(hits, rows, 0.05) <= share <= clopper_pearson_upper(hits, rows, 0.05)
            ratio = ShareRatio.from_counts(hits, rows, rows // 4, rows)
            assert ratio.lower(0.05) <= ratio.value <= (ratio.upper(0.05) or float("inf"))
        for won, lost in ((3, 2), (rows // 3, rows // 4), (rows - 2, 1)):
            matched = MatchedShares(rows, won, lost)
            assert matched.lower(0.05) <= matched.value <= matched.upper(0.05)
        shares = [(rows // 3, rows - rows // 3), (rows // 4, rows - rows // 4)]
        ends = [melded_bound(lambda a, b: (a + b) / 2, shares, [True, True], None, 0.05, side)
                for side in ("lower", "upper")]  # fmt: skip
        assert ends[0] is not None
        assert ends[1] is not None
        assert ends[0] <= (1 / 3 + 1 / 4) / 2 <= ends[1]
    assert time.process_time() - start < 5


@pytest.mark.parametrize("few", [1e-300, 1e-9, 0.3, 0.5])
def test_a_ratio_of_less_than_one_effective_row_is_bounded(few: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rows in (1.0, 1e6, 1e12):
            ratio = ShareRatio.from_counts(few, rows + few, rows / 2, rows)
            assert 0 <= ratio.lower(0.05) <= ratio.value <= (ratio.upper(0.05) or float("inf"))
