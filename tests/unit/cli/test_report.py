"""`mlgate report`: a stored verdict in another format."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.cli.main import run


def test_a_format_in_the_place_of_the_verdict_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["report", "html"]) == 2
    said = "`html` is a format and not a stored verdict; write `mlgate report VERDICT.json --report html=PATH`"
    assert said in capsys.readouterr().err
