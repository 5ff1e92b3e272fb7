"""The types of the parts of a condition, and which of them can be compared. Nothing is guessed.

A text column has no type of its own: beside a number its texts are read as numbers, beside a date as dates, by mlgate's
own grammar. Other columns are what they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mlgate.checks.expressions import tree
from mlgate.checks.expressions.tokens import ConditionError
from mlgate.checks.expressions.tree import Part
from mlgate.reading.fields import number

PartKind = Literal["number", "text", "time", "truth", "cell", "open"]
"""`cell` is a text column, `open` a column that is not known yet."""
OF_COLUMN: Mapping[str, PartKind] = {
    "integer": "number", "float": "number", "decimal": "number", "text": "cell", "time": "time", "boolean": "truth",
}  # fmt: skip
_GIVES: Mapping[str, PartKind] = {
    "days": "number", "length": "number", "abs": "number", "number": "number", "date": "time",
}  # fmt: skip
_TAKES: Mapping[str, PartKind] = {"days": "time", "length": "text", "abs": "number"}
_LITERALS: tuple[tuple[type[Part], PartKind], ...] = (
    (tree.LiteralNumber, "number"),
    (tree.LiteralText, "text"),
    (tree.LiteralTruth, "truth"),
    (tree.LiteralMoment, "time"),
)
_WORDS: Mapping[PartKind, str] = {
    "number": "a number", "text": "a text", "time": "a date or time", "truth": "true or false", "cell": "a text column",
    "open": "a column",
}  # fmt: skip
_FREE: tuple[PartKind, ...] = ("cell", "open")


@dataclass(frozen=True)
class PartKinds:
    """The types of the parts of a condition about columns of known types; without types, what is known before."""

    columns: Mapping[str, PartKind] | None = None

    def require(self, part: Part, wanted: PartKind) -> None:
        """Raise ConditionError unless a part can be read as a type, and all below it fits together."""
        found = self.of(part)
        if found not in (*_FREE, wanted):
            raise ConditionError(
                part.at, f"{_said(part, found)}, and {_WORDS[wanted]} is required{_hint(part, wanted)}"
            )

    def of(self, part: Part) -> PartKind:
        """The type of a part. Raises ConditionError where what is below does not fit together."""
        for literal, kind in _LITERALS:
            if isinstance(part, literal):
                return kind
        if isinstance(part, tree.NamedColumn):
            return "open" if self.columns is None else self.columns[part.name]
        if isinstance(part, tree.Called):
            return self._of_called(part)
        if isinstance(part, (tree.Arithmetic, tree.Negative)):
            self._require_numbers(part)
            return "number"
        self._require_condition(part)
        return "truth"

    def _require_condition(self, part: Part) -> None:
        if isinstance(part, (tree.Relation, tree.Membership, tree.InRange)):
            self.common(part)
        elif isinstance(part, (tree.Negation, tree.Connection, tree.Implication)):
            for below in part.below:
                self.require(below, "truth")
        elif not isinstance(part, tree.IsMissing):
            raise TypeError(f"{part!r} is not a part of a condition")

    def _require_numbers(self, part: Part) -> None:
        for below in part.below:
            if self.of(below) == "time":
                said = "dates are not added or subtracted; write days(from, to) for the days between two of them"
                raise ConditionError(part.at, said)
            self.require(below, "number")

    def _of_called(self, part: tree.Called) -> PartKind:
        for given in part.given:
            found = self.of(given)
            if part.name in _TAKES:
                self.require(given, _TAKES[part.name])
            elif not isinstance(given, tree.NamedColumn) or found not in (*_FREE, _GIVES[part.name]):
                raise ConditionError(
                    given.at, f"`{part.name}` reads a text column; {_said(given, found)}, so remove it"
                )
        return _GIVES[part.name]

    def common(self, part: tree.Relation | tree.Membership | tree.InRange) -> PartKind:
        """The type in which values are compared. Raises ConditionError where there is none, or no order."""
        first, *others = part.below
        found = {each: self.of(each) for each in (first, *others)}
        kinds = dict.fromkeys(kind for kind in found.values() if kind not in _FREE)
        if len(kinds) > 1:
            raise ConditionError(part.at, _mismatch(first, others, found))
        ordered = isinstance(part, tree.InRange) or (isinstance(part, tree.Relation) and part.sign not in ("=", "!="))
        kind: PartKind = next(iter(kinds), "open" if "open" in found.values() else "cell")
        if ordered and kind in ("text", "truth", "cell"):
            raise ConditionError(part.at, _no_order(kind, first))
        return "text" if kind == "cell" else kind


def _no_order(kind: PartKind, first: Part) -> str:
    if kind == "cell":
        name = f"`{first.name}`" if isinstance(first, tree.NamedColumn) else "COLUMN"
        return f"text columns have no order; write number({name}) or date({name}) for one of them"
    if kind == "text":
        return "texts have no order; compare a number or a date without quotes, or use = and in"
    return "true and false have no order; use ="


def _mismatch(first: Part, others: list[Part], found: Mapping[Part, PartKind]) -> str:
    other = next(each for each in others if found[each] not in _FREE and found[each] != _solid(first, others, found))
    start = first if found[first] not in _FREE else next(each for each in others if found[each] not in _FREE)
    said = f"{_said(start, found[start])} and {_said(other, found[other])}"
    return f"{said}, which cannot be compared{_hint(other, found[start]) or _hint(start, found[other])}"


def _solid(first: Part, others: list[Part], found: Mapping[Part, PartKind]) -> PartKind:
    return next(found[each] for each in (first, *others) if found[each] not in _FREE)


def _said(part: Part, kind: PartKind) -> str:
    if isinstance(part, tree.NamedColumn):
        return f"column `{part.name}` is {_WORDS[kind]}"
    if isinstance(part, tree.LiteralText):
        return f'"{part.text}" is a text'
    if isinstance(part, (tree.LiteralNumber, tree.LiteralMoment)):
        return f"`{part.text}` is {_WORDS[kind]}"
    if isinstance(part, tree.LiteralTruth):
        return f"`{str(part.value).lower()}` is {_WORDS[kind]}"
    return f"this is {_WORDS[kind]}"


def _hint(part: Part, wanted: PartKind) -> str:
    """What to write instead of a part, where a type is wanted; empty if nothing can be suggested."""
    if isinstance(part, tree.LiteralText) and wanted == "number":
        return f"; write {part.text} without quotes" if number(part.text) is not None else "; write a number"
    if isinstance(part, tree.LiteralText) and wanted == "time":
        return "; write a date such as 2024-01-31 without quotes"
    if isinstance(part, tree.LiteralText) and wanted == "truth":
        return "; write true or false without quotes"
    if isinstance(part, tree.LiteralMoment) and wanted == "number":
        return "; write a number"
    if isinstance(part, tree.LiteralNumber) and wanted == "truth":
        return "; write true or false"
    if isinstance(part, tree.LiteralNumber) and wanted == "text":
        return f'; write "{part.text}" in quotes'
    if isinstance(part, tree.LiteralNumber) and wanted == "time":
        return "; write a date such as 2024-01-31, or days(from, to)"
    if wanted == "truth":
        return "; compare it with something"
    return ""
