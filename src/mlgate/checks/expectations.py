"""What a policy fixes about the candidate (`expects:`), as an implicit rule that blocks whoever says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.base import Check
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.values.estimate import Answer, Claim
from mlgate.values.verdict import EXPECTS
from mlgate.values.words import Words

NOTHING = "none"
"""What a policy writes to demand that the candidate says nothing for a key: `weight: none`."""


@dataclass(frozen=True)
class Expectations(Check):
    """The candidate says what the policy's `expects:` says it must: positive class, label, key and the like."""

    id: ClassVar[str] = EXPECTS
    bounded: ClassVar[bool] = False

    expected: tuple[tuple[str, str], ...]
    presented: tuple[tuple[str, str | None], ...]
    """What the candidate says for each key, in the same order; None where it says nothing."""

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return "what the policy expects of the candidate"

    def words(self, _subject: Subject) -> Words:
        """A key of the candidate file each."""
        return Words("key")

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """Nothing: the candidate file is at hand."""
        return ()

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """A claim for every key."""
        for (key, wanted), (_, found) in zip(self.expected, self.presented, strict=True):
            said = f"the candidate says {key}: {found}" if found is not None else f"the candidate does not say {key}"
            met = found == wanted or (wanted == NOTHING and found is None)
            yield Claim((("key", key),), met, said if met else f"{said}; the policy expects {wanted}")
