"""Miss rates of every metric's bounds on a named grid of populations: `python benchmarks/coverage.py --help`.

A bound at 95 % may be on the wrong side of the truth in 5 % of samples. What the metrics' entries promise
(`Interval`) rests on this table; exit code 1 says that a guaranteed one missed more than 5.5 % somewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from zlib import crc32

if __package__ in (None, ""):
    sys.path.append(str(Path(__file__).parent))

from scenarios import grid
from scenarios.base import Result, Scenario, simulate

from mlgate.metrics.kinds.calibration import Calibration
from mlgate.metrics.kinds.curve import Curve
from mlgate.metrics.kinds.mean import Mean
from mlgate.metrics.kinds.melded import Melded, MeldedShares
from mlgate.metrics.kinds.of_cells import DELTA_IN_UNITS
from mlgate.metrics.kinds.ranked import Ranked
from mlgate.metrics.kinds.share import HitShare
from mlgate.metrics.metric import Interval, Metric
from mlgate.stats import melded

MOST = 0.055
LINEAR = {"informedness": "balanced_accuracy", "gini": "roc_auc", "expected_value": "expected_cost"}
"""Metrics that miss exactly where another one does."""
Named = tuple[str, str]
"""An entry and one of its scenarios, by name."""


def tasks(only: str, runs: int, slow_runs: int) -> tuple[dict[Named, int], dict[Named, Named]]:
    """What to simulate with how many runs, and whose result every entry takes in every scenario."""
    wanted: dict[Named, int] = {}
    first: dict[object, Named] = {}
    same: dict[Named, Named] = {}
    for name, metric, scenario in grid():
        if only in f"{name}: {scenario.name}":
            named = name, scenario.name
            same[named] = first.setdefault((*simulated_as(metric), scenario.name), named)
            if same[named] == named:
                wanted[named] = min(runs, slow_runs) if slow(metric, scenario) else runs
    return wanted, same


def simulated_as(metric: Metric) -> tuple[object, ...]:
    """What entries have in common that miss together: often they differ only in the numbers a row gives."""
    kind = metric.kind
    if isinstance(kind, MeldedShares):
        return MeldedShares, kind.of
    if isinstance(kind, (Melded, Ranked)):
        return type(kind), LINEAR.get(metric.name, metric.name)
    if isinstance(kind, (Mean, HitShare)):
        return type(kind), getattr(kind, "root", False)
    return (kind,)


def slow(metric: Metric, scenario: Scenario) -> bool:
    """Whether a run takes so long that fewer must do: bootstraps, many shares, and draws that do not repeat."""
    if isinstance(metric.kind, (Curve, Calibration, MeldedShares)):
        return True
    return (scenario.weighted or getattr(scenario, "in_units", False)) and isinstance(metric.kind, Melded)


def run(named: Named, runs: int) -> Result:
    """One task, in a process of its own; seeded by its name, so that the rest of the grid does not matter."""
    ((metric, scenario),) = [(m, s) for name, m, s in grid() if (name, s.name) == named]
    if not hasattr(melded._beta_quantiles, "cache_info"):
        melded._beta_quantiles = lru_cache(1024)(melded._beta_quantiles)  # the same counts come again and again
    return simulate(named[0], metric, scenario, runs, seed=crc32("".join(named).encode()))


def stored(path: Path | None) -> dict[Named, Result]:
    """Results of an earlier call, from a file of JSON lines."""
    if path is None or not path.exists():
        return {}
    found = [Result(**json.loads(text)) for text in path.read_text(encoding="utf-8").splitlines()]
    return {(result.metric, result.scenario): result for result in found}


def measured(
    only: str, runs: int, slow_runs: int, jobs: int, store: Path | None = None
) -> Iterator[tuple[Metric, Result]]:
    """The result of every entry in every scenario; what the store holds already is not simulated again."""
    wanted, same = tasks(only, runs, slow_runs)
    done = stored(store)
    with ProcessPoolExecutor(jobs) as pool:
        left = {named: each for named, each in wanted.items() if named not in done or done[named].runs < each}
        for future in as_completed([pool.submit(run, named, each) for named, each in left.items()]):
            result = future.result()
            done[result.metric, result.scenario] = result
            print(line(result), file=sys.stderr, flush=True)
            if store is not None:
                with store.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(result)) + "\n")
    for name, metric, scenario in grid():
        if (name, scenario.name) in same:
            yield metric, replace(done[same[name, scenario.name]], metric=name)


def line(result: Result) -> str:
    """One result as text."""
    rates = (100 * count / result.runs for count in (result.lower, result.upper, result.without))
    low, high, without = (f"{rate:5.1f}" for rate in rates)
    return f"{result.metric:42} L {low}  U {high}  none {without}  {result.runs:6}  {result.scenario}"


def stated(metric: Metric, result: Result) -> Interval:
    """What the entry's page says; under sampling weights, and by the delta method in units, bounds are approximate."""
    by_delta = result.scenario.startswith("in units") and metric.kind.in_units == DELTA_IN_UNITS
    weaker = by_delta or "weigh" in result.scenario
    return Interval.APPROXIMATE if weaker and metric.interval is Interval.GUARANTEED else metric.interval


def broken(found: Sequence[tuple[Metric, Result]]) -> list[str]:
    """The guaranteed entries that miss more than they may."""
    return [
        line(result)
        for metric, result in found
        if stated(metric, result) is Interval.GUARANTEED and result.worst > MOST
    ]


def table(found: Sequence[tuple[Metric, Result]]) -> str:
    """The worst of every entry as Markdown; sampling weights, units, and very heavy tails, never promised, apart."""
    rows = ["| metric | stated | L % | U % | no bound % | runs | worst in |", "|---|---|---|---|---|---|---|"]
    by_entry: dict[str, list[tuple[Metric, Result]]] = defaultdict(list)
    for metric, result in found:
        by_entry[result.metric + _apart(result)].append((metric, result))
    for name, results in by_entry.items():
        metric, worst = max(results, key=lambda pair: pair[1].worst)
        lower, upper, without = (
            max(100 * getattr(result, side) / result.runs for _, result in results)
            for side in ("lower", "upper", "without")
        )
        fewest = min(result.runs for _, result in results)
        promised = stated(metric, worst).name.lower().replace("_", " ")
        shown = f"{lower:.1f} | {upper:.1f} | {without:.1f} | {fewest:,}"
        rows.append(f"| {name} | {promised} | {shown} | {worst.scenario} |")
    return "\n".join(rows)


def _apart(result: Result) -> str:
    if result.scenario.startswith("very heavy"):
        return ", very heavy tails"
    if result.scenario.startswith("in units"):
        return ", rows in units"
    return ", sampling weights" if "weigh" in result.scenario else ""


def page(found: Sequence[tuple[Metric, Result]], kept: bool) -> str:
    """The results as a page."""
    import numpy
    import scipy

    versions = f"Python {platform.python_version()}, numpy {numpy.__version__}, scipy {scipy.__version__}"
    earlier = ", with results kept from earlier calls (`--store`)" if kept else ""
    return (
        "# Coverage of every metric's bounds\n\n"
        f"Made by `python benchmarks/coverage.py --write`{earlier} on {date.today()} with {versions}.\n"
        "One-sided 95 % bounds, so nominally 5 % of runs miss. L: the lower bound was above the truth; U: the upper "
        "bound was below it;\neach the worst over the entry's scenarios. No bound: the greatest share of runs without "
        "one, which never pass.\nRuns: the fewest of the entry's scenarios; slow ones have fewer. A guaranteed entry "
        f"misses at most {100 * MOST:g} % everywhere.\n\n{table(found)}\n"
    )


def main() -> int:
    """Simulate, print, and judge the guarantees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--slow-runs", type=int, default=2_000, help="where a run is slow")
    parser.add_argument("--only", default="", metavar="NAME", help="a part of `entry: scenario`")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--store", type=Path, help="a file of results, to go on where an earlier call ended")
    parser.add_argument("--write", action="store_true", help="write coverage.md")
    given = parser.parse_args()
    found = list(measured(given.only, given.runs, given.slow_runs, given.jobs, given.store))
    print(table(found))
    if given.write:
        Path(__file__).with_suffix(".md").write_text(page(found, given.store is not None), encoding="utf-8")
    wrong = broken(found)
    for text in wrong:
        print(f"guaranteed, and misses more than {100 * MOST:g} %: {text}", file=sys.stderr)
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    raise SystemExit(main())
