"""Hashes of files: several from one reading, in threads, with the first failure in the order of the files."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from mlgate.evidence.file_hashes import file_hashes, folder_hashes, in_threads
from mlgate.evidence.files import walk
from mlgate.evidence.questions.digest import digest
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError
from mlgate.values.reach import Reach


@pytest.mark.parametrize("size", [1, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_one_reading_gives_the_hashes_that_are_asked_for(tmp_path: Path, size: int) -> None:
    path = tmp_path / "f"
    path.write_bytes(bytes(at % 251 for at in range(size)))
    found = file_hashes(path, "f", ("sha256", "md5"))
    of = path.read_bytes()
    assert found.values == (hashlib.sha256(of).hexdigest(), hashlib.md5(of, usedforsecurity=False).hexdigest())
    assert found.size == size


def test_an_empty_file_has_hashes_where_that_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    assert file_hashes(tmp_path / "f", "f", ("md5",), empty=True).values == (hashlib.md5().hexdigest(),)
    with pytest.raises(EvidenceError, match="is empty"):
        file_hashes(tmp_path / "f", "f", ("md5",))


def test_a_folder_is_the_manifest_of_its_files_in_the_order_of_their_paths(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    names = [f"{at % 7}/{at}.txt" for at in range(300)] + [".hidden", "empty"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("" if name == "empty" else name)
    paths = sorted(folder / name for name in names)
    lines = [f"{hashlib.sha256(of.read_bytes()).hexdigest()}  {of.relative_to(folder).as_posix()}\n" for of in paths]
    found = digest(FileSource("folder", tmp_path), Reach.of(tmp_path))
    assert found.sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert found.size == sum(of.stat().st_size for of in paths)


def test_a_link_out_of_the_workspace_is_refused_wherever_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "work" / "folder"
    folder.mkdir(parents=True)
    for at in range(300):
        (folder / f"{at}").write_text("x")
    (tmp_path / "secret").write_text("s")
    (folder / "299").unlink()
    (folder / "299").symlink_to(tmp_path / "secret")
    reach = Reach.of(tmp_path / "work")
    with pytest.raises(EvidenceError, match="is a link out of the workspace"):
        folder_hashes(sorted(walk(folder, reach)), folder, reach, ("sha256",))


@pytest.mark.parametrize("number", [0, 1, 5, 500])
def test_threads_keep_the_order(number: int) -> None:
    assert in_threads(lambda each: each * each, range(number)) == [each * each for each in range(number)]


def test_the_first_failure_in_the_order_is_raised() -> None:
    def action(each: int) -> int:
        if each in (50, 51, 400):
            raise ValueError(each)
        return each

    for _ in range(50):
        with pytest.raises(ValueError, match=r"^50$"):
            in_threads(action, range(500))


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    in_threads(str, range(500))
    assert threading.active_count() == before
