"""The test cases of Great Expectations as a suite: the imported policy gives what they expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

import mlgate
from mlgate.authoring.imported_rules import PolicyToImport, imported_policy
from mlgate.values.errors import InputError
from mlgate.values.verdict import Status
from support.other_validators import cases_in, table_of

NAMES = {
    "likes": "like_pattern_list",
    "min": "min_value",
    "max": "max_value",
    "exclusive_min": "strict_min",
    "exclusive_max": "strict_max",
    "values": "value_set",
    "pattern": "regex",
    "patterns": "regex_list",
    "like": "like_pattern",
    "format": "strftime_format",
    "types": "type_list",
    "total": "sum_total",
    "pairs": "value_pairs_set",
    "a": "column_A",
    "b": "column_B",
    "columns": "column_list",
}
ERRORS = 12
"""Cases that evaluated nothing, and means of truth values."""
JUDGED = 189


def suite_of(case: dict[str, Any]) -> dict[str, Any]:
    """The expectation of a case, with the names of its parameters."""
    name = case["id"].split("/")[0]
    kwargs = {NAMES.get(key, key): value for key, value in case["params"].items()}
    if name == "expect_table_columns_to_match_set":
        kwargs["column_set"] = kwargs.pop("column_list")
    if name.endswith("_to_be_of_type"):
        kwargs["type_"] = kwargs.pop("type_list")[0]
    if name.endswith("_to_equal"):
        for low in ("min_value", "max_value"):
            kwargs["value"] = kwargs.pop(low, kwargs.get("value"))
    return {"name": "suite", "expectations": [{"type": name, "kwargs": kwargs}]}


def rules_of(case: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """The rules of the policy for a case; none where it is not carried over."""
    raw = json.dumps(suite_of(case)).encode()
    try:
        policy = imported_policy(PolicyToImport("great-expectations", "suite.json", raw, "p", "o", table)).text
    except InputError:
        return []
    found: list[dict[str, Any]] = yaml.safe_load(policy)["rules"]
    return found


def test_an_imported_suite_gives_what_the_cases_expect(tmp_path: Path) -> None:
    cases = {f"t{at}": case for at, case in enumerate(cases_in("great_expectations.json"))}
    rules = {name: rules_of(case, name) for name, case in cases.items() if "success" in case["expected"]}
    lines = [
        json.dumps(rule | {"id": f"{name}-{at}"}) for name, found in rules.items() for at, rule in enumerate(found)
    ]
    policy = tmp_path / "p.yaml"
    policy.write_text("mlgate: 1\npolicy: p\nowner: o\nrules:\n" + "".join(f"- {line}\n" for line in lines))
    tables = {name: table_of(cases[name]["table"]) for name, found in rules.items() if found}
    statuses: dict[str, list[Status]] = {}
    for outcome in mlgate.check(policy=policy, tables=tables).outcomes:
        statuses.setdefault(outcome.rule.rpartition("/")[2].partition("-")[0], []).append(outcome.status)
    wrong = {
        cases[name]["id"]: found
        for name, found in statuses.items()
        if Status.ERROR not in found and cases[name]["expected"]["success"] != ({*found} == {Status.PASS})
    }
    assert wrong == {}
    assert sum(Status.ERROR in found for found in statuses.values()) == ERRORS
    assert len(statuses) == JUDGED
