"""Errors, by who can fix them. A demand that is not met is not an error: it is a FAIL in the verdict."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file. Line and column count from 1."""

    file: str
    """The file's path."""
    line: int = 1
    """The line, from 1."""
    column: int = 1
    """The column, from 1."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def before(self, message: str) -> str:
        """A message that begins with this place."""
        return f"{self}: {message}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a policy or candidate file: its place, and a message with the remedy."""

    at: Location | None
    """The place in a file, if any."""
    message: str
    """What is wrong, and the remedy."""

    def __str__(self) -> str:
        return self.at.before(self.message) if self.at else self.message


class MlgateError(Exception):
    """The base of every error that mlgate raises on purpose, with its exit code."""

    exit_code = 3


MOST_LISTED = 200
"""The most mistakes that one error lists."""


class InputError(MlgateError):
    """The policy, the candidate file or the command line is wrong, or nothing was asked (exit code 2)."""

    exit_code = 2

    def __init__(self, problems: str | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = [Problem(None, problems)]
        found = sorted(problems, key=str_key)
        if len(found) > MOST_LISTED:
            more = f"mistakes that are not listed: {len(found) - MOST_LISTED:,}; correct these first"
            found = [*found[:MOST_LISTED], Problem(found[MOST_LISTED].at, more)]
        self.problems: tuple[Problem, ...] = tuple(found)
        super().__init__("\n".join(map(str, self.problems)))


class NotCoveredError(InputError):
    """No policy applies to a candidate, so that nothing would be asked of it; `candidate` is its name."""

    def __init__(self, message: str, candidate: str) -> None:
        super().__init__(message)
        self.candidate = candidate


class OverwritingError(InputError):
    """Outputs that the command line names would take the place of inputs; `outputs` are their paths."""

    def __init__(self, message: str, outputs: Iterable[Path]) -> None:
        super().__init__(message)
        self.outputs = tuple(outputs)


class EvidenceError(MlgateError):
    """What was presented cannot answer a rule: a missing column, a NaN, ids that do not match (exit code 1).

    `keys` are the keys of the candidate file at fault, such as `predictions.score`. The gate says where they stand.
    """

    exit_code = 1

    def __init__(self, message: str, *keys: str) -> None:
        super().__init__(message)
        self.keys = tuple(key for key in keys if key)

    def about(self, *keys: str) -> EvidenceError:
        """The same error with keys at fault; unchanged if it has some already."""
        if self.keys or not keys:
            return self
        found = EvidenceError(str(self), *keys)
        found.__cause__ = self.__cause__
        return found


class MachineError(MlgateError):
    """The gate could not run: I/O, memory, a missing extension. Check the machine, then retry (exit code 3)."""


@contextmanager
def concerning(*keys: str) -> Iterator[None]:
    """Let every EvidenceError within name these keys of the candidate file as being at fault."""
    try:
        yield
    except EvidenceError as error:
        raise error.about(*keys) from error.__cause__


class BlockedError(MlgateError):
    """Raised by `Verdict.raise_if_blocked()`. Its text names the outcomes that block."""

    exit_code = 1


def unusable(said: str, error: OSError | ValueError) -> InputError | MachineError:
    """Why a path that a person wrote cannot be used: InputError where its text is at fault, else MachineError."""
    wrong = isinstance(error, ValueError) or error.errno in (errno.ENAMETOOLONG, errno.ELOOP)
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return InputError(f"{said}: {reason}; correct the path") if wrong else MachineError(f"{said}: {reason}")


def str_key(problem: Problem) -> tuple[str, int, int, str]:
    """The sort key of a problem: file, then line, then column."""
    at = problem.at or Location("", 0, 0)
    return (at.file, at.line, at.column, problem.message)
