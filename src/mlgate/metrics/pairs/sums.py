"""Ratios of sums of the same rows under two models: both share what they are divided by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Pair, Undefined
from mlgate.metrics.kinds.spread import JOINT, ratio_to_spread
from mlgate.metrics.kinds.sums import PAIR, Sums, ratio_of_totals, sums_by_group, sums_needed
from mlgate.metrics.pairs.said import ALIKE, Both, less_one, of_champion
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.determination import Determination
    from mlgate.metrics.kinds.ratio import RatioOfSums


@dataclass(frozen=True)
class SumsOfBoth:
    """One slice: the rows' differences with what they are divided by, and both numerators beside each other."""

    apart: Sums
    beside: Sums

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.apart.rows


@dataclass(frozen=True)
class PairedRatio:
    """Σ(new - old) over the denominator's sum, which does not depend on the model."""

    kind: RatioOfSums

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Sums, squares and cross sums. Raises EvidenceError where the models are not divided by one number."""
        if self.kind.denominator(pair.new) != self.kind.denominator(pair.old):
            raise EvidenceError("the models' sums are divided by different numbers, so that they cannot be compared")
        sums = (*sums_needed(self._apart(pair)), *sums_needed(self._beside(pair)))
        both = (pair.new, pair.old)
        guards = (need for of in both for need in (*of.usable(*self.kind.roles), *self.kind.guard(of)))
        return (*sums, *guards)

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, SumsOfBoth]:
        """The sums of every slice."""
        apart, beside = (sums_by_group(need, facts) for need in (self._apart(pair), self._beside(pair)))
        return {group: SumsOfBoth(sums, beside[group]) for group, sums in apart.items()}

    def difference(self, pair: Pair, stats: SumsOfBoth, relative: bool) -> Estimate:
        """The difference, or the ratio of both numerators less 1. Raises Undefined where the denominator is 0."""
        under = stats.apart.total(0, 1)
        if not under:
            raise Undefined("the sum to divide by is 0")
        values = Both(stats.beside.total(1, 0) / under, stats.beside.total(0, 1) / under)
        value = float(values.less(relative))
        ratio = ratio_of_totals(stats.beside if relative else stats.apart, linear=not relative or values.new <= 0)
        found = Estimate((), value, stats.rows, stats.rows, no_bound_because=ALIKE, note=values.note)
        if ratio.no_bound_because:
            return found
        lower, upper = (less_one(end) if relative else end for end in (ratio.lower, ratio.upper))
        return replace(found, lower=lower, upper=upper, no_bound_because=None)

    def _apart(self, pair: Pair) -> Moments:
        apart = f"({self.kind.numerator(pair.new)}) - ({self.kind.numerator(pair.old)})"
        return self._moments(pair, (apart, self.kind.denominator(pair.new)))

    def _beside(self, pair: Pair) -> Moments:
        return self._moments(pair, (self.kind.numerator(pair.new), self.kind.numerator(pair.old)))

    def _moments(self, pair: Pair, values: tuple[str, str]) -> Moments:
        at = pair.new
        return Moments(at.rows.table, at.where, at.count, values, PAIR, at.by)


@dataclass(frozen=True)
class DeterminationOfBoth:
    """One slice: the differences of squared errors with the label, and each model's own sums."""

    apart: Sums
    new: Sums
    old: Sums

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.apart.rows


@dataclass(frozen=True)
class PairedDetermination:
    """R² of the new model less that of the old: Σ(old error² - new error²) over the label's spread."""

    kind: Determination

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Joint sums of the difference and the label, and each model's own."""
        apart = sums_needed(self._apart(pair))
        return (*apart, *self.kind.needs(pair.new), *self.kind.needs(pair.old))

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, DeterminationOfBoth]:
        """The sums of every slice."""
        new, old = (self.kind.groups(question, facts) for question in (pair.new, pair.old))
        apart = sums_by_group(self._apart(pair), facts)
        return {group: DeterminationOfBoth(sums, new[group], old[group]) for group, sums in apart.items()}

    def difference(self, pair: Pair, stats: DeterminationOfBoth, relative: bool) -> Estimate:
        """The difference. Raises Undefined where the label does not vary, and for a relative one."""
        new = self.kind.estimate(pair.new, stats.new)
        with of_champion():
            old = self.kind.estimate(pair.old, stats.old)
        if relative:
            raise Undefined("a relative change of R² depends on how far it is from 0: compare without `relative`")
        values = Both(new.value, old.value)
        value = float(values.less(relative=False))
        found = Estimate((), value, stats.rows, stats.rows, no_bound_because=ALIKE, note=values.note)
        ratio = ratio_to_spread(stats.apart, linear=True)
        if ratio is None:
            return found
        return replace(found, lower=ratio.lower, upper=ratio.upper, no_bound_because=None)

    def _apart(self, pair: Pair) -> Moments:
        at = pair.new
        (new, label), (old, _) = self.kind.values(at), self.kind.values(pair.old)
        values = (f"({old}) - ({new})", label)
        return Moments(at.rows.table, at.where, at.count, values, JOINT, at.by)
