"""Questions about the values of a column, each against pandas on the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.questions.ends import Ends, EndsFact
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.repeats import Repeats, RepeatsFact
from mlgate.evidence.questions.steps import Steps, StepsFact


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(3)
    x = pd.Series(random.integers(0, 9, 400), dtype="Int64").mask(random.random(400) < 0.1)
    return pd.DataFrame({"x": x, "g": random.choice(["a", "b", None], 400), "n": random.integers(1, 4, 400)})


def test_all_conditions_about_a_table_are_counted_in_one_scan(ask: Any, frame: pd.DataFrame) -> None:
    conditions = {'"x" > 4': frame.x > 4, "\"g\" = 'a'": frame.g == "a", '"x" is null': frame.x.isna()}
    needs = [MatchingRows("t", condition=sql) for sql in conditions]
    found = ask(frame, *needs)
    for need, (_, holds) in zip(needs, conditions.items(), strict=True):
        assert found[need] == MatchingFact(int(holds.fillna(False).sum()), 400)


def test_conditions_are_counted_within_some_rows_and_by_frequency(ask: Any, frame: pd.DataFrame) -> None:
    need = MatchingRows("t", "\"g\" = 'a'", 'cast("n" as double)', '"x" > 4')
    within = frame[frame.g == "a"]
    assert ask(frame, need) == MatchingFact(int(within.n[(within.x > 4).fillna(False)].sum()), int(within.n.sum()))


@pytest.mark.parametrize("columns", [("x",), ("x", "g")])
def test_repeats_are_those_of_pandas(ask: Any, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    counts = frame[list(columns)].dropna().value_counts()
    found = ask(frame, Repeats("t", values=tuple(f'"{name}"' for name in columns)))
    assert found == RepeatsFact(int(counts.sum()), len(counts), int((counts > 1).sum()), int(counts.max()))
    assert found.surplus == int(frame[list(columns)].dropna().duplicated().sum())


def test_nothing_repeats_where_there_is_no_value(ask: Any) -> None:
    empty = pd.DataFrame({"x": pd.Series([None, None], dtype="Int64")})
    assert ask(empty, Repeats("t", values=('"x"',))) == RepeatsFact(0, 0, 0, 0)
    assert ask(empty, Ends("t", value='"x"')) == EndsFact(0, None, None)
    assert ask(empty, Steps("t", value='"x"')) == StepsFact(0, 0, 0, 0)


def test_ends_are_exact_whatever_the_type(ask: Any) -> None:
    frame = pd.DataFrame(
        {
            "big": pd.array([2**53, 2**53 + 1, None], dtype="Int64"),
            "day": pd.to_datetime(["1960-02-29", "2026-01-01", None]),
            "word": ["Ä", "a", None],
        }
    )
    needs = {name: Ends("t", value=f'"{name}"') for name in frame}
    found = ask(frame, *needs.values())
    assert found[needs["big"]] == EndsFact(2, "9007199254740992", "9007199254740993")
    assert found[needs["day"]] == EndsFact(2, "1960-02-29 00:00:00", "2026-01-01 00:00:00")
    assert found[needs["word"]] == EndsFact(2, "a", "Ä")


def test_steps_are_those_from_row_to_row(ask: Any, frame: pd.DataFrame) -> None:
    changes = frame.x.dropna().astype(int).diff().dropna()
    expected = StepsFact(len(changes) + 1, *(int(found.sum()) for found in (changes > 0, changes == 0, changes < 0)))
    assert ask(frame, Steps("t", value='"x"')) == expected


@pytest.mark.parametrize("threads", [1, 4])
def test_the_order_of_many_rows_is_that_of_the_file(tmp_path: Any, threads: int) -> None:
    from mlgate.evidence.evidence import open_evidence
    from mlgate.evidence.sources import FileSource

    rows = 400_000
    pd.DataFrame({"x": np.arange(rows)}).to_parquet(tmp_path / "t.parquet", row_group_size=20_000)
    with open_evidence({"t": FileSource("t.parquet", tmp_path)}, tmp_path, threads) as evidence:
        need = Steps("t", value='"x"')
        assert evidence.measure([need])[need] == StepsFact(rows, rows - 1, 0, 0)


@pytest.mark.parametrize(
    ("need", "fact"),
    [
        (MatchingRows("t"), MatchingFact(4, 3)),
        (Repeats("t"), RepeatsFact(3, 4, 0, 1)),
        (Ends("t"), EndsFact(0, "1", "2")),
        (Steps("t"), StepsFact(3, 3, 0, 0)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_no_rows_can_have_is_refused(need: Any, fact: Any) -> None:
    assert need.impossible(fact)
