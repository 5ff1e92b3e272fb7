"""Populations whose rows belong together in units: several rows a patient, more alike than those of two patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.special import ndtr

from mlgate.evidence.questions.counts import Cell
from mlgate.evidence.questions.order import OrderOf
from mlgate.evidence.questions.placements import Beside, PlacementsOf
from mlgate.evidence.questions.ranked_scores import RankingOf
from mlgate.evidence.questions.unit_counts import UnitPair, UnitValue
from mlgate.metrics.confusion import Confusion
from mlgate.metrics.kinds.curve import Curve, CurveStats
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.melded import Melded, MeldedShares
from mlgate.metrics.kinds.quantile import Quantile
from mlgate.metrics.kinds.ranked import Ranked
from mlgate.metrics.kinds.sampled import FBeta, Sampled
from mlgate.metrics.kinds.share import HitShare, Share
from mlgate.metrics.kinds.smooth import Smooth
from mlgate.metrics.metric import Metric
from mlgate.metrics.tallies import Tallies, Tally
from mlgate.metrics.units import UnitCells
from mlgate.stats.clusters import ClusteredShare, UnitSums
from mlgate.stats.quantiles import ClusteredQuantile, middle_ranks
from mlgate.stats.ranks import BetweenUnits

from .base import OPTIONS, question
from .scores import Binormal
from .sums import RATIO, numbers_of, sums_of

CELLS = (("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"))


ZIPF = "zipf"


def sizes(random: np.random.Generator, units: int, unequal: bool | str) -> np.ndarray:
    """Rows of each unit: 10, or from 1 to some 40 with a mean of 10, or in proportion to 1 over the unit's number."""
    if not unequal:
        return np.full(units, 10)
    if unequal == ZIPF:
        return np.maximum(2 * units // np.arange(1, units + 1), 1)
    return 1 + random.negative_binomial(1.5, 1.5 / (1.5 + 9), units)


def beta(random: np.random.Generator, mean: float, icc: float, ranks: np.ndarray) -> np.ndarray:
    """Rates of units whose rows have a correlation of `icc`; units of one rank have one rate's quantile."""
    from scipy.special import betaincinv

    return np.asarray(betaincinv(mean * (1 - icc) / icc, (1 - mean) * (1 - icc) / icc, ranks))


def cells_of(counts: np.ndarray, values: tuple[tuple[str, ...], ...]) -> UnitCells:
    """Counts by unit and cell as the evidence gives them."""
    counts = counts[counts.sum(axis=1) > 0]
    kept = [at for at in range(len(values)) if counts[:, at].any()]
    n = counts[:, kept]
    there = (n > 0).astype(np.int64)
    both, products = there.T @ there, n.T @ n
    cells = tuple(
        Cell(values[at], int(n[:, i].sum()), units=int(there[:, i].sum()), largest=int(n[:, i].max()))
        for i, at in enumerate(kept)
    )
    pairs = tuple(
        UnitPair(a, b, int(both[a, b]), int(products[a, b]))
        for a in range(len(kept))
        for b in range(a, len(kept))
        if both[a, b]
    )
    units = []
    for term in range(len(values[0])):
        for name in sorted({cell.values[term] for cell in cells}):
            own = [i for i, at in enumerate(kept) if values[at][term] == name]
            rows = n[:, own].sum(axis=1)
            units.append(UnitValue(term, name, int((rows > 0).sum()), int(rows.max())))
    return UnitCells(len(counts), int(n.sum(axis=1).max()), cells, pairs, tuple(units))


@dataclass(frozen=True)
class UnitMatrix:
    """Two classes; a unit has a prevalence and rates of its own, both rates high or low `together`, or apart."""

    name: str
    prevalence: float
    tpr: float
    tnr: float
    units: int
    icc: float = 0.1
    unequal: bool | str = False
    together: bool = True
    of_label: float = 0.1
    """The correlation of labels within a unit; 1 where all rows of a unit have one."""
    wrong: float = 0.0
    """The share of units of which every row is wrong."""
    weighted: bool = False
    in_units: bool = True

    def truth(self, metric: Metric) -> float:
        """The metric of the expected cells."""
        p, q = self.prevalence, 1 - self.prevalence
        tpr, tnr = self.tpr * (1 - self.wrong), self.tnr * (1 - self.wrong)
        shares = (p * tpr, p * (1 - tpr), q * (1 - tnr), q * tnr)
        whole = {pair: Tally(n, Fraction(n), Fraction(n)) for pair, n in zip(CELLS, (round(10**9 * s) for s in shares))}
        confusion = Confusion(whole, False, None, ("1", "2"), "1")
        if isinstance(metric.kind, HitShare):
            right, wrong = (confusion.named(frozenset({name})) for name in ("right", "wrong"))
            return metric.kind.estimate(question(metric), Tallies({("true",): right, ("false",): wrong}, False)).value
        return metric.kind.estimate(question(metric), confusion).value

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of units."""
        for _ in range(runs):
            counts = self._counts(random)
            if isinstance(metric.kind, HitShare):
                hits = np.stack([counts[:, 0] + counts[:, 3], counts[:, 1] + counts[:, 2]], axis=1)
                n = [int(total) for total in hits.sum(axis=0)]
                places = ("true",), ("false",)
                tallies = {place: Tally(x, Fraction(x), Fraction(x)) for place, x in zip(places, n)}
                yield Tallies(tallies, False, cells_of(hits, places)), 1
                continue
            totals = counts.sum(axis=0)
            filled = {pair: Tally(int(n), Fraction(int(n)), Fraction(int(n))) for pair, n in zip(CELLS, totals) if n}
            yield Confusion(filled, False, cells_of(counts, CELLS), ("1", "2"), "1"), 1

    def _counts(self, random: np.random.Generator) -> np.ndarray:
        rows = sizes(random, self.units, self.unequal)
        u = random.random(self.units)
        v = u if self.together else random.random(self.units)
        if self.of_label == 1:
            positives = np.where(random.random(self.units) < self.prevalence, rows, 0)
        else:
            positives = random.binomial(rows, beta(random, self.prevalence, self.of_label, random.random(self.units)))
        tp = random.binomial(positives, beta(random, self.tpr, self.icc, u))
        tn = random.binomial(rows - positives, beta(random, self.tnr, self.icc, v))
        wrong = random.random(self.units) < self.wrong
        tp, tn = np.where(wrong, 0, tp), np.where(wrong, 0, tn)
        return np.stack([tp, positives - tp, rows - positives - tn, tn], axis=1)


@dataclass(frozen=True)
class UnitErrors:
    """Errors |e| = s|z| of a unit's own scale s, so that sizes correlate by 0.1 within it, and labels likewise."""

    name: str
    units: int
    unequal: bool | str = False
    weighted: bool = False
    in_units: bool = True

    def truth(self, metric: Metric) -> float:
        """The mean, its root for squares, the ratio to the labels' mean of 2, or a quantile of a large sample."""
        if isinstance(metric.kind, Mean):
            return 1.0677**0.5 if metric.kind.root else (2 / np.pi) ** 0.5
        if isinstance(metric.kind, Smooth):
            return (2 / np.pi) ** 0.5 / 2
        _unit, errors, _labels = self._rows(np.random.default_rng(0), 200_000)
        return float(np.quantile(errors, _quantile(metric)))

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of units."""
        for _ in range(runs):
            unit, errors, labels = self._rows(random, self.units)
            if isinstance(metric.kind, Mean):
                yield numbers_of(errors**2 if metric.kind.root else errors, unit), 1
            elif isinstance(metric.kind, Smooth):
                yield sums_of(RATIO, errors, labels, unit=unit), 1
            else:
                yield ordered(unit, errors, _quantile(metric)), 1

    def _rows(self, random: np.random.Generator, units: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        unit = np.repeat(np.arange(units), sizes(random, units, self.unequal))
        # A variance of 0.0677 of a scale of mean 1 makes half-normal sizes correlate by 0.1.
        scale = random.gamma(1 / 0.0677, 0.0677, (2, units))
        errors = np.abs(random.normal(size=len(unit))) * scale[0][unit]
        return unit, errors, 2 * scale[1][unit] * random.gamma(2, 0.5, len(unit))


def _quantile(metric: Metric) -> float:
    return 0.5 if metric.name == "median_absolute_error" else float(OPTIONS.quantile or 0.5)


def ordered(unit: np.ndarray, values: np.ndarray, quantile: float) -> OrderOf:
    """Order statistics of rows in units, as the evidence gives them."""
    ranked = np.sort(values)
    first, last = middle_ranks(len(values), quantile)
    y, x = np.bincount(unit, values <= ranked[first - 1]), np.bincount(unit)
    differing = int(min((y > 0).sum(), (y < x).sum()))
    share = ClusteredShare(
        UnitSums(len(x), *(int(s.sum()) for s in (y, x, y * y, x * x, x * y)), int(x.max()), differing)
    )
    of = ClusteredQuantile(share, Fraction(repr(quantile)))
    low, high = (None if rank is None else float(ranked[rank - 1]) for rank in (of.lower(0.05), of.upper(0.05)))
    value, middle = float(ranked[first - 1]), float(ranked[[first - 1, last - 1]].mean())
    return OrderOf((), len(values), value, middle, ((0.05, low, high),), len(x), share.effective_rows)


@dataclass(frozen=True)
class UnitScores:
    """Normal scores, those of the positives higher by `distance`, that correlate by `icc` within a unit."""

    name: str
    prevalence: float
    distance: float
    units: int
    icc: float = 0.1
    unequal: bool | str = False
    of_label: float = 0.1
    last: float = 0.0
    """The share of units whose positives are below all negatives."""
    weighted: bool = False
    in_units: bool = True

    def truth(self, metric: Metric) -> float:
        """The area between rows of different units, or what is made of it."""
        if isinstance(metric.kind, Curve):
            return Binormal(self.name, self.prevalence, self.distance, 10 * self.units).truth(metric)
        area = float(ndtr(self.distance / 2**0.5)) * (1 - self.last)
        return metric.kind.slope * area + metric.kind.shift

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples of units."""
        ranked = ranking if isinstance(metric.kind, Curve) else placements
        for _ in range(runs):
            unit, positive = self.labels(random)
            if 0 < positive.sum() < len(unit):
                score = self.distance * positive + self.noise(random, unit)
                last = (random.random(self.units) < self.last)[unit] & positive
                score = np.where(last, score - 50, score)
                yield ranked(unit, positive, score), 1

    def labels(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The unit of each row, and whether it is positive."""
        unit = np.repeat(np.arange(self.units), sizes(random, self.units, self.unequal))
        if self.of_label == 1:
            return unit, (random.random(self.units) < self.prevalence)[unit]
        rates = beta(random, self.prevalence, self.of_label, random.random(self.units))
        return unit, random.random(len(unit)) < rates[unit]

    def noise(self, random: np.random.Generator, unit: np.ndarray) -> np.ndarray:
        """Normal, with a correlation of `icc` within a unit."""
        own = random.normal(size=self.units)[unit] * self.icc**0.5
        return np.asarray(own + random.normal(size=len(unit)) * (1 - self.icc) ** 0.5)


def ranking(unit: np.ndarray, positive: np.ndarray, score: np.ndarray) -> CurveStats:
    """The ranking, and those of 32 folds of units, as the evidence gives them; scores have no ties."""

    def of(group: tuple[str, ...], chosen: np.ndarray) -> RankingOf:
        order = np.argsort(-score[chosen])
        hits = positive[chosen][order].astype(int)
        return RankingOf(
            group, tuple(map(float, score[chosen][order])), tuple(map(int, hits)), tuple(map(int, 1 - hits))
        )

    fold = np.random.default_rng(len(unit)).integers(0, 32, unit.max() + 1)[unit]
    folds = tuple(of((str(at),), fold == at) for at in np.unique(fold))
    counts = np.stack([np.bincount(unit, positive), np.bincount(unit, ~positive)], axis=1).astype(np.int64)
    cells = cells_of(counts, (("true",), ("false",)))
    return CurveStats(of((), np.full(len(unit), True)), folds, cells)


def placements(unit: np.ndarray, positive: np.ndarray, *scores: np.ndarray) -> PlacementsOf:
    """Placements in units of one score, or of a new and an old one, as the evidence gives them; scores have no ties."""
    placed = []
    for score in scores:
        low, high = np.sort(score[~positive]), np.sort(score[positive])
        above = 2 * (len(high) - np.searchsorted(high, score))
        placed.append(np.where(positive, 2 * np.searchsorted(low, score), above))
    new, *old = (_placements(unit, positive, each) for each in placed)
    if not old:
        return new
    crosses = [int((placed[0] * placed[1])[chosen].sum()) for chosen in (positive, ~positive)]
    apart = _between(unit, positive, placed[0] - placed[1])
    return replace(new, beside=Beside(old[0], crosses[0], crosses[1], apart))


def _placements(unit: np.ndarray, positive: np.ndarray, placed: np.ndarray) -> PlacementsOf:
    sums = (int(f(placed[chosen]).sum()) for chosen in (positive, ~positive) for f in (np.asarray, np.square))
    return PlacementsOf((), int(positive.sum()), int((~positive).sum()), *sums, _between(unit, positive, placed))


def _between(unit: np.ndarray, positive: np.ndarray, placed: np.ndarray) -> BetweenUnits:
    m, n, p, q = (
        np.bincount(unit, weight).astype(np.int64).astype(object)
        for weight in (positive, ~positive, placed * positive, placed * ~positive)
    )
    products = (m * m, n * n, m * n, p * p, p * m, p * n, q * q, q * n, q * m, p * q)
    return BetweenUnits(len(m), int((m > 0).sum()), int((n > 0).sum()), *(int(each.sum()) for each in products))


TWO = tuple(
    UnitMatrix(f"in units: {name}", *values, **more)
    for name, values, more in (
        ("50 of 10 rows, icc .1", (0.5, 0.8, 0.75, 50), {}),
        ("100 of 10 rows, icc .1", (0.3, 0.8, 0.9, 100), {}),
        ("300 of 10 rows, icc .1, prevalence 5 %", (0.05, 0.8, 0.95, 300), {}),
        ("50 of 10 rows, icc .1, rates apart", (0.4, 0.9, 0.8, 50), {"together": False}),
        ("100 of 1 to 40 rows, icc .1", (0.4, 0.8, 0.85, 100), {"unequal": True}),
        ("200 of Zipf sizes, icc .5", (0.5, 0.9, 0.9, 200), {"unequal": ZIPF, "icc": 0.5}),
        ("100 of 10 rows, icc .1, one label a unit", (0.4, 0.8, 0.85, 100), {"of_label": 1}),
        ("60 of 10 rows, icc .3", (0.4, 0.8, 0.85, 60), {"icc": 0.3}),
        ("100 of 10 rows, icc .1, near perfect", (0.4, 0.98, 0.99, 100), {}),
        ("30 of 10 rows, icc .01, 5 % of units wholly wrong", (0.4, 0.98, 0.98, 30), {"icc": 0.01, "wrong": 0.05}),
        ("200 of 10 rows, icc .01, 1 % of units wholly wrong", (0.4, 0.98, 0.98, 200), {"icc": 0.01, "wrong": 0.01}),
    )
)
ERRORS = (
    UnitErrors("in units: 50 of 10 rows, icc .1", 50),
    UnitErrors("in units: 200 of 10 rows, icc .1", 200),
    UnitErrors("in units: 100 of 1 to 40 rows, icc .1", 100, unequal=True),
)
RANKED = (
    UnitScores("in units: 50 of 10 rows, icc .1", 0.5, 1.0, 50),
    UnitScores("in units: 100 of 10 rows, icc .1, prevalence 20 %", 0.2, 1.5, 100),
    UnitScores("in units: 100 of 1 to 40 rows, icc .1", 0.4, 1.0, 100, unequal=True),
    UnitScores("in units: 100 of 10 rows, icc .1, one label a unit", 0.4, 1.0, 100, of_label=1),
    UnitScores("in units: 100 of 10 rows, icc .1, AUC 0.98", 0.3, 3.0, 100),
    UnitScores("in units: 40 of 10 rows, 4 % with positives last", 0.3, 3.0, 40, last=0.04),
)
OF_KINDS: Mapping[type, tuple[Any, ...]] = {
    Share: TWO,
    HitShare: TWO,
    Melded: TWO,
    FBeta: TWO,
    Sampled: TWO,
    MeldedShares: TWO,
    Mean: ERRORS,
    Smooth: ERRORS,
    Quantile: ERRORS,
    Ranked: RANKED,
    Curve: RANKED[:4],
}
