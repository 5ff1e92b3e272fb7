"""The check `reported.metric`: a number that others measured and wrote into a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from mlgate.checks.base import Wrong
from mlgate.checks.metric_problems import bound_problems
from mlgate.checks.reported.known_metric import known_metric, range_of
from mlgate.checks.reported.metrics_file import LAYOUTS
from mlgate.checks.reported.report_keys import key_of, model_digest, refuse_other_model
from mlgate.checks.reported.reported_check import ReportedCheck
from mlgate.checks.reported.reported_number import ReportedNumber
from mlgate.checks.subject import Subject
from mlgate.evidence.questions.need import Facts, Need
from mlgate.metrics.options import Options
from mlgate.reading.fields import Choice, ListOf, Number, Text, param
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Answer, Estimate
from mlgate.values.numbers import number
from mlgate.values.verdict import Proof
from mlgate.values.words import Words


@dataclass(frozen=True, kw_only=True)
class ReportedMetric(ReportedCheck):
    """A number that others measured and reported.

    ## What it does
    Reads one number from a file that the candidate names in `reports`: the `metrics.json` of a training script, the
    metrics of DVC, an export of MLflow. `name` is the dotted name of the number, exactly as in the file:
    `test.accuracy` is `accuracy` in the object `test`. The layout (JSON, YAML or CSV) is recognised by the content. A
    CSV file has a metric per column and one row, or a metric per row in the columns `metric` (or `name`, `key`) and
    `value`. In a list of objects with such keys, a metric is named by its own name, not by its place.

    The number is compared exactly, as a decimal. A name that the file does not have, several values of one name, NaN,
    infinity, a text or a number in quotes are an ERROR, and so is a value outside `range`. For a metric that mlgate
    knows by the last part of the name, `range` is the range of that metric: an accuracy of 91.2 is probably a
    percentage, so write `range: [0, 100]` and the bound in percent. `val/f1_macro` and `cv.mean_f1` are f1 in this;
    of `neg_log_loss`, an error with its sign turned, no range is known.

    ## Why it matters
    It is the way to start with what a team has. But mlgate has not measured the number: whoever can change the file
    can change it, and there is no confidence bound. So each report of the gate says `reported, not measured`, only
    `proof: estimate` is possible, and a policy with `reported: refuse` allows no such rule.

    A number may also be that of another model. With `model_digest` the file must state the SHA-256 of the file in the
    candidate's `model.path`, and the gate recomputes it. With `time` and the candidate's `trained_at`, a report from
    before the training is an ERROR. The time of a file decides nothing: it is that of a checkout or of a copy.

    ## Example
    ```yaml
    - id: accurate-enough
      check: reported.metric
      from: metrics            # candidate: reports: {metrics: metrics.json}
      name: test.accuracy
      at_least: 0.9
      model_digest: model_sha256
    ```

    ## Use instead
    `performance.metric` measures the metric from the predictions, with its confidence bound.
    """

    id: ClassVar[str] = "reported.metric"
    bounded: ClassVar[bool] = True
    own_needs: ClassVar = (ReportedNumber,)

    name: str = param(Text(), doc="The dotted name of the number in the file, exactly.")
    layout: str = param(
        Choice(*LAYOUTS), default="", key="format", doc="The file's layout; if left out, recognised by its content."
    )
    range: tuple[Fraction, ...] = param(
        ListOf(Number(), min=2, max=2),
        default=(),
        doc="The lowest and the highest possible value; another value is an ERROR.",
    )
    time: str = param(Text(), default="", doc="The dotted name of the time when the file says it was measured.")
    model_digest: str = param(
        Text(), default="", doc="The dotted name of the SHA-256 in the file that must be that of the candidate's model."
    )

    @property
    def measured(self) -> str:
        """The name of the number, and its report."""
        return f"{self.name} in report {self.report}"

    @property
    def limits(self) -> tuple[float, float]:
        """The `range`, or that of the metric of this name."""
        low, high = self._range
        return float(low), float(high)

    def words(self, _subject: Subject) -> Words:
        """One number."""
        return Words("number")

    def problems(self, demand: Demand) -> Iterable[Wrong]:
        """A bound that no value, or each value, would meet."""
        low, high = self._range
        if self.range and low >= high:
            yield "range", "must have the lower number first"
            return
        if self.after_training and not self.time:
            yield "after_training", "requires `time`, the name of the recorded time in the file; add it"
        if self._known and not self.range:
            yield from bound_problems(self._known, demand, Options())
            return
        for side, bound in demand.sides:
            if not low <= bound <= high or bound == (low if side == "at_least" else high):
                said = f"is {number(float(bound))}, which does not demand anything possible of a value from"
                yield side, f"{said} {number(float(low))} to {number(float(high))}; correct it"

    @property
    def judges_skill(self) -> bool:
        """As far as the gate can know."""
        return True

    def advice(self, _proof: Proof) -> Iterable[str]:
        """What would make the number evidence about this model."""
        if not self.model_digest:
            yield (
                "judges a number that may be of another model: let the file state the model's SHA-256 and name it by "
                "`model_digest`, or present predictions and measure by `performance.metric`"
            )

    def needs(self, subject: Subject, alphas: tuple[float, ...]) -> Iterable[Need]:
        """The number, and the digest of the model if the rule compares it."""
        yield self._number(subject)
        if self.model_digest:
            yield model_digest(subject, self.report)

    def answers(self, subject: Subject, facts: Facts, alphas: tuple[float, ...]) -> Iterator[Answer]:
        """The number as it is reported."""
        found = facts[self._number(subject)]
        if self.model_digest:
            refuse_other_model(facts[model_digest(subject, self.report)], found.model, self.report)
        undated = self.undated(subject, found.time)
        exact, (low, high) = Fraction(found.number), self._range
        if not low <= exact <= high:
            said = f"{self.measured} is {found.number}, outside {number(float(low))} to {number(float(high))}"
            raise EvidenceError(f"{said}; state the possible values of a percentage by `range`", key_of(self.report))
        yield Estimate((), float(exact), 0, 0, exact=exact, note=undated or None)

    def _number(self, subject: Subject) -> ReportedNumber:
        return ReportedNumber(self.path(subject), self.name, self.layout, self.time, self.model_digest)

    @property
    def _known(self) -> str:
        """The metric that mlgate knows by the last part of the name; empty if there is none."""
        return known_metric(self.name)

    @property
    def _range(self) -> tuple[Fraction | float, Fraction | float]:
        return (self.range[0], self.range[1]) if self.range else range_of(self._known)
