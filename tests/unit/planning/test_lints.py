"""Each lint finds what it is about, and is silent about its twin, which differs in what is meant."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlgate.planning.policy_lint import linted, policy_lints
from mlgate.policy.load import load_policies

DAY = date(2026, 11, 30)
WAIVER = "waivers:\n  - {rule: r, not_below: 0.6, owner: o, reason: JIRA-1, granted: 2026-10-01, expires: %s%s}\n"
RECALL = "  - {id: r, check: performance.metric, metric: recall, at_least: 0.7}\n"
GAP = "  - {id: gap, check: fairness.gap, metric: recall, by: sex, at_most: 0.1}\n"
PATH = "expects: {predictions: {path: %s}}\nrules:\n"
COVERAGE = "  - {id: c, check: performance.metric, metric: interval_coverage, at_least: 0.9}\n"
SLICES = "  - {id: s, check: performance.slices, metric: recall, columns: [sex]"
WIDTH = "  - {id: w, check: performance.metric, metric: %s, at_most: 3}\n"


def rule(name: str, more: str, metric: str = "recall") -> str:
    return f"  - {{id: {name}, check: performance.metric, metric: {metric}, {more}}}\n"


CASES: dict[str, tuple[str, str, str]] = {
    "contradictory_bounds": (
        "rules:\n" + rule("a", "at_least: 0.8, by: sex") + rule("b", "between: [0.5, 0.7], by: sex"),
        "rules:\n" + rule("a", "at_least: 0.8, by: sex") + rule("b", "between: [0.5, 0.7], by: age"),
        "demands between 0.5 and 0.7 and rule `p:a` (p.yaml:5:5) ≥ 0.8 of the same, so no model passes both",
    ),
    "duplicate_rules": (
        "rules:\n" + rule("a", "at_least: 0.8") + rule("b", "at_least: 0.8"),
        "rules:\n" + rule("a", "at_least: 0.8") + rule("b", "at_least: 0.8, where: {sex: F}"),
        "rule `b` demands the same as rule `p:a` (p.yaml:5:5); remove one of them",
    ),
    "few_rows": (
        "rules:\n" + rule("a", "at_least: 0.8, proof: unrefuted"),
        "rules:\n" + rule("a", "at_least: 0.8, proof: unrefuted, min_n: 100"),
        "a few rows refute nothing",
    ),
    "lone_metrics": (
        f"rules:\n{COVERAGE}",
        f"rules:\n{COVERAGE}{WIDTH % 'interval_width'}",
        "Add a rule with `metric: interval_width` or `pinball_loss` and `at_most`",
    ),
    "moving_paths": (PATH % "p.csv" + RECALL, PATH % "/p.csv" + RECALL, "is relative to the candidate file"),
    "never_failing_rules": (
        f"rules:\n{SLICES}}}\n",
        f"rules:\n{SLICES}, at_least: 0.5, method: split}}\n",
        "cannot fail: without a bound it lists what it finds",
    ),
    "only_warning": (
        "severity: warn\nrules:\n" + RECALL,
        "severity: warn\nrules:\n" + RECALL.replace("}", ", severity: block}"),
        "it never blocks a merge",
    ),
    "own_advice": (
        "rules:\n  - {id: a, check: governance.approval}\n",
        "rules:\n  - {id: a, check: governance.approval, code_owners: true}\n",
        "counts an approval by anybody",
    ),
    "parity_without_skill": (
        f"rules:\n{GAP}",
        f"rules:\n{GAP}{RECALL}",
        "rule `gap` only compares groups, and no rule demands skill",
    ),
    "unreachable_rules": (
        "for: {task: binary}\nrules:\n" + RECALL.replace("}", ", when: {task: regression}}"),
        "for: {task: [binary, regression]}\nrules:\n" + RECALL.replace("}", ", when: {task: binary}}"),
        "its `when:` and the policy's `for:` select none in common, by task",
    ),
    "unshowable_bounds": (
        "rules:\n" + rule("a", "at_least: 1"),
        "rules:\n" + rule("a", "at_least: 0.999"),
        "cannot be shown by any number of rows: it demands 1, the highest possible value",
    ),
    "unused_columns": (
        "derive: {age_band: {column: age, edges: [40]}}\nrules:\n" + RECALL,
        "derive: {age_band: {column: age, edges: [40]}}\nrules:\n" + RECALL.replace("}", ", by: [[age_band, sex]]}"),
        "`derive.age_band` of policy `p` is named by no rule",
    ),
    "unused_waivers": (
        "for: {name: toy}\nrules:\n" + RECALL + WAIVER % ("2026-11-29", ""),
        "for: {name: toy}\nrules:\n" + RECALL + WAIVER % ("2026-11-30", ""),
        "the waiver for rule `r` ended on 2026-11-29; remove it",
    ),
}


def said(folder: Path, text: str, *lints: str) -> list[str]:
    """What some lints, or all, find in a policy."""
    (folder / "p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\n{text}")
    policies = load_policies([folder / "p.yaml"], workspace=folder)
    every = [each for policy in policies for each in linted(policy, policies, DAY)]
    return [str(each.problem) for each in every]


def test_every_lint_has_a_case() -> None:
    assert {*CASES} == {*policy_lints()}


@pytest.mark.parametrize("name", CASES)
def test_a_lint_finds_its_case_and_not_the_twin(tmp_path: Path, name: str) -> None:
    case, twin, part = CASES[name]
    found = said(tmp_path, case)
    assert len([each for each in found if part in each]) == 1, found
    assert all(each.startswith("p.yaml:") for each in found)
    assert not [each for each in said(tmp_path, twin) if part in each]


OVERLAPS = {
    "risk": ("{risk: high}", "{risk: [low, medium]}", True),
    "names": ("{name: 'credit-*'}", "{name: churn}", True),
    "names that may be one": ("{name: 'credit-*'}", "{name: '*-v2'}", False),
    "beginnings of names": ("{name: 'credit-*'}", "{name: 'churn-*'}", True),
    "tags, of which a candidate may have both": ("{tags: eu}", "{tags: us}", False),
    "what is left out": ("{not: {tags: eu}}", "{tags: eu}", True),
    "a part of what is left out": ("{not: {tags: eu}}", "{tags: [eu, us]}", False),
    "what is left out in one risk": ("{not: {tags: eu, risk: low}}", "{tags: eu}", False),
    "a name that is left out by a pattern": ("{not: {name: 'test-*'}}", "{name: test-1}", True),
    "each of several": ("{any: [{task: binary}, {risk: high}]}", "{task: regression, risk: low}", True),
    "one of several": ("{any: [{task: binary}, {risk: high}]}", "{task: regression}", False),
}


@pytest.mark.parametrize("what", OVERLAPS)
def test_a_rule_is_unreachable_only_where_no_candidate_can_be_meant(tmp_path: Path, what: str) -> None:
    chosen, when, never = OVERLAPS[what]
    text = f"for: {chosen}\nrules:\n" + RECALL.replace("}", f", when: {when}}}")
    assert any("applies to no candidate" in each for each in said(tmp_path, text)) is never


DEMANDS = {
    "a weaker bound": (rule("a", "at_least: 0.8"), rule("b", "at_least: 0.7"), "rule `b` is met wherever rule `p:a`"),
    "a stricter bound later": (
        rule("a", "at_least: 0.7"), rule("b", "at_least: 0.8"), "rule `a` is met wherever rule `p:b`"),
    "a stricter bound that only warns": (rule("a", "at_least: 0.7"), rule("b", "at_least: 0.8, severity: warn"), ""),
    "a stricter bound in the future": (
        rule("a", "at_least: 0.7"), rule("b", "at_least: 0.8, enforce_from: 2027-01-01"), ""),
    "a stricter bound for some": (rule("a", "at_least: 0.7"), rule("b", "at_least: 0.8, when: {risk: high}"), ""),
    "bounds for others": (
        rule("a", "at_least: 0.7, when: {risk: low}"), rule("b", "at_least: 0.7, when: {risk: high}"), ""),
    "another proof": (rule("a", "at_least: 0.7"), rule("b", "at_least: 0.7, proof: estimate, min_n: 9"), ""),
    "two laws": (rule("a", "at_least: 0.7, source: Law 1"), rule("b", "at_least: 0.7, source: Law 2"), ""),
    "other sides": (rule("a", "at_least: 0.7"), rule("b", "between: [0.5, 0.9]"), ""),
}  # fmt: skip


@pytest.mark.parametrize("what", DEMANDS)
def test_what_is_met_wherever_another_rule_is(tmp_path: Path, what: str) -> None:
    one, other, part = DEMANDS[what]
    found = [
        each for each in said(tmp_path, f"rules:\n{one}{other}") if "met wherever" in each or "the same as" in each
    ]
    assert [part in each for each in found] == ([True] if part else [])


def test_rules_of_two_policies_contradict_each_other_only_where_one_candidate_has_both(tmp_path: Path) -> None:
    head = "mlgate: 1\npolicy: {0}\nowner: o\nfor: {{risk: {1}}}\nrules:\n"
    for risk, number in (("high", 1), ("low", 0)):
        (tmp_path / "a.yaml").write_text(head.format("a", "high") + rule("x", "at_least: 0.9"))
        (tmp_path / "b.yaml").write_text(head.format("b", risk) + rule("x", "between: [0.1, 0.5]"))
        policies = load_policies([tmp_path], workspace=tmp_path)
        found = [str(each.problem) for policy in policies for each in linted(policy, policies, DAY)]
        assert len([each for each in found if "no model passes both" in each]) == number


def test_a_waiver_for_others_than_its_rule_waives_nothing(tmp_path: Path) -> None:
    more = ", for: {name: churn, risk: low}"
    text = "for: {risk: high}\nrules:\n" + RECALL + WAIVER % ("2026-12-29", more)
    found = [each for each in said(tmp_path, text) if "waiver" in each]
    assert len(found) == 1
    assert "the waiver for rule `r` is for candidates that the rule does not judge, by risk; remove it" in found[0]


def test_the_page_about_policies_lists_every_lint() -> None:
    page = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 3]
    assert {f"| `{lint.name}` | {lint.said} |" for lint in policy_lints().values()} <= {*rows}


def test_of_very_many_rules_each_is_compared_with_its_like_only(tmp_path: Path) -> None:
    """All pairs of a file's rules would take minutes."""
    rules = "".join(rule(f"r{at}", f"at_least: 0.8, by: c{at % 500}") for at in range(1000))
    found = said(tmp_path, f"rules:\n{rules}")
    assert len([each for each in found if "demands the same as" in each]) == 500


def test_a_width_for_other_candidates_does_not_bound_the_coverage(tmp_path: Path) -> None:
    bounded = (
        COVERAGE.replace("}", ", when: {risk: high}}") + WIDTH.replace("}", ", when: {risk: low}}") % "interval_width"
    )
    assert any("demands interval_coverage alone" in each for each in said(tmp_path, f"rules:\n{bounded}"))
