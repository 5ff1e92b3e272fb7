"""Two classes, one of which is positive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.candidate.presented import Candidate
from mlgate.candidate.tasks.task import Misfit, Task


@dataclass(frozen=True)
class BinaryTask(Task):
    """Decides between two classes."""

    def problems(self, candidate: Candidate) -> Iterator[Misfit]:
        """The positive class must be named if labels, predictions or scores are read, and be one of two classes."""
        predictions, classes = candidate.predictions, candidate.classes
        used = predictions and (predictions.label or predictions.prediction or predictions.score)
        if candidate.positive is None and (used or any(table.label for _, table in candidate.tables)):
            yield ("task",), 'a binary candidate must name its `positive` class; add it, as in positive: "1"'
        if classes and len(classes) != 2:
            yield ("classes",), f"a binary task has exactly 2 classes, not {len(classes)}; use task: multiclass"
        if classes and candidate.positive is not None and candidate.positive not in classes:
            said = f"`positive` is `{candidate.positive}`, which is not in `classes`; write one of {', '.join(classes)}"
            yield ("positive",), said


TASK = BinaryTask(classes=True)
