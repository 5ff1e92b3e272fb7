"""`governance.card`: each change of a card fails the finding that is about it, and no other."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlgate
from mlgate.checks.governance.card_numbers import written_number
from mlgate.checks.governance.card_question import CardSays
from mlgate.checks.governance.card_topics import TOPICS, sections_about
from mlgate.evidence.codec import decode_facts, encode_facts
from mlgate.evidence.questions.need import Facts
from mlgate.reading.cards.model_card import CardSection, ModelCard
from mlgate.reading.cards.read_card import read_card
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome

CARD = (Path(__file__).parent / "data" / "MODEL_CARD.md").read_text()
KEYS = """\
sections: [description, intended_use, limitations, training_data, evaluation, Model Card Contact]
    fields: [license, datasets]
    numbers:
      - {metric: accuracy, of: Customers 2026}
      - {metric: accuracy, of: this one}
      - {metric: recall, of: this one}"""
ROWS = pd.DataFrame({"y": [0, 1] * 20, "p": [1 if at % 4 == 0 else at % 2 for at in range(40)]})
"""Accuracy 0.75, recall 1."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def judged(text: str | None = CARD, keys: str = KEYS, **more: Any) -> Outcome:
    if text is not None:
        Path("MODEL_CARD.md").write_text(text)
    rule = f"  - id: card\n    check: governance.card\n    {keys}\n"
    Path("gate.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n{rule}")
    named = {"card": "MODEL_CARD.md"} if text is not None else {}
    given = {"predictions": ROWS, "task": "binary", "positive": "1", "label": "y", "prediction": "p"}
    return mlgate.check(policy="gate.yaml", **{**given, **named, **more}).outcomes[0]


def failing(outcome: Outcome) -> dict[str, str]:
    """The message of each finding that does not pass."""
    return {found.where[0][1]: found.message for found in outcome.findings if found.status.value != "PASS"}


WITH_DESCRIPTION = CARD.replace("# Churn of customers\n", "# Churn of customers\n\n## Model Description\n")


def test_a_card_that_is_written_passes() -> None:
    outcome = judged(WITH_DESCRIPTION)
    assert outcome.status.value == "PASS", failing(outcome)
    said = [found.message for found in outcome.findings]
    assert said[1:3] == ["intended_use is written under `Uses`, `Direct Use`",
                         "limitations is written under `Bias, Risks, and Limitations`"]  # fmt: skip
    assert said[-1] == "MODEL_CARD.md states recall of this one **1.00**, as measured on 40 rows"


REST = "all others"
CHANGES = {
    "an empty section": (
        "It was trained on customers of one country, and is wrong for new products.", "", "limitations",
        "section `Bias, Risks, and Limitations` (MODEL_CARD.md:24) is empty; write it",
    ),
    "the comment of a template": (
        "A bank calls customers who will probably leave.", "<!-- Say for what. -->", "intended_use",
        "section `Uses` (MODEL_CARD.md:17) has only the comment of a template; write it",
    ),
    "a placeholder of a template": (
        "Customers of the years 2020 to 2024, without their names.", "[More Information Needed]", "training_data",
        "section `Training Data` has the placeholder `More Information Needed` (MODEL_CARD.md:32)",
    ),
    "a placeholder beside text": (
        "on customers of one country", "on customers (TODO: which?)", "limitations", "has the placeholder `TODO`",
    ),
    "a label without a value": (
        "A bank calls", "- **Users:**\n\nA bank calls", "intended_use", "`Users` without a value",
    ),
    "a missing section": ("## Bias, Risks, and Limitations", "## Thanks", "limitations", "has no section about"),
    "a word alone": (
        "Ask credit-models@example.com about this model.", "None.", "Model Card Contact",
        "has 1 different word, and the rule requires 5; write more",
    ),
    "one word many times": (
        "Ask credit-models@example.com about this model.", "text " * 20, "Model Card Contact", "1 different word",
    ),
    "a section in code": ("## Evaluation", "```\n## Evaluation", "evaluation", "has no section about evaluation"),
    "a section in a comment": (
        "## Model Card Contact", "<!-- ## Model Card Contact", "Model Card Contact", "has no section",
    ),
    "a field that says nothing": (
        "license: apache-2.0", "license: unknown", "license",
        "field `license` is `unknown` (MODEL_CARD.md:2), which says nothing; write its value",
    ),
    "an empty field": ("license: apache-2.0", "license:", "license", "field `license` is empty (MODEL_CARD.md:2)"),
    "a missing field": ("license: apache-2.0", "licence: mit", "license", "has no field `license`"),
    "an empty list": ("[acme/customers]", "[]", "datasets", "has no field `datasets`"),
    "one of a list": ("[acme/customers]", "[acme/customers, TBD]", "datasets", "field `datasets.1` is `TBD`"),
    "a placeholder elsewhere": (
        "It says which customers will probably leave", "Lorem ipsum dolor", "description", "placeholder `Lorem ipsum`",
    ),
    "a number in front matter": (
        "value: 0.75", "value: 0.76", "accuracy of Customers 2026",
        "the card states accuracy of Customers 2026 0.76 (MODEL_CARD.md:9), and 0.75 was measured on 40 rows; correct",
    ),
    "a number of the last model": ("| 75 %", "| 70 %", "accuracy of this one", "states accuracy of this one 70 %"),
    "a number off by one digit": ("| 75 %", "| 75.1 %", "accuracy of this one", "0.75 was measured"),
    "a number with a comma": (
        "value: 0.75", 'value: "0,75"', "accuracy of Customers 2026", "`0,75` for accuracy of Customers 2026 cannot be",
    ),
    "a number that is none": ("value: 0.75", "value: .nan", "accuracy of Customers 2026", "cannot be read as a number"),
    "an empty number": ("value: 0.75", "value:", "accuracy of Customers 2026", "cannot be read as a number"),
    "a number left out": ("| **1.00** |", "| - |", "recall of this one", "states no recall of this one"),
    "another data set": (
        "name: Customers 2026", "name: Customers 2025", "accuracy of Customers 2026", "states no accuracy of Customers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_one_change_fails_one_finding(what: str) -> None:
    old, new, name, said = CHANGES[what]
    assert WITH_DESCRIPTION.count(old) == 1, old
    found = failing(judged(WITH_DESCRIPTION.replace(old, new)))
    also = {"evaluation": {"Model Card Contact", "accuracy of this one", "recall of this one"}}.get(name, set())
    assert found.keys() - also == {name}, found
    assert said in found[name]


def test_what_the_rule_does_not_name_must_be_written_too() -> None:
    text = CARD + "\n## Glossary\n\n## Thanks\n\nTBD\n"
    found = failing(judged(text, "sections: [limitations]"))
    assert found == {
        REST: "section `Glossary` (MODEL_CARD.md:47) is empty; write it, or remove it (1 more in the card)"
    }
    assert failing(judged(text, "sections: [limitations]\n    others: allow")) == {}
    found = failing(judged(CARD.replace("apache-2.0", "TODO"), "sections: [limitations]"))
    assert found == {REST: "field `license` has the placeholder `TODO` (MODEL_CARD.md:2); write its value"}


def test_one_written_section_about_a_topic_is_enough() -> None:
    """But no other about it may have a placeholder, whatever its title is."""
    text = CARD + "\n## Known limitations of the placeholder\n\nWHAT\n"
    keys = "sections: [limitations]\n    others: allow"
    assert failing(judged(text.replace("WHAT", ""), keys)) == {}
    assert failing(judged(text.replace("WHAT", "none"), keys)) == {}
    outcome = judged(text.replace("WHAT", "none"), keys)
    assert [found.message for found in outcome.findings] == [
        "limitations is written under `Bias, Risks, and Limitations`"
    ]
    assert failing(judged(text.replace("WHAT", "TODO"), keys)).keys() == {"limitations"}


def test_what_is_inside_a_section_must_be_written_too() -> None:
    text = CARD.replace("## Training Details", "### Recommendations\n\n## Training Details")
    keys = "sections: [limitations, training_data]"
    assert failing(judged(text, keys)) == {
        REST: "section `Recommendations` (MODEL_CARD.md:26) is empty; write it, or remove it"
    }
    assert failing(judged(text, f"{keys}\n    others: allow")) == {}
    assert failing(judged(text.replace("### Recommendations", "### Recommendations\n\nTBD"), keys)).keys() == {
        "limitations"
    }


def test_the_title_of_the_card_is_no_section() -> None:
    text = "# Risks and limitations\n\nAll that is known about this model.\n\n## Thanks\n\nTo all who helped us.\n"
    assert failing(judged(text, "sections: [risks, limitations]")).keys() == {"risks", "limitations"}


def test_several_numbers_of_one_name_must_all_be_right() -> None:
    assert failing(judged(keys="numbers: [{metric: recall}]")).keys() == {"recall"}
    said = failing(judged(keys="numbers: [{metric: recall}]"))["recall"]
    assert said.endswith("correct the card, or name the one of its numbers that is meant by `of`")


def test_a_number_alone_needs_no_words_beside_it() -> None:
    alone = CARD.replace("| this one | 75 %", "| this one | 0.750").replace("| the last one | 70 % | 0.95 |\n", "")
    assert failing(judged(alone, "numbers: [{metric: accuracy}, {metric: recall}]")) == {}


ALSO_STATED = {
    "a list": ("* Test accuracy: NUMBER", "FAIL"),
    "a row": ("| metric | value |\n|--|--|\n| Accuracy (test) | NUMBER |", "FAIL"),
    "a table of HTML": (
        "<table>\n<tr><th>metric</th><th>value</th></tr>\n<tr><td>Accuracy</td>\n<td><b>NUMBER</b></td></tr></table>",
        "FAIL",
    ),
    "a table of HTML with a column": (
        "<table><tr><th>model<th>Accuracy<tr><td>this one<td>NUMBER</table>", "FAIL",
    ),
    "a list of HTML": ("<ul>\n<li>Accuracy: NUMBER</li>\n</ul>", "FAIL"),
    "a sentence": ("It has an accuracy of NUMBER for all customers.", "ERROR"),
    "a sentence in two lines": ("It has an accuracy\non Customers 2026 of **NUMBER**.", "ERROR"),
    "a sentence over all rows": ("Accuracy over all customers of 2026 is NUMBER.", "ERROR"),
    "a number before its name": ("It reaches NUMBER accuracy.", "ERROR"),
    "a dash": ("- Accuracy \u2013 NUMBER", "ERROR"),
    "a heading": ("## Accuracy is NUMBER\n\nAs measured.", "ERROR"),
}  # fmt: skip


@pytest.mark.parametrize("where", ALSO_STATED)
def test_each_place_that_states_the_number_must_be_right(where: str) -> None:
    text, status = ALSO_STATED[where]
    card = "# Churn\n\n## Results\n\n- Accuracy: 0.75\n\n"
    keys = "sections: [evaluation]\n    least_words: 1\n    numbers: [{metric: accuracy}]"
    right, wrong = (judged(card + text.replace("NUMBER", number) + "\n", keys) for number in ("0.75", "0.97"))
    assert failing(right) == {}
    assert (wrong.status.value, list(failing(wrong))) == (status, ["accuracy"]), failing(wrong)
    assert "0.75 was measured on 40 rows" in failing(wrong)["accuracy"]


@pytest.mark.parametrize(
    "text",
    [
        "Its balanced accuracy is 0.97.", "- Accuracy on other rows: 0.97", "Accuracy must be at least 0.7 in use.",
        "The accuracy has a 95 % confidence interval.", "Training accuracy was 0.97.", "- Training accuracy: 0.97",
        "Accuracy and recall of 0.97.", "It was measured on 1,234 rows for accuracy, in version 2.0.1.",
        "It reaches 75 % accuracy and is used with accuracy in mind 97 per day.", "Recall is 0.97 accuracy is 0.75.",
        "Accuracy of version 3 is 0.75.",
    ],
)  # fmt: skip
def test_numbers_of_other_things_are_left_alone(text: str) -> None:
    card = f"# Churn\n\n## Results\n\n- Accuracy: 0.75\n\n{text}\n"
    keys = "sections: [evaluation]\n    least_words: 1\n    numbers: [{metric: accuracy}]"
    assert failing(judged(card, keys)) == {}


def test_a_sentence_about_something_else_is_left_alone_by_of() -> None:
    table = "| rows | accuracy |\n|--|--|\n| test | 0.75 |"
    card = f"# Churn\n\n## Results\n\n{table}\n\nThe model before had an accuracy of 0.7.\n"
    keys = "sections: [evaluation]\n    least_words: 1\n    numbers: [{metric: accuracy, of: test}]"
    assert failing(judged(card, keys)) == {}
    found = judged(card + "\nOn the test rows it has an accuracy of 0.97.\n", keys)
    assert (found.status.value, list(failing(found))) == ("ERROR", ["accuracy of test"])
    listed = card.replace("The model", "- Test accuracy: 0.97\n\nThe model")
    assert failing(judged(listed, keys)).keys() == {"accuracy of test"}


@pytest.mark.parametrize(("text", "right"), [("0.8", True), ("0.7", True), ("0.69", False), ("0.81", False)])
def test_a_number_halfway_may_be_rounded_up_or_down(text: str, *, right: bool) -> None:
    written = written_number(text, 1.0)
    assert written is not None
    assert written.covers(Fraction(3, 4)) is right


def test_metrics_of_the_metadata_that_nobody_measures_can_block() -> None:
    keys = "numbers: [{metric: accuracy, of: test}]\n    other_numbers: block"
    assert failing(judged(CARD, keys)) == {}
    more = CARD.replace("name: Accuracy}\n", "name: Accuracy}\n    - {type: f1, value: 0.99, name: F1}\n")
    assert failing(judged(more, keys)) == {
        "all others": "MODEL_CARD.md states f1 0.99 (MODEL_CARD.md:10), which the rule does not measure; "
        "name it in `numbers` of the rule, or remove it from the card"
    }
    assert failing(judged(more, "numbers: [{metric: accuracy, of: test}]")) == {}


def test_a_number_needs_digits_that_say_something() -> None:
    rough = CARD.replace("value: 0.75", "value: 0.8")
    keys = "numbers: [{{metric: accuracy, of: test{}}}]"
    said = failing(judged(rough, keys.format("")))["accuracy of test"]
    assert "states accuracy of test 0.8 (MODEL_CARD.md:9) with 1 digit, and the rule requires 2; write 0.75" in said
    assert failing(judged(rough, keys.format(", digits: 1"))) == {}


def test_a_number_that_cannot_be_measured_is_no_pass() -> None:
    outcome = judged(keys="numbers: [{metric: recall}]", predictions=ROWS[ROWS.y == 0])
    assert outcome.status.value == "ERROR"
    outcome = judged(keys="numbers: [{metric: mae}]")
    assert (outcome.status.value, "mae is not defined for binary" in outcome.message) == ("ERROR", True)


def test_a_candidate_without_a_card_or_with_a_wrong_one_is_an_error() -> None:
    outcome = judged(None)
    assert (outcome.status.value, outcome.machine) == ("ERROR", False)
    assert "the candidate names no model card; add `card: MODEL_CARD.md`" in outcome.message
    outcome = judged(CARD, "others: allow", card="other.md")
    assert outcome.status.value == "ERROR"
    assert "other.md: no such file" in outcome.message


def test_what_a_card_says_can_be_measured_here_and_judged_elsewhere() -> None:
    need = CardSays("MODEL_CARD.md")
    found = Facts({need: read_card(CARD.encode(), "MODEL_CARD.md")})
    stored = json.loads(json.dumps(encode_facts(found, [CardSays])))
    assert decode_facts(stored, [CardSays]) == found
    assert need.impossible(found[need]) == ""
    assert need.impossible(replace(found[need], path="other.md")) == "it is the card 'other.md'"


def test_a_card_needs_no_predictions() -> None:
    Path("MODEL_CARD.md").write_text(CARD)
    Path("gate.yaml").write_text("mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {id: card, check: governance.card}\n")
    assert mlgate.check(policy="gate.yaml", card="MODEL_CARD.md", tables={"t": ROWS}).exit_code == 0


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("sections: [limitatons]", "names `limitatons`, which is not a topic, did you mean `limitations`?"),
        ("sections: [the_limits]", "which is not a topic; topics: description, intended_use"),
        ("sections: []", "must be a list with 1 to 100 entries"),
        ("numbers: [{metric: accurcy}]", "unknown metric `accurcy`"),
        ("numbers: [{metric: accuracy, beta: 2}]", "accuracy takes no `beta`"),
        ("numbers: [{metric: accuracy}, {metric: accuracy, threshold: 0.5}]", "names `accuracy` a second time"),
        ("numbers: [{name: accuracy}]", "missing key `metric`"),
        ("others: maybe", "must be one of block, allow"),
        ("at_least: 0.5", "takes no"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(keys: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        judged(CARD, keys)


@pytest.mark.parametrize(
    ("title", "topics"),
    [
        ("Uses", {"intended_use"}),
        ("1.2 Intended uses & limitations", {"intended_use", "limitations"}),
        ("Out-of-Scope Use", {"out_of_scope"}),
        ("Bias, Risks, and Limitations", {"limitations", "risks"}),
        ("Training Data", {"training_data"}),
        ("Training and evaluation data", {"training_data", "evaluation_data", "evaluation"}),
        ("Training Procedure [optional]", {"training"}),
        ("Caveats and Recommendations", {"limitations", "recommendations"}),
        ("Quantitative Analyses", {"evaluation"}),
        ("Model Card Contact", {"contact"}),
        ("🎯 Intended Use", {"intended_use"}),
        ("Glossary", set()),
        ("Usage", set()),
    ],
)
def test_topics_are_found_under_the_headings_of_real_cards(title: str, topics: set[str]) -> None:
    card = ModelCard("c", sections=(CardSection(title, 2, 1, "x"), CardSection("Other", 2, 2, "x")))
    assert {topic for topic in TOPICS if sections_about(card, topic)} == topics


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [
        ("0.912", 0.912, 0.0005), ("91.2", 0.912, 0.0005), ("91.2%", 0.912, 0.0005), ("**91.2** %", 0.912, 0.0005),
        (r"91.2\%", 0.912, 0.0005), ("0.91 ± 0.02", 0.91, 0.005), ("0.91 (0.90-0.92)", 0.91, 0.005), ("1", 1, 0.5),
        ("9.1e-1", 0.91, 0.005), ("$0.91$", 0.91, 0.005), ("-0.2", -0.2, 0.05),
    ],
)  # fmt: skip
def test_numbers_as_cards_write_them(text: str, value: float, half: float) -> None:
    found = written_number(text, 1.0)
    assert found is not None
    assert (float(found.value), float(found.half)) == (value, half)


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "0,91", "1,234.5", "about 0.9", "0.9 or more", "> 0.9", "0x1", "٠.٩", "1e999"]
)
def test_what_is_no_number(text: str) -> None:
    assert written_number(text, 1.0) is None


def test_percent_is_only_guessed_where_a_share_cannot_be_so_high() -> None:
    assert written_number("91.2", float("inf")).value == pytest.approx(91.2)  # type: ignore[union-attr]
    assert written_number("150", 1.0).value == 150  # type: ignore[union-attr]
