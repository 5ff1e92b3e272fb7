"""How often a search of slices is wrong where the truth is known: `python benchmarks/slices.py --runs 4000`.

Ten columns of ten values each are 100 slices, which overlap as columns do. Rows are right with a chance that is the
same everywhere but in the slice c0=0. The check itself judges them, from counts that are made here.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from mlgate.candidate.presented import Candidate
from mlgate.checks.performance.slices import PerformanceSlices
from mlgate.checks.subject import Subject
from mlgate.evidence.guard import asked_by, guards_among
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.key_matches import Keys, KeysFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.profile import Profile, ProfileFact
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.gate.ask import Asked, answers_of, with_follow_ups
from mlgate.gate.decide import decide
from mlgate.gate.proofs import levels
from mlgate.policy.demanded import Policy, Rule
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Answer, Estimate, Published
from mlgate.values.verdict import Status

COLUMNS = tuple(f"c{at}" for at in range(10))
VALUES = 10
KINDS = SchemaFact(tuple((name, "text") for name in ("id", "y", "p", *COLUMNS)))
SUBJECT = Subject(
    Candidate(name="c", task="binary", positive="1", classes=("0", "1")),
    roles={"label": "y", "prediction": "p"},
    tables={"predictions": Rows("predictions", "the predictions", KINDS)},
    keys={"predictions": Keys("predictions", ("id",))},
)


@dataclass(frozen=True)
class Scenario:
    """Rows that are right with chance `everywhere`, but with chance `weak` where c0=0; the rule demands `bound`."""

    name: str
    counted: Status | None
    """The status whose runs are counted, a wrong one but in POWER; None for lists that have an adjusted p up to .05."""
    rows: int
    everywhere: float
    weak: float
    bound: str = "0.8"
    method: str | None = None
    proof: Any = "shown"


SCENARIOS = (
    *(
        Scenario(f"{method}, {proof}: every slice is at the bound", Status.FAIL, 3000, 0.8, 0.8, "0.8", method, proof)
        for method, proof in product(("bonferroni", "split"), ("shown", "unrefuted"))
    ),
    *(
        Scenario(f"{method}: one slice is just below the bound", Status.PASS, rows, 0.99, 0.799, "0.8", method)
        for method, rows in product(("bonferroni", "split"), (3000, 20_000))
    ),
    Scenario("list: no slice is weak", None, 3000, 0.8, 0.8),
    Scenario("list: no slice is weak", None, 20_000, 0.95, 0.95),
)
POWER = tuple(
    Scenario(f"{method}, {proof}: one slice at .6, the others at .8", Status.FAIL, rows, 0.8, 0.6, "0.7", method, proof)
    for method, proof in product(("bonferroni", "split"), ("shown", "unrefuted"))
    for rows in (3000, 5000)
)
"""What is wanted here: the weak slice found and refuted."""


def counted(scenario: Scenario, runs: int, seed: int) -> int:
    """In how many of so many samples the wrong (or wanted) thing came out."""
    random = np.random.default_rng(seed)
    return sum(_came_out(scenario, random) for _ in range(runs))


def _came_out(scenario: Scenario, random: np.random.Generator) -> bool:
    check = PerformanceSlices(metric="accuracy", columns=COLUMNS, method=scenario.method)
    bound = None if scenario.method is None else Fraction(scenario.bound)
    demand = Demand(bound, at_least_text=scenario.bound)
    rule = Rule("p", "r", check, demand, Location("p.yaml", 1), proof=scenario.proof)
    answers = _answers(rule, _sample(scenario, random))
    answers = [replace(answer, rows_to_settle=None) if isinstance(answer, Estimate) else answer for answer in answers]
    if scenario.counted is not None:
        return decide(rule, answers)[0].status is scenario.counted
    (published,) = (answer for answer in answers if isinstance(answer, Published))
    return any(float(row[-1].removeprefix("<")) <= 0.05 for row in published.shown.rows)


def _sample(scenario: Scenario, random: np.random.Generator) -> dict[str, np.ndarray]:
    codes = {name: random.integers(0, VALUES, scenario.rows) for name in COLUMNS}
    chance = np.where(codes["c0"] == 0, scenario.weak, scenario.everywhere)
    right = (random.random(scenario.rows) < chance).astype(int)
    return {**codes, "label": np.ones_like(right), "prediction": right, "half": random.integers(0, 2, scenario.rows)}


def _answers(rule: Rule, sample: dict[str, np.ndarray]) -> list[Answer]:
    """What the check answers, asked round by round as the gate asks it."""

    def measure(needs: Iterable[Need]) -> Facts:
        return Facts({need: _fact(need, sample) for need in needs})

    needs = tuple(rule.check.needs(SUBJECT, levels(rule)))
    first = Asked(rule, Policy("p", "o", "p.yaml", (rule,)), SUBJECT, asked_by(needs), guards_among(needs))
    (asked,), facts = with_follow_ups((first,), measure(first.needs), measure)
    answers, failure = answers_of(asked, facts)
    assert failure is None, failure
    return answers


def _fact(need: Need, sample: dict[str, np.ndarray]) -> Any:
    rows = len(sample["label"])
    if isinstance(need, Profile):
        return ProfileFact(rows, 0, rows, 0, 0, None, None)
    if not isinstance(need, Counts):
        return KeysFact(rows, 0, 0)
    names = [term.name for term in need.terms]
    if names == ["whole"]:
        return CountsFact((Cell((None,), rows),))
    sizes = [VALUES if name in COLUMNS else 2 for name in names]
    cells = np.bincount(np.ravel_multi_index([sample[name] for name in names], sizes), minlength=int(np.prod(sizes)))
    shown = [_shown(name, size) for name, size in zip(names, sizes, strict=True)]
    return CountsFact(tuple(Cell(group, int(n)) for group, n in zip(product(*shown), cells, strict=True) if n))


def _shown(name: str, size: int) -> Iterable[str]:
    return ("search", "test") if name == "half" else map(str, range(size))


def main() -> None:
    """Print every scenario's share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.jobs) as pool:
        every = (*SCENARIOS, *POWER)
        runs = [given.runs if scenario in SCENARIOS else -(-given.runs // 10) for scenario in every]
        found = pool.map(counted, every, runs, range(len(every)))
        for scenario, count, of in zip(every, found, runs, strict=True):
            what = scenario.counted.value if scenario.counted else "listed"
            print(f"{100 * count / of:5.1f} % {what:6} {scenario.rows:6,} rows  {scenario.name}", flush=True)


if __name__ == "__main__":
    main()
