"""What of a history can change unseen, why, and the way to it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlgate.lineage.graph import (
    COMMIT_ID,
    ENVIRONMENT,
    EVALUATION,
    EVALUATION_DATA,
    RUN,
    LineageGraph,
    LineageNode,
)
from mlgate.lineage.package_list import PackageList

_LONGEST, _MOST_NAMES = 80, 3


@dataclass(frozen=True)
class Unfixed:
    """Why a thing can change unseen."""

    before: str
    """What a message says before the way from the model to the thing, which is long to walk."""
    behind: str
    """What it says behind the way."""
    remedy: str

    def said(self, graph: LineageGraph, node: LineageNode) -> str:
        """Why, with the way from the model to the thing."""
        return f"{self.before}{graph.way_to(node)}{self.behind}"


def must_be_fixed(graph: LineageGraph, node: LineageNode) -> bool:
    """Whether a thing must be fixed by a commit or a digest of its own.

    The model is what is judged, a run only ties things together, and what judging has made is only a result.
    """
    return node.id != graph.root and RUN not in node.roles and not graph.only_result(node)


def unfixed(graph: LineageGraph, node: LineageNode, role: str = "") -> Unfixed | None:
    """Why a thing can change unseen in a role; None if it is fixed."""
    if node.pinned:
        return _no_lock(graph, node) if role == ENVIRONMENT else None
    names = ", ".join(node.labels)
    if node.id.startswith(COMMIT_ID) and names:
        behind = f" is named by {names}, a branch, a tag or a part of its name, which may move"
        return Unfixed("the commit of ", behind, "record the whole name")
    remedy = "record its digest, or its commit"
    if node.state == "missing":
        return Unfixed("", f" is missing ({node.why})", remedy)
    return Unfixed("nothing fixes ", f" but {names}" if names else "", remedy)


def _no_lock(graph: LineageGraph, node: LineageNode) -> Unfixed | None:
    """The first line of a list of packages that fixes none, and that no list which the same run has read fixes."""
    for run in graph.made_of(node) if node.packages else ():
        beside = [each for each in graph.sources_of(run.id) if ENVIRONMENT in each.roles and each.id != node.id]
        line = node.packages.first_open(_lists(beside)) if node.packages else None
        if line is not None:
            at = f"{node.name}:{line.line} `{line.text[:_LONGEST]}` fixes no version" if line.line else line.text
            remedy = "pin it by `==` or a hash, or record a lock file" if line.line else "record a lock file"
            return Unfixed("", f" is not a lock: {at}", remedy)
    return None


def _lists(nodes: Iterable[LineageNode]) -> Iterator[tuple[str, PackageList]]:
    """The lists of packages among things that are fixed, each with the name of its file."""
    yield from ((posixpath.basename(node.name), node.packages) for node in nodes if node.packages and node.pinned)


def unread_lists(nodes: Iterable[LineageNode]) -> str:
    """Environments whose versions are not read, as the end of a message; empty if all are."""
    names = [node.name for node in nodes if ENVIRONMENT in node.roles and not (node.packages and node.packages.format)]
    return f" (which versions {listed(names)} fixes is not read)" if names else ""


def broken_way(graph: LineageGraph, role: str) -> str:
    """The way from the model to where the role should be."""
    root = graph.by_id[graph.root]
    makers = [node for node in graph.sources_of(graph.root) if RUN in node.roles]
    made_by = next((node for node in makers if (graph.root, node.id) in graph.made), None)
    if made_by is None:
        return f"no source knows how {root.name} was made"
    of_judging = role in (EVALUATION, EVALUATION_DATA)
    return f"{root.name} <- no {role}" if of_judging else f"{graph.way_to(made_by)} <- no {role}"


def listed(names: Iterable[str]) -> str:
    """The first of some names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - _MOST_NAMES} more" if len(every) > _MOST_NAMES else ""
    return ", ".join(every[:_MOST_NAMES]) + more
