"""What statements have in common: groups as keys, frequencies, fixed point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.evidence.dialect import literal
from mlgate.evidence.facts import Group, ProfileFact
from mlgate.evidence.needs import Counts, Need, TableNeed, Term

Answers = Mapping[Need, Any]

SHIFT = 61
"""Values scaled into [-1, 1] are summed as integers in units of 2**-61, which leaves a bigint one bit to spare."""


class TooMuch(Exception):  # noqa: N818 - a reason to ask one by one, no fault
    """A merged statement's result is too long; its needs are to be asked one by one."""


@dataclass(frozen=True)
class Scale:
    """How values become fixed point: less a pivot, times 2**-exponent, so that they lie in [-1, 1]."""

    pivot: Fraction
    exponent: int

    def sql(self, value: str) -> str:
        """The scaled value, as a double."""
        return f"(cast({value} as double) - {double(float(self.pivot))}) * {double(math.ldexp(1.0, -self.exponent))}"


def scale_of(profile: ProfileFact, *, around_zero: bool = False) -> Scale:
    """A pivot near the middle of the values, of few binary digits, and the exponent of the greatest distance to it."""
    if profile.minimum is None or profile.maximum is None:
        return Scale(Fraction(0), 0)
    low, high = profile.minimum, profile.maximum
    pivot = 0.0 if around_zero else _middle(Fraction(low), Fraction(high))
    exponent = math.frexp(max(abs(low - pivot), abs(high - pivot)))[1]
    return Scale(Fraction(pivot), max(exponent, -1000))


def _middle(low: Fraction, high: Fraction) -> float:
    half = (high - low) / 2
    if not half:
        return float(low)
    exponent = half.numerator.bit_length() - half.denominator.bit_length() - 3
    grid = Fraction(2) ** exponent
    return float(round((low + high) / 2 / grid) * grid)


def double(value: float) -> str:
    """A double as SQL, with the digits that name it exactly."""
    return f"cast({literal(repr(value))} as double)"


def fixed(scaled: str) -> str:
    """A scaled value in units of 2**-61, as a bigint."""
    return f"cast(round(({scaled}) * {double(math.ldexp(1.0, SHIFT))}) as bigint)"


def unfixed(total: int | None, exponent: int) -> Fraction:
    """A sum of fixed-point values as the fraction it stands for; `exponent` is that of the scaled product."""
    return Fraction(int(total or 0)) * Fraction(2) ** (exponent - SHIFT)


def one_zero(value: str) -> str:
    """A double whose -0.0 is 0.0, so that they are one value to sort and to group by."""
    return f"case when ({value}) = 0 then {double(0.0)} else cast(({value}) as double) end"


def frequency(count: str) -> str:
    """A row's frequency as an integer."""
    return f"cast({count} as bigint)" if count else "1"


def tally(count: str, held: str = "") -> str:
    """The rows of a group of an inner select, each as often as its `c` says, for which a condition holds; a bigint."""
    condition = f" filter (where {held})" if held else ""
    return f"cast(coalesce(sum(c){condition}, 0) as bigint)" if count else f"count(*){condition}"


def source(relation: str, where: str) -> str:
    """The rows of a relation that satisfy a condition."""
    return f"{relation} where {where}" if where else relation


def sizes_of(need: TableNeed, by: tuple[Term, ...]) -> Counts:
    """The question how many rows each group has; it refuses a `by` of too many values before more is made of it."""
    return Counts(need.table, need.where, need.count, by)


def keys_of(by: Sequence[Term]) -> tuple[str, ...]:
    """The names of a `by` as columns of an inner select."""
    return tuple(f"k{position}" for position in range(len(by)))


def selected(by: Sequence[Term]) -> list[str]:
    """A `by` as columns of an inner select."""
    return [f"{term.sql} as {key}" for key, term in zip(keys_of(by), by, strict=True)]


def clause(word: str, names: Iterable[str]) -> str:
    """`word a, b`, or nothing where there are no names."""
    listed = ", ".join(names)
    return f" {word} {listed}" if listed else ""


def group_order(group: Group) -> tuple[tuple[bool, str], ...]:
    """Sorts groups by their values, a missing one first."""
    return tuple((value is not None, value or "") for value in group)
