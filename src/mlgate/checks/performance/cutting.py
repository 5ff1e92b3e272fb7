"""Cuts columns into slices: by value or, for numbers, into bins of equal rows; rows without a value are a slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import inf, nextafter

from mlgate.checks.by_group import MISSING
from mlgate.checks.policy_groups import Bands
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import literal, one_zero
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.distinct_values import DistinctFact, DistinctValues
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.questions.order import Order, OrderFact
from mlgate.evidence.questions.profile import Profile, ProfileFact
from mlgate.evidence.rows import READ_AS_NUMBERS, Column, Rows
from mlgate.values.errors import EvidenceError

FEW = 20
"""A column of numbers with at most so many distinct ones is cut by value: they may be codes, and bins hide one."""
MOST_VALUES = 1000
"""The most values with enough rows that a column may have. A column with more is an identifier, or needs bands."""


@dataclass(frozen=True)
class Cut:
    """A column and its slices. The term gives a row's slice, or NULL if its value has too few rows."""

    name: str
    term: Term
    few: int = 0
    """The number of values with too few rows."""


@dataclass(frozen=True)
class Cutting:
    """How to cut columns, and the questions to ask for it."""

    subject: Subject
    rows: Rows
    where: str
    count: str
    quantiles: int
    least: int
    """A value with fewer rows is not a slice."""
    least_share: Fraction

    def first(self, name: str) -> Iterator[Need]:
        """For numbers: their range, and how many distinct ones there are. This decides between values and bins."""
        if self._numeric(name):
            column = self.rows.column(name, "columns")
            yield self._profile(column)
            yield self._distinct(column)

    def then(self, name: str, facts: Facts) -> tuple[Need, ...]:
        """The next questions: the rows of each value, or the quantiles between bins."""
        if not self._binned(name, facts):
            return (self._values(name),)
        return tuple(self._quantile(name, at) for at in range(1, self.quantiles))

    def cut(self, name: str, facts: Facts) -> Cut:
        """The column's slices. Raises EvidenceError if there are too many."""
        return self._bins(name, facts) if self._binned(name, facts) else self._by_value(name, facts)

    def _numeric(self, name: str) -> bool:
        declared = name in self.subject.derive or name in self.subject.groups
        return not declared and self.rows.kinds.get(name) in READ_AS_NUMBERS

    def _binned(self, name: str, facts: Facts) -> bool:
        """Whether to cut into bins: all values are numbers (text may hold them too), and more than a few."""
        if not self._numeric(name):
            return False
        column = self.rows.column(name, "columns")
        found: ProfileFact = facts[self._profile(column)]
        if found.unreadable or found.minimum is None or found.maximum is None:
            return False
        distinct: DistinctFact = facts[self._distinct(column)]
        return distinct.distinct > FEW

    def _profile(self, column: Column) -> Profile:
        return self.rows.profile(column, self.where, self.count)

    def _distinct(self, column: Column) -> DistinctValues:
        value = f"case when isfinite({column.number}) then {one_zero(column.number)} end"
        return DistinctValues(self.rows.table, self.where, self.count, value, FEW)

    def _values(self, name: str) -> Counts:
        return Counts(self.rows.table, self.where, self.count, (self.subject.group_term(self.rows, name),))

    def _quantile(self, name: str, at: int) -> Order:
        number = self.rows.column(name, "columns").number
        where = " and ".join(filter(None, (self.where and f"({self.where})", f"isfinite({number})")))
        return Order(self.rows.table, where, self.count, number, at / self.quantiles)

    def _bins(self, name: str, facts: Facts) -> Cut:
        column = self.rows.column(name, "columns")
        profile: ProfileFact = facts[self._profile(column)]
        found: set[float] = set()
        for at in range(1, self.quantiles):
            order: OrderFact = facts[self._quantile(name, at)]
            found |= {of.value for of in order.groups}
        edges, labels = _bins(sorted(found), float(profile.minimum or 0), column.kind == "integer")
        bands = Bands(name, name, tuple(map(Fraction, edges)), labels)
        term = replace(self.subject, derive={name: bands}).group_term(self.rows, name)
        return Cut(name, Term(name, f"coalesce({term.sql}, {literal(MISSING)})"))

    def _by_value(self, name: str, facts: Facts) -> Cut:
        fact: CountsFact = facts[self._values(name)]
        least = max(Fraction(self.least), self.least_share * fact.rows)
        enough = [cell.values[0] for cell in fact.cells if cell.n >= least]
        if len(enough) > MOST_VALUES:
            raise EvidenceError(
                f"column `{name}` has {len(enough)} values with at least {self.least} rows each; at most {MOST_VALUES} "
                "are searched. Derive bands, or raise min_n"
            )
        term = self.subject.group_term(self.rows, name)
        values = [value for value in enough if value is not None]
        missing = _free(MISSING, values)
        cases = [f"when {term.sql} is null then {literal(missing)}"] if None in enough else []
        cases += [f"when {term.sql} in ({', '.join(map(literal, values))}) then {term.sql}"] if values else []
        sql = f"case {' '.join(cases)} end" if cases else "cast(null as varchar)"
        return Cut(name, Term(name, sql), len(fact.cells) - len(enough))


def _bins(quantiles: list[float], minimum: float, whole: bool) -> tuple[list[float], tuple[str, ...]]:
    """Edges and names of the bins. If the first quantile is the minimum, which many rows then have, its bin holds just
    that value."""
    edges, opening = _rounded(quantiles, minimum), "["
    names = [str(int(edge)) if whole else repr(edge) for edge in edges]
    if edges[0] <= minimum:
        edges, opening = [nextafter(edges[0], inf), *edges[1:]], "("
    closing = "]" if opening == "(" else ")"
    between = [f"{low}, {high})" for low, high in pairwise((*names, "inf"))]
    return edges, (f"(-inf, {names[0]}{closing}", f"{opening}{between[0]}", *(f"[{rest}" for rest in between[1:]))


def _rounded(quantiles: list[float], minimum: float) -> list[float]:
    """Quantiles rounded to four digits for easy reading, if they stay distinct."""
    short = [float(f"{edge:.4g}") for edge in quantiles]
    return short if len(set(short)) == len(quantiles) and minimum < short[0] else quantiles


def _free(name: str, values: list[str]) -> str:
    """The name, in parentheses until it differs from every value in the data."""
    while name in values:
        name = f"({name})"
    return name
