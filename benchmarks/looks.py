"""How often a model that is just at the bound passes after several looks at the same evaluation rows.

    python benchmarks/looks.py [--runs 10000]

The rule is `accuracy at_least: 0.8`, by the gate's own bound, on 1,000 rows. Every model has a true accuracy of exactly
0.8, so every pass is undeserved. Each push is a further model, which decides a part of the rows anew; the pushes end
with the first pass. "Keeps the better" is a search: the next model starts from the best printed number so far.
"""

from __future__ import annotations

import argparse

import numpy as np

from mlgate.stats.share import clopper_pearson_lower

ROWS, BOUND, ALPHA = 1_000, 0.8, 0.05
LOOKS = (1, 5, 20)
CHANGED = (0.05, 0.2, 1.0)
"""The parts of the rows that a push decides anew; 1 makes models independent."""


def least_hits(alpha: float) -> int:
    """The fewest correct rows with which the rule passes."""
    return next(hits for hits in range(ROWS + 1) if clopper_pearson_lower(hits, ROWS, alpha) >= BOUND)


def passed_at(random: np.random.Generator, changed: float, keeps_better: bool, needed: int) -> int:
    """The number of the first look that passes, or one more than the last look."""
    model = random.random(ROWS) < BOUND
    if model.sum() >= needed:
        return 1
    for look in range(2, LOOKS[-1] + 1):
        pushed = np.where(random.random(ROWS) < changed, random.random(ROWS) < BOUND, model)
        if pushed.sum() >= needed:
            return look
        if not keeps_better or pushed.sum() >= model.sum():
            model = pushed
    return LOOKS[-1] + 1


def shares(runs: int, changed: float, keeps_better: bool, looks: int) -> list[float]:
    """The shares of runs that have passed after 1, 5 and 20 looks, with `looks:` in the rule."""
    random, needed = np.random.default_rng(0), least_hits(ALPHA / looks)
    first = np.array([passed_at(random, changed, keeps_better, needed) for _ in range(runs)])
    return [float((first <= look).mean()) for look in LOOKS]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    runs = parser.parse_args().runs
    print("decided anew  next model from   looks:   1 look  5 looks  20 looks")
    for changed in CHANGED:
        for keeps_better in (False, True):
            for looks in (1, LOOKS[-1]):
                found = shares(runs, changed, keeps_better, looks)
                kept = "the better" if keeps_better else "the last"
                cells = "  ".join(f"{100 * share:5.1f} %" for share in found)
                print(f"{100 * changed:10.0f} %  {kept:16}  {looks:5}  {cells}")


if __name__ == "__main__":
    main()
