"""The tables of one evidence: each opened once, when it is first asked, and each failing for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mlgate.errors import EvidenceError, MachineError, MlgateError
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.facts import KeysFact
from mlgate.evidence.joins import Joined, check_unique, joined_table, keys_need, understand
from mlgate.evidence.needs import Keys
from mlgate.evidence.open import open_source
from mlgate.evidence.open.interface import Opened
from mlgate.evidence.sources import FileSource, FrameSource, Join
from mlgate.evidence.statements import keys
from mlgate.evidence.statements.shared import TooMuch

Table = FileSource | FrameSource | Join


class Tables:
    """Tables by the names of the candidate."""

    def __init__(self, engine: Engine, sources: Mapping[str, Table], workspace: Path) -> None:
        self._engine = engine
        self._sources = sources
        self._workspace = workspace
        self._opened: dict[str, Opened | Exception] = {}
        self._joins: dict[str, Joined] = {}
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
        columns = set(columns)
        missing = sorted(columns - there)
        if missing:
            raise EvidenceError(f"{name} has no column `{missing[0]}`; names are compared exactly")
        self._wanted.setdefault(name, set()).update(columns)

    def relation(self, name: str) -> str:
        """What to select from. A join is made here, of the columns that are wanted, once its keys are known."""
        opened = self.opened(name)
        wanted = frozenset(self._wanted.get(name, ()))
        join = self._joins.get(name)
        if join is not None and not (name in self._made and wanted <= self._made[name]):
            check_unique(join.join, self.keys(keys_need(join.join)))
            join.make(self._engine, opened.relation, sorted(wanted))
            self._made[name] = wanted
        return opened.relation

    def keys(self, need: Keys) -> KeysFact:
        """How the keys of one or two tables match; asked once."""
        if need not in self._keys:
            named = (need.left, need.right) if need.right else (need.left,)
            self._keys[need] = keys.answer(self._engine, need, {name: self.opened(name) for name in named})
        return self._keys[need]

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
        if not isinstance(table, Join):
            return open_source(self._engine, table, relation, self._workspace)
        self._joins[name] = understand(table, self.opened(table.left), self.opened(table.right))
        return joined_table(self._joins[name], relation)


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
