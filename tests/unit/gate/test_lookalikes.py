"""Group values that only look alike are named in the verdict, whatever check has the groups; they block nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlgate
from mlgate.cli.main import run
from mlgate.values.stored import read

SEX = ["M"] * 62 + ["F"] * 58 + ["m "] * 3 + ["\u200bM"] * 2 + ["f"]
ROWS = pd.DataFrame({"y": ["0", "1"] * 63, "yhat": ["0", "1"] * 63, "s": [0.2, 0.7] * 63, "sex": SEX})
NOTE = (
    "values of `sex` look alike and are separate groups: `M` (62 rows), `m ` (3 rows) and `\\u200bM` (2 rows); "
    "`F` (58 rows) and `f` (1 row). Write them alike in the data, if one group is meant"
)
BINARY: dict[str, Any] = {"task": "binary", "positive": "1", "label": "y", "prediction": "yhat"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judged(rule: str, rows: pd.DataFrame = ROWS, head: str = "", **candidate: Any) -> mlgate.Verdict:
    text = f"mlgate: 1\npolicy: gate\nowner: o@example.com\n{head}rules:\n  - {{id: r, {rule}}}\n"
    Path("gate.yaml").write_text(text, encoding="utf-8")
    return mlgate.check(policy="gate.yaml", predictions=rows, **(candidate or BINARY))


RULES = {
    "a metric of classes": "check: performance.metric, metric: accuracy, by: sex, at_least: 0.1, proof: estimate",
    "a metric of scores": "check: performance.metric, metric: brier_score, by: sex, at_most: 0.9, proof: estimate",
    "groups compared": "check: fairness.gap, metric: selection_rate, by: sex, at_most: 0.9, reference: M, min_n: 50",
    "a column": "check: performance.metric, metric: mean, column: s, by: sex, at_most: 0.9, proof: estimate",
    "slices searched": "check: performance.slices, metric: accuracy, columns: [sex]",
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_values_that_look_alike_are_named_and_block_nothing(rule: str) -> None:
    verdict = judged(rule, **BINARY, score="s")
    assert NOTE in verdict.notes
    assert not any(outcome.blocking for outcome in verdict.outcomes)


@pytest.mark.parametrize(
    "rule",
    [
        "check: performance.metric, metric: accuracy, where: {sex: M}, at_least: 0.1, proof: estimate",
        "check: performance.metric, metric: accuracy, where: {sex: [M, F]}, at_least: 0.1, proof: estimate",
        "check: performance.metric, metric: rate, column: sex, equals: M, at_most: 0.9",
        "check: fairness.gap, metric: accuracy, by: y, where: {sex: M}, at_most: 0.9, proof: estimate",
    ],
)
def test_values_that_look_like_one_that_a_rule_names_are_named(rule: str) -> None:
    (note,) = (note for note in judged(rule).notes if "look alike" in note)
    assert note.startswith("values of `sex` look alike and are not counted as one: `M` (62 rows), `m ` (3 rows) and ")
    assert ("`F` (58 rows) and `f` (1 row)" in note) == ("F" in rule)
    assert note.endswith("Write them alike in the data, if one value is meant")


def test_values_that_look_alike_and_that_no_rule_names_are_not_named() -> None:
    rows = ROWS.assign(sex=["M"] * 100 + ["X"] * 20 + ["x"] * 6)
    rule = "check: performance.metric, metric: accuracy, where: {sex: M}, at_least: 0.1, proof: estimate"
    assert not any("look alike" in note for note in judged(rule, rows).notes)


def test_values_that_look_different_are_not() -> None:
    notes = judged(RULES["a metric of classes"], ROWS.assign(sex=["M", "F"] * 63)).notes
    assert not any("look alike" in note for note in notes)


def test_a_column_that_no_rule_groups_by_is_not_read() -> None:
    notes = judged("check: performance.metric, metric: accuracy, at_least: 0.1").notes
    assert not any("look alike" in note for note in notes)


def test_each_column_is_named_once_for_all_rules_and_intersections() -> None:
    rows = ROWS.assign(region=["N"] * 126)
    by = RULES["a metric of classes"].replace("by: sex", "by: [[sex, region], sex]")
    assert list(judged(f"{by}}}\n  - {{id: s, {RULES['slices searched']}", rows).notes).count(NOTE) == 1


def test_values_that_a_policy_counts_as_unknown_are_named_too() -> None:
    groups = "groups: {sex: {values: [M, F], unknown: own_group}}\n"
    assert NOTE in judged(RULES["a metric of classes"], head=groups).notes


def test_rows_are_counted_by_their_frequency() -> None:
    rows = pd.DataFrame({"y": ["1", "0", "1"], "yhat": ["1", "0", "1"], "sex": ["M", "M", "m"], "n": [300, 110, 12]})
    (note,) = judged(RULES["a metric of classes"], rows, **BINARY, count="n").notes
    assert "`M` (410 rows) and `m` (12 rows)" in note


def test_facts_give_the_same_note(folder: Path) -> None:
    judged(RULES["a metric of scores"], **BINARY, score="s")
    ROWS.to_csv(folder / "p.csv", index=False)
    (folder / "c.yaml").write_text(
        'mlgate: 1\ncandidate: c\ntask: binary\npositive: "1"\n'
        "predictions: {path: p.csv, label: y, prediction: yhat, score: s}\n"
    )
    arguments = ["c.yaml", "--policy", "gate.yaml"]
    assert run(["measure", *arguments, "--output", "facts.json"]) == 0
    assert run(["check", *arguments, "--facts", "facts.json", "--verify", "--report", "json=v.json"]) == 0
    assert NOTE in read((folder / "v.json").read_text()).verdicts[0].notes
