"""A search for the population in which a metric's bounds miss most: random populations, of which the worst is kept.

`python benchmarks/adversary.py` draws populations of every kind, measures the misses of each in few runs, and measures
the worst of them again in new runs, so that luck is not taken for a fault. `--write` writes adversary.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from pathlib import Path

import numpy as np
from scenarios import entry_name
from scenarios.base import Result, Scenario, simulate
from scenarios.scores import Binormal
from scenarios.sums import Values, small, with_rare, with_wrong_bin
from scenarios.units import ZIPF, UnitMatrix

from mlgate.metrics.metric import Metric
from mlgate.metrics.registry import metrics

Draw = Callable[[np.random.Generator], Scenario]
FINALISTS = 2
"""On each side."""


def bounded_mean(random: np.random.Generator) -> Scenario:
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


def loss(random: np.random.Generator) -> Scenario:
    """Losses without an upper end: log-normal, and a small share of rows that err much more."""
    n, sigma = int(10 ** random.uniform(1.3, 3.3)), float(random.uniform(0.2, 1.5))
    share, value = min(float(random.uniform(0, 6)) / n, 0.3), float(10 ** random.uniform(0, 2))
    usual = with_rare(share, value, lambda r, s: r.lognormal(0, sigma, s))
    mean = (1 - share) * float(np.exp(sigma**2 / 2)) + share * value
    return Values(f"{share:.4f} at {value:.0f}, the rest log-normal of sigma {sigma:.2f}, n={n}", usual, mean, n)


def area(random: np.random.Generator) -> Scenario:
    """Normal scores, and a small share of positives below all others."""
    positives, negatives = (int(10 ** random.uniform(1, 3)) for _ in range(2))
    distance, n = float(random.uniform(0, 5)), positives + negatives
    last = min(float(random.uniform(0, 6)) / positives, 0.5) * (random.random() < 0.7)
    name = f"{positives} and {negatives} rows, {distance:.1f} apart, {last:.4f} of positives last"
    return Binormal(name, positives / n, distance, n, last=last)


def units(random: np.random.Generator) -> Scenario:
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


def bins(random: np.random.Generator) -> Scenario:
    """Calibrated probabilities, Beta distributed, and a small share of rows with one score, all of which are wrong."""
    n, score = int(10 ** random.uniform(1.7, 3.3)), float(random.uniform(0, 1))
    share = min(float(random.uniform(0, 6)) / n, 0.3) * (random.random() < 0.8)
    a, b = (float(each) for each in 10 ** random.uniform(-1.3, 1.3, 2))
    name = f"{share:.4f} with score {score:.2f} wrong, the rest Beta({a:.2f}, {b:.2f}), n={n}"
    return with_wrong_bin(name, share, score, lambda r, s: r.beta(a, b, s), n)


SEARCHED: Mapping[str, tuple[str, Draw]] = {
    "mean of numbers with a range": ("brier_score", bounded_mean),
    "mean of numbers without a range": ("mae", loss),
    "area": ("roc_auc", area),
    "share in units": ("recall", units),
    "bins of probabilities": ("calibration_error", bins),
}
"""The kinds that are searched, by the metric that stands in for each."""


def chosen(name: str) -> Metric:
    """A metric of two classes, or the first of that name."""
    entries = metrics()[name]
    return next((metric for metric in entries if "binary" in metric.tasks), entries[0])


def worst(metric: Metric, draw: Draw, populations: int, runs: int, again: int, seed: int) -> list[Result]:
    """The populations with the most misses, measured again, the worst first."""
    random = np.random.default_rng(seed)
    drawn = {scenario.name: scenario for scenario in (draw(random) for _ in range(populations))}
    first = [simulate(entry_name(metric), metric, each, runs, seed) for each in drawn.values()]
    sides = (
        sorted(first, key=lambda result: -missed(result))[:FINALISTS]
        for missed in (attrgetter("lower"), attrgetter("upper"))
    )
    names = dict.fromkeys(result.scenario for side in sides for result in side)
    found = [simulate(entry_name(metric), metric, drawn[name], again, seed + 1) for name in names]
    return sorted(found, key=lambda result: -result.worst)


def main() -> int:
    """Search, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--populations", type=int, default=200, help="of each kind")
    parser.add_argument("--runs", type=int, default=200, help="for each population")
    parser.add_argument("--again", type=int, default=4000, help="new runs for the worst")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write adversary.md")
    given = parser.parse_args()
    rows = ["| kind | metric | L % | U % | no bound % | population |", "|---|---|---|---|---|---|"]
    for kind, (name, draw) in SEARCHED.items():
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
