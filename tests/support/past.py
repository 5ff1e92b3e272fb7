"""A repository with past versions of a candidate, whose tests run `mlgate backtest` on it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run

POLICY = """\
mlgate: 1
policy: p
owner: o@example.com
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9, enforce_from: 2036-01-01}
  - {id: spares, check: performance.metric, metric: false_positive_rate, at_most: 0.15, proof: estimate, severity: warn}
"""
CANDIDATE = """\
mlgate: 1
candidate: c
version: "1"
task: binary
positive: "1"
classes: ["0", "1"]
predictions: {path: data/rows.csv, id: id, label: y, prediction: p}
"""


def rows(wrong: int) -> str:
    """400 rows, of which some are wrong."""
    answers = (f"{at},{at % 2},{at % 2 if at >= wrong else 1 - at % 2}" for at in range(400))
    return "\n".join(["id,y,p", *answers, ""])


@dataclass(frozen=True)
class Past:
    """A repository with versions of a candidate."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / {"rows": "data/rows.csv", "policy": "policies/p.yaml"}.get(name, f"{name}.yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def commit(self, day: str = "2026-03-01") -> None:
        named = ["-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
        when = {
            "GIT_COMMITTER_DATE": f"{day}T12:00:00Z",
            "GIT_AUTHOR_DATE": f"{day}T12:00:00Z",
            "PATH": os.environ["PATH"],
        }
        for arguments in (["add", "-A"], ["commit", "-q", "-m", "x", "--allow-empty"]):
            subprocess.run(
                ["git", *named, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60, env=when
            )

    def tested(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the backtest."""
        self.capsys.readouterr()
        code = run(["backtest", "--draws", "20", "--format", "json", *arguments])
        out, err = self.capsys.readouterr()
        assert out, err
        return code, json.loads(out)

    def page(self, *arguments: str) -> str:
        self.capsys.readouterr()
        run(["backtest", "--draws", "20", *arguments])
        return self.capsys.readouterr().out
