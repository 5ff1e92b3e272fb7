"""Measures the slices of cut columns and compares each with the rest of the rows, in all rows or in each half."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from mlgate.checks.independent import difference
from mlgate.checks.performance.cutting import Cut
from mlgate.evidence.guard import asked_by
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.metrics.metric import Additive, Better, Metric, StagedKind, Undefined
from mlgate.metrics.question import Question
from mlgate.stats.multiple import benjamini_hochberg
from mlgate.stats.weaker import fisher_less, normal_less
from mlgate.values.estimate import Estimate, ShareLeftOut
from mlgate.values.verdict import Where

Split = tuple[str, ...]
"""A half of the rows; empty for all rows."""
WHOLE: Split = ()
SEARCH: Split = ("search",)
TEST: Split = ("test",)


@dataclass(frozen=True)
class Slice:
    """One slice: its estimate, and the estimate that it is compared with, if any, in each part of the rows."""

    where: Where
    found: Mapping[Split, Estimate]
    rest: Mapping[Split, Estimate]

    def judged(self, part: Split, against: str) -> Estimate:
        """Its estimate, with a note of the value that it is compared with."""
        found = self.found[part]
        notes = [found.note] if found.note else []
        notes += [f"{against}: {self.rest[part].value:.3g}"] if part in self.rest else []
        return replace(found, note="; ".join(notes) or None)

    def judged_among_many(self, part: Split) -> Estimate:
        """Its estimate without exact planning of rows, which is too slow for thousands of slices."""
        # Exact planning takes ten milliseconds per slice: more than everything else.
        return replace(self.found[part], rows_to_settle=None)

    @property
    def names(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """For an intersection, the slices of its single columns; empty for a slice of one column."""
        return tuple((pair,) for pair in self.where) if len(self.where) > 1 else ()


@dataclass
class NotSearched:
    """Counts of slices that were not searched: with few rows, or without a defined metric."""

    few: int = 0
    undefined: int = 0
    largest: int = 0
    """The rows of the largest of these slices."""
    shares: list[ShareLeftOut] = field(default_factory=list)
    """For every column, the rows in its slices that were not searched."""
    alone: dict[str, str] = field(default_factory=dict)
    """Columns with fewer than two slices, each with its only slice, or an empty text if it has none."""

    def add_few(self, stats: Mapping[Split, Any]) -> None:
        """Count a slice that has too few rows."""
        self.few += 1
        self._add(stats)

    def add_undefined(self, stats: Mapping[Split, Any]) -> None:
        """Count a slice in which the metric is not defined."""
        self.undefined += 1
        self._add(stats)

    def add_column(
        self, cut: Cut, values: Iterable[Group], searched: Sequence[Slice], everyone: Mapping[Split, Any]
    ) -> None:
        """Count what is searched of one column, by the values that its rows have."""
        every = sum(stats.rows for stats in everyone.values())
        covered = sum(found.rows for each in searched for found in each.found.values())
        self.shares.append(ShareLeftOut((cut.name,), every - covered, every))
        names = [str(value) for (value,) in values]
        if not searched:
            self.alone[cut.name] = ""
        elif len(names) == 1 and not cut.few:
            self.alone[cut.name] = names[0]

    def _add(self, stats: Mapping[Split, Any]) -> None:
        self.largest = max(self.largest, sum(part.rows for part in stats.values()))


@dataclass(frozen=True)
class Searched:
    """What a search found. `against` names what its slices are compared with."""

    slices: tuple[Slice, ...]
    tally: NotSearched
    against: str


@dataclass(frozen=True)
class Search:
    """A metric measured in every slice of some columns and, if asked, of pairs of columns."""

    metric: Metric
    question: Question
    cuts: tuple[Cut, ...]
    pairs: bool
    halves: Term | None

    @property
    def parts(self) -> tuple[Split, ...]:
        """The parts of the rows that are measured separately."""
        return (WHOLE,) if self.halves is None else (SEARCH, TEST)

    @property
    def slicings(self) -> Iterator[tuple[Cut, ...]]:
        """The columns that are searched together: each alone, then pairs."""
        yield from ((cut,) for cut in self.cuts)
        if self.pairs:
            yield from ((a, b) for at, a in enumerate(self.cuts) for b in self.cuts[at + 1 :])

    def needs(self, facts: Facts) -> Iterator[Need]:
        """The metric's needs for every slicing and for all rows, then its follow-up questions."""
        questions = [self._asked(cuts) for cuts in ((), *self.slicings)]
        first = [need for question in questions for need in self.metric.kind.needs(question)]
        yield from first
        if isinstance(self.metric.kind, StagedKind) and all(need in facts for need in asked_by(first)):
            for question in questions:
                yield from self.metric.kind.later(question, facts)

    def slices(self, facts: Facts, least: int, least_share: Fraction) -> Searched:
        """Every slice with enough rows and a defined metric in every part of the rows."""
        everyone = self._by_part((), facts).get((), {})
        enough = {part: max(least, least_share * stats.rows) for part, stats in everyone.items()}
        tally = NotSearched(sum(cut.few for cut in self.cuts))
        found: list[Slice] = []
        for cuts in self.slicings:
            by_slice = self._by_part(cuts, facts)
            here: list[Slice] = []
            for values, stats in by_slice.items():
                if any(part not in stats or stats[part].rows < enough[part] for part in self.parts):
                    tally.add_few(stats)
                    continue
                where = tuple((cut.name, str(value)) for cut, value in zip(cuts, values, strict=True))
                try:
                    here.append(self._slice(where, stats, everyone))
                except Undefined:
                    tally.add_undefined(stats)
            if len(cuts) == 1:
                tally.add_column(cuts[0], by_slice, here, everyone)
            found += here
        additive = all(isinstance(stats, Additive) and stats.additive for stats in everyone.values())
        return Searched(tuple(found), tally, "the rest" if additive else "all rows")

    def _asked(self, cuts: Sequence[Cut]) -> Question:
        halves = () if self.halves is None else (self.halves,)
        return replace(self.question, by=(*(cut.term for cut in cuts), *halves))

    def _by_part(self, cuts: Sequence[Cut], facts: Facts) -> dict[Group, dict[Split, Any]]:
        """The statistics by slice and part. Rows whose value is too rare are not in any slice."""
        found: dict[Group, dict[Split, Any]] = {}
        for group, stats in self.metric.kind.groups(self._asked(cuts), facts).items():
            values, part = group[: len(cuts)], tuple(str(value) for value in group[len(cuts) :])
            if None not in values:
                found.setdefault(values, {})[part] = stats
        return found

    def _slice(self, where: Where, stats: Mapping[Split, Any], everyone: Mapping[Split, Any]) -> Slice:
        """One slice, measured in every part of the rows. Raises Undefined where the metric has no value in a part."""
        found = {part: replace(self.metric.estimate(self.question, stats[part]), where=where) for part in self.parts}
        rest = {part: self._rest(everyone[part], stats[part]) for part in self.parts}
        return Slice(where, found, {part: estimate for part, estimate in rest.items() if estimate is not None})

    def _rest(self, everyone: Any, stats: Any) -> Estimate | None:
        """The estimate that a slice is compared with: of the rows outside it if sums give these, else of all rows."""
        try:
            if not (isinstance(everyone, Additive) and everyone.additive):
                return self.metric.estimate(self.question, everyone)
            return self.metric.estimate(self.question, everyone.without(stats)) if everyone.rows > stats.rows else None
        except Undefined:
            return None


@dataclass(frozen=True)
class RankedSlices:
    """Ranks the slices in one part of the rows, the weakest first."""

    of: Searched
    part: Split
    better: Better
    alpha: float

    @cached_property
    def adjusted(self) -> dict[Where, float]:
        """The Benjamini-Hochberg adjusted p value of every slice that could be compared with the rest."""
        p = {each.where: self._p_value(each) for each in self.of.slices}
        known = {where: value for where, value in p.items() if value is not None}
        return dict(zip(known, benjamini_hochberg(list(known.values())), strict=True))

    def listed(self, most: int) -> list[Slice]:
        """The slices with the strongest evidence that they are weaker than the rest."""

        def order(each: Slice) -> tuple[float, float]:
            value = each.found[self.part].value
            return self.adjusted.get(each.where, 2.0), -value if self.better is Better.LOWER else value

        return self._first(most, {each.where: order(each) for each in self.of.slices})

    def weakest(self, most: int) -> list[Slice]:
        """The slices whose best plausible value (the bound on the good side) is the worst."""
        if self.better is Better.NEITHER:
            return self.listed(most)

        def order(found: Estimate) -> tuple[float, float]:
            sign = -1 if self.better is Better.LOWER else 1
            bound = (found.lower if self.better is Better.LOWER else found.upper)(self.alpha)
            return sign * (found.value if bound is None else bound), sign * found.value

        return self._first(most, {each.where: order(each.found[self.part]) for each in self.of.slices})

    def _first(self, most: int, order: Mapping[Where, tuple[float, float]]) -> list[Slice]:
        """The first slices of an order. An intersection counts only if it comes before both of its columns' slices."""
        kept = (
            each
            for each in self.of.slices
            if all(order[each.where] < order[name] for name in each.names if name in order)
        )
        return sorted(kept, key=lambda each: (order[each.where], each.where))[:most]

    def _p_value(self, each: Slice) -> float | None:
        """The p value that a slice is weaker than what it is compared with; two-sided if no direction is better."""
        if self.part not in each.rest:
            return None
        ours, rest = each.found[self.part], each.rest[self.part]
        if self.better is Better.HIGHER:
            return _less(ours, rest, self.alpha)
        if self.better is Better.LOWER:
            return _less(rest, ours, self.alpha)
        both = [p for p in (_less(ours, rest, self.alpha), _less(rest, ours, self.alpha)) if p is not None]
        return min(1.0, 2 * min(both)) if both else None


def _less(a: Estimate, b: Estimate, alpha: float) -> float | None:
    if a.share and b.share and all(float(count).is_integer() for count in (*a.share, *b.share)):
        (hits, rows), (other_hits, other_rows) = a.share, b.share
        return fisher_less(int(hits), int(rows), int(other_hits), int(other_rows))
    return normal_less(a.value - b.value, difference(a, b), alpha)
