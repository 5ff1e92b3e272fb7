"""CSV and TSV, plain or gzipped: every column is text, and every line and delimiter of the file is accounted for.

The header is read here. DuckDB reads the rest once into a table, without sniffing. It silently skips blank lines and
trailing delimiters, so lines and delimiters are counted in the bytes and again in the table.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgate.evidence.dialect import literal, quote
from mlgate.evidence.files import reading
from mlgate.evidence.open.plain_text import TextCount, count_text, unpacked
from mlgate.evidence.open.reader import Loader, check_names, make, paths_literal
from mlgate.values.errors import EvidenceError

LONGEST_LINE = 64 << 20
_LINE = re.compile(r"Line: (\d+)")
_REASON = re.compile(r"Expected Number of Columns: \d+ Found: \d+|unterminated quote|Invalid unicode|maximum line size")
_REMEDIES = {
    "unterminated": "a quote that is not closed, or text after one; quote the field and double the quotes in it",
    "unicode": "not UTF-8; write the file as UTF-8",
    "maximum": f"a line longer than {LONGEST_LINE >> 20} MB",
    "state": "different line ends, or a stray quote; write every line with the same end",
}


@dataclass(frozen=True)
class Header:
    """The first record: the column names, and the numbers of line ends and delimiters inside them."""

    names: tuple[str, ...]
    lines: int
    delimiters: int


def open_csv(engine: Loader, files: Sequence[Path], relation: str, shown: str) -> None:
    """Make a table of one CSV file (comma) or TSV file (tab), all columns text; an empty field is NULL, `""` is not."""
    (path,) = files
    name = path.name.lower()
    delimiter = "\t" if ".tsv" in name else ","
    with reading(shown):
        if name.endswith(".gz"):
            path = unpacked(path, engine.folder / f"{relation}.txt", shown)
        found = count_text(path, delimiter.encode(), shown)
        header = read_header(path, delimiter, shown)
    _load(engine, path, relation, shown, delimiter, header.names)
    _account(engine, relation, shown, delimiter, header, found)
    if path != files[0]:
        path.unlink()


def read_header(path: Path, delimiter: str, shown: str) -> Header:
    """The first record. Raises EvidenceError for names that are empty or repeat."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        try:
            names = next(csv.reader(opened, delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            raise EvidenceError(f"{shown}:1: the header cannot be read: {error}") from error
    if not names:
        raise EvidenceError(f"{shown}:1: no header; the first line must name the columns")
    check_names(names, f"{shown}:1")
    text = "".join(names)
    return Header(tuple(names), text.count("\n"), text.count(delimiter))


def _load(engine: Loader, path: Path, relation: str, shown: str, delimiter: str, names: tuple[str, ...]) -> None:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    source = (
        f"read_csv({paths_literal([path])}, auto_detect=false, header=true, delim={literal(delimiter)}, quote='\"', "
        f"escape='\"', columns={{{columns}}}, strict_mode=true, null_padding=false, ignore_errors=false, nullstr='', "
        # The size of the buffer is stated: DuckDB 1.4 takes sixteen times the longest line by default.
        f"allow_quoted_nulls=false, max_line_size={LONGEST_LINE}, buffer_size={LONGEST_LINE}, "
        "hive_partitioning=false, filename=false)"
    )
    try:
        make(engine, relation, source, view=False)
    except EvidenceError as error:
        raise EvidenceError(_said(error, shown)) from error


def _said(error: EvidenceError, shown: str) -> str:
    """DuckDB's message with its line number, without the quoted row."""
    whole = str(error.__cause__)
    line = _LINE.search(whole)
    reason = _REASON.search(whole)
    at = f"{shown}:{line[1]}" if line else shown
    found = reason[0] if reason else ""
    said = next((text for word, text in _REMEDIES.items() if word in (found or whole)), found)
    return f"{at}: {said or 'not well-formed CSV'}"


def _account(engine: Loader, relation: str, shown: str, delimiter: str, header: Header, found: TextCount) -> None:
    rows, lines, delimiters = _inside(engine, relation, delimiter, header, quotes=found.quotes)
    if rows + 1 + lines + header.lines != found.lines:
        at = f"{shown}:{found.blank}: a blank line" if found.blank else f"{shown}: lines that are not rows"
        raise EvidenceError(f"{at}; of {found.lines} lines {rows} were read as rows; remove lines that are not rows")
    if (rows + 1) * (len(header.names) - 1) + delimiters + header.delimiters != found.delimiters:
        raise EvidenceError(
            f"{shown}: rows do not have the {len(header.names)} fields of the header; "
            "look for a delimiter at the end of every row, or a name that the header lacks"
        )


def _inside(engine: Loader, relation: str, delimiter: str, header: Header, *, quotes: bool) -> tuple[int, int, int]:
    """The numbers of rows, and of line ends and delimiters inside values (0 where the file has no quotes)."""
    if not quotes:
        return int(engine.load(f"select count(*) from {relation}")[0][0]), 0, 0
    signs = [
        " + ".join(f"coalesce(length({c}) - length(replace({c}, {sign}, '')), 0)" for c in map(quote, header.names))
        for sign in ("chr(10)", literal(delimiter))
    ]
    rows, lines, delimiters = engine.load(f"select count(*), sum({signs[0]}), sum({signs[1]}) from {relation}")[0]
    return int(rows), int(lines or 0), int(delimiters or 0)
