"""Parquet: damaged files and files that differ are errors; what is alike is one table."""

from __future__ import annotations

import struct
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlgate.evidence.open.folders import NO_VALUE
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.key_matches import Keys
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.profile import Profile
from mlgate.evidence.sources import FileSource
from mlgate.evidence.tables.join import Join
from mlgate.values.errors import EvidenceError


def _write(path: Path, **columns: object) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    pq.write_table(pa.table(columns), path)


def test_a_folder_and_a_glob_are_one_table(tmp_path: Path, rows) -> None:
    _write(tmp_path / "t" / "1.parquet", a=[1, 2], b=["x", "y"])
    _write(tmp_path / "t" / "2.parquet", a=[3, None], b=["z", "w"])
    (tmp_path / "t" / "_SUCCESS").write_text("")
    expected = [(1, "x"), (2, "y"), (3, "z"), (None, "w")]
    assert rows("t") == expected
    assert rows("t/*.parquet") == expected
    assert rows("t/1.parquet") == expected[:2]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"a": [1.9]}, "column `a` has another type"),
        ({"a": [1], "c": [1]}, r"t \(1.parquet\): no column `c`"),
        ({"b": [1]}, "no column `a`"),
        ({"a": pa.array([1], pa.int32())}, "column `a` has another type"),
        ({"a": ["1"]}, "column `a` has another type"),
        ({"A": [1]}, "column"),
    ],
)
def test_files_that_differ_are_an_error(tmp_path: Path, rows, second: dict, message: str) -> None:
    _write(tmp_path / "t" / "1.parquet", a=[2])
    _write(tmp_path / "t" / "2.parquet", **second)
    with pytest.raises(EvidenceError, match=message):
        rows("t")


def test_columns_are_read_by_name(tmp_path: Path, rows) -> None:
    _write(tmp_path / "t" / "1.parquet", a=[2], b=["x"])
    _write(tmp_path / "t" / "2.parquet", b=["y"], a=[3])
    assert rows("t") == [(2, "x"), (3, "y")]


@pytest.mark.parametrize("nulls", [pa.nulls(1), pa.array([None], pa.float64()), pa.array([None], pa.string())])
@pytest.mark.parametrize("empty", ["1.parquet", "2.parquet"])
def test_a_column_without_values_in_one_file_has_no_type_there(tmp_path: Path, rows, nulls, empty: str) -> None:
    for name, a in (("1.parquet", [1]), ("2.parquet", [2])):
        _write(tmp_path / "t" / name, a=nulls if name == empty else a, b=["x"])
    assert sorted(rows("t"), key=str) == [(2 if empty == "1.parquet" else 1, "x"), (None, "x")]


@pytest.mark.parametrize("second", [{"c": ["x"]}, {"c": [1.5]}, {}, {"c": [1], "d": [1]}, {"c": [1], "A": [1]}])
def test_columns_that_differ_and_that_no_rule_reads_do_not_block(tmp_path: Path, rows, second: dict) -> None:
    _write(tmp_path / "t" / "1.parquet", a=[2], c=[1])
    _write(tmp_path / "t" / "2.parquet", a=[3], **second)
    assert rows("t", "a") == [(2,), (3,)]


def _falsified(path: Path, was: bytes, now: bytes) -> None:
    """The file with other bytes in its footer, of the same length."""
    whole = path.read_bytes()
    start = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    assert was in whole[start:]
    path.write_bytes(whole[:start] + whole[start:].replace(was, now))


@pytest.mark.parametrize(
    ("was", "now", "where"),
    [
        ((999).to_bytes(8, "little"), (99).to_bytes(8, "little"), '"x" >= 500'),
        ((1).to_bytes(8, "little"), (0).to_bytes(8, "little"), '"y" = 1'),
        (b"r0999", b"r0099", "\"id\" > 'r0499'"),
        (struct.pack("<d", 999.0), bytes(8), '"s" >= 500'),
    ],
)
def test_statistics_of_a_file_are_not_believed(tmp_path: Path, ask, was: bytes, now: bytes, where: str) -> None:
    columns = {"x": range(1000), "y": [0, 1] * 500, "id": [f"r{at:04}" for at in range(1000)]}
    _write(tmp_path / "a.parquet", **{name: list(column) for name, column in columns.items()}, s=np.arange(1000.0))
    source = {"t": FileSource("a.parquet", tmp_path)}
    needs = (
        Counts("t", where),
        Counts("t", where, terms=(Term("y", 'cast("y" as varchar)'),)),
        Profile("t", "", "", '"x"', '"x"'),
    )
    expected = ask(source, *needs)
    _falsified(tmp_path / "a.parquet", was, now)
    found = ask(source, *needs)
    assert found == expected
    assert found[needs[0]].cells[0].n == 500


def test_a_join_finds_rows_that_a_file_says_it_does_not_have(tmp_path: Path, ask) -> None:
    ids = [f"r{at:04}" for at in range(1000)]
    _write(tmp_path / "a.parquet", id=ids, x=list(range(1000)))
    _write(tmp_path / "b.parquet", id=ids[500:600], y=[1] * 100)
    sources = {name: FileSource(f"{name}.parquet", tmp_path) for name in "ab"}
    need = Counts("both", terms=(Term("y", 'cast("y" as varchar)'),))
    tables = {**sources, "both": Join("b", "a", ("id",), ("id",))}
    _falsified(tmp_path / "a.parquet", b"r0999", b"r0099")
    assert ask(tables, need).cells[0].n == 100
    assert ask(sources, Keys("b", ("id",), "a", ("id",))).matched == 100


def test_an_infinite_score_outside_the_stated_range_is_found(tmp_path: Path, ask) -> None:
    _write(tmp_path / "a.parquet", s=[0.5] * 999 + [float("nan")])
    need = Profile("t", "", "", '"s"', '"s"')
    assert ask({"t": FileSource("a.parquet", tmp_path)}, need).nans == 1


@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_cut_file_is_an_error(tmp_path: Path, rows, kept: float) -> None:
    _write(tmp_path / "a.parquet", a=list(range(1000)))
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(EvidenceError, match="not a readable Parquet file"):
        rows("a.parquet")


def test_damaged_pages_are_the_files_fault(tmp_path: Path, ask) -> None:
    """What a damaged page gives away is an EvidenceError; what it does not, only a digest can tell."""
    random = np.random.default_rng(0)
    _write(tmp_path / "a.parquet", g=random.choice(list("abcdef"), 5000), x=random.normal(size=5000))
    whole, needs = (
        (tmp_path / "a.parquet").read_bytes(),
        (Counts("t", terms=(Term("g", '"g"'),)), Digest("d", "a.parquet")),
    )
    source = {"t": FileSource("a.parquet", tmp_path)}
    digest = ask(source, *needs)[needs[1]]
    errors = []
    for _ in range(40):
        at = int(random.integers(4, 400))
        (tmp_path / "a.parquet").write_bytes(whole[:at] + random.bytes(8) + whole[at + 8 :])
        facts = ask(source, *needs)
        assert facts[needs[1]] != digest
        errors += [answer for answer in facts.answers.values() if isinstance(answer, Exception)]
    assert errors
    assert {str(error) for error in errors if not isinstance(error, EvidenceError)} == set()


def test_text_named_parquet_is_an_error(tmp_path: Path, rows) -> None:
    (tmp_path / "a.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(EvidenceError, match="not a readable Parquet file"):
        rows("a.parquet")


def test_names_repeated_in_another_case_are_an_error(tmp_path: Path, rows) -> None:
    _write(tmp_path / "a.parquet", pred=[1], Pred=[2])
    with pytest.raises(EvidenceError, match="two columns are named `Pred` and `pred`"):
        rows("a.parquet")
    assert rows("a.parquet", "Pred") == [(2,)]


def test_a_name_with_signs_of_a_pattern_is_that_file(tmp_path: Path, rows) -> None:
    _write(tmp_path / "a[1].parquet", a=[1])
    _write(tmp_path / "a1.parquet", a=[2])
    assert rows("a[1].parquet") == [(1,)]


def test_names_of_folders_are_columns_of_text(tmp_path: Path, rows) -> None:
    for folder, a in (("sex=F/year=2020", 1), ("sex=M%2FX/year=2021", 2), (f"sex={NO_VALUE}/year=2021", 3)):
        (tmp_path / "t" / folder).mkdir(parents=True)
        _write(tmp_path / "t" / folder / "1.parquet", a=[a])
    expected = [(1, "F", "2020"), (2, "M/X", "2021"), (3, None, "2021")]
    assert sorted(rows("t", "a", "sex", "year")) == expected
    assert sorted(rows("t/*/*/*.parquet", "a", "sex", "year")) == expected
    assert rows("t/sex=F", "a", "year") == [(1, "2020")]


def test_the_tables_own_folder_adds_no_column(tmp_path: Path, rows) -> None:
    _write(tmp_path / "year=2020" / "1.parquet", a=[1])
    assert rows("year=2020") == [(1,)]


def test_a_folder_that_states_no_value_is_named_where_a_rule_reads_it(tmp_path: Path, rows) -> None:
    (tmp_path / "t").mkdir()
    _write(tmp_path / "t" / "sex=F" / "1.parquet", a=[1])
    _write(tmp_path / "t" / "other" / "1.parquet", a=[2])
    assert sorted(rows("t", "a")) == [(1,), (2,)]
    with pytest.raises(EvidenceError, match=r"t \(other/1.parquet\): its folder does not say `sex=`"):
        rows("t", "sex")


def test_a_column_that_the_file_and_its_folder_state_must_be_one(tmp_path: Path, rows) -> None:
    (tmp_path / "t").mkdir()
    _write(tmp_path / "t" / "sex=F" / "1.parquet", a=[1], sex=["F"])
    _write(tmp_path / "t" / "sex=M" / "1.parquet", a=[2], sex=["M"])
    assert sorted(rows("t", "sex")) == [("F",), ("M",)]
    _write(tmp_path / "t" / "sex=M" / "1.parquet", a=[2], sex=["F"])
    assert sorted(rows("t", "a")) == [(1,), (2,)]
    with pytest.raises(EvidenceError, match="column `sex` has other values in 1 row than the names of the folders"):
        rows("t", "sex")


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ("_delta_log/00000000000000000000.json", "Delta"),
        (".hoodie/hoodie.properties", "Hudi"),
        ("metadata/v1.metadata.json", "Iceberg"),
        ("_spark_metadata/0", "Spark streaming"),
    ],
)
def test_a_folder_whose_log_decides_is_an_error(tmp_path: Path, rows, log: str, name: str) -> None:
    (tmp_path / "t" / "data").mkdir(parents=True)
    _write(tmp_path / "t" / "data" / "1.parquet", a=[1])
    assert rows("t") == [(1,)]
    (tmp_path / "t" / log).parent.mkdir(exist_ok=True)
    (tmp_path / "t" / log).write_text("{}")
    for path in ("t", "t/data", "t/data/*.parquet", "."):
        with pytest.raises(EvidenceError, match=f"is a {name} table: its log"):
            rows(path)
    assert rows("t/data/1.parquet") == [(1,)]


def test_decimals_of_more_digits_than_are_exact_are_refused_where_a_rule_reads_them(tmp_path: Path, rows) -> None:
    _write(tmp_path / "a.parquet", a=[1], d=pa.array([Decimal(10**44)], pa.decimal256(45, 0)))
    assert rows("a.parquet", "a") == [(1,)]
    with pytest.raises(EvidenceError, match="column `d` has decimals of 45 digits"):
        rows("a.parquet", "d")


def test_a_float32_is_the_shortest_decimal_that_names_it(tmp_path: Path, rows) -> None:
    values = [0.7, 0.1, 1e-30, 16777216.0, -0.0, float("inf"), 3.4028235e38]
    _write(tmp_path / "a.parquet", s=pa.array(values, pa.float32()))
    assert [row[0] for row in rows("a.parquet")] == values


def test_kinds(tmp_path: Path, schema) -> None:
    frame = pd.DataFrame(
        {
            "i": pd.array([1], "UInt64"),
            "f": pd.array([1.5], "Float32"),
            "s": ["x"],
            "b": [True],
            "t": pd.to_datetime(["2020-01-01"]),
            "c": pd.Categorical(["x"]),
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    kinds = dict(schema("a.parquet").columns)
    assert kinds == {"i": "integer", "f": "float", "s": "text", "b": "boolean", "t": "time", "c": "text"}


def test_nested_columns_are_of_another_kind(tmp_path: Path, schema) -> None:
    _write(tmp_path / "a.parquet", s=[{"x": 1, "y": 2}], l=[[1, 2]], n=[b"\0"], d=pa.array([1], pa.decimal128(5, 2)))
    kinds = dict(schema("a.parquet").columns)
    assert kinds == {"s": "other", "l": "other", "n": "other", "d": "decimal"}
