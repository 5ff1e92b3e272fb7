"""Conditions about the rows of small tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mlgate.checks.expressions.condition import ConditionText, RowCondition, WrittenCondition
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FrameSource
from mlgate.evidence.tables.open_tables import Tables
from mlgate.reading.fields import ProblemReport
from mlgate.reading.strict_yaml import Scalar
from mlgate.values.errors import Location
from mlgate.values.reach import Reach

Read = Callable[[str], WrittenCondition]
Decide = Callable[..., list[bool | None]]


@pytest.fixture(scope="session")
def read() -> Read:
    """`read(text)`: a condition, as a policy has it in quotes. Raises InputError where the text is none."""

    def condition(text: str) -> WrittenCondition:
        report = ProblemReport().inside("must")
        found = ConditionText().read(Scalar(text, True, Location("policy.yaml", 7, 5), f'"{text}"'), report)
        report.raise_if_any()
        assert isinstance(found, WrittenCondition)
        return found

    return condition


class Opened:
    """A table that is open."""

    def __init__(self, tables: Tables, query: Callable[[str], list[tuple[Any, ...]]], read: Read) -> None:
        self.tables, self.query, self.read = tables, query, read
        self.rows = Rows("t", "the table", SchemaFact.of(tables.opened("t")))
        tables.want("t", tuple(self.rows.kinds))

    def bound(self, text: str, *sentinels: str) -> RowCondition:
        """A condition about the table."""
        return self.read(text).about(self.rows, sentinels)

    def decided(self, text: str, *sentinels: str) -> list[bool | None]:
        """What a condition says of each row."""
        holds = self.bound(text, *sentinels).holds
        return [row[0] for row in self.query(f"select {holds} from {self.tables.relation('t')}")]


@pytest.fixture(scope="session")
def opening(read: Read, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], Any]:
    """`with opening(frame) as table`: the frame, open."""

    @contextmanager
    def opened(frame: Any) -> Iterator[Opened]:
        folder: Path = tmp_path_factory.getbasetemp()
        with open_evidence({"t": FrameSource(frame)}, folder, threads=2) as evidence:
            tables = Tables(evidence.engine, {"t": FrameSource(frame)}, Reach.of(folder))
            yield Opened(tables, evidence.engine.query, read)

    return opened


@pytest.fixture
def decide(opening: Callable[[Any], Any]) -> Decide:
    """`decide(frame, text)`: what a condition says of each row."""

    def decided(frame: Any, text: str, *sentinels: str) -> list[bool | None]:
        with opening(frame) as table:
            found: list[bool | None] = table.decided(text, *sentinels)
            return found

    return decided
