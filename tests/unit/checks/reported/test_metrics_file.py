"""Which number of a metrics file a dotted name means, and what is not a number."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgate.checks.reported.metrics_file import ReportedEntry, entries, one
from mlgate.values.errors import EvidenceError


def value(text: str, name: str) -> Fraction | None:
    return one(entries(text.encode(), "metrics"), name, "metrics").number


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ('{"accuracy": 0.91}', "accuracy", "0.91"),
        ('{"test": {"accuracy": 0.1}}', "test.accuracy", "0.1"),
        ('{"folds": [{"auc": 0.8}, {"auc": 0.9}]}', "folds.1.auc", "0.9"),
        ('{"a.b": 1}', "a.b", "1"),
        ('{"n": 9007199254740993}', "n", "9007199254740993"),
        ('{"loss": 1e-05}', "loss", "0.00001"),
        ('{"x": -0.0}', "x", "0"),
        ('{"data": {"metrics": [{"key": "auc", "value": 0.9, "step": 3}]}}', "data.metrics.auc", "0.9"),
        ("accuracy: 0.91\ntest:\n  auc: 0.8\n", "test.auc", "0.8"),
        ("---\naccuracy: 0.91\n", "accuracy", "0.91"),
        ("accuracy,auc\n0.91,0.8\n", "auc", "0.8"),
        ("metrics:\n- name: auc\n  value: 0.8\n", "metrics.auc", "0.8"),
        ("- {name: auc, value: 0.8}\n", "auc", "0.8"),
        ("metric,value\naccuracy,0.91\nauc,0.8\n", "auc", "0.8"),
        ("Metric,Value\naccuracy,0.91\nauc,0.8\n", "auc", "0.8"),
        ("step,name,value\r\n1,accuracy,0.91\r\n", "accuracy", "0.91"),
        ("run_id,metrics.accuracy\nabc,0.91\n", "metrics.accuracy", "0.91"),
        ('\ufeff{"accuracy": 0.91}', "accuracy", "0.91"),
    ],
)
def test_a_dotted_name_means_one_number_exactly(text: str, name: str, expected: str) -> None:
    assert value(text, name) == Fraction(expected)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"x": NaN}', "x"),
        ('{"x": Infinity}', "x"),
        ('{"x": -Infinity}', "x"),
        ('{"x": 1e400}', "x"),
        ('{"x": "0.91"}', "x"),
        ('{"x": true}', "x"),
        ('{"x": null}', "x"),
        ("x: .nan\n", "x"),
        ("x: .inf\n", "x"),
        ('x: "0.91"\n', "x"),
        ("x: 91 %\n", "x"),
        ("x: 0,91\n", "x"),
        ("x: yes\n", "x"),
        ("x: 0x10\n", "x"),
        ("x:\n", "x"),
        ("x,y\nnan,1\n", "x"),
        ("x,y\n,1\n", "x"),
    ],
)
def test_what_is_not_a_finite_number_is_none(text: str, name: str) -> None:
    assert value(text, name) is None


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ('{"acuracy": 0.9}', "accuracy", "has no `accuracy`, did you mean `acuracy`"),
        ('{"test": {"auc": 0.9}}', "auc", "did you mean `test.auc`"),
        ('{"train": {"auc": 1}, "test": {"auc": 0.9}}', "auc", "it has `train.auc`, `test.auc`: name the one"),
        ('{"loss": 0.9, "note": "x"}', "speed", "its numbers are `loss`$"),
        ('{"note": "x"}', "speed", "no number at all"),
        ('{"Accuracy": 0.9}', "accuracy", "has no `accuracy`, did you mean `Accuracy`"),
        ('{"x": 1, "x": 2}', "x", r"2 values of `x` \(1, 2\)"),
        ('{"a.b": 1, "a": {"b": 1}}', "a.b", "2 values of `a.b`"),
        ("epoch,auc\n1,0.8\n2,0.9\n", "auc", "2 values of `auc`"),
        ("metric,value\nauc,0.8\nauc,0.9\n", "auc", "2 values of `auc`"),
        ('[{"name": "auc", "value": 1}, {"name": "auc", "value": 2}]', "auc", "2 values of `auc`"),
    ],
)
def test_a_name_without_a_value_or_with_several_is_refused(text: str, name: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        value(text, name)


def test_a_wrong_value_of_a_name_that_nobody_asks_for_does_not_matter() -> None:
    assert value('{"x": NaN, "y": "text", "z": 1, "z": 2, "w": 0.5}', "w") == Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"x": 0.9', "not JSON"),
        ('{"x": 0.9} {"x": 1}', "not JSON"),
        ('{"x": 0.9}}', "not JSON"),
        ("[" * 200_000, "nested too deeply|not JSON"),
        ("[" * 150 + "]" * 150, "nested too deeply"),
        ("x: 1\nx: 2\n", "repeated|twice"),
        ("x: &a 1\n", "anchor"),
        ("# only a comment\n", "metrics"),
        ("accuracy", "no row below its header"),
        ("", "not a table"),
        ("a,b\n", "no row below its header"),
        ("a,b\n1\n", "in row 2"),
        ("a,a\n1,2\n", "names a column twice"),
    ],
)
def test_a_file_that_is_not_whole_or_ambiguous_is_refused(text: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        value(text, "x")


@pytest.mark.parametrize(
    ("layout", "text", "said"),
    [
        ("json", "accuracy: 0.9\n", "is not JSON"),
        ("csv", "a,b\n", "no row below its header"),
        ("csv", "a,a\n1,2\n", "names a column twice"),
        ("csv", "a,b\n1,2\n3\n", "in row 3"),
        ("csv", 'a,b\n"1,2\n', "not a table"),
        ("yaml", "a,b\n1,2\n", "neither a mapping nor a list"),
    ],
)
def test_a_stated_layout_must_be_the_one_of_the_file(layout: str, text: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        entries(text.encode(), "metrics", layout)


PLAIN = st.text("abcdefgh", min_size=1, max_size=5)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x == 0 or abs(x) > 1e-300)
NUMBERS: st.SearchStrategy[Any] = st.integers(-(10**18), 10**18) | FLOATS
TREES = st.dictionaries(
    PLAIN, st.recursive(NUMBERS, lambda below: st.dictionaries(PLAIN, below, min_size=1)), min_size=1
)


def leaves(tree: Any, name: str = "") -> dict[str, Fraction]:
    if not isinstance(tree, dict):
        return {name: Fraction(repr(tree))}
    return {k: v for key, below in tree.items() for k, v in leaves(below, f"{name}.{key}" if name else key).items()}


def read(text: str) -> dict[str, Fraction | None]:
    found: tuple[ReportedEntry, ...] = entries(text.encode(), "metrics")
    return {entry.name: entry.number for entry in found}


@settings(max_examples=25, deadline=None)
@given(TREES)
def test_what_json_and_yaml_write_is_read_exactly(tree: dict[str, Any]) -> None:
    assert read(json.dumps(tree)) == leaves(tree)
    assert read(json.dumps(tree, indent=2)) == leaves(tree)
    assert read(yaml.safe_dump(tree)) == leaves(tree)
