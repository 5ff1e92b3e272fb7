"""One row a unit: its score is the greatest or the mean, exactly, and every other column has one value within it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.questions.counts import Counts
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.order import Order
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.rollup import RollUp
from mlgate.values.errors import EvidenceError

LABEL = Counts("units", terms=(Term("y", '"y"'),))
MEDIAN = Order("units", value='"s"', quantile=0.5)


def data(n: int = 400, units: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(2)
    unit = random.integers(0, units, n)
    return pd.DataFrame(
        {"u": unit, "y": (unit % 3).astype(str), "s": random.random(n), "p": random.choice(list("ab"), n)}
    )


def tables(frame: pd.DataFrame, how: str = "max", unit: tuple[str, ...] = ("u",)):
    return {"t": FrameSource(frame), "units": RollUp("t", unit, how, ("s",), ("p",))}


@pytest.mark.parametrize("how", ["max", "mean"])
def test_a_row_a_unit(ask, how: str) -> None:
    frame = data()
    facts = ask(tables(frame, how), LABEL, MEDIAN)
    rolled = frame.groupby("u").agg(y=("y", "first"), s=("s", how))
    assert {cell.values[0]: cell.n for cell in facts[LABEL].cells} == rolled.y.value_counts().to_dict()
    expected = np.quantile(rolled.s, 0.5, method="inverted_cdf")
    assert facts[MEDIAN].groups[0].value == pytest.approx(expected, rel=1e-15)


def test_the_mean_of_equal_scores_is_that_score(ask) -> None:
    frame = data().assign(s=0.7)
    need = Counts("units", where='"s" = 0.7')
    assert ask(tables(frame, "mean"), need).cells[0].n == frame.u.nunique()


def test_the_mean_is_the_same_on_any_number_of_threads(ask) -> None:
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"u": random.integers(0, 50, 100_000), "s": random.lognormal(0, 5, 100_000)})
    need = Order("units", value='"s"', quantile=0.3, alphas=(0.05,))
    found = [ask(tables(frame, "mean"), need, threads=threads) for threads in (1, 2, 5)]
    assert found[0] == found[1] == found[2]


def test_a_column_that_differs_is_refused_alone(ask) -> None:
    frame = data()
    differ = (frame.groupby("u").p.nunique() > 1).sum()
    facts = ask(tables(frame), LABEL, Counts("units", terms=(Term("p", '"p"'),)))
    assert sum(cell.n for cell in facts[LABEL].cells) == 40
    with pytest.raises(EvidenceError, match=rf"`p` has several values within {differ} of 40 units; .* `threshold:`"):
        facts[Counts("units", terms=(Term("p", '"p"'),))]


def test_a_label_that_some_rows_lack_differs(ask) -> None:
    frame = data()
    frame.loc[frame.u == 7, "y"] = [None, *["1"] * ((frame.u == 7).sum() - 1)]
    with pytest.raises(EvidenceError, match=r"`y` has several values within 1 of 40 units; a unit that is rolled up"):
        ask(tables(frame), LABEL)


@pytest.mark.parametrize("bad", [None, np.nan, np.inf])
@pytest.mark.parametrize("how", ["max", "mean"])
def test_a_row_without_a_score_is_not_hidden_by_the_others(ask, bad: float | None, how: str) -> None:
    frame = data()
    frame.loc[3, "s"] = bad
    with pytest.raises(EvidenceError, match="`s`: 1 of 400 rows has no finite number"):
        ask(tables(frame, how), MEDIAN)


def test_a_row_without_a_unit_is_refused(ask) -> None:
    frame = data().assign(u=lambda f: f.u.astype("Int64"))
    frame.loc[3, "u"] = None
    with pytest.raises(EvidenceError, match="1 of 400 rows has no `u`"):
        ask(tables(frame), LABEL)


def test_a_unit_of_several_columns(ask) -> None:
    frame = data().assign(v=lambda f: f.index % 2)
    found = ask(tables(frame, unit=("u", "v")), LABEL)
    assert sum(cell.n for cell in found.cells) == len(frame.drop_duplicates(["u", "v"]))


@pytest.mark.parametrize(("unit", "said"), [("w", "no column `w`"), ("s", "both the score and the unit")])
def test_what_cannot_be_rolled_up(ask, unit: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        ask(tables(data(), unit=(unit,)), LABEL)
