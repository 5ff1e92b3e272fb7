"""Gaps and ratios of estimates made by hand: their values, bounds and rounding, and what each reference compares."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import islice
from math import inf
from typing import Any

import pytest

from mlgate.checks import independent
from mlgate.checks.fairness.comparison import GAP, NO_LOG, RATIO, Compared, Comparison, findings
from mlgate.stats.difference import Remembered, ShareBounds, ShareDifference
from mlgate.stats.planning import rows_per_group
from mlgate.stats.ratio import ShareRatio
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.estimate import Estimate, Unanswered

ALPHA = 0.05


def share(hits: int, n: int, group: str = "", **more: Any) -> Estimate:
    """A share of counts."""
    bounds = (partial(bound, hits, n) for bound in (clopper_pearson_lower, clopper_pearson_upper))
    where = (("g", group),) if group else ()
    counts = {"exact": Fraction(hits, n), "counts": f"{hits}/{n}", "share": (hits, n)}
    return Estimate(where, hits / n, n, n, *bounds, **{**counts, **more})


def mean(value: float, group: str = "", **more: Any) -> Estimate:
    """A value that is no share, with bounds 0.1 from it."""
    return Estimate(
        (("g", group),) if group else (), value, 100, 100, lambda _: value - 0.1, lambda _: value + 0.1, **more
    )


def fixed(low: float | None, high: float | None) -> Remembered:
    """The same bounds at every level."""
    return Remembered(lambda _: low, lambda _: high)


def test_the_rows_that_settle_a_gap_are_known_for_shares_of_counts_alone() -> None:
    a, b = share(60, 100, "a"), share(50, 100, "b")
    rows = GAP.rows_to_settle(a, b)
    assert rows is not None
    assert rows(0.2, "at_most", ALPHA, 0.8) == rows_per_group((0.6, 0.5), 0.2, ALPHA, 0.8)
    assert RATIO.rows_to_settle(a, b) is None
    for other in (replace(a, share=None), replace(a, n=99)):
        assert GAP.rows_to_settle(other, b) is None
        assert GAP.rows_to_settle(b, other) is None


@pytest.mark.parametrize(("compare", "of_shares"), [(GAP, ShareDifference), (RATIO, ShareRatio)])
def test_a_share_is_compared_with_all_rows_through_the_rest_which_is_independent(
    compare: Comparison, of_shares: Any
) -> None:
    group, everyone = share(30, 100, "a"), share(130, 400)
    rest = of_shares(ShareBounds(30, 100), ShareBounds(100, 300))
    expected, found = compare.to_all(rest, 0.25), compare.against_all(group, everyone, True)
    assert (found.lower(ALPHA), found.upper(ALPHA)) == (expected.lower(ALPHA), expected.upper(ALPHA))


@pytest.mark.parametrize(("compare", "pair"), [(GAP, independent.difference), (RATIO, independent.ratio)])
def test_what_is_no_share_of_counts_is_taken_as_independent_of_all_rows(compare: Comparison, pair: Any) -> None:
    group, everyone = share(30, 100, "a"), share(130, 400)
    for one, other, additive in (
        (group, everyone, False),
        (replace(group, share=None), everyone, True),
        (group, replace(everyone, share=None), True),
    ):
        expected, found = pair(one, other), compare.against_all(one, other, additive)
        assert (found.lower(ALPHA), found.upper(ALPHA)) == (expected.lower(ALPHA), expected.upper(ALPHA))


@pytest.mark.parametrize(
    ("compare", "low", "high", "expected"),
    [
        (GAP, -0.2, 0.4, (-0.15, 0.3)),
        (GAP, None, 0.4, (None, 0.3)),
        (GAP, -0.2, None, (-0.15, None)),
        (RATIO, 0.5, 2.0, (1 / 1.75, 1 / 0.625)),
        (RATIO, 0.0, 1.0, (0.0, 1.0)),
        (RATIO, None, None, (0.0, 4.0)),
    ],
)
def test_bounds_against_the_rest_become_bounds_against_all_rows_of_which_a_quarter_is_the_group(
    compare: Comparison, low: float | None, high: float | None, expected: tuple[float | None, float | None]
) -> None:
    found = compare.to_all(fixed(low, high), 0.25)
    assert (found.lower(ALPHA), found.upper(ALPHA)) == pytest.approx(expected)


def test_a_gap_is_exact_where_both_values_are() -> None:
    a, b = share(1, 3, "a"), share(1, 2, "b")
    assert GAP.observed(a, b) == (1 / 6, Fraction(1, 6))
    for one, other in ((replace(a, exact=None), b), (a, replace(b, exact=None)), (mean(1 / 3), mean(0.5))):
        assert GAP.observed(one, other) == (abs(1 / 3 - 0.5), None)


def test_a_ratio_is_that_of_the_lower_to_the_higher_value() -> None:
    a, b = share(1, 4, "a"), share(1, 2, "b")
    assert RATIO.observed(a, b) == RATIO.observed(b, a) == (0.5, Fraction(1, 2))
    for one, other in ((replace(a, exact=None), b), (a, replace(b, exact=None)), (mean(0.5), mean(1.0))):
        assert RATIO.observed(one, other) == (0.5, None)
    assert RATIO.observed(mean(0.0), mean(0.5)) == (0.0, None)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (0.0, 0.0, "the ratio of g=a to all rows is not defined: both values are 0"),
        (-0.1, 0.5, "a ratio requires values of 0 or more, and g=a has -0.1;"),
        (0.5, -0.1, "a ratio requires values of 0 or more, and all rows has -0.1;"),
    ],
)
def test_a_ratio_that_is_not_defined_is_refused(a: float, b: float, said: str) -> None:
    for refusing in (RATIO.observed, RATIO.pair) if a or b else (RATIO.observed,):
        with pytest.raises(ValueError, match=said.replace(".", r"\.")):
            refusing(mean(a, "a"), mean(b))


def compared(
    *values: Estimate, reference: str, by: Comparison = GAP, everyone: Estimate | None = None, **of: Any
) -> Any:
    """The answers of one grouping."""
    return list(findings(Compared(values, of.pop("highest", True), everyone, **of), reference, by))


A, B, C = share(60, 100, "a"), share(50, 90, "b"), share(20, 80, "c")


@pytest.mark.parametrize(
    ("reference", "highest", "chosen"),
    [("best", True, "a, the highest"), ("best", False, "c, the lowest"), ("worst", True, "c, the lowest"),
     ("worst", False, "a, the highest"), ("largest", True, "a"), ("b", True, "b"), ("g=c", True, "c")],
)  # fmt: skip
def test_every_other_group_is_compared_with_the_chosen_one(reference: str, highest: bool, chosen: str) -> None:
    for everyone in (None, share(130, 270)):
        found = compared(A, B, C, reference=reference, highest=highest, everyone=everyone)
        assert [each.where for each in found] == [each.where for each in (A, B, C) if each.where != (("g", chosen[0]),)]
        assert all(each.note.endswith(f"g={chosen}") for each in found)


def test_all_rows_are_a_reference_only_where_they_have_a_value() -> None:
    with pytest.raises(ValueError, match="the reference group `overall` is not among the groups"):
        compared(A, B, reference="overall")
    with pytest.raises(ValueError, match=r"`x` is not among .*: g=a \(100 rows\); g=b \(90 rows\)"):
        compared(A, B, reference="x")


@pytest.mark.parametrize(
    ("everyone", "additive", "independent"),
    [(share(130, 270), True, False), (share(130, 270), False, True), (mean(0.48), True, True)],
)
def test_a_comparison_with_all_rows_says_where_it_is_taken_as_independent(
    everyone: Estimate, additive: bool, independent: bool
) -> None:
    found = compared(A, B, C, reference="overall", everyone=everyone, additive=additive)
    assert len(found) == 3
    assert all(("treated as independent" in each.note) is independent for each in found)
    assert all(each.compared.endswith(" and all rows") and each.rows_to_settle is None for each in found)


def test_counts_of_groups_add_up_unless_it_is_said() -> None:
    assert Compared((A, B), True).additive


@pytest.mark.parametrize("reference", ["best", "worst", "pairs"])
def test_every_pair_of_at_most_300_groups_is_compared(reference: str) -> None:
    groups = tuple(replace(A, where=(("g", str(at)),)) for at in range(301))
    with pytest.raises(ValueError, match="there are 301 groups"):
        next(findings(Compared(groups, True), reference, GAP))
    if reference == "pairs":
        assert next(findings(Compared(groups[:300], True), reference, GAP))
    for other in ("largest", "overall"):
        assert len(list(islice(findings(Compared(groups, True, A), other, GAP), 9))) == 9


def test_a_finding_is_about_both_groups() -> None:
    (found,) = compared(A, replace(C, fewest=7), reference="a")
    assert (found.n, found.rows, found.relevant, found.counts) == (80, 80, 7, "20/80 against 60/100")
    assert found.compared == "g=c and g=a"
    assert found.rows_to_settle is not None
    assert compared(replace(A, fewest=5), C, reference="a")[0].relevant == 5
    for one, other in ((A, replace(C, counts=None)), (replace(A, counts=None), C)):
        assert compared(one, other, reference="a")[0].counts is None


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (mean(0.5, "a"), mean(0.2, "b"), None),
        (mean(0.5, "a", no_bound_because="few"), mean(0.2, "b"), "few"),
        (mean(0.5, "a"), mean(0.2, "b", no_bound_because="few"), "few"),
        (mean(0.5, "a"), mean(0.0, "b"), NO_LOG),
        (mean(0.0, "a"), mean(0.5, "b"), NO_LOG),
        (mean(1.0, "a"), mean(0.5, "b"), None),
        (mean(0.5, "a"), mean(0.0, "b", no_bound_because="few"), "few"),
    ],
)
def test_why_a_comparison_has_no_bound(one: Estimate, other: Estimate, why: str | None) -> None:
    assert compared(one, other, reference="a", by=RATIO)[0].no_bound_because == why


def test_a_comparison_that_is_not_defined_hides_no_other() -> None:
    found = compared(mean(0.0, "a"), mean(0.0, "b"), mean(0.5, "c"), reference="a", by=RATIO)
    assert [type(each) for each in found] == [Unanswered, Estimate]


def test_without_an_upper_bound_there_is_no_lower_one() -> None:
    """That a gap is at least 0 is true of any two groups."""
    (found,) = compared(Estimate((("g", "a"),), 0.5, 9, 9), Estimate((("g", "b"),), 0.4, 9, 9), reference="a")
    assert (found.lower(ALPHA), found.upper(ALPHA)) == (None, None)
    (found,) = compared(A, C, reference="a")
    assert 0 < found.lower(ALPHA) < 0.35 < found.upper(ALPHA)


@pytest.mark.parametrize(
    ("by", "one", "other", "moved"),
    [
        (GAP, (0.5, 0.0), (0.3, 0.0), 0.0),
        (GAP, (0.5, 0.1), (0.3, 0.05), 0.15),
        (GAP, (0.5, 0.1), (0.3, 0.0), 0.1),
        (GAP, (0.5, 0.0), (0.3, 0.05), 0.05),
        (GAP, (0.02, 0.1), (0.0, 0.0), 0.1),
        (GAP, (-0.1, 0.2), (0.0, 0.0), 0.2),
        (GAP, (0.0, 0.2), (0.1, 0.0), 0.0),
        (GAP, (0.2, 0.3), (0.3, 0.0), 0.2),
        (GAP, (0.5, inf), (0.3, 0.0), inf),
        (RATIO, (0.5, 0.1), (0.3, 0.05), 0.35 / 0.4 - 0.6),
        (RATIO, (0.05, 0.1), (0.02, 0.1), inf),
    ],
)
def test_the_rounding_of_both_values_moves_their_comparison(
    by: Comparison, one: tuple[float, float], other: tuple[float, float], moved: float
) -> None:
    estimates = [mean(value, group, rounding=off) for group, (value, off) in zip("ab", (one, other))]
    assert compared(*estimates, reference="a", by=by)[0].rounding == pytest.approx(moved)


def test_an_exact_value_does_not_stay_while_the_other_is_moved_by_rounding() -> None:
    found = compared(replace(mean(0.5, "a", rounding=0.1), exact=Fraction(1, 2)), mean(0.3, "b"), reference="a")
    assert found[0].rounding == pytest.approx(0.1)
