"""Adds stubs of waivers to the text of a `waivers.yaml`, at its end, and leaves all else as it is."""

from __future__ import annotations

from collections.abc import Sequence

from mlgate.authoring.waiver_stub import TO_WRITE, entry_text
from mlgate.reading.strict_yaml import Mapping, parse
from mlgate.reading.strict_yaml import Sequence as ListNode
from mlgate.values.errors import InputError, Problem

_HEAD = f"mlgate: 1\nowner: {TO_WRITE}  # who is responsible for this file\nwaivers:\n"
_INDENT = 2


def new_file(entries: Sequence[Sequence[str]]) -> str:
    """A file with some stubs. Its owner is to be written."""
    return _HEAD + "".join(entry_text(entry) for entry in entries)


def stubs_at_end(raw: bytes, entries: Sequence[Sequence[str]], name: str) -> bytes:
    """What is to be written at the end of a file to add some stubs. `name` is what messages call the file.

    Raises InputError where its waivers are not a list with a line per entry at the end of the file.
    """
    problems: list[Problem] = []
    node = parse(raw, name, problems)
    if problems or not isinstance(node, Mapping):
        raise InputError(problems or f"{name} is not a mapping with the keys mlgate, owner, waivers; correct it")
    listed = node.get("waivers")
    last = bool(node.entries) and node.entries[-1][0].text == "waivers"
    if listed is None:
        text, indent = "waivers:\n", _INDENT
    elif isinstance(listed, ListNode) and listed.items and last and _is_open(raw, listed):
        text, indent = "", listed.items[0].at.column - 1 - _INDENT
    else:
        said = f"`waivers` of {name} is not a list with a line per entry at the end of the file"
        raise InputError(f"{said}; print the stub without --into, and write it there")
    text += "".join(entry_text(entry, indent) for entry in entries)
    end = b"\r\n" if b"\r\n" in raw else b"\n"
    between = b"" if raw.endswith(b"\n") else end
    added = between + text.encode().replace(b"\n", end)
    _require_added(raw + added, len(listed.items) if isinstance(listed, ListNode) else 0, len(entries), name)
    return added


def _is_open(raw: bytes, listed: ListNode) -> bool:
    """Whether each entry begins with a dash, so that another can follow."""
    lines = raw.decode("utf-8", "replace").splitlines()
    return all(lines[item.at.line - 1][: item.at.column - 1].strip() == "-" for item in listed.items)


def _require_added(made: bytes, before: int, added: int, name: str) -> None:
    node = parse(made, name, [])
    listed = node.get("waivers") if isinstance(node, Mapping) else None
    if not isinstance(listed, ListNode) or len(listed.items) != before + added:
        raise InputError(f"{name} has no end at which an entry can be added; print the stub without --into")
