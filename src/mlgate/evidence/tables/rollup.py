"""Rows rolled up to one per unit. The score is the unit's largest or mean score; others must agree within units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgate.evidence.dialect import double, kind_of, number_of, quote, selection, text_of
from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.fixed_point import SHIFT, fixed, fixed_point
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.tables.recipe import Prepared, Recipe
from mlgate.values.errors import EvidenceError
from mlgate.values.words import counted, have


@dataclass(frozen=True)
class RollUp(Recipe):
    """One row per unit of a table. A role lists its possible column names; the first one that exists is used."""

    table: str
    unit: tuple[str, ...]
    how: str
    """How scores of a unit are combined: "max" or "mean"."""
    score: tuple[str, ...]
    prediction: tuple[str, ...] = ()
    """The possible names of the columns with the models' predictions."""
    others: tuple[str, ...] = ()
    """The possible names of the columns with other models' scores, which are rolled up in the same way."""

    @property
    def parents(self) -> tuple[str, ...]:
        """The table whose rows are rolled up."""
        return (self.table,)

    def prepared(self, parents: Mapping[str, Opened]) -> RolledUp:
        """The columns of the roll-up. Raises EvidenceError where the unit or the score is missing."""
        return _prepared(self, parents[self.table])


@dataclass(frozen=True)
class RolledUp(Prepared):
    """A roll-up, prepared but not made."""

    of: RollUp
    parent: Opened
    scores: frozenset[str]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of the table, with scores as numbers."""
        return tuple((name, "DOUBLE" if name in self.scores else of) for name, of in self.parent.columns)

    def wants(self, columns: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The same columns, and those that identify a unit."""
        return {self.of.table: frozenset(columns) | frozenset(self.of.unit)}

    def sql(self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]) -> str:
        """One row per unit.

        Raises EvidenceError where rows have no unit, or no finite score.
        """
        source = parents[self.of.table]
        self._complete(engine, source)
        rolled = {name: self._rolled(engine, source, name) for name in columns if name in self.scores}
        selected = (f"{rolled.get(name) or f'min({quote(name)})'} as {quote(name)}" for name in columns)
        return f"select {selection(selected)} from {source} group by {', '.join(self.keys_of_unit)}"

    @property
    def keys_of_unit(self) -> tuple[str, ...]:
        """SQL for the values that identify a unit."""
        types = self.parent.types
        return tuple(text_of(name, kind_of(types[name])) for name in self.of.unit)

    def _complete(self, engine: Engine, source: str) -> None:
        nulls = " or ".join(f"({key}) is null" for key in self.keys_of_unit)
        ((rows, missing),) = engine.query(f"select count(*), count(*) filter (where {nulls}) from {source}")
        if missing:
            columns = ", ".join(f"`{name}`" for name in self.of.unit)
            raise EvidenceError(
                f"{have(missing, 'row', rows)} no {columns}, which names the unit of a row (`unit`); fill it in "
                "for every row"
            )

    def refused(
        self, engine: Engine, columns: Sequence[str], parents: Mapping[str, str]
    ) -> Mapping[str, EvidenceError]:
        """The columns that have several values in a unit, or values in only some of its rows."""
        plain = [name for name in columns if name not in self.scores]
        if not plain:
            return {}
        each = ", ".join(
            f"(min({name}) is distinct from max({name}) or count({name}) not in (0, count(*))) as v{at}"
            for at, name in enumerate(map(quote, plain))
        )
        counts = ", ".join(f"count(*) filter (where v{at})" for at in range(len(plain)))
        grouped = f"select {each} from {parents[self.of.table]} group by {', '.join(self.keys_of_unit)}"
        ((units, *varied),) = engine.query(f"select count(*), {counts} from ({grouped})")
        return {
            name: EvidenceError(
                f"column `{name}` has several values within {found:,} of {counted(units, 'unit')}; {self._remedy(name)}"
            )
            for name, found in zip(plain, varied, strict=True)
            if found
        }

    def _remedy(self, column: str) -> str:
        if column in self.of.prediction:
            return "what is decided of a unit follows from its rolled-up score: give the rule a `threshold:`"
        return f"a unit that is rolled up (`score: {self.of.how}`) needs one value; give it one, or remove `score:`"

    def _rolled(self, engine: Engine, source: str, score: str) -> str:
        """SQL for the unit's score. Raises EvidenceError where a row has none, which the largest would hide."""
        number = self.parent.number(score)
        bad = f"({number}) is null or not isfinite({number})"
        ((rows, broken, low, high),) = engine.query(
            f"select count(*), count(*) filter (where {bad}), min({number}) filter (where not ({bad})), "
            f"max({number}) filter (where not ({bad})) from {source}"
        )
        if broken:
            raise EvidenceError(f"column `{score}`: {have(broken, 'row', rows)} no finite number as a score")
        if self.of.how == "max":
            return f"max({number})"
        scale = fixed_point(low, high, around_zero=True)
        mean = f"cast(sum({fixed(scale.sql(number))}) as double) / count(*) * {double(2.0 ** (scale.exponent - SHIFT))}"
        return f"least(greatest({mean}, min({number})), max({number}))"


def _prepared(rollup: RollUp, parent: Opened) -> RolledUp:
    rows = Rows(rollup.table, "the predictions", SchemaFact.of(parent))
    for name in rollup.unit:
        rows.column(name, "unit", "unit.column")
    score = next((name for name in rollup.score if name in rows.kinds), rollup.score[-1])
    if score in rollup.unit:
        raise EvidenceError(f"column `{score}` is both the score and the unit; name one column for each")
    number_of(rows.column(score, "score", "predictions.score").name, rows.kinds[score])
    return RolledUp(rollup, parent, frozenset({score, *(name for name in rollup.others if name in rows.kinds)}))
