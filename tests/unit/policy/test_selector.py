"""A selector matches when every key that it gives fits."""

from __future__ import annotations

import pytest

from mlgate.candidate.presented import Candidate
from mlgate.policy.demanded import Selector
from mlgate.policy.selector import matches

CANDIDATE = Candidate(name="credit-default", task="binary", tags=("credit", "eu"), risk="high")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), True),
        (Selector(tags=("credit",)), True),
        (Selector(tags=("fraud", "eu")), True),
        (Selector(tags=("Credit",)), False),
        (Selector(name=("credit-*",)), True),
        (Selector(name=("Credit-*",)), False),
        (Selector(name=("fraud", "credit-default")), True),
        (Selector(task=("binary", "regression")), True),
        (Selector(task=("regression",)), False),
        (Selector(risk=("high", "critical")), True),
        (Selector(risk=("low",)), False),
        (Selector(tags=("credit",), risk=("low",)), False),
    ],
)
def test_matches(selector: Selector, expected: bool) -> None:
    assert matches(selector, CANDIDATE) is expected
