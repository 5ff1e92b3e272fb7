"""The keys of `expects:`: those of a candidate file, each optional, so that a policy can fix whatever one can say.

They are made from the records that read the candidate file, built-in ones and those that checks declare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, make_dataclass, replace
from functools import cache
from typing import Any, cast

from mlgate.candidate.named_files import FilePath, TablePath
from mlgate.candidate.presented import Candidate, ModelFile, TableSpec, Unit
from mlgate.candidate.roles import EVALUATION, ChampionSpec, Predictions
from mlgate.candidate.tasks import BY_NAME
from mlgate.policy.demanded import NOTHING, FixedDigests, FixedPath
from mlgate.reading.fields import (
    Either,
    Identifier,
    ListOf,
    MapOf,
    Missing,
    OneOrMany,
    Param,
    ProblemReport,
    Record,
    Sha256,
    Spec,
    Text,
    param,
    params,
)
from mlgate.reading.python_values import Held
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.errors import MachineError
from mlgate.values.plain import Schema

TABLES = (EVALUATION, *(name for task in BY_NAME.values() for name in task.labelled))
"""The tables with a label. A policy fixes their keys under their own names, and those of all others under `tables`."""
_OPEN = ("mlgate", "version", "champions", "tables")
"""Keys that are not taken over as they are: champions and tables follow by their names."""
UNREAD = "unread_parts"
"""The key, beside the path of a table, of files in its folder that are not read. A candidate file has no such key."""
_UNREAD_DOC = (
    "Where `path` is a folder or glob: its files of the table's format that are not read, because their names begin "
    "with `.` or `_`, as paths from the folder. With `none`, there must not be any."
)
DIGESTS = "sha256"
"""The key of the digests of files."""
_DIGESTS_DOC = (
    "The SHA-256 of files, by their roles among the inputs of the JSON verdict: `evaluation`, `model`, `champion`. Of "
    "several digests, the file must have one."
)
_PATH_DOC = "The file, as the candidate file must name it; with `/` first, from the workspace's top."
_DOCS: dict[type[Any], str] = {
    ModelFile: "Required values for the candidate's `model`.",
    Predictions: "Required values for the candidate's `predictions`.",
    TableSpec: "Required values for a table of the candidate.",
    Unit: "Required values for the candidate's `unit`.",
    ChampionSpec: "Required values for a `champion` of the candidate.",
}


@dataclass(frozen=True)
class OrNone:
    """A key's value, or the word `none`, which requires that the candidate leaves the key out."""

    of: Spec[Any]

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return self.of.noun

    def read(self, node: Node, report: ProblemReport) -> Any:
        """The value, NOTHING, or MISSING."""
        if isinstance(node, Scalar) and not isinstance(node, Held) and node.text == str(NOTHING):
            return NOTHING
        return self.of.read(node, report)

    def schema(self) -> Schema:
        """The value's schema, or the word."""
        schema = self.of.schema()
        kinds = schema.get("type", ())
        if "string" in kinds and "pattern" not in schema:
            return schema
        return {"anyOf": [schema, {"const": str(NOTHING)}]}


@dataclass(frozen=True)
class ExpectedPath(Text):
    """The path of a file, as the candidate file must name it."""

    def read(self, node: Node, report: ProblemReport) -> FixedPath | Missing:
        """The path, or MISSING."""
        found = super().read(node, report)
        return found if isinstance(found, Missing) else FixedPath(found)


@dataclass(frozen=True)
class ExpectedDigests(OneOrMany[str]):
    """One digest, or several."""

    def read(self, node: Node, report: ProblemReport) -> FixedDigests | Missing:
        """The digests, or MISSING."""
        found = super().read(node, report)
        return found if isinstance(found, Missing) else FixedDigests(found)


@cache
def expecting(record: Any) -> type[Any]:
    """A record with the same keys, all optional, each with a value that the candidate must have or `none`."""
    name, doc = f"Expected{record.__name__}", _DOCS.get(record, record.__doc__ or "")
    return make_dataclass(name, _fields(record), frozen=True, kw_only=True, namespace={"__doc__": doc})


def _fields(record: type[Any]) -> list[tuple[str, Any, Any]]:
    found = [_optional(entry) for entry in params(record) if record is not Candidate or entry.key not in _OPEN]
    if any(isinstance(entry.spec, TablePath) for entry in params(record)):
        found.append((UNREAD, Any, param(OrNone(OneOrMany(Text())), default=None, doc=_UNREAD_DOC)))
    return found


def _optional(entry: Param) -> tuple[str, Any, Any]:
    # A policy calls the candidate's name `name`; in the candidate file the key is `candidate`.
    key = "name" if entry.key == "candidate" else entry.key
    doc = _PATH_DOC if isinstance(entry.spec, FilePath) else entry.doc
    return entry.attribute, Any, param(OrNone(_expected(entry.spec)), default=None, key=key, doc=doc)


def _expected(spec: Spec[Any]) -> Spec[Any]:
    """How the value of a key is read in a policy: files as their paths, and records with optional keys."""
    if isinstance(spec, Record):
        return Record(expecting(cast("Any", spec.cls)), min=1)
    if isinstance(spec, FilePath):
        return ExpectedPath()
    if isinstance(spec, Either):
        return Either(*map(_expected, spec.options))
    if isinstance(spec, MapOf) and isinstance(spec.of, (Record, FilePath)):
        return replace(spec, of=OrNone(_expected(spec.of)))
    if isinstance(spec, (ListOf, MapOf, OneOrMany)):
        return replace(spec, of=_expected(spec.of))
    return spec


ExpectedPredictions, ExpectedUnit = expecting(Predictions), expecting(Unit)
ExpectedTable, ExpectedChampion = expecting(TableSpec), expecting(ChampionSpec)
_TABLE, _CHAMPION = (OrNone(Record(record, min=1)) for record in (ExpectedTable, ExpectedChampion))


def _by_name(of: OrNone, doc: str) -> Any:
    return param(OrNone(MapOf(of, key=Identifier())), default=None, doc=doc)


@cache
def expect_keys(*declared: Any) -> type[Any]:
    """The keys of `expects:`, with those of records that checks declare. Raises MachineError for a key of one of them
    that `expects:` has already."""
    fields = [
        *_fields(Candidate),
        ("champions", Any, _by_name(_CHAMPION, "Champions of the candidate, by name.")),
        *((name, Any, param(_TABLE, default=None, doc=f"The table `{name}`.")) for name in TABLES),
        ("tables", Any, _by_name(_TABLE, "Other tables that rules read, by name.")),
        (DIGESTS, Any, param(MapOf(ExpectedDigests(Sha256())), default=None, doc=_DIGESTS_DOC)),
    ]
    taken = {name for name, _, _ in fields}
    for record in declared:
        for name, kind, entry in _fields(record):
            if name in taken:
                said = f"the candidate key `{name}` of {record.__name__} has the name of another"
                raise MachineError(f"{said}; rename it")
            taken.add(name)
            fields.append((name, kind, entry))
    doc = "Values that the candidate's keys must have; a candidate with other values is blocked."
    return make_dataclass("ExpectKeys", fields, frozen=True, kw_only=True, namespace={"__doc__": doc})


ExpectKeys = expect_keys()


def record_with(key: str, declared: Iterable[type[Any]]) -> type[Any] | None:
    """The record that declares a key of the candidate; None for a built-in key."""
    return next((record for record in declared if any(entry.key == key for entry in params(record))), None)
