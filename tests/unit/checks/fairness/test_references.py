"""What groups are held against, which of them are compared, and what is told apart instead."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mlgate.checks.fairness.terms import FourFifths
from mlgate.checks.policy_groups import GroupSpec
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import CountsFact
from mlgate.evidence.questions.unit_counts import UnitsOf
from mlgate.gate.proofs import levels
from mlgate.policy.load import load_policies
from mlgate.values.demand import Demand
from mlgate.values.errors import InputError
from mlgate.values.estimate import Estimate, LeftOut, Unanswered
from mlgate.values.verdict import Status
from support.fairness import (
    ALPHAS,
    COLUMNS,
    counted,
    estimates,
    gap,
    kinds,
    measured,
    outcome,
    ratio,
    rule,
    selected,
    subject,
)
from support.guarded import said

PASS, FAIL, INCONCLUSIVE, ERROR = Status.PASS, Status.FAIL, Status.INCONCLUSIVE, Status.ERROR
THREE = selected(a=(60, 100), b=(45, 90), c=(20, 80))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("best", {"b": Fraction(1, 10), "c": Fraction(35, 100)}),
        ("worst", {"a": Fraction(35, 100), "b": Fraction(1, 4)}),
        ("largest", {"b": Fraction(1, 10), "c": Fraction(35, 100)}),
        ("b", {"a": Fraction(1, 10), "c": Fraction(1, 4)}),
        ("g=b", {"a": Fraction(1, 10), "c": Fraction(1, 4)}),
        (
            "overall",
            {g: abs(p - Fraction(125, 270)) for g, p in zip("abc", (Fraction(3, 5), Fraction(1, 2), Fraction(1, 4)))},
        ),
    ],
)
def test_each_reference_has_its_gaps(reference, expected):
    found = estimates(counted(gap(reference=reference), THREE))
    assert {group: each.exact for group, each in found.items()} == expected


def test_pairs_are_each_named_once():
    found = counted(gap(reference="pairs"), THREE)
    assert [slice_ for _, slice_ in kinds(found)] == ["g=b, against=g=a", "g=c, against=g=a", "g=c, against=g=b"]


def test_the_lowest_rate_is_best_where_lower_is_better():
    cells = {("a", "0", "1"): 1, ("a", "0", "0"): 9, ("b", "0", "1"): 3, ("b", "0", "0"): 7}
    (found,) = counted(gap("false_positive_rate"), cells)
    assert (found.where, found.note) == ((("g", "b"),), "0.3 for g=b against 0.1 for g=a, the lowest")


def test_one_undefined_pair_hides_no_other():
    cells = selected(a=(0, 10), b=(0, 10), c=(5, 10))
    found = counted(ratio(reference="pairs"), cells)
    assert [type(answer) for answer in found] == [Unanswered, Estimate, Estimate]
    assert "both values are 0" in found[0].said
    judged = outcome(ratio(reference="pairs"), cells, at_least="0.8", proof="estimate")
    assert [finding.status for finding in judged.findings] == [ERROR, FAIL, FAIL]


def test_a_group_without_the_metric_is_an_error_and_hides_no_other():
    cells = {**selected(a=(60, 100), b=(10, 100)), ("c", "0", "1"): 10}
    judged = outcome(gap("recall"), cells, at_most="0.2")
    assert judged.status is ERROR
    assert [finding.where for finding in judged.findings if finding.status is ERROR] == [(("g", "c"),)]


def test_one_group_is_no_comparison():
    judged = outcome(gap(), selected(a=(60, 100)), at_most="0.2", proof="estimate")
    assert judged.status is ERROR
    assert "needs two groups" in judged.message


def test_min_n_leaves_groups_out_and_lists_them_with_their_rows():
    cells = selected(a=(600, 1000), b=(590, 1000), c=(0, 5))
    judged = outcome(gap(), cells, subject(least_rows=50), at_most="0.1", min_n=50)
    assert judged.status is PASS
    (left,) = [finding for finding in judged.findings if finding.status is Status.SKIPPED]
    assert (left.where, left.rows) == ((("g", "c"),), 5)
    assert "5 rows left out" in judged.message


def test_a_group_of_min_n_rows_is_compared():
    found = counted(gap(), selected(a=(60, 100), b=(20, 50), c=(20, 49)), subject(least_rows=50))
    assert kinds(found) == [("LeftOut", "g=c"), ("Estimate", "g=b")]


def test_min_n_that_leaves_one_group_is_an_error():
    judged = outcome(gap(), selected(a=(60, 100), b=(2, 5)), subject(least_rows=50), at_most="0.1", min_n=50)
    assert judged.status is ERROR


def test_min_share_is_of_all_rows():
    cells = selected(a=(60, 100), b=(59, 99), c=(0, 1))
    (left,) = [answer for answer in counted(gap(min_share=Fraction(1, 100)), cells) if isinstance(answer, LeftOut)]
    assert (left.where, left.rows) == ((("g", "c"),), 1)
    assert left.said == "1 of 200 rows, a smaller share than min_share (0.01)"
    assert [type(each) for each in counted(gap(min_share=Fraction(1, 200)), cells)] == [Estimate, Estimate]
    absent = subject(groups={"g": GroupSpec(("a", "b", "c", "x"))})
    (found,) = [each for each in counted(gap(min_share=Fraction(1, 100)), cells, absent) if isinstance(each, LeftOut)]
    assert found.said == left.said


@pytest.mark.parametrize(("share", "accepted"), [("0", False), ("0.01", True), ("0.99", True), ("1", False)])
def test_a_share_of_all_rows_is_above_0_and_below_1(share, accepted, tmp_path):
    keys = f"check: fairness.gap, metric: recall, by: g, at_most: 0.1, min_share: {share}"
    (tmp_path / "p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules: [{{id: r, {keys}}}]\n")
    if accepted:
        (policy,) = load_policies([tmp_path / "p.yaml"], workspace=tmp_path)
        assert policy.rules[0].check.min_share == Fraction(share)
        return
    with pytest.raises(InputError, match="min_share"):
        load_policies([tmp_path / "p.yaml"], workspace=tmp_path)


def test_groups_that_share_units_are_not_compared():
    check, of = gap(by=(("g",), ("h",))), subject((*COLUMNS, ("u", "text")), unit=("u",))
    apart = [need for need in check.needs(of, ALPHAS) if isinstance(need, Guard) and len(need.inputs) == 2]
    assert len(apart) == 2
    assert all(said(guard, CountsFact((), ()), CountsFact((), ())) is None for guard in apart)
    two, one = (CountsFact((), tuple(UnitsOf((g,), 5, 1, (), ()) for g in groups)) for groups in ("FM", "F"))
    assert all("units have rows in several groups" in said(guard, two, one) for guard in apart)
    assert not [need for need in check.needs(subject(), ALPHAS) if isinstance(need, Guard) and len(need.inputs) == 2]


def test_rows_of_unknown_groups_block_unless_the_policy_says_otherwise():
    cells = {**selected(a=(600, 1000), b=(590, 1000)), (None, "1", "1"): 7}
    assert outcome(gap(), cells, at_most="0.1").status is ERROR
    judged = outcome(gap(), cells, subject(groups={"g": GroupSpec((), "report")}), at_most="0.1")
    assert judged.status is PASS
    assert "7 rows left out" in judged.message


def test_a_declared_group_without_rows_is_an_error():
    of = subject(groups={"g": GroupSpec(("a", "b", "x"))})
    assert outcome(gap(), selected(a=(600, 1000), b=(590, 1000)), of, at_most="0.1").status is ERROR


def test_intersecting_groups():
    cells = {(g, h, *pair): 5 for g in "ab" for h in "xy" for pair in (("1", "1"), ("0", "0"))}
    cells["b", "y", "1", "1"] = 50
    found = counted(gap(by=(("g", "h"),), reference="a, x"), cells)
    assert [slice_ for _, slice_ in kinds(found)] == ["g=a, h=y", "g=b, h=x", "g=b, h=y"]
    assert found[-1].exact == Fraction(50, 55) - Fraction(1, 2)


def test_several_groupings_are_each_compared_within_themselves():
    cells = {(g, h, *pair): 5 for g in "ab" for h in "xy" for pair in (("1", "1"), ("0", "0"))}
    cells["b", "y", "1", "1"] = 50
    found = counted(gap(by=(("g",), ("h",))), cells)
    assert [slice_ for _, slice_ in kinds(found)] == ["g=a", "h=x"]


def test_a_reference_that_is_no_group_is_an_error_that_names_the_groups():
    (found,) = counted(gap(reference="z"), THREE)
    assert isinstance(found, Unanswered)
    assert "g=a (100 rows); g=b (90 rows); g=c (80 rows)" in found.said


def test_regressions_compare_errors_and_refuse_ratios_of_negative_values():
    of = subject(task="regression", positive=None, classes=())
    rows = {"y": [1.0, 2, 3, 4, 5, 6], "p": [1.5, 2.5, 3.2, 3, 4.1, 5.5], "g": list("aaabbb")}
    (wide,) = measured(gap("mean_error"), of, **rows)
    assert wide.value == pytest.approx(0.4 + 0.8)
    (refused,) = measured(ratio("mean_error"), of, **rows)
    assert isinstance(refused, Unanswered)
    assert "0 or more" in refused.said


def test_order_statistics_can_be_refuted():
    """Their bounds exist at measured levels only; Holm and the pairs ask for others."""
    of = subject(task="regression", positive=None, classes=())
    n = 400
    rows = {
        "y": [0.0] * 2 * n,
        "p": [*(i / n for i in range(n)), *(5 + i / n for i in range(n))],
        "g": ["a"] * n + ["b"] * n,
    }
    (found,) = measured(gap("median_absolute_error"), of, **rows)
    assert found.value == pytest.approx(5)
    assert found.lower(levels(rule(gap(), at_most="1"))[0]) > 4


def test_a_ratio_of_f1_to_0_is_observed_but_has_no_bounds():
    cells = {("a", "1", "0"): 10, ("a", "0", "0"): 10, ("b", "1", "1"): 10, ("b", "0", "0"): 10}
    assert outcome(ratio("f1"), cells, at_least="0.8", proof="estimate").status is FAIL
    judged = outcome(ratio("f1"), cells, at_least="0.8")
    assert judged.status is INCONCLUSIVE
    assert outcome(ratio("f1"), cells, at_least="0.8", proof="unrefuted").status is INCONCLUSIVE


@pytest.mark.parametrize(
    ("check", "bounds", "key"),
    [
        (ratio(), {"at_least": Fraction(6, 5)}, "at_least"),
        (ratio(), {"at_least": Fraction(0)}, "at_least"),
        (ratio(), {"at_most": Fraction(4, 5)}, "at_most"),
        (gap(), {"at_least": Fraction(1, 10)}, "at_least"),
        (gap(), {"at_most": Fraction(0)}, "at_most"),
        (gap(), {"at_most": Fraction(1)}, "at_most"),
        (gap(), {"at_most": Fraction(10)}, "at_most"),
        (FourFifths(by=(("g",),)), {"at_least": Fraction(80)}, "at_least"),
        (gap("recal"), {"at_most": Fraction(1, 10)}, "metric"),
    ],
)
def test_demands_that_cannot_be_meant_are_refused_before_any_data(check, bounds, key):
    assert [at for at, _ in check.problems(Demand(**bounds))] == [key]


def test_a_finding_says_who_is_held_against_whom_with_counts():
    judged = outcome(ratio(), THREE, at_least="0.8")
    worst = next(finding for finding in judged.findings if finding.where == (("g", "c"),))
    assert worst.status is FAIL
    assert worst.exact == "20/80 against 60/100"
    assert worst.note == "0.25 for g=c against 0.6 for g=a, the highest"
    assert worst.message.startswith("selection_rate ratio 0.4167 (20/80 against 60/100; 95 % upper bound")
    assert worst.message.endswith("< 0.8 for g=c, 80 rows")


def test_under_sampling_weights_all_rows_are_weighted_and_taken_as_independent():
    of = subject(roles={"label": "y", "prediction": "p", "weight": "w"})
    n = 100
    rows = {
        "y": ["1", "0"] * n,
        "p": ["1", "0"] * (n // 2) + ["1", "1"] * (n // 2),
        "g": ["a"] * n + ["b"] * n,
        "w": [1.0, 3.0] * n,
    }
    found = estimates(measured(gap(reference="overall"), of, **rows))
    assert {group: each.exact for group, each in found.items()} == {"a": Fraction(3, 8), "b": Fraction(3, 8)}
    assert all("independent" in each.note for each in found.values())
    alone = estimates(measured(gap(reference="a"), of, **rows))["b"]
    assert alone.exact == Fraction(3, 4)
    assert 0 < found["b"].lower(0.05) < 0.375 < found["b"].upper(0.05)
