"""A candidate, which is presented to the gate. Its fields are the keys of a candidate file and the arguments in Python.

Files and arguments are read with these declarations, and the JSON Schema and the manual publish them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from mlgate.candidate.from_source import CandidateSource
from mlgate.candidate.named_files import FilePath, TablePath
from mlgate.candidate.roles import EVALUATION, ByClass, ChampionSpec, Predictions
from mlgate.candidate.written import WrittenKey, nearest
from mlgate.evidence.sources import FileSource, Source
from mlgate.metrics.metric import TASKS
from mlgate.reading.fields import Choice, FormatVersion, Identifier, MapOf, OneOrMany, Record, Text, param, place
from mlgate.values.errors import Location

CHAMPION = "champion"
"""The name of an only champion."""
MOST_CHAMPIONS, MOST_TABLES = 100, 1_000
RISKS = ("low", "medium", "high", "critical")
ROLL_UPS = ("max", "mean")
T = TypeVar("T")


@dataclass(frozen=True)
class ModelFile:
    """The file of the model."""

    source: FileSource = param(FilePath(), key="path", doc="The model's file or folder, relative to this file.")
    at: Location = place()


@dataclass(frozen=True)
class Unit:
    """The columns that identify a unit of rows that belong together, and whether units are rolled up."""

    column: tuple[str, ...] = param(
        OneOrMany(Text()), doc="The column or columns that identify the unit, such as the patient."
    )
    score: str | None = param(
        Choice(*ROLL_UPS), default=None, doc="Roll rows up to one per unit, with the maximum or mean of their scores."
    )
    at: Location = place()


@dataclass(frozen=True)
class TableSpec:
    """A further table, or what was stored of one."""

    source: Source | None = param(
        TablePath(), default=None, key="path", doc="A file, folder or glob, relative to this file."
    )
    key: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The column or columns that identify a row.")
    label: str | None = param(
        Text(), default=None, doc="For `evaluation`: the true value; for `history`: the value at each time."
    )
    labels: ByClass = param(
        MapOf(Text(), min=2),
        default=(),
        doc="For `evaluation` of a multilabel task: for every class, the column that says whether a row has it.",
    )
    facts: FileSource | None = param(
        FilePath(),
        default=None,
        doc="Instead of all other keys: what `mlgate measure --table` stored of the table, for `against` of "
        "`data.drift`.",
    )
    at: Location = place()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model that is presented to the gate, or only tables."""

    mlgate: int = param(FormatVersion(), default=1, required=True, doc="The version of this file's format: 1.")
    name: str = param(Identifier(), key="candidate", doc="The candidate's name: the name of the model or of its data.")
    task: str = param(Choice(*TASKS), default="", doc="The model's task; required with `predictions`.")
    version: str = param(Text(), default="", doc="The model's version, as text.")
    owner: str = param(Text(), default="", doc="Who is responsible for the model.")
    tags: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Tags, by which policies select candidates.")
    risk: str = param(Choice(*RISKS), default="", doc="The risk tier.")
    positive: str | None = param(Text(), default=None, doc="Binary: the positive class, as exact text.")
    classes: tuple[str, ...] = param(OneOrMany(Text(), min=2), default=(), doc="All classes, in order.")
    source: CandidateSource | None = param(
        Record(CandidateSource),
        default=None,
        doc="The run of MLflow or stage of DVC that made the model, which says where the files are.",
    )
    model: ModelFile | None = param(Record(ModelFile), default=None, doc="The file of the model.")
    predictions: Predictions | None = param(
        Record(Predictions), default=None, doc="The model's answers on the evaluation rows."
    )
    unit: Unit | None = param(
        Record(Unit), default=None, doc="Rows that belong together: intervals account for them, or they are rolled up."
    )
    champion: ChampionSpec | None = param(
        Record(ChampionSpec), default=None, doc="The earlier model that the candidate is compared with."
    )
    champions: tuple[tuple[str, ChampionSpec], ...] = param(
        MapOf(Record(ChampionSpec), key=Identifier(), max=MOST_CHAMPIONS),
        default=(),
        doc="Several earlier models, by the names that rules use in `against:`.",
    )
    tables: tuple[tuple[str, TableSpec], ...] = param(
        MapOf(Record(TableSpec), key=Identifier(), max=MOST_TABLES),
        default=(),
        doc="Further tables; `evaluation` has labels and groups and is joined to the predictions by key.",
    )
    file: str = ""
    """The name of the candidate file in reports; empty for a candidate from Python."""
    sha256: str = ""
    """The digest of the candidate file; empty for a candidate from Python."""
    declared: Mapping[type[Any], Any] = field(default_factory=dict)
    """The values of the keys that checks declare, by their record."""
    written: Mapping[str, WrittenKey] = field(default_factory=dict, compare=False)
    """Where each key stands, by its dotted name."""
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
        """Earlier models by name. An only one is called `champion`."""
        alone = {CHAMPION: self.champion} if self.champion else {}
        return alone | dict(self.champions)

    def look_at(self, keys: Iterable[str]) -> str:
        """Where the keys at fault stand, in words: `candidate.yaml:4 (prediction: y_hat)`. Empty without keys.

        The name of the file if it has none of them, nor a key above them.
        """
        found = [key.said if (key := nearest(self.written, each)) else self.file for each in keys]
        return " and ".join(dict.fromkeys(filter(None, found)))

    def path_of(self, source: FileSource) -> str:
        """A file's path from the workspace, as needs and reports name it."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.file), source.path))

    def of(self, record: type[T]) -> T:
        """The candidate's values for a record that a check declares as its `candidate_keys`."""
        found: T = self.declared.get(record) or record()
        return found


def completed(candidate: Candidate) -> Candidate:
    """The candidate with derived values filled in: classes, the order of scores, names and ids of champions."""
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
    """The classes that the candidate lists, else the classes for which it names columns."""
    return candidate.classes or next((tuple(name for name, _ in columns) for _, columns in by_class(candidate)), ())


def by_class(candidate: Candidate) -> list[tuple[tuple[str, ...], ByClass]]:
    """The keys that name one column per class, each with its path."""
    found: list[tuple[tuple[str, ...], ByClass]] = []
    if candidate.evaluation and candidate.evaluation.labels:
        found.append((("tables", EVALUATION, "labels"), candidate.evaluation.labels))
    if candidate.predictions:
        own = {key: getattr(candidate.predictions, key) for key in ("labels", "decisions", "scores")}
        found += [(("predictions", key), columns) for key, columns in own.items() if columns]
    return found
