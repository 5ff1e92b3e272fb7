"""Fixtures of the gate's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.change import Change, started


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Change:
    """A repository with a work tree that is as its base, and is the current folder."""
    monkeypatch.chdir(tmp_path)
    return started(tmp_path, capsys)
