"""A candidate from Python arguments. They become the tree that a file would give, and are validated in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlgate.candidate.from_source import Sourcing, as_written
from mlgate.candidate.presented import Candidate
from mlgate.candidate.read import Records, read_candidate
from mlgate.candidate.roles import ROLES
from mlgate.candidate.tasks import BY_NAME
from mlgate.evidence.sources import FRAME_WORDS
from mlgate.reading import locate
from mlgate.reading.fields import FORMAT_VERSION, keys
from mlgate.reading.python_values import Argument, tree
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.errors import InputError, Problem
from mlgate.values.words import did_you_mean

NAME = "notebook"
"""The name of a candidate without a `name` argument."""
_HISTORIES = tuple(name for task in BY_NAME.values() for name in task.labelled)
"""Tables whose columns may be left out if they have the same names as in the predictions."""
_OWN = ("mlgate", "candidate")
"""Keys of the file that are not arguments: the format version, and `candidate`, which is `name=`."""


def argument_names() -> tuple[str, ...]:
    """All arguments that describe a candidate: the keys of its file, and the keys of its predictions."""
    own = (key for key in keys(Candidate) if key not in _OWN)
    return tuple(dict.fromkeys(("predictions", "name", *own, *ROLES, *_HISTORIES)))


def from_arguments(
    given: Mapping[str, Any],
    *,
    cwd: Path,
    workspace: Path,
    declared: Records = tuple,
    sourcing: Sourcing = as_written,
) -> Candidate:
    """The candidate from some arguments. Raises InputError with all mistakes, each with its argument.

    `sourcing` completes it by what its source says, and may raise EvidenceError and MachineError.
    """
    known = argument_names()
    if not set(given) <= {*known}:
        known += tuple(key for record in declared() for key in keys(record))
    strangers = [name for name in given if name not in known]
    if strangers:
        hints = ((name, did_you_mean(name, known)) for name in strangers)
        raise InputError([Problem(None, f"unknown argument `{name}`{hint or '; remove it'}") for name, hint in hints])
    if twice := [name for name in _HISTORIES if name in given and name in _tables_of(given)]:
        raise InputError([Problem(Argument(f"{name}="), f"`{name}` is also in `tables`; keep one") for name in twice])
    try:
        return read_candidate(
            sourcing(MappingNode(tuple(_entries(given)), Argument("mlgate.check")), cwd),
            declared,
            lambda file: replace(file, path=locate.shown(cwd / file.path, workspace), root=workspace),
        )
    except InputError as error:
        raise InputError([_in_words(problem) for problem in error.problems]) from None


def _in_words(problem: Problem) -> Problem:
    """A problem in the caller's words: keys of the predictions are called by their arguments."""
    said = problem.message.replace("`predictions.", "`").replace("`candidate` must", "`name` must")
    if problem.at == Argument("predictions="):
        missing = "missing key `path` in `predictions`; it must be a text"
        said = said.replace(missing, f"`predictions` is missing; give the path of a file, or {FRAME_WORDS}")
        said = said.replace("`path` must", "`predictions` must")
    said = re.sub(r"`(\w+): COLUMN`", r"`\1=COLUMN`", said)
    return replace(problem, message=re.sub(r'\b(\w+): (?="[^"]*"$)', r"\1=", said))


def _entries(given: Mapping[str, Any]) -> Iterator[tuple[Scalar, Node]]:
    """The file's keys for the arguments."""
    roles = {name: value for name, value in given.items() if name in ROLES}
    tables = _tables_of(given) | {name: _history(given[name], roles) for name in _HISTORIES if name in given}
    yield _key("mlgate"), Scalar(str(FORMAT_VERSION), False, Argument("mlgate="))
    yield _key("candidate", "name"), tree(given.get("name", NAME), Argument("name="))
    if "predictions" in given or roles:
        at = Argument("predictions=")
        path = ((_key("path", "predictions"), tree(given["predictions"], at)),) if "predictions" in given else ()
        entries = ((_key(name), tree(value, Argument(f"{name}="))) for name, value in roles.items())
        yield _key("predictions"), MappingNode((*path, *entries), at)
    if not isinstance(given.get("tables", {}), Mapping):
        yield _key("tables"), tree(given["tables"], Argument("tables="))
    elif tables or "tables" in given:
        named = {name: _table(value) for name, value in tables.items()}
        yield _key("tables"), tree(named, Argument("tables="))
    for name, value in given.items():
        if name not in ("name", "predictions", "tables", *ROLES, *_HISTORIES):
            yield _key(name), tree(_SHORT.get(name, _same)(value), Argument(f"{name}="))


def _tables_of(given: Mapping[str, Any]) -> dict[str, Any]:
    tables = given.get("tables")
    return dict(tables) if isinstance(tables, Mapping) else {}


def _key(name: str, argument: str = "") -> Scalar:
    return Scalar(name, True, Argument(f"{argument or name}="))


def _same(value: Any) -> Any:
    return value


def _table(value: Any) -> Any:
    """A frame or path alone means a table without further keys."""
    return value if isinstance(value, Mapping) else {"path": value}


def _unit(value: Any) -> Any:
    return value if isinstance(value, Mapping) else {"column": value}


def _history(value: Any, roles: Mapping[str, Any]) -> Any:
    """A history alone has the same column names for series, time and label as the predictions."""
    if isinstance(value, Mapping):
        return value
    series = roles.get("series", ())
    several = isinstance(series, Iterable) and not isinstance(series, str)
    columns = [*(series if several else (series,)), roles.get("time")]
    found = {"path": value, "key": [column for column in columns if column is not None], "label": roles.get("label")}
    return {key: entry for key, entry in found.items() if key == "path" or (entry is not None and entry != [])}


_SHORT = {"unit": _unit, "model": _table}
"""Arguments with a shorter form than in a file."""
