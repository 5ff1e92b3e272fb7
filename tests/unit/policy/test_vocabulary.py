"""The words that candidates may use for themselves: a slip is named, instead of silently not being covered."""

# ruff: noqa: ISC004 - a row is easier to compare whole.

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mlgate.gate.batch import judge_all
from mlgate.gate.run import Settings
from mlgate.policy.composed_text import composed_text
from mlgate.policy.load import load_policies
from mlgate.policy.loosening import compared
from mlgate.values.verdict import Verdicts

HEAD = "mlgate: 1\npolicy: NAME\nowner: o\n"
RULE = "rules: [{id: NAME, check: performance.metric, metric: recall, at_least: 0.7}]\n"
VOCABULARY = "vocabulary: {tags: [credit, fraud], risk: [low, high], name: [score, 'eu-*'], task: binary}\n"
CANDIDATE = """\
mlgate: 1
candidate: score
tags: [credit]
risk: high
task: binary
positive: "1"
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""


def policy(name: str, *lines: str) -> str:
    return (HEAD + "".join(lines) + RULE).replace("NAME", name)


def judged(folder: Path, candidate: str, **policies: str) -> Verdicts:
    (folder / "rows.csv").write_text("id,y,p\n" + "".join(f"{at},{at % 2},{at % 2}\n" for at in range(200)))
    (folder / "candidate.yaml").write_text(candidate)
    for name, lines in policies.items():
        (folder / f"{name}.policy.yaml").write_text(policy(name, lines))
    files = sorted(folder.glob("*.policy.yaml"))
    settings = Settings(folder, date(2026, 6, 1))
    return judge_all([folder / "candidate.yaml"], load_policies(files, workspace=folder), settings)


def test_a_candidate_of_known_words_is_judged(tmp_path: Path) -> None:
    assert judged(tmp_path, CANDIDATE, org=VOCABULARY).exit_code == 0
    assert judged(tmp_path, CANDIDATE.replace(": score", ": eu-west"), org=VOCABULARY).exit_code == 0


STRANGE = [
    ("tags: [credit]", "tags: [credit, Fraud]", 3,
     "`tags` has `Fraud`, which is not in the vocabulary at org.policy.yaml:4, did you mean `fraud`?"),
    ("tags: [credit]", "tags: pricing", 3,
     "`tags` has `pricing`, which is not in the vocabulary at org.policy.yaml:4; choose from credit, fraud"),
    ("tags: [credit]\n", "", 1,
     "the candidate has no `tags`, and org.policy.yaml:4 lists what it may be; choose from credit, fraud"),
    ("risk: high", "risk: medium", 4,
     "`risk` has `medium`, which is not in the vocabulary at org.policy.yaml:4; choose from low, high"),
    ("risk: high\n", "", 1,
     "the candidate has no `risk`, and org.policy.yaml:4 lists what it may be; choose from low, high"),
    ("candidate: score", "candidate: Score", 2,
     "`candidate` has `Score`, which is not in the vocabulary at org.policy.yaml:4, did you mean `score`?"),
    ("candidate: score", "candidate: EU-west", 2,
     "`candidate` has `EU-west`, which is not in the vocabulary at org.policy.yaml:4; choose from score, eu-*"),
    ("task: binary", "task: regression", 5,
     "`task` has `regression`, which is not in the vocabulary at org.policy.yaml:4; write binary"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "line", "message"), STRANGE)
def test_a_strange_word_is_an_error_at_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, message: str
) -> None:
    """Also under a policy that would not apply to the candidate, beside one that does."""
    text = CANDIDATE.replace(right, wrong)
    if "regression" in wrong:
        text = text.replace('positive: "1"\n', "")
    found = judged(tmp_path, text, org=VOCABULARY + "for: {tags: fraud}\n", other="")
    assert (found.exit_code, found.verdicts) == (2, ())
    assert [str(problem) for refusal in found.refusals for problem in refusal.problems] == [
        f"candidate.yaml:{line}:1: {message}"
    ]


def test_tables_alone_need_no_task(tmp_path: Path) -> None:
    tables = "mlgate: 1\ncandidate: score\ntags: credit\nrisk: low\ntables: {t: {path: rows.csv, key: id}}\n"
    found = judged(tmp_path, tables, org=VOCABULARY)
    assert not any("`task`" in str(problem) for refusal in found.refusals for problem in refusal.problems)


SELECTING = [
    ("for: {tags: Credit}\n", "a.yaml:4:1: `for` of the policy selects by tags `Credit`, which is not in the "
     "vocabulary at org.yaml:4, did you mean `credit`?"),
    ("for: {not: {tags: pricing}}\n", "a.yaml:4:1: `for` of the policy selects by tags `pricing`, which is not in the "
     "vocabulary at org.yaml:4; choose from credit, fraud"),
    ("for: {any: [{tags: credit}, {name: scoer}]}\n", "a.yaml:4:1: `for` of the policy selects by name `scoer`, which "
     "is not in the vocabulary at org.yaml:4, did you mean `score`?"),
    ("waivers: [{rule: a, for: scoer, not_below: 0.6, owner: o, reason: 'T 1', granted: 2026-05-01, expires: "
     "2026-06-01}]\n", "a.yaml:4:11: `for` of the waiver of `a` selects by name `scoer`, which is not in the "
     "vocabulary at org.yaml:4, did you mean `score`?"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "message"), SELECTING)
def test_a_policy_that_selects_by_a_strange_word_is_wrong(folder: Any, lines: str, message: str) -> None:
    folder.write(org=policy("org", VOCABULARY), a=policy("a", lines))
    assert folder.problems() == [message]


def test_patterns_tasks_and_risks_may_select_more_than_the_vocabulary(folder: Any) -> None:
    folder.write(org=policy("org", VOCABULARY), a=policy("a", "for: {name: '*-toy', risk: medium, task: ranking}\n"))
    assert len(folder.load()) == 2


def test_a_vocabulary_is_inherited_and_may_only_lose_words(folder: Any) -> None:
    folder.write(a=policy("a", "extends: b.yaml\nvocabulary: {tags: credit}\n"), b=policy("b", VOCABULARY))
    (found,) = folder.load("a.yaml")
    assert (found.vocabulary.words["tags"], found.vocabulary.words["risk"]) == (("credit",), ("low", "high"))
    folder.write(a=policy("a", "extends: b.yaml\nvocabulary: {tags: [credit, pricing]}\n"))
    assert folder.problems("a.yaml") == [
        "a.yaml:5:14: `vocabulary.tags` adds `pricing` to the words of the extended policy at b.yaml:4; "
        "remove it here, or add it there"
    ]


def test_the_composed_text_has_the_vocabulary_of_all_files(folder: Any) -> None:
    folder.write(a=policy("a", "extends: b.yaml\nvocabulary: {tags: credit}\n"), b=policy("b", VOCABULARY))
    (found,) = folder.load("a.yaml")
    folder.write(again=composed_text(found))
    (again,) = folder.load("again.yaml")
    assert again.vocabulary.words == found.vocabulary.words


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ("", "vocabulary: {tags: credit}\n", "tighter"),
        ("vocabulary: {tags: credit}\n", "", "looser"),
        ("vocabulary: {tags: credit}\n", "vocabulary: {tags: [credit, fraud]}\n", "looser"),
        ("vocabulary: {tags: [credit, fraud]}\n", "vocabulary: {tags: credit}\n", "tighter"),
        ("vocabulary: {tags: credit}\n", "vocabulary: {tags: fraud}\n", "not comparable"),
    ],
)
def test_diff_sees_more_words(one: Any, before: str, after: str, direction: str) -> None:
    (change,) = compared([one(policy("p", before))], [one(policy("p", after))])
    assert (change.what, change.key, change.direction) == ("vocabulary", "tags", direction)
