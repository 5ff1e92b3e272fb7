"""ROC AUC and Gini: exact by mid-ranks, bounds by DeLong and Newcombe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.placements import Placements, PlacementsFact, PlacementsOf
from mlgate.metrics.base import Alone, Inquiry, Pair, Undefined
from mlgate.metrics.kinds.unit_ranked import UnitRanked
from mlgate.metrics.labels import labelled
from mlgate.metrics.pairs.ranked import PairedRanked, area_of
from mlgate.metrics.question import Question
from mlgate.values.estimate import Bound, Estimate


@dataclass(frozen=True)
class RankedStats:
    """One slice's placements."""

    of: PlacementsOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.of.positives + self.of.negatives


@dataclass(frozen=True)
class Ranked(Alone):
    """`slope` * AUC + `shift`: AUC itself with (1, 0), Gini with (2, -1)."""

    slope: int = 1
    shift: int = 0
    weighted = False
    method = "the wider of logit-DeLong (DeLong 1988; Sun & Xu 2014) and Newcombe's method 5 (2006)"

    in_units = UnitRanked.method
    compared = "the wider of DeLong's covariance and both areas' own bounds with their correlation"
    compared_in_units = False

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """Placements of the score in both classes."""
        if isinstance(asked, Pair):
            return PairedRanked(self).needs(asked)
        if asked.unit:
            return UnitRanked(self).needs(asked)
        question = asked
        return (*question.usable("score"), labelled(question), self._placements(question))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, Any]:
        """The placements of every slice."""
        if isinstance(asked, Pair):
            return PairedRanked(self).groups(asked, facts)
        if asked.unit:
            return UnitRanked(self).groups(asked, facts)
        question = asked
        fact: PlacementsFact = facts[self._placements(question)]
        return {found.group: RankedStats(found) for found in fact.groups}

    def estimate(self, asked: Inquiry, stats: Any) -> Estimate:
        """The area. Raises Undefined where a class has no rows."""
        if isinstance(asked, Pair):
            return PairedRanked(self).difference(asked, stats, asked.relative)
        if asked.unit:
            return UnitRanked(self).estimate(asked, stats)
        question = asked
        of = stats.of
        for count, what in ((of.positives, "with"), (of.negatives, "without")):
            if not count:
                raise Undefined(f"there are no rows {what} label `{question.positive}`: no pair to rank")
        area = area_of(of)
        exact = self.slope * area.value + self.shift
        few = min(of.positives, of.negatives) < 50
        return Estimate(
            (),
            float(exact),
            stats.rows,
            stats.rows,
            self.scaled(area.lower),
            self.scaled(area.upper),
            exact=Fraction(exact),
            note=f"approximate: fewer than 50 rows in a class ({of.positives} / {of.negatives})" if few else None,
        )

    def _placements(self, question: Question) -> Placements:
        return Placements(
            question.rows.table,
            question.where,
            question.count,
            question.score.number,
            question.is_positive,
            question.by,
        )

    def scaled(self, bound: Bound) -> Bound:
        """A bound of the area as one of what is made of it."""

        def scaled(alpha: float) -> float | None:
            found = bound(alpha)
            return None if found is None else self.slope * found + self.shift

        return scaled
