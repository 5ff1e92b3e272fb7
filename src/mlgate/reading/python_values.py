"""Python values as the tree that a file would give, so that arguments are read by the same declarations as keys."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.errors import Location


@dataclass(frozen=True, order=True)
class Argument(Location):
    """The place of a value in a call: `label=`, `tables["train"]`."""

    def __str__(self) -> str:
        return self.file

    def inside(self, key: str) -> Argument:
        """The place of an entry of the argument's mapping."""
        return Argument(f'{self.file.removesuffix("=")}["{key}"]')


@dataclass(frozen=True)
class Held(Mapping):
    """A value that is no text, list or mapping: a frame where a table may stand, and a mistake everywhere else."""

    value: Any = None
    plain: bool = False
    """Whether it is a number, a truth value or the like, which no key takes."""

    def __str__(self) -> str:
        return f'{self.value!r}; write "{self.value}" in quotes' if self.plain else f"a {type(self.value).__name__}"


def tree(value: Any, at: Argument) -> Node:
    """A value as nodes. Texts and paths are scalars as they stand; numbers are not turned into texts."""
    if isinstance(value, str):
        return Scalar(value, True, at)
    if isinstance(value, PathLike):
        return Scalar(fspath(value), True, at)
    if isinstance(value, Pairs):
        return Mapping(tuple((_key(key, at), tree(below, at.inside(str(key)))) for key, below in value.items()), at)
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(tree(each, at) for each in value), at)
    return Held((), at, value, isinstance(value, (int, float, bytes)))


def _key(key: Any, at: Argument) -> Scalar:
    return Scalar(str(key), True, at.inside(str(key)))
