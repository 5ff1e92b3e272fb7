"""Lineage in SLSA provenance and in an ML-BOM of CycloneDX: statements about files, compared with the files."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.history import History, workspace
from support.statements import FILES, Document, provenance, sha256

ACCEPTED = "accept_unverified: [parameters, evaluation], cleanliness_unknown: true"


def bom(commit: str) -> Document:
    def data(name: str, ref: str) -> Document:
        hashes = [{"alg": "SHA-256", "content": sha256(name)}]
        return {"type": "data", "bom-ref": ref, "name": ref, "hashes": hashes, "data": [{"contents": {"url": name}}]}

    model = {
        "type": "machine-learning-model",
        "name": "m",
        "hashes": [{"alg": "SHA-256", "content": sha256("models/m.bin")}],
        "pedigree": {"commits": [{"uid": commit}]},
        "modelCard": {"modelParameters": {"datasets": [{"ref": "data-train"}, {"ref": "data-test"}]}},
        "properties": [{"name": "acme:param:lr", "value": "0.1"}],
    }
    parts = [data("train.csv", "data-train"), data("test.csv", "data-test")]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": model}, "components": parts}


def envelope(document: Document) -> Document:
    payload = base64.b64encode(json.dumps(document).encode()).decode()
    return {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": []}


FORMS: dict[str, Callable[[str], str]] = {
    "provenance.json": lambda commit: json.dumps(provenance(commit)),
    "provenance.dsse.json": lambda commit: json.dumps(envelope(provenance(commit))),
    "provenance.sigstore": lambda commit: json.dumps({"dsseEnvelope": envelope(provenance(commit))}),
    "provenance.intoto.jsonl": lambda commit: json.dumps(envelope(provenance(commit))) + "\n",
    "bom.json": lambda commit: json.dumps(bom(commit)),
}


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "", "model: {path: models/m.bin}\n", capsys, FILES)
    found.edit("policy.yaml", "lineage.verified", f"lineage.verified, {ACCEPTED}")
    found.commit()
    return found


def present(history: History, name: str, text: str) -> None:
    (history.folder / name).write_text(text)
    history.edit("candidate.yaml", "candidate: toy", f"candidate: toy\nlineage: [{{path: {name}}}]")


@pytest.mark.parametrize("name", FORMS)
def test_a_true_statement_passes_in_each_form(history: History, name: str) -> None:
    """The statement calls the model by another path; it is known by its digest."""
    present(history, name, FORMS[name](history.git("rev-parse", "HEAD")))
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def test_an_evaluation_before_the_model_was_built_is_named(history: History) -> None:
    trained = provenance(history.git("rev-parse", "HEAD"))
    judged_by = provenance(history.git("rev-parse", "HEAD"))
    judged_by["subject"] = [{"name": "scores", "digest": {"sha256": "1" * 64}}]
    judged_by["predicate"]["buildDefinition"]["resolvedDependencies"] = [
        {"uri": "m.bin", "digest": trained["subject"][0]["digest"]}
    ]
    judged_by["predicate"]["runDetails"]["metadata"] = {"startedOn": "2026-11-30T00:57:30Z"}
    present(history, "p.jsonl", f"{json.dumps(trained)}\n{json.dumps(judged_by)}\n")
    assert "began at 2026-11-30T00:57:30Z, before models/m.bin was there" in history.judge().said("consistent")


CHANGES: dict[str, tuple[str, str, str, set[str], str]] = {
    "another model": ("provenance.json", sha256("models/m.bin"), "0" * 64, {"complete", "verified", "consistent"},
                      "no source knows how models/m.bin was made"),
    "other data": ("provenance.json", sha256("train.csv"), "0" * 64, {"verified"}, "train.csv is contradicted"),
    "a branch for a commit": ("bom.json", "COMMIT", "main", {"complete", "verified"}, "code can change unseen"),
    "a dataset that is not described": ("bom.json", '"ref": "data-test"', '"ref": "data-tests"',
                                        {"complete", "verified", "consistent"}, "names a dataset `data-tests`"),
    "an end before the start": ("provenance.json", "00:58:00", "00:56:00", {"consistent"}, "before it began at"),
    "another predicate": ("provenance.json", "provenance/v1", "other/v1", {"complete", "verified", "consistent"},
                          "has no SLSA provenance of version 1"),
    "a repeated key": ("provenance.json", '"subject":', '"subject": 1, "subject":',
                       {"complete", "verified", "consistent"}, "cannot be read as JSON"),
    "a dataset that is the model": ("bom.json", sha256("train.csv"), sha256("models/m.bin"), {"verified"},
                                    "train.csv is contradicted"),
    "bad base64": ("provenance.dsse.json", '"payload": "', '"payload": "*', {"complete", "verified", "consistent"},
                   "a payload that is not base64"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_fails_the_rule_that_is_about_it_and_no_other(history: History, what: str) -> None:
    name, old, new, failing, said = CHANGES[what]
    commit = history.git("rev-parse", "HEAD")
    text = FORMS[name](commit)
    old = commit if old == "COMMIT" else old
    assert old in text
    present(history, name, text.replace(old, new))
    judged = history.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said(*failing)
