"""Edit distance by bits: against the whole table, its axioms, and published word error rates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.stats.edit_distance import edit_distance

SHORT = st.text("ab\u00e9", max_size=20)


def table(one, other) -> int:
    """Wagner and Fischer's."""
    row = list(range(len(other) + 1))
    for at, entry in enumerate(one, 1):
        last, row[0] = row[0], at
        for place, against in enumerate(other, 1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (entry != against))
    return row[-1]


@given(SHORT, SHORT)
def test_it_is_the_last_entry_of_the_table(one, other):
    assert edit_distance(one, other) == table(one, other)


@given(st.lists(st.sampled_from(["a", "b", "ab"]), max_size=90), st.lists(st.sampled_from(["a", "b"]), max_size=90))
def test_words_are_entries_as_characters_are(one, other):
    """Also beyond the 64 bits of a machine's word."""
    assert edit_distance(one, other) == table(one, other)


@given(SHORT, SHORT, SHORT)
def test_it_is_a_distance(one, other, third):
    assert edit_distance(one, other) == edit_distance(other, one)
    assert (edit_distance(one, other) == 0) == (one == other)
    assert edit_distance(one, third) <= edit_distance(one, other) + edit_distance(other, third)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("kitten", "sitting", 3),
        ("", "", 0),
        ("", "abc", 3),
        ("a" * 1000, "a" * 1000 + "b", 1),
        ("abc" * 500, "abd" * 500, 500),
    ],
)
def test_known_distances(one, other, expected):
    assert edit_distance(one, other) == expected


@pytest.mark.parametrize(
    ("label", "prediction", "errors", "words"),
    [
        # The examples of jiwer's documentation and tests.
        ("hello world", "hello duck", 1, 2),
        ("this is a test", "this is a test", 0, 4),
        ("this is a test", "", 4, 4),
        ("i like python", "i really like python", 1, 3),
        ("this is the reference", "this is the other one", 2, 4),
        ("short one here", "shoe order one", 3, 3),
    ],
)
def test_published_word_errors(label, prediction, errors, words):
    assert (edit_distance(label.split(), prediction.split()), len(label.split())) == (errors, words)
