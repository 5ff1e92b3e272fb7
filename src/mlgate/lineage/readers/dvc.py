"""DVC: the stages of `dvc.lock`, and the data that a `.dvc` file holds.

A lock can be written by hand, so it says what DVC recorded and no more. Digests of DVC before 3 are of texts with their
line ends changed; nothing can be compared with them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
from mlgate.lineage.python_parameters import values_of_python
from mlgate.lineage.roles_of_files import role_of_file
from mlgate.lineage.source_file import SourceFile, digest_of, listing, mapping, outside
from mlgate.lineage.supplied import Offer, Supplied
from mlgate.values.errors import EvidenceError
from mlgate.values.words import did_you_mean

LOCK, STAGES, TRACKED = "dvc.lock", "dvc.yaml", ".dvc"
_FOLDER, _PARAMS, _DIGITS = ".dir", "params.yaml", 6


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
    wanted = mapping(declared.yaml().get("stages"))
    problems = tuple(_differences(lock.path, wanted, stages))
    items = (item for name, stage in stages.items() for item in _stage(lock, name, mapping(stage), wanted))
    return recorded(items, problems)


def _stage(
    lock: SourceFile, name: str, stage: Mapping[str, Any], declared: Mapping[str, Any]
) -> Iterator[LineageNode | LineageArrow]:
    """A stage: a run that has made its outputs from what it depends on."""
    run = f"dvc:{lock.path}:{name}"
    said = f"{lock.path}: stages.{name}"
    wanted = _declaration(declared, name)
    here, whole = _working(lock, wanted, said), [file for file, names in _names(wanted).items() if not names]
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
        f"url:{stated}" if elsewhere else f"file:{path}", path or stated, (role,), path, pins, (*old, *labels), (said,)
    )


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
    document = _values(lock.beside(file))
    recorded, now = _flat(values), dict[str, str]()
    for name in mapping(values):
        now |= _flat(_value(document, name), name)
    differ = [name for name in {**recorded, **now} if not _same(recorded.get(name), now.get(name))]
    state, why = "verified", f"the values are those of {path}"
    if differ:
        name = differ[0]
        was, found = recorded.get(name, "not recorded") or "empty", now.get(name, "nothing") or "empty"
        state, why = "contradicted", f"{name} was {was}, and {path} says {found}"
    return LineageNode(
        f"{run}:parameters:{path}", f"parameters of {path}", (PARAMETERS,), "", (Pin("values", digest_of(values)),),
        said_in=(said,), state=state, why=why,  # type: ignore[arg-type]  # one of two states
    )  # fmt: skip


def _values(file: SourceFile) -> Mapping[str, Any]:
    """The parameters in a file, whose format its name tells; without such a name it is YAML, as DVC has it."""
    ending = posixpath.splitext(file.name)[1].lower()
    if not file.there:
        return {}
    if ending == ".py":
        return values_of_python(file.text(), file.path)
    return file.json() if ending == ".json" else file.toml() if ending == ".toml" else file.yaml()


def _value(document: object, name: str) -> object:
    """The value of a parameter by its dotted name; None if there is none. An empty name is all of them."""
    for part in [name] if name in mapping(document) or not name else name.split("."):
        if isinstance(document, list) and part.isdecimal() and len(part) < _DIGITS and int(part) < len(document):
            document = document[int(part)]
        elif name:
            if part not in mapping(document):
                return None
            document = mapping(document)[part]
    return "" if document is None else document


def _same(one: str | None, other: str | None) -> bool:
    """Whether two texts are one value: DVC writes 1e-3 as 0.001."""
    if one is None or other is None or one == other:
        return one == other
    if {one.lower(), other.lower()} <= {"null", "none", "~", ""} or one.lower() == other.lower() in ("true", "false"):
        return True
    try:
        return _number(one) == _number(other)
    except (ValueError, OverflowError):
        return False


def _number(text: str) -> int | float:
    """A number as YAML writes it: 16 and 0x10, 0.001 and 1e-3."""
    if text[:2] in ("0x", "0o"):
        return int(text, 0)
    return int(text) if text.lstrip("+-").replace("_", "").isdecimal() else float(text)


def _flat(values: object, above: str = "") -> dict[str, str]:
    """The values of parameters by their dotted names, those of a list by their numbers."""
    if values is None or not isinstance(values, dict | list) or not values:
        return {} if values is None else {above: str(values)}
    found: dict[str, str] = {}
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        found |= _flat("" if value is None else value, f"{above}.{key}" if above else str(key))
    return found


def _declaration(declared: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A stage in dvc.yaml; of one that a loop makes what the loop repeats."""
    stage = mapping(declared.get(name)) or mapping(declared.get(name.partition("@")[0]))
    return mapping(stage.get("do")) or stage


def _working(source: SourceFile, stage: Mapping[str, Any], said: str) -> SourceFile:
    """The source as if it lay in the stage's folder, from which its paths are stated."""
    folder = str(stage.get("wdir") or "")
    if "${" in folder:
        raise EvidenceError(f"{said} has a `wdir` from a variable, which mlgate does not read; write it out", "lineage")
    return source.beside(posixpath.join(folder, source.name)) if folder else source


def _names(stage: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of the parameters of a stage by their files; none where the whole file is meant."""
    found: dict[str, list[str]] = {}
    for entry in listing(stage.get("params")):
        for file, names in entry.items() if isinstance(entry, dict) else [(_PARAMS, [entry])]:
            found.setdefault(file, []).extend(map(str, listing(names)))
    return found


def _differences(lock: str, declared: Mapping[str, Any], locked: Mapping[str, Any]) -> Iterator[str]:
    """In what a lock is not that of its `dvc.yaml`. Names of several stages and of files may come from variables."""
    several = {name.partition("@")[0] for name in locked if "@" in name}
    for name in declared:
        if name not in locked and name not in several:
            yield f"{lock} has no stage `{name}`; run `dvc repro` and commit the lock"
    for name, stage in locked.items():
        if name.partition("@")[0] not in declared:
            yield f"{lock} has a stage `{name}` that dvc.yaml does not have; run `dvc repro` and commit the lock"
        elif "@" not in name:
            yield from _stage_differences(lock, name, mapping(declared[name]), mapping(stage))


def _stage_differences(lock: str, name: str, wanted: Mapping[str, Any], stage: Mapping[str, Any]) -> Iterator[str]:
    asked = {"cmd": [_command(wanted.get("cmd"))], "deps": _paths(wanted.get("deps")), "outs": _outputs(wanted)}
    asked["params"] = sorted(name for names in _names(wanted).values() for name in names)
    whole = [file for file, names in _names(wanted).items() if not names]
    locked = mapping(stage.get("params")).items()
    found = {
        "cmd": [_command(stage.get("cmd"))],
        "deps": sorted(str(mapping(each).get("path")) for each in listing(stage.get("deps"))),
        "outs": sorted(str(mapping(each).get("path")) for each in listing(stage.get("outs"))),
        "params": sorted(name for file, values in locked if file not in whole for name in mapping(values)),
    }
    for key, texts in asked.items():
        if texts != found[key] and "${" not in "".join(texts):
            yield f"`{key}` of stage `{name}` is not that of dvc.yaml in {lock}; run `dvc repro` and commit the lock"


def _command(command: object) -> str:
    return "\n".join(map(str, command)) if isinstance(command, list) else str(command or "").strip()


def _outputs(stage: Mapping[str, Any]) -> list[str]:
    return sorted(name for key in ("outs", "metrics", "plots") for name in _paths(stage.get(key)))


def _paths(entries: object) -> list[str]:
    """The paths of a list whose entries are paths, or a path with options."""
    return sorted(next(iter(each), "") if isinstance(each, dict) else str(each) for each in listing(entries))


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
    document = lock.beside(STAGES).yaml()
    if source.run not in stages:
        hint = did_you_mean(source.run, stages) or f"; its stages are {', '.join(list(stages)[:20]) or 'none'}"
        raise EvidenceError(f"{lock.path} has no stage `{source.run[:80]}`{hint}", "source")
    declared = mapping(document.get("stages"))
    files = {name: _files(lock, name, mapping(stage), declared) for name, stage in stages.items()}
    said = f"stage `{source.run}` of {lock.path}"
    model = _model_of(lock, files[source.run].makes, document, said)
    chosen = source.model or model.path
    judges = [
        of for name, of in files.items() if name != source.run and any(_covers(each, chosen) for each in of.reads)
    ]
    return Supplied(said, model, _predictions(judges, chosen), _tables(files[source.run], judges, chosen, said))


def _files(lock: SourceFile, name: str, stage: Mapping[str, Any], declared: Mapping[str, Any]) -> _Files:
    wanted = _declaration(declared, name)
    said = f"{lock.path}: stages.{name}"
    here = _working(lock, wanted, said)
    read = [node for entry in listing(stage.get("deps")) if (node := _file(here, mapping(entry), said)).path]
    beside = {here.from_here(path) for key in ("metrics", "plots") for path in _paths(wanted.get(key))}
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
