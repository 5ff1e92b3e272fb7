"""Moments: exact in fixed point, the same digits on any number of threads, and close to exact fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgate.evidence.fixed_point import fixed_point
from mlgate.evidence.questions.moments import Moments, MomentsFact
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.profile import Profile, ProfileFact
from mlgate.values.errors import EvidenceError

G = Term("g", '"g"')
POWERS = ((0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (0, 2), (1, 1), (2, 1))
N = 3000

DATA = {
    "around zero": lambda random: random.normal(size=N),
    "far from zero": lambda random: 1e9 + random.normal(0, 1e-3, N),
    "heavy tail": lambda random: random.pareto(0.7, N) * 1e-3,
    "tiny": lambda random: random.normal(size=N) * 1e-200,
    "huge": lambda random: random.normal(size=N) * 1e200,
    "one value": lambda random: np.full(N, 0.1),
    "integers": lambda random: random.integers(-(10**6), 10**6, N).astype(float),
    "zero or one": lambda random: random.integers(0, 2, N).astype(float),
    "one outlier": lambda random: np.append(random.normal(size=N - 1), 1e12),
}


@pytest.mark.parametrize("name", DATA)
def test_sums_agree_with_fractions(ask, name: str) -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"x": DATA[name](random), "z": random.random(N), "g": random.choice(["a", None], N)})
    need = Moments("t", values=('"x"', '"z"'), monomials=POWERS, by=(G,))
    fact: MomentsFact = ask(frame, need)
    assert [of.group for of in fact.groups] == [(None,), ("a",)]
    for of in fact.groups:
        part = frame[frame.g.isna() if of.group[0] is None else frame.g == of.group[0]]
        assert of.n == len(part)
        x = [Fraction(v) - fact.pivots[0] for v in part.x]
        z = [Fraction(v) - fact.pivots[1] for v in part.z]
        for (p, q), found in of.sums:
            terms = [a**p * b**q for a, b in zip(x, z, strict=True)]
            size = sum(map(abs, terms))
            assert abs(found - sum(terms)) <= size * Fraction(1, 10**12), (p, q)


@pytest.mark.parametrize("name", ["integers", "zero or one", "one value"])
def test_integers_are_exact(ask, name: str) -> None:
    frame = pd.DataFrame({"x": DATA[name](np.random.default_rng(3))})
    fact = ask(frame, Moments("t", values=('"x"',), monomials=((1,), (2,))))
    x = [Fraction(v) - fact.pivots[0] for v in frame.x]
    assert dict(fact.groups[0].sums) == {(1,): sum(x), (2,): sum(v * v for v in x)}


def test_the_same_digits_on_any_number_of_threads(ask) -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"x": random.pareto(1, 200_000), "g": random.choice(list("abc"), 200_000)})
    needs = [Moments("t", values=('"x"',), monomials=((1,), (2,), (3,)), by=by) for by in ((), (G,))]
    first = ask(frame, *needs, threads=1).answers
    for threads in (2, 3, 8):
        assert ask(frame, *needs, threads=threads).answers == first
    assert ask(frame.sample(frac=1, random_state=1), *needs, threads=4).answers == first


def test_frequencies_are_repetitions(ask) -> None:
    random = np.random.default_rng(3)
    frame = pd.DataFrame({"x": random.normal(size=50), "c": random.integers(1, 9, 50)})
    repeated = frame.loc[frame.index.repeat(frame.c)]
    counted = ask(frame, Moments("t", count='"c"', values=('"x"',), monomials=((1,), (2,))))
    assert counted == ask(repeated, Moments("t", values=('"x"',), monomials=((1,), (2,))))


def test_a_condition_is_its_own_scale(ask) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, np.nan]})
    fact = ask(frame, Moments("t", '"x" < 5', values=('"x"',), monomials=((1,),)))
    assert fact.groups[0].sums[0][1] + 2 * fact.pivots[0] == 3


def test_no_rows_have_no_groups(ask) -> None:
    assert ask(pd.DataFrame({"x": [1.0]}).iloc[:0], Moments("t", values=('"x"',), monomials=((1,),))).groups == ()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, None])
def test_one_unusable_value_is_an_error(ask, bad: float | None) -> None:
    with pytest.raises(EvidenceError, match=r"column `x`: of 2 values, 1 is (missing|NaN|infinite)"):
        ask(pd.DataFrame({"x": [1.0, bad]}), Moments("t", values=('"x"',), monomials=((1,),)))


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, finite)
@settings(max_examples=300)
def test_scaled_values_lie_within_one(low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    scale = fixed_point(low, high)
    for value in (low, high):
        assert abs((value - float(scale.pivot)) * 2.0**-scale.exponent) <= 1


def test_profiles(ask) -> None:
    columns = {"x": ["1", " 2", "nan", None, "1e400", "-5e-1"], "g": list("aaabbb")}
    whole = Profile("t", raw='"x"', value='to_number("x")')
    part = Profile("t", "\"g\" = 'a'", raw='"x"', value='to_number("x")')
    floats = Profile("u", raw='"f"', value='"f"')
    facts = ask({"t": _source(columns), "u": _source({"f": np.array([np.inf, -0.0, 3.0])})}, whole, part, floats)
    assert facts[whole] == ProfileFact(6, 1, 3, 0, 0, -0.5, 1.0)
    assert facts[part] == ProfileFact(3, 0, 2, 0, 0, 1.0, 1.0)
    assert facts[floats] == ProfileFact(3, 0, 0, 0, 1, 0.0, 3.0)
    assert str(facts[floats].minimum) == "0.0"


def _source(columns: dict) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_more_profiles_than_fit_one_statement(ask) -> None:
    frame = pd.DataFrame({f"x{at}": [float(at)] for at in range(90)})
    needs = [Profile("t", raw=f'"x{at}"', value=f'"x{at}"') for at in range(90)]
    facts = ask(frame, *needs)
    assert [facts[need].maximum for need in needs] == list(map(float, range(90)))


def test_all_monomials_of_three_values(ask) -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 5, 1], "c": [0.5, 0.25, 0.125]})
    powers = tuple(p for p in product(range(3), repeat=3))
    fact = ask(frame, Moments("t", values=('"a"', '"b"', '"c"'), monomials=powers))
    for power, found in fact.groups[0].sums:
        rows = ([Fraction(v) - p for v, p in zip(row, fact.pivots, strict=True)] for row in frame.to_numpy())
        assert found == sum(r[0] ** power[0] * r[1] ** power[1] * r[2] ** power[2] for r in rows)
