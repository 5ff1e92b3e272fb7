"""Shares of rows, with exact binomial bounds; under sampling weights and in units these use effective rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import FALSE, TRUE, Facts, Group, Need, Term
from mlgate.metrics.confusion import Confusion, cell_names
from mlgate.metrics.kinds.fourfold import OUTCOMES, Fourfold, fourfold_difference
from mlgate.metrics.kinds.of_cells import BY_DELTA, FromConfusion, Guards, OfCells, half_rows
from mlgate.metrics.metric import Inquiry, Pair, Undefined
from mlgate.metrics.question import Question
from mlgate.metrics.tallies import CellFormula, Tallies, Tally
from mlgate.metrics.units import Belongs, Place, cells_by_group, counts_in_units, in_units
from mlgate.stats.clusters import LEAST_UNITS, ClusteredShare, UnitSums
from mlgate.stats.linearised import Of
from mlgate.stats.missed_units import MissedUnits, Moved, moved_by
from mlgate.stats.planning import Side, rows_for_share, units_for_share
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.stats.weights import effective_share
from mlgate.values.estimate import Bound, Estimate, no_bound
from mlgate.values.words import rounded

METHOD = "exact binomial bounds (Clopper & Pearson 1934); Korn & Graubard's effective rows under sampling weights"
IN_UNITS = "Clopper-Pearson on effective rows, by the variance between units (Korn & Graubard 1998)"
EXACTLY = "exact sign test of the discordant rows, melded with their share (Fay & Lumbard 2021)"
BY_LABEL = (frozenset({"tp", "fn"}), frozenset({"tn", "fp"}))
"""The sets of cells that depend on the label alone."""
LEAST_EFFECTIVE = 30
"""With fewer effective rows Korn and Graubard's bounds miss far more often than stated (measured: 15 % for 5 %)."""


@dataclass(frozen=True)
class ShareScale:
    """The value that a metric gives for a share: an increasing function of it, exact on fractions, and its inverse."""

    value: Callable[[Any], Any]
    share: Callable[[Any], Any]

    def bound(self, of_share: Bound) -> Bound:
        """The bound of the value, from that of the share."""
        if self == ITSELF:
            return of_share

        def bound(alpha: float) -> float | None:
            found = of_share(alpha)
            return None if found is None else float(self.value(Fraction(found)))

        return bound


def _same(value: Any) -> Any:
    return value


ITSELF = ShareScale(_same, _same)
"""The value is the share."""


@dataclass(frozen=True)
class Share(FromConfusion):
    """The share of one set of confusion cells in another, such as "tp" of "tp+fn"; an empty `of` means all rows.

    A `scale` turns a Jaccard share into F1.
    """

    hits: str
    of: str = ""
    counted: str = "rows"
    """The name of the rows in the denominator, with {positive} for the positive class."""
    scale: ShareScale = ITSELF
    weighted = True
    method = METHOD
    in_units = IN_UNITS

    @property
    def compared(self) -> str:  # type: ignore[override]
        """The exact method if the denominator depends on the label alone; none for a share that no model influences."""
        if _cells(self.hits) in BY_LABEL:
            return ""
        return EXACTLY if self._of_labels else BY_DELTA

    @property
    def one_class(self) -> bool:  # type: ignore[override]
        """Whether it names cells of the positive class."""
        return "tp" in self.hits + self.of or "tn" in self.hits + self.of

    @property
    def of_predictions(self) -> bool:
        """Whether it is the share of rows predicted positive."""
        return (self.hits, self.of) == ("tp+fp", "")

    def alone(self, question: Question, stats: Confusion) -> Estimate:
        """The share of hits among the rows that count. Raises Undefined where no row counts."""
        hits = stats.named(_cells(self.hits))
        every = stats.named(_cells(self.of)) if self.of else stats.where(lambda *_cell: True)
        counted = self.counted.format(positive=f"`{stats.positive}`")
        found = share_estimate(hits, every, stats.weighted, stats.rows, counted, self.scale)
        return share_in_units(found, stats, stats.among(self.hits), stats.among(self.of), self.scale)

    def difference(self, pair: Pair, stats: Confusion) -> Estimate:
        """The difference of both shares, with exact bounds where both models have the same denominator."""
        if stats.units is not None or not self._of_labels:
            return super().difference(pair, stats)
        hits, of = _cells(self.hits), _cells(self.of) if self.of else frozenset()

        def outcome(label: str, new: str, old: str) -> tuple[bool, bool] | None:
            names = [cell_names(label, given, stats.positive) for given in (new, old)]
            return (bool(hits & names[0]), bool(hits & names[1])) if not of or of & names[0] else None

        counted = self.counted.format(positive=f"`{stats.positive}`")
        return fourfold_difference(_fourfold(stats, outcome, counted), pair.relative)

    def formula(self, question: Question, stats: Confusion) -> CellFormula:
        """The formula of the numbers of hits, of other rows that count, and of rows that do not count."""
        return _share_formula(stats.among(self.hits), stats.among(self.of), self.scale)

    def denominators(self, question: Question, stats: Confusion) -> tuple[Belongs, ...]:
        """The rows that count."""
        return (stats.among(self.of),)

    @property
    def _of_labels(self) -> bool:
        return not self.of or _cells(self.of) in BY_LABEL


@dataclass(frozen=True)
class HitShare(OfCells):
    """The share of rows for which an SQL condition holds (top-k accuracy, interval coverage, a rate)."""

    expression: Callable[[Question], str]
    guard: Callable[[Question], Iterable[Need]]
    counted: str = "rows"
    weighted = True
    method = METHOD
    in_units = IN_UNITS
    compared = EXACTLY

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """The guards, and the counts of hits; for rows in units also in units."""
        guards = (need for question in asked.questions for need in self.guard(question))
        return (*guards, self._counts(asked), *([self._in_units(asked)] if asked.first.unit else []))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, Tallies]:
        """Hits and misses of every slice."""
        fact: CountsFact = facts[self._counts(asked)]
        weighted, width = bool(asked.first.weight), len(asked.first.by)
        units = cells_by_group(self._in_units(asked), facts) if asked.first.unit else {}
        found: dict[Group, dict[Place, Tally]] = {}
        for cell in fact.cells:
            place = tuple(map(str, cell.values[width:]))
            found.setdefault(cell.values[:width], {})[place] = Tally.of([cell], weighted)
        return {group: Tallies(cells, weighted, units.get(group)) for group, cells in found.items()}

    def alone(self, question: Question, stats: Tallies) -> Estimate:
        """The share of hits among all rows."""
        hits, every = stats.where(lambda hit: hit == TRUE), stats.where(lambda _hit: True)
        found = share_estimate(hits, every, stats.weighted, stats.rows, self.counted)
        return share_in_units(found, stats, _is_hit, _is_any)

    def difference(self, pair: Pair, stats: Tallies) -> Estimate:
        """The difference of both shares; for independent rows with exact bounds."""
        if stats.units is not None:
            return super().difference(pair, stats)
        four = _fourfold(stats, lambda new, old: (new == TRUE, old == TRUE), self.counted)
        return fourfold_difference(four, pair.relative)

    def formula(self, question: Question, stats: Tallies) -> CellFormula:
        """The formula of the numbers of hits and misses."""
        return _share_formula(_is_hit, _is_any, ITSELF)

    def _hits(self, asked: Inquiry) -> tuple[Term, ...]:
        """For each model, the term that is "true" for a hit, else "false"."""
        names = ("new", "old") if isinstance(asked, Pair) else ("hit",)
        return tuple(Term.flag(name, self.expression(question)) for name, question in zip(names, asked.questions))

    def _counts(self, asked: Inquiry) -> Counts:
        question = asked.first
        terms = (*question.by, *self._hits(asked))
        return Counts(question.rows.table, question.where, question.count, terms, question.weight)

    def _in_units(self, asked: Inquiry) -> Counts:
        return counts_in_units(asked.first, *self._hits(asked))


def _is_hit(cell: Place) -> bool:
    return cell[0] == TRUE


def _is_any(_cell: Place) -> bool:
    return True


def _share_formula(hits: Belongs, every: Belongs, scale: ShareScale) -> CellFormula:
    return CellFormula(
        lambda rows: scale.value(rows[:, 0] / (rows[:, 0] + rows[:, 1])),
        3,
        lambda cell: 2 if not every(cell) else 0 if hits(cell) else 1,
    )


def _fourfold(stats: Tallies, outcome: Callable[..., tuple[bool, bool] | None], counted: str) -> Fourfold:
    """The rows that count, by whether they are a hit of the new and of the old model."""
    four = tuple(stats.where(lambda *cell, hit=hit: outcome(*cell) == hit) for hit in OUTCOMES)
    return Fourfold(four, stats.rows, stats.weighted, counted)


def share_in_units(
    found: Estimate, stats: Tallies, hits: Belongs, every: Belongs, scale: ShareScale = ITSELF
) -> Estimate:
    """The estimate of a share; for rows in units with their bounds and planning."""
    if stats.units is None:
        return found
    sums = stats.units.sums(lambda cell: every(cell) and hits(cell), every)
    share = ClusteredShare(sums)
    moved = _moved(stats, hits, every, sums)
    bounded = MissedUnits(share.value, share, sums.units, moved)
    bounds = scale.bound(bounded.lower), scale.bound(bounded.upper)
    found = in_units(found, *bounds, sums.units, share.effective_rows, every=stats.units.units)
    if sums.units < LEAST_UNITS:
        return found
    return replace(found, rows_to_settle=partial(_rows_by_units, share, moved, scale))


def _moved(stats: Tallies, hits: Belongs, every: Belongs, sums: UnitSums) -> Moved:
    """How the share is moved by units of which every row is wrong, or right."""
    import numpy as np

    ends: Guards = ({(FALSE,): 1.0}, {(TRUE,): 1.0})
    if isinstance(stats, Confusion):
        ends = half_rows(stats.classes, 1.0)
    function = Of(lambda at: at[:, 0] / at[:, 1], 2, np.array([0, 1]))
    further = []
    for rows in ends:
        cells = list(rows)
        unit = stats.typical_unit(cells, np.array([rows[cell] for cell in cells]))
        counted = np.array([every(cell) for cell in cells])
        found = counted & [hits(cell) for cell in cells]
        further.append(np.array([unit[found].sum(), unit[counted].sum()]))
    return moved_by(function, np.array([float(sums.y), float(sums.x)]), sums.units, *further)


def _rows_by_units(
    share: ClusteredShare, moved: Moved, scale: ShareScale, bound: float, side: Side, alpha: float, power: float
) -> int | None:
    sums, effective = share.sums, share.rows_at(alpha)
    if not effective:
        return None
    demanded = float(scale.share(Fraction(bound)))
    units = units_for_share(share.value, demanded, alpha, power, side, effective / sums.units, moved)
    return None if units is None else round(units * float(sums.x) / sums.units)


def share_estimate(
    hits: Tally,
    every: Tally,
    weighted: bool,
    rows: int,
    counted: str = "rows",
    scale: ShareScale = ITSELF,
) -> Estimate:
    """The estimate of a share: its exact fraction, Clopper-Pearson bounds, and planning by exact power.

    `hits` are counted within `every`, the rows that count, of the `rows` of the slice. Under sampling weights the
    bounds are those of the effective rows; with too few of these there are none. Raises Undefined for 0/0.
    """
    if not every.n:
        raise Undefined(f"there are no {counted}: 0/0")
    if not every.weight:
        raise Undefined(f"the {every.n} {counted} all have weight 0: 0/0")
    share = hits.weight / every.weight
    successes, trials = _effective(hits, every) if weighted else (float(hits.n), float(every.n))
    found = Estimate(
        (),
        float(scale.value(share)),
        every.n,
        rows,
        lower=scale.bound(partial(clopper_pearson_lower, successes, trials)),
        upper=scale.bound(partial(clopper_pearson_upper, successes, trials)),
        exact=scale.value(share),
        counts=f"{hits.n}/{every.n}" if scale == ITSELF and not weighted else None,
        counted=counted,
        rows_to_settle=partial(_rows_to_settle, float(share), scale, trials / every.n),
        share=(successes, trials) if scale == ITSELF else None,
    )
    return _under_weights(found, trials) if weighted else found


def _effective(hits: Tally, every: Tally) -> tuple[float, float]:
    """The effective hits and rows under sampling weights."""
    missed, missed2 = every.weight - hits.weight, every.weight2 - hits.weight2
    try:
        share, rows = effective_share(float(hits.weight), float(hits.weight2), float(missed), float(missed2), every.n)
    except ValueError as refused:
        raise Undefined(str(refused)) from refused
    return share * rows, rows


def _under_weights(found: Estimate, trials: float) -> Estimate:
    """The estimate with the number of effective rows, and without bounds where these are too few."""
    effective = rounded(trials, "effective rows")
    found = replace(found, note=f"sampling weights: {effective}, approximate")
    if trials >= LEAST_EFFECTIVE:
        return found
    why = f"{effective}; under sampling weights bounds require {LEAST_EFFECTIVE}"
    return replace(found, lower=no_bound, upper=no_bound, no_bound_because=why, share=None)


def _rows_to_settle(
    share: float, scale: ShareScale, efficiency: float, bound: float, side: Side, alpha: float, power: float
) -> int | None:
    rows = rows_for_share(share, float(scale.share(Fraction(bound))), alpha, power, side)
    return None if rows is None else round(rows / efficiency)


def _cells(names: str) -> frozenset[str]:
    return frozenset(names.split("+"))
