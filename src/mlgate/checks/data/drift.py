"""data.drift: the columns of a table are distributed as in another table."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.by_group import absent_groups, unknown_columns, where_of
from mlgate.checks.data.column_names import means, named, pattern_of
from mlgate.checks.data.compared_columns import READINGS, ComparedColumn, RareCategoriesError, SideColumn, TableSide
from mlgate.checks.data.drift_answers import ComparedGroup, Comparing, share_of_columns
from mlgate.checks.data.drift_distances import DISTANCES, DriftDistance
from mlgate.checks.data.drift_reference import (
    DriftReference,
    definitions,
    stored_reference,
    stored_table,
    table_reference,
)
from mlgate.checks.data.table_rows import joined
from mlgate.checks.metric_rule import GroupColumns
from mlgate.checks.roles_read import taken_by
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.stored_table import StoredColumn
from mlgate.evidence.questions.text_reading import TextReading
from mlgate.evidence.rows import Rows
from mlgate.reading.fields import By, Choice, Integer, ListOf, MapOf, Number, OneOrMany, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, LeftOut, Published, Unanswered
from mlgate.values.words import Words, did_you_mean

LABELS = ("label", "prediction")
"""Roles whose values are classes where the task has classes."""
CLASSIFYING = ("binary", "multiclass")
TELLING = 4
"""Tables with so many counts alike are copies: two samples agree in 5 cells in less than 1 of 10,000 cases."""
PICTURES = 5
"""The most columns whose distributions are drawn."""


@dataclass(frozen=True, kw_only=True)
class DataDrift(Check):
    """The columns of a table are distributed as in another table.

    ## What it does
    Compares every column of `table` with the same column of `against`, the reference, and bounds the distance of the
    two populations. `at_most` is demanded of every column. Numbers are counted in `bins` whose edges are quantiles of
    the reference, or the `edges` of the policy. Categories, missing values, NaN and infinities are cells of their own,
    so a column that loses its values drifts. The columns are those of the reference, without keys and dates and the
    columns of `by`, unless `columns` names others.

    The distances: `jensen_shannon` (the root of the divergence to base 2, from 0 to 1), `psi` (natural logarithm),
    `total_variation`, `hellinger`, `chebyshev` (the largest change of one share), and for numbers without bins
    `kolmogorov_smirnov` and `wasserstein` (`per` standard deviation or range of the reference).

    ## Why it matters
    A model is right for the population that it was trained and evaluated on. The distance of two samples of the same
    population is never 0: with few rows a fixed threshold blocks innocent data, and with many rows a p-value finds
    differences that do not matter. The bounds of the true distance say which of the two it is.

    ## Example
    ```yaml
    - id: same-world
      check: data.drift
      table: evaluation
      against: train
      distance: jensen_shannon
      at_most: 0.1
    ```

    Without the training table at hand, its facts do. They are stored when the model is trained, for all rules with
    `against: train`, and a later candidate names them:
    ```text
    mlgate measure training.yaml --table train --output train.json
    ```
    ```yaml
    tables:
      evaluation: {path: evaluation.parquet, key: id}
      train: {facts: train.json}
    ```

    ## Use instead
    `data.columns` for what every value must be: its type, its range, its categories.

    ## Notes
    The rule is about the populations, so `proof: shown` is the default: a PASS means that the distance is shown to be
    small, which needs rows. With 10 bins and no drift, an upper bound of the Jensen-Shannon distance is about 0.14 with
    200 rows in each table and 0.06 with 1,000.

    Text is read as numbers if every value of the reference is one, then as dates, else as categories; `read_as` decides
    otherwise. Labels and predictions of a task with classes are categories. Where the rarest categories, which are one
    cell, have most rows of both tables, nothing would show: that is an error, but a column of names or free text that
    nobody named is listed and not judged. A value as frequent as a bin has a bin of its own, and so has each value of a
    column with no more than `bins` of them. The edges of a table with more than 131,072 rows come from a part of it,
    which its keys choose.

    The first and the last bin are open: a value that is high already may grow and stays in its bin. The `wasserstein`
    distance sees that, and `data.columns` bounds the values themselves.

    The bounds are approximate: docs/statistics.md says how, and `benchmarks/drift_coverage.md` how often they miss. PSI
    has no upper bound where a cell has rows in one table only, because the population's PSI may be infinite. Rows that
    belong together in units have no bounds here. For `kolmogorov_smirnov`, rows without a number are above all numbers.
    `wasserstein` is about the finite numbers: an infinite one is an error, and so is a reference with one value only.
    The share of rows without a number is then compared by total variation, with the same `at_most`.

    Names elsewhere: `jensen_shannon` is 1.2011 times the distance of scipy and Evidently with their default base, and
    its square is TFDV's divergence. `chebyshev` is TFDV's L-infinity distance. The `wasserstein` of Evidently is `per`
    standard deviation (divisor n), and that of deepchecks is per range of both tables after cutting their ends.

    Stored facts give the same answer as their table, with the bounds of two samples. They have the rows of each bin and
    category, the edges of bins, and the values of `by`. The categories themselves are stored only for columns in
    `show_values`, of others their digests, by which a category can be tried but not read. `kolmogorov_smirnov` and
    `wasserstein` need all values and are an error. So is a rule with other bins, edges, readings, `missing` values or
    groups than it had when the facts were stored. The file's digest reveals an edit. But whoever can write the file can
    also write the digest, so a policy says which file it trusts by `facts_sha256`, the `sha256` in the file.

    A table that is compared with a copy of itself is an error. With `share_of_columns_above`, the rule is about the
    share of the columns whose distance is above that number.

    ## References
    Lin 1991 (Jensen-Shannon); Wei & Dudley 2012 (two-sample DKW); Zou & Donner 2008 (MOVER).
    """

    id: ClassVar[str] = "data.drift"
    bounded: ClassVar[bool] = True
    also_called: ClassVar[tuple[str, ...]] = ("data_drift", "population_stability_index")

    table: str = param(Text(), default="", doc="The table of the candidate; `predictions` if left out.")
    against: str = param(
        Text(), doc="The table that is the reference: another table of the candidate, or its stored `facts`."
    )
    facts_sha256: str = param(
        Text(), default="", doc="The `sha256` in the file of stored facts that is trusted; with another, an error."
    )
    columns: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="Columns by name or /pattern/; all but keys and dates if left out."
    )
    except_: tuple[str, ...] = param(
        OneOrMany(Text()), key="except", default=(), doc="Columns that are left out, by name or /pattern/."
    )
    distance: str = param(Choice(*DISTANCES), default="jensen_shannon", doc="The distance of the two distributions.")
    per: str = param(
        Choice("std", "range"),
        default="std",
        doc="With `wasserstein`: the unit, the standard deviation or the range of the reference.",
    )
    bins: int = param(Integer(min=2, max=100), default=10, doc="The number of bins of a number.")
    edges: tuple[tuple[str, tuple[Fraction, ...]], ...] = param(
        MapOf(ListOf(Number(), unique=True)), default=(), doc="The edges of a column's bins, instead of quantiles."
    )
    categories: int = param(
        Integer(min=1, max=1000), default=100, doc="The most categories of a column; the rarest others are one cell."
    )
    missing: tuple[str, ...] = param(
        ListOf(Text(empty=True), unique=True), default=(), doc="Values that count as missing in every column."
    )
    read_as: tuple[tuple[str, str], ...] = param(
        MapOf(Choice(*READINGS)), default=(), doc="How columns, by name or /pattern/, are compared."
    )
    share_of_columns_above: Fraction | None = param(
        Number(min=0),
        default=None,
        doc="Measure the share of the columns with a distance above this number, instead of each distance.",
        tighter="lower",
    )
    by: tuple[GroupColumns, ...] = param(By(), default=(), doc="Slice both tables by columns.")

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        per = (
            {"std": " per standard deviation", "range": " per range"}[self.per]
            if self.distance == "wasserstein"
            else ""
        )
        title = f"{self._distance.title}{per}"
        if self.share_of_columns_above is None:
            return title
        return f"share of columns with {title} above {float(self.share_of_columns_above):g}"

    @property
    def limits(self) -> tuple[float, float]:
        """From no distance on."""
        return 0.0, 1.0 if self.share_of_columns_above is not None else self._distance.most

    @property
    def source(self) -> str:
        """The table."""
        return self.table or PREDICTIONS

    @property
    def further_tables(self) -> tuple[str, ...]:
        """The reference."""
        return (self.against,)

    def words(self, _subject: Subject) -> Words:
        """A finding is about one column."""
        return Words("column")

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """Impossible bounds, patterns that are none, keys that this distance does not read, and edges that fall."""
        if self.source == self.against:
            yield "against", "is the table itself; name another table of the candidate"
        if demand.at_least is not None:
            yield "at_least", "would demand drift; write `at_most`"
        most = self.limits[1]
        if demand.at_most is not None and not 0 < demand.at_most < most:
            yield "at_most", f"must be above 0{f' and below {most:g}' if math.isfinite(most) else ''}"
        for key, names in (("columns", self.columns), ("except", self.except_)):
            yield from ((key, found) for name in names if isinstance(found := pattern_of(name), str))
        for name, _ in self.read_as:
            if isinstance(found := pattern_of(name), str):
                yield ("read_as", name), found
        for name, edges in self.edges:
            if list(edges) != sorted(edges):
                yield ("edges", name), "must rise"
        if self._distance.ordered and self.edges:
            yield "edges", f"`{self.distance}` compares all values and has no bins"
        if self.facts_sha256 and not re.fullmatch("[0-9a-f]{64}", self.facts_sha256):
            yield "facts_sha256", "is not a SHA-256 digest, 64 of the signs 0-9 and a-f; copy it from the file"
        if self.per != "std" and self.distance != "wasserstein":
            yield "per", "is the unit of `distance: wasserstein` only"

    def needs(self, subject: Subject, _alphas: tuple[float, ...]) -> Iterable[Need]:
        """The guards of both tables, and what is known to be asked before any answer."""
        yield from joined(subject, self.source)
        stored = stored_table(subject, self.against, self.facts_sha256)
        if stored is None:
            subject.rows(self.against)
            yield from joined(subject, self.against)
            yield from self._asked(subject, Facts())
        elif self._distance.ordered:
            raise EvidenceError(
                f"`distance: {self.distance}` compares all values, and {stored.path} has counts of {self.against} "
                "only; present the table by `path`, or choose a distance of shares, such as jensen_shannon",
                f"tables.{self.against}.facts",
            )
        else:
            yield stored

    def later(self, subject: Subject, facts: Facts, _alphas: tuple[float, ...]) -> Iterable[Need]:
        """What follows once it is known how texts are read, and where the edges are."""
        return self._asked(subject, facts)

    def of_stored(self, subject: Subject, name: str, table: str, facts: Facts) -> Iterator[Need]:
        """The counts of the reference, and what they depend on; nothing if all values are compared."""
        if self.against != name or self._distance.ordered:
            return
        yield from joined(subject, table)
        for _, column in self._alone(subject, name, table):
            needs = list(column.needs(facts))
            asks_first = any(isinstance(need, TextReading) for need in needs)
            if asks_first or not self._unnamed_date(column, facts):
                yield from needs

    def as_stored(self, subject: Subject, name: str, table: str, facts: Facts) -> Iterator[StoredColumn]:
        """The columns of the reference, as they are stored."""
        if self.against == name and not self._distance.ordered:
            for names, column in self._alone(subject, name, table):
                by = definitions(subject, names)
                dated = self._unnamed_date(column, facts)
                yield column.without_counts(by, facts) if dated else column.stored(by, facts)

    def _alone(self, subject: Subject, name: str, table: str) -> Iterator[tuple[GroupColumns, ComparedColumn]]:
        """Every column of the reference, by each slicing."""
        reference = table_reference(subject, name, table)
        for names in self.by or ((),):
            for column in self._names(subject, reference):
                yield names, self._column(subject, reference, column, names, alone=True)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """An estimate per column and group, or the share of the columns that drift; and pictures of what moved."""
        reference = self._reference(subject, facts)
        found = [answer for names in self.by or ((),) for answer in self._compared(subject, reference, facts, names)]
        compared = [each for each in found if not isinstance(each.answer, LeftOut)]
        if not compared:
            raise EvidenceError(f"no column is left to compare with {self.against}; name some in `columns`")
        if all(each.same for each in compared) and sum(each.freedom for each in compared) >= TELLING:
            raise EvidenceError(
                f"{self.source} and {self.against} have the same rows, so nothing is shown; present a sample of the "
                "population that the rule is about"
            )
        judged = [each.answer for each in found]
        if self.share_of_columns_above is None:
            yield from judged
        else:
            yield from share_of_columns(judged, self.share_of_columns_above, self.measured)
        pictured = [each for each in found if each.picture and each.surely_above(0.0, alphas[0])]
        for each in sorted(pictured, key=lambda each: -each.value)[:PICTURES]:
            if each.picture:
                yield Published(each.picture, each.answer.where)

    def reads(self, task: str) -> frozenset[str] | None:
        """The roles of the predictions if one of the tables is theirs."""
        return taken_by(task) if PREDICTIONS in (self.source, self.against) else frozenset()

    @property
    def _distance(self) -> DriftDistance:
        return DISTANCES[self.distance]

    def _reference(self, subject: Subject, facts: Facts) -> DriftReference:
        stored = stored_table(subject, self.against, self.facts_sha256)
        return stored_reference(stored, facts) if stored else table_reference(subject, self.against, self.against)

    def _asked(self, subject: Subject, facts: Facts) -> Iterator[Need]:
        """What is still to be asked. A column that cannot be asked about has an error as its answer."""
        reference = self._reference(subject, facts)
        for names in self.by or ((),):
            for name in self._names(subject, reference):
                try:
                    column = self._column(subject, reference, name, names)
                    yield from list(reference.needs(column, definitions(subject, names), facts))
                except EvidenceError:
                    continue

    def _compared(
        self, subject: Subject, reference: DriftReference, facts: Facts, names: GroupColumns
    ) -> Iterator[ComparedGroup]:
        """Each column of one slicing, or why it is not compared."""
        rows = reference.rows
        for entry in (*self.columns, *dict(self.edges), *dict(self.read_as)):
            if not named(rows, entry):
                said = f"{rows.shown_as} has no such column{did_you_mean(entry, rows.kinds)}"
                yield ComparedGroup(Unanswered((("column", entry),), said))
        independent = not (reference.correlated or subject.correlated(self.source))
        comparing = Comparing(self._distance, self.per, (reference.shown_as, self.source), independent=independent)
        for name in self._names(subject, reference):
            where = (("column", name),)
            try:
                column = self._column(subject, reference, name, names)
                known = reference.facts(column, definitions(subject, names), facts)
                if self._unnamed_date(column, known):
                    continue
                groups = list(comparing.groups(column, known, shown=name in subject.shown))
                yield from (self._of_group(subject, names, group, found) for group, found in groups)
                absent = absent_groups(subject, names, dict(groups))
                yield from (ComparedGroup(replace(each, where=(*where, *each.where))) for each in absent)
            except RareCategoriesError as error:
                # Nobody named the column: names or free text are listed and not judged.
                asked = self.columns or column.reading
                yield ComparedGroup(Unanswered(where, str(error)) if asked else LeftOut(where, 0, str(error)))
            except EvidenceError as error:
                yield ComparedGroup(Unanswered(where, str(error)))

    def _of_group(
        self, subject: Subject, names: GroupColumns, group: tuple[str | None, ...], found: ComparedGroup
    ) -> ComparedGroup:
        """The answer for a group; an unknown group is left out only where the policy says so."""
        where = (*found.answer.where, *where_of(names, group))
        unknown = unknown_columns(subject, names, group)
        if not unknown:
            return found.at(where)
        specs = [subject.groups.get(name) for name in unknown]
        if all(spec is not None and spec.unknown == "report" for spec in specs):
            return ComparedGroup(LeftOut(where, found.rows, "unknown group, left out by `groups:`", unknown=True))
        said = "rows have no group, or one that is not declared; declare it in `groups:` or set `unknown:` there"
        return ComparedGroup(Unanswered(where, said, found.rows))

    def _unnamed_date(self, column: ComparedColumn, facts: Facts) -> bool:
        """Whether the column has dates and nobody named it: every new table has other dates."""
        return not self.columns and not column.reading and column.read_as(facts) == "date"

    def _names(self, subject: Subject, reference: DriftReference) -> list[str]:
        """The columns to compare, each once."""
        keys = {*self._keys(subject, self.source), *reference.key}
        keys |= {name for columns in self.by for name in columns}
        chosen = [found for entry in self.columns for found in named(reference.rows, entry)]
        if not self.columns:
            chosen = [name for name, kind in reference.rows.kinds.items() if name not in keys and kind != "time"]
        left = [name for name in chosen if not any(means(entry, name) for entry in self.except_)]
        return list(dict.fromkeys(left))

    def _keys(self, subject: Subject, table: str) -> tuple[str, ...]:
        spec, own = subject.candidate.table(table), subject.candidate.predictions
        if table == PREDICTIONS and own is not None:
            return (*own.identity, *subject.unit)
        return spec.key if spec else ()

    def _column(
        self, subject: Subject, reference: DriftReference, name: str, names: GroupColumns, *, alone: bool = False
    ) -> ComparedColumn:
        """A column of both tables; of the reference on both sides if it is looked at alone."""
        before = self._side(subject, reference.rows, names, reference.count, reference.key)
        now = before if alone else self._current(subject, names)
        edges = dict(self.edges).get(name)
        among = before.keys or tuple(self._names(subject, reference))
        found = ComparedColumn(
            name,
            SideColumn(before, before.rows.column(name, "columns"), self.missing),
            SideColumn(now, now.rows.column(name, "columns"), self.missing),
            reading=self._reading(subject, name),
            bins=self.bins,
            edges=None if edges is None else tuple(map(float, edges)),
            most=self.categories,
            whole=self._distance.ordered,
            among=()
            if reference.stored
            else tuple(before.rows.column(each, "columns").raw for each in among if each in before.rows.kinds),
            hidden=reference.hides(name),
        )
        return replace(found, reading="number") if edges is not None and not found.reading else found

    def _current(self, subject: Subject, names: GroupColumns) -> TableSide:
        rows = subject.rows(self.source)
        count = subject.count_of(self.source)
        return self._side(subject, rows, names, count, self._keys(subject, self.source))

    def _side(self, subject: Subject, rows: Rows, names: GroupColumns, count: str, key: tuple[str, ...]) -> TableSide:
        terms = tuple(subject.group_term(rows, name, self.missing) for name in names)
        return TableSide(rows, terms, count, key)

    def _reading(self, subject: Subject, name: str) -> str:
        said = next((reading for entry, reading in self.read_as if means(entry, name)), "")
        classes = {subject.roles.get(role) for role in LABELS} if subject.task in CLASSIFYING else set()
        return said or ("category" if name in classes and PREDICTIONS in (self.source, self.against) else "")
