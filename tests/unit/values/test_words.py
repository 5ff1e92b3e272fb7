"""Counts in messages are good English for one and for many."""

from __future__ import annotations

from mlgate.values.words import flaws, have


def test_one_has_and_many_have() -> None:
    assert have(1, "row") == "1 row has"
    assert have(2, "query") == "2 queries have"
    assert have(1, "row", 4000) == "1 of 4,000 rows has"
    assert have(12, "row", 4000) == "12 of 4,000 rows have"


def test_flaws_are_listed_and_empty_without_any() -> None:
    texts = ("not a number", "not numbers")
    assert flaws(4000, (4000, *texts)) == "of 4,000 values, 4,000 are not numbers"
    assert flaws(1, (1, *texts)) == "of 1 value, 1 is not a number"
    assert flaws(9, (2, "missing", "missing"), (1, *texts), (3, "NaN", "NaN")) == (
        "of 9 values, 2 are missing, 1 is not a number and 3 are NaN"
    )
    assert flaws(9, (0, *texts)) == ""
