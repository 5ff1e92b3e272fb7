"""The line of a rule: what it says of value, bound and demand is true, and never contradicts the status beside it."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.performance.slices import PerformanceSlices
from mlgate.gate.decide import decide
from mlgate.policy.demanded import Rule
from mlgate.reports.reasons import reasons
from mlgate.reports.statement import statement
from mlgate.reports.summary import deciding
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Estimate
from mlgate.values.verdict import Finding, Outcome, Status

COMPARED = re.compile(r"(-?[\d.]+) (<|>|≤|≥) (-?[\d.]+)")
HOLDS = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "≤": lambda a, b: a <= b,
    "≥": lambda a, b: a >= b,
}
EIGHTHS = st.integers(-7, 7).map(lambda n: n / 8)  # floats that are their own exact fractions
METRIC = PerformanceMetric(metric="accuracy")
SEARCH = PerformanceSlices(metric="accuracy", columns=("g",), method="bonferroni")


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    low, high = sorted((draw(st.integers(-7, 7)), draw(st.integers(-7, 7))))
    low_, high_ = Fraction(low, 8), Fraction(high, 8)
    sides = draw(st.sampled_from([(low_, None), (None, high_), (low_, high_)]))
    texts = ["" if side is None else str(float(side)) for side in sides]
    return Demand(*sides, *texts, strict=draw(st.booleans()) and None in sides)


@st.composite
def estimates(draw: st.DrawFn, name: str) -> Estimate:
    lower, value, upper = sorted(draw(st.tuples(EIGHTHS, EIGHTHS, EIGHTHS)))
    low, high = draw(st.sampled_from([(lower, upper), (None, upper), (lower, None), (None, None)]))
    # Holm asks at smaller levels, where bounds are wider.
    wider = draw(st.sampled_from([0.0, 0.125, 0.375]))

    def least(alpha: float) -> float | None:
        return None if low is None else low - wider * (alpha < 0.049)

    def most(alpha: float) -> float | None:
        return None if high is None else high + wider * (alpha < 0.049)

    return Estimate((("g", name),), value, 100, 100, least, most)


@settings(deadline=None, max_examples=400)
@given(
    demand=demands(),
    proof=st.sampled_from(["shown", "unrefuted", "estimate"]),
    found=st.tuples(*(estimates(name) for name in "abc")),
    check=st.sampled_from([METRIC, SEARCH]),
)
def test_what_is_compared_is_true_and_agrees_with_the_status(
    demand: Demand, proof: str, found: tuple[Estimate, ...], check: PerformanceMetric | PerformanceSlices
) -> None:
    if proof == "estimate":
        check = METRIC  # a search refuses it
    outcome, _ = decide(Rule("p", "r", check, demand, Location("p.yaml", 1, 1), proof=proof), found)  # type: ignore[arg-type]
    for finding in outcome.findings:
        said = statement(outcome, finding)
        for left, sign, right in COMPARED.findall(said):
            assert HOLDS[sign](float(left), float(right)), said
        _agrees(outcome, finding, said, demand)


def _agrees(outcome: Outcome, finding: Finding, said: str, demand: Demand) -> None:
    """A bound in parentheses shows a PASS, does not refute what is not refuted, and refutes a FAIL."""
    bound = re.search(r"\((lower|upper) bound (-?[\d.]+)\)", said)
    if bound is None:
        return
    end, low, high = float(bound[2]), outcome.at_least, outcome.at_most
    beyond = end < low if low is not None else high is not None and end > high
    assert beyond is (finding.status is Status.FAIL), said
    even = " ".join(reasons(outcome, finding))
    if finding.status is Status.PASS and outcome.proof == "shown":
        assert "Even the" in even
    assert not (finding.status is Status.FAIL and "meets the demand" in even)


@pytest.mark.parametrize(
    ("status", "proof", "numbers", "lacking", "expected"),
    [
        ("PASS", "shown", (0.8, 0.7, 0.9), "", "recall 0.8 ≥ 0.6 (lower bound 0.7)"),
        ("PASS", "unrefuted", (0.5, 0.4, 0.7), "", "recall 0.5 < 0.6, not refuted (upper bound 0.7)"),
        ("PASS", "unrefuted", (0.5, 0.4, 0.55), "", "recall 0.5 < 0.6, not refuted at the shared level"),
        ("PASS", "unrefuted", (0.8, 0.7, None), "", "recall 0.8 ≥ 0.6, not refuted (no upper bound)"),
        ("PASS", "estimate", (0.8, 0.5, 0.9), "", "recall 0.8 ≥ 0.6, observed, no confidence"),
        ("FAIL", "shown", (0.5, 0.4, 0.55), "", "recall 0.5 < 0.6 (upper bound 0.55)"),
        ("FAIL", "estimate", (0.5, 0.4, 0.7), "", "recall 0.5 < 0.6, observed"),
        ("INCONCLUSIVE", "shown", (0.7, 0.5, 0.8), "rows", "recall 0.7, lower bound 0.5 < 0.6"),
        ("INCONCLUSIVE", "shown", (0.7, None, None), "bound", "recall 0.7, not shown to be ≥ 0.6 (no lower bound)"),
        ("INCONCLUSIVE", "shown", (0.7, None, None), "min_n", "recall 0.7, too few rows to be judged ≥ 0.6"),
        ("INCONCLUSIVE", "unrefuted", (0.5, 0.4, None), "value", "recall 0.5 < 0.6, no bound"),
        ("INCONCLUSIVE", "estimate", (0.7, 0.5, 0.8), "precision", "recall 0.7 ≥ 0.6, lost in rounding"),
        ("WAIVED", "shown", (0.7, 0.5, 0.8), "rows", "recall 0.7, lower bound 0.5 < 0.6, waived"),
        ("WAIVED", "shown", (0.5, 0.4, 0.55), "", "recall 0.5 < 0.6 (upper bound 0.55), waived"),
        ("WAIVED", "estimate", (0.5, 0.4, 0.7), "", "recall 0.5 < 0.6, observed, waived"),
    ],
)
def test_statements(status: str, proof: str, numbers: tuple[float | None, ...], lacking: str, expected: str) -> None:
    value, lower, upper = numbers
    finding = Finding((), Status(status), "m", value, None, lower, upper, 100, 100, lacking=lacking)  # type: ignore[arg-type]
    outcome = Outcome(
        "p", "r", "performance.metric", Status(status), "m", Location("p.yaml", 1), metric="recall", at_least=0.6
    )
    outcome = Outcome(**{**vars(outcome), "proof": proof, "findings": (finding,)})
    assert statement(outcome, deciding(outcome)) == expected


def test_a_value_within_rounding_of_the_bound_is_not_printed_as_missing_it() -> None:
    demand = Demand(None, Fraction("0.3"), "", "0.3")
    near = Estimate((), 0.1 + 0.2, 9, 9)
    outcome, _ = decide(Rule("p", "r", METRIC, demand, Location("p.yaml", 1, 1), proof="estimate"), [near])
    assert outcome.status is Status.PASS
    assert "> 0.3" not in statement(outcome, deciding(outcome))
    assert "is at most 0.3, and by this rule's proof" in " ".join(reasons(outcome, outcome.findings[0]))


def test_a_strict_demand_is_missed_by_equality() -> None:
    demand = Demand(Fraction(0), None, "0", "", strict=True)
    equal = Estimate((), 0.0, 9, 9, lambda _a: 0.0, lambda _a: 0.0, exact=Fraction(0))
    outcome, _ = decide(Rule("p", "r", METRIC, demand, Location("p.yaml", 1, 1), proof="estimate"), [equal])
    assert statement(outcome, deciding(outcome)) == "accuracy 0 ≤ 0, observed"
    assert "The observed value 0 is at most 0" in " ".join(reasons(outcome, outcome.findings[0]))
