"""Answers about rows that belong together in units: sums over units, nothing of a single one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mlgate.evidence.facts import Group, OrderOf, PlacementsOf
from mlgate.stats.cluster_ranks import UnitProducts


@dataclass(frozen=True)
class UnitCell:
    """One cell of a group: the terms' values, its rows, and the units that have any of them."""

    values: Group
    n: int
    units: int


@dataclass(frozen=True)
class UnitPair:
    """Two cells of a group (by position, the second not before the first): the units that have rows of both, and the
    sum over units of the product of the two counts."""

    first: int
    second: int
    units: int
    products: int


@dataclass(frozen=True)
class UnitValue:
    """One value of one term (by position): the units that have any rows of it."""

    term: int
    value: str | None
    units: int


@dataclass(frozen=True)
class UnitCountsOf:
    """One group: its units, its cells and pairs of cells, sorted, and the units of each term's values."""

    group: Group
    units: int
    cells: tuple[UnitCell, ...]
    pairs: tuple[UnitPair, ...]
    values: tuple[UnitValue, ...]


@dataclass(frozen=True)
class UnitCountsFact:
    """Counts in units by group, sorted by group."""

    groups: tuple[UnitCountsOf, ...]


@dataclass(frozen=True)
class UnitMomentsOf:
    """One group's rows and units, and the sums over units by exponents."""

    group: Group
    n: int
    units: int
    sums: tuple[tuple[tuple[int, ...], Fraction], ...]


@dataclass(frozen=True)
class UnitMomentsFact:
    """Sums over units by group, and the pivots that were taken from the values before."""

    pivots: tuple[Fraction, ...]
    groups: tuple[UnitMomentsOf, ...]


@dataclass(frozen=True)
class UnitPlacementsOf:
    """One group's placements as of independent rows, its units (of these the ones with positives and with negatives),
    and what units' own sums come to."""

    of: PlacementsOf
    units: int
    with_positives: int
    with_negatives: int
    products: UnitProducts


@dataclass(frozen=True)
class UnitPlacementsFact:
    """Placements in units by group, sorted by group."""

    groups: tuple[UnitPlacementsOf, ...]


@dataclass(frozen=True)
class UnitOrderOf:
    """One group's quantile, with its units and the independent rows that would know it as well."""

    of: OrderOf
    units: int
    effective: float


@dataclass(frozen=True)
class UnitOrderFact:
    """Quantiles of rows in units by group, sorted by group."""

    groups: tuple[UnitOrderOf, ...]
