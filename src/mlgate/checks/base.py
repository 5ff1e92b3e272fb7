"""What every check is: one frozen dataclass whose fields are a rule's keys and whose docstring is its manual page."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from mlgate.checks.assumption import WITH_DATA, Assumption
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer
from mlgate.values.plan import FindingPlan, RulePlan
from mlgate.values.verdict import Proof
from mlgate.values.words import SLICES, Words

Wrong = tuple[str | tuple[str, ...], str]
"""One thing wrong with a rule: the key that is wrong, or the path of keys that leads to it, and a message."""


class Check(ABC):
    """A kind of demand. Subclasses are frozen dataclasses, made from a rule's keys by `fields.read_keys`.

    A check says what is wrong with its keys, what it needs, and what it answers from the facts. It compares nothing
    with a bound and knows neither proof nor waivers: `gate.decide` does. All that anybody says or plans about one kind
    of check stands here, so that nothing outside `checks` knows a check by its name.
    """

    id: ClassVar[str]
    """`family.name`."""
    bounded: ClassVar[bool]
    """Whether a rule of this check takes `at_least`, `at_most` or `between`; it needs one unless it is `searching`."""
    searching: ClassVar[bool] = False
    """Whether the check looks for slices by itself: without a bound it lists them, with one it judges them.

    Nobody chose its slices beforehand. So one is refuted only by Holm's correction over all that are judged, whatever
    the rule's `proof`; and observed values decide nothing, as the least of many is low by noise alone."""
    covers_all: ClassVar[bool] = True
    """Whether the findings of one slicing together hold all rows. Not so where groups are held against another group,
    which has no finding of its own: then nobody can say which share of the rows is left out."""
    own_needs: ClassVar[tuple[type[Need], ...]] = ()
    """Questions that the check brings along, so that a facts file may hold them."""
    by: tuple[tuple[str, ...], ...] = ()
    """The slicings: a waiver may name one slice of each."""

    candidate_keys: ClassVar[type[Any] | None] = None
    """A record of candidate keys that the check reads by `subject.candidate.of(RECORD)`, each with a default. They are
    validated with the candidate file, stand in its JSON Schema, and the files they name are digested."""

    @property
    @abstractmethod
    def measured(self) -> str:
        """What is measured, in words: "recall", "p95 of latency_ms"."""

    @classmethod
    def help(cls) -> str:
        """What the check asks, in one line: the first of its manual page."""
        return (inspect.getdoc(cls) or "").partition("\n")[0]

    def words(self, _subject: Subject) -> Words:
        """What its findings are about, and what those consist of."""
        return SLICES

    def demand(self, given: Demand) -> Demand:
        """The bound that the rule sets: as given by the common keys, unless keys of the check's own say it."""
        return given

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """What is wrong with these keys or this demand, before any data."""
        return ()

    @abstractmethod
    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The questions to ask; opens nothing. Raises EvidenceError where the subject has no such column.

        `alphas` are the one-sided levels at which the gate may ask for bounds: the rule's own, then smaller ones.
        """

    def later(self, _subject: Subject, _facts: Facts, _alphas: tuple[float, ...]) -> Iterable[Need]:
        """Follow-up questions, from the facts known so far; asked again until nothing new comes."""
        return ()

    @abstractmethod
    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """Estimates and claims, one per slice; what was yielded before a crash is kept."""

    def advice(self, _proof: Proof) -> Iterable[str]:
        """What is not wrong and yet seldom meant, before any data: sentences about "it", the rule."""
        return ()

    def advice_with_data(self, _planned: RulePlan) -> Iterable[str]:
        """The same, when it is known what the rows at hand can do."""
        return ()

    @property
    def assumed_as(self) -> tuple[str, ...]:
        """Under which names beside the rule's own its values may be assumed: its metric's."""
        return ()

    def assumed(self, _assumption: Assumption) -> FindingPlan | str:
        """The rows that the rule takes if an assumption is true, or why nobody can tell.

        Raises ValueError for numbers that cannot be meant.
        """
        return WITH_DATA
