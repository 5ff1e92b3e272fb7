"""Columns read as a type: what is a value of it, what is missing, and how values compare with a policy's limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest

from mlgate.evidence.dialect import kind_of
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.rows import Column
from mlgate.evidence.typed import TypedColumn, TypedLimit
from mlgate.values.errors import EvidenceError

KINDS = {"int64": "integer", "double": "float", "string": "text", "bool": "boolean"}


def column(table: pa.Table, type_: str = "", *missing: str) -> TypedColumn:
    name = str(table.schema.field("x").type)
    kind = KINDS.get(name) or ("decimal" if name.startswith("decimal") else "time")
    return TypedColumn(Column("x", kind), type_, missing)


def texts(*values: str | None) -> pa.Table:
    return pa.table({"x": pa.array(values, pa.string())})


def hits(ask: Any, table: pa.Table, condition: str) -> int:
    found: int = ask(table, MatchingRows("t", condition=condition)).rows
    return found


TEXTS: list[tuple[str, list[str], list[str]]] = [
    (
        "integer",
        ["0", "-7", "+3", "007", str(2**70), "59.0", "7."],
        ["1.5", "1.0.0", "1e3", " 5", "1_0", "0x10", "", "nan", "٣"],
    ),
    ("number", ["0", "1.5", "-.5", "1e3", "1."], ["nan", "inf", "1e400", "1,5", "1_0", " 5", "0x10", "", "--1"]),
    ("decimal", ["0", "1.5", "-.5", "12."], ["1e3", "nan", ".", "1,5"]),
    ("decimal(4,2)", ["12.34", "-0.10", "00012.3400", "1", ".5"], ["123.4", "1.234", "1e2", "."]),
    ("text", ["", "x", "5"], []),
    ("boolean", ["true", "False", "TRUE"], ["1", "yes", "tRUE", ""]),
    ("date", ["2024-02-29", "1960-01-01"], ["2023-02-29", "2024-1-1", "20240101", "2024-01-01 00:00:00", ""]),
    (
        "timestamp",
        ["2024-02-29", "2024-02-29T10:00", "2024-02-29 10:00:00.123456789", "2024-02-29T10:00:00Z"],
        ["2024-02-30T10:00", "10:00", "2024-02-29T25:00:00", "2024-02-29X10:00"],
    ),
    ("timestamp with zone", ["2024-02-29T10:00:00+02:00", "2024-02-29 10:00Z"], ["2024-02-29T10:00:00", "2024-02-29"]),
    ("timestamp without zone", ["2024-02-29T10:00:00", "2024-02-29"], ["2024-02-29T10:00:00Z", "now"]),
]


@pytest.mark.parametrize(("type_", "good", "bad"), TEXTS, ids=[each[0] for each in TEXTS])
def test_text_is_read_by_the_grammar_of_its_type(ask: Any, type_: str, good: Sequence[str], bad: Sequence[str]) -> None:
    found = {text: hits(ask, texts(text, None), column(texts(), type_).mistyped) for text in (*good, *bad)}
    assert found == {**dict.fromkeys(good, 0), **dict.fromkeys(bad, 1)}


ZONED = datetime(2024, 2, 29, 10, tzinfo=timezone(timedelta(hours=2)))
STORED: list[tuple[pa.Array, set[str]]] = [
    (pa.array([1, None]), {"integer", "number", "decimal", "decimal(4,2)"}),
    (pa.array([1.0, None]), {"integer", "number", "decimal", "decimal(4,2)"}),
    (pa.array([1.5, float("nan")]), {"number", "decimal", "decimal(4,2)"}),
    (pa.array([Decimal("1.50")], pa.decimal128(9, 2)), {"number", "decimal", "decimal(4,2)"}),
    (pa.array([Decimal("1.00")], pa.decimal128(38, 20)), {"integer", "number", "decimal", "decimal(4,2)"}),
    (pa.array([True, None]), {"boolean"}),
    (pa.array([date(1960, 1, 1)]), {"date", "timestamp", "timestamp without zone"}),
    (pa.array([datetime(1960, 1, 1)]), {"timestamp", "timestamp without zone"}),
    (pa.array([ZONED]), {"timestamp", "timestamp with zone"}),
]


@pytest.mark.parametrize(
    ("values", "fits"), STORED, ids=[str(each[0].type) + str(at) for at, each in enumerate(STORED)]
)
def test_a_stored_value_is_of_the_types_that_hold_it(ask: Any, values: pa.Array, fits: set[str]) -> None:
    table = pa.table({"x": values})
    types = ["integer", "number", "decimal", "decimal(4,2)", "text", "boolean", *(each[0] for each in TEXTS[6:])]
    found = {type_ for type_ in types if not hits(ask, table, column(table, type_).mistyped)}
    assert found == fits


def test_sentinels_and_nan_are_missing_values(ask: Any) -> None:
    floats = pa.table({"x": pa.array([1.0, float("nan"), -999.0, None, float("inf")])})
    assert hits(ask, floats, column(floats).missing) == 2
    assert hits(ask, floats, column(floats, "", "-999").missing) == 3
    words = texts("N/A", "", "a", None)
    assert hits(ask, words, column(words, "", "N/A", "").missing) == 3
    assert hits(ask, words, column(words, "integer", "N/A", "").mistyped) == 1


BIG = 2**53 + 1
LIMITS: list[tuple[pa.Array, str, str, list[bool]]] = [
    (pa.array([BIG - 1, BIG]), "", str(BIG - 1), [True, False]),
    (pa.array([str(BIG - 1), str(BIG)]), "integer", str(BIG - 1), [True, False]),
    (pa.array([f"{BIG - 1}.0", f"{BIG}.00"]), "integer", str(BIG - 1), [True, False]),
    (pa.array([1, 2]), "", "1.5", [True, False]),
    (pa.array([-1, -2]), "", "-1.5", [False, True]),
    (pa.array([0.1, 0.2]), "", "0.1", [True, False]),
    (pa.array(["0.1", "1e-1", "0.11"]), "", "0.1", [True, True, False]),
    (pa.array([Decimal(BIG - 1), Decimal(BIG)], pa.decimal128(18, 1)), "", str(BIG - 1), [True, False]),
    (pa.array([Decimal(10) ** 37, Decimal(1)], pa.decimal128(38, 0)), "", "1.25", [False, True]),
    (pa.array([date(1960, 1, 1), date(1960, 1, 2)]), "", "1960-01-01", [True, False]),
    (pa.array([ZONED, ZONED + timedelta(hours=1)]), "", "2024-02-29T08:00:00Z", [True, False]),
    (pa.array(["2024-02-29T10:00:00+02:00", "2024-02-29 08:00:01"]), "timestamp", "2024-02-29 08:00", [True, False]),
]


@pytest.mark.parametrize(("values", "type_", "limit", "below"), LIMITS, ids=map(str, range(len(LIMITS))))
def test_values_are_compared_exactly(ask: Any, values: pa.Array, type_: str, limit: str, below: list[bool]) -> None:
    bound = TypedLimit(limit) if "-01" in limit or ":" in limit else TypedLimit(limit, Fraction(limit))
    found = []
    for value in values:
        table = pa.table({"x": pa.array([value.as_py()], values.type)})
        low, high = (hits(ask, table, column(table, type_).compared(sign, bound)) for sign in ("<=", ">"))
        assert low + high == 1
        found.append(bool(low))
    assert found == below


def test_what_cannot_be_compared_is_neither_below_nor_above(ask: Any) -> None:
    words = texts("a", None, "")
    for limit in (TypedLimit("1", Fraction(1)), TypedLimit("2024-01-01")):
        assert hits(ask, words, column(words).compared("<=", limit)) == 0
        assert hits(ask, words, column(words).compared(">", limit)) == 0
    truths = pa.table({"x": [True]})
    with pytest.raises(EvidenceError, match="boolean; a number is required"):
        column(truths).compared("<", TypedLimit("1", Fraction(1)))
    with pytest.raises(EvidenceError, match="boolean; a date or time is required"):
        column(truths).compared("<", TypedLimit("2024-01-01"))


def test_kinds_here_are_those_of_the_engine() -> None:
    assert {kind_of("BIGINT"), kind_of("DOUBLE"), kind_of("VARCHAR"), kind_of("BOOLEAN")} == set(KINDS.values())
