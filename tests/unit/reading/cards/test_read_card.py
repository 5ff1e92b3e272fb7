"""Reading model cards: what is a heading, a comment, code and a number, and each hostile file is one clear error."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.reading.cards.model_card import ModelCard, empty_label, words_of
from mlgate.reading.cards.read_card import read_card
from mlgate.reading.placeholders import placeholder_in, says_nothing
from mlgate.values.errors import EvidenceError

CARD = """\
---
license: mit
datasets: [churn]
model-index:
- name: churn
  results:
  - dataset: {name: Churn 2026, split: test}
    metrics:
    - {type: accuracy, value: 0.91, name: Accuracy}
---
# Churn

It says who leaves. `TODO` is code.

Uses
----
<!-- what it is for
# not a heading -->
For the bank.<!-- and more -->

### Direct use ###

```python
# TODO: not a heading
```

<h2 align="center">Results</h2>

| Model | Accuracy | F1 |
|:--|--:|--:|
| ours | **0.91** | 85 % |
| old | 0.88 | - |

- **Loss:** 0.31
"""


def card(text: str) -> ModelCard:
    return read_card(text.encode(), "CARD.md")


def test_sections_are_what_readers_see() -> None:
    found = [(of.title, of.level, of.line, of.text.strip(), of.commented) for of in card(CARD).sections]
    assert found[:3] == [
        ("Churn", 1, 11, "It says who leaves.   is code.", False),
        ("Uses", 2, 15, "For the bank.", True),
        ("Direct use", 3, 21, "", False),
    ]
    assert found[3][:3] == ("Results", 2, 27)
    assert card(CARD).sections[2].code.strip() == "# TODO: not a heading"


def test_fields_have_their_lines() -> None:
    found = {".".join(of.keys): (of.text, of.line) for of in card(CARD).fields}
    assert found["license"] == ("mit", 2)
    assert found["model-index.0.results.0.metrics.0.value"] == ("0.91", 9)
    assert [of.text for of in card(CARD).values("datasets")] == ["churn"]
    assert card(CARD).texts("license") == ("mit",)
    assert card(CARD).texts("model-index") == ()


def test_numbers_have_their_names_and_lines() -> None:
    found = [(of.name, of.text, of.line) for of in card(CARD).numbers]
    assert ("accuracy", "0.91", 9) in found
    assert ("Accuracy", "**0.91**", 31) in found
    assert ("ours", "**0.91**", 31) in found
    assert ("Accuracy", "0.88", 32) in found
    assert ("F1", "85 %", 31) in found
    assert ("Loss", "0.31", 34) in found


def test_the_words_beside_a_number_tell_of_what_it_is() -> None:
    of = {(each.name, each.text): each.of for each in card(CARD).numbers}
    assert of["accuracy", "0.91"] == ("churn", "Churn 2026", "test")
    assert of["Accuracy", "0.88"] == ("old", "-", "Results")


def test_a_comment_that_never_ends_hides_the_rest() -> None:
    assert [of.title for of in card("# A\n<!-- x\n# B\ntext\n").sections] == ["A"]


def test_what_readers_do_not_see_is_no_text() -> None:
    found = card("# A\n[//]: # (what is it for?)\n[1]: https://example.com\n[^1]: A footnote.\n").sections[0]
    assert (found.text.split(), found.commented) == (["[^1]:", "A", "footnote."], True)


def test_code_that_never_ends_is_code_to_the_end() -> None:
    assert [of.title for of in card("# A\n~~~\n# B\n```\n# C\n").sections] == ["A"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("#A\n# B\n", ["", "B"]),
        ("    # A\n", [""]),
        ("####### A\n", [""]),
        ("#\ntext\n", [""]),
        ("# A\n##  ##\ntext\n", ["A"]),
        ("A\n===\nB\n---\n", ["A", "B"]),
        ("| a | b |\n|---|---|\n", [""]),
        ("text\n\n---\n", [""]),
        ("---\nno end\n# A\n", ["", "A"]),
        ("\ufeff# A\r\ntext\r\n# B\r\n", ["A", "B"]),
        ("# **A**\n", ["A"]),
        ("", []),
    ],
)
def test_headings(text: str, titles: list[str]) -> None:
    assert [of.title for of in card(text).sections] == titles


TOOLKIT = {
    "schema_version": "0.0.2",
    "model_details": {"name": "churn", "owners": [{"name": "Ann", "contact": "ann@example.com"}]},
    "quantitative_analysis": {"performance_metrics": [{"type": "accuracy", "value": 0.91, "slice": "test"}]},
    "considerations": {"use_cases": [{"description": "For the bank."}], "limitations": []},
}
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "metadata": {
        "component": {
            "type": "machine-learning-model",
            "modelCard": {
                "quantitativeAnalysis": {"performanceMetrics": [{"type": "accuracy", "value": "0.91"}]},
                "considerations": {"useCases": ["For the bank."], "technicalLimitations": ["One country."]},
            },
        }
    },
}


@pytest.mark.parametrize("document", [TOOLKIT, CYCLONEDX], ids=["toolkit", "cyclonedx"])
def test_cards_in_json(document: object) -> None:
    found = card(json.dumps(document))
    assert {of.title: of.text for of in found.sections}["use cases"] == "For the bank."
    assert [(of.name, of.text) for of in found.numbers] == [("accuracy", "0.91")]
    assert found.at(found.sections[0].line) == "CARD.md"


HOSTILE = {
    "not UTF-8": (b"# \xff", "is not UTF-8 (byte 3)"),
    "UTF-16": ("# A".encode("utf-16"), "is not UTF-8"),
    "a NUL": (b"# A\0", "has a NUL"),
    "too large": (b"a" * (5 << 20), "has more than 4 MiB"),
    "too many headings": (b"# a\n" * 3000, "more than 2,000 headings"),
    "a repeated key": (b"---\nlicense: mit\nlicense: gpl\n---\n", "key `license` is repeated"),
    "an alias": (b"---\na: &x [1]\nb: *x\n---\n", "an anchor (&x) is not allowed"),
    "a list": (b"---\n- a\n---\n", "the front matter is a list"),
    "no YAML": (b"---\na: [\n---\n", "not readable as YAML"),
    "a template": (b"---\n{{ card_data }}\n---\n", "has the placeholder `{{ card_data }}`"),
    "nested deeply": (b"---\na: " + b"[" * 50 + b"]" * 50 + b"\n---\n", "nested deeper than"),
    "hidden signs": ("---\nlicense: m\u200bit\n---\n".encode(), "cannot be seen"),
    "other JSON": (b'{"a": 1}', "not a model card of the Model Card Toolkit"),
    "JSON cut off": (b'{"considerations": ', "cannot be read as JSON"),
    "a repeated JSON key": (b'{"considerations": 1, "considerations": 2}', "is repeated"),
    "a NaN": (b'{"considerations": NaN}', "NaN is not a number"),
    "JSON nested": (b'{"considerations": ' + b'{"a":' * 90 + b"1" + b"}" * 91, "nested more than"),
    "JSON nested without end": (b'{"considerations": ' + b"[" * 200_000, "cannot be read as JSON"),
    "lists in lists": (b'{"considerations": ' + b"[" * 900 + b"]" * 900 + b"}", "nested more than"),
    "no card": (b'{"bomFormat": "CycloneDX", "components": [7, {"type": "x"}]}', "has 0 model cards"),
    "wrong types": (b'{"bomFormat": "CycloneDX", "metadata": [], "components": {}}', "has 0 model cards"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_is_no_card_is_one_error(what: str) -> None:
    raw, said = HOSTILE[what]
    with pytest.raises(EvidenceError, match="^CARD.md.*" + re.escape(said)):
        read_card(raw, "CARD.md")


@pytest.mark.parametrize(
    "document",
    [
        {"considerations": None},
        {"considerations": 7},
        {"considerations": [[], [1], {"a": [{}]}]},
        {"quantitative_analysis": []},
        {"quantitative_analysis": {"performance_metrics": {"a": 1}}},
        {"quantitative_analysis": {"performance_metrics": [None, 3, {"type": None, "value": None}]}},
    ],
)
def test_wrong_types_say_nothing(document: object) -> None:
    assert all(of.name == "" for of in card(json.dumps(document)).numbers)


@pytest.mark.parametrize(
    "text", ["![" * 30_000, "<" * 50_000, "a{{" * 40_000, "**a" * 30_000, "`" * 100_000, "a: " + " " * 100_000,
             "|" * 50_000 + "\n" + "|-" * 50_000, "# " + " " * 100_000, "[ " * 40_000]
)  # fmt: skip
def test_no_line_takes_long(text: str) -> None:
    found = card(text)
    for section in found.sections:
        words_of(section.text), placeholder_in(section.text), empty_label(section.text)


@given(st.text(max_size=300))
def test_any_text_is_a_card_or_an_error(text: str) -> None:
    try:
        found = card(text)
    except EvidenceError:
        return
    assert all(section.line >= 1 for section in found.sections)


PLACEHOLDERS = [
    "[More Information Needed]", "More information\n needed.", "[Needs More Information]", "TODO", "todo: write",
    "TBD", "tbd.", "To be added", "{{ model_id }}", "{% if x %}", "[Insert model name here]", "<your model>",
    "Your text here", "Lorem ipsum dolor", "Coming soon!", "[Your name or the team]", "FIXME", "XXX", "CHANGEME",
    "T\u200bODO", "ＴＯＤＯ", "[Date of model creation]", "This section is meant to convey limits.",
]  # fmt: skip


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders(text: str) -> None:
    assert placeholder_in(f"The model is {text} for now")


@pytest.mark.parametrize(
    "text",
    [
        "Para todo el mundo, y to-do lists", "methods (e.g. trees)", "(add 10 rows)", "[1] and [CLS]",
        "a <b>bold</b> word", "We completed it.", "more information is needed by the user",
        "It should be done", "the mastodon", "{a: 1}", "The model finds TODO comments in code.",
        "It is trained on TODO and FIXME comments", "Detection of XXX markers", "The tool counts TODO, FIXME notes",
    ],
)  # fmt: skip
def test_words_that_are_no_placeholders(text: str) -> None:
    assert placeholder_in(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "It is good.\nTODO say why", "- TODO comments", "It was trained on TODO rows", "License: TODO",
        "We know this. TODO: write more", "The limits are (TODO which)", "The score is TODO", "Say more about it TODO",
        "It was made by TODO", "**License:** TODO add it", "The owner is TBD comments",
    ],
)  # fmt: skip
def test_a_mark_that_waits_for_words_is_a_placeholder(text: str) -> None:
    assert placeholder_in(text)


def test_further_placeholders_are_found_as_people_read_them() -> None:
    assert placeholder_in("Noch zu\nergänzen.", ["noch zu ergänzen"]) == "noch zu ergänzen"


@pytest.mark.parametrize("text", ["", " ", "N/A", "none", "-", "?", "Unknown.", "TBD", "[x]", "null", "**none**"])
def test_values_that_say_nothing(text: str) -> None:
    assert says_nothing(text)


def test_words_are_counted_without_labels_tags_and_targets() -> None:
    assert words_of("- **License:** <b>see</b> [this file](https://example.com/a)") == {"see", "this", "file"}
    assert len(words_of("模型仅用于研究")) == 7


def test_a_label_without_a_value_is_found() -> None:
    assert empty_label("- **License:** \n- **Other:** x") == "License"
    assert empty_label("- **Uses:**\n  - one\n  - two") == ""
