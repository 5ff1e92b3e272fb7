"""Conditions of SQL, pandas and Great Expectations about rows: ours holds for the same rows, or there is none."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import mlgate
from mlgate.authoring.given_node import NotCarriedError
from mlgate.authoring.row_conditions import col_condition, query_condition, sql_condition, sql_demand
from mlgate.values.verdict import Outcome, Status

ROWS = list(product([None, 1, 5, 7], [None, "a", "it's"], [None, True, False]))
TABLE = pd.DataFrame(
    {
        "x": pd.array([row[0] for row in ROWS], "Int64"),
        "name": pd.array([row[1] for row in ROWS], "string"),
        "flag": pd.array([row[2] for row in ROWS], "boolean"),
        "z": pd.array([None if at % 2 else 2.0 for at in range(len(ROWS))], "Float64"),
        "bit": [float(1 << at) for at in range(len(ROWS))],
    }
)
NUMPY = TABLE.assign(
    x=TABLE.x.astype(float), name=TABLE.name.astype(object).where(TABLE.name.notna(), None), z=TABLE.z.astype(float)
)


def chosen(folder: Path, conditions: list[str]) -> list[float | None]:
    """The rows that ours choose, as the sum of their bits; None where a condition is not decided for some rows."""
    rules = "".join(
        f"  - {{id: r{at}, check: data.columns, table: t, where: {json.dumps(condition)}, "
        "columns: {bit: {sum: {at_least: 0}}}}\n"
        for at, condition in enumerate(conditions)
    )
    (folder / "p.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n{rules}", encoding="utf-8")
    return [_sum(each) for each in mlgate.check(policy=folder / "p.yaml", tables={"t": TABLE}).outcomes]


def _sum(outcome: Outcome) -> float | None:
    if "is not decided" in outcome.message:
        return None
    return 0.0 if outcome.status is Status.ERROR else outcome.findings[0].value  # without a row, nothing is summed


def bits(found: pd.DataFrame) -> float:
    return float(found.bit.sum())


SQL = [
    "x > 1",
    "x >= 5 and name = 'a'",
    "x <> 5",
    "x != 5 OR name = 'b'",
    "not x > 1",
    "NOT (x > 1 AND name = 'a')",
    "not (x > 1 or not name in ('a', 'b'))",
    "x in (1, 7)",
    "x not in (1, 7)",
    "x between 2 and 6",
    "x not between 2 and 6 and flag",
    "not (x between z and 6)",
    "name is null",
    "name is not null and x = 1",
    "name = 'it''s' or x is null",
    "flag",
    "not flag",
    "flag = true or x < z",
    "z < x and (name = 'a' or name = 'b')",
    "5 < x",
    "(x = 1 or x = 5) and not (name is null)",
    "x = -1 or x > 0.5",
    "not (not (x = z))",
    "`x` = 5",
]


def test_a_condition_of_sql_holds_for_the_same_rows(tmp_path: Path) -> None:
    found = chosen(tmp_path, [*map(sql_condition, SQL), *map(sql_demand, SQL)])
    with duckdb.connect() as engine:
        engine.register("every", TABLE)
        for at, text in enumerate(SQL):
            own = text.replace("`", '"')
            assert found[at] == bits(engine.sql(f"select * from every where {own}").df()), text
            broken = engine.sql(f"select * from every where not ({own})").df()
            assert found[at + len(SQL)] == bits(TABLE) - bits(broken), text


QUERY = [
    "x > 1",
    'x >= 5 and name == "a"',
    "x > 1 & name == 'b' | z == 2",
    "x in [1, 7]",
    "name.notnull() and x < 6",
    "name.isna() | x == 5",
    "z < x",
    "`x` == 5",
    "not name.isnull()",
    "~(name.isnull() or x.isna())",
]
UNDECIDED = ["x != 5", "not x > 1", "x not in [1, 7]", "x > 5 or z != 2", "~(x > 1 and z == 2)"]


def test_a_condition_of_pandas_holds_for_the_same_rows_or_is_not_decided(tmp_path: Path) -> None:
    found = chosen(tmp_path, list(map(query_condition, (*QUERY, *UNDECIDED))))
    for text, sum_ in zip((*QUERY, *UNDECIDED), found, strict=True):
        if text in UNDECIDED:
            assert sum_ is None, text
        else:
            assert sum_ == bits(NUMPY.query(text, engine="python")) == bits(TABLE.query(text, engine="python")), text


def test_without_missing_values_every_condition_of_pandas_is_decided(tmp_path: Path) -> None:
    known = " and x is not missing and z is not missing"
    found = chosen(tmp_path, [f"({query_condition(text)}){known}" for text in UNDECIDED])
    whole = NUMPY[NUMPY.x.notna() & NUMPY.z.notna()]
    assert found == [bits(whole.query(text, engine="python")) for text in UNDECIDED]


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ('col("x").notNull()', "x is not missing"),
        ('col("x") > 5', "x is not missing and x > 5"),
        ('col("x") != -1.5', "x is not missing and x != -1.5"),
        ("col(\"name\")== 'a'", 'name is not missing and name = "a"'),
        ('col("a-b")=="1"', '`a-b` is not missing and `a-b` = "1"'),
    ],
)
def test_a_condition_in_the_form_of_great_expectations(text: str, ours: str) -> None:
    assert col_condition(text) == ours


@pytest.mark.parametrize(
    "text",
    [
        "lower(name) = 'a'",
        "x + 1 > 5",
        "name like 'a%'",
        "name > 'a'",
        "day >= '2026-01-01'",
        "x = null",
        "x in (1, null)",
        'name = "a"',
        "t.x > 1",
        "{{ this }} > 1",
        "x > 1 -- all",
        "x > 1 /* all */",
        "x > 1; drop",
        "name = 'a\\'b'",
        "x::int = 1",
        "x is true",
        "case when x then y end",
        "x > (select 1)",
        "day > current_date - interval 1 day",
        "1 = 1",
        "x = 1 = true",
        "(x) > 1",
        "x >",
        "x > 1)",
        "x is distinct from 1",
        "",
        " ".join(["not"] * 50) + " flag",
    ],
)
def test_a_condition_of_sql_that_ours_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(NotCarriedError):
        sql_condition(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = 5",
        "1 < x < 5",
        "~x > 5",
        "x > @limit",
        "name.str.startswith('a')",
        "name == 'it''s'",
        "x AND name",
        "x is null",
        "x == [1, 2]",
        "day > '2026-01-01'",
        "index > 5 if x else 1",
    ],
)
def test_a_condition_of_pandas_that_ours_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(NotCarriedError):
        query_condition(text)


@pytest.mark.parametrize(
    "text", ['col("x") > 5 and col("y") < 3', 'col("x") > "5"', 'col("x") == date("2026-01-01")', "x"]
)
def test_a_condition_of_great_expectations_that_ours_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(NotCarriedError):
        col_condition(text)
