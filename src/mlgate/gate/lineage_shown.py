"""The history of a candidate's model, without a policy: what the rules about lineage would judge."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mlgate.candidate.lineage_sources import presented_by
from mlgate.gate import bind
from mlgate.lineage.assembled import assembled, sourced
from mlgate.lineage.graph import LineageGraph
from mlgate.lineage.recomputed import recomputed
from mlgate.reading.edge import workspace
from mlgate.values.reach import Reach
from mlgate.values.servers import Servers


def lineage_of_file(path: Path, here: Path, roots: Iterable[Path] = (), servers: Servers = ()) -> LineageGraph:
    """The graph of the candidate in a file. Raises InputError, EvidenceError or MachineError where there is none."""
    top, named = workspace(here), tuple(roots)
    candidate = bind.load(path, (), top, named, servers)
    reach = Reach.of(top, bind.roots(candidate, (), top, named), servers)
    return recomputed(sourced(assembled(presented_by(candidate), reach)), reach)
