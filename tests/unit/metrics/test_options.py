"""A metric's parameters: declared once, and from there in rules, in words, in the manual and in what metrics get."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction

import pytest

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.metrics.options import Options, samples
from mlgate.metrics.registry import metrics
from mlgate.reading.fields import params
from mlgate.reference.manual import metric_page

ENTRIES = [metric for found in metrics().values() for metric in found]


def test_a_rule_takes_every_parameter_and_hands_it_to_its_metric():
    keys = {entry.attribute: entry for entry in params(PerformanceMetric)}
    for each in fields(Options):
        assert keys[each.name].doc
        rule = PerformanceMetric(metric="mean", **{each.name: "given"})
        assert getattr(rule.options(), each.name) == "given"
        assert rule.given() == (keys[each.name].key,)


@pytest.mark.parametrize("metric", ENTRIES, ids=lambda metric: f"{metric.name}-{metric.tasks[0]}-{metric.average}")
def test_metrics_take_only_parameters_that_there_are(metric):
    known = {entry.key for entry in params(Options)}
    assert set(metric.requires) <= set(metric.takes) <= known
    assert all(samples()[key] or key == "average" for key in metric.requires)


@pytest.mark.parametrize(
    ("metric", "given", "said"),
    [
        ("recall", {"class_": "cat", "threshold": Fraction(1, 2)}, "recall of class cat at threshold 0.5"),
        ("f1", {"average": "macro"}, "macro f1"),
        ("precision_at_k", {"k": Fraction(10)}, "precision_at_10"),
        ("ndcg", {"k": Fraction(10), "gain": "exponential"}, "ndcg@10 with exponential gain"),
        ("quantile", {"column": "ms", "quantile": Fraction(19, 20), "table": "runs"}, "p95 of ms in runs"),
        ("pinball_loss", {"quantile": Fraction(9, 10), "cap": Fraction(3)}, "pinball_loss of quantile 0.9 capped at 3"),
        ("mase", {"season": 1_000_000}, "mase of season 1000000"),
        ("rate", {"column": "status", "equals": ("a", "b")}, "rate of status being a or b"),
    ],
)
def test_a_quantity_in_words(metric, given, said):
    assert Options(**given).in_words(metric) == said


def test_the_manual_shows_an_example_with_each_required_parameter():
    assert "  quantile: 0.95\n" in metric_page("quantile")
    assert "  k: 2\n" in metric_page("top_k_accuracy")
