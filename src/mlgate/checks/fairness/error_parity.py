"""fairness.error_parity: groups are predicted with like errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.shorthand import Comparing


@dataclass(frozen=True, kw_only=True)
class ErrorParity(Comparing):
    """A regression errs about as much in every group.

    ## What it does
    Short for `fairness.gap` with `metric: mae`: the mean absolute error may differ between groups by at most the
    bound, in the unit of the prediction.

    ## Why it matters
    A model that was fitted to the many can be precise for them and useless for the few; the overall error does not
    show it.

    ## Example
    ```yaml
    - id: like-errors
      check: fairness.error_parity
      by: sex
      at_most: 500
    ```

    ## Notes
    For another measure of error write `fairness.gap` with it. Signs cancel in none of them: `fairness.mean_residual`
    sees who is over- and who is underestimated.

    ## References
    Agarwal, Dudik & Wu 2019 (bounded group loss).
    """

    id: ClassVar[str] = "fairness.error_parity"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("mae",)
