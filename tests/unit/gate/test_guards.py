"""What must hold before a check answers is refused by the gate, though the check never looks at it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlgate.candidate.read import load_candidate
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.gate.run import Settings, judge
from mlgate.gate.stored_facts import measure_all, stored_evidence
from mlgate.metrics.labels import labelled
from mlgate.metrics.metric import Alone
from mlgate.metrics.question import UNIT, Question
from mlgate.policy.load import load_policies
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate
from mlgate.values.verdict import Outcome, Status


@dataclass(frozen=True)
class Whole:
    """A slice of ten rows."""

    rows: int = 10


class Careless(Alone):
    """A kind that guards its rows and looks at no answer: it estimates 1, whatever it is given."""

    weighted = False
    method = "none"

    def needs(self, question: Question) -> Iterable[Need]:
        """Guards alone."""
        return (*question.usable("score", within=UNIT), labelled(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Whole]:
        """One slice, without a look at any fact."""
        return {(): Whole()}

    def estimate(self, question: Question, stats: Whole) -> Estimate:
        """1, for sure."""
        return Estimate((), 1.0, 10, 10, lambda _alpha: 1.0, lambda _alpha: 1.0)


@dataclass(frozen=True, kw_only=True)
class CarelessCheck(PerformanceMetric):
    """A check of that kind."""

    id: ClassVar[str] = "performance.metric"

    def entry(self, subject: Subject) -> Any:
        """The metric with the careless kind."""
        return replace(super().entry(subject), kind=Careless())


@dataclass(frozen=True, kw_only=True)
class Late(CarelessCheck):
    """A check that guards only what it asks later."""

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The size of the table."""
        return (Counts(subject.rows().table),)

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The guards."""
        yield from super().needs(subject, alphas)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """1, for sure."""
        yield Careless().estimate(self.question(subject, (), alphas), Whole())


@dataclass(frozen=True, kw_only=True)
class Endless(CarelessCheck):
    """A check that asks something new whenever it is answered."""

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Need]:
        """One more question than there are answers."""
        yield Counts(subject.rows().table, (Term(f"t{len(facts.answers)}", "y"),))


SOUND = {"y": ["1", "0"] * 5, "s": [0.9, 0.1] * 5}
BROKEN = {
    "a score that is NaN": ({"s": [float("nan"), *SOUND["s"][1:]]}, "1 is NaN"),
    "a missing score": ({"s": [None, *SOUND["s"][1:]]}, "1 is missing"),
    "a score that is not a probability": ({"s": [1.5, *SOUND["s"][1:]]}, "a probability must be between 0 and 1"),
    "a missing label": ({"y": [None, *SOUND["y"][1:]]}, "rows has no label"),
    "an undeclared class": ({"y": ["2", *SOUND["y"][1:]]}, "`2`: not among the declared classes"),
}
POLICY = """mlgate: 1
policy: p
owner: o
rules:
  - {id: r, check: performance.metric, metric: roc_auc, at_least: 0.5}
"""
CANDIDATE = """mlgate: 1
candidate: c
task: binary
positive: "1"
classes: ["0", "1"]
predictions: {path: rows.parquet, label: y, score: s}
"""


def files(at: Path, **columns: Any) -> Path:
    pq.write_table(pa.table({**SOUND, **columns}), at / "rows.parquet")
    (at / "policy.yaml").write_text(POLICY)
    (at / "candidate.yaml").write_text(CANDIDATE)
    return at / "candidate.yaml"


def policies(at: Path, check: type[PerformanceMetric]) -> list[Any]:
    (policy,) = load_policies([at / "policy.yaml"], workspace=at)
    return [replace(policy, rules=tuple(replace(rule, check=check(metric="roc_auc")) for rule in policy.rules))]


def outcome(at: Path, check: type[PerformanceMetric]) -> Outcome:
    settings = Settings(at, date(2026, 11, 30))
    (found,) = judge(load_candidate(at / "candidate.yaml", workspace=at), policies(at, check), settings).outcomes
    return found


@pytest.mark.parametrize("check", [CarelessCheck, Late])
def test_sound_rows_pass(tmp_path, check):
    files(tmp_path)
    assert outcome(tmp_path, check).status is Status.PASS


@pytest.mark.parametrize("check", [CarelessCheck, Late])
@pytest.mark.parametrize("fault", BROKEN)
def test_broken_rows_are_refused_though_nobody_looks(tmp_path, check, fault):
    columns, said = BROKEN[fault]
    files(tmp_path, **columns)
    found = outcome(tmp_path, check)
    assert found.status is Status.ERROR
    assert said in found.message
    assert found.findings == ()


@pytest.mark.parametrize("check", [CarelessCheck, Late])
@pytest.mark.parametrize("fault", BROKEN)
def test_facts_that_were_kept_are_guarded_too(tmp_path, check, fault):
    columns, said = BROKEN[fault]
    candidate = files(tmp_path, **columns)
    settings = Settings(tmp_path, date(2026, 11, 30))
    (tmp_path / "facts.json").write_text(measure_all([candidate], policies(tmp_path, check), settings))
    assert json.loads((tmp_path / "facts.json").read_text())["kind"] == "facts"
    kept = stored_evidence(tmp_path / "facts.json", policies(tmp_path, check), tmp_path)
    (found,) = judge(load_candidate(candidate, workspace=tmp_path), policies(tmp_path, check), settings, kept).outcomes
    assert found.status is Status.ERROR
    assert said in found.message


def test_a_check_that_never_stops_asking_is_an_error(tmp_path):
    files(tmp_path)
    found = outcome(tmp_path, Endless)
    assert found.status is Status.ERROR
    assert found.message == "the check crashed: RuntimeError: it still asks new questions after 20 rounds of answers"


def test_a_guard_of_several_needs_gets_their_facts_in_order():
    one, other = Counts("a"), Counts("b")
    seen: list[Any] = []
    Guard((one, other), lambda *facts: seen.extend(facts)).check(Facts({other: 2, one: 1}))
    assert seen == [1, 2]


def test_what_went_wrong_while_measuring_is_the_refusal():
    need = Counts("a")
    with pytest.raises(EvidenceError, match="no such table"):
        Guard(need, lambda _fact: None).check(Facts({need: EvidenceError("no such table")}))
