"""Profiles, which describe a column's values, and conditions, which count the rows that violate them, in one scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.dialect import columns_in
from mlgate.evidence.engine import Engine
from mlgate.evidence.fixed_point import FixedPoint, fixed_point
from mlgate.evidence.questions.grouped import tally
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts
from mlgate.values.errors import EvidenceError
from mlgate.values.words import flaws, have

MOST = 40
"""The most columns per statement, which limits its text and the memory of its threads."""


@dataclass(frozen=True)
class ProfileFact:
    """The profile of a numeric column; `minimum` and `maximum` are of its finite values, None without any."""

    rows: int
    nulls: int
    unreadable: int
    nans: int
    infinities: int
    minimum: float | None
    maximum: float | None

    def fixed_point(self, *, around_zero: bool = False) -> FixedPoint:
        """The fixed-point scale of its finite values."""
        return fixed_point(self.minimum, self.maximum, around_zero=around_zero)

    @property
    def usable(self) -> bool:
        """Whether there are rows, and every one has a finite number."""
        return self.rows > 0 and not self.flaws

    @property
    def flaws(self) -> str:
        """How many values are not finite numbers, in words; empty if all are."""
        return flaws(
            self.rows,
            (self.nulls, "missing", "missing"),
            (self.unreadable, "not a number", "not numbers"),
            (self.nans, "NaN", "NaN"),
            (self.infinities, "infinite", "infinite"),
        )


@dataclass(frozen=True)
class ProfileScan(TableNeed):
    """A question that the one scan for profiles and conditions answers."""

    most = MOST

    @property
    def together(self) -> object:
        """All profiles and conditions of one table share a statement."""
        return self.table

    @property
    def statement(self) -> Statement:
        """Answers some of them."""
        return answer


@dataclass(frozen=True)
class Profile(ProfileScan):
    """The numbers of nulls, NaNs, infinities and unreadable texts of a column, and its minimum and maximum.

    `raw` is the column itself, and `value` its values as numbers; a row with `raw` but without `value` is unreadable.
    """

    name = "profile"
    fact = ProfileFact
    raw: str = ""
    value: str = ""

    def impossible(self, fact: ProfileFact) -> str:
        """More broken rows than rows, and a minimum above the maximum."""
        broken = (fact.nulls, fact.unreadable, fact.nans, fact.infinities)
        if wrong := not_counts(fact.rows, *broken, *(fact.rows - number for number in broken)):
            return wrong
        low, high = fact.minimum, fact.maximum
        if (low is None) is not (high is None) or (low is not None and high is not None and low > high):
            return "its minimum is above its maximum"
        return ""

    def require(self, fact: ProfileFact) -> None:
        """Raise EvidenceError where some rows have no finite number."""
        if fact.rows and not fact.usable:
            columns = ", ".join(f"`{name}`" for name in columns_in(self.value)) or f"`{self.value}`"
            raise EvidenceError(f"column {columns}: {fact.flaws}; every row requires a finite number")


_WIDTH = 7


@dataclass(frozen=True)
class BrokenRows(ProfileScan):
    """The number of rows that violate a condition of a statement. The evidence asks it, never a check."""

    name = "broken-rows"
    expression: str = ""
    must: str = ""
    """A key of BROKEN."""

    def require(self, fact: int) -> None:
        """Raise EvidenceError, with the column and the number of rows, where some rows violate it."""
        if fact:
            columns = ", ".join(f"`{name}`" for name in columns_in(self.expression)) or f"`{self.expression}`"
            raise EvidenceError(f"column {columns}: {have(fact, 'row')} {_SAID[self.must]}; every row requires one")


BROKEN = {
    "frequency": "{x} is null or not isfinite({x}) or {x} < 1 or {x} <> floor({x}) or {x} > 9007199254740992",
    "weight": "{x} is null or not isfinite({x}) or {x} < 0",
    "finite": "{x} is null or not isfinite({x})",
    "known": "{x} is null",
}
_SAID = {
    "frequency": "no whole number of at least 1 as a frequency",
    "weight": "no finite weight of at least 0",
    "finite": "no finite number",
    "known": "no value",
}


def answer(engine: Engine, relation: str, needs: Sequence[Need], facts: Answers) -> dict[Need, Any]:
    """Answer profiles and conditions of one table in one scan."""
    wheres = list(dict.fromkeys(need.where for need in needs if isinstance(need, TableNeed) and need.where))
    inner = [f"coalesce(({where}), false) as w{at}" for at, where in enumerate(wheres)]
    middle: list[str] = [f"w{at}" for at in range(len(wheres))]
    outer: list[str] = []
    for at, need in enumerate(needs):
        if isinstance(need, Profile):
            inner += [f"({need.raw}) is null as r{at}", f"cast(({need.value}) as double) as v{at}"]
            middle += _values(f"r{at}", f"v{at}", _flag(need.where, wheres), at)
            outer += _profile(at, _flag(need.where, wheres))
        elif isinstance(need, BrokenRows):
            inner.append(f"({need.expression}) as v{at}")
            broken, flag = BROKEN[need.must].format(x=f"v{at}"), _flag(need.where, wheres)
            middle.append(f"({f'{flag} and ' if flag else ''}({broken})) as b{at}")
            outer += [tally("", f"b{at}")] + ["0"] * (_WIDTH - 1)
    values = f"select {', '.join(inner)} from {relation}"
    (row,) = engine.query(f"select {', '.join(outer)} from (select {', '.join(middle)} from ({values}))")
    return {need: _fact(need, row[at * _WIDTH : (at + 1) * _WIDTH]) for at, need in enumerate(needs)}


def profiles(of: TableNeed, *values: str) -> tuple[Profile, ...]:
    """The profiles of some numbers of the same rows; their minimum and maximum fix the pivot and scale of a sum."""
    return tuple(Profile(of.table, of.where, of.count, value, value) for value in values)


def known(of: TableNeed, *expressions: str) -> tuple[BrokenRows, ...]:
    """The conditions that every one of the same rows has a value of each expression."""
    return tuple(BrokenRows(of.table, of.where, "", expression, "known") for expression in expressions)


def finite(of: TableNeed, *expressions: str) -> tuple[BrokenRows, ...]:
    """The conditions that every one of the same rows has a finite value of each expression."""
    return tuple(BrokenRows(of.table, of.where, "", expression, "finite") for expression in expressions)


def frequencies(of: TableNeed) -> tuple[BrokenRows, ...]:
    """The condition that every row has a frequency, if rows have frequencies, else none."""
    if not of.count or isinstance(of, Profile | BrokenRows):
        return ()
    return (BrokenRows(of.table, of.where, "", of.count, "frequency"),)


def _flag(where: str, wheres: list[str]) -> str:
    return f"w{wheres.index(where)}" if where else ""


def _values(missing: str, value: str, flag: str, at: int) -> list[str]:
    """A row's flag of a missing value, its number, and its finite number, among the rows that count."""
    among = f"{flag} and " if flag else ""
    number = f"case when {flag} then {value} end" if flag else value
    finite = f"case when {among}isfinite({value}) then {value} end"
    return [f"({among}{missing}) as m{at}", f"{number} as n{at}", f"{finite} as f{at}"]


def _profile(at: int, flag: str) -> list[str]:
    number = f"n{at}"
    return [
        tally("", flag),
        tally("", f"m{at}"),
        f"count({number})",
        tally("", f"isnan({number})"),
        tally("", f"isinf({number})"),
        f"min(f{at})",
        f"max(f{at})",
    ]


def _fact(need: Need, row: Sequence[Any]) -> Any:
    if isinstance(need, BrokenRows):
        return int(row[0])
    rows, nulls, read, nans, infinities, low, high = row
    unreadable = rows - nulls - read
    return ProfileFact(rows, nulls, unreadable, nans, infinities, _positive_zero(low), _positive_zero(high))


def _positive_zero(value: float | None) -> float | None:
    return None if value is None else value + 0.0
