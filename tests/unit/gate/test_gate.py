"""The pipeline's stages: questions that rest on answers, rules that are not asked, and rules that only publish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import Predictions
from mlgate.checks.base import Check
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.sources import FrameSource
from mlgate.gate.run import Settings, judge
from mlgate.policy.demanded import Policy, Rule
from mlgate.reading.edge import today
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError, Location
from mlgate.values.estimate import Answer, Claim, Estimate, Listed, NotAsked, Published
from mlgate.values.verdict import Status, Table, Verdict

AT = Location("policy.yaml", 3, 1)
ROWS = Counts("predictions")
ACCURATE = PerformanceMetric(metric="accuracy")


def of_value(value: str) -> Counts:
    """How many rows have a label."""
    return Counts("predictions", f"\"y\" = '{value}'", terms=(Term("y", '"y"'),))


@dataclass(frozen=True)
class Fake(Check):
    """A check of its own making: what it needs, needs later, and answers."""

    id: ClassVar[str] = "test.fake"
    bounded: ClassVar[bool] = False

    first: Callable[[], Iterable[Need]] = field(default=lambda: (ROWS,))
    then: Callable[[Facts], Iterable[Need]] = field(default=lambda facts: ())
    found: Callable[[Facts], Iterable[Answer]] = field(default=lambda facts: ())

    @property
    def measured(self) -> str:
        return "something"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        return self.first()

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        return self.then(facts)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        yield from self.found(facts)


def judged(*checks: Any, demand: Demand | None = None) -> Verdict:
    """The verdict on four rows by rules of these checks."""
    frame = pd.DataFrame({"y": ["a", "a", "b", "a"], "p": ["a", "b", "b", "a"]})
    predictions = Predictions(source=FrameSource(frame), label="y", prediction="p")
    candidate = Candidate(name="c", task="binary", positive="a", predictions=predictions)
    rules = tuple(
        Rule("p", f"r{at}", check, demand or Demand(Fraction(1, 10), None, "0.1"), AT)
        for at, check in enumerate(checks)
    )
    policy = Policy("p", "owner", "policy.yaml", rules)
    return judge(candidate, [policy], Settings(Path(), today(), threads=2))


def test_later_questions_are_put_until_nothing_new_comes() -> None:
    def then(facts: Facts) -> Iterator[Need]:
        first: CountsFact = facts[ROWS]
        if first.cells[0].n == 4:
            yield of_value("a")
        if of_value("a") in facts.answers and facts[of_value("a")].cells[0].n == 3:
            yield of_value("b")

    def found(facts: Facts) -> Iterator[Answer]:
        yield Claim((), facts[of_value("b")].cells[0].n == 1, "asked in three rounds")

    (outcome,) = judged(Fake(then=then, found=found)).outcomes
    assert (outcome.status, outcome.message) == (Status.PASS, "asked in three rounds")


def test_a_later_question_that_fails_is_its_rules_error_and_hides_no_other() -> None:
    def broken(facts: Facts) -> Iterable[Need]:
        raise EvidenceError("no such quantile")

    def crashing(facts: Facts) -> Iterable[Need]:
        raise ZeroDivisionError

    verdict = judged(Fake(then=broken), Fake(then=crashing), ACCURATE)
    assert [outcome.status for outcome in verdict.outcomes] == [Status.ERROR, Status.ERROR, Status.PASS]
    assert [outcome.machine for outcome in verdict.outcomes] == [False, True, False]
    assert verdict.exit_code == 1


def test_a_rule_that_is_not_asked_is_skipped_with_its_reason_and_is_no_pass() -> None:
    def nothing() -> Iterable[Need]:
        raise NotAsked("no champion yet")

    alone = judged(Fake(first=nothing))
    assert [(o.status, o.message) for o in alone.outcomes] == [(Status.SKIPPED, "no champion yet")]
    assert alone.exit_code == 2
    assert judged(Fake(first=nothing), ACCURATE).exit_code == 0


def test_what_is_only_listed_is_shown_and_is_no_pass() -> None:
    table = Table("rates", ("group", "rate"), (("F", "0.5"),))

    def found(facts: Facts) -> Iterator[Answer]:
        yield Listed((("g", "F"),), Estimate((), 0.5, 4, 4), "0.5 of 4")
        yield Published(table)

    alone = judged(Fake(found=found))
    (outcome,) = alone.outcomes
    assert (outcome.status, outcome.message, outcome.tables) == (
        Status.LISTED,
        "1 listed; the rule demands nothing",
        (table,),
    )
    assert [(f.where, f.status, f.value, f.rows) for f in outcome.findings] == [((("g", "F"),), Status.LISTED, 0.5, 4)]
    assert (alone.exit_code, alone.allowed) == (2, False)
    assert judged(Fake(found=found), ACCURATE).exit_code == 0


def test_what_cannot_be_listed_blocks() -> None:
    def found(facts: Facts) -> Iterator[Answer]:
        yield Listed((), Estimate((), 0.5, 4, 4), "0.5 of 4")
        raise EvidenceError("a group has no rows")

    (outcome,) = judged(Fake(found=found)).outcomes
    assert (outcome.status, outcome.message) == (Status.ERROR, "a group has no rows")


def test_a_check_that_answers_nothing_is_an_error() -> None:
    (outcome,) = judged(Fake()).outcomes
    assert outcome.status is Status.ERROR


@pytest.mark.parametrize(("strict", "expected"), [(True, Status.INCONCLUSIVE), (False, Status.PASS)])
def test_a_strict_demand_must_be_passed_and_not_just_reached(strict: bool, expected: Status) -> None:
    tie = Estimate((), 0.0, 4, 4, lambda _a: 0.0, lambda _a: 0.2)
    demand = Demand(Fraction(0), None, "0", strict=strict)
    (outcome,) = judged(Fake(found=lambda facts: [tie]), demand=demand).outcomes
    assert outcome.status is expected
    assert outcome.demand == f"something {'>' if strict else '≥'} 0"


def test_a_bound_that_cannot_be_computed_is_its_rules_error_and_hides_no_other() -> None:
    def broken(_alpha: float) -> float:
        raise ZeroDivisionError("0/0")

    bad = Fake(found=lambda facts: [Estimate((), 0.5, 4, 4, broken, broken)])
    good = Fake(found=lambda facts: [Estimate((), 0.5, 4, 4, lambda _a: 0.4, lambda _a: 0.6)])
    verdict = judged(bad, good)
    assert [outcome.status for outcome in verdict.outcomes] == [Status.ERROR, Status.PASS]
    assert "the check crashed: ZeroDivisionError: 0/0" in verdict.outcomes[0].message
    assert not verdict.allowed
