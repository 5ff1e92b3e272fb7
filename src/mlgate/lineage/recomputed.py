"""What of a history can be recomputed: digests of files, and commits of the repository."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from mlgate.evidence.file_hashes import file_hashes, folder_hashes, in_threads
from mlgate.evidence.files import walk
from mlgate.evidence.questions.digest import manifest_digest
from mlgate.git.repository import Repository
from mlgate.lineage.graph import (
    CODE,
    COMMIT,
    DVC_FOLDER,
    EVALUATION_DATA,
    MD5,
    SHA256,
    TRAINING,
    LineageGraph,
    LineageNode,
    Pin,
    State,
)
from mlgate.lineage.roles_of_files import is_code
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import EvidenceError, MachineError
from mlgate.values.reach import Reach

BLOB = "file in git"
"""What fixes a file that the commit has which is checked out: its digest in git."""


def recomputed(graph: LineageGraph, reach: Reach) -> LineageGraph:
    """The graph with a state for each thing in the model's history. Other things stay unverified.

    Raises MachineError where the clone is too shallow to tell.
    """
    repository = Repository.at(reach.workspace)
    head = repository.head if repository else ""

    asked = [node for node in graph.history if _kinds(node)]
    seen = dict(zip((node.id for node in asked), in_threads(partial(_seen, reach=reach), asked), strict=True))

    def found(node: LineageNode) -> LineageNode:
        try:
            here = seen.get(node.id, NOT_HERE)
            if SHA256 in here.digests and _is_compared(node):
                node = replace(node, content=here.digests[SHA256])
            return _recomputed(node, here, reach, repository, head)
        except EvidenceError as error:  # a path out of the workspace, for example
            return replace(node, why=str(error))

    states = {node.id: found(node) for node in graph.history}
    nodes = tuple(_part(states.get(node.id, node), states, graph, reach) for node in graph.nodes)
    return replace(graph, nodes=nodes)


@dataclass(frozen=True)
class Seen:
    """What is here of a thing."""

    there: bool
    digests: Mapping[str, str] = field(default_factory=dict)
    """Its digests by their kinds."""
    refused: EvidenceError | None = None
    """Why it has not all that were asked."""


NOT_HERE = Seen(False)


def _kinds(node: LineageNode) -> tuple[str, ...]:
    """The kinds of digests to compute of what is here: those that were recorded, and of data that are compared."""
    if not node.path:
        return ()
    compared = (SHA256,) if _is_compared(node) else ()
    return tuple(dict.fromkeys((*compared, *(pin.kind for pin in _recorded(node)))))


def _is_compared(node: LineageNode) -> bool:
    """Whether it is data that are compared with others by what is here."""
    return bool({TRAINING, EVALUATION_DATA} & {*node.roles})


def _recorded(node: LineageNode) -> tuple[Pin, ...]:
    """The digests to compare, unless its reader has compared it or it is a commit."""
    commit = CODE in node.roles and any(pin.kind == COMMIT for pin in node.pins)
    pending = node.state == "unverified" and not commit
    return tuple(pin for pin in node.pins if pending and pin.kind in (SHA256, MD5, DVC_FOLDER))


def _seen(node: LineageNode, reach: Reach) -> Seen:
    """What is here of a thing, each file read once."""
    try:
        source = SourceFile(node.path, reach)
        if not source.there:
            return NOT_HERE
        place = source.place
        folder, kinds = place.is_dir(), _kinds(node)
        wrong = next((said for kind, said in _ONLY[folder].items() if kind in kinds), "")
        fit = [kind for kind in kinds if kind not in _ONLY[folder]]
        digests = (_of_folder if folder else _of_file)(node.path, place, fit, reach) if fit else {}
        return Seen(True, digests, EvidenceError(wrong) if wrong else None)
    except EvidenceError as error:
        return Seen(True, refused=error)


def _of_file(path: str, place: Path, kinds: Sequence[str], _reach: Reach) -> Mapping[str, str]:
    found = file_hashes(place, path, [_ALGORITHMS[kind] for kind in kinds], empty=SHA256 not in kinds)
    return dict(zip(kinds, found.values, strict=True))


def _of_folder(path: str, place: Path, kinds: Sequence[str], reach: Reach) -> Mapping[str, str]:
    names = sorted(walk(place, reach, hidden=True))
    if SHA256 in kinds and not names:
        raise EvidenceError(f"{path}: a folder without files; check that it was fetched or built")
    hashed = folder_hashes(names, place, reach, [_ALGORITHMS[kind] for kind in kinds])
    made = {SHA256: manifest_digest, DVC_FOLDER: _dvc_folder}
    return {kind: made[kind]((name, of.values[at]) for name, of in hashed) for at, kind in enumerate(kinds)}


def _dvc_folder(entries: Iterable[tuple[str, str]]) -> str:
    """DVC's digest of a folder: that of the list of its files with their digests, sorted by path."""
    listed = sorted(({"md5": md5, "relpath": name} for name, md5 in entries), key=lambda entry: entry["relpath"])
    text = json.dumps(listed, sort_keys=True)
    return f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.dir"


_ONLY = {
    True: {MD5: "it is a folder, and a digest of a file was recorded"},
    False: {DVC_FOLDER: "it is not a folder, and the digest of a folder was recorded"},
}
"""The kinds of digests that a folder, or a file, cannot have."""
_ALGORITHMS = {SHA256: "sha256", MD5: "md5", DVC_FOLDER: "md5"}
"""How the files of each kind of digest are hashed."""


def _recomputed(node: LineageNode, seen: Seen, reach: Reach, repository: Repository | None, head: str) -> LineageNode:
    if seen.refused:
        raise seen.refused
    if node.state != "unverified":
        return node  # its reader has compared it
    commits = [pin for pin in node.pins if pin.kind == COMMIT]
    if commits and CODE in node.roles:
        state, why = _commit(node, commits[0].value, repository, head)
        return replace(node, state=state, why=why)
    if not node.path:
        return replace(node, why="it is not a file here, so nothing can be compared")
    recorded = _recorded(node)
    if not recorded:
        return _in_git(node, reach, repository, head)
    state, why = _compared(recorded, seen)
    return replace(node, state=state, why=why)


def _compared(pins: Iterable[Pin], seen: Seen) -> tuple[State, str]:
    """Compare every digest that a source has recorded with what is here now."""
    if not seen.there:
        return "unverified", "it is not here, so its digest cannot be compared; fetch it, as by `dvc pull`"
    other = next((pin for pin in pins if seen.digests[pin.kind] != pin.value), None)
    if other:
        return "contradicted", f"{other.kind} is {seen.digests[other.kind][:12]} and was recorded as {other.value[:12]}"
    return "verified", f"{' and '.join(dict.fromkeys(pin.kind for pin in pins))} as recorded"


def _in_git(node: LineageNode, reach: Reach, repository: Repository | None, head: str) -> LineageNode:
    """A file of which no source has a digest is what the commit says that is checked out, if the commit has it."""
    source = SourceFile(node.path, reach)
    if repository is None or not head or not source.place.is_file():
        return replace(node, why="no source has recorded a digest of it")
    inside = posixpath.relpath(source.place.as_posix(), repository.top.as_posix())
    recorded = repository.blob(head, inside)
    if not recorded:
        return replace(node, why="no source has recorded a digest of it, and the commit does not have it")
    pins = (Pin(BLOB, recorded),)
    if repository.blob_of(source.place) != recorded:
        return replace(
            node, pins=pins, state="contradicted", why=f"it is not the file of commit {head[:12]}; commit it"
        )
    return replace(node, pins=pins, state="verified", why=f"it is the file of commit {head[:12]}")


def _commit(node: LineageNode, commit: str, repository: Repository | None, head: str) -> tuple[State, str]:
    """A commit is in the history of HEAD, or one with the same code files is, as after a squash or a rebase."""
    if repository is None:
        return "unverified", "there is no git repository here, so the commit cannot be looked up"
    there = repository.has(commit)
    if there and repository.precedes(commit, head):
        return "verified", "the commit is here, in the history of the one that is checked out"
    code = repository.digest_of(commit, is_code) if there else node.code
    same = repository.with_digest(code, is_code) if code else ""
    if same:
        return "verified", f"its code is that of commit {same[:12]}, which is in the history"
    if repository.shallow:
        said = f"the clone is shallow, and commit {commit[:12]} may be older than its commits"
        raise MachineError(f"{said}; run `git fetch --unshallow`, or check out with `fetch-depth: 0`")
    if not there:
        return "contradicted", "the repository has no such commit" + (", nor its code in the history" if code else "")
    return "contradicted", "the commit is not in the history of the one that is checked out, nor is its code"


def _part(node: LineageNode, states: dict[str, LineageNode], graph: LineageGraph, reach: Reach) -> LineageNode:
    """A part of a folder is what the digest of the folder says."""
    wholes = (states[each.id] for each in graph.sources_of(node.id) if each.id in states)
    whole = next((each for each in wholes if each.path and node.path.startswith(f"{each.path}/")), None)
    if whole is None or node.state == "contradicted":
        return node
    if whole.state == "verified" and not SourceFile(node.path, reach).there:
        return replace(node, state="contradicted", why=f"{whole.name} has no such file")
    return replace(node, state=whole.state, why=f"a part of {whole.name}: {whole.why}")
