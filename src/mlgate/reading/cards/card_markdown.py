"""The sections of a model card in Markdown, and the numbers in its tables and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise

from mlgate.reading.cards.model_card import CardSection, StatedNumber

_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|\Z)")
_HTML_HEADING = re.compile(r"<h([1-6])[^>]{0,300}>(.{0,1000}?)</h\1>", re.IGNORECASE)
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_INLINE_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_NOT_SHOWN = re.compile(r" {0,3}\[(?!\^)[^\]]{1,300}\]:[ \t]*\S")
"""The address of a link, which readers do not see; some write comments so."""
_TABLE = re.compile(r"<table\b.*?(?:</table>|\Z)", re.IGNORECASE | re.DOTALL)
_ROW, _CELL = re.compile(r"<tr\b[^>]{0,300}>", re.IGNORECASE), re.compile(r"<t[hd]\b[^>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,300}>")
_RULE = re.compile(r":?-+:?")
_STATED = re.compile(
    r"(?:[-*+] {1,4})?[*_]{0,2}([A-Za-z][\w @()/.-]{0,60}?)[*_]{0,2} {0,4}[:=] {0,4}[*_]{0,2} {0,4}([-+]?\.?[0-9].*)"
)
_MOST_NUMBERS, _LONG = 20_000, 10_000


@dataclass
class _Reading:
    """The sections so far, and the lines of the one that is being read."""

    title: str = ""
    level: int = 0
    line: int = 1
    start: int = 1
    commented: bool = False
    text: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    done: list[CardSection] = field(default_factory=list)

    def begin(self, title: str, level: int, line: int, lines: int = 1) -> None:
        """End the section, and begin the next, whose heading has one line or two."""
        self.end()
        self.title, self.level, self.line, self.commented = title.strip(" *_\t"), level, line, False
        self.text, self.code, self.start = [], [], line + lines

    def end(self) -> None:
        """Keep the section."""
        text, code = "\n".join(self.text), "\n".join(self.code)
        section = CardSection(self.title, self.level, self.line, text, code, self.commented, self.start)
        if self.title or not section.blank:
            self.done.append(section)


def sections_of(lines: list[str], first: int) -> list[CardSection]:
    """The sections of some lines, of which the first has the number `first`."""
    reading, fence = _Reading(line=first, start=first), ""
    shown = list(_without_comments(lines))
    for at, (line, commented) in enumerate(shown):
        reading.commented = reading.commented or commented
        mark = _FENCE.fullmatch(line)
        if fence:
            ends = mark and mark[1].startswith(fence) and not mark[2].strip()
            fence = "" if ends else fence
            reading.code.append("" if ends else line)
            reading.text.append("")
        elif mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
            reading.text.append("")
        else:
            _line(reading, line, first + at)
    reading.end()
    return reading.done


def _line(reading: _Reading, line: str, number: int) -> None:
    """Take one line that is neither code nor a comment: a heading, or text."""
    heading, html = _HEADING.match(line), _HTML_HEADING.fullmatch(line.strip())
    underlined = reading.text[-1] if reading.text and _UNDERLINE.fullmatch(line) else ""
    if heading:
        title = line[heading.end() :].strip().rstrip("#").strip()
        reading.begin(title, len(heading[1]), number) if title else reading.text.append("")
    elif html:
        reading.begin(re.sub(r"<[^>]{0,300}>", "", html[2]), int(html[1]), number)
    elif _NOT_SHOWN.match(line):
        reading.text.append("")
        reading.commented = True
    elif underlined.strip() and "|" not in underlined:
        reading.text.pop()
        reading.begin(underlined, 1 if "=" in line else 2, number - 1, 2)
    else:
        code = " ".join(found.group().strip("`") for found in _INLINE_CODE.finditer(line[:_LONG]))
        reading.code += [code] if code else []
        reading.text.append(_INLINE_CODE.sub(" ", line[:_LONG]) + line[_LONG:])


def _without_comments(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """Each line without what is in `<!-- -->`, and whether some was. Code keeps its comments."""
    inside, fence = False, ""
    for line in lines:
        mark = None if inside else _FENCE.fullmatch(line)
        if fence or mark:
            ends = mark and fence and mark[1].startswith(fence) and not mark[2].strip()
            fence = "" if ends else fence or (mark[1] if mark else "")
            yield line, False
            continue
        shown, commented, rest = "", inside, line
        while rest:
            mark_at = rest.find("-->" if inside else "<!--")
            commented = commented or inside or mark_at >= 0
            shown += "" if inside else rest[: mark_at if mark_at >= 0 else len(rest)]
            rest = rest[mark_at + (3 if inside else 4) :] if mark_at >= 0 else ""
            inside = not inside if mark_at >= 0 else inside
        yield shown, commented


def numbers_of(sections: list[CardSection]) -> tuple[StatedNumber, ...]:
    """The numbers in tables and lists."""
    found: list[StatedNumber] = []
    for section in sections:
        found += _of_html(section)
        lines = section.text.splitlines()
        at = 0
        while at < len(lines) and len(found) < _MOST_NUMBERS:
            here, below = section.start + at, lines[at + 1] if at + 1 < len(lines) else ""
            if "|" in lines[at] and _is_rule(below):
                body = _body(lines[at + 2 :])
                for row, cells in enumerate(body):
                    found += _of_row(_cells(lines[at]), cells, section.title, here + 2 + row)
                at += 2 + len(body)
                continue
            stated = _STATED.fullmatch(_TAG.sub("", lines[at][:_LONG]).strip())
            found += [StatedNumber(stated[1], stated[2].strip(), (section.title,), here)] if stated else []
            at += 1
    return tuple(found[:_MOST_NUMBERS])


def _of_html(section: CardSection) -> Iterator[StatedNumber]:
    """The numbers in tables of HTML, of which the first row is the head."""
    for table in _TABLE.finditer(section.text):
        starts = [row.start() for row in _ROW.finditer(table.group())]
        rows = [table.group()[at:until] for at, until in pairwise([*starts, len(table.group())])]
        cells = [[unescape(_TAG.sub(" ", each)).strip() for each in _CELL.split(row)[1:]] for row in rows]
        first = 1 if len(cells) > 1 else 0
        line, counted = section.start + section.text.count("\n", 0, table.start()), 0
        for at, row in zip(starts[first:], cells[first:], strict=True):
            line, counted = line + table.group().count("\n", counted, at), at
            yield from _of_row(cells[0], row, section.title, line)


def _is_rule(line: str) -> bool:
    """Whether a line divides the head of a table from its rows."""
    return "|" in line and all(_RULE.fullmatch(cell) for cell in _cells(line))


def _body(lines: list[str]) -> list[list[str]]:
    """The rows of a table: up to the first line without a bar."""
    rows: list[list[str]] = []
    for line in lines:
        if "|" not in line:
            break
        rows.append(_cells(line))
    return rows


def _cells(line: str) -> list[str]:
    stripped = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", stripped)]


def _of_row(header: list[str], row: list[str], title: str, line: int) -> Iterator[StatedNumber]:
    """Each cell twice: by the first cell of its row, and by the head of its column."""
    for at, cell in enumerate(row[1:], 1):
        if any(sign.isdecimal() for sign in cell):
            head = header[at] if at < len(header) else ""
            others = tuple(other for place, other in enumerate(row) if place != at and other)
            yield StatedNumber(row[0], cell, (head, *others[1:], title), line)
            yield StatedNumber(head, cell, (*others, title), line)
