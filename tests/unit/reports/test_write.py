"""Reports on disk: whole or not at all, never stale, never over something that is not a report."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlgate.reports.registry import find_report
from mlgate.reports.write import remove_stale, write_report
from mlgate.values.errors import InputError, MachineError, Problem
from mlgate.values.verdict import Refusal, Verdicts

OURS = "+ ALLOWED  churn 7\n"


def test_a_report_is_written_whole_into_new_folders(tmp_path: Path) -> None:
    path = tmp_path / "out" / "deep" / "report.txt"
    write_report(path, "é ✓\r\nline\n")
    assert path.read_bytes() == "é ✓\r\nline\n".encode()
    assert os.listdir(path.parent) == ["report.txt"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_the_mode_is_the_umasks(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write_report(tmp_path / "report", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == mode


def test_a_failure_keeps_the_file_before_and_leaves_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report"
    path.write_text(OURS)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineError, match=r"cannot write the report .*report: No space left on device"):
        write_report(path, "new")
    assert path.read_text() == OURS
    assert os.listdir(tmp_path) == ["report"]


def test_an_interruption_leaves_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path / "report", "new")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("special", ["folder", "fifo", "link-to-folder", "link-to-fifo", "link-to-file"])
def test_what_is_no_file_is_neither_written_nor_removed(tmp_path: Path, special: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept").write_text("kept")
    (tmp_path / "link-to-folder").symlink_to(tmp_path / "folder")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "model.onnx").write_text("weights")
    for name, target in (("fifo", "fifo"), ("file", "model.onnx")):
        (tmp_path / f"link-to-{name}").symlink_to(tmp_path / target)
    path = tmp_path / special
    with pytest.raises(InputError):
        write_report(path, "text")
    with pytest.raises(InputError):
        remove_stale([path])
    assert os.path.lexists(path)
    assert (tmp_path / "model.onnx").read_text() == "weights"
    assert (tmp_path / "folder" / "kept").read_text() == "kept"


def test_stale_reports_are_removed_and_absent_ones_are_fine(tmp_path: Path) -> None:
    stale = tmp_path / "report"
    stale.write_text("+ ALLOWED  churn 7\n  as of 2026-11-24 | candidate.yaml | mlgate 0.1.0")
    remove_stale([stale, tmp_path / "absent", tmp_path / "no" / "folder"])
    assert os.listdir(tmp_path) == []


STRANGERS = {
    "model.onnx": "weights",
    "candidate.yaml": "mlgate: 1\ncandidate: credit\n",
    "README.md": "# Gate\n\nWe use mlgate. ✓ ALLOWED  churn 7\n",
    "notes.md": "# Published tables\n\n<!-- mlgate tables -->\n",
    "settings.json": '{"mlgate": 1, "name": "ours"}',
    "plan.json": '{"name": "mlgate", "kind": "verdict"}',
    "tests.xml": '<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="pytest"><!-- mlgate --></testsuites>\n',
    "rows.csv": "mlgate.version,label\n1,0\n",
    "script.py": "import mlgate\n",
    "book.ipynb": '{"cells": [{"source": "mlgate.check()"}]}',
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_file_that_is_not_a_report_is_neither_deleted_nor_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(STRANGERS[name])
    with pytest.raises(InputError, match="not a report of mlgate"):
        remove_stale([tmp_path / name])
    with pytest.raises(InputError, match="not a report of mlgate"):
        write_report(tmp_path / name, "text")
    assert (tmp_path / name).read_text() == STRANGERS[name]


@pytest.mark.parametrize("of", [Verdicts(()), Verdicts((), (Refusal("c.yaml", 2, (Problem(None, "wrong"),)),))])
@pytest.mark.parametrize("name", ["console", "csv", "json", "junit", "tables"])
def test_each_report_is_known_as_one(tmp_path: Path, name: str, of: Verdicts) -> None:
    path = tmp_path / "report"
    path.write_text(find_report(name).text(of))
    remove_stale([path])
    assert not path.exists()


def test_links_of_the_system_stay(tmp_path: Path) -> None:
    """As root one could remove /dev/stdout from the whole machine."""
    if not Path("/dev/stdout").is_symlink():
        pytest.skip("there is no such link here")
    with pytest.raises(InputError, match="for standard output write"):
        remove_stale([Path("/dev/stdout")])
    (tmp_path / "link").symlink_to("/dev")
    with pytest.raises(InputError, match="for standard output write"):
        write_report(tmp_path / "link" / "stdout", "text")
    assert Path("/dev/stdout").is_symlink()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("folder", r"is a folder; name a file in it, as in .*folder/FILE"),
        ("file/report", "Not a directory; name another path"),
        ("loop", "Too many levels of symbolic links; correct the path"),
        ("x" * 300, "File name too long; correct the path"),
    ],
)
def test_a_path_that_is_named_wrongly_is_a_mistake_of_the_command_line(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for refused in (lambda named: remove_stale([named]), lambda named: write_report(named, "text")):
        with pytest.raises(InputError, match=said):
            refused(tmp_path / path)


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder in which the user of the test may not write; root becomes another user for that."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "report").write_text(OURS)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield folder
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.mark.parametrize("name", ["report", "fresh", "deep/fresh"])
def test_a_folder_without_permission_is_refused_before_anything_is_judged(nobody: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"cannot write the report .*: Permission denied; name another path"):
        remove_stale([nobody / name])
    with pytest.raises(InputError, match=r"cannot write the report .*: Permission denied; name another path"):
        write_report(nobody / name, "text")
    assert (nobody / "report").read_text() == OURS
