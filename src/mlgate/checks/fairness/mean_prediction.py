"""fairness.mean_prediction: groups are predicted like values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.shorthand import Comparing


@dataclass(frozen=True, kw_only=True)
class MeanPrediction(Comparing):
    """Every group is predicted about the same value on average.

    ## What it does
    Short for `fairness.gap` with `metric: mean_prediction`: the mean prediction of a regression may differ between
    groups by at most the bound, in the unit of the prediction.

    ## Why it matters
    Where the number is a price, a wage or a limit, unlike means are the regression's demographic parity, whatever the
    reason for them.

    ## Example
    ```yaml
    - id: like-limits
      check: fairness.mean_prediction
      by: sex
      at_most: 500
    ```

    ## Notes
    It looks at predictions alone; `fairness.mean_residual` holds them against what came true.

    ## References
    Agarwal, Dudik & Wu 2019; Calders et al. 2013.
    """

    id: ClassVar[str] = "fairness.mean_prediction"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("mean_prediction",)
