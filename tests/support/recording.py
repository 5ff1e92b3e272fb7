"""An engine that writes down what it is asked, and lets a real one answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlgate.evidence.engine import Engine, Opened, ResultRow
from mlgate.evidence.engines.duckdb import DuckDB
from mlgate.evidence.sources import Source
from mlgate.values.reach import Reach


class Recording:
    """All of the engine's protocol, and nothing else of the engine that it wraps."""

    def __init__(self, threads: int | None = None, memory_limit: str | None = None) -> None:
        self._answering: Engine = DuckDB(threads, memory_limit)
        self.asked: list[tuple[str, str]] = []
        """What it was asked: the protocol's method, and the statement or the name of what is opened or defined."""

    @property
    def workspace(self) -> Path:
        """The folder that paths of questions are relative to."""
        return self._answering.workspace

    @workspace.setter
    def workspace(self, folder: Path) -> None:
        self._answering.workspace = folder

    @property
    def version(self) -> str:
        """The name and version of the engine that answers."""
        return self._answering.version

    @property
    def statements(self) -> list[str]:
        """The statements that it answered with rows."""
        return [sql for method, sql in self.asked if method in ("query", "arrays")]

    def open(self, source: Source, relation: str, reach: Reach) -> Opened:
        self.asked.append(("open", relation))
        return self._answering.open(source, relation, reach)

    def make(self, relation: str, sql: str) -> None:
        self.asked.append(("make", sql))
        self._answering.make(relation, sql)

    def define(self, name: str, function: Callable[..., Any], takes: tuple[str, ...], gives: str) -> None:
        self.asked.append(("define", name))
        self._answering.define(name, function, takes, gives)

    def query(self, sql: str) -> list[ResultRow]:
        self.asked.append(("query", sql))
        return self._answering.query(sql)

    def arrays(self, sql: str) -> Mapping[str, Any]:
        self.asked.append(("arrays", sql))
        return self._answering.arrays(sql)

    def close(self) -> None:
        self.asked.append(("close", ""))
        self._answering.close()
