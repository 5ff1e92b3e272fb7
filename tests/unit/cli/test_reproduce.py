"""mlgate check --reproduce: equal verdicts end with 0, others with 1, and what cannot be performed with 2."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.looks import RULE, checked, push, workspace

Said = Callable[[], str]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was judged."""
    folder = tmp_path_factory.mktemp("judged")
    workspace(folder)
    with chdir(folder):
        checked()
    return folder


@pytest.fixture
def here(judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with its verdict in verdict.json."""
    shutil.copytree(judged, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Everything that was printed, on one line."""

    def printed() -> str:
        found = capsys.readouterr()
        return " ".join(f"{found.out}\n{found.err}".split())

    return printed


def reproduced(*options: str) -> int:
    return run(["check", "--reproduce", "verdict.json", *options])


def changed(change: Callable[[dict[str, Any]], object]) -> None:
    """Change the stored verdict."""
    document = json.loads(Path("verdict.json").read_text())
    change(document)
    Path("verdict.json").write_text(json.dumps(document))


def test_the_same_inputs_give_the_same_verdict(here: Path, said: Said) -> None:
    before = Path("verdict.json").read_bytes()
    assert reproduced() == 0
    assert said() == "REPRODUCED verdict.json pushed 1 as of 2026-12-01: allowed in the file, allowed now"
    assert Path("verdict.json").read_bytes() == before


def test_it_is_performed_from_any_folder_of_the_repository(
    here: Path, monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    assert run(["check", "--reproduce", "../verdict.json", "--threads", "1"]) == 0
    assert "allowed now" in said()


def test_a_blocked_verdict_is_reproduced_too(here: Path, said: Said) -> None:
    (here / "policies/p.yaml").write_text((here / "policies/p.yaml").read_text().replace("0.5", "0.999"))
    assert not checked()["allowed"]
    assert reproduced() == 0
    assert "blocked in the file, blocked now" in said()


def test_other_data_are_said_first_and_then_what_they_change(here: Path, said: Said) -> None:
    for wrong in range(3):
        push(here, wrong=wrong)
    (here / "rows.csv").write_text(
        (here / "rows.csv").read_text().replace("r9,1,1", "r9,1,0").replace("r8,1,1", "r8,1,0")
    )
    assert reproduced() == 1
    found = said()
    assert found.startswith(
        "NOT REPRODUCED verdict.json inputs that differ: pushed (candidate.yaml): predictions rows.csv"
    )
    assert "results that differ: pushed (candidate.yaml): gate:accurate: all rows: value: 0.992857142857 ->" in found


def test_other_bytes_of_an_input_are_no_reproduction_though_the_result_is_equal(here: Path, said: Said) -> None:
    policy = here / "policies/p.yaml"
    policy.write_text(policy.read_text() + "# a comment\n")
    assert reproduced() == 1
    found = said()
    assert "policy policies/p.yaml: sha256:" in found
    assert "results that differ" not in found


@pytest.mark.parametrize("role", ["policy policies/p.yaml", "candidate candidate.yaml", "predictions rows.csv"])
def test_inputs_that_are_gone_are_named(here: Path, said: Said, role: str) -> None:
    (here / role.split()[1]).unlink()
    assert reproduced() == 2
    found = said()
    assert f"verdict.json cannot be reproduced: {role} is gone" in found
    assert "allowed" not in found


@pytest.mark.parametrize(
    ("key", "value"),
    [("value", 0.5), ("lower", 0.5), ("rows", 139), ("exact", "1/2"), ("upper", None)],
)
def test_a_stored_result_that_the_data_do_not_give_is_found(here: Path, said: Said, key: str, value: Any) -> None:
    changed(lambda document: document["verdicts"][0]["outcomes"][0]["findings"][0].update({key: value}))
    assert reproduced() == 1
    assert f"gate:accurate: all rows: {key}: {'none' if value is None else value} ->" in said()


def test_an_invented_pass_is_not_reproduced(here: Path, said: Said) -> None:
    (here / "policies/p.yaml").write_text((here / "policies/p.yaml").read_text().replace("0.5", "0.999"))
    checked()

    def pass_all(document: dict[str, Any]) -> None:
        verdict = document["verdicts"][0]
        status = verdict["outcomes"][0]["status"]
        verdict["outcomes"][0]["status"] = verdict["outcomes"][0]["findings"][0]["status"] = "PASS"
        for stated in (document, verdict):
            stated |= {"allowed": True, "exit_code": 0}
            stated["counts"] |= {status: 0, "PASS": 1}

    changed(pass_all)
    assert reproduced() == 1
    assert "allowed in the file, blocked now" in said()


def test_other_versions_and_other_words_decide_nothing(here: Path, said: Said) -> None:
    def older(document: dict[str, Any]) -> None:
        verdict = document["verdicts"][0]
        verdict["tool"], verdict["versions"]["engine"] = "0.0.9", "duckdb 1.0"
        verdict["outcomes"][0]["message"] = "accuracy is fine"

    changed(older)
    assert reproduced() == 0
    found = said()
    assert "versions that differ; by themselves they decide nothing: pushed (candidate.yaml): tool: 0.0.9 ->" in found
    assert "versions: engine: duckdb 1.0 -> duckdb" in found
    assert "texts that differ; they decide nothing: pushed (candidate.yaml): gate:accurate: message" in found


def test_the_last_digits_of_a_number_may_differ(here: Path) -> None:
    lower: list[float] = []

    def slightly(document: dict[str, Any]) -> None:
        finding = document["verdicts"][0]["outcomes"][0]["findings"][0]
        lower.append(finding["lower"])
        finding["lower"] *= 1 + (1e-11 if len(lower) == 1 else 1e-8)

    changed(slightly)
    assert reproduced() == 0
    changed(slightly)
    assert reproduced() == 1


def test_the_day_is_that_of_the_verdict(here: Path, said: Said) -> None:
    """A waiver that expired meanwhile was in force on that day."""
    (here / "policies/p.yaml").write_text(
        (here / "policies/p.yaml").read_text().replace("0.5", "0.999")
        + "waivers:\n  - {rule: accurate, for: '*', not_below: 0.5, owner: o, reason: r, granted: 2020-01-01, "
        "expires: 2020-02-01}\n"
    )
    assert run(["check", "-q", "--as-of", "2020-01-15", "--report", "json=verdict.json"]) == 0
    assert reproduced() == 0
    assert "as of 2020-01-15: allowed in the file, allowed now" in said()
    assert run(["check", "-q"]) == 1


def test_facts_and_earlier_verdicts_are_used_again(here: Path, said: Said) -> None:
    checked(report="earlier.json")
    push(here, wrong=1)
    assert run(["measure"]) == 0
    (here / "rows.csv").unlink()
    assert "look 2" in checked("--facts", "facts.json", "--earlier", "earlier.json")["verdicts"][0]["notes"][0]
    assert reproduced() == 0
    Path("earlier.json").unlink()
    Path("facts.json").unlink()
    assert reproduced() == 2
    found = said()
    assert "earlier earlier.json is gone" in found
    assert "facts facts.json is gone" in found


def test_several_candidates_are_each_performed_again(here: Path, said: Said) -> None:
    (here / "broken.candidate.yaml").write_text("mlgate: 1\ncandidate: broken\ntask: none\n")
    (here / "second.candidate.yaml").write_text((here / "candidate.yaml").read_text().replace("pushed", "second"))
    assert run(["check", ".", "-q", "--as-of", "2026-12-01", "--report", "json=verdict.json"]) == 2
    assert reproduced() == 0
    found = said()
    assert "pushed 1 as of 2026-12-01: allowed in the file, allowed now" in found
    assert "second 1 as of 2026-12-01: allowed in the file, allowed now" in found


def test_a_candidate_that_can_no_longer_be_judged_is_not_compared(here: Path, said: Said) -> None:
    (here / "candidate.yaml").write_text("mlgate: 1\n")
    assert reproduced() == 2
    assert "verdict.json cannot be reproduced: candidate.yaml:1:1: missing key" in said()


def test_a_verdict_that_does_not_record_how_it_was_given_cannot_be_performed(here: Path, said: Said) -> None:
    changed(lambda document: document.pop("called"))
    assert reproduced() == 2
    assert "verdict.json does not record how it was given" in said()


@pytest.mark.parametrize(
    "option",
    [["candidate.yaml"], ["--policy", "policies"], ["--as-of", "2026-12-02"], ["--report", "json=new.json"],
     ["--facts", "facts.json"], ["--earlier", "verdict.json"], ["--root", "."], ["--format", "json"], ["--quiet"]],
    ids=" ".join,
)  # fmt: skip
def test_nothing_else_can_be_chosen(here: Path, said: Said, option: list[str]) -> None:
    assert reproduced(*option) == 2
    assert "--reproduce takes everything from the verdict" in said()
    assert not Path("new.json").exists()


def test_what_is_not_a_verdict_is_wrong_input(here: Path, said: Said) -> None:
    Path("verdict.json").write_text("{}")
    assert reproduced() == 2
    Path("verdict.json").unlink()
    assert reproduced() == 2
    assert "verdict.json does not exist" in said()


def test_a_run_that_judges_nothing_cannot_be_reproduced(here: Path, said: Said) -> None:
    (here / "policies/p.yaml").write_text(f"mlgate: 1\npolicy: gate\nrules:\n  - {RULE}\n")
    assert run(["check", "-q", "--report", "json=verdict.json"]) == 2
    assert reproduced() == 2
    assert "judges nothing" in said()
