"""Checks of a text file's bytes before parsing: UTF-8 without invisible characters, and the numbers of lines and
delimiters.
"""

from __future__ import annotations

import codecs
import gzip
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

from mlgate.evidence.files import CHUNK
from mlgate.evidence.open import spaces_beside_quotes
from mlgate.values.errors import EvidenceError

LONGEST_LINE = 64 << 20
"""In bytes."""
_MARK = codecs.BOM_UTF8
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLANKS = (b"\n\n", b"\n\r\n")


@dataclass
class TextCount:
    """Lines (the last one with or without an end), delimiters, whether anything is quoted, and blank lines."""

    lines: int = 0
    delimiters: int = 0
    quotes: bool = False
    beside_quotes: bool = False
    """Whether a space is beside a quote, perhaps within a quoted value."""
    blank: int | None = None
    """The number of the first blank line, perhaps within quotes."""
    blank_end: int = 0
    """How many lines at the end are blank, and with how many bytes."""
    blank_bytes: int = 0


def unpacked(path: Path, target: Path, shown: str) -> Path:
    """A file with the unpacked bytes of a gzip file. Raises EvidenceError where it is cut off, damaged or too long."""
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as opened:
            shutil.copyfileobj(packed, opened, CHUNK)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise EvidenceError(f"{shown}: a damaged gzip file: {error}; write or fetch it again") from error
    if not target.stat().st_size:
        raise EvidenceError(f"{shown} is empty once unpacked; check what should have written it")
    return target


def count_text(path: Path, delimiter: bytes, shown: str) -> TextCount:
    """Count a file's lines and delimiters. Raises EvidenceError, with the line, for bytes that are not clean UTF-8."""
    count, decoder, tail = TextCount(), codecs.getincrementaldecoder("utf-8")(), b""
    returns = False
    with path.open("rb") as opened:
        if opened.read(2) in _UTF16:
            raise EvidenceError(f"{shown}: UTF-16; write the file as UTF-8")
        opened.seek(0)
        if opened.read(len(_MARK)) != _MARK:
            opened.seek(0)
        while chunk := opened.read(CHUNK):
            _check(chunk, tail, decoder, count, shown)
            count.quotes = count.quotes or b'"' in chunk
            count.blank = count.blank or _blank(tail + chunk, count.lines - tail.count(b"\n"))
            count.beside_quotes = count.beside_quotes or spaces_beside_quotes.possible(tail + chunk)
            count.delimiters += chunk.count(delimiter)
            count.lines += chunk.count(b"\n")
            returns = returns or b"\r" in chunk
            tail = chunk[-2:]
    _finish(decoder, count, shown)
    if returns and not count.lines:
        raise EvidenceError(f"{shown}: lines end in a carriage return only; write them with a line feed")
    count.lines += not tail.endswith(b"\n")
    count.blank_end, count.blank_bytes = _blank_end(path)
    return count


def _blank_end(path: Path) -> tuple[int, int]:
    """How many lines at the end of a file are blank (one without an end is not), and how many bytes they are."""
    with path.open("rb") as opened:
        opened.seek(max(0, path.stat().st_size - CHUNK))
        text = opened.read()
    ends = text[len(text.rstrip(b"\r\n")) :]
    blank = ends[ends.find(b"\n") + 1 :]
    return blank.count(b"\n"), len(blank)


def _check(chunk: bytes, tail: bytes, decoder: codecs.IncrementalDecoder, count: TextCount, shown: str) -> None:
    for sign, what in ((b"\0", "a NUL byte"), (_MARK, "a byte order mark (U+FEFF) within the text")):
        near = tail + chunk
        if sign in near:
            line = count.lines + 1 + near[: near.index(sign)].count(b"\n") - tail.count(b"\n")
            raise EvidenceError(f"{shown}:{line}: {what}; write the file as plain UTF-8 text")
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError as error:
        line = count.lines + 1 + chunk[: max(error.start, 0)].count(b"\n")
        raise EvidenceError(f"{shown}:{line}: bytes that are not UTF-8; write the file as UTF-8") from error


def _finish(decoder: codecs.IncrementalDecoder, count: TextCount, shown: str) -> None:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{shown}:{count.lines + 1}: bytes that are not UTF-8; write the file as UTF-8") from error


def _blank(text: bytes, lines_before: int) -> int | None:
    """The number of the first blank line of this text, which may be inside quotes; None without blank lines."""
    places = [place for sign in _BLANKS if (place := text.find(sign)) >= 0]
    return lines_before + text[: min(places)].count(b"\n") + 2 if places else None
