"""fairness.four_fifths: every group is selected at four fifths of the highest rate or more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.fairness.ratio import FairnessRatio
from mlgate.checks.fairness.shorthand import Shorthand
from mlgate.values.demand import Demand


@dataclass(frozen=True, kw_only=True)
class FourFifths(Shorthand):
    """Every group's selection rate is at least four fifths of the highest.

    ## What it does
    Short for `fairness.ratio` with `metric: selection_rate` and a bound of 0.8, or more where your rule asks for more.

    ## Why it matters
    The rule of thumb for adverse impact of the US Equal Employment Opportunity Commission; the impact ratio of New York
    City's Local Law 144.

    ## Example
    ```yaml
    - id: four-fifths
      check: fairness.four_fifths
      by: sex
      at_least: 0.8
      proof: estimate
    ```

    ## Notes
    The legal rule is about the observed ratio, which is `proof: estimate`: counts are compared exactly, and 48/60
    against 60/60 passes.

    ## References
    29 CFR 1607.4 D (1978); EEOC, Questions and Answers, 44 FR 11996 (1979).
    """

    id: ClassVar[str] = "fairness.four_fifths"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("selection_rate",)
    comparison: ClassVar[type[FairnessRatio]] = FairnessRatio

    def problems(self, demand: Demand) -> Iterator[Wrong]:
        """Those of the comparison, and a bound that is less than the check's name says."""
        yield from super().problems(demand)
        if demand.at_least is not None and demand.at_least < Fraction(4, 5):
            yield "at_least", "is less than four fifths; for another ratio write `fairness.ratio`"
