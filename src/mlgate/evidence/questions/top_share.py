"""The part of a sum that its largest rows contribute, in exact fixed point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import columns_in
from mlgate.evidence.engine import Engine
from mlgate.evidence.fixed_point import fixed
from mlgate.evidence.questions.counts import sizes_of
from mlgate.evidence.questions.grouped import (
    clause,
    group_order,
    keys_of,
    partition,
    values_with_rows,
)
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term
from mlgate.evidence.questions.profile import Profile, profiles
from mlgate.values.errors import EvidenceError


@dataclass(frozen=True)
class TopShareFact:
    """By group, the part of the sum that the top rows contribute, in [0, 1]."""

    groups: tuple[tuple[Group, float], ...]


@dataclass(frozen=True)
class TopShare(TableNeed):
    """The part of the sum of a non-negative value that its largest rows contribute, by group."""

    name = "top-share"
    fact = TopShareFact
    value: str = ""
    fraction: float = 0.01
    by: tuple[Term, ...] = ()

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The profile of the value."""
        return profiles(self, self.value)

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups."""
        return (sizes_of(self, self.by),)

    def impossible(self, fact: TopShareFact) -> str:
        """Shares outside 0 to 1."""
        wrong = next((share for _, share in fact.groups if not 0 <= share <= 1), None)
        return "" if wrong is None else f"{wrong} is not a share"

    @property
    def statement(self) -> Statement:
        """The function that answers shares."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[TopShare], facts: Answers) -> dict[Need, Any]:
    """Answer shares. Raises EvidenceError for a negative value."""
    return {need: _fact(engine, relation, need, facts) for need in needs}


def _fact(engine: Engine, relation: str, need: TopShare, facts: Answers) -> TopShareFact:
    (profile,) = need.inputs
    found = facts[profile]
    if found.minimum is not None and found.minimum < 0:
        shown = ", ".join(columns_in(need.value)) or need.value
        raise EvidenceError(
            f"column `{shown}` has the value {found.minimum:.6g}; a share of a sum requires values of 0 or more"
        )
    scaled = found.fixed_point(around_zero=True).sql("v")
    rows = engine.query(_sql(relation, need, scaled))
    groups = ((tuple(row[:-2]), _share(row[-2], row[-1])) for row in rows if row[-1] is not None)
    return TopShareFact(tuple(sorted(groups, key=lambda pair: group_order(pair[0]))))


def _share(top: int, total: int) -> float:
    """The part of a sum; 0 for a sum of 0, to which all rows contribute alike."""
    return float(Fraction(int(top), int(total))) if total else 0.0


def _sql(relation: str, need: TopShare, scaled: str) -> str:
    keys = keys_of(need.by)
    counted = values_with_rows(relation, need, need.by, need.value)
    groups_apart = partition(keys)
    part, whole = Fraction(repr(need.fraction)).as_integer_ratio()
    # At least one row is on top; of the rows with the value at the edge, only as many as still fit.
    placed = (
        f"select {', '.join([*keys, 'c'])}, cast({fixed(scaled)} as decimal(38, 0)) as f, "
        f"cast(sum(c) over ({groups_apart} order by v desc rows unbounded preceding) - c as bigint) as above, "
        f"cast(floor(cast(sum(c) over ({groups_apart}) * {part} + {whole - 1} as double) / {whole}) as bigint) as room "
        f"from ({counted})"
    )
    top = "sum(f * greatest(least(c, room - above), 0))"
    return f"select {''.join(f'{key}, ' for key in keys)}{top}, sum(f * c) from ({placed}){clause('group by', keys)}"
