"""What every interval offers, one-sided bounds at any level; and bounds made of bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import expm1
from typing import Protocol


class Bounds(Protocol):
    """Anything with one-sided bounds of a true value; None where there is none at that level."""

    def lower(self, alpha: float, /) -> float | None:
        """The lower bound at one-sided level alpha."""

    def upper(self, alpha: float, /) -> float | None:
        """The upper bound at one-sided level alpha."""


class EitherSide(ABC):
    """Bounds that are alike on both sides, but for a sign."""

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true value at one-sided level alpha, or None."""
        return self._bound(-1, alpha)

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true value at one-sided level alpha, or None."""
        return self._bound(1, alpha)

    @abstractmethod
    def _bound(self, sign: int, alpha: float) -> float | None:
        """The upper bound for a sign of 1, the lower one for -1; None where there is none."""


@dataclass(frozen=True)
class LessOne:
    """Bounds of a ratio less 1, the relative difference, from those of its log."""

    log: Bounds

    def lower(self, alpha: float) -> float | None:
        """The lower bound of the true relative difference at one-sided level alpha."""
        return _less_one(self.log.lower(alpha))

    def upper(self, alpha: float) -> float | None:
        """The upper bound of the true relative difference at one-sided level alpha."""
        return _less_one(self.log.upper(alpha))


@dataclass(frozen=True)
class Wider:
    """The wider of two bounds on either side."""

    one: Bounds
    other: Bounds

    def lower(self, alpha: float) -> float | None:
        """The lesser lower bound at one-sided level alpha; None where either is missing."""
        ends = self.one.lower(alpha), self.other.lower(alpha)
        return None if ends[0] is None or ends[1] is None else min(ends[0], ends[1])

    def upper(self, alpha: float) -> float | None:
        """The greater upper bound at one-sided level alpha; None where either is missing."""
        ends = self.one.upper(alpha), self.other.upper(alpha)
        return None if ends[0] is None or ends[1] is None else max(ends[0], ends[1])


def _less_one(log_ratio: float | None) -> float | None:
    return None if log_ratio is None or log_ratio > 700 else expm1(log_ratio)
