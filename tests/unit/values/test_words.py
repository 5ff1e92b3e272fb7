"""Words for messages: counts with their nouns, and the first sentence of a text."""

from __future__ import annotations

import pytest

from mlgate.values.words import counted, first_sentence


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
