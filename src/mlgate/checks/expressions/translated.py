"""A condition whose types fit, as SQL in the small dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mlgate.checks.expressions import exact_numbers, tree
from mlgate.checks.expressions.exact_numbers import ExactReading, NumberSql
from mlgate.checks.expressions.kinds import OF_COLUMN, PartKind, PartKinds
from mlgate.checks.expressions.tree import Part
from mlgate.evidence.dialect import literal
from mlgate.evidence.typed import TypedColumn, TypedLimit, moment
from mlgate.values.numbers import decimals_of

_SIGNS = {"!=": "<>"}
_TRUE, _FALSE = (", ".join(map(literal, (word, word.capitalize(), word.upper()))) for word in ("true", "false"))
SECONDS_OF_DAY = 86_400


@dataclass(frozen=True)
class Translation:
    """Parts of a condition as SQL, with the columns of a table."""

    columns: Mapping[str, TypedColumn]

    def condition(self, part: Part) -> str:
        """SQL for whether a part is true; NULL where it is not decided."""
        if isinstance(part, tree.Connection):
            return f"({self.condition(part.left)} {part.word} {self.condition(part.right)})"
        if isinstance(part, tree.Negation):
            return f"(not {self.condition(part.value)})"
        if isinstance(part, tree.Implication):
            return self._implication(part)
        if isinstance(part, tree.IsMissing):
            return self.columns[part.column.name].missing
        if isinstance(part, tree.Relation):
            return self._compared(part, part.sign, part.left, part.right)
        if isinstance(part, tree.Membership):
            return f"({' or '.join(self._compared(part, '=', part.value, each) for each in part.among)})"
        if isinstance(part, tree.InRange):
            low, high = (">=", part.low), ("<=", part.high)
            return f"({' and '.join(self._compared(part, sign, part.value, end) for sign, end in (low, high))})"
        return self._truth(part)

    def _implication(self, part: tree.Implication) -> str:
        condition, demanded = self.condition(part.condition), self.condition(part.demanded)
        if part.otherwise is None:
            return f"(not {condition} or {demanded})"
        return f"(case {condition} when true then {demanded} when false then {self.condition(part.otherwise)} end)"

    def _truth(self, part: Part) -> str:
        if isinstance(part, tree.LiteralTruth):
            return "(1 = 1)" if part.value else "(1 = 0)"
        column = self._column(part)
        if column.column.kind == "boolean":
            return f"(case when not {column.missing} then {column.column.raw} end)"
        text = column.text
        return f"(case when ({text}) in ({_TRUE}) then true when ({text}) in ({_FALSE}) then false end)"

    def _compared(
        self, whole: tree.Relation | tree.Membership | tree.InRange, sign: str, left: Part, right: Part
    ) -> str:
        """SQL for `left SIGN right`, in the type in which the whole is compared."""
        kind, sign = self._kinds.common(whole), _SIGNS.get(sign, sign)
        if kind == "number":
            sides = exact_readings((left, right), self.columns)
            readings = [
                (self._number(left, mine), self._number(right, other)) for mine, other in zip(*sides, strict=True)
            ]
            return f"({exact_numbers.compared_numbers(sign, readings)})"
        as_sql: Mapping[PartKind, Callable[[Part], str]] = {
            "time": self._moment, "text": self._text, "truth": self.condition,
        }  # fmt: skip
        return f"(({as_sql[kind](left)}) {sign} ({as_sql[kind](right)}))"

    @property
    def _kinds(self) -> PartKinds:
        kinds = {name: column.column.kind for name, column in self.columns.items()}
        return PartKinds({name: OF_COLUMN[kind] for name, kind in kinds.items() if kind in OF_COLUMN})

    def _column(self, part: Part) -> TypedColumn:
        if not isinstance(part, tree.NamedColumn):
            raise TypeError(f"{part!r} is not a column")
        return self.columns[part.name]

    def _text(self, part: Part) -> str:
        return literal(part.text) if isinstance(part, tree.LiteralText) else self._column(part).text

    def _moment(self, part: Part) -> str:
        if isinstance(part, tree.LiteralMoment):
            return moment(TypedLimit(part.text))
        return self._column(part.given[0] if isinstance(part, tree.Called) else part).moment

    def _number(self, part: Part, reading: ExactReading | None) -> NumberSql:
        if isinstance(part, tree.LiteralNumber):
            found = exact_numbers.literal_number(part.value)
            return replace(found, exact=None) if reading is None else found
        if isinstance(part, tree.Negative):
            return exact_numbers.negative(self._number(part.value, reading))
        if isinstance(part, tree.Arithmetic):
            sides = (self._number(side, reading) for side in (part.left, part.right))
            return exact_numbers.arithmetic(part.sign, *sides)
        if isinstance(part, tree.Called) and part.name != "number":
            return self._called(part, reading)
        return exact_numbers.column_number(
            self._column(part.given[0] if isinstance(part, tree.Called) else part), reading
        )

    def _called(self, part: tree.Called, reading: ExactReading | None) -> NumberSql:
        if part.name == "abs":
            return exact_numbers.absolute(self._number(part.given[0], reading))
        if part.name == "length":
            found = exact_numbers.whole_number(f"length({self._text(part.given[0])})")
        else:
            found = _days(*map(self._moment, part.given))
        return replace(found, exact=None) if reading is None else found


def _days(start: str, end: str) -> NumberSql:
    """The days from one time to another, with their fraction; exact where it is a whole number."""
    whole = f"(cast({end} as date) - cast({start} as date))"
    rest = f"({_of_day(end)} - {_of_day(start)})"
    near = f"(cast({whole} as double) + cast({rest} as double) / {SECONDS_OF_DAY}000000)"
    exact = f"case when {rest} = 0 then cast({whole} as decimal(38,0)) end"
    return NumberSql(exact, near, f"abs({near})")


def _of_day(time: str) -> str:
    """The microseconds of a time since midnight."""
    hours, minutes = (f"extract({part} from {time})" for part in ("hour", "minute"))
    return f"(({hours} * 60 + {minutes}) * 60000000 + extract(microsecond from {time}))"


def _computes(*sides: Part) -> bool:
    return any(isinstance(part, tree.Arithmetic) for side in sides for part in side.every)


def exact_readings(
    sides: tuple[Part, Part], columns: Mapping[str, TypedColumn]
) -> tuple[tuple[ExactReading | None, ...], ...]:
    """How to read the columns of each side of a comparison: with so many decimals that all its products fit, with fewer
    for numbers too large for these, and as whole numbers for products of even larger ones. None where no number of
    decimals fits."""
    computed = _computes(*sides)
    sizes = [_size(side, columns) for side in sides]
    long = any(scaled > 1 for scaled, _ in sizes)
    most = (exact_numbers.MOST_DECIMALS, exact_numbers.FEW_DECIMALS, *([0] if long else []))
    return tuple(
        tuple(
            ExactReading(min(exact_numbers.MOST_SCALE, (decimals - written) // max(scaled, 1)), computed)
            if written <= decimals
            else None
            for decimals in most
        )
        for scaled, written in sizes
    )


def _size(part: Part, columns: Mapping[str, TypedColumn]) -> tuple[int, int]:
    """How many columns with decimals, and how many decimals of literals, a product multiplies at most."""
    if isinstance(part, tree.LiteralNumber):
        return 0, decimals_of(part.value) or 0
    if isinstance(part, tree.NamedColumn):
        return int(columns[part.name].column.kind in ("text", "decimal")), 0
    if isinstance(part, tree.Called) and part.name in ("days", "length"):
        return 0, 0
    sizes = [_size(below, columns) for below in part.below]
    if isinstance(part, tree.Arithmetic) and part.sign == "*":
        return sum(size[0] for size in sizes), sum(size[1] for size in sizes)
    return max(size[0] for size in sizes), max(size[1] for size in sizes)
