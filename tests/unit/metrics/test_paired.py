"""Every comparison of two models, through the real evidence, against each model's own value."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from metric_oracles_numbers import ORACLES
from metric_samples import FRAMES, Frame
from test_oracles import ENTRIES, asked, frames

from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FrameSource
from mlgate.metrics.base import Pair, Undefined
from mlgate.metrics.kinds.of_sums import OfSums
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question
from mlgate.values.errors import EvidenceError

ANSWERS = ("prediction", "score", "lower", "upper")
OF_HISTORY = ("mase", "relative_mae")
"""Read columns that are computed from a forecast's history, and are ratios of sums like wape."""
PAIRED = [
    name
    for name, metric in ENTRIES.items()
    if metric.kind.paired is not None and "column" not in metric.takes and metric.name not in OF_HISTORY
]
NEVER = {
    "quantile", "rate", "mean", "scoring_rate", "average_precision", "calibration_error", "ks_statistic", "lift_at_k",
    "precision_at_k", "prevalence", "recall_at_k", "max_error", "median_absolute_error", "calibration_slope",
    "calibration_intercept",
}  # fmt: skip
"""Metrics that read no answer of a model, and those of kinds that compare no two models on the same rows."""
OVER_CLASSES = [name for name, metric in ENTRIES.items() if isinstance(metric.kind, OfSums)]
"""Averages that are not compared; one class's own of the same name is."""
EXPLAINED = ("r2", "brier_skill")
"""Shares of a spread: a relative change of these depends on how far they are from 0."""


def is_answer(role: str) -> bool:
    return role in ANSWERS or role.startswith("decisions.")


def with_an_earlier_model(frame: Frame) -> Frame:
    """The frame with an earlier model's answers beside: some like the new one's, some not."""
    random, rows = np.random.default_rng(5), frame.rows.copy()
    shuffled = rows.index.to_numpy().copy()
    moved = random.random(len(rows)) < 0.4
    shuffled[moved] = random.permutation(shuffled[moved])
    for name in [*(frame.roles[role] for role in frame.roles if is_answer(role)), *(name for _, name in frame.scores)]:
        rows[f"old {name}"] = rows[name].to_numpy()[shuffled]
    return replace(frame, rows=rows)


def asked_of(frame: Frame, metric, options: Options, evidence) -> Pair:
    table = list(frame.tables())[-1]
    rows = Rows(table, "the predictions", evidence.schema(table))
    by, scores = (rows.column("g", "by").term,), frame.scores
    new = Question(rows, frame.task, frame.roles, options, by, "", frame.positive, frame.classes, scores)
    new = replace(new, separator="|")
    roles = {role: f"old {name}" if is_answer(role) else name for role, name in frame.roles.items()}
    return Pair(new, replace(new, roles=roles, scores=tuple((of, f"old {name}") for of, name in scores)))


def value_of(kind, question, stats):
    try:
        return kind.estimate(question, stats)
    except Undefined:
        return None


def compare(name: str, frame: Frame, options: Options) -> int:
    """Compare the differences of all groups with those of both models' own values; how many had one."""
    metric, frame = ENTRIES[name], with_an_earlier_model(frame)
    kind = metric.kind
    with open_evidence(frame.tables(), Path(), threads=1) as evidence:
        pair = asked_of(frame, metric, options, evidence)
        needs = tuple(dict.fromkeys((*kind.paired.needs(pair), *kind.needs(pair.new), *kind.needs(pair.old))))
        facts = Facts(evidence.measure(needs).answers)
        joint = kind.paired.groups(pair, Facts({need: facts.answers[need] for need in kind.paired.needs(pair)}))
        each = [kind.groups(question, facts) for question in (pair.new, pair.old)]
    seen = 0
    for group, stats in joint.items():
        new, old = (value_of(kind, *found) for found in zip((pair.new, pair.old), (each[0][group], each[1][group])))
        for relative in (False, True):
            try:
                found = kind.paired.difference(pair, stats, relative)
            except Undefined:
                assert new is None or old is None or (relative and (old.value <= 0 or name.endswith(EXPLAINED)))
                continue
            assert new is not None
            assert old is not None
            expected = new.value / old.value - 1 if relative else new.value - old.value
            wide = 1e-9 * max(1.0, abs(new.value), abs(old.value)) * (1e3 if name.endswith(EXPLAINED) else 1)
            assert math.isclose(found.value, expected, rel_tol=1e-6, abs_tol=wide), (group, relative)
            assert found.rows == new.rows == stats.rows
            low, high = found.lower(0.05), found.upper(0.05)
            assert low is None or high is None or low <= high
            assert (low is not None and high is not None) or found.no_bound_because
            seen += 1
    return seen


def test_every_kind_says_whether_it_compares():
    assert {ENTRIES[name].name for name in set(ENTRIES) - {*PAIRED, *OVER_CLASSES}} == NEVER | set(OF_HISTORY)
    assert {ENTRIES[name].name for name in PAIRED if "ranking" not in ENTRIES[name].tasks} & NEVER == set()


@pytest.mark.parametrize("name", PAIRED)
def test_the_difference_is_that_of_both_values(name):
    frame = frames(ORACLES[name].frames)[0]
    assert sum(compare(name, frame, options) for options in asked(name, frame)) >= 12


@pytest.mark.parametrize("name", [name for name in PAIRED if ENTRIES[name].kind.weighted])
def test_the_difference_under_sampling_weights(name):
    frame = frames(ORACLES[name].frames)[0].with_role("weight")
    assert sum(compare(name, frame, options) for options in asked(name, frame)) >= 8


@pytest.mark.parametrize("name", [name for name in PAIRED if "ranking" not in ENTRIES[name].tasks])
def test_the_difference_of_rows_that_are_counted(name):
    frame = frames(ORACLES[name].frames)[0].with_role("count")
    assert sum(compare(name, frame, options) for options in asked(name, frame)) >= 12


def test_sums_that_are_divided_by_other_numbers_are_not_compared():
    (metric,) = (metric for metric in ENTRIES.values() if metric.name == "wape")
    frame = with_an_earlier_model(FRAMES["regression"]()[0])
    with open_evidence({"predictions": FrameSource(frame.rows)}, Path(), threads=1) as evidence:
        pair = asked_of(frame, metric, Options(), evidence)
    other = replace(pair, old=replace(pair.old, roles={**pair.old.roles, "label": "p"}))
    with pytest.raises(EvidenceError, match="divided by different numbers"):
        tuple(metric.kind.paired.needs(other))
