"""Lineage in events of OpenLineage: only a complete run counts, and each change fails the rule that is about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.history import ARTEFACTS, History, workspace

CANDIDATE = "model: {path: model.json}\nlineage: [{path: events.ndjson}]\n"
Event = dict[str, Any]
Events = list[Event]
ALL = {"complete", "verified", "consistent"}
TRAIN = "sha256:324d1a11ba270e002bf62b6b17609f969b6d0411667a7d829c5579fb78d8e2d1"
MODEL = "sha256:1a2aefb8dbd3114625f784738ddaf1eb912a89541ea710c04a114008406cf5e4"


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> History:
    """The pipeline of DVC's artefact without DVC, as the client of OpenLineage has described it."""
    monkeypatch.chdir(tmp_path)
    found = workspace(tmp_path, "dvc", CANDIDATE, capsys)
    for name in ("dvc.lock", "dvc.yaml"):
        (tmp_path / name).unlink()
    accepted = "accept_unverified: [parameters], cleanliness_unknown: true"
    found.edit("policy.yaml", "lineage.verified", f"lineage.verified, {accepted}")
    found.commit()
    write(found, events(found))
    return found


def events(history: History) -> Events:
    """The three events of the artefact: START and COMPLETE of the training, COMPLETE of the evaluation."""
    text = (ARTEFACTS / "openlineage/events.ndjson").read_text(encoding="utf-8")
    text = text.replace("91ef1436e6ce87ca8e4eb4359e518f315388b287", history.git("rev-parse", "HEAD"))
    return [json.loads(line) for line in text.splitlines()]


def write(history: History, found: Events) -> None:
    lines = "".join(f"{json.dumps(event)}\n" for event in found)
    (history.folder / "events.ndjson").write_text(lines, encoding="utf-8")


def test_a_pipeline_as_the_client_has_described_it_passes(history: History) -> None:
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert "data:train is data/split/train.csv" in judged.said("complete")
    assert "data:evaluation is data/split/test.csv" in judged.said("complete")


@pytest.mark.parametrize("form", ["one per line", "in a list", "one per file"])
def test_events_are_read_in_each_form(history: History, form: str) -> None:
    found = events(history)
    name = {"one per line": "o.jsonl", "in a list": "o.json", "one per file": "o"}[form]
    if form == "one per file":
        (history.folder / "o").mkdir()
        for at, event in enumerate(found):
            (history.folder / f"o/event-{at}.json").write_text(json.dumps(event))
    else:
        lines = "\n".join(map(json.dumps, found))
        (history.folder / name).write_text(json.dumps({"events": found}) if form == "in a list" else lines)
    history.edit("candidate.yaml", "events.ndjson", name)
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def changed(found: Events, *path: str | int, to: Any) -> Events:
    """The events with another value at a path."""
    place: Any = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return found


def versioned(version: str) -> Event:
    return {"version": {"datasetVersion": version}}


CODE = ("job", "facets", "sourceCodeLocation", "version")
NO_TRAINING = "no source knows how model.json was made"
CHANGES: dict[str, tuple[Callable[[Events], Events], set[str], str]] = {
    "a run that failed": (
        lambda e: changed(e, 1, "eventType", to="FAIL"),
        ALL - {"consistent"},
        "run 0190f5a0-0000-7000-8000-000000000001 of job acme/train in events.ndjson ended by FAIL",
    ),
    "a run that was aborted after it had ended": (
        lambda e: [*e, e[1] | {"eventType": "ABORT"}],
        ALL - {"consistent"},
        "ended by ABORT, so nothing that it made counts",
    ),
    "a run that has not ended": (
        lambda e: changed(e, 1, "eventType", to="RUNNING"),
        ALL - {"consistent"},
        "has no event COMPLETE",
    ),
    "a deleted run": (lambda e: e[2:], {"complete"}, NO_TRAINING),
    "another run's id": (
        lambda e: changed(e, 1, "run", "runId", to=e[2]["run"]["runId"]),
        ALL,
        "has two jobs for run 0190f5a0-0000-7000-8000-000000000002",
    ),
    "a branch for a commit": (
        lambda e: changed(changed(e, 0, *CODE, to=""), 1, *CODE, to=""),
        {"complete", "verified"},
        "code can change unseen",
    ),
    "another commit": (
        lambda e: changed(changed(e, 0, *CODE, to="1" * 40), 1, *CODE, to="1" * 40),
        {"verified"},
        "the repository has no such commit",
    ),
    "two commits of one run": (
        lambda e: changed(e, 0, *CODE, to="1" * 40),
        {"verified"},
        "the repository has no such commit",
    ),
    "a version that is no digest": (
        lambda e: changed(e, 0, "inputs", 0, "facets", to={})[:1]
        + changed(e, 1, "inputs", 0, "facets", to=versioned("2026-11-30"))[1:],
        set(),
        "data:train is data/split/train.csv",
    ),
    "data elsewhere with a version that is no digest": (
        lambda e: [
            e[0] | {"inputs": []},
            e[1] | {"inputs": [{"namespace": "s3://acme", "name": "train", "facets": versioned("7")}]},
            e[2],
        ],
        {"complete", "verified", "consistent"},
        "nothing fixes model.json <- run of acme/train <- s3://acme train but version 7",
    ),
    "data elsewhere with a digest": (
        lambda e: [
            e[0] | {"inputs": []},
            e[1] | {"inputs": [{"namespace": "file", "name": "/repo/train.csv", "facets": versioned(TRAIN)}]},
            e[2],
        ],
        {"verified"},
        "file /repo/train.csv is unverified: it is not a file here",
    ),
    "a part of a digest": (
        lambda e: changed(changed(e, 0, "inputs", 0, "facets", to={}), 1, "inputs", 0, "facets",
                          to=versioned("sha256:324d1a11")),
        {"verified"},
        "`324d1a11` of data/split/train.csv is not a whole sha256",
    ),
    "another digest of the training data": (
        lambda e: changed(changed(e, 0, "inputs", 0, "facets", to={}), 1, "inputs", 0, "facets",
                          to=versioned(f"sha256:{'0' * 64}")),
        {"verified"},
        "data/split/train.csv is contradicted: sha256 is 324d1a11ba27 and was recorded as 000000000000",
    ),
    "an end before the start": (
        lambda e: changed(e, 1, "eventTime", to="2026-11-30T00:56:00Z"),
        {"consistent"},
        "run of acme/train ended at 2026-11-30T00:56:00Z, before it began",
    ),
    "no time": (lambda e: changed(e, 1, "eventTime", to=None), {"consistent"}, "not a moment with a zone"),
    "the same data for training and evaluation": (
        lambda e: changed(e, 2, "inputs", 0, to=e[1]["inputs"][0]),
        {"consistent"},
        "data/split/train.csv is both training and evaluation data",
    ),
    "training data made from the model": (
        lambda e: changed(e, 2, "outputs", 0, to=e[1]["inputs"][0]),
        {"complete", "consistent"},
        "a thing was made from itself",
    ),
    "an output that was dropped": (
        lambda e: changed(e, 1, "outputs", 0, "facets", "lifecycleStateChange",
                          to={"lifecycleStateChange": "DROP"}),
        {"complete"},
        "no source knows how model.json was made",
    ),
    "a version that was taken back": (
        lambda e: changed(changed(e, 0, "inputs", 0, "facets", "version", "_deleted", to=True),
                          1, "inputs", 0, "facets", "version", "_deleted", to=True),
        set(),
        "data/split/train.csv",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_fails_the_rule_that_is_about_it_and_no_other(history: History, what: str) -> None:
    change, failing, said = CHANGES[what]
    write(history, change(events(history)))
    judged = history.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said(*failing)


def test_a_run_that_failed_and_was_repeated_is_no_fault(history: History) -> None:
    failed = json.loads(json.dumps(events(history)[:2]).replace("000000000001", "000000000009"))
    failed[1] |= {"eventType": "FAIL", "outputs": []}
    write(history, [*failed, *events(history)])
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def night(found: Events) -> Events:
    """The training a night earlier, of other data, into another model."""
    text = json.dumps(found[:2]).replace("000000000001", "000000000008")
    text = text.replace(TRAIN, f"sha256:{'a' * 64}").replace(MODEL, f"sha256:{'b' * 64}")
    earlier: Events = json.loads(text.replace("2026-11-30", "2026-11-29"))
    return earlier


@pytest.mark.parametrize("last", [True, False])
def test_of_several_versions_the_one_that_is_here_is_judged(history: History, last: bool) -> None:
    found = events(history)
    write(history, [*night(found), *found] if last else [*found, *night(found)])
    judged = history.judge()
    assert judged.failing == set(), judged.said()


def test_a_model_that_is_no_recorded_version_is_contradicted(history: History) -> None:
    write(history, [*night(events(history)), *events(history)])
    history.edit("model.json", "{", "{ ")
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "model.json is contradicted: sha256 is" in judged.said("verified")


def test_data_that_were_overwritten_since_are_not_those_of_the_model(history: History) -> None:
    """The model is of the night before, and its training data are no longer here."""
    found = events(history)
    later = json.dumps(night(found)).replace("2026-11-29", "2026-12-01").replace(f"sha256:{'a' * 64}", TRAIN)
    earlier = json.dumps(found).replace(TRAIN, f"sha256:{'c' * 64}")
    write(history, [*json.loads(earlier), *json.loads(later)])
    judged = history.judge()
    assert judged.failing == {"verified"}
    assert "file data/split/train.csv is unverified: it is not a file here" in judged.said("verified")


HOSTILE: dict[str, tuple[Callable[[Events], Any], str]] = {
    "an event that is a list": (lambda e: [[1], *e], "is not an object of JSON"),
    "an event without a run": (lambda e: [e[0] | {"run": None}, *e], "an event without `run.runId`"),
    "a run id that is a number": (lambda e: changed(e, 0, "run", "runId", to=7), "an event without `run.runId`"),
    "a job that is a text": (lambda e: changed(e, 0, "job", to="train"), "an event without `run.runId`"),
    "an empty object": (lambda e: [{}, *e], "an event without `run.runId`"),
    "only events of datasets": (
        lambda e: [{"dataset": {"namespace": "file", "name": "x"}, "schemaURL": "https://openlineage.io/spec/2-0-2"}],
        "has no event of a run",
    ),
    "a dataset without a name": (lambda e: changed(e, 1, "inputs", 0, "name", to=""), "a dataset without a `name`"),
    "a dataset that is a number": (lambda e: changed(e, 1, "inputs", to=[7]), "a dataset without a `name`"),
    "a path out of the workspace": (
        lambda e: changed(e, 1, "inputs", 0, "name", to="../../../../etc/passwd"),
        "is outside the workspace",
    ),
    "a NUL in a path": (lambda e: changed(e, 1, "inputs", 0, "name", to="a\0b"), "its name has a NUL"),
    "an endless name": (lambda e: changed(e, 1, "inputs", 0, "name", to="a" * 5000), "there can be no such file"),
    "a digest that is a list": (
        lambda e: changed(e, 1, "inputs", 0, "facets", to={"version": {"datasetVersion": [TRAIN]}}),
        "a dataset `data/split/train.csv` whose version is not a text",
    ),
    "deep nesting": (
        lambda e: changed(e, 1, "run", "facets", to=json.loads('{"a":' * 200 + "1" + "}" * 200)),
        "nested more than 100 deep",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_events_are_one_clear_message_and_no_pass(history: History, what: str) -> None:
    change, said = HOSTILE[what]
    write(history, change(events(history)))
    judged = history.judge()
    assert "verified" in judged.failing
    assert said in judged.said(), judged.said()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schemaURL": "https://openlineage.io/spec/", "schemaURL": 1}', "is repeated"),
        ('{"schemaURL": "https://openlineage.io/spec/", "x": NaN}', "NaN is not a number"),
        ('{"schemaURL": "https://openlineage.io/spec/"', "cannot be read as JSON"),
        ("", "is empty"),
    ],
)
def test_text_that_is_no_event_is_one_clear_message(history: History, text: str, said: str) -> None:
    (history.folder / "events.ndjson").write_text(text)
    history.edit("candidate.yaml", "events.ndjson", "events.ndjson, format: openlineage")
    judged = history.judge()
    assert judged.failing >= ALL
    assert said in judged.said(), judged.said()
