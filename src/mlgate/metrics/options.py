"""The parameters that shape a metric."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mlgate.evidence.rows import Column


@dataclass(frozen=True)
class Options:
    """The parameters of a rule that shape a metric; None where the rule does not say."""

    class_: str | None = None
    average: str | None = None
    beta: Fraction | None = None
    k: Fraction | None = None
    threshold: Fraction | None = None
    costs: tuple[tuple[str, Fraction], ...] = ()
    column: Column | None = None
    quantile: Fraction | None = None
    cap: Fraction | None = None
    bins: int = 15
    equals: tuple[str, ...] = ()
    season: int | None = None
    normalise: tuple[str, ...] = ()
