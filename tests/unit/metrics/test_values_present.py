"""Values that a rule names (`equals`, `where`) are compared by the column's kind; an absent one is an error."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.values.verdict import Outcome

KINDS = {
    "boolean": ("BOOLEAN", [True, False]),
    "integer": ("BIGINT", [1, 0]),
    "double": ("DOUBLE", [1.0, 0.0]),
    "float": ("FLOAT", [1.0, 0.0]),
    "decimal": ("DECIMAL(9, 4)", [Decimal(1), Decimal(0)]),
    "text": ("VARCHAR", ["1", "0"]),
    "text of pandas' booleans": ("VARCHAR", ["True", "False"]),
    "text of floats": ("VARCHAR", ["1.0", "0.0"]),
}


def outcome(folder: Path, column: Any, keys: str, type_name: str = "") -> Outcome:
    """What a rule makes of a column of 400 rows."""
    (folder / "policy.yaml").write_text(
        f"mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - {{id: r, check: performance.metric, {keys}}}\n"
    )
    frame: Any = pd.DataFrame({"y": [1, 0] * 200, "p": [1, 0] * 200, "x": column})
    if type_name:
        frame = duckdb.sql(f"select y, p, cast(x as {type_name}) as x from frame").to_arrow_table()
    found = mlgate.check(
        policy=folder / "policy.yaml", predictions=frame, task="binary", positive="1", label="y", prediction="p"
    )
    return found.outcomes[0]


def column(kind: str) -> tuple[list[Any], str]:
    """160 rows with the first value of a kind, 240 with the second."""
    type_name, (one, zero) = KINDS[kind]
    return [one] * 160 + [zero] * 240, type_name


@pytest.mark.parametrize(
    ("kind", "equals"),
    [
        *(("boolean", text) for text in ("true", "True", "TRUE")),
        *((kind, text) for kind in ("integer", "double", "float", "decimal") for text in ("1", "1.0", "1.00", "1e0")),
        ("text", "1"),
        ("text of pandas' booleans", "True"),
        ("text of floats", "1.0"),
    ],
)
def test_a_value_is_found_by_the_kind_of_its_column(kind: str, equals: str, tmp_path: Path) -> None:
    values, type_name = column(kind)
    found = outcome(tmp_path, values, f'metric: rate, column: x, equals: "{equals}", at_most: 0.05', type_name)
    assert (found.status.value, found.findings[0].exact) == ("FAIL", "160/400")


@pytest.mark.parametrize(
    ("kind", "equals", "there"),
    [
        ("boolean", "1", "`true` (160 rows)"),
        ("integer", "true", "`1` (160 rows)"),
        ("double", "true", "`1.0` (160 rows)"),
        ("decimal", "yes", "`1.0000` (160 rows)"),
        ("text", "true", "`1` (160 rows)"),
        ("text of pandas' booleans", "true", "`True` (160 rows)"),
        ("text of floats", "1", "`1.0` (160 rows)"),
        ("integer", "2", "`0` (240 rows)"),
        ("integer", "1.5", "`0` (240 rows)"),
    ],
)
def test_a_value_that_no_row_has_is_an_error_that_lists_those_there_are(
    kind: str, equals: str, there: str, tmp_path: Path
) -> None:
    values, type_name = column(kind)
    for keys in (
        f'metric: rate, column: x, equals: "{equals}", at_most: 0.05',
        f'metric: accuracy, where: {{x: [{values[0]}, "{equals}"]}}, at_least: 0.05',
        f'metric: accuracy, where: {{x: "{equals}"}}, at_least: 0.05',
    ):
        found = outcome(tmp_path, values, keys, type_name)
        assert found.status.value == "ERROR"
        assert "no row has" in found.message
        assert there in found.message or "where.x" in found.message


def test_a_rate_of_zero_may_be_meant(tmp_path: Path) -> None:
    rule = "metric: rate, column: x, equals: timeout, allow_absent: true, at_most: 0.05"
    found = outcome(tmp_path, ["done"] * 400, rule)
    assert (found.status.value, found.findings[0].exact) == ("PASS", "0/400")


def test_a_value_that_the_column_cannot_have_is_never_meant(tmp_path: Path) -> None:
    values, type_name = column("boolean")
    rule = "metric: rate, column: x, equals: 1, allow_absent: true, at_most: 0.05"
    assert outcome(tmp_path, values, rule, type_name).status.value == "ERROR"


@pytest.mark.parametrize(("equals", "status"), [("true", "ERROR"), ("[true, True]", "FAIL")])
def test_another_spelling_of_a_value_is_an_error_unless_it_is_listed(equals: str, status: str, tmp_path: Path) -> None:
    values = ["true"] * 3 + ["True"] * 157 + ["False"] * 240
    found = outcome(tmp_path, values, f"metric: rate, column: x, equals: {equals}, at_most: 0.05")
    assert found.status.value == status


def test_a_column_of_many_values_is_counted_and_told_in_short(tmp_path: Path) -> None:
    found = outcome(
        tmp_path, [f"v{at}" for at in np.arange(400) // 2], "metric: rate, column: x, equals: w, at_most: 0.1"
    )
    assert found.message.count("(2 rows)") == 8
    assert "and more" in found.message


def test_a_value_of_a_single_row_is_not_told(tmp_path: Path) -> None:
    found = outcome(
        tmp_path, ["Ann Lee", *["x"] * 199, *["y"] * 200], "metric: rate, column: x, equals: w, at_most: 0.1"
    )
    assert "there are `y` (200 rows), `x` (199 rows). Write" in found.message
    assert "Ann" not in found.message
