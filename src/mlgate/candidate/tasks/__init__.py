"""Every task by its name: one file each, which says what a candidate of the task must say and what it derives."""

from __future__ import annotations

from collections.abc import Mapping

from mlgate.candidate.tasks import binary, forecasting, multiclass, multilabel, ranking, regression, text
from mlgate.candidate.tasks.task import Task

_FILES = (binary, multiclass, multilabel, regression, ranking, forecasting, text)
NO_TASK = Task("")
"""That of a candidate without predictions."""
BY_NAME: Mapping[str, Task] = {file.TASK.name: file.TASK for file in _FILES}


def task_of(name: str) -> Task:
    """The task of a name that a candidate file may give; of no name where it gives none."""
    return BY_NAME[name] if name else NO_TASK
