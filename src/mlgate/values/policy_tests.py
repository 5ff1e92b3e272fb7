"""What became of tests of policies, for the page and the report about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlgate.values.errors import Location


@dataclass(frozen=True)
class PolicyTestResult:
    """What became of one test or mutation."""

    kind: Literal["test", "mutation"]
    name: str
    at: Location
    """Where it stands."""
    status: Literal["passed", "failed", "error"]
    """`error`: the machine could not run it, so that nothing is known."""
    seconds: float
    said: tuple[str, ...] = ()
    """What was expected and what came, one sentence each; empty if it passed."""


@dataclass(frozen=True)
class Unseen:
    """A rule, or a whole policy, that the tests have not seen at work."""

    name: str
    at: Location


@dataclass(frozen=True)
class PolicyTestRun:
    """All results of a run, and what the tests leave untested."""

    results: tuple[PolicyTestResult, ...]
    untested: tuple[Unseen, ...] = ()
    """Rules that no test has seen block."""
    unmatched: tuple[Unseen, ...] = ()
    """Tested policies that apply to no candidate of a test."""
    allow_untested: bool = False
    """Whether untested rules are only listed."""
    partial: str = ""
    """Why not all tests were run, so that what they leave untested is not known; empty if all were."""

    def count(self, status: str) -> int:
        """How many results have a status."""
        return sum(result.status == status for result in self.results)

    @property
    def exit_code(self) -> int:
        """0: all passed. 1: a test failed, or something is untested. 2: nothing was run. 3: only the machine failed."""
        if not self.results:
            return 2
        if self.count("failed") or self.unmatched or (self.untested and not self.allow_untested):
            return 1
        return 3 if self.count("error") else 0
