"""The delta method between units: against a jackknife of units, and melded bounds against shares of one."""

import numpy as np
import pytest
from mlgate.stats.cells import FISHER, LOGIT, PLAIN, guarded_bounds, half_rows
from mlgate.stats.cluster_cells import ClusteredCells, UnitTable, clustered_bounds, design_effect
from mlgate.stats.cluster_melded import ClusteredMelded

from mlgate.stats.clusters import LEAST_UNITS, ClusteredShare, UnitSums

LEVEL = 0.05


def table(counts):
    counts = np.asarray(counts)
    return UnitTable(len(counts), counts.sum(axis=0).astype(float), (counts.T @ counts).astype(float))


def f1(cells):
    return 2 * cells[:, 0] / (2 * cells[:, 0] + cells[:, 1] + cells[:, 2])


def drawn(units, rng, rows=10):
    rates = rng.dirichlet([6, 1, 1, 4], units)
    return np.array([rng.multinomial(rows, rate) for rate in rates])


def share_of(counts, hit, miss):
    y, x = counts[:, hit], counts[:, hit] + counts[:, miss]
    y, x = y[x > 0], x[x > 0]
    return ClusteredShare(UnitSums(len(x), *(int(s.sum()) for s in (y, x, y * y, x * x, x * y))))


def test_variance_is_that_of_leaving_out_one_unit_after_another():
    counts = drawn(400, np.random.default_rng(1))
    found = table(counts)
    left_out = f1(counts.sum(axis=0) - counts)
    jackknife = (len(counts) - 1) / len(counts) * ((left_out - left_out.mean()) ** 2).sum()
    steps = np.eye(4) * 0.01
    slopes = (f1(found.counts + steps) - f1(found.counts - steps)) / 0.02
    assert found.variance(slopes) == pytest.approx(jackknife, rel=0.02)


def test_units_of_one_row_are_independent_rows():
    rng = np.random.default_rng(2)
    rows = np.eye(4)[rng.choice(4, 500, p=[0.5, 0.1, 0.1, 0.3])].astype(int)
    found = clustered_bounds(table(rows), f1, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0], 500)
    alone = guarded_bounds(rows.sum(axis=0), f1, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0])
    assert found.lower(LEVEL) == pytest.approx(alone.lower(LEVEL), abs=3e-4)
    assert found.upper(LEVEL) == pytest.approx(alone.upper(LEVEL), abs=3e-4)


def test_copies_of_a_row_add_nothing():
    rng = np.random.default_rng(2)
    rows = np.eye(4)[rng.choice(4, 500, p=[0.5, 0.1, 0.1, 0.3])].astype(int)
    guard = [0, 0.5, 0.5, 0], [0.5, 0, 0, 0]
    copies = clustered_bounds(table(7 * rows), f1, LOGIT, *guard, 500)
    once = clustered_bounds(table(rows), f1, LOGIT, *guard, 500)
    assert copies.lower(LEVEL) == pytest.approx(once.lower(LEVEL), abs=1e-3)
    assert copies.upper(LEVEL) == pytest.approx(once.upper(LEVEL), abs=1e-3)
    assert design_effect(table(7 * rows), f1, LOGIT, np.array(guard[0])) == pytest.approx(7, rel=0.01)


def test_bounds_are_never_narrower_than_those_of_independent_rows():
    counts = np.tile([6, 1, 1, 2], (50, 1))  # units do not differ at all
    found = clustered_bounds(table(counts), f1, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0], 50)
    alone = guarded_bounds(counts.sum(axis=0), f1, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0])
    assert found.lower(LEVEL) < alone.lower(LEVEL)
    assert found.upper(LEVEL) > alone.upper(LEVEL)


def test_where_nothing_is_wrong_a_unit_counts_as_one_row():
    counts = np.tile([6, 0, 0, 4], (50, 1))
    found = clustered_bounds(table(counts), f1, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0], 50)
    assert design_effect(table(counts), f1, LOGIT, np.array([0, 0.5, 0.5, 0])) == 10
    assert 0.9 < found.lower(LEVEL) < 0.985


def test_few_units_have_no_bounds():
    counts = drawn(LEAST_UNITS - 1, np.random.default_rng(3))
    found = clustered_bounds(table(counts), f1, LOGIT, [0, 0.5, 0.5, 0], [0.5, 0, 0, 0], LEAST_UNITS - 1)
    assert found.lower(LEVEL) is found.upper(LEVEL) is None
    assert ClusteredCells(0.3, 0.1, FISHER, LEAST_UNITS).lower(LEVEL) is not None
    assert ClusteredCells(0.3, None, PLAIN, LEAST_UNITS).lower(LEVEL) is None


def test_melded_share_alone_is_that_share():
    counts = drawn(120, np.random.default_rng(4))
    share = share_of(counts, 0, 1)
    whole = table(counts[:, [0, 1]])
    found = ClusteredMelded(whole, (share,), [True], lambda p: p)
    assert found.together == pytest.approx(1, abs=1e-6)
    assert found.lower(LEVEL) == pytest.approx(share.lower(LEVEL), abs=2e-3)
    assert found.upper(LEVEL) == pytest.approx(share.upper(LEVEL), abs=2e-3)


def test_shares_that_units_tie_together_are_less_sure():
    rng = np.random.default_rng(5)
    good = rng.random(150) < 0.8
    tied = np.array([[5, 0, 5, 0] if each else [2, 3, 2, 3] for each in good])
    apart = tied.copy()
    apart[:, 2:] = apart[rng.permutation(150), 2:]

    def balanced(counts):
        shares = share_of(counts, 0, 1), share_of(counts, 2, 3)
        return ClusteredMelded(table(counts), shares, [True, True], lambda a, b: (a + b) / 2)

    assert balanced(tied).together == pytest.approx(2, abs=0.01)
    assert balanced(apart).together < 1.3
    assert balanced(tied).lower(LEVEL) < balanced(apart).lower(LEVEL) - 0.005


def test_half_rows_of_several_classes_are_guarded_too():
    counts = np.tile(np.eye(3, dtype=int).ravel() * 3, (30, 1))
    found = clustered_bounds(
        table(counts), lambda c: c.reshape(-1, 9)[:, ::4].sum(1) / c.sum(1), LOGIT, *half_rows(3), 30
    )
    assert 0 < found.lower(LEVEL) < 1


@pytest.mark.parametrize(
    "refused",
    [
        lambda: UnitTable(0, np.ones(2), np.eye(2)),
        lambda: UnitTable(5, np.ones(2), np.eye(3)),
        lambda: UnitTable(5, np.full(2, 9.0), np.eye(2)),
    ],
)
def test_nonsense_is_refused(refused):
    with pytest.raises(ValueError, match=r"cells|squared"):
        refused()
