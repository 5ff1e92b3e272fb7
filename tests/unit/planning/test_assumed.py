"""The plan without data: published numbers of rows, and what is wrong with an assumption."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest

from mlgate.checks.performance.champion import PerformanceChampion
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.planning.assumed import Assumed, plan_assumed
from mlgate.policy.demanded import Policy, Rule
from mlgate.policy.load import load_policies
from mlgate.values.demand import Demand
from mlgate.values.errors import InputError, Location
from mlgate.values.plan import FindingPlan, Plan
from support.planning import write

AT = Location("policy.yaml", 3, 1)
RULES = [
    "id: r, check: performance.metric, metric: recall, at_least: 0.9",
    "id: f1, check: performance.metric, metric: f1, at_least: 0.8",
    "id: fpr, check: performance.metric, metric: false_positive_rate, by: g, at_most: 0.1",
    "id: p, check: performance.metric, metric: precision, between: [0.5, 0.9]",
    "id: gap, check: fairness.gap, metric: selection_rate, by: g, at_most: 0.1",
    "id: parity, check: fairness.demographic_parity, by: g, at_most: 0.1",
    "id: ratio, check: fairness.ratio, metric: selection_rate, by: g, at_least: 0.8",
    "id: errors, check: fairness.gap, metric: matthews_corrcoef, by: g, at_most: 0.1",
    "id: auc, check: performance.metric, metric: roc_auc, at_least: 0.8",
    "id: dogs, check: performance.metric, metric: accuracy, at_least: 0.8, when: {task: multiclass}",
]


def policies(folder: Path, rules: Iterable[str] = RULES) -> tuple[Policy, ...]:
    write(folder, [], list(rules))
    return load_policies([folder / "policy.yaml"], workspace=folder)


def planned(folder: Path, *assumed: str, power: float = 0.8, task: str = "binary") -> Plan:
    return plan_assumed(policies(folder), Assumed.of(assumed), task, power)


def finding(plan: Plan, name: str) -> FindingPlan:
    (found,) = (finding for rule in plan.rules if rule.rule == name for finding in rule.findings)
    return found


def said(plan: Plan, name: str) -> str:
    return next(rule.said for rule in plan.rules if rule.rule == name)


def test_rows_for_a_share_are_those_from_which_on_the_power_holds(tmp_path: Path) -> None:
    assert finding(planned(tmp_path, "recall=0.92", power=0.9), "r").needed == 1845


def test_rows_that_count_are_told_among_all_rows(tmp_path: Path) -> None:
    plan = planned(tmp_path, "recall=0.92", "prevalence=0.05", "fpr=0.07", "precision=0.7", "selection_rate=1/2")
    recall, fpr, precision = (finding(plan, name) for name in ("r", "fpr", "p"))
    assert recall.needed_of_all == 20 * (recall.needed or 0)
    assert recall.counted == "rows with label positive"
    assert fpr.needed_of_all == pytest.approx((fpr.needed or 0) / 0.95, abs=1)
    assert precision.needed_of_all == 2 * (precision.needed or 0)
    alone = planned(tmp_path, "recall=0.92")
    assert finding(alone, "r").needed_of_all is None


def test_f1_is_planned_through_the_share_it_is_made_of(tmp_path: Path) -> None:
    from mlgate.stats.planning import rows_for_share

    assert finding(planned(tmp_path, "f1=0.85"), "f1").needed == rows_for_share(0.85 / 1.15, 0.8 / 1.2, 0.05)


@pytest.mark.parametrize(("groups", "published"), [(2, 450), (4, 675), (6, 775), (10, 925), (20, 1125)])
def test_rows_a_group_for_a_gap_are_about_those_published(tmp_path: Path, groups: int, published: int) -> None:
    plan = planned(tmp_path, "gap=" + ",".join(["0.5"] * groups))
    found = finding(plan, "gap")
    assert found.needed == pytest.approx(published, rel=0.02)
    assert found.each
    by_metric = planned(tmp_path, "parity=" + ",".join(["0.5"] * groups))
    assert finding(by_metric, "parity").needed == found.needed


def against_champion(check: PerformanceChampion, demand: Demand, assumed: str) -> Plan:
    rule = Rule("p", "steady", check, demand, AT)
    return plan_assumed([Policy("p", "o", "policy.yaml", (rule,))], Assumed.of([assumed]), "binary")


@pytest.mark.parametrize(
    ("metric", "demand", "assumed", "rows"),
    [
        ("accuracy", Demand(Fraction(0), None, "0"), "0.01,0.05", 3396),
        ("accuracy", Demand(Fraction(-1, 100), None, "-0.01"), "0,0.05", 3478),
        ("accuracy", Demand(Fraction(-1, 100), None, "-0.01"), "0,0", 299),
        ("accuracy", Demand(Fraction(0), None, "0"), "0,0.05", None),
        ("false_positive_rate", Demand(None, Fraction(0), "", "0"), "-0.01,0.05", 3396),
        ("false_positive_rate", Demand(None, Fraction(1, 100), "", "0.01"), "0,0.05", 3478),
    ],
)
def test_paired_rows_are_those_of_the_exact_bound(metric: str, demand: Demand, assumed: str, rows: int | None) -> None:
    plan = against_champion(PerformanceChampion(metric=metric), demand, f"steady={assumed}")
    assert finding(plan, "steady").needed == rows


@pytest.mark.parametrize(
    ("check", "demand", "assumed", "message"),
    [
        (
            PerformanceChampion(metric="accuracy"),
            Demand(Fraction(0)),
            "accuracy=0.9",
            "add --assume steady=DIFFERENCE,DISCORDANT",
        ),
        (
            PerformanceChampion(metric="accuracy"),
            Demand(Fraction(0)),
            "steady=0.9",
            "a comparison with a champion needs the difference new - old",
        ),
        (
            PerformanceChampion(metric="accuracy"),
            Demand(Fraction(0)),
            "steady=0.2,0.1",
            "a comparison with a champion needs the difference",
        ),
        (
            PerformanceChampion(metric="accuracy", relative=True),
            Demand(Fraction(0)),
            "steady=0,0.1",
            "plan them with a candidate",
        ),
        (
            PerformanceChampion(metric="accuracy"),
            Demand(Fraction(0), Fraction(1)),
            "steady=0,0.1",
            "plan them with a candidate",
        ),
        (PerformanceChampion(metric="roc_auc"), Demand(Fraction(0)), "steady=0,0.1", "roc_auc is not a share"),
    ],
)
def test_what_is_no_paired_share_has_no_plan(
    check: PerformanceChampion, demand: Demand, assumed: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        against_champion(check, demand, assumed)


def test_what_cannot_be_planned_says_what_to_do(tmp_path: Path) -> None:
    plan = planned(tmp_path, "recall=0.92", "ratio=0.5,0.5")
    assert said(plan, "fpr") == "not assumed: add --assume false_positive_rate=SHARE"
    assert said(plan, "gap") == "not assumed: add --assume gap=SHARE,SHARE[,...]"
    assert "not a share" in said(plan, "auc")
    assert "matthews_corrcoef is not a share" in said(plan, "errors")
    assert "ratio" in said(plan, "ratio")
    assert said(plan, "dogs") == "`when:` does not apply to binary candidates"


@pytest.mark.parametrize("truth", ["0.9", "0.85"])
def test_a_truth_that_does_not_meet_the_demand_has_no_rows(tmp_path: Path, truth: str) -> None:
    found = finding(planned(tmp_path, f"recall={truth}"), "r")
    assert (found.needed, found.needed_of_all) == (None, None)
    assert "no number of rows shows it" in found.why


@pytest.mark.parametrize(
    ("assumed", "message"),
    [
        (["recal=0.9"], r"no rule and no rule's metric is called `recal`, did you mean `recall`\?"),
        (["kappa=0.9"], "choose one of .*precision.*recall"),
        (["recall=1.9"], r"policy.yaml:5:5: rule `r` cannot be planned: `recall` must be one share between 0 and 1"),
        (["recall=0.9,0.8"], "must be one share between 0 and 1, not 0.9,0.8"),
        (["gap=0.5"], "a gap needs one share per group, as in gap=0.5,0.5, not 0.5"),
        (["gap=0.5,1.5"], "a gap needs one share per group"),
        (["recall"], "`recall` is not an assumption; write a rule or metric, `=`, and numbers: --assume recall=0.92"),
        (["recall=high"], "is not an assumption"),
        (["recall=nan"], "is not an assumption"),
        (["recall=1/0"], "is not an assumption"),
        (["=0.9"], "is not an assumption"),
        (["recall=0.9", "recall=0.8"], "`recall` is assumed twice"),
        (["recall=0.95", "prevalence=5"], "prevalence: must be one share of all rows between 0 and 1"),
        (["prevalence=0.5"], "no rule can be planned:\np:r: not assumed: add --assume recall=SHARE"),
    ],
)
def test_wrong_assumptions_are_told(tmp_path: Path, assumed: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        planned(tmp_path, *assumed)


def test_a_rule_is_assumed_by_its_full_name_before_its_id_and_its_metric(tmp_path: Path) -> None:
    plan = planned(tmp_path, "recall=0.95", "r=0.96", "p:r=0.97")
    assert finding(plan, "r").value == 0.97


def test_metrics_are_those_of_the_task(tmp_path: Path) -> None:
    rules = ["id: a, check: performance.metric, metric: accuracy, at_least: 0.8"]
    plan = plan_assumed(policies(tmp_path, rules), Assumed.of(["accuracy=0.85"]), "multiclass")
    assert finding(plan, "a").needed_of_all == finding(plan, "a").needed
    with pytest.raises(InputError, match="accuracy is not defined for regression"):
        plan_assumed(policies(tmp_path, rules), Assumed.of(["accuracy=0.85"]), "regression")


def test_the_metric_of_a_rule_is_what_is_assumed() -> None:
    rule = Rule("p", "r", PerformanceMetric(metric="recall"), Demand(Fraction(9, 10), None, "0.9"), AT)
    by_metric = Assumed.of(["recall=0.95"]).of_rule(rule, "binary", 0.8)
    assert (by_metric.name, by_metric.values) == ("recall", (0.95,))
    assert Assumed.of(["precision=0.95"]).of_rule(rule, "binary", 0.8).values == ()
