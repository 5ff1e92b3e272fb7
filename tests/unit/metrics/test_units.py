"""Rows in units, from a table to an estimate: the same values as of independent rows, and bounds that know units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sklearn

from mlgate.evidence.engines.duckdb import DuckDB
from mlgate.evidence.evidence import OpenEvidence
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FrameSource
from mlgate.metrics.metric import Metric, Pair, Undefined
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question
from mlgate.metrics.registry import metrics
from mlgate.values.estimate import Estimate

LEVEL = 0.05
OPTIONS = Options(
    k=Fraction(1, 5),
    beta=Fraction(2),
    quantile=Fraction(9, 10),
    costs=(("tp", Fraction(-1)), ("fp", Fraction(1)), ("fn", Fraction(10)), ("tn", Fraction(0))),
)
ROLES = {"label": "y", "prediction": "p", "score": "s"}
WITHOUT = {"calibration_error", "calibration_slope", "calibration_intercept", "ks_statistic", "scoring_rate"}
"""Metrics that are refused where rows belong together."""
NEED_MORE = {"mean", "rate", "quantile", "top_k_accuracy", "interval_coverage", "interval_width", "max_error"}
"""Metrics of further columns, or without bounds at all."""


def binary(units: int = 60, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), random.integers(5, 16, units))
    own = random.normal(size=units)[unit]
    label = random.random(len(unit)) < 0.4 + 0.2 * (unit % 2)
    score = 1 / (1 + np.exp(-(1.5 * label + own + random.normal(size=len(unit)) - 0.7)))
    old = 1 / (1 + np.exp(-(1.2 * label + own + random.normal(size=len(unit)) - 0.7)))
    frame = {"u": unit, "y": label, "p": score > 0.5, "q": old > 0.5, "g": np.where(unit % 3, "a", "b")}
    return pd.DataFrame(frame).astype({"y": int, "p": int, "q": int}).astype(str).assign(s=score, o=old)


def numbers(units: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(1)
    unit = np.repeat(np.arange(units), random.integers(5, 16, units))
    label = 5 + random.normal(size=units)[unit] + random.random(len(unit))
    errors = [random.normal(size=units)[unit] * 0.5 + random.normal(size=len(unit)) * 0.3 for _ in range(2)]
    return pd.DataFrame({"u": unit, "y": label, "p": label + errors[0], "q": label + errors[1]})


def asked(frame: pd.DataFrame, task: str, tmp_path: Any, **more: Any) -> tuple[Any, Question]:
    opened = OpenEvidence(DuckDB(threads=1), {"t": FrameSource(frame)}, tmp_path)
    rows = Rows("t", "t", opened.schema("t"))
    positive = "1" if task == "binary" else None
    return opened, Question(rows, task, ROLES, OPTIONS, positive_class=positive, unit='"u"', **more)


def estimates(frame: pd.DataFrame, metric: Metric, tmp_path: Any) -> Mapping[str, Estimate]:
    evidence, in_units = asked(frame, metric.tasks[0], tmp_path)
    found, kind = {}, metric.kind
    for name, question in (("rows", replace(in_units, unit="")), ("units", in_units)):
        facts = evidence.measure(kind.needs(question))
        found[name] = kind.estimate(question, kind.groups(question, facts)[()])
    evidence.engine.close()
    return found


def entries(task: str) -> list[Metric]:
    chosen = [metric for each in metrics().values() for metric in each if task in metric.tasks]
    return [metric for metric in chosen if metric.name not in WITHOUT | NEED_MORE]


@pytest.mark.parametrize("metric", [*entries("binary"), *entries("regression")], ids=lambda metric: metric.name)
def test_values_are_those_of_rows_and_bounds_are_wider(metric: Metric, tmp_path: Any) -> None:
    frame = binary() if "binary" in metric.tasks else numbers()
    found = estimates(frame, metric, tmp_path)
    rows, units = found["rows"], found["units"]
    assert (units.value, units.exact, units.n, units.rows) == (rows.value, rows.exact, rows.n, rows.rows)
    assert units.lower(LEVEL) <= rows.lower(LEVEL) + 1e-9 < rows.upper(LEVEL) <= units.upper(LEVEL) + 1e-9
    assert units.upper(LEVEL) - units.lower(LEVEL) > 1.02 * (rows.upper(LEVEL) - rows.lower(LEVEL))
    assert units.note.startswith("60 units")
    assert units.share is None


@pytest.mark.parametrize("metric", entries("binary"), ids=lambda metric: metric.name)
def test_nineteen_units_have_no_bounds(metric: Metric, tmp_path: Any) -> None:
    units = estimates(binary(19), metric, tmp_path)["units"]
    assert units.lower(LEVEL) is units.upper(LEVEL) is None
    assert "bounds require 20" in units.no_bound_because


@pytest.mark.parametrize(("rate", "rest"), [("false_positive_rate", "specificity"), ("false_negative_rate", "recall")])
def test_a_rate_of_mistakes_is_bounded_as_what_is_left(rate: str, rest: str, tmp_path: Any) -> None:
    """Units that the sample has missed may be wholly wrong, which is the upper bound of a rate of mistakes."""
    named = {metric.name: metric for metric in entries("binary")}
    mistakes, right = (estimates(binary(), named[name], tmp_path)["units"] for name in (rate, rest))
    assert mistakes.value == pytest.approx(1 - right.value)
    assert mistakes.upper(LEVEL) == pytest.approx(1 - right.lower(LEVEL))
    assert mistakes.lower(LEVEL) == pytest.approx(1 - right.upper(LEVEL))


def test_metrics_that_know_no_units() -> None:
    assert {m.name for each in metrics().values() for m in each if not m.kind.in_units} == WITHOUT


def test_groups_are_apart(tmp_path: Any) -> None:
    frame = binary()
    (metric,) = (entry for entry in metrics()["recall"] if "binary" in entry.tasks)
    evidence, question = asked(frame, "binary", tmp_path)
    kind = metric.kind
    by = replace(question, by=(question.rows.column("g", "by").term,))
    grouped = kind.groups(by, evidence.measure(kind.needs(by)))
    for (name,), stats in grouped.items():
        alone = replace(question, where=f"\"g\" = '{name}'")
        whole = kind.groups(alone, evidence.measure(kind.needs(alone)))[()]
        one, other = kind.estimate(by, stats), kind.estimate(alone, whole)
        assert (one.value, one.note, one.lower(LEVEL)) == (other.value, other.note, other.lower(LEVEL))
    evidence.engine.close()


def difference(frame: pd.DataFrame, metric: Metric, tmp_path: Any, relative: bool = False) -> Estimate:
    evidence, new = asked(frame, metric.tasks[0], tmp_path)
    pair = Pair(new, replace(new, roles={**ROLES, "prediction": "q", "score": "o"}), relative)
    facts = evidence.measure(metric.kind.needs(pair))
    found = metric.kind.estimate(pair, metric.kind.groups(pair, facts)[()])
    evidence.engine.close()
    return found


def cost(y: Any, p: Any) -> float:
    table = sklearn.confusion_matrix(y, p, labels=["0", "1"])
    return float((table * [[0, 1], [10, -1]]).sum() / len(y))


PAIRED: Mapping[str, Callable[[Any, Any], float]] = {
    "accuracy": sklearn.accuracy_score,
    "recall": partial(sklearn.recall_score, pos_label="1"),
    "precision": partial(sklearn.precision_score, pos_label="1"),
    "f1": partial(sklearn.f1_score, pos_label="1"),
    "fbeta": partial(sklearn.fbeta_score, pos_label="1", beta=2),
    "balanced_accuracy": sklearn.balanced_accuracy_score,
    "matthews_corrcoef": sklearn.matthews_corrcoef,
    "expected_cost": cost,
    "roc_auc": sklearn.roc_auc_score,
    "gini": lambda y, s: 2 * sklearn.roc_auc_score(y, s) - 1,
    "brier_score": lambda y, s: float(((s - (y == "1")) ** 2).mean()),
    "mae": sklearn.mean_absolute_error,
    "rmse": sklearn.root_mean_squared_error,
    "mean_error": lambda y, p: float((p - y).mean()),
    "wape": lambda y, p: float(abs(p - y).sum() / abs(y).sum()),
    "r2": sklearn.r2_score,
}
OF_SCORES = ("roc_auc", "gini")
FAST = ("accuracy", "f1", "balanced_accuracy", "roc_auc", "mae", "wape", "r2")
"""One metric per kind of statistic."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in PAIRED]
)
def test_differences_against_leaving_out_units(name: str, tmp_path: Any) -> None:
    """The standard error is near that of a jackknife of units, but never below that of independent rows.

    In quadrature with it stands what units that the sample has missed may do.
    """
    (metric,) = (entry for entry in metrics()[name] if entry.tasks[0] in ("binary", "regression"))
    frame = binary() if "binary" in metric.tasks else numbers()
    found = difference(frame, metric, tmp_path)

    def value(part: pd.DataFrame) -> float:
        new, old = ("s", "o") if name in (*OF_SCORES, "brier_score") else ("p", "q")
        return PAIRED[name](part.y, part[new]) - PAIRED[name](part.y, part[old])

    assert found.value == pytest.approx(value(frame), abs=1e-12)
    assert found.units
    left_out = np.array([value(frame[frame.u != unit]) for unit in frame.u.unique()])
    jackknife = np.sqrt((len(left_out) - 1) / len(left_out) * ((left_out - left_out.mean()) ** 2).sum())
    for bound, better in ((found.lower(LEVEL), False), (found.upper(LEVEL), True)):
        missed = 0.0
        if name in OF_SCORES:
            counts = (frame[frame.y == label].u.nunique() for label in ("0", "1"))
            missed = np.hypot(*(1 - LEVEL ** (1 / count) for count in counts)) * (2 if name == "gini" else 1)
        elif name == "brier_score":  # rows on which one model is right and the other as wrong as can be
            further = len(with_further_units(frame, better)) - 20 * len(frame)
            missed = further / (20 * len(frame) + further) * ((1 if better else -1) - found.value)
        elif "binary" in metric.tasks:
            missed = value(with_further_units(frame, better)) - found.value
        least, most = (np.hypot(factor * 1.671 * jackknife, missed) for factor in (0.97, 1.35))
        assert least <= abs(bound - found.value) <= most


def with_further_units(frame: pd.DataFrame, better: bool) -> pd.DataFrame:
    """The frame 20 times, with units on which the new model is always right and the old one wrong, or reversed.

    They are as many as 60 units may have missed, as large as the unit of a typical row, and have the frame's labels.
    """
    sizes = frame.groupby("u").size()
    share = 1 - LEVEL ** (1 / len(sizes))
    rows = len(sizes) * share / (1 - share) * (sizes**2).sum() / sizes.sum()
    labels = frame.y.value_counts(normalize=True)
    right = np.repeat(labels.index, [round(20 * rows * part) for part in labels])
    wrong = np.where(right == "1", "0", "1")
    further = pd.DataFrame({"y": right, "p": right if better else wrong, "q": wrong if better else right})
    return pd.concat([*[frame] * 20, further])


@pytest.mark.parametrize("name", ["accuracy", "f1", "roc_auc", "mae", "wape"])
def test_relative_differences(name: str, tmp_path: Any) -> None:
    metric = metrics()[name][0]
    frame = binary() if "binary" in metric.tasks else numbers()
    plain, relative = (difference(frame, metric, tmp_path, each) for each in (False, True))
    old = plain.value / relative.value
    assert relative.lower(LEVEL) == pytest.approx(plain.lower(LEVEL) / old, abs=0.02)
    assert relative.upper(LEVEL) == pytest.approx(plain.upper(LEVEL) / old, abs=0.02)


def test_a_change_relative_to_nothing_is_undefined(tmp_path: Any) -> None:
    frame = numbers().assign(q=lambda f: f.y)
    with pytest.raises(Undefined, match="no change is relative to 0 or less"):
        difference(frame, metrics()["mae"][0], tmp_path, relative=True)


def test_the_same_model_twice_does_not_differ(tmp_path: Any) -> None:
    frame = binary().assign(q=lambda f: f.p)
    found = difference(frame, metrics()["accuracy"][0], tmp_path)
    assert (found.value, found.exact) == (0, 0)
    further = with_further_units(frame, better=True)
    missed = (further.p == further.y).mean() - (further.q == further.y).mean()
    assert found.upper(LEVEL) == -found.lower(LEVEL)
    assert missed < found.upper(LEVEL) < np.hypot(missed, 0.05)
