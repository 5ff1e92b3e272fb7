"""Parquet: a file, or the files of a folder or glob, as a view; columns that differ between files are refused singly.

Files are read by the names of their columns. Folders named `sex=F` state a column of text, as Hive and Spark write it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgate.evidence.dialect import MOST_DIGITS, literal, quote, selection
from mlgate.evidence.open.folders import NO_VALUE, partitions
from mlgate.evidence.open.reader import Contents, Loader, SourceColumn, TableFiles, make, paths_literal
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.words import counted

Footer = tuple[tuple[str, ...], ...]
_CHILDREN, _PRECISION = 3, 6
_PATH = "a file's path"


@dataclass(frozen=True)
class _Column:
    """A column as a footer states it: its name, what the engine calls it, its type there, and its decimals' digits."""

    name: str
    inside: str
    type: str
    digits: int


@dataclass(frozen=True)
class _Alike:
    """Files whose footers state the same columns."""

    files: tuple[Path, ...]
    columns: tuple[_Column, ...]
    placed: bool
    """Whether the path of each file is read too; it costs time."""

    @property
    def scan(self) -> str:
        """The rows of all files."""
        path = f", filename={literal(_PATH)}" if self.placed else ""
        options = f"union_by_name=false, hive_partitioning=false, file_row_number=false{path}"
        return f"read_parquet({paths_literal(self.files)}, {options})"

    def column(self, name: str) -> _Column | None:
        """The column of a name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


def open_parquet(engine: Loader, files: TableFiles, relation: str) -> Contents:
    """Make a view of Parquet files. Raises EvidenceError where one is damaged."""
    footers: dict[Footer, list[Path]] = {}
    for path in files.paths:
        footers.setdefault(_footer(engine, path, files.called(path)), []).append(path)
    stated = _stated(files)
    groups = [_alike(engine, tuple(paths), footer, placed=bool(stated)) for footer, paths in footers.items()]
    names = list(dict.fromkeys(column.name for group in groups for column in group.columns))
    read, found = dict[str, list[str]](), list[SourceColumn]()
    for at, name in enumerate(names):
        try:
            read[f"c{at}"] = _everywhere(engine, files, groups, name)
            found.append(SourceColumn(name, f"c{at}"))
        except EvidenceError as refused:
            found.append(SourceColumn(name, "", refused))
    for at, (name, sql) in enumerate(stated.items()):
        if name in names:
            found[names.index(name)] = _agreeing(engine, files, groups, found[names.index(name)], sql)
            continue
        found.append(SourceColumn(name, f"p{at}", None if isinstance(sql, str) else sql))
        if isinstance(sql, str):
            read[f"p{at}"] = [sql] * len(groups)
    parts = [
        f"select {selection(f'{each[at]} as {inside}' for inside, each in read.items())} from {group.scan}"
        for at, group in enumerate(groups)
    ]
    return make(engine, relation, f"({' union all '.join(parts)})", found, files.shown, view=True)


def _footer(engine: Loader, path: Path, shown: str) -> Footer:
    """For every schema element of a file: name, physical and logical type, width, repetition and children."""
    columns = "name, type, type_length, repetition_type, num_children, converted_type, scale, precision, logical_type"
    try:
        rows = engine.load(f"select {columns} from parquet_schema({paths_literal([path])})")
    except (EvidenceError, MachineError) as error:
        # The file was checked to be readable, so the error is about its content.
        raise EvidenceError(f"{shown}: not a readable Parquet file; write or fetch it again") from error
    # The root's name and repetition, and whether values may be missing, do not change values.
    return tuple(tuple(str(value) for value in (*row[:3], *row[4:])) for row in rows[1:])


def _alike(engine: Loader, files: tuple[Path, ...], footer: Footer, *, placed: bool) -> _Alike:
    top = list(_top_level(footer))
    described = engine.columns(_Alike(files, (), placed=False).scan)
    columns = tuple(
        _Column(element[0], inside, kind, _number(element[_PRECISION]))
        for element, (inside, kind) in zip(top, described, strict=False)
    )
    return _Alike(files, columns, placed)


def _top_level(footer: Footer) -> Iterator[tuple[str, ...]]:
    """The elements that are the table's columns, without those nested in them."""
    left = 0
    for element in footer:
        if left:
            left -= 1
        else:
            yield element
        left += _number(element[_CHILDREN])


def _number(text: str) -> int:
    return int(text) if text not in ("None", "") else 0


def _everywhere(engine: Loader, files: TableFiles, groups: Sequence[_Alike], name: str) -> list[str]:
    """A column as SQL, by group. Raises EvidenceError where a file lacks it, or has it with another type."""
    columns = [group.column(name) for group in groups]
    for group, column in zip(groups, columns, strict=True):
        at = files.called(group.files[0])
        if column is None:
            raise EvidenceError(f"{at}: no column `{name}`, which other files have; write all files alike")
        if Counter(each.name for each in group.columns)[name] > 1:
            raise EvidenceError(f"{at}: two columns are named `{name}`; rename one")
        if column.digits > MOST_DIGITS:
            raise EvidenceError(
                f"{at}: column `{name}` has decimals of {column.digits} digits, which would not be read exactly; "
                "write it as text"
            )
    there = [column for column in columns if column is not None]
    empty = _empty(engine, groups, there) if len({column.type for column in there}) > 1 else [False] * len(there)
    types = dict.fromkeys(column.type for column, none in zip(there, empty, strict=True) if not none)
    if len(types) > 1:
        at, first = (next(files.called(of.files[0]) for of in groups if _type(of, name) == kind) for kind in types)
        raise EvidenceError(f"{first}: column `{name}` has another type than in {at}; write all files alike")
    kind = next(iter(types), there[0].type)
    return [
        f"cast(null as {kind})" if none else quote(column.inside) for column, none in zip(there, empty, strict=True)
    ]


def _type(group: _Alike, name: str) -> str:
    column = group.column(name)
    return column.type if column else ""


def _types(group: _Alike, names: Sequence[str], read: Iterable[str]) -> Mapping[str, str]:
    """The types of the columns that are read; those that names of folders state are texts."""
    return dict.fromkeys(read, "VARCHAR") | {f"c{at}": _type(group, name) for at, name in enumerate(names)}


def _empty(engine: Loader, groups: Sequence[_Alike], columns: Sequence[_Column]) -> list[bool]:
    """By group whether a column has no value at all: its type there says nothing."""
    return [
        not engine.load(f"select count({quote(column.inside)}) from {group.scan}")[0][0]
        for group, column in zip(groups, columns, strict=True)
    ]


def _stated(files: TableFiles) -> Mapping[str, str | EvidenceError]:
    """The columns that names of folders state, each as SQL over a file's path, or why it cannot be read."""
    stated = {path: partitions(path, files.folder) for path in files.paths}
    found: dict[str, str | EvidenceError] = {}
    for name in dict.fromkeys(name for each in stated.values() for name in each):
        without = next((path for path, each in stated.items() if name not in each), None)
        spelled = {each[name] for each in stated.values() if name in each}
        if without is not None or len(spelled) > 1:
            at = files.called(without or files.first)
            found[name] = EvidenceError(f"{at}: its folder does not say `{name}=`, as those of other files do")
            continue
        pattern = f"(^|/){re.escape(spelled.pop())}=([^/]*)/"
        below = f"substr({quote(_PATH)}, {len(str(files.folder)) + 2})"
        value = f"regexp_extract({below}, {literal(pattern)}, 2)"
        found[name] = f"url_decode(nullif({value}, {literal(NO_VALUE)}))"
    return found


def _agreeing(
    engine: Loader, files: TableFiles, groups: Sequence[_Alike], found: SourceColumn, sql: str | EvidenceError
) -> SourceColumn:
    """A column that files have and names of folders state too; refused where the two differ."""
    if found.refused is not None or not isinstance(sql, str):
        return found
    name = str(found.name)
    for group in groups:
        column = group.column(name)
        inside = quote(column.inside) if column else "null"
        ((differ,),) = engine.load(
            f"select count(*) from {group.scan} where cast({inside} as varchar) is distinct from {sql}"
        )
        if differ:
            rows = counted(differ, "row")
            said = f"column `{name}` has other values in {rows} than the names of the folders say; write one"
            return SourceColumn(name, "", EvidenceError(f"{files.called(group.files[0])}: {said}"))
    return found
