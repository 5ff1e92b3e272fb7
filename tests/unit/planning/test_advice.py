"""Advice about a policy and the data at hand: what cannot be shown, what seldom passes, and too many groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.planning.advice import advice_with_data
from mlgate.policy.load import load_policies
from support.planning import Rows, planned, slices


def advised(folder: Path, rows: Rows, *rules: str) -> list[str]:
    """The advice, as lint prints it."""
    plan = planned(folder, rows, rules, draws=200)
    policies = load_policies([folder / "policy.yaml"], workspace=folder)
    return [str(problem) for problem in advice_with_data(plan, policies)]


def accuracy(bound: str, more: str = "") -> str:
    return f"id: a, check: performance.metric, metric: accuracy, at_least: {bound}{more}"


FEW = [("F", "x", 1, 1, 9), ("F", "x", 0, 0, 11), ("M", "x", 1, 1, 180), ("M", "x", 0, 0, 190), ("M", "x", 0, 1, 10)]


def test_rows_that_cannot_show_a_rule_however_they_come_out_are_named(tmp_path: Path) -> None:
    rule = "id: r, check: performance.metric, metric: recall, by: g, at_least: 0.9"
    cannot, seldom = advised(tmp_path, FEW, rule)
    assert cannot == (
        "policy.yaml:5:5: rule `r` cannot be shown with this data: g=F: 9 rows with label `1` are too few even in "
        "the best case; 29 are needed"
    )
    assert seldom == (
        "candidate.yaml:1:1: with this many rows, the whole gate passes in 0 % of runs, even if every observed "
        "value is the true one; `mlgate plan` shows where more rows help"
    )


@pytest.mark.parametrize("hits", [28, 29])
def test_twenty_nine_right_rows_can_show_ninety_percent_and_twenty_eight_cannot(tmp_path: Path, hits: int) -> None:
    found = advised(tmp_path, [("F", "x", 1, 1, hits - 1), ("F", "x", 0, 0, 1)], accuracy("0.9"))
    assert any("cannot be shown" in line for line in found) == (hits == 28)


def test_a_rule_that_demands_every_row_is_never_shown(tmp_path: Path) -> None:
    (said, _) = advised(tmp_path, [("F", "x", 1, 1, 900), ("F", "x", 0, 0, 900)], accuracy("1"))
    assert "no number of rows shows a share of exactly 1" in said


def test_a_rule_whose_rows_are_far_too_few_says_how_many_it_takes(tmp_path: Path) -> None:
    (said, _) = advised(
        tmp_path, slices(1, 74, 26), "id: r, check: performance.metric, metric: recall, by: g, at_least: 0.739"
    )
    assert "rule `r` is rarely shown with this data: g=g0 needs about" in said
    assert "rows with label `1`, and there are 100" in said


def test_a_rule_that_cannot_be_answered_is_named(tmp_path: Path) -> None:
    auc = "id: s, check: performance.metric, metric: roc_auc, at_least: 0.7"
    (said,) = advised(tmp_path, FEW, accuracy("0.5"), auc)
    assert "rule `s` will be an ERROR and block, because this data cannot answer it: " in said


def test_what_passes_well_needs_no_advice(tmp_path: Path) -> None:
    assert advised(tmp_path, FEW, accuracy("0.9")) == []
    assert advised(tmp_path, FEW, accuracy("0.99", ", severity: warn"), accuracy("0.9").replace("id: a", "id: b")) == []


@pytest.mark.parametrize(
    ("groups", "reference", "expected"), [(5, "best", 0), (6, "best", 1), (6, "pairs", 1), (6, "overall", 0)]
)
def test_many_groups_are_better_held_against_all_rows(
    tmp_path: Path, groups: int, reference: str, expected: int
) -> None:
    gap = f"id: g, check: fairness.gap, metric: recall, by: g, at_most: 0.3, reference: {reference}"
    found = [line for line in advised(tmp_path, slices(groups, 80, 20), gap) if "compares" in line]
    assert len(found) == expected
    assert all(f"compares {groups} groups by `reference: {reference}`" in line for line in found)
    assert all("it is a different demand, each group against all rows" in line for line in found)
