"""Signatures of statements: who signed is known by the key that the policy names, and by nothing in the document."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from support.history import ARTEFACTS, History, workspace
from support.signing import IN_TOTO, KINDS, SigningKey, ed, enveloped, rsa_pss
from support.statements import FILES, provenance, sha256

ACCEPTED = "accept_unverified: [parameters], cleanliness_unknown: true"
KEY, OTHER = ed(), ed()
SIGNED = "signed_by: [keys/build.pem], signed: [model, code, 'data:train', 'data:evaluation']"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    keys = {"keys/build.pem": KEY.public, "keys/other.pem": OTHER.public}
    found = workspace(tmp_path, "", "model: {path: models/m.bin}\n", capsys, {**FILES, **keys})
    found.edit("policy.yaml", "lineage.verified", f"lineage.verified, {ACCEPTED}, {SIGNED}")
    found.commit()
    return found


def present(history: History, document: Any, name: str = "p.json") -> None:
    (history.folder / name).write_text(json.dumps(document))
    history.edit("candidate.yaml", "candidate: toy", f"candidate: toy\nlineage: [{{path: {name}}}]")


def signed(history: History, *keys: SigningKey) -> dict[str, Any]:
    return enveloped(provenance(history.git("rev-parse", "HEAD")), *(keys or (KEY,)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_statement_that_the_key_signed_passes(history: History, kind: str) -> None:
    key = KINDS[kind]()
    (history.folder / "keys/build.pem").write_text(key.public)
    present(history, signed(history, key))
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def test_a_second_signature_of_another_key_is_no_fault(history: History) -> None:
    present(history, signed(history, OTHER, KEY))
    assert history.judge().failing == set()


def test_one_of_several_keys_is_enough(history: History) -> None:
    history.edit("policy.yaml", "[keys/build.pem]", "[keys/other.pem, keys/build.pem]")
    present(history, signed(history))
    assert history.judge().failing == set()


def test_url_safe_base64_is_base64_too(history: History) -> None:
    found = signed(history)
    text = found["payload"] + found["signatures"][0]["sig"]
    swap = str.maketrans("+/", "-_")
    found["payload"] = found["payload"].translate(swap)
    found["signatures"][0]["sig"] = found["signatures"][0]["sig"].translate(swap)
    assert text
    present(history, found)
    assert history.judge().failing == set()


def changed(document: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {**document, **keys}


def tampered(document: dict[str, Any]) -> dict[str, Any]:
    statement = json.loads(base64.b64decode(document["payload"]))
    statement["predicate"]["runDetails"]["metadata"]["finishedOn"] = "2026-11-30T00:59:00Z"
    return changed(document, payload=base64.b64encode(json.dumps(statement).encode()).decode())


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "not in an envelope": (lambda of: json.loads(base64.b64decode(of["payload"])), "it is not signed"),
    "without signatures": (lambda of: changed(of, signatures=[]), "its envelope has no signatures"),
    "signatures that are not a list": (lambda of: changed(of, signatures={"sig": "x"}), "has no signatures"),
    "signatures left out": (lambda of: {key: of[key] for key in ("payload", "payloadType")}, "has no signatures"),
    "another key": (lambda of: changed(of, signatures=by(of, OTHER)), "no signature of it is by keys/build.pem"),
    "a payload changed afterwards": (tampered, "another key signed it, or it was changed afterwards"),
    "another type of payload": (
        lambda of: enveloped(json.loads(base64.b64decode(of["payload"])), KEY, kind="text/plain"),
        f"its payloadType is `text/plain`, and `{IN_TOTO}` is required",
    ),
    "the type changed afterwards": (
        lambda of: changed(of, payloadType="text/plain"),
        "its payloadType is `text/plain`",
    ),
    "the same signature twice": (lambda of: changed(of, signatures=of["signatures"] * 2), "the same signature twice"),
    "a signature that is not base64": (lambda of: changed(of, signatures=[{"sig": "%%%"}]), "that is not base64"),
    "a signature that is a number": (lambda of: changed(of, signatures=[{"sig": 7}]), "that is not base64"),
    "an empty signature": (lambda of: changed(of, signatures=[{"sig": ""}]), "an empty signature"),
    "a signature that is a text": (lambda of: changed(of, signatures=["abc"]), "an empty signature"),
    "a thousand signatures": (
        lambda of: changed(of, signatures=[{"sig": base64.b64encode(b"%d" % at).decode()} for at in range(1000)]),
        "has 1000 signatures",
    ),
    "a key named that did not sign": (
        lambda of: changed(of, signatures=[{**each, "keyid": "build"} for each in by(of, OTHER)]),
        "no signature of it is by keys/build.pem",
    ),
    "a certificate for a key": (
        lambda of: {"verificationMaterial": {"certificate": {"rawBytes": "MIIC"}}, "dsseEnvelope": of},
        "a certificate of Sigstore and no key, which cannot be verified without its log",
    ),
    "a chain of certificates": (
        lambda of: {"verificationMaterial": {"x509CertificateChain": {}, "publicKey": {}}, "dsseEnvelope": of},
        "a certificate of Sigstore and no key",
    ),
    "a part of the signature": (
        lambda of: changed(of, signatures=[{"sig": of["signatures"][0]["sig"][:40]}]),
        "no signature of it is by keys/build.pem",
    ),
}


def by(document: dict[str, Any], *keys: SigningKey) -> list[dict[str, str]]:
    """Signatures of a document's payload by other keys."""
    found: list[dict[str, str]] = enveloped(json.loads(base64.b64decode(document["payload"])), *keys)["signatures"]
    return found


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_of_the_signature_fails_the_rule_that_asks_for_it_and_no_other(history: History, what: str) -> None:
    change, said = FAULTS[what]
    present(history, change(signed(history)))
    judged = history.judge()
    assert judged.failing == {"verified"}, judged.said()
    assert judged.statuses["verified"] == "FAIL"
    assert said in judged.said("verified")


def test_two_signatures_of_one_key_are_one_too_many(history: History) -> None:
    key = rsa_pss()  # whose signatures of one text differ
    (history.folder / "keys/build.pem").write_text(key.public)
    present(history, signed(history, key, key))
    assert "it has 2 signatures of keys/build.pem; sign it once" in history.judge().said("verified")


def test_every_statement_of_a_file_must_be_signed(history: History) -> None:
    commit = history.git("rev-parse", "HEAD")
    lines = [json.dumps(enveloped(provenance(commit), KEY)), json.dumps(provenance(commit))]
    (history.folder / "p.jsonl").write_text("\n".join(lines))
    history.edit("candidate.yaml", "candidate: toy", "candidate: toy\nlineage: [{path: p.jsonl}]")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "p.jsonl: build 2 cannot be trusted: it is not signed" in judged.said("verified")
    assert "build 1 cannot" not in judged.said("verified")


def test_what_an_unsigned_statement_says_is_not_signed_by_the_one_beside_it(history: History) -> None:
    commit = history.git("rev-parse", "HEAD")
    other = provenance(commit)
    other["subject"] = [{"name": "older.bin", "digest": {"sha256": "1" * 64}}]
    lines = [json.dumps(provenance(commit)), json.dumps(enveloped(other, KEY))]
    (history.folder / "p.jsonl").write_text("\n".join(lines))
    history.edit("candidate.yaml", "candidate: toy", "candidate: toy\nlineage: [{path: p.jsonl}]")
    said = history.judge().said("verified")
    assert "models/m.bin is not in a signed statement as model" in said
    assert "train.csv is not in a signed statement as data:train" in said


RECORD = f"""\
mlgate: 1
runs:
  - name: train
    inputs: [{{path: train.csv, sha256: {sha256("train.csv")}, role: "data:train"}}]
    outputs: [{{path: models/m.bin, sha256: {sha256("models/m.bin")}, role: model}}]
"""


def test_what_nobody_signed_is_not_signed_by_a_statement_about_another_model(history: History) -> None:
    """The signed statement says that another model was made of train.csv; only lineage.yaml says it of this one."""
    other = provenance(history.git("rev-parse", "HEAD"))
    other["subject"] = [{"name": "older.bin", "digest": {"sha256": "1" * 64}}]
    present(history, enveloped(other, KEY))
    (history.folder / "lineage.yaml").write_text(RECORD)
    history.edit("candidate.yaml", "{path: p.json}", "{path: p.json}, {path: lineage.yaml}")
    said = history.judge().said("verified")
    assert "models/m.bin is not in a signed statement as model (lineage.yaml: train)" in said
    assert "train.csv is not in a signed statement as data:train" in said


def test_unsigned_sources_add_and_do_not_replace(history: History) -> None:
    present(history, signed(history))
    text = RECORD.replace("train.csv", "train.py").replace(sha256("train.csv"), sha256("train.py"))
    (history.folder / "lineage.yaml").write_text(text)
    history.edit("candidate.yaml", "{path: p.json}", "{path: p.json}, {path: lineage.yaml}")
    assert "train.py is not in a signed statement as data:train" in history.judge().said("verified")


def test_without_a_statement_nothing_is_signed(history: History) -> None:
    (history.folder / "lineage.yaml").write_text(RECORD)
    said = history.judge().said("verified")
    assert "no statement is among the sources, so nothing is signed (lineage.yaml)" in said


def test_a_role_that_no_source_names_is_not_signed(history: History) -> None:
    history.edit("policy.yaml", "signed: [model,", "signed: [features,")
    present(history, signed(history))
    assert "features must be signed, and no source names it" in history.judge().said("verified")


def test_the_key_is_an_input_of_the_verdict(history: History) -> None:
    present(history, signed(history))
    history.capsys.readouterr()
    run(["check", "--policy", "policy.yaml", "--format", "json"])
    (verdict,) = json.loads(history.capsys.readouterr().out)["verdicts"]
    inputs = {entry["path"]: (entry["role"], entry["sha256"]) for entry in verdict["inputs"]}
    assert inputs["keys/build.pem"] == ("policy", hashlib.sha256(KEY.public.encode()).hexdigest())
    assert "keys/other.pem" not in inputs


def test_facts_measured_with_one_key_do_not_answer_for_another(history: History) -> None:
    present(history, signed(history))
    here = history.judge()
    assert run(["measure", "--policy", "policy.yaml", "-o", "facts.json"]) == 0
    assert history.judge("--facts", "facts.json").outcomes == here.outcomes
    (history.folder / "keys/build.pem").write_text(OTHER.public)
    history.capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml", "--facts", "facts.json"]) != 0


WRONG_KEYS: dict[str, tuple[str, str]] = {
    "a private key": (KEY.secret, "keys/build.pem holds a private key, and one public key is required"),
    "a certificate": (
        "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
        "holds a certificate, and one public key is required",
    ),
    "two keys": (KEY.public + OTHER.public, "holds a public key, and one public key is required"),
    "no PEM": ('{"keytype": "ed25519"}', "is not a PEM file"),
    "an empty file": ("", "is not a PEM file"),
    "a beginning without an end": (f"-----BEGIN PUBLIC KEY-----{' ' * 60_000}", "holds a public key, and one"),
    "letters of another alphabet": (
        "-----BEGIN PUBLIC KEY-----\nключ\n-----END PUBLIC KEY-----\n",
        "is damaged: its lines are not base64",
    ),
    "damaged lines": (
        "-----BEGIN PUBLIC KEY-----\nAAA\n-----END PUBLIC KEY-----\n",
        "is damaged: its lines are not base64",
    ),
    "a key for another use": (
        f"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEA{'A' * 43}=\n-----END PUBLIC KEY-----\n",
        "holds a key of another kind",
    ),
    "a short key of RSA": (rsa_pss(1024).public, "holds a key of another kind"),
}


@pytest.mark.parametrize("what", WRONG_KEYS)
def test_a_file_that_is_not_a_public_key_is_a_mistake_of_the_policy(history: History, what: str) -> None:
    text, said = WRONG_KEYS[what]
    (history.folder / "keys/build.pem").write_text(text)
    present(history, signed(history))
    history.capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml"]) == 2
    shown = history.capsys.readouterr().out
    assert said in " ".join(shown.split())
    assert "policy.yaml:6:" in shown


WRONG_PATHS = {
    "keys/nobody.pem": "this file does not exist",
    "keys": "must be the path of a file (*.pem or *.pub), not `keys`",
    "keys/folder.pem": "this is not a plain file",
    "../keys.pem": "leads out of this file's repository or folder",
    "/etc/hostname.pem": "leads out of this file's repository or folder",
    "keys/out.pem": "leads out of this file's repository or folder",
    "keys/large.pem": "has more than 64 KiB",
    "keys/binary.pem": "which is not a text in UTF-8",
}


@pytest.mark.parametrize("path", WRONG_PATHS)
def test_a_key_lies_in_the_repository_of_its_policy(history: History, path: str) -> None:
    keys = history.folder / "keys"
    (keys / "folder.pem").mkdir()
    (keys / "out.pem").symlink_to("/etc/hostname")
    (keys / "large.pem").write_text("x" * 70_000)
    (keys / "binary.pem").write_bytes(b"\xff\xfe\x00")
    history.edit("policy.yaml", "keys/build.pem", path)
    history.capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml"]) == 2
    assert WRONG_PATHS[path] in " ".join(history.capsys.readouterr().out.split())


def test_a_checkout_of_the_base_reads_its_own_key(history: History) -> None:
    """The pull request swaps the key; the policy is read from a checkout of the base commit within the workspace."""
    shutil.copytree(history.folder, history.folder / "base", ignore=shutil.ignore_patterns("base"))
    (history.folder / "base/candidate.yaml").unlink()
    (history.folder / "keys/build.pem").write_text(OTHER.public)
    present(history, signed(history, OTHER))
    history.capsys.readouterr()
    assert run(["check", "--policy", "base/policy.yaml", "candidate.yaml"]) == 1
    assert "no signature of it is by base/keys/build.pem" in " ".join(history.capsys.readouterr().out.split())


def test_a_pull_request_cannot_swap_the_key_that_the_base_names(history: History) -> None:
    base = history.git("rev-parse", "HEAD")
    given = ["check", "--policy", "policy.yaml", "--policy-ref", base, "candidate.yaml"]
    present(history, signed(history))
    history.commit()
    assert run(given) == 0
    (history.folder / "keys/build.pem").write_text(OTHER.public)
    (history.folder / "p.json").write_text(json.dumps(signed(history, OTHER)))
    history.commit()
    history.capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml", "candidate.yaml"]) == 0
    assert run(given) == 1
    shown = " ".join(history.capsys.readouterr().out.split())
    assert "no signature of it is by keys/build.pem" in shown
    assert KEY.public not in shown


def test_a_checkout_of_the_base_cannot_name_a_key_of_the_pull_request(history: History) -> None:
    shutil.copytree(history.folder, history.folder / "base", ignore=shutil.ignore_patterns("base"))
    policy = history.folder / "base/policy.yaml"
    policy.write_text(policy.read_text().replace("keys/build.pem", "../keys/build.pem"))
    history.capsys.readouterr()
    assert run(["check", "--policy", "base/policy.yaml", "candidate.yaml"]) == 2
    assert "leads out of this file's repository" in " ".join(history.capsys.readouterr().out.split())


def test_the_key_of_a_policy_in_no_repository_lies_below_it(history: History, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("policies")
    shutil.copy(history.folder / "policy.yaml", folder)
    shutil.copytree(history.folder / "keys", folder / "keys")
    present(history, signed(history))
    history.capsys.readouterr()
    assert run(["check", "--policy", str(folder / "policy.yaml"), "candidate.yaml"]) == 0
    (folder.parent / "other.pem").write_text(KEY.public)
    (folder / "policy.yaml").write_text((folder / "policy.yaml").read_text().replace("keys/build", "../other"))
    assert run(["check", "--policy", str(folder / "policy.yaml"), "candidate.yaml"]) == 2


def test_roles_are_signed_by_keys_alone(history: History) -> None:
    history.edit("policy.yaml", "signed_by: [keys/build.pem], ", "")
    history.capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml"]) == 2
    assert "no key is named that signs them; add `signed_by`" in " ".join(history.capsys.readouterr().out.split())


def test_without_the_extra_the_machine_is_at_fault(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cryptography", "cryptography.exceptions"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    present(history, signed(history))
    history.capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml"]) == 3
    assert "run `pip install 'mlgate[signatures]'`" in " ".join(history.capsys.readouterr().out.split())


@pytest.mark.parametrize("name", ["provenance.dsse.json", "provenance.bundle.json"])
def test_what_securesystemslib_signed_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ARTEFACTS / "slsa", tmp_path, dirs_exist_ok=True)
    given = f"model: {{path: model.json}}\nlineage: [{{path: {name}}}]\n"
    history = workspace(tmp_path, "", given, capsys)
    history.edit("policy.yaml", "lineage.verified", "lineage.verified, signed_by: [key.pem]")
    said = history.judge().said("verified")
    assert f"{name}: build 1 is signed by key.pem | model is in a signed statement" in said


@pytest.mark.parametrize(("model", "signature"), [("bundle", "bundle.sig"), ("bundle/model.json", "file.sig")])
def test_what_model_signing_signed_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: str, signature: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ARTEFACTS / "model-signing", tmp_path, dirs_exist_ok=True)
    given = f"model: {{path: {model}}}\nlineage: [{{path: {signature}}}, {{path: lineage.yaml}}]\n"
    made = f"mlgate: 1\nruns: [{{name: train, outputs: [{{path: {model}}}]}}]\n"
    history = workspace(tmp_path, "", given, capsys, {"lineage.yaml": made, "other.pub": OTHER.public})
    history.edit("policy.yaml", "lineage.verified", "lineage.verified, signed_by: [key.pub]")
    judged = history.judge()
    assert judged.statuses["verified"] == "PASS", judged.said("verified")
    assert f"{signature}: signature 1 is signed by key.pub | model is in a signed statement" in judged.said("verified")
    history.edit("policy.yaml", "key.pub", "other.pub")
    assert "no signature of it is by other.pub" in history.judge().said("verified")
    history.edit("policy.yaml", "other.pub", "key.pub")
    (tmp_path / "bundle" / "model.json").write_text("{}")
    changed_model = history.judge()
    assert changed_model.statuses["verified"] == "FAIL"
    assert f"{model} is contradicted" in changed_model.said("verified")
