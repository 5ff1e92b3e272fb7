"""A history as JSON: the whole graph."""

from __future__ import annotations

from mlgate.lineage.graph import LineageGraph
from mlgate.lineage.lineage_format import LineageFormat
from mlgate.values.json_text import to_text
from mlgate.values.plain import write


def graph_json(graph: LineageGraph) -> str:
    """The graph as `mlgate.values.plain` writes it."""
    return to_text(write(LineageGraph, graph))


FORMAT = LineageFormat("json", "the whole graph", graph_json)
