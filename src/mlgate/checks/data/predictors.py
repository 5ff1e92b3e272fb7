"""How well single columns tell the label, for `data.leakage`: a ROC AUC or an R² per column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import atanh, inf, sqrt, tanh

from mlgate.checks.data.column_names import listed, named
from mlgate.checks.of_table import demanded
from mlgate.checks.subject import Subject
from mlgate.evidence.dialect import NUMBER_KINDS, double, literal
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.moments import Moments, MomentsFact
from mlgate.evidence.questions.need import Facts, Need, Term
from mlgate.evidence.questions.placements import Placements, PlacementsFact
from mlgate.evidence.questions.text_reading import TextReading
from mlgate.evidence.rows import Column, Rows
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
    """One test of a rule: what it asks first, what it asks then, and its answer."""

    where: Where
    needs: tuple[Need, ...]
    answer: Callable[[Facts], Answer]
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
    def label(self) -> Column:
        """The label's column."""
        return self.rows.column(self.keys.label, "predictors.label")

    def tests(self) -> Iterator[LeakTest]:
        """One test per column. Raises EvidenceError for a label or a named column that the table does not have."""
        label = self.label.name
        if absent := [each for each in self.keys.columns if not named(self.rows, each)]:
            raise EvidenceError(f"{self.rows.shown_as} has no column {listed(absent)}; correct `predictors.columns`")
        chosen = [name for each in self.keys.columns for name in named(self.rows, each)] or list(self.rows.kinds)
        return (self._test(name) for name in dict.fromkeys(chosen) if name != label)

    def _test(self, name: str) -> LeakTest:
        where: Where = (("column", name),)
        column = TypedColumn(self.rows.column(name, "predictors.columns"), "", self.missing)
        kind = column.column.kind
        if kind == "other":
            return _unanswerable(where, f"column `{name}` is nested or binary; name other columns")
        if kind == "text":
            return _by_reading(self, where, column)
        return _by_kind(self, where, column, kind)


def _by_reading(of: Predicted, where: Where, column: TypedColumn) -> LeakTest:
    """A column of texts: as numbers or dates if every value is one, as in a CSV file, else by its values."""
    value = column.text
    reading = TextReading(of.rows.table, "", "", value, column.double, f"epoch({column.reading('timestamp').moment})")

    def chosen(facts: Facts) -> LeakTest:
        found = facts[reading]
        kind = "text" if not found.values else "float" if found.numbers else "time" if found.dates else "text"
        return _by_kind(of, where, column, kind)

    def later(facts: Facts) -> Iterator[Need]:
        try:
            test = chosen(facts)
        except EvidenceError:  # answered as an error of this column alone
            return
        yield from test.needs
        if all(need in facts for need in test.needs):
            yield from test.later(facts)

    return LeakTest(where, (reading,), lambda facts: chosen(facts).answer(facts), later)


def _by_kind(of: Predicted, where: Where, column: TypedColumn, kind: str) -> LeakTest:
    """A column as its kind allows: for a label with classes ranked, by its numbers or by the rates of its values."""
    value = column.double if kind in NUMBER_KINDS else f"epoch({column.moment})" if kind == "time" else ""
    if of.keys.positive is not None:
        return _ranked(of, where, value) if value else _by_rates(of, where, column)
    if not value:
        return _unanswerable(where, f"column `{column.name}` has no numbers, as the label has")
    return _straight(of, where, value)


def _unanswerable(where: Where, why: str) -> LeakTest:
    return LeakTest(where, (), lambda _facts: Unanswered(where, why))


def _ranked(of: Predicted, where: Where, score: str) -> LeakTest:
    need = _placements(of, score)
    return LeakTest(where, (need,), lambda facts: _area(where, facts[need], of.keys))


def _placements(of: Predicted, score: str) -> Placements:
    label, positive = of.label, of.label.equals(of.keys.positive or "")
    return Placements(of.rows.table, f"({score}) is not null and {label.text} is not null", "", score, positive)


def _area(where: Where, fact: PlacementsFact, keys: PredictorKeys) -> Answer:
    (of,) = fact.groups or (None,)
    if of is None or not of.positives or not of.negatives:
        return Unanswered(where, f"no rows with the label `{keys.positive}`, or none without it, have a value")
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

    own = demanded("ROC AUC of this column alone", at_most=keys.at_most)
    return Estimate(
        where, float(value), of.rows, of.rows, bound("lower"), bound("upper"), exact=Fraction(value),
        fewest=2 * min(of.positives, of.negatives), own=own,
    )  # fmt: skip


def _by_rates(of: Predicted, where: Where, column: TypedColumn) -> LeakTest:
    """A column of texts or truth values, ranked by the rate of the positive class among the rows of each value."""
    label, positive = of.label, of.label.equals(of.keys.positive or "")
    terms = (Term("value", column.text), Term("positive", f"case when {positive} then '1' else '0' end"))
    rates = Counts(of.rows.table, f"{label.text} is not null and not {column.missing}", terms=terms)

    def then(facts: Facts) -> Placements:
        fact: CountsFact = facts[rates]
        found: dict[str, list[int]] = {}
        for cell in fact.cells:
            value, positive = cell.values
            found.setdefault(value or "", [0, 0])[int(positive or 0)] += cell.n
        common = {value: n for value, n in found.items() if sum(n) >= LEAST_ROWS}
        if not common or len(common) > MOST_VALUES:
            many = "no value of it has" if not common else f"more than {MOST_VALUES:,} values of it have"
            raise EvidenceError(f"column `{column.name}` cannot be ranked: {many} {counted(LEAST_ROWS, 'row')}")
        rest = [n for value, n in found.items() if value not in common]
        other = _rate([sum(n[0] for n in rest), sum(n[1] for n in rest)]) if rest else 0.0
        cases = " ".join(f"when {literal(value)} then {double(_rate(n))}" for value, n in common.items())
        score = f"case when not {column.missing} then case {column.column.text} {cases} else {double(other)} end end"
        return _placements(of, score)

    def later(facts: Facts) -> Iterator[Need]:
        try:
            yield then(facts)
        except EvidenceError:  # answered as an error of this column alone
            return

    return LeakTest(where, (rates,), lambda facts: _area(where, facts[then(facts)], of.keys), later)


def _rate(n: list[int]) -> float:
    return n[1] / sum(n)


def _straight(of: Predicted, where: Where, value: str) -> LeakTest:
    """A numeric label: the R² of a straight line."""
    label = TypedColumn(of.label, "number", of.missing)
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
        own = demanded("R² of this column alone", at_most=of.keys.at_most)
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
