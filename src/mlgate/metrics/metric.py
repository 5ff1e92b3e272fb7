"""What a metric is: one declarative entry, with a kind that owns its needs, its estimate and its interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.question import Question
from mlgate.values.estimate import Bound, Estimate
from mlgate.values.pictures import Picture

TASKS = ("binary", "multiclass", "multilabel", "regression", "ranking", "forecasting", "text")
"""What models do, named here alone. Each task has a file of its metrics beside this one, and one of `candidate.tasks`
that says what its candidates are."""
EVERYWHERE = TASKS


class Undefined(Exception):  # noqa: N818 - a reason, not a fault
    """The metric has no value for a slice, and the reason: 0/0, a class without rows."""


class Better(Enum):
    """The direction in which a metric is better. A rule may bound a metric of NEITHER from both sides."""

    HIGHER = "higher is better"
    LOWER = "lower is better"
    NEITHER = "neither direction is better by itself"


class Interval(Enum):
    """What a metric's interval promises, by its simulated miss rates."""

    GUARANTEED = "guaranteed on the grid of benchmarks/coverage.py"
    APPROXIMATE = "approximate"
    NOT_GUARANTEED = "not guaranteed"
    NONE = "none: no population value"


class GroupStats(Protocol):
    """The sufficient statistics of one slice, in the form that a kind uses."""

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        ...


@runtime_checkable
class Additive(GroupStats, Protocol):
    """Statistics that are sums over rows: those of all rows minus those of a slice are those of the other rows."""

    @property
    def additive(self) -> bool:
        """Whether subtraction is valid. It is not for rows in units, because a unit may have rows in several slices."""
        ...

    def without(self, part: Any) -> Any:
        """The statistics of the rows that are not in `part`."""
        ...


@dataclass(frozen=True)
class Pair:
    """The same question about two models on the same rows; `old` differs from `new` only in the models' roles."""

    new: Question
    old: Question
    relative: bool = False
    """Whether the difference is new / old - 1 and not new - old."""

    @property
    def questions(self) -> tuple[Question, Question]:
        """The question about each model."""
        return self.new, self.old

    @property
    def first(self) -> Question:
        """The question that defines the rows, their groups, weights and units."""
        return self.new


Inquiry = Question | Pair
"""What is asked: a metric of one model, or its difference between two models on the same rows."""


@runtime_checkable
class Kind(Protocol):
    """How a family of metrics is estimated: the facts it needs, and the interval it gives.

    One kind covers independent rows, rows in units (`question.unit`), two models (a `Pair`), and two models on rows in
    units. `asked` is a Question, or a Pair for kinds that compare two models.
    """

    @property
    def weighted(self) -> bool:
        """Whether sampling weights are supported."""
        ...

    @property
    def method(self) -> str:
        """The method of the interval and its source, for the docs."""
        ...

    @property
    def in_units(self) -> str:
        """The method for rows in units; empty where the kind has none."""
        ...

    @property
    def compared(self) -> str:
        """The method for two models on the same rows; empty where the kind has none.

        A kind that also has a method for rows in units compares two models on rows in units.
        """
        ...

    def needs(self, asked: Any) -> Iterable[Need]:
        """The needs of all slices of one `by`, guards included."""
        ...

    def groups(self, asked: Any, facts: Facts) -> Mapping[Group, Any]:
        """The statistics of every slice that has rows, whether or not its group is known."""
        ...

    def estimate(self, asked: Any, stats: Any) -> Estimate:
        """The estimate of one slice; the caller fills in its `where`. Raises Undefined for 0/0.

        For a pair it is the difference, which is undefined where either model has no value. A relative difference is
        also undefined where the old value is 0 or less.
        """
        ...


@runtime_checkable
class StagedKind(Protocol):
    """A kind with follow-up needs that depend on earlier facts, such as the rows above a measured median."""

    def later(self, question: Question, facts: Facts) -> Iterable[Need]:
        """The follow-up needs, from the facts known so far."""
        ...


@runtime_checkable
class Pictured(Protocol):
    """A kind whose statistics can be drawn, such as a reliability diagram."""

    def picture(self, question: Question, groups: Mapping[Group, Any]) -> Picture:
        """The picture of one slicing; it shows no single row."""
        ...


class Alone:
    """The default of a kind: it has no method for rows in units and none for two models."""

    in_units: str = ""
    compared: str = ""


@dataclass(frozen=True)
class Metric:
    """One metric for one or several tasks."""

    name: str
    tasks: tuple[str, ...]
    kind: Kind
    better: Better
    range: tuple[float, float]
    oracle: str
    """The independent function it is tested against, `module:function`, or "brute force"."""
    doc: str
    """The definition in one to three sentences, with its source where it has one; it becomes the docs page."""
    takes: tuple[str, ...] = ()
    """The rule's keys that are parameters of this metric, beyond those of every metric."""
    requires: tuple[str, ...] = ()
    """Those of `takes` that must be given."""
    interval: Interval = Interval.GUARANTEED
    caveat: str = ""
    """When the interval is approximate or not guaranteed, and how often it misses."""
    average: str | None = None
    """The `average` that selects this entry; "class" for a metric of one class; None for a metric without averages."""
    table: str = ""
    """The table that it is measured on, if not the rule's own: "queries" for rankings."""
    beside: tuple[str, ...] = ()
    """Metrics of which one must be judged beside it, because useless predictions can have any value of it."""

    def estimate(self, question: Question, stats: Any) -> Estimate:
        """The estimate of one slice, with bounds that are not outside the metric's range. Raises Undefined for 0/0."""
        found, (low, high) = self.kind.estimate(question, stats), self.range
        note = self._noted(question, found.note or "")
        return replace(found, lower=_cut(found.lower, max, low), upper=_cut(found.upper, min, high), note=note or None)

    def _noted(self, question: Question, note: str) -> str:
        """The note of an estimate, which says where its bounds are not guaranteed. With `cap` a mean's are."""
        promised = self.interval is not Interval.NOT_GUARANTEED or question.options.cap is not None
        if promised or Interval.NOT_GUARANTEED.value in note:
            return note
        return "; ".join(filter(None, (note, f"bounds are not guaranteed; `mlgate explain {self.name}` says when")))

    @property
    def for_tasks(self) -> str:
        """Its tasks in words: "binary", "regression · forecasting", "any task"."""
        return "any task" if self.tasks == EVERYWHERE else " · ".join(self.tasks)


def around(found: Estimate) -> Estimate:
    """The estimate with no bound on the wrong side of its value, where the rows that guard a bound moved it there."""
    return replace(found, lower=_cut(found.lower, min, found.value), upper=_cut(found.upper, max, found.value))


def _cut(bound: Bound, farther: Callable[[float, float], float], end: float) -> Bound:
    """A bound that is not beyond an end, or not before it."""

    def cut(alpha: float) -> float | None:
        found = bound(alpha)
        return None if found is None else farther(found, end)

    return cut
