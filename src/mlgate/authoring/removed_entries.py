"""Removes entries from a list of a YAML file, and leaves every other byte as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mlgate.reading.strict_yaml import Node, Scalar, parse
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import Location

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LAST_KEY = re.compile(r"(?P<key> *[A-Za-z_][\w-]*:)(?P<rest>[ \t]*(?:#.*)?(?:\r\n|\r|\n)?)")


def without_entries(text: str, places: Iterable[Location]) -> tuple[str, tuple[Location, ...]]:
    """The text without the entries of lists that begin at some places, and the places of those that were removed.

    An entry has lines of its own, from its dash on. One that has not, such as one in brackets, stays; so does one whose
    removal would change anything else that the file says.
    """
    removed = list[Location]()
    for at in sorted(places, key=lambda each: each.line, reverse=True):
        shorter = _without(text, at)
        if shorter is not None and _same_but_for(text, shorter, at):
            text = shorter
            removed.append(at)
    return text, tuple(reversed(removed))


def _without(text: str, at: Location) -> str | None:
    """The text without one entry; None where the entry has no lines of its own."""
    lines = _LINE.findall(text)
    first = at.line - 1
    dash = re.fullmatch(r"( *)- +", lines[first][: at.column - 1]) if first < len(lines) else None
    if dash is None:
        return None
    indent = len(dash.group(1))
    last = first + 1
    for number in range(first + 1, len(lines)):
        if not lines[number].strip():
            continue
        if _indent(lines[number]) <= indent:
            break
        last = number + 1
    before, after = lines[:first], lines[last:]
    return "".join([*_emptied(before, after, indent), *after])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _emptied(before: Sequence[str], after: Sequence[str], indent: int) -> list[str]:
    """The lines before an entry; the key of a list that has lost its last entry gets an empty list."""
    following = next((line for line in after if _says(line)), "")
    at = next((number for number in reversed(range(len(before))) if _says(before[number])), -1)
    key = _LAST_KEY.fullmatch(before[at]) if at >= 0 else None
    if key is None or re.match(rf" {{{indent}}}- ", following):
        return [*before]
    return [*before[:at], f"{key['key']} []{key['rest']}", *before[at + 1 :]]


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _same_but_for(text: str, shorter: str, at: Location) -> bool:
    """Whether a shorter text says all that a text says, but for the entry at a place."""
    trees = [parse(each.encode(), at.file, []) for each in (text, shorter)]
    return None not in trees and _plain(trees[0], at) == _plain(trees[1], None)


def _plain(node: Node | None, leaving_out: Location | None) -> object:
    """What a tree says, without an entry of a list."""
    if node is None or isinstance(node, Scalar):
        return (node.text, node.quoted) if node else None
    if isinstance(node, ListNode):
        kept = (item for item in node.items if leaving_out is None or item.at != leaving_out)
        return [_plain(item, leaving_out) for item in kept]
    return {name.text: _plain(value, leaving_out) for name, value in node.entries}
