"""The evidence, opened: tables that can be asked, and the one place where questions become facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlgate.errors import EvidenceError, MachineError, MlgateError
from mlgate.evidence import scans
from mlgate.evidence.dialect import kind_of
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.facts import Facts, SchemaFact
from mlgate.evidence.files import digest
from mlgate.evidence.joins import Joined, check_unique, keys_need, opened, understand
from mlgate.evidence.needs import Digest, Keys, Need, Schema, TableNeed
from mlgate.evidence.open import open_source
from mlgate.evidence.open.interface import Opened
from mlgate.evidence.scans import Statement
from mlgate.evidence.sources import FileSource, FrameSource, Join
from mlgate.evidence.statements import keys
from mlgate.evidence.statements.shared import TooMuch

Progress = Callable[[str], None]
Table = FileSource | FrameSource | Join


@contextmanager
def open_evidence(
    tables: Mapping[str, Table],
    workspace: Path,
    threads: int | None = None,
    memory_limit: str | None = None,
) -> Iterator[Evidence]:
    """Open tables by name for questions; a table that cannot be opened says so when it is asked, the others work."""
    engine = Engine(threads, memory_limit)
    try:
        yield Evidence(engine, tables, workspace)
    finally:
        engine.close()


class Evidence:
    """Opened tables; made by `open_evidence`."""

    def __init__(self, engine: Engine, tables: Mapping[str, Table], workspace: Path) -> None:
        self.engine = engine
        self._tables = tables
        self._workspace = workspace
        self._opened: dict[str, Opened | MlgateError] = {}
        self._joins: dict[str, Joined] = {}
        self._made: dict[str, frozenset[str]] = {}
        self._keys: dict[Keys, KeysFact] = {}

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds. Raises EvidenceError or MachineError where it cannot be opened."""
        return SchemaFact(tuple((column, kind_of(of)) for column, of in self._open(name).columns))

    def measure(self, needs: Iterable[Need], progress: Progress | None = None) -> Facts:
        """Answer needs and what they rest on; what went wrong for one is its answer, and no other's."""
        wanted = list(needs)
        answers: dict[Need, Any] = {}
        left = list(scans.with_inputs(wanted))
        asked = {need: scans.columns_of(need) for need in left if isinstance(need, TableNeed)}
        answers.update({need: error for need, names in asked.items() if (error := _attempt(lambda: self._there(need, names)))})
        while left:
            ready = [need for need in left if all(other in answers for other in scans.rests_on(need))]
            self._answer(ready, answers, progress or _silent)
            left = [need for need in left if need not in answers]
        self._unchanged(answers)
        kept = scans.declared(wanted)
        return Facts({need: found for need, found in answers.items() if need in kept})

    def _answer(self, ready: list[Need], answers: dict[Need, Any], progress: Progress) -> None:
        """Answer needs whose inputs are answered."""
        answers.update({need: refused for need in ready if (refused := scans.refusal(need, answers))})
        asked = [need for need in ready if need not in answers]
        for need in asked:
            if not isinstance(need, TableNeed):
                progress(f"{need.name} {_of(need)}")
                answers[need] = _attempt(lambda need=need: self._alone(need))  # type: ignore[misc]
        for statement in scans.statements(asked):
            progress(str(statement))
            columns = {name for need, names in asked.items() if need.table == statement.table for name in names}
            answers.update(self._ask(statement, answers))

    def _ask(self, statement: Statement, answers: Mapping[Need, Any]) -> dict[Need, Any]:
        """Answer a statement; where it fails, its needs one by one, so that a broken one hides no other."""
        found = _attempt(
            lambda: statement.answer(self.engine, self._open(statement.table).relation, statement.needs, answers)
        )
        if not isinstance(found, Exception):
            return dict(found)
        if len(statement.needs) == 1:
            return {statement.needs[0]: found}
        return {need: each for part in statement.split() for need, each in self._ask(part, answers).items()}

    def _alone(self, need: Need) -> Any:
        """Answer a need that is no scan."""
        if isinstance(need, Schema):
            return self.schema(need.table)
        if isinstance(need, Digest):
            return digest(FileSource(need.path, self._workspace), self._workspace)
        if isinstance(need, Keys):
            named = [need.left, need.right] if need.right else [need.left]
            return keys.answer(self.engine, need, {name: self._open(name) for name in named})
        raise MachineError(f"no engine answers `{need.name}`")

    def _open(self, name: str) -> Opened:
        if name not in self._opened:
            found = _attempt(lambda: self._open_table(name))
            self._opened[name] = found
        opened = self._opened[name]
        if isinstance(opened, Exception):
            raise opened
        return opened

    def _open_table(self, name: str) -> Opened:
        table = self._tables.get(name)
        relation = f"t{list(self._tables).index(name)}" if table is not None else ""
        if table is None:
            raise EvidenceError(f"there is no table `{name}`; there are: {', '.join(sorted(self._tables)) or 'none'}")
        if isinstance(table, Join):
            return open_join(self.engine, table, relation, self._open(table.left), self._open(table.right))
        return open_source(self.engine, table, relation, self._workspace)

    def _unchanged(self, answers: dict[Need, Any]) -> None:
        """Replace answers from files that changed meanwhile by the error that says so."""
        for name, opened in self._opened.items():
            if isinstance(opened, Opened):
                changed = _attempt(opened.files.check)
                if changed is not None:
                    answers.update({need: changed for need in answers if name in _tables_of(need)})


def _attempt(action: Callable[[], Any]) -> Any:
    """What an action gives, or the error that it raised."""
    try:
        return action()
    except (MlgateError, TooMuch) as error:
        return error
    except Exception as error:  # noqa: BLE001 - a statement that crashed is its needs' answer, and hides no other
        crash = MachineError(f"crashed: {type(error).__name__}: {error}; please report this as a bug of mlgate")
        crash.__cause__ = error
        return crash


def _tables_of(need: Need) -> tuple[str, ...]:
    if isinstance(need, Keys):
        return need.left, need.right
    return (getattr(need, "table", ""),)


def _of(need: Need) -> str:
    return str(getattr(need, "path", "") or " and ".join(filter(None, _tables_of(need))))


def _silent(message: str) -> None:
    """Say nothing."""
