"""Keys and joins: ids are compared by kind and by their exact values."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.engines.duckdb import DuckDB
from mlgate.evidence.evidence import OpenEvidence, open_evidence
from mlgate.evidence.questions import key_matches
from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.key_matches import Keys, KeysFact
from mlgate.evidence.questions.need import Term
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.join import Join
from mlgate.values.errors import EvidenceError

BOTH = Keys("l", ("id",), "r", ("id",))


def _two(left: object, right: object) -> dict:
    return {"l": pd.DataFrame({"id": left, "v": "l"}), "r": pd.DataFrame({"id": right, "v": "r", "w": 1})}


@pytest.mark.parametrize(
    ("left", "right", "fact"),
    [
        ([1, 2, 3], [3, 2, 1], KeysFact(3, 0, 0, 3, 0, 0, 3)),
        ([1, 2, 3], [3, 4], KeysFact(3, 0, 0, 2, 0, 0, 1)),
        ([1, 1, 1, 2, 2], [1, 2], KeysFact(5, 2, 0, 2, 0, 0, 5)),
        (["a", None, None], ["a", None], KeysFact(3, 0, 2, 2, 0, 1, 1)),
        (["007", "7"], ["7", "7.0"], KeysFact(2, 0, 0, 2, 0, 0, 1)),
        (["a", "A", "a "], ["a"], KeysFact(3, 0, 0, 1, 0, 0, 1)),
        ([0.0, 1.5, float("nan")], [-0.0, 1.5], KeysFact(3, 0, 1, 2, 0, 0, 2)),
        (pd.array([1, 2], "Int8"), pd.array([2, 3], "UInt64"), KeysFact(2, 0, 0, 2, 0, 0, 1)),
        ([2**53 + 1], [2**53], KeysFact(1, 0, 0, 1, 0, 0, 0)),
        ([], [], KeysFact(0, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_two_tables(ask, left: object, right: object, fact: KeysFact) -> None:
    assert ask(_two(left, right), BOTH) == fact


def test_one_table_and_several_columns(ask) -> None:
    frame = pd.DataFrame({"a": ["x", "x", "x", None], "b": [1, 1, 2, 3]})
    assert ask({"l": frame}, Keys("l", ("a", "b"))) == KeysFact(4, 1, 1)
    assert ask({"l": frame, "r": frame[1:]}, Keys("l", ("a", "b"), "r", ("a", "b"))) == KeysFact(4, 1, 1, 3, 0, 1, 3)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        *[(["1"], [1]), ([1], [1.0]), ([1], [True]), (["1"], [True])],
        (pd.to_datetime(["2020-01-01"]), ["2020-01-01"]),
        (pd.to_datetime(["2020-01-01"]), pd.to_datetime(["2020-01-01"]).tz_localize("UTC")),
    ],
)
def test_ids_of_two_kinds_are_an_error(ask, left: object, right: object) -> None:
    with pytest.raises(EvidenceError, match="not the same id; store"):
        ask(_two(left, right), BOTH)


def test_a_missing_column_is_an_error(ask) -> None:
    with pytest.raises(EvidenceError, match="no column `ID` \\(id\\) in l, did you mean `id`"):
        ask(_two([1], [1]), Keys("l", ("ID",)))


def test_a_nested_id_is_an_error(ask) -> None:
    with duckdb.connect() as connection, pytest.raises(EvidenceError, match="cannot be an id"):
        ask({"l": connection.sql("select [1] as id")}, Keys("l", ("id",)))


def test_a_join_is_by_key_and_names_both_sides(ask) -> None:
    tables = _two(["b", "a", "c"], ["a", "b", "d"]) | {"j": Join("l", "r", ("id",), ("id",))}
    tables["l"]["x"] = ["of b", "of a", "of c"]
    need = Counts("j", terms=(Term("id", '"id"'), Term("x", '"x"'), Term("v", '"v"'), Term("l.v", '"l.v"')))
    assert [cell.values for cell in ask(tables, need).cells] == [("a", "of a", "r", "l"), ("b", "of b", "r", "l")]


def test_a_join_is_made_of_the_columns_that_are_asked_and_made_again_for_more(tmp_path) -> None:
    frames = _two(["b", "a"], ["a", "b"])
    sources = {name: FrameSource(of) for name, of in frames.items()} | {"j": Join("l", "r", ("id",), ("id",))}
    with open_evidence(sources, tmp_path, threads=1) as evidence:
        assert [name for name, _ in evidence.schema("j").columns] == ["id", "v", "w", "l.id", "l.v"]
        for need, n in ((Counts("j"), 2), (Counts("j", '"w" = 1'), 2), (Counts("j", "\"l.v\" = 'r'"), 0)):
            facts = evidence.measure([need])
            assert sum(cell.n for cell in facts[need].cells) == n


def test_a_join_by_ids_that_repeat_on_both_sides_is_not_made(ask) -> None:
    tables = _two(["a"] * 3000, ["a"] * 3000) | {"j": Join("l", "r", ("id",), ("id",))}
    with pytest.raises(EvidenceError, match="1 id of l and 1 of r repeat"):
        ask(tables, Counts("j"))


def test_a_join_of_two_kinds_is_an_error(ask) -> None:
    tables = _two(["1"], [1]) | {"j": Join("l", "r", ("id",), ("id",))}
    with pytest.raises(EvidenceError, match="not the same id; store"):
        ask(tables, Counts("j"))


def test_a_join_of_a_join_has_the_columns_of_all_three(tmp_path) -> None:
    tables = {
        "l": FrameSource(pd.DataFrame({"id": [1, 2, 3], "p": ["x", "y", "z"]})),
        "r": FrameSource(pd.DataFrame({"key": [3, 2, 1], "y": ["c", "b", "a"]})),
        "old": FrameSource(pd.DataFrame({"id": [2, 1, 3], "p": ["Y", "X", "Z"]})),
        "both": Join("l", "r", ("id",), ("key",)),
        "all": Join("old", "both", ("id",), ("key",)),
    }
    names = ("key", "y", "id", "p", "old.id", "old.p")
    with open_evidence(tables, tmp_path, threads=2) as evidence:
        assert [name for name, _ in evidence.schema("all").columns] == list(names)
        need = Counts("all", terms=tuple(Term(name, f'cast("{name}" as varchar)') for name in ("y", "p", "old.p")))
        facts = evidence.measure([need, Keys("old", ("id",), "both", ("key",))])
    assert [cell.values for cell in facts[need].cells] == [("a", "x", "X"), ("b", "y", "Y"), ("c", "z", "Z")]
    assert facts[Keys("old", ("id",), "both", ("key",))] == KeysFact(3, 0, 0, 3, 0, 0, 3)


@pytest.mark.parametrize("most", [0, 1 << 20], ids=["grouped", "hashed"])
@pytest.mark.parametrize("collide", [False, True], ids=["hashes differ", "hashes collide"])
@pytest.mark.parametrize("columns", [("id",), ("id", "part")], ids=" ".join)
def test_counts_agree_with_counting_keys_one_by_one(
    monkeypatch: pytest.MonkeyPatch, columns: tuple[str, ...], collide: bool, most: int
) -> None:
    monkeypatch.setattr(key_matches, "MOST_HASHES", most)
    random = np.random.default_rng(len(columns))
    for kinds in (40, 4000, 10**9):
        left, right = (
            pd.DataFrame(
                {
                    "id": pd.array(random.integers(0, kinds, rows), "Int64"),
                    "part": pd.array(random.choice(["a", "b", None], rows), "string"),
                }
            )
            for rows in (300, 500)
        )
        left.loc[:5, "id"] = None
        engine = DuckDB(threads=1)
        if collide:
            engine.load("create or replace temp macro hash_of(x) as (0)")
        need = Keys("l", columns, "r", columns)
        tables = {"l": FrameSource(left), "r": FrameSource(right)}
        facts = OpenEvidence(engine, tables, Path()).measure([need, Keys("l", columns)])
        engine.close()
        mine, theirs = counted(left[list(columns)]), counted(right[list(columns)])
        whole = set(right[list(columns)].dropna().itertuples(index=False, name=None))
        matched = sum(key in whole for key in left[list(columns)].dropna().itertuples(index=False, name=None))
        assert facts[need] == KeysFact(*mine, *theirs, matched)
        assert facts[Keys("l", columns)] == KeysFact(*mine)


def counted(keys: pd.DataFrame) -> tuple[int, int, int]:
    """Rows, repeated keys and rows with a missing key, one by one."""
    each = Counter(keys.dropna().itertuples(index=False, name=None))
    return len(keys), sum(n > 1 for n in each.values()), len(keys) - each.total()
