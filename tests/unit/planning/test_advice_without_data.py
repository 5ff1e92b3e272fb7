"""Advice names what is seldom meant, and is silent about what is."""

from pathlib import Path

import pytest

from mlgate.planning.advice import advice
from mlgate.policy.load import load_policies

HEAD = "mlgate: 1\npolicy: p\nowner: o\nrules:\n"
RULE = "  - {{id: r, check: performance.metric, metric: recall, at_least: 0.7{more}}}\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", []),
        (", proof: unrefuted, min_n: 100", []),
        (", proof: estimate, min_n: 100", []),
        (", proof: unrefuted", ["a few rows refute nothing"]),
        (", proof: estimate", ["decided by the observed value"]),
        (", severity: warn", ["it never blocks a merge"]),
    ],
)
def test_advice(tmp_path: Path, more: str, said: list[str]) -> None:
    (tmp_path / "p.yaml").write_text(HEAD + RULE.format(more=more))
    (policy,) = load_policies([tmp_path / "p.yaml"], workspace=tmp_path)
    found = [str(problem) for problem in advice(policy)]
    assert len(found) == len(said)
    for problem, part in zip(found, said):
        assert problem.startswith("p.yaml:5:5: ")
        assert part in problem


@pytest.mark.parametrize(
    ("groups", "rule", "asks"),
    [
        ("{sex: {values: [F, M], unknown: report}}", ", by: sex", True),
        ("{sex: {values: [F, M], unknown: report}}", ", by: [age, [age, sex]]", True),
        ("{sex: {values: [F, M], unknown: report}}", ", by: sex, at_most_left_out: 0.05", True),
        ("{sex: {values: [F, M], unknown: report}}", ", by: sex, at_most_unknown: 0.05", False),
        ("{sex: {values: [F, M], unknown: report}}", ", by: age", False),
        ("{sex: {values: [F, M], unknown: report}}", "", False),
        ("{sex: {values: [F, M], unknown: own_group}}", ", by: sex", False),
        ("{sex: {values: [F, M]}}", ", by: sex", False),
    ],
)
def test_a_bound_is_asked_for_where_rows_of_unknown_groups_are_left_out(
    tmp_path: Path, groups: str, rule: str, asks: bool
) -> None:
    text = HEAD.replace("rules:", f"groups: {groups}\nrules:") + RULE.format(more=rule)
    (tmp_path / "p.yaml").write_text(text)
    (policy,) = load_policies([tmp_path / "p.yaml"], workspace=tmp_path)
    found = [str(problem) for problem in advice(policy)]
    assert any("Add `at_most_unknown: 0.05`" in problem for problem in found) is asks


@pytest.mark.parametrize(
    ("keys", "advised"),
    [
        ("check: fairness.gap, metric: recall, by: sex, at_most: 0.1, min_share: 0.05", True),
        ("check: fairness.equal_opportunity, by: sex, at_most: 0.1, min_share: 0.05", True),
        ("check: performance.metric, metric: recall, by: sex, at_least: 0.7, min_n: 30", True),
        ("check: performance.metric, metric: recall, at_least: 0.7, min_n: 30", False),
        ("check: fairness.gap, metric: recall, by: sex, at_most: 0.1", False),
        ("check: fairness.gap, metric: recall, by: sex, at_most: 0.1, min_share: 0.05, at_most_left_out: 0.1", False),
    ],
)
def test_small_groups_that_are_left_out_want_a_bound(tmp_path: Path, keys: str, advised: bool) -> None:
    (tmp_path / "p.yaml").write_text(f"{HEAD}  - {{id: r, {keys}}}\n")
    (policy,) = load_policies([tmp_path / "p.yaml"], workspace=tmp_path)
    assert any("leaves out small groups" in str(problem) for problem in advice(policy)) == advised


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("{evaluation: {path: e.csv}}", "evaluation.path"),
        ("{champion: {verdict: v.json}}", "champion.verdict"),
        ("{evaluation: {path: /e.csv}}", ""),
        ("{evaluation: {path: none}}", ""),
        ("{evaluation: {key: id}}", ""),
    ],
)
def test_a_path_that_moves_with_the_candidate_file_is_named(tmp_path: Path, path: str, key: str) -> None:
    (tmp_path / "p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nexpects: {path}\nrules:\n{RULE.format(more='')}")
    (policy,) = load_policies([tmp_path / "p.yaml"], workspace=tmp_path)
    found = [str(problem) for problem in advice(policy)]
    assert len(found) == bool(key)
    for problem in found:
        assert problem.startswith("p.yaml:4:")
        assert f"`expects.{key}` is relative to the candidate file" in problem
