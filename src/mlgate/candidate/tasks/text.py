"""Text: a text for each row, such as an answer, a transcript or a translation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.candidate.presented import Candidate
from mlgate.candidate.tasks.task import Task
from mlgate.evidence.tables.recipe import Recipe
from mlgate.evidence.tables.texts import Texts

TEXTS = "texts"


@dataclass(frozen=True)
class TextTask(Task):
    """Writes texts, which are compared with the texts of the label."""

    def computed(self, candidate: Candidate, table: str) -> Iterator[tuple[str, Recipe]]:
        """The texts, with the numbers that compare them."""
        yield TEXTS, Texts(table)


TASK = TextTask(makes=(TEXTS,))
