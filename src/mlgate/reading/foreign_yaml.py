"""YAML of other tools: a tree with lines and columns, in which anchors, merge keys and tags are allowed.

What mlgate decides by is read by `strict_yaml`, which refuses all of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from mlgate.reading.strict_yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, Mapping, Node, Scalar, Sequence
from mlgate.values.errors import InputError, Location, Problem

MERGE = "<<"


def load_foreign(raw: bytes, file: str) -> tuple[Node, ...]:
    """The documents of a file. Raises InputError for what is not YAML, is too large, or contains itself."""
    if len(raw) > MAX_BYTES:
        raise _unreadable(file, 1, f"it has more than {MAX_BYTES:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
        return tuple(_Tree(file, text).node(each, 0) for each in yaml.compose_all(text, yaml.SafeLoader) if each)
    except UnicodeDecodeError as error:
        raise _unreadable(file, 1, "it is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _unreadable(file, mark.line + 1 if mark else 1, str(error.problem or error.context)) from error
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise _unreadable(file, 1, "it is not YAML") from error


def _unreadable(file: str, line: int, why: str) -> InputError:
    return InputError([Problem(Location(file, line), f"this file cannot be read as YAML: {why}; correct it")])


class _Tree:
    """Turns PyYAML's nodes into ours. Each is turned once, however many aliases name it."""

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text = file, text
        self._done: dict[int, Node] = {}
        self._open: set[int] = set()

    def node(self, given: Any, depth: int) -> Node:
        at = Location(self._file, given.start_mark.line + 1, given.start_mark.column + 1)
        known = self._done.get(id(given))
        if known is not None:
            return known
        if id(given) in self._open or depth > MAX_DEPTH or len(self._done) > MAX_NODES:
            raise _unreadable(self._file, at.line, "it contains itself, or is too large")
        self._open.add(id(given))
        found: Node
        if isinstance(given, yaml.ScalarNode):
            source = self._text[given.start_mark.index : given.end_mark.index]
            found = Scalar(given.value, bool(given.style), at, source)
        elif isinstance(given, yaml.SequenceNode):
            found = Sequence(tuple(self.node(each, depth + 1) for each in given.value), at)
        else:
            found = Mapping(tuple(self._entries(given, depth)), at)
        self._open.discard(id(given))
        self._done[id(given)] = found
        return found

    def _entries(self, given: Any, depth: int) -> Iterator[tuple[Scalar, Node]]:
        """The own keys of a mapping, then those that it merges and does not have."""
        own: set[str] = set()
        merged: list[Mapping] = []
        for key, value in given.value:
            name, below = self.node(key, depth + 1), self.node(value, depth + 1)
            if not isinstance(name, Scalar):
                raise _unreadable(self._file, name.at.line, "a key is a list or a mapping")
            if name.text == MERGE and not name.quoted:
                several = below.items if isinstance(below, Sequence) else (below,)
                merged += [each for each in several if isinstance(each, Mapping)]
                continue
            if name.text in own:
                raise _unreadable(self._file, name.at.line, f"the key `{name.text[:60]}` is repeated")
            own.add(name.text)
            yield name, below
        for each in merged:
            for name, below in each.entries:
                if name.text not in own:
                    own.add(name.text)
                    yield name, below
