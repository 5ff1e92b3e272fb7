"""What of a history can be recomputed: digests of files, and commits of the repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mlgate.git.repository import Repository
from mlgate.lineage.dvc_ignored import DvcIgnored
from mlgate.lineage.git_lfs import NOT_FETCHED, pointed_at
from mlgate.lineage.graph import (
    CODE,
    COMMIT,
    DVC_FOLDER,
    ENVIRONMENT,
    MD5,
    PART,
    RUN,
    SHA256,
    LineageGraph,
    LineageNode,
    Pin,
    State,
)
from mlgate.lineage.package_list_format import packages_in
from mlgate.lineage.roles_of_files import is_code
from mlgate.lineage.seen_here import NOT_HERE, SeenHere, is_compared, is_settled, recorded_digests, seen_here
from mlgate.lineage.source_file import SourceFile
from mlgate.lineage.undigested_files import UndigestedFiles
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.reach import Reach

_ABSENT = "it is not here, and no digest or version of it is recorded"
_NAMED = "a source names it, and none describes it"


def recomputed(graph: LineageGraph, reach: Reach) -> LineageGraph:
    """The graph with a state for each thing in the model's history. Other things stay unverified.

    What a source only names, and none describes, is a thing too: it is missing. Raises MachineError where the clone is
    too shallow to tell.
    """
    graph = _with_named(graph)
    repository = Repository.at(reach.workspace)
    head = repository.head if repository else ""

    seen = seen_here(graph.history, reach)
    undigested = UndigestedFiles(graph, reach, repository, head)

    def found(node: LineageNode) -> LineageNode:
        try:
            here = seen.get(node.id, NOT_HERE)
            if ENVIRONMENT in node.roles and node.path:
                node = replace(node, packages=packages_in(SourceFile(node.path, reach)))
            if SHA256 in here.digests and is_compared(node):
                node = replace(node, content=here.digests[SHA256])
            return _or_missing(_recomputed(node, here, reach, undigested), reach)
        except EvidenceError as error:  # a path out of the workspace, for example
            return replace(node, why=str(error))

    states = {node.id: found(node) for node in graph.history}
    nodes = tuple(_part(states.get(node.id, node), states, graph, reach) for node in graph.nodes)
    return replace(graph, nodes=nodes)


def _with_named(graph: LineageGraph) -> LineageGraph:
    """The graph with what its sources name and none describes."""
    named = (LineageNode(name, name, state="missing", why=_NAMED, described=False) for name in graph.dangling)
    return replace(graph, nodes=(*graph.nodes, *named))


def _or_missing(node: LineageNode, reach: Reach) -> LineageNode:
    """A thing that is not here and of which nothing is recorded is missing; any other is what it was found to be."""
    if node.state != "unverified" or node.pins or node.labels or RUN in node.roles:
        return node
    if node.path and SourceFile(node.path, reach).there:
        return node
    return replace(node, state="missing", why=_ABSENT)


def _recomputed(node: LineageNode, seen: SeenHere, reach: Reach, undigested: UndigestedFiles) -> LineageNode:
    if is_settled(node):
        if seen.refused:
            raise seen.refused
        return node  # its reader has compared it, or its folder will be
    commits = [pin for pin in node.pins if pin.kind == COMMIT]
    if commits and CODE in node.roles:
        state, why = _commit(node, commits[0].value, undigested.repository, undigested.head)
        return replace(node, state=state, why=why)
    if not node.path:
        return replace(node, why="it is not a file here, so nothing can be compared")
    recorded = recorded_digests(node)
    if not recorded:
        found = undigested.compared(node)
        return replace(found, why=node.why) if node.why and found.state == "unverified" else found
    if seen.refused:
        return _not_fetched(node, recorded, seen.refused, reach)
    state, why = _compared(node, recorded, seen)
    return replace(node, state=state, why=why)


def _compared(node: LineageNode, pins: Iterable[Pin], seen: SeenHere) -> tuple[State, str]:
    """Compare every digest that a source has recorded with what is here now."""
    if not seen.there:
        by_dvc = any(pin.kind in (MD5, DVC_FOLDER) for pin in pins)
        remedy = "fetch it, as by `dvc pull`" if by_dvc else "fetch it, or record it again where it was renamed"
        return "unverified", f"it is not here, so its digest cannot be compared; {remedy}"
    other = next((pin for pin in pins if seen.digests[pin.kind] != pin.value), None)
    if other:
        for name, digest in node.parts:
            if seen.files.get(name, digest) != digest:
                said = f"{seen.files[name][:12]} and was recorded as {digest[:12]}"
                return "contradicted", f"sha256 of `{name}` is {said}"
        return "contradicted", f"{other.kind} is {seen.digests[other.kind][:12]} and was recorded as {other.value[:12]}"
    return "verified", f"{' and '.join(dict.fromkeys(pin.kind for pin in pins))} as recorded"


def _not_fetched(node: LineageNode, pins: Iterable[Pin], refused: EvidenceError, reach: Reach) -> LineageNode:
    """A file whose digest cannot be computed; where Git LFS has not fetched it, its pointer says which it would be."""
    source = SourceFile(node.path, reach)
    pointed = pointed_at(source.head()) if source.is_file else ""
    other = next((pin for pin in pins if pointed and pin.kind == SHA256 and pin.value != pointed), None)
    if other:
        said = f"Git LFS has sha256 {pointed[:12]} of it, and it was recorded as {other.value[:12]}"
        return replace(node, state="contradicted", why=said)
    return replace(node, why=NOT_FETCHED if pointed else str(refused))


def _commit(node: LineageNode, commit: str, repository: Repository | None, head: str) -> tuple[State, str]:
    """A commit is in the history of HEAD, or one with the same code files is, as after a squash or a rebase."""
    if repository is None:
        return "unverified", "there is no git repository here, so the commit cannot be looked up"
    there = repository.has(commit)
    other = _other_code(node, commit, repository if there else None)
    if other:
        return "contradicted", other
    if there and repository.precedes(commit, head):
        return "verified", "the commit is here, in the history of the one that is checked out"
    code = repository.digest_of(commit, is_code) if there else next(iter(node.code), "")
    same = repository.with_digest(code, is_code) if code else ""
    if same:
        return "verified", f"its code is that of commit {same[:12]}, which is in the history"
    if repository.shallow:
        said = f"the clone is shallow, and commit {commit[:12]} may be older than its commits"
        raise MachineError(f"{said}; run `git fetch --unshallow`, or check out with `fetch-depth: 0`")
    if not there:
        return "contradicted", "the repository has no such commit" + (", nor its code in the history" if code else "")
    return "contradicted", "the commit is not in the history of the one that is checked out, nor is its code"


def _other_code(node: LineageNode, commit: str, repository: Repository | None) -> str:
    """How the code that was recorded differs from that of the commit, if it is here, or from itself; empty if not."""
    known = [repository.digest_of(commit, is_code)] if repository else []
    of_commit, recorded = (*known, *node.code)[:1], node.code
    other = next((each for each in recorded if each not in of_commit), "")
    if not other:
        return ""
    if not known:
        return f"its code has two digests on record: {recorded[0][:12]} and {other[:12]}"
    return f"the digest of its code files is {known[0][:12] or 'none'} and was recorded as {other[:12]}"


def _part(node: LineageNode, states: dict[str, LineageNode], graph: LineageGraph, reach: Reach) -> LineageNode:
    """A part of a folder is what the digest of the folder says, unless a source has a digest of its own."""
    wholes = (states[each.id] for each in graph.sources_of(node.id) if each.id in states)
    whole = next((each for each in wholes if each.path and node.path.startswith(f"{each.path}/")), None)
    own = any(pin.kind != PART for pin in node.pins) or node.state != "unverified"
    if whole is None or own:
        return node
    if whole.state == "verified" and not SourceFile(node.path, reach).there:
        return replace(node, state="contradicted", why=f"{whole.name} has no such file")
    inside = node.path.removeprefix(f"{whole.path}/")
    if any(pin.kind == DVC_FOLDER for pin in whole.pins) and DvcIgnored.of(whole.path, reach).leaves_out(inside):
        said = f"DVC leaves it out of {whole.name}, so no digest fixes it; see `.dvcignore`"
        return replace(node, state="contradicted", why=said)
    return replace(node, state=whole.state, why=f"a part of {whole.name}: {whole.why}")
