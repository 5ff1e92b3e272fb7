"""Resampling: a function with scikit-learn's signature on the rows of each group, and on bootstrap samples of them."""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mlgate.evidence.engine import Engine
from mlgate.evidence.questions.counts import CountsFact, sizes_of
from mlgate.evidence.questions.grouped import frequency, keys_of, selected, source
from mlgate.evidence.questions.need import Answers, Group, Need, Statement, TableNeed, Term, not_counts
from mlgate.evidence.questions.profile import finite, known
from mlgate.values.errors import EvidenceError, MachineError


@dataclass(frozen=True)
class ResampleOf:
    """One group's value, and the sorted values of its bootstrap samples."""

    group: Group
    n: int
    value: float
    replicates: tuple[float, ...]


@dataclass(frozen=True)
class ResampleFact:
    """Resampled values by group, sorted by group."""

    groups: tuple[ResampleOf, ...]


@dataclass(frozen=True)
class Resample(TableNeed):
    """A function with scikit-learn's signature on the rows, and on `replicates` bootstrap samples of them, by group."""

    name = "resample"
    fact = ResampleFact
    function: str = ""
    """`module:function`, called as f(label, prediction)."""
    label: str = ""
    prediction: str = ""
    numeric: bool = True
    """Whether label and prediction are numbers; else they are class names."""
    by: tuple[Term, ...] = ()
    replicates: int = 200
    seed: int = 0

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups, and every row has a label and a prediction."""
        must = finite if self.numeric else known
        return sizes_of(self, self.by), *must(self, self.label, self.prediction)

    def impossible(self, fact: ResampleFact) -> str:
        """Values that are not sorted, or not as many as the question asks for."""
        for of in fact.groups:
            if wrong := not_counts(of.n - 1):
                return wrong
            if len(of.replicates) != self.replicates or list(of.replicates) != sorted(of.replicates):
                return "its resampled values are not sorted, or not as many as the question asks for"
        return ""

    @property
    def statement(self) -> Statement:
        """The function that answers resampled values."""
        return answer


if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_ROWS = 2_000_000
_ONE_AT_A_TIME = Lock()
"""Held while warnings are errors, because that is a setting of the whole process."""
_QUIET = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)

Scorer = Callable[..., Any]


@dataclass(frozen=True)
class _Group:
    """One group's labels and predictions, in an order that does not depend on the table's."""

    group: Group
    label: NDArray[Any]
    prediction: NDArray[Any]


def answer(engine: Engine, relation: str, needs: Sequence[Resample], facts: Answers) -> dict[Need, Any]:
    """Answer resampled values."""
    return {need: _fact(engine, relation, need, facts) for need in needs}


def _fact(engine: Engine, relation: str, need: Resample, facts: Answers) -> ResampleFact:
    function = load_function(need.function)
    sizes: CountsFact = facts[sizes_of(need, need.by)]
    _few_enough(need, sizes)
    groups = list(_groups(engine, relation, need, sizes))
    values = _values(function, groups, need)
    return ResampleFact(
        tuple(
            ResampleOf(of.group, len(of.label), value, _replicates(function, of, need))
            for of, value in zip(groups, values, strict=True)
        )
    )


def load_function(name: str) -> Scorer:
    """The function of a name `module:function`. Raises MachineError where it cannot be loaded, or is not a function."""
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:
        raise MachineError(f"`{name}` cannot be loaded ({error}); install it, or correct the name") from error
    if not callable(found):
        raise MachineError(f"`{name}` is not a function; name one that can be called as f(label, prediction)")
    return found  # type: ignore[no-any-return]


def _few_enough(need: Resample, sizes: CountsFact) -> None:
    total = sum(cell.n for cell in sizes.cells)
    if total > MOST_ROWS:
        raise EvidenceError(
            f"{total:,} rows, and `{need.function}` is run on at most {MOST_ROWS:,}, because all must be in memory; "
            "choose a metric of mlgate, or select rows by `where`"
        )


def _groups(engine: Engine, relation: str, need: Resample, sizes: CountsFact) -> Iterator[_Group]:
    import numpy as np

    keys = keys_of(need.by)
    inner = [*selected(need.by), f"{need.label} as y", f"{need.prediction} as q", f"{frequency(need.count)} as c"]
    listed = ", ".join([*keys, "y", "q"])
    # In the order of the groups in the answer to `sizes`.
    number = f"dense_rank() over (order by {', '.join(f'{key} nulls first' for key in keys)})" if keys else "1"
    # Sorted and counted, so that neither threads nor the order of the file change a bootstrap sample.
    found = engine.arrays(
        f"select {number} as g, y, q, cast(sum(c) as bigint) as c from (select {', '.join(inner)} "
        f"from {source(relation, need.where)}) group by {listed} order by g, y, q"
    )
    often, dtype = found["c"], float if need.numeric else str
    group, label, prediction = (np.repeat(found[name], often) for name in "gyq")
    edges = np.searchsorted(group, np.arange(1, len(sizes.cells) + 2))
    for at, cell in enumerate(sizes.cells):
        part = slice(edges[at], edges[at + 1])
        yield _Group(cell.values, label[part].astype(dtype), prediction[part].astype(dtype))


def _values(function: Scorer, groups: list[_Group], need: Resample) -> list[float]:
    """The function's value for every group; computed by fairlearn if there are groups."""
    if not need.by:
        return [_checked(function, of.label, of.prediction, need) for of in groups]
    import numpy as np
    from fairlearn.metrics import MetricFrame

    if not groups:
        return []
    codes = np.repeat(np.arange(len(groups)), [len(of.label) for of in groups])

    def checked(y_true: Any, y_pred: Any) -> float:
        return _checked(function, np.asarray(y_true), np.asarray(y_pred), need)

    frame = MetricFrame(
        metrics=checked,
        y_true=np.concatenate([of.label for of in groups]),
        y_pred=np.concatenate([of.prediction for of in groups]),
        sensitive_features=codes,
    )
    return [float(frame.by_group[code]) for code in range(len(groups))]


def _replicates(function: Scorer, of: _Group, need: Resample) -> tuple[float, ...]:
    """The values of seeded bootstrap samples; each group has a stream of its own."""
    import numpy as np

    random = np.random.default_rng([need.seed, crc32(repr(of.group).encode())])
    size = len(of.label)
    values = []
    for _ in range(need.replicates):
        drawn = random.integers(0, size, size)
        values.append(_checked(function, of.label[drawn], of.prediction[drawn], need, sample=True))
    return tuple(sorted(values))


def _checked(
    function: Scorer, label: NDArray[Any], prediction: NDArray[Any], need: Resample, *, sample: bool = False
) -> float:
    """The function's value as a finite float. Raises EvidenceError for a warning, an error or any other result."""
    of = "a bootstrap sample of the rows" if sample else "the rows"
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("error")
            for category in _QUIET:
                warnings.simplefilter("ignore", category)
            value = float(function(label, prediction))
    except Warning as error:
        raise EvidenceError(f"`{need.function}` warns on {of}: {_first(error)}; its value cannot be used") from error
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:
        # The function is not our code, so it may raise anything.
        raise EvidenceError(f"`{need.function}` fails on {of}: {type(error).__name__}: {_first(error)}") from error
    if not math.isfinite(value):
        raise EvidenceError(f"`{need.function}` gives {value} on {of}; a finite number is required")
    return value


def _first(error: BaseException) -> str:
    return str(error).split("\n", 1)[0]
