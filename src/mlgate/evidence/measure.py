"""The evidence, opened: tables that can be asked, and the one place where questions become facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mlgate.evidence import earlier, scans
from mlgate.evidence.dialect import kind_of
from mlgate.evidence.engines.duckdb import Engine
from mlgate.evidence.facts import Facts, SchemaFact
from mlgate.evidence.files import digest
from mlgate.evidence.guard import asked_by
from mlgate.evidence.needs import Digest, EarlierVerdict, Keys, Need, Schema, TableNeed
from mlgate.evidence.scans import Statement
from mlgate.evidence.sources import FileSource
from mlgate.evidence.tables import Table, Tables, attempt
from mlgate.values.errors import MachineError

Progress = Callable[[str], None]


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
        self._tables = Tables(engine, tables, workspace)
        self._workspace = workspace

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds. Raises EvidenceError or MachineError where it cannot be opened."""
        return SchemaFact(tuple((column, kind_of(of)) for column, of in self._tables.opened(name).columns))

    def measure(self, needs: Iterable[Need], progress: Progress | None = None) -> Facts:
        """Answer needs and what they rest on; what went wrong for one is its answer, and no other's.

        Guards are not run: only what they ask is answered.
        """
        wanted = asked_by(needs)
        every = scans.with_inputs(wanted)
        answers: dict[Need, Any] = {}
        for need in every:
            if isinstance(need, TableNeed):
                unknown = attempt(partial(self._want, need))
                answers.update({need: unknown} if unknown is not None else {})
        left = [need for need in every if need not in answers]
        while left:
            ready = [need for need in left if all(other in answers for other in scans.rests_on(need))]
            self._answer(ready, answers, progress or _silent)
            left = [need for need in left if need not in answers]
        for name, changed in self._tables.changed().items():
            answers.update({need: changed for need in answers if name in _tables_of(need)})
        kept = scans.declared(wanted)
        return Facts({need: found for need, found in answers.items() if need in kept})

    def _want(self, need: TableNeed) -> None:
        self._tables.want(need.table, scans.columns_of(need))

    def _answer(self, ready: list[Need], answers: dict[Need, Any], progress: Progress) -> None:
        """Answer needs whose inputs are answered."""
        answers.update({need: refused for need in ready if (refused := scans.refusal(need, answers))})
        asked = [need for need in ready if need not in answers]
        for need in asked:
            if not isinstance(need, TableNeed):
                progress(f"{need.name} {_of(need)}")
                answers[need] = attempt(partial(self._alone, need))
        answers.update({need: why for need in asked if (why := self._refusal(need)) is not None})
        for statement in scans.statements(need for need in asked if need not in answers):
            progress(str(statement))
            answers.update(self._ask(statement, answers))

    def _refusal(self, need: Need) -> Any:
        """Why a table cannot be asked this, which shows only when it is made."""
        if not isinstance(need, TableNeed):
            return None
        made = attempt(partial(self._tables.relation, need.table))
        return made if isinstance(made, Exception) else self._tables.refused(need.table, scans.columns_of(need))

    def _ask(self, statement: Statement, answers: Mapping[Need, Any]) -> dict[Need, Any]:
        """Answer a statement; where it fails, its needs one by one, so that a broken one hides no other."""
        found = attempt(
            lambda: statement.answer(self.engine, self._tables.relation(statement.table), statement.needs, answers)
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
        if isinstance(need, EarlierVerdict):
            return earlier.answer(need, self._workspace)
        if isinstance(need, Keys):
            return self._tables.keys(need)
        raise MachineError(f"no engine answers `{need.name}`")


def _tables_of(need: Need) -> tuple[str, ...]:
    if isinstance(need, Keys):
        return need.left, need.right
    return (getattr(need, "table", ""),)


def _of(need: Need) -> str:
    return str(getattr(need, "path", "") or " and ".join(filter(None, _tables_of(need))))


def _silent(message: str) -> None:
    """Say nothing."""
