"""What every check is: one frozen dataclass whose fields are a rule's keys and whose docstring is its manual page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from mlgate.evidence.questions.need import Facts, Need
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer

if TYPE_CHECKING:
    from mlgate.checks.subject import Subject


class Check(Protocol):
    """A kind of demand. Instances are frozen dataclasses made from a rule's keys by `fields.read_record`."""

    id: ClassVar[str]
    bounded: ClassVar[bool]
    """Whether a rule of this check takes `at_least`, `at_most` or `between`; it needs one unless it is `Searching`."""

    @property
    def measured(self) -> str:
        """What is measured, in words: "recall", "p95 of latency_ms"."""
        ...

    def problems(self, demand: Demand) -> Iterable[tuple[str, str]]:
        """What is wrong with these parameters or this demand, as (key of the rule, message), before any data."""
        ...

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The questions to ask; opens nothing. Raises EvidenceError where the subject has no such column."""
        ...

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """Estimates and claims, a slice at a time; what was yielded before a crash is kept."""
        ...


class Searching:
    """A check that looks for slices by itself: without a bound it lists them, with one it judges them.

    Nobody chose its slices beforehand, so none of them is refuted but by Holm's correction over all that are judged,
    whatever the rule's `proof`; and their observed values decide nothing, as the least of many is low by noise alone.
    """


@runtime_checkable
class Staged(Protocol):
    """A check with questions that can only be put once others are answered: bins at measured quantiles, say."""

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """Further questions, from the facts known so far; asked again until nothing new comes."""
        ...


@runtime_checkable
class Demanding(Protocol):
    """A check whose own keys say what is demanded (`margin: 0.01`), in place of `at_least` and `at_most`."""

    def demand(self) -> Demand:
        """The bound that the rule sets."""
        ...
