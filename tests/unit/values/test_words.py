"""Words for messages: counts with their nouns, and the first sentence of a text."""

from __future__ import annotations

import pytest

from mlgate.values.words import counted, first_sentence, flaws, have


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Share of rows. Of one class.", "Share of rows."),
        ("Share of rows", "Share of rows."),
        ("Share of rows.", "Share of rows."),
        ("Large (Van Calster et al. 2019): a constant. It is 0.", "Large (Van Calster et al. 2019): a constant."),
        ("Kept (as A. Smith did). New.", "Kept (as A. Smith did)."),
        ("By Smith et al. in 2019, 1.5 rows, e.g. none. `k` cuts.", "By Smith et al. in 2019, 1.5 rows, e.g. none."),
        ("Odd (never closed. But ends.", "Odd (never closed."),
        ("", "."),
    ],
)  # fmt: skip
def test_the_first_sentence_ends_where_it_ends(text: str, first: str) -> None:
    assert first_sentence(text) == first


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [(1, "row", "1 row"), (0, "row", "0 rows"), (12_412, "query", "12,412 queries"), (2, "day", "2 days")],
)
def test_a_count_agrees_with_its_noun(number: int, noun: str, said: str) -> None:
    assert counted(number, noun) == said


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
