"""Every comparison of two models is that of both models' own values, on random tables, weights and counts included."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from mlgate.metrics.metric import Metric, Pair
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question
from mlgate.values.estimate import Estimate
from support.entries import ENTRIES, one_fast_per_kind
from support.measured import answers, estimate, opened
from support.oracles import ORACLES
from support.tables import Frame, table

OF_HISTORY = {"mase", "relative_mae"}
"""Metrics of columns that are computed from a forecast's history; they are ratios of sums, like wape."""
COMPARED = [
    name
    for name, metric in ENTRIES.items()
    if metric.kind.compared and "column" not in metric.takes and metric.name not in OF_HISTORY
]
WEIGHTED = [name for name in COMPARED if ENTRIES[name].kind.weighted]
COUNTED = [name for name in COMPARED if "ranking" not in ENTRIES[name].tasks]
NEVER_COMPARED = {
    "quantile", "rate", "mean", "scoring_rate", "average_precision", "calibration_error", "ks_statistic", "lift_at_k",
    "precision_at_k", "prevalence", "recall_at_k", "max_error", "median_absolute_error", "calibration_slope",
    "calibration_intercept",
}  # fmt: skip
"""Metrics that read no prediction, and those of kinds that do not compare two models on the same rows."""
SHARES_OF_A_SPREAD = ("r2", "brier_skill")
"""A relative change of these depends on how far they are from 0."""


def test_every_metric_is_compared_or_named_as_never_compared() -> None:
    assert {ENTRIES[name].name for name in ENTRIES.keys() - set(COMPARED)} == {*NEVER_COMPARED, *OF_HISTORY}
    assert {ENTRIES[name].name for name in COUNTED} & NEVER_COMPARED == set()


@pytest.mark.parametrize("name", one_fast_per_kind(COMPARED))
def test_every_difference_is_that_of_both_values(name: str) -> None:
    assert groups_that_agree(name, table(ORACLES[name].tables)) >= 12


@pytest.mark.parametrize("name", one_fast_per_kind(WEIGHTED))
def test_every_difference_is_that_of_both_values_under_sampling_weights(name: str) -> None:
    assert groups_that_agree(name, table(ORACLES[name].tables, role="weight")) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTED)
def test_every_difference_is_that_of_both_values_of_rows_with_counts(name: str) -> None:
    assert groups_that_agree(name, table(ORACLES[name].tables, role="count")) >= 12


def test_ratios_of_sums_with_different_denominators_are_compared_as_they_are() -> None:
    """Each model's ratio is its own: the earlier model's labels may be others."""
    wape: Any = ENTRIES["regression/forecasting wape"]
    with opened(with_an_earlier_model(table("regression")), wape, Options()) as (evidence, new):
        pair = pair_of(new)
        other = replace(pair, old=replace(pair.old, roles={**pair.old.roles, "label": "p"}))
        together = wape.kind.groups(other, answers(evidence, wape.kind.needs(other)))
        alone = [wape.kind.groups(each, answers(evidence, wape.kind.needs(each))) for each in other.questions]
    for group, stats in together.items():
        values = [wape.kind.estimate(each, own[group]).value for each, own in zip(other.questions, alone)]
        assert wape.kind.estimate(other, stats).value == pytest.approx(values[0] - values[1])


def is_prediction(role: str) -> bool:
    """Whether a column is what a model says, not what is true."""
    return role in ("prediction", "score", "lower", "upper") or role.startswith("decisions.")


def with_an_earlier_model(frame: Frame) -> Frame:
    """The table with an earlier model's predictions in columns `old ...`: some as the new one's, some not."""
    random, rows = np.random.default_rng(5), frame.rows.copy()
    shuffled = rows.index.to_numpy().copy()
    moved = random.random(len(rows)) < 0.4
    shuffled[moved] = random.permutation(shuffled[moved])
    predicted = [name for role, name in frame.roles.items() if is_prediction(role)]
    for name in [*predicted, *(name for _, name in frame.scores)]:
        rows[f"old {name}"] = rows[name].to_numpy()[shuffled]
    return replace(frame, rows=rows)


def pair_of(new: Question) -> Pair:
    """The question for the new model beside that for the earlier one."""
    roles = {role: f"old {name}" if is_prediction(role) else name for role, name in new.roles.items()}
    scores = tuple((of, f"old {name}") for of, name in new.scores)
    return Pair(new, replace(new, roles=roles, scores=scores))


@dataclass(frozen=True)
class Compared:
    """One group: both models' own values, None where undefined, and the statistics of both together, also relative."""

    metric: Metric
    pair: Pair
    together: tuple[Any, Any]
    new: Estimate | None
    old: Estimate | None

    def difference(self, relative: bool) -> Estimate | None:
        """What mlgate says of the difference; None where it is undefined."""
        return estimate(self.metric.kind, replace(self.pair, relative=relative), self.together[relative])


def compared(metric: Metric, frame: Frame, options: Options) -> list[Compared]:
    """Every group of a table, measured once for the comparison and once for each model alone."""
    kind: Any = metric.kind
    with opened(with_an_earlier_model(frame), metric, options) as (evidence, new):
        pair = pair_of(new)
        each = (pair, replace(pair, relative=True))
        together = [kind.groups(asked, answers(evidence, kind.needs(asked))) for asked in each]
        alone = [kind.groups(question, answers(evidence, kind.needs(question))) for question in (pair.new, pair.old)]
    news, olds = alone
    return [
        Compared(
            metric,
            pair,
            (stats, together[1][group]),
            estimate(kind, pair.new, news[group]),
            estimate(kind, pair.old, olds[group]),
        )
        for group, stats in together[0].items()
    ]


def groups_that_agree(name: str, frame: Frame) -> int:
    """How many groups have a difference, absolute or relative; every group's is compared with both values."""
    return sum(
        agrees(group, relative)
        for options in ORACLES[name].asked(frame)
        for group in compared(ENTRIES[name], frame, options)
        for relative in (False, True)
    )


def agrees(group: Compared, relative: bool) -> bool:
    """Whether a group has a difference, which must then be right."""
    found, new, old = group.difference(relative), group.new, group.old
    of_spread = group.metric.name in SHARES_OF_A_SPREAD
    if found is None:
        assert new is None or old is None or (relative and (old.value <= 0 or of_spread))
        return False
    assert new is not None
    assert old is not None
    expected = new.value / old.value - 1 if relative else new.value - old.value
    nearest = 1e-9 * max(1.0, abs(new.value), abs(old.value)) * (1e3 if of_spread else 1)
    assert math.isclose(found.value, expected, rel_tol=1e-6, abs_tol=nearest), group
    assert found.rows == new.rows == group.together[relative].rows
    low, high = found.lower(0.05), found.upper(0.05)
    if low is None or high is None:
        assert found.no_bound_because
    else:
        assert low <= high
    return True
