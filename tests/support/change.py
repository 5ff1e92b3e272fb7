"""A git repository with a policy and a candidate whose branch `main` is the base, and a change of its work tree."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.waiving import IN_FORCE

POLICY = """\
mlgate: 1
policy: p
owner: o@example.com
for: {tags: credit}
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9, proof: estimate}
"""
WAIVER = f"""\
waivers:
  - {{rule: accurate, for: c, not_below: 0.8, owner: o, reason: r, {IN_FORCE}}}
"""
CANDIDATE = """\
mlgate: 1
candidate: c
task: binary
positive: "1"
classes: ["0", "1"]
tags: [credit]
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""


def rows(wrong: int) -> str:
    """100 rows, some of them wrong; the columns `q` and `w` have what the model answers, and weights."""
    answers = [at % 2 if at >= wrong else 1 - at % 2 for at in range(100)]
    lines = (f"{at},{at % 2},{answer},{answer},1" for at, answer in enumerate(answers))
    return "\n".join(["id,y,p,q,w", *lines, ""])


@dataclass(frozen=True)
class Change:
    """A repository whose branch `main` is the base, and a work tree with changes."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        (self.folder / name).write_text(text.replace(old, new))

    def git(self, *arguments: str) -> None:
        named = ["-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *named, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def merge(self) -> None:
        """Make what is there the base."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x", "--allow-empty")

    def judge(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the stored verdicts."""
        self.capsys.readouterr()
        code = run(["check", "--policy-ref", "main", "--format", "json", *arguments])
        return code, json.loads(self.capsys.readouterr().out)


def under(found: dict[str, Any]) -> dict[str, bool]:
    """Whether each verdict allows, by what it was given under."""
    return {verdict["under"].split(" (")[0]: verdict["allowed"] for verdict in found["verdicts"]}


def notes(found: dict[str, Any]) -> str:
    return " | ".join(note for verdict in found["verdicts"] for note in verdict["notes"])


def unjudged(found: dict[str, Any]) -> dict[str, str]:
    """Why each candidate was not judged."""
    return {entry["candidate"]: entry["why"] for entry in found["unjudged"]}


def refused(found: dict[str, Any]) -> dict[str, str]:
    """The problems of each candidate that was refused, by its path."""
    return {each["path"]: " | ".join(p["message"] for p in each["problems"]) for each in found["refusals"]}


def started(folder: Path, capsys: pytest.CaptureFixture[str]) -> Change:
    """At the base, an accuracy of 0.92 meets the demand of 0.9; the change has another model."""
    found = Change(folder, capsys)
    found.write({"policies/p.yaml": POLICY, "candidate.yaml": CANDIDATE, "rows.csv": rows(8)})
    found.git("init", "-q", "-b", "main")
    found.merge()
    return found
