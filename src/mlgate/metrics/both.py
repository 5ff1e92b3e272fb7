"""The common parts of every comparison of two models: both values, their difference, and when it is undefined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from mlgate.metrics.metric import Undefined
from mlgate.values.estimate import Bound

T = TypeVar("T")
Value = Fraction | float
ALIKE = "both models are equal on every row, or nearly so: the difference has no spread that could bound it"


@dataclass(frozen=True)
class Both:
    """The values of a metric for the new model and for the old one."""

    new: Value
    old: Value

    @property
    def note(self) -> str:
        """Both values in words."""
        return f"{float(self.new):.4g} against {float(self.old):.4g}"

    def less(self, relative: bool) -> Value:
        """new - old, or new / old - 1 if relative. Raises Undefined if relative and the old value is 0 or less."""
        if not relative:
            return self.new - self.old
        if self.old <= 0:
            raise Undefined(
                f"the champion's value is {float(self.old):.4g}, and no change is relative to 0 or less: "
                "compare without `relative`"
            )
        return self.new / self.old - 1


@contextmanager
def of_champion() -> Iterator[None]:
    """Add to the reason of an Undefined that it is about the champion."""
    try:
        yield
    except Undefined as why:
        raise Undefined(f"of the champion: {why}") from None


def less_one(bound: Bound, transform: Callable[[float], float] = float) -> Bound:
    """The bound of a ratio, transformed, minus 1."""

    def changed(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else transform(found) - 1

    return changed


def fraction(value: Value) -> Fraction | None:
    """The value if it is an exact fraction, else None."""
    return value if isinstance(value, Fraction) else None
