"""The format version, the first key of policy and candidate files."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.reading.fields.problem_report import Missing, ProblemReport
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.plain import Schema

FORMAT_VERSION = 1


@dataclass(frozen=True)
class FormatVersion:
    """The format version of a file. A newer format may have keys that this version of mlgate does not know."""

    noun: str = "the number 1, the version of this file's format"

    def read(self, node: Node, report: ProblemReport) -> int | Missing:
        """1, or MISSING."""
        if isinstance(node, Scalar) and not node.quoted and node.text.isascii() and node.text.isdigit():
            if node.text == str(FORMAT_VERSION):
                return FORMAT_VERSION
            if len(node.text) > 9 or int(node.text) > FORMAT_VERSION:
                remedy = f"this mlgate reads version {FORMAT_VERSION}; update mlgate"
                return report.refuse(node.at, f"is {node.text[:20]}, but {remedy}")
        return report.refuse(node.at, f"must be {self.noun}, not {node}; write mlgate: 1")

    def schema(self) -> Schema:
        """The constant 1."""
        return {"const": FORMAT_VERSION}
