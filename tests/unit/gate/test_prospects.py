"""What rows can do for one demand on one estimate: against the decision itself, by brute force."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from mlgate.checks.fairness.gap import FairnessGap
from mlgate.checks.fairness.ratio import FairnessRatio
from mlgate.checks.fairness.terms import EqualOpportunity
from mlgate.checks.performance.champion import PerformanceChampion
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.gate import prospects
from mlgate.gate.decide import met
from mlgate.gate.proofs import level, meets, refutes
from mlgate.policy.demanded import Proof, Rule
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Estimate
from mlgate.values.verdict import Lacking

AT = Location("policy.yaml", 3, 1)
PROOFS: tuple[Proof, ...] = ("shown", "unrefuted", "estimate")


def rule(
    at_least: str | None = None, at_most: str | None = None, proof: Proof = "shown", metric: str = "accuracy"
) -> Rule:
    low, high = (None if text is None else Fraction(text) for text in (at_least, at_most))
    demand = Demand(low, high, at_least or "", at_most or "")
    return Rule("p", "r", PerformanceMetric(metric=metric), demand, AT, proof=proof)


def share(hits: int, n: int) -> Estimate:
    return Estimate(
        (),
        hits / n,
        n,
        n,
        partial(clopper_pearson_lower, hits, n),
        partial(clopper_pearson_upper, hits, n),
        exact=Fraction(hits, n),
        share=(hits, n),
    )


def normal(value: float, error: float, n: int = 100) -> Estimate:
    """An estimate with normal bounds."""

    def lower(alpha: float) -> float:
        return value + float(ndtri(alpha)) * error

    return Estimate((), value, n, n, lower, lambda alpha: 2 * value - lower(alpha))


def failing(asked: Rule, estimate: Estimate) -> bool:
    """Whether one estimate alone is a FAIL."""
    if asked.proof == "estimate":
        return not meets(asked.demand, estimate.value, estimate.exact)
    return refutes(asked.demand, estimate, level(asked))


@pytest.mark.parametrize("proof", PROOFS)
@pytest.mark.parametrize(("bound", "n"), [("0.8", 60), ("0.5", 200), ("0.95", 150)])
@pytest.mark.parametrize("side", ["at_least", "at_most"])
def test_the_truth_that_is_refuted_ends_in_fail_with_the_power(proof: Proof, bound: str, n: int, side: str) -> None:
    bound = bound if side == "at_least" else str(round(1 - float(bound), 2))
    asked = rule(**{side: bound}, proof=proof)
    below, above = prospects.refuted(asked, share(n // 2, n), level(asked))
    truth = below if side == "at_least" else above
    assert (below is None) != (above is None)
    assert truth is not None
    fails = [failing(asked, share(hits, n)) for hits in range(n + 1)]
    chance = sum(stats.binom.pmf(hits, n, truth) for hits, fail in enumerate(fails) if fail)
    assert chance == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize("proof", PROOFS)
def test_the_same_for_estimates_with_a_normal_spread(proof: Proof) -> None:
    asked = rule("10", proof=proof, metric="mean_prediction")
    truth, _ = prospects.refuted(asked, normal(12, 0.5), level(asked))
    assert truth is not None
    # FAIL where the observed value lies below 10, or so far below it that its upper bound does.
    needs = 10 if proof == "estimate" else 10 - 0.5 * float(stats.norm.isf(0.05))
    assert stats.norm.cdf(needs, truth, 0.5) == pytest.approx(0.8)


@settings(deadline=None, max_examples=60)
@given(
    proof=st.sampled_from(PROOFS),
    value=st.floats(-3, 3),
    error=st.floats(0.05, 2),
    bounds=st.tuples(st.integers(-20, 20), st.integers(-20, 20)).map(sorted),
    sides=st.sampled_from(["at_least", "at_most", "both"]),
)
def test_the_chance_by_width_is_that_of_the_decision(
    proof: Proof, value: float, error: float, bounds: list[int], sides: str
) -> None:
    low, high = (str(Fraction(bound, 10)) for bound in bounds)
    asked = rule(low if sides != "at_most" else None, high if sides != "at_least" else None, proof)
    chance = prospects.chance(proof, asked.demand, normal(value, error), level(asked))
    points = value + error * stats.norm.ppf((np.arange(200) + 0.5) / 200)
    passed = sum(passes for point in points for _, passes in met(asked, [normal(float(point), error)]))
    assert chance == pytest.approx(passed / 200, abs=0.011)


@pytest.mark.parametrize(
    ("check", "side", "bound"),
    [
        (FairnessGap(metric="roc_auc", by=(("sex",),)), "at_most", "0.1"),
        (FairnessRatio(metric="roc_auc", by=(("sex",),)), "at_least", "0.8"),
        (EqualOpportunity(by=(("sex",),)), "at_most", "0.1"),
        (PerformanceChampion(metric="roc_auc", margin=Fraction(1, 10)), "at_least", "-0.1"),
        (PerformanceChampion(metric="roc_auc", margin=Fraction(1, 10), relative=True), "at_least", "-0.1"),
        (PerformanceMetric(metric="roc_auc"), "at_least", "0.7"),
        (PerformanceMetric(metric="expected_cost", costs=(("fp", Fraction(3)), ("tn", Fraction(0)))), "at_most", "2"),
    ],
)
def test_a_value_that_cannot_be_is_never_the_one_that_is_refuted(check: Any, side: str, bound: str) -> None:
    """A wide interval refutes only what would be outside the range of what is measured; a narrow one refutes more."""
    asked = replace(rule(**{side: bound}), check=check)
    value = float(Fraction(bound)) + (0.05 if side == "at_least" else -0.05)
    place = 0 if side == "at_least" else 1
    assert prospects.refuted(asked, normal(value, 0.8), 0.05) == (None, None)
    truth = prospects.refuted(asked, normal(value, 0.02), 0.05)[place]
    assert truth == pytest.approx(
        float(Fraction(bound)) + (-1 if place == 0 else 1) * 0.02 * (1.6449 + 0.8416), abs=1e-4
    )


def test_a_relative_difference_has_no_end_above() -> None:
    check = PerformanceChampion(metric="mae", margin=Fraction(1, 10), relative=True)
    _, above = prospects.refuted(replace(rule(None, "0.1"), check=check), normal(0.0, 0.8), 0.05)
    assert above == pytest.approx(0.1 + 0.8 * (1.6449 + 0.8416), abs=1e-3)


def test_without_a_spread_what_is_observed_stays() -> None:
    bare = Estimate((), 3.0, 5, 5)
    assert prospects.chance("shown", rule("2").demand, bare, 0.05) == 0.0
    assert prospects.chance("estimate", rule("2").demand, bare, 0.05) == 1.0
    assert prospects.chance("estimate", rule("4").demand, bare, 0.05) == 0.0
    assert prospects.chance("unrefuted", rule("2").demand, bare, 0.05) == 1.0
    assert prospects.refuted(rule("2"), bare, 0.05) == (None, None)
    same = Estimate((), 3.0, 5, 5, lambda _a: 3.0, lambda _a: 3.0)
    assert prospects.chance("shown", rule("3").demand, same, 0.05) == 1.0


def test_rows_needed_are_of_the_side_that_takes_most_and_of_what_is_not_shown_alone() -> None:
    asked = rule("0.5", "0.95")
    both = prospects.needed(asked, share(180, 200), 0.05)
    low = prospects.needed(rule("0.5"), share(180, 200), 0.05)
    high = prospects.needed(rule(None, "0.95"), share(180, 200), 0.05)
    assert both.rows == max(low.rows or 0, high.rows or 0) == high.rows
    assert (low.rows or 0) < (high.rows or 0)
    assert prospects.needed(rule("0.5"), share(180, 200), 0.05, unshown=True) == prospects.Needed(
        None, prospects.TOO_NEAR
    )


@pytest.mark.parametrize(
    ("asked", "estimate", "why", "lacking"),
    [
        (rule("0.9"), share(90, 100), prospects.AT_THE_BOUND, "value"),
        (rule("0.9"), share(80, 100), prospects.WRONG_SIDE, "value"),
        (rule(None, "0.1"), share(80, 100), prospects.WRONG_SIDE, "value"),
        (rule("2"), Estimate((), 3.0, 5, 5, no_bound_because="one row"), "no bound can be given: one row", "bound"),
        (rule("2"), Estimate((), 3.0, 5, 5, lambda _a: math.nan), prospects.TOO_NEAR, "rows"),
    ],
)
def test_where_no_rows_would_do_it_says_why(asked: Rule, estimate: Estimate, why: str, lacking: Lacking) -> None:
    assert prospects.needed(asked, estimate, 0.05) == prospects.Needed(None, why, lacking)


@given(n=st.integers(1, 80), tenths=st.integers(1, 99), side=st.sampled_from(["at_least", "at_most"]))
def test_what_is_impossible_is_not_shown_by_any_count(n: int, tenths: int, side: str) -> None:
    asked = rule(**{side: f"0.{tenths:02}"})
    best = share(n if side == "at_least" else 0, n)
    ((_, shown),) = met(asked, [best])
    assert (prospects.impossible(asked, share(n // 2, n), level(asked)) is None) == shown


def test_what_need_not_be_shown_is_never_impossible() -> None:
    assert prospects.impossible(rule("0.9", proof="unrefuted"), share(1, 1), 0.05) is None
    said = prospects.impossible(rule("0.9"), Estimate((), 0.95, 5, 5, no_bound_because="no such rank"), 0.05)
    assert said == "no bound can be given: no such rank"
