"""YAML without guesses: a file becomes a tree whose scalars are texts as written, each with its line and column.

Whatever two readers could understand differently is a problem: repeated keys, anchors, aliases, merge keys, tags, a
second document, tabs, control characters. All problems of a file are collected.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

import yaml

from mlgate.values.errors import InputError, Location, Problem
from mlgate.values.words import agreeing

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 50_000
"""The most keys and values of one file: what is done with each of them takes time too."""
_REMEMBERED = 1 << 16
"""The most bytes of a file whose tree is kept, as a command may read a file several times."""
_NULLS = ("", "~", "null", "Null", "NULL")
_BREAKS = re.compile(r"\r\n|\r|\n")
_SHOWN = 20
"""The most mistakes of one kind that are listed one by one."""
_C_LOADER: Any = getattr(yaml, "CSafeLoader", None)
"""PyYAML's loader with a parser in C; None where PyYAML was built without it."""
_DIFFERING = re.compile("[\t?!%&]")
_INDENT_TAB = re.compile(r"(?m)^ *\t")
_LINE_LOOKALIKES = "\x85\u2028\u2029"
_MARKS = "\u061c\u200c-\u200f\ufe00-\ufe0f"
"""Characters without a look of their own that scripts and emoji need, beside characters that are not ASCII."""
_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\uffa0\ufff9-\ufffb]"
    f"|(?<![^\0-\x7f])[{_MARKS}\U000e0000-\U000e0fff]+(?![^\0-\x7f{_MARKS}\U000e0000-\U000e0fff])"
)
"""What nobody sees where a file is reviewed: characters without width, and those that turn the order of others."""


@dataclass(frozen=True)
class Scalar:
    """One word or text, exactly as written. Block texts (`|`, `>`) count as `quoted`."""

    text: str
    quoted: bool
    at: Location
    source: str = field(default="", compare=False, repr=False)
    """The characters of the file that it was read from, with quotes, escapes and line breaks."""

    @property
    def null(self) -> bool:
        """Whether the value is missing, or a plain `~` or `null`."""
        return not self.quoted and self.text in _NULLS

    def __str__(self) -> str:
        if self.null:
            return "nothing" if not self.text else f"`{self.text}`"
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        shown = " ".join(shown.split("\n"))
        return f'the quoted "{shown}"' if self.quoted else f"`{shown}`"


@dataclass(frozen=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    at: Location

    def __str__(self) -> str:
        return "a list"


@dataclass(frozen=True)
class Mapping:
    """Keys and their nodes in the order of the file. No key is repeated."""

    entries: tuple[tuple[Scalar, Node], ...]
    at: Location

    @cached_property
    def _by_key(self) -> dict[str, tuple[Scalar, Node]]:
        return {name.text: (name, node) for name, node in reversed(self.entries)}

    def get(self, key: str) -> Node | None:
        """The node under a key, or None."""
        return self._by_key[key][1] if key in self._by_key else None

    def key_at(self, key: str) -> Location:
        """The place of a key; the mapping's own place if it does not have the key."""
        return self._by_key[key][0].at if key in self._by_key else self.at

    def place_of(self, *path: str) -> Location:
        """The place of the key at a path of keys, or else the nearest place above it. Items of a list count from 0."""
        below, rest = self.get(path[0]) if path else None, path[1:]
        if isinstance(below, Sequence) and rest and rest[0].isdecimal() and int(rest[0]) < len(below.items):
            below, rest = below.items[int(rest[0])], rest[1:]
            if not rest or not isinstance(below, Mapping):
                return below.at
        if rest and isinstance(below, Mapping) and below.entries:
            return below.place_of(*rest)
        return self.key_at(path[0]) if path else self.at

    def __str__(self) -> str:
        return "a mapping"


Node = Scalar | Sequence | Mapping


def hidden_character(text: str) -> str:
    """The first invisible character of a text, such as U+0000; empty if it has none."""
    unseen = (c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp"))
    return next((f"U+{ord(c):04X}" for c in unseen), "")


def load(raw: bytes, file: str) -> Node:
    """Read the bytes of one file into a tree. Raises InputError with all problems."""
    problems: list[Problem] = []
    node = parse(raw, file, problems)
    if problems or node is None:
        raise InputError(problems)
    return node


def parse(raw: bytes, file: str, problems: list[Problem]) -> Node | None:
    """Read the bytes of one file into a tree, and add its mistakes to `problems`. None if there is no tree."""
    node, found = _remembered(raw, file) if len(raw) <= _REMEMBERED else _parsed(raw, file)
    problems.extend(found)
    return node


def _parsed(raw: bytes, file: str) -> tuple[Node | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    return _tree(raw, file, problems), tuple(problems)


_remembered = lru_cache(64)(_parsed)


def _tree(raw: bytes, file: str, problems: list[Problem]) -> Node | None:
    text = _decode(raw, file, problems)
    if text is None:
        return None
    found = list(_bad_characters(text, file))
    if found:
        problems.extend(found)
        return None
    clean = _clean(text, file)
    return _Builder(file, problems).build(text) if clean is None else clean


def _clean(text: str, file: str) -> Node | None:
    """The tree of a text without mistakes, by PyYAML's parser in C; None where the one in Python must decide.

    It takes a twentieth of the time. The two differ in tabs, in `?`, in tags, in messages, and in the place of a value
    that is empty.
    """
    if _C_LOADER is None or _DIFFERING.search(text):
        return None
    problems: list[Problem] = []
    builder = _Builder(file, problems)
    found = builder.build(text, _C_LOADER)
    return None if problems or builder.empty else found


def _decode(raw: bytes, file: str, problems: list[Problem]) -> str | None:
    if len(raw) > MAX_BYTES:
        problems.append(Problem(Location(file), f"the file has more than {MAX_BYTES} bytes; split it"))
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.append(Problem(Location(file), "the file is UTF-16, not UTF-8; save the file as UTF-8"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace").removeprefix("\ufeff")
        message = f"the file is not UTF-8 (byte 0x{raw[error.start]:02X}); save the file as UTF-8"
        problems.append(Problem(_Lines(file, before).place(len(before)), message))
        return None


class _Lines:
    """Where the lines of a text start."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._starts = [0, *(found.end() for found in _BREAKS.finditer(text))]

    def place(self, index: int) -> Location:
        """The line and column of a character."""
        line = bisect_right(self._starts, index)
        return Location(self._file, line, index - self._starts[line - 1] + 1)


def _bad_characters(text: str, file: str) -> Iterator[Problem]:
    lines = _Lines(file, text)
    for found in (_hidden(text, lines), _unseen(text, lines), _tabs(text, lines)):
        yield from islice(found, _SHOWN)
        if more := sum(1 for _ in found):
            yield Problem(Location(file), f"the file has {more:,} more such {agreeing(more, 'characters')}; remove all")


def _hidden(text: str, lines: _Lines) -> Iterator[Problem]:
    for match in re.finditer(r"[^\n\r\t -~\xa0-\u2027\u202a-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", text):
        character = match.group()
        kind = "a NUL character" if character == "\0" else f"the character U+{ord(character):04X}"
        remedy = "write a plain line break" if character in _LINE_LOOKALIKES else "remove it"
        yield Problem(lines.place(match.start()), f"{kind} is not allowed here; {remedy}")


def _unseen(text: str, lines: _Lines) -> Iterator[Problem]:
    for match in _UNSEEN.finditer(text):
        character, escape = match.group()[0], escaped(match.group()[0])
        said = f"the character U+{ord(character):04X} cannot be seen; remove it, or write {escape} in double quotes"
        yield Problem(lines.place(match.start()), said)


def escaped(text: str) -> str:
    """The text of a file with escapes for what nobody sees, which must stand in double quotes there."""
    return _UNSEEN.sub(lambda found: "".join(map(_escape, found.group())), text)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number < 1 << 16 else f"\\U{number:08x}"


def _tabs(text: str, lines: _Lines) -> Iterator[Problem]:
    for match in _INDENT_TAB.finditer(text):
        yield Problem(lines.place(match.end() - 1), "a tab in the indentation; indent with spaces")


@dataclass
class _Open:
    """A list or mapping that is still being read. `key` waits for its value; `keys` is None for a list."""

    at: Location
    keys: dict[str, Scalar] | None
    nodes: list[Node] = field(default_factory=list)
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)
    key: Scalar | None = None
    repeated: bool = False


class _TooLargeError(Exception):
    """The file is nested too deeply, or has too many keys and values, to be read."""


class _Builder:
    """Turns PyYAML's events into nodes without recursion, and collects problems."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._documents = 0
        self._nodes = 0
        self._text = ""
        self.empty = False
        """Whether a value is empty."""

    def build(self, text: str, loader: Any = yaml.SafeLoader) -> Node | None:
        self._text = text
        try:
            for event in yaml.parse(text, Loader=loader):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
            return None
        except (yaml.YAMLError, ValueError, OverflowError):
            # PyYAML does not catch errors of chr() and int() for escapes and directives that are out of range.
            self._say(Location(self._file), "not readable as YAML: an escape or number is out of range")
            return None
        except _TooLargeError:
            return None
        if self._documents == 0:
            self._say(Location(self._file), "the file is empty")
        return self._root

    def _say(self, at: Location, message: str) -> None:
        self._problems.append(Problem(at, message))

    def _at(self, mark: Any) -> Location:
        return Location(self._file, mark.line + 1, mark.column + 1)

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        said = ", ".join(filter(None, (error.context, error.problem)))
        mark = error.problem_mark or error.context_mark
        at = self._at(mark) if mark else Location(self._file)
        flow = mark is not None and mark.index > 0 and self._text[mark.index - 1 : mark.index + 1] == "${"
        remedy = '; between brackets or braces write a variable in quotes: "${name}"' if flow else _remedy(said)
        self._say(at, f"not readable as YAML: {said}{remedy}")

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._document(event)
        elif isinstance(event, yaml.AliasEvent):
            at = self._counted(event)
            self._say(at, f"an alias (*{event.anchor}) is not allowed; write the value out")
            self._put(Scalar("", True, at))
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._close()

    def _document(self, event: Any) -> None:
        self._documents += 1
        at = self._at(event.start_mark)
        if self._documents == 2:
            self._say(at, "the file has a second document; put it into its own file")
        if event.version or event.tags:
            self._say(at, "a YAML directive (%) is not allowed; remove it")

    def _counted(self, event: Any) -> Location:
        """The place of a node. Every node passes through here once."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._say(Location(self._file), f"the file has more than {MAX_NODES:,} keys and values; shorten it")
            raise _TooLargeError
        return self._at(event.start_mark)

    def _plain(self, event: Any) -> Location:
        """The place of a node that is not an alias; report an anchor and a tag."""
        at = self._counted(event)
        if event.anchor is not None:
            self._say(at, f"an anchor (&{event.anchor}) is not allowed; write the value out where it is needed")
        if event.tag is not None:
            self._say(at, f"a tag ({event.tag}) is not allowed; remove it")
        return at

    def _scalar(self, event: Any) -> None:
        at = self._plain(event)
        # A file with only comments has no event; a file with only `---` has this empty one.
        if not event.style and not event.value:
            self.empty = True
            if not self._stack:
                self._say(at, "the file is empty")
        if hidden := hidden_character(event.value):
            self._say(at, f"the escaped character {hidden} is not allowed in a text; remove it")
        source = self._text[event.start_mark.index : event.end_mark.index]
        self._put(Scalar(event.value, bool(event.style), at, source))

    def _open(self, event: Any) -> None:
        at = self._plain(event)
        if len(self._stack) >= MAX_DEPTH:
            self._say(at, f"the file is nested deeper than {MAX_DEPTH} levels; simplify it")
            raise _TooLargeError
        self._stack.append(_Open(at, {} if isinstance(event, yaml.MappingStartEvent) else None))

    def _close(self) -> None:
        done = self._stack.pop()
        if done.keys is None:
            self._put(Sequence(tuple(done.nodes), done.at))
        else:
            self._put(Mapping(tuple(done.entries), done.at))

    def _put(self, node: Node) -> None:
        if not self._stack:
            self._root = self._root or node
            return
        top = self._stack[-1]
        if top.keys is None:
            top.nodes.append(node)
        elif top.key is None:
            self._key(top, top.keys, node)
        else:
            if not top.repeated:
                top.entries.append((top.key, node))
            top.key = None

    def _key(self, top: _Open, keys: dict[str, Scalar], node: Node) -> None:
        top.repeated = False
        if not isinstance(node, Scalar):
            self._say(node.at, f"{node} cannot be a key; keys are plain words")
            top.key, top.repeated = Scalar("", True, node.at), True
            return
        if node.text == "<<" and not node.quoted:
            self._say(node.at, "a merge key (<<) is not allowed; write the keys out")
            top.repeated = True
        elif node.null:
            self._say(node.at, "a key is empty; write its name, in quotes if this text is meant")
            top.repeated = True
        elif node.text in keys:
            first = keys[node.text].at
            lines = f"at line {first.line} and again at line {node.at.line}"
            self._say(node.at, f"key `{node.text}` is repeated, {lines}; keep one")
            top.repeated = True
        else:
            keys[node.text] = node
        top.key = node


def _remedy(said: str) -> str:
    if "'\\t'" in said:
        return "; use spaces instead of the tab"
    if "mapping values are not allowed" in said:
        return '; check the indentation, and quote a text that holds ": "'
    if "cannot start any token" in said:
        return "; put the text in quotes"
    return ""
