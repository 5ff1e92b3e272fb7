"""How often the verdict is wrong where the truth is known: at most at the rule's level, whoever looked best."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from mlgate.values.verdict import Status
from support.fairness import gap, outcome, ratio, selected

pytestmark = pytest.mark.slow
LEVEL = 0.05
RUNS = 300
LIMIT = LEVEL + 3 * sqrt(LEVEL * (1 - LEVEL) / RUNS)


def share_of(status: Status, check, rates, n, runs=RUNS, seed=1, sizes=None, **demanded) -> float:
    """In which share of simulated samples a rule comes out with a status."""
    rng = np.random.default_rng(seed)
    rows = sizes or [n] * len(rates)
    found = 0
    for _ in range(runs):
        hits = rng.binomial(rows, rates)
        cells = selected(**{f"g{i}": (int(hit), size) for i, (hit, size) in enumerate(zip(hits, rows))})
        found += outcome(check, cells, **demanded).status is status
    return found / runs


@pytest.mark.parametrize("reference", ["best", "pairs", "worst"])
@pytest.mark.parametrize("others", [(0.5, 0.5), (0.601, 0.601), (0.55, 0.55)])
def test_a_true_gap_just_above_the_demand_seldom_passes(reference, others):
    rates = (0.5, 0.601, *others)
    assert share_of(Status.PASS, gap(reference=reference), rates, 2500, at_most="0.1") <= LIMIT


@pytest.mark.parametrize("reference", ["best", "pairs", "worst"])
@pytest.mark.parametrize("others", [(0.5, 0.599), (0.55, 0.55)])
def test_true_gaps_just_below_the_demand_seldom_fail(reference, others):
    """Several pairs at the edge at once: the chance that any of them fails is that of the rule."""
    rates = (0.5, 0.599, *others)
    assert share_of(Status.FAIL, gap(reference=reference), rates, 400, at_most="0.1") <= LIMIT


@pytest.mark.parametrize("reference", ["best", "pairs", "overall"])
def test_six_small_groups_without_any_gap_seldom_fail(reference):
    """A bootstrap of the largest gap refutes .05 in 97 % of these samples."""
    assert share_of(Status.FAIL, gap(reference=reference), [0.5] * 6, 100, runs=250, at_most="0.05") <= LIMIT


def test_four_equal_groups_are_shown_equal_where_there_are_rows_for_it():
    """775 rows a group give power .8 with four groups (benchmarks of the statistics)."""
    assert share_of(Status.PASS, gap(reference="pairs"), [0.5] * 4, 900, runs=100, at_most="0.1") > 0.75


@pytest.mark.parametrize("reference", ["best", "overall"])
def test_ratios_err_at_their_level(reference):
    low = 0.3 if reference == "best" else 0.26
    everyone = 0.375 if reference == "best" else (0.26 * 300 + 0.4 * 300) / 600
    edge = low / everyone
    rates, sizes = (low, 0.375 if reference == "best" else 0.4), [300, 300]
    check = ratio(reference=reference)
    above, below = f"{edge + 0.002:.6f}", f"{edge - 0.002:.6f}"
    assert share_of(Status.PASS, check, rates, 300, runs=100, sizes=sizes, at_least=above) <= LIMIT
    assert share_of(Status.FAIL, check, rates, 300, runs=100, sizes=sizes, at_least=below) <= LIMIT


@pytest.mark.parametrize("sizes", [[200, 200, 200], [40, 300, 900], [900, 60, 60]])
def test_gaps_to_all_rows_err_at_their_level(sizes):
    """The group is part of what it is held against; its own share is taken into account exactly."""
    rates = np.array([0.3, 0.5, 0.55])
    overall = float(rates @ sizes / sum(sizes))
    widest = max(abs(rates - overall))
    check = gap(reference="overall")
    above, below = f"{widest + 0.001:.6f}", f"{widest - 0.001:.6f}"
    assert share_of(Status.PASS, check, rates, 0, sizes=sizes, at_most=below) <= LIMIT
    assert share_of(Status.FAIL, check, rates, 0, sizes=sizes, at_most=above) <= LIMIT


def test_all_rows_show_what_pairs_of_many_groups_cannot():
    rates, rows = [0.5] * 10, 400
    assert share_of(Status.PASS, gap(reference="overall"), rates, rows, runs=40, at_most="0.1") > 0.75
    assert share_of(Status.PASS, gap(reference="pairs"), rates, rows, runs=10, at_most="0.1") < 0.3


def test_what_is_no_share_is_taken_as_independent_of_all_rows_and_errs_less():
    """F1 has no counts to take from those of all rows."""
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(150):
        cells = {}
        for group in "ab":
            for pair, n in zip((("1", "1"), ("1", "0"), ("0", "1"), ("0", "0")), rng.multinomial(300, [0.25] * 4)):
                cells[(group, *pair)] = int(n)
        judged = outcome(gap("f1", reference="overall"), cells, at_most="0.001")
        assert "independent" in judged.findings[0].note
        wrong += judged.status is Status.FAIL
    assert wrong / 150 <= LIMIT + 0.03
