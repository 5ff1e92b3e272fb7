"""A small seeded part of `benchmarks/coverage.py`: bounds miss as seldom as they say, and are not idle."""

from math import sqrt

import pytest
from benchmarks.scenarios import grid, scenarios_of
from benchmarks.scenarios.base import Result, simulate

from mlgate.metrics.metric import Interval
from support.entries import ENTRIES

RUNS = {
    ("binary recall", "prevalence 5 %, n=200"): 4000,
    ("binary recall", "weights of spread 0.7, n=200"): 1000,
    ("binary f1", "prevalence 20 %, n=1000"): 1500,
    ("binary balanced_accuracy", "prevalence 5 %, n=200"): 500,
    ("binary matthews_corrcoef", "prevalence 5 %, n=200, strict"): 300,
    ("multiclass precision (macro)", "3 classes 80/15/5 %, n=1000"): 200,
    ("multiclass f1 (macro)", "3 classes, n=60"): 400,
    ("binary roc_auc", "binormal AUC 0.92, prevalence 5 %, n=200"): 400,
    ("regression/forecasting mae", "half-normal, n=100"): 1500,
    ("regression/forecasting wape", "demand: exponential labels, Laplace errors, n=200"): 1000,
    ("any task quantile", "exponential quantile, n=100"): 3000,
    ("binary calibration_error", "overconfident, n=200"): 60,
    ("binary calibration_slope", "calibrated, prevalence 5 %, n=200"): 600,
    ("binary calibration_intercept", "calibrated, prevalence 5 %, n=200"): 600,
    ("binary accuracy", "in units: 50 of 10 rows, icc .1"): 800,
    ("binary recall", "in units: 100 of 1 to 40 rows, icc .1"): 800,
    ("binary f1", "in units: 100 of 10 rows, icc .1, one label a unit"): 800,
    ("binary balanced_accuracy", "in units: 50 of 10 rows, icc .1"): 200,
    ("binary fbeta", "in units: 50 of 10 rows, icc .1"): 300,
    ("binary roc_auc", "in units: 100 of 10 rows, icc .1, one label a unit"): 400,
    ("regression/forecasting mae", "in units: 50 of 10 rows, icc .1"): 800,
    ("regression/forecasting wape", "in units: 50 of 10 rows, icc .1"): 600,
    ("any task quantile", "in units: 50 of 10 rows, icc .1"): 800,
}


def result(entry: str, scenario: str) -> Result:
    (found,) = [found for found in scenarios_of(ENTRIES[entry]) if found.name == scenario]
    return simulate(entry, ENTRIES[entry], found, RUNS[entry, scenario], seed=1)


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "scenario"), RUNS)
def test_bounds_miss_as_seldom_as_the_entry_says(entry, scenario):
    found = result(entry, scenario)
    most = 0.055 if ENTRIES[entry].interval is Interval.GUARANTEED else 0.08
    assert found.worst <= most + 3 * sqrt(most / found.runs)
    assert found.without <= 0.3 * found.runs


@pytest.mark.slow
def test_bounds_of_shares_and_quantiles_are_not_idle():
    for entry, scenario in (("binary recall", "prevalence 5 %, n=200"), ("binary f1", "prevalence 20 %, n=1000")):
        assert result(entry, scenario).worst > 0.02


def test_the_grid_holds_every_entry_under_names_of_its_own():
    named = [(name, scenario.name) for name, _, scenario in grid()]
    assert len(named) == len(set(named))
    assert {name for name, _ in named} == set(ENTRIES)
