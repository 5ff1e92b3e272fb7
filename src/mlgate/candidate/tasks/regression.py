"""A number for each row."""

from mlgate.candidate.tasks.base import Task

TASK = Task("regression")
