"""The roles of the predictions, each said once: which column is what, for which tasks, and what it excludes.

Whatever lists roles is derived from here: the keys of a candidate file, of a champion and of a policy's `expects`,
what is validated, what rules may ask about, and the pages of the manual. A new role is one field here, and the
metric that reads it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlgate.candidate.named_files import FilePath, TablePath
from mlgate.evidence.sources import FileSource, Source
from mlgate.reading.fields import MapOf, OneOrMany, Spec, Text, param, params, place
from mlgate.values.errors import Location

ByClass = tuple[tuple[str, str], ...]
"""(class, its column) for every class."""
_ROLE = "mlgate.role"


@dataclass(frozen=True)
class Fit:
    """What must fit where a role is named."""

    tasks: tuple[str, ...] = ()
    """The tasks that take it; empty for all."""
    excludes: Mapping[str, str] = field(default_factory=dict)
    """Roles that cannot stand beside it, each with the reason and what to do."""
    pair: str = ""
    """The role that must stand beside it."""
    truth: bool = False
    """Whether it is what was true, which no slice and no unit may be made of."""
    identifies: bool = False
    """Whether it says what is asked, not what came of it; such a column may be part of the id."""
    column: bool = True
    """Whether it names a column, or several."""


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
    """What both models' files have: the rows, what identifies them and what is true of them."""

    source: Source | None = param(TablePath(), default=None, key="path", doc="A file, folder or glob.")
    id: tuple[str, ...] = role(
        OneOrMany(Text()), "The column or columns that identify a row; of rankings `query` and `item`.", ()
    )
    label: str | None = role(Text(), "The true value, where it is not in `evaluation`.", truth=True)


@dataclass(frozen=True, kw_only=True)
class AnswerRoles:
    """The roles that are a model's answers: a champion has its own, and shares all others with the candidate."""

    prediction: str | None = role(Text(), "The predicted class or number.")
    score: str | None = role(
        Text(), "Binary: the probability or score of `positive`; ranking: by what items rank.",
        tasks=("binary", "ranking"),
    )  # fmt: skip
    scores: ByClass = role(
        MapOf(Text(), min=2), "Multiclass, multilabel: for every class the column of its probability.", (),
        tasks=("multiclass", "multilabel"),
    )  # fmt: skip
    decisions: ByClass = role(
        MapOf(Text(), min=2), "Multilabel: for every class a column of 0 or 1, whether it is predicted.", (),
        tasks=("multilabel",),
    )  # fmt: skip
    lower: str | None = role(
        Text(), "A predicted number: lower end of its interval.",
        tasks=("regression", "forecasting"), pair="upper",
    )  # fmt: skip
    upper: str | None = role(
        Text(), "A predicted number: upper end of its interval.",
        tasks=("regression", "forecasting"), pair="lower",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Predictions(AnswerRoles, RowRoles):
    """The model's answers: where they are, and which column is what."""

    source: Source = param(TablePath(), key="path", doc="A file, folder or glob, relative to this file.")
    labels: ByClass = role(
        MapOf(Text(), min=2),
        "Multilabel: for every class the column of 0 or 1, false or true, that says whether a row has it.", (),
        tasks=("multilabel",), truth=True,
    )  # fmt: skip
    separator: str = role(
        Text(), "Multilabel: what stands between classes where `label` and `prediction` are texts that name all of a "
        "row.", "", tasks=("multilabel",), column=False,
    )  # fmt: skip
    query: str | None = role(
        Text(), "Ranking: to which query a row's item belongs.", tasks=("ranking",), identifies=True
    )
    item: str | None = role(Text(), "Ranking: the item, which a query ranks once.", tasks=("ranking",), identifies=True)
    series: tuple[str, ...] = role(
        OneOrMany(Text()), "Forecasting: the column or columns that name a series, where there are several.", (),
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    time: str | None = role(
        Text(), "Forecasting: the time that is forecast, a whole number or a date as ISO 8601.",
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    horizon: str | None = role(
        Text(), "Forecasting: how many steps ahead, a whole number from 1 on.",
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    cutoff: str | None = role(
        Text(), "Forecasting: the last time whose value the forecast could know, where it varies.",
        tasks=("forecasting",), identifies=True,
    )  # fmt: skip
    count: str | None = role(
        Text(), "Frequencies: how many rows each row stands for.",
        excludes={"id": "a row that has an id is one row; keep one"},
    )  # fmt: skip
    weight: str | None = role(Text(), "Sampling weights.", excludes={"count": "rows are counted or weighted; keep one"})
    at: Location = place()

    @property
    def identity(self) -> tuple[str, ...]:
        """What no two rows share: their id; else what their roles identify, as the query and item of a ranking."""
        parts = (column for of in ROLES.values() if of.fit.identifies for _, column in of.columns(self))
        return self.id or tuple(parts)


@dataclass(frozen=True, kw_only=True)
class ChampionSpec(AnswerRoles, RowRoles):
    """An earlier model's answers on the same rows: columns of the predictions, a file of its own, or its verdict."""

    source: Source | None = param(
        TablePath(), default=None, key="path",
        doc="A file, folder or glob, joined to the predictions by id; else their own columns.",
    )  # fmt: skip
    id: tuple[str, ...] = role(OneOrMany(Text()), "With `path`: what identifies a row; else as `predictions.id`.", ())
    label: str | None = role(
        Text(), "The label it was evaluated with, which must be the candidate's on every row.", truth=True
    )
    verdict: FileSource | None = param(
        FilePath(), default=None, doc="In place of all else: the JSON verdict on the earlier model; compared unpaired."
    )
    name: str = ""
    """By what rules call it; filled in from the key that it stands under."""
    at: Location = place()


@dataclass(frozen=True)
class Role:
    """One entry of the table."""

    key: str
    spec: Spec[Any]
    doc: str
    fit: Fit

    def columns(self, of: object) -> tuple[tuple[str, str], ...]:
        """The columns that a record names for the role, each with its class; the class is empty where there is none."""
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
"""Every role by its key."""
ANSWERS: Mapping[str, Role] = {found.key: found for found in _table(AnswerRoles)}
"""Those that are a model's answers."""
OUTCOMES: Mapping[str, Role] = {key: of for key, of in ROLES.items() if of.fit.truth or key in ANSWERS}
"""What is known once the model was asked and the truth is out: no row may be chosen by it."""


def is_answer(name: str) -> bool:
    """Whether a role of a rule's subject, `score` or `decisions.cat`, is a model's answer."""
    return name.partition(".")[0] in ANSWERS


def known_before(name: str) -> bool:
    """Whether a role of a rule's subject says what is asked, not what came of it."""
    found = ROLES.get(name.partition(".")[0])
    return found is not None and found.fit.identifies
