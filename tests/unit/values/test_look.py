"""Texts that look the same: what people take for one value."""

from __future__ import annotations

import pytest

from mlgate.values.look import alike, look


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("M", "m"),
        ("M", " M "),
        ("New York", "newyork"),
        ("M", "M\u200b"),
        ("M", "\ufeffM"),
        ("M", "\uff2d"),
        ("caf\u00e9", "cafe\u0301"),
        ("Stra\u00dfe", "STRASSE"),
    ],
)
def test_texts_that_look_the_same(one: str, other: str) -> None:
    assert one != other
    assert look(one) == look(other)


@pytest.mark.parametrize(("one", "other"), [("M", "F"), ("1", "1.0"), ("<25", "25"), ("caf\u00e9", "cafe"), ("a", "")])
def test_texts_that_do_not(one: str, other: str) -> None:
    assert look(one) != look(other)


def test_texts_alike_are_grouped_in_order() -> None:
    assert alike(["M", "F", "m ", "f", "X", "M"]) == [("M", "m "), ("F", "f")]
