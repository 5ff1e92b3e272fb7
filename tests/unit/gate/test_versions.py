"""A verdict records the versions of what computed it, the same whatever the process has loaded."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import pytest

import mlgate
from mlgate.values.provenance import Versions
from mlgate.version import METHODS
from support.looks import RULE, workspace

OURS = (METHODS, platform.python_version(), version("numpy"), version("scipy"), f"duckdb {version('duckdb')}")


def recorded(folder: Path, rule: str) -> Versions | None:
    workspace(folder, rule)
    return mlgate.check(policy=folder / "policies", candidate=folder / "candidate.yaml").versions


def test_a_verdict_records_the_methods_python_the_libraries_and_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert recorded(tmp_path, RULE) == Versions(*OURS)


def test_the_package_of_a_function_that_a_rule_calls_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rule = RULE.replace("metric: accuracy", "metric: 'sklearn.metrics:zero_one_loss'").replace("at_least", "at_most")
    assert recorded(tmp_path, rule) == Versions(*OURS, (f"scikit-learn {version('scikit-learn')}",))
