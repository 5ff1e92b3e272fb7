"""Two sensitive features at once, one alone and both intersecting, against fairlearn on random tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from functools import cache
from typing import Any

import fairlearn.metrics as fair
import numpy as np
import pandas as pd
import pytest

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.values.estimate import Estimate, Unanswered
from support.fairness import CELLS, SHARES, counted, gap, ratio, same_subject

TABLES = pytest.mark.parametrize("number", [200, pytest.param(1000, marks=pytest.mark.slow)])
GROUPINGS = (("g",), ("g", "h"))
Cells = dict[tuple[str | None, ...], int]


@cache
def tables(number: int) -> tuple[Cells, ...]:
    """Counts by two features of two or three values, in many of which some intersection is empty or undefined."""
    rng = np.random.default_rng(20261125)
    made = []
    for _ in range(number):
        first, second = "ab", ("xy", "xyz")[rng.integers(2)]
        size, empty = rng.choice([2, 5, 20]), rng.random() * 0.3
        cells: Cells = {}
        for g, h in ((g, h) for g in first for h in second):
            if rng.random() >= empty:
                cells |= {(g, h, *pair): int(rng.integers(0, size + 1)) for pair in CELLS.values()}
        if sum(cells.values()):
            made.append(cells)
    return tuple(made)


@cache
def frames(number: int) -> dict[tuple[str, ...], fair.MetricFrame]:
    """fairlearn's answers for all tables at once, by grouping: the table is the control feature."""
    rows = [(t, *key) for t, cells in enumerate(tables(number)) for key, n in cells.items() for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["table", "g", "h", "y", "p"])
    return {
        names: fair.MetricFrame(
            metrics={name: SHARES[name][0] for name in ("selection_rate", "recall")},
            y_true=frame["y"].astype(int),
            y_pred=frame["p"].astype(int),
            sensitive_features=frame[list(names)],
            control_features=frame["table"],
        )
        for names in GROUPINGS
    }


def rates(cells: Cells, name: str, names: tuple[str, ...]) -> dict[tuple[str, ...], Fraction | None]:
    """The metric of every group that has rows, straight from the counts; None for 0/0."""
    _, hits, of = SHARES[name]
    sums: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: dict.fromkeys(CELLS, 0))
    for key, n in cells.items():
        cell = next(cell for cell, pair in CELLS.items() if pair == key[2:])
        sums[tuple(str(dict(zip("gh", key))[name]) for name in names)][cell] += n
    found = {}
    for group, counts in sums.items():
        over, total = (sum(counts[cell] for cell in which.split()) for which in (hits, of))
        if sum(counts.values()):
            found[group] = Fraction(over, total) if total else None
    return found


def by_grouping(answers: list[Any]) -> dict[tuple[str, ...], list[Any]]:
    """The comparisons of each grouping."""
    found: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for answer in answers:
        found[tuple(column for column, _ in answer.where)].append(answer)
    return found


@TABLES
@pytest.mark.parametrize(
    ("name", "reference", "method"),
    [
        ("selection_rate", "best", "between_groups"),
        ("selection_rate", "overall", "to_overall"),
        ("recall", "best", "between_groups"),
    ],
)
def test_every_grouping(name: str, reference: str, method: str, number: int) -> None:
    seen = dict.fromkeys(GROUPINGS, 0)
    theirs = {
        names: (frame.difference(method=method)[name], frame.ratio(method=method)[name])
        for names, frame in frames(number).items()
    }
    for table, cells in enumerate(tables(number)):
        each = {names: rates(cells, name, names) for names in GROUPINGS}
        gaps = by_grouping(counted(gap(name, by=GROUPINGS, reference=reference), cells, same_subject()))
        ratios = by_grouping(counted(ratio(name, by=GROUPINGS, reference=reference), cells, same_subject()))
        for names, found in each.items():
            if None in found.values() or len(found) < 2:
                continue
            seen[names] += 1
            assert all(isinstance(answer, Estimate) for answer in gaps[names])
            assert max(float(answer.exact) for answer in gaps[names]) == pytest.approx(
                theirs[names][0][table], abs=1e-12
            )
            if max(found.values()):
                least = min(float(a.exact) for a in ratios[names] if not isinstance(a, Unanswered))
                assert least == pytest.approx(theirs[names][1][table], abs=1e-12)
    assert min(seen.values()) > number / 4


@TABLES
def test_by_group(number: int) -> None:
    """The values of every group, intersecting or not, are fairlearn's, and what is NaN there has none here."""
    check = PerformanceMetric(metric="recall", by=GROUPINGS)
    values = {names: frame.by_group["recall"] for names, frame in frames(number).items()}
    seen = Counter[type]()
    for table, cells in enumerate(tables(number)):
        for answer in counted(check, cells, same_subject()):
            columns, group = zip(*answer.where, strict=True)
            theirs = values[columns][(table, *group)]
            seen[type(answer)] += 1
            if isinstance(answer, Estimate):
                assert answer.value == pytest.approx(theirs, abs=1e-12)
            else:
                assert np.isnan(theirs)
    assert seen[Estimate] > 5 * number
    assert seen[Unanswered] > number / 8
