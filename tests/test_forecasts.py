"""Forecasts through the whole gate: frames, labels of an evaluation table, slices by horizon and facts that travel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.cli.main import run
from mlgate.values.errors import InputError

POLICY = """\
mlgate: 1
policy: gate
owner: docs@example.com
rules:
  - {id: mase, check: performance.metric, metric: mase, season: 4, by: [h], at_most: 5}
  - {id: relative, check: performance.metric, metric: relative_mae, season: 4, at_most: 1}
  - {id: series, check: performance.metric, metric: mae, by: [store], at_most: 5}
"""
CANDIDATE = """\
mlgate: 1
candidate: demand
task: forecasting
predictions: {path: p.csv, id: row, series: store, time: week, horizon: h, cutoff: origin, prediction: sales}
tables:
  evaluation: {path: e.csv, key: row, label: sales}
  history: {path: h.csv, key: [shop, week], label: sold}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "gate.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def panel() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecasts of three stores, 1 to 12 weeks ahead of seven origins, and the history of the stores."""
    random, rows, past = np.random.default_rng(11), [], []
    for store in ("north", "south", "west"):
        y = np.round(np.cumsum(random.normal(size=60)) + 10 * np.sin(np.arange(60)), 3)
        past += [(store, week, y[week]) for week in range(60)]
        rows += [
            (store, o, o + h, h, y[o + h], y[o + h] + random.normal()) for o in range(28, 47, 3) for h in range(1, 13)
        ]
    columns = ["store", "origin", "week", "h", "sales", "forecast"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(past, columns=["store", "week", "sales"])


def judged(rows: pd.DataFrame, history: pd.DataFrame | None, **changed: Any) -> mlgate.Verdict:
    roles = {"label": "sales", "prediction": "forecast", "series": "store", "time": "week", "horizon": "h"}
    roles |= {"cutoff": "origin", **changed}
    return mlgate.check(policy="gate.yaml", predictions=rows, history=history, task="forecasting", **roles)


def test_frames_are_judged_by_horizon_and_series(here: Path) -> None:
    verdict = judged(*panel())
    assert [outcome.status.value for outcome in verdict.outcomes] == ["PASS"] * 3
    slices = [[finding.where[0][1] for finding in outcome.findings if finding.where] for outcome in verdict.outcomes]
    assert slices == [[str(h) for h in range(1, 13)], [], ["north", "south", "west"]]
    (note,) = verdict.notes
    assert note.startswith("forecasts of one series are correlated")
    assert note.endswith("add `unit: {column: store}`")


def test_without_a_history_only_what_needs_it_is_an_error(here: Path) -> None:
    verdict = judged(panel()[0], None)
    assert [outcome.status.value for outcome in verdict.outcomes] == ["ERROR", "ERROR", "PASS"]
    assert "presents no history: add `tables: {history: {path, key, label}}`" in verdict.outcomes[0].message


def test_a_series_without_history_hinders_no_other_rule(here: Path) -> None:
    rows, history = panel()
    verdict = judged(rows, history[history.store != "west"])
    assert [outcome.status.value for outcome in verdict.outcomes] == ["ERROR", "ERROR", "PASS"]
    assert verdict.outcomes[0].message == ("84 of 252 forecasts have no scale. 84: its series has no history")


def test_series_of_another_kind_are_not_the_same_series(here: Path) -> None:
    rows, history = panel()
    numbers = {"north": 1, "south": 2, "west": 3}
    verdict = judged(
        rows.assign(store=rows.store.map(numbers)), history.assign(store=history.store.map(numbers).astype(str))
    )
    assert {outcome.status.value for outcome in verdict.outcomes} == {"ERROR"}
    assert "'007' and 7 are not the same id" in verdict.outcomes[0].message


@pytest.mark.parametrize("missing", ["time", "horizon"])
def test_a_frame_of_forecasts_says_time_and_horizon(here: Path, missing: str) -> None:
    with pytest.raises(InputError, match=f"predictions=: `{missing}` is missing, which .*; add `{missing}=COLUMN`"):
        judged(*panel(), **{missing: None})


def written(folder: Path) -> None:
    """The panel as files: labels, stores and weeks also in the evaluation table, under the model's names for others."""
    rows, history = panel()
    rows = rows.assign(row=[f"r{at}" for at in range(len(rows))])
    evaluation = rows[["row", "sales", "week"]].sample(frac=1, random_state=1)
    evaluation.to_csv(folder / "e.csv", index=False)
    rows.drop(columns="sales").rename(columns={"forecast": "sales"}).to_csv(folder / "p.csv", index=False)
    history.rename(columns={"store": "shop", "sales": "sold"}).to_csv(folder / "h.csv", index=False)
    (folder / "candidate.yaml").write_text(CANDIDATE)


def outcomes(file: Path) -> list[Any]:
    (verdict,) = json.loads(file.read_text())["verdicts"]
    return [
        [(f["where"], f["value"], f["lower"], f["upper"]) for f in entry["findings"]] for entry in verdict["outcomes"]
    ]


def test_labels_may_come_from_an_evaluation_table(here: Path) -> None:
    written(here)
    assert run(["check", "--policy", "gate.yaml", "--report", "json=v.json"]) == 0
    found = outcomes(here / "v.json")
    expected = judged(*panel()).outcomes
    for outcome, each in zip(expected, found, strict=True):
        assert [finding.value for finding in outcome.findings] == pytest.approx([f[1] for f in each], rel=1e-9)


def test_facts_measured_elsewhere_give_the_same_verdict(here: Path) -> None:
    written(here)
    assert run(["measure", "--policy", "gate.yaml", "--output", "facts.json"]) == 0
    assert run(["check", "--policy", "gate.yaml", "--report", "json=v.json"]) == 0
    assert run(["check", "--policy", "gate.yaml", "--facts", "facts.json", "--report", "json=w.json"]) == 0
    assert outcomes(here / "v.json") == outcomes(here / "w.json")


def test_with_the_series_as_unit_bounds_know_that_forecasts_hang_together(here: Path) -> None:
    written(here)
    rows, history = pd.read_csv(here / "p.csv"), pd.read_csv(here / "h.csv")
    for name, frame, column in (("p", rows, "store"), ("h", history, "shop")):
        copies = [frame.assign(**{column: frame[column] + str(at)}) for at in range(8)]
        several = pd.concat(copies, ignore_index=True)
        if name == "p":
            evaluation = pd.read_csv(here / "e.csv").set_index("row").loc[rows["row"]].reset_index()
            several["row"] = [f"r{at}" for at in range(len(several))]
            evaluation = pd.concat([evaluation] * 8, ignore_index=True).assign(row=several["row"])
            evaluation.to_csv(here / "e.csv", index=False)
        several.to_csv(here / f"{name}.csv", index=False)
    (here / "candidate.yaml").write_text(CANDIDATE + "unit: {column: store}\n")
    assert run(["check", "--policy", "gate.yaml", "--report", "json=v.json"]) == 1
    (verdict,) = json.loads((here / "v.json").read_text())["verdicts"]
    assert [entry["status"] for entry in verdict["outcomes"]] == ["PASS", "PASS", "INCONCLUSIVE"]
    assert all("24 units" in finding["note"] for finding in verdict["outcomes"][1]["findings"])
    assert verdict["notes"] == []


@pytest.mark.parametrize("champion", ["{prediction: old}", "{path: c.csv, id: row, prediction: old}"])
def test_a_champion_is_compared_on_the_same_scale_and_beside_the_same_naive_forecast(here: Path, champion: str) -> None:
    rows, history = panel()
    rows = rows.assign(row=range(len(rows)), old=rows.sales + 3 * (rows.forecast - rows.sales))
    rows.to_csv("p.csv", index=False)
    rows[["row", "old"]].sample(frac=1, random_state=2).to_csv("c.csv", index=False)
    history.to_csv("h.csv", index=False)
    (here / "candidate.yaml").write_text(
        "mlgate: 1\ncandidate: demand\ntask: forecasting\npredictions: {path: p.csv, id: row, series: store, "
        f"time: week, horizon: h, cutoff: origin, label: sales, prediction: forecast}}\nchampion: {champion}\n"
        "tables: {history: {path: h.csv, key: [store, week], label: sales}}\n"
    )
    rule = "{id: NAME, check: performance.champion, metric: NAME, season: 4, margin: 0.1}"
    rules = "".join(f"  - {rule.replace('NAME', name)}\n" for name in ("mase", "relative_mae"))
    (here / "champion.yaml").write_text(POLICY.split("  - ")[0].replace("policy: gate", "policy: champion") + rules)
    assert run(["check", "--policy", "champion.yaml", "--policy", "gate.yaml", "--report", "json=v.json"]) == 0
    (verdict,) = json.loads((here / "v.json").read_text())["verdicts"]
    worse = {entry["rule"]: entry["findings"][0]["value"] for entry in verdict["outcomes"][:2]}
    own = judged(*panel()).outcomes
    assert worse["relative_mae"] == pytest.approx(-2 * own[1].findings[0].value, rel=1e-9)
    assert worse["mase"] == pytest.approx(-2 * np.mean([f.value for f in own[0].findings]), rel=1e-9)
