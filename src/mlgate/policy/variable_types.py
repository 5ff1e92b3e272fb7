"""The types of a policy's variables: how a value is read, and whether it can have bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgate.reading.fields import Date, Flag, Integer, ListOf, Number, Spec, Text


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
