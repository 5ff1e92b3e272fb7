"""data.rows judges as Great Expectations where both ask the same; where the conventions differ, ours is stricter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlgate
from mlgate.values.errors import InputError

FILE = Path(__file__).parents[3] / "support" / "rows" / "great_expectations.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))["cases"]
HEAD = "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - id: r\n    check: data.rows\n    table: t\n"


def condition(rule: str, params: Mapping[str, Any]) -> str:
    """The expectation as a condition."""
    if rule == "rows_compare":
        return f"{params['a']} {'>=' if params.get('or_equal') else '>'} {params['b']}"
    if rule == "rows_equal":
        return f"{params['a']} = {params['b']}"
    if rule == "rows_pair_in":
        pairs = (f"{params['a']} = {one} and {params['b']} = {two}" for one, two in params["pairs"])
        return " or ".join(f"({pair})" for pair in pairs)
    if rule == "rows_sum":
        return f"{' + '.join(params['columns'])} = {params['total']}"
    return " and ".join(f"{one} != {two}" for one, two in combinations(params["columns"], 2))


def rule_of(case: Mapping[str, Any]) -> str:
    """The keys of our rule for a case."""
    rule, params = case["rule"], case["params"]
    if rule == "row_count":
        ends = {"at_least": params.get("min"), "at_most": params.get("max")}
        bounds = {key: value for key, value in ends.items() if value is not None}
        return f"count: {json.dumps(bounds or {'at_least': 0})}"
    kept = [f"{each['column']} {each['op']} {each['value']}" for each in params.get("where", ())]
    columns = params.get("columns") or [params["a"], params["b"]]
    if params.get("ignore_row_if", "").startswith(("any", "either")):
        kept += [f"{name} is not missing" for name in columns]
    else:  # what Great Expectations does unless it is told otherwise
        kept.append(f"not ({' and '.join(f'{name} is missing' for name in columns)})")
    where = f"where: {json.dumps(' and '.join(kept))}\n"
    share = round(1 - params.get("mostly", 1), 6)
    if rule == "key":
        return f"{where}duplicates: {{columns: [{', '.join(columns)}], at_most_share: {share}}}"
    keys = {"holds": condition(rule, params), "at_most_share": share}
    return f"{where}must: {json.dumps({'x': keys})}"


def mixed(case: Mapping[str, Any]) -> bool:
    """Whether a column mixes texts and numbers, which no table file can."""
    kinds = ({type(value) for value in values if value is not None} for values in case["table"].values())
    return any({str} < found for found in kinds)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_of_great_expectations_is_judged_alike(case: Mapping[str, Any], tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(HEAD + "".join(f"    {line}\n" for line in rule_of(case).splitlines()))
    frame = pd.DataFrame(case["table"])
    expected = case["expected"]
    if "error" in expected:
        with pytest.raises(InputError):
            mlgate.check(policy=policy, tables={"t": frame})
        return
    (outcome,) = mlgate.check(policy=policy, tables={"t": frame}).outcomes
    if mixed(case):
        assert outcome.status.value == "ERROR"
        return
    assert outcome.status.value == ("PASS" if expected["success"] else "FAIL"), outcome.message
    if "unexpected_count" in expected:
        exact = outcome.findings[0].exact
        assert exact is not None
        assert int(exact.partition("/")[0]) == expected["unexpected_count"]
