"""The tables of the evidence. Each is opened once, when it is first needed, and its failure affects no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from mlgate.evidence.engine import Engine, Opened
from mlgate.evidence.files import Unchanged
from mlgate.evidence.missing_column import no_column
from mlgate.evidence.questions.need import Need, TooMuch
from mlgate.evidence.sources import FileSource
from mlgate.evidence.tables.chosen_columns import ChosenColumns
from mlgate.evidence.tables.join import check_unique
from mlgate.evidence.tables.recipe import Prepared, Recipe, TableOrigin, as_opened
from mlgate.values.errors import EvidenceError, MachineError, MlgateError, concerning
from mlgate.values.faults import CRASHES, crashed, plugin_in
from mlgate.values.reach import Reach


class Tables:
    """Tables by their names in the candidate."""

    def __init__(self, engine: Engine, sources: Mapping[str, TableOrigin], reach: Reach) -> None:
        self.engine = engine
        self.reach = reach
        self._sources = sources
        self._places = {name: place for place, name in enumerate(sources)}
        self._opened: dict[str, Opened | Exception] = {}
        self._prepared: dict[str, Prepared] = {}
        self._wanted: dict[str, set[str]] = {}
        self._made: dict[str, frozenset[str]] = {}
        self._refused: dict[str, Mapping[str, EvidenceError]] = {}
        self._answers: dict[Need, Any] = {}
        self._held: dict[Need, Unchanged] = {}

    def opened(self, name: str) -> Opened:
        """A table with its columns. Raises the same EvidenceError or MachineError each time if it cannot be opened."""
        if name not in self._opened:
            self._opened[name] = attempt(lambda: self._open(name))
        found = self._opened[name]
        if isinstance(found, Exception):
            raise found
        return found

    def want(self, name: str, columns: Iterable[str]) -> None:
        """Say which columns will be asked of a table. Raises EvidenceError where it has none such that can be read."""
        opened = self.opened(name)
        there = set(opened.types)
        columns, prepared = set(columns), self._prepared.get(name)
        computed = {column for column in columns - there if prepared is not None and prepared.computes(column)}
        missing = sorted(columns - there - computed)
        if missing:
            raise no_column(missing[0], name, opened.types)
        opened.require(sorted(columns))
        if prepared is not None:
            for parent, needed in prepared.wants(sorted(columns)).items():
                self.want(parent, needed)
        self._wanted.setdefault(name, set()).update(columns)

    def relation(self, name: str) -> str:
        """The relation to select from. The table of a recipe is made here, with the announced columns."""
        opened = self.opened(name)
        wanted = frozenset(self._wanted.get(name, ()))
        prepared = self._prepared.get(name)
        if prepared is not None and not (name in self._made and wanted <= self._made[name]):
            for parent, needed in prepared.wants(sorted(wanted)).items():
                self.want(parent, needed)
            if prepared.keys is not None:
                check_unique(prepared.keys, self.answer(prepared.keys))
            parents = {parent: self.relation(parent) for parent in self._parents(name)}
            self.engine.make(opened.relation, prepared.sql(self.engine, sorted(wanted), parents))
            self._refused[name] = prepared.refused(self.engine, sorted(wanted), parents)
            self._made[name] = wanted
        return opened.relation

    def refused(self, name: str, columns: Iterable[str]) -> EvidenceError | None:
        """The error if a table could not be made with some of the columns, else None."""
        refused = self._refused.get(name, {})
        return next((refused[column] for column in columns if column in refused), None)

    def answer(self, need: Need) -> Any:
        """The fact of a need that is asked by itself; asked once."""
        if need not in self._answers:
            self._answers[need] = need.answer(self)
        return self._answers[need]

    def ready(self, name: str, columns: Iterable[str]) -> Opened:
        """A table that can be asked for some columns; whoever asks verifies which of them are there.

        Raises EvidenceError for a column that is there but cannot be read.
        """
        opened, columns = self.opened(name), tuple(columns)
        if name in self._prepared:
            self.want(name, columns)
            self.relation(name)
        opened.require(columns)
        return opened

    def hold(self, need: Need, files: Unchanged) -> None:
        """Answer a need with an error where its files change before all questions are answered."""
        self._held[need] = files

    def changed_beside(self) -> dict[Need, MlgateError]:
        """The needs whose held files changed since they were read, each with its error."""
        held = dict(self._held)
        return {need: error for need, files in held.items() if (error := attempt(files.check)) is not None}

    def changed(self) -> dict[str, MlgateError]:
        """The tables whose files changed since they were opened, each with its error."""
        checks = {name: of.files.check for name, of in self._opened.items() if isinstance(of, Opened)}
        return {name: error for name, check in checks.items() if (error := attempt(check)) is not None}

    def _parents(self, name: str) -> tuple[str, ...]:
        """The tables that a recipe's table is made from; none for a file or frame."""
        table = self._sources[name]
        return table.parents if isinstance(table, Recipe) else ()

    def _open(self, name: str) -> Opened:
        table = self._sources.get(name)
        if table is None:
            known = ", ".join(sorted(self._sources)) or "none"
            raise EvidenceError(f"there is no table `{name}`; the tables are: {known}")
        relation = f"t{self._places[name]}"
        if not isinstance(table, Recipe):
            with concerning(table.key if isinstance(table, FileSource) else ""):
                return self._chosen(name, self.engine.open(table, relation, self.reach))
        parents = {parent: self.opened(parent) for parent in table.parents}
        self._prepared[name] = table.prepared(parents)
        return as_opened(self._prepared[name], relation, parents)

    def _chosen(self, name: str, opened: Opened) -> Opened:
        """A source as it is; with names that differ only in case a table of the columns that are asked for."""
        if not opened.stored:
            return opened
        self._prepared[name] = ChosenColumns(opened)
        return replace(opened, relation=f"{opened.relation}_chosen", stored={})


def attempt(action: Callable[[], Any]) -> Any:
    """The result of an action, or the error that it raised."""
    try:
        return action()
    except (MlgateError, TooMuch) as error:
        return error
    except CRASHES as error:  # a question that crashed is its own answer, and hides no other
        said = crashed("a question", error)
        crash = MachineError(said if plugin_in(error) else f"{said}; please report this as a bug of mlgate")
        crash.__cause__ = error
        return crash
