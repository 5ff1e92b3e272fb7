"""A candidate as values: what is presented. Paths are resolved against the candidate file's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgate.errors import Location
from mlgate.evidence.sources import FileSource, Source

RISKS = ("low", "medium", "high", "critical")


@dataclass(frozen=True)
class Predictions:
    """The model's answers: where they are, and which column is what."""

    source: Source
    id: tuple[str, ...] = ()
    label: str | None = None
    prediction: str | None = None
    score: str | None = None
    scores: tuple[tuple[str, str], ...] = ()
    """For several classes: (class, column of its probability), in the order of the classes."""
    lower: str | None = None
    """For regression: the column with the lower end of a prediction interval."""
    upper: str | None = None
    count: str | None = None
    """A column of frequencies: how many rows each row stands for."""
    weight: str | None = None
    """A column of sampling weights."""
    labels: tuple[tuple[str, str], ...] = ()
    """For multilabel: (class, column that says whether a row has it)."""
    decisions: tuple[tuple[str, str], ...] = ()
    """For multilabel: (class, column that says whether it is predicted)."""
    separator: str = ""
    """For multilabel: what stands between the classes of a row where one text column names them all."""


@dataclass(frozen=True)
class TableSpec:
    """A further table: its source, its key columns, and (for `evaluation`) the label column or columns."""

    name: str
    source: Source
    key: tuple[str, ...] = ()
    label: str | None = None
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Candidate:
    """What is presented to the gate."""

    name: str
    task: str
    file: str
    """The candidate file as reports call it; empty for one built in Python."""
    version: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    risk: str = ""
    positive: str | None = None
    classes: tuple[str, ...] = ()
    model: FileSource | None = None
    predictions: Predictions | None = None
    tables: Mapping[str, TableSpec] = field(default_factory=dict)
    sha256: str = ""
    """Digest of the candidate file's bytes; empty for one built in Python."""
    keys_at: Mapping[str, Location] = field(default_factory=dict)
    """Where each dotted key stands in the file, for messages."""
