"""Counts: exact cubes, many in one scan, with conditions, frequencies and weights."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.dialect import text_of
from mlgate.evidence.questions import counts
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Term
from mlgate.values.errors import EvidenceError

G, H = Term("g", '"g"'), Term("h", 'cast("h" as varchar)')


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    random = np.random.default_rng(1)
    n = 500
    return pd.DataFrame(
        {
            "g": random.choice(["a", "b", None, "NO", ""], n),
            "h": random.integers(-1, 3, n),
            "w": random.exponential(1e3, n),
            "c": random.integers(1, 5, n),
        }
    )


def _cells(frame: pd.DataFrame, by: list[str], rows: pd.Series | None = None) -> dict[tuple, pd.DataFrame]:
    chosen = frame if rows is None else frame[rows]
    found: dict[tuple, list[int]] = {}
    for at, values in enumerate(chosen[by].itertuples(index=False)):
        key = tuple(None if pd.isna(v) else str(v) for v in values)
        found.setdefault(key, []).append(at)
    return {key: chosen.iloc[at] for key, at in found.items()}


def test_many_cubes_at_once(ask, frame: pd.DataFrame) -> None:
    is_a = "\"g\" = 'a'"
    needs = [
        Counts("t", terms=(G, H)),
        Counts("t", terms=(H, G)),
        Counts("t", terms=(G,)),
        Counts("t", is_a, terms=(H,)),
        Counts("t", '"h" > 0', terms=(G,)),
        Counts("t", is_a),
        Counts("t"),
    ]
    facts = ask(frame, *needs)
    columns = [["g", "h"], ["h", "g"], ["g"], ["h"], ["g"], [], []]
    conditions = [None, None, None, frame.g == "a", frame.h > 0, frame.g == "a", None]
    for need, by, rows in zip(needs, columns, conditions, strict=True):
        if by:
            expected = {key: len(part) for key, part in _cells(frame, by, rows).items()}
        else:
            expected = {(): int(rows.sum()) if rows is not None else len(frame)}
        assert {cell.values: cell.n for cell in facts[need].cells} == expected


def test_cells_are_sorted_with_missing_first(ask, frame: pd.DataFrame) -> None:
    cells = ask(frame, Counts("t", terms=(G,))).cells
    assert [cell.values for cell in cells] == [(None,), ("",), ("NO",), ("a",), ("b",)]


def test_frequencies_multiply(ask, frame: pd.DataFrame) -> None:
    need = Counts("t", count='cast("c" as double)', terms=(G,))
    expected = {key: int(part.c.sum()) for key, part in _cells(frame, ["g"]).items()}
    assert {cell.values: cell.n for cell in ask(frame, need).cells} == expected


def test_weights_are_summed_exactly_on_any_number_of_threads(ask, frame: pd.DataFrame) -> None:
    weight = 'cast("w" as double)'
    needs = (Counts("t", terms=(G,), weight=weight), Counts("t", '"h" > 0', 'cast("c" as double)', (G,), weight))
    first = ask(frame, *needs)
    for threads in (1, 3, 8):
        assert ask(frame, *needs, threads=threads).answers == first.answers
    for need, rows, times in ((needs[0], None, 1), (needs[1], frame.h > 0, frame.c)):
        exact = frame.assign(times=times)
        for cell in first[need].cells:
            part = _cells(exact, ["g"], rows)[cell.values]
            for power, found in ((1, cell.weight), (2, cell.weight2)):
                sum_ = sum(Fraction(w) ** power * int(c) for w, c in zip(part.w, part.times, strict=True))
                assert abs(found / sum_ - 1) < Fraction(1, 10**13)


def test_no_rows(ask, frame: pd.DataFrame) -> None:
    assert ask(frame.iloc[:0], Counts("t", terms=(G,))) == CountsFact(())
    assert ask(frame.iloc[:0], Counts("t")) == CountsFact(())
    assert ask(frame, Counts("t", '"h" > 99', terms=(G,))) == CountsFact(())


@pytest.mark.parametrize("bad", [0, -1, 1.5, np.nan, np.inf])
def test_a_frequency_is_a_whole_number_of_at_least_one(ask, bad: float) -> None:
    frame = pd.DataFrame({"g": ["a", "b"], "c": [2.0, bad]})
    with pytest.raises(EvidenceError, match="column `c`: 1 row has no whole number of at least 1"):
        ask(frame, Counts("t", count='cast("c" as double)', terms=(G,)))
    frame["c"] = [2.0, 1.0]
    assert ask(frame, Counts("t", count='cast("c" as double)', terms=(G,))).cells[0] == Cell(("a",), 2)


@pytest.mark.parametrize("bad", [-1, np.nan, np.inf])
def test_a_weight_is_a_finite_number_of_at_least_zero(ask, bad: float) -> None:
    frame = pd.DataFrame({"g": ["a", "b"], "w": [2.0, bad]})
    with pytest.raises(EvidenceError, match="column `w`: 1 row has no finite weight"):
        ask(frame, Counts("t", terms=(G,), weight='"w"'))
    frame["w"] = [2.0, 0.0]
    assert ask(frame, Counts("t", terms=(G,), weight='"w"')).cells[1] == Cell(("b",), 1)


def test_too_many_cells_name_the_column_and_spare_other_cubes(ask) -> None:
    frame = pd.DataFrame({"id": range(150_000), "g": ["a", "b", "c"] * 50_000})
    many, few = Counts("t", terms=(G, Term("id", 'cast("id" as varchar)'))), Counts("t", terms=(G,))
    facts = ask(frame, many, few)
    assert [cell.n for cell in facts[few].cells] == [50_000] * 3
    with pytest.raises(EvidenceError, match="more than 100000 combinations of values: column `id` alone"):
        facts[many]


def test_late_surprises_do_not_change_counts(ask) -> None:
    """The first rows have few values, the rest many: the plan that fits the first rows still counts all."""
    frame = pd.DataFrame({"g": ["a"] * 140_000 + [f"v{at}" for at in range(9000)], "h": 1})
    facts = ask(frame, Counts("t", terms=(G,)), Counts("t", terms=(H,)))
    counts = [fact for fact in facts.values() if isinstance(fact, CountsFact)]
    assert sorted(len(fact.cells) for fact in counts) == [1, 9001]
    assert all(sum(cell.n for cell in fact.cells) == 149_000 for fact in counts)


def test_text_is_exactly_as_in_the_data(ask) -> None:
    values = ["007", "7", "7.0", " 7", "é", "e\u0301", "true", "'", '"']
    need = Counts("t", terms=(Term("v", text_of("v", "text")),))
    assert {cell.values[0] for cell in ask(pd.DataFrame({"v": values}), need).cells} == set(values)


@pytest.mark.parametrize("probed", [0, counts.PROBED], ids=["by every set", "by columns first"])
@pytest.mark.parametrize("common", ["", '"rows" > 1'], ids=["all rows", "one condition"])
def test_cubes_of_expressions_count_rows_whatever_is_grouped_first(
    ask, monkeypatch: pytest.MonkeyPatch, probed: int, common: str
) -> None:
    """The columns have the names that the statement uses itself."""
    monkeypatch.setattr(counts, "PROBED", probed)
    random = np.random.default_rng(3)
    frame = pd.DataFrame({name: random.integers(0, 9, 700) for name in ("rows", "Rows_", "k1", "s0")})
    frame["k0"] = random.choice(["a", "b", None], 700)
    band = Term("band", "case when \"rows\" < 3 then 'low' when \"Rows_\" < 6 then 'mid' end")
    terms = (Term("k0", '"k0"'), band, Term("k1", 'cast("k1" as varchar)'), Term("s0", 'cast("s0" % 3 as varchar)'))
    needs = [Counts("t", common, terms=chosen) for chosen in ((), terms[:1], terms[:2], terms[1:], terms)]
    facts = ask(frame, *needs)
    frame["band"] = np.select([frame["rows"] < 3, frame["Rows_"] < 6], ["low", "mid"], "")
    frame["band"] = frame["band"].where(frame["band"] != "", None)
    frame["s0"] %= 3
    chosen = frame[frame["rows"] > 1] if common else frame
    for need in needs:
        by = [term.name for term in need.terms]
        expected = {key: len(part) for key, part in _cells(chosen, by).items()} if by else {(): len(chosen)}
        assert {cell.values: cell.n for cell in facts[need].cells} == expected
