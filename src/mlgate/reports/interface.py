"""The interface of reports: a name, and a function from a run's verdicts to text. A report decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlgate.values.faults import crashing
from mlgate.values.verdict import Verdicts


@dataclass(frozen=True)
class Report:
    """A rendering of verdicts. `render` is pure: equal verdicts give equal text."""

    name: str
    """Its name in `--report NAME=PATH`."""
    about: str
    """One line for `--help` and the docs about what it is for."""
    render: Callable[[Verdicts], str]
    mark: str = ""
    """What each of its texts begins with, as a regular expression: only a file that does is replaced by a new report.
    A file of a report without a mark is never replaced."""

    def text(self, verdicts: Verdicts) -> str:
        """The rendered text. Raises MachineError if rendering crashed or gave something else."""
        with crashing(f"the report `{self.name}`", self.render):
            found = self.render(verdicts)
            if not isinstance(found, str):
                raise TypeError(f"it is not a text, but a {type(found).__name__}")
        return found
