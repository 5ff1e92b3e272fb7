"""The page of one rule: the demand, the measurement in words, the reason, the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgate.reports.explanation import explain_outcome
from mlgate.reports.page import Look
from mlgate.reports.reasons import interval, reasons
from mlgate.reports.remedies import next_steps
from mlgate.values.errors import Location
from mlgate.values.verdict import Finding, Outcome, Status, Verdict, Verdicts


def rule(status: Status, proof: str = "shown", **more: float) -> Outcome:
    bounds = {"at_least": 0.7} if "at_most" not in more else {}
    where = Location("p.yaml", 3)
    return Outcome("p", "r", "performance.metric", status, "", where, proof=proof, **(bounds | more))  # type: ignore[arg-type]


def said(outcome: Outcome, value: float, lower: float | None, upper: float | None) -> str:
    return " ".join(reasons(outcome, Finding((), outcome.status, "", value, None, lower, upper)))


@pytest.mark.parametrize("name", ["recall-for-everyone", "typical-error", "same-world", "card", "ranking-only"])
def test_whole_pages(blocked: Verdict, golden: Callable[[str, str], None], name: str) -> None:
    outcome = next(outcome for outcome in blocked.outcomes if outcome.rule == name)
    golden(f"explain-{name}.txt", explain_outcome(outcome, blocked, Look(88)))


@pytest.mark.parametrize(
    ("outcome", "numbers", "expected"),
    [
        (rule(Status.PASS), (0.8, 0.75, 0.85), "Even the lowest plausible value, 0.75, is at least 0.7."),
        (rule(Status.FAIL), (0.6, 0.55, 0.65), "Even the highest plausible value, 0.65, is below 0.7. PASS"),
        (rule(Status.INCONCLUSIVE), (0.72, 0.66, 0.77), "0.72 meets the demand, but true values from 0.66 to 0.77"),
        (rule(Status.INCONCLUSIVE), (0.72, 0.66, 0.77), "needed a lower bound of at least 0.7; it is 0.66."),
        (rule(Status.INCONCLUSIVE), (0.6, 0.55, 0.65), "The rule judges several slices at once"),
        (
            rule(Status.INCONCLUSIVE),
            (0.72, None, None),
            "needed a lower bound of at least 0.7; there is none.",
        ),
        (
            rule(Status.PASS, at_most=0.7),
            (0.6, 0.55, 0.65),
            "Even the highest plausible value, 0.65, is at most 0.7.",
        ),
        (
            rule(Status.FAIL, at_most=0.7),
            (0.8, 0.75, 0.85),
            "Even the lowest plausible value, 0.75, is above 0.7.",
        ),
        (
            rule(Status.FAIL, at_most=0.7),
            (0.8, 0.75, 0.85),
            "needed an upper bound of at most 0.7; it is 0.85.",
        ),
        (
            rule(Status.PASS, "unrefuted"),
            (0.68, 0.6, 0.75),
            "0.68 misses the demand, but true values from 0.6 to 0.75",
        ),
        (
            rule(Status.FAIL, "unrefuted"),
            (0.6, 0.5, 0.69),
            "needed an upper bound of at least 0.7; it is 0.69.",
        ),
        (
            rule(Status.PASS, "estimate"),
            (0.7, 0.6, 0.8),
            "The observed value 0.7 is at least 0.7, and by this rule's proof",
        ),
        (rule(Status.FAIL, "estimate"), (0.69999999, 0.6, 0.8), "The observed value 0.69999999 is below 0.7"),
    ],
)
def test_the_reason_follows_from_the_numbers(
    outcome: Outcome, numbers: tuple[float, float | None, float | None], expected: str
) -> None:
    assert expected in said(outcome, *numbers)


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (
            0.1,
            0.2,
            "With 95 % confidence the true value is at least 0.1; with 95 % confidence it is at most 0.2.",
        ),
        (0.1, None, "With 95 % confidence the true value is at least 0.1."),
        (None, 0.2, "With 95 % confidence the true value is at most 0.2."),
        (None, None, "There is no bound on the true value here."),
    ],
)
def test_intervals_in_words(lower: float | None, upper: float | None, expected: str) -> None:
    assert interval(Finding((), Status.PASS, "", 0.15, lower=lower, upper=upper), "0.95") == expected


def test_a_fail_is_not_told_to_collect_rows(blocked: Verdict) -> None:
    outcome = blocked.outcomes[0]
    only_fail = replace(outcome, findings=outcome.findings[:1])
    page = explain_outcome(only_fail, replace(blocked, waivers=()), Look(88))
    assert "so more rows will not help" in " ".join(page.split())
    assert "would settle it" not in page


def test_what_passed_needs_no_remedy(allowed: Verdict) -> None:
    for outcome in allowed.outcomes:
        assert "What to do next" not in explain_outcome(outcome, allowed, Look(88))


def test_a_warning_says_that_nothing_has_to_be_done_now(blocked: Verdict) -> None:
    outcome = next(outcome for outcome in blocked.outcomes if outcome.severity == "warn")
    page = " ".join(explain_outcome(outcome, blocked, Look(88)).split())
    assert "Nothing has to be done for this merge: the rule only warns, and blocks from 2027-01-01." in page
    assert "calibrated: not applied: it expired on 2026-10-01." in page


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_any_outcome_has_a_page(any_verdicts: st.SearchStrategy[Verdicts], data: st.DataObject) -> None:
    for verdict in data.draw(any_verdicts).verdicts:
        for outcome in verdict.outcomes:
            page = explain_outcome(outcome, verdict, Look(88))
            assert outcome.status.value in page.splitlines()[0]
            assert "\x1b" not in page


def test_no_waiver_is_suggested_for_a_rule_without_a_bound() -> None:
    missing = (Finding((), Status.FAIL, "`age` is missing"),)
    at = Location("policy.yaml", 4)
    claim = Outcome("data", "columns", "data.columns", Status.FAIL, missing[0].message, at, findings=missing)
    measured = (Finding((), Status.FAIL, "0.2 > 0.1", 0.2, lower=0.15, upper=0.25),)
    bounded = replace(claim, at_most=0.1, findings=measured)
    assert not any("waiver" in step for step in next_steps(claim))
    assert any("waiver" in step for step in next_steps(bounded))
