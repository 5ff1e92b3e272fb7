"""fairness.equalized_odds: groups have like error rates of both kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.shorthand import Shorthand


@dataclass(frozen=True, kw_only=True)
class EqualizedOdds(Shorthand):
    """Both error rates are about the same in every group.

    ## What it does
    Short for two comparisons by `fairness.gap`, with `metric: recall` and with `metric: false_positive_rate`: each may
    differ between groups by at most the bound.

    ## Why it matters
    A model can miss as often in every group and yet raise false alarms in one: COMPAS did both, in opposite directions.

    ## Example
    ```yaml
    - id: equalized-odds
      check: fairness.equalized_odds
      by: sex
      at_most: 0.1
    ```

    ## Notes
    Each finding says its metric. The largest observed gap of all is what fairlearn calls the equalized odds
    difference.

    ## References
    Hardt, Price & Srebro 2016; fairlearn `equalized_odds_difference`.
    """

    id: ClassVar[str] = "fairness.equalized_odds"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("recall", "false_positive_rate")
