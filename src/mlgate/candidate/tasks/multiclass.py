"""Multiclass: several classes, of which each row has one."""

from mlgate.candidate.tasks.task import Task

TASK = Task(classes=True, refuses={"score": "use `scores`"})
