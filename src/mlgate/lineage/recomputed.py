"""What of a history can be recomputed: digests of files, and commits of the repository."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from mlgate.evidence.files import contained, reading, regular, walk
from mlgate.evidence.questions.digest import digest
from mlgate.evidence.sources import FileSource
from mlgate.git.repository import Repository
from mlgate.lineage.graph import (
    CODE,
    COMMIT,
    DVC_FOLDER,
    EVALUATION_DATA,
    MD5,
    PART,
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

    def found(node: LineageNode) -> LineageNode:
        try:
            node = _with_content(node, reach)
            return _recomputed(node, reach, repository, head)
        except EvidenceError as error:  # a path out of the workspace, for example
            return replace(node, why=str(error))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        states = {node.id: node for node in pool.map(found, graph.history)}
    nodes = tuple(_part(states.get(node.id, node), states, graph, reach) for node in graph.nodes)
    return replace(graph, nodes=nodes)


def _with_content(node: LineageNode, reach: Reach) -> LineageNode:
    """Data for training or evaluation with the digest of what is here."""
    compared = node.path and {TRAINING, EVALUATION_DATA} & {*node.roles} and SourceFile(node.path, reach).there
    return replace(node, content=_sha256(node.path, reach)) if compared else node


def _recomputed(node: LineageNode, reach: Reach, repository: Repository | None, head: str) -> LineageNode:
    if node.state != "unverified" or PART in {pin.kind for pin in node.pins}:
        return node  # its reader has compared it, or its folder will be
    commits = [pin for pin in node.pins if pin.kind == COMMIT]
    if commits and CODE in node.roles:
        state, why = _commit(node, commits[0].value, repository, head)
        return replace(node, state=state, why=why)
    files = [pin for pin in node.pins if pin.kind in _DIGESTS]
    if not node.path:
        return replace(node, why="it is not a file here, so nothing can be compared")
    if not files:
        return _in_git(node, reach, repository, head)
    state, why = _file(node.path, files, reach)
    return replace(node, state=state, why=why)


def _file(path: str, pins: list[Pin], reach: Reach) -> tuple[State, str]:
    """Compare every digest that a source has recorded with the file as it is now."""
    if not SourceFile(path, reach).there:
        return "unverified", "it is not here, so its digest cannot be compared; fetch it, as by `dvc pull`"
    now = {pin: _DIGESTS[pin.kind](path, reach) for pin in pins}
    other = next((pin for pin in pins if now[pin] != pin.value), None)
    if other:
        return "contradicted", f"{other.kind} is {now[other][:12]} and was recorded as {other.value[:12]}"
    return "verified", f"{' and '.join(dict.fromkeys(pin.kind for pin in pins))} as recorded"


def _sha256(path: str, reach: Reach) -> str:
    return digest(FileSource(path, reach.workspace), reach).sha256


def _md5(path: str, reach: Reach) -> str:
    """The MD5 of a file, by which DVC names it. It protects from accidents and not from an attacker."""
    place = SourceFile(path, reach).place
    if place.is_dir():
        raise EvidenceError("it is a folder, and a digest of a file was recorded")
    return _md5_of(place)


def _md5_of(place: Path) -> str:
    regular(place, str(place), empty=True)
    with reading(str(place)), place.open("rb", buffering=0) as opened:
        return hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _dvc_folder(path: str, reach: Reach) -> str:
    """DVC's digest of a folder: that of the sorted list of its files with their digests."""
    place = SourceFile(path, reach).place
    if not place.is_dir():
        raise EvidenceError("it is not a folder, and the digest of a folder was recorded")
    entries = list(_listed(place, reach))
    text = json.dumps(sorted(entries, key=lambda entry: entry["relpath"]), sort_keys=True)
    return f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.dir"


def _listed(folder: Path, reach: Reach) -> Iterator[dict[str, str]]:
    for name in walk(folder, reach, hidden=True):
        contained(name, reach, str(name))
        yield {"md5": _md5_of(name), "relpath": name.relative_to(folder).as_posix()}


_DIGESTS: dict[str, Callable[[str, Reach], str]] = {SHA256: _sha256, MD5: _md5, DVC_FOLDER: _dvc_folder}


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
    """A part of a folder is what the digest of the folder says, unless a source has a digest of its own."""
    wholes = (states[each.id] for each in graph.sources_of(node.id) if each.id in states)
    whole = next((each for each in wholes if each.path and node.path.startswith(f"{each.path}/")), None)
    own = any(pin.kind != PART for pin in node.pins) or node.state != "unverified"
    if whole is None or own:
        return node
    if whole.state == "verified" and not SourceFile(node.path, reach).there:
        return replace(node, state="contradicted", why=f"{whole.name} has no such file")
    return replace(node, state=whole.state, why=f"a part of {whole.name}: {whole.why}")
