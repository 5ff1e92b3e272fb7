"""fairness.predictive_parity: a positive prediction is right as often in every group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.shorthand import Shorthand


@dataclass(frozen=True, kw_only=True)
class PredictiveParity(Shorthand):
    """A positive prediction is right about as often in every group.

    ## What it does
    Short for `fairness.gap` with `metric: precision`: the share of positive predictions that are right may differ
    between groups by at most the bound.

    ## Why it matters
    Whoever acts on a prediction should be able to read it alike for everybody.

    ## Example
    ```yaml
    - id: predictive-parity
      check: fairness.predictive_parity
      by: sex
      at_most: 0.1
    ```

    ## Notes
    Where the groups differ in prevalence it cannot hold together with equalized odds, unless the model is perfect
    (Chouldechova 2017).

    ## References
    Chouldechova 2017.
    """

    id: ClassVar[str] = "fairness.predictive_parity"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("precision",)
