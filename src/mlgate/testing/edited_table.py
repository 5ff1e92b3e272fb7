"""Changes of a small table or text, as tests of policies describe them."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mlgate.policy.policy_test_keys import MOST_REPEATS, OF_ROWS, OPERATIONS, EditKeys
from mlgate.values.words import counted, did_you_mean, have

_SEPARATORS = {".csv": ",", ".tsv": "\t"}


class EditError(ValueError):
    """A change that a file does not allow; the text says why."""


@dataclass(frozen=True)
class SmallTable:
    """The cells of a CSV or TSV file as texts."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @staticmethod
    def of(name: str, text: str) -> SmallTable:
        """The table in a text. Raises EditError for one without a header, or with rows of another length."""
        try:
            rows = [row for row in csv.reader(io.StringIO(text), delimiter=_separator(name)) if row]
        except csv.Error as error:
            raise EditError(f"`{name}` cannot be read as a table: {error}; correct it") from error
        if not rows:
            raise EditError(f"`{name}` is empty, so it has no columns; write a first line with their names")
        columns, *below = rows
        if twice := next((column for column in columns if columns.count(column) > 1), ""):
            raise EditError(f"`{name}` has two columns `{twice}`; rename one")
        for number, row in enumerate(below, 1):
            if len(row) != len(columns):
                said = f"row {number} of `{name}` has {counted(len(row), 'value')}"
                raise EditError(f"{said}, and the table {counted(len(columns), 'column')}; correct the row")
        return SmallTable(name, tuple(columns), tuple(map(tuple, below)))

    def text(self) -> str:
        """The table as a text."""
        written = io.StringIO()
        writer = csv.writer(written, delimiter=_separator(self.name), lineterminator="\n")
        writer.writerows([self.columns, *self.rows])
        return written.getvalue()

    def index(self, column: str) -> int:
        """Where a column is. Raises EditError for one that the table does not have."""
        if column not in self.columns:
            hint = did_you_mean(column, self.columns) or f"; it has {', '.join(self.columns)}"
            raise EditError(f"`{self.name}` has no column `{column}`{hint}")
        return self.columns.index(column)

    def without(self, columns: Iterable[str]) -> SmallTable:
        """The table without some columns."""
        gone = {self.index(column) for column in columns}
        kept = [at for at in range(len(self.columns)) if at not in gone]
        if not kept:
            raise EditError(f"`{self.name}` would have no columns left; keep one, or leave the file out")
        rows = (tuple(row[at] for at in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[at] for at in kept), rows=tuple(rows))

    def counted_out(self, column: str) -> SmallTable:
        """The table with each row as often as a column says, without this column."""
        at = self.index(column)
        counts = [_count(row[at], column, self.name) for row in self.rows]
        if sum(counts) > MOST_REPEATS:
            raise EditError(
                f"`{column}` counts {counted(sum(counts), 'row')}, and at most {MOST_REPEATS:,} are written"
            )
        rows = tuple(row for row, times in zip(self.rows, counts, strict=True) for _ in range(times))
        return replace(self, rows=rows).without([column])

    def numbered(self, column: str) -> SmallTable:
        """The table with a new first column that numbers its rows from 1."""
        if column in self.columns:
            raise EditError(f"`{self.name}` already has the column `{column}`; give `number` another name")
        rows = tuple((str(number), *row) for number, row in enumerate(self.rows, 1))
        return replace(self, columns=(column, *self.columns), rows=rows)


def _separator(name: str) -> str:
    ending = PurePosixPath(name).suffix.casefold()
    if ending not in _SEPARATORS:
        raise EditError(f"`{name}` is not a CSV or TSV file, so it has no rows and columns to change; use `replace`")
    return _SEPARATORS[ending]


def _count(text: str, column: str, name: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MOST_REPEATS)):
        raise EditError(f"`{text}` in the column `{column}` of `{name}` is not a number of rows; write a whole number")
    return int(text)


def edited(name: str, text: str, edit: EditKeys) -> str:
    """A text after one change. Raises EditError where it cannot be made, or would change nothing."""
    given = [operation for operation in OPERATIONS if getattr(edit, operation)]
    if len(given) != 1:
        said = f"an edit needs exactly one of {', '.join(OPERATIONS)}"
        raise EditError(f"{said}; it has {' and '.join(given) or 'none'}")
    if given[0] not in OF_ROWS and (edit.where or edit.rows):
        raise EditError(f"`where` and `rows` are about rows, which `{given[0]}` does not change; remove them")
    if edit.replace:
        before, found = text, _replaced(name, text, edit)
    else:
        table = SmallTable.of(name, text)
        before, found = table.text(), _OF_TABLES[given[0]](table, edit).text()
    if found == before:
        raise EditError(f"this leaves `{name}` as it is; change something that matters")
    return found


def _replaced(name: str, text: str, edit: EditKeys) -> str:
    for old, new in edit.replace:
        if old not in text:
            raise EditError(f"`{name}` does not contain `{old}`; correct it")
        text = text.replace(old, new)
    return text


def _chosen(table: SmallTable, edit: EditKeys) -> tuple[int, ...]:
    """The numbers of the rows that an edit is about."""
    wanted = [(table.index(column), value) for column, value in edit.where]
    found = [number for number, row in enumerate(table.rows) if all(row[at] == value for at, value in wanted)]
    if len(found) < (edit.rows or 1):
        said = ", ".join(f"{column}={value}" for column, value in edit.where) or "any value"
        raise EditError(f"{have(len(found), 'row')} {said} in `{table.name}`, and the edit is about {edit.rows or 1}")
    return tuple(found[: edit.rows])


def _set(table: SmallTable, edit: EditKeys) -> SmallTable:
    values = {table.index(column): value for column, value in edit.set}
    chosen = set(_chosen(table, edit))
    rows = (
        tuple(values.get(at, cell) for at, cell in enumerate(row)) if number in chosen else row
        for number, row in enumerate(table.rows)
    )
    return replace(table, rows=tuple(rows))


def _drop(table: SmallTable, edit: EditKeys) -> SmallTable:
    return table.without(edit.drop)


def _rename(table: SmallTable, edit: EditKeys) -> SmallTable:
    names = dict(edit.rename)
    for column in names:
        table.index(column)
    columns = tuple(names.get(column, column) for column in table.columns)
    if len(set(columns)) < len(columns):
        raise EditError(f"`{table.name}` would have two columns of one name; choose another")
    return replace(table, columns=columns)


def _shuffle(table: SmallTable, edit: EditKeys) -> SmallTable:
    """Move values between rows in an order that only depends on how many there are."""
    chosen, moved = _chosen(table, edit), {table.index(column) for column in edit.shuffle}
    source = sorted(chosen, key=lambda number: hashlib.sha256(str(number).encode()).digest())
    taken = dict(zip(chosen, source, strict=True))
    rows = (
        tuple(table.rows[taken[number]][at] if at in moved else cell for at, cell in enumerate(row))
        if number in taken
        else row
        for number, row in enumerate(table.rows)
    )
    return replace(table, rows=tuple(rows))


def _remove(table: SmallTable, edit: EditKeys) -> SmallTable:
    gone = set(_chosen(table, edit))
    return replace(table, rows=tuple(row for number, row in enumerate(table.rows) if number not in gone))


def _repeat(table: SmallTable, edit: EditKeys) -> SmallTable:
    return replace(table, rows=(*table.rows, *(table.rows[number] for number in _chosen(table, edit))))


_OF_TABLES: Mapping[str, Callable[[SmallTable, EditKeys], SmallTable]] = {
    "set": _set,
    "drop": _drop,
    "rename": _rename,
    "shuffle": _shuffle,
    "remove": _remove,
    "repeat": _repeat,
}
