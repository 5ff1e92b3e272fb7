"""Metrics of the ranking by a score: average precision, KS, and lift, precision and recall among the top rows.

For rows in units their bounds are by a jackknife over folds of units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal
from zlib import crc32

from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.need import FALSE, TRUE, Facts, Group, Need, Term
from mlgate.evidence.questions.ranked_scores import Ranking, RankingFact, RankingOf
from mlgate.metrics.labels import labelled
from mlgate.metrics.metric import Alone, Undefined
from mlgate.metrics.question import Question
from mlgate.metrics.units import OF_RAREST_CLASS, UnitCells, cells_by_group, counts_in_units, in_units
from mlgate.stats.bounds import Bounds
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate
from mlgate.values.words import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlgate.stats.folded_curves import Value
    from mlgate.stats.ranks import LogitBounds

CountsByScore = tuple[int, ...]
JACKKNIFE = "the wider of the bounds of rows and a jackknife on the logit, leaving out one of up to 32 folds of units"
Name = Literal["average_precision", "ks_statistic", "lift_at_k", "precision_at_k", "recall_at_k"]


@dataclass(frozen=True)
class CurveStats:
    """One slice's ranking; for rows in units also the ranking of each fold of units, and the classes by unit."""

    of: RankingOf
    folds: tuple[RankingOf, ...] = ()
    classes: UnitCells | None = None

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return sum(self.of.positives) + sum(self.of.negatives)


@dataclass(frozen=True)
class Curve(Alone):
    """One metric of the ranking, by the function of its name in `stats.curves`."""

    name: Name
    weighted = False

    @property
    def method(self) -> str:
        """The interval's method and its source, for the docs."""
        return {
            "precision_at_k": "the wider of Clopper-Pearson on the top rows and a seeded bootstrap on the logit",
            "ks_statistic": "lower: MOVER (Zou & Donner 2008) at a threshold chosen on other rows; upper: bootstrap",
        }.get(self.name, "standard error on the logit from a seeded bootstrap")

    @property
    def in_units(self) -> str:  # type: ignore[override]
        """The jackknife over folds of units; none for KS, because the jackknife fails for a maximum."""
        return "" if self.name == "ks_statistic" else JACKKNIFE

    def needs(self, question: Question) -> Iterable[Need]:
        """The guards on scores and labels, and the ranking; for units also the folds and the classes by unit."""
        units = (_folds(question), _classes(question)) if question.unit else ()
        return (*question.usable("score"), labelled(question), ranking(question), *units)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, CurveStats]:
        """The ranking of every slice."""
        found: RankingFact = facts[ranking(question)]
        if not question.unit:
            return {of.group: CurveStats(of) for of in found.groups}
        cells, by_fold = cells_by_group(_classes(question), facts), defaultdict(list)
        folded: RankingFact = facts[_folds(question)]
        for of in folded.groups:
            by_fold[of.group[:-1]].append(of)
        return {of.group: CurveStats(of, tuple(by_fold[of.group]), cells[of.group]) for of in found.groups}

    def estimate(self, question: Question, stats: CurveStats) -> Estimate:
        """The value. Raises Undefined where a class has no rows, or the slice fewer than `k` rows."""
        positives, negatives = stats.of.positives, stats.of.negatives
        for count, what in ((sum(positives), "with"), (sum(negatives), "without")):
            if not count:
                raise Undefined(f"there are no rows {what} label `{question.positive}`")
        try:
            value = self._value(question, positives, negatives)
        except ValueError as refused:
            raise Undefined(str(refused)) from refused
        # The bootstrap runs once, when a bound is first asked for.
        bounds = cache(lambda: self._bounds(question, positives, negatives))
        note = f"from {counted(len(positives), 'bin')} of the score" if stats.of.binned else None
        found = Estimate(
            (),
            float(value),
            stats.rows,
            stats.rows,
            lambda alpha: bounds().lower(alpha),
            lambda alpha: bounds().upper(alpha),
            exact=value if isinstance(value, Fraction) and not stats.of.binned else None,
            no_bound_because="a value of 0 or 1, or a class with fewer than 10 rows, has no spread that could bound it",
            note=note,
            fewest=2 * min(sum(positives), sum(negatives)),
        )
        return found if stats.classes is None else self._in_units(question, stats, stats.classes, found)

    def _in_units(self, question: Question, stats: CurveStats, classes: UnitCells, found: Estimate) -> Estimate:
        """The estimate with the bounds of rows in units: the wider of the jackknife's and those of independent rows."""
        units = min(classes.units_of(partial(_of_class, side)) for side in (TRUE, FALSE))
        folded = cache(lambda: self._folded(question, stats, units))

        def bound(sign: int, alpha: float) -> float | None:
            if units < LEAST_UNITS:
                return None
            jackknife, factor = folded()
            own = None if jackknife is None else jackknife.bound(sign, alpha)
            alone = found.lower(alpha) if sign < 0 else found.upper(alpha)
            if own is None or alone is None:
                return None
            return min(factor * own, alone) if sign < 0 else max(factor * own, alone)

        lower, upper = (lambda alpha: bound(-1, alpha)), (lambda alpha: bound(1, alpha))
        return in_units(found, lower, upper, units, every=classes.units, having=OF_RAREST_CLASS)

    def _folded(self, question: Question, stats: CurveStats, units: int) -> tuple[LogitBounds | None, float]:
        """The jackknife's bounds of a value between 0 and 1, and the factor by which it becomes the metric."""
        from mlgate.stats.folded_curves import Folded

        value, factor = self._at_same_share(question, stats.rows)
        return Folded.of([(of.scores, of.positives, of.negatives) for of in stats.folds]).bounds(value, units), factor

    def _at_same_share(self, question: Question, rows: int) -> tuple[Value, float]:
        """The function that gives the value of any ranking at the same share of its rows, and the same factor."""
        from mlgate.stats import curves

        if self.name == "average_precision":
            return curves.average_precision, 1.0
        k = _k(question)
        share = k if k < 1 else Fraction(k, rows)
        at_k: Any = curves.precision_at_k if self.name == "precision_at_k" else curves.recall_at_k
        factor = rows / curves.rows_at(k, rows) if self.name == "lift_at_k" else 1.0
        if share == 1:
            return (lambda p, n: float(at_k(p, n, int((p + n).sum())))), factor
        return (lambda p, n: float(at_k(p, n, share))), factor

    def _value(self, question: Question, positives: CountsByScore, negatives: CountsByScore) -> float | Fraction:
        from mlgate.stats import curves

        if self.name == "average_precision":
            return curves.average_precision(positives, negatives)
        if self.name == "ks_statistic":
            return curves.ks_statistic(positives, negatives)
        at_k: Callable[..., Fraction] = getattr(curves, self.name)
        return at_k(positives, negatives, _k(question))

    def _bounds(self, question: Question, positives: CountsByScore, negatives: CountsByScore) -> Bounds:
        from mlgate.stats import curve_bounds

        if self.name == "average_precision":
            return curve_bounds.average_precision_bounds(positives, negatives)
        if self.name == "ks_statistic":
            return curve_bounds.ks_bounds(positives, negatives, _half(positives, "+"), _half(negatives, "-"))
        at_k: Callable[..., Bounds] = getattr(curve_bounds, f"{self.name}_bounds")
        return at_k(positives, negatives, _k(question))


def ranking(question: Question, *folds: Term) -> Ranking:
    """The need for the ranking of every slice, or with `folds` of every fold of its units."""
    table, score, by = question.rows.table, question.score.number, (*question.by, *folds)
    return Ranking(table, question.where, question.count, score, question.is_positive, by)


def _folds(question: Question) -> Ranking:
    return ranking(question, fold_of(question.unit))


def fold_of(unit: str) -> Term:
    """The term for a unit's fold, one of 32, by a hash of the unit's text."""
    half = f"case when substr(md5({unit}), 2, 1) < '8' then '0' else '1' end"
    return Term("fold", f"substr(md5({unit}), 1, 1) || {half}")


def _classes(question: Question) -> Counts:
    return counts_in_units(question, Term.flag("positive", question.is_positive))


def _of_class(side: str, values: Group) -> bool:
    return values[0] == side


def _k(question: Question) -> Fraction:
    if question.options.k is None:
        raise EvidenceError("the rule names no `k:`")
    return question.options.k


def _half(counts: CountsByScore, of: str) -> NDArray[np.int64]:
    """The number of rows of each bin in a random half of all rows.

    The seed depends on the counts. A fixed seed would draw the same ranks in every sample, and so bias all samples in
    the same way.
    """
    import numpy as np

    seed = crc32(f"{of}{counts}".encode())
    return np.asarray(np.random.RandomState(seed).binomial(counts, 0.5), dtype=np.int64)
