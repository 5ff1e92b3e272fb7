"""Miss rates of the bounds on drift: `python benchmarks/drift_coverage.py [--runs N] [--only NAME] [--write]`.

A bound at 95 % may be on the wrong side of the distance of the populations in 5 % of samples. On equal populations, the
share of lower bounds above 0 is the most that a rule of one column can be a FAIL, whatever its bound. Scenarios that
miss most are measured again in more runs, with other numbers, so that luck is not taken for a fault.
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
from scenarios.drift import DISTANCES, TwoPopulations, scenarios_of, simulate

FINALISTS = 2
"""Scenarios on each side that are measured again, of each row of the table."""
AGAIN = 8
"""How many times as many runs these have."""
Place = tuple[str, str]
"""A distance, and what is shown apart: a row of the table."""


def measured(runs: int, only: str) -> Iterator[tuple[TwoPopulations, Result]]:
    """Every distance in every scenario."""
    for distance in DISTANCES:
        for scenario in scenarios_of(distance):
            if only in f"{distance}: {scenario.name}":
                found = simulate(distance, scenario, runs, crc32(scenario.name.encode()))
                print(line(found), file=sys.stderr, flush=True)
                yield scenario, found


def worst(runs: int, only: str) -> Iterator[tuple[Place, int, list[Result]]]:
    """For each row the number of its scenarios, and those that miss most, measured again."""
    rows: dict[Place, list[tuple[TwoPopulations, Result]]] = {}
    for scenario, result in measured(runs, only):
        rows.setdefault((result.metric, apart(result.scenario)), []).append((scenario, result))
    for place, found in rows.items():
        chosen = {
            scenario.name: scenario
            for side in ("lower", "upper")
            for scenario, _ in sorted(found, key=lambda pair: -getattr(pair[1], side))[:FINALISTS]
        }
        again = [
            simulate(place[0], scenario, AGAIN * runs, crc32(f"again: {name}".encode()))
            for name, scenario in chosen.items()
        ]
        yield place, len(found), again


def line(result: Result) -> str:
    """One result as text."""
    low, high, without = (100 * count / result.runs for count in (result.lower, result.upper, result.without))
    return f"{result.metric:20} L {low:4.1f}  U {high:4.1f}  none {without:5.1f}  {result.scenario}"


def table(found: list[tuple[Place, int, list[Result]]]) -> str:
    """The worst of every distance as Markdown, for equal and for drifted populations, and very heavy tails apart."""
    rows = ["| distance | populations | scenarios | L % | U % | worst in |", "|---|---|---|---|---|---|"]
    for (distance, what), scenarios, results in found:
        last = max(results, key=lambda result: result.worst)
        low, high = (max(100 * getattr(each, side) / each.runs for each in results) for side in ("lower", "upper"))
        rows.append(f"| {distance} | {what} | {scenarios} | {low:.1f} | {high:.1f} | {last.scenario} |")
    return "\n".join(rows)


def apart(scenario: str) -> str:
    """What is shown apart from the other scenarios of a distance."""
    if scenario.startswith("very heavy tails"):
        return "very heavy tails"
    return "equal" if "equal" in scenario else "drifted"


def main() -> int:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--only", default="", metavar="NAME", help="a part of `distance: scenario`")
    parser.add_argument("--write", action="store_true", help="write drift_coverage.md")
    given = parser.parse_args()
    found = list(worst(given.runs, given.only))
    print(table(found))
    if given.write:
        Path(__file__).with_suffix(".md").write_text(
            "# Coverage of the bounds on drift\n\n"
            f"Made by `python benchmarks/drift_coverage.py --write` on {date.today()}. One-sided 95 % bounds, so\n"
            "nominally 5 % of runs miss. L: the lower bound was above the distance of the populations; U: the upper\n"
            "bound was below it; each the worst over the scenarios of `scenarios/drift.py`: 2, 5, 10 and 50 cells,\n"
            f"200 to 1,000,000 rows. Each scenario has {given.runs:,} runs, and those that miss most {AGAIN} times as\n"
            "many, of which the table shows the rates.\n\n" + table(found) + "\n",
            encoding="utf-8",
        )
    return 0 if found else 1


if __name__ == "__main__":
    raise SystemExit(main())
