"""What a rule judges: the candidate's roles and tables, with the policy's groups. It opens no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import partial

from mlgate.candidate.derivation import PREDICTIONS, id_key
from mlgate.candidate.presented import Candidate
from mlgate.candidate.roles import EVALUATION
from mlgate.checks.champions import Champion
from mlgate.checks.copied_rows import refuse_copies
from mlgate.checks.policy_groups import Bands, GroupSpec
from mlgate.evidence.dialect import literal
from mlgate.evidence.guard import Guard
from mlgate.evidence.open import typed
from mlgate.evidence.questions.copies import Copies
from mlgate.evidence.questions.example_rows import ExampleRows
from mlgate.evidence.questions.key_matches import Keys, KeysFact
from mlgate.evidence.questions.matching_rows import MatchingRows
from mlgate.evidence.questions.need import Term
from mlgate.evidence.rows import Column, Rows
from mlgate.evidence.tables.ranked_queries import QUERIES
from mlgate.evidence.typed import TypedColumn
from mlgate.values.errors import EvidenceError, MlgateError
from mlgate.values.provenance import Input
from mlgate.values.shown_values import NO_VALUES, ShownValues
from mlgate.values.words import are, counted

UNKNOWN_GROUP = "(unknown)"
"""The name of the group of all rows without a known group. A value `unknown` in the data is another group."""


@dataclass(frozen=True)
class Subject:
    """The candidate as checks see it: with the schemas of its tables and the groups of one policy."""

    candidate: Candidate
    """The whole candidate. `candidate.of(RECORD)` gives the keys that a check declares."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """The column of the predictions table for each role; `labels.NAME` where each class has its own column."""
    scores: tuple[tuple[str, str], ...] = ()
    """(class, column of its probability)."""
    tables: Mapping[str, Rows | MlgateError] = field(default_factory=dict)
    """Each table by its name in the candidate file. `predictions` is already joined with the evaluation table, if any.
    A table that cannot be read has an error instead."""
    keys: Mapping[str, Keys] = field(default_factory=dict)
    """For each table, the question about its ids: are they complete, unique and matched?"""
    copies: Copies | None = None
    """The question how often rows of the predictions repeat, where nothing tells whether they are the same case."""
    derive: Mapping[str, Bands] = field(default_factory=dict)
    groups: Mapping[str, GroupSpec] = field(default_factory=dict)
    unit: tuple[str, ...] = ()
    """Columns of the predictions table that identify a unit, such as a patient; empty if rows are independent."""
    champions: Mapping[str, Champion] = field(default_factory=dict)
    """Earlier models by name. Their tables are in `tables`."""
    folder: str = ""
    """The folder of the rule's policy, from the workspace: functions that the rule names may lie there."""
    policies: tuple[Input, ...] = ()
    """The files of all policies that apply to the candidate."""
    as_of: date = date.max
    """The day of the verdict, in UTC."""
    least_rows: int = 0
    """The rule's `min_n`: groups with fewer rows are not compared."""
    shown: ShownValues = NO_VALUES
    """The columns whose values the rule's messages may show."""

    @property
    def task(self) -> str:
        """The model's task; empty if the candidate has no predictions."""
        return self.candidate.task

    @property
    def described(self) -> str:
        """The candidate in the words of a message: "a binary candidate"."""
        return f"a {self.task} candidate" if self.task else "a candidate without predictions"

    @property
    def positive(self) -> str | None:
        """The positive class."""
        return self.candidate.positive

    @property
    def classes(self) -> tuple[str, ...]:
        """All classes, in their order."""
        return self.candidate.classes

    @property
    def separator(self) -> str:
        """The text between the classes of a row, where one text names all of them; else empty."""
        return self.candidate.predictions.separator if self.candidate.predictions else ""

    def rows(self, table: str = PREDICTIONS) -> Rows:
        """A table by its name in the candidate file. Raises an error if it is missing or cannot be read."""
        found = self.tables.get(table)
        if found is None and table == PREDICTIONS:
            raise EvidenceError(
                "the candidate presents no predictions, and this rule requires them: add `predictions` and `task`, or "
                "restrict the rule by `when: {task: ...}`",
                "predictions",
            )
        spec = self.candidate.table(table)
        if found is None and spec is not None and spec.facts is not None:
            raise EvidenceError(
                f"the candidate presents facts of the table `{table}` and not its rows, and only `against` of "
                "`data.drift` reads facts; name its file by `path`",
                f"tables.{table}.facts",
            )
        if found is None:
            known = ", ".join(sorted(self.tables)) or "none"
            raise EvidenceError(f"the candidate presents no table `{table}` (it has: {known})", "tables")
        if isinstance(found, MlgateError):
            raise found
        return found

    def typed(self, table: str) -> bool:
        """Whether the file of a table holds types. The predictions may be joined with another table."""
        spec, own = self.candidate.table(table), self.candidate.predictions
        joined = self.candidate.evaluation if table == PREDICTIONS else None
        sources = [spec and spec.source, joined and joined.source, own and table == PREDICTIONS and own.source]
        return all(typed(source) for source in sources if source)

    def rolled_up(self, table: str) -> bool:
        """Whether a row of a table is a whole unit, rolled up."""
        unit = self.candidate.unit
        return table == PREDICTIONS and unit is not None and bool(unit.score)

    def key_of(self, table: str) -> tuple[str, ...]:
        """The columns that distinguish the rows of a table, as far as the candidate names them."""
        own, spec = self.candidate.predictions, self.candidate.table(table)
        if table == PREDICTIONS and own is not None:
            return (*own.identity, *self.unit)
        return spec.key if spec else ()

    def count_of(self, table: str) -> str:
        """SQL for how often a row of a table counts; empty for once. Raises EvidenceError where it is not a number."""
        count = self.roles.get("count") if table == PREDICTIONS else None
        return self.rows(table).column(count, "count", "predictions.count").number if count else ""

    def correlated(self, table: str) -> bool:
        """Whether rows of a table belong together in units."""
        return table == PREDICTIONS and bool(self.unit) and not self.rolled_up(table)

    def guards(self, table: str) -> tuple[Guard, ...]:
        """Guards for a table's ids: complete, unique and, in a joined table, the same on both sides. The predictions
        without any must not be copies."""
        # Queries are made from the predictions, whose rows have their own ids beside query and item.
        tables = (PREDICTIONS, QUERIES) if table == QUERIES else (table,)
        keys = dict.fromkeys(self.keys[name] for name in tables if name in self.keys)
        own = self.candidate.predictions
        run = (PREDICTIONS, EVALUATION) if own is not None and own.unretrieved else None
        guards = tuple(
            Guard(need, partial(_refuse_keys, need, need.tables == run), tuple(map(id_key, need.tables)))
            for need in keys
        )
        if self.copies is None or table != PREDICTIONS:
            return guards
        return (*guards, Guard(self.copies, refuse_copies, (f"{PREDICTIONS}.path",)))

    def matching(self, table: str, condition: str, where: str = "") -> MatchingRows:
        """The question how many rows of a table satisfy an SQL condition, among those that satisfy `where`."""
        rows = self.rows(table)
        counted = table == PREDICTIONS and "count" in self.roles
        count = rows.column(self.roles["count"], "count", f"{PREDICTIONS}.count").number if counted else ""
        return MatchingRows(rows.table, where, count, condition)

    def examples(
        self, table: str, where: str, *columns: Column, within: str = "", repeated: Iterable[str] = ()
    ) -> ExampleRows:
        """The question for rows at fault, which a claim or an estimate carries as `offenders`: the ids of rows that
        satisfy an SQL condition, and some columns. Reports show the columns that `show_values` names. With `repeated`,
        expressions in SQL, only rows whose values of these another row has too."""
        rows = self.rows(table)
        spec, own = self.candidate.table(table), self.candidate.predictions
        ids = spec.key if spec else own.identity if own and table == PREDICTIONS else ()
        found = (rows.column(name, wanted_for="key") for name in ids if name in rows.kinds)
        terms = dict.fromkeys(column.term for column in (*found, *columns))
        among = " and ".join(f"({part})" for part in (within, where) if part) if within else where
        return ExampleRows(rows.table, among, columns=tuple(terms), repeated=tuple(repeated))

    def group_term(self, rows: Rows, name: str, missing: tuple[str, ...] = ()) -> Term:
        """A `by` column, or a derived band, as exact text; the values `missing` are in no group. With `own_group` all
        undeclared values are one group."""
        derived = self.derive.get(name)
        term = _bands(rows, derived) if derived else rows.column(name, wanted_for="by", also=self.derive).term
        if missing:
            coded = TypedColumn(rows.column(derived.column if derived else name, "by"), "", missing).missing
            term = replace(term, sql=f"case when not {coded} then {term.sql} end")
        spec = self.groups.get(name)
        if spec is None or spec.unknown != "own_group":
            return term
        known = f"{term.sql} in ({', '.join(map(literal, spec.values))})" if spec.values else f"{term.sql} is not null"
        return Term(name, f"case when {known} then {term.sql} else {literal(UNKNOWN_GROUP)} end")


def _bands(rows: Rows, derived: Bands) -> Term:
    number = rows.column(derived.column, wanted_for=f"derive.{derived.name}").number
    cases = [
        f"when {number} < {_decimal(edge)} then {literal(label)}"
        for edge, label in zip(derived.edges, derived.labels, strict=False)
    ]
    last = f"when {number} >= {_decimal(derived.edges[-1])} then {literal(derived.labels[-1])}"
    return Term(derived.name, f"case when isnan({number}) then null {' '.join(cases)} {last} end")


def _decimal(edge: Fraction) -> str:
    return f"cast({literal(repr(float(edge)))} as double)"


def _refuse_keys(need: Keys, some: bool, fact: KeysFact) -> None:
    """Refuse ids that are missing, repeat or do not match; with `some` it is enough that some ids match."""
    left, columns = need.left, ", ".join(f"`{column}`" for column in need.columns)
    if fact.left_missing or fact.right_missing:
        without = f"{counted(fact.left_missing, 'row')} of {left}{_and(fact.right_missing, need)}"
        has = "has" if fact.left_missing + fact.right_missing == 1 else "have"
        raise EvidenceError(f"{without} {has} no id ({columns}); give every row one")
    if fact.left_repeated or fact.right_repeated:
        repeat = f"{'repeats' if fact.left_repeated == 1 else 'repeat'} in {left}"
        raise EvidenceError(
            f"{counted(fact.left_repeated, 'id')} ({columns}) {repeat}{_and(fact.right_repeated, need, 'in')}, so rows "
            "would count twice; make ids unique"
        )
    if need.right and not (fact.matched if some else fact.matched == fact.left_rows == fact.right_rows):
        raise EvidenceError(
            f"ids do not match: {left} has {counted(fact.left_rows, 'row')} and {need.right} {fact.right_rows:,}, and "
            f"{counted(fact.matched, 'id')} {are(fact.matched)} in both; {fact.left_rows - fact.matched:,} only in "
            f"{left}, {fact.right_rows - fact.matched:,} only in {need.right}. {_same_rows(need, fact)}"
        )


def _same_rows(need: Keys, fact: KeysFact) -> str:
    """What to do where the ids of two tables do not match."""
    if not fact.matched:
        left, right = (", ".join(names) for names in (need.columns, need.right_columns or need.columns))
        columns = f"`{left}` of {need.left} and `{right}` of {need.right}"
        return f"Check that {columns} are the same ids, written in the same way"
    return f"Give {need.left} the rows of {need.right}, no more and no fewer"


def _and(count: int, need: Keys, before: str = "of") -> str:
    """The same count for the other table of a join; empty if there is only one table."""
    return f" and {count:,} {before} {need.right}" if need.right else ""
