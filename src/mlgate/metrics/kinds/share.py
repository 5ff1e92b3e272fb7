"""Shares of rows: exact binomial bounds, also under sampling weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.metrics.base import Alone, Kind, Paired, Undefined
from mlgate.metrics.confusion import Confusion, FromConfusion, Tally
from mlgate.metrics.pairs.cells import PairedCells, in_cells
from mlgate.metrics.pairs.shares import PairedHits, PairedShare
from mlgate.metrics.question import Question
from mlgate.stats.planning import Side, rows_for_share
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.stats.weights import effective_share
from mlgate.values.estimate import Bound, Estimate, no_bound

if TYPE_CHECKING:
    from mlgate.stats.cells import CellMetric

Transform = Callable[[Fraction], Fraction]
BY_LABEL = (frozenset({"tp", "fn"}), frozenset({"tn", "fp"}))
"""Sets of cells that depend on the label alone."""
LEAST_EFFECTIVE = 30
"""Below so many effective rows Korn and Graubard's bounds miss far more often than they say (measured: 15 %)."""


@dataclass(frozen=True)
class HitTally:
    """One slice of a yes-or-no quantity: the rows that have it, and those that have not."""

    hits: Tally
    misses: Tally
    weighted: bool

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        return self.hits.n + self.misses.n

    def without(self, part: HitTally) -> HitTally:
        """The rest, once some of the rows are taken away."""
        return HitTally(self.hits - part.hits, self.misses - part.misses, self.weighted)


@dataclass(frozen=True)
class Share(FromConfusion):
    """A share of two sets of confusion cells, "tp" of "tp+fn"; `of` empty is all rows.

    `transform`, increasing and exact on fractions, makes F1 of a Jaccard share.
    """

    hits: str
    of: str = ""
    counted: str = "rows"
    """What the denominator counts, with {positive} for the class."""
    transform: Transform | None = None
    inverse: Transform | None = None
    weighted = True
    method = "exact binomial bounds (Clopper & Pearson 1934); Korn & Graubard's effective rows under sampling weights"

    @property
    def cells(self) -> tuple[frozenset[str], frozenset[str]]:
        """The cells of the numerator, and those of the denominator: none for all rows."""
        return _cells(self.hits), _cells(self.of) if self.of else frozenset()

    @property
    def paired(self) -> Paired | None:
        """Exact where the denominator depends on the label alone; None for what is no answer of a model."""
        hits, of = self.cells
        if hits in BY_LABEL:
            return None
        return PairedShare(self) if not of or of in BY_LABEL else PairedCells(self)

    def of_tables(self, question: Question, classes: tuple[str, ...], positive: str | None) -> CellMetric:
        """The share as a function of label x prediction tables."""
        hits, every = (in_cells(names, classes, positive) for names in self.cells)
        shown: Callable[[Any], Any] = self.transform or _same
        return lambda tables: shown(tables @ hits / (tables @ every))

    @property
    def one_class(self) -> bool:  # type: ignore[override]
        """Whether any of the cells is one of the positive class."""
        return "tp" in self.hits + self.of or "tn" in self.hits + self.of

    @property
    def clustered(self) -> Kind:
        """Effective rows from the variance between units."""
        from mlgate.metrics.kinds.unit_shares import UnitShare

        return UnitShare(self)

    @property
    def of_predictions(self) -> bool:
        """Whether it is the share of rows predicted positive."""
        return (self.hits, self.of) == ("tp+fp", "")

    def estimate(self, question: Question, stats: Confusion) -> Estimate:
        """Hits over the cells counted. Raises Undefined where none is counted."""
        hits = stats.named(_cells(self.hits))
        every = stats.named(_cells(self.of)) if self.of else stats.where(lambda _label, _prediction: True)
        positive = f"`{stats.positive}`"
        counted = self.counted.format(positive=positive)
        return share_estimate(hits, every, stats.weighted, stats.rows, counted, self.transform, self.inverse)


@dataclass(frozen=True)
class HitShare(Alone):
    """The share of rows for which an expression holds (top-k accuracy, interval coverage, a rate)."""

    expression: Callable[[Question], str]
    guard: Callable[[Question], Iterable[Need]]
    counted: str = "rows"
    weighted = True
    method = Share.method

    @property
    def paired(self) -> Paired:
        """Exact by the rows that only one model counts."""
        return PairedHits(self)

    def needs(self, question: Question) -> Iterable[Need]:
        """Counts of hits, and what must hold before they are trusted."""
        return (self._counts(question), *self.guard(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, HitTally]:
        """Hits and misses of every slice."""
        fact: CountsFact = facts[self._counts(question)]
        weighted = bool(question.weight)
        found: dict[Group, tuple[Tally, Tally]] = {}
        nothing = Tally(0, Fraction(0), Fraction(0))
        for cell in fact.cells:
            *group, hit = cell.values
            tally = Tally.of([cell], weighted)
            hits, misses = found.get(tuple(group), (nothing, nothing))
            found[tuple(group)] = (hits + tally, misses) if hit == "true" else (hits, misses + tally)
        return {group: HitTally(hits, misses, weighted) for group, (hits, misses) in found.items()}

    @property
    def clustered(self) -> Kind:
        """Effective rows from the variance between units."""
        from mlgate.metrics.kinds.unit_shares import UnitHitShare

        return UnitHitShare(self)

    def estimate(self, question: Question, stats: HitTally) -> Estimate:
        """Hits over all rows."""
        every = stats.hits + stats.misses
        return share_estimate(stats.hits, every, stats.weighted, stats.rows, self.counted)

    def hit(self, question: Question) -> Term:
        """Whether a row has it, as "true" or "false"."""
        return Term("hit", f"case when {self.expression(question)} then 'true' else 'false' end")

    def _counts(self, question: Question) -> Counts:
        terms = (*question.by, self.hit(question))
        return Counts(question.rows.table, question.where, question.count, terms, question.weight)


def share_estimate(
    hits: Tally,
    every: Tally,
    weighted: bool,
    rows: int,
    counted: str = "rows",
    transform: Transform | None = None,
    inverse: Transform | None = None,
) -> Estimate:
    """The estimate of hits over all; exact fractions, Clopper-Pearson bounds, planning by exact power."""
    if not every.n:
        raise Undefined(f"there are no {counted}: 0/0")
    if not every.weight:
        raise Undefined(f"the {every.n} {counted} all have weight 0: 0/0")
    shown = transform or _same
    share = hits.weight / every.weight
    successes, trials = (float(hits.n), float(every.n))
    if weighted:
        share_, trials = _effective(hits, every)
        successes = share_ * trials
    few = weighted and trials < LEAST_EFFECTIVE
    return Estimate(
        (),
        float(shown(share)),
        every.n,
        rows,
        lower=no_bound if few else _through(shown, partial(clopper_pearson_lower, successes, trials)),
        upper=no_bound if few else _through(shown, partial(clopper_pearson_upper, successes, trials)),
        exact=shown(share),
        counts=None if weighted or transform else f"{hits.n}/{every.n}",
        counted=counted,
        rows_to_settle=partial(_rows_to_settle, float(share), inverse or _same, trials / every.n),
        no_bound_because=f"{trials:.0f} effective rows; under sampling weights it takes {LEAST_EFFECTIVE}"
        if few
        else None,
        note=f"sampling weights: {trials:.0f} effective rows" if weighted else None,
        share=None if few or transform else (successes, trials),
    )


def _effective(hits: Tally, every: Tally) -> tuple[float, float]:
    missed, missed2 = every.weight - hits.weight, every.weight2 - hits.weight2
    try:
        return effective_share(float(hits.weight), float(hits.weight2), float(missed), float(missed2), every.n)
    except ValueError as refused:
        raise Undefined(str(refused)) from refused


def _rows_to_settle(
    share: float, inverse: Transform, efficiency: float, bound: float, side: Side, alpha: float, power: float
) -> int | None:
    rows = rows_for_share(share, float(inverse(Fraction(bound))), alpha, power, side)
    return None if rows is None else round(rows / efficiency)


def _through(transform: Transform, bound: Callable[[float], float]) -> Bound:
    if transform is _same:
        return bound
    return lambda alpha: float(transform(Fraction(bound(alpha))))


def _same(value: Fraction) -> Fraction:
    return value


def _cells(names: str) -> frozenset[str]:
    return frozenset(names.split("+"))
