"""Terms of the field stand for rules about metrics, and are those rules to the last digit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlgate.checks.fairness.calibration import CalibrationByGroup
from mlgate.checks.fairness.terms import (
    DemographicParity,
    EqualizedOdds,
    EqualOpportunity,
    ErrorParity,
    FourFifths,
    MeanPrediction,
    MeanResidual,
    PredictiveParity,
)
from mlgate.values.estimate import Estimate, Unanswered
from support.fairness import measured, subject

RNG = np.random.default_rng(11)
FRAME = pd.DataFrame({"g": RNG.choice(list("abc"), 600), "y": RNG.normal(50, 9, 600)})
FRAME["p"] = FRAME["y"] + RNG.normal(0, 3, 600) + (FRAME["g"] == "b") * 2
NUMBERS = subject(task="regression", positive=None, classes=(), roles={"label": "y", "prediction": "p"})


@pytest.mark.parametrize(
    ("check", "said", "value"),
    [
        (MeanPrediction, "mean_prediction gap", lambda rows: rows["p"].mean()),
        (ErrorParity, "mae gap", lambda rows: (rows["p"] - rows["y"]).abs().mean()),
        (MeanResidual, "mean_error gap", lambda rows: (rows["p"] - rows["y"]).mean()),
    ],
)
def test_terms_of_regression(check: Any, said: str, value: Any) -> None:
    each = {group: value(rows) for group, rows in FRAME.groupby("g")}
    asked = check(by=(("g",),), reference="a")
    assert asked.measured == said
    found = measured(asked, NUMBERS, **{name: list(FRAME[name]) for name in FRAME})
    assert {answer.where[0][1]: pytest.approx(answer.value) for answer in found} == {
        group: abs(each[group] - each["a"]) for group in "bc"
    }
    for answer in found:
        assert answer.lower(0.05) <= answer.value <= answer.upper(0.05)


def test_calibration_within_groups() -> None:
    """Scores of b are ten points too high, and those of a are right."""
    score = RNG.uniform(0.1, 0.8, 8000)
    group = RNG.choice(list("ab"), 8000)
    label = (RNG.uniform(size=8000) < score).astype(int)
    shown = np.where(group == "b", score + 0.1, score)
    check = CalibrationByGroup(by=(("g",),))
    assert check.measured == "calibration_error"
    of = subject(roles={"label": "y", "score": "s"})
    a, b, diagram = measured(check, of, y=[str(v) for v in label], s=list(shown), g=list(group))
    assert a.value < 0.03
    assert b.lower(0.05) > 0.05
    assert b.value == pytest.approx(0.1, abs=0.03)
    of_a, of_b, calibrated = diagram.shown.lines
    assert (of_a.name, of_b.name, calibrated.points) == ("g=a", "g=b", ((0.0, 0.0), (1.0, 1.0)))
    assert all(abs(rate - probability) < 0.08 for probability, rate in of_a.points)
    assert np.mean([probability - rate for probability, rate in of_b.points]) == pytest.approx(0.1, abs=0.03)


def test_a_reliability_diagram_shows_no_bin_of_a_few_rows() -> None:
    """A bin of one row would show its score and its label."""
    of = subject(roles={"label": "y", "score": "s"})
    rows = {"y": ["1", "0"] * 10, "s": [0.5] * 11 + [0.9] * 9, "g": ["a"] * 20}
    *_, diagram, _ = measured(CalibrationByGroup(by=(("g",),)), of, **rows)
    (line, _) = diagram.shown.lines
    assert line.points == ((0.5, 6 / 11),)


def test_calibration_of_one_group_alone_says_nothing_of_fairness() -> None:
    of = subject(roles={"label": "y", "score": "s"})
    rows = {"y": ["1", "0"] * 200, "s": [0.5] * 400}
    *_, last = measured(CalibrationByGroup(by=(("g",),)), of, **rows, g=["a"] * 400)
    assert isinstance(last, Unanswered)
    assert last.said == "the rule needs two groups, and 1 of g can be judged"
    a, b, _ = measured(CalibrationByGroup(by=(("g",),)), of, **rows, g=["a"] * 200 + ["b"] * 200)
    assert {type(a), type(b)} == {Estimate}


def test_a_favourable_class_of_many() -> None:
    grades = RNG.choice(["gold", "silver", "none"], 300)
    group = RNG.choice(list("ab"), 300)
    of = subject(task="multiclass", positive=None, classes=("gold", "silver", "none"))
    check = DemographicParity(by=(("g",),), class_="gold")
    assert check.measured == "selection_rate of class gold gap"
    (found,) = measured(check, of, y=list(grades), p=list(grades), g=list(group))
    rates = pd.Series(grades == "gold").groupby(group).mean()
    assert found.value == pytest.approx(abs(rates["a"] - rates["b"]))


@pytest.mark.parametrize("class_", ["gold", "silver", "none"])
@pytest.mark.parametrize(
    ("term", "values"),
    [
        (EqualOpportunity, lambda y, p: [p[y].mean()]),
        (PredictiveParity, lambda y, p: [y[p].mean()]),
        (EqualizedOdds, lambda y, p: [p[y].mean(), p[~y].mean()]),
        (FourFifths, lambda y, p: [p.mean()]),
    ],
)
def test_every_term_of_decisions_per_favourable_class(class_: str, term: Any, values: Any) -> None:
    grades = ["gold", "silver", "none"]
    frame = pd.DataFrame({"y": RNG.choice(grades, 600), "g": RNG.choice(list("ab"), 600)})
    frame["p"] = np.where(RNG.random(600) < 0.6, frame["y"], RNG.choice(grades, 600))
    of = subject(task="multiclass", positive=None, classes=tuple(grades))
    check = term(by=(("g",),), class_=class_)
    assert f"of class {class_}" in check.measured
    found = measured(check, of, **{name: list(frame[name]) for name in frame})
    a, b = (
        values((rows["y"] == class_).to_numpy(), (rows["p"] == class_).to_numpy()) for _, rows in frame.groupby("g")
    )
    ratio = term is FourFifths
    expected = [min(x, y) / max(x, y) if ratio else abs(x - y) for x, y in zip(a, b, strict=True)]
    assert [answer.value for answer in found] == pytest.approx(expected, abs=1e-12)
