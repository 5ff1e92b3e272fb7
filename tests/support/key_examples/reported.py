"""Examples of the keys of the checks of what others measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.key_examples import Pairwise

Keys = Mapping[str, str]
DATA = Path(__file__).parents[2] / "unit" / "checks" / "reported" / "data"
GIVEN: Mapping[str, Any] = {
    "reports": {"m": str(DATA / "metrics.json"), "t": str(DATA / "pytest_pass.xml")},
    "trained_at": "2026-11-20T10:00:00Z",
    "model": str(DATA / "model.bin"),
    "champion": None,
}


def number(one: Keys, other: Keys, **both: str) -> Pairwise:
    """Two rules about a reported number."""
    keys = {"from": "m", "name": "accuracy", "at_least": "0.9", **both}
    return Pairwise({**keys, **one}, {**keys, **other}, given=GIVEN)


def tests(one: Keys, other: Keys, **reports: str) -> Pairwise:
    """Two rules about reported tests: by default three that passed, and two that were skipped."""
    files = {**GIVEN["reports"], **{name: str(DATA / file) for name, file in reports.items()}}
    return Pairwise({"from": "t", **one}, {"from": "t", **other}, given={**GIVEN, "reports": files})


PAIRS: Mapping[tuple[str, str], Pairwise] = {
    ("reported.metric", "from"): number({}, {"from": "t"}),
    ("reported.metric", "name"): number({}, {"name": "share"}),
    ("reported.metric", "format"): number({"format": "json"}, {"format": "csv"}),
    ("reported.metric", "range"): number({"range": "[0, 1]"}, {"range": "[0, 0.905]"}),
    ("reported.metric", "time"): number({"time": "time"}, {"time": "early"}),
    ("reported.metric", "after_training"): number(
        {"after_training": "false"}, {"after_training": "true"}, time="other"
    ),
    ("reported.metric", "model_digest"): number({"model_digest": "model"}, {"model_digest": "other"}),
    ("reported.tests", "from"): tests({}, {"from": "m"}),
    ("reported.tests", "format"): tests({"format": "junit"}, {"format": "dbt"}),
    ("reported.tests", "at_most_failed"): tests({"at_most_failed": "2"}, {"at_most_failed": "1"}, t="pytest_fail.xml"),
    ("reported.tests", "at_least_tests"): tests({"at_least_tests": "3"}, {"at_least_tests": "4"}),
    ("reported.tests", "at_most_skipped"): tests({"at_most_skipped": "2"}, {"at_most_skipped": "1"}),
    ("reported.tests", "require"): tests({"require": "[TestSum.test_add]"}, {"require": "[test_skip]"}),
    ("reported.tests", "after_training"): tests(
        {"after_training": "true"}, {"after_training": "true", "from": "e"}, e="evidently_pass.json"
    ),
}
