"""Files: digests, what is not an ordinary file, links out of the workspace, and files that change meanwhile."""

from __future__ import annotations

import glob
import hashlib
import os
from pathlib import Path

import pytest

from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.files import by_glob, contents
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.digest import Digest, digest
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.reach import Reach


def _digest(path: str, workspace: Path, root: Path | None = None, roots: list[Path] | None = None):
    return digest(FileSource(path, root or workspace), Reach.of(workspace, roots))


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"model")
    fact = _digest("m", tmp_path)
    assert (fact.sha256, fact.size) == (hashlib.sha256(b"model").hexdigest(), 5)


def test_a_folder_is_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "m" / "b").mkdir(parents=True)
    (tmp_path / "m" / "b" / ".x").write_bytes(b"1")
    (tmp_path / "m" / "a").write_bytes(b"")
    before = _digest("m", tmp_path)
    one, none = hashlib.sha256(b"1").hexdigest(), hashlib.sha256(b"").hexdigest()
    assert before.sha256 == hashlib.sha256(f"{none}  a\n{one}  b/.x\n".encode()).hexdigest()
    assert before.size == 1
    (tmp_path / "m" / "a").rename(tmp_path / "m" / "c")
    assert _digest("m", tmp_path) != before


def test_a_glob_is_the_manifest_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.parquet").write_bytes(b"1")
    whole = _digest("p", tmp_path)
    (tmp_path / "p" / "b.txt").write_bytes(b"2")
    assert _digest("p/*.parquet", tmp_path) == _digest("p/[ab].parquet", tmp_path) == whole
    with pytest.raises(EvidenceError, match=r"p/\*\.csv: no files there"):
        _digest("p/*.csv", tmp_path)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.write_bytes(b""), r"is empty \(0 bytes\)"),
        (os.mkfifo, "not an ordinary file"),
        (Path.mkdir, "a folder without files"),
        (lambda path: path.symlink_to(path.parent / "gone"), "no such file"),
        (lambda path: path.symlink_to("/etc/passwd"), "a link out of the workspace, to /etc/passwd"),
    ],
)
def test_what_is_no_file(tmp_path: Path, make, message: str) -> None:
    make(tmp_path / "m")
    with pytest.raises(EvidenceError, match=message):
        _digest("m", tmp_path)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl", "a.arrow"])
def test_tables_that_are_no_file(tmp_path: Path, schema, name: str) -> None:
    with pytest.raises(EvidenceError, match="no such file"):
        schema(name)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(EvidenceError, match="0 bytes"):
        schema(name)
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with pytest.raises(EvidenceError, match="not an ordinary file"):
        schema(name)


def test_unknown_formats_name_those_that_are_read(tmp_path: Path, schema) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    with pytest.raises(EvidenceError, match=r"a\.xlsx: a format mlgate does not read; it reads \.csv.*\.parquet"):
        schema("a.xlsx")
    (tmp_path / "a").mkdir()
    with pytest.raises(EvidenceError, match="a: no files there"):
        schema("a")
    with pytest.raises(EvidenceError, match=r"\*\.parquet: no files there"):
        schema("*.parquet")


def test_a_folder_of_several_csv_files_is_an_error(tmp_path: Path, schema) -> None:
    (tmp_path / "t").mkdir()
    for name in ("1.csv", "2.csv"):
        (tmp_path / "t" / name).write_text("a\n1\n")
    with pytest.raises(EvidenceError, match="only Arrow and Parquet tables may be several"):
        schema("t")


def test_files_are_read_in_the_workspace_and_in_further_roots(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    workspace.mkdir()
    (tmp_path / "outside").write_bytes(b"x")
    (workspace / "real").write_bytes(b"x")
    (workspace / "link").symlink_to("real")
    assert _digest("link", workspace) == _digest("real", workspace)
    (workspace / "folder").symlink_to(tmp_path)
    for path, said in OUTSIDE.items():
        with pytest.raises(EvidenceError, match=f"{said}; allow it by `--root {tmp_path}`, or by `roots:`"):
            _digest(path, workspace)
        for root in (tmp_path, workspace / "folder", tmp_path / "outside"):
            if path != "folder/*":
                assert _digest(path, workspace, roots=[workspace, root]).size == 1
    assert _digest("folder/*", workspace, roots=[workspace, tmp_path]).size == 1


OUTSIDE = {
    "../outside": r"\.\./outside is outside the workspace",
    "../w/../outside": "outside is outside the workspace",
    "folder/outside": "folder/outside is a link out of the workspace, to .*/outside",
    "folder/*": r"folder/\* is a link out of the workspace, to .*",
}
SYSTEM = ("/proc/self/environ", "/proc/cpuinfo", "/sys/kernel/mm", "/dev/zero", "/dev/fd/0", "/proc/*/environ")


@pytest.mark.parametrize("path", SYSTEM)
def test_files_of_the_system_are_refused_whatever_the_roots(tmp_path: Path, path: str) -> None:
    with pytest.raises(EvidenceError, match="is a file of the system"):
        _digest(path, tmp_path, roots=[tmp_path, Path("/proc"), Path("/dev"), Path("/sys")])
    (tmp_path / "link").symlink_to(path.replace("*", "self"))
    with pytest.raises(EvidenceError, match="is a file of the system"):
        _digest("link", tmp_path)


@pytest.mark.parametrize("path", ["/**/*.csv", "/*", "../**", "*/**/passwd", "**/*.parquet"])
def test_a_glob_does_not_search_the_machine(tmp_path: Path, path: str) -> None:
    (tmp_path / "w" / "a").mkdir(parents=True)
    (tmp_path / "w" / "a" / "all").symlink_to("/")
    with pytest.raises(EvidenceError, match=r"allow it by `--root /"):
        _digest(path, tmp_path / "w", roots=[tmp_path / "w", Path("/")])


def test_a_glob_matches_as_in_a_shell(tmp_path: Path) -> None:
    for name in ("a/1.csv", "a/b/2.csv", "a/.c/3.csv", "a/b/.4.csv", "5.csv", "a/b/d/6.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path)
    for pattern in (
        "**/*.csv",
        "a/*/*",
        "**",
        "a/**",
        "a/.c/*.csv",
        "*/[!.]*.csv",
        "a/**/d/*",
        "**/**/?.csv",
        "a/.*/*",
    ):
        stated = {tmp_path / name for name in glob.glob(pattern, root_dir=tmp_path, recursive=True)}
        found = {*by_glob(tmp_path / pattern, Reach.of(tmp_path))}
        real = {path.resolve() for path in stated if path.is_file()}
        assert {path.resolve() for path in found if path.is_file()} == real, pattern


def test_a_link_out_of_the_workspace_inside_a_folder_is_an_error(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    (workspace / "m").mkdir(parents=True)
    (tmp_path / "outside").write_bytes(b"x")
    (workspace / "m" / "a").symlink_to(tmp_path / "outside")
    with pytest.raises(EvidenceError, match="a link out of the workspace"):
        _digest("m", workspace)


def test_paths_are_relative_to_the_root_of_their_source(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "m").write_bytes(b"x")
    assert _digest("m", tmp_path, tmp_path / "sub").size == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_the_machines(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"x")
    (tmp_path / "m").chmod(0)
    with pytest.raises(MachineError, match="cannot be read"):
        _digest("m", tmp_path)


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    (tmp_path / "b.csv").write_text("a\n1\n")
    sources = {"a": FileSource("a.csv", tmp_path), "b": FileSource("b.csv", tmp_path)}
    with open_evidence(sources, tmp_path, threads=1) as evidence:
        evidence.schema("a")
        path.write_text("a\n2\n")
        facts = evidence.measure([Counts("a"), Counts("b"), Digest("data", "b.csv")])
        assert facts[Counts("b")].cells[0].n == 1
        with pytest.raises(EvidenceError, match=r"a\.csv changed while it was read"):
            facts[Counts("a")]


def test_what_was_spilled_is_removed(tmp_path: Path) -> None:
    with open_evidence({}, tmp_path) as evidence:
        folder = evidence.engine.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_a_file_of_holes_is_refused_before_it_is_read(tmp_path: Path, schema) -> None:
    with (tmp_path / "a.csv").open("wb") as opened:
        opened.write(b"a,b\n")
        opened.truncate(1 << 40)
    with pytest.raises(EvidenceError, match=r"a.csv is a file of holes: of its 1,099,511,627,776 bytes only .* stored"):
        schema("a.csv")
    with pytest.raises(EvidenceError, match="is a file of holes"):
        _digest("a.csv", tmp_path)


@pytest.mark.parametrize("name", ["x" * 300 + ".csv", "x/" * 3000 + "a.csv"])
def test_a_path_that_is_too_long_is_what_was_presented(tmp_path: Path, schema, name: str) -> None:
    with pytest.raises(EvidenceError, match="there can be no such file: file name too long"):
        schema(name)


def test_what_a_question_reads_whole_is_bounded(tmp_path: Path) -> None:
    with (tmp_path / "card.md").open("wb") as opened:
        opened.truncate((64 << 20) + 1)
    with pytest.raises(EvidenceError, match=r"card.md has more than 64 MiB"):
        contents("card.md", Reach.of(tmp_path))
