"""What a metric is: one declarative entry, on a kind that owns needs, estimate and interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.question import Question
from mlgate.values.estimate import Estimate
from mlgate.values.pictures import Picture

TASKS = ("binary", "multiclass", "multilabel", "regression", "ranking", "forecasting", "text")
"""What models do, named here alone. Each task has a file of its metrics beside this one, and one of `candidate.tasks`
that says what its candidates are."""
EVERYWHERE = TASKS


class Undefined(Exception):  # noqa: N818 - a reason, no fault
    """A slice for which the metric has no value: 0/0, a class without rows."""


class Better(Enum):
    """The direction in which a metric is better; NEITHER may be bounded from both sides."""

    HIGHER = "higher is better"
    LOWER = "lower is better"
    NEITHER = "neither direction is better by itself"


class Interval(Enum):
    """What the simulated miss rates of a metric's interval allow it to promise."""

    GUARANTEED = "guaranteed on the grid of benchmarks/coverage.py"
    APPROXIMATE = "approximate"
    NOT_GUARANTEED = "not guaranteed"
    NONE = "none: no population value"


class GroupStats(Protocol):
    """The sufficient statistics of one slice, as a kind keeps them."""

    @property
    def rows(self) -> int:
        """Rows of the slice."""
        ...


@runtime_checkable
class Additive(GroupStats, Protocol):
    """Statistics that are sums over rows, so that those of the rest are all less those of a slice."""

    @property
    def additive(self) -> bool:
        """Whether they are: a unit may have rows in several slices."""
        ...

    def without(self, part: Any) -> Any:
        """The rest, once some of the rows are taken away."""
        ...


@dataclass(frozen=True)
class Pair:
    """One question to two models about the same rows: `old` differs from `new` in the roles of the model alone."""

    new: Question
    old: Question
    relative: bool = False
    """Whether new / old - 1 is asked for in place of new - old."""

    @property
    def questions(self) -> tuple[Question, Question]:
        """The question to either model."""
        return self.new, self.old

    @property
    def first(self) -> Question:
        """The question that knows the rows, their groups, weights and units."""
        return self.new


Inquiry = Question | Pair
"""A metric of one model, or its difference between two models on the same rows."""


@runtime_checkable
class Kind(Protocol):
    """How a family of metrics is estimated: which facts it needs, and the interval it gives.

    One kind serves rows, rows in units (`question.unit`), two models (a `Pair`), and two models on rows in units. What
    is `asked` is a Question, and for kinds that compare two models a Pair too.
    """

    @property
    def weighted(self) -> bool:
        """Whether sampling weights are supported."""
        ...

    @property
    def method(self) -> str:
        """The interval's method and its source, for the docs."""
        ...

    @property
    def in_units(self) -> str:
        """The method for rows in units; empty where these are refused."""
        ...

    @property
    def compared(self) -> str:
        """The method for two models on the same rows; empty where these are refused. A kind that knows units as well
        compares two models on rows in units."""
        ...

    def needs(self, asked: Any) -> Iterable[Need]:
        """The questions to ask for all slices of one `by`."""
        ...

    def groups(self, asked: Any, facts: Facts) -> Mapping[Group, Any]:
        """The statistics of every slice that has rows, known group or not; each has `rows`."""
        ...

    def estimate(self, asked: Any, stats: Any) -> Estimate:
        """The estimate of one slice (its `where` is filled in by the caller). Raises Undefined for 0/0.

        Of a pair it is the difference, undefined where either model has no value or a relative one has none: the old
        value is 0 or less.
        """
        ...


@runtime_checkable
class StagedKind(Protocol):
    """A kind with questions that can only be put once others are answered: rows above a measured median, say."""

    def later(self, question: Question, facts: Facts) -> Iterable[Need]:
        """Further questions, from the facts known so far."""
        ...


@runtime_checkable
class Pictured(Protocol):
    """A kind whose statistics make a picture: a reliability diagram, say."""

    def picture(self, question: Question, groups: Mapping[Group, Any]) -> Picture:
        """The picture of one slicing; it shows nothing of a single row."""
        ...


class Alone:
    """What a kind has that compares no two models and knows no units, until it says otherwise."""

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
    """Definition in one to three sentences, with its source where it has one: the docs page."""
    takes: tuple[str, ...] = ()
    """The rule keys, beyond those every metric takes, that shape it."""
    requires: tuple[str, ...] = ()
    """Those of `takes` that must be given."""
    interval: Interval = Interval.GUARANTEED
    caveat: str = ""
    """When the interval is only approximate, or not guaranteed."""
    average: str | None = None
    """For multiclass: the `average` that chooses this entry; "class" for one class's own."""
    table: str = ""
    """The table that it is measured on, where that is another than the rule's: "queries" for rankings."""

    @property
    def for_tasks(self) -> str:
        """The tasks that it is for, in words: "binary", "regression · forecasting", "any task"."""
        return "any task" if self.tasks == EVERYWHERE else " · ".join(self.tasks)
