"""Questions about the distribution of a number: bins, quantiles as edges, and two samples, each against numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp, wasserstein_distance

from mlgate.evidence.questions import quantile_edges, text_reading
from mlgate.evidence.questions.bin_counts import BinCounts, BinCountsFact, BinsOf
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.quantile_edges import QuantileEdges, QuantileEdgesFact
from mlgate.evidence.questions.text_reading import TextReading
from mlgate.evidence.questions.two_samples import SampleOf, TwoSamples

BY = (Term("g", '"g"'),)


def bins(*, edges: tuple[float, ...], value: str = '"x"', **kwargs: Any) -> BinCounts:
    return BinCounts("t", value=value, missing='"x" is null', edges=edges, **kwargs)


def around(*values: float) -> tuple[float, ...]:
    """Edges that give each value a bin of its own."""
    return tuple(edge for value in values for edge in (value, float(np.nextafter(value, np.inf))))


def test_a_value_at_an_edge_is_in_the_bin_above_it(ask: Any) -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0, 1.5, 2.0, 2.0, -7.0, 100.0]})
    assert ask(frame, bins(edges=(1.0, 2.0))) == BinCountsFact((BinsOf((), (2, 2, 3), (0, 0, 0, 0, 0)),))


def test_missing_values_nan_and_infinities_have_cells_of_their_own(ask: Any) -> None:
    import pyarrow as pa

    table = pa.table({"x": pa.array([1.0, None, None, float("nan"), float("inf"), float("-inf"), float("-inf"), 3.0])})
    assert ask(table, bins(edges=(2.0,))).groups[0] == BinsOf((), (1, 1), (2, 0, 1, 2, 1))


def test_text_that_is_not_a_number_has_a_cell_of_its_own(ask: Any) -> None:
    frame = pd.DataFrame({"x": ["1", "2.5", "nan", "1_0", None, " 3"]})
    assert ask(frame, bins(edges=(2.0,), value='to_number("x")')).groups[0] == BinsOf((), (1, 1), (1, 3, 0, 0, 0))


def test_bins_by_group_of_several_numbers_are_those_of_numpy(ask: Any) -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"x": random.normal(size=500), "z": random.integers(0, 9, 500), "g": random.choice(["a", "b", None], 500)}
    )
    frame["n"] = random.integers(1, 4, 500)
    edges = tuple(map(float, np.linspace(-2, 2, 30)))
    needs = [
        bins(edges=edges, by=BY, count='cast("n" as double)'),
        BinCounts("t", "", 'cast("n" as double)', 'cast("z" as double)', '"z" is null', (3.0, 6.0), BY),
    ]
    found = ask(frame, *needs)
    for need, name in zip(needs, "xz", strict=True):
        for of in found[need].groups:
            part = frame[frame.g.isna()] if of.group == (None,) else frame[frame.g == of.group[0]]
            places = np.searchsorted(need.edges, part[name], side="right")
            assert of.bins == tuple(np.bincount(places, part.n, len(need.edges) + 1).astype(int))
    assert [of.group for of in found[needs[0]].groups] == [(None,), ("a",), ("b",)]


@pytest.mark.parametrize("number", [0, 1, 9, 40])
@pytest.mark.parametrize("count", ["", 'cast("n" as double)'])
def test_bins_of_all_rows_are_those_of_one_group(ask: Any, number: int, count: str) -> None:
    random = np.random.default_rng(7)
    values = [*random.normal(size=300), *[np.nan, np.inf, -np.inf, -0.5] * 5]
    frame = pd.DataFrame({"x": values, "n": random.integers(1, 4, 320), "coded": random.random(320) < 0.5, "g": "a"})
    edges = tuple(map(float, np.linspace(-2, 2, number)))
    missing = '"x" is null or (not isfinite("x") and "coded")'
    alone, grouped = (BinCounts("t", "", count, '"x"', missing, edges, by) for by in ((), BY))
    (of,), (one,) = (ask(frame, need).groups for need in (alone, grouped))
    assert (of.bins, of.special) == (one.bins, one.special)
    times = frame.n if count else np.ones(320)
    finite = np.isfinite(frame.x)
    places = np.searchsorted(edges, frame.x[finite], side="right")
    assert of.bins == tuple(np.bincount(places, times[finite], number + 1).astype(int))
    assert of.rows == times.sum()


def test_a_table_without_rows_has_empty_bins(ask: Any) -> None:
    frame = pd.DataFrame({"x": pd.Series([], dtype=float)})
    assert ask(frame, bins(edges=(1.0,))).groups == (BinsOf((), (0, 0), (0,) * 5),)
    assert ask(frame, QuantileEdges("t", value='"x"')) == QuantileEdgesFact(0, ())


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([5.0] * 10, around(5.0)),
        ([0.0] * 9 + [1.0], around(0.0, 1.0)),
        ([3, 1, 2, 2], around(1, 2, 3)),
        (list(range(100)), (24, 49, 74)),
        ([0.0] * 90 + list(range(1, 11)), around(0.0)),
        ([*range(60), *[60] * 40], (24, 49, *around(60))),
        ([float("nan"), None, float("inf"), 1.0, 2.0], around(1.0, 2.0)),
    ],
)
def test_edges_are_quantiles_or_each_of_few_values(ask: Any, values: list[Any], edges: tuple[float, ...]) -> None:
    assert ask(pd.DataFrame({"x": values}), QuantileEdges("t", value='"x"', bins=4)).edges == edges


def test_edges_count_rows_by_their_frequency(ask: Any) -> None:
    frame = pd.DataFrame({"x": range(20), "n": [20] + [1] * 19})
    need = QuantileEdges("t", "", 'cast("n" as double)', '"x"', 2)
    assert ask(frame, need) == QuantileEdgesFact(39, around(0.0))
    assert ask(frame, QuantileEdges("t", value='"x"', bins=2)).edges == (9,)


def test_edges_of_a_long_table_come_from_the_same_part_of_it_every_time(ask: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(quantile_edges, "SAMPLED", 2000)
    monkeypatch.setattr(quantile_edges, "FEW", 250)
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"x": random.normal(size=20_000), "i": range(20_000), "same": 1})
    need = QuantileEdges("t", value='"x"', bins=4, among=('"i"',))
    found = ask(frame, need)
    assert 1500 < found.rows < 2500
    assert found.edges == pytest.approx(np.quantile(frame.x, [0.25, 0.5, 0.75]), abs=0.1)
    assert ask(frame.iloc[::-1], need, QuantileEdges("t", value='"i"', bins=3, among=('"i"',)))[need] == found
    assert ask(frame, QuantileEdges("t", value='"x"', bins=4, among=('"same"',))).rows == 20_000


@pytest.mark.parametrize("places", [1, 12])
def test_two_samples_are_as_far_apart_as_scipy_says(ask: Any, places: int) -> None:
    random = np.random.default_rng(5)
    one, other = random.normal(size=300).round(places), random.normal(0.3, 1.2, size=200).round(places)
    tables = {"t": pd.DataFrame({"x": one}), "u": pd.DataFrame({"y": other})}
    (found,) = ask(tables, TwoSamples(SampleOf("t", '"x"'), SampleOf("u", '"y"'))).groups
    assert found.moved / (300 * 200) == pytest.approx(ks_2samp(one, other).statistic)
    assert found.distance == pytest.approx(wasserstein_distance(one, other))
    assert found.reference.variance == pytest.approx(np.var(one))
    assert found.current.fourth == pytest.approx(((other - other.mean()) ** 4).mean())
    assert found.width == pytest.approx(np.ptp(one))


def test_rows_without_a_number_are_above_all_numbers(ask: Any) -> None:
    one = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    other = pd.DataFrame({"x": [1.0, np.nan, np.nan, 4.0, float("inf")]})
    need = TwoSamples(SampleOf("one", '"x"'), SampleOf("other", '"x"'))
    (found,) = ask({"one": one, "other": other}, need).groups
    assert (found.moved, found.current.finite, found.current.infinite, found.current.rows) == (3 * 5, 2, 1, 5)


def test_two_samples_by_group(ask: Any) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0] * 5, "g": (["a"] * 2 + ["b", None]) * 5, "n": 2})
    other = pd.DataFrame({"x": [1.0, 2.0, 9.0], "g": ["a", "a", "c"]})
    need = TwoSamples(SampleOf("t", '"x"', BY, 'cast("n" as double)'), SampleOf("u", '"x"', BY))
    found = {of.group[0]: of for of in ask({"t": frame, "u": other}, need).groups}
    assert list(found) == [None, "a", "b", "c"]
    assert (found["a"].reference.rows, found["a"].current.rows, found["a"].moved, found["a"].distance) == (20, 2, 0, 0)
    assert (found["c"].reference.rows, found["c"].current.rows) == (0, 1)


def test_facts_that_no_data_can_have_are_told(ask: Any) -> None:
    need = bins(edges=(1.0,))
    assert need.impossible(BinCountsFact((BinsOf((), (1,), (0,) * 5),)))
    assert need.impossible(BinCountsFact((BinsOf((), (1, -1), (0,) * 5),)))
    assert QuantileEdges("t", bins=3).impossible(QuantileEdgesFact(4, (2.0, 1.0)))
    one = pd.DataFrame({"x": [1.0]})
    samples = TwoSamples(SampleOf("t", '"x"'), SampleOf("t", '"x"'))
    assert not samples.impossible(ask(one, samples))


@pytest.mark.parametrize(
    ("values", "numbers", "dates"),
    [
        (["1", "2.5", None], 2, 0),
        (["1", "x"], 1, 0),
        (["2026-01-01", None], 0, 1),
        ([*map(str, range(20)), "x"], 20, 0),
        ([*map(str, range(20)), "7"], 21, 0),
        ([None], 0, 0),
    ],
)
def test_a_text_is_read_as_what_all_of_its_values_are(
    ask: Any, values: list[Any], numbers: int, dates: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(text_reading, "PROBED", 10)
    date = "case when matches(\"x\", '[0-9]{4}-[0-9]{2}-[0-9]{2}') then 1 end"
    found = ask(pd.DataFrame({"x": values}), TextReading("t", "", "", '"x"', 'to_number("x")', date))
    known = sum(each is not None for each in values)
    assert (found.values, found.numbers, found.dates) == (known, numbers, dates)
    assert (found.all_numbers, found.all_dates) == (0 < known == numbers, 0 < known == dates)
