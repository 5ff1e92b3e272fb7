"""data.leakage: no row that judges a model is one that it was trained on, and no column alone tells the label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.base import Check, Wrong
from mlgate.checks.data.column_names import listed, named, pattern_of
from mlgate.checks.data.limits import known_instant
from mlgate.checks.data.predictors import LeakTest, Predicted, PredictorKeys
from mlgate.checks.data.same_values import SameValues
from mlgate.checks.data.table_rows import joined
from mlgate.checks.of_table import demanded, share_of
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.ends import Ends
from mlgate.evidence.questions.matching_rows import MatchingFact
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.overlap import Overlap, OverlapFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.reading.fields import Flag, Integer, ListOf, Number, OneOrMany, Record, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Estimate, LeftOut, Unanswered
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
    of them, or set `max_share`. Rows without any value to compare are left out and counted.

    Two files may write one value in two ways. Texts that are the same whole number are equal, so that 007, 7 and 7.0
    are one key, and so are times in two zones. In `features` this holds for all numbers. With `alike`, numbers are
    rounded to `digits` decimals, and texts are compared without case and blanks, in the Unicode form NFC.

    A column's AUC counts in both directions. Whether a column has a value at all is a predictor too and has the same
    bound: a date of discharge that only those have who survived shows who died. A value itself is judged among the rows
    that have one. A column of texts or truth values is ranked by the rate of the positive class, or the mean label,
    among the rows of each value, so its AUC or R² is a little high. Values of fewer than 20 rows are one value; where
    all are, as those of an id, the digits in the text are ranked. Texts that are all numbers, or all dates, are ranked
    as such; where only most are, they are ranked in both ways. A whole number of at most 100 different values may be a
    code: it is ranked by its size, and also by the rate or mean of each value. The bounds of R² are approximate
    (Fisher's z). Without `columns`, a column that cannot be ranked, such as a name, is listed and not judged, and what
    the model predicted is not a column that is judged.

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
        Number(min=0, max=1),
        default=Fraction(0),
        doc="The largest share of rows that may be in both tables.",
        tighter="lower",
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
        ranked, why = not self.predictors, ""
        for part in self._parts(subject):
            try:
                answer = part.answer(facts)
            except EvidenceError as error:
                # It was not read at all, so it may be the label itself.
                yield Unanswered(part.where, str(error))
                ranked = True
                continue
            if answer is None:
                continue
            if part.where[0][0] == "column":
                # Nobody named the column: one that cannot be ranked, such as a name, is listed and not judged.
                if isinstance(answer, Unanswered) and self.predictors and not self.predictors.columns:
                    why = why or answer.said
                    answer = LeftOut(part.where, 0, f"`{part.where[0][1]}` is not ranked: {answer.said}")
                ranked = ranked or not isinstance(answer, LeftOut)
            yield answer
        if not ranked:
            said = "no column could be ranked, so nothing was evaluated"
            yield Unanswered((("key", "predictors"),), f"{said}; {why}" if why else said)

    def _parts(self, subject: Subject) -> Iterator[LeakTest]:
        rows = subject.rows(self.source)
        if self.against:
            other = subject.rows(self.against)
            for key, names in (("key", self.key), ("entities", self.entities)):
                if names:
                    yield self._overlap(rows, other, key, names)
            if self.features:
                found = [name for each in self.features for name in named(rows, each)]
                if absent := [each for each in self.features if not named(rows, each)]:
                    raise EvidenceError(f"{rows.shown_as} has no column {listed(absent)}; correct `features`")
                yield self._overlap(rows, other, "features", dict.fromkeys(found))
            if self.before:
                yield self._before(subject, rows, other)
        if self.predictors:
            yield from Predicted(subject, self.source, rows, self.predictors, self.missing).tests()

    def _overlap(self, rows: Rows, other: Rows, key: str, names: Iterable[str]) -> LeakTest:
        pairs = [(rows.column(name, key), other.column(name, key)) for name in names]
        digits, numbers = (self.digits if self.alike and key == "features" else None), key == "features"
        tables = rows.shown_as, other.shown_as
        same = [SameValues(pair, tables, self.missing, numbers, digits).sides for pair in pairs]
        own, against = (tuple(sql for values in side for sql in values) for side in zip(*same, strict=True))
        need = Overlap(rows.table, own, other.table, against)
        said = {"key": "the key", "entities": f"the {', '.join(self.entities)}", "features": "all features"}[key]
        what = f"{said} of a row of {self.against}"
        where: Where = (("key", key),)
        return LeakTest(where, (need,), lambda facts: self._shared(where, what, facts[need]))

    def _shared(self, where: Where, what: str, fact: OverlapFact) -> Answer:
        """The rows that are in both tables: a count if none may be, else a share."""
        for name, count in ((self.source, fact.rows), (self.against, fact.others)):
            if not count:
                return Unanswered(where, f"no row of {name} has a value to compare, so nothing was evaluated")
        lacking = [(self.source, fact.all_rows - fact.rows), (self.against, fact.all_others - fact.others)]
        lost = " and ".join(f"{counted(rows, 'row')} of {name}" for name, rows in lacking if rows)
        note = f"left out without a value to compare: {lost}" if lost else ""
        if not self.max_share:
            of = f"{fact.shared:,} of {counted(fact.rows, 'row')} of {self.source}"
            claim = f"{of} {'has' if fact.shared == 1 else 'have'} {what}"
            return Claim(where, not fact.shared, f"{claim}; {note}" if note else claim)
        demand = demanded(f"share of rows with {what}", at_most=self.max_share)
        share = share_of(where, MatchingFact(fact.shared, fact.rows), demand)
        return replace(share, note=note) if note and isinstance(share, Estimate) else share

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
            return self._in_order(where, train.highest, judged.lowest)

        return LeakTest(where, (*ends, *untimed), answer)

    def _in_order(self, where: Where, latest: str | None, earliest: str | None) -> Answer:
        """Whether the latest time of the training table is before the earliest one of the other."""
        if latest is None or earliest is None:
            return Unanswered(where, f"no row has a date or time in `{self.before}`, so nothing was evaluated")
        last, first = known_instant(latest), known_instant(earliest)
        if last is None or first is None:
            return Unanswered(where, f"a date or time in `{self.before}` is not in the years 1 to 9999; correct it")
        met = last < first
        said = f"{self.against} {'ends' if met else 'does not end'} before {self.source} begins, by `{self.before}`"
        return Claim(where, met, said)
