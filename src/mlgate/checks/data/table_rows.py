"""A table as a rule about data reads it: which guards its rows need."""

from __future__ import annotations

from mlgate.checks.subject import Subject
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.key_matches import Keys


def joined(subject: Subject, table: str) -> list[Guard]:
    """The guards of a table whose rows come from two files: their ids match.

    A table by itself needs none, since no rule about data reads its ids.
    """
    return [
        guard for guard in subject.guards(table) if any(isinstance(need, Keys) and need.right for need in guard.inputs)
    ]
