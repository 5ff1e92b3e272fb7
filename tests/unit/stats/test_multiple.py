"""Benjamini and Hochberg: against scipy, and against the definition by brute force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlgate.stats.multiple import benjamini_hochberg

P_VALUES = st.lists(st.floats(0, 1), max_size=30)


@given(P_VALUES.filter(bool))
def test_is_scipys(p_values):
    assert benjamini_hochberg(p_values) == pytest.approx(stats.false_discovery_control(p_values), abs=1e-15)


@given(P_VALUES, st.floats(0.001, 0.999))
def test_lists_what_the_step_up_rule_lists(p_values, rate):
    ordered = sorted(p_values)
    passing = [p for rank, p in enumerate(ordered, 1) if p * len(ordered) / rank <= rate]
    listed = [p for p in p_values if passing and p <= max(passing)]
    assert [p for p, q in zip(p_values, benjamini_hochberg(p_values)) if q <= rate] == listed


def test_published_example():
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005, 0.5]) == pytest.approx([0.025, 0.05, 0.05, 0.025, 0.5])


@pytest.mark.parametrize("p_values", [[-0.1], [1.2], [float("nan")]])
def test_nonsense_is_refused(p_values):
    with pytest.raises(ValueError, match="p values"):
        benjamini_hochberg(p_values)
