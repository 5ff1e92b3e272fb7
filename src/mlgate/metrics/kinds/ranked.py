"""ROC AUC and Gini, exact by mid-ranks, with bounds for independent rows, rows in units and two models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.placements import Placements, PlacementsFact, PlacementsOf
from mlgate.metrics.both import Both, fraction
from mlgate.metrics.labels import labelled
from mlgate.metrics.metric import Alone, Inquiry, Pair, Undefined
from mlgate.metrics.question import Question
from mlgate.metrics.units import OF_RAREST_CLASS, in_units
from mlgate.stats.bounds import Bounds, Wider
from mlgate.stats.paired import LEAST_CLASS, AucsApart, ClusteredPairedAuc, PairedAuc
from mlgate.stats.ranks import ClusteredAuc, RocAuc
from mlgate.values.errors import MachineError
from mlgate.values.estimate import Bound, Estimate

NO_BOUND = f"it requires {LEAST_CLASS} rows of each class, and rankings that differ"
APPROXIMATE_BELOW = 50
"""With fewer rows in a class the bounds are approximate."""


@dataclass(frozen=True)
class Ranked(Alone):
    """`slope` * AUC + `shift`: AUC itself with (1, 0), Gini with (2, -1)."""

    slope: int = 1
    shift: int = 0
    weighted = False
    method = (
        "the wider of logit-DeLong (DeLong 1988; Sun & Xu 2014) at half a row of each class against it, and Newcombe's "
        "method 5 (2006)"
    )
    in_units = "the wider of such a logit with Obuchowski's variance (1997) and Newcombe's method 5 on effective rows"
    compared = "DeLong's covariance, in units Obuchowski's, and in quadrature the rows that a sample may have missed"

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """The guards, and the placements by the score, or by both models' scores."""
        scores = [guard for question in asked.questions for guard in question.usable("score")]
        return (*scores, labelled(asked.first), _placements(asked))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, PlacementsOf]:
        """The placements of every slice."""
        fact: PlacementsFact = facts[_placements(asked)]
        return {found.group: found for found in fact.groups}

    def estimate(self, asked: Inquiry, stats: PlacementsOf) -> Estimate:
        """The area, or the difference of both. Raises Undefined where a class has no rows."""
        _require_classes(asked.first, stats)
        return self._difference(asked.relative, stats) if isinstance(asked, Pair) else self._area(stats)

    def _area(self, stats: PlacementsOf) -> Estimate:
        area = area_of(stats)
        exact = self.slope * area.value + self.shift
        found = Estimate(
            (),
            float(exact),
            stats.rows,
            stats.rows,
            _scaled(area.lower, self.slope, self.shift),
            _scaled(area.upper, self.slope, self.shift),
            exact=Fraction(exact),
            note=_few(stats) or None,
            fewest=2 * min(stats.positives, stats.negatives),
        )
        return found if stats.between is None else self._in_units(found, ClusteredAuc(area, stats.between))

    def _in_units(self, found: Estimate, area: ClusteredAuc) -> Estimate:
        lower, upper = (_scaled(bound, self.slope, self.shift) for bound in (area.lower, area.upper))
        effective = found.rows / area.design_effect
        return in_units(
            found, lower, upper, area.least_units, effective, every=area.between.units, having=OF_RAREST_CLASS
        )

    def _difference(self, relative: bool, stats: PlacementsOf) -> Estimate:
        beside = stats.beside
        if beside is None:
            raise MachineError("two models were asked for, and one was placed; this is a bug of mlgate")
        areas = PairedAuc(area_of(stats), area_of(beside.old), beside.positive_cross, beside.negative_cross)
        values = Both(*(self.slope * area.value + self.shift for area in (areas.new, areas.old)))
        exact = values.less(relative)
        found = Estimate(
            (),
            float(exact),
            stats.rows,
            stats.rows,
            *self._ends(relative, areas),
            exact=fraction(exact),
            no_bound_because=NO_BOUND,
            note="; ".join(filter(None, (values.note, _few(stats)))),
            fewest=2 * min(stats.positives, stats.negatives),
        )
        if stats.between is None or beside.old.between is None or beside.apart is None:
            return found
        units = ClusteredPairedAuc(areas, stats.between, beside.old.between, beside.apart)
        lower, upper = self._ends(relative, units, areas)
        return in_units(found, lower, upper, units.new.least_units, every=stats.between.units, having=OF_RAREST_CLASS)

    def _ends(self, relative: bool, *areas: AucsApart) -> tuple[Bound, Bound]:
        """The bounds of the difference, or of the relative one; the wider of those by several variances."""
        each: list[Bounds] = [apart.ratio(self.slope, self.shift) if relative else apart for apart in areas]
        found, times = Wider(each[0], each[-1]), 1 if relative else self.slope
        return _scaled(found.lower, times), _scaled(found.upper, times)


def _placements(asked: Inquiry) -> Placements:
    at = asked.first
    old = asked.old.score.number if isinstance(asked, Pair) else ""
    return Placements(at.rows.table, at.where, at.count, at.score.number, at.is_positive, at.by, at.unit, old)


def _require_classes(question: Question, of: PlacementsOf) -> None:
    for count, what in ((of.positives, "with"), (of.negatives, "without")):
        if not count:
            raise Undefined(f"there are no rows {what} label `{question.positive}`: no pair to rank")


def _few(of: PlacementsOf) -> str:
    if min(of.positives, of.negatives) >= APPROXIMATE_BELOW:
        return ""
    return f"approximate: fewer than {APPROXIMATE_BELOW} rows in a class ({of.positives:,} / {of.negatives:,})"


def area_of(of: PlacementsOf) -> RocAuc:
    """The area under the curve from one score's placements."""
    return RocAuc(
        of.positives, of.negatives, of.positive_sum, of.positive_squares, of.negative_sum, of.negative_squares
    )


def _scaled(bound: Bound, slope: int, shift: int = 0) -> Bound:
    """The bound of slope * area + shift, from the bound of the area."""

    def scaled(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else slope * found + shift

    return scaled
