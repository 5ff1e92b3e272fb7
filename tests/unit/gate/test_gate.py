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
from mlgate.policy.demanded import Expectation, Policy, Rule
from mlgate.reading.edge import today
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError, InputError, Location, MachineError
from mlgate.values.estimate import Answer, Claim, Estimate, LeftOut, Listed, NotAsked, Published
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


def judged(*checks: Any, demand: Demand | None = None, at: Location = AT, **of: Any) -> Verdict:
    """The verdict on four rows by rules of these checks, in a policy with further keys."""
    frame = pd.DataFrame({"y": ["a", "a", "b", "a"], "p": ["a", "b", "b", "a"]})
    predictions = Predictions(source=FrameSource(frame), label="y", prediction="p")
    candidate = Candidate(name="c", task="binary", positive="a", predictions=predictions)
    rules = tuple(
        Rule("p", f"r{number}", check, demand or Demand(Fraction(1, 10), None, "0.1"), at)
        for number, check in enumerate(checks)
    )
    policy = Policy("p", "owner", "policy.yaml", rules, **of)
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


@pytest.mark.parametrize(
    ("error", "machine", "said"),
    [
        (EvidenceError("no such column"), False, "no such column"),
        (MachineError("no disk"), True, "no disk"),
        (InputError("a wrong key"), False, "a wrong key"),
        (MemoryError(), True, "the machine could not run this check: MemoryError"),
        (OSError("torn"), True, "the machine could not run this check: torn"),
        (OverflowError("1e999"), False, "its numbers are too large or too small for double precision"),
        (ZeroDivisionError("0/0"), True, "the check crashed: ZeroDivisionError: 0/0"),
        (SystemExit(0), True, "the check crashed: SystemExit: 0"),
    ],
)
@pytest.mark.parametrize("stage", ["first", "then", "found"])
def test_whatever_a_check_raises_is_its_rules_error_and_is_the_machines_or_the_datas_fault(
    stage: str, error: BaseException, machine: bool, said: str
) -> None:
    def raising(*_: Any) -> Any:
        raise error

    (outcome, other) = judged(Fake(**{stage: raising}), Fake(found=lambda _: [Claim((), True, "right")])).outcomes
    assert (outcome.status, outcome.machine) == (Status.ERROR, machine)
    assert outcome.message.startswith(said)
    assert (outcome.traceback is not None) is ("crashed" in said)
    assert other.status is Status.PASS


def test_a_rule_that_failed_or_is_not_asked_is_asked_nothing_more() -> None:
    again = []

    def raising(error: Exception) -> Callable[..., Any]:
        def hook(*_: Any) -> Any:
            raise error

        return hook

    def later(*_: Any) -> Any:
        again.append("asked again")
        return ()

    failed = Fake(first=raising(EvidenceError("no such column")), then=later, found=later)
    skipped = Fake(first=raising(NotAsked("no champion yet")), then=later, found=later)
    assert [(each.status, each.message) for each in judged(failed, skipped).outcomes] == [
        (Status.ERROR, "no such column"),
        (Status.SKIPPED, "no champion yet"),
    ]
    assert again == []


def test_a_check_that_never_stops_asking_fails_alone() -> None:
    right = Fake(found=lambda _: [Claim((), True, "right")])
    endless = Fake(then=lambda facts: [of_value(str(len(facts.answers)))])
    wrong = Fake(then=lambda _: iter(()), found=lambda _: [Claim((), False, "wrong")])
    found = judged(right, endless, wrong).outcomes
    assert [each.status for each in found] == [Status.PASS, Status.ERROR, Status.FAIL]
    assert "it still asks new questions after 20 rounds of answers" in found[1].message


@pytest.mark.parametrize(("file", "folder"), [("policy.yaml", "."), ("gates/credit/policy.yaml", "gates/credit")])
def test_a_check_knows_the_folder_of_its_policy(file: str, folder: str) -> None:
    seen = []

    @dataclass(frozen=True)
    class Seeing(Fake):
        def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
            seen.append(subject.folder)
            return ()

    judged(Seeing(), at=Location(file, 3, 1))
    assert seen == [folder]


def test_what_a_policy_expects_is_a_rule_of_its_own() -> None:
    expects = (Expectation(("risk",), "high", AT),)
    verdict = judged(ACCURATE, expects=expects)
    assert [(each.rule, each.status) for each in verdict.outcomes] == [("expects", Status.FAIL), ("r0", Status.PASS)]
    assert verdict.exit_code == 1


def test_a_rule_says_how_long_it_took() -> None:
    (outcome,) = judged(ACCURATE).outcomes
    assert 0 <= outcome.seconds < 60


@pytest.mark.parametrize(("unknown", "key"), [(True, "`at_most_unknown`"), (False, "`at_most_left_out`")])
def test_a_note_names_the_key_that_bounds_the_rows_that_are_left_out(unknown: bool, key: str) -> None:
    def found(facts: Facts) -> Iterator[Answer]:
        yield Estimate((("g", "a"),), 0.5, 15, 15, lambda _: 0.4, lambda _: 0.6)
        yield LeftOut((("g", "b"),), 5, "left out", 20, unknown)

    (note,) = [each for each in judged(Fake(found=found)).notes if "does not judge" in each]
    assert note.startswith("p:r0 does not judge 25 % of the rows (5 of 20) by g")
    assert note.endswith(f"bound them by {key} in the rule")
