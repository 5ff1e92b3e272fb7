"""The keys of a candidate file, as declarations: `load` reads by them and `schemas` publishes them."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.candidate.model import RISKS
from mlgate.errors import Location
from mlgate.fields import Choice, FormatVersion, Identifier, MapOf, OneOrMany, Record, Text, param, place
from mlgate.metrics.base import TASKS

NOT_YET = ("champion", "unit", "lineage", "card")
"""Keys of the format that this version does not evaluate: refused, so that nothing is ignored in silence."""
RESERVED_TABLES = ("predictions", "evaluated", "texts")


@dataclass(frozen=True)
class ModelKeys:
    """The model itself."""

    path: str = param(Text(), doc="The model's file or folder, relative to this file.")
    at: Location = place()


@dataclass(frozen=True)
class PredictionsKeys:
    """The model's answers: where they are, and which column is what."""

    path: str = param(Text(), doc="A file, folder or glob, relative to this file.")
    id: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The column or columns that identify a row.")
    label: str | None = param(Text(), default=None, doc="The true value, where it is not in `evaluation`.")
    prediction: str | None = param(Text(), default=None, doc="The predicted class or number.")
    score: str | None = param(Text(), default=None, doc="Binary: the probability or score of `positive`.")
    scores: tuple[tuple[str, str], ...] = param(
        MapOf(Text(), min=2), default=(), doc="Multiclass, multilabel: for every class the column of its probability."
    )
    labels: tuple[tuple[str, str], ...] = param(
        MapOf(Text(), min=2),
        default=(),
        doc="Multilabel: for every class the column of 0 or 1, false or true, that says whether a row has it.",
    )
    decisions: tuple[tuple[str, str], ...] = param(
        MapOf(Text(), min=2), default=(), doc="Multilabel: for every class such a column, whether it is predicted."
    )
    separator: str = param(
        Text(),
        default="",
        doc="Multilabel: what stands between classes where `label` and `prediction` are texts that name all of a row.",
    )
    lower: str | None = param(Text(), default=None, doc="Regression: lower end of a prediction interval.")
    upper: str | None = param(Text(), default=None, doc="Regression: upper end of a prediction interval.")
    count: str | None = param(Text(), default=None, doc="Frequencies: how many rows each row stands for.")
    weight: str | None = param(Text(), default=None, doc="Sampling weights.")
    at: Location = place()


@dataclass(frozen=True)
class TableKeys:
    """A further table."""

    path: str = param(Text(), doc="A file, folder or glob, relative to this file.")
    key: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The column or columns that identify a row.")
    label: str | None = param(Text(), default=None, doc="For `evaluation`: the true value.")
    labels: tuple[tuple[str, str], ...] = param(
        MapOf(Text(), min=2),
        default=(),
        doc="For `evaluation` of a multilabel task: for every class the column that says whether a row has it.",
    )
    at: Location = place()


@dataclass(frozen=True)
class CandidateKeys:
    """A model that is presented to the gate."""

    mlgate: int = param(FormatVersion(), doc="The version of this file's format: 1.")
    candidate: str = param(Identifier(), doc="The model's name.")
    task: str = param(Choice(*TASKS), doc="What the model does.")
    version: str = param(Text(), default="", doc="The model's version, as text.")
    owner: str = param(Text(), default="", doc="Who answers for the model.")
    tags: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Tags, by which policies find it.")
    risk: str = param(Choice(*RISKS), default="", doc="The risk tier.")
    positive: str | None = param(Text(), default=None, doc="Binary: the positive class, as exact text.")
    classes: tuple[str, ...] = param(OneOrMany(Text(), min=2), default=(), doc="All classes there are, in order.")
    model: ModelKeys | None = param(Record(ModelKeys), default=None, doc="The model itself.")
    predictions: PredictionsKeys | None = param(
        Record(PredictionsKeys), default=None, doc="The model's answers on the evaluation rows."
    )
    tables: tuple[tuple[str, TableKeys], ...] = param(
        MapOf(Record(TableKeys), key=Identifier()),
        default=(),
        doc="Further tables; `evaluation` has labels and groups and is joined to the predictions by key.",
    )
    at: Location = place()
