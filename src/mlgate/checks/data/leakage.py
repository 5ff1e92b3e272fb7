"""data.leakage: no row that judges a model is one that it was trained on, and no column alone tells the label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.data.column_names import listed, named, pattern_of
from mlgate.checks.data.limits import known_instant
from mlgate.checks.data.predictors import LeakTest, Predicted, PredictorKeys
from mlgate.checks.data.table_rows import joined
from mlgate.checks.of_table import demanded, share_of
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import NUMBER_KINDS, literal
from mlgate.evidence.questions.ends import Ends
from mlgate.evidence.questions.matching_rows import MatchingFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.overlap import Overlap, OverlapFact
from mlgate.evidence.rows import Column, Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.reading.fields import Flag, Integer, ListOf, Number, OneOrMany, Record, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, LeftOut, Unanswered
from mlgate.values.verdict import Where
from mlgate.values.words import Words, counted


@dataclass(frozen=True, kw_only=True)
class DataLeakage(Check):
    """The rows that judge a model are not those it was trained on, and no single column tells the label.

    ## What it does
    Compares `table` with the table `against`, from which the model was trained. `key` and `features` count the rows
    that are in both, `entities` those whose patient or customer is in both, and `before` demands that the training
    table ends before the other begins. `predictors` measures how well one column alone tells the label: by its ROC AUC,
    or by the R² of a straight line if the label is a number. An id or a column that was recorded after the outcome
    shows there.

    ## Why it matters
    A model that has seen the rows that judge it, or a column that contains the answer, has metrics that no new case
    will repeat.

    ## Example
    ```yaml
    - id: no-leak
      check: data.leakage
      table: evaluation
      against: train
      key: [application_id]
      entities: [customer]
      features: [/lab_.*/, age, sex]
      before: applied_at
      predictors: {label: defaulted, positive: "1", at_most: 0.95}
    ```

    ## Notes
    A share of 0, the default of `max_share`, is a count of this table. A larger one is about the population: by `proof:
    shown` its upper bound must meet it. With few features of few values, equal rows are common by chance; name enough
    of them, or set `max_share`. With `alike`, numbers are rounded to `digits` decimals, and texts are compared without
    case and blanks. A column's AUC counts in both directions. The values of a text column are ranked by the rate of the
    positive class in these rows, so its AUC is a little high; values of fewer than 20 rows are one value. The bounds of
    R² are approximate (Fisher's z). A text column whose values are all numbers, or all dates, is ranked by them. Rows
    without a value of a column are left out of its AUC or R². Without `columns`, a column that cannot be ranked, such
    as a name, is listed and not judged.

    ## References
    Kaufman, Rosset & Perlich 2012 (leakage in data mining); DeLong, DeLong & Clarke-Pearson 1988; Fisher 1921.
    """

    id: ClassVar[str] = "data.leakage"
    bounded: ClassVar[bool] = False

    table: str = param(Text(), default="", doc="The table whose rows judge the model; `predictions` if left out.")
    against: str = param(Text(), default="", doc="The table from which the model was trained.")
    key: tuple[str, ...] = param(OneOrMany(Text()), default=(), doc="Columns that identify a row in both tables.")
    entities: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="Columns that identify a person or thing that must not be in both tables."
    )
    features: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="Columns, by name or /pattern/, that must not all be equal in both tables."
    )
    alike: bool = param(Flag(), default=False, doc="Whether rows whose features are only alike count as equal.")
    digits: int = param(Integer(min=0, max=12), default=3, doc="With `alike`: the decimals of numbers.")
    max_share: Fraction = param(
        Number(min=0, max=1), default=Fraction(0), doc="The largest share of rows that may be in both tables."
    )
    before: str = param(Text(), default="", doc="A column with the time; the training table must end before the other.")
    missing: tuple[str, ...] = param(ListOf(Text(empty=True)), default=(), doc="Values that count as missing.")
    predictors: PredictorKeys | None = param(
        Record(PredictorKeys), default=None, doc="Columns that must not tell the label by themselves."
    )

    @property
    def measured(self) -> str:
        """What is measured, in words."""
        return f"leakage into {self.source}"

    @property
    def source(self) -> str:
        """The table."""
        return self.table or PREDICTIONS

    @property
    def further_tables(self) -> tuple[str, ...]:
        """The table that data may leak from."""
        return (self.against,) if self.against else ()

    def words(self, _subject: Subject) -> Words:
        """A finding is about one way in which data leak."""
        return Words("test")

    def problems(self, _demand: Demand) -> Iterable[Wrong]:
        """Keys that cannot be answered without another, and patterns that are not regular expressions."""
        compared = [key for key in ("key", "entities", "features", "before") if getattr(self, key)]
        if not compared and not self.predictors:
            yield "check", "demands nothing; add `key`, `entities`, `features`, `before` or `predictors`"
        if compared and not self.against:
            yield compared[0], "compares with another table; name it by `against`"
        if self.against == self.source:
            yield "against", f"`{self.against}` is the table itself; name the one that the model was trained on"
        if self.predictors and self.predictors.label in self.features:
            yield "features", f"`{self.predictors.label}` is the label and not a feature; remove it"
        for key, names in (
            ("features", self.features),
            ("predictors", self.predictors.columns if self.predictors else ()),
        ):
            yield from ((key, said) for name in names if isinstance(said := pattern_of(name), str))

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """Every comparison, and the columns' rankings."""
        for table in (self.source, *self.further_tables):
            yield from joined(subject, table)
        for part in self._parts(subject):
            yield from part.needs

    def later(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The ranking of text columns, once the rates of their values are known."""
        for part in self._parts(subject):
            yield from part.later(facts)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """One finding per comparison and per column."""
        ranked = not self.predictors
        for part in self._parts(subject):
            try:
                answer = part.answer(facts)
            except EvidenceError as error:
                answer = Unanswered(part.where, str(error))
            if part.where[0][0] == "column":
                # Nobody named the column: one that cannot be ranked, such as a name, is listed and not judged.
                if isinstance(answer, Unanswered) and self.predictors and not self.predictors.columns:
                    answer = LeftOut(part.where, 0, f"`{part.where[0][1]}` is not ranked: {answer.said}")
                ranked = ranked or not isinstance(answer, LeftOut)
            yield answer
        if not ranked:
            yield Unanswered((("key", "predictors"),), "no column could be ranked, so nothing was evaluated")

    def _parts(self, subject: Subject) -> Iterator[LeakTest]:
        rows = subject.rows(self.source)
        if self.against:
            other = subject.rows(self.against)
            for key, names in (("key", self.key), ("entities", self.entities)):
                if names:
                    yield self._overlap(rows, other, key, [(name, name) for name in names])
            if self.features:
                found = [name for each in self.features for name in named(rows, each)]
                if absent := [each for each in self.features if not named(rows, each)]:
                    raise EvidenceError(f"{rows.shown_as} has no column {listed(absent)}; correct `features`")
                yield self._overlap(rows, other, "features", [(name, name) for name in dict.fromkeys(found)])
            if self.before:
                yield self._before(subject, rows, other)
        if self.predictors:
            yield from Predicted(subject, self.source, rows, self.predictors, self.missing).tests()

    def _overlap(self, rows: Rows, other: Rows, key: str, pairs: list[tuple[str, str]]) -> LeakTest:
        columns = [(rows.column(name, key), other.column(same, key)) for name, same in pairs]
        for mine, theirs in columns:
            if _family(mine) != _family(theirs):
                raise EvidenceError(
                    f"column `{mine.name}` is {mine.kind} in {rows.shown_as} and {theirs.kind} in {other.shown_as}; "
                    "store it alike in both"
                )
        own, against = (tuple(self._value(column, key) for column in side) for side in zip(*columns, strict=True))
        need = Overlap(rows.table, own, other.table, against)
        said = {"key": "the key", "entities": f"the {', '.join(self.entities)}", "features": "all features"}[key]
        what = f"rows with {said} of a row of {self.against}"
        where: Where = (("key", key),)

        def answer(facts: Facts) -> Answer:
            fact: OverlapFact = facts[need]
            for name, count in ((self.source, fact.rows), (self.against, fact.others)):
                if not count:
                    return Unanswered(where, f"no row of {name} has a value to compare, so nothing was evaluated")
            if not self.max_share:
                said = f"{fact.shared:,} of {counted(fact.rows, 'row')} of {self.source}"
                return Claim(where, not fact.shared, f"{said} {'is' if fact.shared == 1 else 'are'} {what}")
            demand = demanded(f"share of {what}", at_most=self.max_share)
            return share_of(where, MatchingFact(fact.shared, fact.rows), demand)

        return LeakTest(where, (need,), answer)

    def _value(self, column: Column, key: str) -> str:
        """A value as it is compared: a number as a number, and with `alike` rounded, or without case and blanks."""
        typed = TypedColumn(column, "", self.missing)
        if column.kind in NUMBER_KINDS:
            value = f"round({column.number}, {self.digits})" if self.alike and key == "features" else column.number
        elif self.alike and key == "features" and column.kind == "text":
            value = f"lower(replace(replace({column.text}, ' ', ''), {literal(chr(9))}, ''))"
        else:
            value = column.text
        return f"case when not {typed.missing} then {value} end"

    def _before(self, subject: Subject, rows: Rows, other: Rows) -> LeakTest:
        sides = [(self.against, other), (self.source, rows)]
        columns = [TypedColumn(of.column(self.before, "before"), "timestamp", self.missing) for _, of in sides]
        ends = [Ends(of.table, value=column.moment) for (_, of), column in zip(sides, columns, strict=True)]
        untimed = [
            subject.matching(name, f"({column.moment}) is null")
            for (name, _), column in zip(sides, columns, strict=True)
        ]
        where: Where = (("key", "before"),)

        def answer(facts: Facts) -> Answer:
            for (name, _), need in zip(sides, untimed, strict=True):
                if lost := facts[need].rows:
                    has = "has" if lost == 1 else "have"
                    said = f"{counted(lost, 'row')} of {name} {has} no date or time in `{self.before}`; fill it in"
                    return Unanswered(where, said)
            (train,), (judged,) = (facts[need].groups for need in ends)
            if train.highest is None or judged.lowest is None:
                return Unanswered(where, f"no row has a date or time in `{self.before}`, so nothing was evaluated")
            last, first = known_instant(train.highest), known_instant(judged.lowest)
            if last is None or first is None:
                return Unanswered(where, f"a date or time in `{self.before}` is not in the years 1 to 9999; correct it")
            met = last < first
            said = f"{self.against} ends {'before' if met else 'after'} {self.source} begins, by `{self.before}`"
            return Claim(where, met, said)

        return LeakTest(where, (*ends, *untimed), answer)


def _family(column: Column) -> str:
    return "number" if column.kind in NUMBER_KINDS else column.kind
