"""SLSA provenance in in-toto statements: plain, in a DSSE envelope, in a Sigstore bundle, or one per line.

Who has made a statement is known where a rule names the keys that sign (`signed_by`). What it says is compared with the
files in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlgate.git.repository import is_commit
from mlgate.lineage.approvals import Approval
from mlgate.lineage.graph import (
    BASE_MODEL,
    CODE,
    DATA,
    ENVIRONMENT,
    EVALUATION_DATA,
    FEATURES,
    PARAMETERS,
    RUN,
    SHA256,
    TRAINING,
    LineageArrow,
    LineageNode,
    LineageRecord,
    Pin,
    commit_node,
    has_made,
    has_read,
    recorded,
)
from mlgate.lineage.in_toto_statements import MODEL_SIGNATURE, holds_statements, predicate_types, statements_in
from mlgate.lineage.lineage_reader import LineageReader, LineageStatement
from mlgate.lineage.roles_of_files import role_of_file
from mlgate.lineage.source_file import SourceFile, digest_of, listing, mapping, outside
from mlgate.values.errors import EvidenceError

_PROVENANCE = "https://slsa.dev/provenance/v1"
_APPROVAL = "urn:mlgate:approval:1"
_ROLES = {
    "training": TRAINING, "train": TRAINING, "evaluation": EVALUATION_DATA, "test": EVALUATION_DATA,
    "features": FEATURES, "environment": ENVIRONMENT, "base_model": BASE_MODEL, "code": CODE, "parameters": PARAMETERS,
}  # fmt: skip
"""The roles that an annotation of a dependency may name."""


def _recognises(source: SourceFile) -> bool:
    return holds_statements(source, (".json", ".jsonl", ".sigstore")) and predicate_types(source) != {MODEL_SIGNATURE}


def _read(source: SourceFile) -> LineageRecord:
    found = [each.record for each in _parts(source)]
    nodes = tuple(node for record in found for node in record.nodes)
    arrows = tuple(arrow for record in found for arrow in record.arrows)
    return LineageRecord(nodes, arrows, approvals=tuple(each for record in found for each in record.approvals))


def _parts(source: SourceFile) -> Iterator[LineageStatement]:
    """Each build and each approval, out of its envelope. Raises EvidenceError where there is none."""
    read: dict[str, tuple[str, Callable[..., Iterator[LineageNode | LineageArrow | Approval]]]]
    read = {_PROVENANCE: ("build", _build), _APPROVAL: ("statement", _approvals)}
    found = [(envelope, each) for envelope, each in statements_in(source) if each.get("predicateType") in read]
    if not found:
        said = f"{source.path} has no SLSA provenance of version 1, and no approval"
        raise EvidenceError(f"{said}; name a file that has", "lineage")
    for at, (envelope, statement) in enumerate(found):
        noun, items = read[statement["predicateType"]]
        yield LineageStatement(f"{source.path}: {noun} {at + 1}", envelope, recorded(items(source, at, statement)))


def _build(source: SourceFile, at: int, statement: Mapping[str, Any]) -> Iterator[LineageNode | LineageArrow]:
    """A build: a run that has made its subjects from its dependencies."""
    predicate = mapping(statement.get("predicate"))
    definition, details = mapping(predicate.get("buildDefinition")), mapping(predicate.get("runDetails"))
    when = mapping(details.get("metadata"))
    run, said = f"slsa:{source.path}:{at}", f"{source.path}: build {at + 1}"
    name = str(when.get("invocationId") or mapping(details.get("builder")).get("id") or at + 1)
    started, ended = str(when.get("startedOn") or ""), str(when.get("finishedOn") or "")
    yield LineageNode(run, f"build {name}", (RUN,), said_in=(said,), started=started, ended=ended)
    for subject in map(mapping, listing(statement.get("subject"))):
        node = _resource(source, subject, said, DATA)
        yield node
        yield has_made(run, node)
    for dependency in map(mapping, listing(definition.get("resolvedDependencies"))):
        role = _ROLES.get(str(mapping(dependency.get("annotations")).get("role") or ""), "")
        node = _resource(source, dependency, said, role)
        yield node
        yield has_read(run, node)
    parameters = mapping(definition.get("externalParameters"))
    if parameters:
        pins = (Pin("values", digest_of(parameters)),)
        yield LineageNode(f"{run}:parameters", f"parameters of build {name}", (PARAMETERS,), "", pins, (), (said,))
        yield LineageArrow(run, f"{run}:parameters")


def _approvals(source: SourceFile, at: int, statement: Mapping[str, Any]) -> Iterator[Approval]:
    """An approval of each of its subjects."""
    predicate, said = mapping(statement.get("predicate")), f"{source.path}: statement {at + 1}"
    by, when, role = (str(predicate.get(key) or "") for key in ("by", "at", "role"))
    if not by:
        raise EvidenceError(f"{said} approves and does not say `by` whom; write it again", "lineage")
    for subject in map(mapping, listing(statement.get("subject"))):
        sha256 = str(mapping(subject.get("digest")).get("sha256") or "").lower()
        yield Approval(by, sha256, when, said, "statement", role)


def _resource(source: SourceFile, entry: Mapping[str, Any], said: str, role: str) -> LineageNode:
    """A subject or a dependency, with the digests that it states."""
    digests, address = mapping(entry.get("digest")), str(entry.get("uri") or "")
    commit = str(digests.get("gitCommit") or (digests.get("sha1") if address.startswith("git+") else "") or "")
    if is_commit(commit):
        return commit_node(commit, said)
    stated = address or str(entry.get("name") or "")
    sha256 = str(digests.get("sha256") or "").lower()
    pins = (Pin(SHA256, sha256),) if sha256 else ()
    path = "" if outside(stated) or not stated else source.from_here(stated)
    name = f"file:{path}" if path else f"slsa:{stated}:{sha256}"
    return LineageNode(name, path or stated or sha256[:12], (role or role_of_file(path),), path, pins, (), (said,))


READER = LineageReader("slsa", "SLSA provenance", ("provenance.json",), _recognises, _read, _parts)
