"""The keys that a policy leaves to the candidate, and the `expects:` that fixes them, as `mlgate lint` prints them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from mlgate.policy.left_open import closing_block, left_open

RULE = "rules: [{id: r, check: lineage.complete, table: t}]"
HEAD = "mlgate: 1\npolicy: p\nowner: o\n"
PREDICTIONS = "predictions: {id: i, label: y, count: none, weight: none}"
ALL = f"positive: a, {PREDICTIONS}, unit: {{column: u, score: none}}"


def opened(one: Any, expects: str, rest: str = "") -> list[str]:
    said = f"expects: {expects}\n" if expects else ""
    return [".".join(keys) for keys in left_open(one(f"{HEAD}{said}{rest}{RULE}\n"))]


ROWS = ["predictions.id", "predictions.label", "predictions.count", "predictions.weight"]
UNIT = ["unit.column", "unit.score"]
EVERY = ["task", "positive", *ROWS, *UNIT]
UNLABELLED = [key for key in EVERY if key != "predictions.label"]


@pytest.mark.parametrize(
    ("expects", "rest", "keys"),
    [
        ("", "", [*EVERY, "evaluation"]),
        ("{task: regression}", "", [*EVERY[2:], "evaluation"]),
        ("", "for: {task: binary}\n", [*EVERY[1:], "evaluation"]),
        ("{positive: a}", "", [*EVERY[2:], "evaluation"]),
        ("{predictions: {label: y}}", "", UNLABELLED),
        ("{evaluation: {key: id, label: y}}", "", UNLABELLED),
        ("{predictions: {label: y}, unit: {column: u}}", "", [key for key in UNLABELLED if key != "unit.column"]),
        ("{predictions: {label: y}, unit: none}", "", [key for key in UNLABELLED if key not in UNIT]),
        (f"{{task: binary, {ALL}}}", "", []),
        (f"{{{ALL}}}", "", []),
        ("{task: ranking}", "", [*ROWS, *UNIT, "predictions.query", "predictions.item", "evaluation"]),
        (
            "{predictions: {label: y, horizon: h, time: t}}",
            "",
            ["predictions.id", *ROWS[2:], *UNIT, "predictions.series", "predictions.cutoff"],
        ),
    ],
)
def test_what_is_not_fixed_is_listed(one: Any, expects: str, rest: str, keys: list[str]) -> None:
    assert opened(one, expects, rest) == keys


FIXED = [
    "",
    "expects: {predictions: {label: y}}\n",
    "expects: {predictions: {label: y}, champion: {path: serving.csv}, task: binary}\n",
    'expects: {positive: "1, 2", tags: [a, "b: c"], unit: none}\n',
    "expects: {task: multilabel, predictions: {labels: {a: x, b: z}}}\n",
    "expects: {task: ranking, evaluation: {key: [q, i], label: grade}}\n",
]


@pytest.mark.parametrize("expects", FIXED)
def test_the_block_is_a_valid_expects_that_keeps_what_is_fixed_and_leaves_nothing_open(one: Any, expects: str) -> None:
    policy = one(f"{HEAD}{expects}{RULE}\n")
    task = next((str(entry.value) for entry in policy.expects if entry.key == "task"), "binary")
    block = closing_block(policy).replace("TASK", task)
    assert len(re.findall(r"^expects:$", block, re.MULTILINE)) == 1
    closed = one(f"{HEAD}{block}{RULE}\n")
    assert left_open(closed) == {}
    before = {entry.keys: entry.value for entry in policy.expects}
    assert before.items() <= {entry.keys: entry.value for entry in closed.expects}.items()


def test_lint_prints_where_and_the_block_as_it_is_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = "rules: [{check: performance.champion, metric: recall, margin: 0.1, against: [serving, anchor]}]\n"
    text = f"{HEAD}for: {{task: binary}}\nexpects: {{positive: a, predictions: {{label: y}}}}\n{rules}"
    Path("policy.yaml").write_text(text)
    assert run(["lint", "policy.yaml"]) == 0
    place, *block = capsys.readouterr().out.splitlines()[1:6]
    assert place == (
        "policy.yaml:5:1: advice: the candidate may choose predictions.id, predictions.count, predictions.weight, "
        "unit.column, unit.score, champions.serving, champions.anchor. To fix them, replace `expects:` by this, with "
        "your words or `none` for those in capitals:"
    )
    assert block == [
        "expects:",
        "  positive: a",
        "  predictions: {label: y, id: COLUMN, count: none, weight: none}",
        "  unit: {column: COLUMN, score: none}",
    ]
    Path("policy.yaml").write_text(f"{HEAD}{rules}")
    assert run(["lint", "policy.yaml"]) == 0
    assert "policy.yaml:1:1: advice: the candidate may choose task, positive, " in capsys.readouterr().out


def test_every_line_of_lint_has_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(f"{HEAD}rules:\n  - {{check: nothing.such}}\n  - {{check: fairness.audit}}\n")
    assert run(["lint", "policy.yaml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert [line for line in lines if not re.match(r"policy\.yaml:\d+:\d+: ", line)] == []
