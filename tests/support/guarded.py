"""What the gate does before a check answers: measure what guards ask, and run them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlgate.evidence.guard import Guard, guards_among
from mlgate.evidence.questions.counts import Cell, CountsFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.values.errors import EvidenceError


def guarded(needs: Iterable[Need], facts: Facts) -> Facts:
    """The facts, once no guard among the needs refuses them."""
    for guard in guards_among(needs):
        guard.check(facts)
    return facts


def said(guard: Guard, *facts: Any) -> str | None:
    """What the guard says against the facts of its needs; None if it lets them pass."""
    try:
        guard.check(Facts(dict(zip(guard.inputs, facts, strict=True))))
    except EvidenceError as refused:
        return str(refused)
    return None


def cells(**counted: int) -> CountsFact:
    """Counts by the value of one term; `none` is a missing value, and `_1` is 1."""
    return CountsFact(tuple(Cell((None if value == "none" else value.strip("_"),), n) for value, n in counted.items()))
