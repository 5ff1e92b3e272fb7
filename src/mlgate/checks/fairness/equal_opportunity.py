"""fairness.equal_opportunity: groups have like true positive rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.shorthand import Shorthand


@dataclass(frozen=True, kw_only=True)
class EqualOpportunity(Shorthand):
    """Of those who deserve it, every group gets it about as often.

    ## What it does
    Short for `fairness.gap` with `metric: recall`: the true positive rate may differ between groups by at most the
    bound.

    ## Why it matters
    The people who would have repaid, recovered or succeeded should not be missed more often in one group than in
    another.

    ## Example
    ```yaml
    - id: equal-opportunity
      check: fairness.equal_opportunity
      by: sex
      at_most: 0.1
    ```

    ## Notes
    It takes labels that can be trusted in every group.

    ## References
    Hardt, Price & Srebro 2016; fairlearn `equal_opportunity_difference`.
    """

    id: ClassVar[str] = "fairness.equal_opportunity"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("recall",)
