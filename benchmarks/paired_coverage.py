"""Miss rates of the bounds on a difference of two models: `python benchmarks/paired_coverage.py [--runs N] [--write]`.

A bound at 95 % may be on the wrong side of the true difference in 5 % of samples.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zlib import crc32

if __package__ in (None, ""):
    sys.path.append(str(Path(__file__).parent))

from scenarios.base import Result
from scenarios.pairs import GRID, PairScenario, entry_of, simulate

NOT_RELATIVE = ("r2", "expected_cost")
"""Metrics that may be 0 or less, of which no share is taken."""


def measured(runs: int, only: str) -> Iterator[tuple[str, str, Result]]:
    """Every comparison in every scenario, as a difference and relative to the old model."""
    for task, metric, scenarios in GRID:
        for relative in (False, True):
            if relative and metric in NOT_RELATIVE:
                continue
            name = f"{task} {metric}{', relative' if relative else ''}"
            for scenario in scenarios:
                if only in f"{name}: {scenario.name}":
                    seed = crc32(f"{name}{scenario.name}".encode())
                    found = simulate(name, entry_of(task, metric), scenario, runs, seed, relative)
                    print(line(found), file=sys.stderr, flush=True)
                    yield name, apart(scenario), found


def apart(scenario: PairScenario) -> str:
    """What is shown apart from the other scenarios of a comparison."""
    if scenario.name.startswith("in units"):
        return "rows in units"
    return "sampling weights" if scenario.weighted else ""


def line(result: Result) -> str:
    """One result as text."""
    low, high, without = (100 * count / result.runs for count in (result.lower, result.upper, result.without))
    return f"{result.metric:40} L {low:4.1f}  U {high:4.1f}  none {without:4.1f}  {result.scenario}"


def table(found: list[tuple[str, str, Result]]) -> str:
    """The worst of every comparison as Markdown."""
    rows = ["| difference in | L % | U % | no bound % | runs | worst in |", "|---|---|---|---|---|---|"]
    for key in dict.fromkeys((name, apart) for name, apart, _ in found):
        results = [result for name, apart, result in found if (name, apart) == key]
        worst = max(results, key=lambda result: result.worst)
        rates = (max(100 * getattr(r, side) / r.runs for r in results) for side in ("lower", "upper", "without"))
        shown = " | ".join(f"{rate:.1f}" for rate in rates)
        rows.append(f"| {', '.join(filter(None, key))} | {shown} | {worst.runs:,} | {worst.scenario} |")
    return "\n".join(rows)


def main() -> int:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=4_000)
    parser.add_argument("--only", default="", metavar="NAME", help="a part of `task metric: scenario`")
    parser.add_argument("--write", action="store_true", help="write paired_coverage.md")
    given = parser.parse_args()
    found = list(measured(given.runs, given.only))
    print(table(found))
    if given.write:
        Path(__file__).with_suffix(".md").write_text(
            "# Coverage of the bounds on a difference of two models\n\n"
            f"Made by `python benchmarks/paired_coverage.py --write` on {date.today()}. One-sided 95 % bounds, so\n"
            "nominally 5 % of runs miss. L: the lower bound was above the true difference; U: the upper bound was\n"
            "below it; each the worst over the scenarios of `scenarios/pairs.py`.\n\n" + table(found) + "\n",
            encoding="utf-8",
        )
    return 0 if found else 1


if __name__ == "__main__":
    raise SystemExit(main())
