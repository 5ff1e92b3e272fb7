"""A known failure excuses its finding while it is not worse than recorded: by the rule's bound, not by luck."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.gate.decide import decide, skipped
from mlgate.policy.demanded import KnownFailure, Rule
from mlgate.stats.share import clopper_pearson_lower, clopper_pearson_upper
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.verdict import Status

AT = Location("policy.yaml", 3, 1)
TODAY = date(2026, 11, 24)
KNOWN = KnownFailure(
    candidate="c",
    rule="p:r",
    where=(),
    measured="accuracy",
    value=Fraction("0.8"),
    value_text="0.8",
    n=400,
    said="",
    owner="ann@example.com",
    reason="RISK-7",
    recorded=date(2026, 11, 1),
    expires=date(2026, 12, 31),
    at=Location("known.yaml", 3, 5),
)


def rule(at_least: str | None = "0.9", at_most: str | None = None, **keys: Any) -> Rule:
    low, high = (None if text is None else Fraction(text) for text in (at_least, at_most))
    return Rule(
        "p", "r", PerformanceMetric(metric="accuracy"), Demand(low, high, at_least or "", at_most or ""), AT, **keys
    )


def share(hits: int, n: int = 400, **group: str) -> Estimate:
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


def judged(asked: Rule, *answers: Answer, known: tuple[KnownFailure, ...] = (KNOWN,)) -> tuple[list[Status], list[str]]:
    """The status of each finding, and what is said of each known failure."""
    outcome, notes = decide(asked, answers, known=known, as_of=TODAY)
    assert all(note.kind == "known failure" for note in notes)
    assert [note.applied for note in notes] == [note.said == "applied" for note in notes]
    return [finding.status for finding in outcome.findings], [note.said for note in notes]


PROOFS = ("shown", "unrefuted", "estimate")


@pytest.mark.parametrize("proof", PROOFS)
@pytest.mark.parametrize("hits", [320, 313, 328])
def test_a_value_like_the_recorded_one_is_excused(proof: Any, hits: int) -> None:
    assert judged(rule(proof=proof), share(hits)) == ([Status.WAIVED], ["applied"])


@pytest.mark.parametrize("proof", PROOFS)
def test_a_value_that_is_surely_worse_is_not(proof: Any) -> None:
    statuses, (said,) = judged(rule(proof=proof), share(290))
    assert statuses == [Status.FAIL]
    assert said == f"it is worse: the upper bound {clopper_pearson_upper(290, 400, 0.05):.4f} is below the recorded 0.8"


def test_the_bound_that_refutes_is_the_rules_own() -> None:
    values = [hits for hits in range(280, 330) if judged(rule(), share(hits))[0] == [Status.WAIVED]]
    assert clopper_pearson_upper(values[0] - 1, 400, 0.05) < 0.8 <= clopper_pearson_upper(values[0], 400, 0.05)


def test_what_is_not_shown_can_be_known_too() -> None:
    recorded = replace(KNOWN, value=Fraction("0.91"), value_text="0.91")
    assert judged(rule(), share(364), known=())[0] == [Status.INCONCLUSIVE]
    assert judged(rule(), share(362), known=(recorded,))[0] == [Status.WAIVED]
    assert judged(rule(), share(340), known=(recorded,))[0] == [Status.FAIL]


def test_a_high_value_is_worse_where_at_most_is_demanded() -> None:
    asked, recorded = rule(None, "0.1"), replace(KNOWN, value=Fraction("0.2"), value_text="0.2")
    assert judged(asked, share(83), known=(recorded,))[0] == [Status.WAIVED]
    statuses, (said,) = judged(asked, share(110), known=(recorded,))
    assert statuses == [Status.FAIL]
    assert said.endswith("is above the recorded 0.2")


def test_both_sides_of_a_range_are_kept_but_the_one_that_was_missed() -> None:
    asked, recorded = rule("0.4", "0.6"), replace(KNOWN, value=Fraction("0.3"), value_text="0.3")
    assert judged(asked, share(120), known=(recorded,))[0] == [Status.WAIVED]
    assert judged(asked, share(280), known=(recorded,))[0] == [Status.FAIL]


def test_few_rows_excuse_nothing() -> None:
    statuses, (said,) = judged(rule(), share(150, 190))
    assert statuses == [Status.FAIL]
    assert said == "it was recorded with n = 400, and n = 190 is too few to tell whether it is worse"
    assert judged(rule(), share(160, 200))[0] == [Status.WAIVED]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expires": date(2026, 11, 23)}, "it expired on 2026-11-23"),
        ({"recorded": date(2026, 11, 25)}, "it was recorded on 2026-11-25, after the date of this verdict, 2026-11-24"),
        ({"where": (("g", "F"),)}, "its finding was not judged"),
        ({"measured": "recall"}, "it was recorded for recall, and the rule measures accuracy there"),
        ({"shared_by": 2}, "2 candidates have the same name, and it is of one; give each candidate its own name"),
    ],
)
def test_what_does_not_fit_excuses_nothing_and_says_why(changed: dict[str, Any], said: str) -> None:
    assert judged(rule(), share(320), known=(replace(KNOWN, **changed),)) == ([Status.FAIL], [said])


def test_what_is_met_now_is_named() -> None:
    assert judged(rule(), share(390)) == ([Status.PASS], ["it is met now; remove it"])


def test_a_known_failure_of_all_rows_is_not_one_of_a_group() -> None:
    statuses, _ = judged(rule(), share(320), share(160, 200, g="F"))
    assert statuses == [Status.WAIVED, Status.FAIL]


def test_an_error_is_never_excused() -> None:
    statuses, said = judged(rule(), Unanswered((), "a column is missing"))
    assert (statuses, said) == ([Status.ERROR], ["its finding was not judged"])
    endless = replace(share(320), value=float("nan"))
    assert judged(rule(), endless)[0] == [Status.ERROR]


def test_a_value_without_bounds_is_compared_itself() -> None:
    bare = Estimate((), 0.79, 400, 400)
    assert judged(rule(proof="estimate"), bare)[0] == [Status.FAIL]
    assert judged(rule(proof="estimate"), replace(bare, value=0.81))[0] == [Status.WAIVED]


@pytest.mark.parametrize(
    ("exact", "status"),
    [("0.8", Status.WAIVED), ("0.7999999999999999", Status.WAIVED), ("0.79999", Status.FAIL)],
)
def test_a_counted_value_is_compared_as_exactly_as_it_is_stored(exact: str, status: Status) -> None:
    counted = Estimate((), float(exact), 400, 400, exact=Fraction(exact))
    assert judged(rule(proof="estimate"), counted)[0] == [status]


def test_a_value_that_rounding_may_have_moved_is_not_worse_by_that() -> None:
    recorded = replace(KNOWN, value=Fraction(0), value_text="0")
    moved = Estimate((), -1e-17, 400, 400, rounding=1e-16)
    assert judged(rule("0.1", proof="estimate"), moved, known=(recorded,))[0] == [Status.WAIVED]


def test_many_known_findings_share_the_level_of_a_refutation() -> None:
    groups = tuple(f"g{at}" for at in range(20))
    known = tuple(replace(KNOWN, where=(("g", name),)) for name in groups)
    just = next(hits for hits in range(320) if clopper_pearson_upper(hits, 400, 0.05) >= 0.8) - 1
    answers = [share(just, g=groups[0]), *(share(320, g=name) for name in groups[1:])]
    assert set(judged(rule(), *answers, known=known)[0]) == {Status.WAIVED}
    assert judged(rule(), answers[0], known=known[:1])[0] == [Status.FAIL]


def test_a_claim_is_known_by_what_it_said() -> None:
    known = replace(KNOWN, value=None, value_text="", n=0, measured="", said="nobody owns the model")
    same, other = (Claim((), False, said) for said in ("nobody owns the model", "two own the model"))
    assert judged(rule(), same, known=(known,)) == ([Status.WAIVED], ["applied"])
    assert judged(rule(), other, known=(known,)) == (
        [Status.FAIL], ["it fails for another reason than the recorded one"],
    )  # fmt: skip
    assert judged(rule(), Claim((), True, "x"), known=(known,)) == ([Status.PASS], ["it is met now; remove it"])


def test_the_message_says_that_it_failed_and_since_when() -> None:
    outcome, _ = decide(rule(), [share(320)], known=[KNOWN], as_of=TODAY)
    assert outcome.message == (
        f"accuracy 0.8 (320/400; 95 % upper bound {clopper_pearson_upper(320, 400, 0.05):.4f}) < 0.9, 400 rows; "
        "known failure since 2026-11-01, recorded 0.8 (n = 400), ann@example.com until 2026-12-31"
    )


def test_a_locked_rule_is_met_or_not() -> None:
    statuses, (said,) = judged(rule(locked_at=Location("base.yaml", 4, 1)), share(320))
    assert (statuses, said) == ([Status.FAIL], "its rule is locked at base.yaml:4; meet the rule")


def test_a_skipped_rule_shows_its_known_failures() -> None:
    _, (note,) = skipped(rule(), "it is for another task", as_of=TODAY, known=[KNOWN])
    assert (note.kind, note.said, note.applied) == ("known failure", "it is for another task", False)
