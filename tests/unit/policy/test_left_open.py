"""The keys that a policy leaves to the candidate, as `mlgate lint` lists them."""

from __future__ import annotations

from typing import Any

import pytest

from mlgate.policy.left_open import left_open

RULE = "rules: [{id: r, check: lineage.complete, table: t}]"
ALL = "positive: a, predictions: {id: i, label: y, count: none, weight: none}, unit: {column: u}"


def opened(one: Any, expects: str, rest: str = "") -> list[str]:
    said = f"expects: {expects}\n" if expects else ""
    return [key for key, _ in left_open(one(f"mlgate: 1\npolicy: p\nowner: o\n{said}{rest}{RULE}\n"))]


EVERY = ["task", "positive", "predictions.id", "predictions.label", "predictions.count", "predictions.weight", "unit"]


@pytest.mark.parametrize(
    ("expects", "rest", "keys"),
    [
        ("", "", [*EVERY, "evaluation"]),
        ("{task: regression}", "", [*EVERY[2:], "evaluation"]),
        ("", "for: {task: binary}\n", [*EVERY[1:], "evaluation"]),
        ("{predictions: {label: y}}", "", [key for key in EVERY if key != "predictions.label"]),
        ("{evaluation: {key: id, label: y}}", "", [key for key in EVERY if key != "predictions.label"]),
        (f"{{task: binary, {ALL}}}", "", []),
        (f"{{task: binary, {ALL.replace('{column: u}', 'none')}}}", "", []),
    ],
)
def test_what_is_not_fixed_is_listed(one: Any, expects: str, rest: str, keys: list[str]) -> None:
    assert opened(one, expects, rest) == keys


def test_every_line_can_be_written_into_expects(one: Any) -> None:
    policy = one(f"mlgate: 1\npolicy: p\nowner: o\n{RULE}\n")
    for _, line in left_open(policy):
        written = line.replace("TASK", "binary")
        one(f"mlgate: 1\npolicy: p\nowner: o\nexpects: {{{written}}}\n{RULE}\n")
