"""Values read off the ranking of a score: average precision, KS, and lift, precision and recall among the top."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol
from zlib import crc32

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.ranked_scores import Ranking, RankingFact, RankingOf
from mlgate.metrics.base import Alone, Undefined
from mlgate.metrics.kinds.unit_curve import UnitCurve
from mlgate.metrics.labels import labelled
from mlgate.metrics.question import Question
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Counts = tuple[int, ...]
Name = Literal["average_precision", "ks_statistic", "lift_at_k", "precision_at_k", "recall_at_k"]


class Bounds(Protocol):
    """Bounds at any level."""

    def lower(self, alpha: float) -> float | None:
        """The lower bound at one-sided level alpha."""
        ...

    def upper(self, alpha: float) -> float | None:
        """The upper bound at one-sided level alpha."""
        ...


@dataclass(frozen=True)
class CurveStats:
    """One slice's ranking."""

    of: RankingOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(self.of.positives) + sum(self.of.negatives)


@dataclass(frozen=True)
class Curve(Alone):
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

    @property
    def in_units(self) -> str:  # type: ignore[override]
        """A jackknife over folds of units; none of KS, a maximum that no jackknife knows."""
        return "" if self.name == "ks_statistic" else UnitCurve.method

    def needs(self, question: Question) -> Iterable[Need]:
        """The ranking, and that every row has a score and a label."""
        if question.unit:
            return UnitCurve(self).needs(question)
        return (*question.usable("score"), labelled(question), self._ranking(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Any]:
        """The ranking of every slice."""
        if question.unit:
            return UnitCurve(self).groups(question, facts)
        fact: RankingFact = facts[self._ranking(question)]
        return {found.group: CurveStats(found) for found in fact.groups}

    def estimate(self, question: Question, stats: Any) -> Estimate:
        """The value. Raises Undefined where a class has no rows, or `k` is more than the slice has."""
        if question.unit:
            return UnitCurve(self).estimate(question, stats)
        positives, negatives = stats.of.positives, stats.of.negatives
        for count, what in ((sum(positives), "with"), (sum(negatives), "without")):
            if not count:
                raise Undefined(f"there are no rows {what} label `{question.positive}`")
        try:
            value = self._value(question, positives, negatives)
        except ValueError as refused:
            raise Undefined(str(refused)) from refused
        # The bootstrap is run when a bound is asked for, and once.
        bounds = cache(lambda: self._bounds(question, positives, negatives))
        note = f"from {len(positives)} bins of the score" if stats.of.binned else None
        return Estimate(
            (),
            float(value),
            stats.rows,
            stats.rows,
            lambda alpha: bounds().lower(alpha),
            lambda alpha: bounds().upper(alpha),
            exact=value if isinstance(value, Fraction) and not stats.of.binned else None,
            no_bound_because="a perfect value, or fewer than 10 rows in a class, leaves no spread to bound it by",
            note=note,
        )

    def _value(self, question: Question, positives: Counts, negatives: Counts) -> float | Fraction:
        from mlgate.stats import curves

        if self.name == "average_precision":
            return curves.average_precision(positives, negatives)
        if self.name == "ks_statistic":
            return curves.ks_statistic(positives, negatives)
        at_k: Callable[..., Fraction] = getattr(curves, self.name)
        return at_k(positives, negatives, _k(question))

    def _bounds(self, question: Question, positives: Counts, negatives: Counts) -> Bounds:
        from mlgate.stats import curve_bounds

        if self.name == "average_precision":
            return curve_bounds.average_precision_bounds(positives, negatives)
        if self.name == "ks_statistic":
            return curve_bounds.ks_bounds(positives, negatives, _half(positives, "+"), _half(negatives, "-"))
        at_k: Callable[..., Bounds] = getattr(curve_bounds, f"{self.name}_bounds")
        return at_k(positives, negatives, _k(question))

    def _ranking(self, question: Question) -> Ranking:
        table, score = question.rows.table, question.score.number
        return Ranking(table, question.where, question.count, score, question.is_positive, question.by)


def _k(question: Question) -> Fraction:
    if question.options.k is None:
        raise EvidenceError("the rule names no `k:`")
    return question.options.k


def _half(counts: Counts, of: str) -> NDArray[np.int64]:
    """How many of each bin's rows a coin for every row puts into one half.

    The coins are seeded by the counts themselves: those of one seed would fall on the same ranks in every sample,
    and what they favour there would be favoured always.
    """
    import numpy as np

    seed = crc32(f"{of}{counts}".encode())
    return np.asarray(np.random.RandomState(seed).binomial(counts, 0.5), dtype=np.int64)
