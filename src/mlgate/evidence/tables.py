"""The tables of one evidence: each opened once, when it is first asked, and each failing for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mlgate.evidence import exposures, forecasts, joins, queries, rollup, texts
from mlgate.evidence.derived import Derived, Refusing, Understood, as_opened
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.facts import KeysFact
from mlgate.evidence.forecasts import Forecasts
from mlgate.evidence.needs import Keys
from mlgate.evidence.open import open_source
from mlgate.evidence.open.interface import Opened
from mlgate.evidence.queries import Queries
from mlgate.evidence.sources import FileSource, FrameSource, Join
from mlgate.evidence.statements import keys
from mlgate.evidence.statements.shared import TooMuch
from mlgate.evidence.texts import Texts
from mlgate.values.errors import EvidenceError, MachineError, MlgateError

Table = FileSource | FrameSource | Derived

UNDERSTAND: Mapping[type[Any], Callable[[Any, Mapping[str, Opened]], Understood]] = {
    Join: joins.understand,
    Texts: texts.understand,
    rollup.RollUp: rollup.understand,
    Queries: queries.understand,
    exposures.Exposures: exposures.understand,
    Forecasts: forecasts.understand,
}
"""How each sort of derived table is understood, from its value and its opened parents."""


class Tables:
    """Tables by the names of the candidate."""

    def __init__(self, engine: Engine, sources: Mapping[str, Table], workspace: Path) -> None:
        self._engine = engine
        self._sources = sources
        self._workspace = workspace
        self._opened: dict[str, Opened | Exception] = {}
        self._derived: dict[str, Understood] = {}
        self._wanted: dict[str, set[str]] = {}
        self._made: dict[str, frozenset[str]] = {}
        self._keys: dict[Keys, KeysFact] = {}

    def opened(self, name: str) -> Opened:
        """A table with its columns. Raises EvidenceError or MachineError where it cannot be opened, every time."""
        if name not in self._opened:
            self._opened[name] = attempt(lambda: self._open(name))
        found = self._opened[name]
        if isinstance(found, Exception):
            raise found
        return found

    def want(self, name: str, columns: Iterable[str]) -> None:
        """Say which columns will be asked of a table. Raises EvidenceError where it has no such column."""
        there = {column for column, _ in self.opened(name).columns}
        columns, derived = set(columns), self._derived.get(name)
        computed = {column for column in columns - there if derived is not None and derived.computes(column)}
        missing = sorted(columns - there - computed)
        if missing:
            raise EvidenceError(f"{name} has no column `{missing[0]}`; names are compared exactly")
        if derived is not None:
            for parent, needed in derived.wants(sorted(columns)).items():
                self.want(parent, needed)
        self._wanted.setdefault(name, set()).update(columns)

    def relation(self, name: str) -> str:
        """What to select from. A derived table is made here, of the wanted columns, once its keys are known."""
        opened = self.opened(name)
        wanted = frozenset(self._wanted.get(name, ()))
        derived = self._derived.get(name)
        if derived is not None and not (name in self._made and wanted <= self._made[name]):
            for parent, needed in derived.wants(sorted(wanted)).items():
                self.want(parent, needed)
            for need in derived.rests_on():
                joins.check_unique(need, self.keys(need))
            parents = {parent: self.relation(parent) for parent in self._parents(name)}
            derived.make(self._engine, opened.relation, sorted(wanted), parents)
            self._made[name] = wanted
        return opened.relation

    def refused(self, name: str, columns: Iterable[str]) -> EvidenceError | None:
        """Why a table that was made does not have some of the columns asked of it, or None."""
        derived = self._derived.get(name)
        if not isinstance(derived, Refusing):
            return None
        return next((derived.refused[column] for column in columns if column in derived.refused), None)

    def keys(self, need: Keys) -> KeysFact:
        """How the keys of one or two tables match; asked once."""
        if need not in self._keys:
            named = {need.left: need.columns}
            if need.right:
                named |= {need.right: need.right_columns or need.columns}
            self._keys[need] = keys.answer(
                self._engine, need, {name: self._with(name, columns) for name, columns in named.items()}
            )
        return self._keys[need]

    def _with(self, name: str, columns: Iterable[str]) -> Opened:
        """A table that can be asked for some columns; which of them are there is checked by who asks."""
        opened = self.opened(name)
        if name in self._derived:
            self.want(name, columns)
            self.relation(name)
        return opened

    def _parents(self, name: str) -> tuple[str, ...]:
        """The tables that a derived one is made of."""
        table = self._sources[name]
        return () if isinstance(table, FileSource | FrameSource) else table.parents

    def changed(self) -> dict[str, MlgateError]:
        """Tables whose files are not as they were when they were opened, each with the error that says so."""
        checks = {name: of.files.check for name, of in self._opened.items() if isinstance(of, Opened)}
        return {name: error for name, check in checks.items() if (error := attempt(check)) is not None}

    def _open(self, name: str) -> Opened:
        table = self._sources.get(name)
        if table is None:
            known = ", ".join(sorted(self._sources)) or "none"
            raise EvidenceError(f"there is no table `{name}`; there are: {known}")
        relation = f"t{list(self._sources).index(name)}"
        if isinstance(table, FileSource | FrameSource):
            return open_source(self._engine, table, relation, self._workspace)
        parents = {parent: self.opened(parent) for parent in table.parents}
        self._derived[name] = UNDERSTAND[type(table)](table, parents)
        return as_opened(self._derived[name], relation, parents.values())


def attempt(action: Callable[[], Any]) -> Any:
    """What an action gives, or the error that it raised."""
    try:
        return action()
    except (MlgateError, TooMuch) as error:
        return error
    except Exception as error:  # noqa: BLE001 - a question that crashed is its own answer, and hides no other
        crash = MachineError(f"crashed: {type(error).__name__}: {error}; please report this as a bug of mlgate")
        crash.__cause__ = error
        return crash
