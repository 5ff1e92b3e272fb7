"""Distances of two samples: against scipy and definitions, their edges, and small simulations of the bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

from mlgate.stats.cell_counts import CellCounts
from mlgate.stats.divergences import Hellinger, JensenShannon, PopulationStability
from mlgate.stats.share_distances import Chebyshev, KolmogorovSmirnov, TotalVariation
from mlgate.stats.wasserstein import SampleShape, Wasserstein, of_values

VECTORS = json.loads((Path(__file__).parents[2] / "support" / "drift" / "vectors.json").read_text(encoding="utf-8"))
OF_CELLS: dict[str, Callable[[CellCounts], Any]] = {
    "jensen_shannon": JensenShannon,
    "hellinger": Hellinger,
    "psi": PopulationStability,
    "total_variation": TotalVariation,
    "chebyshev": Chebyshev,
    "kolmogorov_smirnov": KolmogorovSmirnov.of_cells,
}
counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12).filter(
    lambda pairs: all(map(sum, zip(*pairs, strict=True)))
)


def of(pairs: list[tuple[int, int]]) -> CellCounts:
    reference, current = zip(*pairs, strict=True)
    return CellCounts.of(reference, current)


def sampled(one: Any, other: Any, *, per_deviation: bool = True) -> Wasserstein:
    values, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    parts = (np.bincount(at, minlength=len(values)) for at in (places[: len(one)], places[len(one) :]))
    shapes = [
        SampleShape(len(v), float(np.var(v)), float(((v - np.mean(v)) ** 4).mean()))
        for v in (np.array(one), np.array(other))
    ]
    unit = math.sqrt(shapes[0].variance) if per_deviation else 1.0
    return Wasserstein(*of_values(values, *parts), *shapes, unit, estimated=per_deviation)


@pytest.mark.parametrize("vector", VECTORS["counts"], ids=lambda vector: vector["case"])
def test_distances_of_counts_are_those_of_other_tools_under_their_names(vector):
    cells = CellCounts.of(vector["reference"], vector["current"])
    js, psi = JensenShannon(cells), PopulationStability(cells)
    assert js.value == pytest.approx(vector["js_distance_2"], abs=1e-12)
    assert js.value * math.sqrt(math.log(2)) == pytest.approx(vector["js_distance_e"], abs=1e-12)  # scipy's default
    assert js.value**2 == pytest.approx(vector["jsd_bits"], abs=1e-12)  # TFDV
    assert TotalVariation(cells).value == pytest.approx(vector["total_variation"], abs=1e-12)
    assert Chebyshev(cells).value == pytest.approx(vector["linf"], abs=1e-12)
    assert Hellinger(cells).value == pytest.approx(vector["hellinger"], abs=1e-7)
    assert psi.divergence == pytest.approx(vector["psi_half_count_added"], rel=1e-9, abs=1e-12)
    if vector["psi_exact"] is None:
        assert psi.plain == math.inf
        assert psi.value == psi.divergence
    else:
        assert psi.value == psi.plain == pytest.approx(vector["psi_exact"], rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("vector", VECTORS["samples"], ids=lambda vector: vector["case"])
def test_distances_of_numbers_are_those_of_scipy(vector):
    one, other = vector["reference"], vector["current"]
    assert sampled(one, other, per_deviation=False).value == pytest.approx(vector["wasserstein_scipy"])
    if np.var(one):
        assert sampled(one, other).value == pytest.approx(vector["wasserstein_over_std0"])  # evidently's, without floor


def test_the_numbers_of_the_textbook_table():
    cells = CellCounts.of([100, 200, 400, 200, 100], [80, 180, 380, 240, 120])
    assert PopulationStability(cells).value == pytest.approx(0.018535, abs=5e-7)
    assert JensenShannon(cells).value == pytest.approx(0.057775, abs=5e-7)
    assert KolmogorovSmirnov.of_cells(cells).exact == pytest.approx(0.06)
    values = [at for at, times in enumerate(cells.reference) for _ in range(times)]
    others = [at for at, times in enumerate(cells.current) for _ in range(times)]
    assert sampled(values, others).value == pytest.approx(0.1278, abs=5e-5)
    assert float(KolmogorovSmirnov.of_cells(cells).exact) == pytest.approx(ks_2samp(values, others).statistic)


@given(counts)
def test_distances_equal_scipy_on_any_counts(pairs):
    cells = of(pairs)
    p, q = cells.shares
    assert JensenShannon(cells).value == pytest.approx(float(jensenshannon(p, q, base=2)), abs=1e-7)
    places = np.arange(len(p))
    plain = sampled(np.repeat(places, cells.reference), np.repeat(places, cells.current), per_deviation=False)
    assert plain.value == pytest.approx(wasserstein_distance(places, places, p, q), abs=1e-12)


@given(counts)
def test_the_distance_of_the_samples_is_between_its_bounds(pairs):
    cells = of(pairs)
    for name, distance in OF_CELLS.items():
        found = distance(cells)
        low, high = found.lower(0.05), found.upper(0.05)
        assert 0 <= low <= found.value + 1e-9, name
        assert high is None or high >= min(found.value, 1e9) - 1e-9, name


@given(counts)
def test_a_smaller_level_gives_wider_bounds(pairs):
    cells = of(pairs)
    for name, distance in OF_CELLS.items():
        found = distance(cells)
        assert found.lower(0.01) <= found.lower(0.05) + 1e-12, name
        if found.upper(0.05) is not None:
            assert found.upper(0.01) is None or found.upper(0.01) >= found.upper(0.05) - 1e-12, name


@given(counts, st.floats(1, 100))
@example([(0, 1), (0, 21), (1, 20), (17, 4), (21, 0)], 10.0)  # the last cell alone has too few rows
@example([(0, 1), (0, 10), (10, 0)], 5.0)
def test_joining_rare_cells_never_makes_a_divergence_larger(pairs, least):
    cells = of(pairs)
    pooled = cells.pooled(least)
    assert (pooled.n, pooled.m) == (cells.n, cells.m)
    assert len(pooled.reference) == 1 or min(pooled.expected) >= least
    assert JensenShannon(pooled).divergence <= JensenShannon(cells).divergence + 1e-12


def test_cells_that_nobody_has_change_nothing():
    few, many = CellCounts.of([30, 70], [40, 60]), CellCounts.of([30, 0, 70, 0], [40, 0, 60, 0])
    assert few == many


@pytest.mark.parametrize(
    ("reference", "current"), [([1, 2], [1]), ([0, 0], [1, 1]), ([1, 1], [0, 0]), ([], []), ([-1, 2], [1, 1])]
)
def test_what_is_not_two_samples_in_the_same_cells_is_refused(reference, current):
    with pytest.raises(ValueError):
        CellCounts.of(reference, current)


def test_psi_has_no_upper_bound_where_a_cell_is_in_one_sample_only():
    assert PopulationStability(CellCounts.of([500, 500, 0], [480, 500, 20])).upper(0.05) is None
    assert PopulationStability(CellCounts.of([500, 500, 2], [480, 500, 20])).upper(0.05) > 0.02


def test_very_many_rows_give_bounds_around_the_distance():
    cells = CellCounts.of([10**12, 10**12], [10**12, 11 * 10**11])
    for name, distance in OF_CELLS.items():
        found = distance(cells)
        assert found.lower(0.05) == pytest.approx(found.value, rel=1e-3), name
        assert found.upper(0.05) == pytest.approx(found.value, rel=1e-3), name


def test_the_bounds_need_more_than_one_cell():
    cells = CellCounts.of([100], [50])
    for name, distance in OF_CELLS.items():
        found = distance(cells)
        assert found.value == found.lower(0.05) == 0, name
        assert 0 < found.upper(0.05) < 0.25, name


def test_a_small_sample_that_missed_a_rare_value_is_not_surely_different():
    """Of 200 rows, none has a value of 1 % in 13 % of samples; such a sample looks as if it did not vary at all."""
    rare = [0.0] * 99_000 + [1.0] * 1_000
    for one, other in ((rare, [0.0] * 200), (rare[::100], [0.0] * 200)):
        assert sampled(one, other).lower(0.05) == 0
        assert TotalVariation(CellCounts.of([one.count(0.0), one.count(1.0)], [200, 0])).lower(0.05) == 0
    assert TotalVariation(CellCounts.of([99_000, 1_000], [2_000, 0])).lower(0.05) > 0
    assert sampled(rare, [0.0] * 2_000).lower(0.05) > 0


EVEN = np.full(10, 0.1)
TILTED = np.linspace(0.05, 0.15, 10)
ZIPF = 1 / np.arange(1, 31) ** 1.5
POPULATIONS = {
    "equal": (EVEN, EVEN),
    "tilted": (EVEN, TILTED / TILTED.sum()),
    "rare cells": (ZIPF / ZIPF.sum(), ZIPF / ZIPF.sum()),
    "a value of one percent": (np.array([0.99, 0.01]), np.array([0.99, 0.01])),
    "a new cell": (np.append(EVEN * 0.9999, 0.0001), np.append(EVEN * 0.985, 0.015)),
}


@pytest.mark.slow
@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("name", OF_CELLS)
@pytest.mark.parametrize(("n", "m"), [(200, 200), (100_000, 200), (2_000, 2_000)])
def test_bounds_miss_in_at_most_five_percent(name, population, n, m):
    p, q = POPULATIONS[population]
    rng, runs = np.random.default_rng(7), 500
    infinite = CellCounts.of(np.round(p * 1e9).astype(int), np.round(q * 1e9).astype(int))
    truth = OF_CELLS[name](infinite).value
    samples = zip(rng.multinomial(n, p, runs), rng.multinomial(m, q, runs), strict=True)
    found = [OF_CELLS[name](CellCounts.of(*pair)) for pair in samples]
    above = sum(each.lower(0.05) > truth + 1e-7 for each in found)
    below = sum((high := each.upper(0.05)) is not None and high < truth - 1e-7 for each in found)
    assert max(above, below) / runs <= 0.075  # 5 % and 2.5 standard errors


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5])
def test_bounds_of_the_wasserstein_distance_miss_in_at_most_five_percent(shift):
    rng, runs = np.random.default_rng(8), 300
    found = [sampled(rng.normal(size=400), rng.normal(shift, 1, 300)) for _ in range(runs)]
    assert sum(each.lower(0.05) > shift + 1e-9 for each in found) / runs <= 0.08
    assert sum(each.upper(0.05) < shift - 1e-9 for each in found) / runs <= 0.08
