"""Planning: which needs are one statement, what each rests on, and when it may not be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from mlgate.evidence.dialect import columns_in
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.needs import (
    Counts,
    Moments,
    Need,
    Order,
    PairedPlacements,
    Placements,
    Profile,
    Ranking,
    Resample,
    TableNeed,
    Term,
    TopShare,
)
from mlgate.evidence.statements import (
    counts,
    moments,
    order,
    paired_placements,
    placements,
    profile,
    ranking,
    resample,
    topshare,
    unit_counts,
    unit_moments,
    unit_order,
    unit_placements,
)
from mlgate.evidence.statements.profile import BrokenRows, check_guard, check_usable
from mlgate.evidence.statements.shared import Answers, sizes_of
from mlgate.evidence.unit_needs import UnitCounts, UnitMoments, UnitOrder, UnitPlacements
from mlgate.values.errors import MlgateError


@dataclass(frozen=True)
class Statement:
    """Needs of one table that are asked together."""

    table: str
    needs: tuple[Need, ...]
    answer: Callable[[Engine, str, Sequence[Any], Answers], dict[Need, Any]]

    def split(self) -> Iterator[Statement]:
        """The same questions, one by one."""
        return (Statement(self.table, (need,), self.answer) for need in self.needs)

    def __str__(self) -> str:
        kinds = ", ".join(sorted({need.name for need in self.needs}))
        return f"{kinds} of {self.table}: {len(self.needs)} question{'s' * (len(self.needs) > 1)}"


@dataclass(frozen=True)
class Kind:
    """How one sort of need is asked: `together` gives equal values for needs of one statement."""

    together: Callable[[Any], object]
    answer: Callable[[Engine, str, Sequence[Any], Answers], dict[Need, Any]]
    most: int = 30


KINDS: Mapping[type[Need], Kind] = {
    Profile: Kind(lambda need: ("profile", need.table), profile.answer, profile.MOST),
    BrokenRows: Kind(lambda need: ("profile", need.table), profile.answer, profile.MOST),
    Counts: Kind(lambda need: ("counts", counts.together(need)), counts.answer),
    Moments: Kind(lambda need: ("moments", moments.together(need)), moments.answer),
    Placements: Kind(placements.together, placements.answer),
    PairedPlacements: Kind(paired_placements.together, paired_placements.answer),
    Ranking: Kind(ranking.together, ranking.answer),
    Order: Kind(order.together, order.answer),
    TopShare: Kind(topshare.together, topshare.answer),
    Resample: Kind(resample.together, resample.answer),
    UnitCounts: Kind(unit_counts.together, unit_counts.answer),
    UnitMoments: Kind(unit_moments.together, unit_moments.answer),
    UnitPlacements: Kind(unit_placements.together, unit_placements.answer),
    UnitOrder: Kind(unit_order.together, unit_order.answer),
}


def rests_on(need: Need) -> tuple[Need, ...]:
    """What must be answered, and answered well, before a need is asked: its inputs, and the engine's own guards."""
    return (*need.inputs, *_guards(need))


def with_inputs(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Needs and all they rest on, each once, in an order in which they can be asked."""
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
    """Why a need cannot be asked: what it rests on failed, or is broken."""
    for other in rests_on(need):
        found = answers[other]
        if isinstance(found, Exception):
            return found
        try:
            if isinstance(other, BrokenRows):
                check_guard(other, found)
            elif isinstance(other, Profile):
                check_usable(other, found)
        except MlgateError as error:
            return error
    return None


def columns_of(need: TableNeed) -> tuple[str, ...]:
    """The columns that a need's expressions read, each once."""
    found: dict[str, None] = {}
    for field in fields(need):
        value = getattr(need, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            sql = part.sql if isinstance(part, Term) else part
            found.update(dict.fromkeys(columns_in(sql) if isinstance(sql, str) and field.name != "table" else ()))
    return tuple(found)


def statements(needs: Iterable[Need]) -> Iterator[Statement]:
    """Needs that rest on nothing unanswered, as few statements."""
    grouped: dict[object, list[TableNeed]] = {}
    for need in needs:
        if isinstance(need, TableNeed):
            grouped.setdefault(KINDS[type(need)].together(need), []).append(need)
    for members in grouped.values():
        kind = KINDS[type(members[0])]
        for start in range(0, len(members), kind.most):
            part = tuple(members[start : start + kind.most])
            yield Statement(part[0].table, part, kind.answer)


def declared(needs: Iterable[Need]) -> frozenset[Need]:
    """Needs with the inputs that they name themselves: those whose facts are handed out."""
    found: set[Need] = set()
    left = list(needs)
    while left:
        need = left.pop()
        if need not in found:
            found.add(need)
            left += need.inputs
    return frozenset(found)


def _guards(need: Need) -> Iterator[Need]:
    if not isinstance(need, TableNeed) or isinstance(need, Profile | BrokenRows):
        return
    if isinstance(need, Moments | TopShare | Placements | PairedPlacements | Ranking | Order | Resample):
        yield sizes_of(need, need.by)
    if need.count:
        yield BrokenRows(need.table, need.where, "", need.count, "frequency")
    if isinstance(need, Counts) and need.weight:
        yield BrokenRows(need.table, need.where, "", need.weight, "weight")
        yield counts.weight_profile(need)
    if isinstance(need, UnitCounts | UnitMoments | UnitPlacements | UnitOrder):
        yield sizes_of(need, need.by)
        yield BrokenRows(need.table, need.where, "", need.unit, "known")
    if isinstance(need, Placements | Ranking | UnitPlacements):
        yield BrokenRows(need.table, need.where, "", need.score, "finite")
        yield BrokenRows(need.table, need.where, "", need.positive, "known")
    if isinstance(need, PairedPlacements):
        yield BrokenRows(need.table, need.where, "", need.new, "finite")
        yield BrokenRows(need.table, need.where, "", need.old, "finite")
        yield BrokenRows(need.table, need.where, "", need.positive, "known")
    if isinstance(need, Order | UnitOrder):
        yield BrokenRows(need.table, need.where, "", need.value, "finite")
    if isinstance(need, Resample):
        must = "finite" if need.numeric else "known"
        yield BrokenRows(need.table, need.where, "", need.label, must)
        yield BrokenRows(need.table, need.where, "", need.prediction, must)
