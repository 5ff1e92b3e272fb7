"""The search for files: loops of links end, and what is not to be entered is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.values.file_search import below, matching


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/1.csv", "a/b/2.csv", "a/.c/3.csv", "a/b/d/4.csv", "5.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path)
    return tmp_path


def found(paths: object, tree: Path) -> list[str]:
    assert hasattr(paths, "__iter__")
    return [path.relative_to(tree).as_posix() for path in paths if path.is_file()]


def test_each_folder_is_visited_once_although_links_lead_back(tree: Path) -> None:
    assert found(below(tree, lambda _: True), tree) == ["5.csv", "a/1.csv", "a/.c/3.csv", "a/b/2.csv", "a/b/d/4.csv"]


def test_a_folder_that_is_not_entered_hides_its_files(tree: Path) -> None:
    assert found(below(tree, lambda path: path.name not in ("b", ".c")), tree) == ["5.csv", "a/1.csv"]


def test_every_part_of_a_glob_is_asked_for(tree: Path) -> None:
    asked: list[tuple[str, str]] = []

    def takes(path: Path, part: str) -> bool:
        asked.append((path.name, part))
        return path.name != ".c"

    assert found(matching(tree / "*" / "b" / "*.csv", takes), tree) == ["a/b/2.csv"]
    assert asked == [("5.csv", "*"), ("a", "*"), ("b", "b"), ("2.csv", "*.csv")]


def test_two_stars_mean_any_depth_once(tree: Path) -> None:
    names = found(matching(tree / "a" / "**" / "*.csv", lambda path, _: path.name != "up"), tree)
    assert sorted(names) == ["a/.c/3.csv", "a/1.csv", "a/b/2.csv", "a/b/d/4.csv"]
