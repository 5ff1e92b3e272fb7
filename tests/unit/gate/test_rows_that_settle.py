"""With the rows that would settle a demand, drawn from a population whose value is the observed one, it is settled."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from benchmarks.scenarios import scenarios_of
from benchmarks.scenarios.base import question
from benchmarks.scenarios.scores import placed

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.gate import prospects
from mlgate.policy.demanded import Rule
from mlgate.stats.planning import Side
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Bound, Estimate
from mlgate.values.verdict import Status
from support.entries import ENTRIES
from support.planning import planned

ALPHA = 0.05
AT = Location("policy.yaml", 3, 1)
TYPICAL = 9
COUNTS = ["accuracy", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa", "f1", "fbeta, beta: 2"]


def rule(metric: str, side: Side, bound: Fraction) -> Rule:
    demand = Demand(**{side: bound, f"{side}_text": str(float(bound))})
    return Rule("p", "r", PerformanceMetric(metric=metric), demand, AT)


def bound_of(estimate: Estimate, side: Side) -> float:
    found = (estimate.lower if side == "at_least" else estimate.upper)(ALPHA)
    assert found is not None
    return found


def drawn(name: str, scenario: Any, runs: int) -> list[Estimate]:
    """Estimates from samples of a scenario."""
    metric = ENTRIES[name]
    samples = scenario.draws(metric, np.random.default_rng(4), runs)
    found = [(metric.kind.estimate(question(metric), stats), times) for stats, times in samples]
    return [estimate for estimate, times in found for _ in range(times)]


def as_if_true(estimate: Estimate, truth: float) -> Estimate:
    """The estimate with its bounds, moved to the true value."""

    def moved(bound: Bound) -> Bound:
        return lambda alpha: None if (found := bound(alpha)) is None else found + truth - estimate.value

    return replace(estimate, value=truth, lower=moved(estimate.lower), upper=moved(estimate.upper))


@pytest.mark.parametrize(
    ("name", "scenario", "side"),
    [
        ("binary balanced_accuracy", "prevalence 5 %, n=200", "at_least"),
        ("binary fbeta", "prevalence 20 %, n=1000", "at_least"),
        ("binary roc_auc", "binormal AUC 0.76, 50 of 100", "at_least"),
        ("regression/forecasting mae", "exponential, n=30", "at_most"),
        ("regression/forecasting mae", "half-normal, n=100", "at_least"),
        ("regression/forecasting rmse", "exponential, n=30", "at_most"),
        ("regression/forecasting wape", "demand: exponential labels, Laplace errors, n=200", "at_most"),
        ("regression r2", "normal labels and errors, n=50", "at_least"),
        ("binary brier_score", "Brier of Beta(0.5, 2), n=60", "at_most"),
        ("any task quantile", "exponential quantile, n=100", "at_most"),
        ("any task quantile", "exponential quantile, n=100", "at_least"),
        ("binary calibration_error", "calibrated, n=500", "at_most"),
    ],
)
@pytest.mark.parametrize("near", [0.4, pytest.param(0.8, marks=pytest.mark.slow)])
def test_that_many_rows_show_the_demand_with_about_the_power(name: str, scenario: str, side: Side, near: float) -> None:
    """`near` says where the demand is between the value (0) and its bound now (1)."""
    (of,) = [found for found in scenarios_of(ENTRIES[name]) if found.name == scenario]
    truth = of.truth(ENTRIES[name])
    typical = sorted(drawn(name, of, 40), key=lambda estimate: abs(estimate.value - truth))[:TYPICAL]
    reach = median(bound_of(estimate, side) - estimate.value for estimate in typical)
    asked = rule(ENTRIES[name].name, side, Fraction(truth + near * reach))
    needed = [prospects.needed(asked, as_if_true(estimate, truth), ALPHA).rows for estimate in typical]
    rows = median(found for found in needed if found is not None)
    assert rows > of.n
    ends = [bound_of(estimate, side) for estimate in drawn(name, replace(of, n=round(rows)), 400)]
    sign = 1 if side == "at_least" else -1
    assert 0.6 <= np.mean([sign * end >= sign * (truth + near * reach) for end in ends]) <= 0.995


@pytest.mark.parametrize("metric", COUNTS)
def test_a_model_without_mistakes_needs_the_rows_that_show_it(tmp_path: Path, metric: str) -> None:
    def found(rows: int) -> Any:
        """The plan with so many rows of each class."""
        table = [("F", "x", 1, 1, rows), ("F", "x", 0, 0, rows)]
        plan = planned(
            tmp_path, table, [f"id: r, check: performance.metric, metric: {metric}, at_least: 0.95"], draws=1
        )
        return plan.rules[0].findings[0]

    now = found(20)
    assert now.status is Status.INCONCLUSIVE
    each = -(-now.needed * 20 // now.n)
    assert each > 20
    assert found(round(1.02 * each)).status is Status.PASS
    assert found(round(0.75 * each)).status is Status.INCONCLUSIVE


def test_a_perfect_ranking_needs_the_rows_that_show_it() -> None:
    def found(rows: int) -> Estimate:
        stats = placed(np.array([rows // 2, 0]), np.array([0, rows // 2]))
        return ENTRIES["binary roc_auc"].kind.estimate(question(ENTRIES["binary roc_auc"]), stats)

    now = found(60)
    assert now.value == 1
    rows = prospects.needed(rule("roc_auc", "at_least", Fraction("0.97")), now, ALPHA).rows
    assert rows is not None
    assert bound_of(now, "at_least") < 0.97 <= bound_of(found(round(1.1 * rows)), "at_least")
    assert bound_of(found(round(0.75 * rows)), "at_least") < 0.97
