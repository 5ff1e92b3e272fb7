"""Turns Python values into the tree that a file would give, so that arguments and keys share their declarations."""

from __future__ import annotations

import re
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence, hidden_character
from mlgate.values.errors import InputError, Location, Problem


@dataclass(frozen=True, order=True)
class Argument(Location):
    """The place of a value in a call: `label=`, `tables["train"]`."""

    def __str__(self) -> str:
        return self.file

    def before(self, message: str) -> str:
        """A message that begins with this argument, which it may name itself: `positive` must be a text."""
        name = re.sub(r'\["([^"]*)"\]', r".\1", self.file.removesuffix("="))
        return message if message.startswith(f"`{name}`") else super().before(message)

    def inside(self, key: str) -> Argument:
        """The place of an entry of the argument's mapping."""
        return Argument(f'{self.file.removesuffix("=")}["{key}"]')


@dataclass(frozen=True)
class Listing(Sequence):
    """The entries of a list, or of a series or array."""

    kind: str
    """What it is, in words: "a pandas.Series"."""
    named: str = ""
    """The name of the column that a series is."""

    @property
    def remedy(self) -> str:
        """What to write instead, as the end of a message; empty if nothing can be suggested."""
        return f'; write "{self.named}" if the column of that name is meant' if self.named else ""

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Held(Mapping):
    """A value that is not a text, list or mapping: a frame instead of a table's file, and a mistake elsewhere."""

    value: Any = None
    plain: bool = False
    """Whether it is a number, true, false or the like, which no key takes."""

    @property
    def remedy(self) -> str:
        """What to write instead, as the end of a message; empty if nothing can be suggested.

        A True of a frame is the text `true`.
        """
        return f'; write "{str(self.value).lower()}" in quotes' if self.plain else ""

    def __str__(self) -> str:
        return str(self.value) if self.plain or self.value is None else kind_of_value(self.value)


def tree(value: Any, at: Argument) -> Node:
    """A value as nodes. Texts and paths become scalars unchanged; numbers do not become texts.

    A one-dimensional array or series of numpy or pandas becomes a list. Raises InputError for a text that a file cannot
    hold, and for a name that is not a text.
    """
    if isinstance(value, PathLike):
        value = fspath(value)
    if isinstance(value, str):
        return _text(value, at)
    if isinstance(value, Pairs):
        return Mapping(tuple((_key(key, at), tree(below, at.inside(str(key)))) for key, below in value.items()), at)
    array = getattr(value, "ndim", None) == 1 and hasattr(value, "tolist")
    if array or isinstance(value, (list, tuple)):
        items = tuple(tree(each, at) for each in (value.tolist() if array else value))
        named = getattr(value, "name", None)
        return Listing(items, at, kind_of_value(value), named if isinstance(named, str) else "")
    number = isinstance(value, (int, float)) or getattr(value, "ndim", None) == 0
    return Held((), at, value, bool(number and value == value))


def kind_of_value(value: object) -> str:
    """The kind of a Python value, in words: "a list", "a pandas.Series"."""
    kind = type(value)
    library = kind.__module__.partition(".")[0]
    return f"a {kind.__name__}" if library == "builtins" else f"a {library}.{kind.__name__}"


def _text(value: str, at: Argument) -> Scalar:
    if hidden := hidden_character(value):
        raise InputError([Problem(at, f"the character {hidden} is not allowed in a text; remove it")])
    return Scalar(str.__str__(value), True, at)


def _key(key: Any, at: Argument) -> Scalar:
    if not isinstance(key, str):
        said = f"the name {key!r} must be a text"
        raise InputError([Problem(at, f'{said}; write "{key}" in quotes' if isinstance(key, (int, float)) else said)])
    return _text(key, at.inside(key))
