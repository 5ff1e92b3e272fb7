"""What is wrong with a bound on a metric, as its owner has written it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mlgate.checks.metric_problems import bound_problems
from mlgate.metrics.options import Options
from mlgate.values.demand import Demand


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.9", ""),
        ("1", ""),
        ("90", "90 is outside the range of accuracy, 0 to 1; for 90 % write 0.9"),
        # A rounded number would be in the range.
        ("1.0000000001", "1.0000000001 is outside the range of accuracy, 0 to 1"),
        ("0", "every value of accuracy is at least 0, so this demands nothing"),
    ],
)
def test_a_bound_outside_the_range_is_named_as_it_is_written(text: str, said: str) -> None:
    problems = list(bound_problems("accuracy", Demand(at_least=Fraction(text), at_least_text=text), Options()))
    assert [message[: len(said)] for _, message in problems] == ([said] if said else [])


def test_a_bound_without_a_text_is_named_by_its_value() -> None:
    ((key, message),) = bound_problems("accuracy", Demand(at_least=Fraction(7, 2)), Options())
    assert (key, message.split(" is ")[0]) == ("at_least", "3.5")
