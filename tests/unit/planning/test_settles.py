"""What would settle an INCONCLUSIVE finding is said by the code that plans it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mlgate.candidate.read import load_candidate
from mlgate.gate.run import Settings, judge
from mlgate.gate.wording import nice
from mlgate.policy.load import load_policies
from mlgate.values.numbers import factor
from support.planning import planned_again, write

ROWS = [
    ("F", "x", 1, 1, 40), ("F", "x", 1, 0, 20), ("F", "x", 0, 0, 60),
    ("M", "x", 1, 1, 62), ("M", "x", 1, 0, 28), ("M", "x", 0, 0, 90),
]  # fmt: skip


TIMES = "about {times} times as many rows in every group"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("performance.metric, metric: recall, by: g, at_least: 0.6", "about {more} more rows with label `1` in g=F"),
        ("fairness.gap, metric: recall, by: g, at_most: 0.15", "about {all} rows with label `1` in each of g=F and"),
        ("fairness.gap, metric: recall, by: g, at_most: 0.05, reference: overall", TIMES),
        ("fairness.ratio, metric: recall, by: g, at_least: 0.8", TIMES),
        ("fairness.gap, metric: matthews_corrcoef, by: g, at_most: 0.1", TIMES),
    ],
)
def test_the_rows_are_those_of_the_plan(tmp_path: Path, rule: str, said: str) -> None:
    write(tmp_path, ROWS, [f"id: r, check: {rule}"])
    candidate = load_candidate(tmp_path / "candidate.yaml", workspace=tmp_path)
    policies = load_policies([tmp_path / "policy.yaml"], workspace=tmp_path)
    verdict = judge(candidate, policies, Settings(tmp_path, date(2026, 11, 25), threads=1))
    finding = verdict.outcomes[0].findings[0]
    planned = planned_again(tmp_path, draws=1).rules[0].findings[0]
    needed = planned.needed or 0
    more = nice(needed - (planned.n or 0)) if needed else ""
    expected = said.format(more=more, all=nice(needed), times=factor(planned.times or 0))
    assert finding.settle is not None
    assert finding.settle.startswith(expected)
    assert finding.settle.endswith("would settle it, if the observed value is the true one")
