"""Which runs made the predictions of a candidate, and whether a record tells just which content they read or made."""

from __future__ import annotations

from pathlib import PurePosixPath

from mlgate.candidate.presented import Candidate
from mlgate.evidence.sources import FileSource
from mlgate.lineage.graph import RUN, LineageArrow, LineageGraph, LineageNode
from mlgate.values.errors import EvidenceError
from mlgate.values.file_search import is_glob


def file_of_predictions(candidate: Candidate) -> str:
    """The file of the predictions, from the workspace; of a glob, its folder. Raises EvidenceError without a file."""
    if candidate.predictions is None or not isinstance(candidate.predictions.source, FileSource):
        what = "has no predictions" if candidate.predictions is None else "has predictions without a file"
        raise EvidenceError(f"the candidate {what}, so no run can have made it; name their file", "predictions")
    return path_of_table(candidate, candidate.predictions.source)


def path_of_table(candidate: Candidate, source: FileSource) -> str:
    """A path without a pattern: what lies above it."""
    path = PurePosixPath(candidate.path_of(source))
    return next(str(each) for each in (path, *path.parents) if not is_glob(str(each)))


def recorded_file(graph: LineageGraph, path: str) -> LineageNode | None:
    """The file at a path, or the folder that it is in, which a run has made; None if no source says so."""
    found = (node for node in graph.nodes if _holds(node, path) and runs_that_made(graph, node))
    return max(found, key=lambda node: len(node.path), default=None)


def runs_that_made(graph: LineageGraph, made: LineageNode) -> tuple[LineageArrow, ...]:
    """The arrows to the runs that made a thing."""
    return tuple(arrow for arrow in graph.arrows_from(made.id) if _by_run(graph, arrow))


def not_fixed(arrow: LineageArrow, node: LineageNode, run: LineageNode, did: str) -> str:
    """Why a thing may not be what a run read or made; empty if it is the same."""
    said = ", ".join(run.said_in)
    if not arrow.exact:
        return f"{said} records no digest of {node.name}, which {run.name} {did}"
    if node.state == "verified":
        return ""
    why = node.why or "no source connects it with the model, so its digest was not compared"
    return f"{node.name}, which {run.name} {did}, is {node.state}: {why} ({said})"


def _holds(node: LineageNode, path: str) -> bool:
    """Whether a thing is a file, or a folder that it is in."""
    return bool(node.path) and (node.path == path or path.startswith(f"{node.path}/"))


def _by_run(graph: LineageGraph, arrow: LineageArrow) -> bool:
    return not arrow.judged and arrow.source in graph.by_id and RUN in graph.by_id[arrow.source].roles
