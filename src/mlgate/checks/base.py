"""The base class of checks: a frozen dataclass. Its fields are a rule's keys, its docstring is its manual page."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import inf
from typing import Any, ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.assumption import WITH_DATA, Assumption
from mlgate.checks.roles_read import taken_by
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.stored_table import StoredColumn
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer
from mlgate.values.plan import FindingPlan, RulePlan
from mlgate.values.verdict import About, Proof, ShownByPass, Where
from mlgate.values.words import SLICES, Words

Wrong = tuple[str | tuple[str, ...], str]
"""One mistake in a rule: the wrong key, or the path of keys to it, and a message."""


class Check(ABC):
    """A kind of demand. Subclasses are frozen dataclasses, made from a rule's keys by `fields.read_keys`.

    A check names the mistakes in its keys, the facts it needs, and its answers from these facts. It does not compare
    with a bound and does not know proof or waivers: `gate.decide` does that. A check also carries its own advice,
    planning and words, so that no code outside `checks` needs to know a check by name.
    """

    id: ClassVar[str]
    """`family.name`."""
    bounded: ClassVar[bool]
    """Whether a rule of this check takes `at_least`, `at_most` or `between`. It must have one unless the check is
    `searching`."""
    about: ClassVar[About] = "population"
    """What its demands are about: the `population` of which the rows are a sample, the `table` itself, or a `report`.
    A table's values are counted, so they decide (`proof: estimate`) unless a rule asks for another proof. Those of a
    report were measured by others, so that no other proof is possible."""
    searching: ClassVar[bool] = False
    """Whether the check finds slices by itself. Without a bound it lists them, with a bound it judges them.

    Nobody chose these slices beforehand, and the lowest of many values is low by noise alone. So a slice fails only
    after Holm's correction over all judged slices, whatever the rule's `proof`, and observed values never decide."""
    covers_all: ClassVar[bool] = True
    """Whether the findings of one slicing together cover all rows. Not so where groups are compared with a reference
    group, which has no finding itself: then the share of rows left out is unknown."""
    left_out_keys: ClassVar[tuple[str, ...]] = ("at_most_left_out", "at_most_unknown")
    """Which of these common keys, for rows that the rule does not judge, the check takes if it has slices."""
    own_needs: ClassVar[tuple[type[Need], ...]] = ()
    """Types of questions that only this check asks, so that a facts file can hold their answers."""
    also_called: ClassVar[tuple[str, ...]] = ()
    """What others call it: the names that a message or `mlgate explain` understands, and no policy accepts."""
    shows: ClassVar[ShownByPass] = ""
    """What each report says about the whole verdict once a rule of the check passes."""
    compares_groups: ClassVar[bool] = False
    """Whether the check only compares groups with each other, so that it passes where all are equally bad."""
    compares_models: ClassVar[bool] = False
    """Whether the check compares the candidate with an earlier model, a champion."""
    by: tuple[tuple[str, ...], ...] = ()
    """The slicings. A waiver may name a slice of one of them."""
    min_share: Fraction | None = None
    """The least share of the rows with which a group is judged; smaller groups are left out."""

    candidate_keys: ClassVar[type[Any] | None] = None
    """A record of candidate keys, each with a default, that the check reads by `subject.candidate.of(RECORD)`. They are
    validated with the candidate file and are part of its JSON Schema. Files that they name are digested."""

    @property
    @abstractmethod
    def measured(self) -> str:
        """What is measured, in words: "recall", "p95 of latency_ms"."""

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest possible value of what is measured."""
        return -inf, inf

    def leaves_out(self, min_n: int) -> bool:
        """Whether small groups are left out, given the rule's `min_n`."""
        return bool(self.by and (min_n or self.min_share))

    @classmethod
    def help(cls) -> str:
        """What the check asks: the first line of its manual page."""
        return (inspect.getdoc(cls) or "").partition("\n")[0]

    def words(self, _subject: Subject) -> Words:
        """What the findings are about (slices, groups) and what those consist of (rows, queries)."""
        return SLICES

    def demand(self, given: Demand) -> Demand:
        """The bound of the rule: from the common keys, unless the check's own keys set it."""
        return given

    @property
    def named_by(self) -> tuple[tuple[str, ...], ...]:
        """The names in the `where` of its findings, by which a waiver names one of them; by default those of `by`."""
        return self.by

    def demand_of(self, _where: Where, given: Demand) -> Demand:
        """The demand of the finding at `where`, if findings have demands of their own; empty if that one has none. A
        waiver must be weaker than it."""
        return given

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Mistakes in the keys or the demand that are visible without data."""
        return ()

    def waiver_problems(self, demand: Demand) -> Iterable[Wrong]:
        """Mistakes in the weaker demand of a waiver: those of a rule, unless the check demands a bound of its name."""
        return self.problems(demand)

    @abstractmethod
    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The questions to ask. It opens no file. Raises EvidenceError if a column is missing.

        `alphas` are the one-sided levels at which the gate may ask for bounds: the rule's own level, then smaller ones.
        """

    def later(self, _subject: Subject, _facts: Facts, _alphas: tuple[float, ...]) -> Iterable[Need]:
        """Follow-up questions, given the facts so far. The gate asks again until there are no new ones."""
        return ()

    def of_stored(self, _subject: Subject, _name: str, _table: str, _facts: Facts) -> Iterable[Need]:
        """What the rule asks of a table alone which it calls `name` and the candidate `table`, given the facts so far:
        `mlgate measure --table` stores it."""
        return ()

    def as_stored(self, _subject: Subject, _name: str, _table: str, _facts: Facts) -> Iterable[StoredColumn]:
        """What is stored of that table, once its questions are answered."""
        return ()

    @abstractmethod
    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """Estimates and claims, one per slice. After a crash, those already yielded are kept."""

    def advice(self, _proof: Proof) -> Iterable[str]:
        """Advice about a rule that is valid but probably not meant, without data. The subject of each sentence is the
        rule."""
        return ()

    def advice_with_data(self, _planned: RulePlan) -> Iterable[str]:
        """Advice that depends on what the candidate's rows can show."""
        return ()

    @property
    def judges_skill(self) -> bool:
        """Whether a useless model fails the rule."""
        return False

    @property
    def beside(self) -> tuple[str, ...]:
        """Metrics of which another rule should judge one, because useless predictions can pass this rule alone."""
        return ()

    @property
    def source(self) -> str:
        """The name of the table that the rule reads: `predictions` by default; empty if it reads none."""
        return PREDICTIONS

    @property
    def further_tables(self) -> tuple[str, ...]:
        """The names of other tables that the rule reads, such as one with the keys of its rows."""
        return ()

    @property
    def estimates(self) -> bool:
        """Whether its answers are estimates, which depend on the number of rows; else they are claims, yes or no. By
        default, whether it reads a table."""
        return bool(self.source)

    def reads(self, task: str) -> frozenset[str] | None:
        """The roles of the predictions, and the tables with further labels, that the rule reads of a candidate of a
        task; None if it cannot judge such a candidate. By default all that the task has, and none if the rule is about
        the table itself."""
        of_model = self.source == PREDICTIONS and self.about == "population"
        return taken_by(task) if of_model else frozenset()

    @property
    def searched(self) -> tuple[str, ...]:
        """Of a `searching` check: the columns that it cuts into slices."""
        return ()

    @property
    def entries_read(self) -> tuple[tuple[str, ...], ...]:
        """Of the `candidate_keys` that name files by names of the candidate's choice, the entries that the rule reads:
        `("reports", "metrics")`."""
        return ()

    @property
    def assumed_as(self) -> tuple[str, ...]:
        """Names beside the rule's id under which `--assume` may give its values: its metric's."""
        return ()

    def assumed(self, _assumption: Assumption) -> FindingPlan | str:
        """The rows that the rule needs if the assumption is true, or why that is unknown.

        Raises ValueError for impossible numbers.
        """
        return WITH_DATA
