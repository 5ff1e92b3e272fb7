"""Demand and answers to findings and outcomes: the one place where proof, Holm, min_n, ties and waivers are decided."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.checks.performance.champion import PerformanceChampion
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.performance.slices import PerformanceSlices
from mlgate.checks.reported.metric import ReportedMetric
from mlgate.gate.decide import Failure, allowing, decide, met, skipped
from mlgate.gate.proofs import level, levels, meets, refutes, shows
from mlgate.gate.wording import left_out
from mlgate.policy.demanded import Rule, Waiver
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.demand import Demand, OwnDemand
from mlgate.values.errors import Location
from mlgate.values.estimate import Claim, Estimate, LeftOut, Listed, Published, ShareLeftOut, Unanswered
from mlgate.values.pictures import Bars, Histogram, Line, LineChart
from mlgate.values.shown_values import ShownValues
from mlgate.values.verdict import FindingDemand, Status, Table

AT = Location("policy.yaml", 3, 1)
PASS, FAIL, INCONCLUSIVE, ERROR = Status.PASS, Status.FAIL, Status.INCONCLUSIVE, Status.ERROR
TODAY = date(2026, 11, 24)
TOWNS = ("north", "south")


def demand(at_least: str | None = None, at_most: str | None = None) -> Demand:
    low, high = (None if text is None else Fraction(text) for text in (at_least, at_most))
    return Demand(low, high, at_least or "", at_most or "")


def rule(at_least: str | None = None, at_most: str | None = None, **keys: Any) -> Rule:
    return Rule("policy", "rule", PerformanceMetric(metric="accuracy"), demand(at_least, at_most), AT, **keys)


def share(hits: int, n: int, **group: str) -> Estimate:
    """A share as the metrics give it."""
    return Estimate(
        tuple(group.items()),
        hits / n,
        n,
        n,
        partial(clopper_pearson_lower, hits, n),
        partial(clopper_pearson_upper, hits, n),
        exact=Fraction(hits, n),
        counts=f"{hits}/{n}",
    )


def fixed(value: float, low: float | None, high: float | None, rows: int = 100, **group: str) -> Estimate:
    """A value with the same bounds at every level."""
    return Estimate(tuple(group.items()), value, rows, rows, lambda _a: low, lambda _a: high)


def outcome(rule: Rule, *answers: Any, **more: Any) -> Any:
    return decide(rule, answers, **more)[0]


def status(rule: Rule, *answers: Any) -> Status:
    found: Status = outcome(rule, *answers).status
    return found


@pytest.mark.parametrize(
    ("low", "value", "high", "shown", "unrefuted", "observed"),
    [
        (0.82, 0.9, 0.95, PASS, PASS, PASS),
        (0.8, 0.9, 0.95, PASS, PASS, PASS),
        (0.75, 0.85, 0.95, INCONCLUSIVE, PASS, PASS),
        (0.65, 0.75, 0.85, INCONCLUSIVE, PASS, FAIL),
        (0.65, 0.75, 0.8, INCONCLUSIVE, PASS, FAIL),
        (0.5, 0.6, 0.79, FAIL, FAIL, FAIL),
        (None, 0.9, None, INCONCLUSIVE, PASS, PASS),
        (None, 0.7, None, INCONCLUSIVE, INCONCLUSIVE, FAIL),
        (-math.inf, 0.9, math.inf, INCONCLUSIVE, PASS, PASS),
        (math.nan, 0.9, math.nan, INCONCLUSIVE, PASS, PASS),
    ],
)
def test_the_proof_says_which_bound_decides(low, value, high, shown, unrefuted, observed):
    estimate, mirrored = fixed(value, low, high), fixed(-value, *(None if x is None else -x for x in (high, low)))
    for proof, expected in (("shown", shown), ("unrefuted", unrefuted), ("estimate", observed)):
        assert status(rule("0.8", proof=proof), estimate) is expected
        assert status(rule(at_most="-0.8", proof=proof), mirrored) is expected


def test_an_infinite_bound_shows_nothing_and_a_nan_value_is_an_error():
    assert status(rule("0.8"), fixed(0.9, math.inf, math.inf)) is INCONCLUSIVE
    for proof in ("shown", "unrefuted", "estimate"):
        for value in (math.nan, math.inf, -math.inf):
            assert status(rule("0.8", proof=proof), fixed(value, 0.9, 1.0)) is ERROR


@pytest.mark.parametrize(
    ("hits", "n", "bound", "expected"),
    [
        (48, 60, "0.8", PASS),
        (8996, 10_000, "0.9", FAIL),
        (8999, 10_000, "0.8999", PASS),
        (1, 3, "0.3333333333333333", PASS),
        (1, 3, "0.33333333333333334", FAIL),
        (9, 10, "0.9000000000000000000001", FAIL),
    ],
)
def test_counts_are_compared_as_exact_fractions(hits, n, bound, expected):
    assert status(rule(bound, proof="estimate"), share(hits, n)) is expected


def test_means_of_floats_tie_within_a_tolerance():
    tie = fixed(0.1 + 0.2, 0.2, 0.4)
    assert 0.1 + 0.2 > 0.3
    assert status(rule("0.3", proof="estimate"), tie) is PASS
    assert status(rule(at_most="0.3", proof="estimate"), tie) is PASS
    assert status(rule(at_most="0.3", proof="estimate"), fixed(0.3 + 1e-9, 0.2, 0.4)) is FAIL


def test_a_bound_that_ties_with_the_demand_meets_it():
    bound = clopper_pearson_lower(90, 100, 0.05)
    assert status(rule(str(Fraction(bound))), share(90, 100)) is PASS
    assert status(rule(str(Fraction(math.nextafter(bound, 1)))), share(90, 100)) is INCONCLUSIVE


@pytest.mark.parametrize("bound", [math.inf, math.nan])
def test_unrefuted_needs_a_finite_bound_where_the_value_misses(bound):
    assert status(rule("0.8", proof="unrefuted"), fixed(0.7, -bound, bound)) is INCONCLUSIVE


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.45, 0.55, PASS), (0.35, 0.55, INCONCLUSIVE), (0.1, 0.39, FAIL), (0.61, 0.7, FAIL), (None, 0.55, INCONCLUSIVE)],
)
def test_between_needs_both_bounds_inside(low, high, expected):
    value = 0.5 if low is None else (low + high) / 2
    assert status(rule("0.4", "0.6"), fixed(value, low, high)) is expected


def test_both_sides_of_a_between_share_the_level_of_a_fail_and_not_of_a_pass():
    upper = clopper_pearson_upper(450, 1000, 0.05)
    wide = rule("0.477", "0.9")
    found = outcome(wide, share(450, 1000))
    assert found.status is INCONCLUSIVE
    assert "its upper bound 0.4765 would refute it alone, but two sides share the level of a FAIL" in found.message
    assert status(rule(str(clopper_pearson_upper(450, 1000, 0.025) + 1e-6), "0.9"), share(450, 1000)) is FAIL
    inside = str(Fraction(clopper_pearson_lower(450, 1000, 0.05))), str(Fraction(upper))
    assert status(rule(*inside), share(450, 1000)) is PASS


def test_a_between_is_unrefuted_only_by_bounds_at_the_level_that_could_refute_it():
    coarse = Estimate((), 0.7, 30, 30, lambda a: 0.6 if a >= 0.05 else None, lambda a: 0.8 if a >= 0.05 else None)
    assert status(rule("0.1", "0.5", proof="unrefuted"), coarse) is INCONCLUSIVE
    assert status(rule("0.1", "0.9", proof="unrefuted"), coarse) is PASS


def test_a_value_at_one_end_of_a_narrow_between_is_rarely_failed_falsely():
    n, at = 400, rule("0.5", "0.501")
    chances = [math.comb(n, k) * 0.5**n for k in range(n + 1)]
    wrong = sum(chance for k, chance in enumerate(chances) if status(at, share(k, n)) is FAIL)
    assert 0.02 < wrong <= 0.05


def test_the_worst_finding_is_the_outcome():
    good, bad, torn = share(99, 100, g="a"), share(10, 100, g="b"), share(82, 100, g="c")
    assert status(rule("0.8"), good) is PASS
    assert status(rule("0.8"), good, torn) is INCONCLUSIVE
    assert status(rule("0.8"), good, torn, bad) is FAIL
    assert status(rule("0.8"), good, bad, Unanswered((("g", "d"),), "0/0")) is ERROR


def test_nothing_answered_is_an_error():
    assert status(rule("0.8")) is ERROR
    assert status(rule("0.8"), LeftOut((("g", "a"),), 9, "left out")) is ERROR


def test_a_failure_is_an_error_and_keeps_what_was_answered():
    found = outcome(rule("0.8"), share(99, 100), failure=Failure("crashed", machine=True))
    assert (found.status, found.machine, len(found.findings)) == (ERROR, True, 1)


def test_claims_are_met_or_not():
    assert status(rule(), Claim((), True, "said")) is PASS
    assert status(rule(), Claim((), False, "said")) is FAIL


def failing(hits: int, n: int, others: int) -> Status:
    answers = [share(hits, n, g="weak"), *(share(999, 1000, g=f"{i}") for i in range(others))]
    found: Status = outcome(rule("0.8"), *answers).findings[0].status
    return found


def test_holm_within_the_rule_needs_more_of_each_finding():
    alone = clopper_pearson_upper(144, 200, 0.05)
    assert alone < 0.8 < clopper_pearson_upper(144, 200, 0.05 / 20)
    assert failing(144, 200, others=0) is FAIL
    assert failing(144, 200, others=19) is INCONCLUSIVE
    answers = [share(144, 200, g="weak"), *(share(999, 1000, g=f"{i}") for i in range(19))]
    said = outcome(rule("0.8"), *answers).findings[0].message
    assert said.endswith("would refute it alone, but 20 slices share the level of a FAIL")
    assert failing(100, 200, others=19) is FAIL


def test_holm_steps_down_when_other_findings_fail_for_sure():
    weak, hopeless = share(144, 200, g="weak"), [share(5, 200, g=f"{i}") for i in range(19)]
    assert outcome(rule("0.8"), weak, *hopeless).findings[0].status is FAIL


def test_a_pass_is_not_corrected_for_other_findings():
    borderline = next(n for n in range(1, 200) if clopper_pearson_lower(n, 200, 0.05) >= 0.8)
    answers = [share(borderline, 200, g=f"{i}") for i in range(30)]
    assert status(rule("0.8"), *answers) is PASS


@pytest.mark.parametrize("proof", ["unrefuted", "estimate"])
def test_other_proofs_do_not_depend_on_other_findings(proof):
    answers = [share(144, 200, g="weak"), *(share(999, 1000, g=f"{i}") for i in range(19))]
    assert outcome(rule("0.8", proof=proof), *answers).findings[0].status is FAIL


def test_min_n_leaves_out_small_slices_and_says_how_many_rows():
    found = outcome(rule("0.8", min_n=50), share(99, 100, g="a"), share(0, 49, g="b"))
    assert [finding.status for finding in found.findings] == [PASS, Status.SKIPPED]
    assert found.status is PASS
    assert "49 rows left out" in found.message


def test_min_n_without_slices_is_inconclusive_and_all_slices_left_out_is_an_error():
    found = outcome(rule("0.1", min_n=50), share(49, 49))
    assert (found.status, found.findings[0].settle) == (
        INCONCLUSIVE,
        "add at least 1 more row",
    )
    assert status(rule("0.1", min_n=50), share(49, 49, g="a"), share(49, 49, g="b")) is ERROR


@pytest.mark.parametrize(
    ("shares", "bounds", "expected"),
    [
        (None, {}, PASS),
        (None, {"at_most_left_out": Fraction(1, 20)}, ERROR),
        (None, {"at_most_unknown": Fraction(1, 20)}, PASS),
        ((), {"at_most_left_out": Fraction(0)}, PASS),
        ((ShareLeftOut(("a",), 5, 100), ShareLeftOut(("b",), 0, 100)), {"at_most_left_out": Fraction(1, 20)}, PASS),
        ((ShareLeftOut(("a",), 6, 100), ShareLeftOut(("b",), 0, 100)), {"at_most_left_out": Fraction(1, 20)}, ERROR),
    ],
)
def test_several_slices_left_out_in_one_sentence_count_by_their_rows_and_unknown_rows_are_never_few(
    shares: tuple[ShareLeftOut, ...] | None, bounds: Mapping[str, Fraction], expected: Status
):
    left_out = LeftOut((), None, "not searched", shares=shares)
    assert status(rule("0.8", **bounds), share(190, 200, g="a"), left_out) is expected


def test_a_slice_left_out_takes_no_part_in_holm():
    tiny = [share(0, 5, g=f"{i}") for i in range(19)]
    assert outcome(rule("0.8", min_n=50), share(144, 200, g="weak"), *tiny).findings[0].status is FAIL


def test_looks_share_the_level():
    once, five = rule("0.8"), rule("0.8", looks=5)
    assert (level(once), level(five)) == (pytest.approx(0.05), pytest.approx(0.01))
    hits = next(n for n in range(1, 200) if clopper_pearson_lower(n, 200, 0.05) >= 0.8)
    assert (status(once, share(hits, 200)), status(five, share(hits, 200))) == (PASS, INCONCLUSIVE)


def test_the_levels_asked_for_hold_all_that_holm_needs_up_to_ten():
    assert [0.05 / m for m in range(1, 11)] == pytest.approx(list(levels(rule("0.8"))[:10]))
    both = levels(rule("0.4", "0.6"))
    assert all(any(asked == pytest.approx(0.05 / m / 2) for asked in both) for m in (1, 7, 12, 1000))


def test_confidence_is_the_rules_own():
    hits = next(n for n in range(1, 200) if clopper_pearson_lower(n, 200, 0.05) >= 0.8)
    assert status(rule("0.8", confidence=Fraction(99, 100)), share(hits, 200)) is INCONCLUSIVE


@pytest.mark.parametrize(("day", "severity"), [(date(2026, 12, 31), "warn"), (date(2027, 1, 1), "block")])
def test_enforce_from_warns_before_its_day(day, severity):
    found = outcome(rule("0.8", enforce_from=date(2027, 1, 1)), share(10, 100), as_of=day)
    assert (found.status, found.severity, found.blocking) == (FAIL, severity, severity == "block")


def test_a_skipped_rule_says_why():
    found, notes = skipped(rule("0.8"), "`when:` does not apply")
    assert (found.status, found.message, notes) == (Status.SKIPPED, "`when:` does not apply", ())


def waiver(not_below: str | None = "0.55", not_above: str | None = None, **keys: Any) -> Waiver:
    low, high = (None if text is None else Fraction(text) for text in (not_below, not_above))
    given = {"granted": date(2026, 11, 20), "expires": date(2027, 2, 1), "where": (), **keys}
    return Waiver("rule", given["where"], low, high, "owner", "reason", given["granted"], given["expires"], AT)


@pytest.mark.parametrize(
    ("where", "answers", "said"),
    [
        ((), (share(140, 200),), "applied"),
        (
            (),
            (share(140, 200, g="a"), share(20, 200, g="b")),
            "applied to 1 of 2 that need it; it is insufficient for the others",
        ),
        ((), (share(20, 200),), "it is insufficient: its own bound, not below 0.55, is not met either"),
        ((), (share(199, 200),), "it is not needed, because the demand is met without it"),
        ((("g", "a"),), (share(20, 200, g="b"),), "its slice was not judged"),
        ((), (Unanswered((), "0/0"),), "nothing was judged that it could waive"),
    ],
)
def test_a_waiver_says_what_became_of_it(where, answers, said):
    _, (note,) = decide(rule("0.8"), answers, None, [waiver(where=where)], TODAY)
    assert note.said == said


def test_the_waiver_of_a_skipped_rule_is_named_too():
    _, (note,) = skipped(rule("0.8"), "`when:` does not apply", [waiver()], TODAY)
    assert (note.applied, note.said) == (False, "`when:` does not apply")
    _, (note,) = skipped(rule("0.8"), "`when:` does not apply", [waiver()], date(2027, 3, 1))
    assert note.said == "it expired on 2027-02-01"


def waived(rule: Rule, waiver: Waiver, *answers: Any, as_of: date = TODAY) -> tuple[Any, Any]:
    found, (note,) = decide(rule, answers, None, [waiver], as_of)
    return found, note


def test_a_waiver_turns_a_miss_that_meets_its_own_bound_into_waived():
    found, note = waived(rule("0.8"), waiver(), share(140, 200))
    assert (found.status, note.applied) == (Status.WAIVED, True)


@pytest.mark.parametrize(
    ("proof", "hits", "expected"),
    [
        ("shown", 120, INCONCLUSIVE),
        ("shown", 124, Status.WAIVED),
        ("estimate", 110, Status.WAIVED),
        ("estimate", 109, FAIL),
        ("unrefuted", 100, Status.WAIVED),
        ("unrefuted", 80, FAIL),
    ],
)
def test_a_waivers_bound_is_decided_by_the_rules_own_proof(proof, hits, expected):
    demanded = rule("0.65" if proof == "shown" else "0.8", proof=proof)
    found, note = waived(demanded, waiver(), share(hits, 200))
    assert found.status is expected
    assert note.applied == (expected is Status.WAIVED)


@pytest.mark.parametrize(
    ("day", "why"), [(date(2026, 11, 19), "it starts on 2026-11-20"), (date(2027, 2, 2), "it expired on 2027-02-01")]
)
def test_a_waiver_out_of_its_dates_is_not_applied_and_says_so(day, why):
    found, note = waived(rule("0.8"), waiver(), share(140, 200), as_of=day)
    assert (found.status, note.applied) == (FAIL, False)
    assert why in note.said


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2027, 2, 1)])
def test_a_waiver_counts_on_its_first_and_last_day(day):
    assert waived(rule("0.8"), waiver(), share(140, 200), as_of=day)[0].status is Status.WAIVED


def test_a_waiver_is_for_its_slice_only():
    weak, other = share(140, 200, g="a"), share(140, 200, g="b")
    found, note = waived(rule("0.8"), waiver(where=(("g", "a"),)), weak, other)
    assert [finding.status for finding in found.findings] == [Status.WAIVED, FAIL]
    assert (found.status, note.applied) == (FAIL, True)


def test_a_waiver_does_not_reach_errors_passes_or_slices_left_out():
    slices = [Unanswered((("g", "a"),), "0/0"), share(990, 1000, g="b"), share(20, 20, g="c")]
    found, note = waived(rule("0.8", min_n=50), waiver(), *slices)
    assert [finding.status for finding in found.findings] == [ERROR, PASS, Status.SKIPPED]
    assert not note.applied


def test_a_waiver_does_not_reach_what_is_yes_or_no():
    found, note = waived(rule("0.8"), waiver(), Claim((("g", "a"),), False, "said"), share(140, 200, g="b"))
    assert [finding.status for finding in found.findings] == [FAIL, Status.WAIVED]
    assert (found.status, note.applied) == (FAIL, True)


def test_a_waiver_cannot_rescue_a_crash():
    found, _ = decide(rule("0.8"), [share(140, 200)], Failure("crashed", machine=True), [waiver()], TODAY)
    assert found.status is ERROR


bounds = st.none() | st.floats(-2, 2) | st.sampled_from([math.nan, math.inf, -math.inf])
values = st.floats(-1, 1) | st.sampled_from([math.nan, math.inf])


@given(values, bounds, bounds, st.booleans())
def test_a_pass_under_proof_shown_has_a_finite_bound_that_meets_the_demand(value, low, high, least):
    demanded = rule("0.5") if least else rule(at_most="0.5")
    found = outcome(demanded, fixed(value, low, high))
    if found.status is PASS:
        (finding,) = found.findings
        bound = finding.lower if least else finding.upper
        assert bound is not None
        assert math.isfinite(bound)
        assert bound >= 0.5 if least else bound <= 0.5


@given(
    st.lists(st.tuples(st.integers(0, 60), st.just(60)), min_size=1, max_size=6),
    st.fractions(0, 1, max_denominator=100),
    st.fractions(0, Fraction(1, 2), max_denominator=100),
    st.sampled_from(["shown", "unrefuted", "estimate"]),
    st.booleans(),
)
def test_a_stricter_demand_never_improves_the_status(counts, bound, stricter, proof, least):
    answers = [share(hits, n, g=str(at)) for at, (hits, n) in enumerate(counts)]
    keys = ("at_least", 1) if least else ("at_most", -1)
    ranks = [
        status(rule(**{keys[0]: str(bound + keys[1] * more)}, proof=proof), *answers).rank for more in (0, stricter)
    ]
    assert ranks[0] <= ranks[1]


@given(st.integers(0, 60), st.integers(1, 12), st.fractions(0, 1, max_denominator=50))
def test_a_harmless_finding_more_turns_no_pass_into_anything_else(hits, others, bound):
    mine = share(hits, 60, g="mine")
    harmless = [fixed(2.0, 2.0, 2.0, g=str(at)) for at in range(others)]
    alone = outcome(rule(str(bound)), mine).findings[0].status
    among = outcome(rule(str(bound)), mine, *harmless).findings[0].status
    assert (alone is PASS) == (among is PASS)
    assert among is alone or (alone, among) == (FAIL, INCONCLUSIVE)


def test_a_waiver_of_one_side_leaves_the_other_to_the_rule():
    found, note = waived(rule("0.4", "0.6"), waiver("0.3"), share(198, 200))
    assert (found.status, note.applied) == (FAIL, False)
    found, note = waived(rule("0.4", "0.6"), waiver("0.3"), share(80, 200))
    assert (found.status, note.applied) == (Status.WAIVED, True)


def test_rows_left_out_are_noted_with_their_share():
    asked = rule("0.7", min_n=100)
    found = outcome(asked, share(0, 50, sex="X"), share(180, 200, sex="F"), share(190, 200, sex="M"))
    assert found.status is PASS
    assert list(left_out(found, asked)) == [
        (
            "policy:rule does not judge 11 % of the rows (50 of 450) by sex: nothing is guaranteed about them; "
            "bound them by `at_most_left_out` in the rule"
        )
    ]
    assert list(left_out(outcome(rule("0.7"), share(180, 200)), rule("0.7"))) == []


@pytest.mark.parametrize(
    ("small", "unknown", "bounds", "keys"),
    [
        (0, 50, {}, "`at_most_unknown`"),
        (0, 50, {"at_most_left_out": Fraction(1, 2)}, "`at_most_unknown`"),
        (0, 50, {"at_most_unknown": Fraction(1, 2)}, ""),
        (50, 0, {"at_most_unknown": Fraction(1, 2)}, "`at_most_left_out`"),
        (50, 0, {"at_most_left_out": Fraction(1, 2)}, ""),
        (15, 15, {}, "`at_most_left_out` and `at_most_unknown`"),
        (50, 2, {"at_most_left_out": Fraction(1, 2)}, ""),
    ],
)
def test_the_key_that_would_bound_what_is_left_out_is_the_one_that_does(
    small: int, unknown: int, bounds: Any, keys: str
) -> None:
    """Rows of unknown groups are bounded by `at_most_unknown` alone, those of small groups by `at_most_left_out`."""
    asked, mistyped = rule("0.7", min_n=100, **bounds), (("sex", "F "),)
    answers: list[Any] = [share(190, 200, sex="F")] + ([share(0, small, sex="X")] if small else [])
    answers += [LeftOut(mistyped, unknown, "unknown group", unknown=True)] * bool(unknown)
    (note,) = left_out(outcome(asked, *answers), asked, {mistyped})
    assert note.partition("; bound them by ")[2].removesuffix(" in the rule") == keys


@pytest.mark.parametrize(("small", "judged", "said"), [(120, 0, "100 %"), (600, 20, "over 99 %"), (60, 20, "97 %")])
def test_only_all_rows_are_100_percent(small: int, judged: int, said: str) -> None:
    slices = [share(0, 10, g=f"s{i}") for i in range(small)] + [share(judged, judged, g="F") for _ in range(judged > 0)]
    (note,) = left_out(outcome(rule("0.7", min_n=20), *slices), rule("0.7", min_n=20))
    part = f"{said} of the rows ({small * 10:,} of {small * 10 + judged:,})"
    assert note.startswith(f"policy:rule does not judge {part} by g")


@given(
    proof=st.sampled_from(["shown", "unrefuted", "estimate"]),
    bounds=st.sampled_from([("0.5", None), (None, "0.5"), ("0.3", "0.7")]),
    answers=st.lists(
        st.one_of(
            st.builds(
                lambda v, low, high, n, g: fixed(v, low, high, n, g=g),
                st.sampled_from([0.2, 0.45, 0.5, 0.55, 0.8, math.nan]),
                st.none() | st.floats(0, 0.6),
                st.none() | st.floats(0.4, 1),
                st.integers(1, 40),
                st.sampled_from("FM"),
            ),
            st.builds(Claim, st.just(()), st.booleans(), st.just("said")),
            st.builds(Unanswered, st.just(()), st.just("0/0")),
            st.builds(LeftOut, st.just((("g", "X"),)), st.just(3), st.just("left out")),
        ),
        max_size=4,
    ),
    waived=st.sampled_from([None, (("g", "F"),), ()]),
    min_n=st.sampled_from([0, 20]),
)
def test_what_is_met_is_what_decides(proof: Any, bounds: Any, answers: list[Any], waived: Any, min_n: int) -> None:
    asked = rule(*bounds, proof=proof, min_n=min_n)
    waiver = Waiver("rule", waived or (), Fraction("0.4"), None, "owner", "reason", TODAY, date.max, AT)
    waivers = [] if waived is None or bounds[0] is None else [waiver]
    decided = outcome(asked, *answers, waivers=waivers, as_of=TODAY)
    counted = [finding for finding in decided.findings if finding.status.counts]
    expected = [(finding.where, finding.status in (PASS, Status.WAIVED)) for finding in counted]
    assert list(met(asked, answers, waivers)) == expected


UNDER, OVER = Demand(at_most=Fraction(3, 4)), Demand(at_least=Fraction(3, 4))
BELOW, AT_IT, ABOVE = math.nextafter(0.75, 0), 0.75, math.nextafter(0.75, 1)


@pytest.mark.parametrize(
    ("bound", "at_least", "strictly_at_least", "at_most", "strictly_at_most"),
    [
        (BELOW, False, False, True, True),
        (AT_IT, True, False, True, False),
        (ABOVE, True, True, False, False),
        (math.nan, False, False, False, False),
        (math.inf, False, False, False, False),
        (-math.inf, False, False, False, False),
        (None, False, False, False, False),
    ],
)
def test_a_bound_at_the_demand_shows_it_unless_it_is_strict(
    bound, at_least, strictly_at_least, at_most, strictly_at_most
):
    found = [shows(replace(OVER, strict=strict), fixed(0.75, bound, None), 0.05) for strict in (False, True)]
    assert found == [at_least, strictly_at_least]
    found = [shows(replace(UNDER, strict=strict), fixed(0.75, None, bound), 0.05) for strict in (False, True)]
    assert found == [at_most, strictly_at_most]


@pytest.mark.parametrize(
    ("bound", "at_least", "at_most"),
    [
        (BELOW, True, False),
        (AT_IT, False, False),
        (ABOVE, False, True),
        (math.nan, False, False),
        (math.inf, False, False),
        (-math.inf, False, False),
        (None, False, False),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_bound_at_the_demand_does_not_refute_it(bound, at_least, at_most, strict):
    assert refutes(replace(OVER, strict=strict), fixed(0.75, None, bound), 0.05) is at_least
    assert refutes(replace(UNDER, strict=strict), fixed(0.75, bound, None), 0.05) is at_most


def test_what_demands_nothing_is_not_shown_and_not_refuted():
    assert not shows(Demand(), fixed(0.5, 0.4, 0.6), 0.05)
    assert not refutes(Demand(), fixed(0.5, 0.4, 0.6), 0.05)


@pytest.mark.parametrize("strict", [False, True])
def test_an_exact_value_at_the_demand_meets_it_unless_it_is_strict(strict):
    for demanded, beyond in ((OVER, Fraction(76, 100)), (UNDER, Fraction(74, 100))):
        asked = replace(demanded, strict=strict)
        assert meets(asked, 0.75, Fraction(3, 4)) is not strict
        assert meets(asked, float(beyond), beyond)
        assert not meets(asked, float(beyond), Fraction(3, 2) - beyond)


@pytest.mark.parametrize(
    ("short", "meets_it", "strictly"),
    [(1.5e-9, False, False), (0.9e-9, True, False), (0.0, True, False), (-0.9e-9, True, False), (-1.5e-9, True, True)],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_float_ties_within_a_trillionth_of_itself(short, meets_it, strictly, sign):
    at_least = sign * Fraction(1000)
    value = sign * 1000.0 - short
    for strict, expected in ((False, meets_it), (True, strictly)):
        assert meets(Demand(at_least=at_least, strict=strict), value, None) is expected
        assert meets(Demand(at_most=-at_least, strict=strict), -value, None) is expected


def test_the_exact_value_decides_and_not_its_rounded_one():
    assert meets(OVER, 0.0, Fraction(3, 4))
    assert not meets(OVER, 1.0, Fraction(1, 2))


@pytest.mark.parametrize(
    ("low", "value", "high", "expected"),
    [
        (0.5, 0.7, 0.8, PASS),
        (None, 0.7, 0.8, PASS),
        (0.5, 0.7, None, INCONCLUSIVE),
        (None, 0.75, None, PASS),
        (None, 0.7, 0.74, FAIL),
    ],
)
def test_unrefuted_looks_at_the_bound_on_the_other_side(low, value, high, expected):
    assert status(rule("0.75", proof="unrefuted"), fixed(value, low, high)) is expected
    mirrored = fixed(-value, *(None if x is None else -x for x in (high, low)))
    assert status(rule(at_most="-0.75", proof="unrefuted"), mirrored) is expected


def test_unrefuted_between_needs_the_bounds_of_both_sides():
    asked = rule("0.4", "0.6", proof="unrefuted")
    assert status(asked, fixed(0.7, 0.5, 0.8)) is PASS
    assert status(asked, fixed(0.7, None, 0.8)) is INCONCLUSIVE
    assert status(asked, fixed(0.3, 0.2, None)) is INCONCLUSIVE


@pytest.mark.parametrize("sides", [1, 2])
def test_the_levels_asked_for(sides):
    steps = {*range(1, 11), 12, 15, 20, 30, 50, 100, 200, 500, 1000}
    shared = steps | ({2 * step for step in steps} if sides == 2 else set())
    assert levels(rule("0.4", "0.6" if sides == 2 else None)) == pytest.approx(
        [0.05 / step for step in sorted(shared)], rel=1e-12
    )


def test_demands_of_their_own_may_have_two_sides_so_the_levels_of_both_are_asked_for():
    asked = replace(rule(), check=PerformanceChampion(metric="accuracy", margin=Fraction(0)))
    assert not asked.check.bounded
    assert levels(asked) == levels(rule("0.4", "0.6"))


def test_both_sides_of_a_between_reach_the_verdict():
    found = outcome(rule("0.4", "0.6"), fixed(0.5, 0.45, 0.55))
    assert (found.at_least, found.at_most, found.strict) == (0.4, 0.6, False)
    assert (outcome(rule("0.4"), fixed(0.5, 0.45, 0.55)).at_most) is None


TABLE = Table("a title", ("a",), (("1",),))
CHART = LineChart("a chart", "x", "y", (Line("a line", ((0.0, 0.0), (1.0, 1.0))),))


def test_what_is_published_is_shown_and_decides_nothing():
    found = outcome(rule("0.8"), Published(TABLE), fixed(0.9, 0.85, 0.95), Published(CHART))
    assert (found.status, found.tables, len(found.pictures), len(found.findings)) == (PASS, (TABLE,), 1, 1)
    assert status(rule("0.8"), Published(TABLE)) is ERROR
    assert met(rule("0.8"), [Published(TABLE), fixed(0.9, 0.85, 0.95)]) == (((), True),)


def test_what_is_listed_has_its_bounds_and_decides_nothing():
    listed = Listed((("g", "a"),), fixed(0.1, 0.05, math.inf), "listed")
    found = outcome(rule("0.8"), listed)
    assert (found.status, found.demand) == (Status.LISTED, "")
    assert (found.findings[0].status, found.findings[0].lower, found.findings[0].upper) == (Status.LISTED, 0.05, None)
    assert status(rule("0.8"), listed, fixed(0.9, 0.85, 0.95)) is PASS


def test_the_bounds_of_a_finding_are_finite_or_none():
    (finding,) = outcome(rule("0.8"), fixed(0.9, math.nan, math.inf)).findings
    assert (finding.lower, finding.upper) == (None, None)
    (finding,) = outcome(rule("0.8"), fixed(0.9, 0.85, 0.95)).findings
    assert (finding.lower, finding.upper) == (0.85, 0.95)


def test_only_an_inconclusive_finding_says_what_would_settle_it():
    inconclusive, passed, failed = share(82, 100, g="a"), share(99, 100, g="b"), share(10, 100, g="c")
    settles = [finding.settle for finding in outcome(rule("0.8"), inconclusive, passed, failed).findings]
    assert settles[0]
    assert settles[1:] == [None, None]


@pytest.mark.parametrize(("rows", "expected"), [(49, INCONCLUSIVE), (50, PASS), (51, PASS)])
def test_min_n_is_the_least_number_of_rows_that_counts(rows, expected):
    assert status(rule("0.8", min_n=50), fixed(0.9, 0.85, 0.95, rows)) is expected
    assert met(rule("0.8", min_n=50), [fixed(0.9, 0.85, 0.95, rows)]) == (((), expected is PASS),)


@pytest.mark.parametrize(("lacking", "said"), [(1, "add at least 1 more row"), (2, "add at least 2 more rows")])
def test_too_few_rows_say_how_many_are_lacking(lacking, said):
    few = fixed(0.9, 0.85, 0.95, 50 - lacking)
    (finding,) = outcome(rule("0.8", min_n=50), few).findings
    assert (finding.settle, finding.lacking) == (said, "min_n")
    (finding,) = outcome(rule("0.8", min_n=50), replace(few, where=(("g", "a"),))).findings
    assert (finding.status, finding.settle, finding.lacking) == (Status.SKIPPED, None, "")


def test_what_is_demanded_is_in_the_outcome_whatever_its_status():
    assert outcome(rule("0.8"), share(9, 10)).demand == "accuracy ≥ 0.8"
    assert outcome(rule("0.8"), share(10, 100, g="a")).demand == "accuracy ≥ 0.8"


def test_an_evidence_that_failed_is_not_the_machines_fault():
    found = outcome(rule("0.8"), failure=Failure("no column", machine=False))
    assert (found.status, found.machine, found.message, found.traceback) == (ERROR, False, "no column", None)


def test_a_waiver_for_all_slices_covers_each_and_one_for_a_slice_only_that_in_any_order():
    one, other = (("sex", "F"), ("race", "A")), (("race", "A"), ("sex", "F"))
    asked, everywhere = rule("0.8"), waiver()
    assert allowing(asked, one, [everywhere]) == (asked.demand, Demand(Fraction("0.55")))
    assert allowing(asked, one, [waiver(where=other)]) == (asked.demand, Demand(Fraction("0.55")))
    assert allowing(asked, (("sex", "F"),), [waiver(where=other)]) == (asked.demand,)
    assert allowing(asked, (), [waiver(where=other)]) == (asked.demand,)


def test_a_waiver_of_an_upper_bound_keeps_the_lower_one():
    above = waiver(None, "0.9")
    assert allowing(rule("0.4", "0.6"), (), [above]) == (
        Demand(Fraction("0.4"), Fraction("0.6"), "0.4", "0.6"),
        Demand(Fraction("0.4"), Fraction("0.9")),
    )
    assert waived(rule("0.4", "0.6"), above, share(140, 200))[0].status is Status.WAIVED
    assert waived(rule("0.4", "0.6"), above, share(60, 200))[0].status is FAIL
    assert waived(rule("0.4", "0.6"), above, share(190, 200))[0].status is FAIL


def test_an_inconclusive_finding_can_be_waived_too():
    assert waived(rule("0.8"), waiver(), share(160, 200))[0].status is Status.WAIVED


def test_a_rule_without_a_day_is_enforced_on_every_day():
    assert outcome(rule("0.8"), share(10, 100), as_of=date.min).blocking
    assert outcome(rule("0.8", enforce_from=date(2027, 1, 1)), share(10, 100)).enforce_from == "2027-01-01"
    assert outcome(rule("0.8"), share(10, 100)).enforce_from is None


def test_a_slice_is_met_by_the_rules_own_bound_or_by_that_of_a_waiver():
    weak, strong = fixed(0.7, 0.6, 0.75, g="a"), fixed(0.9, 0.85, 0.95, g="b")
    slices = [weak, strong]
    assert [passes for _, passes in met(rule("0.8"), slices)] == [False, True]
    assert [passes for _, passes in met(rule("0.8"), slices, [waiver(where=(("g", "a"),))])] == [True, True]


def test_a_slice_that_a_search_found_is_met_unless_holm_refutes_it():
    searching = replace(rule("0.8", proof="unrefuted"), check=PerformanceSlices(metric="accuracy", columns=("g",)))
    weak, others = share(144, 200, g="weak"), [share(999, 1000, g=f"{i}") for i in range(19)]
    for answers, expected in (([weak], False), ([weak, *others], True), ([share(100, 200, g="weak"), *others], False)):
        assert met(searching, answers)[0][1] is expected
        assert (outcome(searching, *answers).findings[0].status is PASS) is expected


def test_a_searched_slice_left_out_takes_no_part_in_holm_when_what_is_met_is_asked():
    searching = PerformanceSlices(metric="accuracy", columns=("g",))
    asked = replace(rule("0.8", proof="unrefuted", min_n=50), check=searching)
    tiny = [share(5, 5, g=f"{i}") for i in range(19)]
    assert met(asked, [share(144, 200, g="weak"), *tiny]) == (((("g", "weak"),), False),)
    assert outcome(asked, share(144, 200, g="weak"), *tiny).findings[0].status is FAIL


@pytest.mark.parametrize(
    ("values", "bins"),
    [(ShownValues(), ("1", "2")), (ShownValues(columns=("age",)), ("1", "2")), (ShownValues(columns=("town",)), TOWNS)],
)
def test_a_picture_shows_the_values_of_the_columns_that_the_rule_names(
    values: ShownValues, bins: tuple[str, ...]
) -> None:
    drawn = Published(Histogram("towns", "town", TOWNS, (Bars("train", (3.0, 1.0)),)))
    outcome, _ = decide(rule("0.5", show_values=values), [share(9, 10), drawn])
    (picture,) = outcome.pictures
    assert isinstance(picture, Histogram)
    assert picture.bins == bins


def under(own: Demand, estimate: Estimate) -> Estimate:
    """An estimate with a demand of its own."""
    return replace(estimate, own=OwnDemand("share of something", own))


def test_estimates_with_demands_of_their_own_are_judged_by_these() -> None:
    found = [under(demand("0.5"), share(90, 100, key="low")), under(demand(None, "0.5"), share(90, 100, key="high"))]
    outcome, _ = decide(rule(), found)
    assert [finding.status for finding in outcome.findings] == [PASS, FAIL]
    low, high = outcome.findings
    assert low.own == FindingDemand("share of something", "share of something ≥ 0.5", 0.5, None)
    assert high.own == FindingDemand("share of something", "share of something ≤ 0.5", None, 0.5)
    assert low.message == "share of something 0.9 (90/100; 95 % lower bound 0.8363) ≥ 0.5 for key=low, 100 rows"
    assert [passes for _, passes in met(rule(), found)] == [True, False]


def test_demands_of_their_own_share_the_level_of_a_fail() -> None:
    barely = under(demand("0.5"), share(41, 100, key="0"))
    alone, _ = decide(rule(), [barely])
    others = [under(demand("0.5"), share(90, 100, key=str(number))) for number in range(1, 20)]
    together, _ = decide(rule(), [barely, *others])
    assert (alone.findings[0].status, together.findings[0].status) == (FAIL, INCONCLUSIVE)


class OfTable(PerformanceMetric):
    """A check about the table itself."""

    about = "table"


@pytest.mark.parametrize(
    ("check", "proof", "counted"),
    [(OfTable, "estimate", True), (OfTable, "shown", False), (PerformanceMetric, "estimate", False)],
)
def test_a_table_is_counted_only_where_its_observed_values_decide(check: Any, proof: Any, counted: bool) -> None:
    assert replace(rule("0.5", proof=proof), check=check(metric="accuracy")).counted is counted


@pytest.mark.parametrize("proof", ["shown", "unrefuted", "estimate"])
def test_a_value_of_which_nothing_is_demanded_never_passes(proof):
    with pytest.raises(TypeError, match="demands nothing of it"):
        decide(rule(proof=proof), [share(90, 100)])


@pytest.mark.parametrize(("rows", "shown"), [(0, (None, None)), (7, (7, 7))])
def test_a_number_that_others_measured_has_rows_only_where_they_say_how_many(rows, shown):
    reported = ReportedMetric(report="metrics", name="test.accuracy")
    (finding,) = outcome(replace(rule("0.8", proof="estimate"), check=reported), fixed(0.9, None, None, rows)).findings
    assert (finding.rows, finding.n) == shown


def test_a_measured_value_of_no_rows_says_that_there_were_none():
    (finding,) = outcome(rule("0.8", proof="estimate"), fixed(0.9, None, None, 0)).findings
    assert (finding.rows, finding.n) == (0, 0)


@pytest.mark.parametrize("answer", [Claim((), True, "met"), Unanswered((), "0/0"), fixed(0.9, 0.8, 1.0)])
def test_an_answer_without_its_own_demand_is_judged_by_the_rules(answer):
    of = rule("0.8")
    assert of.judging(answer) is of
