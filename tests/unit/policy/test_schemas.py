"""The published schemas are valid, accept what the loader accepts, refuse what an editor should underline."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mlgate.reading.fields import number
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, load
from mlgate.reference.schemas import candidate_schema, policy_schema, register_schema, waivers_schema

POLICY = """\
mlgate: 1
policy: credit-default
owner: model-risk@example.com
for: {tags: [credit]}
extends: [mlgate/baseline@1]
confidence: 0.95
expects:
  positive: "1"
  evaluation: {key: application_id, label: defaulted}
derive: {age_band: {column: age, edges: [25, 40, 60]}}
groups: {race: {values: [A, NO, 7], unknown: report}}
rules:
  - id: discriminates
    check: performance.metric
    metric: roc_auc
    at_least: 0.75
  - id: recall-for-everyone
    check: performance.metric
    metric: recall
    by: [sex, age_band, [sex, race]]
    between: [0.60, 1]
    proof: unrefuted
waivers:
  - rule: recall-for-everyone
    where: {age_band: "<25"}
    for: loans
    not_below: 0.55
    owner: model-risk@example.com
    reason: ticket RISK-311.
    granted: 2026-11-20
    expires: 2027-02-01
"""
CANDIDATE = """\
mlgate: 1
candidate: credit-default
version: 2026.10
tags: [credit]
risk: high
task: binary
positive: 1
model: {path: model.onnx}
predictions: {path: p.parquet, id: application_id, prediction: decision, score: probability}
tables:
  train: {path: train.parquet, key: application_id}
  evaluation: {path: eval.parquet, key: application_id, label: defaulted}
"""


def as_an_editor_sees_it(node: Node) -> Any:
    """Types by the YAML 1.2 core schema, which editors use."""
    if isinstance(node, Mapping):
        return {key.text: as_an_editor_sees_it(below) for key, below in node.entries}
    if not isinstance(node, Scalar):
        return [as_an_editor_sees_it(item) for item in node.items]
    if node.null:
        return None
    if node.quoted or number(node.text) is None:
        return {"true": True, "false": False}.get(node.text, node.text) if not node.quoted else node.text
    return float(node.text) if "." in node.text else int(node.text)


def problems(schema: dict[str, Any], text: str) -> list[str]:
    errors = Draft202012Validator(schema).iter_errors(as_an_editor_sees_it(load(text.encode(), "f")))
    return [error.message for error in errors]


@pytest.mark.parametrize("schema", [policy_schema, candidate_schema, register_schema, waivers_schema])
def test_a_schema_is_valid(schema: Callable[[], dict[str, Any]]) -> None:
    Draft202012Validator.check_schema(schema())


def test_the_designs_examples_are_accepted() -> None:
    assert problems(policy_schema(), POLICY) == []
    assert problems(candidate_schema(), CANDIDATE) == []


POLICY_SLIPS = [
    ("owner:", "ownr:"),
    ("metric: recall", "metrik: recall"),
    ("performance.metric", "performance.metrc"),
    ("at_least: 0.75", "at_lest: 0.75"),
    ("at_least: 0.75", "at_least: '0.75'"),
    ("at_least: 0.75", "at_least: .nan"),
    ("at_least: 0.75", "at_least: 0.75\n    at_most: 0.9"),
    ("at_least: 0.75", "description: x"),
    ("proof: unrefuted", "proof: unrefutd"),
    ("confidence: 0.95", "confidence: 0.5"),
    ("unknown: report", "unknown: reprot"),
    ("expires: 2027-02-01", "expires: soon"),
    ("id: discriminates", "id: expects"),
    ("mlgate: 1", "mlgate: 2"),
]


@pytest.mark.parametrize(("right", "wrong"), POLICY_SLIPS)
def test_a_slip_in_a_policy_is_refused(right: str, wrong: str) -> None:
    assert right in POLICY
    assert problems(policy_schema(), POLICY.replace(right, wrong))


CANDIDATE_SLIPS = [
    ("candidate:", "candidat:"),
    ("prediction: decision", "predicton: decision"),
    ("task: binary", "task: binry"),
    ("risk: high", "risk: hihg"),
    ("train:", "predictions:"),
    ("model: {path: model.onnx}", "model: model.onnx"),
    ("tags: [credit]", "champion: {file: x}"),
]


@pytest.mark.parametrize(("right", "wrong"), CANDIDATE_SLIPS)
def test_a_slip_in_a_candidate_is_refused(right: str, wrong: str) -> None:
    assert right in CANDIDATE
    assert problems(candidate_schema(), CANDIDATE.replace(right, wrong))


def test_a_policy_needs_rules_or_something_to_extend() -> None:
    head = "mlgate: 1\npolicy: p\nowner: o\n"
    assert problems(policy_schema(), head)
    assert problems(policy_schema(), head + "rules: []\n")
    assert problems(policy_schema(), head + "extends: mlgate/baseline@1\n") == []


def test_only_a_policy_that_extends_another_changes_a_rule_without_its_check() -> None:
    head, change = "mlgate: 1\npolicy: p\nowner: o\n", "rules: [{id: r, at_least: 0.8}]\n"
    assert problems(policy_schema(), head + "extends: mlgate/baseline@1\n" + change) == []
    assert problems(policy_schema(), head + change)


def test_every_key_of_a_rule_is_documented() -> None:
    definitions = policy_schema()["$defs"]
    for name, rule in definitions.items():
        if name.startswith("key."):
            assert rule["description"]
        elif name != "rule":
            undocumented = [
                key for key, schema in rule["properties"].items() if not {"description", "$ref"} & {*schema}
            ]
            assert undocumented == ["check"]


def test_a_key_of_several_checks_is_written_once() -> None:
    definitions = policy_schema()["$defs"]
    rules = [rule for name, rule in definitions.items() if not name.startswith("key.") and name != "rule"]
    for key in ("at_least", "by", "metric", "proof"):
        written = [json.dumps(rule["properties"][key]) for rule in rules if key in rule["properties"]]
        own = [text for text in written if "$ref" not in text]
        assert len(own) == len({*own}) < len(written)


def test_a_check_without_bounds_offers_none(checks: Any) -> None:
    rule = policy_schema(checks)["$defs"]["lineage.complete"]
    assert "oneOf" not in rule
    assert set(rule["properties"]) >= {"table", "severity"}
    assert not {"at_least", "at_most", "between"} & set(rule["properties"])


def test_what_the_loader_takes_the_schema_takes(one: Any, checks: Any) -> None:
    text = POLICY.replace("extends: [mlgate/baseline@1]\n", "")
    one(text)
    assert problems(policy_schema(checks), text) == []


REGISTER = """\
mlgate: 1
owner: risk@example.com
models:
  a/candidate.yaml: {name: a, tags: credit, task: binary, positive: 1, evaluation: {key: id, min_rows: 100}}
"""


@pytest.mark.parametrize(
    ("right", "wrong"), [("name: a", "nane: a"), ("binary", "binry"), ("100", "0"), ("a/candidate", "/a/candidate")]
)
def test_a_register_that_fits_and_one_that_does_not(right: str, wrong: str) -> None:
    assert problems(register_schema(), REGISTER) == []
    assert problems(register_schema(), REGISTER.replace(right, wrong))
