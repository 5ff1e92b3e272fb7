"""Two populations, equal or drifted, and samples of each, as the distances of data.drift see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mlgate.stats.bounds import Bounds
from mlgate.stats.cell_counts import CellCounts
from mlgate.stats.divergences import Hellinger, JensenShannon, PopulationStability
from mlgate.stats.share_distances import Chebyshev, KolmogorovSmirnov, TotalVariation
from mlgate.stats.wasserstein import SampleShape, Wasserstein, of_values

from .base import Result

Random = np.random.Generator
SIZES = ((200, 200), (200, 5_000), (5_000, 200), (1_000, 1_000), (1_000_000, 200), (20_000, 20_000))
LARGE = ((1_000_000, 1_000_000),)


class TwoPopulations(Protocol):
    """Two populations of which the distances are known, and samples of both."""

    name: str

    def truth(self, distance: str) -> float:
        """The distance of the populations."""
        ...

    def draws(self, distance: str, random: Random, runs: int) -> Iterator[Bounds]:
        """The distance of as many pairs of samples, with its bounds."""
        ...


OF_CELLS: dict[str, Callable[[CellCounts], Any]] = {
    "jensen_shannon": JensenShannon,
    "hellinger": Hellinger,
    "psi": PopulationStability,
    "total_variation": TotalVariation,
    "chebyshev": Chebyshev,
    "kolmogorov_smirnov": KolmogorovSmirnov.of_cells,
}
DIVERGENCES = {"jensen_shannon": JensenShannon, "hellinger": Hellinger, "psi": PopulationStability}


@dataclass(frozen=True)
class Cells:
    """Shares of cells in the reference and in the current population, and the rows of both samples."""

    name: str
    p: tuple[float, ...]
    q: tuple[float, ...]
    n: int
    m: int

    def truth(self, distance: str) -> float:
        """The distance by its definition."""
        p, q = np.array(self.p), np.array(self.q)
        if distance in DIVERGENCES:
            of = DIVERGENCES[distance]
            return of(CellCounts.of([1], [1])).shown(max(float(of.per_cell(p, q).sum()), 0.0))
        moved = q - p
        if distance == "total_variation":
            return float(abs(moved).sum() / 2)
        return float(abs(moved).max() if distance == "chebyshev" else abs(np.cumsum(moved)).max())

    def draws(self, distance: str, random: Random, runs: int) -> Iterator[Bounds]:
        """Multinomial samples of both."""
        for x, y in zip(random.multinomial(self.n, self.p, runs), random.multinomial(self.m, self.q, runs)):
            yield OF_CELLS[distance](CellCounts.of(x, y))


@dataclass(frozen=True)
class QuantileCells:
    """Normal numbers in bins whose edges are quantiles of the reference sample itself: the truth differs per sample,
    but for equal populations, whose distance is 0 in any bins.
    """

    name: str
    bins: int
    n: int
    m: int

    def truth(self, _distance: str) -> float:
        """No distance."""
        return 0.0

    def draws(self, distance: str, random: Random, runs: int) -> Iterator[Bounds]:
        """Counts in bins of equal rows of the reference."""
        for _ in range(runs):
            one, other = random.normal(size=self.n), random.normal(size=self.m)
            edges = np.sort(one)[np.ceil(np.arange(1, self.bins) * self.n / self.bins).astype(int) - 1]
            counts = (np.bincount(np.searchsorted(edges, v, "right"), minlength=self.bins) for v in (one, other))
            yield OF_CELLS[distance](CellCounts.of(*counts))


@dataclass(frozen=True)
class Numbers:
    """Numbers of two populations, for the Wasserstein distance per standard deviation of the reference."""

    name: str
    reference: Callable[[Random, int], Any]
    current: Callable[[Random, int], Any]
    n: int
    m: int
    equal: bool = False

    def truth(self, _distance: str) -> float:
        """That of a million rows of each, or none."""
        if self.equal:
            return 0.0
        random = np.random.default_rng(1)
        return per_deviation(self.reference(random, 1_000_000), self.current(random, 1_000_000)).value

    def draws(self, _distance: str, random: Random, runs: int) -> Iterator[Bounds]:
        """Samples of both; those whose reference is constant have no distance."""
        for _ in range(runs):
            one, other = self.reference(random, self.n), self.current(random, self.m)
            if len(set(one)) > 1:
                yield per_deviation(one, other)


def per_deviation(one: Any, other: Any) -> Wasserstein:
    """The Wasserstein distance of two samples per standard deviation of the first."""
    values, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    counts = (np.bincount(at, minlength=len(values)) for at in (places[: len(one)], places[len(one) :]))
    reference, current = (_shape(sample) for sample in (one, other))
    return Wasserstein(*of_values(values, *counts), reference, current, reference.variance**0.5, estimated=True)


def _shape(sample: Any) -> SampleShape:
    centred = sample - sample.mean()
    return SampleShape(len(sample), float((centred**2).mean()), float((centred**4).mean()))


def populations(cells: int) -> Iterator[tuple[str, Any, Any]]:
    """Equal and drifted shares of so many cells: all alike, and of Zipf's law, and with rare cells."""
    even, zipf = np.full(cells, 1 / cells), 1 / np.arange(1, cells + 1) ** 1.5
    zipf /= zipf.sum()
    yield "equal, even", even, even
    yield "equal, Zipf", zipf, zipf
    for slope in (0.1, 0.5):
        tilted = even * np.linspace(1 - slope, 1 + slope, cells)
        yield f"tilted by {slope}", even, tilted / tilted.sum()
    tilted = zipf * np.linspace(1.3, 0.7, cells)
    yield "Zipf, tilted by 0.3", zipf, tilted / tilted.sum()
    yield "Zipf, reversed", zipf, zipf[::-1]
    for part in (0.002, 0.01, 0.03):
        yield f"{part:.1%} in a new cell", np.append(even * 0.9999, 0.0001), np.append(even * (1 - part), part)
        yield f"{part:.1%} lost", np.append(even * (1 - part), part), np.append(even * 0.9999, 0.0001)
    rare = [np.append(np.full(cells, share), 1 - share * cells) for share in (0.001, 0.003)]
    yield "rare cells, equal", rare[0], rare[0]
    yield "one cell of 1 %, equal", np.append(even * 0.99, 0.01), np.append(even * 0.99, 0.01)
    yield "rare cells, three times as frequent", *rare


def _with_far(share: float, far: float) -> Callable[[Random, int], Any]:
    return lambda random, n: np.where(random.random(n) < share, far, random.normal(size=n))


def _normal(shift: float, scale: float) -> Callable[[Random, int], Any]:
    return lambda random, n: random.normal(shift, scale, n)


OF_NUMBERS: tuple[tuple[str, Callable[[Random, int], Any], Callable[[Random, int], Any], bool], ...] = (
    ("normal, equal", _normal(0, 1), _normal(0, 1), True),
    ("normal, shifted by 0.1", _normal(0, 1), _normal(0.1, 1), False),
    ("normal, shifted by 0.5", _normal(0, 1), _normal(0.5, 1), False),
    ("normal, 1.2 times as wide", _normal(0, 1), _normal(0, 1.2), False),
    ("exponential, 1.1 times", lambda r, n: r.exponential(1, n), lambda r, n: r.exponential(1.1, n), False),
    ("two values", lambda r, n: (r.random(n) < 0.5) * 1.0, lambda r, n: (r.random(n) < 0.6) * 1.0, False),
    ("99 % zeros, equal", lambda r, n: (r.random(n) < 0.01) * 1.0, lambda r, n: (r.random(n) < 0.01) * 1.0, True),
    ("1 % far away", _normal(0, 1), _with_far(0.01, 10), False),
    ("very heavy tails: log-normal, equal", lambda r, n: r.lognormal(0, 1, n), lambda r, n: r.lognormal(0, 1, n), True),
    ("very heavy tails: 0.3 % at 30", _normal(0, 1), _with_far(0.003, 30), False),
)
NUMBER_SIZES = ((200, 200), (200, 3_000), (3_000, 200), (3_000, 3_000))


def scenarios_of(distance: str) -> Iterator[TwoPopulations]:
    """What a distance is measured on."""
    if distance == "wasserstein":
        for name, one, other, equal in OF_NUMBERS:
            for n, m in NUMBER_SIZES:
                yield Numbers(f"{name}, n={n:,} and {m:,}", one, other, n, m, equal)
        return
    for cells in (2, 5, 10, 50):
        for name, p, q in populations(cells):
            for n, m in (*SIZES, *(LARGE if cells == 10 else ())):
                yield Cells(f"{cells} cells, {name}, n={n:,} and {m:,}", tuple(p), tuple(q), n, m)
    if distance != "kolmogorov_smirnov":
        for n, m in ((200, 200), (5_000, 200), (200, 5_000)):
            yield QuantileCells(f"10 bins by quantiles of the reference, equal, n={n:,} and {m:,}", 10, n, m)


DISTANCES = (*OF_CELLS, "wasserstein")


def simulate(distance: str, scenario: TwoPopulations, runs: int, seed: int, level: float = 0.05) -> Result:
    """The misses of a distance in a scenario."""
    truth = scenario.truth(distance)
    tie = 1e-9 * max(truth, 1e-3)
    lower = upper = without = 0
    for found in scenario.draws(distance, np.random.default_rng(seed), runs):
        low, high = found.lower(level), found.upper(level)
        lower += low is not None and low > truth + tie
        upper += high is not None and high < truth - tie
        without += low is None or high is None
    return Result(distance, scenario.name, runs, lower, upper, without)
