"""Questions about the values of a column, each against pandas on the same rows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.dialect import quote
from mlgate.evidence.evidence import OpenEvidence
from mlgate.evidence.questions import all_rows
from mlgate.evidence.questions.conflicts import Conflicts, ConflictsFact
from mlgate.evidence.questions.distinct_values import DistinctFact, DistinctValues
from mlgate.evidence.questions.ends import Ends, EndsFact, EndsOf
from mlgate.evidence.questions.found_parts import PART, FoundFact, FoundParts
from mlgate.evidence.questions.gaps import Gaps, GapsFact
from mlgate.evidence.questions.group_sizes import GroupSizes, GroupSizesFact
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.power_sums import PowerSums
from mlgate.evidence.questions.repeats import Repeats, RepeatsFact
from mlgate.evidence.questions.steps import Steps, StepsFact
from mlgate.evidence.sources import FrameSource
from mlgate.values.reach import Reach
from support.recording import Recording


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


def test_conditions_and_ends_of_all_rows_share_a_scan(frame: pd.DataFrame) -> None:
    engine = Recording(threads=1)
    evidence = OpenEvidence(engine, {"t": FrameSource(frame)}, Reach.of(Path(), [Path()]))
    above, within = MatchingRows("t", condition='"x" > 4'), MatchingRows("t", "\"g\" = 'a'", condition='"x" > 4')
    ends = Ends("t", "\"g\" = 'a'", value='"x"')
    found = evidence.measure([above, ends, within])
    assert len(engine.statements) == 1
    of = frame[frame.g == "a"]
    assert found[above] == MatchingFact(int((frame.x > 4).sum()), 400)
    assert found[within] == MatchingFact(int((of.x > 4).sum()), len(of))
    assert found[ends] == EndsFact((EndsOf((), int(of.x.count()), str(of.x.min()), str(of.x.max())),))
    engine.close()


@pytest.mark.parametrize("name", ["w", "rows", 'a "quoted" name'])
def test_slow_conditions_are_put_to_each_of_few_values_once(name: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(all_rows, "PROBED", 640)
    values = [None, *(f"v {at}" for at in range(9))] * 50
    frame = pd.DataFrame({name: values, "many": [f"v {at % 9}, {at}" for at in range(500)]})
    listed = ", ".join(f"'v {at}'" for at in range(6))
    column = quote(name)
    alone = [MatchingRows("t", condition=f"{column} in ({listed})"), MatchingRows("t", condition=f"{column} is null")]
    within = MatchingRows("t", f"{column} is not null", condition=f"not {column} in ({listed})")
    both = MatchingRows("t", condition=f'{column} in ({listed}) and "many" is not null')
    many = MatchingRows("t", condition="matches(\"many\", 'v [0-5],.*')")
    needs = [*alone, within, both, many]
    engine = Recording(threads=1)
    evidence = OpenEvidence(engine, {"t": FrameSource(frame)}, Reach.of(Path(), [Path()]))
    found = evidence.measure(needs)
    assert [(found[need].rows, found[need].of) for need in needs] == [
        (300, 500), (50, 500), (150, 450), (300, 500), (sum(at % 9 < 6 for at in range(500)), 500)
    ]  # fmt: skip
    assert sum("group by" in sql for sql in engine.statements) == 1
    engine.close()


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1.0, 1e3, 1e100])
def test_sums_of_powers_are_those_of_fractions(ask: Any, scale: float) -> None:
    values = np.random.default_rng(5).normal(0.3, 1.0, 500) * scale
    need, shuffled = PowerSums("t", value='"x"'), np.random.default_rng(6).permutation(values)
    found = ask(pd.DataFrame({"x": values}), need)
    exact = [sum((Fraction(x) - found.pivot) ** power for x in values.tolist()) for power in (1, 2, 3)]
    widest = max(abs(Fraction(x) - found.pivot) for x in values.tolist())
    for power, (total, expected) in enumerate(zip(found.sums, exact, strict=True), 1):
        assert abs(total - expected) <= 500 * widest**power * power / 2**52
    assert ask(pd.DataFrame({"x": shuffled}), need) == found


def test_conditions_are_counted_within_some_rows_and_by_frequency(ask: Any, frame: pd.DataFrame) -> None:
    need = MatchingRows("t", "\"g\" = 'a'", 'cast("n" as double)', '"x" > 4')
    within = frame[frame.g == "a"]
    assert ask(frame, need) == MatchingFact(int(within.n[(within.x > 4).fillna(False)].sum()), int(within.n.sum()))


@pytest.mark.parametrize("columns", [("x",), ("x", "g")])
def test_repeats_are_those_of_pandas(ask: Any, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    counts = frame[list(columns)].dropna().value_counts()
    found = ask(frame, Repeats("t", values=tuple(f'"{name}"' for name in columns)))
    sizes = int(counts.max()), int(counts.min())
    assert found == RepeatsFact(int(counts.sum()), len(counts), int((counts > 1).sum()), *sizes)
    assert found.surplus == int(frame[list(columns)].dropna().duplicated().sum())


@pytest.mark.parametrize(("up_to", "expected"), [(None, 9), (20, 9), (9, 9), (3, 4)])
def test_distinct_values_are_counted_as_far_as_asked(
    ask: Any, frame: pd.DataFrame, up_to: int | None, expected: int
) -> None:
    assert frame.x.nunique() == 9
    assert ask(frame, DistinctValues("t", value='"x"', up_to=up_to)) == DistinctFact(expected)
    assert ask(frame[:0], DistinctValues("t", value='"x"', up_to=up_to)) == DistinctFact(0)


def test_missing_values_repeat_each_other_where_they_count(ask: Any, frame: pd.DataFrame) -> None:
    found = ask(frame, Repeats("t", values=('"x"', '"g"'), with_missing=True))
    assert (found.rows, found.surplus) == (400, int(frame[["x", "g"]].duplicated().sum()))


def test_rows_conflict_that_are_equal_but_for_one_value(ask: Any, frame: pd.DataFrame) -> None:
    frame = frame.assign(y=frame.n.where(frame.n < 3))
    kept = frame[frame.y.notna()]
    apart = kept.groupby(["x", "g"], dropna=False)["y"].transform("nunique") > 1
    need = Conflicts("t", equal=('"x"', '"g"'), differing='"y"')
    groups = len(kept[apart][["x", "g"]].drop_duplicates())
    assert ask(frame, need) == ConflictsFact(len(kept), int(apart.sum()), groups)
    weighted = Conflicts("t", "", 'cast("n" as double)', equal=('"x"', '"g"'), differing='"y"')
    assert ask(frame, weighted) == ConflictsFact(int(kept.n.sum()), int(kept.n[apart].sum()), groups)
    assert ask(frame[:0], need) == ConflictsFact(0, 0, 0)


def test_gaps_are_whole_numbers_that_no_row_has(ask: Any, frame: pd.DataFrame) -> None:
    frame = frame.assign(x=frame.x * 2)[:30]
    kept = frame.dropna(subset=["x"])
    steps = int(kept.x.max() - kept.x.min() + 1)
    assert ask(frame, Gaps("t", value='"x"')) == GapsFact(len(kept), 1, steps, steps - kept.x.nunique())
    each = kept.groupby("g", dropna=False)["x"]
    steps = int((each.max() - each.min() + 1).sum())
    expected = GapsFact(len(kept), each.ngroups, steps, steps - int(each.nunique().sum()))
    assert ask(frame, Gaps("t", value='"x"', by=('"g"',))) == expected
    assert ask(frame[:0], Gaps("t", value='"x"')) == GapsFact(0, 0, 0, 0)


def test_nothing_repeats_where_there_is_no_value(ask: Any) -> None:
    empty = pd.DataFrame({"x": pd.Series([None, None], dtype="Int64")})
    assert ask(empty, Repeats("t", values=('"x"',))) == RepeatsFact(0, 0, 0, 0, 0)
    assert ask(empty, Ends("t", value='"x"')) == EndsFact((EndsOf((), 0, None, None),))
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
    assert found[needs["big"]] == EndsFact((EndsOf((), 2, "9007199254740992", "9007199254740993"),))
    assert found[needs["day"]] == EndsFact((EndsOf((), 2, "1960-02-29 00:00:00", "2026-01-01 00:00:00"),))
    assert found[needs["word"]] == EndsFact((EndsOf((), 2, "a", "Ä"),))


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
        (Repeats("t"), RepeatsFact(3, 4, 0, 1, 1)),
        (Repeats("t"), RepeatsFact(3, 2, 1, 2, 3)),
        (Conflicts("t"), ConflictsFact(3, 4, 1)),
        (Conflicts("t"), ConflictsFact(9, 3, 2)),
        (Gaps("t"), GapsFact(3, 1, 9, 10)),
        (Gaps("t"), GapsFact(3, 1, 9, 4)),
        (Gaps("t"), GapsFact(3, 4, 9, 8)),
        (Ends("t"), EndsFact((EndsOf((), 0, "1", "2"),))),
        (Steps("t"), StepsFact(3, 3, 0, 0)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_no_rows_can_have_is_refused(need: Any, fact: Any) -> None:
    assert need.impossible(fact)


def test_parts_of_texts_are_found_and_tested(ask: Any) -> None:
    frame = pd.DataFrame({"x": ["a 12-4 b", "13-4", "no", None, "1-2 12-4", "12-4"], "n": [1, 2, 3, 4, 5, 6]})
    even = FoundParts("t", "", "", '"x"', "([0-9]+-[0-9]+)", f"replace({PART}, '-', '')", f"length({PART}) = 3")
    plain = FoundParts("t", "", "", '"x"', "([0-9]+-[0-9]+)")
    found = ask(frame, even, plain)
    assert found[even] == FoundFact(5, 4, 3)  # of two parts the first is tested
    assert found[plain] == FoundFact(5, 4, 4)
    weighed = FoundParts("t", "\"x\" <> '13-4'", 'cast("n" as double)', '"x"', "([0-9]+-4)")
    assert ask(frame, weighed) == FoundFact(1 + 3 + 5 + 6, 1 + 5 + 6, 1 + 5 + 6)


@pytest.mark.parametrize("columns", [("x",), ("x", "g")])
@pytest.mark.parametrize("least", [2, 20])
def test_sizes_of_groups_are_those_of_pandas(
    ask: Any, frame: pd.DataFrame, columns: tuple[str, ...], least: int
) -> None:
    values = tuple(f'cast("{name}" as varchar)' for name in columns)
    by = frame.groupby(list(columns), dropna=False)
    rows, different = by.size(), by.n.nunique()
    for sensitive, sizes in (("", rows), ('"n"', different)):
        found = ask(frame, GroupSizes("t", values=values, sensitive=sensitive, least=least))
        few = sizes < least
        assert found == GroupSizesFact(400, len(sizes), int(sizes.min()), int(few.sum()), int(rows[few].sum()))


def test_groups_count_the_rows_that_a_row_stands_for(ask: Any, frame: pd.DataFrame) -> None:
    found = ask(frame, GroupSizes("t", "", 'cast("n" as double)', ('"g"',), "", 2))
    sizes = frame.groupby("g", dropna=False).n.sum()
    assert found == GroupSizesFact(int(frame.n.sum()), 3, int(sizes.min()), 0, 0)


def test_a_missing_sensitive_value_is_none(ask: Any) -> None:
    frame = pd.DataFrame({"g": ["a", "a", None], "s": ["x", None, None]})
    assert ask(frame, GroupSizes("t", values=('"g"',), sensitive='"s"', least=2)) == GroupSizesFact(3, 2, 0, 2, 3)


def test_impossible_sizes_are_known() -> None:
    need = GroupSizes("t", values=('"g"',), least=3)
    assert not need.impossible(GroupSizesFact(10, 3, 2, 1, 2))
    for fact in [
        (10, 3, 5, 1, 2),
        (10, 3, 2, 0, 0),
        (10, 11, 2, 1, 2),
        (10, 3, 2, 1, 11),
        (10, 3, 2, 4, 4),
        (5, 2, 1, 1, 0),
    ]:
        assert need.impossible(GroupSizesFact(*fact)), fact
    assert FoundParts("t").impossible(FoundFact(3, 1, 2))
    assert FoundParts("t").impossible(FoundFact(1, 2, 2))
