"""Metrics of one class of a multilabel task: the binary ones, with rows that have the class as positive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.indicators import clear, of_one_class
from mlgate.metrics.metric import Inquiry, Kind, Pair
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate


@dataclass(frozen=True)
class OneLabel:
    """A binary kind, asked of the rule's `class`."""

    kind: Kind

    @property
    def weighted(self) -> bool:
        """The binary kind's."""
        return self.kind.weighted

    @property
    def method(self) -> str:
        """The binary kind's."""
        return self.kind.method

    @property
    def in_units(self) -> str:
        """The binary kind's."""
        return self.kind.in_units

    @property
    def compared(self) -> str:
        """The binary kind's."""
        return self.kind.compared

    def needs(self, asked: Inquiry) -> Iterable[Need]:
        """The binary kind's, and the guards that every row is clear about the class, for every model."""
        if asked.first.options.class_ is None:
            raise EvidenceError("the rule names no `class:`")
        guards = (need for question in asked.questions for need in clear(question))
        return (*guards, *self.kind.needs(_of_one_class(asked)))

    def groups(self, asked: Inquiry, facts: Facts) -> Mapping[Group, Any]:
        """The binary kind's."""
        return self.kind.groups(_of_one_class(asked), facts)

    def estimate(self, asked: Inquiry, stats: Any) -> Estimate:
        """The binary kind's."""
        return self.kind.estimate(asked, stats)


def _of_one_class(asked: Inquiry) -> Inquiry:
    if isinstance(asked, Pair):
        return replace(asked, new=of_one_class(asked.new), old=of_one_class(asked.old))
    return of_one_class(asked)
