"""Rows of two tables are joined to the right ones, by what pandas and scikit-learn make of the same frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, jaccard_score

import mlgate
from mlgate.values.verdict import Status, Verdict

RANDOM = np.random.default_rng(7)
KEY = ["shop", "day", "ahead", "cutoff"]
CLASSES = ["a", "b", "c"]


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Verdict]:
    monkeypatch.chdir(tmp_path)

    def judge(rules: list[str], **given: Any) -> Verdict:
        text = "".join(f"  - {{{rule}}}\n" for rule in rules)
        Path("gate.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n{text}")
        return mlgate.check(policy="gate.yaml", **given)

    return judge


def shuffled(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def forecasts() -> pd.DataFrame:
    days = pd.date_range("2024-01-10", periods=6)
    rows = [
        (f"s{shop}", str(day.date()), ahead, str((day - pd.Timedelta(days=ahead)).date()), 100.0 * shop + 10 * at)
        for shop in range(30)
        for at, day in enumerate(days)
        for ahead in (1, 2, 3)
    ]
    frame = pd.DataFrame(rows, columns=[*KEY, "sales"])
    frame["new"] = frame["sales"] + RANDOM.normal(0, 1, len(frame))
    return frame.assign(old=frame["sales"] + RANDOM.normal(0, 1.5, len(frame)))


FORECASTS = forecasts()
MAE = ["id: mae, check: performance.metric, metric: mae, at_most: 1000"]
BOTH_MAE = [*MAE, "id: old, check: performance.champion, metric: mae, margin: 1000"]


def three_tables(new: pd.DataFrame, labels: pd.DataFrame, old: pd.DataFrame) -> dict[str, Any]:
    return {
        "task": "forecasting", "series": "shop", "time": "day", "horizon": "ahead", "cutoff": "cutoff",
        "prediction": "new", "predictions": new[[*KEY, "new"]],
        "tables": {"evaluation": {"path": labels[[*KEY, "sales"]], "key": KEY, "label": "sales"}},
        "champion": {"path": old[[*KEY, "old"]], "prediction": "old"},
    }  # fmt: skip


def test_forecasts_without_an_id_are_joined_by_what_they_forecast(judged: Callable[..., Verdict]) -> None:
    tables = three_tables(*(shuffled(FORECASTS, seed) for seed in (1, 2, 3)))
    values = [outcome.findings[0].value for outcome in judged(BOTH_MAE, **tables).outcomes]
    new, old = ((FORECASTS[name] - FORECASTS["sales"]).abs().mean() for name in ("new", "old"))
    assert values == pytest.approx([new, new - old], rel=1e-9)


def written(column: str, change: Callable[[Any], Any], rows: slice = slice(None)) -> pd.DataFrame:
    frame = FORECASTS.copy()
    frame[column] = frame[column].where(~frame.index.isin(frame.index[rows]), change(frame[column]))
    return frame


ASTRAY = {
    "a row is missing": FORECASTS.iloc[1:],
    "a row stands twice": pd.concat([FORECASTS, FORECASTS.iloc[:1]]),
    "times are moments": FORECASTS.assign(day=pd.to_datetime(FORECASTS["day"])),
    "times are written otherwise": written("day", lambda day: day + "T00:00"),
    "some times are written otherwise": written("day", lambda day: day + "T00:00", slice(0, 9)),
    "horizons are texts": FORECASTS.assign(ahead=FORECASTS["ahead"].astype(str)),
    "a cutoff is missing": FORECASTS.assign(cutoff=FORECASTS["cutoff"].where(FORECASTS.index > 0)),
}


@pytest.mark.parametrize("what", ASTRAY)
@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_table_whose_rows_are_not_the_same_is_an_error(judged: Callable[..., Verdict], what: str, where: int) -> None:
    tables = [FORECASTS, FORECASTS, FORECASTS]
    tables[where] = ASTRAY[what]
    assert judged(BOTH_MAE, **three_tables(*tables)).outcomes[-1].status is Status.ERROR


@pytest.mark.parametrize(
    "again",
    [
        FORECASTS.iloc[:5],
        FORECASTS.iloc[:5].assign(day=lambda rows: rows["day"] + "T00:00"),
        FORECASTS.iloc[:5].assign(ahead=lambda rows: "0" + rows["ahead"].astype(str)),
    ],
)
@pytest.mark.parametrize("named", [{}, {"id": "id"}])
def test_a_forecast_that_stands_twice_is_an_error_however_it_is_written(
    judged: Callable[..., Verdict], again: pd.DataFrame, named: dict[str, str]
) -> None:
    rows = pd.concat([FORECASTS, again], ignore_index=True).assign(id=lambda all_rows: all_rows.index)
    rows["ahead"] = rows["ahead"].astype(str)
    given = {**three_tables(FORECASTS, FORECASTS, FORECASTS), "predictions": rows, "label": "sales", **named}
    del given["tables"], given["champion"]
    (outcome,) = judged(MAE, **given).outcomes
    assert outcome.status is Status.ERROR


def tagged() -> pd.DataFrame:
    truth = RANDOM.integers(0, 2, (400, 3))
    answers = {"y": truth} | {
        name: np.where(RANDOM.random(truth.shape) < wrong, 1 - truth, truth)
        for name, wrong in (("n", 0.1), ("o", 0.25))
    }
    columns = {f"{name}{of}": answers[name][:, at] for name in answers for at, of in enumerate(CLASSES)}
    return pd.DataFrame({"id": [f"r{row}" for row in range(400)], **columns})


TAGGED = tagged()


def by_class(prefix: str) -> dict[str, str]:
    return {name: f"{prefix}{name}" for name in CLASSES}


def values_of(prefix: str) -> Any:
    return TAGGED[list(by_class(prefix).values())].to_numpy()


TAGS = {"task": "multilabel", "labels": by_class("y"), "decisions": by_class("n")}
METRICS: dict[str, Callable[[Any, Any], float]] = {
    "metric: subset_accuracy": accuracy_score,
    "metric: hamming_loss": hamming_loss,
    "metric: f1, average: micro": lambda y, p: f1_score(y, p, average="micro"),
    "metric: f1, average: macro": lambda y, p: f1_score(y, p, average="macro"),
    "metric: f1, average: samples": lambda y, p: f1_score(y, p, average="samples", zero_division=1),
    "metric: jaccard, average: micro": lambda y, p: jaccard_score(y, p, average="micro"),
    "metric: f1, class: b": lambda y, p: f1_score(y[:, 1], p[:, 1]),
}
RULES = [f"id: r{at}, check: performance.champion, {metric}, margin: 0.3" for at, metric in enumerate(METRICS)]


@pytest.mark.parametrize("champion", ["columns", "another order", "a file"])
def test_a_multilabel_champion_with_decisions_is_compared_class_by_class(
    judged: Callable[..., Verdict], champion: str
) -> None:
    old, rows = {"decisions": by_class("o")}, TAGGED
    if champion == "another order":
        old = {"decisions": dict(reversed(by_class("o").items()))}
    if champion == "a file":
        other = shuffled(TAGGED[["id", *by_class("o").values()]], 4)
        # Its columns have the names of the candidate's own, as those of one scoring script have.
        old = {"path": other.rename(columns=dict(zip(by_class("o").values(), by_class("n").values()))), **TAGS}
        old = {key: old[key] for key in ("path", "decisions")}
        rows = TAGGED.drop(columns=[*by_class("o").values()])
    outcomes = judged(RULES, predictions=rows, champion=old, id="id", **TAGS).outcomes
    label, new, before = (values_of(prefix) for prefix in "yno")
    expected = [metric(label, new) - metric(label, before) for metric in METRICS.values()]
    assert [outcome.findings[0].value for outcome in outcomes] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("classes", [CLASSES, ["b"]])
def test_a_multilabel_champion_that_is_inverted_is_not_beaten(
    judged: Callable[..., Verdict], classes: list[str]
) -> None:
    inverted = TAGGED.assign(**{f"o{name}": 1 - TAGGED[f"o{name}"] for name in classes})
    champion = {"decisions": by_class("o")}
    for outcome in judged(RULES, predictions=inverted, champion=champion, **TAGS).outcomes:
        assert outcome.status is Status.ERROR
        assert "the champion is worse than guessing (informedness of class `" in outcome.message
