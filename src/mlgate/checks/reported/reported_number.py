"""The question for one number in a file of metrics, with the time and the digest that the file may state beside it."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.checks.reported.metrics_file import entries, one
from mlgate.evidence.files import contents
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.reading.fields import number
from mlgate.values.errors import EvidenceError

_SHOWN = 60


@dataclass(frozen=True)
class ReportedNumberFact:
    """The number as the file writes it, and what the file states under the other names that were asked."""

    number: str
    time: str = ""
    model: str = ""


@dataclass(frozen=True)
class ReportedNumber(Need):
    """The number under a dotted name in a file of metrics. `time` and `model` are further names, empty if not asked."""

    name = "reported-number"
    fact = ReportedNumberFact
    beside = True
    path: str
    metric: str
    layout: str = ""
    """`json`, `yaml` or `csv`; empty to recognise it by the content."""
    time: str = ""
    model: str = ""

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: ReportedNumberFact) -> str:
        """A text that is not a number."""
        return "" if number(fact.number) is not None else f"{fact.number!r} is not a number"

    def answer(self, tables: OpenTables) -> ReportedNumberFact:
        """The number. Raises EvidenceError where the file has none under the name, several, or something else."""
        found = entries(contents(self.path, tables.reach), self.path, self.layout)
        entry = one(found, self.metric, self.path)
        if entry.number is None:
            said = f"`{self.metric}` in {self.path} is `{entry.text[:_SHOWN]}`"
            quoted = " in quotes" if not entry.plain and number(entry.text) is not None else ""
            raise EvidenceError(f"{said}{quoted}, not a finite number; let the program that measures write a number")
        return ReportedNumberFact(
            entry.text, *(one(found, n, self.path).text if n else "" for n in (self.time, self.model))
        )
