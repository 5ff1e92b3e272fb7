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
class Held(Mapping):
    """A value that is not a text, list or mapping: a frame in place of a table's file, and a mistake elsewhere."""

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
        return str(self.value) if self.plain or self.value is None else f"a {type(self.value).__name__}"


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
    if getattr(value, "ndim", None) == 1 and hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(tree(each, at) for each in value), at)
    number = isinstance(value, (int, float)) or getattr(value, "ndim", None) == 0
    return Held((), at, value, bool(number and value == value))


def _text(value: str, at: Argument) -> Scalar:
    if hidden := hidden_character(value):
        raise InputError([Problem(at, f"the character {hidden} is not allowed in a text; remove it")])
    return Scalar(str.__str__(value), True, at)


def _key(key: Any, at: Argument) -> Scalar:
    if not isinstance(key, str):
        said = f"the name {key!r} must be a text"
        raise InputError([Problem(at, f'{said}; write "{key}" in quotes' if isinstance(key, (int, float)) else said)])
    return _text(key, at.inside(key))
