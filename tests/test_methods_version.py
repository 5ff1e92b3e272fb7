"""When bounds move, the version of the methods rises and the changelog names them.

The bounds of one table of rows are kept in tests/golden/bounds/bounds.json. After a release, whoever moves a bound
raises METHODS in version.py, names the method in CHANGELOG.md, and writes the file again with MLGATE_UPDATE_GOLDEN=1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import mlgate
from mlgate.version import METHODS

ROOT = Path(__file__).parents[1]
BOUNDS = ROOT / "tests/golden/bounds/bounds.json"
SHARES = ("accuracy", "recall", "precision", "f1", "balanced_accuracy", "roc_auc", "average_precision")
BINARY = (
    *(f"{{id: {name}, check: performance.metric, metric: {name}, at_least: 0.1}}" for name in SHARES),
    "{id: mcc, check: performance.metric, metric: matthews_corrcoef, at_least: 0.1}",
    "{id: brier, check: performance.metric, metric: brier_score, at_most: 0.9}",
    "{id: gap, check: fairness.gap, metric: recall, by: [g], at_most: 0.9}",
    "{id: ratio, check: fairness.ratio, metric: selection_rate, by: [g], at_least: 0.1}",
)
REGRESSION = (
    *(f"{{id: {name}, check: performance.metric, metric: {name}, at_most: 99}}" for name in ("mae", "rmse", "wape")),
    "{id: median, check: performance.metric, metric: median_absolute_error, at_most: 99}",
    "{id: r2, check: performance.metric, metric: r2, at_least: -99}",
)
CLOSE = 1e-9


def rows() -> pd.DataFrame:
    """Three hundred rows without luck: every column is a formula of the row's number."""
    at = pd.Series(range(300))
    score = ((at * 37) % 101) / 101
    label = (score + ((at * 53) % 97) / 97 > 1).astype(int)
    return pd.DataFrame(
        {"id": at, "y": label, "p": (score > 0.5).astype(int), "s": score, "g": at % 3, "value": 1 + score * 9,
         "predicted": 1.5 + ((at * 61) % 89) / 10}
    )  # fmt: skip


def bounds(folder: Path, task: str, rules: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    """Every bound of every finding, by rule, slice and side."""
    (folder / f"{task}.yaml").write_text(
        f"mlgate: 1\npolicy: {task}\nowner: o\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules)
    )
    columns = {"label": "y", "prediction": "p", "score": "s", "positive": "1"}
    if task == "regression":
        columns = {"label": "value", "prediction": "predicted"}
    verdict = mlgate.check(
        policy=folder / f"{task}.yaml", task=task, name="fixed", predictions=rows(), id="id", **columns
    )
    for outcome in verdict.outcomes:
        assert outcome.findings, outcome.message
        for finding in outcome.findings:
            for side, bound in (("lower", finding.lower), ("upper", finding.upper)):
                if bound is not None:
                    where = "".join(f" {column}={value}" for column, value in finding.where)
                    yield f"{task} {outcome.rule}{where} {side}", bound


def test_bounds_move_only_with_the_version_of_the_methods(tmp_path: Path) -> None:
    found = dict(bounds(tmp_path, "binary", BINARY)) | dict(bounds(tmp_path, "regression", REGRESSION))
    if os.environ.get("MLGATE_UPDATE_GOLDEN") == "1":
        BOUNDS.write_text(json.dumps({"methods": METHODS, "bounds": found}, indent=1) + "\n")
    kept = json.loads(BOUNDS.read_text())
    assert kept["methods"] == METHODS, "write the bounds of this version again, with MLGATE_UPDATE_GOLDEN=1"
    assert found == pytest.approx(kept["bounds"], rel=CLOSE), "raise METHODS and name these methods in CHANGELOG.md"


def test_the_changelog_names_every_version_of_the_methods() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert [number for number in range(1, METHODS + 1) if f"\n- Methods {number}: " not in changelog] == []
