"""Signatures of models by `model_signing`: the files are those that were signed, and nothing else lies among them."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.history import ARTEFACTS, History, workspace

Statement = dict[str, Any]
SIGNED = ARTEFACTS / "model-signing"
ALL = {"complete", "verified", "consistent"}
FILES = {"train.csv": "x\n1\n", "test.csv": "x\n2\n", "train.py": "print(1)\n", "params.yaml": "lr: 1\n"}


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    """A model of three files with the signature that `model_signing` made, and a record of how it was made."""
    monkeypatch.chdir(tmp_path)
    found = workspace(
        tmp_path, "", "lineage: [{path: lineage.yaml}, {path: m.sig}]\nmodel: {path: bundle}\n", capsys, FILES
    )
    shutil.copytree(SIGNED / "bundle", tmp_path / "bundle")
    shutil.copy(SIGNED / "bundle.sig", tmp_path / "m.sig")
    shutil.copy(SIGNED / "key.pub", tmp_path / "key.pem")
    record(found, "bundle", found.commit())
    return found


def record(history: History, model: str, commit: str) -> None:
    """Runs that trained a model and evaluated it, without a digest of the model."""

    def entry(name: str, role: str) -> dict[str, str]:
        return {"path": name, "sha256": hashlib.sha256(FILES[name].encode()).hexdigest(), "role": role}

    train = {
        "name": "train",
        "code": {"commit": commit, "clean": True},
        "inputs": [entry("train.csv", "data:train"), entry("params.yaml", "parameters")],
        "outputs": [{"path": model, "role": "model"}],
    }
    evaluate = {"name": "evaluate", "inputs": [entry("test.csv", "data:evaluation"), {"path": model, "role": "model"}]}
    (history.folder / "lineage.yaml").write_text(yaml.safe_dump({"mlgate": 1, "runs": [train, evaluate]}))


def statement(history: History) -> Statement:
    bundle = json.loads((history.folder / "m.sig").read_text())
    found: Statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    return found


def write(history: History, found: object, *, sealed: bool = True) -> None:
    """Another statement in the envelope; `sealed` with the digest of its subject that a signer would write."""
    if sealed and isinstance(found, dict):
        digests = b"".join(bytes.fromhex(each["digest"]) for each in found["predicate"]["resources"])
        found["subject"][0]["digest"]["sha256"] = hashlib.sha256(digests).hexdigest()
    bundle = json.loads((history.folder / "m.sig").read_text())
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(found).encode()).decode()
    (history.folder / "m.sig").write_text(json.dumps(bundle))


def test_a_folder_as_it_was_signed_passes(history: History) -> None:
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert "bundle is verified: sha256 as recorded" in judged.said("verified")


def test_a_file_as_it_was_signed_passes(history: History) -> None:
    shutil.copy(SIGNED / "file.sig", history.folder / "m.sig")
    shutil.copy(SIGNED / "bundle/model.json", history.folder / "model.json")
    history.edit("candidate.yaml", "model: {path: bundle}", "model: {path: model.json}")
    record(history, "model.json", history.commit())
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    history.edit("model.json", "{", "{ ")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "model.json is contradicted: sha256 is" in judged.said("verified")


def test_a_file_of_a_signed_folder_can_be_the_model(history: History) -> None:
    """What else lies in the folder does not belong to the model then."""
    history.edit("candidate.yaml", "model: {path: bundle}", "model: {path: bundle/model.json}")
    record(history, "bundle/model.json", history.git("rev-parse", "HEAD"))
    history.edit("bundle/config.json", "{", "{ ")
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    history.edit("bundle/model.json", "{", "{ ")
    assert history.judge().failing == {"verified"}


def test_a_model_keeps_its_signature_under_another_name(history: History) -> None:
    (history.folder / "bundle").rename(history.folder / "churn")
    history.edit("candidate.yaml", "path: bundle", "path: churn")
    record(history, "churn", history.commit())
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def test_the_signature_and_what_is_gits_may_lie_in_the_folder(history: History) -> None:
    (history.folder / "m.sig").rename(history.folder / "bundle/m.sig")
    history.edit("candidate.yaml", "path: m.sig", "path: bundle/m.sig")
    (history.folder / "bundle/.gitattributes").write_text("")
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def test_a_signature_of_the_model_is_found_beside_the_candidate(history: History) -> None:
    (history.folder / "m.sig").rename(history.folder / "model.sig")
    history.edit("candidate.yaml", "lineage: [{path: lineage.yaml}, {path: m.sig}]\n", "")
    assert history.judge().failing == set()
    history.edit("bundle/config.json", "{", "{ ")
    assert history.judge().failing == {"verified"}


def test_a_signature_alone_is_no_history(history: History) -> None:
    history.edit("candidate.yaml", "{path: lineage.yaml}, ", "")
    judged = history.judge()
    assert judged.failing == ALL
    assert "no source knows how bundle was made" in judged.said()


def test_a_file_is_no_folder_that_was_signed(history: History) -> None:
    shutil.rmtree(history.folder / "bundle")
    (history.folder / "bundle").write_text("{}")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "bundle is contradicted: a folder was signed, and it is a file" in judged.said("verified")


def test_a_folder_is_no_file_that_was_signed(history: History) -> None:
    shutil.copy(SIGNED / "file.sig", history.folder / "m.sig")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "bundle is contradicted: a file was signed, and it is a folder" in judged.said("verified")


def link(history: History) -> None:
    (history.folder / "bundle/model.json").rename(history.folder / "elsewhere.json")
    (history.folder / "bundle/model.json").symlink_to("../elsewhere.json")


def link_folder(history: History) -> None:
    (history.folder / "bundle/sub").rename(history.folder / "sub")
    (history.folder / "bundle/sub").symlink_to("../sub")


def another_model(history: History) -> None:
    shutil.copytree(history.folder / "bundle", history.folder / "other")
    history.edit("other/model.json", "{", "{ ")
    history.edit("candidate.yaml", "path: bundle", "path: other")
    shutil.rmtree(history.folder / "bundle")
    record(history, "other", history.commit())


FOLDER: dict[str, tuple[Callable[[History], object], str]] = {
    "a byte": (lambda h: h.edit("bundle/config.json", "{", "["), "sha256 of `config.json` is"),
    "a file more": (lambda h: (h.folder / "bundle/x.bin").write_text("x"), "`x.bin` was not signed"),
    "a hidden file more": (lambda h: (h.folder / "bundle/.x").write_text("x"), "`.x` was not signed"),
    "a file less": (lambda h: (h.folder / "bundle/config.json").unlink(), "`config.json` was signed, and is not here"),
    "a file under another name": (
        lambda h: (h.folder / "bundle/config.json").rename(h.folder / "bundle/configs.json"),
        "`configs.json` was not signed",
    ),
    "a link to the same bytes": (link, "`model.json` is a link, and none was signed"),
    "a folder that is a link": (link_folder, "`sub/readme.txt` is a link, and none was signed"),
    "the signature of another model": (another_model, "other is contradicted: sha256 of `model.json` is"),
}


@pytest.mark.parametrize("what", FOLDER)
def test_a_change_of_the_files_fails_the_rule_that_is_about_it(history: History, what: str) -> None:
    change, said = FOLDER[what]
    change(history)
    judged = history.judge()
    assert judged.failing == {"verified"}, judged.said()
    assert said in judged.said("verified")


def test_links_that_were_signed_are_read_as_what_they_lead_to(history: History) -> None:
    found = statement(history)
    found["predicate"]["serialization"]["allow_symlinks"] = True
    write(history, found)
    link(history)
    assert history.judge().failing == set()
    history.edit("elsewhere.json", "{", "{ ")
    assert history.judge().failing == {"verified"}


def without(found: Statement, name: str) -> Statement:
    """A statement whose signer left a file out."""
    found["predicate"]["resources"] = [each for each in found["predicate"]["resources"] if each["name"] != name]
    found["predicate"]["serialization"]["ignore_paths"].append(name)
    return found


def resource(found: Statement, at: int = 0, **keys: Any) -> Statement:
    found["predicate"]["resources"][at] |= keys
    return found


def how(found: Statement, **keys: Any) -> Statement:
    found["predicate"]["serialization"] |= keys
    return found


STATEMENTS: dict[str, tuple[Callable[[Statement], Any], set[str], str]] = {
    "a file of the model that was ignored": (
        lambda s: without(s, "model.json"), {"verified"}, "`model.json` was not signed",
    ),
    "the whole model ignored": (
        lambda s: how(without(s, "model.json"), ignore_paths=["."]), {"verified"}, "`model.json` was not signed",
    ),
    "another digest of a file": (lambda s: resource(s, digest="0" * 64), {"verified"}, "sha256 of `config.json` is"),
    "another hash": (lambda s: resource(s, algorithm="blake3"), ALL, "is signed by files with blake3"),
    "shards": (lambda s: how(s, method="shards"), ALL, "is signed by shards with sha256, which mlgate does not"),
    "another type": (lambda s: s | {"predicateType": "https://model_signing/Digests/v0.1"}, ALL, "is not a source"),
    "no subject": (lambda s: s | {"subject": []}, ALL, "must have one subject"),
    "two subjects": (lambda s: s | {"subject": s["subject"] * 2}, ALL, "must have one subject"),
    "a subject that is a number": (lambda s: s | {"subject": [{"name": 7}]}, ALL, "must have one subject"),
    "no predicate": (lambda s: s | {"predicate": None}, ALL, "lists no files of one model"),
    "no files": (lambda s: s | {"predicate": {"resources": []}}, ALL, "lists no files of one model"),
    "files that are numbers": (lambda s: s | {"predicate": {"resources": [1]}}, ALL, "is signed by None with None"),
    "a name that is a list": (lambda s: resource(s, name=["a"]), ALL, "a file without a name or a SHA-256"),
    "a part of a digest": (lambda s: resource(s, digest="1a2a"), ALL, "a file without a name or a SHA-256"),
    "a digest that is a number": (lambda s: resource(s, digest=1), ALL, "a file without a name or a SHA-256"),
    "a name twice": (lambda s: resource(s, name="model.json"), ALL, "lists `model.json` twice"),
    "a path out of the model": (lambda s: resource(s, name="../a.py"), ALL, "lists `../a.py` outside the model"),
    "a path out of the model and back": (lambda s: resource(s, name="a/../../b"), ALL, "outside the model"),
    "an absolute path": (lambda s: resource(s, name="/etc/passwd"), ALL, "lists `/etc/passwd` outside the model"),
    "a file and others": (lambda s: resource(s, name="."), ALL, "lists no files of one model"),
    "a NUL": (lambda s: resource(s, name="a\0b"), {"verified"}, "`config.json` was not signed"),
    "a name of a path": (lambda s: s | {"subject": [{"name": "../bundle", "digest": {}}]}, {"consistent"}, "subject"),
}  # fmt: skip


@pytest.mark.parametrize("what", STATEMENTS)
def test_a_change_of_the_statement_is_one_clear_message(history: History, what: str) -> None:
    change, failing, said = STATEMENTS[what]
    found = change(statement(history))
    write(history, found, sealed=failing == {"verified"})
    judged = history.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said(*failing)


def test_a_forged_digest_of_the_subject_contradicts_the_files(history: History) -> None:
    found = statement(history)
    found["subject"][0]["digest"]["sha256"] = "0" * 64
    write(history, found, sealed=False)
    judged = history.judge()
    assert judged.failing == {"consistent"}
    assert "the digest of its subject is not that of its files" in judged.said("consistent")


def signing() -> Any:
    """What signs; the test is skipped without `cryptography`."""
    return importlib.import_module("support.signing")


@pytest.mark.parametrize("key", ["key.pem", "other.pem"])
def test_the_key_of_the_policy_has_signed(history: History, key: str) -> None:
    (history.folder / "other.pem").write_text(signing().ed().public)
    history.edit("policy.yaml", "lineage.verified", f"lineage.verified, signed_by: [{key}]")
    judged = history.judge()
    assert judged.failing == (set() if key == "key.pem" else {"verified"}), judged.said()


def test_a_signature_of_another_model_does_not_sign_this_one(history: History) -> None:
    """The neighbour is as it was signed, and the model is not that."""
    signing()
    history.edit("policy.yaml", "lineage.verified", "lineage.verified, signed_by: [key.pem]")
    shutil.copytree(history.folder / "bundle", history.folder / "other")
    history.edit("candidate.yaml", "model: {path: bundle}", "model: {path: other}")
    record(history, "other", history.commit())
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "other is not in a signed statement as model" in judged.said("verified")
