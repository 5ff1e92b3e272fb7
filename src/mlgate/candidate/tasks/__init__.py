"""Every task by its name: one file each, which says what a candidate of the task must say and what it derives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module

from mlgate.candidate.tasks.task import Task
from mlgate.metrics.metric import TASKS

NO_TASK = Task()
"""That of a candidate without predictions."""
BY_NAME: Mapping[str, Task] = {
    name: replace(import_module(f"mlgate.candidate.tasks.{name}").TASK, name=name) for name in TASKS
}


def task_of(name: str) -> Task:
    """The task of a name that a candidate file may give; of no name where it gives none."""
    return BY_NAME[name] if name else NO_TASK
