"""OpenLineage: events of runs, one per line, in a JSON file or in a folder, as clients write them and Marquez answers.

What the events of one run say adds up, and counts once one of them is COMPLETE. A dataset is the same in two runs if it
has the same namespace, name and version there; only a version `sha256:...` fixes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgate.evidence.questions.digest import digest
from mlgate.evidence.sources import FileSource
from mlgate.lineage.graph import (
    BASE_MODEL,
    DATA,
    MODEL,
    PARAMETERS,
    RUN,
    SHA256,
    LineageArrow,
    LineageNode,
    LineageRecord,
    Pin,
    commit_node,
    has_made,
    has_read,
    recorded,
)
from mlgate.lineage.lineage_reader import LineageReader
from mlgate.lineage.roles_of_files import role_of_file
from mlgate.lineage.source_file import SourceFile, digest_of, listing, mapping, outside
from mlgate.values.errors import EvidenceError

_NAMES = ("openlineage.ndjson", "openlineage.jsonl", "openlineage.json")
_LINES = (".ndjson", ".jsonl")
_SCHEMA = b"openlineage.io/spec/"
_ENDED, _BROKEN = "COMPLETE", ("FAIL", "ABORT")
_EMPTIED = ("DROP", "TRUNCATE")
_SHA256 = "sha256:"


@dataclass(frozen=True)
class OpenLineageDataset:
    """A dataset as a run has read or made it."""

    namespace: str
    name: str
    version: str
    model: bool
    """Whether its type is MODEL."""

    @property
    def local(self) -> bool:
        """Whether it is a file by its path from the file of events; other paths are those of another machine."""
        return self.namespace == "file" and not outside(self.name)


@dataclass(frozen=True)
class OpenLineageRun:
    """What all events of one run say together."""

    path: str
    """The file of its events."""
    id: str
    job: str
    events: Sequence[Mapping[str, Any]]

    @property
    def types(self) -> set[str]:
        """The types of its events."""
        return {str(event.get("eventType")) for event in self.events}

    @property
    def complete(self) -> bool:
        """Whether it has ended as it should."""
        return _ENDED in self.types and not self.types & {*_BROKEN}

    def when(self, kind: str) -> str:
        """The time of its event of some type; empty if there is none."""
        return next((str(each.get("eventTime")) for each in self.events if each.get("eventType") == kind), "")

    def datasets(self, key: str) -> tuple[OpenLineageDataset, ...]:
        """Its `inputs` or `outputs`. An event that leaves a version out says nothing else than one that has it."""
        entries = (mapping(entry) for event in self.events for entry in listing(event.get(key)))
        found = dict.fromkeys(_dataset(entry, self.path) for entry in entries if not _emptied(entry))
        versioned = {(each.namespace, each.name) for each in found if each.version}
        return tuple(each for each in found if each.version or (each.namespace, each.name) not in versioned)

    def facets(self, of: str, name: str) -> Iterator[Mapping[str, Any]]:
        """A facet of its `run` or `job`, in each event that has it."""
        yield from filter(None, (_facet(mapping(event.get(of)), name) for event in self.events))


def _recognises(source: SourceFile) -> bool:
    first = next(_files(source), None)
    return first is not None and _SCHEMA in first.head()


def _files(source: SourceFile) -> Iterator[SourceFile]:
    """The files of events: the source, or what lies in it, in the order of their names, which have the time."""
    place = source.place
    names = sorted(os.listdir(place)) if place.is_dir() else []
    every = map(source.below, names) if place.is_dir() else (source,)
    yield from (each for each in every if each.name.endswith((*_LINES, ".json")) and each.place.is_file())


def _read(source: SourceFile) -> LineageRecord:
    runs = list(_runs(source))
    complete = [run for run in runs if run.complete]
    places = _places(source, complete)
    return recorded((item for run in complete for item in _items(source, run, places)), _problems(source, runs))


def _runs(source: SourceFile) -> Iterator[OpenLineageRun]:
    """The runs in the order of their first events. Raises EvidenceError for what is not an event, or without a run."""
    events: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for event in _events(source):
        if "run" in event or not ("job" in event or "dataset" in event):
            events.setdefault(_of(source, event), []).append(event)
    if not events:
        raise EvidenceError(f"{source.path} has no event of a run, so it records nothing; name another file", "lineage")
    names = [name for name, _ in events]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise EvidenceError(f"{source.path} has two jobs for run {twice}; give each run its own id", "lineage")
    yield from (OpenLineageRun(source.path, name, job, found) for (name, job), found in events.items())


def _events(source: SourceFile) -> Iterator[Mapping[str, Any]]:
    """Every event: one per line, or a JSON file that is one, or has a list `events`."""
    for file in _files(source):
        found = file.json_lines() if file.name.endswith(_LINES) else (file.json(),)
        for document in found:
            yield from map(mapping, listing(document["events"])) if "events" in document else (document,)


def _of(source: SourceFile, event: Mapping[str, Any]) -> tuple[str, str]:
    """The run of an event, and its job."""
    run, job = mapping(event.get("run")).get("runId"), mapping(event.get("job"))
    if not all(isinstance(each, str) and each for each in (run, job.get("namespace"), job.get("name"))):
        said = f"{source.path} has an event without `run.runId`, `job.namespace` or `job.name`"
        raise EvidenceError(f"{said}; write it again", "lineage")
    return str(run), f"{job['namespace']}/{job['name']}"


def _dataset(entry: Mapping[str, Any], path: str) -> OpenLineageDataset:
    namespace, name = (str(entry.get(key) or "") for key in ("namespace", "name"))
    version = _facet(entry, "version").get("datasetVersion") or ""
    if not name or not isinstance(version, str):
        what = f"a dataset `{name[:80]}` whose version is not a text" if name else "a dataset without a `name`"
        raise EvidenceError(f"{path} has {what}; write it again", "lineage")
    return OpenLineageDataset(namespace, name, version, _facet(entry, "datasetType").get("datasetType") == "MODEL")


def _emptied(entry: Mapping[str, Any]) -> bool:
    """Whether a run has not made a dataset but removed what was in it."""
    return _facet(entry, "lifecycleStateChange").get("lifecycleStateChange") in _EMPTIED


def _facet(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A facet by its name; empty if there is none, or it was taken back."""
    found = mapping(mapping(holder.get("facets")).get(name))
    return {} if found.get("_deleted") else found


def _places(source: SourceFile, runs: Iterable[OpenLineageRun]) -> Mapping[OpenLineageDataset, str]:
    """The files that are here, from the workspace.

    Of several versions of one file that is the one with its digest, or else the last.
    """
    found: dict[str, list[OpenLineageDataset]] = {}
    for run in runs:
        for each in filter(lambda dataset: dataset.local, (*run.datasets("inputs"), *run.datasets("outputs"))):
            found.setdefault(source.from_here(each.name), []).append(each)
    places: dict[OpenLineageDataset, str] = {}
    for path, every in found.items():
        versions = [*dict.fromkeys(each.version for each in every if each.version)]
        here = _version_here(path, versions, source) if len(versions) > 1 else ""
        places |= {each: path for each in every if not here or each.version == here}
    return places


def _version_here(path: str, versions: Sequence[str], source: SourceFile) -> str:
    if not SourceFile(path, source.reach).there:
        return versions[-1]
    now = digest(FileSource(path, source.reach.workspace), source.reach).sha256
    return next((each for each in versions if each.lower() == f"{_SHA256}{now}"), versions[-1])


def _items(
    source: SourceFile, run: OpenLineageRun, places: Mapping[OpenLineageDataset, str]
) -> Iterator[LineageNode | LineageArrow]:
    """A run that has made its outputs from its inputs, code and parameters."""
    name, said = f"openlineage:{run.id}", f"{source.path}: run {run.id}"
    started, ended = run.when("START"), run.when(_ENDED)
    yield LineageNode(name, f"run of {run.job}", (RUN,), said_in=(said,), started=started, ended=ended)
    outputs = run.datasets("outputs")
    trains = any(each.model for each in outputs)
    inputs = (_node(each, BASE_MODEL if trains else MODEL, places, said) for each in run.datasets("inputs"))
    for node in (*inputs, *_code(run, said), *_parameters(run, name, said)):
        yield node
        yield has_read(name, node)
    for each in outputs:
        node = _node(each, MODEL, places, said)
        yield node
        yield has_made(name, node)


def _node(
    of: OpenLineageDataset, role_of_model: str, places: Mapping[OpenLineageDataset, str], said: str
) -> LineageNode:
    path, hashed = places.get(of, ""), of.version.lower().startswith(_SHA256)
    pins = (Pin(SHA256, of.version.lower().removeprefix(_SHA256)),) if hashed else ()
    labels = (f"version {of.version}",) if of.version and not hashed else ()
    name = path or f"{of.namespace} {of.name}".strip()
    role = role_of_model if of.model else role_of_file(of.name) if of.local else DATA
    key = f"file:{path}" if path else f"openlineage:{of.namespace}:{of.name}@{of.version}"
    return LineageNode(key, name, (role,), path, pins, labels, (said,))


def _code(run: OpenLineageRun, said: str) -> Iterator[LineageNode]:
    """The commit of the job's code; without one the tag or branch, which fix nothing."""
    for facet in run.facets("job", "sourceCodeLocation"):
        named = next((str(facet[key]) for key in ("version", "tag", "branch") if facet.get(key)), "")
        if named:
            yield commit_node(named, said)


def _parameters(run: OpenLineageRun, name: str, said: str) -> Iterator[LineageNode]:
    for facet in run.facets("run", "executionParameters"):
        values = [[each.get("key"), each.get("value")] for each in map(mapping, listing(facet.get("parameters")))]
        if values:
            pins = (Pin("values", digest_of(sorted(values, key=str))),)
            yield LineageNode(
                f"{name}:parameters", f"parameters of run of {run.job}", (PARAMETERS,), "", pins, (), (said,)
            )


def _problems(source: SourceFile, runs: Sequence[OpenLineageRun]) -> Iterator[str]:
    """Runs that have not ended as they should, and whose job no other run has completed."""
    completed = {run.job for run in runs if run.complete}
    for run in runs:
        if run.job not in completed:
            broken = next((each for each in _BROKEN if each in run.types), "")
            what = f"ended by {broken}" if broken else f"has no event {_ENDED}"
            yield f"run {run.id} of job {run.job} in {source.path} {what}, so nothing that it made counts; run it again"


READER = LineageReader("openlineage", "events of OpenLineage", _NAMES, _recognises, _read)
