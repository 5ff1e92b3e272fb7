"""Which entry a rule's metric name stands for."""

from __future__ import annotations

import pytest

from mlgate.metrics.metric import Interval
from mlgate.metrics.options import Options
from mlgate.metrics.registry import choose, entries, metrics
from mlgate.values.errors import EvidenceError


def test_a_function_of_the_rows_is_for_every_task_and_not_guaranteed():
    (found,) = entries("sklearn.metrics:hamming_loss")
    assert found.interval is Interval.NOT_GUARANTEED
    assert choose(found.name, "regression", Options()) is not None


def test_an_unknown_name_has_no_entry():
    assert entries("recal") == ()


def test_class_and_average_choose_the_entry():
    assert choose("recall", "multiclass", Options(average="macro")).average == "macro"
    assert choose("recall", "multiclass", Options(class_="a")).average == "class"
    assert choose("recall", "binary", Options()).average is None
    with pytest.raises(EvidenceError, match="takes neither `class` nor `average`"):
        choose("recall", "binary", Options(class_="a"))
    with pytest.raises(EvidenceError, match="average:`, one of macro, micro, weighted"):
        choose("recall", "multiclass", Options())


def test_every_entry_that_promises_less_than_a_guarantee_says_when():
    vague = [
        metric.name
        for found in metrics().values()
        for metric in found
        if metric.interval is not Interval.GUARANTEED and not metric.caveat
    ]
    assert vague == []


def test_every_entry_is_one_of_its_name_task_and_average():
    keys = [(m.name, task, m.average) for found in metrics().values() for m in found for task in m.tasks]
    assert len(keys) == len(set(keys))
