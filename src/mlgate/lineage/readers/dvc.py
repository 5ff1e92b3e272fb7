"""DVC: the stages of `dvc.lock`, and the data that a `.dvc` file holds.

A lock can be written by hand, so it says what DVC recorded and no more. Digests of DVC before 3 are of texts with their
line ends changed; nothing can be compared with them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgate.lineage.dvc_parameters import flat_values, same_value, value_of, values_in
from mlgate.lineage.dvc_stages import LOCK, STAGES, DvcStages, names_of, paths_of, run_of
from mlgate.lineage.graph import (
    COMMIT,
    DATA,
    DVC_FOLDER,
    MD5,
    PARAMETERS,
    RUN,
    LineageArrow,
    LineageNode,
    LineageRecord,
    Pin,
    has_made,
    has_read,
    recorded,
)
from mlgate.lineage.lineage_reader import LineageReader
from mlgate.lineage.roles_of_files import role_of_file
from mlgate.lineage.source_file import SourceFile, digest_of, listing, mapping, outside
from mlgate.lineage.supplied import Offer, Supplied
from mlgate.values.errors import EvidenceError
from mlgate.values.words import did_you_mean

TRACKED, _FOLDER = ".dvc", ".dir"
_OLD = (
    "DVC before 3 has recorded its digest, for which it changed line ends; run `dvc commit` of DVC 3 to record it again"
)


def _recognises(source: SourceFile) -> bool:
    return source.name in (LOCK, STAGES) or source.name.endswith(TRACKED)


def _read(source: SourceFile) -> LineageRecord:
    if source.name.endswith(TRACKED):
        return recorded(_tracked(source))
    lock = source.beside(LOCK)
    stages = mapping(lock.yaml().get("stages"))
    if not stages:
        raise EvidenceError(f"{lock.path} has no stages, so it records nothing; run `dvc repro`", "lineage")
    declared = lock.beside(STAGES)
    if not declared.there:
        raise EvidenceError(f"{declared.path} is not beside its lock; add the file to the commit", "lineage")
    wanted = DvcStages(declared, declared.yaml())
    problems = tuple(wanted.differences(lock, stages))
    items = (item for name, stage in stages.items() for item in _stage(lock, name, mapping(stage), wanted))
    return recorded(items, of_parts=problems)


def _stage(
    lock: SourceFile, name: str, stage: Mapping[str, Any], declared: DvcStages
) -> Iterator[LineageNode | LineageArrow]:
    """A stage: a run that has made its outputs from what it depends on."""
    run = run_of(lock, name)
    said = f"{lock.path}: stages.{name}"
    wanted = declared.declaration(name)
    here, whole = _working(lock, wanted, said), [file for file, names in names_of(wanted).items() if not names]
    yield LineageNode(run, f"stage {name}", (RUN,), said_in=(said,))
    for entry in listing(stage.get("deps")):
        node = _file(here, mapping(entry), said)
        yield node
        yield has_read(run, node)
        yield from _imported(lock, node)
    for file, values in mapping(stage.get("params")).items():
        parameters = _parameters(here, run, file, {"": values} if file in whole else values, said)
        yield parameters
        yield LineageArrow(run, parameters.id)
    for entry in listing(stage.get("outs")):
        node = _file(here, mapping(entry), said)
        yield node
        yield has_made(run, node)


def _file(lock: SourceFile, entry: Mapping[str, Any], said: str) -> LineageNode:
    """A file or folder of a stage, with its digest."""
    stated, digest = str(entry.get("path") or ""), str(entry.get("md5") or "")
    if not stated:
        raise EvidenceError(f"{said} names a file without a `path`; run `dvc repro` again", "lineage")
    elsewhere = outside(stated)
    path = "" if elsewhere else lock.from_here(stated)
    folder = digest.endswith(_FOLDER)
    exact = "hash" in entry
    pins = (Pin(DVC_FOLDER if folder else MD5, digest),) if digest and exact else ()
    old = ("a digest of DVC before 3",) if digest and not exact else ()
    labels = tuple(f"{key} {entry[key]}" for key in ("etag", "checksum", "version_id") if entry.get(key))
    role = DATA if folder or elsewhere else role_of_file(path)
    return LineageNode(
        f"url:{stated}" if elsewhere else f"file:{path}", path or stated, (role,), path, pins, (*old, *labels), (said,),
        why=_OLD if old else "",
    )  # fmt: skip


def _imported(lock: SourceFile, node: LineageNode) -> Iterator[LineageNode | LineageArrow]:
    """Where data came from, as the `.dvc` file beside them says."""
    tracked = SourceFile(f"{node.path}{TRACKED}", lock.reach)
    if node.path and tracked.there:
        yield from _tracked(tracked)


def _tracked(source: SourceFile) -> Iterator[LineageNode | LineageArrow]:
    """The data of a `.dvc` file, and the repository or address that they were imported from."""
    document = source.yaml()
    said = source.path
    here = _working(source, document, said)
    outs = [_file(here, mapping(entry), said) for entry in listing(document.get("outs"))]
    yield from outs
    for entry in map(mapping, listing(document.get("deps"))):
        origin = _origin(here, entry, said)
        yield origin
        yield from (LineageArrow(node.id, origin.id) for node in outs)


def _origin(source: SourceFile, entry: Mapping[str, Any], said: str) -> LineageNode:
    repository = mapping(entry.get("repo"))
    if not repository:
        return _file(source, entry, said)
    url, commit = str(repository.get("url") or ""), str(repository.get("rev_lock") or "")
    name = f"{url} {entry.get('path') or ''}".strip()
    label = (str(repository["rev"]),) if repository.get("rev") else ()
    return LineageNode(
        f"import:{name}@{commit}", name, (DATA,), "", (Pin(COMMIT, commit),) if commit else (), label, (said,)
    )


def _parameters(lock: SourceFile, run: str, file: str, values: object, said: str) -> LineageNode:
    """The parameters of a stage, compared with the file that holds them now."""
    path = lock.from_here(file)
    document = values_in(lock.beside(file))
    recorded, now = flat_values(values), dict[str, str]()
    for name in mapping(values):
        now |= flat_values(value_of(document, name), name)
    differ = [name for name in {**recorded, **now} if not same_value(recorded.get(name), now.get(name))]
    state, why = "verified", f"the values are those of {path}"
    if differ:
        name = differ[0]
        was, found = recorded.get(name, "not recorded") or "empty", now.get(name, "nothing") or "empty"
        state, why = "contradicted", f"{name} was {was}, and {path} says {found}"
    return LineageNode(
        f"{run}:parameters:{path}", f"parameters of {path}", (PARAMETERS,), "", (Pin("values", digest_of(values)),),
        said_in=(said,), state=state, why=why,  # type: ignore[arg-type]  # one of two states
    )  # fmt: skip


def _working(source: SourceFile, stage: Mapping[str, Any], said: str) -> SourceFile:
    """The source as if it lay in the stage's folder, from which its paths are stated."""
    folder = str(stage.get("wdir") or "")
    if "${" in folder:
        raise EvidenceError(f"{said} has a `wdir` from a variable, which mlgate does not read; write it out", "lineage")
    return source.beside(posixpath.join(folder, source.name)) if folder else source


@dataclass(frozen=True)
class _Files:
    """The files of a stage, from the workspace."""

    data: tuple[str, ...]
    """The data and models that it reads."""
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    """Without metrics and plots."""


def _supplied(source: SourceFile) -> Supplied:
    """The files of a candidate whose model a stage has made."""
    lock = source.beside(LOCK)
    stages = mapping(lock.yaml().get("stages"))
    source_of_stages = lock.beside(STAGES)
    document = source_of_stages.yaml()
    if source.run not in stages:
        hint = did_you_mean(source.run, stages) or f"; its stages are {', '.join(list(stages)[:20]) or 'none'}"
        raise EvidenceError(f"{lock.path} has no stage `{source.run[:80]}`{hint}", "source")
    declared = DvcStages(source_of_stages, document)
    files = {name: _files(lock, name, mapping(stage), declared) for name, stage in stages.items()}
    said = f"stage `{source.run}` of {lock.path}"
    model = _model_of(lock, files[source.run].makes, document, said)
    chosen = source.model or model.path
    judges = [
        of for name, of in files.items() if name != source.run and any(_covers(each, chosen) for each in of.reads)
    ]
    return Supplied(said, model, _predictions(judges, chosen), _tables(files[source.run], judges, chosen, said))


def _files(lock: SourceFile, name: str, stage: Mapping[str, Any], declared: DvcStages) -> _Files:
    wanted = declared.declaration(name)
    said = f"{lock.path}: stages.{name}"
    here = _working(lock, wanted, said)
    read = [node for entry in listing(stage.get("deps")) if (node := _file(here, mapping(entry), said)).path]
    beside = {here.from_here(path) for key in ("metrics", "plots") for path in paths_of(wanted.get(key))}
    made = [_file(here, mapping(entry), said).path for entry in listing(stage.get("outs"))]
    data = tuple(node.path for node in read if node.roles == (DATA,))
    return _Files(data, tuple(node.path for node in read), tuple(path for path in made if path and path not in beside))


def _covers(whole: str, part: str) -> bool:
    """Whether a path is another, or lies in it."""
    return bool(part) and (part == whole or part.startswith(f"{whole}/"))


def _model_of(lock: SourceFile, made: tuple[str, ...], document: Mapping[str, Any], said: str) -> Offer:
    """The model among what a stage has made: what `artifacts` of dvc.yaml call a model, or else all of it."""
    artifacts = [mapping(each) for each in mapping(document.get("artifacts")).values()]
    called = {lock.from_here(str(each.get("path"))) for each in artifacts if each.get("type") == "model"}
    models = tuple(path for path in made if path in called) or made
    which = f"makes {', '.join(models)}" if models else "makes no file"
    remedy = f"{said} {which}; name the model by `model.path`, or in `artifacts` of dvc.yaml with `type: model`"
    return Offer(models[0] if len(models) == 1 else "", models, remedy, "" if made else f"is named, and {said} {which}")


def _predictions(judges: list[_Files], model: str) -> Offer:
    made = tuple(dict.fromkeys(path for of in judges for path in of.makes))
    which = f"make {', '.join(made)}" if made else "make no file that is not a metric"
    said = f"the stages that read {model} {which}" if judges else f"no stage of dvc.lock reads {model or 'the model'}"
    return Offer(made[0] if len(made) == 1 else "", made, f"{said}; name the predictions by `predictions.path`")


def _tables(maker: _Files, judges: list[_Files], model: str, said: str) -> dict[str, Offer]:
    """The data of the stage that made the model, and those of the stages that read it."""
    judged = tuple(dict.fromkeys(path for of in judges for path in of.data if not _covers(path, model)))
    both = {*maker.data} & {*judged}
    found = {}
    for name, data, whose in (("train", maker.data, said), ("evaluation", judged, "the stages that read the model")):
        read = f"of {whose}: {', '.join(data)}" if data else f"{whose} reads no data" if judges else "nothing reads it"
        remedy = f"it is not clear which data are `tables.{name}` ({read}); name them by `tables.{name}.path`"
        found[name] = Offer(data[0] if len(data) == 1 and not both else "", data, remedy)
    return found


READER = LineageReader(
    "dvc", "a dvc.lock, dvc.yaml or .dvc file of DVC", (LOCK,), _recognises, _read, supplies=_supplied
)
