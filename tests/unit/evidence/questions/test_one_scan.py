"""Numbers about float columns: what the column tells by its own ends, and what is asked for again with NaN in it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mlgate.evidence.evidence import OpenEvidence
from mlgate.evidence.questions.ends import Ends, EndsFact, EndsOf
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Column
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.typed import TypedColumn
from mlgate.values.reach import Reach
from support.recording import Recording

NAN, INF = math.nan, math.inf
VALUES = {
    "plain": [2.5, -1.0, None, 7.25],
    "nan at the start": [NAN, 1.0, 2.0, None],
    "nan at the end": [-3.0, 1.0, 2.0, NAN],
    "all nan": [NAN, NAN, NAN, NAN],
    "nan and no value": [NAN, None, None, NAN],
    "no value": [None, None, None, None],
    "infinite": [INF, 1.0, 2.0, 3.0],
    "below all": [-INF, 1.0, 2.0, 3.0],
    "all infinite": [INF, -INF, INF, -INF],
    "everything": [INF, NAN, -INF, None],
    "zero": [-0.0, -0.0, None, -0.0],
    'a "quoted" name': [1e300, -1e-300, NAN, 0.5],
}
READ = {name: TypedColumn(Column(name, "float")) for name in VALUES}


def needs_about(column: TypedColumn) -> tuple[Need, ...]:
    values = (Ends("t", value=column.number), Ends("t", value=column.double))
    conditions = (column.missing, column.absent, f"not {column.absent} and not isfinite({column.column.number})")
    return *values, *(MatchingRows("t", condition=condition) for condition in conditions)


def ends(values: list[float]) -> EndsFact:
    lowest, highest = (str(end(values)) if values else None for end in (min, max))
    return EndsFact((EndsOf((), len(values), lowest, highest),))


def expected(values: list[float | None]) -> list[Any]:
    """The facts of the needs about these values, by plain Python."""
    numbers = [value for value in values if value is not None and not math.isnan(value)]
    finite = [value for value in numbers if not math.isinf(value)]
    absent = values.count(None)
    counts = (len(values) - len(numbers), absent, len(values) - absent - len(finite))
    return [ends(numbers), ends(finite), *(MatchingFact(count, len(values)) for count in counts)]


def measured(frame: pl.DataFrame, *needs: Need, threads: int = 1) -> tuple[Facts, list[str]]:
    """The facts with the statements that were asked."""
    engine = Recording(threads=threads)
    try:
        evidence = OpenEvidence(engine, {"t": FrameSource(frame)}, Reach.of(Path(), [Path()]))
        return evidence.measure(needs), engine.statements
    finally:
        engine.close()


@pytest.mark.parametrize("name", VALUES)
def test_numbers_are_right_whatever_else_than_numbers_a_column_holds(name: str) -> None:
    frame = pl.DataFrame({name: VALUES[name]}, schema={name: pl.Float64})
    needs = needs_about(READ[name])
    facts, _ = measured(frame, *needs)
    for need, fact in zip(needs, expected(VALUES[name]), strict=True):
        found = facts[need]
        if isinstance(fact, EndsFact):
            (of,), (wanted,) = found.groups, fact.groups
            assert of.rows == wanted.rows
            assert [end and float(end) for end in (of.lowest, of.highest)] == [
                end and float(end) for end in (wanted.lowest, wanted.highest)
            ]
        else:
            assert found == fact, need


@pytest.mark.parametrize("at", [0, 150_000, 299_999])
def test_one_nan_among_many_rows_is_found_wherever_it_is(at: int) -> None:
    values = pl.Series([float(number) for number in range(300_000)])
    needs = needs_about(TypedColumn(Column("x", "float")))
    facts, _ = measured(pl.DataFrame({"x": values.scatter(at, NAN)}), *needs, threads=2)
    left = values.to_list()[:at] + values.to_list()[at + 1 :]
    assert [facts[need] for need in needs] == expected([*left, NAN])


def test_without_nan_one_statement_asks_for_the_plain_columns_alone() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0], "y": [0.5, None]})
    asked = [need for name in frame.columns for need in needs_about(TypedColumn(Column(name, "float")))]
    facts, statements = measured(frame, *asked)
    assert facts[asked[2]] == MatchingFact(0, 2)
    (statement,) = statements
    assert "isnan" not in statement
    assert "isfinite" not in statement


def test_only_a_column_with_nan_is_asked_for_again() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0], "y": [0.5, NAN]})
    asked = [need for name in frame.columns for need in needs_about(TypedColumn(Column(name, "float")))]
    _, (first, again) = measured(frame, *asked)
    assert '"x"' in first
    assert '"x"' not in again
    assert '"y"' in again


def test_a_frequency_of_rows_counts_in_the_rows_without_a_value() -> None:
    frame = pl.DataFrame({"x": [NAN, 1.0, None], "n": [3, 4, 5]})
    column = TypedColumn(Column("x", "float"))
    need = MatchingRows("t", count='"n"', condition=column.missing)
    facts, _ = measured(frame, need, Ends("t", value=column.number))
    assert facts[need] == MatchingFact(8, 12)
