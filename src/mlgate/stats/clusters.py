"""Rows that belong together (several of one patient): shares and means from per-unit sums, robust to their likeness."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.means import require_finite, t_quantile
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper, require_level

LEAST_UNITS = 20
"""Units below which there are no bounds."""
Real = float | Fraction


@dataclass(frozen=True)
class UnitSums:
    """Sums over units of y, x, y², x² and xy, where a unit has y (hits, or a sum) on x rows.

    Units without rows of the kind that counts are left out. Give fractions where sums are large: floats cancel.
    """

    units: int
    y: Real
    x: Real
    yy: Real
    xx: Real
    xy: Real
    differing: int | None = None
    """Of hits and misses, the units that have rows of the rarer one; None where it is not known."""

    def __post_init__(self) -> None:
        require_finite(y=self.y, x=self.x, yy=self.yy, xx=self.xx, xy=self.xy)
        if not 1 <= self.units <= self.x <= self.xx:
            raise ValueError(f"every unit has at least one row: {self.units} units, {self.x} rows, Σx²={self.xx}")
        if self.yy < 0 or Fraction(self.xy) ** 2 > Fraction(self.xx) * Fraction(self.yy) * (1 + Fraction(1, 10**9)):
            raise ValueError(f"Σxy={self.xy} does not fit Σx²={self.xx} and Σy²={self.yy}")

    @property
    def exact(self) -> Fraction:
        """The ratio Σy / Σx."""
        return Fraction(self.y) / Fraction(self.x)

    @property
    def equal_units(self) -> float:
        """How many units of equal size would know as much, were all rows of a unit the same: (Σx)² / Σx²."""
        return float(Fraction(self.x) ** 2 / Fraction(self.xx))

    @property
    def variance(self) -> Fraction:
        """Of the ratio, linearised, between units: G/(G-1) Σ(y - rx)² / (Σx)²; 0 of one unit."""
        if self.units < 2:
            return Fraction(0)
        r = self.exact
        squares = Fraction(self.yy) - 2 * r * Fraction(self.xy) + r**2 * Fraction(self.xx)
        return max(squares, Fraction(0)) * self.units / (self.units - 1) / Fraction(self.x) ** 2


@dataclass(frozen=True)
class ClusteredShare:
    """A share of rows in units: Clopper-Pearson on effective rows (Korn & Graubard 1998), min(pq / v, n) times
    (z / t)². The degrees of freedom are one less than the units, counted as of equal size, and no more than those that
    have rows of the rarer outcome: they alone tell the variance. Rows are at least as many as would be if those of a
    unit were all the same, and so many where v is 0.
    """

    sums: UnitSums

    def __post_init__(self) -> None:
        sums = self.sums
        if not (0 <= sums.y <= sums.x and sums.yy <= sums.xx and sums.y <= sums.yy):
            raise ValueError(f"hits of a unit are whole numbers of its rows: {sums}")

    @property
    def exact(self) -> Fraction:
        """The observed share."""
        return self.sums.exact

    @property
    def value(self) -> float:
        """The observed share, in [0, 1]."""
        return float(self.exact)

    @property
    def effective_rows(self) -> float:
        """Independent rows that would have the same variance, before the factor for few units."""
        p, variance = self.exact, self.sums.variance
        return float(min(p * (1 - p) / variance, Fraction(self.sums.x))) if variance else self.sums.equal_units

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true share at one-sided level alpha; None below `LEAST_UNITS`."""
        rows = self.rows_at(alpha)
        return None if rows is None else clopper_pearson_lower(min(self.value * rows, rows), rows, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true share at one-sided level alpha; None below `LEAST_UNITS`."""
        rows = self.rows_at(alpha)
        return None if rows is None else clopper_pearson_upper(min(self.value * rows, rows), rows, alpha)

    def rows_at(self, alpha: float) -> float | None:
        """The effective rows of a bound at one-sided level alpha; None below `LEAST_UNITS`."""
        from mlgate.stats.special import ndtri

        require_level(alpha)
        if self.sums.units < LEAST_UNITS:
            return None
        level = min(alpha, 0.49)  # both quantiles are 0 at one half; their ratio has a limit
        z, units = float(ndtri(level)), self.sums.units
        telling = min(self.sums.equal_units, self.sums.differing or units)
        surely = min(self.sums.equal_units, self.effective_rows) * (z / t_quantile(units - 1, level)) ** 2
        if telling < 2:
            return surely
        return max(self.effective_rows * (z / t_quantile(telling - 1, level)) ** 2, surely)
