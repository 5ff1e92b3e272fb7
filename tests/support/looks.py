"""A workspace of one binary model, whose predictions are pushed again and again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlgate.cli.main import run

RULE = "{id: accurate, check: performance.metric, metric: accuracy, at_least: 0.5}"
CANDIDATE = """\
mlgate: 1
candidate: pushed
version: '1'
owner: a@example.com
task: binary
positive: '1'
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""
LABELS = tuple("1100101" * 20)
DAY = "2026-12-01"


def workspace(folder: Path, *rules: str) -> None:
    """The policy, the candidate, and the first model's predictions."""
    (folder / ".git").mkdir()
    (folder / "policies").mkdir()
    listed = "".join(f"  - {rule}\n" for rule in rules or (RULE,))
    (folder / "policies/p.yaml").write_text(f"mlgate: 1\npolicy: gate\nowner: o@example.com\nrules:\n{listed}")
    (folder / "candidate.yaml").write_text(CANDIDATE)
    push(folder)


def push(folder: Path, *, wrong: int = 0, labels: Sequence[str] = LABELS, order: int = 1, ids: bool = True) -> None:
    """The predictions of a model that is wrong on the row of this number, in ascending or descending order."""
    rows = [(f"r{at}", label, label if at != wrong else str(1 - int(label))) for at, label in enumerate(labels)]
    cells = [row if ids else row[1:] for row in rows[::order]]
    head = ("id", "y", "p") if ids else ("y", "p")
    (folder / "rows.csv").write_text("".join(",".join(row) + "\n" for row in (head, *cells)))


def checked(*options: str, report: str = "verdict.json") -> dict[str, Any]:
    """What `mlgate check` stores. The exit code must be that of the verdict."""
    code = run(["check", "--as-of", DAY, "--report", f"json={report}", "-q", *options])
    found: dict[str, Any] = json.loads(Path(report).read_text())
    assert code == found["exit_code"]
    return found


def noted(*options: str) -> str:
    """The notes of the only verdict."""
    (verdict,) = checked(*options)["verdicts"]
    return "\n".join(verdict["notes"])
