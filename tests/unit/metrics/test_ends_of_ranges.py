"""A metric with a range has a bound at its ends, so a perfect model is not blocked for want of one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mlgate.metrics.metric import TASKS, Better
from mlgate.values.verdict import Finding
from support.every_rule import CLASSES, HEAD, Presented, entries_of, keys_of, named, presented, rule, rules

UNBOUNDED = {"r2"}
"""Its rows' errors have no range, so no number of rows without an error bounds those of other rows."""
SHARES_OF_LABELS = {"prevalence", "selection_rate"}
"""A perfect model predicts neither no row nor every row as positive."""


def perfect(task: str, n: int) -> Presented:
    """Every answer is the label, every probability 0 or 1, and every query has a relevant item."""
    found = presented(task, 8 * n if task == "ranking" else n)
    rows = found.rows.copy()
    if task == "binary":
        rows["y"] = (np.arange(n) % 5 == 0).astype(int)  # the positives are the top k
        rows["p"], rows["s"] = rows["y"], rows["y"].astype(float)
    elif task == "multiclass":
        rows["p"] = rows["y"]
        for name in CLASSES:
            rows[f"s{name}"] = (rows["y"] == name).astype(float)
    elif task == "multilabel":
        for name in CLASSES:
            rows[f"p{name}"], rows[f"s{name}"] = rows[f"t{name}"], rows[f"t{name}"].astype(float)
    elif task == "ranking":
        rows["y"] = np.where(rows["d"] < 3, 2.0, 0.0)
        rows["s"] = rows["y"]
    elif task == "text":
        rows["p"] = rows["y"]
    else:
        rows["p"] = rows["low"] = rows["high"] = rows["y"]
    rows["value"] = 1
    return found.with_rows(rows)


def worst(task: str, n: int) -> Presented:
    """Every answer is wrong, and the relevant items rank last."""
    found = perfect(task, n)
    rows = found.rows.copy()
    if task == "binary":
        rows["p"], rows["s"] = 1 - rows["y"], 1.0 - rows["y"]
    elif task == "multiclass":
        rows["p"] = rows["y"].map(dict(zip(CLASSES, (*CLASSES[1:], CLASSES[0]))))
        for name in CLASSES:
            rows[f"s{name}"] = (rows["p"] == name).astype(float)
    elif task == "multilabel":
        for name in CLASSES:
            rows[f"p{name}"], rows[f"s{name}"] = 1 - rows[f"t{name}"], 1.0 - rows[f"t{name}"]
    elif task == "ranking":
        rows["s"] = -rows["y"]
    elif task == "text":
        rows["p"] = "nothing"
    else:
        rows["p"], rows["low"], rows["high"] = -1e6, rows["y"] + 1, rows["y"] + 2
    rows["value"] = 0
    return found.with_rows(rows)


def findings(found: Presented, policy: Path) -> dict[str, Finding]:
    """The finding of each metric that has a value."""
    verdict = found.check(policy)
    return {
        each.rule.rsplit("-", 2)[0]: each.findings[0]
        for each in verdict.outcomes
        if each.findings and each.findings[0].value is not None
    }


@pytest.mark.parametrize("n", [500, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("task", TASKS)
def test_a_value_at_an_end_of_its_range_has_a_bound_towards_the_other(task: str, n: int, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(HEAD + rules(task, ("shown",)))
    without = []
    for made in (perfect(task, n), worst(task, n)):
        found = findings(made, tmp_path / "policy.yaml")
        for metric in entries_of(task):
            one, (low, high) = found.get(named(metric)), metric.range
            if one is None or metric.name in UNBOUNDED:
                continue
            if (one.value == low and high < math.inf and one.upper is None) or (
                one.value == high and one.lower is None
            ):
                without.append(f"{named(metric)}: {one}")
    assert without == []


@pytest.mark.parametrize("n", [500, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("task", [task for task in TASKS if task not in ("regression", "forecasting")])
def test_a_perfect_model_passes_every_metric_that_has_a_range(task: str, n: int, tmp_path: Path) -> None:
    """Each rule demands a value in the better half of the range."""
    lines = ""
    for metric in entries_of(task):
        low, high = metric.range
        best = low if metric.better is Better.LOWER else high
        unlimited = metric.better is Better.LOWER and not math.isfinite(high)
        if metric.better is Better.NEITHER or unlimited or not math.isfinite(best) or metric.name in UNBOUNDED:
            continue
        half = (high - low) / 2 if math.isfinite(low) else 0.5
        demand = f"at_most: {best + half}" if metric.better is Better.LOWER else f"at_least: {best - half}"
        lines += rule(named(metric), "performance.metric", keys_of(metric, task), demand)
    (tmp_path / "policy.yaml").write_text(HEAD + lines)
    verdict = perfect(task, n).check(tmp_path / "policy.yaml")
    assert [f"{each.rule}: {each.message}" for each in verdict.outcomes if each.status.value != "PASS"] == []


def test_the_tables_reach_an_end_of_every_metric_with_a_range(tmp_path: Path) -> None:
    """Otherwise the tests above would judge nothing."""
    never = set()
    for task in TASKS:
        (tmp_path / "policy.yaml").write_text(HEAD + rules(task, ("estimate",)))
        seen = [findings(made, tmp_path / "policy.yaml") for made in (perfect(task, 100), worst(task, 100))]
        for metric in entries_of(task):
            ends = [end for end in metric.range if math.isfinite(end)]
            values = [found[named(metric)].value for found in seen if named(metric) in found]
            if ends and metric.name not in SHARES_OF_LABELS and not set(ends) & set(values):
                never.add(f"{task} {named(metric)}")
    assert never == set()
