"""Facts of rows in units: against sums over the units of a data frame, and the same digits on any number of threads."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest

from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.moments import Moments
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.order import Order
from mlgate.evidence.questions.placements import Placements
from mlgate.evidence.questions.unit_counts import UnitValue
from mlgate.stats.clusters import ClusteredShare, UnitSums
from mlgate.stats.quantiles import ClusteredQuantile
from mlgate.values.errors import EvidenceError

G, LABEL, PREDICTION = Term("g", '"g"'), Term("y", '"y"'), Term("p", '"p"')
UNIT = '"u"'
MONOMIALS = ((1, 0, 0), (0, 1, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1), (0, 0, 2), (0, 0, 3), (3, 0, 0))


def frame(n: int = 1200, units: int = 90) -> pd.DataFrame:
    random = np.random.default_rng(5)
    unit = random.integers(0, units, n)
    return pd.DataFrame(
        {
            "u": [f"unit {number}" for number in unit],
            "y": random.choice(["1", "0"], n),
            "p": random.choice(["1", "0"], n, p=[0.2, 0.8]),
            "s": (random.normal(size=n) + unit % 7).round(1),
            "x": random.pareto(2, n) * 1e6,
            "g": random.choice(["a", "b", None], n),
        }
    )


def parts(data: pd.DataFrame) -> dict[tuple[str | None], pd.DataFrame]:
    return {(name,): data[data.g.isna() if name is None else data.g == name] for name in (None, "a", "b")}


def test_counts_in_units(ask) -> None:
    data = frame()
    fact = ask(data, Counts("t", terms=(G, LABEL, PREDICTION), unit=UNIT, groups=1))
    assert [of.group for of in fact.units] == list(parts(data))
    for of, part in zip(fact.units, parts(data).values(), strict=True):
        by_unit = {unit: Counter(zip(rows.y, rows.p)) for unit, rows in part.groupby("u")}
        cells = sorted(product("01", "01"))
        assert (of.units, of.largest) == (len(by_unit), max(each.total() for each in by_unit.values()))
        assert [
            (cell.values, cell.n, cell.units, cell.largest) for cell in fact.cells if cell.values[:1] == of.group
        ] == [
            (
                (*of.group, *cell),
                sum(each[cell] for each in by_unit.values()),
                sum(each[cell] > 0 for each in by_unit.values()),
                max(each[cell] for each in by_unit.values()),
            )
            for cell in cells
        ]
        assert [(pair.first, pair.second, pair.units, pair.products) for pair in of.pairs] == [
            (
                i,
                j,
                sum(each[cells[i]] * each[cells[j]] > 0 for each in by_unit.values()),
                sum(each[cells[i]] * each[cells[j]] for each in by_unit.values()),
            )
            for i in range(4)
            for j in range(i, 4)
        ]
        assert of.values == tuple(
            UnitValue(at, value, int(rows.nunique()), int(rows.value_counts().max()))
            for at, column in enumerate("yp")
            for value in "01"
            for rows in [part[part[column] == value].u]
        )


def test_units_of_no_rows_are_no_group(ask) -> None:
    assert ask(frame(), Counts("t", where="\"y\" = '2'", terms=(LABEL,), unit=UNIT)) == CountsFact((), ())
    assert ask(frame(), Counts("t", where="\"y\" = '2'", unit=UNIT)) == CountsFact((), ())
    (of,) = ask(frame(), Counts("t", unit=UNIT)).units
    assert of.units == 90


@pytest.mark.parametrize("column", ["s", "x"])
def test_moments_in_units(ask, column: str) -> None:
    data = frame()
    need = Moments("t", values=(f'"{column}"',), parts=((1,), (2,)), monomials=MONOMIALS, by=(G,), unit=UNIT)
    fact = ask(data, need)
    for of, part in zip(fact.groups, parts(data).values(), strict=True):
        units = []
        for _, rows in part.groupby("u"):
            moved = [Fraction(value) - fact.pivots[0] for value in rows[column]]
            units.append((sum(moved), sum(value**2 for value in moved), Fraction(len(moved))))
        assert (of.n, of.units) == (len(part), len(units))
        for powers, found in of.sums:
            terms = [a ** powers[0] * b ** powers[1] * n ** powers[2] for a, b, n in units]
            assert abs(found - sum(terms)) <= sum(map(abs, terms)) * Fraction(1, 10**12), powers
        assert dict(of.sums)[0, 0, 2] == sum(n**2 for *_, n in units)


def test_placements_in_units(ask) -> None:
    data = frame()
    need = Placements("t", score='"s"', positive="\"y\" = '1'", by=(G,), unit=UNIT)
    for of, part in zip(ask(data, need).groups, parts(data).values(), strict=True):
        positive, score = (part.y == "1").to_numpy(), part.s.to_numpy()
        placed = np.where(
            positive,
            [2 * (score[~positive] < s).sum() + (score[~positive] == s).sum() for s in score],
            [2 * (score[positive] > s).sum() + (score[positive] == s).sum() for s in score],
        )
        m, n, p, q = (
            pd.Series(values, part.index).groupby(part.u).sum().to_numpy()
            for values in (positive * 1, ~positive * 1, placed * positive, placed * ~positive)
        )
        u = of.between
        assert (u.units, u.with_positives, u.with_negatives) == (len(m), (m > 0).sum(), (n > 0).sum())
        assert (of.positives, of.negatives) == (m.sum(), n.sum())
        assert of.positive_sum == of.negative_sum == p.sum() == q.sum()
        sums = (u.mm, u.nn, u.mn, u.pp, u.pm, u.pn, u.qq, u.qn, u.qm, u.pq)
        pairs = (m * m, n * n, m * n, p * p, p * m, p * n, q * q, q * n, q * m, p * q)
        assert sums == tuple(int(pair.sum()) for pair in pairs)
        assert of.positive_squares == (placed[positive] ** 2).sum()
        assert of.negative_squares == (placed[~positive] ** 2).sum()


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_quantiles_in_units(ask, q: float) -> None:
    data = frame()
    need = Order("t", value='"s"', quantile=q, alphas=(0.05,), by=(G,), unit=UNIT)
    for of, part in zip(ask(data, need).groups, parts(data).values(), strict=True):
        ranked = np.sort(part.s.to_numpy())
        assert of.value == np.quantile(ranked, q, method="inverted_cdf")
        grouped = part.assign(y=part.s <= of.value).groupby("u")
        y, x = grouped.y.sum().to_numpy(), grouped.size().to_numpy()
        differing = int(min((y > 0).sum(), (y < x).sum()))
        share = ClusteredShare(
            UnitSums(len(x), *(int(s.sum()) for s in (y, x, y * y, x * x, x * y)), int(x.max()), differing)
        )
        ranks = ClusteredQuantile(share, Fraction(str(q)))
        assert of.bounds == ((0.05, ranked[ranks.lower(0.05) - 1], ranked[ranks.upper(0.05) - 1]),)
        assert (of.units, of.effective) == (len(x), share.effective_rows)


def test_the_same_digits_on_any_number_of_threads(ask) -> None:
    random = np.random.default_rng(3)
    data = pd.DataFrame({"x": random.pareto(1, 100_000), "u": random.integers(0, 5000, 100_000)})
    needs = [
        Moments("t", values=('"x"',), parts=((1,),), monomials=((1, 0), (2, 0), (1, 1), (3, 0)), unit='"u"'),
        Placements("t", score='"x"', positive='"u" < 1000', unit='"u"'),
    ]
    first = ask(data, *needs, threads=1).answers
    assert all(ask(data, *needs, threads=threads).answers == first for threads in (2, 5))


def test_rows_without_a_unit_are_counted_and_refused(ask) -> None:
    data = frame()
    data.loc[:6, "u"] = None
    with pytest.raises(EvidenceError, match="`u`: 7 rows have no value"):
        ask(data, Counts("t", terms=(LABEL,), unit=UNIT))
