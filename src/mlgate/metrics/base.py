"""What a metric is: one declarative entry, on a kind that owns needs, estimate and interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.values.estimate import Estimate
from mlgate.values.pictures import Picture

if TYPE_CHECKING:
    from mlgate.metrics.question import Question


TASKS = ("binary", "multiclass", "multilabel", "regression", "ranking", "forecasting", "text")
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

    def without(self, part: Any) -> Any:
        """The rest, once some of the rows are taken away."""
        ...


@dataclass(frozen=True)
class Pair:
    """One question put to two models about the same rows: `old` differs from `new` in the roles of the model alone."""

    new: Question
    old: Question


class Paired(Protocol):
    """How a kind compares two models on the same rows; what they share makes the difference surer than each of them."""

    def needs(self, pair: Pair) -> Iterable[Need]:
        """The questions to ask for all slices of one `by`."""
        ...

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, Any]:
        """The joint statistics of every slice that has rows, known group or not; each has `rows`."""
        ...

    def difference(self, pair: Pair, stats: Any, relative: bool) -> Estimate:
        """new - old of one slice, or new / old - 1 if `relative`. Raises Undefined where either has no value, or where
        a relative difference has none: the old value is 0 or less."""
        ...


class Kind(Protocol):
    """How a family of metrics is estimated: which facts it needs, and the interval it gives."""

    @property
    def weighted(self) -> bool:
        """Whether sampling weights are supported."""
        ...

    @property
    def paired(self) -> Paired | None:
        """The comparison of two models on the same rows; None where there is none."""
        ...

    @property
    def clustered(self) -> Kind | None:
        """The same metrics for rows that belong together in units (`question.unit`); None where there is none."""
        ...

    @property
    def method(self) -> str:
        """The interval's method and its source, for the docs."""
        ...

    def needs(self, question: Question) -> Iterable[Need]:
        """The questions to ask for all slices of one `by`."""
        ...

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Any]:
        """The statistics of every slice that has rows, known group or not."""
        ...

    def estimate(self, question: Question, stats: Any) -> Estimate:
        """The estimate of one slice (its `where` is filled in by the caller). Raises Undefined for 0/0."""
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

    @property
    def paired(self) -> Paired | None:
        """None."""
        return None

    @property
    def clustered(self) -> Kind | None:
        """None."""
        return None


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
