"""No verdict depends on the order of the rows, or on the order or names of the classes, also where scores are tied."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlgate.metrics.metric import TASKS
from support.every_rule import CLASSES, HEAD, Presented, columns, presented, rules

Judged = Mapping[str, tuple[Any, ...]]
ORDERED = ("quadratic-weighted-kappa",)
"""Metrics that are defined by the order of the classes."""


def tied(task: str) -> Presented:
    """Scores, predictions and labels with many ties among rows, and scores with ties among classes."""
    found = presented(task, 120)
    rows = found.rows.copy()
    if task == "multiclass":
        raw = np.random.default_rng(2).integers(1, 3, (len(rows), 3))
        for at, name in enumerate(CLASSES):
            rows[f"s{name}"] = raw[:, at] / raw.sum(axis=1)
    for name in columns(found, "score", "lower", "upper") + (columns(found, "label") if task == "regression" else ()):
        rows[name] = rows[name].round(0 if task in ("regression", "forecasting", "ranking") else 1)
    return found.with_rows(rows)


def judged(found: Presented, folder: Path, proofs: tuple[str, ...] = ("shown", "estimate"), text: str = "") -> Judged:
    """The status, value and bounds of every finding."""
    (folder / "policy.yaml").write_text(HEAD + (text or rules(found.task, proofs, ("", "g"))))
    return {
        f"{outcome.rule} {dict(finding.where)}": (
            finding.status.value,
            finding.value,
            finding.lower,
            finding.upper,
        )
        for outcome in found.check(folder / "policy.yaml").outcomes
        for finding in outcome.findings
    }


def apart(one: Judged, other: Judged, bounds: float = 1e-9) -> dict[str, Any]:
    """The findings that differ: in their status, in their values, or in bounds by more than is said."""
    assert one.keys() == other.keys()

    def same(name: str) -> bool:
        near = (1e-12, bounds, bounds)
        pairs = zip(one[name][1:], other[name][1:], near)
        return one[name][0] == other[name][0] and all(
            a == b if a is None or b is None else math.isclose(a, b, rel_tol=off, abs_tol=off) for a, b, off in pairs
        )

    return {name: (one[name], other[name]) for name in one if not same(name)}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
@pytest.mark.parametrize("task", TASKS)
def test_the_order_of_rows_decides_nothing(task: str, seed: int, tmp_path: Path) -> None:
    found = tied(task)
    shuffled = found.rows.sample(frac=1, random_state=seed).reset_index(drop=True)
    expected = judged(found, tmp_path)
    assert len(expected) > 20
    assert apart(judged(found.with_rows(shuffled), tmp_path), expected) == {}


@pytest.mark.parametrize("task", ["multiclass", pytest.param("multilabel", marks=pytest.mark.slow)])
def test_the_order_of_classes_decides_nothing(task: str, tmp_path: Path) -> None:
    found = tied(task)
    turned = {
        role: dict(reversed(value.items())) if isinstance(value, dict) else value
        for role, value in found.arguments.items()
    }
    expected, other = (judged(each, tmp_path) for each in (found, replace(found, arguments=turned)))
    assert {name: of for name, of in apart(expected, other).items() if not name.startswith(ORDERED)} == {}


@pytest.mark.parametrize("task", ["binary", *(pytest.param(of, marks=pytest.mark.slow) for of in TASKS[1:3])])
def test_the_names_of_classes_decide_nothing(task: str, tmp_path: Path) -> None:
    """Each class gets a name that sorts elsewhere."""
    found = tied(task)
    names: dict[Any, str] = {"a": "z", "b": "y", "c": "x"} if task != "binary" else {0: "m", 1: "n"}
    rows = found.rows.copy()
    for name in columns(found, "label", "prediction"):
        rows[name] = rows[name].map(names)
    arguments = {
        role: {names[of]: column for of, column in value.items()} if isinstance(value, dict) else value
        for role, value in found.arguments.items()
    }
    both = []
    for order in (names, dict(zip(names, reversed(names.values())))):
        again = {new: order[old] for old, new in names.items()}
        moved = rows.copy()
        for name in columns(found, "label", "prediction"):
            moved[name] = rows[name].map(again)
        given = {
            role: {again[of]: column for of, column in value.items()} if isinstance(value, dict) else value
            for role, value in arguments.items()
        }
        if task == "binary":
            given["positive"] = order[1]
        text = rules(task, ("shown", "estimate"), ("", "g")).replace("class: a,", f"class: {order.get('a')},")
        both.append(judged(replace(found, rows=moved, arguments=given), tmp_path, text=text))
    assert apart(*both) == {}
