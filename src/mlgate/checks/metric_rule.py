"""Rules about a metric: the keys that choose it, the question they ask, and the guards of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import partial

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.candidate.presented import Candidate
from mlgate.checks.forecast_faults import sound_forecasts
from mlgate.checks.metric_problems import limits_of
from mlgate.checks.roles_read import roles_read
from mlgate.checks.sampling_units import complete_units, unit_text
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.rows import Rows
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.metrics.labels import values_present
from mlgate.metrics.metric import Better, Metric, StagedKind
from mlgate.metrics.options import Options
from mlgate.metrics.queries import one_valued
from mlgate.metrics.question import Question
from mlgate.metrics.registry import choose, entries
from mlgate.reading.fields import MapOf, OneOrMany, Text, param
from mlgate.values.errors import EvidenceError
from mlgate.values.words import SLICES, Words, have

GroupColumns = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OfMetric:
    """Which metric a rule measures, and on which rows."""

    metric: str = param(Text(), doc="A metric's name, or `module:function` of scikit-learn's signature.")
    where: tuple[tuple[str, tuple[str, ...]], ...] = param(
        MapOf(OneOrMany(Text())), default=(), doc="Only rows whose columns have these values."
    )


@dataclass(frozen=True, kw_only=True)
class MetricRule(Options, OfMetric):
    """The keys of every rule about a metric. A check adds how rows are sliced and what it answers per slice."""

    @property
    def quantity(self) -> str:
        """The metric in words, with its parameters and the rows that it is measured on."""
        said = " and ".join(f"{name} is {' or '.join(values)}" for name, values in self.where)
        return self.in_words(self.metric) + (f" where {said}" if said else "")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return self.quantity

    @property
    def judges_skill(self) -> bool:
        """Whether its metric has a direction, so that a useless model fails."""
        return any(entry.better is not Better.NEITHER for entry in entries(self.metric))

    @property
    def beside(self) -> tuple[str, ...]:
        """Metrics of which one must be judged too, as useless predictions can have any value of its own."""
        return next((entry.beside for entry in entries(self.metric) if entry.beside), ())

    @property
    def assumed_as(self) -> tuple[str, ...]:
        """Its metric's name."""
        return (self.metric,)

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest possible value of the metric."""
        low, high = limits_of(self.metric, self.options())
        return float(low), float(high)

    def words(self, subject: Subject) -> Words:
        """Slices of queries, of units if the rows are rolled up to one per unit, or of rows."""
        table = self.measured_on(subject)
        return Words(of="query") if table == QUERIES else Words(of="unit") if subject.rolled_up(table) else SLICES

    @property
    def source(self) -> str:
        """The name of the table that the rule measures; `predictions` by default."""
        return self.table or PREDICTIONS

    def reads(self, task: str) -> frozenset[str] | None:
        """The roles that its metric reads of a candidate of a task; None if the task does not have the metric."""
        try:
            kind = self.entry(Subject(Candidate(name="any", task=task))).kind
        except EvidenceError:
            return None
        if self.source != PREDICTIONS:
            return frozenset()
        without = "" if kind.weighted else "weight"
        return roles_read(task, (PREDICTIONS, QUERIES), self._all_needs, without)

    def _all_needs(self, subject: Subject) -> Iterable[Need]:
        """The metric's needs for all rows together."""
        return self.entry(subject).kind.needs(self.question(subject, (), (0.05,)))

    def measured_on(self, subject: Subject) -> str:
        """The table that is measured: the metric's, else the rule's."""
        return self.entry(subject).table or self.source

    def options(self) -> Options:
        """The metric's parameters."""
        return Options(**{each.name: getattr(self, each.name) for each in fields(Options)})

    def entry(self, subject: Subject) -> Metric:
        """The metric for the candidate's task. Raises EvidenceError if the task does not have it."""
        entry = choose(self.metric, subject.task, self.options())
        foreign = sorted(set(self.given()) - {*entry.takes, "class", "average"})
        if foreign:
            raise EvidenceError(f"{self.metric} of {subject.described} takes no `{foreign[0]}`")
        if self.source == QUERIES:
            raise EvidenceError(
                "`table: queries` is only for metrics of rankings, which use it without `table`; name another table"
            )
        if self.source == PREDICTIONS and "weight" in subject.roles and not entry.kind.weighted:
            raise EvidenceError(f"{self.metric} cannot use sampling weights; choose another metric, or remove `weight`")
        if self._units(subject) and not entry.kind.in_units:
            # Only scores can be rolled up, and only where one score tells of one class.
            scored = subject.task == "binary" and "score" in subject.roles
            raise EvidenceError(
                f"{self.metric} has no interval yet for rows that belong together, and its interval for independent "
                "rows would be too narrow. Choose a metric whose page (`mlgate explain METRIC`) has one for rows in "
                f"units{', or roll units up by `score:` of the unit in the candidate' if scored else ''}"
            )
        return entry

    def _units(self, subject: Subject) -> tuple[str, ...]:
        """The columns that identify the unit of a measured row."""
        of_queries = bool(choose(self.metric, subject.task, self.options()).table)
        alone = of_queries and subject.unit == (subject.roles.get("query"),)
        return subject.unit if self.source == PREDICTIONS and not alone else ()

    def question(self, subject: Subject, columns: GroupColumns, alphas: tuple[float, ...]) -> Question:
        """The metric for every group of some columns; for all rows if there are no columns."""
        table = self.measured_on(subject)
        rows = subject.rows(table)
        whole = Question(
            rows,
            subject.task,
            subject.roles if table in (PREDICTIONS, QUERIES) else {},
            self.options(),
            where=self.selection(rows),
            positive_class=subject.positive,
            classes=subject.classes,
            scores=subject.scores,
            alphas=alphas,
            separator=subject.separator,
            folder=subject.folder,
            unit=unit_text(rows, self._units(subject)),
        )
        return replace(whole, by=tuple(subject.group_term(rows, name) for name in columns))

    def selection(self, rows: Rows) -> str:
        """SQL for whether a row is one of `where`; empty without it."""
        return " and ".join(rows.column(name, "where").equals_any(values) for name, values in self.where)

    def questions(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Question]:
        """Every question that the rule asks of its metric."""
        raise NotImplementedError

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Need]:
        """The metric's follow-up questions, once its first questions are answered."""
        kind = self.entry(subject).kind
        if isinstance(kind, StagedKind):
            for question in self.questions(subject, alphas):
                yield from kind.later(question, facts)

    def guards(self, subject: Subject) -> Iterator[Guard]:
        """Guards before rows count: ids match, and units and `where` columns are complete."""
        table = self.measured_on(subject)
        rows = subject.rows(table)
        yield from subject.guards(table)
        if table == QUERIES:
            yield from one_valued(rows, self._whole(subject))
        if self._units(subject):
            yield complete_units(rows, subject.unit)
        yield from sound_forecasts(subject, self.source)
        if self.where:
            yield self._complete_where(rows)
        for name, values in self.where:
            yield values_present(rows, rows.column(name, "where"), values, f"where.{name}")

    def _whole(self, subject: Subject) -> tuple[str, ...]:
        """The columns that must have one value per query: those of `where`, and those of units."""
        rows = subject.rows(self.measured_on(subject))
        selecting = (rows.column(name, "where").name for name, _ in self.where)
        return tuple(dict.fromkeys((*selecting, *self._units(subject))))

    def _complete_where(self, rows: Rows) -> Guard:
        columns = [rows.column(name, "where") for name, _ in self.where]
        nulls = " or ".join(f"({column.text}) is null" for column in columns)
        need = Counts(rows.table, terms=(Term.flag("missing", nulls),))
        return Guard(need, partial(_refuse_missing, ", ".join(name for name, _ in self.where)))


def _refuse_missing(columns: str, fact: CountsFact) -> None:
    if missing := fact.flagged():
        raise EvidenceError(
            f"{have(missing, 'row')} no value in `where` column(s) {columns}; fill them in or exclude them"
        )
