"""Files of a table's format that lie in its folder and are not read, in folders, globs and saved datasets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgate.evidence.open import of_one_file, unread_parts
from mlgate.evidence.questions.unread_parts import UnreadParts, UnreadPartsFact
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError
from mlgate.values.reach import Reach


def unread(folder: Path, path: str, *files: str) -> tuple[str, ...]:
    """The unread parts of a table, in a folder with some files."""
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    return unread_parts(FileSource(path, folder), Reach.of(folder))


@pytest.mark.parametrize(
    ("path", "files", "found"),
    [
        ("t", ["t/a.parquet", "t/b.parquet"], ()),
        ("t", ["t/a.parquet", "t/_b.parquet", "t/.c.parquet"], (".c.parquet", "_b.parquet")),
        ("t", ["t/a.parquet", "t/_b.PARQUET", "t/_c.pq"], ("_b.PARQUET", "_c.pq")),
        # In a folder that is left out, and in one of a partition.
        ("t", ["t/a.parquet", "t/_old/b.parquet", "t/x=1/_b.parquet"], ("_old/b.parquet", "x=1/_b.parquet")),
        ("t", ["t/x=1/a.parquet", "t/_x=2/a.parquet"], ("_x=2/a.parquet",)),
        # Bookkeeping has other formats.
        ("t", ["t/a.parquet", "t/_SUCCESS", "t/.a.parquet.crc", "t/_metadata", "t/.DS_Store"], ()),
        ("t", ["t/a.csv", "t/_b.csv", "t/_c.csv.gz", "t/_d.parquet"], ("_b.csv", "_c.csv.gz")),
        # A glob leaves out what begins with a dot only, as in a shell.
        ("*.csv", ["a.csv", ".b.csv"], (".b.csv",)),
        ("t/*.parquet", ["t/a.parquet", "t/_b.parquet", "t/.c.parquet", "t/c.csv"], (".c.parquet",)),
        ("t/*/*.parquet", ["t/x/a.parquet", "t/.y/a.parquet"], (".y/a.parquet",)),
        # Beside a single file, other files are other tables.
        ("t/a.csv", ["t/a.csv", "t/_b.csv"], ()),
    ],
)
def test_files_of_the_format_that_are_not_read_are_found(
    tmp_path: Path, path: str, files: list[str], found: tuple[str, ...]
) -> None:
    assert unread(tmp_path, path, *files) == found


def test_a_file_that_a_saved_dataset_does_not_list_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data-0.arrow"}]}))
    files = ["t/dataset_info.json", "t/data-0.arrow", "t/data-1.arrow"]
    assert unread(tmp_path, "t", *files) == ("data-1.arrow",)


def test_a_folder_whose_log_decides_has_no_answer(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="is a Delta table"):
        unread(tmp_path, "t", "t/a.parquet", "t/_delta_log/0.json")


@pytest.mark.parametrize(
    ("path", "one"),
    [
        ("t.csv", True),
        ("t.CSV.gz", True),
        ("a/t.jsonl", True),
        ("*.csv", False),
        ("t.parquet", False),
        ("t.arrow", False),
        ("t", False),
        ("", False),
    ],
)
def test_a_table_is_one_file_by_the_ending_of_its_name(path: str, one: bool) -> None:
    assert of_one_file(path) is one


@pytest.mark.parametrize(("paths", "wrong"), [((), False), (("a", "b"), False), (("b", "a"), True), (("a", "a"), True)])
def test_only_sorted_paths_can_be_true(paths: tuple[str, ...], wrong: bool) -> None:
    assert bool(UnreadParts("t").impossible(UnreadPartsFact(paths))) is wrong


def test_the_first_paths_are_named() -> None:
    assert UnreadPartsFact(()).named == "none"
    assert UnreadPartsFact(("a", "b")).named == "`a`, `b`"
    assert UnreadPartsFact(tuple("abcdefg")).named == "`a`, `b`, `c`, `d`, `e` and 2 more"
