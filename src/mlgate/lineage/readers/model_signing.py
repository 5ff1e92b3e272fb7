"""Signatures of models by `model_signing` (OpenSSF): the digest of each file that was signed.

They say nothing of how the model was made. Who signed is known where a rule names the keys (`signed_by`); that the
files are those that were signed is compared in any case.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from mlgate.lineage.graph import MODEL, SHA256, LineageNode, LineageRecord, Pin, recorded
from mlgate.lineage.in_toto_statements import MODEL_SIGNATURE, holds_statements, predicate_types, statements_in
from mlgate.lineage.lineage_reader import LineageReader, LineageStatement
from mlgate.lineage.signed_files import ALONE, SignedFiles
from mlgate.lineage.source_file import SourceFile, listing, mapping
from mlgate.values.errors import EvidenceError

_ENDINGS = (".sig", ".json", ".jsonl", ".sigstore")
_SHA256 = re.compile("[0-9a-f]{64}")


def _recognises(source: SourceFile) -> bool:
    return holds_statements(source, _ENDINGS) and MODEL_SIGNATURE in predicate_types(source)


def _read(source: SourceFile) -> LineageRecord:
    found = [each.record for each in _signatures(source)]
    said = tuple(text for record in found for text in record.contradictions)
    return LineageRecord(tuple(node for record in found for node in record.nodes), contradictions=said)


def _signatures(source: SourceFile) -> Iterator[LineageStatement]:
    """Each signature, out of its envelope. Raises EvidenceError where there is none."""
    found = [each for each in statements_in(source) if each[1].get("predicateType") == MODEL_SIGNATURE]
    if not found:
        raise EvidenceError(f"{source.path} has no signature of a model; name a file that has", "lineage")
    for at, (envelope, statement) in enumerate(found):
        name = f"{source.path}: signature {at + 1}"
        yield LineageStatement(name, envelope, _signed(source, statement, name))


def _signed(source: SourceFile, statement: Mapping[str, Any], said: str) -> LineageRecord:
    subjects = listing(statement.get("subject"))
    subject = mapping(subjects[0]) if len(subjects) == 1 else {}
    name = subject.get("name")
    if not isinstance(name, str):
        raise EvidenceError(f"{source.path} must have one subject with a `name`; sign the model again", "lineage")
    predicate = mapping(statement.get("predicate"))
    how, files = mapping(predicate.get("serialization")), _files(source, predicate)
    whole = hashlib.sha256(b"".join(bytes.fromhex(each) for each in files.values())).hexdigest()
    forged = mapping(subject.get("digest")).get("sha256") != whole
    wrong = f"{said}: the digest of its subject is not that of its files; sign the model again"
    return recorded([_node(source, name, files, how, said)], contradictions=[wrong] if forged else [])


def _files(source: SourceFile, predicate: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of each file that was signed by its path from the model, in their order."""
    method = mapping(predicate.get("serialization")).get("method")
    found: dict[str, str] = {}
    for entry in map(mapping, listing(predicate.get("resources"))):
        name, how, digest = (entry.get(key) for key in ("name", "algorithm", "digest"))
        if method != "files" or how != "sha256":
            said = f"{source.path} is signed by {str(method)[:40]} with {str(how)[:40]}"
            raise EvidenceError(f"{said}, which mlgate does not recompute; sign files with sha256", "lineage")
        if not isinstance(name, str) or not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            said = f"{source.path} lists a file without a name or a SHA-256"
            raise EvidenceError(f"{said}; sign the model again", "lineage")
        if name in found or not _is_inside(name):
            said = "twice" if name in found else "outside the model"
            raise EvidenceError(f"{source.path} lists `{name[:80]}` {said}; sign the model again", "lineage")
        found[name] = digest
    if not found or (ALONE in found and len(found) > 1):
        raise EvidenceError(f"{source.path} lists no files of one model; sign the model again", "lineage")
    return found


def _is_inside(name: str) -> bool:
    """Whether a path is one below the model, written in the only way that a signer writes it."""
    return not name.startswith(("/", "../")) and name != ".." and name == posixpath.normpath(name)


def _node(source: SourceFile, name: str, files: Mapping[str, str], how: Mapping[str, Any], said: str) -> LineageNode:
    """What was signed; where that is a folder around the model, of it the model."""
    place = _place(source, name, ALONE in files)
    own = source.model if source.model.startswith(f"{place}/") else place
    part = posixpath.relpath(own, place)
    digests = {posixpath.relpath(each, part): files[each] for each in files if _is_in(each, part)}
    links, ignored = how.get("allow_symlinks") is True, [*map(str, listing(how.get("ignore_paths")))]
    signed = SignedFiles(SourceFile(own, source.reach), digests, source, links, ignored)
    wrong = signed.differs if digests else f"{name} was signed without `{part}`"
    pins = (Pin(SHA256, signed.sha256),) if digests else ()
    roles, parts = (MODEL,) if own == source.model else (), () if ALONE in digests else tuple(digests.items())
    node = LineageNode(f"file:{own}", own, roles, own, pins, parts=parts, said_in=(said,))
    return replace(node, state="contradicted", why=wrong) if wrong else node


def _place(source: SourceFile, name: str, alone: bool) -> str:
    """What was signed, from the workspace, by its name: the model, a folder around it or the signature, or a neighbour.

    Where nothing is called so, the model is meant: a signature stays that of a model that was renamed.
    """
    around = [source.model, *map(str, PurePosixPath(source.model).parents)]
    known = [*around, source.from_here(name), posixpath.dirname(source.path)] if _is_inside(name) else []
    named = [SourceFile(place, source.reach) for place in known if place and posixpath.basename(place) == name]
    return next((each.path for each in named if each.there and each.place.is_dir() != alone), source.model)


def _is_in(name: str, folder: str) -> bool:
    return folder in (ALONE, name) or name.startswith(f"{folder}/")


READER = LineageReader("model-signing", "a signature of a model", ("model.sig",), _recognises, _read, _signatures)
