"""Values read off the ranking of a score: average precision, KS, and lift, precision and recall among the top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from mlgate.estimate import Estimate
from mlgate.evidence.facts import Facts, Group, RankingFact, RankingOf
from mlgate.evidence.needs import Need, Ranking
from mlgate.metrics.base import Undefined
from mlgate.metrics.labels import label_guard, trusted_labels
from mlgate.metrics.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Name = Literal["average_precision", "ks_statistic", "lift_at_k", "precision_at_k", "recall_at_k"]


@dataclass(frozen=True)
class CurveStats:
    """One slice's ranking."""

    of: RankingOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(self.of.positives) + sum(self.of.negatives)


@dataclass(frozen=True)
class Curve:
    """One value of the ranking, by the function of that name in `stats.curves`."""

    name: Name
    weighted = False

    @property
    def method(self) -> str:
        """The interval's method and its source, for the docs."""
        return {
            "precision_at_k": "Clopper-Pearson on the top rows",
            "ks_statistic": "MOVER (Zou & Donner 2008) at a threshold chosen on the other half; bootstrap from above",
        }.get(self.name, "standard error on the logit from a seeded bootstrap")

    def needs(self, question: Question) -> Iterable[Need]:
        """The ranking, and that every row has a score and a label."""
        return (self._ranking(question), label_guard(question), *question.profiles("score"))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, CurveStats]:
        """The ranking of every slice."""
        question.usable(facts, "score")
        trusted_labels(question, facts)
        fact: RankingFact = facts[self._ranking(question)]
        return {found.group: CurveStats(found) for found in fact.groups}

    def estimate(self, question: Question, stats: CurveStats) -> Estimate:
        """The value. Raises Undefined where a class has no rows, or `k` is more than the slice has."""
        positives, negatives = stats.of.positives, stats.of.negatives
        for count, what in ((sum(positives), "with"), (sum(negatives), "without")):
            if not count:
                raise Undefined(f"there are no rows {what} label `{question.positive}`")
        try:
            value, bounds = self._measured(question, positives, negatives)
        except ValueError as refused:
            raise Undefined(str(refused)) from refused
        note = f"from {len(positives)} bins of the score" if stats.of.binned else None
        return Estimate(
            (),
            float(value),
            stats.rows,
            stats.rows,
            bounds.lower,
            bounds.upper,
            exact=value if isinstance(value, Fraction) and not stats.of.binned else None,
            no_bound_because="a perfect value, or fewer than 10 rows in a class, leaves no spread to bound it by",
            note=note,
        )

    def _measured(self, question: Question, positives: tuple[int, ...], negatives: tuple[int, ...]) -> tuple[Any, Any]:
        from mlgate.stats import curve_bounds, curves

        if self.name == "average_precision":
            value: Any = curves.average_precision(positives, negatives)
            return value, curve_bounds.average_precision_bounds(positives, negatives)
        if self.name == "ks_statistic":
            halves = _half(positives), _half(negatives, 1)
            return curves.ks_statistic(positives, negatives), curve_bounds.ks_bounds(positives, negatives, *halves)
        k = question.options.k or Fraction(1)
        bounds = getattr(curve_bounds, f"{self.name}_bounds")(positives, negatives, k)
        return getattr(curves, self.name)(positives, negatives, k), bounds

    def _ranking(self, question: Question) -> Ranking:
        table, score = question.rows.table, question.score.number
        return Ranking(table, question.where, question.count, score, question.is_positive, question.by)


def _half(counts: tuple[int, ...], seed: int = 0) -> NDArray[np.int64]:
    """How many of each bin's rows a coin for every row puts into one half; the coins are seeded."""
    import numpy as np

    return np.asarray(np.random.RandomState(seed).binomial(counts, 0.5), dtype=np.int64)
