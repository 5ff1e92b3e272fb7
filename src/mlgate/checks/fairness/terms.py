"""The named terms of fairness: each stands for comparisons of certain metrics, and says so in every report."""

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
    metrics: ClassVar[tuple[str, ...]] = ("selection_rate",)


@dataclass(frozen=True, kw_only=True)
class EqualOpportunity(DecisionTerm):
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
    metrics: ClassVar[tuple[str, ...]] = ("recall",)


@dataclass(frozen=True, kw_only=True)
class EqualizedOdds(DecisionTerm):
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
    metrics: ClassVar[tuple[str, ...]] = ("recall", "false_positive_rate")


@dataclass(frozen=True, kw_only=True)
class PredictiveParity(DecisionTerm):
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
    metrics: ClassVar[tuple[str, ...]] = ("precision",)


@dataclass(frozen=True, kw_only=True)
class FourFifths(DecisionTerm):
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
    metrics: ClassVar[tuple[str, ...]] = ("selection_rate",)
    comparison: ClassVar[type[FairnessRatio]] = FairnessRatio

    def problems(self, demand: Demand) -> Iterator[Wrong]:
        """Those of the comparison, and a bound that is less than the check's name says."""
        yield from super().problems(demand)
        if demand.at_least is not None and demand.at_least < Fraction(4, 5):
            yield "at_least", "is less than four fifths; for another ratio write `fairness.ratio`"


@dataclass(frozen=True, kw_only=True)
class MeanPrediction(ComparingTerm):
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
    metrics: ClassVar[tuple[str, ...]] = ("mean_prediction",)


@dataclass(frozen=True, kw_only=True)
class ErrorParity(ComparingTerm):
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
    metrics: ClassVar[tuple[str, ...]] = ("mae",)


@dataclass(frozen=True, kw_only=True)
class MeanResidual(ComparingTerm):
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
    metrics: ClassVar[tuple[str, ...]] = ("mean_error",)
