"""What every interval offers: one-sided bounds at any level. And bounds computed from other bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import expm1
from typing import Protocol


class Bounds(Protocol):
    """One-sided bounds of a true value; None where no bound exists at that level."""

    def lower(self, alpha: float, /) -> float | None:
        """The lower bound at one-sided level alpha."""

    def upper(self, alpha: float, /) -> float | None:
        """The upper bound at one-sided level alpha."""


class EitherSide(ABC):
    """Bounds of which both sides follow one formula that takes a sign."""

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true value at one-sided level alpha, or None."""
        return self._bound(-1, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true value at one-sided level alpha, or None."""
        return self._bound(1, alpha)

    @abstractmethod
    def _bound(self, sign: int, alpha: float) -> float | None:
        """The upper bound for sign 1, the lower bound for sign -1; None where it does not exist."""


@dataclass(frozen=True)
class LessOne:
    """Bounds of a relative difference, a ratio minus 1, from the bounds of the ratio's log."""

    log: Bounds

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true relative difference at one-sided level alpha."""
        return _less_one(self.log.lower(alpha))

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true relative difference at one-sided level alpha."""
        return _less_one(self.log.upper(alpha))


@dataclass(frozen=True)
class Wider:
    """On each side the wider of two bounds."""

    one: Bounds
    other: Bounds

    def lower(self, alpha: float) -> float | None:
        """The smaller lower bound at one-sided level alpha; None where either is missing."""
        ends = self.one.lower(alpha), self.other.lower(alpha)
        return None if ends[0] is None or ends[1] is None else min(ends[0], ends[1])

    def upper(self, alpha: float) -> float | None:
        """The larger upper bound at one-sided level alpha; None where either is missing."""
        ends = self.one.upper(alpha), self.other.upper(alpha)
        return None if ends[0] is None or ends[1] is None else max(ends[0], ends[1])


def _less_one(log_ratio: float | None) -> float | None:
    return None if log_ratio is None or log_ratio > 700 else expm1(log_ratio)
