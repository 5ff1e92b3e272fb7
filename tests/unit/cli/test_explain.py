"""`mlgate explain`: why a stored verdict blocks, whatever blocks it, and pages that every reader can see."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mlgate.checks.registry import checks
from mlgate.cli.main import run
from mlgate.metrics.registry import known
from mlgate.reference.manual import check_page, metric_page
from mlgate.reference.topics import topics_page
from mlgate.reports.markdown_page import laid_out
from mlgate.reports.page import Look

BASE = Path(__file__).parents[2] / "cases" / "execution" / "base"
Explain = Callable[..., tuple[int, str]]
STORED = ["--report", "json=v.json"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a candidate, `churn`, that passes."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocked(folder: Path) -> None:
    """Let the policy demand more than the candidate shows."""
    policy = folder / "policies" / "gate.yaml"
    policy.write_text(policy.read_text().replace("at_least: 0.7", "at_least: 0.999"))


def second(folder: Path, name: str, text: str) -> None:
    """Another candidate file, made from the first."""
    (folder / f"{name}.candidate.yaml").write_text(text)


@pytest.fixture
def explained(capsys: pytest.CaptureFixture[str]) -> Explain:
    """What `mlgate explain v.json ...` answers: its exit code, and all that it says."""

    def explain(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["explain", "v.json", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return explain


def test_a_candidate_that_could_not_be_judged_is_explained(folder: Path, explained: Explain) -> None:
    (folder / "candidate.yaml").write_text("mlgate: 1\ncandidate: churn\ntask: binery\n")
    assert run(["check", *STORED]) == 2
    code, said = explained()
    assert code == 0
    assert "could not be judged | exit code 2" in said
    assert "candidate.yaml:3:7: " in said
    assert "did you mean `binary`?" in said
    assert "nothing blocks" not in said


def test_a_wrong_policy_is_explained_whatever_candidate_is_named(folder: Path, explained: Explain) -> None:
    assert run(["check", "--policy", "nowhere", *STORED]) == 2
    for arguments in ((), ("--candidate", "churn")):
        code, said = explained(*arguments)
        assert code == 0
        assert "the run: could not be judged" in said
        assert "`nowhere`" in said
    code, said = explained("accurate")
    assert code == 2
    assert "no rule was judged" in said
    assert "`mlgate explain v.json` says why" in said


def test_a_policy_that_asks_nothing_is_explained(folder: Path, explained: Explain) -> None:
    policy = folder / "policies" / "gate.yaml"
    policy.write_text(policy.read_text().replace("policy: gate\n", "policy: gate\nfor: {task: regression}\n", 1))
    assert run(["check", *STORED]) == 2
    code, said = explained()
    assert code == 0
    assert "BLOCKED" in said
    assert "nothing blocks" not in said


def test_everything_that_blocks_in_a_run_is_explained(folder: Path, explained: Explain) -> None:
    blocked(folder)
    second(folder, "wrong", "mlgate: 1\ncandidate: wrong\ntask: binery\n")
    assert run(["check", ".", *STORED]) == 1
    code, said = explained()
    assert code == 0
    assert "wrong.candidate.yaml:3:7: " in said
    assert "gate:accurate" in said
    _, one = explained("--candidate", "churn")
    assert "gate:accurate" in one
    assert "wrong.candidate.yaml" not in one
    _, other = explained("--candidate", "wrong.candidate.yaml")
    assert "wrong.candidate.yaml:3:7: " in other
    assert "gate:accurate" not in other


def test_an_unknown_candidate_is_answered_with_the_names_that_there_are(folder: Path, explained: Explain) -> None:
    blocked(folder)
    second(folder, "other", (folder / "candidate.yaml").read_text().replace("candidate: churn", "candidate: other"))
    assert run(["check", ".", *STORED]) == 1
    for rule in ((), ("accurate",)):
        code, said = explained(*rule, "--candidate", "chrun")
        assert code == 2
        assert "no candidate `chrun`, did you mean `churn`?; it has churn, other" in said


def test_a_verdict_that_allows_says_that_nothing_blocks(folder: Path, explained: Explain) -> None:
    assert run(["check", *STORED]) == 0
    assert explained() == (0, "nothing blocks in this verdict; name a RULE to explain it\n")
    code, said = explained("accurte")
    assert code == 2
    assert "no rule `accurte`, did you mean `gate:accurate`?; it has gate:accurate" in said


PAGES = [*(check_page(name) for name in checks()), *(metric_page(name) for name in known()), topics_page()]


def test_a_page_is_readable_on_every_background() -> None:
    """No background is set, and no letter is black or white, so that none vanishes."""
    every = set()
    for page in PAGES:
        for found, shown in re.findall(r"\x1b\[([0-9;]+)m([^\x1b]*)", laid_out(page, Look(100, color=True))):
            codes = {int(code) for code in found.split(";")}
            assert codes.isdisjoint({7, *range(40, 50), *range(100, 108)}), shown
            assert codes.isdisjoint({30, 37, 38, 90, 97}) or not shown.strip(), shown
            every |= codes
    assert {1, 94} <= every, "bold and bright blue"


def test_the_example_of_a_page_is_on_the_terminal_as_it_is_written() -> None:
    shown = re.sub(r"\x1b\[[0-9;]*m", "", laid_out(metric_page("recall"), Look(100, color=True)))
    assert "check: performance.metric" in shown
    assert "```" not in shown


@pytest.mark.parametrize("color", [False, True])
def test_a_page_is_in_ascii_where_the_verdict_is(color: bool) -> None:
    for page in PAGES:
        shown = laid_out(page, Look(100, color, unicode=False))
        assert {letter for letter in shown if not letter.isascii() and not letter.isalpha()} == set()


def test_in_a_pipe_a_verdict_and_its_explanation_have_the_same_signs(folder: Path, explained: Explain) -> None:
    blocked(folder)
    assert run(["check", *STORED]) == 1
    for said in (explained("accurate")[1], explained()[1]):
        assert said.isascii()


def test_what_is_listed_of_a_topic_is_a_whole_sentence() -> None:
    lines = [line for line in topics_page().splitlines() if line.startswith("- ")]
    assert [line for line in lines if not line.endswith(".") or line.count("(") != line.count(")")] == []


def test_a_rule_without_a_verdict_is_told_how_to_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "finds-fraud"]) == 2
    assert "`mlgate explain VERDICT.json finds-fraud` explains a rule of a stored verdict" in capsys.readouterr().err
