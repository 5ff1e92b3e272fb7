"""A folder of repositories: nothing is found in a good one, and each edit of it that lets a change past is found."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgate.doctor.diagnose import diagnose

REPOSITORIES = Path(__file__).parent / "repositories"
SYSTEMS = sorted(folder.name for folder in REPOSITORIES.iterdir())
EDITS = [
    (system, edit) for system in SYSTEMS for edit in yaml.safe_load((REPOSITORIES / system / "edits.yaml").read_text())
]


def edited(edit: dict[str, Any], folder: Path) -> None:
    """Make one edit; a file without an old text is written."""
    file = folder / edit["file"]
    text = file.read_text() if file.exists() else ""
    for each in (edit, *edit.get("more", ())):
        assert each["old"] in text, f"{edit['file']} has no {each['old']!r}"
        text = text.replace(each["old"], each["new"], 1) if each["old"] else each["new"]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    if further := edit.get("and_file"):
        (folder / further).write_text("mlgate: 1\n")


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_is_found_in_a_good_repository(system: str, tmp_path: Path) -> None:
    shutil.copytree(REPOSITORIES / system / "good", tmp_path / "here")
    found = diagnose(tmp_path / "here")
    assert found.weaknesses == ()
    assert (found.exit_code, len(found.gates)) == (0, 1)
    assert found.settings


@pytest.mark.parametrize(("system", "edit"), EDITS, ids=lambda each: each["name"] if isinstance(each, dict) else each)
def test_an_edit_that_lets_a_change_past_is_found(system: str, edit: dict[str, Any], tmp_path: Path) -> None:
    here = tmp_path / "here"
    shutil.copytree(REPOSITORIES / system / "good", here)
    edited(edit, here)
    found = diagnose(here)
    first, *others = found.weaknesses
    assert (first.id, first.file, first.line) == (edit["found"], edit.get("at", edit["file"]), edit["line"])
    assert [each.id for each in others] == edit.get("also", [])
    assert found.exit_code == 1
    assert all(each.message and each.remedy for each in found.weaknesses)
