"""Statuses to outcomes, outcomes to a verdict, verdicts to an exit code: what allows and what blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlgate.values.errors import BlockedError, Location
from mlgate.values.provenance import Invocation
from mlgate.values.verdict import (
    EXPECTS,
    Examples,
    Finding,
    FindingDemand,
    Outcome,
    Refusal,
    Status,
    Table,
    Verdict,
    Verdicts,
    columns_of,
    part_of,
    where_text,
    worst,
)

AT = Location("policy.yaml", 3, 1)
PASS, WAIVED, INCONCLUSIVE, FAIL, ERROR, SKIPPED, LISTED = Status


def outcome(status: Status, **keys: Any) -> Outcome:
    return Outcome(
        **{"policy": "p", "rule": "r", "check": "a.b", "status": status, "message": "said", "at": AT, **keys}
    )


def verdict(*outcomes: Outcome) -> Verdict:
    return Verdict("c", "1", "c.yaml", "2026-11-30", outcomes)


WARNS, MACHINE = {"severity": "warn"}, {"machine": True}


def test_the_ranks_of_statuses_that_count_go_from_0_to_4_and_others_are_below():
    assert [each.rank for each in Status] == [0, 1, 2, 3, 4, -2, -1]


@pytest.mark.parametrize("status", Status)
def test_which_statuses_block_and_which_count(status):
    assert status.blocks is (status in (INCONCLUSIVE, FAIL, ERROR))
    assert status.counts is (status not in (SKIPPED, LISTED))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], ERROR),
        ([SKIPPED], ERROR),
        ([LISTED], LISTED),
        ([SKIPPED, LISTED], LISTED),
        ([LISTED, PASS], PASS),
        ([SKIPPED, PASS], PASS),
        ([PASS, WAIVED], WAIVED),
        ([INCONCLUSIVE, WAIVED], INCONCLUSIVE),
        ([FAIL, INCONCLUSIVE, PASS], FAIL),
        ([ERROR, FAIL, LISTED], ERROR),
    ],
)
def test_the_worst_status_wins_and_none_never_passes(statuses, expected):
    assert worst(statuses) is expected


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("severity", ["block", "warn"])
def test_only_a_rule_that_blocks_can_block(status, severity):
    assert outcome(status, severity=severity).blocking is (severity == "block" and status.blocks)


def test_a_rule_blocks_and_no_machine_is_at_fault_unless_it_says_so():
    plain = outcome(FAIL)
    assert (plain.severity, plain.machine, plain.strict, plain.seconds) == ("block", False, False, 0.0)
    assert not plain.searched


def test_facts_are_not_measured_again_unless_a_run_says_so():
    assert not Invocation("2026-11-30", ("policies",), ("candidate.yaml",)).verify


def test_a_table_names_groups_only_in_the_columns_that_it_says():
    assert Table("rates", ("group", "rate"), ()).groups == 0


def test_how_long_a_rule_took_makes_no_other_outcome():
    assert outcome(PASS, seconds=1.0) == outcome(PASS, seconds=2.0)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 2),
        ([outcome(PASS)], 0),
        ([outcome(WAIVED)], 0),
        ([outcome(SKIPPED)], 2),
        ([outcome(LISTED)], 2),
        ([outcome(PASS, check=EXPECTS)], 2),
        ([outcome(PASS, check=EXPECTS), outcome(SKIPPED)], 2),
        ([outcome(PASS, check=EXPECTS), outcome(PASS)], 0),
        ([outcome(SKIPPED), outcome(PASS)], 0),
        ([outcome(FAIL, **WARNS)], 0),
        ([outcome(ERROR, **WARNS, **MACHINE)], 0),
        ([outcome(PASS), outcome(INCONCLUSIVE)], 1),
        ([outcome(PASS), outcome(FAIL)], 1),
        ([outcome(PASS), outcome(ERROR)], 1),
        ([outcome(PASS), outcome(ERROR, **MACHINE)], 3),
        ([outcome(FAIL), outcome(ERROR, **MACHINE)], 1),
        ([outcome(FAIL, **WARNS), outcome(ERROR, **MACHINE)], 3),
        ([outcome(FAIL, check=EXPECTS), outcome(PASS)], 1),
    ],
)
def test_the_exit_code_of_a_verdict(outcomes, code):
    found = verdict(*outcomes)
    assert (found.exit_code, found.allowed, found.retryable) == (code, code == 0, code == 3)


@pytest.mark.parametrize("code", [1, 2, 3])
def test_a_refusal_never_allows(code):
    found = Refusal("c.yaml", code, ())
    assert (found.allowed, found.retryable) == (False, code == 3)


@pytest.mark.parametrize("code", [-1, 0, 4])
def test_a_refusal_has_an_exit_code_that_blocks(code):
    with pytest.raises(ValueError, match=f"exit code {code}"):
        Refusal("c.yaml", code, ())


ALLOWED, NOTHING = verdict(outcome(PASS)), verdict()
BLOCKED, BROKEN = verdict(outcome(FAIL)), verdict(outcome(ERROR, **MACHINE))


@pytest.mark.parametrize(
    ("verdicts", "refused", "code"),
    [
        ([], [], 2),
        ([ALLOWED], [], 0),
        ([ALLOWED, ALLOWED], [], 0),
        ([ALLOWED, NOTHING], [], 2),
        ([ALLOWED, BROKEN], [], 3),
        ([BROKEN, NOTHING], [], 2),
        ([BROKEN, NOTHING, BLOCKED], [], 1),
        ([ALLOWED], [1], 1),
        ([ALLOWED], [2], 2),
        ([ALLOWED], [3], 3),
        ([], [3], 3),
        ([], [3, 2], 2),
        ([BLOCKED], [3, 2], 1),
    ],
)
def test_one_candidate_that_is_not_allowed_is_enough(verdicts, refused, code):
    found = Verdicts(tuple(verdicts), tuple(Refusal("c.yaml", each, ()) for each in refused))
    assert (found.exit_code, found.allowed, found.retryable) == (code, code == 0, code == 3)


def test_every_status_is_counted():
    one = verdict(outcome(PASS), outcome(PASS), outcome(FAIL))
    none = dict.fromkeys((status.value for status in Status), 0)
    assert one.counts == {**none, "PASS": 2, "FAIL": 1}
    assert Verdicts((one, ALLOWED)).counts == {**none, "PASS": 3, "FAIL": 1}


def test_what_blocks_is_raised_with_its_reason():
    assert ALLOWED.raise_if_blocked() is ALLOWED
    with pytest.raises(BlockedError) as blocked:
        verdict(outcome(PASS, message="fine"), outcome(FAIL, message="too low")).raise_if_blocked()
    assert str(blocked.value) == "FAIL p:r: too low"
    with pytest.raises(BlockedError, match="nothing was asked"):
        NOTHING.raise_if_blocked()


def test_a_slice_in_words():
    assert where_text((("sex", "F"), ("age", "<25"))) == "sex=F, age=<25"
    assert where_text(()) == ""


def test_a_slice_has_the_columns_that_cut_it_and_the_part_of_its_rule():
    of_part = (("sex", "F"), ("against", "metric"), ("age", "<25"), ("metric", "recall"))
    assert columns_of(of_part) == ("sex", "age")
    assert part_of(of_part) == (("against", "metric"), ("metric", "recall"))
    assert (columns_of(()), part_of(())) == ((), ())


def test_what_only_a_terminal_shows_makes_no_other_finding():
    plain = Finding((), FAIL, "too low")
    assert plain == replace(plain, in_terminal=Examples(("age",), (("17",),), (3,)))
    assert plain != replace(plain, examples=Examples(("age",), (("17",),), (3,)))


def test_a_finding_with_a_demand_of_its_own_takes_the_place_of_the_rules():
    rule = outcome(FAIL, metric="accuracy", demand="accuracy > 0.8", at_least=0.8, strict=True)
    plain = Finding((), FAIL, "too high")
    assert rule.under(None) is rule
    assert rule.under(plain) is rule
    own = FindingDemand("missing values", "missing values ≤ 0.1", None, 0.1)
    assert rule.under(replace(plain, own=own)) == outcome(
        FAIL, metric="missing values", demand="missing values ≤ 0.1", at_most=0.1
    )


@pytest.mark.parametrize(
    ("about", "proof", "counted"),
    [("table", "estimate", True), ("table", "shown", False), ("population", "estimate", False)],
)
def test_a_table_itself_is_counted_and_not_estimated(about, proof, counted):
    assert outcome(PASS, about=about, proof=proof).counted is counted


def test_the_version_of_the_format_is_1():
    assert (Verdicts.mlgate, Verdicts.kind) == (1, "verdict")


@pytest.mark.parametrize(
    ("about", "proof", "counted", "reported"),
    [
        ("population", "shown", False, False),
        ("population", "estimate", False, False),
        ("table", "estimate", True, False),
        ("table", "shown", False, False),
        ("report", "estimate", False, True),
    ],
)
def test_luck_has_a_part_in_what_was_neither_counted_nor_reported(about, proof, counted, reported):
    found = outcome(PASS, about=about, proof=proof)
    assert (found.counted, found.reported, found.sampled) == (counted, reported, not (counted or reported))
