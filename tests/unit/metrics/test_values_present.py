"""Values that a rule names (`equals`, `where`) are compared by the column's kind; an absent one is an error."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlgate
from mlgate.evidence.dialect import MACROS, NUMBER_GRAMMAR
from mlgate.evidence.rows import Column
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


@pytest.mark.parametrize("spelled", ["1.000", "+1", "01", "1e0", "1.", "10E-1", "0.1e1"])
def test_a_number_in_other_letters_is_an_error_in_a_column_of_text(spelled: str, tmp_path: Path) -> None:
    """Counted or not, rows would be judged that the rule does not mean: `01` may be another code than `1`."""
    values = [spelled] * 159 + ["1"] + ["0"] * 240
    rate, selected = (
        "metric: rate, column: x, equals: 1, at_most: 0.05",
        "metric: accuracy, where: {x: 1}, at_least: 0.5",
    )
    for key, keys in (("equals", rate), ("x", selected)):
        found = outcome(tmp_path, values, keys)
        assert found.status.value == "ERROR"
        assert f"159 rows have `1` in column `x` in another spelling (`{spelled}`)" in found.message
        assert f'List every spelling, as in `{key}: ["1", "{spelled}"]`, or write' in found.message
    both = outcome(tmp_path, values, f"metric: rate, column: x, equals: ['1', '{spelled}'], at_most: 0.05")
    assert (both.status.value, both.findings[0].exact) == ("FAIL", "160/400")
    both = outcome(tmp_path, values, f"metric: accuracy, where: {{x: ['1', '{spelled}']}}, at_least: 0.5")
    assert (both.status.value, both.findings[0].exact) == ("PASS", "160/160")


def test_a_spelling_that_a_single_row_has_is_not_told(tmp_path: Path) -> None:
    found = outcome(tmp_path, ["01", *["1"] * 399], "metric: rate, column: x, equals: 1, at_most: 0.05")
    assert "1 row has `1` in column `x` in another spelling, which" in found.message
    assert "01" not in found.message


SPELLED = st.builds(
    lambda sign, zeros, digits, point, exponent: (
        f"{sign}{zeros}{digits[:point]}.{digits[point:]}" + (f"e{exponent}" if exponent is not None else "")
    ),
    st.sampled_from(["", "+", "-"]),
    st.sampled_from(["", "0", "00"]),
    st.text("0123", min_size=1, max_size=20),
    st.integers(0, 20),
    st.none() | st.integers(-3, 3),
)


@given(st.lists(SPELLED, min_size=2, max_size=30))
@settings(max_examples=50, deadline=None)
def test_texts_are_compared_as_exactly_as_decimal_numbers(texts: list[str]) -> None:
    texts += [
        "9007199254740993",
        "9007199254740992",
        "0.1",
        "0.10",
        "0.1000000000000000055511151231257827",
        "1 ",
        ".",
        "-0",
    ]
    value, column = texts[0], Column("x", "text")
    with duckdb.connect() as engine:
        for macro in MACROS:
            engine.execute(macro)
        engine.execute("create table t as select unnest(?::varchar[]) as x", [texts])
        for value in (texts[0], "9007199254740993", "0.1", "0"):
            sql = f"select {column.equals(value)}, {column.alike(value)} from t"
            found = [(bool(equal), bool(alike)) for equal, alike in engine.execute(sql).fetchall()]
            same = [_is_number(text) and Decimal(text) == Decimal(value) for text in texts]
            assert found == [(text == value, each and text != value) for text, each in zip(texts, same)]


def _is_number(text: str) -> bool:
    return re.fullmatch(NUMBER_GRAMMAR, text) is not None


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
