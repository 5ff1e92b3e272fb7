"""ROC AUC and Gini of the same rows under two scores: DeLong's covariance of two areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.evidence.questions.paired_placements import PairedPlacements, PairedPlacementsFact, PairedPlacementsOf
from mlgate.evidence.questions.placements import PlacementsOf
from mlgate.metrics.base import Pair, Undefined
from mlgate.metrics.both import Both, fraction
from mlgate.metrics.labels import labelled
from mlgate.stats.paired import LEAST_CLASS, PairedAuc
from mlgate.stats.ranks import RocAuc
from mlgate.values.estimate import Bound, Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.ranked import Ranked

NO_BOUND = (
    f"it takes {LEAST_CLASS} rows of each class, areas that are neither 0 nor 1, and rankings that are not the same"
)


@dataclass(frozen=True)
class PairedRankedStats:
    """One slice's placements by both scores."""

    of: PairedPlacementsOf

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.of.new.positives + self.of.new.negatives


@dataclass(frozen=True)
class PairedRanked:
    """`slope` * AUC + `shift` of both scores."""

    kind: Ranked

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Placements of both scores in both classes."""
        scores = (*pair.new.usable("score"), *pair.old.usable("score"))
        return (*scores, labelled(pair.new), self._placements(pair))

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, PairedRankedStats]:
        """The placements of every slice."""
        fact: PairedPlacementsFact = facts[self._placements(pair)]
        return {found.new.group: PairedRankedStats(found) for found in fact.groups}

    def difference(self, pair: Pair, stats: PairedRankedStats, relative: bool) -> Estimate:
        """The difference of both areas. Raises Undefined where a class has no rows."""
        of = stats.of
        for count, what in ((of.new.positives, "with"), (of.new.negatives, "without")):
            if not count:
                raise Undefined(f"there are no rows {what} label `{pair.new.positive}`: no pair to rank")
        areas = PairedAuc(area_of(of.new), area_of(of.old), of.positive_cross, of.negative_cross)
        slope, shift = self.kind.slope, self.kind.shift
        values = Both(slope * areas.new.value + shift, slope * areas.old.value + shift)
        exact = values.less(relative)
        bounds = areas.ratio(slope, shift) if relative else areas
        times = 1 if relative else slope
        few = min(of.new.positives, of.new.negatives) < 50
        note = f"; approximate: fewer than 50 rows in a class ({of.new.positives} / {of.new.negatives})" if few else ""
        return Estimate(
            (),
            float(exact),
            stats.rows,
            stats.rows,
            _times(times, bounds.lower),
            _times(times, bounds.upper),
            exact=fraction(exact),
            no_bound_because=NO_BOUND,
            note=values.note + note,
        )

    def _placements(self, pair: Pair) -> PairedPlacements:
        at = pair.new
        new, old = at.score.number, pair.old.score.number
        return PairedPlacements(at.rows.table, at.where, at.count, new, old, at.is_positive, at.by)


def area_of(of: PlacementsOf) -> RocAuc:
    """The area of one score's placements."""
    return RocAuc(
        of.positives, of.negatives, of.positive_sum, of.positive_squares, of.negative_sum, of.negative_squares
    )


def _times(slope: int, bound: Bound) -> Bound:
    def scaled(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else slope * found

    return scaled
