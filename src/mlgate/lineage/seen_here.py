"""What is here of the things of a history: the digests that their sources have recorded, computed again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlgate.evidence.file_hashes import file_hashes, folder_hashes, in_threads
from mlgate.evidence.files import walk
from mlgate.evidence.questions.digest import manifest_digest
from mlgate.lineage.dvc_ignored import DvcIgnored
from mlgate.lineage.graph import (
    CODE,
    COMMIT,
    DVC_FOLDER,
    EVALUATION_DATA,
    MD5,
    PART,
    SHA256,
    TRAINING,
    LineageNode,
    Pin,
)
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import EvidenceError
from mlgate.values.reach import Reach


@dataclass(frozen=True)
class SeenHere:
    """What is here of a thing."""

    there: bool
    digests: Mapping[str, str] = field(default_factory=dict)
    """Its digests by their kinds."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Of a folder whose files a source lists: the SHA-256 of each by its path."""
    refused: EvidenceError | None = None
    """Why it has not all that were asked."""


NOT_HERE = SeenHere(False)


def seen_here(nodes: Iterable[LineageNode], reach: Reach) -> Mapping[str, SeenHere]:
    """What is here of some things, by their ids. Each file is read once, and several at the same time."""
    asked = [node for node in nodes if _kinds(node)]
    found = in_threads(lambda node: _seen(node, reach), asked)
    return {node.id: here for node, here in zip(asked, found, strict=True)}


def _kinds(node: LineageNode) -> tuple[str, ...]:
    """The kinds of digests to compute of what is here: those that were recorded, and of data that are compared."""
    if not node.path:
        return ()
    compared = (SHA256,) if is_compared(node) else ()
    return tuple(dict.fromkeys((*compared, *(pin.kind for pin in recorded_digests(node)))))


def is_compared(node: LineageNode) -> bool:
    """Whether it is data that are compared with others by what is here."""
    return bool({TRAINING, EVALUATION_DATA} & {*node.roles})


def is_settled(node: LineageNode) -> bool:
    """Whether nothing of its own is compared: its reader has, or it is a part of a folder that will be."""
    return node.state != "unverified" or {pin.kind for pin in node.pins} == {PART}


def recorded_digests(node: LineageNode) -> tuple[Pin, ...]:
    """The digests to compare, unless its reader has compared it or it is a commit."""
    commit = CODE in node.roles and any(pin.kind == COMMIT for pin in node.pins)
    pending = not is_settled(node) and not commit
    return tuple(pin for pin in node.pins if pending and pin.kind in (SHA256, MD5, DVC_FOLDER))


def _seen(node: LineageNode, reach: Reach) -> SeenHere:
    """What is here of a thing, each file read once."""
    try:
        source = SourceFile(node.path, reach)
        if not source.there:
            return NOT_HERE
        place = source.place
        folder, kinds = place.is_dir(), _kinds(node)
        wrong = next((said for kind, said in _ONLY[folder].items() if kind in kinds), "")
        known = {SHA256: node.content} if SHA256 in kinds and _is_as_recorded(node) else {}
        fit = [kind for kind in kinds if kind not in _ONLY[folder] and kind not in known]
        digests, files = (_of_folder if folder else _of_file)(node.path, place, fit, reach) if fit else ({}, {})
        wrongly = EvidenceError(wrong) if wrong else None
        return SeenHere(True, {**known, **digests}, files if node.parts else {}, wrongly)
    except EvidenceError as error:
        return SeenHere(True, refused=error)


def _is_as_recorded(node: LineageNode) -> bool:
    """Whether the SHA-256 of what is here was computed when the graph was made, and is what was recorded."""
    return bool(node.content) and {pin.value for pin in node.pins if pin.kind == SHA256} <= {node.content}


_Digests = tuple[Mapping[str, str], Mapping[str, str]]


def _of_file(path: str, place: Path, kinds: Sequence[str], _reach: Reach) -> _Digests:
    found = file_hashes(place, path, [_ALGORITHMS[kind] for kind in kinds], empty=SHA256 not in kinds)
    return dict(zip(kinds, found.values, strict=True)), {}


def _of_folder(path: str, place: Path, kinds: Sequence[str], reach: Reach) -> _Digests:
    names = sorted(walk(place, reach, hidden=True))
    if SHA256 in kinds and not names:
        raise EvidenceError(f"{path}: a folder without files; check that it was fetched or built")
    hashed = folder_hashes(names, place, reach, [_ALGORITHMS[kind] for kind in kinds])
    made = {SHA256: manifest_digest, DVC_FOLDER: _dvc_folder}
    each = {kind: [(name, of.values[at]) for name, of in hashed] for at, kind in enumerate(kinds)}
    if DVC_FOLDER in each:
        ignored = DvcIgnored.of(path, reach)
        each[DVC_FOLDER] = [entry for entry in each[DVC_FOLDER] if not ignored.leaves_out(entry[0])]
    return {kind: made[kind](files) for kind, files in each.items()}, dict(each.get(SHA256, ()))


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
