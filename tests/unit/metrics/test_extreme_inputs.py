"""Every metric on extreme inputs: a value inside its bounds and its range, or an ERROR that the rows cause.

Never a crash, and nothing that blames the machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlgate
from mlgate.metrics.metric import TASKS
from support.every_rule import HEAD, Presented, columns, entries_of, named, presented, rules, rules_with_options

Change = Callable[[Presented], Presented]

SIZES = (0.0, 5e-324, 1e-160, 1e52, 1e104, 1e160, 1.7e308, -1.7e308, math.inf, math.nan)
TIMES = (0, 2**31, 2**53, 2.0**63, 1e300)
WEIGHTS = (0.0, 5e-324, 1e-160, 1e160, 1.7e308)
NUMBERS = ("prediction", "score", "scores", "lower", "upper", "label", "value")
CLASSED = ("binary", "multiclass", "multilabel", "text")
"""Tasks whose labels and predictions are no numbers."""


def numbers(found: Presented) -> list[str]:
    """The columns of numbers whose size is free."""
    roles = ("score", "scores") if found.task in CLASSED else ("prediction", "score", "lower", "upper", "label")
    return [*columns(found, *roles), "value"]


def answers(found: Presented) -> list[str]:
    """The columns of labels and answers."""
    return list(columns(found, "label", "labels", "prediction", "decisions", "score", "scores", "lower", "upper"))


def put(names: Callable[[Presented], list[str]], value: Any, where: str) -> Change:
    """A value in one row, in half of the rows or in all, of some columns."""

    def changed(found: Presented) -> Presented:
        rows = found.rows.copy()
        for name in names(found):
            rows[name] = rows[name].astype(object if value is None else float)
            at = {"one": 1, "half": len(rows) // 2, "all": len(rows)}[where]
            rows.loc[rows.index[:at], name] = value
        return found.with_rows(rows)

    return changed


def only(rows: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    return lambda found: found.with_rows(rows(found.rows).reset_index(drop=True))


def all_equal(found: Presented) -> Presented:
    """Every row has the labels and the answers of the first."""
    rows = found.rows.copy()
    for name in answers(found):
        rows[name] = rows[name].iloc[0]
    return found.with_rows(rows)


def one_label(found: Presented) -> Presented:
    """Every row has the label of the first, or the grade 0."""
    rows = found.rows.copy()
    for name in columns(found, "label", "labels"):
        rows[name] = 0.0 if found.task == "ranking" else rows[name].iloc[0]
    return found.with_rows(rows)


def one_answer(found: Presented) -> Presented:
    rows = found.rows.copy()
    for name in columns(found, "prediction", "decisions", "score", "scores", "lower", "upper"):
        rows[name] = rows[name].iloc[0]
    return found.with_rows(rows)


def with_role(role: str, value: float, where: str) -> Change:
    """A column of counts or weights with an extreme one."""

    def changed(found: Presented) -> Presented:
        rows = found.rows.assign(extreme=1.0)
        rows.loc[rows.index[: 1 if where == "one" else len(rows)], "extreme"] = value
        return replace(found, rows=rows, arguments={**found.arguments, role: "extreme"})

    return changed


SHAPES: Mapping[str, Change] = {
    "no rows": only(lambda rows: rows.iloc[:0]),
    "one row": only(lambda rows: rows.iloc[:1]),
    "two rows": only(lambda rows: rows.iloc[:2]),
    "all rows equal": all_equal,
    "one label": one_label,
    "one answer": one_answer,
    "no answers": put(answers, None, "all"),
    "one without answers": put(answers, None, "one"),
}
COUNTED = [task for task in TASKS if task not in ("ranking", "forecasting")]
WEIGHTED = [task for task in TASKS if task != "ranking"]


def cases() -> Iterator[Any]:
    """Each task with each extreme. A few run always, the others are slow."""
    for task in TASKS:
        found: dict[str, Change] = dict(SHAPES)
        for size in SIZES:
            for where in ("one", "half", "all"):
                found[f"{size:g} in {where}"] = put(numbers, size, where)
        for where in ("one", "all"):
            found |= {f"count {n:g} in {where}": with_role("count", n, where) for n in TIMES if task in COUNTED}
            found |= {f"weight {n:g} in {where}": with_role("weight", n, where) for n in WEIGHTS if task in WEIGHTED}
        for name, change in found.items():
            yield pytest.param(task, change, id=f"{task}: {name}", marks=() if name in ALWAYS else pytest.mark.slow)


ALWAYS = ("one row", "1.7e+308 in one")


def faults(verdict: mlgate.Verdict, ranges: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    """What is wrong with a verdict, however its rows are. Ranges are by the beginnings of rules' names."""
    if verdict.exit_code not in (0, 1):
        yield f"exit {verdict.exit_code}"
    for outcome in verdict.outcomes:
        if outcome.machine or outcome.traceback:
            yield f"{outcome.rule}: {outcome.message}"
        low, high = ranges[outcome.rule.rsplit("-", 2)[0]]
        for finding in outcome.findings:
            if finding.value is None:
                continue
            at_least = low if finding.lower is None else finding.lower
            at_most = high if finding.upper is None else finding.upper
            if not low <= at_least <= finding.value <= at_most <= high:
                yield f"{outcome.rule}: {low} <= {at_least} <= {finding.value} <= {at_most} <= {high} is not so"


@pytest.mark.parametrize(("task", "change"), list(cases()))
def test_every_metric_is_judged_or_is_an_error(task: str, change: Change, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(
        HEAD + rules(task, ("shown", "estimate"), ("", "g")) + rules_with_options(task)
    )
    ranges = {named(metric): metric.range for metric in entries_of(task)}
    verdict = change(presented(task)).check(tmp_path / "policy.yaml")
    assert list(faults(verdict, ranges)) == []
