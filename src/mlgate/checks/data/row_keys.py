"""What a policy demands of the rows of a table: the keys of `data.rows`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, TypeVar

from mlgate.checks.expressions.condition import ConditionText, WrittenCondition
from mlgate.reading.fields import (
    Choice,
    Integer,
    ListOf,
    MapOf,
    Missing,
    Number,
    OneOrMany,
    ProblemReport,
    Record,
    Text,
    param,
)
from mlgate.reading.strict_yaml import Mapping, Node, Sequence
from mlgate.values.plain import Schema

T = TypeVar("T")
_SHARE: Any = Number(min=0, max=1)
_COUNT: Any = Integer(min=0)
_COLUMNS: Any = OneOrMany(Text())
STEPS = ("number", "minute", "hour", "day", "week", "month", "year")


@dataclass(frozen=True, kw_only=True)
class Tolerated:
    """How many rows may be at fault: none, unless one of these keys says otherwise."""

    at_most: int | None = param(_COUNT, default=None, doc="The most rows at fault; none if left out.")
    at_most_share: Fraction | None = param(_SHARE, default=None, doc="The largest share of rows at fault.")

    @property
    def contradictory(self) -> bool:
        """Whether both keys are given."""
        return self.at_most is not None and self.at_most_share is not None


@dataclass(frozen=True, kw_only=True)
class MustKeys(Tolerated):
    """A condition with the rows that may break it."""

    holds: WrittenCondition = param(ConditionText(), doc="The condition that every row must meet.")
    if_missing: str = param(
        Choice("fail", "pass"),
        default="fail",
        doc="Whether a row is at fault for which the condition is not decided because a value is missing. With `pass`, "
        "such rows are left out.",
    )


@dataclass(frozen=True)
class OneCondition:
    """A condition, or a mapping with the condition under `holds`."""

    noun = "a condition, or a mapping with the key `holds`"

    def read(self, node: Node, report: ProblemReport) -> MustKeys | Missing:
        """The condition with the rows that may break it, or MISSING with the problems in the report."""
        if isinstance(node, Mapping):
            return Record(MustKeys).read(node, report)
        found = ConditionText().read(node, report)
        return found if isinstance(found, Missing) else MustKeys(holds=found)

    def schema(self) -> Schema:
        """A text or an object."""
        return {"anyOf": [ConditionText().schema(), Record(MustKeys).schema()]}


Named = tuple[tuple[str, MustKeys], ...]


@dataclass(frozen=True)
class Conditions:
    """Conditions by their names, or a list of them; then the condition itself is the name."""

    noun = "a condition, a list of conditions, or a mapping from names to conditions"

    def read(self, node: Node, report: ProblemReport) -> Named | Missing:
        """The conditions with their names, or MISSING with the problems in the report."""
        if isinstance(node, Mapping):
            if node.get("holds") is not None:
                said = "has the key `holds` without a name; write `must: {NAME: {holds: ...}}`"
                return report.refuse(node.key_at("holds"), said)
            return MapOf(OneCondition()).read(node, report)
        listed = ListOf(ConditionText(), unique=True)
        found = listed.read(node if isinstance(node, Sequence) else Sequence((node,), node.at), report)
        return found if isinstance(found, Missing) else tuple((str(each), MustKeys(holds=each)) for each in found)

    def schema(self) -> Schema:
        """A text, an array or an object."""
        listed = ListOf(ConditionText(), unique=True).schema()
        return {"anyOf": [ConditionText().schema(), listed, MapOf(OneCondition()).schema()]}


@dataclass(frozen=True)
class OneOrMore(Generic[T]):
    """A mapping of some keys, or a list of such mappings; read as a tuple in both cases."""

    cls: type[T]

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a mapping, or a list of mappings"

    def read(self, node: Node, report: ProblemReport) -> tuple[T, ...] | Missing:
        """The records, or MISSING with the problems in the report."""
        if isinstance(node, Sequence):
            found: tuple[T, ...] | Missing = ListOf(Record(self.cls), unique=True).read(node, report)
            return found
        one = Record(self.cls).read(node, report)
        return one if isinstance(one, Missing) else (one,)

    def schema(self) -> Schema:
        """An object, or an array of objects."""
        listed: Any = ListOf(Record(self.cls), unique=True)
        return {"anyOf": [Record(self.cls).schema(), listed.schema()]}


@dataclass(frozen=True, kw_only=True)
class CountKeys:
    """How many rows there must be."""

    at_least: Fraction | None = param(
        Number(min=0), default=None, doc="The fewest rows, or their fewest per row of `of`."
    )
    at_most: Fraction | None = param(Number(min=0), default=None, doc="The most rows, or their most per row of `of`.")
    of: str = param(Text(), default="", doc="Another table: the bounds are then relative to its number of rows.")


@dataclass(frozen=True, kw_only=True)
class DuplicatesKeys(Tolerated):
    """Rows that are equal to an earlier row. Two missing values are equal here."""

    columns: tuple[str, ...] = param(_COLUMNS, default=(), doc="The columns that are compared; all if left out.")


@dataclass(frozen=True, kw_only=True)
class ForeignKeys(Tolerated):
    """A key whose values must occur in another table. Rows without the key are left out."""

    columns: tuple[str, ...] = param(_COLUMNS, doc="The columns of the key in this table.")
    table: str = param(Text(), doc="The other table.")
    to: tuple[str, ...] = param(_COLUMNS, default=(), doc="Its columns in the other table; the same names if left out.")


@dataclass(frozen=True, kw_only=True)
class PartnerKeys:
    """A key that occurs exactly once in this table and exactly once in another one."""

    columns: tuple[str, ...] = param(_COLUMNS, doc="The columns of the key in this table.")
    table: str = param(Text(), doc="The other table.")
    to: tuple[str, ...] = param(_COLUMNS, default=(), doc="Its columns in the other table; the same names if left out.")


@dataclass(frozen=True, kw_only=True)
class BalanceKeys:
    """The share of each class among the rows with a label."""

    column: str = param(Text(), doc="The label.")
    classes: tuple[str, ...] = param(
        ListOf(Text(empty=True), min=2, unique=True),
        default=(),
        doc="All classes. One without rows has the share 0, and rows of another label are at fault.",
    )
    at_least: Fraction | None = param(_SHARE, default=None, doc="The smallest share of a class.")
    at_most: Fraction | None = param(_SHARE, default=None, doc="The largest share of a class.")


@dataclass(frozen=True, kw_only=True)
class CompleteKeys:
    """The share of rows in which no value is missing."""

    at_least: Fraction = param(_SHARE, doc="The smallest share of complete rows.")
    columns: tuple[str, ...] = param(_COLUMNS, default=(), doc="The columns that count; all if left out.")


@dataclass(frozen=True, kw_only=True)
class ConflictKeys(Tolerated):
    """Rows with the same features and another label. Two missing values are equal here; rows without a label are left
    out."""

    features: tuple[str, ...] = param(_COLUMNS, doc="The columns in which the rows are equal.")
    label: str = param(Text(), doc="The column in which they differ.")


@dataclass(frozen=True, kw_only=True)
class NoGapKeys:
    """Every step between the lowest and the highest value of a column occurs. Rows without a value are left out."""

    column: str = param(Text(), doc="A column of dates or times in UTC, or of whole numbers.")
    step: str = param(Choice(*STEPS), doc="The step: `number` for whole numbers; a week begins on Monday.")
    by: tuple[str, ...] = param(_COLUMNS, default=(), doc="Columns whose groups are looked at one by one.")
    at_most: int | None = param(_COUNT, default=None, doc="The most steps that may be missing; none if left out.")
