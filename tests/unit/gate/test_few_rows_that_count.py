"""`min_n` is about the rows that count: positives for recall, the smaller class for AUC, the smaller group of a gap."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import mlgate
from mlgate.values.verdict import Outcome


def outcome(folder: Path, positives: int, rule: str) -> Outcome:
    """What a rule makes of 200 rows of which the positives, the first ones, are all missed."""
    (folder / "policy.yaml").write_text(
        f"mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - {{id: r, min_n: 50, {rule}}}\n"
    )
    label = [1] * positives + [0] * (200 - positives)
    frame = pd.DataFrame({"y": label, "p": 0, "s": 0.5, "g": ["a", "b"] * 100})
    frame.loc[frame.index[-1], "p"] = 1
    found = mlgate.check(
        policy=folder / "policy.yaml", predictions=frame, task="binary", positive="1", label="y", prediction="p",
        score="s",
    )  # fmt: skip
    return found.outcomes[0]


RECALL = "check: performance.metric, metric: recall, at_least: 0.7"


@pytest.mark.parametrize("proof", ["unrefuted", "estimate", "shown"])
@pytest.mark.parametrize(
    "rule",
    [
        RECALL,
        "check: performance.metric, metric: roc_auc, at_least: 0.4",
        "check: performance.metric, metric: balanced_accuracy, at_least: 0.4",
        "check: fairness.gap, metric: recall, by: g, at_most: 0.9",
    ],
)
def test_a_rule_does_not_pass_on_fewer_rows_that_count(proof: str, rule: str, tmp_path: Path) -> None:
    found = outcome(tmp_path, 2, f"{rule}, proof: {proof}")
    assert found.status.value == "INCONCLUSIVE"


@pytest.mark.parametrize("proof", ["unrefuted", "estimate"])
def test_a_slice_in_which_few_rows_count_is_not_left_out(proof: str, tmp_path: Path) -> None:
    found = outcome(tmp_path, 4, f"{RECALL}, by: g, proof: {proof}")
    assert {finding.status.value for finding in found.findings} <= {"INCONCLUSIVE", "FAIL"}


def test_it_says_which_rows_are_missing(tmp_path: Path) -> None:
    found = outcome(tmp_path, 2, f"{RECALL}, proof: unrefuted").findings[0]
    assert found.message == "2 rows with label `1` of 200, fewer than the rule's min_n of 50"
    assert found.settle == "add at least 48 more rows with label `1`"


def test_enough_rows_that_count_are_judged(tmp_path: Path) -> None:
    assert outcome(tmp_path, 60, f"{RECALL}, proof: unrefuted").status.value == "FAIL"
    specificity = "check: performance.metric, metric: specificity, at_least: 0.7, proof: unrefuted"
    assert outcome(tmp_path, 60, specificity).status.value == "PASS"
