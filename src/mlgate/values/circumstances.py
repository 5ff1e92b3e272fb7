"""What a verdict looked at, and what computed it."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.values.plain import Count


@dataclass(frozen=True)
class JudgedData:
    """What a verdict looked at. Two verdicts with equal `evaluation` and other `answers` are two looks."""

    evaluation: str
    """The SHA-256 of the ids and labels of the evaluation rows: of at most the first 10,000 rows by id."""
    answers: str
    """The SHA-256 of the model's answers on them: of the digest of their file and the columns that are read."""
    rows: Count
    """The number of rows in `evaluation`."""
    by_id: bool
    """Whether the rows have ids; rows without ids are recognised by their order in the file."""


@dataclass(frozen=True)
class Versions:
    """The versions of what computed a verdict."""

    methods: Count
    """The version of the statistical methods, which rises when the bounds of any method move."""
    python: str
    """The version of Python."""
    numpy: str
    """The version of numpy."""
    scipy: str
    """The version of scipy."""
    engine: str
    """The engine that scanned the tables, with its version; empty for facts of an mlgate that did not record it."""
    others: tuple[str, ...] = ()
    """Installed packages of plugins and of functions that rules call, with their versions."""
