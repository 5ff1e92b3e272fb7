"""CycloneDX: the model of an ML-BOM, with its datasets, commits, ancestors and what was measured of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.lineage.graph import (
    BASE_MODEL,
    COMMIT,
    DATA,
    EVALUATION,
    EVALUATION_DATA,
    MD5,
    MODEL,
    PARAMETERS,
    ROLES,
    RUN,
    SHA256,
    TRAINING,
    Cleanliness,
    LineageArrow,
    LineageNode,
    LineageRecord,
    Pin,
    commit_node,
    recorded,
)
from mlgate.lineage.lineage_reader import LineageReader
from mlgate.lineage.source_file import SourceFile, digest_of, listing, mapping, outside
from mlgate.values.errors import EvidenceError

_MODEL = "machine-learning-model"
_OWN = "mlgate:"
_WORDS = {"train": TRAINING, "training": TRAINING, "test": EVALUATION_DATA, "eval": EVALUATION_DATA}
_WORDS |= {"evaluation": EVALUATION_DATA, "validation": EVALUATION_DATA}


def _recognises(source: SourceFile) -> bool:
    return source.place.is_file() and source.name.endswith(".json") and b'"CycloneDX"' in source.head()


def _read(source: SourceFile) -> LineageRecord:
    document = source.json()
    every = [mapping(mapping(document.get("metadata")).get("component"))]
    every += [mapping(each) for each in listing(document.get("components"))]
    models = [each for each in every if each.get("type") == _MODEL]
    if len(models) != 1:
        raise EvidenceError(f"{source.path} has {len(models)} models; name a document of one model", "lineage")
    every += [mapping(each) for each in listing(mapping(models[0].get("pedigree")).get("ancestors"))]
    known = {str(each.get("bom-ref")): each for each in every if each.get("bom-ref")}
    return recorded((*_items(source, models[0], known), *_making(source, document, known)))


def _items(
    source: SourceFile, model: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[LineageNode | LineageArrow]:
    root = _component(source, model, (MODEL,))
    yield root
    for node in (*_datasets(source, model, known), *_pedigree(source, model), *_properties(source, model)):
        yield node
        yield LineageArrow(root.id, node.id, judged=EVALUATION in node.roles)


def _datasets(
    source: SourceFile, model: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[LineageNode]:
    parameters = mapping(mapping(model.get("modelCard")).get("modelParameters"))
    for entry in map(mapping, listing(parameters.get("datasets"))):
        reference = str(entry.get("ref") or "")
        component = known.get(reference) if reference else entry
        if component is None:
            said = f"{source.path} names a dataset `{reference}` that it does not describe"
            raise EvidenceError(f"{said}; add the component", "lineage")
        yield _component(source, component, (_role(component, reference),))


def _making(
    source: SourceFile, document: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[LineageNode | LineageArrow]:
    """The workflows by which things were made, as runs, and what `mlgate lineage` adds of things without a run."""
    for at, workflow in enumerate(_workflows(document)):
        run, said = f"cyclonedx:{source.path}:run:{at}", (f"{source.path}: {workflow.get('name') or at + 1}",)
        started, ended = (str(workflow.get(key) or "") for key in ("timeStart", "timeEnd"))
        name, by = str(workflow.get("name") or workflow.get("uid") or at + 1), next(iter(_own(workflow, "by")), "")
        yield LineageNode(run, name, (RUN,), said_in=said, started=started, ended=ended, by=by)
        for node in _referenced(source, workflow, "inputs", known):
            yield from (node, LineageArrow(run, node.id))
        for node in _referenced(source, workflow, "outputs", known):
            yield from (node, LineageArrow(node.id, run))
    for component in known.values():
        for reference in _own(component, "made-from"):
            one, below = _component(source, component, _roles(component)), known.get(reference)
            other = _component(source, below, _roles(below)) if below else None
            yield one
            if other:
                yield other
            yield LineageArrow(one.id, other.id if other else reference)


def _workflows(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for formula in map(mapping, listing(document.get("formulation"))):
        yield from map(mapping, listing(formula.get("workflows")))


def _referenced(
    source: SourceFile, workflow: Mapping[str, Any], key: str, known: Mapping[str, Mapping[str, Any]]
) -> Iterator[LineageNode]:
    """The components that a workflow names. Raises EvidenceError for one that the document does not describe."""
    for entry in map(mapping, listing(workflow.get(key))):
        reference = str(mapping(entry.get("resource")).get("ref") or "")
        if reference and reference not in known:
            said = f"{source.path} names `{reference[:80]}` in `{key}` of a workflow, and does not describe it"
            raise EvidenceError(f"{said}; add the component", "lineage")
        if reference:
            yield _component(source, known[reference], _roles(known[reference]))


def _own(part: Mapping[str, Any], name: str) -> list[str]:
    """The values of a property that `mlgate lineage --format cyclonedx` writes."""
    every = map(mapping, listing(part.get("properties")))
    return [str(each.get("value") or "") for each in every if each.get("name") == f"{_OWN}{name}"]


def _roles(component: Mapping[str, Any]) -> tuple[str, ...]:
    """What a component is for the model: as its properties say, or by its type."""
    found = tuple(role for role in _own(component, "role") if role in (MODEL, DATA, *ROLES) and role != RUN)
    return found or ((MODEL,) if component.get("type") == _MODEL else (_role(component, ""),))


def _role(component: Mapping[str, Any], reference: str) -> str:
    """What data are for, by the words of their names: CycloneDX has no field for it."""
    stated = [role for role in _own(component, "role") if role in (DATA, *ROLES)]
    if stated:
        return stated[0]
    words = re.split(r"[^a-z]+", f"{component.get('name')} {reference}".lower())
    return next((_WORDS[word] for word in words if word in _WORDS), DATA)


def _pedigree(source: SourceFile, model: Mapping[str, Any]) -> Iterator[LineageNode]:
    pedigree = mapping(model.get("pedigree"))
    for commit in (str(mapping(each).get("uid") or "") for each in listing(pedigree.get("commits"))):
        yield commit_node(commit, f"{source.path}: {model.get('name')}")
    for ancestor in map(mapping, listing(pedigree.get("ancestors"))):
        yield _component(source, ancestor, (BASE_MODEL,))


def _properties(source: SourceFile, model: Mapping[str, Any]) -> Iterator[LineageNode]:
    """Parameters, which CycloneDX keeps among free properties, and metrics."""
    name, said = str(model.get("name")), (f"{source.path}: {model.get('name')}",)
    properties = [each for each in map(mapping, listing(model.get("properties"))) if _is_parameter(each)]
    metrics = listing(mapping(mapping(model.get("modelCard")).get("quantitativeAnalysis")).get("performanceMetrics"))
    for role, values in ((PARAMETERS, properties), (EVALUATION, metrics)):
        if values:
            pins = (Pin("values", digest_of(values)),)
            yield LineageNode(f"cyclonedx:{source.path}:{role}", f"{role} of {name}", (role,), "", pins, (), said)


def _is_parameter(entry: Mapping[str, Any]) -> bool:
    name = str(entry.get("name"))
    return "param" in name and not name.startswith(_OWN)


def _component(source: SourceFile, component: Mapping[str, Any], roles: tuple[str, ...]) -> LineageNode:
    """A component, with its SHA-256 and the file that its contents lie in."""
    hashes = {
        str(mapping(each).get("alg")): str(mapping(each).get("content")) for each in listing(component.get("hashes"))
    }
    sha256 = hashes.get("SHA-256", "").lower()
    contents = (mapping(mapping(each).get("contents")).get("url") for each in listing(component.get("data")))
    stated = str(next(filter(None, contents), ""))
    path = source.from_here(stated) if stated and not outside(stated) else ""
    name = str(component.get("name") or component.get("bom-ref"))
    pins = tuple(_pins(component, sha256, hashes.get("MD5", "").lower()))
    labels = (f"version {component['version']}",) if component.get("version") else ()
    key = f"file:{path}" if path else f"cyclonedx:{name}:{sha256 or component.get('bom-ref')}"
    if any(pin.kind == COMMIT for pin in pins):
        return _commit(source, component, pins)
    said, licences = (f"{source.path}: {name}",), tuple(_licences(component))
    return LineageNode(key, path or name, roles, path, pins, labels, said, licences=licences)


def _pins(component: Mapping[str, Any], sha256: str, md5: str) -> Iterator[Pin]:
    """What fixes a component: its hashes, and digests of other kinds that mlgate has written."""
    yield from (Pin(kind, value) for kind, value in ((SHA256, sha256), (MD5, md5)) if value)
    for entry in map(mapping, listing(component.get("properties"))):
        name, value = str(entry.get("name")), str(entry.get("value") or "")
        if name.startswith(f"{_OWN}pin:") and value:
            yield Pin(name.removeprefix(f"{_OWN}pin:"), value)


def _commit(source: SourceFile, component: Mapping[str, Any], pins: tuple[Pin, ...]) -> LineageNode:
    """A commit that mlgate has written as a component, with whether its files were clean."""
    commit = next(pin.value for pin in pins if pin.kind == COMMIT)
    trees: dict[str, Cleanliness] = {"clean": "clean", "dirty": "dirty"}
    tree = trees.get(next(iter(_own(component, "tree")), ""), "unknown")
    return commit_node(commit, f"{source.path}: {component.get('name')}", tree, _own(component, "code"))


def _licences(component: Mapping[str, Any]) -> Iterator[str]:
    """The licences of a component: ids, names and expressions."""
    for entry in map(mapping, listing(component.get("licenses"))):
        one = mapping(entry.get("license"))
        found = entry.get("expression") or one.get("id") or one.get("name")
        if isinstance(found, str) and found:
            yield found


READER = LineageReader("cyclonedx", "an ML-BOM of CycloneDX", ("bom.json", "bom.cdx.json"), _recognises, _read)
