"""A check of a table, as a plugin or as one file of a family: every column has demands of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.of_table import demanded, number_of, share_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.rows import Column, Rows
from mlgate.reading.fields import Identifier, Integer, MapOf, Number, OneOrMany, Record, Text, param
from mlgate.values.demand import Demand
from mlgate.values.estimate import Answer, Claim, Unanswered
from mlgate.values.verdict import About, Proof, Where
from mlgate.values.words import Words, counted


@dataclass(frozen=True)
class ColumnKeys:
    """What the values of a column must be."""

    max_null_share: Fraction | None = param(
        Number(min=0, max=1), default=None, doc="The largest share of missing values."
    )
    max_nulls: int | None = param(Integer(min=0), default=None, doc="The most missing values.")
    one_of: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="The only allowed values; missing ones do not count."
    )


@dataclass(frozen=True, kw_only=True)
class TableValid(Check):
    """The columns of a table have the values that the rule allows.

    ## What it does
    Counts, in one scan, the values of each column that are missing or not allowed.
    """

    id: ClassVar[str] = "table.valid"
    bounded: ClassVar[bool] = False  # no at_least/at_most of the rule: each column has its own demands
    about: ClassVar[About] = "table"

    table: str = param(Identifier(), default=PREDICTIONS, doc="The table: one of `tables`, or `predictions`.")
    columns: tuple[tuple[str, ColumnKeys], ...] = param(
        MapOf(Record(ColumnKeys, min=1)), doc="The columns: by name, or by a pattern as in `/lab_.*/`."
    )

    @property
    def measured(self) -> str:
        return f"the columns of {self.table}"

    @property
    def source(self) -> str:
        return self.table

    def words(self, subject: Subject) -> Words:
        return Words("demand", "row")

    @property
    def named_by(self) -> tuple[tuple[str, ...], ...]:
        return (("column", "key"),)

    def demand_of(self, where: Where, given: Demand) -> Demand:
        place = dict(where)
        fitting = (keys for name, keys in self.columns if _fits(name, place.get("column", "")))
        most = getattr(next(fitting, ColumnKeys()), place.get("key", ""), None)
        return demanded("", at_most=most).demand if isinstance(most, (int, Fraction)) else given

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        for name, _ in self.columns:
            try:
                re.compile(name.strip("/"))
            except re.error as error:
                yield ("columns", name), f"is not a pattern: {error}"

    def advice(self, proof: Proof) -> Iterable[str]:
        for name, keys in self.columns:
            if keys.max_null_share == 1:
                yield f"allows every value of `{name}` to be missing; remove `max_null_share`, or lower it"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        for column, keys in self._columns(subject):
            yield subject.matching(self.table, f"{column.raw} is null")
            if keys.one_of:
                yield subject.matching(self.table, _strange(column, keys), where=f"{column.raw} is not null")

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        if not self._columns(subject):
            yield Unanswered((), "no column matches")
        for column, keys in self._columns(subject):
            about: Where = (("column", column.name),)
            missing = facts[subject.matching(self.table, f"{column.raw} is null")]
            rows = subject.examples(self.table, f"{column.raw} is null", column)
            if keys.max_null_share is not None:
                own = demanded("share of missing values", at_most=keys.max_null_share)
                yield share_of((*about, ("key", "max_null_share")), missing, own, of="value", offenders=rows)
            if keys.max_nulls is not None:
                own = demanded("missing values", at_most=keys.max_nulls)
                yield number_of((*about, ("key", "max_nulls")), missing.rows, missing.of, own, offenders=rows)
            if keys.one_of:
                strange, where = _strange(column, keys), (*about, ("key", "one_of"))
                found = facts[subject.matching(self.table, strange, where=f"{column.raw} is not null")]
                if not found.of:
                    yield Unanswered(where, "every value is missing")
                    continue
                said = f"{found.rows:,} of {counted(found.of, 'value')} of `{column.name}` are not in `one_of`"
                yield Claim(where, not found.rows, said, subject.examples(self.table, strange, column))

    def _columns(self, subject: Subject) -> list[tuple[Column, ColumnKeys]]:
        rows = subject.rows(self.table)
        return [
            (rows.column(name, f"columns.{given}"), keys)
            for given, keys in self.columns
            for name in _named(given, rows)
        ]


def _named(given: str, rows: Rows) -> list[str]:
    return [name for name in rows.kinds if _fits(given, name)] if _is_pattern(given) else [given]


def _is_pattern(given: str) -> bool:
    return given.startswith("/") and given.endswith("/")


def _fits(given: str, name: str) -> bool:
    return bool(re.fullmatch(given.strip("/"), name)) if _is_pattern(given) else given == name


def _strange(column: Column, keys: ColumnKeys) -> str:
    return f"{column.raw} is not null and not ({column.equals_any(keys.one_of)})"
