"""Slope and intercept of the logistic recalibration of a score (Cox 1958)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.evidence.questions.ranked_scores import RankingFact
from mlgate.evidence.rows import Column
from mlgate.metrics.kinds.curve import CurveStats, ranking
from mlgate.metrics.labels import labelled
from mlgate.metrics.metric import Alone, Undefined
from mlgate.metrics.question import UNIT, Question
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate
from mlgate.values.words import are, counted


@dataclass(frozen=True)
class Reliability(Alone):
    """The slope of logit P(positive) = intercept + slope * logit(score), or the intercept at a slope of 1."""

    of: Literal["slope", "intercept"]
    weighted = False
    method = "Wald, by the larger of the model-based and the robust (sandwich) standard error"

    def needs(self, question: Question) -> Iterable[Need]:
        """The ranking, and the guards that every row has a label and a probability inside (0, 1)."""
        return (*question.usable("score", within=UNIT), labelled(question), _inside(question), ranking(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, CurveStats]:
        """The ranking of every slice."""
        fact: RankingFact = facts[ranking(question)]
        return {found.group: CurveStats(found) for found in fact.groups}

    def estimate(self, question: Question, stats: CurveStats) -> Estimate:
        """The coefficient. Raises Undefined without rows of a class; for a slope also where a score separates both."""
        from mlgate.stats import reliability

        of = stats.of
        for count, what in ((sum(of.positives), "with"), (sum(of.negatives), "without")):
            if not count:
                raise Undefined(f"there are no rows {what} label `{question.positive}`")
        fit = reliability.calibration_slope if self.of == "slope" else reliability.calibration_intercept
        try:
            found = fit(of.scores, of.positives, of.negatives)
        except ValueError as refused:
            raise Undefined(f"the recalibration has no {self.of}: {refused}") from refused
        note = f"from {counted(len(of.scores), 'bin')} of the score" if of.binned else None
        return Estimate((), found.value, stats.rows, stats.rows, found.lower, found.upper, note=note)


def _inside(question: Question) -> Guard:
    """The guard that no score is exactly 0 or 1, because these have no logit."""
    score = question.score.number
    end = Term.flag("end", f"{score} <= 0 or {score} >= 1")
    need = Counts(question.rows.table, question.where, question.count, (end,))
    return Guard(need, partial(_refuse_ends, question.score))


def _refuse_ends(column: Column, fact: CountsFact) -> None:
    if ends := fact.flagged():
        raise EvidenceError(
            f"column `{column.name}`: {counted(ends, 'score')} {are(ends)} exactly 0 or 1, whose logit is infinite; "
            "let the model give probabilities inside (0, 1), or clip them",
            column.key,
        )
