"""The whole history of one model: what all sources say, and what each thing is for the model."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mlgate.evidence.questions.digest import digest
from mlgate.evidence.sources import FileSource
from mlgate.lineage.graph import (
    DATA,
    EVALUATION,
    EVALUATION_DATA,
    MODEL,
    OF_FILES,
    PART,
    RUN,
    SHA256,
    TRAINING,
    LineageArrow,
    LineageGraph,
    LineageNode,
    LineageRecord,
    Pin,
    merged,
)
from mlgate.lineage.lineage_reader import lineage_readers, reader_of
from mlgate.lineage.source_file import SourceFile
from mlgate.values.errors import EvidenceError
from mlgate.values.reach import Reach


@dataclass(frozen=True)
class NamedSource:
    """A source that a candidate names."""

    path: str
    """From the workspace; empty for a server."""
    format: str = ""
    """Empty where its name and content tell."""
    run: str = ""
    """The run that is meant, where it has several."""
    server: str = ""
    """The server that is asked, by what it is: "mlflow"."""


@dataclass(frozen=True)
class Presented:
    """What a candidate presents of its history. All paths are from the workspace."""

    model: str
    """The file or folder of the model."""
    sources: tuple[NamedSource, ...] = ()
    beside: bool = True
    """Whether those that lie beside the candidate count too."""
    folder: str = ""
    """The candidate's folder."""
    tables: tuple[tuple[str, str], ...] = ()
    """The path of each table with its role for the model."""


def assembled(presented: Presented, reach: Reach) -> LineageGraph:
    """The graph of all sources; without any, of the model alone. Raises EvidenceError where one cannot be read."""
    found = sources_of(presented, reach)
    records = [reader_of(source, wanted).record(source) for source, wanted in found]
    root = model_node(presented.model, records, reach)
    graph = composed(root, with_the_model(root, records, reach), presented.tables)
    others = list(_not_named(presented, reach, {source.place for source, _ in found}))
    paths = (*(source.path for source, _ in found), *(path for path, _ in others))
    return replace(_contradicted(graph, [record for _, record in others]), sources=paths)


def composed(root: LineageNode, records: Iterable[LineageRecord], tables: Iterable[tuple[str, str]]) -> LineageGraph:
    """The graph of a model by some records, with the roles of the candidate's tables."""
    whole = merged([LineageRecord((root,)), *records])
    model = next(node for node in whole.nodes if node.path == root.path)
    graph = LineageGraph(
        model.id,
        whole.nodes,
        whole.arrows,
        whole.problems,
        whole.contradictions,
        whole.approvals,
        gaps=whole.gaps,
    )
    found = _with_roles(_with_tables(_judged(graph), tables))
    return replace(found, problems=(*found.problems, *(each.said for each in whole.of_parts if each.counts(found))))


def sourced(graph: LineageGraph) -> LineageGraph:
    """The graph. Raises EvidenceError where it has no source."""
    if not graph.sources:
        known = ", ".join(name for reader in lineage_readers().shipped.values() for name in reader.found_as)
        said = f"no source of lineage lies beside the candidate ({known})"
        raise EvidenceError(f"{said}; add one, or name it in `lineage`", "lineage")
    return graph


def model_node(path: str, records: Iterable[LineageRecord], reach: Reach) -> LineageNode:
    """The model, with the digest of what is here where something could be the model by another name, or approves it."""
    every = list(records)
    others = [pin for record in every for node in record.nodes if node.path != path for pin in node.pins]
    approvals = [approval for record in every for approval in record.approvals]
    own = digest(FileSource(path, reach.workspace), reach).sha256 if others or approvals else ""
    return LineageNode(f"file:{path}", path, (MODEL,), path, content=own)


def with_the_model(root: LineageNode, records: Iterable[LineageRecord], reach: Reach) -> Iterator[LineageRecord]:
    """The records, in which a thing with the model's digest is the model, whatever its source calls it."""
    own = Pin(SHA256, root.content)
    for record in records:
        same = {node.id for node in record.nodes if own in node.pins}
        nodes = tuple(_as(root, node) if node.id in same and not _here(node, reach) else node for node in record.nodes)
        renamed = {old.id: new.id for old, new in zip(record.nodes, nodes, strict=True)}
        arrows = tuple(
            replace(arrow, made=renamed.get(arrow.made, arrow.made), source=renamed.get(arrow.source, arrow.source))
            for arrow in record.arrows
        )
        yield replace(record, nodes=nodes, arrows=arrows)


def _as(root: LineageNode, node: LineageNode) -> LineageNode:
    return replace(node, id=root.id, name=root.name, path=root.path)


def _here(node: LineageNode, reach: Reach) -> bool:
    """Whether a thing is a file of its own in the workspace."""
    return bool(node.path) and SourceFile(node.path, reach).there


def sources_of(presented: Presented, reach: Reach) -> list[tuple[SourceFile, str]]:
    """The sources that a candidate names, each with its format if that is stated, and those beside it."""
    return list(_sources(presented, reach))


def _sources(presented: Presented, reach: Reach) -> Iterator[tuple[SourceFile, str]]:
    for entry in presented.sources:
        yield located_source(entry, presented.folder, presented.model, reach)
    taken = {entry.format for entry in presented.sources}
    here = SourceFile(presented.folder, reach, model=presented.model)
    for reader in lineage_readers().shipped.values() if presented.beside else ():
        found = _first(here, reader.found_as) if reader.name not in taken else None
        if found is not None:
            yield found, ""


def located_source(entry: NamedSource, folder: str, model: str, reach: Reach) -> tuple[SourceFile, str]:
    """Where a source is, and its format. One that is named by its format alone is on the server, if one is named.

    Raises EvidenceError where it is nowhere.
    """
    if entry.path:
        return SourceFile(entry.path, reach, entry.run, model), entry.format
    kind = entry.server or entry.format
    address = dict(reach.servers).get(kind, "")
    if address:
        return SourceFile(posixpath.join(folder, kind), reach, entry.run, model, address), kind
    if entry.server:
        said = f"the candidate's lineage is on the server `{kind}`, and nobody says which that is"
        remedy = f"add `servers: {{{kind}: ADDRESS}}` to the policy, or `--server {kind}=ADDRESS`"
        raise EvidenceError(f"{said}; {remedy}", "lineage")
    names = lineage_readers()[kind].found_as
    found = _first(SourceFile(folder, reach, entry.run, model), names)
    if found is None:
        either = " nor ".join(names)
        said = f"neither {either}" if names[1:] else f"no {either}"
        raise EvidenceError(f"{said} lies beside the candidate; name it by `source.path`", "source")
    return found, kind


def _not_named(presented: Presented, reach: Reach, read: Collection[Path]) -> Iterator[tuple[str, LineageRecord]]:
    """The paths and records of sources beside a candidate that names others, as far as they describe its model.

    They can only contradict those that it names, so that nobody chooses who may speak against a model. One that cannot
    be read, such as a store with the runs of many models, describes none.
    """
    here = SourceFile(presented.folder, reach, model=presented.model)
    for reader in lineage_readers().shipped.values() if not presented.beside else ():
        for source in map(here.below, reader.found_as):
            try:
                told = source.there and source.place not in read and reader.knows(source)
                record = reader.record(source) if told else LineageRecord(())
            except EvidenceError:  # nor does one in a folder that may not be read
                continue
            if any(node.path == presented.model for node in record.nodes):
                yield source.path, record


def _contradicted(graph: LineageGraph, records: Iterable[LineageRecord]) -> LineageGraph:
    """The graph with what other records say against it: other digests of what is fixed already, and contradictions."""
    every = list(records)
    said: dict[str, list[LineageNode]] = {}
    for node in (node for record in every for node in record.nodes if node.path):
        said.setdefault(node.path, []).append(node)
    nodes = tuple(_with_digests(node, said.get(node.path, ())) for node in graph.nodes)
    contradictions = (*graph.contradictions, *(each for record in every for each in record.contradictions))
    return replace(graph, nodes=nodes, contradictions=contradictions)


def _with_digests(node: LineageNode, others: Iterable[LineageNode]) -> LineageNode:
    """A thing that is fixed by a digest, with those that others have recorded of it."""
    if not any(pin.kind in OF_FILES for pin in node.pins):
        return node
    telling = [other for other in others if any(pin.whole and pin.kind in OF_FILES for pin in other.pins)]
    pins = (pin for other in telling for pin in other.pins if pin.whole and pin.kind in OF_FILES)
    named = (said for other in telling for said in other.said_in)
    return replace(
        node, pins=tuple(dict.fromkeys((*node.pins, *pins))), said_in=tuple(dict.fromkeys((*node.said_in, *named)))
    )


def _first(beside: SourceFile, names: Iterable[str]) -> SourceFile | None:
    """The first of some files that is there: of a database of runs and its folder of artifacts, the database."""
    return next((source for source in map(beside.below, names) if source.there), None)


def _judged(graph: LineageGraph) -> LineageGraph:
    """With arrows from the model to the runs that have read it, and to what these have made: its evaluation."""
    readers = {arrow.made for arrow in graph.arrows if arrow.source == graph.root}
    made = dict.fromkeys(arrow.made for arrow in graph.arrows if arrow.source in readers)
    arrows = [LineageArrow(graph.root, name, judged=True) for name in (*sorted(readers), *made)]
    nodes = tuple(_also(node, EVALUATION) if node.id in made else node for node in graph.nodes)
    return replace(graph, nodes=nodes, arrows=(*graph.arrows, *arrows))


def _with_tables(graph: LineageGraph, tables: Iterable[tuple[str, str]]) -> LineageGraph:
    """With the roles of the candidate's tables; a table in a folder that a run has read is a part of that folder."""
    nodes, arrows = dict(graph.by_id), list(graph.arrows)
    paths = {node.path: node for node in graph.nodes if node.path}
    made = {arrow.made for arrow in graph.arrows}
    for path, role in tables:
        folder = next((paths[above] for above in folders_above(path) if above in paths), None)
        part = paths.get(path)
        if part is None and folder is None:
            continue
        part = _also(part or LineageNode(f"file:{path}", path, (), path), role)
        if folder is not None and part.id not in made:
            part = _in_folder(part, folder)
            arrows += [_to_part(graph, run, folder, part) for run in _readers(graph, folder.id, role)]
            arrows.append(LineageArrow(part.id, folder.id))
        nodes[part.id] = part
    return replace(graph, nodes=tuple(nodes.values()), arrows=tuple(arrows))


def folders_above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the nearest first."""
    while path := path.rpartition("/")[0]:
        yield path


def _to_part(graph: LineageGraph, run: str, folder: LineageNode, part: LineageNode) -> LineageArrow:
    """That a run has read a part of a folder, as it has read the folder."""
    whole = next(arrow for arrow in graph.arrows_from(run) if arrow.source == folder.id)
    return replace(whole, source=part.id)


def _in_folder(part: LineageNode, folder: LineageNode) -> LineageNode:
    """A file as a part of a folder, whose digest fixes it where no source has one of its own."""
    pins = part.pins or tuple(Pin(PART, pin.value) for pin in folder.pins)
    return replace(part, pins=pins, said_in=tuple(dict.fromkeys((*part.said_in, *folder.said_in))))


def _readers(graph: LineageGraph, folder: str, role: str) -> list[str]:
    """The runs that have read the part of a folder: of training data those that have not read the model."""
    runs = [arrow.made for arrow in graph.arrows if arrow.source == folder]
    judges = {arrow.made for arrow in graph.arrows if arrow.source == graph.root}
    wanted = {
        TRAINING: [run for run in runs if run not in judges],
        EVALUATION_DATA: [run for run in runs if run in judges],
    }
    return wanted.get(role) or runs


def _with_roles(graph: LineageGraph) -> LineageGraph:
    """With a role for data of which no source says what they are for, by the run that has read them.

    Data of the run that made the model are for training, data of a run that has read the model for evaluation.
    """
    makers = {arrow.source for arrow in graph.arrows if arrow.made == graph.root and not arrow.judged}
    judges = {arrow.source for arrow in graph.arrows if arrow.made == graph.root and arrow.judged}
    said = {TRAINING, EVALUATION_DATA}
    known = {role for node in graph.nodes for role in node.roles} & said
    found: dict[str, LineageNode] = dict(graph.by_id)
    for runs, role in ((makers, TRAINING), (judges, EVALUATION_DATA)):
        for node in _data_of(graph, runs):
            if role not in known and node.id != graph.root:
                found[node.id] = _also(found[node.id], role)
    return replace(graph, nodes=tuple(found.values()))


def _data_of(graph: LineageGraph, runs: Iterable[str]) -> list[LineageNode]:
    """The data that some runs have read, of which no source says what they are for."""
    chosen = {name for name in runs if name in graph.by_id and RUN in graph.by_id[name].roles}
    return [node for name in sorted(chosen) for node in graph.sources_of(name) if node.roles == (DATA,)]


def _also(node: LineageNode, role: str) -> LineageNode:
    """The same thing with another role beside its own; `data` alone is what gives way."""
    roles = dict.fromkeys((*(each for each in node.roles if each != DATA), role))
    return replace(node, roles=tuple(roles))


def roles_of_tables(tables: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The path of each table of a candidate with its role, by the names that tables usually have."""
    roles = {"train": TRAINING, "training": TRAINING, "evaluation": EVALUATION_DATA, "test": EVALUATION_DATA}
    return tuple((path, roles.get(name, DATA)) for name, path in tables.items() if path)
