"""The dialect: what is a number, what is a name, and that statements keep to the list of functions."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.checks.sampling_units import unit_text
from mlgate.evidence.dialect import (
    FUNCTIONS,
    NUMBER_GRAMMAR,
    columns_in,
    functions_in,
    kind_of,
    literal,
    native_of,
    number_of,
    quote,
    text_of,
)
from mlgate.evidence.engines.duckdb import DuckDB
from mlgate.evidence.evidence import OpenEvidence
from mlgate.evidence.questions.bin_counts import BinCounts
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.ends import Ends
from mlgate.evidence.questions.found_parts import FoundParts
from mlgate.evidence.questions.group_sizes import GroupSizes
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.order import Order
from mlgate.evidence.questions.placements import Placements
from mlgate.evidence.questions.quantile_edges import QuantileEdges
from mlgate.evidence.questions.ranked_scores import Ranking
from mlgate.evidence.questions.repeats import Repeats
from mlgate.evidence.questions.resample import Resample
from mlgate.evidence.questions.steps import Steps
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.questions.text_reading import TextReading
from mlgate.evidence.questions.top_share import TopShare
from mlgate.evidence.questions.two_samples import SampleOf, TwoSamples
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.rollup import RollUp
from mlgate.metrics.kinds.curve import fold_of
from mlgate.values.errors import EvidenceError
from support.recording import Recording


@pytest.fixture(scope="module")
def engine():
    engine = DuckDB(threads=1)
    yield engine
    engine.close()


def _number(engine: DuckDB, text: str) -> float | None:
    return engine.query(f"select to_number({literal(text)})")[0][0]


@pytest.mark.parametrize("text", ["0", "-0", "1", "+1", "1.5", "1.", ".5", "1e5", "1E-5", "-1.5e+10", "007", "1e308"])
def test_numbers(engine: DuckDB, text: str) -> None:
    assert _number(engine, text) == float(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " 1", "1 ", "1_0", "0x10", "1d", "1,5", "1 000", "nan", "NaN", "inf", "-Infinity", "1e", "e5", "."),
        *("+", "--1", "1e400", "-1e400", "١", "１", "1\n", "true", "1e5.5", "50%", "1/2"),
    ],
)
def test_what_is_no_number(engine: DuckDB, text: str) -> None:
    assert _number(engine, text) is None


@given(st.text(alphabet="0123456789+-.eE_xn \n", max_size=8))
def test_the_grammar_is_pythons_where_python_agrees(text: str) -> None:
    assert _ENGINE_FOR_HYPOTHESIS.query(f"select to_number({literal(text)})")[0][0] == _expected(text)


_ENGINE_FOR_HYPOTHESIS = DuckDB(threads=1)


@pytest.fixture(scope="module", autouse=True)
def _closing():
    yield
    _ENGINE_FOR_HYPOTHESIS.close()


def _expected(text: str) -> float | None:
    if not re.fullmatch(NUMBER_GRAMMAR, text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_survives_as_text(value: float) -> None:
    assert _ENGINE_FOR_HYPOTHESIS.query(f"select to_number({literal(repr(value))})")[0][0] == value


@given(st.text(min_size=1).filter(lambda name: "\0" not in name and name.isprintable()))
def test_quoted_names_and_literals_are_read_back(text: str) -> None:
    (row,) = _ENGINE_FOR_HYPOTHESIS.query(f"select v from (select {literal(text)} as v)")
    assert row[0] == text
    assert columns_in(f"{quote(text)} + {literal(NO_NAME)}") == (text,)


NO_NAME = 'no "name" here'


def test_a_literal_holds_no_nul() -> None:
    with pytest.raises(EvidenceError, match="NUL"):
        literal("a\0")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[("VARCHAR", "text"), ("UUID", "text"), ("ENUM('a', 'b')", "text"), ("UBIGINT", "integer")],
        *[("HUGEINT", "integer"), ("FLOAT", "float"), ("DECIMAL(5,2)", "decimal"), ("BOOLEAN", "boolean")],
        *[("DATE", "time"), ("TIMESTAMP WITH TIME ZONE", "time"), ("TIMESTAMP_NS", "time"), ("BLOB", "other")],
        *[("INTEGER[]", "other"), ("STRUCT(a INTEGER)", "other"), ("VARCHAR[3]", "other"), ("JSON", "other")],
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_the_text_of_floats_has_no_nan_and_one_zero(engine: DuckDB) -> None:
    values = "(values (cast('nan' as double)), (-0.0), (0.0), (0.1), (null), (1e20)) v(x)"
    assert [row[0] for row in engine.query(f"select {text_of('x', 'float')} from {values}")] == [
        *(None, "0.0", "0.0", "0.1", None, "1e+20")
    ]


def test_kinds_without_a_reading_say_so() -> None:
    with pytest.raises(EvidenceError, match="nested or binary"):
        text_of("a", "other")
    with pytest.raises(EvidenceError, match="is boolean; a number is required"):
        number_of("a", "boolean")


def test_functions_are_found_outside_of_quotes_only() -> None:
    sql = """with l as materialized (select sum("evil(x)"), 'also_evil(' from t)
        select Floor (x) over (order by y) from l"""
    assert functions_in(sql) == {"sum", "floor"}


def test_native() -> None:
    assert native_of('cast("a ""b" as varchar)') == '"a ""b"'
    assert native_of('cast("a" as varchar) || cast("b" as varchar)') != '"a"'


def test_every_statement_keeps_to_the_list() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"i": range(40), "y": random.integers(0, 2, 40), "s": random.random(40), "g": ["a", "b"] * 20, "c": [2] * 40}
    )
    unit = unit_text(Rows("t", "t", SchemaFact((("g", "text"), ("i", "integer")))), ("g", "i"))
    by, count, score, label = (Term("g", '"g"'),), 'cast("c" as double)', 'cast("s" as double)', '"y" = 1'
    needs = [
        Counts("t", "\"g\" = 'a'", count, by, score),
        Counts("t", "", "", (*by, Term("y", 'cast("y" as varchar)'))),
        Moments("t", "", count, (score,), ((1,), (2,)), by),
        TopShare("t", "", count, score, 0.1, by),
        Placements("t", "", count, score, label, by),
        Placements("t", "", "", score, label),
        Placements("t", "", count, score, label, by, old='cast("c" as double)'),
        Placements("t", "", "", score, label, by, unit, 'cast("c" as double)'),
        Ranking("t", "", count, score, label, by, 5),
        Order("t", "", count, score, 0.5, (0.05,), by),
        Resample("t", "", count, "statistics:covariance", score, score, True, by, 2),
        Counts("t", "", "", (*by, Term("y", 'cast("y" as varchar)')), "", unit, 1),
        Moments("t", "", "", (score,), ((1, 0, 0), (0, 1, 1), (0, 0, 2)), by, ((1,), (2,)), unit),
        Placements("t", "", "", score, label, by, unit),
        Order("t", "", "", score, 0.5, (0.05,), by, unit),
        Ranking("t", "", "", score, label, (*by, fold_of(unit))),
        Counts("rolled", terms=(Term("y", 'cast("y" as varchar)'),)),
        Order("rolled", "", "", score, 0.5, (0.05,)),
        Keys("t", ("i",), "u", ("i",)),
        Keys("t", ("i", "g")),
        MatchingRows("t", "\"g\" = 'a'", count, '"i" > 3'),
        Repeats("t", "", count, ('"i"', '"g"')),
        Ends("t", "", "", '"s"'),
        Steps("t", "", "", '"s"'),
        FoundParts("t", "", count, '"g"', "(a)", "replace($part, ' ', '')", "length($part) = 1"),
        GroupSizes("t", "", count, ('"g"',), '"i"', 3),
        BinCounts("t", "", count, '"s"', '"s" is null', (0.2, 0.7), by),
        QuantileEdges("t", "", count, '"s"', 4, ('"i"',)),
        TextReading("t", "", "", '"g"', 'to_number("g")', '"g"'),
        TwoSamples(SampleOf("t", '"s"', by, count), SampleOf("u", '"s"', by)),
    ]
    tables = {"t": FrameSource(frame), "u": FrameSource(frame), "rolled": RollUp("t", ("i",), "mean", ("s",))}
    engine = Recording(threads=1)
    facts = OpenEvidence(engine, tables, Path()).measure(needs)
    engine.close()
    assert [facts[need] for need in needs]
    used = {name: sql for sql in engine.statements for name in functions_in(sql)}
    assert len(used) > 5
    assert {name: sql for name, sql in used.items() if name not in FUNCTIONS} == {}
