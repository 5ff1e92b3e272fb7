"""ROC AUC of rows in units (Obuchowski 1997): DeLong's placements summed within units."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from mlgate.stats.bounds import EitherSide
from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.ranks import LogitBounds, RocAuc, newcombe_lower, newcombe_upper
from mlgate.stats.share import require_level


@dataclass(frozen=True)
class UnitProducts:
    """Sums over units of products of a unit's positives m, negatives n, and doubled placements p of its positives and
    q of its negatives."""

    mm: int
    nn: int
    mn: int
    pp: int
    pm: int
    pn: int
    qq: int
    qn: int
    qm: int
    pq: int


@dataclass(frozen=True)
class ClusteredAuc(EitherSide):
    """ROC AUC of rows in units; bounds are the wider of the logit with Obuchowski's variance (Biometrics 53:567) and t,
    and of Newcombe's method 5 for as many rows as are independent.
    """

    rows: RocAuc
    """The area as of independent rows."""
    products: UnitProducts
    units: int
    with_positives: int
    with_negatives: int

    def __post_init__(self) -> None:
        if not max(self.with_positives, self.with_negatives) <= self.units:
            raise ValueError(f"of {self.units} units, {self.with_positives} and {self.with_negatives} have a class")

    @property
    def value(self) -> Fraction:
        """The exact AUC, in [0, 1]."""
        return self.rows.value

    @property
    def variance(self) -> Fraction | None:
        """Of the AUC between units, exact; None where a class is in one unit only."""
        i, j, k, s = self.with_positives, self.with_negatives, self.units, self.products
        if i < 2 or j < 2:
            return None
        m, n = self.rows.m, self.rows.n
        area = self.value
        a, b = Fraction(1, 2 * n), Fraction(1, 2 * m)
        positives = a**2 * s.pp - 2 * a * area * s.pm + area**2 * s.mm
        negatives = b**2 * s.qq - 2 * b * area * s.qn + area**2 * s.nn
        joint = a * b * s.pq - area * (a * s.pn + b * s.qm) + area**2 * s.mn
        found = Fraction(i, i - 1) * positives / m**2 + Fraction(j, j - 1) * negatives / n**2
        return max(found + 2 * Fraction(k, k - 1) * joint / (m * n), Fraction(0))

    @property
    def design_effect(self) -> float:
        """How many times the variance of independent rows it has, at least 1; without any variance, rows a unit."""
        between, alone = self.variance, self.rows.variance
        if not between or not alone:
            return (self.rows.m + self.rows.n) / self.units
        return max(float(between / alone), 1.0)

    @property
    def least_units(self) -> int:
        """The units of the rarer class."""
        return min(self.with_positives, self.with_negatives)

    def _bound(self, sign: int, alpha: float) -> float | None:
        require_level(alpha)
        if self.least_units < LEAST_UNITS:
            return None
        newcombe = newcombe_lower if sign < 0 else newcombe_upper
        m, n = (max(count / self.design_effect, 1.0) for count in (self.rows.m, self.rows.n))
        ends = [newcombe(m, n, float(self.value), alpha), self._logit(sign, alpha)]
        found = [end for end in ends if end is not None]
        return min(found) if sign < 0 else max(found)

    def _logit(self, sign: int, alpha: float) -> float | None:
        value, alone = float(self.value), self.rows.variance
        if not alone or not self.variance or not 0 < value < 1:
            return None
        error = sqrt(float(alone) * self.design_effect) / (value * (1 - value))
        return LogitBounds(value, error, self.least_units - 1).bound(sign, alpha)
