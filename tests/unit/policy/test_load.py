"""A policy file is read whole, or refused with every problem at its file:line:column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.policy.demanded import Expectation, Policy, Selector, Waiver
from mlgate.policy.load import load_policies
from mlgate.values.demand import Demand
from mlgate.values.errors import InputError, Location

One = Callable[[str], Policy]
Wrong = Callable[[str], list[str]]

WHOLE = """\
mlgate: 1
policy: credit-default
owner: model-risk@example.com
description: What a credit-default model must show before it merges.
for: {tags: [credit]}
confidence: 0.9
expects:
  positive: "1"
  evaluation: {key: application_id, label: defaulted}
derive: {age_band: {column: age, edges: [25, 40.50]}}
groups: {race: {values: [A, NO, on], unknown: report}}
rules:
  - id: discriminates
    check: performance.metric
    metric: roc_auc
    at_least: 0.75
  - id: recall-for-everyone
    check: performance.metric
    metric: recall
    by: [sex, age_band]
    between: [0.60, 0.99]
    proof: unrefuted
    confidence: 0.99
    severity: warn
    enforce_from: 2027-01-01
    min_n: 30
    when: {risk: high}
  - {id: traceable, check: lineage.complete, table: train}
waivers:
  - rule: recall-for-everyone
    where: {age_band: "<25"}
    for: loans
    not_below: 0.55
    owner: model-risk@example.com
    reason: "Too few: RISK-311."
    granted: 2026-11-20
    expires: 2027-02-01
"""


def test_the_whole_file_is_read(one: One) -> None:
    policy = one(WHOLE)
    assert (policy.name, policy.owner, policy.file) == ("credit-default", "model-risk@example.com", "p.yaml")
    assert policy.applies_to == Selector(tags=("credit",))
    assert policy.expects == (
        Expectation(("positive",), "1", Location("p.yaml", 8, 3)),
        Expectation(("evaluation", "key"), ("application_id",), Location("p.yaml", 9, 16)),
        Expectation(("evaluation", "label"), "defaulted", Location("p.yaml", 9, 37)),
    )
    assert policy.expects_at == Location("p.yaml", 7, 1)
    bands = Bands("age_band", "age", (Fraction(25), Fraction(81, 2)), ("<25", "[25,40.50)", ">=40.50"))
    assert policy.derive == {"age_band": bands}
    assert policy.groups == {"race": GroupSpec(("A", "NO", "on"), "report")}
    assert [(i.role, i.path, len(i.sha256)) for i in policy.inputs] == [("policy", "p.yaml", 64)]


def test_rules_have_their_own_settings_or_the_files(one: One) -> None:
    first, second, third = one(WHOLE).rules
    assert first.name == "credit-default:discriminates"
    assert first.demand == Demand(at_least=Fraction(3, 4), at_least_text="0.75")
    assert (first.at, first.confidence, first.proof) == (Location("p.yaml", 13, 5), Fraction(9, 10), "shown")
    assert second.demand == Demand(Fraction(3, 5), Fraction(99, 100), "0.60", "0.99")
    assert (second.confidence, second.proof, second.severity) == (Fraction(99, 100), "unrefuted", "warn")
    assert (second.enforce_from, second.min_n) == (date(2027, 1, 1), 30)
    assert second.when == Selector(risk=("high",))
    assert third.demand.empty


def test_a_waiver_is_read(one: One) -> None:
    assert one(WHOLE).waivers == (
        Waiver(
            "recall-for-everyone", (("age_band", "<25"),), Fraction(11, 20), None, "model-risk@example.com",
            "Too few: RISK-311.", date(2026, 11, 20), date(2027, 2, 1), Location("p.yaml", 30, 5),
            Selector(name=("loans",)),
        ),
    )  # fmt: skip


def test_all_problems_of_all_files_are_told_at_once(folder: Any, head: str, rule: str) -> None:
    folder.write(a=head + "ownr: x\n" + rule.replace("0.7", "x"), b="# empty\n", c=head + rule)
    assert [line.split(": ")[0] for line in folder.problems()] == [
        "a.yaml:4:1",
        "a.yaml:6:66",
        "b.yaml:1:1",
        "c.yaml:2:1",
    ]


def test_a_newer_version_says_nothing_of_what_it_cannot_know(wrong: Wrong) -> None:
    assert wrong("mlgate: 2\nrulez: []\n") == [
        "p.yaml:1:9: `mlgate` is 2, but this mlgate reads version 1; update mlgate"
    ]


def test_an_inherited_default_of_labels_can_be_named(one: One, head: str, rule: str) -> None:
    policy = one(f"{head}derive: {{b: {{column: age, edges: [1e1, 20], labels: [young, NO, old]}}}}\n{rule}")
    assert policy.derive["b"].labels == ("young", "NO", "old")


def test_folders_are_searched_and_sorted(folder: Any, head: str, rule: str) -> None:
    folder.write(z=head + rule)
    (folder.path / "sub" / "deep").mkdir(parents=True)
    (folder.path / "sub" / "deep" / "a.yml").write_text(head.replace("policy: p", "policy: a") + rule)
    (folder.path / "sub" / "README.md").write_text("no policy")
    assert [policy.file for policy in folder.load()] == ["sub/deep/a.yml", "z.yaml"]
    assert [policy.file for policy in folder.load("**/*.y*ml", "z.yaml")] == ["sub/deep/a.yml", "z.yaml"]


def test_a_path_that_matches_nothing_is_an_error(folder: Any) -> None:
    (folder.path / "empty").mkdir()
    names = ("empty", "*.yaml", "missing.yaml")
    assert folder.problems(*names) == sorted(
        f"`{folder.path / name}` matches no policy; correct the path or pattern" for name in names
    )
    with pytest.raises(InputError, match="no policy is named"):
        load_policies([], workspace=folder.path)


def test_two_policies_of_one_name(folder: Any, head: str, rule: str) -> None:
    folder.write(a=head + rule, b=head + rule)
    assert folder.problems() == ["b.yaml:2:1: policy `p` is also defined at a.yaml:2; give every policy its own name"]


def test_a_file_outside_of_the_workspace_is_named_from_it(folder: Any, head: str, rule: str, checks: Any) -> None:
    folder.write(a=head + rule)
    (policy,) = load_policies([folder.path / "a.yaml"], workspace=folder.path / "other", checks=checks)
    assert policy.file == "../a.yaml"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(WHOLE.splitlines()), max_size=12).map("\n".join),
        st.tuples(st.integers(0, len(WHOLE)), st.text(max_size=4)).map(
            lambda cut: WHOLE[: cut[0]] + cut[1] + WHOLE[cut[0] + 1 :]
        ),
    )
)
def test_arbitrary_text_gives_policies_or_an_input_error(tmp_path: Path, checks: Any, text: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(text.encode("utf-8", "replace"))
    try:
        (policy,) = load_policies([file], workspace=tmp_path, checks=checks)
        assert policy.rules
    except InputError as error:
        unplaced = [problem for problem in error.problems if problem.at is None]
        assert not unplaced
