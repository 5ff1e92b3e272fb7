"""How many rows a rule may leave out, and values that rounding may have moved."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.gate.decide import decide, met
from mlgate.policy.demanded import Rule
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Claim, Estimate, LeftOut, Unanswered
from mlgate.values.verdict import Status

PASS, FAIL, INCONCLUSIVE, ERROR = Status.PASS, Status.FAIL, Status.INCONCLUSIVE, Status.ERROR
TENTH = Fraction(1, 10)


def rule(at_least: str | None = "0.5", at_most: str | None = None, **keys: Any) -> Rule:
    low, high = (None if text is None else Fraction(text) for text in (at_least, at_most))
    return Rule("p", "r", PerformanceMetric(metric="accuracy"), Demand(low, high), Location("policy.yaml"), **keys)


def slice_of(rows: int, name: str, value: float = 0.9) -> Estimate:
    """A slice whose bounds are 0.1 from its value."""
    return Estimate((("g", name),), value, rows, rows, lambda _: value - 0.1, lambda _: value + 0.1)


def left_out(rows: int | None, name: str, *, unknown: bool = False, of: int | None = None) -> LeftOut:
    return LeftOut((("g", name),), rows, "left out", of, unknown)


def status(of: Rule, *answers: Any) -> Status:
    found: Status = decide(of, answers)[0].status
    return found


@pytest.mark.parametrize(("small", "expected"), [(10, PASS), (11, ERROR)])
def test_rows_of_small_slices_may_be_as_many_as_the_rule_says(small: int, expected: Status) -> None:
    of = rule(min_n=20, at_most_left_out=TENTH)
    assert status(of, slice_of(90, "a"), slice_of(small, "b")) is expected


def test_rows_may_be_left_out_where_the_rule_sets_no_limit() -> None:
    assert status(rule(min_n=20), slice_of(90, "a"), slice_of(19, "b")) is PASS


@pytest.mark.parametrize(("rows", "expected"), [(10, PASS), (11, ERROR)])
def test_unknown_and_small_groups_have_a_limit_each(rows: int, expected: Status) -> None:
    for unknown, key, other in (
        (True, "at_most_unknown", "at_most_left_out"),
        (False, "at_most_left_out", "at_most_unknown"),
    ):
        answers = slice_of(90, "a"), left_out(rows, "b", unknown=unknown)
        assert status(rule(**{key: TENTH}), *answers) is expected
        assert status(rule(**{other: TENTH}), *answers) is PASS
        assert all(passes for _, passes in met(rule(**{key: TENTH}), answers)) is (expected is PASS)
        assert all(passes for _, passes in met(rule(**{other: TENTH}), answers))


def test_the_share_is_of_all_rows_where_a_slice_states_them() -> None:
    stated = left_out(10, "b", of=100), left_out(0, "c", of=50)
    assert status(rule(at_most_left_out=TENTH), slice_of(1, "a"), *stated) is PASS


def test_slices_in_one_sentence_count_the_rows_that_they_state() -> None:
    several = replace(left_out(None, "others"), shares=())
    assert status(rule(at_most_left_out=TENTH), slice_of(90, "a"), left_out(10, "b"), several) is PASS
    assert status(rule(at_most_left_out=TENTH), slice_of(98, "a"), left_out(11, "b"), several) is ERROR


def test_what_has_no_rows_is_not_left_out() -> None:
    for unknown in ("at_most_left_out", "at_most_unknown"):
        of = rule(**{unknown: TENTH})
        assert status(of, Claim((), True, "right"), slice_of(9, "a")) is PASS
        found = decide(of, [Unanswered((), "0/0"), slice_of(9, "a")])[0]
        assert [finding.status for finding in found.findings] == [ERROR, PASS]


def test_a_slice_without_rows_makes_no_share_smaller() -> None:
    answers = slice_of(89, "a"), slice_of(10, "b"), Unanswered((("g", "c"),), "0/0")
    found = decide(rule(min_n=20, at_most_left_out=TENTH), answers)[0]
    assert [finding.status for finding in found.findings] == [PASS, Status.SKIPPED, ERROR, ERROR]
    assert "10 of 99" in found.findings[-1].message


def rounded(value: float, rounding: float, exact: Fraction | None = None) -> Estimate:
    """A value without bounds, which rounding may have moved."""
    return Estimate((), value, 100, 100, rounding=rounding, exact=exact)


@pytest.mark.parametrize(
    ("value", "at_least", "at_most", "expected"),
    [
        (0.9, "0.84", None, PASS),
        (0.9, "0.86", None, INCONCLUSIVE),
        (0.9, None, "0.96", PASS),
        (0.9, None, "0.94", INCONCLUSIVE),
    ],
)
def test_a_value_passes_only_if_it_does_however_it_was_rounded(
    value: float, at_least: str | None, at_most: str | None, expected: Status
) -> None:
    for proof in ("estimate", "unrefuted"):
        assert status(rule(at_least, at_most, proof=proof), rounded(value, 0.05)) is expected


def test_a_value_that_rounding_may_have_moved_anywhere_does_not_pass() -> None:
    assert status(rule(proof="estimate"), rounded(0.9, math.inf)) is INCONCLUSIVE


def test_an_exact_value_was_not_rounded() -> None:
    assert status(rule(proof="estimate"), rounded(0.9, 1.0, Fraction(9, 10))) is PASS


def test_few_rows_that_count_do_not_matter_to_a_bound_that_shows_the_demand() -> None:
    found = replace(slice_of(100, "a"), n=10)
    assert status(rule(min_n=50), found) is PASS
    assert status(rule(min_n=50, proof="estimate"), found) is INCONCLUSIVE
    assert status(rule(min_n=10, proof="estimate"), found) is PASS
    assert status(rule("0.95", min_n=50, proof="estimate"), found) is FAIL


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_value_that_is_not_finite_is_not_met(value: float) -> None:
    found = replace(slice_of(100, "a"), value=value)
    assert [passes for _, passes in met(rule(), [found])] == [False]


@pytest.mark.parametrize("part", ["against", "metric"])
def test_rows_left_out_are_counted_for_each_part_of_a_rule(part: str) -> None:
    """Small slices of one champion, or of one of several metrics, do not hide in the rows of the others."""
    answers = [
        replace(answer, where=((part, name), *answer.where))
        for name, small in (("x", 11), ("y", 0))
        for answer in (slice_of(100 - small, "a"), slice_of(small, "b"))
    ]
    assert status(rule(min_n=20, at_most_left_out=Fraction(2, 10)), *answers) is PASS
    assert status(rule(min_n=20, at_most_left_out=TENTH), *answers) is ERROR


@pytest.mark.parametrize("small", [9, 10, 11, 50])
def test_the_fast_answer_of_a_plan_counts_rows_left_out_as_the_verdict_does(small: int) -> None:
    of = rule(min_n=60, at_most_left_out=TENTH)
    answers = [slice_of(100 - small, "a"), slice_of(small, "b")]
    assert all(passes for _, passes in met(of, answers)) is (status(of, *answers) is PASS)
