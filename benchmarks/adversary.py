"""A search for the population in which a metric's bounds miss most: random populations, of which the worst is kept.

`python benchmarks/adversary.py` draws populations of every kind, measures the misses of each in few runs, and measures
the worst of them again in new runs, so that luck is not taken for a fault. `--write` writes adversary.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from scenarios import counts, entry_name, pairs
from scenarios.base import Result, simulate
from scenarios.rankings import RankedQueries
from scenarios.scores import Binormal, Ordered
from scenarios.sums import Binned, Errors, Values, small, with_rare, with_wrong_bin
from scenarios.units import ZIPF, UnitMatrix

from mlgate.metrics.metric import Metric
from mlgate.metrics.registry import metrics

Draw = Callable[[np.random.Generator], Any]
"""A population at random: a scenario of one model, or of a pair."""
FINALISTS = 2
"""On each side."""


def bounded_mean(random: np.random.Generator) -> Values:
    """Numbers from 0 to 1: Beta distributed or all small, and a small share of rows at the end of the range."""
    n = int(10 ** random.uniform(1, 3.3))
    share = min(float(random.uniform(0, 6)) / n, 0.5) * (random.random() < 0.7)
    if random.random() < 0.5:
        return Values(f"{share:.4f} at 1, the rest up to 0.04, n={n}", with_rare(share, 1.0, small),
                      0.02 * (1 - share) + share, n)  # fmt: skip
    a, b = (float(each) for each in 10 ** random.uniform(-1.5, 1, 2))
    usual = with_rare(share, 1.0, lambda r, s: r.beta(a, b, s))
    return Values(f"{share:.4f} at 1, the rest Beta({a:.2f}, {b:.2f}), n={n}", usual,
                  (1 - share) * a / (a + b) + share, n)  # fmt: skip


def loss(random: np.random.Generator) -> Values:
    """Losses without an upper end: log-normal, and a small share of rows that err much more."""
    n, sigma = int(10 ** random.uniform(1.3, 3.3)), float(random.uniform(0.2, 1.5))
    share, value = min(float(random.uniform(0, 6)) / n, 0.3), float(10 ** random.uniform(0, 2))
    usual = with_rare(share, value, lambda r, s: r.lognormal(0, sigma, s))
    mean = (1 - share) * float(np.exp(sigma**2 / 2)) + share * value
    return Values(f"{share:.4f} at {value:.0f}, the rest log-normal of sigma {sigma:.2f}, n={n}", usual, mean, n)


def area(random: np.random.Generator) -> Binormal:
    """Normal scores, and a small share of positives below all others."""
    positives, negatives = (int(10 ** random.uniform(1, 3)) for _ in range(2))
    distance, n = float(random.uniform(0, 5)), positives + negatives
    last = min(float(random.uniform(0, 6)) / positives, 0.5) * (random.random() < 0.7)
    name = f"{positives} and {negatives} rows, {distance:.1f} apart, {last:.4f} of positives last"
    return Binormal(name, positives / n, distance, n, last=last)


def units(random: np.random.Generator) -> UnitMatrix:
    """Two classes in units of equal, unequal or Zipf sizes, and a small share of units that are wholly wrong."""
    icc, tpr = float(10 ** random.uniform(-2, -0.2)), float(1 - 10 ** random.uniform(-1.7, -0.3))
    count, unequal = int(10 ** random.uniform(1.5, 2.5)), (False, True, ZIPF)[random.integers(3)]
    prevalence = float(random.uniform(0.1, 0.9))
    wrong = min(float(random.uniform(0, 6)) / count, 0.3) * (random.random() < 0.7)
    sizes = {False: "equal", True: "unequal"}.get(unequal, unequal)
    name = (
        f"in units: {count}, sizes {sizes}, icc {icc:.2f}, recall {tpr:.3f}, prevalence {prevalence:.2f}, "
        f"{wrong:.4f} of units wrong"
    )
    return UnitMatrix(name, prevalence, tpr, 0.9, count, icc=icc, unequal=unequal, wrong=wrong)


def bins(random: np.random.Generator) -> Binned:
    """Calibrated probabilities, Beta distributed, and a small share of rows with one score, all of which are wrong."""
    n, score = int(10 ** random.uniform(1.7, 3.3)), float(random.uniform(0, 1))
    share = min(float(random.uniform(0, 6)) / n, 0.3) * (random.random() < 0.8)
    a, b = (float(each) for each in 10 ** random.uniform(-1.3, 1.3, 2))
    name = f"{share:.4f} with score {score:.2f} wrong, the rest Beta({a:.2f}, {b:.2f}), n={n}"
    return with_wrong_bin(name, share, score, lambda r, s: r.beta(a, b, s), n)


def decisions(random: np.random.Generator) -> counts.Matrix:
    """Two classes of any prevalence, each decided as well or badly as may be."""
    n, prevalence = int(10 ** random.uniform(1, 3.3)), float(10 ** random.uniform(-2, -0.05))
    tpr, tnr = (float(1 - 10 ** random.uniform(-2.5, 0)) for _ in range(2))
    return counts.two(f"prevalence {prevalence:.3f}, rates {tpr:.3f} and {tnr:.3f}, n={n}", prevalence, tpr, tnr, n)


def weighed(random: np.random.Generator) -> counts.Matrix:
    """The same with sampling weights, which may be greater for rows that are missed."""
    of, spread, times = decisions(random), float(random.uniform(0.1, 1)), int(random.integers(1, 5))
    name = f"weights of spread {spread:.2f}, misses weigh {times} times, {of.name}"
    return replace(of, name=name, spread=spread, selected={("1", "2"): times, ("2", "1"): times})


def ratio(random: np.random.Generator) -> Errors:
    """Demand with log-normal labels, and a small share of rows that err much more."""
    n, sigma = int(10 ** random.uniform(1.3, 3.3)), float(random.uniform(0.1, 1))
    share, value = min(float(random.uniform(0, 6)) / n, 0.3), float(10 ** random.uniform(0, 1.5))
    size = (1 - share) * 0.3 * float(np.sqrt(2 / np.pi)) + share * value
    return Errors(
        f"{share:.4f} of rows err by {value:.0f}, the rest by normal 0.3, labels of sigma {sigma:.2f}, n={n}",
        lambda r, s: r.lognormal(0, sigma, s), with_rare(share, value, lambda r, s: r.normal(0, 0.3, s)), n,
        size / float(np.exp(sigma**2 / 2)), 0.0,
    )  # fmt: skip


def queries(random: np.random.Generator) -> RankedQueries:
    """Queries with few or many relevant items, ranked well or badly."""
    n, relevant = int(10 ** random.uniform(1.3, 3)), float(random.uniform(0.02, 0.6))
    skill = float(random.uniform(0, 4))
    return RankedQueries(f"{relevant:.2f} relevant, skill {skill:.1f}, {n} queries", relevant, skill, n)


def ordered(random: np.random.Generator) -> Ordered:
    """Errors of which a part is 0, and the rest exponential."""
    n, zeros = int(10 ** random.uniform(1.3, 3.3)), float(random.uniform(0, 0.95))
    rest = 1 - zeros
    return Ordered(
        f"{zeros:.2f} zeros, the rest exponential, n={n}",
        lambda u: np.where(u < zeros, 0.0, -np.log1p(-np.maximum(np.asarray(u) - zeros, 0) / rest)), n,
    )  # fmt: skip


def two_deciders(random: np.random.Generator) -> pairs.Decisions:
    """Two models that differ in few or many rows."""
    n, share = int(10 ** random.uniform(1.3, 3.3)), float(10 ** random.uniform(-2, -0.3))
    right = tuple(float(1 - 10 ** random.uniform(-2.5, -0.3)) for _ in range(2))
    mends, breaks = float(random.uniform(0, 0.9)), float(10 ** random.uniform(-3, -0.3))
    name = (
        f"{share:.3f} positive, {right[0]:.3f} and {right[1]:.3f} right, {mends:.2f} mended, {breaks:.3f} broken, n={n}"
    )
    return pairs.Decisions(name, (share, 1 - share), right, mends, breaks, n)


def two_losers(random: np.random.Generator) -> pairs.Losses:
    """Two models whose errors are correlated; the new one errs much more in a small share of the rows."""
    n, scale = int(10 ** random.uniform(1.3, 3)), float(random.uniform(0.5, 1))
    share, value = min(float(random.uniform(0, 6)) / n, 0.2), float(10 ** random.uniform(0, 1.5))

    def draw(r: np.random.Generator, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        shared = r.normal(size=size)
        new, old = (each * (0.8 * shared + 0.6 * r.normal(size=size)) for each in (scale, 1.0))
        return r.normal(0, 2, size), np.where(r.random(size) < share, value, new), old

    return pairs.Losses(f"new errors {scale:.2f} times, {share:.4f} of them {value:.0f}, n={n}", draw, n)


def two_rankers(random: np.random.Generator) -> pairs.Scores:
    """Normal scores of two models that are correlated."""
    n, prevalence = int(10 ** random.uniform(1.5, 3.3)), float(random.uniform(0.05, 0.6))
    new, old = (float(random.uniform(0, 4)) for _ in range(2))
    correlation = float(random.uniform(0, 0.99))
    name = f"{new:.1f} and {old:.1f} apart, correlation {correlation:.2f}, prevalence {prevalence:.2f}, n={n}"
    return pairs.Scores(name, prevalence, (new, old), correlation, n)


SEARCHED: Mapping[str, tuple[str, Draw]] = {
    "share": ("recall", decisions),
    "share under sampling weights": ("accuracy", weighed),
    "share in units": ("recall", units),
    "function of two shares": ("balanced_accuracy", decisions),
    "function of counts": ("f1", decisions),
    "function of counts in units": ("matthews_corrcoef", units),
    "mean of numbers with a range": ("brier_score", bounded_mean),
    "mean of numbers without a range": ("mae", loss),
    "ratio of sums": ("wape", ratio),
    "mean over queries": ("ndcg", queries),
    "area": ("roc_auc", area),
    "quantile": ("quantile", ordered),
    "bins of probabilities": ("calibration_error", bins),
    "difference of two shares": ("accuracy", two_deciders),
    "difference of two means": ("mae", two_losers),
    "difference of two areas": ("roc_auc", two_rankers),
}
"""The kinds that are searched, by the metric that stands in for each."""
OF_PAIRS = (two_deciders, two_losers, two_rankers)
"""What draws two models."""


def chosen(name: str) -> Metric:
    """A metric of two classes, or the first of that name."""
    entries = metrics()[name]
    return next((metric for metric in entries if "binary" in metric.tasks), entries[0])


def worst(metric: Metric, draw: Draw, populations: int, runs: int, again: int, seed: int) -> list[Result]:
    """The populations with the most misses, measured again, the worst first."""
    random = np.random.default_rng(seed)
    drawn = {scenario.name: scenario for scenario in (draw(random) for _ in range(populations))}
    measure = pairs.simulate if draw in OF_PAIRS else simulate
    first = [measure(entry_name(metric), metric, each, runs, seed) for each in drawn.values()]
    sides = (
        sorted(first, key=lambda result: -missed(result))[:FINALISTS]
        for missed in (attrgetter("lower"), attrgetter("upper"))
    )
    names = dict.fromkeys(result.scenario for side in sides for result in side)
    found = [measure(entry_name(metric), metric, drawn[name], again, seed + 1) for name in names]
    return sorted(found, key=lambda result: -result.worst)


def main() -> int:
    """Search, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--populations", type=int, default=200, help="of each kind")
    parser.add_argument("--runs", type=int, default=200, help="for each population")
    parser.add_argument("--again", type=int, default=4000, help="new runs for the worst")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="KIND", help="a part of a kind's name")
    parser.add_argument("--write", action="store_true", help="write adversary.md")
    given = parser.parse_args()
    rows = ["| kind | metric | L % | U % | no bound % | population |", "|---|---|---|---|---|---|"]
    for kind, (name, draw) in ((kind, of) for kind, of in SEARCHED.items() if given.only in kind):
        for result in worst(chosen(name), draw, given.populations, given.runs, given.again, given.seed):
            rates = (f"{100 * each / result.runs:.1f}" for each in (result.lower, result.upper, result.without))
            rows.append(f"| {kind} | {result.metric} | {' | '.join(rates)} | {result.scenario} |")
            print(rows[-1], file=sys.stderr, flush=True)
    made = f"Made by `python benchmarks/adversary.py --write` on {date.today()}: {given.populations} random populations"
    how = (
        f"{given.runs} runs each,\nand {given.again:,} new runs for the {FINALISTS} with the most misses on each side."
    )
    sides = "One-sided 95 % bounds; L: the lower bound was above the truth, U: the upper one below it."
    text = "\n".join(["# The worst populations found", "", f"{made} of each kind, {how} {sides}", "", *rows, ""])
    print(text)
    if given.write:
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
