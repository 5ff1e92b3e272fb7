"""A candidate of Python arguments says all that a file can say, and is refused where a file is."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.candidate.arguments import from_arguments
from mlgate.candidate.presented import Candidate, TableSpec, Unit
from mlgate.candidate.read import load_candidate
from mlgate.candidate.roles import ChampionSpec, Predictions
from mlgate.evidence.sources import FileSource, FrameSource
from mlgate.reading.fields import keys, params
from mlgate.values.errors import InputError

FRAME = pd.DataFrame({"y": [1, 0] * 50, "p": [1, 0] * 50, "old": [1, 0, 0, 1] * 25, "s": [0.9, 0.1] * 50})
BINARY = {"predictions": FRAME, "task": "binary", "positive": "1", "label": "y", "prediction": "p"}
MULTICLASS = {"predictions": FRAME, "task": "multiclass", "label": "y", "prediction": "p"}
MULTILABEL = {"predictions": FRAME, "task": "multilabel"}
REGRESSION = {"predictions": FRAME, "task": "regression", "label": "y", "prediction": "p"}
FORECASTING = {
    "predictions": FRAME,
    "task": "forecasting",
    "series": "shop",
    "time": "t",
    "horizon": "h",
    "label": "y",
    "prediction": "p",
    "history": FRAME,
}
RANKING = {"predictions": FRAME, "task": "ranking", "label": "y", "score": "s"}


def presented(folder: Path = Path(), **given: Any) -> Candidate:
    return from_arguments(given, cwd=folder, workspace=folder)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gate.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o\nfor: {risk: [high]}\nrules:\n"
        "  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9}\n"
    )
    return tmp_path


def test_every_key_of_the_candidate_file_is_an_argument() -> None:
    arguments = set(inspect.signature(mlgate.check).parameters)
    said_otherwise = {"mlgate", "candidate"}
    assert set(keys(Candidate)) - said_otherwise <= arguments
    assert set(keys(Predictions)) - {"path"} <= arguments
    assert arguments >= {"name", "policy", "candidate", "predictions", "history", "as_of"}


def test_the_same_said_in_a_file_and_in_arguments_is_the_same_candidate(tmp_path: Path) -> None:
    (tmp_path / "candidate.yaml").write_text(
        "mlgate: 1\ncandidate: c\ntask: binary\npositive: '1'\nrisk: high\nversion: '7'\nowner: o\ntags: [a, b]\n"
        "classes: [0, 1]\nmodel: {path: m.bin}\nunit: {column: u, score: max}\n"
        "predictions: {path: p.csv, id: [i, j], prediction: p, score: s}\n"
        "champions: {old: {path: o.csv, prediction: p}, older: {verdict: v.json}}\n"
        "tables: {evaluation: {path: e.csv, key: [i, j], label: y}, train: {path: t.csv}}\n"
    )
    of_file = load_candidate(tmp_path / "candidate.yaml", workspace=tmp_path)
    of_arguments = presented(
        tmp_path, name="c", task="binary", positive="1", risk="high", version="7", owner="o", tags=["a", "b"],
        classes=["0", "1"], model="m.bin", unit={"column": "u", "score": "max"}, predictions="p.csv", id=["i", "j"],
        prediction="p", score="s", champions={"old": {"path": Path("o.csv"), "prediction": "p"},
        "older": {"verdict": "v.json"}}, tables={"evaluation": {"path": "e.csv", "key": ("i", "j"), "label": "y"},
        "train": "t.csv"},
    )  # fmt: skip

    def plain(value: Any) -> Any:
        if isinstance(value, FileSource):
            return value.path
        if isinstance(value, tuple):
            return tuple(map(plain, value))
        known = params(type(value)) if hasattr(value, "__dataclass_fields__") else ()
        return {of.key: plain(getattr(value, of.attribute)) for of in known} or value

    assert plain(of_arguments) == plain(of_file)
    assert (of_arguments.file, of_arguments.sha256) == ("", "")


def test_wherever_a_file_names_a_table_a_frame_may_stand() -> None:
    found = presented(**BINARY, unit="u", tables={"train": FRAME}, champion={"path": FRAME.copy(), "prediction": "p"},
                      id="s")  # fmt: skip
    train, champion = found.table("train"), found.champion
    assert isinstance(train, TableSpec)
    assert isinstance(champion, ChampionSpec)
    assert isinstance(train.source, FrameSource)
    assert isinstance(champion.source, FrameSource)
    assert found.unit == Unit(("u",))


def test_a_history_has_the_columns_of_the_series() -> None:
    found = presented(predictions=FRAME, task="forecasting", series=["shop"], time="t", horizon="h", label="y",
                      prediction="p", history=FRAME)  # fmt: skip
    history = found.table("history")
    assert history is not None
    assert (history.key, history.label) == (("shop", "t"), "y")


REFUSED: list[tuple[dict[str, Any], str]] = [
    (BINARY | {"prediction": "y"}, "prediction=: column `y` is both `label` and `prediction` of the predictions; name one column for each"),
    (MULTICLASS | {"positive": "1"}, "`positive` is for binary tasks, not multiclass; remove it"),
    (REGRESSION | {"lower": "s"}, "`lower` requires `upper`; name both ends of the interval"),
    (BINARY | {"positive": None}, 'task=: a binary candidate must name its `positive` class; add it, as in positive="1"'),
    (BINARY | {"positive": 1}, '`positive` must be a text, not 1; write "1" in quotes'),
    (BINARY | {"positive": True}, '`positive` must be a text, not True; write "true" in quotes'),
    (BINARY | {"label": FRAME}, "`label` must be a text, not a pandas.DataFrame"),
    (BINARY | {"lable": "y"}, "unknown argument `lable`, did you mean `label`?"),
    (BINARY | {"risk": "hihg"}, "`risk` must be one of low, medium, high, critical, not the quoted \"hihg\", did you mean `high`?"),
    (BINARY | {"task": None}, "mlgate.check: missing key `task`, which `predictions` require; it must be one of binary, multiclass, multilabel, regression, ranking, forecasting, text"),
    (BINARY | {"task": None, "positive": None, "predictions": None}, "`predictions` is missing; give the path of a file, or a frame of pandas, polars, pyarrow or duckdb"),
    (BINARY | {"count": "s", "weight": "s2"}, "`weight` cannot be combined with `count`: rows have either counts or weights; keep one"),
    (BINARY | {"champion": {"prediction": "p"}}, 'champion["prediction"]: `prediction` is the candidate\'s own column `p`, so it would be compared with itself; name the earlier model\'s column'),
    (BINARY | {"champion": {"predictoin": "old"}}, 'champion["predictoin"]: unknown key `predictoin` in `champion`, did you mean `prediction`?'),
    (BINARY | {"unit": {"column": "u", "score": "max"}}, 'unit["score"]: `unit.score: max` rolls up scores and requires `score`; add it, or remove `unit.score`'),
    (BINARY | {"tables": {"evaluation": {"path": FRAME, "label": "z"}}, "label": None, "id": "s"}, '`tables.evaluation` has no `key`, by which rows are joined; add the id column'),
    (RANKING | {"item": "i"}, "predictions=: `query` is missing, which tells which items are ranked together; add `query=COLUMN`"),
    (MULTILABEL | {"labels": {"a": "x", "b": "y"}, "decisions": {"a": "x", "b": "p"}}, "decisions=: column `x` is both `labels` and `decisions` of the predictions; name one column for each"),
    (BINARY | {"tables": ["t.csv"]}, "`tables` must be a mapping, not a list"),
    (BINARY | {"tables": FRAME}, "`tables` must be a mapping, not a pandas.DataFrame"),
    (BINARY | {"tables": 3}, "`tables` must be a mapping, not 3"),
    (BINARY | {"tables": {"train": None}}, '`tables.train.path` must be the path of a file, or a frame of pandas, polars, pyarrow or duckdb, not None'),
    (BINARY | {"tables": {"train": ["a.csv"]}}, '`tables.train.path` must be the path of a file, or a frame of pandas, polars, pyarrow or duckdb, not a list; name a folder, or several files by a glob such as "parts/*.csv"'),
    (BINARY | {"tables": {1: FRAME}}, 'tables=: the name 1 must be a text; write "1" in quotes'),
    (BINARY | {"champion": FRAME}, "`champion` must be a mapping with the keys path, id, label, prediction, score, scores, decisions, lower, upper, verdict, not a pandas.DataFrame"),
    (BINARY | {"predictions": FRAME["y"]}, "`predictions` must be the path of a file, or a frame of pandas, polars, pyarrow or duckdb, not a pandas.Series; give the whole frame, and name its columns by `label=`, `prediction=` and so on"),
    (BINARY | {"predictions": FRAME.to_numpy()}, "`predictions` must be the path of a file, or a frame of pandas, polars, pyarrow or duckdb, not a numpy.ndarray; make a frame of it, as by `pandas.DataFrame(...)`"),
    (BINARY | {"predictions": {"y": [1]}}, "`predictions` must be the path of a file, or a frame of pandas, polars, pyarrow or duckdb, not a mapping; make a frame of it, as by `pandas.DataFrame(...)`"),
    (BINARY | {"label": FRAME["y"]}, '`label` must be a text, not a pandas.Series; write "y" if the column of that name is meant'),
    (BINARY | {"predictions": "p\0.csv"}, "predictions=: the character U+0000 is not allowed in a text; remove it"),
    (BINARY | {"positive": np.int64(1)}, '`positive` must be a text, not 1; write "1" in quotes'),
    (BINARY | {"positive": b"1"}, "`positive` must be a text, not a bytes"),
    (BINARY | {"classes": np.array([0, 1])}, '`classes` must be a text, not 0; write "0" in quotes'),
    (BINARY | {"id": {"a"}}, "`id` must be a text, or a list of them, not a set"),
    (BINARY | {"id": []}, "`id` must be a list with at least one entry"),
    (BINARY | {"name": "a b"}, '`name` must be a name of letters, digits, `.`, `_` and `-`, starting with a letter or digit, not the quoted "a b"'),
    (FORECASTING | {"series": 3}, '`series` must be a text, or a list of them, not 3; write "3" in quotes'),
    (FORECASTING | {"tables": {"history": FRAME}}, "`history` is also in `tables`; keep one"),
    (FORECASTING | {"tables": 3}, "`tables` must be a mapping, not 3"),
    ({"name": "c"}, "mlgate.check: the candidate presents nothing; add `predictions`, `tables` or `model`"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_arguments_are_refused_as_a_file_is(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        presented(**{key: value for key, value in given.items() if value is not None})
    assert said in str(caught.value).splitlines()


@pytest.mark.parametrize("slip", [{"prediction": "y"}, {"lower": "s"}, {"task": "multiclass"}])
def test_a_slip_in_a_call_is_not_allowed(here: Path, slip: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        mlgate.check(policy="gate.yaml", risk="high", **BINARY | slip)


def test_policies_for_a_risk_apply_in_a_notebook(here: Path) -> None:
    assert mlgate.check(policy="gate.yaml", risk="high", **BINARY).allowed
    with pytest.raises(InputError, match="no policy applies"):
        mlgate.check(policy="gate.yaml", risk="low", **BINARY)


def test_a_file_says_all_of_it(here: Path) -> None:
    with pytest.raises(InputError, match="`candidate=` is a file with all keys; remove `label=`"):
        mlgate.check(policy="gate.yaml", candidate="candidate.yaml", label="y")


@pytest.mark.parametrize(
    "given",
    [
        {"id": np.array(["s", "old"])},
        {"id": pd.Index(["s", "old"])},
        {"classes": np.array(["0", "1"]), "label": np.str_("y")},
        {"classes": pd.Series(["0", "1"]).unique()},
    ],
)
def test_arrays_of_texts_are_lists(given: dict[str, Any]) -> None:
    found = presented(**BINARY | given)
    assert found.predictions is not None
    assert (found.classes, found.predictions.id) in [((), ("s", "old")), (("0", "1"), ())]


WRONG_CALLS: list[tuple[dict[str, Any], str]] = [
    ({"policy": None}, "`policy` must be the path of a file or folder, not None"),
    ({"policy": ""}, "`policy` must be the path of a file or folder, not ''"),
    ({"policy": [3]}, "`policy` must be the path of a file or folder, not 3"),
    ({"policy": {"gate.yaml"}}, "`policy` must be the path of a file or folder, not a set"),
    ({"as_of": "2026-01-01"}, "`as_of` must be a day, as in datetime.date(2026, 1, 31), not '2026-01-01'"),
    (
        {"as_of": pd.Timestamp("2026-01-01")},
        "`as_of` must be a day, as in datetime.date(2026, 1, 31), not a pandas.Timestamp",
    ),
]


@pytest.mark.parametrize(("given", "said"), WRONG_CALLS)
@pytest.mark.parametrize("function", [mlgate.check, mlgate.plan])
def test_an_argument_of_the_wrong_type_says_what_to_write(
    here: Path, function: Any, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        function(**{"policy": "gate.yaml", "risk": "high", **BINARY, **given})
    assert str(caught.value) == said


@pytest.mark.parametrize("file", [3, {"task": "binary"}, FRAME])
def test_a_candidate_is_the_path_of_a_file(here: Path, file: Any) -> None:
    with pytest.raises(InputError, match="`candidate` must be the path of a file or folder, not"):
        mlgate.check(policy="gate.yaml", candidate=file)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"draws": "a"}, "`draws` must be a whole number, not 'a'"),
        ({"draws": 10.5}, "`draws` must be a whole number, not 10.5"),
        ({"power": "x"}, "`power` must be a number, not 'x'"),
        ({"seed": -1}, "seed must be from 0 to 2**32 - 1, not -1"),
    ],
)
def test_a_plan_is_drawn_by_numbers(here: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        mlgate.plan(policy="gate.yaml", risk="high", **BINARY, **given)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"assume": [1]}, "`assume` must be a dict of values"),
        ({"assume": {"accuracy": 0.9}, "task": "binry"}, "`task` must be one of"),
    ],
)
def test_what_is_assumed_is_said_by_name(here: Path, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        mlgate.plan(policy="gate.yaml", **given)
