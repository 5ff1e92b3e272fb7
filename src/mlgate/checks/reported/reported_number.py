"""The question for one number in a file of metrics, with the time and the digest that the file may state beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mlgate.checks.reported.metrics_file import entries, one
from mlgate.evidence.files import contents
from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.reading.fields import number
from mlgate.values.errors import EvidenceError

_SHOWN = 60


@dataclass(frozen=True)
class ReportedNumberFact:
    """The number as the file writes it, and what the file states under the other names that were asked."""

    ADDED: ClassVar[tuple[str, ...]] = ("further",)

    number: str
    time: str = ""
    model: str = ""
    further: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportedNumber(Need):
    """The number under a dotted name in a file of metrics. `time` and `model` are further names, empty if not asked."""

    ADDED: ClassVar[tuple[str, ...]] = ("further",)

    name = "reported-number"
    fact = ReportedNumberFact
    beside = True
    path: str
    metric: str
    layout: str = ""
    """`json`, `yaml` or `csv`; empty to recognise it by the content."""
    time: str = ""
    model: str = ""
    further: tuple[str, ...] = ()
    """More names, each of which must be there."""

    @property
    def about(self) -> str:
        """The path."""
        return self.path

    def impossible(self, fact: ReportedNumberFact) -> str:
        """A text that is not a number, and other names than were asked."""
        if len(fact.further) != len(self.further):
            return "other names than asked"
        return "" if number(fact.number) is not None else f"{fact.number!r} is not a number"

    def answer(self, tables: OpenTables) -> ReportedNumberFact:
        """The number. Raises EvidenceError where the file has none under the name, several, or something else."""
        found = entries(contents(self.path, tables.reach), self.path, self.layout)
        entry = one(found, self.metric, self.path)
        if entry.number is None:
            said = f"`{self.metric}` in {self.path} is `{entry.text[:_SHOWN]}`"
            quoted = " in quotes" if not entry.plain and number(entry.text) is not None else ""
            raise EvidenceError(f"{said}{quoted}, not a finite number; let the program that measures write a number")
        time, model = (one(found, name, self.path).text if name else "" for name in (self.time, self.model))
        return ReportedNumberFact(entry.text, time, model, tuple(one(found, n, self.path).text for n in self.further))
