"""CSV and TSV, plain or gzipped: every column is text, and every line and delimiter of the file is accounted for.

The header is read here. DuckDB reads the rest once into a table, without sniffing. It silently skips blank lines and
trailing delimiters, so lines and delimiters are counted in the bytes and again in the table. It also skips spaces
beside a quote, so these are looked for.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlgate.evidence.dialect import literal, quote
from mlgate.evidence.files import CHUNK, reading
from mlgate.evidence.missing_column import unsplit
from mlgate.evidence.open import spaces_beside_quotes
from mlgate.evidence.open.plain_text import LONGEST_LINE, TextCount, count_text, unpacked
from mlgate.evidence.open.reader import Contents, Loader, SourceColumn, TableFiles, make, paths_literal
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted

_NOT_BY_CHANCE = 3
"""From so many columns on, lines within quoted values have as many delimiters as rows only if they are rows."""
_LINE = re.compile(r"Line: (\d+)")
_REASON = re.compile(r"unterminated quote|Invalid unicode|maximum line size")
_FIELDS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_REMEDIES = {
    "unterminated": "a quote that is not closed, or text after one; quote the field and double the quotes in it",
    "unicode": "not UTF-8; write the file as UTF-8",
    "maximum": f"a line longer than {LONGEST_LINE >> 20} MB",
    "state": "different line ends, or a stray quote; write every line with the same end",
}
WIDE, KIB_PER_COLUMN = 4_000, 160
"""A table with more columns is read on one thread, with so much memory for each; 128 are enough for 20,000 columns."""


@dataclass(frozen=True)
class Header:
    """The first record: the column names, and the numbers of line ends and delimiters inside them."""

    names: tuple[str, ...]
    lines: int
    delimiters: int


def open_csv(engine: Loader, files: TableFiles, relation: str) -> Contents:
    """Make a table of one CSV file (comma) or TSV file (tab), all columns text; an empty field is NULL, `""` is not.

    Blank lines at the end are not rows.
    """
    path, shown = files.first, files.shown
    name = path.name.lower()
    delimiter = "\t" if ".tsv" in name else ","
    with reading(shown):
        if name.endswith(".gz"):
            path = unpacked(path, engine.folder / f"{relation}.txt", shown)
        found = count_text(path, delimiter.encode(), shown)
        header = read_header(path, delimiter, shown)
        plain = _plain(path, engine.folder / f"{relation}.plain", delimiter, header, found)
    source = _source(plain, delimiter, len(header.names))
    columns = [SourceColumn(name, f"c{at}") for at, name in enumerate(header.names)]
    try:
        with _room(engine, len(columns)):
            contents = make(engine, relation, source, columns, f"{shown}:1", view=False)
    except EvidenceError as error:
        raise EvidenceError(_said(error, shown, header)) from error
    if found.beside_quotes:
        _require_no_space_beside_quotes(path, delimiter, shown)
    if _account(engine, relation, shown, delimiter, header, found):
        _require_one_reading(plain, delimiter, len(header.names), found, shown)
    for made in {plain, path} - {files.first}:
        made.unlink()
    return contents


@contextmanager
def _room(engine: Loader, width: int) -> Iterator[None]:
    """Memory for a wide table: the engine holds thousands of values of every column, and as many again per thread."""
    if width <= WIDE:
        yield
        return
    ((threads,),) = engine.load("select current_setting('threads')")
    engine.load(f"set memory_limit = '{width * KIB_PER_COLUMN}KiB'")
    engine.load("set threads = 1")
    try:
        yield
    finally:
        engine.load(f"set threads = {threads}")


def read_header(path: Path, delimiter: str, shown: str) -> Header:
    """The first record. Raises EvidenceError where there is none."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        try:
            records = csv.reader(opened, delimiter=delimiter, strict=True)
            names = next(records, [])
        except csv.Error as error:
            raise EvidenceError(f"{shown}:1: the header cannot be read: {error}") from error
    if not names:
        raise EvidenceError(f"{shown}:1: no header; the first line must name the columns")
    text = "".join(names)
    return Header(tuple(names), text.count("\n"), text.count(delimiter))


def _plain(path: Path, target: Path, delimiter: str, header: Header, found: TextCount) -> Path:
    """The file itself, or a copy of it where the engine would read other rows.

    The engine takes the first line break for that of all lines, even one within the header. In a file of one column it
    takes a blank last line for a row.
    """
    alone = len(header.names) == 1
    if not header.lines and not (found.blank_end and alone):
        return path
    with path.open("rb") as opened, target.open("wb") as written:
        ended = [opened.readline() for _ in range(header.lines + 1)][-1].endswith(b"\r\n")
        names = delimiter.join(f"c{at}" for at in range(len(header.names)))
        written.write(names.encode() + (b"\r\n" if ended else b"\n"))
        shutil.copyfileobj(opened, written, CHUNK)
        if alone:
            written.truncate(written.tell() - found.blank_bytes)
    return target


def _source(path: Path, delimiter: str, width: int) -> str:
    columns = ", ".join(f"c{at}: 'VARCHAR'" for at in range(width))
    return (
        f"read_csv({paths_literal([path])}, auto_detect=false, header=true, delim={literal(delimiter)}, quote='\"', "
        f"escape='\"', columns={{{columns}}}, strict_mode=true, null_padding=false, ignore_errors=false, nullstr='', "
        # The size of the buffer is stated: DuckDB 1.4 takes sixteen times the longest line by default.
        f"allow_quoted_nulls=false, max_line_size={LONGEST_LINE}, buffer_size={LONGEST_LINE}, "
        "hive_partitioning=false, filename=false)"
    )


def _said(error: EvidenceError, shown: str, header: Header) -> str:
    """DuckDB's message with its line, without the row that it quotes."""
    whole = str(error.__cause__)
    line = _LINE.search(whole)
    reason = _REASON.search(whole)
    at = f"{shown}:{int(line[1]) + header.lines}" if line else shown
    if fields := _FIELDS.search(whole):
        said = unsplit(header.names)  # numbers such as 0,5 have commas in them
        return f"{shown}:1: {said}" if said else f"{at}: {_other_width(int(fields[1]), int(fields[2]))}"
    found = reason[0] if reason else ""
    said = next((text for word, text in _REMEDIES.items() if word in (found or whole)), "not well-formed CSV")
    return f"{at}: {said}"


def _other_width(wanted: int, found: int) -> str:
    """The message about a row with another number of fields than the header."""
    if found < wanted:
        return f"the row has {counted(found, 'field')}, and the header {wanted}; complete the row"
    said = f"the row has more fields than the header, which has {wanted}"
    if wanted == 1:
        return f"{said}; remove lines above the header, or complete it"
    return f"{said}; quote a field that has a delimiter in it, or complete the header"


def _require_no_space_beside_quotes(path: Path, delimiter: str, shown: str) -> None:
    line = spaces_beside_quotes.first_line(path, delimiter.encode())
    if line is not None:
        raise EvidenceError(
            f"{shown}:{line}: a space beside a quote, and readers disagree on whether the quote encloses the value; "
            "remove the space"
        )


def _account(engine: Loader, relation: str, shown: str, delimiter: str, header: Header, found: TextCount) -> int:
    """The number of line ends within values. Raises EvidenceError where not all of the file is accounted for."""
    rows, lines, delimiters = _inside(engine, relation, delimiter, quotes=found.quotes)
    if rows + 1 + lines + header.lines != found.lines - found.blank_end:
        at = f"{shown}:{found.blank}: a blank line" if found.blank else f"{shown}: lines that are not rows"
        raise EvidenceError(
            f"{at}; of {counted(found.lines, 'line')} {rows} were read as rows; remove lines that are not rows"
        )
    if (rows + 1) * (len(header.names) - 1) + delimiters + header.delimiters != found.delimiters:
        raise EvidenceError(
            f"{shown}: rows do not have the {counted(len(header.names), 'field')} of the header; "
            "look for a delimiter at the end of every row, or a name that the header lacks"
        )
    return lines


def _require_one_reading(path: Path, delimiter: str, width: int, found: TextCount, shown: str) -> None:
    """Raise EvidenceError where quotes join lines of which each would be a whole row without the quotes.

    Two columns are too few to tell: texts of two lines with one delimiter each are common.
    """
    if width < _NOT_BY_CHANCE or found.delimiters != (found.lines - found.blank_end) * (width - 1):
        return
    sign = delimiter.encode()
    with path.open("rb") as opened:
        if all(line.count(sign) == width - 1 for line in opened if line.strip()):
            raise EvidenceError(
                f"{shown}: quotes join several lines, and each alone would be a row of {width} fields, so readers "
                "disagree on the rows; write every row on one line"
            )


def _inside(engine: Loader, relation: str, delimiter: str, *, quotes: bool) -> tuple[int, int, int]:
    """Rows of the table, and line ends and delimiters within its values (only where the file quotes anything)."""
    if not quotes:
        return int(engine.load(f"select count(*) from {relation}")[0][0]), 0, 0
    columns = [quote(name) for name, _ in engine.columns(relation)]
    signs = [
        " + ".join(f"coalesce(length({c}) - length(replace({c}, {sign}, '')), 0)" for c in columns)
        for sign in ("chr(10)", literal(delimiter))
    ]
    rows, lines, delimiters = engine.load(f"select count(*), sum({signs[0]}), sum({signs[1]}) from {relation}")[0]
    return int(rows), int(lines or 0), int(delimiters or 0)
