"""fairness.mean_residual: no group is over- or underestimated more than another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.shorthand import Comparing


@dataclass(frozen=True, kw_only=True)
class MeanResidual(Comparing):
    """No group is over- or underestimated much more than another.

    ## What it does
    Short for `fairness.gap` with `metric: mean_error`: the mean of prediction less label may differ between groups by
    at most the bound, in the unit of the prediction.

    ## Why it matters
    A model that is unbiased overall can ask one group for too much and another for too little; equal means of the
    residuals are the regression's calibration in the large, group by group.

    ## Example
    ```yaml
    - id: nobody-overestimated
      check: fairness.mean_residual
      by: sex
      at_most: 500
    ```

    ## Notes
    It takes labels that can be trusted in every group. For a bound on each group's own bias, and not on differences,
    use `performance.metric` with `metric: mean_error`, `by` and `between`.

    ## References
    Calders et al. 2013 (balanced residuals).
    """

    id: ClassVar[str] = "fairness.mean_residual"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("mean_error",)
