"""All tasks by name. Each has a file, which says what its candidates must have and which tables it derives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from mlgate.candidate.tasks.task import Task
from mlgate.metrics.metric import TASKS

NO_TASK = Task()
"""The task of a candidate without predictions."""
BY_NAME: Mapping[str, Task] = {
    name: replace(import_module(f"mlgate.candidate.tasks.{name}").TASK, name=name) for name in TASKS
}


def task_of(name: str) -> Task:
    """The task with a name; `NO_TASK` for an empty name."""
    return BY_NAME[name] if name else NO_TASK
