"""One class's own metrics in a multilabel task: the binary ones, of rows that have it against those that do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlgate.errors import EvidenceError
from mlgate.estimate import Estimate
from mlgate.evidence.facts import Facts, Group
from mlgate.evidence.needs import Need
from mlgate.metrics.base import Alone, Kind
from mlgate.metrics.indicators import check_clear, clear_needs, of_one_class
from mlgate.metrics.question import Question


@dataclass(frozen=True)
class OneLabel(Alone):
    """A binary kind, asked of the rule's `class`."""

    kind: Kind
    weighted: bool

    @property
    def method(self) -> str:
        """The binary kind's."""
        return self.kind.method

    def needs(self, question: Question) -> Iterable[Need]:
        """The binary kind's, and that every row is clear about the class."""
        if question.options.class_ is None:
            raise EvidenceError("the rule names no `class:`")
        return (*self.kind.needs(of_one_class(question)), *clear_needs(question))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Any]:
        """The binary kind's."""
        check_clear(question, facts)
        return self.kind.groups(of_one_class(question), facts)

    def estimate(self, question: Question, stats: Any) -> Estimate:
        """The binary kind's."""
        return self.kind.estimate(question, stats)
