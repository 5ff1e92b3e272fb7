"""ROC AUC and Gini: exact by mid-ranks, with bounds for rows, for rows in units and for two models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.paired_placements import PairedPlacements, PairedPlacementsFact, PairedPlacementsOf
from mlgate.evidence.questions.placements import Placements, PlacementsFact, PlacementsOf
from mlgate.metrics.both import Both, fraction
from mlgate.metrics.labels import labelled
from mlgate.metrics.metric import Alone, Inquiry, Pair, Undefined
from mlgate.metrics.question import Question
from mlgate.metrics.units import in_units
from mlgate.stats.paired import LEAST_CLASS, PairedAuc
from mlgate.stats.ranks import ClusteredAuc, RocAuc
from mlgate.values.estimate import Bound, Estimate

NO_BOUND = (
    f"it takes {LEAST_CLASS} rows of each class, areas that are neither 0 nor 1, and rankings that are not the same"
)
APPROXIMATE_BELOW = 50
"""Rows of a class below which bounds are approximate."""


@dataclass(frozen=True)
class Ranked(Alone):
    """`slope` * AUC + `shift`: AUC itself with (1, 0), Gini with (2, -1)."""

    slope: int = 1
    shift: int = 0
    weighted = False
    method = "the wider of logit-DeLong (DeLong 1988; Sun & Xu 2014) and Newcombe's method 5 (2006)"
    in_units = "the wider of logit with Obuchowski's variance (1997) and Newcombe's method 5 on effective rows"
    compared = "the wider of DeLong's covariance and both areas' own bounds with their correlation"
    compared_in_units = False

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """Placements in both classes of the score, or of both models' scores."""
        scores = [guard for question in asked.questions for guard in question.usable("score")]
        return (*scores, labelled(asked.first), _placements(asked))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, PlacementsOf | PairedPlacementsOf]:
        """The placements of every slice."""
        fact: PlacementsFact | PairedPlacementsFact = facts[_placements(asked)]
        return {found.group: found for found in fact.groups}

    def estimate(self, asked: Inquiry, stats: Any) -> Estimate:
        """The area, or the difference of both. Raises Undefined where a class has no rows."""
        return self._difference(asked, stats) if isinstance(asked, Pair) else self._area(asked, stats)

    def _area(self, question: Question, stats: PlacementsOf) -> Estimate:
        _require_classes(question, stats)
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
        )
        return found if stats.between is None else self._in_units(found, ClusteredAuc(area, stats.between))

    def _in_units(self, found: Estimate, area: ClusteredAuc) -> Estimate:
        lower, upper = (_scaled(bound, self.slope, self.shift) for bound in (area.lower, area.upper))
        effective = found.rows / area.design_effect
        return in_units(found, lower, upper, area.least_units, effective, every=area.between.units)

    def _difference(self, pair: Pair, stats: PairedPlacementsOf) -> Estimate:
        _require_classes(pair.new, stats.new)
        areas = PairedAuc(area_of(stats.new), area_of(stats.old), stats.positive_cross, stats.negative_cross)
        values = Both(*(self.slope * area.value + self.shift for area in (areas.new, areas.old)))
        exact = values.less(pair.relative)
        bounds = areas.ratio(self.slope, self.shift) if pair.relative else areas
        times = 1 if pair.relative else self.slope
        return Estimate(
            (),
            float(exact),
            stats.rows,
            stats.rows,
            _scaled(bounds.lower, times),
            _scaled(bounds.upper, times),
            exact=fraction(exact),
            no_bound_because=NO_BOUND,
            note="; ".join(filter(None, (values.note, _few(stats.new)))),
        )


def _placements(asked: Inquiry) -> Placements | PairedPlacements:
    at = asked.first
    rows = at.rows.table, at.where, at.count
    if isinstance(asked, Pair):
        return PairedPlacements(*rows, asked.new.score.number, asked.old.score.number, at.is_positive, at.by)
    return Placements(*rows, at.score.number, at.is_positive, at.by, at.unit)


def _require_classes(question: Question, of: PlacementsOf) -> None:
    for count, what in ((of.positives, "with"), (of.negatives, "without")):
        if not count:
            raise Undefined(f"there are no rows {what} label `{question.positive}`: no pair to rank")


def _few(of: PlacementsOf) -> str:
    if min(of.positives, of.negatives) >= APPROXIMATE_BELOW:
        return ""
    return f"approximate: fewer than {APPROXIMATE_BELOW} rows in a class ({of.positives:,} / {of.negatives:,})"


def area_of(of: PlacementsOf) -> RocAuc:
    """The area of one score's placements."""
    return RocAuc(
        of.positives, of.negatives, of.positive_sum, of.positive_squares, of.negative_sum, of.negative_squares
    )


def _scaled(bound: Bound, slope: int, shift: int = 0) -> Bound:
    """A bound of the area as one of what is made of it."""

    def scaled(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else slope * found + shift

    return scaled
