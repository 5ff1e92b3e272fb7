"""A candidate: what is presented to the gate. Its fields are the keys of a candidate file, and the arguments in Python.

`load` reads files and arguments by these declarations, `schemas` and the manual publish them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from mlgate.candidate.named_files import FilePath, TablePath
from mlgate.candidate.roles import ByClass, ChampionSpec, Predictions
from mlgate.evidence.sources import FileSource, Source
from mlgate.metrics.metric import TASKS
from mlgate.reading.fields import Choice, FormatVersion, Identifier, MapOf, OneOrMany, Record, Text, param, place
from mlgate.values.errors import Location

CHAMPION, EVALUATION = "champion", "evaluation"
"""The name of a champion that is the only one; that of the table with labels and groups."""
RISKS = ("low", "medium", "high", "critical")
ROLL_UPS = ("max", "mean")
T = TypeVar("T")


@dataclass(frozen=True)
class ModelFile:
    """The model itself."""

    source: FileSource = param(FilePath(), key="path", doc="The model's file or folder, relative to this file.")
    at: Location = place()


@dataclass(frozen=True)
class Unit:
    """What rows belong together by, and whether they are rolled up."""

    column: tuple[str, ...] = param(OneOrMany(Text()), doc="The column or columns that name the unit: the patient.")
    score: str | None = param(
        Choice(*ROLL_UPS), default=None, doc="Roll rows up to one per unit, with this score of its rows."
    )
    at: Location = place()


@dataclass(frozen=True)
class TableSpec:
    """A further table."""

    source: Source = param(TablePath(), key="path", doc="A file, folder or glob, relative to this file.")
    key: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The column or columns that identify a row.")
    label: str | None = param(
        Text(), default=None, doc="For `evaluation`: the true value; for `history`: the value of the time."
    )
    labels: ByClass = param(
        MapOf(Text(), min=2),
        default=(),
        doc="For `evaluation` of a multilabel task: for every class the column that says whether a row has it.",
    )
    at: Location = place()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model that is presented to the gate, or tables alone."""

    mlgate: int = param(FormatVersion(), default=1, required=True, doc="The version of this file's format: 1.")
    name: str = param(Identifier(), key="candidate", doc="The candidate's name: the model's, or that of its data.")
    task: str = param(Choice(*TASKS), default="", doc="What the model does; required beside `predictions`.")
    version: str = param(Text(), default="", doc="The model's version, as text.")
    owner: str = param(Text(), default="", doc="Who answers for the model.")
    tags: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Tags, by which policies find it.")
    risk: str = param(Choice(*RISKS), default="", doc="The risk tier.")
    positive: str | None = param(Text(), default=None, doc="Binary: the positive class, as exact text.")
    classes: tuple[str, ...] = param(OneOrMany(Text(), min=2), default=(), doc="All classes there are, in order.")
    model: ModelFile | None = param(Record(ModelFile), default=None, doc="The model itself.")
    predictions: Predictions | None = param(
        Record(Predictions), default=None, doc="The model's answers on the evaluation rows."
    )
    unit: Unit | None = param(
        Record(Unit), default=None, doc="What rows belong together by: intervals know it, or rows are rolled up."
    )
    champion: ChampionSpec | None = param(
        Record(ChampionSpec), default=None, doc="The earlier model that it is compared with."
    )
    champions: tuple[tuple[str, ChampionSpec], ...] = param(
        MapOf(Record(ChampionSpec), key=Identifier()), default=(), doc="Several of these, by names for `against:`."
    )
    tables: tuple[tuple[str, TableSpec], ...] = param(
        MapOf(Record(TableSpec), key=Identifier()),
        default=(),
        doc="Further tables; `evaluation` has labels and groups and is joined to the predictions by key.",
    )
    file: str = ""
    """The candidate file as reports call it; empty for one built in Python."""
    sha256: str = ""
    """Digest of the candidate file's bytes; empty for one built in Python."""
    declared: Mapping[type[Any], Any] = field(default_factory=dict)
    """What the candidate says for the keys that checks declare, by their record."""
    at: Location = place()

    def table(self, name: str) -> TableSpec | None:
        """A further table by its name, or None."""
        return dict(self.tables).get(name)

    @property
    def evaluation(self) -> TableSpec | None:
        """The table with labels and groups, or None."""
        return self.table(EVALUATION)

    @property
    def opponents(self) -> Mapping[str, ChampionSpec]:
        """Earlier models, by name; the only one is called `champion`."""
        alone = {CHAMPION: self.champion} if self.champion else {}
        return alone | dict(self.champions)

    def path_of(self, source: FileSource) -> str:
        """A file's path in the workspace, as the candidate file's own is shown: what needs name a file by."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.file), source.path))

    def of(self, record: type[T]) -> T:
        """What the candidate says for the keys of a record that a check declares as its `candidate_keys`."""
        found: T = self.declared.get(record) or record()
        return found


def completed(candidate: Candidate) -> Candidate:
    """The candidate with what follows from its keys: its classes, scores in their order, champions' names and ids."""
    classes, own = declared_classes(candidate), candidate.predictions

    def champion(name: str, of: ChampionSpec) -> ChampionSpec:
        identity = of.id or (own.identity if own else ())
        return replace(of, name=name, id=identity, scores=_in_order(of.scores, classes))

    return replace(
        candidate,
        classes=classes,
        predictions=replace(own, scores=_in_order(own.scores, classes)) if own else None,
        champion=champion(CHAMPION, candidate.champion) if candidate.champion else None,
        champions=tuple((name, champion(name, of)) for name, of in candidate.champions),
    )


def _in_order(columns: ByClass, classes: tuple[str, ...]) -> ByClass:
    found = dict(columns)
    return tuple((name, found[name]) for name in classes) if columns else ()


def declared_classes(candidate: Candidate) -> tuple[str, ...]:
    """The classes that the candidate lists, else those that it names columns for."""
    return candidate.classes or next((tuple(name for name, _ in columns) for _, columns in by_class(candidate)), ())


def by_class(candidate: Candidate) -> list[tuple[tuple[str, ...], ByClass]]:
    """The keys that name a column for every class, by the path that leads to them."""
    found: list[tuple[tuple[str, ...], ByClass]] = []
    if candidate.evaluation and candidate.evaluation.labels:
        found.append((("tables", EVALUATION, "labels"), candidate.evaluation.labels))
    if candidate.predictions:
        own = {key: getattr(candidate.predictions, key) for key in ("labels", "decisions", "scores")}
        found += [(("predictions", key), columns) for key, columns in own.items() if columns]
    return found
