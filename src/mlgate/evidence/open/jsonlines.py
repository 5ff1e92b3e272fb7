"""JSON Lines: one object per line, every column of one kind, numbers by their digits.

Python's parser reads every line once and notes what kinds each column has; the engine then reads the values. What is
wrong with one column is said only where a rule reads it.
"""

from __future__ import annotations

import codecs
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlgate.evidence.dialect import literal, quote
from mlgate.evidence.files import CHUNK, reading
from mlgate.evidence.open.json_columns import JsonColumn, JsonLines
from mlgate.evidence.open.plain_text import LONGEST_LINE, count_text, unpacked
from mlgate.evidence.open.reader import Contents, Loader, SourceColumn, TableFiles, make, paths_literal
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted

_TYPES = {
    "text": "VARCHAR",
    "nested": "JSON",
    "boolean": "BOOLEAN",
    "fraction": "DOUBLE",
    "long": "HUGEINT",
    "whole": "BIGINT",
}


def open_jsonlines(engine: Loader, files: TableFiles, relation: str) -> Contents:
    """Make a table of a JSON lines file. Raises EvidenceError for a line that is not an object, or not only one."""
    path, shown = files.first, files.shown
    with reading(shown):
        if path.name.lower().endswith(".gz"):
            path = unpacked(path, engine.folder / f"{relation}.txt", shown)
        found = count_text(path, b":", shown)
        lines = JsonLines(shown)
        for number, line in enumerate(_lines(path, shown), 1):
            if number > found.lines - found.blank_end:
                break
            lines.read(number, line)
        path = _unmarked(path, engine.folder / f"{relation}.plain")
    columns = [lines.column(name) for name in lines.names]
    contents = make(engine, relation, *_source(path, columns, lines.rows), shown, view=False)
    rows = engine.load(f"select count(*) from {relation}")[0][0]
    if rows != lines.rows:
        raise EvidenceError(
            f"{shown}: of {counted(lines.rows, 'line')} {rows} were read as rows; write one object per line"
        )
    for made in (engine.folder / f"{relation}.txt", engine.folder / f"{relation}.plain"):
        made.unlink(missing_ok=True)
    return contents


def _unmarked(path: Path, target: Path) -> Path:
    """The file itself, or without its byte order mark a copy: not every version of the engine passes over the mark."""
    with path.open("rb") as opened:
        if opened.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            return path
        with target.open("wb") as written:
            shutil.copyfileobj(opened, written, CHUNK)
    return target


def _lines(path: Path, shown: str) -> Iterator[bytes]:
    with path.open("rb") as opened:
        number = 0
        while line := opened.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise EvidenceError(f"{shown}:{number}: a line longer than {LONGEST_LINE >> 20} MB")
            yield line


def _source(path: Path, columns: Sequence[JsonColumn], rows: int) -> tuple[str, list[SourceColumn]]:
    """The statement that selects the columns that can be read, and all columns."""
    read = {column.name: f"c{at}" for at, column in enumerate(columns) if column.refused is None}
    found = [SourceColumn(column.name, read.get(column.name, ""), column.refused) for column in columns]
    if not read:
        return f"(select 1 as c0 from range({rows}))", found
    types = {column.name: _TYPES[column.kind] for column in columns}
    scans = _apart(list(read))
    joined = " positional join ".join(f"{_scan(path, names, types)} s{at}" for at, names in enumerate(scans))
    selected = ", ".join(f"s{at}.{quote(name)} as {read[name]}" for at, names in enumerate(scans) for name in names)
    return f"(select {selected} from {joined})", found


def _scan(path: Path, names: Sequence[str], types: Mapping[str, str]) -> str:
    columns = ", ".join(f"{literal(name)}: {literal(types[name])}" for name in names)
    return (
        # With `records='auto'` the engine reads a whole line as the one column that is asked for.
        f"read_json({paths_literal([path])}, format='newline_delimited', records='true', columns={{{columns}}}, "
        f"maximum_object_size={LONGEST_LINE}, ignore_errors=false, hive_partitioning=false, filename=false)"
    )


def _apart(names: Sequence[str]) -> list[list[str]]:
    """Names in as few lists as it takes that no list has two that differ only in case: one scan reads each list."""
    lists: list[dict[str, str]] = []
    for name in names:
        fitting = next((each for each in lists if name.casefold() not in each), None)
        if fitting is None:
            lists.append(fitting := {})
        fitting[name.casefold()] = name
    return [list(each.values()) for each in lists]
