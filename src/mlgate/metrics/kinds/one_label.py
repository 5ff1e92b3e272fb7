"""One class's own metrics in a multilabel task: the binary ones, of rows that have it against those that do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.questions.need import Facts, Group, Need
from mlgate.metrics.base import Kind, Pair, Paired
from mlgate.metrics.indicators import clear, of_one_class
from mlgate.metrics.question import Question
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Estimate


@dataclass(frozen=True)
class OneLabel:
    """A binary kind, asked of the rule's `class`."""

    kind: Kind
    weighted: bool

    @property
    def method(self) -> str:
        """The binary kind's."""
        return self.kind.method

    @property
    def paired(self) -> Paired | None:
        """The binary kind's, asked of the class."""
        return None if self.kind.paired is None else PairedOneLabel(self.kind.paired)

    @property
    def clustered(self) -> Kind | None:
        """The binary kind's, asked of the class."""
        return None if self.kind.clustered is None else OneLabel(self.kind.clustered, self.kind.clustered.weighted)

    def needs(self, question: Question) -> Iterable[Need]:
        """The binary kind's, and that every row is clear about the class."""
        if question.options.class_ is None:
            raise EvidenceError("the rule names no `class:`")
        return (*clear(question), *self.kind.needs(of_one_class(question)))

    def groups(self, question: Question, facts: Facts) -> Mapping[Group, Any]:
        """The binary kind's."""
        return self.kind.groups(of_one_class(question), facts)

    def estimate(self, question: Question, stats: Any) -> Estimate:
        """The binary kind's."""
        return self.kind.estimate(question, stats)


@dataclass(frozen=True)
class PairedOneLabel:
    """A comparison by a binary kind, asked of the rule's `class`."""

    paired: Paired

    def needs(self, pair: Pair) -> Iterable[Need]:
        """The binary comparison's, and that every row is clear about the class under both models."""
        return (*clear(pair.new), *clear(pair.old), *self.paired.needs(_of_one_class(pair)))

    def groups(self, pair: Pair, facts: Facts) -> Mapping[Group, Any]:
        """The binary comparison's."""
        return self.paired.groups(_of_one_class(pair), facts)

    def difference(self, pair: Pair, stats: Any, relative: bool) -> Estimate:
        """The binary comparison's."""
        return self.paired.difference(_of_one_class(pair), stats, relative)


def _of_one_class(pair: Pair) -> Pair:
    return Pair(of_one_class(pair.new), of_one_class(pair.old))
