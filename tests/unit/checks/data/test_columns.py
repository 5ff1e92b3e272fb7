"""data.columns: each key passes and fails on small tables, and what cannot be evaluated is an error."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import mlgate
from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome, Status
from support.waiving import IN_FORCE

PASS, FAIL, ERROR, INCONCLUSIVE = Status.PASS, Status.FAIL, Status.ERROR, Status.INCONCLUSIVE
BIG = 2**53 + 1


def judged(folder: Path, table: Any, columns: str, more: str = "") -> Outcome:
    (folder / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        f"  - {{id: r, check: data.columns, table: t, columns: {columns}{more}}}\n",
        encoding="utf-8",
    )
    (outcome,) = mlgate.check(policy=folder / "p.yaml", tables={"t": table}).outcomes
    assert not outcome.machine, outcome.message
    return outcome


def column(*values: Any, of: pa.DataType | None = None) -> pa.Table:
    return pa.table({"x": pa.array(values, of)})


def status(folder: Path, table: pa.Table, keys: str, more: str = "") -> Status:
    return judged(folder, table, f"{{x: {{{keys}}}}}", more).status


TEXTS = column("a", "b", None, "b")
NUMBERS = column(1, 2, None, 4)
FLOATS = column(1.5, float("nan"), None, float("inf"))
DAYS = column(date(1960, 1, 1), date(2024, 2, 29), None)
MOMENTS = column(datetime(2024, 2, 29, 10, tzinfo=timezone(timedelta(hours=2))), None)
DECIMALS = column(Decimal("0.10"), Decimal("9007199254740993.00"), of=pa.decimal128(38, 2))
HUGE = column(BIG - 1, BIG)
LONG = column(*map(Decimal, ("123456789012345678901234567890.12345678", "0.1")), of=pa.decimal128(38, 8))
TENTHS = ["0.1"] * 10
NO_NUMBER = column(1.0, float("nan"), float("-inf"))
LISTS = column([1, 2], [3], None)
BREAKS = column("a\nb", "éa")

CASES: list[tuple[str, pa.Table, str, str]] = [
    # key, table, passes, fails
    ("type", TEXTS, "type: text", "type: integer"),
    ("type", column("1", "2.5"), "type: number", "type: integer"),
    ("type", column(1.0, 2.0, None), "type: integer", "type: boolean"),
    ("type", DAYS, "type: date", "type: timestamp with zone"),
    ("type", column("0001-01-01", "9999-12-31"), "type: date", "type: timestamp with zone"),
    ("type", column("0000-01-01"), "type: text", "type: date"),
    ("type", column("2024-02-29T10:00+14:00"), "type: timestamp with zone", "type: date"),
    ("type", column("2024-02-29T10:00+25:00"), "type: text", "type: timestamp"),
    ("type", DECIMALS, 'type: "decimal(38, 2)"', 'type: "decimal(4,2)"'),
    ("stored", NUMBERS, "stored: number", "stored: text"),
    ("stored", column("1", "2"), "stored: text, type: integer", "stored: integer, type: integer"),
    ("stored", FLOATS, "stored: number", "stored: integer"),
    ("stored", DAYS, "stored: time", "stored: boolean"),
    ("missing", column("N/A", "1", ""), 'type: integer, missing: [N/A, ""]', "type: integer, missing: [N/A]"),
    ("missing", column("-999.0", "5"), "missing: [-999], at_least: 0", "missing: ['-9990'], at_least: 0"),
    ("missing", column(-999, 5), "missing: [-999], at_least: 0", "missing: [-998], at_least: 0"),
    ("max_nulls", NUMBERS, "max_nulls: 1", "max_nulls: 0"),
    ("max_nulls", FLOATS, "max_nulls: 2", "max_nulls: 1"),
    ("max_null_share", NUMBERS, "max_null_share: 0.25", "max_null_share: 0.24"),
    ("max_fault_share", NUMBERS, "at_most: 2, max_fault_share: 0.34", "at_most: 2, max_fault_share: 0.33"),
    ("finite", NUMBERS, "finite: true", "finite: true, at_most: 3"),
    ("finite", FLOATS, "finite: false, max_nulls: 2", "finite: true, max_nulls: 2"),
    ("finite", column("1e5", "-2"), "finite: true", "finite: true, at_most: 3"),
    ("finite", column("1", "nan"), "finite: false, max_nulls: 0", "finite: true"),
    ("one_of", TEXTS, "one_of: [a, b]", "one_of: [a, c]"),
    ("one_of", NUMBERS, "one_of: [1, 2.0, 4e0]", "one_of: [1, 2]"),
    ("one_of", column(True, None), "one_of: [true]", "one_of: [false]"),
    ("one_of", column("Ünï", "a'b\n"), 'one_of: [Ünï, "a\'b\\n"]', "one_of: [Ünï, a'b]"),
    ("one_of", DAYS, "one_of: [1960-01-01, 2024-02-29T00:00:00Z]", "one_of: [1960-01-01, 2024-02-29T01:00:00Z]"),
    ("none_of", MOMENTS, "none_of: [2024-02-29T10:00:00]", "none_of: [2024-02-29T10:00:00+02:00]"),
    ("none_of", TEXTS, "none_of: [c]", "none_of: [b]"),
    ("none_of", column("-998.0", "1"), "none_of: [-999]", "none_of: [-998]"),
    ("contains_all", TEXTS, "contains_all: [a, b]", "contains_all: [a, c]"),
    ("exactly", TEXTS, "exactly: [b, a]", "exactly: [a]"),
    ("exactly", NUMBERS, "exactly: [1, 2, 4]", "exactly: [1, 2, 4, 5]"),
    ("between", NUMBERS, "between: [1, 4]", "between: [1, 3.9]"),
    ("between", DAYS, "between: [1960-01-01, 2024-02-29]", "between: [1960-01-02, 2024-02-29]"),
    (
        "between",
        MOMENTS,
        "between: [2024-02-29T08:00:00Z, 2024-02-29T08:00]",
        "between: [2024-02-29, 2024-02-29T07:59]",
    ),
    ("between", column("5", "x"), "between: [1, 9], max_fault_share: 0.5", "between: [1, 9]"),
    ("at_most", DAYS, "at_most: today", "at_least: today"),
    ("at_least", HUGE, f"at_least: {BIG - 1}", f"at_least: {BIG}"),
    ("at_most", DECIMALS, f"at_most: {BIG}", f"at_most: {BIG - 1}"),
    ("at_most", column(float("inf"), 1.0), "at_least: 0", "at_most: 1e300"),
    ("above", NUMBERS, "above: 0.5", "above: 1"),
    ("below", DAYS, "below: 2024-03-01", "below: 2024-02-29"),
    ("length", column("äö", "abc", None), "length: [2, 3]", "length: {at_most: 2}"),
    ("matches", column("p1", "p22"), 'matches: "p[0-9]+"', 'matches: "p[0-9]"'),
    ("not_matches", column("p1", "p22"), 'not_matches: "[0-9]+"', 'not_matches: "p.*"'),
    ("contains", column("a p1\nb", "xp2y"), 'contains: "p[0-9]"', 'contains: "p1"'),
    ("format", column("a@example.com", None), "format: email", "format: uuid"),
    ("format", column("10.0.0.255"), "format: ipv4", "format: ipv6"),
    ("format", column("https://example.com/a?b#c"), "format: url", "format: email"),
    ("unique", column(1, 2, None, None), "unique: true", "unique: true, max_nulls: 1"),
    ("unique", TEXTS, "unique: false, max_nulls: 1", "unique: true"),
    ("unique", column(0.0, -0.0), "unique: false, max_nulls: 0", "unique: true"),
    ("unique", HUGE, "unique: true", "unique: true, below: 5"),
    ("distinct", TEXTS, "distinct: 2", "distinct: {at_least: 3}"),
    ("top_share", column("a", "b", "b", None), "top_share: 0.67", "top_share: 0.66"),
    ("spelling", column("Berlin", "Paris", None), "spelling: true", "spelling: true, one_of: [Berlin]"),
    ("spelling", column("Berlin", "berlin "), "spelling: false, max_nulls: 0", "spelling: true"),
    ("spelling", column("\u00e9", "e\u0301"), "spelling: false, max_nulls: 0", "spelling: true"),
    ("minimum", NUMBERS, "minimum: [0, 1]", "minimum: [2, 3]"),
    ("maximum", HUGE, f"maximum: {BIG}", f"maximum: {{at_most: {BIG - 1}}}"),
    ("mean", NUMBERS, "mean: [2.33, 2.34]", "mean: [2.34, 3]"),
    ("median", column(1, 2, 3, 4), "median: 2.5", "median: 2"),
    ("std", column(1, 2, 3, 4), "std: [1.29, 1.2910]", "std: [1.11, 1.12]"),
    ("sum", column("1.5", "2.5", None), "sum: 4", "sum: {at_most: 3.9}"),
    ("quantiles", column(*range(1, 101)), "quantiles: {0.95: 95, 0.5: [50, 51]}", "quantiles: {0.95: {at_most: 94}}"),
    ("increasing", NUMBERS, "increasing: true", "increasing: true, below: 4"),
    ("increasing", DAYS, "increasing: true", "decreasing: true"),
    ("decreasing", column(3, 2, 2), "decreasing: true", "increasing: true"),
    ("strictly", column(3, 2, 2), "decreasing: true", "decreasing: true, strictly: true"),
    # every digit counts
    ("at_most", LONG, f"at_most: {LONG['x'][0]}", "at_most: 123456789012345678901234567890.12345677"),
    ("above", LONG, "above: 1e-30", f"above: {LONG['x'][1]}"),
    ("below", LONG, "below: 1e38", f"below: {LONG['x'][0]}"),
    ("at_most", column(str(BIG), "1"), f"at_most: {BIG}", f"at_most: {BIG - 1}"),
    ("between", column("0.1", f"{BIG}.5"), f"between: [0.1, {BIG}.5]", f"between: [0.1, {BIG}]"),
    ("above", column(str(BIG)), f"above: {BIG - 1}", f"above: {BIG}"),
    ("maximum", column(str(BIG), "1e2"), f"maximum: {BIG}", f"maximum: {BIG - 1}"),
    ("minimum", LONG, "minimum: 0.1", "minimum: {at_least: 0.10000000000000001}"),
    ("sum", column(BIG, 0), f"sum: {BIG}", f"sum: {BIG - 1}"),
    ("sum", column(2**62 + 1, -(2**62)), "sum: 1", "sum: 0"),
    ("sum", column(*TENTHS), "sum: 1", "sum: {at_least: 1.0000000000000001}"),
    ("sum", column(*map(Decimal, TENTHS)), "sum: {at_most: 1}", "sum: {at_most: 0.999}"),
    ("sum", column(*map(float, TENTHS)), "sum: {at_most: 1}", "sum: {at_most: 0.999}"),
    ("mean", column(*map(float, TENTHS)), "mean: 0.1", "mean: {at_most: 0.099}"),
    ("mean", column(*map(Decimal, TENTHS)), "mean: 0.1", "mean: {at_least: 0.10000000000000001}"),
    ("median", column(10**12, 10**12), "median: {at_least: 1000000000000}", "median: {at_least: 1000000000001}"),
    ("std", column("1e2", "100"), "std: 0", "std: {at_least: 0.1}"),
    # infinity is a value, NaN is none
    ("finite", NO_NUMBER, "finite: false, max_nulls: 1", "finite: true, max_fault_share: 0.66"),
    ("finite", column(float("nan")), "finite: false, max_nulls: 1", "finite: true"),
    ("one_of", NO_NUMBER, "one_of: [1, -inf]", "one_of: [1, inf]"),
    ("none_of", NO_NUMBER, "none_of: [Infinity]", "none_of: [-.inf]"),
    ("missing", NO_NUMBER, "missing: [-inf], finite: false, mean: 1", "missing: [-inf], max_nulls: 1"),
    # a nested column has no values to compare, but may have none
    ("max_nulls", LISTS, "max_nulls: 1, missing: [N/A]", "max_nulls: 0"),
    # a line break is a character, which a point does not match
    ("contains", BREAKS, "contains: a", 'contains: "a.b|é"'),
    ("matches", BREAKS, r'matches: "\\pL(\\pL|\\n[[:alpha:]])"', r'matches: "\\pL+"'),
]


@pytest.mark.parametrize(
    ("key", "table", "passes", "fails"), CASES, ids=[f"{at}-{case[0]}" for at, case in enumerate(CASES)]
)
def test_a_key_passes_and_fails(tmp_path: Path, key: str, table: pa.Table, passes: str, fails: str) -> None:
    good, bad = judged(tmp_path, table, f"{{x: {{{passes}}}}}"), judged(tmp_path, table, f"{{x: {{{fails}}}}}")
    assert (good.status, bad.status) == (PASS, FAIL), (good.message, bad.message)


def test_every_key_has_a_case() -> None:
    optional = {"required"}
    assert {case[0] for case in CASES} | optional == {key.name for key in fields(ColumnKeys)}


@pytest.mark.parametrize(
    "key",
    [case for case in CASES if case[0] not in ("max_nulls", "max_null_share", "missing")],
    ids=lambda case: case[0],
)
@pytest.mark.parametrize("rows", [0, 3])
def test_what_evaluated_nothing_never_passes(tmp_path: Path, key: Any, rows: int) -> None:
    """Without rows, and where every value is missing."""
    _, table, passes, _ = key
    asked = ", ".join(part for part in passes.split(", ") if not part.startswith("max_nulls"))
    empty = pa.table({"x": pa.nulls(rows, table.schema.field("x").type)})
    if "false" in passes:
        return
    outcome = judged(tmp_path, empty, f"{{x: {{{asked}}}}}")
    assert outcome.status is ERROR, outcome.message
    assert "nothing was evaluated" in " ".join(finding.message for finding in outcome.findings)


@pytest.mark.parametrize("keys", ["max_nulls: 5", "max_null_share: 1"])
def test_no_rows_are_not_few_nulls(tmp_path: Path, keys: str) -> None:
    assert status(tmp_path, column(of=pa.int64()), keys) is ERROR
    assert status(tmp_path, column(None, None, of=pa.int64()), keys) is PASS


@pytest.mark.parametrize(
    ("table", "keys", "said"),
    [
        (column(True, False), "between: [0, 1]", "column `x` is boolean; a number is required"),
        (column(True, False), "at_least: 2024-01-01", "boolean; a date or time is required"),
        (column("a", "b"), "mean: [0, 1]", "2 of 2 values are not finite numbers"),
        (column(1.0, float("inf")), "sum: [0, 1]", "1 of 2 values is not a finite number"),
        (column("1", "b"), "increasing: true", "1 of 2 values cannot be compared"),
        (column([1], [2]), "unique: true", "nested or binary; a plain value is required"),
        (NO_NUMBER, "none_of: [nan]", "`nan` counts as missing, so no value is it"),
        (column(-999), "none_of: [-999], missing: [-999]", "`-999` counts as missing, so no value is it"),
        (column(5), "std: [0, 1]", "one value has no standard deviation"),
    ],
)
def test_a_column_that_cannot_answer_is_an_error(tmp_path: Path, table: pa.Table, keys: str, said: str) -> None:
    outcome = judged(tmp_path, table, f"{{x: {{{keys}}}}}")
    assert outcome.status is ERROR
    assert said in outcome.message


def test_one_column_that_cannot_answer_does_not_hide_the_others(tmp_path: Path) -> None:
    table = pa.table({"x": [True], "y": [7]})
    outcome = judged(tmp_path, table, "{x: {at_least: 0}, y: {at_most: 5}}")
    assert [finding.status for finding in outcome.findings] == [ERROR, FAIL]


def test_a_column_that_cannot_be_read_is_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"a": 1, "b": 1}\n{"a": 1, "b": "x"}\n')
    outcome = judged(tmp_path, tmp_path / "t.jsonl", "{/./: {max_nulls: 0}}")
    assert [finding.status for finding in outcome.findings] == [ERROR, PASS]
    assert "column `b` mixes" in outcome.message


def test_some_values_may_not_be_finite(tmp_path: Path) -> None:
    assert status(tmp_path, NO_NUMBER, "finite: true, max_fault_share: 0.67") is PASS
    assert status(tmp_path, NO_NUMBER, "finite: true, max_fault_share: 0.66") is FAIL


def test_a_sum_that_rounding_may_have_moved_beyond_its_bound_is_not_shown(tmp_path: Path) -> None:
    assert status(tmp_path, column(1e20, -1e20, 5.0), "sum: {at_most: 4}") is INCONCLUSIVE
    assert status(tmp_path, column(1e20, -1e20, 5.0), "sum: {at_most: 1000}") is PASS


def test_messages_say_how_many_of_how_many(tmp_path: Path) -> None:
    outcome = judged(tmp_path, column(5, 200, 17, None), "{x: {between: [18, 120]}}")
    assert outcome.message.endswith("`x`: 3 of 3 values are not between 18 and 120; 1 row has no value")
    outcome = judged(tmp_path, NO_NUMBER, "{x: {finite: true}}")
    assert outcome.message.endswith("`x`: 2 of 3 values are not finite")
    outcome = judged(tmp_path, column("a", "b"), "{x: {none_of: [a], not_matches: b, length: 2}}")
    assert [finding.message for finding in outcome.findings] == [
        "`x`: 1 of 2 values is one of `a`",
        "`x`: 2 of 2 values are not of a length exactly 2",
        "`x`: 1 of 2 values is matched by `b`",
    ]
    outcome = judged(tmp_path, column(BIG), f"{{x: {{sum: {BIG - 1}}}}}")
    assert f"({BIG}) is not exactly {BIG - 1}" in outcome.message
    outcome = judged(tmp_path, column("a", "a", "a", "b"), "{x: {unique: true}}")
    assert outcome.message.endswith("1 value occurs in several rows, and 2 of 4 rows have the value of an earlier row")


def test_examples_of_repeated_values_stand_together(tmp_path: Path) -> None:
    table = pa.table({"x": ["b", "a", None, "c", "a", "b", "b", None], "n": [1, 2, 3, 4, 5, 6, 7, 8]})
    outcome = judged(tmp_path, table, "{x: {unique: true}}", ", where: n < 7, show_values: true")
    assert outcome.findings[0].examples is not None
    assert outcome.findings[0].examples.rows == (("a",), ("b",))
    assert outcome.findings[0].examples.counts == (2, 2)
    outcome = judged(tmp_path, table, "{x: {exactly: [a, b], contains_all: [z]}}", ", show_values: true")
    found = {finding.message: finding.examples for finding in outcome.findings}
    assert found["`x`: no row has `z`"] is None
    assert found["`x`: 1 row has a value other than `a`, `b`"] is not None


def test_a_pattern_covers_many_columns_and_a_column_may_be_named_twice(tmp_path: Path) -> None:
    frame = pd.DataFrame({f"lab_{at}": [0.5, 1.0] for at in range(300)} | {"lab_7": [2.0, 3.0], "other": [9.0, 9.0]})
    outcome = judged(tmp_path, frame, "{/lab_.*/: {at_most: 1}, lab_7: {at_least: 2}}")
    assert outcome.status is FAIL
    assert outcome.message.startswith("1 of 301 column rules FAIL; worst: `lab_7`: 2 of 2 values are not at most 1")


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    table = pa.table({"age": [1], "Sex": ["f"]})
    outcome = judged(tmp_path, table, "{agee: {at_least: 0}}")
    assert (outcome.status, outcome.message) == (FAIL, "t has no column `agee`, did you mean `age`?")
    assert judged(tmp_path, table, "{agee: {at_least: 0, required: false}, age: {at_least: 0}}").status is PASS
    assert judged(tmp_path, table, "{/b.*/: {at_least: 0}}").status is ERROR
    assert judged(tmp_path, table, "{sex: {max_nulls: 0}}").status is FAIL


def test_a_column_without_a_name_is_another_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",x\n0,1\n")
    columns = "{x: {}}, only_columns: true, columns_count: 1"
    outcome = judged(tmp_path, tmp_path / "t.csv", columns)
    assert [finding.message for finding in outcome.findings if finding.status is FAIL] == [
        "1 column has no name",
        "the table has 2 columns, and it must be exactly 1",
    ]
    (tmp_path / "t.csv").write_text("x\n1\n")
    assert judged(tmp_path, tmp_path / "t.csv", columns).status is PASS


def test_a_table_that_was_read_as_one_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("age;sex\n1;f\n")
    outcome = judged(tmp_path, tmp_path / "t.csv", "{sex: {max_nulls: 0}}")
    assert outcome.status is FAIL
    assert "t has no column `sex`: its lines were read as one column, because `;` and not commas" in outcome.message


def test_a_rule_whose_columns_are_all_optional_and_absent_evaluated_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, column(1), "{b: {at_least: 0, required: false}}").status is ERROR


def test_a_column_may_only_have_to_be_there(tmp_path: Path) -> None:
    table = pa.table({"lab_a": [1], "lab_b": [None]})
    assert judged(tmp_path, table, "{lab_a: {required: true}, /lab_.*/: {}}").status is PASS
    assert judged(tmp_path, table, "{lab_a: {}, lab_c: {}}").status is FAIL
    assert judged(tmp_path, table, "{/laa_.*/: {}}").status is ERROR
    assert judged(tmp_path, table, "{lab_a: {required: false}}").status is ERROR


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (", only_columns: true", FAIL),
        (", order: [x, z]", PASS),
        (", order: [z, x]", FAIL),
        (", order: [x, gone]", FAIL),
        (", columns_count: 3", PASS),
        (", columns_count: {at_most: 2}", FAIL),
        (", missing: [1]", ERROR),
    ],
)
def test_demands_on_the_columns_together(tmp_path: Path, more: str, expected: Status) -> None:
    table = pa.table({"x": [1], "y": [2], "z": [3]})
    assert judged(tmp_path, table, "{x: {at_least: 1}, y: {at_least: 2}}", more).status is expected


@pytest.mark.parametrize(
    ("keys", "at", "said"),
    [
        ("between: [5, 1]", "between", "5 is above 1, so no value is between them; swap them"),
        ("between: [5, 2024-01-01]", "between", "cannot be compared"),
        ("between: [2024-02-30, 2024-03-01]", "between", "must be a number, a date such as 2024-02-29, or `today`"),
        ("type: interger", "type", "did you mean `integer`?"),
        ('type: "decimal(2,3)"', "type", "at most all of them decimals"),
        ('matches: "(a"', "matches", "is not a regular expression"),
        ('matches: "(?=a)b"', "matches", "is not supported"),
        ("strictly: true", "strictly", "add one of them"),
        ("increasing: true, decreasing: true", "increasing", "cannot rise and fall"),
        ("quantiles: {1.5: [0, 1]}", "quantiles", "is not a level above 0 and below 1"),
        ("mean: [3, 1]", "mean", "is empty: 3 is above 1"),
        ("distinct: -1", "distinct", "must be a whole number of at least 0"),
        ("max_null_share: 1.5", "max_null_share", "from 0 to 1"),
        ("beetween: [1, 2]", "beetween", "did you mean `between`?"),
        ("nullable: false", "nullable", "did you mean `max_nulls`?"),
        ("min: 3", "min", "did you mean `at_least`?"),
        ("type: string", "type", "did you mean `text`?"),
        ("at_least: 5, at_most: 3", "at_least", "5 is above 3, so no value is between them; correct `at_least`"),
        ("above: 5, at_most: 5", "above", "an end of 5 to 5 is excluded, so no value is between them"),
        ("at_least: 2024-03-01, below: 2024-02-29", "at_least", "2024-03-01 is after 2024-02-29"),
        ("at_least: 2024-03-01, at_most: 5", "at_least", "cannot be compared"),
        ("max_fault_share: 0.1, max_nulls: 3", "max_fault_share", "says how many values may break type"),
        ("mean: '5'", "mean", "write 5 without quotes"),
    ],
)
def test_a_wrong_key_is_told_at_its_own_place(tmp_path: Path, keys: str, at: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        judged(tmp_path, column(1), f"{{x: {{{keys}}}}}")
    assert said in str(caught.value)
    assert "p.yaml:5:" in str(caught.value)
    assert f"columns.x.{at}" in str(caught.value) or f"`{at}`" in str(caught.value)


NOT_RE2 = [
    r"a\u00e9",
    r"[\u0041]",
    r"[\N{DIGIT ONE}]",
    r"a++",
    r"a\Z",
    r"(?>a)b",
    r"(a)\1",
    r"(?#x)a",
    r"(?x)a b",
    r"a{2000}",
    r"(?<=a)b",
    r"(?P<n>a)(?P=n)",
]
RE2 = [
    r"\pL+1",
    r"[\p{Greek}_]+",
    r"[[:alpha:]]1",
    r"a\z",
    r"\Q(a\E+",
    r"\P{Lu}b",
    r"a\++",
    r"[*+]+",
    r"\\+",
    r"(?i)a",
    r"(?P<n>a)+?",
    r"a{1,1000}",
    r"[]a++]",
    r"(?:a|b)*",
    r"\d+\.\d{2}",
]


@pytest.mark.parametrize("pattern", [*NOT_RE2, *RE2])
def test_expressions_are_those_of_re2(tmp_path: Path, pattern: str) -> None:
    """What RE2 does not have is refused when the policy is read; what it has is never refused."""
    keys = "{x: {not_matches: '" + pattern + "'}}"
    if pattern in NOT_RE2:
        with pytest.raises(InputError, match="is not supported"):
            judged(tmp_path, column("q"), keys)
    else:
        assert judged(tmp_path, column("q"), keys).status is PASS


def test_a_pattern_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a regular expression"):
        judged(tmp_path, column(1), '{"/(/": {at_least: 0}}')


def test_shown_is_about_the_population(tmp_path: Path) -> None:
    """3 of 100 rows show at most 8 %, and not at most 5 %; by default they are counted and decide."""
    table = column(*[None] * 3, *range(97))
    assert status(tmp_path, table, "max_null_share: 0.03") is PASS
    assert status(tmp_path, table, "max_null_share: 0.05", ", proof: shown") is INCONCLUSIVE
    assert status(tmp_path, table, "max_null_share: 0.08", ", proof: shown") is PASS
    assert status(tmp_path, table, "mean: [45, 51]", ", proof: shown") is INCONCLUSIVE
    assert status(tmp_path, table, "mean: [40, 60]", ", proof: shown") is PASS


def test_counts_of_rows_are_counted(tmp_path: Path) -> None:
    """A table of counts is judged as the rows that it stands for."""
    frame = pd.DataFrame({"y": ["1", "0"], "p": ["1", "0"], "n": [3, 1]})
    (tmp_path / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        "  - {id: r, check: data.columns, columns: {y: {top_share: 0.74, mean: 0.75}}}\n"
        "  - {id: s, check: data.columns, columns: {y: {decreasing: true}}}\n"
    )
    counted, order = mlgate.check(
        policy=tmp_path / "p.yaml", predictions=frame, task="binary", positive="1", label="y", prediction="p", count="n"
    ).outcomes
    assert [(finding.status, finding.value) for finding in counted.findings] == [(FAIL, 0.75), (PASS, 0.75)]
    assert (order.status, "rows of a table of counts have no order" in order.message) == (ERROR, True)


def frames() -> Iterator[tuple[pd.DataFrame, int]]:
    for seed in range(6):
        numbers = np.random.default_rng(seed)
        x = numbers.normal(50, 20, 200).round(numbers.integers(0, 3))
        yield pd.DataFrame({"x": np.where(numbers.random(200) < 0.1, np.nan, x)}), seed


@pytest.mark.parametrize(
    ("frame", "seed"), list(frames()), ids=lambda value: str(value) if isinstance(value, int) else ""
)
def test_statistics_are_those_of_pandas(tmp_path: Path, frame: pd.DataFrame, seed: int) -> None:
    x = frame.x.dropna()
    expected = {
        "minimum": x.min(), "maximum": x.max(), "mean": x.mean(), "median": x.median(), "std": x.std(), "sum": x.sum(),
        "distinct": x.nunique(), "top_share": x.value_counts(normalize=True).max(),
    }  # fmt: skip
    keys = ", ".join(f"{key}: {'1' if key == 'top_share' else '{at_least: 0}'}" for key in expected)
    level = random.Random(seed).choice([0.1, 0.25, 0.9])
    outcome = judged(tmp_path, frame, f"{{x: {{{keys}, quantiles: {{{level}: {{at_least: -99}}}}}}}}")
    found = {dict(finding.where)["key"]: finding.value for finding in outcome.findings}
    assert found.pop("quantiles") == pytest.approx(np.quantile(x, level, method="inverted_cdf"))
    assert found == pytest.approx(expected)


def test_a_share_or_number_can_be_waived_and_a_yes_or_no_key_cannot(tmp_path: Path) -> None:
    table = column(1, 2, None, 40)
    waiver = (
        "waivers:\n  - {{rule: r, for: '*', where: {{column: x, key: {}}}, not_above: {}, owner: me@x, reason: RISK-7, "
        f"{IN_FORCE}}}}}\n"
    )

    def waived(keys: str, *of: object) -> Outcome:
        judged(tmp_path, table, f"{{x: {{{keys}}}}}")
        path = tmp_path / "p.yaml"
        path.write_text(path.read_text() + waiver.format(*of))
        (outcome,) = mlgate.check(policy=path, tables={"t": table}).outcomes
        return outcome

    assert waived("max_null_share: 0.1", "max_null_share", 0.3).status is Status.WAIVED
    assert waived("max_null_share: 0.1", "max_null_share", 0.2).status is FAIL
    assert waived("max_nulls: 0", "max_nulls", 1).status is Status.WAIVED
    assert waived("mean: {at_most: 3}", "mean", 20).status is Status.WAIVED
    assert waived("at_most: 9, max_fault_share: 0.1", "at_most", 0.4).status is Status.WAIVED
    with pytest.raises(InputError):
        waived("at_most: 9", "at_most", 50)


KEYS_OF_ROWS = (
    "type: integer, max_nulls: 0, between: [1, 3], one_of: [1, 2, 3], unique: true, distinct: 3, maximum: 3, mean: 2, "
    "median: 2, sum: 6, std: 1, quantiles: {0.9: 3}, increasing: true, top_share: 0.34, exactly: [1, 2, 3]"
)


def test_only_the_rows_of_where_are_judged(tmp_path: Path) -> None:
    table = pa.table({"x": [1, 9, 2, None, 2, 3], "kept": [True, False, True, False, False, True]})
    outcome = judged(tmp_path, table, f"{{x: {{{KEYS_OF_ROWS}}}}}", ", where: kept")
    assert outcome.status is PASS, outcome.message
    everything = judged(tmp_path, table, f"{{x: {{{KEYS_OF_ROWS}}}}}")
    failed = {dict(each.where)["key"] for each in everything.findings if each.status is FAIL}
    assert failed >= {
        "max_nulls",
        "between",
        "one_of",
        "unique",
        "maximum",
        "mean",
        "sum",
        "std",
        "increasing",
        "exactly",
    }


def test_where_that_meets_no_row_or_is_not_decided_is_an_error(tmp_path: Path) -> None:
    table = pa.table({"x": [1, 2], "g": ["a", None]})
    assert judged(tmp_path, table, "{x: {at_least: 0}}", ", where: x > 5").status is ERROR
    outcome = judged(tmp_path, table, "{x: {at_least: 0}}", ", where: \"g = 'a'\"")
    assert outcome.status is ERROR
    assert "`where` is not decided for 1 of 2 rows" in outcome.message


@pytest.mark.parametrize(("keys", "expected"), [("at_most: today", FAIL), ("at_least: 1900-01-01", PASS)])
def test_days_after_the_year_9999_are_compared(tmp_path: Path, keys: str, expected: Status) -> None:
    table = column(3_000_000, 20_000, of=pa.int32())
    days = pa.table({"x": table["x"].cast(pa.date32())})
    assert status(tmp_path, days, keys) is expected


def test_what_counts_as_missing_in_a_column_does_so_in_where_and_in_every_entry(tmp_path: Path) -> None:
    table = pa.table({"age": [-999, 5, 7], "x": [100, 1, 2]})

    def status(columns: str, where: str = "") -> Status:
        (tmp_path / "p.yaml").write_text(
            "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
            f"  - {{id: r, check: data.columns, table: t, columns: {{{columns}}}{where}}}\n"
        )
        return mlgate.check(policy=tmp_path / "p.yaml", tables={"t": table}).outcomes[0].status

    assert status("age: {minimum: {at_least: 0}}, /a.*/: {missing: ['-999'], max_nulls: 1}") is PASS
    assert status("age: {minimum: {at_least: 0}}, /a.*/: {max_nulls: 1}") is FAIL
    only = ", where: age is not missing"
    assert status("x: {maximum: {at_most: 2}}, age: {missing: ['-999'], max_nulls: 0}", only) is PASS
    assert status("x: {maximum: {at_most: 2}}, age: {max_nulls: 0}", only) is FAIL
