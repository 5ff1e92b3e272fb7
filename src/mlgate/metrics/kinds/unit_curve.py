"""Average precision, and lift, precision and recall among the top, of rows in units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.evidence.questions.ranked_scores import Ranking, RankingFact, RankingOf
from mlgate.evidence.questions.unit_counts import UnitCounts
from mlgate.metrics.base import Alone
from mlgate.metrics.question import Question
from mlgate.metrics.units import UnitCells, cells_by_group, counts_in_units, in_units
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.curve import Curve, CurveStats
    from mlgate.stats.cluster_curves import Value
    from mlgate.stats.ranks import LogitBounds


@dataclass(frozen=True)
class UnitCurveStats:
    """One slice's ranking, those of its folds of units, and its classes in units."""

    plain: CurveStats
    folds: tuple[RankingOf, ...]
    cells: UnitCells

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.plain.rows


@dataclass(frozen=True)
class UnitCurve(Alone):
    """One value of the ranking, of rows in units."""

    plain: Curve
    weighted = False
    method = "jackknife that leaves out one of up to 32 folds of units at a time, on the logit; or as of rows if wider"

    def needs(self, question: Question) -> Iterable[Need]:
        """Those of independent rows, the ranking of every fold, and how classes are spread over units."""
        return (*self.plain.needs(replace(question, unit="")), self._folds(question), _classes(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, UnitCurveStats]:
        """The rankings of every slice."""
        found, cells = self.plain.groups(replace(question, unit=""), facts), cells_by_group(_classes(question), facts)
        fact: RankingFact = facts[self._folds(question)]
        folds: dict[Group, list[RankingOf]] = defaultdict(list)
        for of in fact.groups:
            folds[of.group[:-1]].append(of)
        return {group: UnitCurveStats(of, tuple(folds[group]), cells[group]) for group, of in found.items()}

    def estimate(self, question: Question, stats: UnitCurveStats) -> Estimate:
        """The value, with bounds that know units. Raises Undefined where a class has no rows."""
        plain = self.plain.estimate(replace(question, unit=""), stats.plain)
        units = min(stats.cells.units_of(partial(_of_class, side)) for side in ("true", "false"))
        folded = cache(lambda: self._folded(question, stats, units))

        def bound(sign: int, alpha: float) -> float | None:
            if units < LEAST_UNITS:
                return None
            found, factor = folded()
            own = None if found is None else found.bound(sign, alpha)
            alone = plain.lower(alpha) if sign < 0 else plain.upper(alpha)
            if own is None or alone is None:
                return None
            return min(factor * own, alone) if sign < 0 else max(factor * own, alone)

        lower, upper = (lambda alpha: bound(-1, alpha)), (lambda alpha: bound(1, alpha))
        return in_units(plain, lower, upper, units, None, every=stats.cells.units)

    def _folded(self, question: Question, stats: UnitCurveStats, units: int) -> tuple[LogitBounds | None, float]:
        """Bounds of a value between 0 and 1, and the factor that makes the metric of it."""
        from mlgate.stats.cluster_curves import Folded

        value, factor = self._value(question, stats.rows)
        return Folded.of([(of.scores, of.positives, of.negatives) for of in stats.folds]).bounds(value, units), factor

    def _value(self, question: Question, rows: int) -> tuple[Value, float]:
        """The value of a ranking at the same share of its rows as here."""
        from mlgate.stats import curves

        if self.plain.name == "average_precision":
            return curves.average_precision, 1.0
        k = Fraction(question.options.k or 1)
        share = k if k < 1 else Fraction(k, rows)
        at_k: Any = curves.precision_at_k if self.plain.name == "precision_at_k" else curves.recall_at_k
        factor = rows / curves.rows_at(k, rows) if self.plain.name == "lift_at_k" else 1.0
        if share == 1:
            return (lambda p, n: float(at_k(p, n, int((p + n).sum())))), factor
        return (lambda p, n: float(at_k(p, n, share))), factor

    def _folds(self, question: Question) -> Ranking:
        table, score = question.rows.table, question.score.number
        by = (*question.by, fold_of(question.unit))
        return Ranking(table, question.where, question.count, score, question.is_positive, by)


def _of_class(side: str, values: Group) -> bool:
    return values[0] == side


def fold_of(unit: str) -> Term:
    """One of 32 folds of units, by a hash of the unit's text."""
    half = f"case when substr(md5({unit}), 2, 1) < '8' then '0' else '1' end"
    return Term("fold", f"substr(md5({unit}), 1, 1) || {half}")


def _classes(question: Question) -> UnitCounts:
    return counts_in_units(question, Term("positive", f"case when {question.is_positive} then 'true' else 'false' end"))
