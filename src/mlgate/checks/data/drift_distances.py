"""The distances of data.drift by their names: what each is computed from, and what other tools print."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from mlgate.stats.bounds import Bounds
from mlgate.stats.cell_counts import CellCounts
from mlgate.stats.divergences import NATS, Hellinger, JensenShannon, PopulationStability
from mlgate.stats.share_distances import Chebyshev, KolmogorovSmirnov, TotalVariation


class BoundedDistance(Bounds, Protocol):
    """A distance of two samples, with its bounds."""

    @property
    def value(self) -> float:
        """The distance of the samples."""
        ...


@dataclass(frozen=True)
class DriftDistance:
    """One distance. `of_cells` is None where it is computed from all values of a number."""

    name: str
    title: str
    most: float
    """The largest value it can have."""
    of_cells: Callable[[CellCounts], BoundedDistance] | None = None
    ordered: bool = False
    """Whether it is only for numbers."""

    def elsewhere(self, found: BoundedDistance) -> str:
        """What other tools print for the same samples, by their names."""
        if isinstance(found, JensenShannon):
            nats, bits = f"{found.value * math.sqrt(NATS):.4g}", f"{found.value**2:.4g}"
            return f"with these cells {nats} in scipy and Evidently, {bits} in TFDV"
        if isinstance(found, PopulationStability):
            if math.isfinite(found.plain):
                return f"PSI of other tools with these cells {found.plain:.4g}"
            return "half a row is added to every cell, because a cell with rows in one table only makes PSI infinite"
        return ""


DISTANCES: Mapping[str, DriftDistance] = {
    each.name: each
    for each in (
        DriftDistance("jensen_shannon", "Jensen-Shannon distance", 1.0, JensenShannon),
        DriftDistance("psi", "PSI", math.inf, PopulationStability),
        DriftDistance("total_variation", "total variation", 1.0, TotalVariation),
        DriftDistance("hellinger", "Hellinger distance", 1.0, Hellinger),
        DriftDistance("chebyshev", "largest change of a share", 1.0, Chebyshev),
        DriftDistance("kolmogorov_smirnov", "Kolmogorov-Smirnov distance", 1.0, ordered=True),
        DriftDistance("wasserstein", "Wasserstein distance", math.inf, ordered=True),
    )
}


def exact_of(found: BoundedDistance) -> Fraction | None:
    """The exact value of a distance that is a fraction of counts."""
    return found.exact if isinstance(found, (TotalVariation, Chebyshev, KolmogorovSmirnov)) else None
