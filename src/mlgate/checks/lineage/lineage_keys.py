"""Where a candidate has its history recorded, and what the checks about it have in common."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from mlgate.candidate.named_files import FilePath
from mlgate.candidate.presented import Candidate
from mlgate.checks.base import Wrong
from mlgate.checks.subject import Subject
from mlgate.evidence.sources import FileSource
from mlgate.lineage.assembled import NamedSource, Presented, roles_of_tables
from mlgate.lineage.graph import (
    CODE,
    ENVIRONMENT,
    EVALUATION_DATA,
    PARAMETERS,
    ROLES,
    RUN,
    TRAINING,
    LineageGraph,
    LineageNode,
)
from mlgate.lineage.lineage_question import LineageOf
from mlgate.lineage.lineage_reader import lineage_readers, served
from mlgate.reading.fields import ListOf, Record, Text, param
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Published
from mlgate.values.pictures import Graph, GraphNode
from mlgate.values.words import did_you_mean

REQUIRED = (CODE, TRAINING, EVALUATION_DATA, ENVIRONMENT, PARAMETERS)
"""The roles of a history that a rule asks for by default."""
MOST_SOURCES, _DRAWN = 100, 200


@dataclass(frozen=True)
class LineageSource:
    """A file, folder or server in which a tool has recorded the history."""

    path: FileSource | None = param(FilePath(), default=None, doc="The file or folder, relative to this file.")
    server: str = param(
        Text(),
        default="",
        doc="Instead of `path`: `mlflow`, for the server that the policy names by `servers`, or the command line.",
    )
    format: str = param(Text(), default="", doc="Its format; if left out, recognised by its name and content.")
    run: str = param(
        Text(),
        default="",
        doc="The run that is meant, where the source has several; of MLflow also a model, as "
        "`models:/NAME/VERSION` or `models:/NAME@ALIAS`.",
    )


@dataclass(frozen=True)
class LineageKeys:
    """Where the model's history is recorded."""

    lineage: tuple[LineageSource, ...] = param(
        ListOf(Record(LineageSource), max=MOST_SOURCES),
        default=(),
        doc="The sources of the model's history; if left out, those that lie beside this file.",
    )


def lineage_of(subject: Subject) -> LineageOf:
    """The question for the history of the candidate's model. Raises EvidenceError where it names no model."""
    return LineageOf(presented_by(subject.candidate))


def presented_by(candidate: Candidate) -> Presented:
    """What a candidate presents of its model's history. Raises EvidenceError where it names no model."""
    if candidate.model is None:
        raise EvidenceError("the candidate names no model, so nothing has a history; add `model: {path: ...}`", "model")
    said = candidate.of(LineageKeys).lineage
    sources = tuple(_named(entry, candidate) for entry in said)
    if own := candidate.source:
        path = candidate.path_of(own.path) if own.path else ""
        sources = (NamedSource(path, own.format, own.run), *sources)
    tables = {name: table.source for name, table in candidate.tables}
    named = {name: candidate.path_of(source) for name, source in tables.items() if isinstance(source, FileSource)}
    folder = posixpath.dirname(candidate.file)
    model = candidate.path_of(candidate.model.source)
    return Presented(model, sources, not said, folder, roles_of_tables(named))


def _named(entry: LineageSource, candidate: Candidate) -> NamedSource:
    if (entry.path is None) == (not entry.server):
        what = "both a `path` and a `server`" if entry.server else "neither a `path` nor a `server`"
        raise EvidenceError(f"a source of `lineage` has {what}; name one of them", "lineage")
    known = served() if entry.server else [*lineage_readers()]
    wanted = entry.server or entry.format
    if wanted and wanted not in known:
        what = "a server that mlgate asks" if entry.server else "a format of lineage"
        hint = did_you_mean(wanted, known) or f"; choose one of {', '.join(known)}"
        raise EvidenceError(f"`{wanted}` is not {what}{hint}", "lineage")
    path = candidate.path_of(entry.path) if entry.path else ""
    return NamedSource(path, entry.format, entry.run, entry.server)


def unknown_roles(key: str, roles: Iterable[str], known: Iterable[str] = ROLES) -> Iterable[Wrong]:
    """Mistakes in a list of roles."""
    names = tuple(known)
    for role in roles:
        if role not in names:
            yield key, f"names `{role}`, which is not a role{did_you_mean(role, names) or f'; roles: {_listed(names)}'}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def drawn(graph: LineageGraph) -> Published:
    """The history as a picture, with what is wrong with each thing."""
    shown = graph.history[:_DRAWN]
    names = {node.id for node in shown}
    nodes = tuple(GraphNode(node.id, node.name, wrong(node)) for node in shown)
    arrows = tuple((a.made, a.source) for a in graph.arrows if a.made in names and a.source in names)
    return Published(Graph("Lineage", nodes, arrows))


def wrong(node: LineageNode) -> str:
    """What is wrong with a thing; empty if it was recomputed."""
    return "" if node.state == "verified" else f"{node.state}: {node.why}" if node.why else node.state


def in_history(graph: LineageGraph) -> tuple[LineageNode, ...]:
    """The things in the model's history that can be compared; runs are only what ties them together."""
    return tuple(node for node in graph.history if node.roles != (RUN,))
