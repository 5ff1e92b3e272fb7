"""Which entry a rule's metric name stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from mlgate.metrics import registry
from mlgate.metrics.base import Interval
from mlgate.metrics.options import Options
from mlgate.metrics.registry import choose, entries, metrics
from mlgate.values.errors import EvidenceError, MachineError


@dataclass(frozen=True)
class Plugin:
    """What importlib.metadata says of an installed entry point."""

    name: str
    gives: Any
    value: str = "package:METRIC"

    def load(self) -> Any:
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


def install(monkeypatch: pytest.MonkeyPatch, *plugins: Plugin) -> None:
    monkeypatch.setattr(registry, "_plugins", lambda: tuple(plugins))


RECALL = metrics()["recall"][0]
MINE = replace(RECALL, name="my_recall")


@pytest.mark.parametrize("gives", [MINE, (MINE,), [MINE]])
def test_a_plugin_is_one_metric_or_several_of_its_name(monkeypatch, gives):
    install(monkeypatch, Plugin("my_recall", gives))
    assert entries("my_recall") == (MINE,)


@pytest.mark.parametrize("gives", [ImportError("no such module"), RECALL, (), "recall", (MINE, RECALL)])
def test_a_broken_plugin_is_an_error_only_where_it_is_named(monkeypatch, gives):
    install(monkeypatch, Plugin("my_recall", gives))
    assert entries("accuracy") == metrics()["accuracy"]
    with pytest.raises(MachineError, match="package:METRIC"):
        entries("my_recall")


@pytest.mark.parametrize("names", [("recall",), ("my_recall", "my_recall")])
def test_a_name_that_is_there_twice_is_an_error(monkeypatch, names):
    install(monkeypatch, *(Plugin(name, MINE) for name in names))
    with pytest.raises(MachineError, match="installed twice"):
        entries(names[0])


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
    with pytest.raises(EvidenceError, match="average:` one of class, macro, micro, weighted"):
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
