"""operations.cost: what a model costs to train or to use, as somebody has reported it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date
from fractions import Fraction
from math import inf
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.reported.metrics_file import LAYOUTS
from mlgate.checks.reported.report_keys import key_of, model_digest, refuse_other_model
from mlgate.checks.reported.reported_check import ReportedCheck
from mlgate.checks.reported.reported_number import ReportedNumber, ReportedNumberFact
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.reading.fields import Choice, Integer, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate
from mlgate.values.instants import zoned_instant
from mlgate.values.words import Words, counted

_SHOWN = 80


@dataclass(frozen=True, kw_only=True)
class OperationsCost(ReportedCheck):
    """What the model costs to train or to use is within a bound, by a reported figure with its unit, source and age.

    ## What it does
    Reads one number from a file that the candidate names in `reports`, as `reported.metric` does, with three more
    values beside it: its unit, its source and its time. All are dotted names in the file:

    ```text
    {"serving": {"cost": 0.031, "unit": "EUR per 1000 requests",
                 "source": "invoice 2026-11", "at": "2026-11-20T10:00:00Z"}}
    ```

    The unit in the file must be the `unit` of the rule, letter by letter: nothing is converted. A figure that is
    missing, negative, NaN, a text or without a source, one in another unit, and one that is older than `at_most_days`,
    later than the day of the verdict or of no known time is an ERROR.

    ## Why it matters
    A model that is a little better and costs ten times as much is a decision, not a detail. But mlgate has not
    measured the figure: whoever can change the file can change it. So each report of the gate says `reported, not
    measured`, only `proof: estimate` is possible, and a policy with `reported: refuse` allows no such rule.

    ## Example
    ```yaml
    - id: cheap-to-serve
      check: operations.cost
      of: inference
      from: costs              # candidate: reports: {costs: costs.json}
      name: serving.cost
      unit: EUR per 1000 requests
      unit_name: serving.unit
      source_name: serving.source
      time: serving.at
      at_most_days: 90
      at_most: 0.05
    ```

    ## Use instead
    `performance.metric` with `metric: mean` or `quantile` measures a cost or a latency that each row has in a column.
    """

    id: ClassVar[str] = "operations.cost"
    bounded: ClassVar[bool] = True
    own_needs: ClassVar = (ReportedNumber,)

    of: str = param(Choice("training", "inference"), doc="What the figure is the cost of.")
    name: str = param(Text(), doc="The dotted name of the figure in the file, exactly.")
    unit: str = param(Text(), doc="The unit of the bound, which the file must state: `EUR`, `kWh`, `GPU hours`.")
    unit_name: str = param(Text(), doc="The dotted name of the unit in the file.")
    source_name: str = param(Text(), doc="The dotted name of the source in the file: an invoice, a meter, a program.")
    time: str = param(Text(), doc="The dotted name of the time when the file says it was measured.")
    at_most_days: int = param(Integer(min=0), doc="The most whole days that the figure may be old.", tighter="lower")
    layout: str = param(
        Choice(*LAYOUTS), default="", key="format", doc="The file's layout; if left out, recognised by its content."
    )
    model_digest: str = param(
        Text(), default="", doc="The dotted name of the SHA-256 in the file that must be that of the candidate's model."
    )

    @property
    def measured(self) -> str:
        """What the figure is, and its unit."""
        return f"cost of {self.of} in {self.unit}"

    @property
    def limits(self) -> tuple[float, float]:
        """A cost is not negative."""
        return 0.0, inf

    def words(self, _subject: Subject) -> Words:
        """One figure."""
        return Words("figure")

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """A cost that must be high, or below nothing."""
        if demand.at_most is None:
            yield "at_least", "a cost must be `at_most` so much"
        elif demand.at_most < 0:
            yield "at_most", "a cost is not below 0"

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The figure, and the digest of the model if the rule compares it."""
        yield self._figure(subject)
        if self.model_digest:
            yield model_digest(subject, self.report)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """The figure as it is reported, with its source and its age."""
        found: ReportedNumberFact = facts[self._figure(subject)]
        if self.model_digest:
            refuse_other_model(facts[model_digest(subject, self.report)], found.model, self.report)
        undated, days = self.undated(subject, found.time), self._days(found.time, subject.as_of)
        exact, (unit, source) = Fraction(found.number), found.further
        if unit != self.unit:
            said = f"report `{self.report}` states {self.name} in `{unit[:_SHOWN]}`, and the rule is in `{self.unit}`"
            raise EvidenceError(f"{said}; state it in that unit", key_of(self.report))
        if exact < 0:
            said = f"report `{self.report}` states {self.name} as {found.number}, and a cost is not negative"
            raise EvidenceError(f"{said}; correct the file", key_of(self.report))
        if not source.strip() or source in ("null", "true", "false"):
            said = f"report `{self.report}` states no source of {self.name} in `{self.source_name}`"
            raise EvidenceError(f"{said}; write where the figure is from", key_of(self.report))
        note = f"from {source[:_SHOWN]}, {counted(days, 'day')} old"
        yield Estimate((), float(exact), 0, 0, exact=exact, note="; ".join(filter(None, (note, undated))))

    def _figure(self, subject: Subject) -> ReportedNumber:
        further = (self.unit_name, self.source_name)
        return ReportedNumber(self.path(subject), self.name, self.layout, self.time, self.model_digest, further)

    def _days(self, time: str, as_of: date) -> int:
        """The age of the figure in whole days. Raises EvidenceError where it is not known, too high or below 0."""
        moment = _day(time)
        if moment is None:
            said = f"report `{self.report}` has the time `{time[:_SHOWN]}`, which is not a date and time with its zone"
            raise EvidenceError(f"{said}; write one such as 2026-11-20T10:00:00Z", key_of(self.report))
        days = (as_of - moment).days
        if days < 0:
            said = f"report `{self.report}` is of {time}, later than {as_of}, the day of this verdict"
            raise EvidenceError(f"{said}; correct the time in the file", key_of(self.report))
        if days > self.at_most_days:
            said = f"report `{self.report}` is {counted(days, 'day')} old, and at most {self.at_most_days} are allowed"
            raise EvidenceError(f"{said}; measure the cost again", key_of(self.report))
        return days


def _day(time: str) -> date | None:
    """The day of a moment in UTC; None where the text names none."""
    moment = zoned_instant(time)
    try:
        return moment.astimezone(UTC).date() if moment else None
    except OverflowError:  # a day before the year 1, or after 9999
        return None
