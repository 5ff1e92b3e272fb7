"""Keys that a candidate leaves to its source: a stage of DVC, or a run of MLflow, says where its files are.

They are put into the tree of the candidate file, as if they stood there: so they are validated, digested and expected
like all others. What the candidate names itself must be what the source says.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mlgate.candidate.named_files import FilePath
from mlgate.evidence.sources import FileSource
from mlgate.lineage.assembled import NamedSource, located_source
from mlgate.lineage.lineage_reader import reader_of
from mlgate.lineage.source_file import SourceFile
from mlgate.lineage.supplied import Offer, Supplied
from mlgate.reading.fields import Missing, ProblemReport, Record, Text, param, place
from mlgate.reading.strict_yaml import Mapping, Node, Scalar
from mlgate.values.errors import EvidenceError, InputError, Location, Problem
from mlgate.values.reach import Reach

SOURCE = "source"
_TRAIN, _EVALUATION = "train", "evaluation"
Sourcing = Callable[[Mapping, Path], Mapping]
"""Completes the tree of a candidate, whose paths start from a folder, by what its source says."""


@dataclass(frozen=True)
class CandidateSource:
    """The run that has made the model, from which the candidate's files are known. Exactly one of the tools."""

    mlflow: str = param(
        Text(),
        default="",
        doc="A run of MLflow by its id, or a model as `models:/NAME/VERSION` or `models:/NAME@ALIAS`.",
    )
    dvc: str = param(Text(), default="", doc="The stage of DVC that made the model.")
    path: FileSource | None = param(
        FilePath(),
        default=None,
        doc="The database, folder or lock, relative to this file; if left out, the server that the policy names, or "
        "else what lies beside this file.",
    )
    at: Location = place()

    @property
    def format(self) -> str:
        """The tool."""
        return "mlflow" if self.mlflow else "dvc"

    @property
    def run(self) -> str:
        """The run or stage."""
        return self.mlflow or self.dvc


def as_written(node: Mapping, _folder: Path) -> Mapping:
    """The tree unchanged, for a reader that may read nothing but the file."""
    return node


def completed_by_source(node: Mapping, folder: Path, reach: Reach) -> Mapping:
    """The tree with what its source says. A tree whose `source` is missing or wrong stays as it is.

    Raises InputError where the candidate says otherwise, or the source does not say what is needed; EvidenceError and
    MachineError where the source cannot be read.
    """
    given = node.get(SOURCE)
    if given is None:
        return node
    report = ProblemReport()
    named = Record(CandidateSource).read(given, report.inside(SOURCE))
    if isinstance(named, Missing) or report.problems or bool(named.mlflow) == bool(named.dvc):
        return node
    here = posixpath.normpath(os.path.relpath(folder, reach.workspace).replace(os.sep, "/"))
    if named.path and named.format in dict(reach.servers):
        said = f"`source.path` names a store, and the server `{named.format}` is named for this candidate; remove it"
        raise InputError([Problem(node.place_of(SOURCE, "path"), said)])
    stated = _path(node, "model", "path")
    entry = NamedSource(posixpath.join(here, named.path.path) if named.path else "", named.format, named.run)
    model = posixpath.normpath(posixpath.join(here, stated)) if stated else ""
    source, wanted = located_source(entry, here, model, reach)
    supplied = reader_of(source, wanted).supplied(source)
    return _Completion(node, here, supplied, reach).tree()


def _path(node: Mapping, *keys: str) -> str:
    """A path that the candidate names; empty if it does not."""
    found: Node | None = node
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found.text if isinstance(found, Scalar) and not found.null else ""


@dataclass(frozen=True)
class _Completion:
    """A tree, and what its source says."""

    node: Mapping
    here: str
    supplied: Supplied
    reach: Reach

    def tree(self) -> Mapping:
        """The tree with all that the source says and the candidate does not."""
        if problems := [*self._problems()]:
            raise InputError(problems)
        found = self.node
        for keys, offer in self._offers():
            if offer.path and not self._named(keys) and (self._asked(keys) or self._added(keys, offer)):
                found = with_text(found, (*keys, "path"), self._relative(offer.path), self.node.key_at(SOURCE))
        return found

    def _offers(self) -> Iterator[tuple[tuple[str, ...], Offer]]:
        yield ("model",), self.supplied.model
        yield ("predictions",), self.supplied.predictions
        yield from (((*("tables", name),), offer) for name, offer in self.supplied.tables.items())

    def _problems(self) -> Iterator[Problem]:
        for keys, offer in self._offers():
            key, path = ".".join((*keys, "path")), _path(self.node, *keys, "path")
            at = self.node.place_of(*keys, "path")
            if path:
                refused = offer.refuses(posixpath.normpath(posixpath.join(self.here, path)))
                if refused:
                    yield Problem(at, f"`{key}` {refused}, as {self.supplied.said} says; correct it, or `source`")
            elif self._named(keys) and offer.among and "facts" not in self._keys(keys):
                said = f"`{key}` is not a file, so it cannot be compared with {self.supplied.said}"
                yield Problem(at, f"{said}; name the file, or remove `source`")
            elif not offer.path and (keys == ("model",) or self._asked(keys)) and not self._named(keys):
                yield Problem(self.node.key_at(SOURCE), offer.remedy)
            elif not offer.path.isprintable():
                said = f"{self.supplied.said} names a file for `{key}` whose name has signs that nobody sees"
                yield Problem(self.node.key_at(SOURCE), f"{said}; rename it")

    def _section(self, keys: tuple[str, ...]) -> Node | None:
        found: Node | None = self.node
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _keys(self, keys: tuple[str, ...]) -> set[str]:
        section = self._section(keys)
        return {key.text for key, _ in section.entries} if isinstance(section, Mapping) else set()

    def _named(self, keys: tuple[str, ...]) -> bool:
        """Whether the candidate names the file, or what was stored of it."""
        section = self._section(keys)
        whole = section is not None and not isinstance(section, Mapping)
        return whole or bool({"path", "facts"} & self._keys(keys))

    def _asked(self, keys: tuple[str, ...]) -> bool:
        """Whether the candidate has a section that lacks only the file."""
        return isinstance(self._section(keys), Mapping) and not self._named(keys)

    def _added(self, keys: tuple[str, ...], offer: Offer) -> bool:
        """Whether a section that the candidate does not have is added: the model, and tables that are here.

        Predictions have columns, which the source does not know, and so has a table that is joined to them.
        """
        if self._section(keys[:1]) is not None and not isinstance(self._section(keys[:1]), Mapping):
            return False
        joined = keys[-1] == _EVALUATION and self.node.get("predictions") is not None
        return keys == ("model",) or (keys[0] == "tables" and not joined and self._there(offer.path))

    def _there(self, path: str) -> bool:
        try:
            return SourceFile(path, self.reach).there
        except EvidenceError:
            return False

    def _relative(self, path: str) -> str:
        return posixpath.relpath(path, self.here)


def with_text(node: Mapping, keys: tuple[str, ...], text: str, at: Location) -> Mapping:
    """A tree with a text at a path of keys."""
    first, *rest = keys
    below = node.get(first)
    made: Node = Scalar(text, quoted=True, at=at)
    if rest:
        made = with_text(below if isinstance(below, Mapping) else Mapping((), at), tuple(rest), text, at)
    if below is None:
        return Mapping((*node.entries, (Scalar(first, quoted=False, at=at), made)), node.at)
    return Mapping(tuple((key, made if key.text == first else each) for key, each in node.entries), node.at)
