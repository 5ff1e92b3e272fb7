"""Demands on the values together: missing ones, those that must occur, and how often values repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from mlgate.checks.data.column_names import listed as names
from mlgate.checks.data.column_rule import NOTHING, AskedColumn, ColumnRule
from mlgate.checks.of_table import number_of
from mlgate.evidence.dialect import one_zero
from mlgate.evidence.questions.distinct_values import DistinctValues
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.repeats import Repeats, RepeatsFact
from mlgate.values.demand import OwnDemand
from mlgate.values.estimate import Answer, Claim, Estimate, Unanswered
from mlgate.values.words import counted, have

NO_ROWS = "the table has no rows, so nothing was evaluated"


class MaxNulls(ColumnRule):
    """At most so many rows have no value."""

    key = "max_nulls"

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """The rows without a value."""
        return (asked.missing,)

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """Their number."""
        found = facts[asked.missing]
        if not found.of:
            yield Unanswered(asked.where(self.key), NO_ROWS)
            return
        own = OwnDemand("number of rows without a value", asked.keys.demand(self.key))
        examples = asked.examples(asked.column.missing)
        yield number_of(asked.where(self.key), found.rows, found.of, own, offenders=examples)


class MaxNullShare(ColumnRule):
    """At most such a share of the rows has no value."""

    key = "max_null_share"

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """The rows without a value."""
        return (asked.missing,)

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """The share."""
        found, most = facts[asked.missing], asked.keys.max_null_share or Fraction(0)
        if not found.of:
            yield Unanswered(asked.where(self.key), NO_ROWS)
            return
        yield asked.share(self.key, "share of rows without a value", found, most, asked.column.missing, "row")


@dataclass(frozen=True)
class Occurring(ColumnRule):
    """Every listed value occurs; with `only`, no other value does."""

    key: str
    only: bool = False

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """The rows of each value, and of all others."""
        return asked.missing, *map(asked.matching, self._conditions(asked)), asked.matching(self._others(asked))

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """A claim that all occur."""
        listed, where = getattr(asked.keys, self.key), asked.where(self.key)
        if not asked.values(facts):
            yield Unanswered(where, NOTHING)
            return
        counts = [facts[asked.matching(condition)].rows for condition in self._conditions(asked)]
        absent = [f"`{value}`" for value, rows in zip(listed, counts, strict=True) if not rows]
        others = facts[asked.matching(self._others(asked))].rows if self.only else 0
        faults = [f"no row has {', '.join(absent)}"] if absent else []
        faults += [f"{have(others, 'row')} a value other than {names(listed)}"] if others else []
        said = "; ".join(faults) or f"{names(listed)} {'occurs' if len(listed) == 1 else 'all occur'}"
        examples = asked.examples(self._others(asked)) if others else None
        yield Claim(where, not faults, f"`{asked.name}`: {said}", offenders=examples)

    def _conditions(self, asked: AskedColumn) -> list[str]:
        listed: tuple[str, ...] = getattr(asked.keys, self.key)
        return [f"not {asked.column.missing} and {asked.column.column.equals(value)}" for value in listed]

    def _others(self, asked: AskedColumn) -> str:
        listed = asked.column.column.equals_any(getattr(asked.keys, self.key))
        return f"not {asked.column.missing} and not coalesce({listed}, false)"


def repeats(asked: AskedColumn) -> Repeats:
    """The question how often values repeat."""
    return Repeats(asked.rows.table, asked.within, asked.missing.count, (_value(asked),))


def _value(asked: AskedColumn) -> str:
    """SQL for the value: numbers are equal as numbers and texts letter by letter."""
    column = asked.column.column
    value = column.raw if column.kind in ("integer", "decimal", "text") else column.text
    value = one_zero(column.raw) if column.kind == "float" else value
    return f"case when not {asked.column.missing} then {value} end"


class Distinct(ColumnRule):
    """A demand on the number of different values."""

    key = "distinct"

    def needs(self, asked: AskedColumn) -> tuple[Need, Need]:
        """Their number; where another demand asks how often values repeat, which takes more time, that tells it."""
        again = asked.keys.unique or asked.keys.top_share is not None
        return (asked.missing, repeats(asked) if again else self._values(asked))

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """The number."""
        rows, where = asked.values(facts), asked.where(self.key)
        if not rows:
            yield Unanswered(where, NOTHING)
            return
        own = OwnDemand("number of different values", asked.keys.demand(self.key))
        yield number_of(where, facts[self.needs(asked)[1]].distinct, rows, own)

    def _values(self, asked: AskedColumn) -> DistinctValues:
        return DistinctValues(asked.rows.table, asked.within, asked.missing.count, _value(asked))


@dataclass(frozen=True)
class Repeating(ColumnRule):
    """A demand on how often values repeat."""

    key: str
    found: Callable[[AskedColumn, RepeatsFact], Answer]

    def needs(self, asked: AskedColumn) -> Iterable[Need]:
        """How often values repeat."""
        return (repeats(asked),)

    def answers(self, asked: AskedColumn, facts: Facts) -> Iterator[Answer]:
        """One answer."""
        fact: RepeatsFact = facts[repeats(asked)]
        yield self.found(asked, fact) if fact.rows else Unanswered(asked.where(self.key), NOTHING)


def _unique(asked: AskedColumn, fact: RepeatsFact) -> Answer:
    if not fact.surplus:
        differ = "there is one value" if fact.rows == 1 else f"all {counted(fact.rows, 'value')} differ"
        return Claim(asked.where("unique"), True, f"`{asked.name}`: {differ}")
    said = f"{counted(fact.repeated, 'value')} {'occurs' if fact.repeated == 1 else 'occur'} in several rows"
    again = f"{have(fact.surplus, 'row', fact.rows)} the value of an earlier row"
    examples = asked.examples(f"not {asked.column.missing}", repeats(asked).values)
    return Claim(asked.where("unique"), False, f"`{asked.name}`: {said}, and {again}", examples)


def _top_share(asked: AskedColumn, fact: RepeatsFact) -> Answer:
    own = OwnDemand("share of the most frequent value", asked.keys.demand("top_share"))
    found = number_of(asked.where("top_share"), Fraction(fact.top, fact.rows), fact.rows, own)
    return replace(found, counts=f"{fact.top}/{fact.rows}") if isinstance(found, Estimate) else found


RULES = (
    MaxNulls(),
    MaxNullShare(),
    Occurring("contains_all"),
    Occurring("exactly", only=True),
    Repeating("unique", _unique),
    Distinct(),
    Repeating("top_share", _top_share),
)
