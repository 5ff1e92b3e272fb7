"""The question for a model's history, and its answer: the graph with what could be recomputed."""

from __future__ import annotations

from dataclasses import dataclass

from mlgate.evidence.questions.need import Need, OpenTables
from mlgate.lineage.assembled import Presented, assembled
from mlgate.lineage.graph import LineageGraph
from mlgate.lineage.lineage_reader import lineage_readers
from mlgate.lineage.recomputed import recomputed


@dataclass(frozen=True)
class LineageOf(Need):
    """The history of the candidate's model."""

    name = "lineage"
    fact = LineageGraph
    beside = True
    presented: Presented

    @property
    def about(self) -> str:
        """The model."""
        return f"the lineage of {self.presented.model}"

    @property
    def plugins(self) -> tuple[str, ...]:
        """The distributions of the plugins that read its sources."""
        known = lineage_readers().plugins()
        return tuple(known[named.format] for named in self.presented.sources if known.get(named.format))

    def impossible(self, fact: LineageGraph) -> str:
        """A graph without the model."""
        return "" if fact.root in fact.by_id else "the model is not in its own lineage"

    def answer(self, tables: OpenTables) -> LineageGraph:
        """The graph. Raises EvidenceError or MachineError where a source, or the repository, cannot be read."""
        return recomputed(assembled(self.presented, tables.reach), tables.reach)
