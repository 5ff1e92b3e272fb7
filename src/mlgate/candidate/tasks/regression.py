"""Regression: a number for each row."""

from mlgate.candidate.tasks.task import Task

TASK = Task()
