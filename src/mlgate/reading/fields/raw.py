"""A value that is read later, when more is known."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.reading.fields.problem_report import ProblemReport
from mlgate.reading.strict_yaml import Node
from mlgate.values.plain import Schema


@dataclass(frozen=True)
class Raw:
    """A node that is read later, when more is known. `schemas` fills in its schema."""

    noun: str

    def read(self, node: Node, report: ProblemReport) -> Node:
        """The node itself."""
        return node

    def schema(self) -> Schema:
        """A schema that allows anything."""
        return {}
