"""The repository that backtests look back into."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.past import CANDIDATE, POLICY, Past, rows


@pytest.fixture
def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Past:
    """Three versions: a good one, one that is good by its numbers, and a bad one, which is what is here."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True, timeout=60)
    found = Past(tmp_path, capsys)
    for day, wrong in (("2026-03-01", 10), ("2026-04-01", 38), ("2026-05-01", 80)):
        found.write(candidate=CANDIDATE, rows=rows(wrong))
        found.commit(day)
    found.write(policy=POLICY)
    found.commit("2026-06-01")
    return found
