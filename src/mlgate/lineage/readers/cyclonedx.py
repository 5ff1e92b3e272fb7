"""CycloneDX: the model of an ML-BOM, with its datasets, commits, ancestors and what was measured of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.lineage.graph import (
    BASE_MODEL,
    DATA,
    EVALUATION,
    EVALUATION_DATA,
    MODEL,
    PARAMETERS,
    SHA256,
    TRAINING,
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
    known = {str(each.get("bom-ref")): each for each in every}
    return recorded(_items(source, models[0], known))


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


def _role(component: Mapping[str, Any], reference: str) -> str:
    """What data are for, by the words of their names: CycloneDX has no field for it."""
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
    properties = [each for each in map(mapping, listing(model.get("properties"))) if "param" in str(each.get("name"))]
    metrics = listing(mapping(mapping(model.get("modelCard")).get("quantitativeAnalysis")).get("performanceMetrics"))
    for role, values in ((PARAMETERS, properties), (EVALUATION, metrics)):
        if values:
            pins = (Pin("values", digest_of(values)),)
            yield LineageNode(f"cyclonedx:{source.path}:{role}", f"{role} of {name}", (role,), "", pins, (), said)


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
    pins = (Pin(SHA256, sha256),) if sha256 else ()
    labels = (f"version {component['version']}",) if component.get("version") else ()
    key = f"file:{path}" if path else f"cyclonedx:{name}:{sha256}"
    said, licences = (f"{source.path}: {name}",), tuple(_licences(component))
    return LineageNode(key, path or name, roles, path, pins, labels, said, licences=licences)


def _licences(component: Mapping[str, Any]) -> Iterator[str]:
    """The licences of a component: ids, names and expressions."""
    for entry in map(mapping, listing(component.get("licenses"))):
        one = mapping(entry.get("license"))
        found = entry.get("expression") or one.get("id") or one.get("name")
        if isinstance(found, str) and found:
            yield found


READER = LineageReader("cyclonedx", "an ML-BOM of CycloneDX", ("bom.json", "bom.cdx.json"), _recognises, _read)
