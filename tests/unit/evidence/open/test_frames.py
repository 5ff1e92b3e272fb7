"""Frames in memory and Arrow files: the kinds they have are kept, mixed ones refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pytest

from mlgate.evidence.dialect import text_of
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.need import Term
from mlgate.evidence.sources import FrameSource
from mlgate.values.errors import EvidenceError


def _read(frame: object) -> tuple[dict[str, str], list]:
    with open_evidence({"t": FrameSource(frame, "the frame")}, Path(), threads=1) as evidence:
        kinds = dict(evidence.schema("t").columns)
        return kinds, evidence.engine.query("select * from t0")


@pytest.mark.parametrize(
    ("column", "kind", "expected"),
    [
        (["a", None], "text", ["a", None]),
        (pd.Series(["a", None], dtype="object"), "text", ["a", None]),
        (pd.Series(["007", np.nan], dtype="object"), "text", ["007", None]),
        (pd.Series(["a", None, np.nan, pd.NA], dtype="object"), "text", ["a", None, None, None]),
        (pd.Series([None, pd.NA, np.nan, "None"], dtype="object"), "text", [None, None, None, "None"]),
        (pd.Series(["a", None, pd.NA], dtype="string"), "text", ["a", None, None]),
        (pd.Series(["a", None, pd.NA], dtype="string[python]"), "text", ["a", None, None]),
        (pd.Series(["a", None], dtype="string[pyarrow]"), "text", ["a", None]),
        (pd.Series(["a", None], dtype=pd.ArrowDtype(pa.string())), "text", ["a", None]),
        (pd.Series([1, None], dtype="object"), "integer", [1, None]),
        (pd.Series([1, np.nan, pd.NA], dtype="object"), "integer", [1, None, None]),
        (pd.Series([2**53 + 1, 1], dtype="object"), "integer", [2**53 + 1, 1]),
        (pd.Series([True, None], dtype="object"), "boolean", [True, None]),
        (pd.Series([True, pd.NA], dtype="object"), "boolean", [True, None]),
        (pd.Series([1.5, 2.5], dtype="object"), "float", [1.5, 2.5]),
        (pd.Series([None, None], dtype="object"), "text", [None, None]),
        (pd.Series([None, pd.NA, np.nan], dtype="object"), "text", [None, None, None]),
        (pd.array([2**53 + 1, None], "Int64"), "integer", [2**53 + 1, None]),
        (pd.array([True, None], "boolean"), "boolean", [True, None]),
        (pd.Categorical(["b", "a"]), "text", ["b", "a"]),
        (pd.Categorical(["b", None, "a"]), "text", ["b", None, "a"]),
        (pd.Categorical([3, 7]), "integer", [3, 7]),
        (pd.Categorical([2**53 + 1, None]), "integer", [2**53 + 1, None]),
        (pd.Categorical(pd.array([3, None], "Int64")), "integer", [3, None]),
        (pd.Categorical([True, None]), "boolean", [True, None]),
        (pd.Categorical([1.5, None]), "float", [1.5, None]),
        ([1, 2], "integer", [1, 2]),
        ([0.1, 2], "float", [0.1, 2.0]),
        ([Decimal("1.10"), Decimal("2.00")], "decimal", [Decimal("1.10"), Decimal("2.00")]),
        ([datetime.date(2020, 1, 2)] * 2, "time", [datetime.date(2020, 1, 2)] * 2),
    ],
)
def test_pandas_kinds(column: object, kind: str, expected: list) -> None:
    kinds, rows = _read(pd.DataFrame({"a": column}))
    assert (kinds, [row[0] for row in rows]) == ({"a": kind}, expected)


@pytest.mark.parametrize(
    "column", [[1, "1"], ["1", True], [1, True], [1, 1.5], [1.5, "x"], [[1], [2]], [{"a": 1}, None], [b"x", "x"]]
)
def test_pandas_columns_of_mixed_kinds_are_an_error(column: list) -> None:
    with pytest.raises(EvidenceError, match="the frame: column `a` mixes kinds"):
        _read(pd.DataFrame({"a": pd.Series(column, dtype="object")}))


def test_a_late_odd_value_is_seen() -> None:
    column = pd.Series(["1"] * 5000 + [1], dtype="object")
    with pytest.raises(EvidenceError, match="mixes kinds"):
        _read(pd.DataFrame({"a": column}))


@pytest.mark.parametrize("names", [["a", "a"], ["a", "A"], [1, 2], ["a", ""], [("a", "b"), ("a", "c")], ["a", None]])
def test_names_must_be_texts_that_differ(names: list) -> None:
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else pd.Index(names, dtype=object)
    with pytest.raises(EvidenceError, match="column"):
        _read(frame)


def test_a_subset_of_rows_with_another_index_is_read_by_position() -> None:
    frame = pd.DataFrame({"a": range(10), "b": pd.Series(range(10), dtype="object")})[::-1].iloc[2:5]
    assert _read(frame)[1] == [(7, 7), (6, 6), (5, 5)]


def test_polars() -> None:
    frame = pl.DataFrame({"a": [1, None], "s": ["x", None], "f": [0.5, float("nan")], "c": ["u", "v"]})
    frame = frame.with_columns(pl.col("c").cast(pl.Categorical), pl.col("a").cast(pl.UInt16))
    kinds, rows = _read(frame)
    assert kinds == {"a": "integer", "s": "text", "f": "float", "c": "text"}
    assert rows[0] == (1, "x", 0.5, "u")
    assert np.isnan(rows[1][2])
    assert _read(frame.lazy())[1][0] == rows[0]


def test_polars_times_with_zones() -> None:
    when = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)
    frame = pl.DataFrame({"a": [when]}).with_columns(pl.col("a").dt.convert_time_zone("Asia/Tokyo"))
    need = Counts("t", terms=(Term("a", text_of("a", "time")),))
    with open_evidence({"t": FrameSource(frame)}, Path(), threads=1) as evidence:
        assert dict(evidence.schema("t").columns) == {"a": "time"}
        assert evidence.measure([need])[need].cells[0].values == ("2020-01-01 12:00:00+00",)


def test_polars_objects_are_an_error() -> None:
    with pytest.raises(EvidenceError, match="holds objects"):
        _read(pl.DataFrame({"a": [object()]}, schema={"a": pl.Object}))


def test_pyarrow_and_duckdb() -> None:
    table = pa.table({"a": pa.array(["x", "y"]).dictionary_encode(), "b": pa.array([1, None], pa.int8())})
    expected = ({"a": "text", "b": "integer"}, [("x", 1), ("y", None)])
    assert _read(table) == expected
    assert _read(table.to_batches()[0]) == expected
    with duckdb.connect() as connection:
        assert _read(connection.sql("select 'x' as a, 1 as b")) == ({"a": "text", "b": "integer"}, [("x", 1)])


def test_other_things_are_an_error() -> None:
    with pytest.raises(EvidenceError, match=r"the frame is a list; give a frame of pandas, polars, pyarrow or duckdb"):
        _read([1, 2])


def test_the_table_is_as_it_was_when_opened() -> None:
    frame = pd.DataFrame({"a": ["x", "x"]})
    need = Counts("t", terms=(Term("a", '"a"'),))
    with open_evidence({"t": FrameSource(frame)}, Path(), threads=1) as evidence:
        evidence.schema("t")
        frame["a"] = "y"
        assert evidence.measure([need])[need].cells[0].values == ("x",)


@pytest.mark.parametrize("name", ["a.feather", "a.arrow", "a.ipc"])
def test_arrow_files(tmp_path: Path, rows, name: str) -> None:
    pyarrow.feather.write_feather(pd.DataFrame({"a": ["x", "y"], "b": [1, 2]}), tmp_path / name)
    assert rows(name) == [("x", 1), ("y", 2)]
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EvidenceError, match="not a readable Arrow file"):
        rows(name)
