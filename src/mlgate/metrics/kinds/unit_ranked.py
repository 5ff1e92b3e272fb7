"""ROC AUC and Gini of rows in units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.unit_placements import UnitPlacements, UnitPlacementsFact, UnitPlacementsOf
from mlgate.metrics.base import Alone
from mlgate.metrics.labels import labelled
from mlgate.metrics.pairs.ranked import area_of
from mlgate.metrics.question import Question
from mlgate.metrics.units import in_units
from mlgate.stats.cluster_ranks import ClusteredAuc
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.ranked import Ranked, RankedStats


@dataclass(frozen=True)
class UnitRankedStats:
    """One slice's placements in units."""

    of: UnitPlacementsOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.plain.rows

    @property
    def plain(self) -> RankedStats:
        """The placements as of independent rows."""
        from mlgate.metrics.kinds.ranked import RankedStats

        return RankedStats(self.of.of)


@dataclass(frozen=True)
class UnitRanked(Alone):
    """`slope` * AUC + `shift` of rows in units."""

    plain: Ranked
    weighted = False
    method = "the wider of logit with Obuchowski's variance (1997) and Newcombe's method 5 on effective rows"

    def needs(self, question: Question) -> Iterable[Need]:
        """Placements of the score in both classes, in units."""
        return (*question.usable("score"), labelled(question), self._placements(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, UnitRankedStats]:
        """The placements of every slice."""
        fact: UnitPlacementsFact = facts[self._placements(question)]
        return {found.of.group: UnitRankedStats(found) for found in fact.groups}

    def estimate(self, question: Question, stats: UnitRankedStats) -> Estimate:
        """The area, with bounds that know units. Raises Undefined where a class has no rows."""
        plain, of = self.plain.estimate(replace(question, unit=""), stats.plain), stats.of
        area = ClusteredAuc(area_of(of.of), of.products, of.units, of.with_positives, of.with_negatives)
        lower, upper = self.plain.scaled(area.lower), self.plain.scaled(area.upper)
        return in_units(plain, lower, upper, area.least_units, stats.rows / area.design_effect, every=of.units)

    def _placements(self, question: Question) -> UnitPlacements:
        table, score, by = question.rows.table, question.score.number, question.by
        return UnitPlacements(table, question.where, "", score, question.is_positive, by, question.unit)
