"""Where the keys of a candidate stand, as messages about evidence name them."""

from __future__ import annotations

from mlgate.candidate.written import written_keys
from mlgate.reading.python_values import Argument, tree
from mlgate.reading.strict_yaml import Mapping, load


def test_an_argument_is_named_as_it_is_written_in_a_call() -> None:
    node = tree({"label": "y", "champion": {"label": "x"}}, Argument("predictions="))
    assert isinstance(node, Mapping)
    found = written_keys(node)
    assert found["champion.label"].said == 'predictions["champion"]["label"]="x"'
    assert found["champion"].said == ""


def test_a_key_of_a_file_is_named_with_its_line() -> None:
    node = load(b"predictions:\n  label: y\n", "candidate.yaml")
    assert isinstance(node, Mapping)
    assert written_keys(node)["predictions.label"].said == "candidate.yaml:2 (label: y)"
