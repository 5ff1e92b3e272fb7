"""Several classes, of which each row has one."""

from mlgate.candidate.tasks.task import Task

TASK = Task("multiclass", classes=True, refuses={"score": "use `scores`"})
