"""The delta method between sampling units: against textbooks, the jackknife, multinomial draws and simulation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from mlgate.stats.clusters import LEAST_UNITS
from mlgate.stats.linearised import (
    BELOW_ONE,
    FISHER,
    LOG,
    LOGIT,
    PLAIN,
    Added,
    Apart,
    LinearBounds,
    Of,
    Totals,
    compared,
    compared_in_units,
    linearised,
)

LEVEL = 0.05
WORSE, BETTER = (Added(np.array(each), np.array(each)) for each in ([0, 0.5, 0.5, 0], [0.5, 0, 0, 0]))


def sums_of(values: np.ndarray) -> Totals:
    """The totals of values that every unit has."""
    moved = values - values.mean(axis=0)
    return Totals(len(values), values.sum(axis=0), moved.T @ moved)


def cells_of(counts) -> Totals:
    """The totals of cells of independent rows."""
    counts = np.asarray(counts, dtype=float)
    return Totals(int(counts.sum()), counts, counts)


def units_of(counts, telling: int | None = None) -> Totals:
    """The totals of cells of rows in units, one unit per line."""
    counts = np.asarray(counts, dtype=float)
    return replace(sums_of(counts), of_rows=cells_of(counts.sum(axis=0)), telling=telling)


def of(formula, size: int) -> Of:
    return Of(formula, size, np.arange(size))


def ratio(sums):
    return sums[:, 0] / sums[:, 1]


def f1(cells):
    return 2 * cells[:, 0] / (2 * cells[:, 0] + cells[:, 1] + cells[:, 2])


def f2(cells):
    return 5 * cells[:, 0] / (5 * cells[:, 0] + 4 * cells[:, 1] + cells[:, 2])


def balanced(cells):
    return (cells[:, 0] / (cells[:, 0] + cells[:, 1]) + cells[:, 2] / (cells[:, 2] + cells[:, 3])) / 2


def kappa(cells):
    table = cells.reshape(-1, 3, 3)
    n = table.sum(axis=(1, 2))
    agreed = np.einsum("nii->n", table) / n
    chance = (table.sum(axis=1) * table.sum(axis=2)).sum(axis=1) / n**2
    return (agreed - chance) / (1 - chance)


def error_of(totals: Totals, formula, link=PLAIN) -> float:
    """The standard error on a link, from the width of the upper bound."""
    function = of(formula, len(totals.sums))
    found = linearised(totals, function, link).better
    assert isinstance(found, LinearBounds)
    return found.error or 0.0


# Links


@pytest.mark.parametrize("link", [LOGIT, FISHER, LOG, BELOW_ONE, PLAIN])
@pytest.mark.parametrize("value", [0.001, 0.3, 0.9])
def test_a_link_goes_there_and_back_and_knows_its_slope(link, value):
    assert link.backward(link.forward(value)) == pytest.approx(value)
    step = 1e-7
    slope = (link.forward(value + step) - link.forward(value - step)) / (2 * step)
    assert link.slope(value) == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("end", [0.0, 1.0, 1.5, math.nan, math.inf])
def test_a_value_at_an_end_of_its_range_or_outside_has_no_bounds(end):
    assert LOGIT.forward(end) is None
    assert LinearBounds(end, 0.1, LOGIT, 50).lower(LEVEL) is None


def test_bounds_stay_within_the_range_however_large_the_error():
    for link, value in ((FISHER, 0.5), (LOGIT, 0.5), (LOG, 2.0), (BELOW_ONE, 0.5)):
        found = LinearBounds(value, 1e6, link, 50)
        low, high = found.lower(LEVEL), found.upper(LEVEL)
        assert low is None or low >= link.low
        assert high is None or high <= link.high


def test_bounds_are_symmetric_on_their_link():
    t, logit = stats.t.isf(LEVEL, 30), math.log(4)
    found = LinearBounds(0.8, 0.2, LOGIT, 30)
    expected = [1 / (1 + math.exp(-(logit + sign * t * 0.2))) for sign in (-1, 1)]
    assert [found.lower(LEVEL), found.upper(LEVEL)] == pytest.approx(expected)
    assert LinearBounds(3.0, 0.5, PLAIN).upper(LEVEL) == pytest.approx(3 + 0.5 * stats.norm.isf(LEVEL))


# Independent rows


def test_the_standard_error_of_a_share_is_the_textbooks():
    n, p = 500, 0.3
    share = lambda cells: cells[:, 0] / cells.sum(axis=1)  # noqa: E731
    textbook = math.sqrt(p * (1 - p) / (n - 1))
    assert error_of(cells_of([150, 350]), share) == pytest.approx(textbook, rel=1e-6)
    assert error_of(cells_of([150, 350]), share, LOGIT) == pytest.approx(textbook / p / (1 - p), rel=1e-6)
    assert error_of(cells_of([10, 0]), share) == 0


def test_the_standard_error_of_kappa_is_fleiss_cohen_everitt():
    table = np.array([[44, 5, 1], [7, 20, 3], [9, 5, 6]], dtype=float)
    n = table.sum()
    p = table / n
    row, column = p.sum(axis=1), p.sum(axis=0)
    agreed, chance = np.trace(p), (row * column).sum()
    k = (agreed - chance) / (1 - chance)
    a = (np.diag(p) * (1 - (row + column) * (1 - k)) ** 2).sum()
    crossed = p * (column[:, None] + row[None, :]) ** 2
    b = (1 - k) ** 2 * (crossed.sum() - np.trace(crossed))
    c = (k - chance * (1 - k)) ** 2
    expected = np.sqrt((a + b - c) / (n - 1)) / (1 - chance)
    assert error_of(cells_of(table.ravel()), kappa) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("counts", "metric"), [([60, 20, 15, 905], f2), ([44, 5, 1, 7, 20, 3, 9, 5, 6], kappa)])
@pytest.mark.parametrize("link", [PLAIN, FISHER])
def test_the_standard_error_is_what_many_draws_of_many_rows_tend_to(counts, metric, link):
    cells = 400 * np.array(counts, dtype=float)
    drawn = np.random.default_rng(0).multinomial(int(cells.sum()), cells / cells.sum(), size=20_000)
    values = np.array([link.forward(value) for value in metric(drawn.astype(float))])
    assert error_of(cells_of(cells), metric, link) == pytest.approx(values.std(ddof=1), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_bounds_of_a_ratio_are_the_t_interval_of_its_residuals(seed):
    rng = np.random.default_rng(seed)
    b = rng.lognormal(3, 0.5, 60)
    a = abs(rng.normal(0, 3, 60))
    value = a.sum() / b.sum()
    error = (a - value * b).std(ddof=1) / b.mean() / math.sqrt(60)
    found = linearised(sums_of(np.stack([a, b], axis=1)), of(ratio, 2), PLAIN)
    assert (found.lower(LEVEL), found.upper(LEVEL)) == pytest.approx(stats.t.interval(0.9, 59, value, error))
    low, high = stats.t.interval(0.9, 59, math.log(value), error / value)
    found = linearised(sums_of(np.stack([a, b], axis=1)), of(ratio, 2), LOG)
    assert (found.lower(LEVEL), found.upper(LEVEL)) == pytest.approx((math.exp(low), math.exp(high)))


def test_the_error_of_r2_is_that_of_the_jackknife():
    rng = np.random.default_rng(1)
    y, e = rng.lognormal(3, 0.5, 400), rng.normal(0, 3, 400)
    left_out = [np.log((np.delete(e, i) ** 2).mean() / np.delete(y, i).var()) for i in range(len(y))]
    jackknife = math.sqrt((len(y) - 1) * np.var(left_out))
    totals = sums_of(np.stack([e**2, (y - y.mean()) ** 2], axis=1))
    assert error_of(totals, lambda sums: 1 - ratio(sums), BELOW_ONE) == pytest.approx(jackknife, rel=0.05)


def test_analytic_slopes_and_differences_agree():
    totals = sums_of(np.random.default_rng(2).lognormal(size=(80, 2)))
    slopes = Of(ratio, 2, np.arange(2), lambda at: np.array([1 / at[1], -at[0] / at[1] ** 2]))
    both = [linearised(totals, function, LOG) for function in (slopes, of(ratio, 2))]
    assert both[0].lower(LEVEL) == pytest.approx(both[1].lower(LEVEL), rel=1e-9)


def test_what_does_not_vary_has_no_bounds():
    same = np.array([1.0, 2, 3])
    for values in (np.stack([2 * same, same], axis=1), np.stack([0 * same, same], axis=1), np.array([[1.0, 2.0]])):
        found = linearised(sums_of(values), of(ratio, 2), LOG)
        assert (found.lower(LEVEL), found.upper(LEVEL)) == (None, None)


def test_a_variance_within_rounding_is_none():
    values = np.stack([np.linspace(1, 1 + 1e-9, 50), np.ones(50)], axis=1)
    totals = replace(sums_of(values), rounding=np.zeros(2))
    assert linearised(totals, of(ratio, 2), PLAIN).lower(LEVEL) is not None
    rounded = replace(totals, rounding=np.array([1e-7, 0.0]))
    assert linearised(rounded, of(ratio, 2), PLAIN).lower(LEVEL) is None


@pytest.mark.parametrize("level", [0, 0.95, math.nan])
def test_levels_outside_0_to_one_half_are_refused(level):
    with pytest.raises(ValueError, match="level"):
        linearised(cells_of([6, 2, 1, 9]), of(f1, 4), LOGIT, WORSE, BETTER).lower(level)


# Rows that guard a bound


def test_the_lower_bound_is_that_of_the_worse_cells():
    found = linearised(cells_of([60, 20, 15, 905]), of(f2, 4), LOGIT, WORSE, BETTER)
    worse = cells_of([60, 20.5, 15.5, 905])
    expected = LinearBounds(float(f2(worse.sums[np.newaxis])[0]), error_of(worse, f2, LOGIT), LOGIT, 1000)
    assert found.lower(LEVEL) == pytest.approx(expected.lower(LEVEL), abs=1e-5)
    assert found.lower(LEVEL) < found.value < found.upper(LEVEL)
    assert found.lower(0.5) <= found.value <= found.upper(0.5)


def test_a_perfect_table_has_a_lower_bound_and_no_upper():
    wrong = (1 - np.eye(3).ravel()) / 4
    right = np.eye(3).ravel() / 2
    found = linearised(
        cells_of(np.diag([40, 30, 30]).ravel()), of(kappa, 9), FISHER, Added(wrong, wrong), Added(right, right)
    )
    assert found.value == 1.0
    assert 0.8 < found.lower(LEVEL) < 0.99
    assert found.upper(LEVEL) is None


def test_an_undefined_value_has_no_bounds():
    found = linearised(cells_of([0, 0, 0, 50]), of(f2, 4), LOGIT, WORSE, BETTER)
    assert (found.lower(LEVEL), found.upper(LEVEL)) == (None, None)


def test_cells_of_rows_and_one_value_per_cell_are_one_thing():
    cells = np.array([40, 7, 9, 60])
    plain = linearised(cells_of(cells), of(f1, 4), LOGIT, WORSE, BETTER)
    values = linearised(sums_of(np.repeat(np.eye(4), cells, axis=0)), of(f1, 4), LOGIT, WORSE, BETTER)
    assert values.lower(LEVEL) == pytest.approx(plain.lower(LEVEL), rel=1e-9)
    assert values.upper(LEVEL) == pytest.approx(plain.upper(LEVEL), rel=1e-9)


@pytest.mark.parametrize("scenario", [(200, 0.05, 0.9, 0.02), (200, 0.5, 0.98, 0.02)])
def test_coverage_of_f2_with_nearly_empty_cells(scenario):
    n, positive, recall, false_rate = scenario
    shares = np.array([positive * recall, positive * (1 - recall), (1 - positive) * false_rate])
    shares = np.append(shares, 1 - shares.sum())
    truth = f2(shares[np.newaxis])[0]
    samples = np.random.default_rng(8).multinomial(n, shares, size=2000)
    bounds = [linearised(cells_of(sample), of(f2, 4), LOGIT, WORSE, BETTER) for sample in samples]
    given = [(b.lower(LEVEL), b.upper(LEVEL)) for b in bounds]
    assert np.mean([lower is not None and lower > truth for lower, _ in given]) <= 0.05
    assert np.mean([upper is not None and upper < truth for _, upper in given]) <= 0.07


def test_wape_is_missed_by_about_the_level():
    rng = np.random.default_rng(2)
    y, e = rng.normal(100, 20, (2000, 100)), rng.normal(0, 15, (2000, 100))
    true = 15 * math.sqrt(2 / math.pi) / 100
    found = [linearised(sums_of(np.stack([abs(row), b], axis=1)), of(ratio, 2), LOG) for row, b in zip(e, y)]
    assert np.mean([one.lower(LEVEL) > true for one in found]) < 0.065
    assert np.mean([one.upper(LEVEL) < true for one in found]) < 0.065


# Rows in units


def drawn(units: int, rng: np.random.Generator, rows: int = 10) -> np.ndarray:
    return np.array([rng.multinomial(rows, rate) for rate in rng.dirichlet([6, 1, 1, 4], units)])


def test_the_variance_is_that_of_leaving_out_one_unit_after_another():
    counts = drawn(400, np.random.default_rng(1))
    left_out = f1((counts.sum(axis=0) - counts).astype(float))
    jackknife = (len(counts) - 1) / len(counts) * ((left_out - left_out.mean()) ** 2).sum()
    assert error_of(units_of(counts), f1) ** 2 == pytest.approx(jackknife, rel=0.02)


def test_the_variance_of_r2_is_that_of_leaving_out_units():
    rng = np.random.default_rng(4)
    unit = np.repeat(np.arange(150), rng.integers(1, 20, 150))
    y = rng.normal(size=150)[unit] + rng.normal(size=len(unit))
    e = (0.5 + rng.random(150))[unit] * rng.normal(size=len(unit))
    left_out = np.array([(e[unit != u] ** 2).mean() / y[unit != u].var() for u in range(150)])
    jackknife = 149 / 150 * ((left_out - left_out.mean()) ** 2).sum()
    totals = sums_of(np.stack([np.bincount(unit, e**2), np.bincount(unit, (y - y.mean()) ** 2)], axis=1))
    assert error_of(totals, ratio) ** 2 == pytest.approx(jackknife, rel=0.05)


def test_units_of_one_row_are_independent_rows():
    rng = np.random.default_rng(2)
    rows = np.eye(4)[rng.choice(4, 500, p=[0.5, 0.1, 0.1, 0.3])]
    found = linearised(units_of(rows), of(f1, 4), LOGIT, WORSE, BETTER)
    alone = linearised(cells_of(rows.sum(axis=0)), of(f1, 4), LOGIT, WORSE, BETTER)
    assert found.lower(LEVEL) == pytest.approx(alone.lower(LEVEL), rel=1e-9)
    assert found.upper(LEVEL) == pytest.approx(alone.upper(LEVEL), rel=1e-9)


def test_copies_of_a_row_add_nothing():
    rng = np.random.default_rng(2)
    rows = np.eye(4)[rng.choice(4, 500, p=[0.5, 0.1, 0.1, 0.3])]
    once, copies = (linearised(units_of(k * rows), of(f1, 4), LOGIT, WORSE, BETTER) for k in (1, 7))
    assert copies.lower(LEVEL) == pytest.approx(once.lower(LEVEL), abs=1e-3)
    assert copies.upper(LEVEL) == pytest.approx(once.upper(LEVEL), abs=1e-3)
    assert units_of(7 * rows).effective(of(f1, 4), LOGIT, WORSE) == pytest.approx(500, rel=0.01)


def test_to_name_a_unit_never_narrows_an_interval():
    counts = np.tile([6, 1, 1, 2], (50, 1))  # units do not differ at all
    found = linearised(units_of(counts), of(f1, 4), LOGIT, WORSE, BETTER)
    alone = linearised(cells_of(counts.sum(axis=0)), of(f1, 4), LOGIT, WORSE, BETTER)
    assert found.lower(LEVEL) < alone.lower(LEVEL)
    assert found.upper(LEVEL) > alone.upper(LEVEL)


def test_where_nothing_is_wrong_a_unit_counts_as_one_row():
    totals = units_of(np.tile([6, 0, 0, 4], (50, 1)))
    assert totals.effective(of(f1, 4), LOGIT, WORSE) == 50
    assert 0.9 < linearised(totals, of(f1, 4), LOGIT, WORSE, BETTER).lower(LEVEL) < 0.985


def test_few_units_or_few_that_tell_have_no_bounds():
    counts = drawn(LEAST_UNITS, np.random.default_rng(3))
    assert linearised(units_of(counts), of(f1, 4), LOGIT, WORSE, BETTER).lower(LEVEL) is not None
    for few in (units_of(counts[1:]), units_of(counts, telling=LEAST_UNITS - 1)):
        found = linearised(few, of(f1, 4), LOGIT, WORSE, BETTER)
        assert found.lower(LEVEL) is found.upper(LEVEL) is None


def test_units_that_tell_nothing_cost_degrees_of_freedom():
    every = units_of(drawn(100, np.random.default_rng(3)))
    found = [every, replace(every, telling=25), replace(every, differing=4), replace(every, differing=1)]
    lower = [linearised(totals, of(f1, 4), LOGIT, WORSE, BETTER).lower(LEVEL) for totals in found]
    assert lower == sorted(lower, reverse=True)
    assert [totals.degrees for totals in found] == [99, 24, 3, 2]


def test_coverage_of_balanced_accuracy_where_few_units_make_the_mistakes():
    """30 units of 10 rows; of a model that is right in 95 % of rows, one unit in eight has all mistakes."""
    rng = np.random.default_rng(6)
    missed = 0
    for _ in range(600):
        bad = rng.random(30) < 1 / 8
        right = np.where(bad[:, None], 0.6, 1.0)
        hits = rng.binomial(5, np.repeat(right, 2, axis=1))
        counts = np.stack([hits[:, 0], 5 - hits[:, 0], hits[:, 1], 5 - hits[:, 1]], axis=1)
        differing = min(int((counts[:, at] > 0).sum()) or 30 for at in range(4))
        worse, better = (Added(np.array(each), np.array(each)) for each in ([0, 0.5, 0, 0.5], [0.5, 0, 0.5, 0]))
        totals = replace(units_of(counts, 30), differing=differing)
        lower = linearised(totals, of(balanced, 4), LOGIT, worse, better).lower(LEVEL)
        missed += lower is not None and lower > 0.95
    assert missed / 600 <= 0.06


def test_coverage_of_means_in_units():
    rng = np.random.default_rng(2)
    missed = np.zeros(2)
    for _ in range(800):
        rows = rng.integers(5, 15, 40)
        sums = rows * rng.normal(3, 1, 40) + rng.normal(0, np.sqrt(rows))
        found = linearised(sums_of(np.stack([sums, rows], axis=1)), of(ratio, 2), PLAIN)
        missed += [found.lower(LEVEL) > 3, found.upper(LEVEL) < 3]
    assert missed.max() / 800 <= 0.07


# Two models

JOINT = np.array([300, 9, 12, 40, 20, 8, 15, 196])
"""Rows by label, old and new answer: 000 001 010 011 100 101 110 111."""
NEW, OLD = (np.array([2 * (at >> 2) + (at >> bit & 1) for at in range(8)]) for bit in (0, 1))
HALF = Added(*[np.array([0.0, 0.5, 0.5, 0, 0, 0.5, 0.5, 0])] * 2)


def accuracy(tables):
    return (tables[:, 0] + tables[:, 3]) / tables.sum(axis=1)


def f1_of_table(tables):
    return 2 * tables[:, 3] / (2 * tables[:, 3] + tables[:, 1] + tables[:, 2])


def of_both(joint, metric, how="difference"):
    return compared(cells_of(joint), Apart(Of(metric, 4, NEW), Of(metric, 4, OLD), how), HALF)


def test_the_difference_of_accuracies_has_mcnemars_variance():
    found = of_both(JOINT, accuracy)
    better, worse, n = 12 + 8, 9 + 15, 600
    assert found.value == pytest.approx((better - worse) / n)
    b, c, total = better + 1, worse + 1, n + 2  # half a row in each discordant cell
    assert found.error == pytest.approx(np.sqrt(b + c - (b - c) ** 2 / total) / total, rel=1e-3)
    reach = stats.t.isf(LEVEL, n - 1) * found.error
    assert (found.lower(LEVEL), found.upper(LEVEL)) == pytest.approx((found.value - reach, found.value + reach))


def test_the_difference_is_that_of_both_margins():
    found = of_both(JOINT, f1_of_table)
    old, new = f1_of_table(np.array([[309, 52, 28, 211]])), f1_of_table(np.array([[312, 49, 35, 204]]))
    assert found.value == pytest.approx(float(new[0] - old[0]))
    ratio = of_both(JOINT, f1_of_table, "log")
    assert ratio.value == pytest.approx(math.log(new[0] / old[0]), abs=2e-3)
    assert of_both(JOINT, f1_of_table, "ratio").value == pytest.approx(float(new[0] / old[0] - 1))


def test_a_difference_in_units_is_the_wider_of_two_guards():
    rng = np.random.default_rng(7)
    counts = rng.multinomial(10, JOINT / JOINT.sum(), 40)
    apart = Apart(Of(f1_of_table, 4, NEW), Of(f1_of_table, 4, OLD))
    worse, better = (
        Added(np.array(each), np.array(each)) for each in ([0, 0.5, 0, 0, 0, 0, 0.5, 0], [0, 0, 0.5, 0, 0, 0.5, 0, 0])
    )
    totals = units_of(counts)
    found, turned = (compared_in_units(totals, apart, *each) for each in ((worse, better), (better, worse)))
    assert (found.lower(LEVEL), found.upper(LEVEL)) == (turned.lower(LEVEL), turned.upper(LEVEL))
    plain = compared(totals, apart)
    assert found.lower(LEVEL) < plain.lower(LEVEL) < plain.upper(LEVEL) < found.upper(LEVEL)


def test_models_that_agree_on_every_row_are_bounded_by_the_half_rows():
    same = of_both(np.array([300, 0, 0, 40, 20, 0, 0, 196]), f1_of_table)
    assert same.value == 0
    assert same.lower(LEVEL) < 0 < same.upper(LEVEL)


def test_a_sum_that_both_share_moves_both():
    random = np.random.default_rng(1)
    shared = random.normal(size=2000)
    a, b = ((scale * shared + random.normal(size=2000)) ** 2 for scale in (1.0, 1.2))
    totals = sums_of(np.stack([a, b, np.ones(2000)], axis=1))

    def root(sums):
        return ratio(sums) ** 0.5

    found = compared(totals, Apart(Of(root, 2, np.array([0, -1, 1])), Of(root, 2, np.array([-1, 0, 1]))))
    assert found.value == pytest.approx(np.sqrt(a.mean()) - np.sqrt(b.mean()))
    rows = random.integers(0, 2000, (2000, 2000))
    replicates = np.sqrt(a[rows].mean(axis=1)) - np.sqrt(b[rows].mean(axis=1))
    assert found.error == pytest.approx(replicates.std(), rel=0.06)


def test_coverage_of_paired_f1():
    shares = np.array([0.6, 0.04, 0.04, 0.02, 0.05, 0.03, 0.03, 0.19])
    joints = np.random.default_rng(8).multinomial(400, shares, 600)
    found = [of_both(joint, f1_of_table) for joint in joints]
    assert np.mean([f.lower(LEVEL) > 0 for f in found]) <= 0.07
    assert np.mean([f.upper(LEVEL) < 0 for f in found]) <= 0.07


def test_kappa_here_is_scikit_learns():
    rng = np.random.default_rng(9)
    label, given = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    table = np.zeros((3, 3))
    np.add.at(table, (label, given), 1)
    assert float(kappa(table.reshape(1, 9))[0]) == pytest.approx(cohen_kappa_score(label, given))
