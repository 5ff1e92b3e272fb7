"""Miss rates of every metric's bounds on a named grid of populations: `python benchmarks/coverage.py --help`.

A bound at 95 % may be on the wrong side of the truth in 5 % of samples. What the metrics' entries promise
(`Interval`) rests on this table; exit code 1 says that a guaranteed one missed more than 5.5 % somewhere.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

if __package__ in (None, ""):
    sys.path.append(str(Path(__file__).parent))

from scenarios import grid
from scenarios.base import Result, Scenario, simulate

from mlgate.metrics.base import Interval, Metric
from mlgate.metrics.kinds.calibration import Calibration
from mlgate.metrics.kinds.curve import Curve
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.melded import Melded, MeldedShares
from mlgate.metrics.kinds.share import HitShare
from mlgate.stats import melded

MOST = 0.055
Task = tuple[str, int, int]
"""The name of an entry, which of its scenarios, and the runs."""


def tasks(only: str, runs: int, slow_runs: int) -> tuple[list[Task], dict[tuple[str, int], tuple[str, int]]]:
    """What to simulate, and for entries that share kind and scenario whose result they take."""
    wanted, same, first = [], {}, {}
    at: dict[str, int] = defaultdict(int)
    for name, metric, scenario in grid():
        place = name, at[name]
        at[name] += 1
        if only not in f"{name}: {scenario.name}":
            continue
        same[place] = first.setdefault((simulated_as(metric), scenario.name), place)
        if same[place] == place:
            wanted.append((*place, min(runs, slow_runs) if slow(metric, scenario) else runs))
    return wanted, same


def simulated_as(metric: Metric) -> object:
    """What entries have in common that differ only in the numbers a row gives: their interval."""
    kind = metric.kind
    if isinstance(kind, (Mean, HitShare)):
        return type(kind), getattr(kind, "root", False)
    return kind


def slow(metric: Metric, scenario: Scenario) -> bool:
    """Whether a run takes so long that fewer must do: bootstraps, and draws for sums that do not repeat."""
    if isinstance(metric.kind, (Curve, Calibration)):
        return True
    return scenario.weighted and isinstance(metric.kind, (Melded, MeldedShares))


def run(task: Task) -> Result:
    """One task, in a process of its own; seeded by its name, so that the rest of the grid does not matter."""
    name, place, runs = task
    found = [(metric, scenario) for entry, metric, scenario in grid() if entry == name]
    metric, scenario = found[place]
    if not hasattr(melded._beta_quantiles, "cache_info"):
        melded._beta_quantiles = lru_cache(1024)(melded._beta_quantiles)  # the same counts come again and again
    return simulate(name, metric, scenario, runs, seed=sum(f"{name}{scenario.name}".encode()))


def measured(only: str, runs: int, slow_runs: int, jobs: int) -> Iterator[tuple[Metric, Result]]:
    """The result of every entry in every scenario."""
    wanted, same = tasks(only, runs, slow_runs)
    done: dict[tuple[str, int], Result] = {}
    with ProcessPoolExecutor(jobs) as pool:
        for task, result in zip(wanted, pool.map(run, wanted)):
            done[task[0], task[1]] = result
            print(line(result), file=sys.stderr, flush=True)
    at: dict[str, int] = defaultdict(int)
    for name, metric, _ in grid():
        place = name, at[name]
        at[name] += 1
        if place in same:
            yield metric, replace(done[same[place]], metric=name)


def line(result: Result) -> str:
    """One result as text."""
    rates = (100 * count / result.runs for count in (result.lower, result.upper, result.without))
    low, high, without = (f"{rate:5.1f}" for rate in rates)
    return f"{result.metric:42} L {low}  U {high}  none {without}  {result.runs:6}  {result.scenario}"


def broken(found: Sequence[tuple[Metric, Result]]) -> list[str]:
    """The guaranteed entries that miss more than they may."""
    return [
        line(result)
        for metric, result in found
        if metric.interval is Interval.GUARANTEED and result.worst > MOST
    ]


def table(found: Sequence[tuple[Metric, Result]]) -> str:
    """The worst of every entry as Markdown; scenarios of very heavy tails, which no entry promises, apart."""
    rows = ["| metric | stated | L % | U % | no bound % | runs | worst in |", "|---|---|---|---|---|---|---|"]
    by_entry: dict[str, list[tuple[Metric, Result]]] = defaultdict(list)
    for metric, result in found:
        apart = ", very heavy tails" if result.scenario.startswith("very heavy") else ""
        by_entry[result.metric + apart].append((metric, result))
    for name, results in by_entry.items():
        metric, worst = max(results, key=lambda pair: pair[1].worst)
        lower, upper, without = (
            max(100 * getattr(result, side) / result.runs for _, result in results)
            for side in ("lower", "upper", "without")
        )
        stated = metric.interval.name.lower().replace("_", " ")
        shown = f"{lower:.1f} | {upper:.1f} | {without:.1f} | {worst.runs:,}"
        rows.append(f"| {name} | {stated} | {shown} | {worst.scenario} |")
    return "\n".join(rows)


def page(found: Sequence[tuple[Metric, Result]]) -> str:
    """The results as a page."""
    import numpy
    import scipy

    versions = f"Python {platform.python_version()}, numpy {numpy.__version__}, scipy {scipy.__version__}"
    return (
        "# Coverage of every metric's bounds\n\n"
        f"Made by `python benchmarks/coverage.py --write` on {date.today()} with {versions}. "
        "One-sided 95 % bounds: nominal 5 %.\n"
        "L: the lower bound was above the truth; U: the upper bound was below it; each the worst over the entry's "
        "scenarios.\nNo bound: the greatest share of runs without one, which never pass. A guaranteed entry misses at "
        f"most {100 * MOST:g} % everywhere.\n\n{table(found)}\n"
    )


def main() -> int:
    """Simulate, print, and judge the guarantees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--slow-runs", type=int, default=2_000, help="where a run is slow")
    parser.add_argument("--only", default="", metavar="NAME", help="a part of `entry: scenario`")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write coverage.md")
    given = parser.parse_args()
    found = list(measured(given.only, given.runs, given.slow_runs, given.jobs))
    print(table(found))
    if given.write:
        Path(__file__).with_suffix(".md").write_text(page(found), encoding="utf-8")
    wrong = broken(found)
    for text in wrong:
        print(f"guaranteed, and misses more than {100 * MOST:g} %: {text}", file=sys.stderr)
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    raise SystemExit(main())
