"""Open evidence: tables that answer questions, and the one place where questions become facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mlgate.evidence.beside import BesideEngine
from mlgate.evidence.engine import Engine
from mlgate.evidence.engines.choice import DEFAULT, open_engine
from mlgate.evidence.guard import asked_by
from mlgate.evidence.questions.need import Facts, Need, TableNeed, columns_of
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.scans import Scan, declared, refusal, rests_on, scans, with_inputs
from mlgate.evidence.tables.open_tables import Tables, attempt
from mlgate.evidence.tables.recipe import TableOrigin
from mlgate.values.reach import Reach
from mlgate.values.servers import Servers

Progress = Callable[[str], None]


@contextmanager
def open_evidence(
    tables: Mapping[str, TableOrigin],
    workspace: Path,
    threads: int | None = None,
    memory_limit: str | None = None,
    engine: str = DEFAULT,
    roots: Iterable[Path] | None = None,
    servers: Servers = (),
) -> Iterator[OpenEvidence]:
    """Open tables by name. A table that cannot be opened fails when it is asked a question; the others work.

    Files are read in `roots`, by default in the workspace, to which paths are relative. Only `servers` are asked.

    Raises InputError for an unknown engine.
    """
    opened = open_engine(engine, threads, memory_limit)
    opened.workspace = workspace
    try:
        yield OpenEvidence(opened, tables, Reach.of(workspace, roots, servers))
    finally:
        opened.close()


class OpenEvidence:
    """Opened tables; made by `open_evidence`."""

    def __init__(self, engine: Engine, tables: Mapping[str, TableOrigin], reach: Reach) -> None:
        self.engine = engine
        self._tables = Tables(engine, tables, reach)
        self._beside = BesideEngine(self._alone)

    @property
    def engine_version(self) -> str:
        """The engine with its version."""
        return self.engine.version

    def schema(self, name: str) -> SchemaFact:
        """A table's columns and kinds. Raises EvidenceError or MachineError where it cannot be opened."""
        return SchemaFact.of(self._tables.opened(name))

    def begin(self, needs: Iterable[Need]) -> None:
        """Start to answer needs that will be asked; those that must wait for a table or an answer are not started."""
        self._beside.begin(need for need in needs if need.beside and need.early(self._tables) and not rests_on(need))

    def end(self) -> None:
        """Start to answer nothing more."""
        self._beside.end()

    def measure(self, needs: Iterable[Need], progress: Progress | None = None) -> Facts:
        """Answer needs and the needs they depend on. An error of one need is its own answer, and affects no other.

        Guards are not run: only the needs in them are answered.
        """
        wanted = asked_by(needs)
        every = with_inputs(wanted)
        answers: dict[Need, Any] = {}
        for need in every:
            if isinstance(need, TableNeed):
                unknown = attempt(partial(self._want, need))
                answers.update({need: unknown} if unknown is not None else {})
        left = [need for need in every if need not in answers]
        while left:
            ready = [need for need in left if all(other in answers for other in rests_on(need))]
            self._answer(ready, answers, progress or _silent)
            left = [need for need in left if need not in answers]
        for name, changed in self._tables.changed().items():
            answers.update({need: changed for need in answers if name in need.tables})
        answers.update({need: why for need, why in self._tables.changed_beside().items() if need in answers})
        kept = declared(wanted)
        return Facts({need: found for need, found in answers.items() if need in kept})

    def _want(self, need: TableNeed) -> None:
        self._tables.want(need.table, columns_of(need))

    def _answer(self, ready: list[Need], answers: dict[Need, Any], progress: Progress) -> None:
        """Answer the needs whose inputs are answered."""
        answers.update({need: refused for need in ready if (refused := refusal(need, answers))})
        asked = [need for need in ready if need not in answers]
        apart = [need for need in asked if need.beside]
        self._beside.begin(apart)
        self._answer_by_engine([need for need in asked if not need.beside], answers, progress)
        for need in apart:
            progress(f"{need.name} {need.about}")
        answers.update(self._beside.found(apart))

    def _answer_by_engine(self, asked: Sequence[Need], answers: dict[Need, Any], progress: Progress) -> None:
        """Answer needs one by one, or as few scans."""
        for need in asked:
            if not isinstance(need, TableNeed):
                progress(f"{need.name} {need.about}")
                answers[need] = self._alone(need)
        answers.update({need: why for need in asked if (why := self._refusal(need)) is not None})
        for scan in scans(need for need in asked if need not in answers):
            progress(str(scan))
            answers.update(self._ask(scan, answers))

    def _alone(self, need: Need) -> Any:
        """The answer to a need that is asked by itself."""
        return attempt(partial(self._tables.answer, need))

    def _refusal(self, need: Need) -> Any:
        """The error of a table that cannot answer a need, known only after the table is made; or None."""
        if not isinstance(need, TableNeed):
            return None
        made = attempt(partial(self._tables.relation, need.table))
        return made if isinstance(made, Exception) else self._tables.refused(need.table, columns_of(need))

    def _ask(self, scan: Scan, answers: Mapping[Need, Any]) -> dict[Need, Any]:
        """Answer a scan. If it fails, answer its needs one by one, so that a broken one hides no other."""
        found = attempt(lambda: scan.statement(self.engine, self._tables.relation(scan.table), scan.needs, answers))
        if not isinstance(found, Exception):
            return dict(found)
        if len(scan.needs) == 1:
            return {scan.needs[0]: found}
        return {need: each for part in scan.split() for need, each in self._ask(part, answers).items()}


def _silent(message: str) -> None:
    """Progress that is not shown."""
