"""The named fairness terms: each is short for comparisons of certain metrics, and every report says which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.fairness.expansion import ComparingTerm, DecisionTerm
from mlgate.checks.fairness.ratio import FairnessRatio
from mlgate.values.demand import Demand


@dataclass(frozen=True, kw_only=True)
class DemographicParity(DecisionTerm):
    """Every group is selected at about the same rate.

    ## What it does
    Short for `fairness.gap` with `metric: selection_rate`: the share of rows predicted positive may differ between
    groups by at most the bound.

    ## Why it matters
    Where a selection gives people something good, different rates are disparate impact, whatever the reason. The check
    looks only at decisions, so biased labels cannot hide a difference.

    ## Example
    ```yaml
    - id: demographic-parity
      check: fairness.demographic_parity
      by: sex
      at_most: 0.1
    ```

    ## Notes
    It demands similar rates even if the groups differ in the label; `fairness.equal_opportunity` does not.

    ## References
    Dwork et al. 2012; fairlearn `demographic_parity_difference`.
    """

    id: ClassVar[str] = "fairness.demographic_parity"
    also_called: ClassVar[tuple[str, ...]] = (
        "demographic_parity_difference",
        "statistical_parity",
        "statistical_parity_difference",
    )
    metrics: ClassVar[tuple[str, ...]] = ("selection_rate",)


@dataclass(frozen=True, kw_only=True)
class EqualOpportunity(DecisionTerm):
    """Of the rows that are truly positive, every group's are found about as often.

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
    The labels must be trustworthy in every group.

    ## References
    Hardt, Price & Srebro 2016; fairlearn `equal_opportunity_difference`.
    """

    id: ClassVar[str] = "fairness.equal_opportunity"
    also_called: ClassVar[tuple[str, ...]] = (
        "equal_opportunity_difference",
        "true_positive_rate_difference",
        "tpr_difference",
    )
    metrics: ClassVar[tuple[str, ...]] = ("recall",)


@dataclass(frozen=True, kw_only=True)
class EqualizedOdds(DecisionTerm):
    """Both error rates are about the same in every group.

    ## What it does
    Short for two comparisons by `fairness.gap`, with `metric: recall` and with `metric: false_positive_rate`: each may
    differ between groups by at most the bound.

    ## Why it matters
    A model can miss equally often in every group and still raise more false alarms in one. COMPAS made both errors at
    different rates, in opposite directions.

    ## Example
    ```yaml
    - id: equalized-odds
      check: fairness.equalized_odds
      by: sex
      at_most: 0.1
    ```

    ## Notes
    Each finding names its metric. The largest observed gap of all is what fairlearn calls the equalized odds
    difference.

    ## References
    Hardt, Price & Srebro 2016; fairlearn `equalized_odds_difference`.
    """

    id: ClassVar[str] = "fairness.equalized_odds"
    also_called: ClassVar[tuple[str, ...]] = ("equalized_odds_difference", "equalised_odds", "equal_odds")
    metrics: ClassVar[tuple[str, ...]] = ("recall", "false_positive_rate")


@dataclass(frozen=True, kw_only=True)
class PredictiveParity(DecisionTerm):
    """A positive prediction is right about as often in every group.

    ## What it does
    Short for `fairness.gap` with `metric: precision`: the share of positive predictions that are right may differ
    between groups by at most the bound.

    ## Why it matters
    A positive prediction should mean the same for everybody.

    ## Example
    ```yaml
    - id: predictive-parity
      check: fairness.predictive_parity
      by: sex
      at_most: 0.1
    ```

    ## Notes
    If prevalence differs between groups, only a perfect model can meet this and equalized odds together (Chouldechova
    2017).

    ## References
    Chouldechova 2017.
    """

    id: ClassVar[str] = "fairness.predictive_parity"
    also_called: ClassVar[tuple[str, ...]] = ("predictive_parity_difference",)
    metrics: ClassVar[tuple[str, ...]] = ("precision",)


@dataclass(frozen=True, kw_only=True)
class FourFifths(DecisionTerm):
    """Every group's selection rate is at least four fifths of the highest.

    ## What it does
    Short for `fairness.ratio` with `metric: selection_rate` and a bound of 0.8 or more.

    ## Why it matters
    This is the rule of thumb of the US Equal Employment Opportunity Commission for adverse impact. The ratio is the
    impact ratio of New York City's Local Law 144.

    ## Example
    ```yaml
    - id: four-fifths
      check: fairness.four_fifths
      by: sex
      at_least: 0.8
      proof: estimate
    ```

    ## Notes
    The legal rule is about the observed ratio, so write `proof: estimate`: counts are then compared exactly, and 48/60
    against 60/60 passes.

    ## References
    29 CFR 1607.4 D (1978); EEOC, Questions and Answers, 44 FR 11996 (1979).
    """

    id: ClassVar[str] = "fairness.four_fifths"
    also_called: ClassVar[tuple[str, ...]] = (
        "four_fifths_rule",
        "eighty_percent_rule",
        "disparate_impact",
        "adverse_impact",
        "adverse_impact_ratio",
        "impact_ratio",
    )
    metrics: ClassVar[tuple[str, ...]] = ("selection_rate",)
    comparison: ClassVar[type[FairnessRatio]] = FairnessRatio

    def problems(self, demand: Demand) -> Iterator[Wrong]:
        """Mistakes in the comparison, and a bound below the four fifths that the name promises."""
        yield from super().problems(demand)
        if demand.at_least is not None and demand.at_least < Fraction(4, 5):
            yield "at_least", "is less than four fifths; for a lower ratio use `fairness.ratio`"

    def waiver_problems(self, demand: Demand) -> Iterator[Wrong]:
        """Mistakes in the comparison alone: a waiver allows a ratio below four fifths for some time."""
        yield from super().problems(demand)


@dataclass(frozen=True, kw_only=True)
class MeanPrediction(ComparingTerm):
    """The mean prediction is about the same in every group.

    ## What it does
    Short for `fairness.gap` with `metric: mean_prediction`: the mean prediction of a regression may differ between
    groups by at most the bound, in the unit of the prediction.

    ## Why it matters
    Where the prediction is a price, a wage or a credit limit, different means treat groups differently, whatever the
    reason. This is demographic parity for regression.

    ## Example
    ```yaml
    - id: like-limits
      check: fairness.mean_prediction
      by: sex
      at_most: 500
    ```

    ## Notes
    It looks only at predictions; `fairness.mean_residual` compares them with the labels.

    ## References
    Agarwal, Dudik & Wu 2019; Calders et al. 2013.
    """

    id: ClassVar[str] = "fairness.mean_prediction"
    metrics: ClassVar[tuple[str, ...]] = ("mean_prediction",)


@dataclass(frozen=True, kw_only=True)
class ErrorParity(ComparingTerm):
    """A regression's errors are about as large in every group.

    ## What it does
    Short for `fairness.gap` with `metric: mae`: the mean absolute error may differ between groups by at most the
    bound, in the unit of the prediction.

    ## Why it matters
    A model that was fitted mostly to a majority can be precise for it and useless for a minority. The overall error
    does not show this.

    ## Example
    ```yaml
    - id: like-errors
      check: fairness.error_parity
      by: sex
      at_most: 500
    ```

    ## Notes
    For another measure of error use `fairness.gap` with that metric. Absolute errors do not show their direction:
    `fairness.mean_residual` shows which group is over- or underestimated.

    ## References
    Agarwal, Dudik & Wu 2019 (bounded group loss).
    """

    id: ClassVar[str] = "fairness.error_parity"
    metrics: ClassVar[tuple[str, ...]] = ("mae",)


@dataclass(frozen=True, kw_only=True)
class MeanResidual(ComparingTerm):
    """No group is over- or underestimated much more than another.

    ## What it does
    Short for `fairness.gap` with `metric: mean_error`: the mean of prediction minus label may differ between groups by
    at most the bound, in the unit of the prediction.

    ## Why it matters
    A model that is unbiased overall can predict too much for one group and too little for another. Equal mean
    residuals are calibration in the large for regression, group by group.

    ## Example
    ```yaml
    - id: nobody-overestimated
      check: fairness.mean_residual
      by: sex
      at_most: 500
    ```

    ## Notes
    The labels must be trustworthy in every group. To bound each group's own bias instead of differences, use
    `performance.metric` with `metric: mean_error`, `by` and `between`.

    ## References
    Calders et al. 2013 (balanced residuals).
    """

    id: ClassVar[str] = "fairness.mean_residual"
    metrics: ClassVar[tuple[str, ...]] = ("mean_error",)
