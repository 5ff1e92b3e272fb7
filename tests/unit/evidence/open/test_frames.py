"""Frames in memory and Arrow files: the kinds they have are kept, mixed ones refused."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pytest

from mlgate.evidence.dialect import text_of
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.need import Term
from mlgate.evidence.sources import FrameSource
from mlgate.values.errors import EvidenceError
from support.reading import read_rows


def _read(frame: object, *columns: str) -> tuple[dict[str, str], list]:
    source = FrameSource(frame, "the frame")
    with open_evidence({"t": source}, Path(), threads=1) as evidence:
        kinds = dict(evidence.schema("t").columns)
    return kinds, read_rows(source, Path(), *columns)


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
def test_names_that_a_rule_reads_must_be_texts_that_differ(names: list) -> None:
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else pd.Index(names, dtype=object)
    if names in (["a", ""], ["a", None]):
        assert _read(frame) == ({"a": "integer"}, [(1,)])
        return
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
    with pytest.raises(EvidenceError, match="column `a` is Object, which mlgate does not read"):
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


ODD = {
    "intervals": (pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1, 2])), "text", ["(0, 1]", "(1, 2]"]),
    "bands that were cut": (pd.cut(pd.Series([0.5, np.nan]), [0, 1, 2]), "text", ["(0, 1]", None]),
    "months": (pd.Series(pd.period_range("2026-01", periods=2, freq="M")), "text", ["2026-01", "2026-02"]),
    "categories of months": (
        pd.Series(pd.Categorical(pd.PeriodIndex(["2026-01", None], freq="M"))),
        "text",
        ["2026-01", None],
    ),
    "sparse integers": (pd.Series(pd.arrays.SparseArray([0, 1])), "integer", [0, 1]),
    "sparse floats": (pd.Series(pd.arrays.SparseArray([0.5, 1.0])), "float", [0.5, 1.0]),
    "categories of integers": (pd.Series(pd.Categorical([7, None])), "integer", [7, None]),
    "wide decimals": (pd.Series([Decimal(10**44), Decimal(10**44 + 1)]), "text", [f"1{'0' * 44}", f"1{'0' * 43}1"]),
    "narrow and wide decimals": (
        pd.Series([Decimal("1e-30"), Decimal(10**20)]),
        "text",
        ["0." + "0" * 29 + "1", f"1{'0' * 20}"],
    ),
    "Arrow's integers": (pd.Series([1, None], dtype="int64[pyarrow]"), "integer", [1, None]),
    "dictionary of Arrow": (
        pd.Series(["a", None], dtype=pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))),
        "text",
        ["a", None],
    ),
    "float32": (pd.Series([0.7, 0.5], dtype="float32"), "float", [0.7, 0.5]),
}


@pytest.mark.parametrize(("column", "kind", "expected"), ODD.values(), ids=ODD)
def test_odd_columns_of_pandas_are_read_exactly(column: pd.Series, kind: str, expected: list) -> None:
    kinds, rows = _read(pd.DataFrame({"a": column}))
    assert (kinds, [row[0] for row in rows]) == ({"a": kind}, expected)


UNREADABLE = {
    "complex": pd.Series([1j, 2]),
    "mixed": pd.Series([1, "1"], dtype=object),
    "lists": pd.Series([[1], [2]]),
    "categories of mixed kinds": pd.Series(pd.Categorical([1, "1"])),
    "decimals that are not finite": pd.Series([Decimal("NaN"), Decimal(1)]),
    "integers beyond any": pd.Series([2**200, 1], dtype=object),
}


@pytest.mark.parametrize("column", UNREADABLE.values(), ids=UNREADABLE)
def test_columns_that_cannot_be_read_block_only_where_a_rule_reads_them(column: pd.Series) -> None:
    frame = pd.DataFrame({"a": [1, 2], "odd": column})
    assert _read(frame, "a")[1] == [(1,), (2,)]
    with pytest.raises(EvidenceError, match="the frame: column `odd`"):
        _read(frame, "odd")


@pytest.mark.parametrize(
    "names", [["a", "b", "b"], ["a", "b", "B"], ["a", 1, 2], ["a", None, ""], ["a", ("b", "c"), 1]]
)
def test_names_that_no_rule_reads_do_not_block(names: list) -> None:
    frame = pd.DataFrame([[1, 2, 3]])
    frame.columns = pd.Index(names, dtype=object, tupleize_cols=False)
    assert _read(frame, "a")[1] == [(1,)]


def test_a_name_that_is_a_number_is_told() -> None:
    with pytest.raises(EvidenceError, match="the name of column 1 is not text; rename it"):
        _read(pd.DataFrame({"a": [1], 1: [2]}), "1")


def _arrow() -> pa.Table:
    """Columns as `ARROW` reads them; text stands in for views where pyarrow is too old to have them."""
    words = pa.array(["x", "y", "x"])
    views = pa.array(words.to_pylist(), pa.string_view() if hasattr(pa, "string_view") else pa.string())
    runs = pa.RunEndEncodedArray.from_arrays([2, 3], ["x", "y"], pa.run_end_encoded(pa.int32(), pa.string()))
    return pa.table(
        {
            "dictionary": words.dictionary_encode(),
            "views": views,
            "dictionary of views": pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), views),
            "dictionary of integers": pa.array([3, 7, 3]).dictionary_encode(),
            "runs": runs,
            "wide decimal": pa.array([Decimal(10**44), None, Decimal(1)], pa.decimal256(45, 0)),
            "narrow decimal256": pa.array([Decimal("1.5"), None, Decimal(1)], pa.decimal256(10, 1)),
            "half": pa.array(np.array([0.5, 1.0, 2.0], np.float16)),
        }
    )


ARROW = [
    ("x", "x", "x", 3, "x", f"1{'0' * 44}", Decimal("1.5"), 0.5),
    ("y", "y", "y", 7, "x", None, None, 1.0),
    ("x", "x", None, 3, "y", "1", Decimal("1.0"), 2.0),
]


def test_types_of_arrow_that_parquet_does_not_have_are_read_exactly() -> None:
    assert _read(_arrow())[1] == ARROW


def test_types_of_arrow_that_cannot_be_read_block_only_where_a_rule_reads_them() -> None:
    unions = pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["x", "y"])])
    months = pa.array([(1, 2, 3), None], pa.month_day_nano_interval())
    table = pa.table({"a": [1, 2], "union": unions, "interval": months})
    assert _read(table, "a")[1] == [(1,), (2,)]
    for name in ("union", "interval"):
        with pytest.raises(EvidenceError, match=f"the frame: column `{name}` is .*, which mlgate does not read"):
            _read(table, name)


@pytest.mark.parametrize("write", ["file", "stream", "polars"])
def test_arrow_files_and_streams(tmp_path: Path, rows, write: str) -> None:
    table = _arrow()
    if write == "polars":
        frame = pl.DataFrame({"a": ["x", "y"], "e": ["u", "v"]})
        frame.with_columns(pl.col("a").cast(pl.Categorical), pl.col("e").cast(pl.Enum(["u", "v"]))).write_ipc(
            tmp_path / "a.arrow"
        )
        assert rows("a.arrow") == [("x", "u"), ("y", "v")]
        return
    new = pyarrow.ipc.new_stream if write == "stream" else pyarrow.ipc.new_file
    with new(str(tmp_path / "a.arrow"), table.schema) as writer:
        writer.write_table(table)
    assert rows("a.arrow") == ARROW


@pytest.mark.parametrize("legacy", [False, True])
def test_a_stream_ends_where_its_file_ends(tmp_path: Path, rows, legacy: bool) -> None:
    table, stream = pa.table({"a": [1, 2, 3]}), pa.BufferOutputStream()
    options = pyarrow.ipc.IpcWriteOptions(use_legacy_format=legacy)
    with pyarrow.ipc.new_stream(stream, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=1)
    written, mark = stream.getvalue().to_pybytes(), 4 if legacy else 8
    (tmp_path / "a.arrow").write_bytes(written)
    assert rows("a.arrow") == [(1,), (2,), (3,)]
    for more, said in (
        (written, f"goes on for {len(written)} bytes after its end"),
        (b"\0", "goes on for 1 byte after"),
    ):
        (tmp_path / "a.arrow").write_bytes(written + more)
        with pytest.raises(EvidenceError, match=rf"a\.arrow: the Arrow stream {said}"):
            rows("a.arrow")
    (tmp_path / "a.arrow").write_bytes(written[:-mark])
    with pytest.raises(EvidenceError, match=r"a\.arrow: the Arrow stream has no mark of its end"):
        rows("a.arrow")


def test_a_dataset_that_was_saved_is_read_by_its_list_of_files(tmp_path: Path, rows) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    for name, a in (("data-00000-of-00002.arrow", [1]), ("data-00001-of-00002.arrow", [2]), ("left-over.arrow", [3])):
        with pyarrow.ipc.new_stream(str(folder / name), pa.schema({"a": pa.int64()})) as writer:
            writer.write_table(pa.table({"a": a}))
    (folder / "dataset_info.json").write_text("{}")
    listed = [{"filename": f"data-0000{at}-of-00002.arrow"} for at in range(2)]
    (folder / "state.json").write_text(json.dumps({"_data_files": listed}))
    assert rows("saved") == [(1,), (2,)]
    (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "../other.arrow"}]}))
    with pytest.raises(EvidenceError, match=r"saved: `state.json` lists no files of this folder"):
        rows("saved")
    (tmp_path / "dataset_dict.json").write_text("{}")
    with pytest.raises(EvidenceError, match=r"\. holds several splits of a dataset; name the folder of one"):
        rows(".")


def test_wide_integers_of_duckdb_stay_exact() -> None:
    with duckdb.connect() as connection:
        relation = connection.sql(
            "select sum(a) as s, (2::uhugeint ** 127)::uhugeint as u, 1 as a, 2 as b from range(3) t(a)"
        )
        kinds, rows = _read(relation)
        assert (kinds["s"], kinds["u"]) == ("integer", "integer")
        assert rows == [(3, 2**127, 1, 2)]


@pytest.mark.skipif(not hasattr(pl, "Int128"), reason="this polars has no integers of 128 bits")
def test_wide_integers_of_polars_stay_exact() -> None:
    frame = pl.DataFrame({"a": [2**100, None]}, schema={"a": pl.Int128})
    assert _read(frame) == ({"a": "integer"}, [(2**100,), (None,)])
