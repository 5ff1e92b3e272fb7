"""Placements by two scores against brute force, of rows and of rows in units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.placements import Beside, Placements, PlacementsOf
from mlgate.stats.ranks import BetweenUnits
from mlgate.values.errors import EvidenceError

G = Term("g", '"g"')
NEW, OLD, LABEL = 'cast("new" as double)', 'cast("old" as double)', '"y" = 1'


def _frame(n: int, ties: int) -> pd.DataFrame:
    random = np.random.default_rng(ties)
    new = random.integers(-ties, ties + 1, n) / ties
    new[random.random(n) < 0.1] *= -0.0
    return pd.DataFrame(
        {
            "new": new,
            "old": random.integers(-ties, ties + 1, n) / ties,
            "y": random.integers(0, 2, n),
            "g": random.choice(["a", "b", None], n),
            "c": random.integers(1, 4, n),
        }
    )


def _placed(part: pd.DataFrame, score: str) -> tuple[np.ndarray, np.ndarray]:
    up, down = (part[score][part.y == label].to_numpy() for label in (1, 0))
    below = [2 * int((down < s).sum()) + int((down == s).sum()) for s in up]
    above = [2 * int((up > s).sum()) + int((up == s).sum()) for s in down]
    return np.array(below, dtype=object), np.array(above, dtype=object)


def _expected(group: tuple, part: pd.DataFrame) -> PlacementsOf:
    placed = {score: _placed(part, score) for score in ("new", "old")}
    new, old = (
        PlacementsOf(group, len(below), len(above), sum(below), sum(below * below), sum(above), sum(above * above))
        for below, above in placed.values()
    )
    crosses = [sum(a * b) for a, b in zip(placed["new"], placed["old"])]
    return replace(new, beside=Beside(old, *crosses))


@pytest.mark.parametrize("ties", [1, 3, 1000])
def test_paired_placements(ask, ties: int) -> None:
    frame = _frame(300, ties)
    alone = Placements("t", score=NEW, old=OLD, positive=LABEL)
    by = Placements("t", score=NEW, old=OLD, positive=LABEL, by=(G,))
    some = Placements("t", where="\"g\" = 'a'", score=NEW, old=OLD, positive=LABEL)
    facts = ask(frame, alone, by, some)
    parts = [((None,), frame[frame.g.isna()]), (("a",), frame[frame.g == "a"]), (("b",), frame[frame.g == "b"])]
    assert facts[alone].groups == (_expected((), frame),)
    assert list(facts[by].groups) == [_expected(group, part) for group, part in parts]
    assert facts[some].groups == (_expected((), frame[frame.g == "a"]),)


@pytest.mark.parametrize("ties", [1, 1000])
def test_units_have_sums_of_their_own_for_each_score_and_for_new_less_old(ask, ties: int) -> None:
    frame = _frame(300, ties).assign(u=np.random.default_rng(4).integers(0, 40, 300))
    need = Placements("t", score=NEW, old=OLD, positive=LABEL, by=(G,), unit='"u"')
    parts = {(None,): frame[frame.g.isna()], ("a",): frame[frame.g == "a"], ("b",): frame[frame.g == "b"]}
    found = ask(frame, need).groups
    assert [of.group for of in found] == list(parts)
    for of, part in zip(found, parts.values(), strict=True):
        rows = _expected(of.group, part)
        placed = part.assign(m=part.y, n=1 - part.y)
        for score in ("new", "old"):
            below, above = _placed(part, score)
            placed.loc[part.y == 1, f"p {score}"], placed.loc[part.y == 0, f"q {score}"] = below, above
        placed = (
            placed.drop(columns="g")
            .astype(float)
            .fillna(0)
            .assign(**{f"{c} apart": lambda f, c=c: f[f"{c} new"] - f[f"{c} old"] for c in "pq"})
        )
        between = {name: _between(placed, name) for name in ("new", "old", "apart")}
        beside = Beside(
            replace(rows.beside.old, between=between["old"]),
            rows.beside.positive_cross,
            rows.beside.negative_cross,
            between["apart"],
        )
        assert of == replace(rows, between=between["new"], beside=beside)


def _between(placed: pd.DataFrame, name: str) -> BetweenUnits:
    sums = placed.groupby("u")[["m", "n", f"p {name}", f"q {name}"]].sum().astype(int).to_numpy().T
    m, n, p, q = (each.astype(object) for each in sums)
    units = len(m), int((m > 0).sum()), int((n > 0).sum())
    pairs = (m * m, n * n, m * n, p * p, p * m, p * n, q * q, q * n, q * m, p * q)
    return BetweenUnits(*units, *(int(pair.sum()) for pair in pairs))


def test_a_row_counts_as_often_as_its_frequency_says(ask) -> None:
    frame = _frame(200, 3)
    repeated = frame.loc[frame.index.repeat(frame.c)]
    counted = Placements("t", count='"c"', score=NEW, old=OLD, positive=LABEL)
    assert ask(frame, counted).groups == (_expected((), repeated),)


@pytest.mark.parametrize("column", ["new", "old"])
def test_a_score_that_is_no_finite_number_is_refused(ask, column: str) -> None:
    frame = _frame(50, 3)
    frame.loc[7, column] = np.inf
    need = Placements("t", score=NEW, old=OLD, positive=LABEL)
    with pytest.raises(EvidenceError, match=f"`{column}`: 1 row has"):
        ask(frame, need)
