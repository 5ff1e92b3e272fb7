"""Texts compared: what is computed, of which columns, after which normalisation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.profile import Profile
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.texts import Texts, computed, normalised, token_f1
from mlgate.values.errors import EvidenceError


def values(rows: pd.DataFrame, *columns: str) -> list[tuple]:
    """The computed columns as they stand in the table that is made."""
    with open_evidence({"rows": FrameSource(rows), "texts": Texts("rows")}, Path()) as evidence:
        needs = [Profile("texts", raw=f'"{column}"', value=f'"{column}"') for column in columns]
        for need in needs:
            answer = evidence.measure([need]).answers[need]
            if isinstance(answer, Exception):
                raise answer
        relation = evidence._tables.relation("texts")
        listed = ", ".join(f'"{column}"' for column in columns)
        return evidence.engine.query(f"select {listed} from {relation}")


ROWS = pd.DataFrame({"reference": ["a b c", "The Cat.", "", "x"], "answer": ["a c", "the cat", "", None]})


def test_numbers_are_computed_by_name_and_missing_texts_have_none():
    both = ("reference", "answer")
    asked = [computed("word_errors", both), computed("words", both[:1]), computed("token_f1", both)]
    asked.append(computed("exact_match", both))
    assert values(ROWS, *asked) == [(1, 3, 0.8, 0), (2, 2, 0.0, 0), (0, 0, 1.0, 1), (None, 1, None, None)]


def test_characters_are_code_points_of_the_composed_form():
    rows = pd.DataFrame({"y": ["e\u0301a", "né"], "p": ["é", "ne\u0301"]})
    asked = [computed("character_errors", "yp"), computed("characters", "y"), computed("exact_match", "yp")]
    assert values(rows, *asked) == [(1, 2, 0), (0, 2, 1)]


def test_several_normalisations_of_one_function_stand_beside_each_other():
    plain = computed("exact_match", ("reference", "answer"))
    both = computed("exact_match", ("reference", "answer"), ("punctuation", "case"))
    assert both == "exact_match[case punctuation](reference, answer)"
    assert values(ROWS, plain, both)[1] == (0, 1)


def test_names_of_columns_may_hold_anything():
    rows = pd.DataFrame({"a, b": ["x y"], "c)": ["x"], "champion.answer": ["x y"]})
    assert values(rows, "word_errors(a, b, c))", "word_errors(a, b, champion.answer)") == [(1, 0)]


@pytest.mark.parametrize(
    "column",
    [
        "word_error(reference, answer)",
        "word_errors(reference, nothing)",
        "word_errors[colour](reference, answer)",
        "word_errors(reference, number)",
        "word_errors(reference)",
        "words(reference, answer)",
    ],
)
def test_what_is_no_function_of_two_texts_is_no_column(column):
    with pytest.raises(EvidenceError, match="no column"):
        values(ROWS.assign(number=1), column)


def test_a_column_with_the_name_of_a_computed_one_is_refused():
    with pytest.raises(EvidenceError, match="rename it"):
        values(ROWS.rename(columns={"answer": "words(a)"}), "reference")


def test_plain_columns_pass_through_and_rows_stay_as_many():
    rows = pd.DataFrame({"y": ["a"] * 5000, "p": ["b"] * 5000, "n": range(5000)})
    with open_evidence({"rows": FrameSource(rows), "texts": Texts("rows")}, Path()) as evidence:
        need = Moments("texts", values=('"n"', '"character_errors(y, p)"'), monomials=((0, 1),))
        (found,) = evidence.measure([need])[need].groups
        assert found.n == 5000


@pytest.mark.parametrize(
    ("normalise", "expected"),
    [
        ((), " The  Straße, 1.5 €! "),
        (("case",), " the  strasse, 1.5 €! "),
        (("punctuation",), " The  Straße 15 € "),
        (("whitespace",), "The Straße, 1.5 €!"),
        (("articles",), " Straße, 1.5 €! "),
        (("articles", "whitespace"), "Straße, 1.5 €!"),
        (("case", "punctuation", "articles", "whitespace"), "strasse 15 €"),
    ],
)
def test_normalisation_does_what_it_says(normalise, expected):
    assert normalised(" The  Straße, 1.5 €! ", normalise) == expected


@pytest.mark.parametrize(
    ("normalise", "text", "expected"),
    [
        (("articles",), "the cat", "cat"),
        (("articles",), "cat the", "cat"),
        (("articles",), "on a the mat", "on mat"),
        (("articles",), "the", ""),
        (("punctuation",), "so , what ?", "so what"),
        (("punctuation",), "... ", ""),
    ],
)
def test_a_word_that_is_removed_takes_a_blank_along(normalise, text, expected):
    assert normalised(text, normalise) == expected


@pytest.mark.parametrize(
    ("label", "prediction", "expected"),
    [("", "", 1.0), ("", "a", 0.0), ("a", "", 0.0), ("a a b", "a b b", 2 / 3), ("a b", "c", 0.0), ("b a", "a b", 1.0)],
)
def test_words_count_as_often_as_they_occur(label, prediction, expected):
    assert token_f1(label, prediction) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("function", "text", "rows"),
    [("word_errors", "a\n", 21_000), ("character_errors", "ab", 10_001), ("character_errors", "x" * 20_000, 1)],
)
def test_texts_that_take_too_long_are_refused_at_once(function, text, rows):
    long = pd.DataFrame({"y": ["short", text * rows], "p": ["sort", text[::-1] * rows]})
    if len(text) == 20_000:
        long = pd.DataFrame({"y": [text] * 2_600, "p": [text] * 2_600})
    with pytest.raises(EvidenceError, match=r"`\w+\(y, p\)` compares texts .* at most [41]e\+.* are taken"):
        values(long, computed(function, "yp"))
    assert values(long, computed("exact_match", "yp"))[0][0] in (0, 1)


def test_long_texts_of_few_words_are_compared_by_word():
    long = pd.DataFrame({"y": ["x" * 30_000], "p": ["y" * 30_000]})
    assert values(long, computed("word_errors", "yp")) == [(1,)]
