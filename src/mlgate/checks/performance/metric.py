"""performance.metric: a metric of the candidate, overall or in every slice, meets a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.base import Demand
from mlgate.checks.performance.slices import answers_by_slice
from mlgate.checks.subject import PREDICTIONS, Subject
from mlgate.errors import EvidenceError
from mlgate.estimate import Answer
from mlgate.evidence.facts import CountsFact, Facts
from mlgate.evidence.needs import Counts, Need, Term
from mlgate.evidence.rows import Rows
from mlgate.fields import By, Choice, Integer, MapOf, Number, OneOrMany, Text, param
from mlgate.metrics.base import Metric, Options
from mlgate.metrics.question import Question
from mlgate.metrics.registry import choose

SHAPING = ("class", "average", "beta", "k", "threshold", "costs", "column", "quantile", "cap", "bins", "equals", "table")


@dataclass(frozen=True)
class PerformanceMetric:
    """A metric of the candidate meets a bound, overall or in every slice.

    ## What it does
    Measures `metric` on the rows presented and decides it against `at_least`, `at_most` or `between` by a confidence
    bound on the true value: PASS when the bound meets the demand, FAIL when the opposite bound refutes it, else
    INCONCLUSIVE with the rows that would settle it. With `by` every group of every slicing must meet the demand.

    ## Why it matters
    A threshold compared with the observed value passes and fails by luck: with 200 rows, an accuracy of 0.90 is
    anything from 0.86 to 0.93. And an average hides the group for which the model does not work.

    ## Example
    ```yaml
    - id: recall-for-everyone
      check: performance.metric
      metric: recall
      by: [sex, age_band, [sex, age_band]]
      at_least: 0.60
    ```

    ## Notes
    A slice in which the metric is 0/0, a declared group without rows and a row without a group value are errors,
    unless the policy's `groups:` says otherwise. `min_n` leaves out slices with fewer rows and lists them; without
    `by` fewer rows are INCONCLUSIVE. Holm's correction keeps the chance of a wrong FAIL within the rule.

    ## References
    Clopper & Pearson 1934; Holm 1979; Berger & Hsu 1996 (intersection-union tests).
    """

    id: ClassVar[str] = "performance.metric"
    bounded: ClassVar[bool] = True

    metric: str = param(Text(), doc="A metric's name, or `module:function` of scikit-learn's signature.")
    by: tuple[tuple[str, ...], ...] = param(By(), default=(), doc="Slice by columns; a list inside intersects them.")
    where: tuple[tuple[str, tuple[str, ...]], ...] = param(
        MapOf(OneOrMany(Text())), default=(), doc="Only rows whose columns have these values."
    )
    class_: str | None = param(Text(), default=None, key="class", doc="Multiclass: this class against the rest.")
    average: str | None = param(
        Choice("macro", "micro", "weighted"), default=None, doc="Multiclass: how the classes' values are averaged."
    )
    beta: Fraction | None = param(Number(above=0), default=None, doc="Weight of recall against precision in fbeta.")
    k: Fraction | None = param(Number(above=0), default=None, doc="Top k: rows, a share of the rows below 1, or classes.")
    threshold: Fraction | None = param(Number(), default=None, doc="Decide positive where the score is at least this.")
    costs: tuple[tuple[str, Fraction], ...] = param(
        MapOf(Number()), default=(), doc="Cost (or value) of each of tp, fp, fn and tn."
    )
    column: str | None = param(Text(), default=None, doc="The column whose mean, rate or quantile is measured.")
    equals: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="For rate: the values that count.")
    quantile: Fraction | None = param(Number(above=0, below=1), default=None, doc="Which quantile, between 0 and 1.")
    cap: Fraction | None = param(Number(), default=None, doc="Mean of min(value, cap): a bound on what one row can do.")
    bins: int | None = param(Integer(min=2, max=1000), default=None, doc="Bins of a calibration error; 15 by default.")
    table: str | None = param(Text(), default=None, doc="For column metrics: the candidate's table; else `predictions`.")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        name = self.metric
        if self.quantile is not None and self.column:
            name = f"p{float(100 * self.quantile):g}"
        parts = [f"{self.average} {name}" if self.average else name]
        if self.k is not None:
            parts = [parts[0].replace("_k", f"_{float(self.k):g}")]
        if self.class_ is not None:
            parts.append(f"of class {self.class_}")
        if self.column:
            parts.append(f"of {self.column}")
        if self.threshold is not None:
            parts.append(f"at threshold {float(self.threshold):g}")
        return " ".join(parts)

    def problems(self, demand: Demand) -> Iterable[tuple[str, str]]:
        """Unknown metric, keys it does not take or lacks, and bounds that cannot be meant."""
        from mlgate.checks.performance.lint import metric_problems

        return metric_problems(self, demand)

    def given(self) -> tuple[str, ...]:
        """The keys that shape the metric and were given."""
        return tuple(key for key in SHAPING if getattr(self, "class_" if key == "class" else key) not in (None, ()))

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The metric's needs for every slicing, and that ids match and `where` columns are complete."""
        for question in self.questions(subject, alphas):
            yield from self._entry(subject).kind.needs(question)
        yield from self._guards(subject)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """An estimate for every group of every slicing."""
        subject.trust(self._table, facts)
        self._trust_where(subject, facts)
        kind = self._entry(subject).kind
        for question in self.questions(subject, alphas):
            yield from answers_by_slice(subject, question, kind, kind.groups(question, facts))

    def questions(self, subject: Subject, alphas: tuple[float, ...]) -> Iterator[Question]:
        """The metric asked once for every slicing, or once for all rows."""
        rows = subject.rows(self._table)
        whole = Question(
            rows,
            subject.task,
            subject.roles if self._table == PREDICTIONS else {},
            self.options(rows),
            where=self._where(rows),
            positive_class=subject.positive,
            classes=subject.classes,
            scores=subject.scores,
            alphas=alphas,
        )
        for names in self.by or ((),):
            yield replace(whole, by=tuple(subject.group_term(rows, name) for name in names))

    def options(self, rows: Rows | None = None) -> Options:
        """The keys that shape the metric, with the column looked up in the table."""
        column = rows.column(self.column, "column") if rows is not None and self.column else None
        return Options(
            self.class_, self.average, self.beta, self.k, self.threshold, self.costs, column, self.quantile, self.cap,
            self.bins or 15, self.equals,
        )  # fmt: skip

    @property
    def _table(self) -> str:
        return self.table or PREDICTIONS

    def _entry(self, subject: Subject) -> Metric:
        entry = choose(self.metric, subject.task, self.options())
        if "weight" in subject.roles and not entry.kind.weighted:
            raise EvidenceError(f"{self.metric} takes no sampling weights; leave `weight` out or choose another metric")
        return entry

    def _where(self, rows: Rows) -> str:
        return " and ".join(rows.column(name, "where").equals_any(values) for name, values in self.where)

    def _guards(self, subject: Subject) -> tuple[Need, ...]:
        missing = self._missing_where(subject.rows(self._table))
        return (*subject.guards(self._table), *((missing,) if missing else ()))

    def _missing_where(self, rows: Rows) -> Counts | None:
        if not self.where:
            return None
        nulls = " or ".join(f"({rows.column(name, 'where').text}) is null" for name, _ in self.where)
        return Counts(rows.table, terms=(Term("missing", f"case when {nulls} then 'true' else 'false' end"),))

    def _trust_where(self, subject: Subject, facts: Facts) -> None:
        need = self._missing_where(subject.rows(self._table))
        if need is None:
            return
        fact: CountsFact = facts[need]
        missing = sum(cell.n for cell in fact.cells if cell.values[0] == "true")
        if missing:
            columns = ", ".join(name for name, _ in self.where)
            raise EvidenceError(f"{missing} rows have no value in a column of `where` ({columns}): are they meant or not?")
