"""A policy makes what it extends stricter by rule id, and never looser; what is locked cannot be waived either."""

# ruff: noqa: ISC004 - a row is easier to compare whole.

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mlgate.checks.performance.metric import PerformanceMetric as Metric
from mlgate.policy.demanded import Rule
from mlgate.policy.load import load_policies
from mlgate.policy.loosening import compared
from mlgate.values.demand import Demand
from mlgate.values.errors import InputError, Location

BASE = """\
mlgate: 1
policy: b
owner: o
rules:
  - {id: r, check: performance.metric, metric: recall, at_least: 0.7, by: [sex], confidence: 0.9}
"""
OWN = "mlgate: 1\npolicy: a\nowner: o\nextends: b.yaml\n"
DATES = "granted: 2026-01-01, expires: 2026-02-01"
WAIVER = f"waivers: [{{rule: r, for: c, not_below: 0.6, owner: o, reason: RISK-7, {DATES}}}]\n"


def rule(folder: Any, own: str, base: str = BASE) -> Rule:
    """The rule `r` of a file on top of another."""
    folder.write(a=OWN + own, b=base)
    (policy,) = folder.load("a.yaml")
    (found,) = (each for each in policy.rules if each.id == "r")
    return found


def refused(folder: Any, own: str, base: str = BASE) -> str:
    folder.write(a=OWN + own, b=base)
    (problem,) = folder.problems("a.yaml")
    return str(problem)


def test_a_change_names_only_what_it_makes_stricter(folder: Any) -> None:
    found = rule(folder, "rules: [{id: r, at_least: 0.8}]\n")
    assert (found.demand.at_least_text, str(found.confidence), found.check.by) == ("0.8", "9/10", (("sex",),))
    assert (found.name, str(found.at)) == ("a:r", "a.yaml:5:9")


def test_a_rule_with_a_check_replaces_the_whole_rule(folder: Any) -> None:
    whole = "{id: r, check: performance.metric, metric: recall, at_least: 0.8, by: [sex], confidence: 0.95}"
    assert rule(folder, f"rules: [{whole}]\n").demand.at_least_text == "0.8"
    said = refused(folder, f"rules: [{whole.replace('by: [sex], ', '')}]\n")
    assert said.startswith("a.yaml:5:9: rule `r` changes `by` of the extended rule at b.yaml:5, from sex to nothing")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("at_least: 0.6", "5:17: rule `r` loosens `at_least` of the extended rule at b.yaml:5, from 0.7 to 0.6; "
         "keep it, or write a waiver"),
        ("at_most: 0.9", "5:9: rule `r` loosens `at_least` of the extended rule at b.yaml:5, from 0.7 to nothing; "
         "keep it, or write a waiver"),
        ("severity: warn", "5:17: rule `r` loosens `severity` of the extended rule at b.yaml:5, from block to warn; "
         "keep it, or write a waiver"),
        ("enforce_from: 2027-01-01", "5:17: rule `r` loosens `enforce_from` of the extended rule at b.yaml:5, "
         "from nothing to 2027-01-01; keep it, or write a waiver"),
        ("proof: estimate", "5:17: rule `r` loosens `proof` of the extended rule at b.yaml:5, from shown to estimate; "
         "keep it, or write a waiver"),
        ("when: {risk: high}", "5:17: rule `r` loosens `when` of the extended rule at b.yaml:5, from all to risk high; "
         "keep it, or write a waiver"),
        ("metric: roc_auc", "5:17: rule `r` changes `metric` of the extended rule at b.yaml:5, from recall to roc_auc, "
         "which may loosen it; keep it, and write what you require besides as a rule with another id"),
        ("at_least: 1.5", "5:17: `at_least` of rule `r`: recall is between 0 and 1, not 1.5"),
        ("atleast: 0.9", "5:17: unknown key `atleast` in rule `r`, did you mean `at_least`?"),
    ],
)  # fmt: skip
def test_loosening_is_an_error_that_names_both_lines(folder: Any, change: str, said: str) -> None:
    assert refused(folder, f"rules: [{{id: r, {change}}}]\n") == f"a.yaml:{said}"


def test_a_change_of_no_extended_rule_names_the_nearest(folder: Any) -> None:
    said = refused(folder, "rules: [{id: recal, at_least: 0.8}]\n", BASE.replace("id: r,", "id: recall,"))
    assert said == (
        "a.yaml:5:10: rule `recal` has no `check`, and no extended policy has a rule of this id, did you mean `recall`?"
    )


def test_a_change_of_a_rule_with_problems_adds_none(folder: Any) -> None:
    assert refused(folder, "rules: [{id: r, at_least: 0.8}]\n", BASE.replace("0.7", "x")).startswith("b.yaml:5:")


def test_each_file_of_a_chain_may_tighten_and_none_may_loosen_what_another_tightened(folder: Any) -> None:
    folder.write(b=BASE, a=OWN + "rules: [{id: r, at_least: 0.8}]\n")
    top = OWN.replace("policy: a", "policy: t").replace("b.yaml", "a.yaml")
    folder.write(t=top + "rules: [{id: r, at_least: 0.75}]\n")
    assert folder.problems("t.yaml") == [
        "t.yaml:5:17: rule `r` loosens `at_least` of the extended rule at a.yaml:5, from 0.8 to 0.75; "
        "keep it, or write a waiver"
    ]
    folder.write(t=top + "rules: [{id: r, at_least: 0.9}]\n")
    assert [each.demand.at_least_text for each in folder.load("t.yaml")[0].rules] == ["0.9"]


@pytest.mark.parametrize("order", ["[a.yaml, b.yaml]", "[b.yaml, a.yaml]"])
def test_of_two_extended_rules_of_one_id_the_stricter_counts(folder: Any, order: str) -> None:
    folder.write(b=BASE, a=OWN + "rules: [{id: r, at_least: 0.8}]\n")
    folder.write(t=f"mlgate: 1\npolicy: t\nowner: o\nextends: {order}\n")
    assert [each.demand.at_least_text for each in folder.load("t.yaml")[0].rules] == ["0.8"]


def test_two_extended_rules_that_cannot_be_compared_are_an_error_until_one_is_stricter_than_both(folder: Any) -> None:
    other = BASE.replace("policy: b", "policy: c").replace("at_least: 0.7", "at_most: 0.9")
    head = "mlgate: 1\npolicy: a\nowner: o\nextends: [b.yaml, c.yaml]\n"
    folder.write(a=head, b=BASE, c=other)
    assert folder.problems("a.yaml") == [
        "a.yaml:4:1: rule `r` is at b.yaml:5 and at c.yaml:5, and neither is surely the stricter one; "
        "give one of them another id, or write here what is stricter"
    ]
    folder.write(a=head + "rules: [{id: r, between: [0.7, 0.9]}]\n")
    (found,) = folder.load("a.yaml")[0].rules
    assert (found.demand.at_least_text, found.demand.at_most_text) == ("0.7", "0.9")
    folder.write(a=head + "rules: [{id: r, at_least: 0.8}]\n")
    (said,) = folder.problems("a.yaml")
    assert "loosens `at_most` of the extended rule at c.yaml:5, from 0.9 to nothing" in said


HOUSE = BASE.replace("metric: recall", "metric: 'house:score'")


def test_a_changed_rule_calls_the_function_of_the_file_that_has_its_check(folder: Any) -> None:
    folder.write(lib__b=HOUSE, a=OWN.replace("b.yaml", "lib/b.yaml") + "rules: [{id: r, at_least: 0.8}]\n")
    (found,) = load_policies([folder.path / "a.yaml"], workspace=folder.path)[0].rules
    assert (found.at.file, found.folder) == ("a.yaml", "lib")


def test_a_function_of_another_folder_is_another_function(folder: Any) -> None:
    whole = HOUSE.partition("rules:\n")[2].replace("0.7", "0.8")
    folder.write(lib__b=HOUSE, a=f"{OWN.replace('b.yaml', 'lib/b.yaml')}rules:\n{whole}")
    with pytest.raises(InputError, match=r"changes `metric` of the extended rule at lib/b.yaml:5, from that in `lib`"):
        load_policies([folder.path / "a.yaml"], workspace=folder.path)


def test_a_pack_and_another_repository_have_no_folder_of_functions() -> None:
    own = Rule(
        "p", "r", Metric(metric="recall"), Demand(), Location("https://example.com/p@0123456789ab/credit/p.yaml")
    )
    assert own.folder == ""
    assert replace(own, at=Location("mlgate/baseline@1.yaml")).folder == ""
    assert replace(own, at=Location("policies/p.yaml")).folder == "policies"
    assert replace(own, at=Location("p.yaml")).folder == "."


LOCKED = BASE.replace("id: r,", "id: r, locked: true,")
LOCKED_FILE = BASE.replace("owner: o\n", "owner: o\nlocked: true\n")


@pytest.mark.parametrize(("base", "lock"), [(LOCKED, "b.yaml:5"), (LOCKED_FILE, "b.yaml:4")], ids=["rule", "file"])
def test_what_is_locked_can_be_tightened_and_neither_loosened_nor_waived(folder: Any, base: str, lock: str) -> None:
    assert rule(folder, "rules: [{id: r, at_least: 0.8}]\n", base).demand.at_least_text == "0.8"
    said = refused(folder, "rules: [{id: r, at_least: 0.6}]\n", base)
    assert f", which is locked at {lock}, from 0.7 to 0.6; keep it" in said
    assert refused(folder, WAIVER, base) == (
        f"a.yaml:5:11: rule `r` is locked at {lock}, so that no waiver of another file covers it; "
        "meet the rule, or ask its owner to change it"
    )
    assert f"locked at {lock}" in refused(folder, WAIVER + "rules: [{id: r, at_least: 0.8}]\n", base)
    assert "loosens `locked`" in refused(folder, "rules: [{id: r, locked: false}]\n", base)


def test_the_file_of_a_lock_may_waive_its_own_rule(folder: Any) -> None:
    folder.write(b=LOCKED + WAIVER)
    assert [waiver.rule for waiver in folder.load("b.yaml")[0].waivers] == ["r"]


def test_a_file_of_waivers_does_not_waive_what_is_locked(folder: Any) -> None:
    filed = WAIVER.replace("rule: r", "rule: b:r")
    folder.write(b=LOCKED, waivers=f"mlgate: 1\nowner: risk@example.com\n{filed}")
    assert "rule `r` is locked at b.yaml:5, so that no waiver of another file covers it" in folder.problems("b.yaml")[0]


def test_a_rule_of_a_locked_file_may_be_left_open(folder: Any) -> None:
    opened = LOCKED_FILE.replace("id: r,", "id: r, locked: false,")
    folder.write(a=OWN + WAIVER, b=opened)
    assert [waiver.rule for waiver in folder.load("a.yaml")[0].waivers] == ["r"]


def test_a_locked_file_locks_what_it_extends(folder: Any) -> None:
    folder.write(a=OWN + "locked: true\n", b=BASE)
    folder.write(t=OWN.replace("policy: a", "policy: t").replace("b.yaml", "a.yaml") + WAIVER)
    (said,) = folder.problems("t.yaml")
    assert "rule `r` is locked at a.yaml:5" in said


@pytest.mark.parametrize(
    ("own", "refused_key"),
    [
        ("derive: {sex: {column: age, edges: [25]}}\n", "derive.sex"),
        ("groups: {sex: {values: [F, M], unknown: report}}\n", "groups.sex"),
        ("groups: {sex: {values: [F, M]}}\n", ""),
        ("groups: {race: {values: [A, B], unknown: report}}\n", ""),
    ],
)
def test_the_groups_of_a_locked_rule_cannot_be_redrawn(folder: Any, own: str, refused_key: str) -> None:
    folder.write(a=OWN + own, b=LOCKED)
    if not refused_key:
        assert len(folder.load("a.yaml")) == 1
        return
    (said,) = folder.problems("a.yaml")
    assert f"`{refused_key}` changes what the rule `r` judges, which is locked at b.yaml:5" in said


def test_unlocking_is_a_loosening_for_diff(folder: Any) -> None:
    folder.write(b=LOCKED)
    old = folder.load("b.yaml")
    folder.write(b=BASE)
    (change,) = compared(old, folder.load("b.yaml"))
    assert (change.what, change.key, change.direction, change.loosens) == ("r", "locked", "looser", True)


@pytest.mark.parametrize(
    ("own", "base", "severity"),
    [
        ("", BASE, "block"),
        ("severity: warn\n", BASE, "warn"),
        ("severity: warn\n", BASE.replace("owner: o\n", "owner: o\nseverity: block\n"), "block"),
        ("severity: warn\n", BASE.replace("id: r,", "id: r, severity: block,"), "block"),
        ("severity: warn\n", LOCKED, "block"),
        ("severity: warn\n", LOCKED_FILE, "block"),
        ("severity: block\n", BASE.replace("owner: o\n", "owner: o\nseverity: warn\n"), "block"),
        ("severity: block\n", BASE.replace("id: r,", "id: r, severity: warn,"), "warn"),
    ],
)
def test_the_severity_of_a_file_reaches_what_it_extends(folder: Any, own: str, base: str, severity: str) -> None:
    assert rule(folder, own, base).severity == severity


@pytest.mark.parametrize(
    ("own", "base", "day"),
    [
        ("enforce_from: 2027-01-01\n", BASE, date(2027, 1, 1)),
        ("enforce_from: 2027-01-01\nrules: [{id: r, at_least: 0.8}]\n", BASE, date(2027, 1, 1)),
        ("enforce_from: 2027-01-01\n", BASE.replace("id: r,", "id: r, enforce_from: 2026-02-02,"), date(2026, 2, 2)),
        ("enforce_from: 2027-01-01\n", BASE.replace("owner: o\n", "owner: o\nenforce_from: 2026-02-02\n"),
         date(2026, 2, 2)),
        ("enforce_from: 2027-01-01\n", BASE.replace("owner: o\n", "owner: o\nenforce_from: 2028-02-02\n"),
         date(2027, 1, 1)),
        ("enforce_from: 2027-01-01\n", LOCKED, None),
    ],
)  # fmt: skip
def test_the_first_day_of_a_file_reaches_what_it_extends(folder: Any, own: str, base: str, day: date | None) -> None:
    assert rule(folder, own, base).enforce_from == day


def test_what_is_extended_by_two_files_keeps_the_stricter_severity(folder: Any) -> None:
    folder.write(b=BASE, a=OWN + "severity: warn\n")
    folder.write(c=OWN.replace("policy: a", "policy: c"))
    folder.write(t="mlgate: 1\npolicy: t\nowner: o\nextends: [a.yaml, c.yaml]\n")
    assert [each.severity for each in folder.load("t.yaml")[0].rules] == ["block"]


def test_diff_sees_that_a_whole_file_only_warns(folder: Any) -> None:
    folder.write(a=OWN, b=BASE)
    old = folder.load("a.yaml")
    folder.write(a=OWN + "severity: warn\n")
    (change,) = compared(old, folder.load("a.yaml"))
    assert (change.what, change.key, change.direction) == ("r", "severity", "looser")
