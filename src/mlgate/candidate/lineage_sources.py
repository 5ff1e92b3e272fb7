"""Where a candidate has its history recorded: its key `lineage`, and all that it presents of the history."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from mlgate.candidate.named_files import FilePath
from mlgate.candidate.presented import Candidate
from mlgate.evidence.sources import FileSource
from mlgate.lineage.assembled import NamedSource, Presented, roles_of_tables
from mlgate.lineage.lineage_reader import lineage_readers, served
from mlgate.reading.fields import ListOf, Record, Text, param
from mlgate.values.errors import EvidenceError
from mlgate.values.words import did_you_mean

MOST_SOURCES = 100


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
        doc="The sources of the model's history; if left out, those that lie beside this file. Others beside it that "
        "describe the model can only contradict them.",
    )


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
