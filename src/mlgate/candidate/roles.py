"""The roles of the columns of predictions, each declared once: its meaning, its tasks, and the roles that it excludes.

Every list of roles comes from here: the keys of a candidate file, of a champion and of a policy's `expects`, the
validation, what rules can use, and the manual. A new role is one field here, and a metric that reads it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlgate.candidate.named_files import FilePath, TablePath
from mlgate.evidence.sources import FileSource, Source
from mlgate.reading.fields import Choice, MapOf, OneOrMany, Spec, Text, param, params, place
from mlgate.values.errors import Location

ByClass = tuple[tuple[str, str], ...]
"""One (class, column) pair per class."""
_ROLE = "mlgate.role"
EVALUATION = "evaluation"
"""The name of the table with labels and groups."""
IRRELEVANT = "irrelevant"
"""How items count that a ranking did not retrieve."""


@dataclass(frozen=True)
class Fit:
    """What a role requires of the candidate."""

    tasks: tuple[str, ...] = ()
    """The tasks that take it; empty for all."""
    excludes: Mapping[str, str] = field(default_factory=dict)
    """Roles that cannot be combined with it, each with the reason and what to do."""
    pair: str = ""
    """The role that must be given too."""
    truth: bool = False
    """Whether it is the truth, which cannot define slices or units."""
    identifies: bool = False
    """Whether it says what is predicted, not the result; such a column may be part of the id."""
    column: bool = True
    """Whether its value names one or more columns."""


def role(
    spec: Spec[Any],
    doc: str,
    default: Any = None,
    *,
    tasks: tuple[str, ...] = (),
    excludes: Mapping[str, str] | None = None,
    pair: str = "",
    truth: bool = False,
    identifies: bool = False,
    column: bool = True,
) -> Any:
    """Declare a field as a role, which is a key of the file."""
    key = param(spec, default=default, doc=doc)
    fit = Fit(tasks, excludes or {}, pair, truth, identifies, column)
    return dataclasses.field(default=default, metadata={**key.metadata, _ROLE: fit})


@dataclass(frozen=True, kw_only=True)
class RowRoles:
    """The roles in the files of both models: what identifies the rows, and their labels."""

    source: Source | None = param(TablePath(), default=None, key="path", doc="A file, folder or glob.")
    id: tuple[str, ...] = role(
        OneOrMany(Text()), "The column or columns that identify a row; for rankings by default `query` and `item`.", ()
    )
    label: str | None = role(Text(), "The true value, unless it is in `evaluation`.", truth=True)


@dataclass(frozen=True, kw_only=True)
class AnswerRoles:
    """The roles of a model's answers. A champion has its own answers and shares all other roles with the candidate."""

    prediction: str | None = role(Text(), "The predicted class or number.")
    score: str | None = role(
        Text(), "Binary: the probability or score of `positive`; ranking: the score that orders the items.",
        tasks=("binary", "ranking"),
    )  # fmt: skip
    scores: ByClass = role(
        MapOf(Text(), min=2), "Multiclass, multilabel: for every class, the column of its probability.", (),
        tasks=("multiclass", "multilabel"),
    )  # fmt: skip
    decisions: ByClass = role(
        MapOf(Text(), min=2), "Multilabel: for every class, the column of 0 or 1 that says if it is predicted.", (),
        tasks=("multilabel",),
    )  # fmt: skip
    lower: str | None = role(
        Text(), "Regression, forecasting: the lower end of the predicted interval.",
        tasks=("regression", "forecasting"), pair="upper",
    )  # fmt: skip
    upper: str | None = role(
        Text(), "Regression, forecasting: the upper end of the predicted interval.",
        tasks=("regression", "forecasting"), pair="lower",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Predictions(AnswerRoles, RowRoles):
    """The model's answers: their file, and the role of each column."""

    source: Source = param(TablePath(), key="path", doc="A file, folder or glob, relative to this file.")
    labels: ByClass = role(
        MapOf(Text(), min=2),
        "Multilabel: for every class, the column of 0 or 1, false or true, that says whether a row has it.", (),
        tasks=("multilabel",), truth=True,
    )  # fmt: skip
    separator: str = role(
        Text(), "Multilabel: the text between classes, if `label` and `prediction` are texts with all classes of a "
        "row.", "", tasks=("multilabel",), column=False,
    )  # fmt: skip
    query: str | None = role(
        Text(), "Ranking: the query that a row's item belongs to.", tasks=("ranking",), identifies=True
    )
    item: str | None = role(Text(), "Ranking: the item, which a query ranks once.", tasks=("ranking",), identifies=True)
    unretrieved: str = role(
        Choice(IRRELEVANT), "Ranking: `irrelevant` lets `evaluation` and the predictions lack items of each other, as "
        "judgements (qrels) and a run do. An item that was not retrieved has no rank; one that was not judged has the "
        "grade 0.", "", tasks=("ranking",), column=False,
    )  # fmt: skip
    series: tuple[str, ...] = role(
        OneOrMany(Text()), "Forecasting: the column or columns that identify a series, if there are several.", (),
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    time: str | None = role(
        Text(), "Forecasting: the time that is forecast, as a whole number or an ISO 8601 date.",
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    horizon: str | None = role(
        Text(), "Forecasting: the number of steps ahead, a whole number from 1.",
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    cutoff: str | None = role(
        Text(), "Forecasting: the last time whose value the forecast could know, if it varies.",
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    count: str | None = role(
        Text(), "Frequencies: the number of equal rows that each row represents; a row with 0 counts as no row.",
        excludes={"id": "a row with an id is a single row; keep one"},
    )  # fmt: skip
    weight: str | None = role(
        Text(), "Sampling weights.", excludes={"count": "rows have either counts or weights; keep one"}
    )
    at: Location = place()

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that identify a row: the id, else the identifying roles, such as query and item of a ranking."""
        parts = (column for of in ROLES.values() if of.fit.identifies for _, column in of.columns(self))
        return self.id or tuple(parts)


@dataclass(frozen=True, kw_only=True)
class ChampionSpec(AnswerRoles, RowRoles):
    """An earlier model's answers on the same rows: columns of the predictions, its own file, or its verdict."""

    source: Source | None = param(
        TablePath(), default=None, key="path",
        doc="A file, folder or glob, joined to the predictions by id; if left out, columns of the predictions.",
    )  # fmt: skip
    id: tuple[str, ...] = role(
        OneOrMany(Text()), "With `path`: the columns that identify a row; by default those of `predictions.id`.", ()
    )
    label: str | None = role(
        Text(), "The label it was evaluated with, which must equal the candidate's in every row.", truth=True
    )
    verdict: FileSource | None = param(
        FilePath(), default=None, doc="Instead of all other keys: the earlier model's JSON verdict, compared unpaired."
    )
    name: str = ""
    """The name that rules use, from its key in the file."""
    at: Location = place()


@dataclass(frozen=True)
class Role:
    """One role: its key, its type, its documentation and what it requires."""

    key: str
    spec: Spec[Any]
    doc: str
    fit: Fit

    def columns(self, of: object) -> tuple[tuple[str, str], ...]:
        """The columns that a record names for the role, as (class, column). The class is empty if there is none."""
        value = getattr(of, self.key, None) if self.fit.column else None
        if not value:
            return ()
        if isinstance(value, str):
            return (("", value),)
        return tuple(("", entry) if isinstance(entry, str) else entry for entry in value)


def _table(record: type[Any]) -> Iterator[Role]:
    fits = {entry.name: entry.metadata.get(_ROLE) for entry in dataclasses.fields(record)}
    for entry in params(record):
        fit = fits[entry.attribute]
        if fit is not None:
            yield Role(entry.key, entry.spec, entry.doc, fit)


ROLES: Mapping[str, Role] = {found.key: found for found in _table(Predictions)}
"""All roles by key."""
ANSWERS: Mapping[str, Role] = {found.key: found for found in _table(AnswerRoles)}
"""The roles of a model's answers, by key."""
OUTCOMES: Mapping[str, Role] = {key: of for key, of in ROLES.items() if of.fit.truth or key in ANSWERS}
"""The roles that are known only after the prediction or the truth. Rows must not be selected by them."""


def is_answer(name: str) -> bool:
    """Whether a role of a rule's subject, such as `score` or `decisions.cat`, is a model's answer."""
    return name.partition(".")[0] in ANSWERS


def known_before(name: str) -> bool:
    """Whether a role of a rule's subject is known before the model predicts."""
    found = ROLES.get(name.partition(".")[0])
    return found is not None and found.fit.identifies
