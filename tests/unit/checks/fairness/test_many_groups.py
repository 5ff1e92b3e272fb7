"""Comparisons of many groups pair by pair say at once that they are not made."""

from __future__ import annotations

import pandas as pd
import pytest

import mlgate

POLICY = """
mlgate: 1
policy: p
owner: o
proof: estimate
rules: [{{id: gap, check: fairness.{check}, metric: selection_rate, by: g, {bound}, reference: {reference}}}]
"""


@pytest.mark.parametrize("reference", ["best", "pairs", "overall"])
@pytest.mark.parametrize(("check", "bound"), [("gap", "at_most: 0.9"), ("ratio", "at_least: 0.1")])
def test_a_thousand_groups(tmp_path, reference: str, check: str, bound: str) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text(POLICY.format(check=check, bound=bound, reference=reference))
    rows = pd.DataFrame(
        {"y": ["1", "0"] * 2000, "p": ["1", "1", "0", "1"] * 1000, "g": [f"g{i % 1000}" for i in range(4000)]}
    )
    verdict = mlgate.check(policy=policy, predictions=rows, task="binary", positive="1", label="y", prediction="p")
    (outcome,) = verdict.outcomes
    said = outcome.message + "".join(finding.message for finding in outcome.findings)
    assert ("1,000 groups" in said and "compares every pair of at most 300" in said) is (reference != "overall")
    assert verdict.allowed is False or reference == "overall"
