"""Bounds from multinomial draws: against the delta method in closed form, and by simulation."""

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.cells import (
    FISHER,
    LOGIT,
    PLAIN,
    CellBounds,
    cell_bounds,
    class_cells,
    delta_se,
    fisher_z_bounds,
    guarded_bounds,
    half_rows,
    logit_bounds,
    multinomial_se,
    smallest_cell,
)


def share_of_first(cells):
    return cells[:, 0] / cells.sum(axis=1)


def f2(cells):
    tp, fn, fp = cells[:, 0], cells[:, 1], cells[:, 2]
    return 5 * tp / (5 * tp + 4 * fn + fp)


def kappa(cells):
    table = cells.reshape(len(cells), 3, 3)
    n = table.sum(axis=(1, 2))
    agreed = np.einsum("nii->n", table) / n
    chance = (table.sum(axis=1) * table.sum(axis=2)).sum(axis=1) / n**2
    return (agreed - chance) / (1 - chance)


def test_standard_error_of_a_share_on_both_scales():
    n, p = 500, 0.3
    assert multinomial_se([150, 350], share_of_first, draws=40_000) == pytest.approx(
        np.sqrt(p * (1 - p) / n), rel=0.02
    )
    assert multinomial_se([150, 350], share_of_first, draws=40_000, scale=LOGIT) == pytest.approx(
        1 / np.sqrt(n * p * (1 - p)), rel=0.02
    )


def test_standard_error_of_kappa_is_fleiss_cohen_everitt():
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
    expected = np.sqrt((a + b - c) / n) / (1 - chance)
    assert multinomial_se(table.ravel(), kappa, draws=20_000) == pytest.approx(expected, rel=0.03)


def test_bounds_are_symmetric_on_their_scale():
    z = stats.norm.isf(0.05)
    lower, upper = logit_bounds(0.8, 0.2, 0.05)
    logit = np.log(4)
    assert (lower, upper) == pytest.approx(tuple(1 / (1 + np.exp(-(logit + s * z * 0.2))) for s in (-1, 1)))
    lower, upper = fisher_z_bounds(0.6, 0.1, 0.05)
    assert (lower, upper) == pytest.approx(tuple(np.tanh(np.arctanh(0.6) + s * z * 0.1) for s in (-1, 1)))


def test_the_same_draws_serve_every_level():
    bounds = cell_bounds([60, 20, 15, 905], f2, LOGIT)
    assert bounds == cell_bounds([60, 20, 15, 905], f2, LOGIT)
    lowers = [bounds.lower(alpha) for alpha in (0.2, 0.05, 0.01)]
    assert lowers == sorted(lowers, reverse=True)
    assert lowers[1] < bounds.value < bounds.upper(0.05)
    plain = CellBounds(0.1, 0.05, PLAIN)
    assert plain.lower(0.05) == pytest.approx(0.1 - 0.05 * stats.norm.isf(0.05))


@pytest.mark.parametrize(
    ("counts", "metric", "scale"),
    [
        ([100, 0], share_of_first, LOGIT),  # at the end of the scale, and no spread
        ([100, 0], share_of_first, PLAIN),
        ([2, 40], share_of_first, LOGIT),  # some draws reach the end
        ([0, 0, 0, 50], f2, LOGIT),  # undefined
        ([30, 40], lambda cells: np.full(len(cells), 0.7), LOGIT),
    ],
)
def test_no_spread_or_undefined_gives_no_bound(counts, metric, scale):
    with np.errstate(invalid="ignore"):
        bounds = cell_bounds(counts, metric, scale)
    assert (bounds.lower(0.05), bounds.upper(0.05)) == (None, None)


@pytest.mark.parametrize("bad", [None, 0.0, float("nan"), float("inf"), -1.0])
def test_no_standard_error_gives_no_bound(bad):
    assert logit_bounds(0.8, bad, 0.05) == (None, None)
    assert fisher_z_bounds(0.8, bad, 0.05) == (None, None)


@pytest.mark.parametrize("end", [0.0, 1.0, float("nan"), 1.5])
def test_no_bound_at_the_ends(end):
    assert logit_bounds(end, 0.1, 0.05) == (None, None)


def test_extreme_errors_stay_within_the_scale():
    lower, upper = fisher_z_bounds(0.5, 1e6, 0.05)
    assert -1 <= lower < upper <= 1


@pytest.mark.parametrize(
    ("scenario", "scale"), [((1000, 0.05, 0.6, 0.05), LOGIT), ((200, 0.5, 0.8, 0.2), LOGIT)]
)
def test_coverage_of_f2(scenario, scale):
    n, positive, recall, false_rate = scenario
    shares = np.array([positive * recall, positive * (1 - recall), (1 - positive) * false_rate])
    shares = np.append(shares, 1 - shares.sum())
    truth = f2(shares[np.newaxis])[0]
    samples = np.random.default_rng(8).multinomial(n, shares, size=1500)
    bounds = [cell_bounds(sample, f2, scale, draws=500) for sample in samples]
    assert np.mean([b.lower(0.05) > truth for b in bounds]) <= 0.065
    assert np.mean([b.upper(0.05) < truth for b in bounds]) <= 0.065


def test_coverage_of_multiclass_kappa():
    shares = np.array([[0.30, 0.03, 0.02], [0.04, 0.25, 0.03], [0.03, 0.03, 0.27]]).ravel()
    truth = kappa(shares[np.newaxis])[0]
    samples = np.random.default_rng(9).multinomial(500, shares, size=1000)
    bounds = [cell_bounds(sample, kappa, FISHER, draws=500) for sample in samples]
    assert np.mean([b.lower(0.05) > truth for b in bounds]) <= 0.065
    assert np.mean([b.upper(0.05) < truth for b in bounds]) <= 0.065


@pytest.mark.parametrize(
    ("counts", "metric"), [([60, 20, 15, 905], f2), ([44, 5, 1, 7, 20, 3, 9, 5, 6], kappa)]
)
@pytest.mark.parametrize("scale", [PLAIN, FISHER])
def test_delta_method_is_what_many_draws_of_many_rows_tend_to(counts, metric, scale):
    cells = 400 * np.array(counts, dtype=float)
    assert delta_se(cells, metric, scale) == pytest.approx(
        multinomial_se(cells, metric, draws=20_000, scale=scale), rel=0.02
    )


def test_delta_method_of_a_share_is_its_closed_form():
    assert delta_se(np.array([150.0, 350.0]), share_of_first) == pytest.approx(np.sqrt(0.21 / 500), rel=1e-6)
    assert delta_se(np.array([10.0, 0.0]), share_of_first) is None


def test_guarded_bounds_are_those_of_the_moved_cells():
    bounds = guarded_bounds([60, 20, 15, 905], f2, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0])
    worse = np.array([60, 20.5, 15.5, 905])
    expected = logit_bounds(f2(worse[np.newaxis])[0], delta_se(worse, f2, LOGIT), 0.05)[0]
    assert bounds.lower(0.05) == expected < cell_bounds([60, 20, 15, 905], f2).lower(0.05)
    assert bounds.lower(0.5) <= bounds.value <= bounds.upper(0.5)


def test_a_perfect_table_has_a_lower_bound_and_no_upper():
    worse, better = half_rows(3)
    bounds = guarded_bounds(np.diag([40, 30, 30]).ravel(), kappa, FISHER, worse, better)
    assert bounds.value == 1.0
    assert 0.8 < bounds.lower(0.05) < 0.99
    assert bounds.upper(0.05) is None


def test_an_undefined_value_has_no_guarded_bounds():
    bounds = guarded_bounds([0, 0, 0, 50], f2, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0])
    assert (bounds.lower(0.05), bounds.upper(0.05)) == (None, None)


def test_half_rows_are_shared_out():
    assert half_rows(2) == ([0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5])
    worse, better = (np.reshape(rows, (4, 4)) for rows in half_rows(4, 0.3))
    assert worse.sum(axis=0) == pytest.approx(np.full(4, 0.3))
    assert worse.sum(axis=1) == pytest.approx(np.full(4, 0.3))
    assert (better == 0.3 * np.eye(4)).all()
    with pytest.raises(ValueError, match="two classes"):
        half_rows(1)


def test_rows_to_add_are_checked():
    for added in ([1, 2], [0, 0, 0, -1], [0, 0, 0, float("nan")]):
        with pytest.raises(ValueError, match="rows to add"):
            guarded_bounds([6, 2, 1, 9], f2, LOGIT, added, [0, 0, 0, 0])


@pytest.mark.parametrize("scenario", [(200, 0.05, 0.9, 0.02), (200, 0.5, 0.98, 0.02)])
def test_coverage_of_f2_with_nearly_empty_cells(scenario):
    n, positive, recall, false_rate = scenario
    shares = np.array([positive * recall, positive * (1 - recall), (1 - positive) * false_rate])
    shares = np.append(shares, 1 - shares.sum())
    truth = f2(shares[np.newaxis])[0]
    samples = np.random.default_rng(8).multinomial(n, shares, size=2000)
    bounds = [guarded_bounds(s, f2, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0]) for s in samples]
    given = [(b.lower(0.05), b.upper(0.05)) for b in bounds]
    assert np.mean([lower is not None and lower > truth for lower, _ in given]) <= 0.05
    assert np.mean([upper is not None and upper < truth for _, upper in given]) <= 0.07


def test_smallest_cell_is_named():
    assert smallest_cell([60, 20, 5, 905], {"tp": [0], "fn": [1], "fp": [2]}) == ("fp", 5)
    table = [44, 5, 1, 7, 20, 3, 9, 5, 6]
    cells = class_cells(["a", "b", "c"])
    assert cells["label a, predicted another"] == [1, 2]
    assert cells["predicted a, label another"] == [3, 6]
    assert smallest_cell(table, cells) == ("predicted c, label another", 4)
    with pytest.raises(ValueError, match="at least one cell"):
        smallest_cell(table, {})


@pytest.mark.parametrize("counts", [[], [0, 0], [1, -1], [1.5, 2], [float("nan"), 1], [[1, 2], [3, 4]]])
def test_nonsense_is_refused(counts):
    with pytest.raises(ValueError, match="counts"):
        multinomial_se(counts, share_of_first)


def test_a_metric_that_does_not_map_draws_is_refused():
    with pytest.raises(ValueError, match="one value a draw"):
        multinomial_se([3, 4], lambda cells: cells)
    with pytest.raises(ValueError, match="two draws"):
        multinomial_se([3, 4], share_of_first, draws=1)
