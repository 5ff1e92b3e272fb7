"""The share of rows whose score is above the median of all rows: the scoring rate of bias audits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Literal

from mlgate.evidence.dialect import literal
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.evidence.questions.order import Order, OrderFact, OrderOf
from mlgate.evidence.rows import Column
from mlgate.metrics.metric import Alone
from mlgate.metrics.question import NO_ROWS, Question
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

Levels = tuple[tuple[float, float | None, float | None], ...]


@dataclass(frozen=True)
class Scored:
    """One slice's number of rows, and how many of them are above the median and above each of its bounds."""

    rows: int
    median: float
    above: Mapping[float, int]
    """The number of rows above each threshold."""
    levels: Levels
    """(level, lower, upper) for each level: the bounds of the population's median."""


@dataclass(frozen=True)
class AboveMedian(Alone):
    """The share of rows above the median of all rows: first the median and its bounds are measured, then the counts.

    The bounds of the rate spend half of the level on the median, and half on the share of rows above the median's
    bound. With few scores near the median it is uncertain, and bounds for a fixed median would be too narrow.
    """

    weighted = False
    method = "order statistics for the median and Clopper-Pearson for the rows above it, half of the level each"

    def needs(self, question: Question) -> Iterable[Need]:
        """The guard that every row has a score, and the median over all groups with its bounds."""
        return (*question.usable(_role(question)), _median(question))

    def later(self, question: Question, facts: Facts) -> Iterable[Need]:
        """The counts of rows between the median and its bounds, by group."""
        return (_bands(question, _thresholds(_found(question, facts))),)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Scored]:
        """For every slice, the numbers of rows above the median and above its bounds."""
        of = _found(question, facts)
        thresholds = _thresholds(of)
        fact: CountsFact = facts[_bands(question, thresholds)]
        counts: dict[Group, dict[int, int]] = defaultdict(dict)
        for cell in fact.cells:
            *group, band = cell.values
            counts[tuple(group)][int(str(band))] = cell.n
        return {group: _scored(of, thresholds, bands) for group, bands in counts.items()}

    def estimate(self, question: Question, stats: Scored) -> Estimate:
        """The share above the median."""
        hits = stats.above[stats.median]
        share = Fraction(hits, stats.rows)
        return Estimate(
            (),
            float(share),
            stats.rows,
            stats.rows,
            partial(_lower, stats),
            partial(_upper, stats),
            exact=share,
            counts=f"{hits}/{stats.rows}",
            no_bound_because="the whole table has too few rows for a bound of its median",
        )


def _role(question: Question) -> str:
    return "score" if question.task == "binary" else "prediction"


def _score(question: Question) -> Column:
    return question.number(_role(question))


def _median(question: Question) -> Order:
    halves = tuple(alpha / 2 for alpha in question.alphas)
    return Order(question.rows.table, question.where, question.count, _score(question).number, 0.5, halves)


def _found(question: Question, facts: Facts) -> OrderOf:
    """The measured median. Raises EvidenceError for a table without rows."""
    fact: OrderFact = facts[_median(question)]
    if not fact.groups:
        raise EvidenceError(NO_ROWS)
    return fact.groups[0]


def _thresholds(of: OrderOf) -> tuple[float, ...]:
    ends = (end for _, lower, upper in of.bounds for end in (lower, upper) if end is not None)
    return tuple(sorted({of.middle, *ends}))


def _bands(question: Question, thresholds: tuple[float, ...]) -> Counts:
    """The need for counts of rows by the number of thresholds that they are above."""
    number = _score(question).number
    cases = " ".join(
        f"when {number} <= cast({literal(repr(cut))} as double) then '{at}'" for at, cut in enumerate(thresholds)
    )
    band = Term("band", f"case {cases} else '{len(thresholds)}' end")
    return Counts(question.rows.table, question.where, question.count, (*question.by, band))


def _scored(of: OrderOf, thresholds: tuple[float, ...], bands: Mapping[int, int]) -> Scored:
    above = {cut: sum(n for band, n in bands.items() if band > at) for at, cut in enumerate(thresholds)}
    return Scored(sum(bands.values()), of.middle, above, of.bounds)


def _lower(stats: Scored, alpha: float) -> float | None:
    """The Clopper-Pearson bound of the share above the median's upper bound.

    With that bound's confidence it is at most the share above the true median.
    """
    cut = _bound(stats, alpha, 2)
    return None if cut is None else clopper_pearson_lower(stats.above[cut], stats.rows, alpha / 2)


def _upper(stats: Scored, alpha: float) -> float | None:
    cut = _bound(stats, alpha, 1)
    return None if cut is None else clopper_pearson_upper(stats.above[cut], stats.rows, alpha / 2)


def _bound(stats: Scored, alpha: float, side: Literal[1, 2]) -> float | None:
    """The median's bound at the largest measured level that is at most half of `alpha`."""
    known = [levels for levels in stats.levels if levels[0] <= alpha / 2 * (1 + 1e-9)]
    return max(known)[side] if known else None
