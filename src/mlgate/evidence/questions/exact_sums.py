"""Exact sums of whole numbers and decimals. All columns of a table share a scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import MOST_DIGITS
from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.ends import Ends, EndsOf
from mlgate.evidence.questions.need import Answers, Need, Statement, TableNeed, not_counts


@dataclass(frozen=True)
class ExactSumsFact:
    """The rows with a value, and their sum; None without rows, and where it may have too many digits to be exact."""

    rows: int
    total: Fraction | None


@dataclass(frozen=True)
class ExactSums(TableNeed):
    """The sum of the exact numbers that an expression gives. Rows without a value are left out."""

    name = "exact-sums"
    most = 100
    fact = ExactSumsFact
    value: str = ""

    @property
    def inputs(self) -> tuple[Ends, ...]:
        """The lowest and the highest value, which tell how many digits a sum may have."""
        return (Ends(self.table, self.where, value=self.value),)

    def impossible(self, fact: ExactSumsFact) -> str:
        """A number that is not a count, and a sum of nothing."""
        if not fact.rows and fact.total is not None:
            return "no rows have a sum"
        return not_counts(fact.rows)

    @property
    def together(self) -> object:
        """All columns of one table share a statement."""
        return self.table

    @property
    def statement(self) -> Statement:
        """The function that answers this need."""
        return answer


def answer(engine: Engine, relation: str, needs: Sequence[ExactSums], facts: Answers) -> dict[Need, Any]:
    """Answer all of one table in one scan, without those that may be too long."""
    ends = {need: facts[need.inputs[0]].groups[0] for need in needs}
    found: dict[Need, Any] = {need: ExactSumsFact(of.rows, None) for need, of in ends.items()}
    short = {need: of for need, of in ends.items() if of.rows and _fits(of)}
    return found | _summed(engine, relation, short) if short else found


def _summed(engine: Engine, relation: str, short: Mapping[ExactSums, EndsOf]) -> dict[Need, Any]:
    values = [f"case when {need.where} then {need.value} end" if need.where else need.value for need in short]
    inner = ", ".join(f"{value} as v{at}" for at, value in enumerate(values))
    sums = (
        f"cast(sum(cast(v{at} as decimal({MOST_DIGITS},{_decimals(of)}))) as varchar)"
        for at, of in enumerate(short.values())
    )
    (row,) = engine.query(f"select {', '.join(sums)} from (select {inner} from {relation})")
    pairs = zip(short.items(), row, strict=True)
    return {need: ExactSumsFact(of.rows, Fraction(total)) for (need, of), total in pairs}


def _decimals(of: EndsOf) -> int:
    return max(len((end or "").partition(".")[2]) for end in (of.lowest, of.highest))


def _fits(of: EndsOf) -> bool:
    """Whether no sum of so many values between these ends has more digits than the engine adds."""
    largest = max(abs(Fraction(end or 0)) for end in (of.lowest, of.highest))
    return bool(largest * of.rows < 10 ** (MOST_DIGITS - _decimals(of)))
