"""The exit code of a run of tests of policies, from its results and from what they leave untested."""

from __future__ import annotations

from typing import Any

import pytest

from mlgate.values.errors import Location
from mlgate.values.policy_tests import PolicyTestResult, PolicyTestRun, Unseen

AT = Location("p.test.yaml")


def results(*statuses: Any) -> tuple[PolicyTestResult, ...]:
    return tuple(PolicyTestResult("test", str(number), AT, status, 0.1) for number, status in enumerate(statuses))


@pytest.mark.parametrize(
    ("statuses", "untested", "unmatched", "allowed", "code"),
    [
        ((), 0, 0, False, 2),
        ((), 1, 0, False, 2),
        (("passed",), 0, 0, False, 0),
        (("passed", "failed"), 0, 0, False, 1),
        (("passed", "error"), 0, 0, False, 3),
        (("error", "failed"), 0, 0, False, 1),
        (("passed",), 1, 0, False, 1),
        (("passed",), 1, 0, True, 0),
        (("passed",), 0, 1, True, 1),
        (("error",), 1, 0, False, 1),
        (("error",), 1, 0, True, 3),
        (("failed",), 1, 0, True, 1),
    ],
)
def test_the_worst_decides(statuses: tuple[Any, ...], untested: int, unmatched: int, allowed: bool, code: int) -> None:
    unseen = (Unseen("p:r", AT),)
    run = PolicyTestRun(results(*statuses), unseen * untested, unseen * unmatched, allowed)
    assert run.exit_code == code


def test_untested_rules_are_not_allowed_unless_somebody_says_so() -> None:
    assert PolicyTestRun(results("passed"), (Unseen("p:r", AT),)).exit_code == 1


def test_statuses_are_counted() -> None:
    run = PolicyTestRun(results("passed", "passed", "failed"))
    assert (run.count("passed"), run.count("failed"), run.count("error")) == (2, 1, 0)
