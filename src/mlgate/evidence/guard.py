"""Guards: conditions on the rows. Each is one value with the needs that it asks and the refusal of their facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlgate.evidence.questions.need import Facts, Need
from mlgate.values.errors import concerning


@dataclass(frozen=True)
class Guard(Need):
    """A condition on the rows, among the needs of a kind or check.

    The gate measures its needs, and runs its refusal before the check answers. So a check cannot forget it.
    """

    name = "guard"
    of: Need | tuple[Need, ...]
    refusal: Callable[..., object]
    """Called with one fact per need. Raises EvidenceError, with counts, where the rows cannot be used."""
    keys: tuple[str, ...] = ()
    """The keys of the candidate file that are at fault if it refuses."""

    @property
    def inputs(self) -> tuple[Need, ...]:
        """The needs that it asks."""
        return self.of if isinstance(self.of, tuple) else (self.of,)

    def check(self, facts: Facts) -> None:
        """Raise the refusal's EvidenceError, or the error of a need that could not be measured."""
        with concerning(*self.keys):
            self.refusal(*[facts[need] for need in self.inputs])


def guards_among(needs: Iterable[Need]) -> tuple[Guard, ...]:
    """The guards among some needs, in their order."""
    return tuple(need for need in needs if isinstance(need, Guard))


def asked_by(needs: Iterable[Need]) -> tuple[Need, ...]:
    """The needs to measure, each once, with guards replaced by the needs that they ask."""
    found: dict[Need, None] = {}
    for need in needs:
        found.update(dict.fromkeys(need.inputs if isinstance(need, Guard) else (need,)))
    return tuple(found)
