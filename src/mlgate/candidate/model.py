"""A candidate as values: what is presented. Paths are resolved against the candidate file's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgate.evidence.sources import FileSource, Source
from mlgate.values.errors import Location

CHAMPION = "champion"
"""The name of a champion that is the only one."""
RISKS = ("low", "medium", "high", "critical")
ROLL_UPS = ("max", "mean")


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
    """The column with the lower end of a predicted number's interval."""
    upper: str | None = None
    count: str | None = None
    """A column of frequencies: how many rows each row stands for."""
    weight: str | None = None
    """A column of sampling weights."""
    series: tuple[str, ...] = ()
    """For forecasting: the columns that name a series."""
    time: str | None = None
    """For forecasting: the column of the time that is forecast."""
    horizon: str | None = None
    """For forecasting: the column of the number of steps ahead."""
    cutoff: str | None = None
    """For forecasting: the column of the last time whose value the forecast could know."""
    query: str | None = None
    """For ranking: the column that says to which query an item belongs."""
    item: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    """For multilabel: (class, column that says whether a row has it)."""
    decisions: tuple[tuple[str, str], ...] = ()
    """For multilabel: (class, column that says whether it is predicted)."""
    separator: str = ""
    """For multilabel: what stands between the classes of a row where one text column names them all."""

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that identify a row: its id, or of a forecast its series, time, horizon and cutoff."""
        return self.id or (*self.series, *filter(None, (self.time, self.horizon, self.cutoff)))


@dataclass(frozen=True)
class Unit:
    """What rows belong together by, and whether they are rolled up: "max" or "mean" of a unit's scores."""

    column: tuple[str, ...]
    score: str | None = None


@dataclass(frozen=True)
class ChampionSpec:
    """An earlier model: the columns that are its answers, where they are, or in their place its verdict."""

    name: str
    source: Source | None = None
    """Its own file; None where its answers are columns of the predictions, or it is a verdict."""
    verdict: FileSource | None = None
    id: tuple[str, ...] = ()
    label: str | None = None
    prediction: str | None = None
    score: str | None = None
    scores: tuple[tuple[str, str], ...] = ()
    lower: str | None = None
    upper: str | None = None

    @property
    def table(self) -> str:
        """What its own table is called: a name that no table of a candidate can have."""
        return CHAMPION if self.name == CHAMPION else f"{CHAMPION} {self.name}"

    @property
    def beside(self) -> str:
        """What the predictions with its answers beside them are called."""
        return f"predictions beside {self.table}"


@dataclass(frozen=True)
class TableSpec:
    """A further table: its source, its key columns, and (for `evaluation` and `history`) its labels."""

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
    unit: Unit | None = None
    tables: Mapping[str, TableSpec] = field(default_factory=dict)
    champions: Mapping[str, ChampionSpec] = field(default_factory=dict)
    """Earlier models, by name; the only one is called `champion`."""
    sha256: str = ""
    """Digest of the candidate file's bytes; empty for one built in Python."""
    keys_at: Mapping[str, Location] = field(default_factory=dict)
    """Where each dotted key stands in the file, for messages."""
