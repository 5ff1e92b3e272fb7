"""fairness.demographic_parity: groups are selected at like rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.fairness.shorthand import Shorthand


@dataclass(frozen=True, kw_only=True)
class DemographicParity(Shorthand):
    """Every group is selected at about the same rate.

    ## What it does
    Short for `fairness.gap` with `metric: selection_rate`: the share of rows predicted positive may differ between
    groups by at most the bound.

    ## Why it matters
    Where a selection hands out something good, unlike rates are disparate impact whatever the reason. It looks at
    decisions only, so labels that are themselves biased do not hide it.

    ## Example
    ```yaml
    - id: demographic-parity
      check: fairness.demographic_parity
      by: sex
      at_most: 0.1
    ```

    ## Notes
    It asks for like rates even where the groups differ in the label; `fairness.equal_opportunity` does not.

    ## References
    Dwork et al. 2012; fairlearn `demographic_parity_difference`.
    """

    id: ClassVar[str] = "fairness.demographic_parity"
    bounded: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]] = ("selection_rate",)
