"""Interval bars and the numbers beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.reports.bars import DOT, BarScale, bar, ruler, scale_for
from mlgate.values.numbers import complement, decimals, number, percent
from mlgate.values.verdict import Finding, Status

SCALE = BarScale(0.0, 1.0, 21)


def drawn(lower: float | None, value: float | None, upper: float | None, *bounds: float) -> str:
    return bar(Finding((), Status.PASS, "", value, lower=lower, upper=upper), bounds, SCALE).rstrip()


@pytest.mark.parametrize(
    ("numbers", "bounds", "expected"),
    [
        ((0.25, 0.5, 0.75), (), "     ├────●────┤"),
        ((0.5, 0.75, 0.9), (0.25,), "     ┃    ├────●──┤"),
        ((0.25, 0.5, 0.75), (0.6,), "     ├────●─╂──┤"),
        ((0.25, 0.5, 0.75), (0.25,), "     ╂────●────┤"),
        ((None, 0.5, 0.75), (), "          ●────┤"),
        ((None, 0.5, None), (0.75,), "          ●    ┃"),
        ((0.5, 0.5, 0.5), (), "          ●"),
        ((None, None, None), (0.5,), "          ┃"),
    ],
)
def test_bars(numbers: tuple[float | None, ...], bounds: tuple[float, ...], expected: str) -> None:
    assert drawn(*numbers, *bounds) == expected  # type: ignore[arg-type]


def test_the_ruler_stands_over_the_mark() -> None:
    assert ruler((0.5,), SCALE) == "         0.5"
    assert ruler((0.0,), SCALE) == "0"


def test_marks_too_near_for_two_numbers_show_the_first() -> None:
    assert ruler((0.5, 0.52), SCALE) == "         0.5"


def test_there_is_no_scale_without_numbers() -> None:
    assert scale_for([Finding((), Status.FAIL, "")], (0.5,), 20) is None
    assert scale_for([Finding((), Status.FAIL, "", 1.7e308, lower=-1.7e308)], (), 20) is None


@given(st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=3).map(sorted), st.floats(-1e300, 1e300))
def test_every_bar_fits_and_has_its_dot(numbers: list[float], bound: float) -> None:
    finding = Finding((), Status.PASS, "", numbers[1], lower=numbers[0], upper=numbers[2])
    scale = scale_for([finding], (bound,), 30)
    assert scale is not None
    line = bar(finding, (bound,), scale)
    assert len(line) == 30
    assert line.count(DOT) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.81234, "0.8123"),
        (-0.0, "0"),
        (12345.6, "12,346"),
        (1e-7, "1e-07"),
        (2.5e20, "2.5e+20"),
        (-0.25, "-0.25"),
    ],
)
def test_numbers_to_four_digits(value: float | None, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_different_numbers_that_are_to_be_told_apart_look_different(value: float, other: float) -> None:
    if value != other:
        assert number(value, other) != number(other, value)


def test_a_column_shares_its_decimals_unless_sizes_are_far_apart() -> None:
    assert decimals([0.5, 0.1234, None]) == 4
    assert decimals([0.001234, 123.4]) is None
    assert decimals([1e-9, 1.0]) is None
    assert decimals([]) == 0


def test_confidence_as_percent() -> None:
    assert [percent("0.95"), percent("19/20"), percent("high")] == ["95 %", "95 %", "high"]
    assert [complement("0.95"), complement("0.999")] == ["5 %", "0.1 %"]
