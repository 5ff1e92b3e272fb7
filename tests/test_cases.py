"""What must never pass, and beside each case its twin, the nearest legitimate input, which must.

A case is a folder `tests/cases/<family>/<case>/` with `bad/` and `twin/`. A file that is the same for both lies in the
case folder; one that neither has is taken from `tests/cases/<family>/base/`. So what lies in `bad/` and `twin/` is what
differs. `expected.yaml` of each says what must come out; `make.py` writes what is not text.
"""

from __future__ import annotations

import json
import re
import runpy
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgate.cli.main import run

CASES = Path(__file__).parent / "cases"
SIDES = ("bad", "twin")
ALLOWED = {"PASS", "WAIVED", "SKIPPED", "LISTED"}
KEYS = {"line", "exit", "statuses", "says", "command", "refused", "needs"}
VALUES: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TEXTS: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml is much faster, and there are 800 cases."""
NOT_COPIED = ("bad", "twin", "expected.yaml", "make.py")


@dataclass(frozen=True)
class Side:
    """One side of a case: its folder, and what must come out."""

    folder: Path
    expected: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.folder.parent.parent.name}/{self.folder.parent.name}/{self.folder.name}"


@dataclass(frozen=True)
class Ran:
    """What a run of the command line came to."""

    code: int
    printed: str
    report: Mapping[str, Any] | None
    statuses: Mapping[str, str] = field(default_factory=dict)


def _folders() -> list[Path]:
    return sorted(
        folder
        for family in CASES.iterdir()
        if family.is_dir()
        for folder in family.iterdir()
        if folder.is_dir() and folder.name != "base"
    )


@cache
def _sides() -> tuple[Side, ...]:
    files = [case / side / "expected.yaml" for case in _folders() for side in SIDES]
    return tuple(Side(file.parent, yaml.load(file.read_text(), VALUES)) for file in files if file.is_file())


def _copied(side: Side, to: Path) -> None:
    """The family's base, then the case, then the side: the nearest one has the last word."""
    case = side.folder.parent
    for layer in (case.parent / "base", case, side.folder):
        if layer.is_dir():
            shutil.copytree(layer, to, ignore=shutil.ignore_patterns(*NOT_COPIED), dirs_exist_ok=True)
    for emptied in to.rglob("*.absent"):
        emptied.with_suffix("").unlink()
        emptied.unlink()
    if (case / "make.py").is_file():
        old = sys.argv
        sys.argv = ["make.py", side.folder.name]
        try:
            runpy.run_path(str(case / "make.py"), run_name="__main__")
        finally:
            sys.argv = old


def _run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> Ran:
    code = run(arguments)
    printed = "".join(capsys.readouterr())
    path = Path("verdict.json")
    report = json.loads(path.read_text()) if path.is_file() else None
    return Ran(code, printed, report, _statuses((report or {}).get("verdicts", ())))


def _statuses(verdicts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Status by rule; where there are several candidates, by candidate file and rule."""
    return {
        f"{verdict['path']} {rule}" if len(verdicts) > 1 else rule: outcome["status"]
        for verdict in verdicts
        for outcome in verdict["outcomes"]
        for rule in [f"{outcome['policy']}:{outcome['rule']}"]
    }


def _messages(ran: Ran) -> str:
    """All that the report says, a message a line; what was printed where there is no report."""
    if ran.report is None:
        return ran.printed
    lines = []
    for verdict in ran.report["verdicts"]:
        for outcome in verdict["outcomes"]:
            lines += [outcome["message"], *(finding["message"] for finding in outcome["findings"])]
            lines += [finding["settle"] or "" for finding in outcome["findings"]]
        lines += [waiver["said"] for waiver in verdict["waivers"]]
    for refusal in ran.report["refusals"]:
        for problem in refusal["problems"]:
            at = problem["at"]
            place = f"{at['file']}:{at['line']}:{at['column']}: " if at else ""
            lines.append(f"{place}{problem['message']}")
    return "\n".join(lines)


def _asked(statuses: Mapping[str, str]) -> set[str]:
    """Every rule of every policy file that gave an outcome, by a reader of YAML that is not ours."""
    names = {name.rpartition(" ")[2].partition(":")[0] for name in statuses}
    asked = set()
    for file in Path().rglob("*.y*ml"):
        try:
            document = yaml.load(file.read_text(), TEXTS)
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        if isinstance(document, dict) and document.get("policy") in names:
            asked |= {f"{document['policy']}:{_id(rule)}" for rule in document.get("rules", ())}
            asked |= {f"{document['policy']}:expects"} if document.get("expects") else set()
    return asked


def _id(rule: Mapping[str, Any]) -> str:
    """A rule's id; one without is called by its check, its metric and its `by`."""
    by = [rule["by"]] if isinstance(rule.get("by"), str) else rule.get("by", [])
    columns = "-".join(["by", *(each if isinstance(each, str) else ".".join(each) for each in by)])
    said = [rule.get("check", ""), rule.get("metric", ""), columns if by else ""]
    return str(rule.get("id") or "-".join(filter(None, said)))


STARTS_SKLEARN = ("function_of_scores", "function_raises", "function_not_there", "library_warning", "metric_gives_nan")
"""Cases of a function in a process of its own, which imports scikit-learn; tests/test_execution.py has fast ones."""


def _marked(side: Side) -> Any:
    slow = side.folder.parent.name in STARTS_SKLEARN
    return pytest.param(side, id=side.name, marks=pytest.mark.slow if slow else ())


@pytest.mark.parametrize("side", [_marked(side) for side in _sides()])
def test_case(side: Side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    expected = side.expected
    assert set(expected) <= KEYS, f"{side.name}: expected.yaml has unknown keys"
    if "needs" in expected:
        pytest.importorskip(expected["needs"], reason=f"the case needs the package `{expected['needs']}`")
    monkeypatch.chdir(tmp_path)
    _copied(side, tmp_path)
    capsys.readouterr()
    ran = _run(["check", "--report", "json=verdict.json", *map(str, expected.get("command", ()))], capsys)
    said = f"exit {ran.code}, {dict(ran.statuses)}\n{_messages(ran)}\n{ran.printed}"
    assert ran.code == expected["exit"], said
    assert ran.statuses == (expected.get("statuses") or {}), said
    assert "Traceback" not in said
    for wanted in expected.get("says") or ():
        assert re.search(wanted, _messages(ran)), f"nothing says {wanted!r}:\n{said}"
    _agrees(ran, side)


def _agrees(ran: Ran, side: Side) -> None:
    """The report says what the exit code says, and every rule asked has its outcome."""
    assert (ran.code == 0) is (side.folder.name == "twin"), "a bad case never passes, a twin always does"
    if ran.report is None:
        assert ran.code in (2, 3)
        return
    assert ran.report["exit_code"] == ran.code
    assert ran.report["allowed"] is (ran.code == 0)
    assert len(ran.report["refusals"]) == side.expected.get("refused", 0 if ran.report["verdicts"] else 1)
    assert _asked(ran.statuses) <= {name.rpartition(" ")[2] for name in ran.statuses}
    if ran.code == 0:
        assert ran.statuses
        assert set(ran.statuses.values()) <= ALLOWED | {"FAIL", "ERROR", "INCONCLUSIVE"}


def test_every_case_has_a_twin() -> None:
    """A gate that always blocks would pass every bad case."""
    assert _folders()
    lonely = [case for case in _folders() for side in SIDES if not (case / side / "expected.yaml").is_file()]
    assert not lonely


def test_every_bad_case_says_which_line_it_stands_for() -> None:
    for side in _sides():
        if side.folder.name == "bad":
            assert side.expected.get("line"), f"{side.name} has no `line:`"


def test_every_twin_passes_every_rule_that_blocks() -> None:
    """A twin passes by what was shown, not because nothing blocks."""
    for side in _sides():
        if side.folder.name == "twin":
            assert side.expected["exit"] == 0, side.name
            assert "PASS" in side.expected["statuses"].values(), side.name


LINES = Path(__file__).parent / "cases" / "lines.yaml"


def test_every_line_in_scope_has_a_case() -> None:
    """`lines.yaml` lists the lines of the catalogue, and says of those without a case why."""
    listed: dict[str, Any] = yaml.safe_load(LINES.read_text())
    covered = {side.expected["line"] for side in _sides() if side.folder.name == "bad"}
    for family, lines in listed.items():
        for line, where in lines.items():
            assert where or line in covered, f"{family}: no case for: {line}"
