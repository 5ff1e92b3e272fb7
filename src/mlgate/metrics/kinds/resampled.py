"""Any function with scikit-learn's signature, called on the rows, with a bootstrap standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import stdev

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.evidence.questions.resample import Resample, ResampleFact, ResampleOf
from mlgate.metrics.metric import Alone
from mlgate.metrics.question import Question
from mlgate.stats.linearised import PLAIN, LinearBounds
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

NUMERIC = ("regression", "forecasting")
"""Tasks whose labels and predictions are numbers."""


@dataclass(frozen=True)
class ResampledStats:
    """The value of one slice, and those of its bootstrap samples."""

    of: ResampleOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.of.n


@dataclass(frozen=True)
class Resampled(Alone):
    """`module:function`, called as f(label, prediction). Bounds are value ± z times the bootstrap standard error."""

    function: str
    weighted = False
    method = "normal bounds with the standard error of 200 bootstrap samples (Efron 1979)"

    def needs(self, question: Question) -> Iterable[Need]:
        """The guards that every row is complete, and the value with its bootstrap values."""
        if question.count or question.weight:
            raise EvidenceError(f"`{self.function}` does not support a count or weight column")
        numeric = question.task in NUMERIC
        guards = question.usable("label", "prediction") if numeric else (_complete(question),)
        return (*guards, self._resample(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, ResampledStats]:
        """The value of every slice."""
        fact: ResampleFact = facts[self._resample(question)]
        return {found.group: ResampledStats(found) for found in fact.groups}

    def estimate(self, question: Question, stats: ResampledStats) -> Estimate:
        """The value; without a bound where all bootstrap values are equal."""
        error = stdev(stats.of.replicates) if len(stats.of.replicates) > 1 else 0.0
        bounds = LinearBounds(stats.of.value, error or None, PLAIN)
        return Estimate(
            (),
            stats.of.value,
            stats.rows,
            stats.rows,
            bounds.lower,
            bounds.upper,
            no_bound_because="all bootstrap values are equal, so the spread is unknown",
            note="bootstrap standard error, not guaranteed",
        )

    def _resample(self, question: Question) -> Resample:
        numeric = question.task in NUMERIC
        label, prediction = question.role("label"), question.role("prediction")
        return Resample(
            question.rows.table,
            question.where,
            "",
            self.function,
            label.number if numeric else question.label_term.sql,
            prediction.number if numeric else question.prediction_term.sql,
            numeric,
            question.by,
        )


def _complete(question: Question) -> Guard:
    """The guard that the table has rows, and that each has a label and a prediction."""
    missing = f"{question.label_term.sql} is null or {question.prediction_term.sql} is null"
    term = Term("missing", f"case when {missing} then 'true' else 'false' end")
    return Guard(Counts(question.rows.table, question.where, "", (term,)), _refuse_missing_class)


def _refuse_missing_class(fact: CountsFact) -> None:
    missing = sum(cell.n for cell in fact.cells if cell.values[0] == "true")
    if missing or not fact.cells:
        raise EvidenceError(f"{missing:,} rows have no label or no prediction" if missing else "no rows to measure")
