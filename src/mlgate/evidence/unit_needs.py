"""Questions to rows that belong together in units (several of one patient): what they add up to, how they differ."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.needs import Profile, TableNeed, Term


@dataclass(frozen=True)
class UnitCounts(TableNeed):
    """Joint counts of some terms by group, and for each two cells the sum over units of the product of their counts."""

    name = "unit-counts"
    terms: tuple[Term, ...] = ()
    by: tuple[Term, ...] = ()
    unit: str = ""
    """An expression that is the same text for the rows of one unit, and for no others."""


@dataclass(frozen=True)
class UnitMoments(TableNeed):
    """Exact sums over units of products of powers of the units' own sums, by group.

    A unit sums up `parts`: products of powers of its rows' values, by exponents, values less a pivot as in `Moments`.
    `monomials` are exponents too, one for each part and a last one for the unit's number of rows: with the parts
    ((1,), (2,)) of one value a, (1, 1, 0) asks for the sum over units of (the sum of a) * (the sum of a*a).
    """

    name = "unit-moments"
    values: tuple[str, ...] = ()
    parts: tuple[tuple[int, ...], ...] = ()
    monomials: tuple[tuple[int, ...], ...] = ()
    by: tuple[Term, ...] = ()
    unit: str = ""

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The profiles of the values."""
        return self.profiles(*self.values)


@dataclass(frozen=True)
class UnitPlacements(TableNeed):
    """Doubled mid-rank placements of a score in each class, summed within units, and the products of these sums."""

    name = "unit-placements"
    score: str = ""
    positive: str = ""
    """A boolean expression: whether the row's label is the positive class."""
    by: tuple[Term, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class UnitOrder(TableNeed):
    """The values at the ranks that estimate and bound a quantile of rows in units, at each of some levels, by group."""

    name = "unit-order"
    value: str = ""
    quantile: float = 0.5
    alphas: tuple[float, ...] = ()
    by: tuple[Term, ...] = ()
    unit: str = ""
