"""How a policy declares a variable: its type, which says how a value is read, its limits and its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgate.reading.fields import Choice, Date, Flag, Integer, ListOf, Number, Raw, Spec, Text, param, place
from mlgate.reading.strict_yaml import Node
from mlgate.values.errors import Location


@dataclass(frozen=True)
class VariableType:
    """How the values of a variable are read."""

    one: Spec[Any]
    """How one entry is read."""
    ordered: bool = False
    """Whether entries have an order, so that they can have bounds."""
    many: bool = False
    """Whether the value is a list of entries."""

    @property
    def spec(self) -> Spec[Any]:
        """How the whole value is read."""
        return ListOf(self.one, unique=True) if self.many else self.one


TYPES: Mapping[str, VariableType] = {
    "text": VariableType(Text()),
    "column": VariableType(Text()),
    "number": VariableType(Number(), ordered=True),
    "integer": VariableType(Integer(), ordered=True),
    "share": VariableType(Number(min=0, max=1), ordered=True),
    "date": VariableType(Date(), ordered=True),
    "boolean": VariableType(Flag()),
    "texts": VariableType(Text(), many=True),
    "columns": VariableType(Text(), many=True),
    "numbers": VariableType(Number(), ordered=True, many=True),
}
"""By the word that a policy writes as `type`. A `column` is a text that names a column; the plurals are lists."""
MOST_VARIABLES = 100


@dataclass(frozen=True)
class VariableKeys:
    """A value that rules name as `${name}`, and that a policy which extends this one may set."""

    type: str = param(
        Choice(*TYPES),
        doc="How its value is read. A `column` is the name of a column, a `share` a number from 0 to 1, and `texts`, "
        "`columns` and `numbers` are lists.",
    )
    default: Node | None = param(
        Raw("a value"), default=None, doc="Its value unless one is set; without a default, one must be set."
    )
    at_least: Node | None = param(Raw("a value"), default=None, doc="The lowest value that may be set.")
    at_most: Node | None = param(Raw("a value"), default=None, doc="The highest value that may be set.")
    one_of: tuple[Node, ...] = param(ListOf(Raw("a value")), default=(), doc="The values that may be set.")
    description: str = param(Text(), default="", doc="What it is for.")
    at: Location = place()
