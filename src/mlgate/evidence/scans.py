"""The plan of scans: which needs share a statement, what each depends on, and when it cannot be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed
from mlgate.evidence.questions.profile import frequencies
from mlgate.values.errors import MlgateError
from mlgate.values.words import counted


@dataclass(frozen=True)
class Scan:
    """The needs of one table that one statement answers."""

    table: str
    needs: tuple[TableNeed, ...]
    statement: Statement

    def split(self) -> Iterator[Scan]:
        """The same needs, one per scan."""
        return (Scan(self.table, (need,), self.statement) for need in self.needs)

    def __str__(self) -> str:
        kinds = ", ".join(sorted({need.name for need in self.needs}))
        return f"{kinds} of {self.table}: {counted(len(self.needs), 'question')}"


def rests_on(need: Need) -> tuple[Need, ...]:
    """The needs that must be answered, without error, before a need is asked: its inputs and its conditions."""
    counted = frequencies(need) if isinstance(need, TableNeed) else ()
    return (*need.inputs, *counted, *need.conditions)


def with_inputs(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Needs and all needs they depend on, each once, in an order in which they can be asked."""
    ordered: dict[Need, None] = {}

    def add(need: Need) -> None:
        if need not in ordered:
            for other in rests_on(need):
                add(other)
            ordered[need] = None

    for need in needs:
        add(need)
    return tuple(ordered)


def refusal(need: Need, answers: Answers) -> Exception | None:
    """The reason why a need cannot be asked: one that it depends on failed or is violated. None if it can be asked."""
    for other in rests_on(need):
        found = answers[other]
        if isinstance(found, Exception):
            return found
        try:
            other.require(found)
        except MlgateError as error:
            return error
    return None


def scans(needs: Iterable[Need]) -> Iterator[Scan]:
    """Needs whose inputs are answered, merged into few statements."""
    grouped: dict[object, list[TableNeed]] = {}
    for need in needs:
        if isinstance(need, TableNeed):
            grouped.setdefault((need.statement, need.together), []).append(need)
    for members in grouped.values():
        first = members[0]
        for start in range(0, len(members), first.most):
            yield Scan(first.table, tuple(members[start : start + first.most]), first.statement)


def declared(needs: Iterable[Need]) -> frozenset[Need]:
    """The needs whose facts are given to checks: those asked, and the inputs that these name."""
    found: set[Need] = set()
    left = list(needs)
    while left:
        need = left.pop()
        if need not in found:
            found.add(need)
            left += need.inputs
    return frozenset(found)
