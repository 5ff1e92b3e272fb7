"""How well single columns tell the label, for `data.leakage`: a ROC AUC or an R² per column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import atanh, inf, sqrt, tanh

from mlgate.candidate.derivation import PREDICTIONS
from mlgate.checks.by_group import MISSING
from mlgate.checks.data.column_names import listed, named
from mlgate.checks.of_table import demanded
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import NUMBER_KINDS, double, literal
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.matching_rows import MatchingFact, MatchingRows
from mlgate.evidence.questions.moments import Moments, MomentsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.questions.placements import Placements, PlacementsFact, PlacementsOf
from mlgate.evidence.questions.repeats import Repeats
from mlgate.evidence.questions.text_reading import TextReading, TextReadingFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.typed import TypedColumn
from mlgate.metrics.kinds.ranked import area_of
from mlgate.reading.fields import Number, OneOrMany, Text, param
from mlgate.stats.special import ndtri
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.verdict import Where
from mlgate.values.words import counted, have

LEAST_ROWS = 20
"""Values of a text column that fewer rows have are one value, "other"."""
MOST_VALUES = 1_000
"""The most values of a text column that are ranked one by one."""
OF_VALUES = "of this column alone"
OF_MISSING = "of whether this column has a value"
OF_CODES = "of the values of this column as codes"
OF_NUMBERS = "of the numbers or dates in this column"
CODES, NUMBERS = "(codes)", "(numbers)"
MOST_CODES = 100
"""The most different numbers of a column that may be codes."""
_SUMS = ((1, 0), (0, 1), (2, 0), (0, 2), (1, 1))


@dataclass(frozen=True, kw_only=True)
class PredictorKeys:
    """Which columns must not tell the label, and how well they may."""

    label: str = param(Text(), doc="The label's column.")
    positive: str | None = param(
        Text(empty=True), default=None, doc="The label's positive class; left out, the label is a number."
    )
    columns: tuple[str, ...] = param(
        OneOrMany(Text()), default=(), doc="The columns, by name or /pattern/; all but the label if left out."
    )
    at_most: Fraction = param(
        Number(above=0, below=1), doc="The largest ROC AUC of one column alone; for a number the largest R²."
    )


@dataclass(frozen=True)
class LeakTest:
    """One test of a rule: what it asks first, what it asks then, and its answer: None where nothing is tested."""

    where: Where
    needs: tuple[Need, ...]
    answer: Callable[[Facts], Answer | None]
    later: Callable[[Facts], Iterable[Need]] = lambda _facts: ()


@dataclass(frozen=True)
class Predicted:
    """The label of a table, and what a rule demands of the columns beside it."""

    subject: Subject
    table: str
    rows: Rows
    keys: PredictorKeys
    missing: tuple[str, ...]

    @property
    def label(self) -> TypedColumn:
        """The label's column."""
        return TypedColumn(self.rows.column(self.keys.label, "predictors.label"), "number", self.missing)

    @property
    def positive(self) -> str:
        """SQL for whether a row has the positive class."""
        return self.label.column.equals(self.keys.positive or "")

    def tests(self) -> Iterator[LeakTest]:
        """The tests of every column. Raises EvidenceError for a label or named column that the table does not have."""
        label = self.label.name
        if absent := [each for each in self.keys.columns if not named(self.rows, each)]:
            raise EvidenceError(f"{self.rows.shown_as} has no column {listed(absent)}; correct `predictors.columns`")
        chosen = [name for each in self.keys.columns for name in named(self.rows, each)] or self._features()
        for name in dict.fromkeys(name for name in chosen if name != label):
            column = TypedColumn(self.rows.column(name, "predictors.columns"), "", self.missing)
            yield self._of_values(column)
            yield from map(_quiet, self._in_other_ways(column))
            yield _quiet(self._of_missing(column))

    def _features(self) -> list[str]:
        """The columns but those that the model itself gave."""
        given = set(self.subject.roles.values()) if self.table == PREDICTIONS else set()
        return [name for name in self.rows.kinds if name not in given]

    def _of_values(self, column: TypedColumn) -> LeakTest:
        where: Where = (("column", column.name),)
        kind = column.column.kind
        if kind == "other":
            return _unanswerable(where, f"column `{column.name}` is nested or binary; name other columns")
        if kind == "text":
            return _by_reading(self, where, column)
        return _by_kind(self, where, column, kind)

    def _in_other_ways(self, column: TypedColumn) -> Iterator[LeakTest]:
        """A number by each of its values, which may be codes; a text by its numbers or dates, if most values are."""
        if column.column.kind in NUMBER_KINDS:
            yield _codes(self, column)
        if column.column.kind != "text":
            return
        reading, where = _reading(self, column), (("column", column.name), ("values", NUMBERS))

        def chosen(facts: Facts) -> LeakTest | None:
            found: TextReadingFact = facts[reading]
            if found.all_numbers:
                return _codes(self, column)
            if 2 * found.numbers > found.values:
                return _by_number(self, where, column.double, OF_NUMBERS)
            if 2 * found.dates > found.values and not found.all_dates:
                return _by_number(self, where, _seconds(column), OF_NUMBERS)
            return None

        yield _staged(where, reading, chosen)

    def _of_missing(self, column: TypedColumn) -> LeakTest:
        """Whether it shows the label which rows have no value."""
        where: Where = (("column", column.name), ("values", MISSING))
        kind = column.column.kind
        lacking = column.missing
        if kind in NUMBER_KINDS:
            lacking = f"({column.double}) is null"
        elif kind == "other":
            lacking = f"{column.column.raw} is null"
        if self.keys.positive is not None:
            return _shares(self, where, lacking)
        return _straight(self, where, f"case when {lacking} then {double(1.0)} else {double(0.0)} end", OF_MISSING)


def _staged(where: Where, first: Need, chosen: Callable[[Facts], LeakTest | None]) -> LeakTest:
    """A test that the answer to a question chooses."""

    def later(facts: Facts) -> Iterator[Need]:
        try:
            test = chosen(facts)
        except EvidenceError:  # answered as an error of this column alone
            return
        if test is not None:
            yield from test.needs
            if all(need in facts for need in test.needs):
                yield from test.later(facts)

    def answer(facts: Facts) -> Answer | None:
        test = chosen(facts)
        return None if test is None else test.answer(facts)

    return LeakTest(where, (first,), answer, later)


def _quiet(test: LeakTest) -> LeakTest:
    """A further test of a column, which has nothing to say where it cannot be made."""

    def answer(facts: Facts) -> Answer | None:
        try:
            found = test.answer(facts)
        except EvidenceError:
            return None
        return found if isinstance(found, Estimate) else None

    return replace(test, answer=answer)


def _reading(of: Predicted, column: TypedColumn) -> TextReading:
    return TextReading(of.rows.table, "", "", column.text, column.double, _seconds(column))


def _seconds(column: TypedColumn) -> str:
    """SQL for a date or time, or a time of day, as a number."""
    moment = f"epoch({column.reading('timestamp').moment})"
    if column.column.kind != "time":
        return moment
    return f"coalesce({moment}, case when not {column.missing} then epoch(try_cast({column.column.raw} as time)) end)"


def _by_reading(of: Predicted, where: Where, column: TypedColumn) -> LeakTest:
    """A column of texts: as numbers or dates if every value is one, as in a CSV file, else by its values."""
    reading = _reading(of, column)

    def chosen(facts: Facts) -> LeakTest:
        found: TextReadingFact = facts[reading]
        return _by_kind(of, where, column, "float" if found.all_numbers else "time" if found.all_dates else "text")

    return _staged(where, reading, chosen)


def _by_kind(of: Predicted, where: Where, column: TypedColumn, kind: str) -> LeakTest:
    """A column as its kind allows: by its numbers, or by what its values show."""
    value = column.double if kind in NUMBER_KINDS else _seconds(column) if kind == "time" else ""
    return _by_number(of, where, value) if value else _by_value(of, where, column)


def _by_number(of: Predicted, where: Where, value: str, said: str = OF_VALUES) -> LeakTest:
    """A number: ranked for a label with classes, else by a straight line."""
    return _straight(of, where, value, said) if of.keys.positive is None else _ranked(of, where, value, said)


def _codes(of: Predicted, column: TypedColumn) -> LeakTest:
    """A whole number of few different values, by the label of each: 11 may be a code for a death, and 10 and 12 not."""
    where: Where = (("column", column.name), ("values", CODES))
    fractions = MatchingRows(of.rows.table, "", "", f"({column.double}) <> floor({column.double})")
    repeats = Repeats(of.rows.table, "", "", values=(column.double,))

    def by_value(facts: Facts) -> LeakTest | None:
        few = 2 < facts[repeats].distinct <= MOST_CODES
        return _by_value(of, where, column, OF_CODES) if few else None

    def if_whole(facts: Facts) -> LeakTest | None:
        return None if facts[fractions].rows else _staged(where, repeats, by_value)

    return _staged(where, fractions, if_whole)


def _unanswerable(where: Where, why: str) -> LeakTest:
    return LeakTest(where, (), lambda _facts: Unanswered(where, why))


def _ranked(of: Predicted, where: Where, score: str, said: str) -> LeakTest:
    having = f"({score}) is not null and not {of.label.missing}"
    need = Placements(of.rows.table, having, "", score, of.positive)

    def answer(facts: Facts) -> Answer:
        found: PlacementsFact = facts[need]
        (ranks,) = found.groups or (None,)
        if ranks is None or not ranks.positives or not ranks.negatives:
            return Unanswered(where, f"no rows with the label `{of.keys.positive}`, or none without it, have a value")
        return _area(where, ranks, of.keys, said)

    return LeakTest(where, (need,), answer)


def _shares(of: Predicted, where: Where, lacking: str) -> LeakTest:
    """How well it tells the class that a value is missing."""
    positive, negative = (
        MatchingRows(of.rows.table, f"not {of.label.missing} and {sign}({of.positive})", "", lacking)
        for sign in ("", "not ")
    )

    def answer(facts: Facts) -> Answer | None:
        one, other = (facts[need] for need in (positive, negative))
        if not (one.of and other.of and 0 < one.rows + other.rows < one.of + other.of):
            return None
        return _area(where, _two_values(one, other), of.keys, OF_MISSING)

    return LeakTest(where, (positive, negative), answer)


def _two_values(positives: MatchingFact, negatives: MatchingFact) -> PlacementsOf:
    """The placements by a score that is 1 for the rows that match, and 0 for the others."""
    a, m, b, n = positives.rows, positives.of, negatives.rows, negatives.of
    below, above = ((a, 2 * n - b), (m - a, n - b)), ((b, a), (n - b, m + a))
    p, pp, q, qq = (sum(rows * at**power for rows, at in places) for places in (below, above) for power in (1, 2))
    return PlacementsOf((), m, n, p, pp, q, qq)


def _area(where: Where, of: PlacementsOf, keys: PredictorKeys, said: str) -> Answer:
    area = area_of(of)
    down = area.value < Fraction(1, 2)
    value = 1 - area.value if down else area.value

    def bound(side: str) -> Callable[[float], float | None]:
        def at(alpha: float) -> float | None:
            # Which direction counts is seen in the rows, so each has half of the level.
            ends = area.lower(alpha / 2), area.upper(alpha / 2)
            low, high = (1 - ends[1], 1 - ends[0]) if down else ends
            return max(low, 0.5) if side == "lower" else max(high, 1 - low)

        return at

    return Estimate(
        where, float(value), of.rows, of.rows, bound("lower"), bound("upper"), exact=Fraction(value),
        fewest=2 * min(of.positives, of.negatives), own=demanded(f"ROC AUC {said}", at_most=keys.at_most),
    )  # fmt: skip


def _by_value(of: Predicted, where: Where, column: TypedColumn, said: str = OF_VALUES) -> LeakTest:
    """A column of texts, truth values or codes: each is the mean label of its rows, for classes their positive rate.

    Values of few rows are one value. Where all are, as those of an id, the digits in a text are taken instead.
    """
    having, value = f"not {of.label.missing} and not {column.missing}", Term("value", column.text)
    means: Need
    if of.keys.positive is None:
        having = f"{having} and ({of.label.double}) is not null"
        means = Moments(of.rows.table, having, "", (of.label.double,), ((1,),), (value,))
    else:
        positive = Term("positive", f"case when {of.positive} then '1' else '0' end")
        means = Counts(of.rows.table, having, terms=(value, positive))

    def chosen(facts: Facts) -> LeakTest:
        common, rest = _common(means, facts)
        if not common:
            return _digits(of, where, column)
        cases = " ".join(f"when {literal(each)} then {double(mean)}" for each, mean in common.items())
        score = f"case {column.column.text} {cases} else {double(rest)} end"
        return _by_number(of, where, f"case when not {column.missing} then {score} end", said)

    return _staged(where, means, chosen)


def _digits(of: Predicted, where: Where, column: TypedColumn) -> LeakTest:
    """A text in which hardly a value repeats, by its digits: `PAT-00123` is 123."""
    if column.column.kind != "text":
        return _unanswerable(where, f"no value of `{column.name}` has {counted(LEAST_ROWS, 'row')}")
    number = f"to_number(digits_in({column.column.text}))"
    test = _by_number(of, where, f"case when not {column.missing} then {number} end")

    def answer(facts: Facts) -> Answer | None:
        found = test.answer(facts)
        if not isinstance(found, Unanswered):
            return found
        why = f"no value of it has {counted(LEAST_ROWS, 'row')}, and their digits show nothing: {found.said}"
        return Unanswered(where, f"column `{column.name}` cannot be ranked: {why}")

    return replace(test, answer=answer)


def _common(means: Need, facts: Facts) -> tuple[dict[str, float], float]:
    """The mean label of each value that enough rows have, and that of all other values. None with too many values."""
    try:
        found = _totals(facts[means])
    except EvidenceError:
        return {}, 0.0
    common = {value: total / n for value, (n, total) in found.items() if n >= LEAST_ROWS}
    if len(common) > MOST_VALUES:
        return {}, 0.0
    rest = [found[value] for value in found if value not in common]
    return common, sum(total for _, total in rest) / max(sum(n for n, _ in rest), 1)


def _totals(fact: CountsFact | MomentsFact) -> dict[str, tuple[int, float]]:
    """The rows of each value, and the sum of their labels or the number of positive ones."""
    if isinstance(fact, MomentsFact):
        (pivot,) = fact.pivots
        return {of.group[0] or "": (of.n, float(of.n * pivot + dict(of.sums)[(1,)])) for of in fact.groups}
    found: dict[str, tuple[int, float]] = {}
    for cell in fact.cells:
        value, positive = cell.values
        n, total = found.get(value or "", (0, 0.0))
        found[value or ""] = n + cell.n, total + cell.n * int(positive or 0)
    return found


def _straight(of: Predicted, where: Where, value: str, said: str) -> LeakTest:
    """A numeric label: the R² of a straight line."""
    label = of.label
    values = value, label.double
    both = " and ".join(f"({each}) is not null" for each in values)
    need = Moments(of.rows.table, both, "", values, _SUMS)
    unreadable = of.subject.matching(of.table, f"not {label.missing} and not coalesce({label.finite}, false)")

    def answer(facts: Facts) -> Answer:
        if lost := facts[unreadable].rows:
            return Unanswered(where, f"{have(lost, 'row')} a label that is not a finite number; name `positive`")
        fact: MomentsFact = facts[need]
        found = fact.groups[0] if fact.groups else None
        sums, n = (dict(found.sums), found.n) if found else ({}, 0)
        if n < LEAST_ROWS:
            return Unanswered(where, f"{have(n, 'row')} both numbers; at least {LEAST_ROWS} are needed")
        spread = [sums[2, 0] - sums[1, 0] ** 2 / n, sums[0, 2] - sums[0, 1] ** 2 / n]
        if spread[1] <= 0:
            return Unanswered(where, "the label has one value, so nothing was evaluated")
        if spread[0] <= 0:
            return Claim(where, True, "it has one value, so it tells nothing")
        together = sums[1, 1] - sums[1, 0] * sums[0, 1] / n
        r = min(sqrt(together**2 / (spread[0] * spread[1])), 1.0)
        own = demanded(f"R² {said}", at_most=of.keys.at_most)
        return Estimate(
            where, r**2, n, n, _fisher(r, n, -1), _fisher(r, n, 1), note="approximate (Fisher's z)", own=own
        )

    return LeakTest(where, (need, unreadable), answer)


def _fisher(r: float, n: int, sign: int) -> Callable[[float], float]:
    """The bound of R² from that of the correlation r >= 0, by Fisher's z."""

    def bound(alpha: float) -> float:
        z = atanh(r) if r < 1 else inf
        end = tanh(z - sign * float(ndtri(alpha)) / sqrt(n - 3))
        return max(end, 0.0) ** 2

    return bound
