"""A workspace with the record of a real tool, a candidate and the three rules about lineage."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run

ARTEFACTS = Path(__file__).parents[1] / "unit" / "lineage" / "artefacts"
POLICY = """\
mlgate: 1
policy: traceable
owner: risk@example.com
rules:
  - {id: complete, check: lineage.complete, roles: [code, "data:train", "data:evaluation", parameters]}
  - {id: verified, check: lineage.verified}
  - {id: consistent, check: lineage.consistent}
"""
EMPTY: Mapping[str, str] = {}
DVC = """\
model: {path: model.json}
tables:
  train: {path: data/split/train.csv}
  evaluation: {path: data/split/test.csv}
"""


@dataclass(frozen=True)
class Judged:
    """The outcomes of one verdict by their rules."""

    outcomes: Mapping[str, Any]

    @property
    def statuses(self) -> dict[str, str]:
        """Each status by its rule."""
        return {rule: outcome["status"] for rule, outcome in self.outcomes.items()}

    @property
    def failing(self) -> set[str]:
        """The rules that do not pass."""
        return {rule for rule, status in self.statuses.items() if status != "PASS"}

    def said(self, *rules: str) -> str:
        """All that some rules say; that all say, without any."""
        chosen = [self.outcomes[rule] for rule in rules or self.outcomes]
        return " | ".join(text for of in chosen for text in (of["message"], *(f["message"] for f in of["findings"])))


@dataclass(frozen=True)
class History:
    """The folder, and how the rules judge it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def judge(self, *arguments: str, policy: str = "policy.yaml") -> Judged:
        """What the rules say now."""
        self.capsys.readouterr()
        run(["check", "--policy", policy, "--format", "json", *arguments])
        out, err = self.capsys.readouterr()
        assert out, err
        (verdict,) = json.loads(out)["verdicts"]
        return Judged({outcome["rule"]: outcome for outcome in verdict["outcomes"]})

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def git(self, *arguments: str) -> str:
        """What a git command prints."""
        named = ["-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *named, *arguments], cwd=self.folder, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    def commit(self, said: str = "x") -> str:
        """Commit all, and give the commit's name."""
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "-m", said, "--allow-empty")
        return self.git("rev-parse", "HEAD")


def workspace(
    folder: Path,
    artefact: str,
    candidate: str,
    capsys: pytest.CaptureFixture[str],
    files: Mapping[str, str] = EMPTY,
) -> History:
    """A git repository with a copy of an artefact, or with some files."""
    if artefact:
        shutil.copytree(ARTEFACTS / artefact, folder, dirs_exist_ok=True)
    (folder / "candidate.yaml").write_text(f"mlgate: 1\ncandidate: toy\n{candidate}", encoding="utf-8")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    found = History(folder, capsys)
    found.git("init", "-q", "-b", "main")
    return found
