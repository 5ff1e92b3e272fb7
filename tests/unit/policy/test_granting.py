"""With `approver: other`, a waiver counts only if another person than the model's owner committed it as it is."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.waiving import IN_FORCE

POLICY = """\
mlgate: 1
policy: p
owner: risk@example.com
approver: other
rules:
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9, proof: estimate}
"""
KEYS = f"not_below: 0.8, owner: risk@example.com, reason: RISK-7, {IN_FORCE}"
WAIVER = f"  - {{rule: accurate, for: c, {KEYS}}}\n"
FILED = f"mlgate: 1\nowner: risk@example.com\nwaivers:\n  - {{rule: 'p:accurate', for: c, {KEYS}}}\n"
CANDIDATE = """\
mlgate: 1
candidate: c
owner: Ann Lee <ann@example.com>
task: binary
positive: "1"
classes: ["0", "1"]
predictions: {path: rows.csv, id: id, label: y, prediction: p}
"""
ROWS = "id,y,p\n" + "".join(f"{at},{at % 2},{at % 2 if at >= 15 else 1 - at % 2}\n" for at in range(100))
"""The accuracy is 0.85."""
ANN, BOB, RISK = "Ann Lee <ann@example.com>", "Bob Day <bob@example.com>", "Risk <risk@example.com>"


@dataclass(frozen=True)
class Work:
    """A repository in which several people commit."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def git(self, *arguments: str, by: str = RISK) -> None:
        name, _, address = by.rstrip(">").partition(" <")
        who = ["-c", f"user.name={name}", "-c", f"user.email={address}", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def commit(self, by: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x", "--allow-empty", by=by)

    def judged(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit code, and the first waiver of the first verdict."""
        self.capsys.readouterr()
        code = run(["check", "--format", "json", *arguments])
        found = json.loads(self.capsys.readouterr().out)
        return code, found["verdicts"][0]["waivers"][0]

    def refused(self, *arguments: str) -> str:
        """Why the waiver is not granted."""
        code, waiver = self.judged(*arguments)
        assert (code, waiver["applied"], waiver["state"]) == (1, False, "not granted")
        return str(waiver["said"])


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Work:
    """A policy without waivers, which the owner of the policies has committed."""
    monkeypatch.chdir(tmp_path)
    found = Work(tmp_path, capsys)
    for name, text in (("policies/p.yaml", POLICY), ("candidate.yaml", CANDIDATE), ("rows.csv", ROWS)):
        found.write(name, text)
    found.git("init", "-q", "-b", "main")
    found.commit(RISK)
    return found


def waive(work: Work, by: str, text: str = WAIVER) -> None:
    work.write("policies/p.yaml", f"{POLICY}waivers:\n{text}")
    work.commit(by)


def test_another_person_grants_it_and_every_report_names_them(work: Work) -> None:
    waive(work, BOB)
    code, waiver = work.judged()
    assert (code, waiver["applied"], waiver["approver"]) == (0, True, BOB)
    assert run(["check"]) == 0
    assert "granted by Bob Day <bob@example.com>" in " ".join(work.capsys.readouterr().out.split())


@pytest.mark.parametrize("by", [ANN, "A. Lee <ann@example.com>", "Ann Lee <ann@home.example>", "ANN LEE <x@y.z>"])
def test_the_owner_of_the_model_does_not_grant_it(work: Work, by: str) -> None:
    waive(work, by)
    assert work.refused() == f"it is not granted: {by} brought it in and owns the model; another person must commit it"
    assert run(["check"]) == 1
    assert "granted by" not in work.capsys.readouterr().out


@pytest.mark.parametrize("owner", ["ann@example.com, bob@example.com", "Zoe and Ann Lee", "zoe/@ann", "ann"])
def test_each_of_several_owners_is_an_owner(work: Work, owner: str) -> None:
    work.write("candidate.yaml", CANDIDATE.replace("Ann Lee <ann@example.com>", f"'{owner}'"))
    waive(work, ANN)
    assert "owns the model" in work.refused()


def test_a_waiver_that_is_not_committed_is_not_granted_yet(work: Work) -> None:
    work.write("policies/p.yaml", f"{POLICY}waivers:\n{WAIVER}")
    assert "it is not committed as it is here, so that nobody has granted it yet" in work.refused()
    work.git("add", "-A")
    assert "it is not committed as it is here" in work.refused()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("not_below: 0.8", "not_below: 0.5"),
        ("for: c", "for: '*'"),
        ("accurate, for: c", "accurate, for: [c, d]"),
    ],
)
def test_who_widens_a_waiver_grants_it(work: Work, old: str, new: str) -> None:
    waive(work, BOB)
    waive(work, ANN, WAIVER.replace(old, new))
    assert "Ann Lee <ann@example.com> brought it in and owns the model" in work.refused()
    waive(work, BOB)
    assert work.judged()[0] == 0


def test_a_line_that_is_taken_out_is_a_change_of_the_waiver(work: Work) -> None:
    """No line of the wider waiver is the owner's."""
    rule = POLICY.replace("proof: estimate", "proof: estimate, by: y")
    narrow = "  - rule: accurate\n    where: {y: '1'}\n    for: c\n" + "".join(
        f"    {each}\n" for each in KEYS.split(", ")
    )
    work.write("policies/p.yaml", f"{rule}waivers:\n{narrow}")
    work.commit(BOB)
    work.write("policies/p.yaml", f"{rule}waivers:\n{narrow}".replace("    where: {y: '1'}\n", ""))
    work.commit(ANN)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused()


def test_who_writes_it_anew_changes_nothing_of_what_it_allows(work: Work) -> None:
    waive(work, BOB)
    waive(work, ANN, "  # a comment\n" + WAIVER.replace("RISK-7", "see RISK-7").replace("0.8,", "0.80,"))
    assert work.judged()[1]["approver"] == BOB


@pytest.mark.slow
def test_a_waiver_that_comes_back_is_granted_by_who_brings_it_back(work: Work) -> None:
    waive(work, BOB)
    work.write("policies/p.yaml", POLICY)
    work.commit(BOB)
    waive(work, ANN)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused()


@pytest.mark.slow
def test_a_merge_is_no_grant(work: Work) -> None:
    work.git("checkout", "-q", "-b", "side")
    waive(work, ANN)
    work.git("checkout", "-q", "main")
    work.write("other.txt", "x")
    work.commit(BOB)
    work.git("merge", "-q", "--no-ff", "-m", "merged", "side", by=BOB)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused()


@pytest.mark.slow
def test_a_waiver_that_a_merge_itself_brings_in_is_of_who_merged(work: Work) -> None:
    work.git("checkout", "-q", "-b", "side")
    work.write("policies/p.yaml", f"# side\n{POLICY}")
    work.commit(BOB)
    work.git("checkout", "-q", "main")
    work.write("policies/p.yaml", f"{POLICY}# main\n")
    work.commit(BOB)
    work.git("merge", "-q", "--no-ff", "--no-commit", "side", by=ANN)
    work.write("policies/p.yaml", f"# side\n{POLICY}waivers:\n{WAIVER}# main\n")
    work.commit(ANN)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused()


@pytest.mark.slow
def test_both_sides_that_bring_it_in_must_be_of_others(work: Work) -> None:
    work.git("checkout", "-q", "-b", "side")
    waive(work, ANN, f"  # side\n{WAIVER}")
    work.git("checkout", "-q", "main")
    waive(work, BOB)
    subprocess.run(["git", "merge", "-q", "--no-commit", "side"], cwd=work.folder, check=False, capture_output=True)
    work.write("policies/p.yaml", f"{POLICY}waivers:\n  # both\n{WAIVER}")
    work.commit(BOB)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused()


def test_waivers_of_a_file_of_their_own_are_granted_alike(work: Work) -> None:
    work.write("policies/waivers.yaml", FILED)
    assert "nobody has granted it yet" in work.refused()
    work.commit(ANN)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused()
    work.git("commit", "-q", "--amend", "--no-edit", "--author", BOB)
    assert work.judged()[1]["approver"] == BOB


@pytest.mark.slow
def test_a_file_that_has_moved_is_brought_in_by_who_moved_it(work: Work) -> None:
    work.write("policies/waivers.yaml", FILED)
    work.commit(BOB)
    work.git("mv", "policies/waivers.yaml", "waivers.yaml")
    work.commit(ANN)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused()


def test_a_file_of_any_name_that_is_a_link_has_the_history_of_what_it_leads_to(work: Work) -> None:
    waive(work, BOB)
    (work.folder / "shared").mkdir()
    work.git("mv", "policies/p.yaml", "shared/größe é.yaml")
    (work.folder / "policies").mkdir(exist_ok=True)
    (work.folder / "policies/p.yaml").symlink_to("../shared/größe é.yaml")
    work.commit(RISK)
    assert work.judged()[1]["approver"] == RISK


def test_a_file_that_git_ignores_grants_nothing(work: Work) -> None:
    work.write(".gitignore", "waivers.yaml\n")
    work.write("policies/waivers.yaml", FILED)
    work.commit(BOB)
    assert "it is not committed as it is here" in work.refused()


def test_a_model_without_owner_has_no_other_person(work: Work) -> None:
    work.write("candidate.yaml", CANDIDATE.replace("owner: Ann Lee <ann@example.com>\n", ""))
    waive(work, BOB)
    assert "the candidate names no `owner`" in work.refused()


@pytest.mark.slow
def test_a_clone_that_ends_before_the_waiver_does_not_know(work: Work, tmp_path: Path) -> None:
    waive(work, BOB)
    work.write("other.txt", "x")
    work.commit(ANN)
    clone = ["git", "clone", "-q", "--depth=1", f"file://{work.folder}", "clone"]
    subprocess.run(clone, cwd=tmp_path, check=True, capture_output=True)
    said = work.refused("clone/candidate.yaml", "--policy", "clone/policies")
    assert said.endswith("the clone lacks the commit that brought it in; fetch it with `git fetch --unshallow`")


def test_without_a_repository_nobody_has_granted_it(work: Work, tmp_path: Path) -> None:
    work.write("policies/p.yaml", f"{POLICY}waivers:\n{WAIVER}")
    (tmp_path / ".git").rename(tmp_path / "gone")
    assert "policies/p.yaml is in no commit" in work.refused()


@pytest.mark.slow
def test_the_base_has_its_own_grants(work: Work) -> None:
    """There, too, the author decides, and who owned the model there counts as much as who owns it here."""
    waive(work, BOB)
    assert run(["check", "--policy-ref", "main", "-q"]) == 0
    waive(work, ANN, WAIVER.replace("0.8,", "0.7,"))
    assert "Ann Lee <ann@example.com> brought it in" in work.refused("--policy-ref", "main")
    work.write("candidate.yaml", CANDIDATE.replace(ANN, "Zoe <zoe@example.com>"))
    code, _ = work.judged("--policy-ref", "main")
    assert code == 1


def test_a_policy_that_extends_one_cannot_let_anyone_grant(work: Work) -> None:
    work.write("policies/own.yaml", f"mlgate: 1\npolicy: own\nowner: o@example.com\nextends: p.yaml\n"
                                    f"approver: anyone\nwaivers:\n{WAIVER}")  # fmt: skip
    work.commit(ANN)
    assert "Ann Lee <ann@example.com> brought it in" in work.refused("--policy", "policies/own.yaml")


def test_anyone_may_grant_where_the_policy_does_not_ask(work: Work) -> None:
    work.write("policies/p.yaml", f"{POLICY}waivers:\n{WAIVER}".replace("approver: other\n", ""))
    code, waiver = work.judged()
    assert (code, waiver["approver"]) == (0, "")
