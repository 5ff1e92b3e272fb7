"""`governance.approval` with `signed_by`: who has approved is known by the key, not by what a statement says."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.history import History, workspace
from support.signing import SigningKey, ed, enveloped

FILES = {"m.bin": "model\n"}
MODEL = hashlib.sha256(FILES["m.bin"].encode()).hexdigest()
ALICE, BOB = ed(), ed()
CANDIDATE = "model: {path: m.bin}\nlineage: [{path: a.json}]\n"
POLICY = """\
mlgate: 1
policy: signed
owner: r@example.com
rules:
  - id: approved
    check: governance.approval
    signed_by: {alice@example.com: keys/alice.pem, bob@example.com: keys/bob.pem}
"""


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    keys = {"keys/alice.pem": ALICE.public, "keys/bob.pem": BOB.public}
    found = workspace(tmp_path, "", CANDIDATE, capsys, {**FILES, **keys})
    (tmp_path / "policy.yaml").write_text(POLICY)
    found.commit()
    return found


def statement(**keys: Any) -> dict[str, Any]:
    predicate = {"by": "Alice <alice@example.com>", "at": "2026-11-21T09:00:00Z"}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m.bin", "digest": {"sha256": MODEL}}],
        "predicateType": "urn:mlgate:approval:1",
        "predicate": predicate,
    } | keys


def judged(history: History, document: Any) -> tuple[str, str]:
    (history.folder / "a.json").write_text(json.dumps(document))
    found = history.judge()
    return found.statuses["approved"], found.said("approved")


def test_a_statement_that_the_person_signed_passes(history: History) -> None:
    status, said = judged(history, enveloped(statement(), ALICE))
    assert status == "PASS", said
    assert "(a.json: statement 1, signed by keys/alice.pem)" in said


def of(*keys: SigningKey, **changed: Any) -> Callable[[], Any]:
    return lambda: enveloped(statement(**changed), *keys)


def tampered() -> Any:
    found = enveloped(statement(predicate={"by": "bob@example.com", "at": "2026-11-21T09:00:00Z"}), BOB)
    text = base64.b64decode(found["payload"]).decode().replace("2026-11-21", "2026-11-22")
    return found | {"payload": base64.b64encode(text.encode()).decode()}


BY_BOB = {"by": "bob@example.com", "at": "2026-11-21T09:00:00Z"}
WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "nobody signed it": (statement, "is not signed by a key of `signed_by`"),
    "no signatures": (of(), "is not signed by a key of `signed_by`"),
    "another key signed it": (of(ed()), "is not signed by a key of `signed_by`"),
    "somebody else's key signed it": (of(BOB), "is signed by the key of bob@example.com"),
    "the name of somebody else": (of(ALICE, predicate=BY_BOB), "is signed by the key of alice@example.com"),
    "it was changed afterwards": (tampered, "is not signed by a key of `signed_by`"),
    "another model": (of(ALICE, subject=[{"digest": {"sha256": "0" * 64}}]), "is for another model, 000000000000"),
    "no model": (of(ALICE, subject=[{"name": "m.bin"}]), "is for another model, which it does not name"),
    "another type of payload": (
        lambda: enveloped(statement(), ALICE, kind="text/plain"), "is not signed by a key of `signed_by`"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_anything_else_fails(history: History, what: str) -> None:
    document, why = WRONG[what]
    status, said = judged(history, document())
    assert status == "FAIL", said
    assert why in said


def test_what_is_not_signed_does_not_count_beside(history: History) -> None:
    history.commit(f"{MODEL}\n\nApproved-by: carol@example.com")
    assert judged(history, enveloped(statement(), ed()))[0] == "FAIL"


def test_the_author_may_not_sign_either(history: History) -> None:
    history.edit("policy.yaml", "{alice@example.com: ", "{dev@example.com: ")
    made = statement(predicate={"by": "dev@example.com", "at": "2026-11-21T09:00:00Z"})
    status, said = judged(history, enveloped(made, ALICE))
    assert status == "FAIL", said
    assert "is by who made the model (dev <dev@example.com>)" in said


def test_two_people_need_two_signed_statements(history: History) -> None:
    history.edit("policy.yaml", "    signed_by", "    approvals: 2\n    signed_by")
    (history.folder / "b.json").write_text(json.dumps(enveloped(statement(predicate=BY_BOB), BOB)))
    assert judged(history, enveloped(statement(), ALICE))[0] == "FAIL"
    history.edit("candidate.yaml", "{path: a.json}", "{path: a.json}, {path: b.json}")
    status, said = judged(history, enveloped(statement(), ALICE))
    assert status == "PASS", said


@pytest.mark.parametrize("key", ["", "no key", "SECRET"])
def test_a_file_that_is_not_a_public_key_is_refused(history: History, key: str) -> None:
    (history.folder / "keys/alice.pem").write_text(ALICE.secret if key == "SECRET" else key)
    assert run(["check", "--policy", "policy.yaml"]) == 2
