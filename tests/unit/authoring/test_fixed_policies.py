"""`mlgate lint --fix` removes what waives nothing, leaves every other byte, and does nothing the second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.authoring.removed_entries import without_entries
from mlgate.cli.main import run
from mlgate.reading.strict_yaml import Mapping, Sequence, load
from mlgate.values.errors import Location

HEAD = "mlgate: 1  # the format\npolicy: p\nowner: o\nfor: {name: toy}\n\nrules:\n"
RULES = "  # why\n" + "".join(
    f"  - {{id: {name}, check: performance.metric, metric: {metric}, at_least: 0.7}}\n"
    for name, metric in (("r", "recall"), ("s", "precision"), ("t", "f1"), ("u", "accuracy"))
)
ENDED = """\
  - rule: r   # JIRA-1
    not_below: 0.6
    owner: o
    reason: |
      two lines

      # of which this one is none of YAML's comments
    granted: 2026-01-01
    expires: 2026-02-01
"""
KEPT = "  - {rule: s, not_below: 0.5, owner: o, reason: JIRA-2, granted: 2026-11-01, expires: 2026-12-20}\n"
MORE = KEPT.replace("rule: s", "rule: t")
REASONS = "reasons: {s: JIRA-2 asks for it}\n"
BEFORE, AFTER = "waivers:\n  # of the first\n", "\n# the end: \u00e9\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").mkdir()
    return tmp_path


def fixed(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> tuple[bytes, str]:
    """The file after the command, and what the command says of what it did."""
    path = folder / "policies" / "p.yaml"
    path.write_bytes(text.encode())
    path.chmod(0o640)
    assert run(["lint", "--fix", "--as-of", "2026-11-30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert path.stat().st_mode & 0o777 == 0o640
    return path.read_bytes(), "\n".join(line for line in lines if "fixed:" in line)


SHAPES = {
    "first": (BEFORE + ENDED + KEPT + AFTER, BEFORE + KEPT + AFTER),
    "last": (BEFORE + KEPT + ENDED + AFTER, BEFORE + KEPT + AFTER),
    "between": (BEFORE + KEPT + ENDED + MORE, BEFORE + KEPT + MORE),
    "twice": (BEFORE + ENDED + ENDED.replace("rule: r", "rule: u") + KEPT, BEFORE + KEPT),
    "only": (BEFORE + ENDED + AFTER, BEFORE.replace("waivers:", "waivers: []") + AFTER),
    "only, with a comment": (
        BEFORE.replace("waivers:", "waivers:   # dated") + ENDED, BEFORE.replace("waivers:", "waivers: []   # dated")),
    "without indentation": (
        (BEFORE + ENDED + KEPT).replace("\n  ", "\n").replace("waivers:\n  ", "waivers:\n") + REASONS,
        (BEFORE + KEPT).replace("\n  ", "\n") + REASONS),
    "no end of the last line": (BEFORE + KEPT + ENDED.rstrip("\n"), BEFORE + KEPT),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_other_byte_stays(folder: Path, capsys: pytest.CaptureFixture[str], shape: str, end: str) -> None:
    case, wanted = (f"{HEAD}{RULES}{part}".replace("\n", end) for part in SHAPES[shape])
    found, said = fixed(folder, case, capsys)
    assert found.decode() == wanted
    assert "fixed: the waiver for rule `r` ended on 2026-02-01, and was removed" in said
    again, said = fixed(folder, wanted, capsys)
    assert (again.decode(), said) == (wanted, "")


def test_an_entry_in_brackets_is_left_to_its_owner(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = "{rule: r, not_below: 0.6, owner: o, reason: JIRA-1, granted: 2026-01-01, expires: 2026-02-01}"
    text = f"{HEAD}{RULES}waivers: [{ended}]\n"
    found, said = fixed(folder, text, capsys)
    assert found.decode() == text
    assert "not fixed: the waiver for rule `r` ended on 2026-02-01; remove it by hand" in said


def test_a_file_that_is_not_given_is_left_as_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "policies" / "p.yaml").write_text(HEAD + RULES)
    filed = folder / "policies" / "waivers.yaml"
    filed.write_text("mlgate: 1\nowner: o\n" + (BEFORE + ENDED).replace("rule: r", "rule: p:r"))
    before = filed.read_bytes()
    assert run(["lint", "--fix", "--as-of", "2026-11-30", "policies/p.yaml"]) == 0
    assert "not fixed: the file is not among those that are given" in capsys.readouterr().out
    assert filed.read_bytes() == before
    assert run(["lint", "--fix", "--as-of", "2026-11-30"]) == 0
    assert filed.read_text() == "mlgate: 1\nowner: o\n" + BEFORE.replace("waivers:", "waivers: []")


def test_a_link_is_not_written_through(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "real.yaml").write_text(f"{HEAD}{RULES}{BEFORE}{ENDED}")
    (folder / "policies" / "p.yaml").symlink_to(folder / "real.yaml")
    before = (folder / "real.yaml").read_bytes()
    assert run(["lint", "--fix", "--as-of", "2026-11-30"]) == 0
    assert "not fixed" in capsys.readouterr().out
    assert (folder / "real.yaml").read_bytes() == before


def test_a_wrong_policy_is_not_touched(folder: Path) -> None:
    path = folder / "policies" / "p.yaml"
    path.write_text(f"{HEAD}{RULES}{BEFORE}{ENDED}wrong: 1\n")
    before = path.read_bytes()
    assert run(["lint", "--fix", "--as-of", "2026-11-30"]) == 2
    assert path.read_bytes() == before


ODD = [
    "- a: 1\n- b: 2\n",
    "x:\n- a: |\n    - b\n  c: 2\n- d: 1\n",
    "x:\n  -\n    a: 1\n  - b: 2\n",
    "x:\n  - - 1\n    - 2\n",
]


@pytest.mark.parametrize("text", ODD)
def test_an_entry_is_removed_whole_or_not_at_all(text: str) -> None:
    """Of each entry of each list: what is left says all that was said but for it."""

    def entries(node: object) -> list[Location]:
        inside = (
            node.items
            if isinstance(node, Sequence)
            else [v for _, v in node.entries]
            if isinstance(node, Mapping)
            else []
        )
        own = [item.at for item in inside] if isinstance(node, Sequence) else []
        return [*own, *(at for each in inside for at in entries(each))]

    tree = load(text.encode(), "x.yaml")
    for at in entries(tree):
        shorter, removed = without_entries(text, [at])
        assert (shorter == text) is (not removed)
        if removed:
            assert len(entries(load(shorter.encode(), "x.yaml"))) < len(entries(tree))


@pytest.mark.parametrize("at", [Location("x.yaml", 99, 3), Location("x.yaml", 1, 1), Location("x.yaml", 2, 99)])
def test_a_place_that_is_no_entry_removes_nothing(at: Location) -> None:
    text = "x:\n  - a: 1\n"
    assert without_entries(text, [at]) == (text, ())
