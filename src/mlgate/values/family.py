"""The members of a family (checks, metrics, reports, readers of lineage) by name: built-in, and those of plugins.

A plugin is a distribution with an entry point in the family's group. It is loaded when its name is looked up, so it
runs only if a policy, a command line or a candidate's `lineage` names it. Using a name that several members have is an
error.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mlgate.values.errors import MachineError
from mlgate.values.faults import CRASHES
from mlgate.values.plugins import GROUPS, installed

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


class Family(Mapping[str, T]):
    """A family's members by name. Looking one up raises MachineError if its plugin is broken or there are several."""

    def __init__(self, noun: str, shipped: Mapping[str, T], accept: Callable[[str, Any], T]) -> None:
        """`accept(name, object)` turns a plugin's object into a member, or raises ValueError with the reason."""
        self.shipped = shipped
        self._noun, self._group, self._accept = noun, GROUPS[noun], accept

    def __getitem__(self, name: str) -> T:
        points = [point for point in installed(self._group) if point.name == name]
        origins = [*(["mlgate"] if name in self.shipped else []), *map(_origin, points)]
        if len(origins) > 1:
            raise MachineError(
                f"several {self._noun}s are called `{name}`: {', '.join(origins)}; uninstall all but one"
            )
        return self._loaded(points[0]) if points else self.shipped[name]

    def _loaded(self, point: EntryPoint) -> T:
        what = f"the {self._noun} plugin `{point.name}` of {_origin(point)}"
        try:
            found = point.load()
        except CRASHES as broken:
            raise MachineError(f"{what} cannot be loaded: {type(broken).__name__}: {broken}") from broken
        try:
            return self._accept(point.name, found)
        except ValueError as strange:
            raise MachineError(f"{what} cannot be used: {strange}") from strange
        except CRASHES as strange:
            raise MachineError(f"{what} cannot be used: {type(strange).__name__}: {strange}") from strange

    def __contains__(self, name: object) -> bool:
        return name in self.shipped or any(name == plugin for plugin in self.plugins())

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self.shipped, *sorted(self.plugins()))))

    def __len__(self) -> int:
        return len({*self.shipped, *self.plugins()})

    def plugins(self) -> Mapping[str, str]:
        """The distribution of each plugin, by the plugin's name. None is loaded."""
        return {point.name: point.dist.name if point.dist else "" for point in installed(self._group)}


class FilesBelow(Mapping[str, T], Generic[T]):
    """The members in the files below a package. A file is imported when a member that it may hold is looked up.

    `fairness.ratio` is in the folder `fairness`: in `ratio.py`, or with others in a file of another name.
    """

    def __init__(self, package: str, members: Callable[[ModuleType], Mapping[str, T]]) -> None:
        """`members(module)` gives the members of a file by name."""
        self._package, self._members = package, members
        self._known: dict[str, Mapping[str, T]] = {}

    def __getitem__(self, name: str) -> T:
        beside = _by_folder(self._package).get(_folder(name), ())
        for file in sorted(beside, key=lambda file: file != name):
            members = self._in(file)
            if name in members:
                return members[name]
        raise KeyError(name)

    def _in(self, file: str) -> Mapping[str, T]:
        if file not in self._known:
            members = self._members(importlib.import_module(f"{self._package}.{file}"))
            self._known[file] = {name: member for name, member in members.items() if _folder(name) == _folder(file)}
        return self._known[file]

    def __iter__(self) -> Iterator[str]:
        return (name for file in _files(self._package) for name in self._in(file))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def _files(package: str) -> tuple[str, ...]:
    """The dotted names of the modules below a package, relative to it."""
    found: list[str] = []
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        inside = _files(f"{package}.{entry.name}") if entry.ispkg else ()
        found += [f"{entry.name}.{name}" for name in inside] if entry.ispkg else [entry.name]
    return tuple(found)


@cache
def _by_folder(package: str) -> Mapping[str, tuple[str, ...]]:
    """The modules below a package by the folders that they are in."""
    found: dict[str, tuple[str, ...]] = {}
    for file in _files(package):
        found[_folder(file)] = (*found.get(_folder(file), ()), file)
    return found


def _folder(name: str) -> str:
    return name.rpartition(".")[0]


def _origin(point: EntryPoint) -> str:
    return f"{point.dist.name if point.dist else 'an unnamed distribution'} ({point.value})"
