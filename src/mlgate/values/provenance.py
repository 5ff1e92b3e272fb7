"""What a verdict was made from: its files, the data that it looked at, the versions of the methods, and the call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.values.plain import Count


@dataclass(frozen=True)
class Input:
    """A file that the verdict depends on, with its digest: a policy, the candidate, the model, a table."""

    role: str
    """Its role: policy, register, candidate, model, predictions, or a table's name."""
    path: str
    """The path from which it was read."""
    sha256: str
    """Its SHA-256 digest in hexadecimal, computed in this run."""


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


@dataclass(frozen=True)
class Invocation:
    """How `mlgate check` was called, as far as it can change a verdict. Paths are relative to the workspace."""

    ADDED: ClassVar[tuple[str, ...]] = ("servers", "policy_ref", "policy_commit", "known")

    as_of: str
    """The date of the verdicts, YYYY-MM-DD."""
    policies: tuple[str, ...]
    """The policy files and folders."""
    candidates: tuple[str, ...]
    """The candidate files."""
    roots: tuple[str, ...] = ()
    """The folders and files outside the workspace that could be read."""
    servers: tuple[str, ...] = ()
    """The servers that could be asked beside those of the policies: `mlflow=https://mlflow.example.com`."""
    engine: str = ""
    """The name of the engine that scanned the tables."""
    facts: str = ""
    """The facts file that was judged instead of the data, if any."""
    verify: bool = False
    """Whether the facts were measured again."""
    earlier: tuple[str, ...] = ()
    """The files with earlier verdicts on the same evaluation data."""
    policy_ref: str = ""
    """What the policies, and who the candidates are, were held to, as the caller named it, if to anything."""
    policy_commit: str = ""
    """The commit that this meant."""
    known: str = ""
    """The file of known failures, if any."""
