"""Bounds over groups: by hand, through the decision they feed, and by simulation at the edge of the demand."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from mlgate.stats.difference import ShareBounds, ShareDifference
from mlgate.stats.groups import (
    best,
    gap,
    gaps_to_best,
    greatest,
    least,
    pairwise,
    ratio,
    ratios_to_best,
    smallest_ratio,
    widest_gap,
)
from mlgate.stats.holm import holm_rejected
from mlgate.stats.ratio import ShareRatio

LEVEL = 0.05


@dataclass(frozen=True)
class Normal:
    """A normal estimate with its exact bounds: the difference of two is one too."""

    value: float
    error: float

    def lower(self, alpha):
        return self.value - stats.norm.isf(alpha) * self.error

    def upper(self, alpha):
        return self.value + stats.norm.isf(alpha) * self.error

    def less(self, other):
        return Normal(self.value - other.value, float(np.hypot(self.error, other.error)))


@dataclass(frozen=True)
class Nothing:
    def lower(self, _alpha):
        return None

    upper = lower


THREE = {"a": Normal(0.9, 0.01), "b": Normal(0.7, 0.02), "c": Normal(0.5, 0.03)}
PAIRS = pairwise(THREE, Normal.less)


def test_the_widest_gap_shows_every_pair_and_refutes_by_one():
    widest = widest_gap(PAIRS)
    assert widest.upper(LEVEL) == max(d.upper(LEVEL) for d in PAIRS.values()) == PAIRS["a", "c"].upper(LEVEL)
    # far from 0 the other direction takes nothing of the level
    assert widest.lower(LEVEL) == pytest.approx(PAIRS["a", "c"].lower(LEVEL / 3), abs=1e-9)


def test_the_order_of_groups_does_not_matter():
    bounds = set()
    for order in permutations(THREE):
        widest = widest_gap(pairwise({group: THREE[group] for group in order}, Normal.less))
        bounds.add((round(widest.lower(LEVEL), 12), round(widest.upper(LEVEL), 12)))
    assert len(bounds) == 1


@pytest.mark.slow
@pytest.mark.parametrize("true", [0.0, 0.3, 1.0, 2.5])
def test_a_gap_errs_at_its_level_wherever_it_is(true):
    """P(lower > true gap) over the normal estimate, in both directions, from the bound itself."""
    seen = np.linspace(-8, 8, 1601) + true
    wrong = np.array([gap(Normal(float(d), 1.0)).lower(LEVEL) > true + 1e-9 for d in seen])
    chance = stats.norm.pdf(seen - true)
    assert (chance * wrong).sum() / chance.sum() == pytest.approx(LEVEL, abs=0.002)


def test_no_gap_is_shown_where_none_is_there():
    near = gap(Normal(0.01, 0.1))
    assert near.lower(LEVEL) == 0
    assert near.upper(LEVEL) == pytest.approx(0.01 + stats.norm.isf(LEVEL) * 0.1)
    assert gap(Normal(-0.01, 0.1)) != near
    assert gap(Normal(-0.01, 0.1)).upper(LEVEL) == pytest.approx(near.upper(LEVEL))


def test_each_group_is_compared_with_the_truly_best():
    found = gaps_to_best(PAIRS, "a")
    assert list(found) == ["b", "c"]
    assert found["c"].upper(LEVEL) == PAIRS["a", "c"].upper(LEVEL)
    assert found["c"].lower(LEVEL) == pytest.approx(PAIRS["a", "c"].lower(LEVEL / 2), abs=1e-9)
    # b might be the best instead of a, if it were measured badly
    rough = pairwise({"a": Normal(0.9, 0.01), "b": Normal(0.89, 0.3), "c": Normal(0.8, 0.01)}, Normal.less)
    assert gaps_to_best(rough, "a")["c"].upper(LEVEL) == rough["b", "c"].upper(LEVEL)


def test_where_the_lowest_is_best():
    found = gaps_to_best(PAIRS, best({g: e.value for g, e in THREE.items()}, highest=False), highest=False)
    assert list(found) == ["a", "b"]
    assert found["a"].upper(LEVEL) == PAIRS["a", "c"].upper(LEVEL)
    assert found["a"].lower(LEVEL) == pytest.approx(PAIRS["a", "c"].lower(LEVEL / 2), abs=1e-9)


def test_all_groups_close_to_the_best_means_all_pairs_close():
    rng = np.random.default_rng(2)
    for _ in range(200):
        groups = {i: Normal(rng.normal(), rng.exponential()) for i in range(4)}
        pairs = pairwise(groups, Normal.less)
        found = gaps_to_best(pairs, best({i: e.value for i, e in groups.items()}))
        assert max(f.upper(LEVEL) for f in found.values()) == pytest.approx(widest_gap(pairs).upper(LEVEL))


def test_german_credit_by_ratio():
    groups = {"young": ShareBounds(110, 190), "old": ShareBounds(590, 810)}
    values = {group: share.exact for group, share in groups.items()}
    pairs = pairwise(groups, ShareRatio)
    assert best(values) == "old"
    assert values["young"] / values["old"] == Fraction(110 * 810, 190 * 590)
    for found in (smallest_ratio(pairs), ratios_to_best(pairs, "old")["young"], ratio(pairs["young", "old"])):
        assert (found.lower(LEVEL), found.upper(LEVEL)) == pytest.approx((0.705, 0.885), abs=6e-4)


def test_a_group_without_successes_is_never_shown_and_may_be_refuted():
    pairs = pairwise({"a": ShareBounds(90, 100), "b": ShareBounds(0, 100), "c": ShareBounds(0, 3)}, ShareRatio)
    found = ratios_to_best(pairs, "a")
    assert [found[g].lower(LEVEL) for g in "bc"] == [0, 0]
    assert found["b"].upper(LEVEL) < 0.1 < found["c"].upper(LEVEL)
    assert smallest_ratio(pairs).upper(LEVEL) < 0.1


def test_a_group_without_bounds_leaves_the_rest_refutable():
    groups = {"a": Normal(0.9, 0.01), "b": Normal(0.5, 0.01), "tiny": None}
    pairs = pairwise(groups, lambda x, y: x.less(y) if x and y else Nothing())
    assert widest_gap(pairs).upper(LEVEL) is None
    assert widest_gap(pairs).lower(LEVEL) > 0.35
    assert (gap(Nothing()).lower(LEVEL), gap(Nothing()).upper(LEVEL)) == (None, None)
    assert (ratio(Nothing()).lower(LEVEL), ratio(Nothing()).upper(LEVEL)) == (0, None)


def test_every_group_at_least_and_at_most():
    values = list(THREE.values())
    lowest, highest = least(values), greatest(values)
    assert lowest.lower(LEVEL) == THREE["c"].lower(LEVEL)
    assert lowest.upper(LEVEL) == THREE["c"].upper(LEVEL / 3)
    assert highest.upper(LEVEL) == THREE["a"].upper(LEVEL)
    assert highest.lower(LEVEL) == THREE["a"].lower(LEVEL / 3)
    assert least([*values, Nothing()]).lower(LEVEL) is None
    assert least([*values, Nothing()]).upper(LEVEL) == THREE["c"].upper(LEVEL / 4)
    assert least([Nothing()]).upper(LEVEL) is None


def decisions(rng, shares, rows, allowed, runs):
    """How often the widest gap and the gaps to the best pass, and how often they falsely fail."""
    tally = np.zeros(4)
    for counts in rng.binomial(rows, shares, (runs, len(shares))):
        groups = {i: ShareBounds(int(k), n) for i, (k, n) in enumerate(zip(counts, rows))}
        pairs = pairwise(groups, ShareDifference)
        widest = widest_gap(pairs)
        found = gaps_to_best(pairs, best({i: g.exact for i, g in groups.items()}))
        names = list(found)
        refuted = holm_rejected(lambda i, a: found[names[i]].lower(a) > allowed, len(names), LEVEL)  # noqa: B023
        false = any(max(shares) - shares[names[i]] <= allowed + 1e-9 for i in refuted)
        passed = all(f.upper(LEVEL) <= allowed for f in found.values())
        tally += [widest.upper(LEVEL) <= allowed, passed, widest.lower(LEVEL) > max(shares) - min(shares), false]
    return tally / runs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shares", "rows", "allowed"),
    [
        ((0.5, 0.6), (400, 400), 0.0999),
        ((0.5, 0.51), (100, 100), 0.01),
        ((0.5, 0.5), (200, 200), 0.0),
        ((0.4, 0.5, 0.5), (300, 50, 300), 0.1),
        ((0.5, 0.5, 0.5, 0.3), (200, 200, 50, 200), 0.0),
    ],
)
def test_neither_passes_nor_fails_wrongly_though_the_best_is_chosen_from_the_data(shares, rows, allowed):
    assert decisions(np.random.default_rng(4), shares, rows, allowed, 400).max() <= 0.07


@pytest.mark.parametrize(
    "refused",
    [
        lambda: pairwise({"a": THREE["a"]}, Normal.less),
        lambda: widest_gap({}),
        lambda: widest_gap({("a", "a"): THREE["a"]}),
        lambda: gaps_to_best(PAIRS, "nobody"),
        lambda: least([]),
        lambda: widest_gap(PAIRS).upper(0.95),
        lambda: widest_gap(PAIRS).lower(0.0),
        lambda: least([THREE["a"]]).lower(1.0),
    ],
)
def test_nonsense_is_refused(refused):
    with pytest.raises(ValueError, match=r"groups|group|level"):
        refused()
