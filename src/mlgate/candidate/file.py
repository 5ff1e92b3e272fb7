"""The keys of a candidate file, as declarations: `load` reads by them and `schemas` publishes them."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.candidate.model import RISKS, ROLL_UPS
from mlgate.metrics.base import TASKS
from mlgate.reading.fields import Choice, FormatVersion, Identifier, MapOf, OneOrMany, Record, Text, param, place
from mlgate.values.errors import Location

NOT_YET = ("lineage", "card")
"""Keys of the format that this version does not evaluate: refused, so that nothing is ignored in silence."""
RESERVED_TABLES = (
    "predictions", "evaluated", "units", "champion", "forecasts", "texts", "queries", "exposures",
)  # fmt: skip


@dataclass(frozen=True)
class ModelKeys:
    """The model itself."""

    path: str = param(Text(), doc="The model's file or folder, relative to this file.")
    at: Location = place()


@dataclass(frozen=True)
class PredictionsKeys:
    """The model's answers: where they are, and which column is what."""

    path: str = param(Text(), doc="A file, folder or glob, relative to this file.")
    id: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="The column or columns that identify a row; of rankings `query` and `item`."
    )
    query: str | None = param(Text(), default=None, doc="Ranking: to which query a row's item belongs.")
    item: str | None = param(Text(), default=None, doc="Ranking: the item, which a query ranks once.")
    label: str | None = param(Text(), default=None, doc="The true value, where it is not in `evaluation`.")
    prediction: str | None = param(Text(), default=None, doc="The predicted class or number.")
    score: str | None = param(
        Text(), default=None, doc="Binary: the probability or score of `positive`; ranking: by what items rank."
    )
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
    lower: str | None = param(Text(), default=None, doc="A predicted number: lower end of its interval.")
    upper: str | None = param(Text(), default=None, doc="A predicted number: upper end of its interval.")
    series: tuple[str, ...] = param(
        OneOrMany(Text()),
        default=(),
        doc="Forecasting: the column or columns that name a series, where there are several.",
    )
    time: str | None = param(
        Text(), default=None, doc="Forecasting: the time that is forecast, a whole number or a date as ISO 8601."
    )
    horizon: str | None = param(
        Text(), default=None, doc="Forecasting: how many steps ahead, a whole number from 1 on."
    )
    cutoff: str | None = param(
        Text(), default=None, doc="Forecasting: the last time whose value the forecast could know, where it varies."
    )
    count: str | None = param(Text(), default=None, doc="Frequencies: how many rows each row stands for.")
    weight: str | None = param(Text(), default=None, doc="Sampling weights.")
    at: Location = place()

    @property
    def identity(self) -> tuple[str, ...]:
        """What identifies a row: the `id`; else of a ranking the query and the item."""
        return self.id or ((self.query, self.item) if self.query and self.item else ())


@dataclass(frozen=True)
class UnitKeys:
    """What rows belong together by."""

    column: tuple[str, ...] = param(OneOrMany(Text()), doc="The column or columns that name the unit: the patient.")
    score: str | None = param(
        Choice(*ROLL_UPS), default=None, doc="Roll rows up to one a unit, with this score of its rows."
    )
    at: Location = place()


@dataclass(frozen=True)
class ChampionKeys:
    """An earlier model's answers on the same rows: columns of the predictions, a file of its own, or its verdict."""

    path: str | None = param(
        Text(), default=None, doc="A file, folder or glob, joined to the predictions by id; else their own columns."
    )
    verdict: str | None = param(
        Text(), default=None, doc="In place of all else: the JSON verdict on the earlier model; compared unpaired."
    )
    id: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="With `path`: what identifies a row; else as `predictions.id`."
    )
    label: str | None = param(
        Text(), default=None, doc="The label it was evaluated with, which must be the candidate's on every row."
    )
    prediction: str | None = param(Text(), default=None, doc="The predicted class or number.")
    score: str | None = param(
        Text(), default=None, doc="Binary: the probability or score of `positive`; ranking: by what items rank."
    )
    scores: tuple[tuple[str, str], ...] = param(
        MapOf(Text(), min=2), default=(), doc="Multiclass: for every class the column of its probability."
    )
    lower: str | None = param(Text(), default=None, doc="Regression: lower end of a prediction interval.")
    upper: str | None = param(Text(), default=None, doc="Regression: upper end of a prediction interval.")
    at: Location = place()


@dataclass(frozen=True)
class TableKeys:
    """A further table."""

    path: str = param(Text(), doc="A file, folder or glob, relative to this file.")
    key: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="The column or columns that identify a row.")
    label: str | None = param(
        Text(), default=None, doc="For `evaluation`: the true value; for `history`: the value of the time."
    )
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
    unit: UnitKeys | None = param(
        Record(UnitKeys), default=None, doc="What rows belong together by: intervals know it, or rows are rolled up."
    )
    champion: ChampionKeys | None = param(
        Record(ChampionKeys), default=None, doc="The earlier model that it is compared with."
    )
    champions: tuple[tuple[str, ChampionKeys], ...] = param(
        MapOf(Record(ChampionKeys), key=Identifier()), default=(), doc="Several of these, by names for `against:`."
    )
    tables: tuple[tuple[str, TableKeys], ...] = param(
        MapOf(Record(TableKeys), key=Identifier()),
        default=(),
        doc="Further tables; `evaluation` has labels and groups and is joined to the predictions by key.",
    )
    at: Location = place()
