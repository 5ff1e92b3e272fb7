"""Resampling: a function with scikit-learn's signature on the rows of each group, and on bootstrap samples of them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from mlgate.evidence import called_function
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
    folder: str = ""
    """The policy's folder, from the workspace: where the function may lie unless its module is installed."""
    scores: tuple[str, ...] = ()
    """SQL of the scores that the function is given instead of a prediction: one, or one per class."""
    classes: tuple[str, ...] = ()
    """All classes as labels have them, in their order; a binary label is 0 or 1. Empty where labels are numbers."""
    chosen: bool = False
    """Whether the rule itself says what the function is given."""

    @property
    def given(self) -> tuple[str, ...]:
        """SQL of what the function is given beside the label."""
        return self.scores or (self.prediction,)

    @property
    def conditions(self) -> tuple[Need, ...]:
        """There are not too many groups, and every row has a label and what the function is given."""
        must = finite if self.numeric else known
        inputs = finite(self, *self.scores) if self.scores else must(self, self.prediction)
        return sizes_of(self, self.by), *must(self, self.label), *inputs

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
KEPT = (
    "PATH", "LD_LIBRARY_PATH", "HOME", "USERPROFILE", "APPDATA", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG",
    "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE",
)  # fmt: skip
"""The variables that a function's process is given: those that say where things are, and none that is a setting."""


@dataclass(frozen=True)
class _Rows:
    """Labels and what the function is given, in an order that does not depend on the table's; and where groups end."""

    label: NDArray[Any]
    given: NDArray[Any]
    edges: NDArray[Any]

    def packed(self) -> bytes:
        """The arrays as bytes."""
        import numpy as np

        held = io.BytesIO()
        np.savez(held, label=self.label, given=self.given, edges=self.edges)
        return held.getvalue()


def answer(engine: Engine, relation: str, needs: Sequence[Resample], facts: Answers) -> dict[Need, Any]:
    """Answer resampled values."""
    return {need: _fact(engine, relation, need, facts) for need in needs}


def _fact(engine: Engine, relation: str, need: Resample, facts: Answers) -> ResampleFact:
    sizes: CountsFact = facts[sizes_of(need, need.by)]
    _few_enough(need, sizes)
    groups = [cell.values for cell in sizes.cells]
    if not groups:
        return ResampleFact(())
    rows = _rows(engine, relation, need, len(groups))
    found = _called(need, rows, groups, engine.workspace)
    lengths = (int(high - low) for low, high in pairwise(rows.edges))
    return ResampleFact(
        tuple(
            ResampleOf(group, length, value, tuple(replicates))
            for group, length, (value, replicates) in zip(groups, lengths, found, strict=True)
        )
    )


def _few_enough(need: Resample, sizes: CountsFact) -> None:
    total = sizes.rows
    if total > MOST_ROWS:
        raise EvidenceError(
            f"{total:,} rows, and `{need.function}` is run on at most {MOST_ROWS:,}, because all must be in "
            "memory; choose a metric of mlgate, or select rows by `where`"
        )


def _rows(engine: Engine, relation: str, need: Resample, groups: int) -> _Rows:
    import numpy as np

    keys, names = keys_of(need.by), [f"q{at}" for at in range(len(need.given))]
    columns = [f"{sql} as {name}" for sql, name in zip(need.given, names, strict=True)]
    inner = ", ".join([*selected(need.by), f"{need.label} as y", *columns, f"{frequency(need.count)} as c"])
    listed = ", ".join(["y", *names])
    # In the order of the groups in the answer to `sizes`.
    number = f"dense_rank() over (order by {', '.join(f'{key} nulls first' for key in keys)})" if keys else "1"
    # Sorted and counted, so that neither threads nor the order of the file change a bootstrap sample.
    found = engine.arrays(
        f"select {number} as g, {listed}, cast(sum(c) as bigint) as c from (select {inner} "
        f"from {source(relation, need.where)}) group by {', '.join([*keys, listed])} order by g, {listed}"
    )
    often, binary = found["c"], need.numeric and need.classes
    dtype = int if binary else float if need.numeric else str
    label = np.repeat(found["y"], often).astype(dtype)
    given = [np.repeat(found[name], often).astype(float if need.scores else dtype) for name in names]
    edges = np.searchsorted(np.repeat(found["g"], often), np.arange(1, groups + 2))
    return _Rows(label, np.column_stack(given) if len(given) > 1 else given[0], edges)


def _called(need: Resample, rows: _Rows, groups: Sequence[Group], workspace: Path) -> list[Any]:
    """For every group the value, and those of bootstrap samples: the answer of a process of its own."""
    folder = str((workspace / need.folder).resolve()) if need.folder else ""
    arrays = rows.packed()
    asked = {
        "function": need.function,
        "folder": folder,
        "decisions": not need.scores and bool(need.classes or not need.numeric),
        "chosen": need.chosen,
        "labels": _labels(need),
        "seeds": [crc32(repr(group).encode()) for group in groups],
        "seed": need.seed,
        "replicates": need.replicates,
        "size": len(arrays),
    }
    found = _answer_of(json.dumps(asked).encode() + b"\n" + arrays, need.function, folder)
    if "values" in found:
        return list(found["values"])
    kind = EvidenceError if found["refused"] == called_function.EVIDENCE else MachineError
    raise kind(found["message"])


def _labels(need: Resample) -> list[Any]:
    if not need.scores:
        return []
    return [0, 1] if need.numeric else list(need.classes)


def _answer_of(question: bytes, function: str, folder: str) -> Mapping[str, Any]:
    """What the process says. It sees what is installed, and nothing of the working folder or of variables of Python."""
    if not sys.executable:
        raise MachineError(f"`{function}` needs a Python of its own, and this program has none; run `mlgate` itself")
    alone = "-I" if sys.flags.no_user_site else "-EP"
    command = [sys.executable, alone, called_function.__file__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    variables = {name: os.environ[name] for name in KEPT if name in os.environ} | {"OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=folder or sys.prefix, env=variables, **pipes) as process:  # type: ignore[call-overload]
        try:
            # Its input stays open: when it closes, as it does when this process ends, the other one ends too.
            process.stdin.write(question)
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            process.kill()
    if not line:
        raise MachineError(f"`{function}` ended its process before it gave a value; check the memory, or the function")
    found: Mapping[str, Any] = json.loads(line)
    return found
