"""The rows of one table, as opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlgate.evidence.dialect import quote
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.sources import Source
from mlgate.evidence.tables.open_tables import Tables
from mlgate.values.reach import Reach


def read_rows(source: Source, workspace: Path, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a source, of all its columns or of some; raises what asking for them raises."""
    with open_evidence({"t": source}, workspace, threads=2) as evidence:
        tables = Tables(evidence.engine, {"t": source}, Reach.of(workspace))
        names = columns or tuple(tables.opened("t").types)
        tables.want("t", names)
        relation = tables.relation("t")
        return evidence.engine.query(f"select {', '.join(map(quote, names))} from {relation}")
