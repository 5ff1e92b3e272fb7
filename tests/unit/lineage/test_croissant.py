"""Digests in a Croissant description of data, beside the pipeline of DVC that has made the data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.history import ARTEFACTS, DVC, History, workspace

Document = dict[str, Any]
ALL = {"complete", "verified", "consistent"}
ONE, OTHER = "324d1a11ba270e002bf62b6b17609f969b6d0411667a7d829c5579fb78d8e2d1", "0" * 64


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "dvc", f"lineage: [{{path: dvc.lock}}, {{path: about.json}}]\n{DVC}", capsys)
    write(found, description())
    return found


def description() -> Document:
    """The description of the artefact, from the folder above the data."""
    text = (ARTEFACTS / "croissant/croissant.json").read_text(encoding="utf-8")
    found: Document = json.loads(text.replace('"contentUrl": "', '"contentUrl": "data/split/'))
    return found


def write(history: History, found: object) -> None:
    (history.folder / "about.json").write_text(json.dumps(found), encoding="utf-8")


def test_what_the_description_says_is_compared_with_the_files(history: History) -> None:
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert "data/split/train.csv is verified: sha256 as recorded" in judged.said("verified")
    assert "data:train is data/split/train.csv" in judged.said("complete")


def test_a_description_alone_is_no_history(history: History) -> None:
    history.edit("candidate.yaml", "{path: dvc.lock}, ", "")
    judged = history.judge()
    assert judged.failing == ALL
    assert "no source knows how model.json was made" in judged.said()


def changed(of: Document, at: int, **keys: Any) -> Document:
    of["distribution"][at] |= keys
    return of


CHANGES: dict[str, tuple[Callable[[Document], Document], set[str], str]] = {
    "another digest": (
        lambda d: changed(d, 0, sha256=OTHER),
        {"verified"},
        "data/split/train.csv is contradicted: sha256 is 324d1a11ba27 and was recorded as 000000000000",
    ),
    "another md5": (lambda d: changed(d, 0, md5="0" * 32), {"verified"}, "train.csv is contradicted: md5 is"),
    "two digests of one file": (
        lambda d: d | {"distribution": [*d["distribution"], d["distribution"][0] | {"sha256": OTHER}]},
        {"verified", "consistent"},
        "data/split/train.csv has two of sha256",
    ),
    "a part of a digest": (
        lambda d: changed(d, 0, sha256=ONE[:8]),
        {"verified"},
        "`324d1a11` of data/split/train.csv is not a whole sha256",
    ),
    "the digest of the training data for the evaluation data": (
        lambda d: changed(d, 1, sha256=ONE),
        {"verified", "consistent"},
        "data/split/train.csv and data/split/test.csv have the same sha256",
    ),
    "a file elsewhere": (lambda d: changed(d, 0, contentUrl="https://example.com/t.csv"), set(), "all"),
    "a part of an archive": (lambda d: changed(d, 0, containedIn={"@id": "z"}, sha256=OTHER), set(), "all"),
    "one file that is no list": (lambda d: d | {"distribution": d["distribution"][0]}, set(), "sha256 as recorded"),
    "types in a list, by their whole names": (
        lambda d: changed(d, 0, **{"@type": ["sc:CreativeWork", "http://mlcommons.org/croissant/FileObject"]}),
        set(),
        "sha256 as recorded",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_fails_the_rule_that_is_about_it_and_no_other(history: History, what: str) -> None:
    change, failing, said = CHANGES[what]
    write(history, change(description()))
    judged = history.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said()


HOSTILE: dict[str, tuple[Callable[[Document], Any], str]] = {
    "no files": (lambda d: d | {"distribution": []}, "describes no file by a `cr:FileObject`"),
    "files that are a text": (lambda d: d | {"distribution": "train.csv"}, "describes no file by a `cr:FileObject`"),
    "files that are numbers": (lambda d: d | {"distribution": [1, None, []]}, "describes no file"),
    "no address": (lambda d: changed(d, 0, contentUrl=None), "has a file `train-file` without a `contentUrl`"),
    "an address that is a list": (lambda d: changed(d, 0, contentUrl=["a"]), "without a `contentUrl`"),
    "a digest that is a list": (lambda d: changed(d, 0, sha256=[ONE]), "is not a whole sha256"),
    "deep nesting": (lambda d: d | {"x": json.loads("[" * 200 + "]" * 200)}, "nested more than 100 deep"),
    "a list": (lambda d: [d], "is not an object of JSON"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_description_is_one_clear_message_and_no_pass(history: History, what: str) -> None:
    change, said = HOSTILE[what]
    write(history, change(description()))
    judged = history.judge()
    assert "verified" in judged.failing
    assert said in judged.said(), judged.said()


def test_a_path_out_of_the_workspace_is_not_followed(history: History) -> None:
    write(history, changed(description(), 0, contentUrl="../../../../etc/passwd"))
    history.edit("candidate.yaml", "train: {path: data/split/train.csv}", "train: {path: ../../../../etc/passwd}")
    assert "is outside the workspace" in history.judge().said()
