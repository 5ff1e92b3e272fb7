"""What every comparison of two models has in common: both values, their difference, and when there is none."""

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
ALIKE = "both models do the same on every row, or too nearly so: the difference has no spread to bound it by"


@dataclass(frozen=True)
class Both:
    """A metric of the new model and of the old one."""

    new: Value
    old: Value

    @property
    def note(self) -> str:
        """Both values in words."""
        return f"{float(self.new):.4g} against {float(self.old):.4g}"

    def less(self, relative: bool) -> Value:
        """new - old, or new / old - 1 if relative. Raises Undefined where the old value is 0 or less."""
        if not relative:
            return self.new - self.old
        if self.old <= 0:
            raise Undefined(
                f"the champion has {float(self.old):.4g}, and a change relative to 0 or less says nothing: "
                "compare without `relative`"
            )
        return self.new / self.old - 1


@contextmanager
def of_champion() -> Iterator[None]:
    """Say of what is not defined that it is so for the champion."""
    try:
        yield
    except Undefined as why:
        raise Undefined(f"of the champion: {why}") from None


def less_one(bound: Bound, transform: Callable[[float], float] = float) -> Bound:
    """The bound of a ratio less 1, the ratio transformed before."""

    def changed(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else transform(found) - 1

    return changed


def fraction(value: Value) -> Fraction | None:
    """The value where it is exact."""
    return value if isinstance(value, Fraction) else None
