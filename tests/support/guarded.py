"""What the gate does before a check answers: measure what guards ask, and run them."""

from __future__ import annotations

from collections.abc import Iterable

from mlgate.evidence.guard import guards_among
from mlgate.evidence.questions.need import Facts, Need


def guarded(needs: Iterable[Need], facts: Facts) -> Facts:
    """The facts, once no guard among the needs refuses them."""
    for guard in guards_among(needs):
        guard.check(facts)
    return facts
