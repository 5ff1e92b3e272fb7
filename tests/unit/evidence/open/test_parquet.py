"""Parquet: damaged files and files that differ are errors; what is alike is one table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.digest import Digest
from mlgate.evidence.questions.need import Term
from mlgate.evidence.sources import FileSource
from mlgate.values.errors import EvidenceError


def _write(path: Path, **columns: object) -> None:
    path.parent.mkdir(exist_ok=True)
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
        ({"a": [1], "c": [1]}, "column `c` is more"),
        ({"b": [1]}, "column `[ab]` is (missing|more)"),
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


def test_columns_in_another_order_are_an_error(tmp_path: Path, rows) -> None:
    _write(tmp_path / "t" / "1.parquet", a=[2], b=[3])
    _write(tmp_path / "t" / "2.parquet", b=[2], a=[3])
    with pytest.raises(EvidenceError, match="another order"):
        rows("t")


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
    with pytest.raises(EvidenceError, match="two columns are named `pred` and `Pred`"):
        rows("a.parquet")


def test_a_name_with_signs_of_a_pattern_is_that_file(tmp_path: Path, rows) -> None:
    _write(tmp_path / "a[1].parquet", a=[1])
    _write(tmp_path / "a1.parquet", a=[2])
    assert rows("a[1].parquet") == [(1,)]


def test_hive_folders_add_no_columns(tmp_path: Path, rows) -> None:
    _write(tmp_path / "year=2020" / "1.parquet", a=[1])
    assert rows("year=2020") == [(1,)]


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
