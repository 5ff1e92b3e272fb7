"""A condition as a policy writes it, and as SQL about the rows of a table.

A condition is true, false or not decided for a row, by Kleene's three-valued logic, which is SQL's: a comparison with a
missing value is not decided, `false and x` is false, `true or x` is true. No text of a policy becomes SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from mlgate.checks.expressions.kinds import OF_COLUMN, PartKinds
from mlgate.checks.expressions.parse import parse_condition
from mlgate.checks.expressions.tokens import ConditionError
from mlgate.checks.expressions.translated import Translation
from mlgate.checks.expressions.tree import IsMissing, NamedColumn, Part
from mlgate.evidence.rows import NEVER, Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.reading.fields import Missing, ProblemReport
from mlgate.reading.fields.scalars import OneScalar
from mlgate.reading.inside_scalar import place_inside
from mlgate.reading.strict_yaml import Scalar
from mlgate.values.errors import EvidenceError
from mlgate.values.plain import Schema


@dataclass(frozen=True)
class WrittenCondition:
    """A condition of a policy."""

    text: str
    tree: Part
    scalar: Scalar = field(compare=False, repr=False)

    def __str__(self) -> str:
        return " ".join(self.text.split())

    def about(
        self, rows: Rows, sentinels: tuple[str, ...] = (), of_column: Callable[[str], tuple[str, ...]] = lambda _: ()
    ) -> RowCondition:
        """The condition about the rows of a table, in which `sentinels` are missing values, and those `of_column` in
        that column. Raises EvidenceError, with the place in the policy, for a column that is not there or whose type
        does not fit."""
        names = dict.fromkeys(part.name for part in self.tree.every if isinstance(part, NamedColumn))
        columns = {
            name: TypedColumn(rows.column(name, "a condition"), "", (*sentinels, *of_column(name))) for name in names
        }
        try:
            return RowCondition(
                self.tree, tuple(columns.values()), Translation(columns).condition(self._typed(columns))
            )
        except ConditionError as wrong:
            at = place_inside(self.scalar, wrong.at)
            raise EvidenceError(f"`{self}`: {wrong}; see {at}") from None

    def _typed(self, columns: dict[str, TypedColumn]) -> Part:
        kinds = {name: OF_COLUMN.get(column.column.kind) for name, column in columns.items()}
        for name in _used(self.tree):
            if kinds[name] is None:
                at = next(part.at for part in self.tree.every if isinstance(part, NamedColumn) and part.name == name)
                raise ConditionError(
                    at, f"column `{name}` is nested or binary, so it can only be missing; use another column"
                )
        PartKinds({name: kind for name, kind in kinds.items() if kind}).require(self.tree, "truth")
        return self.tree


@dataclass(frozen=True)
class RowCondition:
    """A condition as SQL about one table."""

    tree: Part
    columns: tuple[TypedColumn, ...]
    """The columns that it names, in order."""
    holds: str
    """SQL for whether it is true; NULL where it is not decided."""

    @property
    def breaks(self) -> str:
        """SQL for whether it is false."""
        return f"not ({self.holds})"

    @property
    def undecided(self) -> str:
        """SQL for whether it is neither true nor false."""
        return f"({self.holds}) is null"

    @cached_property
    def lacks(self) -> str:
        """SQL for whether a column whose value it uses has none."""
        used = set(_used(self.tree))
        parts = [column.missing for column in self.columns if column.name in used]
        return f"({' or '.join(parts)})" if parts else NEVER


def _used(part: Part) -> Iterator[str]:
    """The columns whose values are used, not only asked for."""
    if isinstance(part, NamedColumn):
        yield part.name
    elif not isinstance(part, IsMissing):
        for below in part.below:
            yield from _used(below)


@dataclass(frozen=True)
class ConditionText(OneScalar[WrittenCondition]):
    """A condition about the columns of a row, such as `end >= start and price > 0`."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a condition"

    def _value(self, node: Scalar, report: ProblemReport) -> WrittenCondition | Missing:
        try:
            tree = parse_condition(node.text)
            PartKinds().require(tree, "truth")
        except ConditionError as wrong:
            cut = ", or put the condition in quotes if it was cut at a comma, a `:` or a `#`"
            cut = cut if wrong.at >= len(node.text) and not node.quoted else ""
            return report.refuse(place_inside(node, wrong.at), f"is not a condition: {wrong}{cut}")
        return WrittenCondition(node.text, tree, node)

    def schema(self) -> Schema:
        """A text."""
        return {"type": "string", "minLength": 1}
