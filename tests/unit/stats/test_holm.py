"""Holm's step-down by bounds against Holm by p values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.stats.holm import holm_rejected


def holm_by_p_values(p_values: list[float], alpha: float) -> set[int]:
    rejected: set[int] = set()
    for step, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[index] > alpha / (len(p_values) - step):
            break
        rejected.add(index)
    return rejected


@given(st.lists(st.floats(0, 0.2), max_size=12), st.sampled_from([0.01, 0.05, 0.1]))
def test_is_holm_by_p_values(p_values, alpha):
    rejected = holm_rejected(lambda index, level: p_values[index] <= level, len(p_values), alpha)
    assert rejected == holm_by_p_values(p_values, alpha)


def test_levels_asked_are_alpha_over_those_still_open_for_those_refuted_at_alpha():
    asked: list[float] = []

    def refuted(index: int, level: float) -> bool:
        asked.append(level)
        return [0.001, 0.02, 0.5][index] <= level

    assert holm_rejected(refuted, 3, 0.05) == {0, 1}
    assert asked == [0.05] * 3 + [0.05 / 3] * 2 + [0.05 / 2]


def test_nothing_to_reject():
    assert holm_rejected(lambda index, level: True, 0, 0.05) == frozenset()


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="count"):
        holm_rejected(lambda index, level: True, -1, 0.05)
    with pytest.raises(ValueError, match="level"):
        holm_rejected(lambda index, level: True, 2, 0.95)
