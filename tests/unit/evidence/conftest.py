"""Tables opened for one question or several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.questions.need import Facts, Need
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.sources import FileSource, FrameSource
from mlgate.evidence.tables.recipe import TableOrigin
from support.reading import read_rows

Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`ask(frame, need)`: the fact of a need about the table `t`; several needs give Facts."""

    def asked(table: Any, *needs: Need, threads: int = 2) -> Any:
        opened = table if isinstance(table, dict) else {"t": table}
        tables = {name: of if isinstance(of, TableOrigin) else FrameSource(of) for name, of in opened.items()}
        with open_evidence(tables, tmp_path, threads=threads) as evidence:
            facts: Facts = evidence.measure(needs)
        return facts[needs[0]] if len(needs) == 1 else facts

    return asked


@pytest.fixture
def schema(tmp_path: Path) -> Callable[[str], SchemaFact]:
    """`schema("a.csv")`: the schema of a file in the workspace; raises what opening it raises."""

    def opened(name: str) -> SchemaFact:
        with open_evidence({"t": FileSource(name, tmp_path)}, tmp_path, threads=2) as evidence:
            return evidence.schema("t")

    return opened


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """`rows("a.csv")`: all rows of a file in the workspace, as opened; with names, only these columns are asked for."""

    def opened(name: str, *columns: str) -> list[tuple[Any, ...]]:
        return read_rows(FileSource(name, tmp_path), tmp_path, *columns)

    return opened
