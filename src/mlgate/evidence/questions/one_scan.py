"""One scan: the numbers about all rows of a table that several questions ask for, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from mlgate.evidence.engine import Engine, ResultRow
from mlgate.evidence.questions.grouped import frequency, tally
from mlgate.evidence.questions.plain_columns import PlainColumn, plain_missing, plain_numbers, plain_values

NumbersByPlace = Mapping[int, Any]
"""Numbers by their places."""


@dataclass(frozen=True)
class _Told:
    """A number that the numbers of a plain column tell."""

    column: PlainColumn
    ends: Sequence[int]
    """The places of the ends of the column that say whether it tells the number."""
    number: Callable[[NumbersByPlace], Any]

    def by(self, found: NumbersByPlace) -> tuple[Any, ...]:
        """The number; nothing where the column does not tell it."""
        tells = self.column.unless.isdisjoint(found[place] for place in self.ends)
        return (self.number(found),) if tells else ()


class OneScan:
    """The statement: equal expressions of rows, and equal numbers about them, are in it once.

    A number that a plain column may tell is asked for itself, in a second statement, only if the column did not tell.
    """

    def __init__(self, count: str = "") -> None:
        self.count = count
        self._columns = {frequency(count): "c"}
        self._places: dict[str, int] = {}
        self._of: list[tuple[str, ...]] = []
        """The columns that each number is of."""
        self._values: dict[PlainColumn, tuple[int, ...]] = {}
        self._missing: dict[PlainColumn, int] = {}
        self._none: dict[PlainColumn, int] = {}

    def column(self, sql: str) -> str:
        """The name of an expression of each row. The frequency of a row is `c`."""
        return self._columns.setdefault(f"({sql})", f"v{len(self._columns)}")

    def number(self, sql: str, *columns: str) -> int:
        """The place in the row of an aggregate of some columns, by their names."""
        if sql not in self._places:
            self._places[sql] = len(self._places)
            self._of.append(columns)
        return self._places[sql]

    def ends(self, value: str) -> tuple[int, ...]:
        """The places of the number of values of an expression, and of its lowest and highest value as exact text."""
        places = self._ends(value)
        if (plain := plain_values(value)) is not None:
            self._values[plain] = places
        return places

    def holding(self, *conditions: str) -> int:
        """The place of the number of rows that satisfy all of some conditions."""
        names = [self.column(condition) for condition in conditions]
        place = self.number(tally(self.count, " and ".join(names)), *names)
        if len(conditions) == 1 and not self.count:
            for plain_of, told in ((plain_missing, self._missing), (plain_numbers, self._none)):
                if (plain := plain_of(conditions[0])) is not None:
                    told[plain] = place
        return place

    def row(self, engine: Engine, relation: str) -> ResultRow:
        """The numbers, and after them those that told some of them."""
        told = dict(self._told())
        found = self._asked(engine, relation, [place for place in self._places.values() if place not in told])
        found |= {place: number for place, of in told.items() for number in of.by(found)}
        left = [place for place in told if place not in found]
        found |= self._asked(engine, relation, left) if left else {}
        return tuple(found[place] for place in range(len(found)))

    def _asked(self, engine: Engine, relation: str, places: Iterable[int]) -> dict[int, Any]:
        """Some of the numbers, by their places."""
        numbers = list(self._places)
        asked = {place: numbers[place] for place in places}
        used = {"c", *(name for place in asked for name in self._of[place])}
        inner = ", ".join(f"{sql} as {name}" for sql, name in self._columns.items() if name in used)
        (row,) = engine.query(f"select {', '.join(asked.values())} from (select {inner} from {relation})")
        return dict(zip(asked, row, strict=True))

    def _ends(self, value: str, made: str = "{0}") -> tuple[int, ...]:
        name = self.column(value)
        return tuple(self.number(sql, name) for sql in ends_of(name, made))

    def _told(self) -> Iterator[tuple[int, _Told]]:
        """The places of numbers that plain columns may tell; the numbers of these columns are added to the scan."""
        known: dict[str, tuple[int, ...]] = {}
        for plain, (values, *ends) in self._values.items():
            known[plain.column] = count, *plain_ends = self._ends(plain.column, plain.value)
            yield values, _Told(plain, plain_ends, itemgetter(count))
            for place, at in zip(ends, plain_ends, strict=True):
                yield place, _Told(plain, (at,), itemgetter(at))
        for plain, place in self._missing.items():
            if not plain.unless or plain.column in known:
                yield place, self._without(plain, known.get(plain.column, ())[1:])
        for plain, place in self._none.items():
            if plain.column in known:
                yield place, _Told(plain, known[plain.column][1:], lambda _: 0)

    def _without(self, plain: PlainColumn, ends: Sequence[int]) -> _Told:
        """The number of rows without a value of a plain column."""
        rows, name = self.number(tally(self.count)), self.column(plain.column)
        values = self.number(f"count({name})", name)
        return _Told(plain, ends, lambda found: found[rows] - found[values])


def ends_of(value: str, made: str = "{0}") -> tuple[str, str, str]:
    """The aggregates for the number of values of a column, and for what is made of its lowest and its highest value."""
    lowest, highest = (made.format(f"{end}({value})") for end in ("min", "max"))
    return f"count({value})", f"cast({lowest} as varchar)", f"cast({highest} as varchar)"
