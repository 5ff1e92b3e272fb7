"""What every report is: a name and a function from a run's verdicts to text. A report decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlgate.values.verdict import Verdicts


@dataclass(frozen=True)
class Report:
    """A rendering of verdicts; `render` is pure, so equal verdicts give equal text."""

    name: str
    """What `--report NAME=PATH` calls it."""
    about: str
    """One line for `--help` and the docs: who reads it."""
    render: Callable[[Verdicts], str]
