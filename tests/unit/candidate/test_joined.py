"""Rows of two tables are joined to the right ones, by what pandas and scikit-learn make of the same frames."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    fbeta_score,
    hamming_loss,
    jaccard_score,
    precision_score,
    recall_score,
)

import mlgate
from mlgate.metrics.metric import Better
from mlgate.metrics.registry import metrics
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
        (f"s{shop}", str(day.date()), ahead, str((day - pd.Timedelta(days=ahead)).date()), 100.0 * shop + 10 * at + 5)
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


FORECASTS["region"] = np.where(FORECASTS["shop"].str[-1] < "5", "n", "s")
for of_model, wide in (("new", 2.0), ("old", 2.5)):
    FORECASTS[f"{of_model}_low"] = FORECASTS[of_model] - wide
    FORECASTS[f"{of_model}_high"] = FORECASTS[of_model] + wide


def history() -> pd.DataFrame:
    """The sales of every shop on 60 days, those that are forecast among them."""
    days = [str(day.date()) for day in pd.date_range("2023-12-01", periods=60)]
    forecast = FORECASTS.groupby(["shop", "day"])["sales"].first()
    rows = [(shop, day, forecast.get((shop, day), 20 + RANDOM.normal(0, 5))) for shop in set(FORECASTS["shop"])
            for day in days]  # fmt: skip
    return pd.DataFrame(rows, columns=["shop", "day", "sales"])


HISTORY = history()
SALES = {shop: (of["day"].to_numpy(), of["sales"].to_numpy()) for shop, of in HISTORY.groupby("shop")}


def known(row: Any) -> Any:
    """The values of the row's shop up to its cutoff."""
    days, sales = SALES[row.shop]
    return sales[days <= row.cutoff]


FORECASTS["scale"] = [np.abs(np.diff(known(row))).mean() for row in FORECASTS.itertuples()]
FORECASTS["last"] = [known(row)[-1] for row in FORECASTS.itertuples()]
FORECAST_METRICS: dict[str, Callable[[Any], float]] = {
    "metric: mae": lambda f: np.abs(f.error).mean(),
    "metric: mse": lambda f: (f.error**2).mean(),
    "metric: rmse": lambda f: np.sqrt((f.error**2).mean()),
    "metric: mape": lambda f: np.abs(f.error / f.sales).mean(),
    "metric: smape": lambda f: (2 * np.abs(f.error) / (np.abs(f.said) + np.abs(f.sales))).mean(),
    "metric: wape": lambda f: np.abs(f.error).sum() / np.abs(f.sales).sum(),
    "metric: mean_prediction": lambda f: f.said.mean(),
    "metric: mean_error": lambda f: f.error.mean(),
    "metric: pinball_loss, quantile: 0.9": lambda f: np.maximum(-0.9 * f.error, 0.1 * f.error).mean(),
    "metric: interval_coverage": lambda f: ((f.low <= f.sales) & (f.sales <= f.high)).mean(),
    "metric: interval_width": lambda f: (f.high - f.low).mean(),
    "metric: mase, season: 1": lambda f: (np.abs(f.error) / f.scale).mean(),
    "metric: relative_mae, season: 1": lambda f: np.abs(f.error).sum() / np.abs(f.sales - f["last"]).sum(),
}
INTERVALS = ("", "_low", "_high")


def new_less_old(metric: Callable[[Any], float], rows: pd.DataFrame) -> float:
    """The new model's value less the old one's."""
    new, old = (
        rows.assign(said=rows[of], error=rows[of] - rows["sales"], low=rows[f"{of}_low"], high=rows[f"{of}_high"])
        for of in ("new", "old")
    )
    return float(metric(new) - metric(old))


def test_every_metric_of_forecasts_is_compared() -> None:
    assert set(map(named, FORECAST_METRICS)) == compared("forecasting")


@pytest.mark.parametrize("joined", ["evaluation", "predictions", "columns"])
@pytest.mark.parametrize("by", ["", pytest.param("region", marks=pytest.mark.slow)])
def test_forecasts_of_two_models_are_compared_by_every_metric(
    judged: Callable[..., Verdict], joined: str, by: str
) -> None:
    rules = [
        f"id: r{at}, check: performance.champion, {metric}, {way(named(metric)[0]).replace('0.9', '0.99')}"
        for at, metric in enumerate(FORECAST_METRICS)
    ]
    rules = [f"{rule}, by: {by}" if by else rule for rule in rules]
    own, old = ([f"{model}{end}" for end in INTERVALS] for model in ("new", "old"))
    given: dict[str, Any] = {
        "task": "forecasting", "series": "shop", "time": "day", "horizon": "ahead", "cutoff": "cutoff",
        **dict(zip(("prediction", "lower", "upper"), own)),
        "tables": {"history": {"path": shuffled(HISTORY, 5), "key": ["shop", "day"], "label": "sales"}},
    }  # fmt: skip
    champion: dict[str, Any] = dict(zip(("prediction", "lower", "upper"), old))
    if joined == "columns":
        given |= {"predictions": shuffled(FORECASTS, 1), "label": "sales", "champion": champion}
    else:
        answers = shuffled(FORECASTS[[*KEY, *old]], 2).rename(columns=dict(zip(old, own)))
        given["champion"] = {"path": answers, **dict(zip(champion, own))}
        given["predictions"] = shuffled(FORECASTS[[*KEY, *own]], 1)
        if joined == "predictions":
            given |= {"predictions": shuffled(FORECASTS[[*KEY, *own, "sales", "region"]], 1), "label": "sales"}
        else:
            labels = shuffled(FORECASTS[[*KEY, "sales", "region"]], 3)
            given["tables"]["evaluation"] = {"path": labels, "key": KEY, "label": "sales"}
    outcomes = judged(rules, **given).outcomes
    groups = [rows for _, rows in FORECASTS.groupby("region")] if by else [FORECASTS]
    for outcome, metric in zip(outcomes, FORECAST_METRICS.values()):
        found = [finding.value for finding in outcome.findings]
        assert found == pytest.approx([new_less_old(metric, rows) for rows in groups], rel=1e-9), outcome


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


def of_one(y: Any, p: Any, name: str) -> float:
    """A metric of one class."""
    y, p = y[:, 1] == 1, p[:, 1] == 1
    hits = {"precision": y[p], "recall": p[y], "specificity": ~p[~y], "false_positive_rate": p[~y],
            "false_negative_rate": ~p[y], "negative_predictive_value": ~y[~p], "selection_rate": p}  # fmt: skip
    return float(hits[name].mean()) if name in hits else float((y & p).sum() / (y | p).sum())


def averaged(function: Any, average: str) -> Callable[[Any, Any], float]:
    return lambda y, p: float(function(y, p, average=average, zero_division=1 if average == "samples" else 0))


METRICS: dict[str, Callable[[Any, Any], float]] = {
    "metric: subset_accuracy": accuracy_score,
    "metric: hamming_loss": hamming_loss,
    "metric: f1, class: b": lambda y, p: f1_score(y[:, 1], p[:, 1]),
    "metric: fbeta, class: b, beta: 2": lambda y, p: fbeta_score(y[:, 1], p[:, 1], beta=2),
}
AVERAGES = {
    precision_score: ("macro", "micro"), recall_score: ("macro", "micro"), f1_score: ("macro", "micro", "samples"),
    jaccard_score: ("macro", "micro", "samples"),
}  # fmt: skip
METRICS |= {
    f"metric: {function.__name__.removesuffix('_score')}, average: {average}": averaged(function, average)
    for function, averages in AVERAGES.items()
    for average in averages
}
ONE_CLASS = (
    "precision", "recall", "specificity", "false_positive_rate", "false_negative_rate", "negative_predictive_value",
    "selection_rate", "jaccard",
)  # fmt: skip
METRICS |= {f"metric: {name}, class: b": partial(of_one, name=name) for name in ONE_CLASS}


def compared(task: str) -> set[tuple[str, str | None]]:
    """Every metric of a task that two models are compared by, with its average."""
    every = (metric for entries in metrics().values() for metric in entries)
    return {(of.name, of.average) for of in every if task in of.tasks and of.kind.compared and "column" not in of.takes}


def way(name: str) -> str:
    """How a rule compares two models by a metric."""
    neither = any(metric.better is Better.NEITHER for metric in metrics()[name])
    return "equivalent: 0.9" if neither else "margin: 0.3"


def named(metric: str) -> tuple[str, str | None]:
    keys = dict(part.split(": ") for part in metric.split(", "))
    return keys["metric"], "class" if "class" in keys else keys.get("average")


RULES = [
    f"id: r{at}, check: performance.champion, {metric}, {way(named(metric)[0])}" for at, metric in enumerate(METRICS)
]


def test_every_metric_of_several_labels_is_compared() -> None:
    assert set(map(named, METRICS)) == compared("multilabel")


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


def in_text(prefix: str) -> list[str]:
    return ["|".join(name for name, has in zip(CLASSES, row) if has) for row in values_of(prefix)]


@pytest.mark.parametrize("text", ["candidate", "champion"])
def test_one_model_may_say_its_classes_in_a_text_and_the_other_in_columns(
    judged: Callable[..., Verdict], text: str
) -> None:
    rows = TAGGED.assign(label=in_text("y"), new=in_text("n"), old=in_text("o"))
    given: dict[str, Any] = {"task": "multilabel", "classes": CLASSES, "separator": "|", "predictions": rows}
    if text == "candidate":
        given |= {"label": "label", "prediction": "new", "champion": {"decisions": by_class("o")}}
    else:
        given |= {"labels": by_class("y"), "decisions": by_class("n"), "champion": {"prediction": "old"}}
    label, new, before = (values_of(prefix) for prefix in "yno")
    found = [outcome.findings[0].value for outcome in judged(RULES, **given).outcomes]
    assert found == pytest.approx([of(label, new) - of(label, before) for of in METRICS.values()], abs=1e-9)


def test_what_a_champion_does_not_say_is_named(judged: Callable[..., Verdict]) -> None:
    scored = TAGGED.assign(**{f"s{name}": 0.5 for name in CLASSES})
    rules = [RULES[0], "id: f, check: performance.flips, of: changed, at_most: 0.3"]
    champion = {"scores": {name: f"s{name}" for name in CLASSES}}
    messages = [outcome.message for outcome in judged(rules, predictions=scored, champion=champion, **TAGS).outcomes]
    named = "the candidate names no decisions column of class `a`: add `decisions: {a: COLUMN}` to its `champion`"
    flips = "flips are for binary and multiclass candidates, and this one is multilabel; restrict the rule by"
    assert messages == [named, f"{flips} `when: {{task: ...}}`"]


def test_several_champions_are_compared_each_with_its_own_rows(judged: Callable[..., Verdict]) -> None:
    rows = TAGGED.assign(group=np.where(TAGGED.index % 2, "u", "v"))
    answers = TAGGED[["id"]].assign(**{f"o{name}": np.roll(TAGGED[f"o{name}"], at) for at, name in enumerate(CLASSES)})
    champions = {"one": {"decisions": by_class("o")}, "two": {"path": shuffled(answers, 6), "decisions": by_class("o")}}
    keys = "check: performance.champion, metric: f1, average: macro, margin: 0.9, by: group, against: [one, two]"
    (outcome,) = judged([f"id: r, {keys}"], predictions=rows, id="id", champions=champions, **TAGS).outcomes
    old = {"one": values_of("o"), "two": answers[[f"o{name}" for name in CLASSES]].to_numpy()}
    for finding in outcome.findings:
        where = dict(finding.where)
        own = (rows["group"] == where["group"]).to_numpy()
        new, before = (averaged(f1_score, "macro")(values_of("y")[own], of[own])
                       for of in (values_of("n"), old[where["against"]]))  # fmt: skip
        assert finding.value == pytest.approx(new - before, abs=1e-9)
    assert len(outcome.findings) == 4


@pytest.mark.parametrize("classes", [CLASSES, ["b"]])
def test_a_multilabel_champion_that_is_inverted_is_not_beaten(
    judged: Callable[..., Verdict], classes: list[str]
) -> None:
    inverted = TAGGED.assign(**{f"o{name}": 1 - TAGGED[f"o{name}"] for name in classes})
    champion = {"decisions": by_class("o")}
    for outcome in judged(RULES, predictions=inverted, champion=champion, **TAGS).outcomes:
        assert outcome.status is Status.ERROR
        assert "the champion is worse than guessing (informedness of class `" in outcome.message
