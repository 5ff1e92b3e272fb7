"""Observed gaps and ratios are fairlearn's, on random tables, and exact fractions of the counts."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import isfinite

import fairlearn.metrics as fair
import numpy as np
import pandas as pd
import pytest

from mlgate.checks.fairness.terms import DemographicParity, EqualizedOdds, EqualOpportunity
from mlgate.values.estimate import Unanswered
from support.fairness import CELLS, SHARES, counted, estimates, gap, measured, ratio, same_subject

TABLES = pytest.mark.parametrize("number", [300, pytest.param(2000, marks=pytest.mark.slow)])
GROUPS = ("a", "b", "c", "d")


@cache
def tables(number: int) -> tuple[dict[tuple[str | None, ...], int], ...]:
    """Counts of up to four groups, many of them tiny, so that empty groups, 0/0 and rates of 0 and 1 are frequent."""
    rng = np.random.default_rng(20261124)
    made = []
    for _ in range(number):
        groups = GROUPS[: rng.integers(1, 5)]
        size = rng.choice([1, 3, 12])
        cells = {(g, *pair): int(rng.integers(0, size + 1)) for g in groups for pair in CELLS.values()}
        if sum(cells.values()):
            made.append(cells)
    return tuple(made)


@cache
def frames(number: int) -> fair.MetricFrame:
    """fairlearn's answer for all tables at once: the table is the control feature."""
    rows = [(t, *key) for t, cells in enumerate(tables(number)) for key, n in cells.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["table", "g", "y", "p"])
    return fair.MetricFrame(
        metrics={name: metric for name, (metric, *_) in SHARES.items()},
        y_true=frame["y"].astype(int),
        y_pred=frame["p"].astype(int),
        sensitive_features=frame["g"],
        control_features=frame["table"],
    )


def rates(cells: dict, name: str) -> dict[str, Fraction | None]:
    """The metric of every group that has rows, straight from the counts; None for 0/0."""
    _, hits, of = SHARES[name]
    found = {}
    for group in dict.fromkeys(key[0] for key, n in cells.items() if n):
        total = sum(cells[(group, *CELLS[cell])] for cell in of.split())
        over = sum(cells[(group, *CELLS[cell])] for cell in hits.split())
        found[group] = Fraction(over, total) if total else None
    return found


@TABLES
@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("reference", ["best", "worst", "pairs"])
def test_between_groups(name, reference, number):
    compared = undefined = 0
    frame = frames(number)
    theirs = {
        "gap": frame.difference(method="between_groups")[name],
        "ratio": frame.ratio(method="between_groups")[name],
    }
    for table, cells in enumerate(tables(number)):
        found = rates(cells, name)
        gaps = counted(gap(name, reference=reference), cells, same_subject())
        ratios = counted(ratio(name, reference=reference), cells, same_subject())
        if None in found.values() or len(found) < 2:
            undefined += 1
            assert any(isinstance(answer, Unanswered) for answer in gaps)
            assert any(isinstance(answer, Unanswered) for answer in ratios)
            continue
        compared += 1
        wide = max(answer.exact for answer in gaps)
        assert wide == max(found.values()) - min(found.values())
        assert float(wide) == pytest.approx(theirs["gap"][table], abs=1e-12)
        if not max(found.values()):
            assert all(isinstance(answer, Unanswered) for answer in ratios)
            continue
        least = min(answer.exact for answer in ratios if not isinstance(answer, Unanswered))
        assert least == min(found.values()) / max(found.values())
        assert float(least) == pytest.approx(theirs["ratio"][table], abs=1e-12)
    assert compared > number / 4
    assert undefined > number / 14


@TABLES
@pytest.mark.parametrize("name", SHARES)
def test_against_all_rows(name, number):
    wide, narrow = frames(number).difference(method="to_overall")[name], frames(number).ratio(method="to_overall")[name]
    for table, cells in enumerate(tables(number)):
        found = rates(cells, name)
        if None in found.values() or len(found) < 2:
            continue
        gaps = estimates(counted(gap(name, reference="overall"), cells, same_subject()))
        assert float(max(each.exact for each in gaps.values())) == pytest.approx(wide[table], abs=1e-12)
        if max(found.values()):
            ratios = estimates(counted(ratio(name, reference="overall"), cells, same_subject()))
            assert set(ratios) == set(found)
            assert float(min(each.exact for each in ratios.values())) == pytest.approx(narrow[table], abs=1e-12)


@TABLES
@pytest.mark.parametrize("name", SHARES)
def test_against_a_control_group(name, number):
    """Each group's own distance to a named one, as fairlearn's by-group values give it."""
    values = frames(number).by_group[name]
    for table, cells in enumerate(tables(number)):
        found = rates(cells, name)
        if None in found.values() or len(found) < 2 or "a" not in found:
            continue
        each = estimates(counted(gap(name, reference="a"), cells, same_subject()))
        assert set(each) == set(found) - {"a"}
        for group, estimate in each.items():
            assert estimate.exact == abs(found[group] - found["a"])
            assert estimate.value == pytest.approx(abs(values[table, group] - values[table, "a"]), abs=1e-12)


def test_bounds_hold_what_was_observed_and_are_finite():
    for cells in tables(300)[:60]:
        for check in (gap(), ratio(), gap(reference="overall"), ratio(reference="overall")):
            for each in estimates(counted(check, cells, same_subject())).values():
                low, high = each.lower(0.05), each.upper(0.05)
                assert low is not None
                assert high is not None
                assert isfinite(high)
                assert low - 1e-9 <= each.value <= high + 1e-9


def test_named_functions_of_fairlearn():
    rng = np.random.default_rng(7)
    for _ in range(8):
        n = int(rng.integers(60, 200))
        y, p = rng.integers(0, 2, n), rng.integers(0, 2, n)
        g = rng.choice(list(GROUPS[: rng.integers(2, 5)]), n)
        asked = {"y_true": y, "y_pred": p, "sensitive_features": g}
        rows = {"y": y.astype(str), "p": p.astype(str), "g": g}
        for check, function in (
            (DemographicParity(by=(("g",),)), fair.demographic_parity_difference),
            (EqualOpportunity(by=(("g",),)), fair.equal_opportunity_difference),
            (EqualizedOdds(by=(("g",),)), fair.equalized_odds_difference),
        ):
            assert max(e.value for e in measured(check, **rows)) == pytest.approx(function(**asked), abs=1e-12)
        least = min(e.value for e in measured(ratio(), **rows))
        assert least == pytest.approx(fair.demographic_parity_ratio(**asked), abs=1e-12)
