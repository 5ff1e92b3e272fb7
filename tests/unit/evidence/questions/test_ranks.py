"""Placements, rankings, order statistics and top shares against brute force, numpy and scikit-learn."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from mlgate.evidence.questions import narrowed_ranks, order, placements
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.order import Order
from mlgate.evidence.questions.placements import Placements, PlacementsOf
from mlgate.evidence.questions.ranked_scores import Ranking, RankingOf
from mlgate.evidence.questions.top_share import TopShare
from mlgate.stats.quantiles import lower_rank, upper_rank
from mlgate.values.errors import EvidenceError

G = Term("g", '"g"')
SCORE, LABEL = 'cast("s" as double)', '"y" = 1'


def _frame(n: int, ties: int, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    score = random.integers(-ties, ties + 1, n) / ties
    score[random.random(n) < 0.1] *= -0.0
    return pd.DataFrame(
        {
            "s": score,
            "y": random.integers(0, 2, n),
            "g": random.choice(["a", "b", None], n),
            "c": random.integers(1, 4, n),
            "h": random.random(n) < 0.5,
        }
    )


def _placed(group: tuple, part: pd.DataFrame) -> PlacementsOf:
    up, down = part.s[part.y == 1].to_numpy(), part.s[part.y == 0].to_numpy()
    below = [2 * int((down < s).sum()) + int((down == s).sum()) for s in up]
    above = [2 * int((up > s).sum()) + int((up == s).sum()) for s in down]
    squares = (sum(v * v for v in below), sum(v * v for v in above))
    return PlacementsOf(group, len(up), len(down), sum(below), squares[0], sum(above), squares[1])


def _parts(frame: pd.DataFrame) -> list[tuple[tuple, pd.DataFrame]]:
    return [((None,), frame[frame.g.isna()]), (("a",), frame[frame.g == "a"]), (("b",), frame[frame.g == "b"])]


@pytest.mark.parametrize("ties", [1, 3, 1000])
def test_placements(ask, ties: int) -> None:
    frame = _frame(300, ties)
    alone, by = Placements("t", score=SCORE, positive=LABEL), Placements("t", score=SCORE, positive=LABEL, by=(G,))
    facts = ask(frame, alone, by)
    assert facts[alone].groups == (_placed((), frame),)
    assert list(facts[by].groups) == [_placed(group, part) for group, part in _parts(frame)]
    of = facts[alone].groups[0]
    area = Fraction(of.positive_sum, 2 * of.positives * of.negatives)
    assert float(area) == pytest.approx(roc_auc_score(frame.y, frame.s), abs=1e-14)


def test_more_rows_than_fit_in_memory_are_sorted_by_the_engine(ask, monkeypatch) -> None:
    frame = _frame(300, 3)
    need = Placements("t", '"h"', score=SCORE, positive=LABEL, by=(G,))
    here = ask(frame, need)
    monkeypatch.setattr(placements, "MOST_IN_MEMORY", 10)
    assert ask(frame, need) == here


def test_placements_with_frequencies_are_of_repeated_rows(ask) -> None:
    frame = _frame(200, 5)
    counted = ask(frame, Placements("t", '"h"', '"c"', SCORE, LABEL, (G,)))
    repeated = frame[frame.h].pipe(lambda kept: kept.loc[kept.index.repeat(kept.c)])
    assert list(counted.groups) == [_placed(group, part) for group, part in _parts(repeated)]


def test_placements_of_one_class_or_no_rows(ask) -> None:
    frame = pd.DataFrame({"s": [0.1, 0.2], "y": [1, 1]})
    need = Placements("t", score=SCORE, positive=LABEL)
    assert ask(frame, need).groups == (PlacementsOf((), 2, 0, 0, 0, 0, 0),)
    assert ask(frame.iloc[:0], need).groups == ()
    assert ask(_frame(10, 3).iloc[:0], Placements("t", score=SCORE, positive=LABEL, by=(G,))).groups == ()


@pytest.mark.parametrize("kind", [Placements, Ranking])
@pytest.mark.parametrize(
    ("score", "label", "message"),
    [
        ([0.1, np.nan], [1, 0], "column `s`: 1 row has no finite number"),
        ([0.1, np.inf], [1, 0], "column `s`: 1 row has no finite number"),
        ([0.1, 0.2], [1, None], "column `y`: 1 row has no value"),
    ],
)
def test_one_row_without_score_or_label_is_an_error(ask, kind, score: list, label: list, message: str) -> None:
    frame = pd.DataFrame({"s": score, "y": pd.array(label, "Int64")})
    with pytest.raises(EvidenceError, match=message):
        ask(frame, kind("t", score=SCORE, positive=LABEL))


def _ranking(group: tuple, part: pd.DataFrame) -> RankingOf:
    rows = []
    for s in sorted(set(part.s + 0.0), reverse=True):
        at = part[part.s == s]
        tallies = [at.c[mask].sum() for mask in (at.y == 1, at.y == 0)]
        rows.append((s, *map(int, tallies)))
    return RankingOf(group, *zip(*rows, strict=True), binned=False)


def test_rankings(ask) -> None:
    frame = _frame(300, 6)
    need = Ranking("t", count='"c"', score=SCORE, positive=LABEL, by=(G,))
    assert list(ask(frame, need).groups) == [_ranking(group, part) for group, part in _parts(frame)]


def test_a_long_ranking_is_binned_by_equal_counts(ask) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"s": random.normal(size=10_000), "y": random.integers(0, 2, 10_000)})
    frame.loc[:999, "s"] = 0.5
    (of,) = ask(frame, Ranking("t", score=SCORE, positive=LABEL, bins=100)).groups
    assert of.binned
    assert 80 <= len(of.scores) <= 101
    assert list(of.scores) == sorted(of.scores, reverse=True)
    counts = [p + n for p, n in zip(of.positives, of.negatives, strict=True)]
    assert sum(counts) == 10_000
    assert sum(of.positives) == frame.y.sum()
    assert sorted(counts)[-2] <= 101
    assert max(counts) >= 1000
    edges = np.cumsum(counts)[:-1]
    ordered = np.sort(frame.s.to_numpy())[::-1]
    assert list(of.scores[1:]) == [ordered[edge] for edge in edges]


def test_exactly_as_many_scores_as_bins_are_kept(ask) -> None:
    frame = pd.DataFrame({"s": np.arange(10.0), "y": [0, 1] * 5})
    (of,) = ask(frame, Ranking("t", score=SCORE, positive=LABEL, bins=10)).groups
    assert (len(of.scores), of.binned) == (10, False)


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.05])
@pytest.mark.parametrize("n", [1, 2, 10, 101, 1000])
def test_order_statistics(ask, n: int, quantile: float) -> None:
    random = np.random.default_rng(n)
    frame = pd.DataFrame({"x": np.round(random.normal(size=n), 1), "g": [None, "a"] * (n // 2) + ["a"] * (n % 2)})
    alphas = (0.05, 0.001)
    need = Order("t", value='"x"', quantile=quantile, alphas=alphas, by=(G,))
    for of in ask(frame, need).groups:
        part = np.sort(frame.x[frame.g.isna() if of.group[0] is None else frame.g == of.group[0]].to_numpy())
        m = len(part)
        assert of.n == m
        assert of.value == np.quantile(part, quantile, method="inverted_cdf")
        assert of.middle == pytest.approx(np.quantile(part, quantile, method="averaged_inverted_cdf"))
        for alpha, low, high in of.bounds:
            for bound, rank in ((low, lower_rank(m, quantile, alpha)), (high, upper_rank(m, quantile, alpha))):
                assert bound == (None if rank is None else part[rank - 1])


def test_order_statistics_with_frequencies(ask) -> None:
    frame = _frame(200, 20)
    repeated = frame.loc[frame.index.repeat(frame.c)]
    counted = ask(frame, Order("t", '"h"', '"c"', SCORE, 0.3, (0.1,)))
    assert counted == ask(repeated, Order("t", '"h"', "", SCORE, 0.3, (0.1,)))


def test_order_needs_finite_numbers(ask) -> None:
    with pytest.raises(EvidenceError, match="column `x`: 1 row has no finite number"):
        ask(pd.DataFrame({"x": [1.0, np.inf]}), Order("t", value='"x"'))
    assert ask(pd.DataFrame({"x": [1.0]}).iloc[:0], Order("t", value='"x"')).groups == ()


@pytest.mark.parametrize(("n", "fraction"), [(100, 0.01), (700, 0.01), (50, 0.01), (1000, 0.1), (3, 1.0)])
def test_top_shares(ask, n: int, fraction: float) -> None:
    random = np.random.default_rng(n)
    frame = pd.DataFrame({"x": np.round(random.pareto(1, n), 1), "g": "a"})
    need = TopShare("t", value='"x"', fraction=fraction, by=(G,))
    ((group, share),) = ask(frame, need).groups
    ordered = np.sort(frame.x.to_numpy())[::-1]
    room = math.ceil(n * Fraction(str(fraction)))
    assert group == ("a",)
    assert share == pytest.approx(math.fsum(ordered[:room]) / math.fsum(ordered), rel=1e-12)


def test_top_shares_of_nothing_and_of_less(ask) -> None:
    assert ask(pd.DataFrame({"x": [0.0, 0.0]}), TopShare("t", value='"x"')).groups == (((), 0.0),)
    assert ask(pd.DataFrame({"x": [0.0]}).iloc[:0], TopShare("t", value='"x"')).groups == ()
    with pytest.raises(EvidenceError, match="column `x` has the value -1"):
        ask(pd.DataFrame({"x": [1.0, -1.0]}), TopShare("t", value='"x"'))


def test_a_by_of_too_many_values_is_an_error_before_it_is_sorted(ask) -> None:
    frame = pd.DataFrame({"s": np.arange(120_000.0), "y": 1, "g": [str(at) for at in range(120_000)]})
    needs = (Placements("t", score=SCORE, positive=LABEL, by=(G,)), Order("t", value='"s"', by=(G,)))
    facts = ask(frame, *needs)
    for need in needs:
        with pytest.raises(EvidenceError, match="column `g` alone has about"):
            facts[need]


ONE_DISTRIBUTION = {
    "normal": lambda random, n: random.normal(size=n),
    "in the order of the rows": lambda random, n: np.sort(random.normal(size=n)),
    "half of them zero": lambda random, n: np.where(random.random(n) < 0.5, -0.0, random.normal(size=n)),
    "few values": lambda random, n: random.integers(0, 6, n).astype(float),
    "one value": lambda random, n: np.full(n, -0.0),
    "heavy tails": lambda random, n: random.standard_cauchy(n) ** 3,
    "one value beside others": lambda random, n: np.where(random.random(n) < 0.02, 1e300, random.random(n)),
}


@pytest.mark.parametrize("most_sorted", [300, 9000])
@pytest.mark.parametrize("most_held", [0, 1 << 25])
@pytest.mark.parametrize("name", list(ONE_DISTRIBUTION))
def test_ranks_of_many_rows_are_those_of_sorted_rows(ask, monkeypatch, name, most_held, most_sorted):
    monkeypatch.setattr(narrowed_ranks, "SAMPLED", 256)
    monkeypatch.setattr(narrowed_ranks, "MOST_SORTED", most_sorted)
    monkeypatch.setattr(order, "MOST_HELD", most_held)
    n = 20_000
    values = ONE_DISTRIBUTION[name](np.random.default_rng(8), n)
    needs = [Order("t", value='"x"', quantile=level, alphas=(0.05, 0.001)) for level in (0.0005, 0.3, 0.5, 0.51, 0.999)]
    found, ordered = ask(pd.DataFrame({"x": values}), *needs), np.sort(values) + 0.0
    for need in needs:
        (of,) = found[need].groups
        assert of.value == ordered[math.ceil(need.quantile * n) - 1]
        assert math.copysign(1, of.value) == math.copysign(1, ordered[math.ceil(need.quantile * n) - 1])
        for alpha, low, high in of.bounds:
            ranks = lower_rank(n, need.quantile, alpha), upper_rank(n, need.quantile, alpha)
            assert (low, high) == tuple(None if rank is None else ordered[rank - 1] for rank in ranks)


def test_a_sample_that_misleads_narrows_nothing(ask, monkeypatch):
    monkeypatch.setattr(narrowed_ranks, "SAMPLED", 256)
    monkeypatch.setattr(narrowed_ranks, "MOST_SORTED", 300)
    monkeypatch.setattr(narrowed_ranks, "_sample", lambda engine, rows_of, n: np.linspace(5.0, 6.0, 250))
    values = np.random.default_rng(9).normal(size=20_000)
    (of,) = ask(pd.DataFrame({"x": values}), Order("t", value='"x"', quantile=0.5)).groups
    assert of.value == np.sort(values)[9_999]
