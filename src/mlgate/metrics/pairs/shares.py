"""Shares of the same rows under two models: exact by the rows that only one of them counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.metrics.base import Pair, Undefined
from mlgate.metrics.confusion import Tally, cell_names
from mlgate.metrics.pairs.joint import Joint, joint_needs, joints
from mlgate.metrics.pairs.said import Both, fraction
from mlgate.stats.matched import MatchedRatio, MatchedShares, effective_rows
from mlgate.stats.paired import mcnemar
from mlgate.stats.planning import rows_for_paired
from mlgate.values.estimate import Estimate

if TYPE_CHECKING:
    from mlgate.metrics.kinds.share import HitShare, Share

NOTHING = Tally(0, Fraction(0), Fraction(0))
OUTCOMES = ((True, True), (True, False), (False, True), (False, False))
"""Whether the new model has a row, and whether the old one has: in the order of a `Fourfold`."""
LEAST_EFFECTIVE = 30


@dataclass(frozen=True)
class Fourfold:
    """The rows that count: those that both models have, only the new one, only the old one, and neither."""

    tallies: tuple[Tally, ...]
    rows: int
    """Rows of the slice."""
    weighted: bool
    counted: str = "rows"

    @property
    def both(self) -> Tally:
        """Rows that both models have."""
        return self.tallies[0]

    @property
    def only_new(self) -> Tally:
        """Rows that only the new model has."""
        return self.tallies[1]

    @property
    def only_old(self) -> Tally:
        """Rows that only the old model has."""
        return self.tallies[2]

    @property
    def neither(self) -> Tally:
        """Rows that neither model has."""
        return self.tallies[3]

    @property
    def every(self) -> Tally:
        """All rows that count."""
        return sum(self.tallies, NOTHING)


@dataclass(frozen=True)
class PairedShare:
    """A share of confusion cells whose denominator depends on the label alone, so that both models have one."""

    kind: Share

    def needs(self, pair: Pair) -> Iterable[Need]:
        """The cube of label and both predictions."""
        return joint_needs(pair, one_class=self.kind.one_class)

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, Joint]:
        """The joint counts of every slice."""
        return joints(pair, facts, one_class=self.kind.one_class)

    def difference(self, pair: Pair, stats: Joint, relative: bool) -> Estimate:
        """The difference of both shares. Raises Undefined where no row counts."""
        hits, of = self.kind.cells

        def tally(new_hit: bool, old_hit: bool) -> Tally:
            def belongs(label: str, new: str, old: str) -> bool:
                found = [cell_names(label, given, stats.positive) for given in (new, old)]
                hit = bool(hits & found[0]), bool(hits & found[1])
                return (not of or bool(of & found[0])) and hit == (new_hit, old_hit)

            return stats.where(belongs)

        four = tuple(tally(*hit) for hit in OUTCOMES)
        counted = self.kind.counted.format(positive=f"`{stats.positive}`")
        return fourfold_difference(Fourfold(four, stats.rows, stats.weighted, counted), relative)


@dataclass(frozen=True)
class PairedHits:
    """The share of rows for which an expression holds, under each model's columns."""

    kind: HitShare

    def needs(self, pair: Pair) -> Iterable[Need]:
        """Joint counts of hits, and what must hold of both models before they are trusted."""
        return (self._counts(pair), *self.kind.guard(pair.new), *self.kind.guard(pair.old))

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, Fourfold]:
        """The four counts of every slice."""
        fact: CountsFact = facts[self._counts(pair)]
        weighted = bool(pair.new.weight)
        found: dict[Group, dict[tuple[str | None, ...], Tally]] = {}
        for cell in fact.cells:
            four = found.setdefault(cell.values[:-2], {})
            four[cell.values[-2:]] = Tally.of([cell], weighted)
        return {group: self._fourfold(four, weighted) for group, four in found.items()}

    def difference(self, pair: Pair, stats: Fourfold, relative: bool) -> Estimate:
        """The difference of both shares."""
        return fourfold_difference(stats, relative)

    def _fourfold(self, four: Mapping[tuple[str | None, ...], Tally], weighted: bool) -> Fourfold:
        sign = {True: "true", False: "false"}
        tallies = tuple(four.get((sign[new], sign[old]), NOTHING) for new, old in OUTCOMES)
        return Fourfold(tallies, sum(tally.n for tally in tallies), weighted, self.kind.counted)

    def _counts(self, pair: Pair) -> Counts:
        hits = (
            Term(name, f"case when {self.kind.expression(question)} then 'true' else 'false' end")
            for name, question in (("new", pair.new), ("old", pair.old))
        )
        question = pair.new
        return Counts(question.rows.table, question.where, question.count, (*question.by, *hits), question.weight)


def fourfold_difference(four: Fourfold, relative: bool) -> Estimate:
    """new - old share, or new / old - 1; under sampling weights from effective rows."""
    every = four.every
    if not every.n:
        raise Undefined(f"there are no {four.counted}: 0/0")
    if not every.weight:
        raise Undefined(f"the {every.n} {four.counted} all have weight 0: 0/0")
    values = Both((four.both + four.only_new).weight / every.weight, (four.both + four.only_old).weight / every.weight)
    exact = values.less(relative)
    n = _effective(four) if four.weighted else float(every.n)
    found = Estimate(
        (),
        float(exact),
        every.n,
        four.rows,
        exact=fraction(exact),
        counts=None if four.weighted or relative else _counts(four),
        counted=four.counted,
        note=_note(four, values, n),
    )
    if four.weighted and n < LEAST_EFFECTIVE:
        because = f"{n:.0f} effective rows; under sampling weights it takes {LEAST_EFFECTIVE}"
        return replace(found, no_bound_because=because)
    return _bounded(found, four, n, relative)


def _bounded(found: Estimate, four: Fourfold, n: float, relative: bool) -> Estimate:
    only_new, only_old = (float(tally.weight / four.every.weight) * n for tally in (four.only_new, four.only_old))
    if not four.weighted:
        only_new, only_old = float(four.only_new.n), float(four.only_old.n)
    if relative:
        both = float(four.both.weight / four.every.weight) * n if four.weighted else float(four.both.n)
        ratio = MatchedRatio(both, only_new, only_old)
        return replace(found, lower=ratio.lower, upper=ratio.upper)
    shares = MatchedShares(n, only_new, only_old)
    planned = partial(_rows_to_settle, (only_new - only_old) / n, (only_new + only_old) / n, n / found.n)
    return replace(found, lower=shares.lower, upper=shares.upper, rows_to_settle=planned)


def _effective(four: Fourfold) -> float:
    tallies = (four.both + four.neither, four.only_new, four.only_old)
    agree, new, old = ((float(tally.weight), float(tally.weight2)) for tally in tallies)
    return effective_rows(four.every.n, agree, new, old)


def _rows_to_settle(
    difference: float, discordant: float, efficiency: float, bound: float, side: str, alpha: float, power: float
) -> int | None:
    sign = 1 if side == "at_least" else -1
    rows = rows_for_paired(sign * difference, discordant, alpha, -sign * bound, power)
    return None if rows is None else round(rows / efficiency)


def _counts(four: Fourfold) -> str:
    n = four.every.n
    return f"{four.both.n + four.only_new.n}/{n} against {four.both.n + four.only_old.n}/{n}"


def _note(four: Fourfold, values: Both, n: float) -> str:
    new, old = four.only_new.n, four.only_old.n
    if not new + old:
        return f"{values.note}; the models agree on every row that counts"
    said = f"{values.note}; only the new one {new}, only the old one {old}"
    if four.weighted:
        return f"{said}; sampling weights: {n:.0f} effective rows"
    return f"{said}; McNemar p {mcnemar(new, old):.2g}"
