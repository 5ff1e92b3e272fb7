"""Questions whose answers may forbid a rule to be judged, each as one value with the refusal that goes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlgate.evidence.questions.need import Facts, Need


@dataclass(frozen=True)
class Guard(Need):
    """A condition on the rows, among the needs of a kind or check.

    The gate measures what it asks, and runs it before it lets the check answer: whoever yields a guard cannot forget
    to look at it.
    """

    name = "guard"
    of: Need | tuple[Need, ...]
    refusal: Callable[..., object]
    """Called with one fact per need; raises EvidenceError, with counts, where the rows may not be used. What it returns
    is ignored."""

    @property
    def inputs(self) -> tuple[Need, ...]:
        """What it asks."""
        return self.of if isinstance(self.of, tuple) else (self.of,)

    def check(self, facts: Facts) -> None:
        """Raise the refusal, or the error met while measuring what it asks."""
        self.refusal(*[facts[need] for need in self.inputs])


def guards_among(needs: Iterable[Need]) -> tuple[Guard, ...]:
    """The guards among some needs, in their order."""
    return tuple(need for need in needs if isinstance(need, Guard))


def asked_by(needs: Iterable[Need]) -> tuple[Need, ...]:
    """What is to be measured for some needs, each once: guards stand for what they ask."""
    found: dict[Need, None] = {}
    for need in needs:
        found.update(dict.fromkeys(need.inputs if isinstance(need, Guard) else (need,)))
    return tuple(found)
