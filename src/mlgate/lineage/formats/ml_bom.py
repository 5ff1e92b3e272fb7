"""A history as an ML-BOM of CycloneDX 1.6, which mlgate itself and other tools read.

CycloneDX has no field for what a file is for the model, for what of it was recomputed and for digests that are not of
files. They stand in properties whose names begin with `mlgate:`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mlgate.lineage.graph import (
    BASE_MODEL,
    CODE,
    COMMIT,
    ENVIRONMENT,
    EVALUATION_DATA,
    MD5,
    PARAMETERS,
    PART,
    RUN,
    SHA256,
    TRAINING,
    LineageGraph,
    LineageNode,
)
from mlgate.lineage.lineage_format import LineageFormat
from mlgate.values.json_text import to_text
from mlgate.version import __version__

BomPart = dict[str, Any]
_HASHES = {SHA256: "SHA-256", MD5: "MD5"}
_CONTENTS = {CODE: "source-code", ENVIRONMENT: "configuration", PARAMETERS: "configuration"}


def ml_bom(graph: LineageGraph) -> str:
    """The document, for the folder that paths are relative to. Nothing in it depends on the day."""
    references = {node.id: f"thing-{at}" if at else "model" for at, node in enumerate(graph.history)}
    things = [node for node in graph.history if node.roles != (RUN,) and node.id != graph.root]
    runs = [node for node in graph.history if node.roles == (RUN,)]
    components = {node.id: _component(node, graph, references) for node in things}
    ancestors = [components.pop(node.id) for node in things if BASE_MODEL in node.roles]
    formulation = [{"bom-ref": "making", "workflows": [_workflow(run, graph, references) for run in runs]}]
    tool = {"type": "application", "name": "mlgate", "version": __version__}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [tool]},
            "component": _model(graph, things, references, ancestors),
        },
        "components": list(components.values()),
        "dependencies": list(_dependencies(graph, things, references)),
        **({"formulation": formulation} if runs else {}),
    }
    return to_text(document)


def _model(
    graph: LineageGraph, things: list[LineageNode], references: Mapping[str, str], ancestors: list[BomPart]
) -> BomPart:
    """The model, with its datasets, commits and ancestors where readers of CycloneDX look for them."""
    data = [node for node in things if {TRAINING, EVALUATION_DATA} & {*node.roles}]
    commits = [pin.value for node in things if CODE in node.roles for pin in node.pins if pin.kind == COMMIT]
    pedigree = {"ancestors": ancestors} if ancestors else {}
    pedigree |= {"commits": [{"uid": commit} for commit in dict.fromkeys(commits)]} if commits else {}
    datasets = [{"ref": references[node.id]} for node in data]
    return {
        **_component(graph.by_id[graph.root], graph, references),
        "type": "machine-learning-model",
        **({"pedigree": pedigree} if pedigree else {}),
        **({"modelCard": {"modelParameters": {"datasets": datasets}}} if datasets else {}),
    }


def _component(node: LineageNode, graph: LineageGraph, references: Mapping[str, str]) -> BomPart:
    """A thing with its digests, its path and what is known of it."""
    hashes = [{"alg": _HASHES[kind], "content": value} for kind, value in sorted(_hashes(node).items())]
    contents = next((_CONTENTS[role] for role in node.roles if role in _CONTENTS), "dataset")
    plain = node.id != graph.root and BASE_MODEL not in node.roles
    licences = [{"license": {"name": licence}} for licence in node.licences]
    return {
        "type": "data" if plain else "machine-learning-model",
        "bom-ref": references[node.id],
        "name": node.name or references[node.id],
        **({"hashes": hashes} if hashes else {}),
        **({"licenses": licences} if licences else {}),
        **({"data": [{"type": contents, **_url(node)}]} if plain else {}),
        "properties": [{"name": f"mlgate:{name}", "value": value} for name, value in _facts(node, graph, references)],
    }


def _hashes(node: LineageNode) -> dict[str, str]:
    """The first digest of each kind that CycloneDX has; what is here now is one where it is what was recorded."""
    found = {pin.kind: pin.value for pin in reversed(node.pins) if pin.kind in _HASHES and pin.whole}
    if node.content and node.state == "verified":
        found.setdefault(SHA256, node.content)
    return found


def _url(node: LineageNode) -> BomPart:
    return {"contents": {"url": node.path}} if node.path else {}


def _facts(node: LineageNode, graph: LineageGraph, references: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What CycloneDX has no field for. A state is what this run of mlgate found, and no reader takes it as its own."""
    yield from (("role", role) for role in node.roles)
    yield "state", node.state
    yield from (("why", node.why),) if node.why else ()
    yield from (("said-in", said) for said in node.said_in)
    hashed: set[str] = set()
    for pin in node.pins:
        if pin.kind == PART and SHA256 in _hashes(node):
            continue  # its own digest says more than that of its folder
        if pin.kind not in _HASHES or pin.kind in hashed:
            yield f"pin:{pin.kind}", pin.value
        hashed.add(pin.kind)
    yield from (("label", label) for label in node.labels)
    yield from (("path", node.path),) if node.path else ()
    yield from (("tree", node.tree),) if any(pin.kind == COMMIT for pin in node.pins) else ()
    yield from (("code", code) for code in node.code)
    direct = (each for each in graph.sources_of(node.id) if (node.id, each.id) in graph.made and each.roles != (RUN,))
    yield from (("made-from", references[each.id]) for each in direct)


def _workflow(run: LineageNode, graph: LineageGraph, references: Mapping[str, str]) -> BomPart:
    """A run with what it has read and made."""
    read = [references[node.id] for node in graph.sources_of(run.id)]
    made = [references[name] for name, source in sorted(graph.made) if source == run.id and name in references]
    times = {"timeStart": run.started, "timeEnd": run.ended}
    facts = [("said-in", said) for said in run.said_in] + ([("by", run.by)] if run.by else [])
    return {
        "bom-ref": references[run.id],
        "uid": run.id,
        "name": run.name,
        "taskTypes": ["test" if "model" in read else "build"],
        **{key: moment for key, moment in times.items() if _is_moment(moment)},
        "inputs": [{"resource": {"ref": each}} for each in dict.fromkeys(read)],
        "outputs": [{"resource": {"ref": each}} for each in dict.fromkeys(made)],
        "properties": [{"name": f"mlgate:{name}", "value": value} for name, value in facts],
    }


def _is_moment(text: str) -> bool:
    """Whether a time is one that a schema of dates takes: with its day, its time and its zone."""
    try:
        return bool(text) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _dependencies(graph: LineageGraph, things: list[LineageNode], references: Mapping[str, str]) -> Iterator[BomPart]:
    """For each thing what it was made from, through the run that made it."""
    for node in (graph.by_id[graph.root], *things):
        direct = [each for each in graph.sources_of(node.id) if (node.id, each.id) in graph.made]
        through = [below for each in direct for below in (graph.sources_of(each.id) if RUN in each.roles else [each])]
        found = dict.fromkeys(references[each.id] for each in through if RUN not in each.roles and each.id != node.id)
        yield {"ref": references[node.id], **({"dependsOn": list(found)} if found else {})}


FORMAT = LineageFormat("cyclonedx", "an ML-BOM", ml_bom)
