"""Verdicts and facts of earlier versions: they render, explain and are judged, and fit the published schema."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from mlgate.reading.verdict_file import read_verdicts

OLDER = Path(__file__).parents[2] / "golden" / "older"
SCHEMA = Path(__file__).parents[3] / "schemas" / "verdict.schema.json"
POLICY = ("--policy", "policy.yaml")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the older files were written."""
    shutil.copytree(OLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "policies").mkdir()
    shutil.move(tmp_path / "policy.yaml", tmp_path / "policies/policy.yaml")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fits_schema(*files: str) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SCHEMA), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode == 0


def test_an_older_verdict_renders_and_explains(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "verdict.json", "--report", "junit=out.xml", "--report", "console=-"]) == 0
    assert "ALLOWED  small 1" in capsys.readouterr().out
    assert run(["explain", "verdict.json", "accuracy"]) == 0
    assert "small:accuracy" in capsys.readouterr().out


def test_what_an_older_verdict_lacks_is_absent_and_not_invented(here: Path) -> None:
    found = read_verdicts(here / "verdict.json", "verdict.json").verdicts
    assert (found.called, found.verdicts[0].judged, found.verdicts[0].versions) == (None, None, None)


def test_facts_of_an_older_version_give_the_same_outcomes(here: Path) -> None:
    assert run(["check", "-q", "--facts", "facts.json", "--as-of", "2026-11-30", "--report", "json=new.json"]) == 0
    new, old = (json.loads((here / name).read_text())["verdicts"][0] for name in ("new.json", "verdict.json"))
    for each in (new, old):
        (outcome,) = each["outcomes"]
        (finding,) = outcome["findings"]
        each["values"] = outcome["status"], {key: finding[key] for key in ("value", "exact", "lower", "upper", "rows")}
    assert new["values"] == old["values"]
    assert (new["judged"], new["versions"]["engine"]) == (None, "")


def test_facts_of_an_older_version_are_verified_as_far_as_they_go(here: Path) -> None:
    options = ["check", "-q", "--facts", "facts.json", "--verify"]
    assert run(options) == 0
    rows = here / "rows.csv"
    rows.write_text(rows.read_text().replace("1,1,1", "1,1,0", 1))
    assert run(options) == 1


def test_older_and_new_verdicts_fit_the_published_schema(here: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="needs check-jsonschema, which is not installed here")
    shutil.copy(here / "verdict.json", here / "old.json")
    assert run(["check", "-q", "--report", "json=new.json"]) == 0
    document: dict[str, Any] = json.loads((here / "new.json").read_text())
    assert document["verdicts"][0]["judged"]["by_id"] is True
    assert fits_schema("old.json", "new.json")
    del document["verdicts"][0]["judged"]["evaluation"]
    (here / "wrong.json").write_text(json.dumps(document))
    assert not fits_schema("wrong.json")
