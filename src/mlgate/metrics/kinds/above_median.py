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
from mlgate.metrics.question import Question
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate

Levels = tuple[tuple[float, float | None, float | None], ...]


@dataclass(frozen=True)
class Scored:
    """One slice's rows, and how many of them are above the median and above each of its bounds."""

    rows: int
    median: float
    above: Mapping[float, int]
    """Rows above each threshold."""
    levels: Levels
    """(level, lower, upper): bounds of the population's median."""


@dataclass(frozen=True)
class AboveMedian(Alone):
    """Rows above the median of the whole sample: the median and its bounds first, then the counts.

    The rate's own bounds spend half of the level on the median, and half on the rows above its bound: where few rows
    score near it, the median is uncertain, and a rate that takes it as given would seem surer than it is.
    """

    weighted = False
    method = "order statistics for the median and Clopper-Pearson for the rows above it, half of the level each"

    def needs(self, question: Question) -> Iterable[Need]:
        """The median over all groups with its bounds, and that every row has a score."""
        return (*question.usable(_role(question)), _median(question))

    def later(self, question: Question, facts: Facts) -> Iterable[Need]:
        """Rows between these, by group."""
        return (_bands(question, _thresholds(_found(question, facts))),)

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Scored]:
        """Rows above the median and its bounds, of every slice."""
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
            no_bound_because="all rows together are too few for a bound of their median",
        )


def _role(question: Question) -> str:
    return "score" if question.task == "binary" else "prediction"


def _score(question: Question) -> Column:
    return question.number(_role(question))


def _median(question: Question) -> Order:
    halves = tuple(alpha / 2 for alpha in question.alphas)
    return Order(question.rows.table, question.where, question.count, _score(question).number, 0.5, halves)


def _found(question: Question, facts: Facts) -> OrderOf:
    """The measured median. Raises EvidenceError where there are no rows."""
    fact: OrderFact = facts[_median(question)]
    if not fact.groups:
        raise EvidenceError("no rows to measure: the table, or what `where` selects of it, is empty")
    return fact.groups[0]


def _thresholds(of: OrderOf) -> tuple[float, ...]:
    ends = (end for _, lower, upper in of.bounds for end in (lower, upper) if end is not None)
    return tuple(sorted({of.middle, *ends}))


def _bands(question: Question, thresholds: tuple[float, ...]) -> Counts:
    """Rows by how many of the thresholds they are above."""
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
    """Rows above the median's upper bound are no more than those above the true median, which are binomial."""
    cut = _bound(stats, alpha, 2)
    return None if cut is None else clopper_pearson_lower(stats.above[cut], stats.rows, alpha / 2)


def _upper(stats: Scored, alpha: float) -> float | None:
    cut = _bound(stats, alpha, 1)
    return None if cut is None else clopper_pearson_upper(stats.above[cut], stats.rows, alpha / 2)


def _bound(stats: Scored, alpha: float, side: Literal[1, 2]) -> float | None:
    """The median's bound at the greatest level measured that is at most half of the one asked for."""
    known = [levels for levels in stats.levels if levels[0] <= alpha / 2 * (1 + 1e-9)]
    return max(known)[side] if known else None
