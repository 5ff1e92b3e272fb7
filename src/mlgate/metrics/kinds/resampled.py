"""Any function with scikit-learn's signature, called on the rows, with a bootstrap standard error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import stdev

from mlgate.evidence.dialect import literal
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.evidence.questions.resample import Resample, ResampleFact, ResampleOf
from mlgate.metrics.metric import Alone
from mlgate.metrics.question import NO_ROWS, Question
from mlgate.stats.linearised import PLAIN, LinearBounds
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate
from mlgate.values.words import have

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
    """`module:function`, called as f(label, prediction), or with scores instead of the prediction (`inputs:`).

    A binary label is 0 or 1, and so is a binary prediction; other classes are texts. Bounds are value ± z times the
    bootstrap standard error.
    """

    function: str
    weighted = False
    method = "normal bounds with the standard error of 200 bootstrap samples (Efron 1979)"

    def needs(self, question: Question) -> Iterable[Need]:
        """The guards that every row is complete, and the value with its bootstrap values."""
        if question.count or question.weight:
            raise EvidenceError(f"`{self.function}` does not support a count or weight column")
        return (*self._guards(question), self._resample(question))

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

    def _guards(self, question: Question) -> tuple[Guard, ...]:
        inputs = self._inputs(question)
        if question.task in NUMERIC:
            return question.usable("label", "prediction")
        if inputs == "scores" and question.task != "binary":
            return (_complete(question, "label"), *question.usable_scores(probabilities=False))
        if inputs != "prediction":
            return (_complete(question, "label"), *question.usable("score"))
        return (_complete(question, "label", "prediction"),)

    def _inputs(self, question: Question) -> str:
        inputs = question.options.inputs or "prediction"
        if inputs != "prediction" and question.task in NUMERIC:
            raise EvidenceError(f"a {question.task} candidate has predictions only; remove `inputs: {inputs}`")
        if inputs == "score" and question.task != "binary":
            raise EvidenceError(f"a {question.task} candidate has one score per class; write `inputs: scores`")
        return inputs

    def _resample(self, question: Question) -> Resample:
        binary, numeric = question.task == "binary", question.task in NUMERIC
        label, prediction = "", ""
        classes: tuple[str, ...] = ()
        if numeric:
            label, prediction = question.role("label").number, question.role("prediction").number
        elif binary:
            label, classes = _indicator(question.label_term.sql, question.positive), ("0", "1")
        else:
            label, classes = question.label_term.sql, tuple(sorted(name for name, _ in question.scores))
        scores = self._scores(question)
        if not numeric and not scores:
            given = question.prediction_term.sql
            prediction = _indicator(given, question.positive) if binary else given
        return Resample(
            question.rows.table,
            question.where,
            "",
            self.function,
            label,
            prediction,
            numeric or binary,
            question.by,
            folder=question.folder,
            scores=scores,
            classes=classes,
            chosen=question.options.inputs is not None,
        )

    def _scores(self, question: Question) -> tuple[str, ...]:
        """SQL of the scores that the function is given; of several classes in the order of their names."""
        inputs = self._inputs(question)
        if inputs == "prediction":
            return ()
        if question.task != "binary":
            return tuple(column.number for _, column in sorted(question.score_columns(), key=lambda each: each[0]))
        score = question.score.number
        return (score,) if inputs == "score" else (f"(1 - {score})", score)


def _indicator(text: str, positive: str) -> str:
    """1 where a class is the positive one, else 0, as SQL."""
    return f"case when {text} is null then null when {text} = {literal(positive)} then 1 else 0 end"


def _complete(question: Question, *roles: str) -> Guard:
    """The guard that the table has rows, and that each has a label and, if asked, a prediction."""
    terms = {"label": question.label_term, "prediction": question.prediction_term if "prediction" in roles else None}
    missing = " or ".join(f"{term.sql} is null" for role in roles if (term := terms[role]))
    flag = Term.flag("missing", missing)
    return Guard(Counts(question.rows.table, question.where, "", (flag,)), _refuse_missing_class)


def _refuse_missing_class(fact: CountsFact) -> None:
    missing = fact.flagged()
    if missing or not fact.cells:
        raise EvidenceError(f"{have(missing, 'row')} no label or no prediction" if missing else NO_ROWS)
