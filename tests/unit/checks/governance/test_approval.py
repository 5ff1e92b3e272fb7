"""`governance.approval`: who has approved this model, and whether that counts."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import yaml

from support.history import History, workspace

FILES = {"m.bin": "model\n", "train.csv": "x\n1\n", "train.py": "print(1)\n"}
MODEL = hashlib.sha256(FILES["m.bin"].encode()).hexdigest()
ALICE, BOB, DEV = "Alice A <alice@example.com>", "bob@example.com", "dev@example.com"
RULE = "{id: approved, check: governance.approval, roles: {risk: [alice@example.com, bob@example.com]}}"
CODEOWNERS = "* @everybody\n*.bin @acme/risk alice@example.com  # the models\n"


def approval(**keys: str) -> dict[str, str]:
    return {"by": ALICE, "model": MODEL, "at": "2026-11-21T09:00:00Z"} | keys


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: m.bin}\n", capsys, FILES)
    rule(found, RULE)
    write(found, [approval()], found.commit())
    return found


def rule(history: History, *rules: str) -> None:
    text = "\n".join(f"  - {each}" for each in rules)
    (history.folder / "policy.yaml").write_text(f"mlgate: 1\npolicy: four-eyes\nowner: r@example.com\nrules:\n{text}\n")


def write(history: History, approvals: object, commit: str = "", **keys: str) -> None:
    """A lineage.yaml with a training run and approvals."""
    code = {"code": {"commit": commit}} if commit else {}
    output = {"path": "m.bin", "sha256": MODEL, "role": "model"}
    run = {"name": "train", "outputs": [output], "ended": "2026-11-20T11:00:00Z"} | code | keys
    text = yaml.safe_dump({"mlgate": 1, "runs": [run]} | ({"approvals": approvals} if approvals else {}))
    (history.folder / "lineage.yaml").write_text(text)


def judged(history: History) -> tuple[str, str]:
    found = history.judge()
    return found.statuses["approved"], found.said("approved")


def test_an_approval_of_this_model_by_somebody_else_passes(history: History) -> None:
    status, said = judged(history)
    assert status == "PASS", said
    assert "1 person approved m.bin" in said
    assert "(lineage.yaml, unsigned)" in said


REFUSED: dict[str, tuple[list[dict[str, str]], str]] = {
    "none": ([], "0 of 1 required approval of m.bin"),
    "of another model": ([approval(model="0" * 64)], "is for another model, 000000000000"),
    "of a part of the digest": ([approval(model=MODEL[:12])], f"is for another model, {MODEL[:12]}"),
    "by who wrote the commit": ([approval(by=DEV)], "is by who made the model (dev <dev@example.com>)"),
    "by the same name": ([approval(by="DEV <alice@example.com>")], "is by who made the model"),
    "by an account of who made it": ([approval(by="@dev")], "is by who made the model"),
    "with a sign that nobody sees": ([approval(by="d\u200bev@example.com")], "is by who made the model"),
    "before the training ended": ([approval(at="2026-11-20T10:00:00Z")], "before the training ended at 2026-11-20T11"),
    "in the future": ([approval(at="2031-01-01T00:00:00Z")], "after the day of the verdict"),
    "without a zone": ([approval(at="2026-11-21T09:00:00")], "is not a moment with a zone"),
    "before the first year": ([approval(at="0001-01-01T00:00:00+23:59")], "is not a moment with a zone"),
    "after the last year": ([approval(at="9999-12-31T23:59:59-23:59")], "is not a moment with a zone"),
    "at no moment": ([approval(at="yesterday")], "is not a moment with a zone"),
    "by nobody who is listed": ([approval(by="carol@example.com")], "is by nobody whom `roles` of the rule lists"),
    "by a name that is listed as an address": ([approval(by="alice <carol@example.com>")], "is by nobody whom"),
    "by nobody yet": ([approval(by="TBD")], "that by TBD (lineage.yaml, unsigned) names nobody; let somebody"),
    "by anybody": ([approval(by="@someone")], "that by @someone (lineage.yaml, unsigned) names nobody"),
    "by a sign": ([approval(by="-")], "that by - (lineage.yaml, unsigned) names nobody"),
    "in another role": ([approval(role="product")], "no approval by risk (alice@example.com, bob@example.com) counts"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_approval_that_does_not_count_fails(history: History, what: str) -> None:
    approvals, why = REFUSED[what]
    write(history, approvals, history.git("rev-parse", "HEAD"))
    status, said = judged(history)
    assert status == "FAIL", said
    assert why in said


@pytest.mark.parametrize(
    "entry",
    [{"by": ALICE}, approval() | {"hash": MODEL}, approval(by=""), {"by": [ALICE], "model": MODEL, "at": "x"}, "alice"],
)
def test_an_entry_that_is_not_an_approval_is_an_error(history: History, entry: object) -> None:
    write(history, [entry], history.git("rev-parse", "HEAD"))
    assert judged(history)[0] == "ERROR"


def test_nobody_is_not_one_more_person(history: History) -> None:
    rule(history, "{id: approved, check: governance.approval, approvals: 2}")
    write(history, [approval(), approval(by="unknown")], history.git("rev-parse", "HEAD"))
    status, said = judged(history)
    assert status == "FAIL", said
    assert "1 of 2 required approvals of m.bin" in said


def test_two_approvals_by_one_person_are_one(history: History) -> None:
    rule(history, RULE[:-1] + ", approvals: 2}")
    commit = history.git("rev-parse", "HEAD")
    write(history, [approval(), approval(by="alice@example.com"), approval(by="ALICE A <bob@example.com>")], commit)
    status, said = judged(history)
    assert status == "FAIL", said
    assert "1 of 2 required approvals of m.bin" in said
    write(history, [approval(), approval(by=BOB)], commit)
    assert judged(history)[0] == "PASS"


def test_each_role_needs_an_approval(history: History) -> None:
    rule(history, "{id: approved, check: governance.approval, roles: {risk: alice@example.com, product: '@carol'}}")
    commit = history.git("rev-parse", "HEAD")
    assert "no approval by product (@carol) counts" in judged(history)[1]
    write(history, [approval(), approval(by="Carol <7+carol@users.noreply.github.com>")], commit)
    assert judged(history) == ("PASS", judged(history)[1])


def test_a_model_that_nobody_is_known_to_have_made_is_an_error(history: History) -> None:
    history.git("rm", "-q", "--cached", "m.bin")
    history.git("commit", "-qm", "Keep the model elsewhere")
    write(history, [approval()])
    status, said = judged(history)
    assert status == "ERROR", said
    assert "nobody is known to have made m.bin" in said
    write(history, [approval()], by="trainer@example.com")
    assert judged(history)[0] == "PASS"


def test_who_started_the_training_may_not_approve(history: History) -> None:
    write(history, [approval()], history.git("rev-parse", "HEAD"), by="alice")
    status, said = judged(history)
    assert status == "FAIL", said
    assert "is by who made the model (alice)" in said
    rule(history, RULE[:-1] + ", not_author: false}")
    assert judged(history)[0] == "PASS"


def test_a_trailer_of_a_commit_that_names_the_digest_counts(history: History) -> None:
    write(history, [], history.git("rev-parse", "HEAD"))
    history.commit(f"Approve the model\n\nIt is {MODEL}.\n\nReviewed-by: {ALICE}")
    status, said = judged(history)
    assert status == "PASS", said
    assert "Alice A <alice@example.com> (commit " in said


def test_a_trailer_of_the_commit_that_made_the_model_counts(history: History) -> None:
    write(history, [], history.git("rev-parse", "HEAD"))
    (history.folder / "m.bin").write_text("other\n")
    history.git("add", "m.bin")
    history.git("commit", "-qm", f"Another model\n\nApproved-by: {ALICE}")
    assert judged(history)[0] == "PASS"
    (history.folder / "m.bin").write_text("a third\n")
    history.git("commit", "-qam", "A third model")
    assert judged(history)[0] == "FAIL"
    history.git("checkout", "-q", "HEAD~1", "--", "m.bin")
    status, said = judged(history)
    assert status == "FAIL", f"the file here is not that of the commit: {said}"


@pytest.mark.parametrize(
    "message", [f"Approve {MODEL[:40]}", "Approve it", f"{MODEL}\n\nApproved-by: x\n\nbut see below"]
)
def test_other_commits_do_not_count(history: History, message: str) -> None:
    write(history, [], history.git("rev-parse", "HEAD"))
    end = "" if "below" in message else f"\n\nApproved-by: {ALICE}"
    history.git("commit", "-q", "--allow-empty", "-m", message + end)
    assert judged(history)[0] == "FAIL"


def test_co_authors_of_the_model_may_not_approve(history: History) -> None:
    (history.folder / "m.bin").write_text("model \n")
    history.git("commit", "-qam", f"Train\n\nCo-authored-by: {ALICE}\nApproved-by: {ALICE}")
    write(history, [])
    status, said = judged(history)
    assert status == "FAIL", said
    assert "is by who made the model (Alice A" in said


def test_only_code_owners_approve_where_the_rule_says_so(history: History) -> None:
    rule(history, "{id: approved, check: governance.approval, code_owners: true}")
    assert "no owner of m.bin" in judged(history)[1]
    (history.folder / "CODEOWNERS").write_text(CODEOWNERS)
    history.git("add", "CODEOWNERS")
    assert judged(history)[0] == "ERROR", "it is not in the commit yet"
    history.git("commit", "-qm", "Name the owners")
    assert judged(history)[0] == "PASS"
    write(history, [approval(by="@carol")], history.git("rev-parse", "HEAD"))
    status, said = judged(history)
    assert status == "FAIL"
    assert "is not by an owner of the file (@acme/risk, alice@example.com, CODEOWNERS:2)" in said


def test_only_the_sources_of_the_rule_count(history: History) -> None:
    rule(history, RULE[:-1] + ", from: [git, statement]}")
    assert judged(history)[0] == "FAIL"


def test_a_statement_approves_and_says_that_it_is_unsigned(history: History) -> None:
    write(history, [], history.git("rev-parse", "HEAD"))
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m.bin", "digest": {"sha256": MODEL}}],
        "predicateType": "urn:mlgate:approval:1",
        "predicate": {"by": ALICE, "at": "2026-11-21T09:00:00Z", "role": "risk"},
    }
    (history.folder / "approval.json").write_text(json.dumps(statement))
    (history.folder / "candidate.yaml").write_text(
        "mlgate: 1\ncandidate: toy\nmodel: {path: m.bin}\nlineage: [{path: lineage.yaml}, {path: approval.json}]\n"
    )
    status, said = judged(history)
    assert status == "PASS", said
    assert "(approval.json: statement 1, unsigned)" in said
    statement["predicate"] = {"at": "2026-11-21T09:00:00Z"}
    (history.folder / "approval.json").write_text(json.dumps(statement))
    assert judged(history)[0] == "ERROR"


def test_a_shallow_clone_cannot_tell(
    history: History, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit()
    history.commit()
    clone = tmp_path_factory.mktemp("clone")
    history.git("clone", "-q", "--depth", "1", history.folder.as_uri(), str(clone))
    monkeypatch.chdir(clone)
    status, said = judged(History(clone, history.capsys))
    assert status == "ERROR"
    assert "run `git fetch --unshallow`" in said


def test_without_a_repository_nothing_is_known_about_authors(history: History) -> None:
    shutil.rmtree(history.folder / ".git")
    assert judged(history)[0] == "ERROR"


def test_without_any_source_git_alone_is_enough(history: History) -> None:
    (history.folder / "lineage.yaml").unlink()
    history.git("commit", "-q", "--allow-empty", "-m", f"{MODEL}\n\nApproved-by: {BOB}")
    assert judged(history)[0] == "PASS"


def test_an_approval_of_long_ago_does_not_count(history: History) -> None:
    rule(history, RULE[:-1] + ", days: 9}")
    assert history.judge("--as-of", "2026-11-30").statuses["approved"] == "PASS"
    judged = history.judge("--as-of", "2026-12-01")
    assert judged.statuses["approved"] == "FAIL"
    assert "is 10 days old, more than 9" in judged.said("approved")


def test_an_approval_at_the_end_of_the_training_counts(history: History) -> None:
    write(history, [approval(at="2026-11-20T11:00:00Z")], history.git("rev-parse", "HEAD"))
    assert judged(history)[0] == "PASS"


def test_who_evaluates_the_model_has_not_made_it(history: History) -> None:
    """The approver may have run the evaluation, even after the approval."""
    found = yaml.safe_load((history.folder / "lineage.yaml").read_text())
    read = {"path": "m.bin", "sha256": MODEL, "role": "model"}
    found["runs"].append({"name": "test", "inputs": [read], "ended": "2026-11-22T11:00:00Z", "by": "alice@example.com"})
    (history.folder / "lineage.yaml").write_text(yaml.safe_dump(found))
    assert judged(history) == ("PASS", judged(history)[1])
