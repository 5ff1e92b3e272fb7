"""What a scenario is: a population with a known truth, and samples of it as a metric's kind keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.metrics.metric import Metric, Undefined
from mlgate.metrics.options import Options
from mlgate.metrics.question import Question

WEIGHTED = {"weight": "w"}
OPTIONS = Options(
    class_="1",
    beta=Fraction(2),
    k=Fraction(1, 10),
    costs=(("tp", Fraction(-1)), ("fp", Fraction(1)), ("fn", Fraction(10)), ("tn", Fraction(0))),
    quantile=Fraction(9, 10),
)


class Scenario(Protocol):
    """A named population and sample size."""

    name: str
    weighted: bool
    """Whether rows have sampling weights. Where `in_units` is there and true, they belong together in units."""

    def truth(self, metric: Metric) -> float:
        """The metric's value in the population."""
        ...

    def draws(self, metric: Metric, random: np.random.Generator, runs: int) -> Iterator[tuple[Any, int]]:
        """Samples as the kind's statistics, each with how often it was drawn."""
        ...


@dataclass(frozen=True)
class Result:
    """How often a metric's bounds were on the wrong side of the truth in one scenario, for 1 - level each."""

    metric: str
    scenario: str
    runs: int
    lower: int
    """Runs whose lower bound was above the truth."""
    upper: int
    """Runs whose upper bound was below it."""
    without: int
    """Runs without a bound on one of the sides: they never pass."""

    @property
    def worst(self) -> float:
        """The greater of the two miss rates."""
        return max(self.lower, self.upper) / self.runs


def question(metric: Metric, weighted: bool = False, options: Options = OPTIONS) -> Question:
    """The question about a table of no rows: kinds look only at its options, classes and weight."""
    rows = Rows("t", "t", SchemaFact((("w", "float"),)))
    roles = WEIGHTED if weighted else {}
    classes = tuple(map(str, range(1, 21 if metric.tasks == ("multilabel",) else 6)))
    if metric.average in ("macro", "micro", "samples"):
        options = replace(options, class_=None)
    return Question(rows, metric.tasks[0], roles, options, positive_class="1", classes=classes)


def simulate(name: str, metric: Metric, scenario: Scenario, runs: int, seed: int, level: float = 0.05) -> Result:
    """The misses of one metric in one scenario."""
    asked, truth = question(metric, scenario.weighted), scenario.truth(metric)
    if getattr(scenario, "in_units", False):
        asked = replace(asked, unit="u")
    tie = 1e-12 * abs(truth)
    kind = metric.kind
    lower = upper = without = 0
    for stats, times in scenario.draws(metric, np.random.default_rng(seed), runs):
        try:
            found = kind.estimate(asked, stats)
        except Undefined:
            without += times
            continue
        low, high = found.lower(level), found.upper(level)
        lower += times * (low is not None and low > truth + tie)
        upper += times * (high is not None and high < truth - tie)
        without += times * (low is None or high is None)
    return Result(name, scenario.name, runs, lower, upper, without)
