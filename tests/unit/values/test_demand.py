"""A demand's sides, the level that they share, and its words."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mlgate.values.demand import Demand

LOW, HIGH = Fraction("0.4"), Fraction("0.6")
LEAST, MOST = Demand(LOW, None, "0.4"), Demand(None, HIGH, "", "0.6")
BETWEEN = Demand(LOW, HIGH, "0.4", "0.6")


@pytest.mark.parametrize(
    ("demand", "sides", "empty"),
    [
        (Demand(), (), True),
        (LEAST, (("at_least", LOW),), False),
        (MOST, (("at_most", HIGH),), False),
        (BETWEEN, (("at_least", LOW), ("at_most", HIGH)), False),
        (Demand(Fraction(0)), (("at_least", Fraction(0)),), False),
    ],
)
def test_each_bound_is_a_side_and_without_any_nothing_is_demanded(
    demand: Demand, sides: tuple[tuple[str, Fraction], ...], empty: bool
) -> None:
    assert demand.sides == sides
    assert demand.empty is empty


@pytest.mark.parametrize(("demand", "level"), [(Demand(), 0.05), (LEAST, 0.05), (MOST, 0.05), (BETWEEN, 0.025)])
def test_two_sides_share_the_level_at_which_each_is_refuted(demand: Demand, level: float) -> None:
    assert demand.shared(0.05) == level


@pytest.mark.parametrize(
    ("demand", "said"),
    [
        (Demand(LOW, LOW, "0.4", "0.4"), "exactly 0.4"),
        (LEAST, "≥ 0.4"),
        (MOST, "≤ 0.6"),
        (Demand(LOW, None, "0.4", strict=True), "> 0.4"),
        (Demand(None, HIGH, "", "0.6", strict=True), "< 0.6"),
        (BETWEEN, "between 0.4 and 0.6"),
    ],
)
def test_a_demand_in_words(demand: Demand, said: str) -> None:
    assert str(demand) == said
