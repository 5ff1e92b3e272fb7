"""Bounds of joint counts: the delta method against closed forms and multinomial draws, and by simulation."""

import numpy as np
import pytest
from mlgate.stats.cells import (
    FISHER,
    LOGIT,
    PLAIN,
    delta_se,
    guarded_bounds,
    half_rows,
    scaled_bounds,
)
from scipy import stats


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


def multinomial_se(counts, metric, draws=20_000, scale=PLAIN):
    """The standard deviation of a metric over redrawn rows: what the delta method approximates."""
    cells = np.asarray(counts, dtype=float)
    drawn = np.random.default_rng(0).multinomial(int(cells.sum()), cells / cells.sum(), size=draws)
    values = metric(drawn.astype(float))
    if scale is not PLAIN:
        values = np.log(values - scale.low) - np.log(scale.high - values)
    return values.std(ddof=1)


def test_standard_error_of_a_share_on_both_scales():
    n, p = 500, 0.3
    assert delta_se(np.array([150.0, 350.0]), share_of_first) == pytest.approx(np.sqrt(p * (1 - p) / n), rel=1e-6)
    assert delta_se(np.array([150.0, 350.0]), share_of_first, LOGIT) == pytest.approx(
        1 / np.sqrt(n * p * (1 - p)), rel=1e-6
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
    assert delta_se(table.ravel(), kappa) == pytest.approx(expected, rel=1e-6)


def test_bounds_are_symmetric_on_their_scale():
    z = stats.norm.isf(0.05)
    lower, upper = scaled_bounds(0.8, 0.2, 0.05, LOGIT)
    logit = np.log(4)
    assert (lower, upper) == pytest.approx(tuple(1 / (1 + np.exp(-(logit + s * z * 0.2))) for s in (-1, 1)))
    lower, upper = scaled_bounds(0.6, 2 * 0.1, 0.05, FISHER)
    assert (lower, upper) == pytest.approx(tuple(np.tanh(np.arctanh(0.6) + s * z * 0.1) for s in (-1, 1)))


@pytest.mark.parametrize("bad", [None, 0.0, float("nan"), float("inf"), -1.0])
def test_no_standard_error_gives_no_bound(bad):
    assert scaled_bounds(0.8, bad, 0.05, LOGIT) == (None, None)
    assert scaled_bounds(0.8, bad, 0.05, FISHER) == (None, None)


@pytest.mark.parametrize("end", [0.0, 1.0, float("nan"), 1.5])
def test_no_bound_at_the_ends(end):
    assert scaled_bounds(end, 0.1, 0.05, LOGIT) == (None, None)


def test_extreme_errors_stay_within_the_scale():
    lower, upper = scaled_bounds(0.5, 1e6, 0.05, FISHER)
    assert -1 <= lower < upper <= 1


@pytest.mark.parametrize(("counts", "metric"), [([60, 20, 15, 905], f2), ([44, 5, 1, 7, 20, 3, 9, 5, 6], kappa)])
@pytest.mark.parametrize("scale", [PLAIN, FISHER])
def test_delta_method_is_what_many_draws_of_many_rows_tend_to(counts, metric, scale):
    cells = 400 * np.array(counts, dtype=float)
    assert delta_se(cells, metric, scale) == pytest.approx(multinomial_se(cells, metric, scale=scale), rel=0.02)


def test_delta_method_of_a_share_is_its_closed_form():
    assert delta_se(np.array([150.0, 350.0]), share_of_first) == pytest.approx(np.sqrt(0.21 / 500), rel=1e-6)
    assert delta_se(np.array([10.0, 0.0]), share_of_first) is None


def test_guarded_bounds_are_those_of_the_moved_cells():
    bounds = guarded_bounds([60, 20, 15, 905], f2, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0])
    worse = np.array([60, 20.5, 15.5, 905])
    expected = scaled_bounds(f2(worse[np.newaxis])[0], delta_se(worse, f2, LOGIT), 0.05, LOGIT)[0]
    assert bounds.lower(0.05) == expected < bounds.value
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


@pytest.mark.slow
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


@pytest.mark.parametrize("counts", [[], [0, 0], [1, -1], [1.5, 2], [float("nan"), 1], [[1, 2], [3, 4]]])
def test_nonsense_is_refused(counts):
    with pytest.raises(ValueError, match="counts"):
        guarded_bounds(counts, share_of_first, LOGIT, [0, 0], [0, 0])
