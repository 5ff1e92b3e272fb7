"""Facts that no data can have are refused, whatever number in a facts file is replaced."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlgate.cli.main import run
from mlgate.evidence.questions.catalogue import by_name
from mlgate.evidence.questions.decimals import Decimals, DecimalsFact
from mlgate.evidence.questions.earlier_verdict import EarlierValue, EarlierVerdict, EarlierVerdictFact
from mlgate.evidence.questions.need import Need
from mlgate.evidence.questions.table_schema import SchemaFact, TableSchema
from mlgate.gate.stored_facts import _sealed

CASES = Path(__file__).parents[2] / "cases"
RULES = """\
mlgate: 1
policy: gate
owner: o
rules:
  - {id: accuracy, check: performance.metric, metric: accuracy, at_least: 0.5}
  - {id: auc, check: performance.metric, metric: roc_auc, at_least: 0.5}
  - {id: brier, check: performance.metric, metric: brier_score, at_most: 0.5}
  - {id: median, check: performance.metric, metric: quantile, column: score, quantile: 0.5, at_most: 2}
  - {id: precision, check: performance.metric, metric: average_precision, at_least: 0.1}
"""
WRONG = (-1, 10**400, -(10**20), 1 << 54)


@pytest.mark.parametrize("need", by_name().values(), ids=by_name())
def test_every_question_whose_answer_is_stored_says_which_answers_are_impossible(need: type[Need]) -> None:
    assert need.impossible is not Need.impossible


VALUE = EarlierValue("recall", (), 0.75, 0.05, 0.7, 0.8, (3, 4), 4, 9)
"""A value of an earlier verdict, as one can have it."""


@pytest.mark.parametrize(
    ("need", "possible", "impossible"),
    [
        (
            Decimals("t"),
            [DecimalsFact(None), DecimalsFact(2), DecimalsFact(6)],
            [DecimalsFact(1), DecimalsFact(7), DecimalsFact(-1)],
        ),
        (
            TableSchema("t"),
            [SchemaFact(()), SchemaFact((("a", "text"), ("b", "text")))],
            [SchemaFact((("a", "words"),)), SchemaFact((("a", "text"), ("a", "float")))],
        ),
        (
            EarlierVerdict("v.json", "c"),
            [EarlierVerdictFact("c", "1", (VALUE, replace(VALUE, value=-2.0, counts=None, upper=None)), "ab" * 32)],
            [
                EarlierVerdictFact("c", "1", (), "ab"),
                *(
                    EarlierVerdictFact("c", "1", (VALUE, replace(VALUE, **wrong)))
                    for wrong in (
                        {"level": 0.0}, {"level": 1.0}, {"lower": 0.9}, {"counts": (5, 4)}, {"counts": (0, 0)},
                        {"value": 0.5}, {"n": -1}, {"rows": 1 << 54},
                    )
                ),
            ],
        ),
    ],
    ids=["decimals", "schema", "earlier-verdict"],
)  # fmt: skip
def test_an_answer_that_nothing_gives_is_impossible(need: Need, possible: list[Any], impossible: list[Any]) -> None:
    assert [need.impossible(fact) for fact in possible] == [""] * len(possible)
    assert all(need.impossible(fact) for fact in impossible)


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The facts of a candidate, measured in the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(CASES / "data" / "base", tmp_path, dirs_exist_ok=True)
    (tmp_path / "policies" / "gate.yaml").write_text(RULES)
    (tmp_path / "predictions.csv").write_text(
        "id,label,prediction,score,sex\n"
        + "".join(f"r{i},{i % 2},{(i % 2) ^ (i % 9 == 0)},{(i * 37 % 50 + 25 * (i % 2)) / 80},F\n" for i in range(90))
    )
    assert run(["measure"]) == 0
    found: dict[str, Any] = json.loads(Path("facts.json").read_text())
    return found


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all whole numbers in a JSON value."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from numbers(below, (*path, key))
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from numbers(below, (*path, at))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path


def judged(document: dict[str, Any], *options: str) -> int:
    document["sha256"] = _sealed(document["candidates"])
    Path("facts.json").write_text(json.dumps(document))
    return run(["check", "--facts", "facts.json", *options])


def test_no_replaced_count_crashes_the_gate_or_passes(
    facts: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(copy.deepcopy(facts)) in (0, 1)
    entries = facts["candidates"][0]["facts"]
    tried = 0
    for at, entry in enumerate(entries):
        paths = list(numbers(entry["answer"]))
        for path in {paths[0], paths[len(paths) // 2], paths[-1]} if paths else ():
            for wrong in WRONG:
                changed = copy.deepcopy(facts)
                place = changed["candidates"][0]["facts"][at]["answer"]
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = wrong
                code = judged(changed)
                assert code in (1, 2), (entry["need"], path, wrong, "".join(capsys.readouterr()))
                tried += 1
    assert tried > 40


def test_counts_of_the_same_rows_agree(facts: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    counted = [e for e in facts["candidates"][0]["facts"] if e["need"]["asks"] == "counts"]
    counted[0]["answer"]["fact"]["cells"][0]["n"] += 1
    assert judged(facts) == 1
    assert "rows of predictions" in "".join(capsys.readouterr())


def better(document: dict[str, Any]) -> dict[str, Any]:
    """Facts that some data have, but not these: two cells have changed places."""
    for entry in document["candidates"][0]["facts"]:
        if entry["need"]["asks"] == "counts" and len(entry["answer"]["fact"]["cells"]) > 1:
            one, other = entry["answer"]["fact"]["cells"][:2]
            one["n"], other["n"] = one["n"] + 1, other["n"] - 1
            return document
    raise AssertionError("no counts")


def test_measuring_again_finds_facts_that_the_data_do_not_give(
    facts: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(copy.deepcopy(facts), "--verify") == judged(copy.deepcopy(facts))
    assert judged(better(copy.deepcopy(facts))) in (0, 1)
    capsys.readouterr()
    assert judged(better(copy.deepcopy(facts)), "--verify") == 1
    assert "is not what the data give" in " ".join("".join(capsys.readouterr()).split())


def test_facts_without_the_data_beside_cannot_be_verified(
    facts: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("predictions.csv").unlink()
    assert judged(copy.deepcopy(facts)) == 0
    assert judged(copy.deepcopy(facts), "--verify") == 1
    assert "cannot be verified" in " ".join("".join(capsys.readouterr()).split())


def test_verify_requires_facts(facts: dict[str, Any]) -> None:
    assert run(["check", "--verify"]) == 2


def forged(document: dict[str, Any]) -> dict[str, Any]:
    """Facts beside those measured, which answer other questions: those that a table of other kinds would be asked."""
    entries = document["candidates"][0]["facts"]
    for entry in list(entries):
        if entry["need"]["asks"] == "schema":
            columns = entry["answer"]["fact"]["columns"]
            entry["answer"]["fact"]["columns"] = [[name, OTHER_KINDS[kind]] for name, kind in columns]
        if entry["need"]["asks"] == "counts":
            other = copy.deepcopy(entry)
            for term in other["need"]["terms"]:
                term["sql"] = f"cast({term['sql']} as varchar)"
            entries.append(other)
    return document


OTHER_KINDS = {"text": "integer", "integer": "text", "float": "text"}


def added(document: dict[str, Any]) -> dict[str, Any]:
    """The facts, and one more that nobody asks for."""
    entries = document["candidates"][0]["facts"]
    other = copy.deepcopy(next(entry for entry in entries if entry["need"]["asks"] == "counts"))
    other["need"]["terms"][0]["sql"] = f"cast({other['need']['terms'][0]['sql']} as varchar)"
    entries.append(other)
    return document


def other_kinds(document: dict[str, Any]) -> dict[str, Any]:
    """The facts with another schema."""
    for entry in document["candidates"][0]["facts"]:
        if entry["need"]["asks"] == "schema":
            entry["answer"]["fact"]["columns"][0][1] = "integer"
    return document


def other_input(document: dict[str, Any]) -> dict[str, Any]:
    """The facts with a digest of a file that the candidate does not name."""
    document["candidates"][0]["inputs"].append({"role": "train", "path": "train.csv", "sha256": "0" * 64})
    return document


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (forged, "the stored fact `schema` about predictions is not what the data give"),
        (other_kinds, "the stored fact `schema` about predictions is not what the data give"),
        (added, "has the fact `counts` about predictions, for which this candidate's policies do not ask"),
        (other_input, "has the input train train.csv, for which this candidate's policies do not ask"),
    ],
)
def test_measuring_again_compares_everything_in_the_file(
    facts: dict[str, Any], capsys: pytest.CaptureFixture[str], change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    capsys.readouterr()
    assert judged(change(copy.deepcopy(facts)), "--verify") == 1
    assert said in " ".join("".join(capsys.readouterr()).split())


def test_two_entries_about_one_candidate_are_refused(facts: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    facts["candidates"].append(copy.deepcopy(facts["candidates"][0]))
    assert judged(facts) == 1
    assert "two entries about candidate.yaml" in " ".join("".join(capsys.readouterr()).split())
