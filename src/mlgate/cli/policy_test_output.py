"""Prints the results of tests of policies as they come: a sign per test, or a line."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlgate.cli.output import emit_page
from mlgate.reports.page import Look
from mlgate.reports.policy_tests_page import progress_line, result_line
from mlgate.values.policy_tests import PolicyTestResult


@dataclass
class PolicyTestOutput:
    """What is printed while tests run."""

    look: Look
    verbose: bool
    silent: bool = False
    """Whether standard output belongs to a report."""
    _file: list[PolicyTestResult] = field(default_factory=list)

    def show(self, result: PolicyTestResult) -> None:
        """Print a result, or keep it until its file is done."""
        if self.silent:
            return
        if self.verbose:
            emit_page(result_line(result, self.look))
            return
        if self._file and self._file[0].at.file != result.at.file:
            self._end_file()
        self._file.append(result)

    def end(self, page: str) -> None:
        """Print the last page."""
        if not self.silent:
            self._end_file()
            emit_page(page)

    def _end_file(self) -> None:
        if self._file:
            emit_page(progress_line(self._file[0].at.file, self._file, self.look))
            self._file = []
