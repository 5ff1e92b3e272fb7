"""The number of decimals of values that should sum to 1 in each row, where they do not: rounding causes that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.grouped import source
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed
from mlgate.evidence.questions.profile import Profile, ProfileFact

EXACT = 1e-6
"""How far a sum of doubles may be from 1."""
FEWEST, MOST = 2, 6


@dataclass(frozen=True)
class DecimalsFact:
    """The most decimals of any value, from 2 on; None where the sums are exact, or a value has more than 6."""

    most: int | None


@dataclass(frozen=True)
class Decimals(TableNeed):
    """The most decimals of some values. They are only counted where the sum of a row is not 1."""

    name = "decimals"
    fact = DecimalsFact
    values: tuple[str, ...] = ()

    def impossible(self, fact: DecimalsFact) -> str:
        """A number of decimals that is never counted: it decides how far a sum may be off."""
        possible = fact.most is None or FEWEST <= fact.most <= MOST
        return "" if possible else f"{fact.most} is not a number of decimals from {FEWEST} to {MOST}"

    @property
    def sums(self) -> Profile:
        """The least and greatest sum of a row."""
        total = " + ".join(self.values)
        return Profile(self.table, self.where, self.count, f"({total})", f"({total})")

    @property
    def inputs(self) -> tuple[Profile, ...]:
        """The sums."""
        return (self.sums,)

    @property
    def statement(self) -> Statement:
        """The function that answers them."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[Decimals], facts: Answers) -> dict[Need, Any]:
    """Answer each in one scan, or in none where the sums are exact."""
    return {need: _fact(engine, relation, need, facts[need.sums]) for need in needs}


def off_by(sums: ProfileFact) -> float | None:
    """How far the sum that is furthest from 1 is off; None where there is no sum."""
    if sums.minimum is None or sums.maximum is None:
        return None
    return max(abs(sums.minimum - 1), abs(sums.maximum - 1))


def _fact(engine: Engine, relation: str, need: Decimals, sums: ProfileFact) -> DecimalsFact:
    off = off_by(sums)
    if off is None or off <= EXACT:
        return DecimalsFact(None)
    inner = ", ".join(f"{value} as v{at}" for at, value in enumerate(need.values))
    each = [f"max({_decimals(f'v{at}')})" for at in range(len(need.values))]
    (row,) = engine.query(f"select {', '.join(each)} from (select {inner} from {source(relation, need.where)})")
    most = max((found for found in row if found is not None), default=MOST + 1)
    return DecimalsFact(int(most) if most <= MOST else None)


def _decimals(value: str) -> str:
    whens = " ".join(f"when {value} = round({value}, {digits}) then {digits}" for digits in range(FEWEST, MOST + 1))
    return f"case {whens} else {MOST + 1} end"
