"""What to do next is true for every proof and every status, as the gate itself decides them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.gate.decide import Failure, decide
from mlgate.policy.demanded import Rule
from mlgate.reports.reasons import reasons
from mlgate.reports.remedies import next_steps
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Estimate
from mlgate.values.verdict import Outcome

REFUTED = "these rows already refute the demand, so more rows will not help"
OBSERVED = "the observed value misses the demand, and by this rule's proof only this decides"
NOT_REFUTED = "the demand is not refuted"
ONCE = "Judge once, on fresh rows"
SHOWS = "mprove the model until the same number of rows shows the demand"
MEETS = "mprove the model until its value meets the demand"
WAIVER = "Or ask the owner of the policy for a waiver"
EVERY = (REFUTED, OBSERVED, NOT_REFUTED, ONCE, SHOWS, MEETS, WAIVER)


@dataclass(frozen=True)
class Seen:
    """A value with its bounds at every level, on 100 rows."""

    value: float
    lower: float | None
    upper: float | None
    rounding: float = 0.0
    why: str | None = None

    def judged(self, proof: str, min_n: int = 0) -> Outcome:
        rule = Rule(
            "p", "r", PerformanceMetric(metric="accuracy"), DEMAND, Location("p.yaml", 3, 1), proof=proof, min_n=min_n
        )  # type: ignore[arg-type]
        estimate = Estimate(
            (),
            self.value,
            100,
            100,
            lambda _alpha: self.lower,
            lambda _alpha: self.upper,
            rounding=self.rounding,
            no_bound_because=self.why,
        )
        return decide(rule, [estimate])[0]


DEMAND = Demand(0.8, None, "0.8")  # type: ignore[arg-type]
BELOW, AROUND, ABOVE = Seen(0.6, 0.5, 0.7), Seen(0.75, 0.65, 0.85), Seen(0.85, 0.75, 0.95)
BOUNDLESS_BELOW = Seen(0.7, None, None)
BOUNDLESS = Seen(0.9, None, None, why="one row has no spread")
ROUNDED = Seen(0.85, None, None, rounding=0.5)


@pytest.mark.parametrize(
    ("proof", "seen", "min_n", "status", "expected"),
    [
        ("shown", BELOW, 0, "FAIL", (REFUTED, WAIVER)),
        ("shown", AROUND, 0, "INCONCLUSIVE", (SHOWS, WAIVER)),
        ("shown", ABOVE, 0, "INCONCLUSIVE", (ONCE, SHOWS, WAIVER)),
        ("shown", BOUNDLESS, 0, "INCONCLUSIVE", ()),
        ("shown", ROUNDED, 0, "INCONCLUSIVE", ()),
        ("shown", BELOW, 500, "INCONCLUSIVE", ()),
        ("unrefuted", BELOW, 0, "FAIL", (REFUTED, WAIVER)),
        ("unrefuted", BOUNDLESS_BELOW, 0, "INCONCLUSIVE", (MEETS, WAIVER)),
        ("unrefuted", ROUNDED, 0, "INCONCLUSIVE", ()),
        ("unrefuted", ABOVE, 500, "INCONCLUSIVE", ()),
        ("estimate", BELOW, 0, "FAIL", (REFUTED, WAIVER)),
        ("estimate", AROUND, 0, "FAIL", (OBSERVED, NOT_REFUTED, WAIVER)),
        ("estimate", BOUNDLESS_BELOW, 0, "FAIL", (OBSERVED, NOT_REFUTED, WAIVER)),
        ("estimate", ROUNDED, 0, "INCONCLUSIVE", ()),
        ("estimate", ABOVE, 500, "INCONCLUSIVE", ()),
        ("unrefuted", AROUND, 0, "PASS", ()),
        ("estimate", ABOVE, 0, "PASS", ()),
    ],
)
def test_each_remedy_is_named_exactly_where_it_helps(
    proof: str, seen: Seen, min_n: int, status: str, expected: tuple[str, ...]
) -> None:
    outcome = seen.judged(proof, min_n)
    said = " ".join(next_steps(outcome))
    assert outcome.status.value == status
    assert [remedy for remedy in EVERY if remedy in said] == list(expected)
    assert bool(said) is (status != "PASS")


@pytest.mark.parametrize("proof", ["shown", "unrefuted", "estimate"])
@pytest.mark.parametrize("machine", [True, False])
def test_an_error_asks_for_no_rows_and_no_waiver(proof: str, machine: bool) -> None:
    rule = Rule("p", "r", PerformanceMetric(metric="accuracy"), DEMAND, Location("p.yaml", 3, 1), proof=proof)  # type: ignore[arg-type]
    outcome, _ = decide(rule, [], Failure("no column `label`", machine))
    (said,) = next_steps(outcome)
    assert ("Check the machine" if machine else "Correct what was presented") in said


def test_an_estimate_that_misses_says_what_is_still_possible_and_names_min_n() -> None:
    said = " ".join(next_steps(AROUND.judged("estimate")))
    assert "not refuted, as the true value may be 0.8 or more. `min_n` in the rule keeps a few rows" in said
    assert "not refuted, as its value has no bounds" in " ".join(next_steps(BOUNDLESS_BELOW.judged("estimate")))


@pytest.mark.parametrize("proof", ["shown", "unrefuted", "estimate"])
def test_too_few_rows_are_the_reason_and_the_remedy(proof: str) -> None:
    outcome = ABOVE.judged(proof, 500)
    (finding,) = outcome.findings
    assert list(reasons(outcome, finding)) == ["The rule does not judge by fewer rows than its `min_n`."]
    assert "dd at least 400 more rows" in " ".join(next_steps(outcome))


@pytest.mark.parametrize("proof", ["unrefuted", "estimate"])
def test_what_rounding_hides_is_not_promised_to_be_settled_by_rows(proof: str) -> None:
    outcome = ROUNDED.judged(proof)
    (said,) = next_steps(outcome)
    assert said.startswith("Its rows are lost in rounding")
    (finding,) = outcome.findings
    assert "does not decide" in " ".join(reasons(outcome, finding))


def test_a_remedy_names_its_slice_if_there_are_several() -> None:
    rule = Rule("p", "r", PerformanceMetric(metric="accuracy"), DEMAND, Location("p.yaml", 3, 1))
    unsettled, settled = (
        Estimate((("g", name),), 0.9, 100, 100, lambda _, low=low: low, lambda _: 0.95, no_bound_because=why)
        for name, low, why in (("a", None, "one row has no spread"), ("b", 0.85, None))
    )
    (first, *_) = next_steps(decide(rule, [unsettled, settled])[0])
    assert first.startswith("g=a: ")
    (alone, *_) = next_steps(decide(rule, [unsettled])[0])
    assert not alone.startswith("g=a")
