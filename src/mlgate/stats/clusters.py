"""Shares and ratios of rows in units (several rows of one patient, which may correlate), from sums per unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mlgate.stats.means import require_finite, t_quantile
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper, require_level

LEAST_UNITS = 20
"""With fewer units there are no bounds."""
_LEAST_DEGREES = 0.5
Real = float | Fraction


@dataclass(frozen=True)
class UnitSums:
    """Sums over units of y, x, y², x² and xy, where a unit has x rows and y is its number of hits, or a sum.

    Units without rows that count are left out. Pass fractions where sums are large, because floats would cancel.
    """

    units: int
    y: Real
    x: Real
    yy: Real
    xx: Real
    xy: Real
    largest: Real
    """The most rows that one unit has."""
    differing: int | None = None
    """The number of units that have any of the rarer outcome, hits or misses; None where it is not known."""

    def __post_init__(self) -> None:
        require_finite(y=self.y, x=self.x, yy=self.yy, xx=self.xx, xy=self.xy, largest=self.largest)
        if not 1 <= self.units <= self.x <= self.xx:
            raise ValueError(f"every unit has at least one row: {self.units} units, {self.x} rows, Σx²={self.xx}")
        if not self.xx <= self.largest * self.x or self.largest > self.x:
            raise ValueError(f"units of at most {self.largest} rows do not have Σx²={self.xx} on {self.x} rows")
        if self.yy < 0 or Fraction(self.xy) ** 2 > Fraction(self.xx) * Fraction(self.yy) * (1 + Fraction(1, 10**9)):
            raise ValueError(f"Σxy={self.xy} does not fit Σx²={self.xx} and Σy²={self.yy}")

    @property
    def exact(self) -> Fraction:
        """The ratio Σy / Σx."""
        return Fraction(self.y) / Fraction(self.x)

    @property
    def equal_units(self) -> float:
        """The effective number of units of equal size, (Σx)² / Σx²."""
        return float(Fraction(self.x) ** 2 / Fraction(self.xx))

    @property
    def even_units(self) -> float:
        """How many units of the largest size have the same Σx²; all units where these are equal."""
        return float(Fraction(self.xx) / Fraction(self.largest) ** 2)

    @property
    def variance(self) -> Fraction:
        """The linearised variance of the ratio r between G units: G/(G-1) Σ(y - rx)² / (Σx)²; 0 for one unit."""
        if self.units < 2:
            return Fraction(0)
        r = self.exact
        squares = Fraction(self.yy) - 2 * r * Fraction(self.xy) + r**2 * Fraction(self.xx)
        return max(squares, Fraction(0)) * self.units / (self.units - 1) / Fraction(self.x) ** 2


@dataclass(frozen=True)
class ClusteredShare:
    """A share of rows in units: Clopper-Pearson bounds on effective rows (Korn & Graubard 1998).

    Effective rows are min(pq / v, n) times (z / t)², with v the variance between units. The degrees of freedom are one
    less than the number of units that have any of the rarer outcome, because only those inform the variance. They are
    at most Σx² over the square of the largest x, which never exceeds Satterthwaite's (Σx²)² / Σx⁴: a few large units
    that carry the variance say little about it. There are at least as many effective rows as if all rows of a unit were
    equal, and exactly as many where v is 0.
    """

    sums: UnitSums

    def __post_init__(self) -> None:
        sums = self.sums
        if not (0 <= sums.y <= sums.x and sums.yy <= sums.xx and sums.y <= sums.yy):
            raise ValueError(f"the hits of a unit are a whole number from 0 to its rows: {sums}")

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
        """The number of independent rows that would have the same variance, before the factor (z / t)²."""
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
        """The number of effective rows for a bound at one-sided level alpha; None below `LEAST_UNITS`."""
        from mlgate.stats.special import ndtri

        require_level(alpha)
        if self.sums.units < LEAST_UNITS:
            return None
        level = min(alpha, 0.49)  # both quantiles are 0 at one half; their ratio has a limit
        z, units = float(ndtri(level)), self.sums.units
        surely = min(self.sums.equal_units, self.effective_rows) * (z / t_quantile(units - 1, level)) ** 2
        degrees = min((self.sums.differing or units) - 1, self.sums.even_units)
        if degrees < _LEAST_DEGREES:
            return surely
        return max(self.effective_rows * (z / t_quantile(degrees, level)) ** 2, surely)
