"""A column of two tables as data.drift compares it: as a number, a category, a date or the length of a text.

Missing values, NaN, infinities and texts that are not numbers are cells of their own. The edges of bins come from the
reference alone. The categories are those of both tables: a category that only one table has is a cell like any other.
Which of them are joined as rare depends on the rows of both tables together, because a choice by the rows of one table
would by itself make that table look different.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf, nextafter
from typing import Any

from mlgate.evidence.dialect import NUMBER_GRAMMAR, NUMBER_KINDS
from mlgate.evidence.questions.bin_counts import SPECIAL, BinCounts, BinCountsFact, BinsOf
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact, too_many_cells
from mlgate.evidence.questions.need import Facts, Group, Need, Term
from mlgate.evidence.questions.quantile_edges import QuantileEdges, QuantileEdgesFact
from mlgate.evidence.questions.stored_table import StoredBins, StoredCategory, StoredColumn, category_digest
from mlgate.evidence.questions.text_reading import TextReading, TextReadingFact
from mlgate.evidence.questions.two_samples import SampleOf, TwoSamples
from mlgate.evidence.rows import Column, Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.stats.cell_counts import CellCounts
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted

READINGS = ("number", "category", "date", "length")
_FITTING = {"number": (*NUMBER_KINDS, "text"), "date": ("time", "text")}
OTHERS = "(others)"
NO_VALUE = "(missing)"
MOST_RARE, MOST_RARE_NUMBERS = 0.5, 0.05
"""The largest share of the rows of both tables that rare categories may have, in which nothing shows as they are one
cell; and of a text of which most values are numbers."""


FEW_ROWS = 5
"""A category of fewer rows is one of many, as a name is."""


class RareCategoriesError(EvidenceError):
    """A column of so many categories that nearly all of them are one cell, as names or free text have."""


@dataclass(frozen=True)
class TableSide:
    """One of the two tables: its rows, what groups them, and how often a row counts."""

    rows: Rows
    by: tuple[Term, ...] = ()
    count: str = ""
    keys: tuple[str, ...] = ()
    """The columns that identify a row."""


@dataclass(frozen=True)
class SideColumn:
    """The column in one of the tables."""

    side: TableSide
    column: Column
    sentinels: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """SQL for whether a row has no value; NaN is a value here."""
        coded = f" or coalesce({self.column.coded(self.sentinels)}, false)" if self.sentinels else ""
        return f"({self.column.raw} is null{coded})"

    def number(self, reading: str) -> str:
        """SQL for the value as a double; NULL where it is missing or cannot be read. EvidenceError for other kinds."""
        kind, name = self.column.kind, self.column.name
        if kind == "other":
            raise EvidenceError(f"`{name}` is nested or binary, and cannot be compared; leave it out by `except`")
        if reading != "length" and kind not in _FITTING[reading]:
            raise EvidenceError(
                f"`{name}` is {kind} in {self.side.rows.shown_as} and is compared as a {reading}; store it alike in "
                "both tables, or say by `read_as` how to compare it"
            )
        if reading == "date":
            moment = TypedColumn(self.column, "timestamp").moment
            value = f"epoch({moment})"
        elif reading == "length":
            value = f"cast(length({self.column.text}) as double)"
        else:
            value = self.column.number
        return self._present(value)

    def _present(self, value: str) -> str:
        """SQL for a value that is NULL where it is missing; all are NULL where the column is."""
        return f"case when not {self.missing} then {value} end" if self.sentinels else value

    @property
    def category(self) -> Term:
        """The value as exact text; NULL where it is missing."""
        return Term(self.column.name, self._present(self.column.text))

    @property
    def text_reading(self) -> TextReading:
        """Whether all values of a text are numbers, or dates."""
        value = self._present(self.column.raw)
        return TextReading(self.side.rows.table, "", "", value, self.number("number"), self.number("date"))


@dataclass(frozen=True)
class Cells:
    """The rows of both tables in the same cells, for one group."""

    labels: tuple[str, ...]
    """What each cell is, with values of the data."""
    plain: tuple[str, ...]
    """What each cell is, without values of the data."""
    reference: tuple[int, ...]
    current: tuple[int, ...]

    @property
    def counts(self) -> CellCounts:
        """The counts. EvidenceError where one of the tables has no rows."""
        if not (sum(self.reference) and sum(self.current)):
            raise EvidenceError("one of the tables has no rows here; there is nothing to compare")
        return CellCounts.of(self.reference, self.current)

    @property
    def hidden(self) -> float:
        """For categories, the share of the rows with a value that have a rare one, in the table in which it is less."""
        known = [sum(side[:-1]) for side in (self.reference, self.current)]
        rare = (side[-2] for side in (self.reference, self.current))
        return min(few / rows if rows else 0.0 for few, rows in zip(rare, known, strict=True))

    def moved(self, *, shown: bool, most: int = 2) -> str:
        """The cells whose shares changed most: `45 % -> 30 % in [20, 30)`."""
        n, m = sum(self.reference), sum(self.current)
        changes = [(y / m - x / n, at) for at, (x, y) in enumerate(zip(self.reference, self.current, strict=True))]
        largest = sorted((each for each in changes if each[0]), key=lambda each: (-abs(each[0]), each[1]))[:most]
        names = self.labels if shown else self.plain
        return ", ".join(
            f"{_percent(self.reference[at] / n)} -> {_percent(self.current[at] / m)} in {names[at]}"
            for _, at in largest
        )


@dataclass(frozen=True)
class ComparedColumn:
    """One column of both tables. `reading` is empty where the values of a text decide."""

    name: str
    reference: SideColumn
    current: SideColumn
    reading: str = ""
    bins: int = 10
    edges: tuple[float, ...] | None = None
    """The edges of the policy; None where they are quantiles of the reference."""
    most: int = 100
    """The most categories; the others are one cell."""
    whole: bool = False
    """Whether all values of a number are compared and not bins."""
    among: tuple[str, ...] = field(default=(), compare=False)
    """SQL that tells the rows of the reference apart."""
    hidden: bool = False
    """Whether the categories of the reference are digests."""

    def needs(self, facts: Facts) -> Iterator[Need]:
        """The questions that can be asked with these facts; more follow from their answers."""
        if self._undecided and self.reference.text_reading not in facts:
            yield self.reference.text_reading
            return
        reading = self.read_as(facts)
        if reading == "category":
            yield from self._categories
        elif self.whole:
            yield self._samples(reading)
        elif self.edges is None and self._quantiles(reading) not in facts:
            yield self._quantiles(reading)
        else:
            yield from self._bins(reading, self._edges(facts, reading))

    def read_as(self, facts: Facts) -> str:
        """How the values are compared: text as numbers or dates if every value of the reference is one."""
        if not self._undecided:
            return self.reading or {"time": "date", "boolean": "category"}.get(self.reference.column.kind, "number")
        found = facts[self.reference.text_reading]
        return "number" if found.all_numbers else "date" if found.all_dates else "category"

    def cells(self, facts: Facts) -> Mapping[Group, Cells]:
        """The cells by group. EvidenceError where the reference has no value at all."""
        reading = self.read_as(facts)
        return self._category_cells(facts) if reading == "category" else self._bin_cells(facts, reading)

    def samples(self, facts: Facts) -> TwoSamples:
        """The question for all values. EvidenceError for categories."""
        if self.read_as(facts) == "category":
            raise EvidenceError(
                self._mostly(facts)
                or f"`{self.name}` has categories, and this distance is for numbers; compare it by another rule with "
                "`distance: jensen_shannon`"
            )
        return self._samples(self.read_as(facts))

    def without_counts(self, by: tuple[tuple[str, str], ...], facts: Facts | None = None) -> StoredColumn:
        """What is asked of the reference, as it is stored; with the facts, also what its texts are."""
        asked = StoredColumn(self.name, by, self.reference.sentinels, self.reading, self.bins, self.edges, (0, 0, 0))
        if facts is None or not self._undecided:
            return asked
        texts = facts[self.reference.text_reading]
        return replace(asked, texts=(texts.values, texts.numbers, texts.dates))

    def stored(self, by: tuple[tuple[str, str], ...], facts: Facts) -> StoredColumn:
        """The reference as it is stored, with its counts."""
        asked = self.without_counts(by, facts)
        reading = self.read_as(facts)
        if reading == "category":
            try:
                cells = facts[self._categories[0]].cells
            except EvidenceError as error:
                if not too_many_cells(error):
                    raise
                return replace(asked, bins=0, given=None, refused=str(error))
            found = tuple(StoredCategory(cell.values[:-1], cell.values[-1], cell.n) for cell in cells)
            return replace(asked, bins=0, given=None, categories=found)
        edges = self._edges(facts, reading)
        groups = facts[self._bins(reading, edges)[0]].groups
        return replace(
            asked, edges=edges, numbers=tuple(StoredBins(of.group, (*of.bins, *of.special)) for of in groups)
        )

    def facts_of(self, stored: StoredColumn) -> dict[Need, Any]:
        """What is stored of the reference, as the facts of its questions."""
        found: dict[Need, Any] = (
            {self.reference.text_reading: TextReadingFact(*stored.texts)} if self._undecided else {}
        )
        if stored.categories:
            cells = tuple(Cell((*of.group, of.category), of.rows) for of in stored.categories)
            return {**found, self._categories[0]: CountsFact(cells)}
        if stored.refused:
            return {**found, self._categories[0]: EvidenceError(stored.refused)}
        reading, bins = self.read_as(Facts(found)), len(stored.edges) + 1
        if reading == "category" or not stored.numbers:
            return found
        groups = tuple(BinsOf(of.group, of.rows[:bins], of.rows[bins:]) for of in stored.numbers)
        if self.edges is None:
            found[self._quantiles(reading)] = QuantileEdgesFact(1, stored.edges)
        return {**found, self._bins(reading, stored.edges)[0]: BinCountsFact(groups)}

    @property
    def _undecided(self) -> bool:
        return not self.reading and self.reference.column.kind == "text"

    @property
    def _categories(self) -> tuple[Counts, Counts]:
        one, other = (
            Counts(of.side.rows.table, "", of.side.count, (*of.side.by, of.category))
            for of in (self.reference, self.current)
        )
        return one, other

    def _quantiles(self, reading: str) -> QuantileEdges:
        side = self.reference.side
        return QuantileEdges(side.rows.table, "", side.count, self.reference.number(reading), self.bins, self.among)

    def _edges(self, facts: Facts, reading: str) -> tuple[float, ...]:
        if self.edges is not None:
            return self.edges
        found = facts[self._quantiles(reading)]
        if not found.rows:
            raise EvidenceError(f"`{self.name}` has no value in the reference, so there is nothing to compare with")
        edges: tuple[float, ...] = found.edges
        return edges

    def _bins(self, reading: str, edges: tuple[float, ...]) -> tuple[BinCounts, BinCounts]:
        one, other = (
            BinCounts(of.side.rows.table, "", of.side.count, of.number(reading), of.missing, edges, of.side.by)
            for of in (self.reference, self.current)
        )
        return one, other

    def _samples(self, reading: str) -> TwoSamples:
        one, other = (
            SampleOf(of.side.rows.table, of.number(reading), of.side.by, of.side.count)
            for of in (self.reference, self.current)
        )
        return TwoSamples(one, other)

    def _bin_cells(self, facts: Facts, reading: str) -> dict[Group, Cells]:
        edges = self._edges(facts, reading)
        labels = (*_bin_names(edges, reading), *_special(reading))
        own = labels if self.edges is not None else (*_numbered("bin", len(edges) + 1), *_special(reading))
        counts = [
            {of.group: (*of.bins, *of.special) for of in facts[need].groups} for need in self._bins(reading, edges)
        ]
        if not any(sum(rows[: len(edges) + 1]) for rows in counts[0].values()):
            raise EvidenceError(f"`{self.name}` has no {reading} in the reference, so there is nothing to compare with")
        nothing = (0,) * len(labels)
        groups = dict.fromkeys(group for side in counts for group in side)
        return {group: Cells(labels, own, *(side.get(group, nothing) for side in counts)) for group in groups}

    def _category_cells(self, facts: Facts) -> dict[Group, Cells]:
        sides: list[dict[Group, dict[str | None, int]]] = []
        names: dict[str, str] = {}
        unlike = self.reference.column.kind != self.current.column.kind
        if unlike and self.hidden:
            raise EvidenceError(
                f"`{self.name}` is {self.reference.column.kind} in the reference and {self.current.column.kind} here, "
                "and stored digests cannot be read otherwise; name it in `show_values` and store it again"
            )
        for at, fact in enumerate(self._counted(facts)):
            by_group: dict[Group, dict[str | None, int]] = {}
            for cell in fact.cells:
                value = cell.values[-1]
                if self.hidden and at and value is not None:
                    value = category_digest(self.name, value)
                    names[value] = str(cell.values[-1])
                elif unlike and value is not None:
                    value = _in_any_form(value)
                of_group = by_group.setdefault(cell.values[:-1], {})
                of_group[value] = of_group.get(value, 0) + cell.n
            sides.append(by_group)
        if not any(value is not None for counts in sides[0].values() for value in counts):
            raise EvidenceError(f"`{self.name}` has no value in the reference, so there is nothing to compare with")
        groups = dict.fromkeys(group for side in sides for group in side)
        found = {group: self._of_categories([side.get(group, {}) for side in sides], names) for group in groups}
        hidden = max((cells.hidden for cells in found.values()), default=0.0)
        if hidden > (MOST_RARE_NUMBERS if self._mostly(facts) else MOST_RARE):
            raise self._too_rare(facts, f"{_percent(hidden)} of its rows")
        return found

    def _counted(self, facts: Facts) -> list[CountsFact]:
        """The rows per category of both tables. RareCategoriesError where there are too many to count."""
        found: list[CountsFact] = []
        for need in self._categories:
            try:
                found.append(facts[need])
            except EvidenceError as error:
                if self.reference.side.by or not too_many_cells(error):
                    raise
        if len(found) == 1 and not _scattered(found[0]):
            raise EvidenceError(
                f"`{self.name}` has too many categories to count in one of the tables, and few in the other, so it is "
                "not the same; correct it, or leave it out by `except`"
            )
        if len(found) < 2:
            raise self._too_rare(facts, "nearly all of its rows")
        return found

    def _mostly(self, facts: Facts) -> str:
        """What to do about a text of which most values are numbers, or dates, and some are not; empty for others."""
        found = facts[self.reference.text_reading] if self._undecided else TextReadingFact(0, 0, 0)
        for noun, count in (("number", found.numbers), ("date", found.dates)):
            if 2 * count > found.values:
                others = counted(found.values - count, "other value")
                return (
                    f"`{self.name}` has {counted(count, noun)} and {others} in the rows that were read, so it is not "
                    f"compared as {noun}s; name the others in `missing`, or say `read_as: {{{self.name}: {noun}}}`"
                )
        return ""

    def _too_rare(self, facts: Facts, share: str) -> EvidenceError:
        """The error for categories of which most would be one cell, in which nothing shows."""
        if said := self._mostly(facts):
            return EvidenceError(said)
        return RareCategoriesError(
            f"{share} have categories that are not among the {self.most:,} most frequent, so they cannot be compared; "
            f"say `read_as: {{{self.name}: length}}`, raise `categories`, or leave it out by `except`"
        )

    def _of_categories(self, sides: Sequence[Mapping[str | None, int]], names: Mapping[str, str]) -> Cells:
        """The most frequent categories of both tables together, the others as one cell, and missing values."""
        totals: dict[str, int] = {}
        for counts in sides:
            for value, rows in counts.items():
                if value is not None:
                    totals[value] = totals.get(value, 0) + rows
        # Of equally many rows, the digest decides what is rare: it is the same whether or not the value is known.
        ties = {value: value if self.hidden or len(totals) <= self.most else category_digest(self.name, value)
                for value in totals}  # fmt: skip
        ranked = sorted(totals, key=lambda value: (-totals[value], ties[value]))
        kept, rare = ranked[: self.most], ranked[self.most :]
        counted = [
            (
                *(counts.get(value, 0) for value in kept),
                sum(counts.get(value, 0) for value in rare),
                counts.get(None, 0),
            )
            for counts in sides
        ]
        plain = (*_numbered("category", len(kept)), OTHERS, NO_VALUE)
        labels = (names.get(value, of) for value, of in zip(kept, plain)) if self.hidden else kept
        return Cells((*labels, OTHERS, NO_VALUE), plain, *counted)


def _scattered(fact: CountsFact) -> bool:
    """Whether most rows with a value have one that few rows have."""
    rows = [cell.n for cell in fact.cells if cell.values[-1] is not None]
    return 2 * sum(n for n in rows if n < FEW_ROWS) > sum(rows)


def _in_any_form(value: str) -> str:
    """A number or truth value as it is compared with that of another kind of column: 1 and 1.0, True and true."""
    if value in ("True", "TRUE", "False", "FALSE"):
        return value.lower()
    return repr(float(value) + 0.0) if re.fullmatch(NUMBER_GRAMMAR, value) else value


def _numbered(noun: str, count: int) -> tuple[str, ...]:
    return tuple(f"{noun} {at} of {count}" for at in range(1, count + 1))


def _special(reading: str) -> tuple[str, ...]:
    return tuple(f"({'not a date' if name == 'not a number' and reading == 'date' else name})" for name in SPECIAL)


def _bin_names(edges: tuple[float, ...], reading: str) -> tuple[str, ...]:
    """`below 20`, `[20, 30)`, `30` for a bin of one value, `above 30`."""
    if not edges:
        return ("(any value)",)
    shown = [_date(edge) if reading == "date" else f"{edge:.6g}" for edge in edges]
    alone = [nextafter(low, inf) == high for low, high in pairwise(edges)]
    between = [
        low if single else f"{'(' if at and alone[at - 1] else '['}{low}, {high})"
        for at, (single, (low, high)) in enumerate(zip(alone, pairwise(shown), strict=True))
    ]
    return (f"below {shown[0]}", *between, f"{'above' if alone and alone[-1] else 'from'} {shown[-1]}")


def _date(seconds: float) -> str:
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return f"{seconds:.6g}"
    return moment.date().isoformat() if not moment.time().replace(microsecond=0) else f"{moment:%Y-%m-%d %H:%M:%S}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
