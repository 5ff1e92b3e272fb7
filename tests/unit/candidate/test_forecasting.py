"""What a forecaster's candidate file must say, and what no other may."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import load_candidate
from mlgate.values.errors import InputError

HEAD = "mlgate: 1\ncandidate: demand\ntask: forecasting\n"
ROLES = "path: p.csv, series: store, time: week, horizon: h, label: y, prediction: f"
SERIES_AND_TIME = "name those of the series, then of the time, as in [store, week]"
HISTORY = "tables: {history: {path: h.csv, key: [store, week], label: y}}\n"


def load(folder: Path, text: str) -> Candidate:
    (folder / "candidate.yaml").write_text(text, encoding="utf-8")
    return load_candidate(folder / "candidate.yaml", workspace=folder)


def test_a_forecast_is_identified_by_series_time_horizon_and_cutoff(tmp_path: Path) -> None:
    candidate = load(tmp_path, f"{HEAD}predictions: {{{ROLES}, cutoff: o}}\n{HISTORY}")
    history = candidate.table("history")
    assert candidate.predictions is not None
    assert history is not None
    assert candidate.predictions.identity == ("store", "week", "h", "o")
    assert (history.key, history.label) == (("store", "week"), "y")


def test_an_id_may_be_made_of_series_and_time(tmp_path: Path) -> None:
    evaluation = "tables: {evaluation: {path: e.csv, key: [store, week], label: y}}\n"
    candidate = load(
        tmp_path, f"{HEAD}predictions: {{{ROLES.replace('label: y, ', '')}, id: [store, week]}}\n{evaluation}"
    )
    assert candidate.predictions is not None
    assert candidate.predictions.identity == ("store", "week")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEAD.replace("forecasting", "regression")
            + "predictions: {path: p.csv, label: y, prediction: f, horizon: h}\n",
            "4:53: `predictions.horizon` is for forecasting tasks, not regression; remove it",
        ),
        (
            HEAD + "predictions: {path: p.csv, label: y, prediction: f, time: week}\n",
            "4:1: `predictions.horizon` is missing, which is the number of steps ahead; add `horizon: COLUMN`",
        ),
        (
            HEAD + f"predictions: {{{ROLES.replace('time: week, ', '')}}}\n",
            "4:1: `predictions.time` is missing, which is the time that is forecast; add `time: COLUMN`",
        ),
        (
            HEAD + f"predictions: {{{ROLES}, count: n}}\n",
            "4:92: `predictions.count` is not for forecasting tasks; each forecast must be one row; remove it",
        ),
        (
            HEAD + f"predictions: {{{ROLES}, cutoff: week}}\n",
            "4:92: column `week` is both `time` and `cutoff` of the predictions; name one column for each",
        ),
        (
            HEAD + f"predictions: {{{ROLES}}}\n" + HISTORY.replace(", label: y", ""),
            "5:10: `tables.history` has no `label`; add the column of the values",
        ),
        (
            HEAD + f"predictions: {{{ROLES}}}\n" + HISTORY.replace("[store, week]", "week"),
            f"5:33: `tables.history.key` names 1 of the 2 required columns; {SERIES_AND_TIME}",
        ),
        (HEAD + "positive: 1\nmodel: {path: m}\n", "4:1: `positive` is for binary tasks, not forecasting; remove it"),
        (
            HEAD + "tables: {forecasts: {path: f.csv}}\n",
            "4:10: the table name `forecasts` is reserved; choose another",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, text)
    assert [str(problem) for problem in caught.value.problems] == [f"candidate.yaml:{said}"]
