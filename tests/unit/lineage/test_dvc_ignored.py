"""Patterns of `.dvcignore`: each answer is that of DVC 3.67.1, which was asked about 2,100 random folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.lineage.dvc_ignored import DvcIgnored
from mlgate.values.reach import Reach

FILES = {"a.txt", "b.csv", ".x", "sub/a.txt", "sub/b.csv", "sub/in/a.txt", "#c", "x/x/y", ".git/HEAD", ".dvc/tmp/x"}
ANSWERS: dict[str, tuple[str, set[str]]] = {
    "nothing": ("", set()),
    "a comment": ("#c\n# *\n", set()),
    "a name that begins as a comment": ("\\#c\n", {"#c"}),
    "any folders twice": ("**/x/**/x/y", {"x/x/y"}),
    "a name": ("a.txt", {"a.txt", "sub/a.txt", "sub/in/a.txt"}),
    "a name at the top": ("/a.txt", set()),
    "a path from the top": ("/d/a.txt", {"a.txt"}),
    "a path without a slash in front": ("d/sub/a.txt", {"sub/a.txt"}),
    "an ending": ("*.csv", {"b.csv", "sub/b.csv"}),
    "a sign": ("?.csv", {"b.csv", "sub/b.csv"}),
    "one of some signs": ("[ab].txt", {"a.txt", "sub/a.txt", "sub/in/a.txt"}),
    "none of some signs": ("[^b].*", {"a.txt", "sub/a.txt", "sub/in/a.txt"}),
    "a folder": ("sub/", {"sub/a.txt", "sub/b.csv", "sub/in/a.txt"}),
    "a folder that is a file": ("a.txt/", set()),
    "all in a folder": ("d/sub/**", {"sub/a.txt", "sub/b.csv", "sub/in/a.txt"}),
    "any folders between": ("d/**/a.txt", {"a.txt", "sub/a.txt", "sub/in/a.txt"}),
    "taken back": ("*.txt\n!a.txt", set()),
    "taken back in a folder that is left out": ("sub\n!sub/a.txt", {"sub/a.txt", "sub/b.csv", "sub/in/a.txt"}),
    "left out again": ("*.txt\n!a.txt\nin/", {"sub/in/a.txt"}),
    "a sign after a backslash": ("\\*.csv", set()),
    "only slashes": ("/\n!/\n!", set()),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_a_pattern_leaves_out_what_dvc_leaves_out(tmp_path: Path, what: str) -> None:
    """`d` is the folder. Those of git and of DVC itself are always left out."""
    text, left_out = ANSWERS[what]
    (tmp_path / ".dvcignore").write_text(text)
    ignored = DvcIgnored.of("d", Reach.of(tmp_path))
    assert {name for name in FILES if ignored.leaves_out(name)} - {".git/HEAD", ".dvc/tmp/x"} == left_out
    assert ignored.leaves_out(".git/HEAD")
    assert ignored.leaves_out(".dvc/tmp/x")


def test_patterns_are_from_the_folder_of_their_file_and_from_dvcs_repository(tmp_path: Path) -> None:
    (tmp_path / "repo/.dvc").mkdir(parents=True)
    (tmp_path / "repo/data").mkdir()
    (tmp_path / ".dvcignore").write_text("a.txt")
    (tmp_path / "repo/.dvcignore").write_text("b.csv\nd.csv")
    (tmp_path / "repo/data/.dvcignore").write_text("/d/c\n!b.csv")
    ignored = DvcIgnored.of("repo/data/d", Reach.of(tmp_path))
    assert {name for name in ("a.txt", "b.csv", "c", "d.csv") if ignored.leaves_out(name)} == {"c", "d.csv"}


def test_a_pattern_of_many_stars_is_answered_at_once(tmp_path: Path) -> None:
    (tmp_path / ".dvcignore").write_text("*a" * 60 + "b\n" + "**/" * 60 + "x/**/y\n")
    ignored = DvcIgnored.of("deep/d", Reach.of(tmp_path))
    assert not ignored.leaves_out("/".join(["a" * 200] * 20))
