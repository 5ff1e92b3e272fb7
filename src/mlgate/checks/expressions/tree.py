"""A condition as a tree. Each part knows its offset in the text, so that a message says where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction


@dataclass(frozen=True)
class Part:
    """A part of a condition, at an offset of its text."""

    at: int = field(compare=False)

    @property
    def below(self) -> Iterator[Part]:
        """The parts that it is made of."""
        for each in fields(self):
            value = getattr(self, each.name)
            yield from (part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Part))

    @property
    def every(self) -> Iterator[Part]:
        """The part itself and all below it."""
        yield self
        for part in self.below:
            yield from part.every


@dataclass(frozen=True)
class NamedColumn(Part):
    """A column."""

    name: str


@dataclass(frozen=True)
class LiteralNumber(Part):
    """An exact number."""

    value: Fraction
    text: str


@dataclass(frozen=True)
class LiteralText(Part):
    """A text in quotes."""

    text: str


@dataclass(frozen=True)
class LiteralTruth(Part):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True)
class LiteralMoment(Part):
    """A date or time; without a zone it is in UTC."""

    text: str


@dataclass(frozen=True)
class Arithmetic(Part):
    """`left + right`; the sign is one of + - * /."""

    sign: str
    left: Part
    right: Part


@dataclass(frozen=True)
class Negative(Part):
    """`- value`."""

    value: Part


@dataclass(frozen=True)
class Called(Part):
    """A function of the language with its arguments."""

    name: str
    given: tuple[Part, ...]


@dataclass(frozen=True)
class Relation(Part):
    """`left = right`; the sign is one of = != < <= > >=."""

    sign: str
    left: Part
    right: Part


@dataclass(frozen=True)
class Membership(Part):
    """`value in [...]`."""

    value: Part
    among: tuple[Part, ...]


@dataclass(frozen=True)
class InRange(Part):
    """`value between low and high`; both ends count."""

    value: Part
    low: Part
    high: Part


@dataclass(frozen=True)
class IsMissing(Part):
    """`column is missing`."""

    column: NamedColumn


@dataclass(frozen=True)
class Negation(Part):
    """`not value`."""

    value: Part


@dataclass(frozen=True)
class Connection(Part):
    """`left and right`, or `left or right`."""

    word: str
    left: Part
    right: Part


@dataclass(frozen=True)
class Implication(Part):
    """`if condition then demanded`, or with `else otherwise`."""

    condition: Part
    demanded: Part
    otherwise: Part | None
