"""MLflow: the run that has logged the model, from its database, its folder `mlruns`, or a tracking server.

MLflow records no digest of a model, and eight digits of the first rows of a dataset: they name it and fix nothing. The
folders that it records are those of the machine of the training, and are never followed.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mlgate.lineage.approvals import Approval
from mlgate.lineage.graph import (
    DATA,
    ENVIRONMENT,
    EVALUATION,
    EVALUATION_DATA,
    MODEL,
    PARAMETERS,
    RUN,
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
from mlgate.lineage.mlflow_server import ServerStore
from mlgate.lineage.mlflow_store import (
    ACTIVE,
    FINISHED,
    DatabaseStore,
    FolderStore,
    MlflowDataset,
    MlflowRun,
    MlflowStore,
    meant,
)
from mlgate.lineage.source_file import SourceFile, digest_of, outside
from mlgate.lineage.supplied import Offer, Supplied
from mlgate.values.errors import EvidenceError

DATABASE, FOLDER = "mlflow.db", "mlruns"
_ARTIFACTS = re.compile(r"(?:^|/)models/(m-[0-9a-f]{32})/artifacts(?=/|$)")
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
_CONTEXTS = dict.fromkeys(("train", "training"), TRAINING) | dict.fromkeys(
    ("dev", "eval", "evaluation", "test", "testing", "val", "valid", "validation"), EVALUATION_DATA
)
"""What data are for, by the context that they were logged with."""
_TREES: dict[str, Cleanliness] = {"false": "clean", "true": "dirty"}
_ENVIRONMENTS = ("requirements.txt", "conda.yaml", "python_env.yaml")
_RUN_ID, _JUDGED = re.compile(r"[0-9a-f]{32}"), "evaluation"
_PART = Pin("part of", "the model")
"""What fixes a file in the folder that is judged as the model: it cannot change without the digest of the model."""
_SQLITE = b"SQLite format 3\0"


def _recognises(source: SourceFile) -> bool:
    place = source.place
    if place.is_dir():
        return any(place.glob("*/meta.yaml")) or source.name == FOLDER
    if not place.is_file():
        return False
    with place.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE


def _read(source: SourceFile) -> LineageRecord:
    store, here = _opened(source), _logged(source)
    logged_by = store.run_of(here.model) if here.model else ""
    name, wanted = meant(store, source.run, source.said) if source.run else ("", "")
    run = _active(store, name or logged_by or _only(store, source), source.said)
    items = (*_items(source, run, here), *_approvals(source, run))
    return recorded(items, _problems(source, run), _wrong(run, logged_by, here.model, wanted))


def _active(store: MlflowStore, name: str, shown: str) -> MlflowRun:
    """A run that is not deleted. Raises EvidenceError where there is none."""
    run = store.run(name)
    if run is None or run.stage != ACTIVE:
        what = "no run" if run is None else "only a deleted run"
        raise EvidenceError(f"{shown} has {what} `{name[:80]}`; name the run that made the model by `run`", "lineage")
    return run


def _opened(source: SourceFile) -> MlflowStore:
    """The store in a file or folder, or on a server."""
    if source.server:
        return ServerStore(source.server)
    return FolderStore(source) if source.place.is_dir() else DatabaseStore(source)


@dataclass(frozen=True)
class LoggedModel:
    """The model that is asked about, as MLflow has named it."""

    model: str = ""
    """Its id; empty where neither its path nor the file `MLmodel` says it."""
    folder: str = ""
    """The folder of its files, from the workspace."""


def _logged(source: SourceFile) -> LoggedModel:
    """By the folder that it lies in, as MLflow names it, or the `MLmodel` in it or beside it, which a download has."""
    found = _ARTIFACTS.search(source.model)
    if found:
        return LoggedModel(found.group(1), source.model[: found.end()])
    for folder in (source.model, posixpath.dirname(source.model)):
        described = SourceFile(posixpath.join(folder, "MLmodel"), source.reach)
        if described.there:
            stated = str(described.yaml().get("model_id") or "")
            return LoggedModel(stated if _MODEL_ID.fullmatch(stated) else "", folder)
    return LoggedModel()


def _only(store: MlflowStore, source: SourceFile) -> str:
    """The only run of a store."""
    found = store.runs()
    if len(found) != 1:
        said = f"{source.said} has {len(found):,} runs, and the model does not lie in the artifacts of one"
        raise EvidenceError(f"{said}; name the run that made it by `run`", "lineage")
    return found[0]


def _items(source: SourceFile, run: MlflowRun, here: LoggedModel) -> Iterator[LineageNode | LineageArrow]:
    name, said = f"mlflow:{run.id}", f"{source.said}: run {run.id}"
    by = run.tags.get("mlflow.user", "")
    yield LineageNode(name, f"run {run.name}", (RUN,), said_in=(said,), started=run.started, ended=run.ended, by=by)
    for node in (*_code(run, said), *_parameters(run, said), *_datasets(source, run, said)):
        yield node
        yield LineageArrow(name, node.id)
    if here.model in run.models:
        yield from _model(source, run, here, said)


def _approvals(source: SourceFile, run: MlflowRun) -> Iterator[Approval]:
    """An approval by tags. An alias or a stage is none: it says neither who, nor when, nor for which bytes."""
    by, when, model = (run.tags.get(f"mlgate.approved_{part}", "") for part in ("by", "at", "sha256"))
    if by:
        yield Approval(by, model.lower().removeprefix("sha256:"), when, f"{source.said}: run {run.id}", "mlflow")


def _code(run: MlflowRun, said: str) -> Iterator[LineageNode]:
    commit = run.tags.get("mlflow.source.git.commit", "")
    if commit:
        tree = _TREES.get(run.tags.get("mlflow.source.git.dirty", "").lower(), "unknown")
        yield commit_node(commit, said, tree)


def _parameters(run: MlflowRun, said: str) -> Iterator[LineageNode]:
    if run.params:
        pins = (Pin("values", digest_of(dict(run.params))),)
        yield LineageNode(
            f"mlflow:{run.id}:params", f"parameters of run {run.name}", (PARAMETERS,), "", pins, (), (said,)
        )


def _datasets(source: SourceFile, run: MlflowRun, said: str) -> Iterator[LineageNode]:
    for dataset in run.datasets:
        role, stated = _role(dataset) or DATA, _address(dataset)
        path = source.from_here(stated) if stated and not outside(stated) else ""
        context = "" if _role(dataset) else f", context `{dataset.context[:40]}`" if dataset.context else ", no context"
        labels = (f"dataset {dataset.name}, MLflow's digits {dataset.digest}{context}",)
        name = f"file:{path}" if path else f"mlflow:dataset:{dataset.name}:{dataset.digest}"
        yield LineageNode(name, path or stated or dataset.name, (role,), path, (), labels, (said,))


def _role(dataset: MlflowDataset) -> str:
    """What data are for; empty where their context does not say it."""
    return _CONTEXTS.get(dataset.context.strip().lower(), "")


def _address(dataset: MlflowDataset) -> str:
    try:
        found = json.loads(dataset.source) if dataset.source else {}
    except (ValueError, RecursionError):
        return ""
    stated = (
        next((found[key] for key in ("uri", "url", "path") if found.get(key)), "") if isinstance(found, dict) else ""
    )
    return str(stated).removeprefix("file://")


def _model(source: SourceFile, run: MlflowRun, here: LoggedModel, said: str) -> Iterator[LineageNode | LineageArrow]:
    """The model in the artifacts of the run, with the environment that lies beside it and what was measured of it."""
    root, name = f"file:{source.model}", f"mlflow:{run.id}"
    yield LineageNode(root, source.model, (MODEL,), source.model, (), (), (said,), ended=run.ended)
    yield LineageArrow(root, name)
    beside = [posixpath.join(here.folder, each) for each in _ENVIRONMENTS]
    for path in [each for each in beside if SourceFile(each, source.reach).there][:1]:
        inside = (_PART,) if here.folder == source.model else ()
        yield LineageNode(f"file:{path}", path, (ENVIRONMENT,), path, inside, (), (said,))
        yield LineageArrow(name, f"file:{path}")
    if run.metrics:
        pins = (Pin("values", digest_of([[each.name, each.value] for each in run.metrics])),)
        result = LineageNode(
            f"mlflow:{run.id}:metrics", f"metrics of run {run.name}", (EVALUATION,), "", pins, (), (said,)
        )
        yield result
        yield LineageArrow(root, result.id, judged=True)


def _problems(source: SourceFile, run: MlflowRun) -> Iterator[str]:
    if run.status != FINISHED:
        yield f"run `{run.id}` in {source.said} is {run.status}, not FINISHED; train again, or name a run that ended"


def _wrong(run: MlflowRun, logged_by: str, model: str, wanted: str) -> Iterator[str]:
    if wanted and model and model != wanted:
        yield f"the model is {model}, and the candidate names {wanted} of run {run.id}; fetch that, or correct `run`"
    if logged_by and logged_by != run.id:
        yield f"the model was logged by run {logged_by}, and the candidate names run {run.id}; correct `run`"
    evaluated = {each.digest for each in run.datasets if _role(each) == EVALUATION_DATA}
    for metric in run.metrics:
        if metric.dataset and evaluated and metric.dataset not in evaluated:
            said = f"metric `{metric.name}` of run {run.id} was measured on other data"
            yield f"{said}: {metric.dataset}; measure it on the evaluation data of the run"


def _supplied(source: SourceFile) -> Supplied:
    """The files of a candidate whose model a run has logged."""
    store = _opened(source)
    name, wanted = meant(store, source.run, source.said)
    run = _active(store, name, source.said)
    if run.status != FINISHED:
        raise EvidenceError(f"run {run.id} in {source.said} is {run.status}, not {FINISHED}; name one that ended")
    said = f"run {run.id}"
    models = tuple(each for each in run.models if each == wanted or not wanted)
    tables = {name: _table(source, run, role, name) for role, name in ((TRAINING, "train"), (EVALUATION_DATA, _JUDGED))}
    return Supplied(said, _model_of(source, models, said), _predictions(source, run), tables)


def _model_of(source: SourceFile, models: tuple[str, ...], said: str) -> Offer:
    """The folder of the model that the run has logged, or the candidate's own where its `MLmodel` says that it is."""
    if not models:
        none = "has logged no model that is not deleted"
        return Offer(remedy=f"{said} {none}; name a run that has", wrong=f"is not of {said}, which {none}")
    if source.model:
        here = _logged(source).model
        which = f"the model {here}" if here else "no model that MLflow has logged, for it has no `MLmodel`"
        wrong = "" if here in models else f"is {which}, and not {' or '.join(models)}"
        return Offer(source.model, (source.model,), wrong=wrong)
    if len(models) > 1:
        return Offer(remedy=f"{said} has logged {', '.join(models)}; name one, as `source: {{mlflow: models:/m-...}}`")
    folder = _found(source, f"*/models/{models[0]}/artifacts") if _MODEL_ID.fullmatch(models[0]) else ""
    fetch = f"mlflow artifacts download --artifact-uri models:/{models[0]} --dst-path model"
    remedy = f"the files of {models[0]} are not here; fetch them by `{fetch}`, and add `model: {{path: model}}`"
    return Offer(folder, (folder,) if folder else (), remedy)


def _found(source: SourceFile, pattern: str) -> str:
    """The only thing of a pattern in the folder of runs that lies here; empty if there is none, or several."""
    if source.server:
        return ""
    runs = source if source.place.is_dir() else source.beside(FOLDER)
    found = sorted(runs.place.glob(pattern)) if runs.there else []
    return runs.below(found[0].relative_to(runs.place).as_posix()).path if len(found) == 1 else ""


def _predictions(source: SourceFile, run: MlflowRun) -> Offer:
    """The file `predictions` with its extension among the artifacts of the run."""
    found = _found(source, f"*/{run.id}/artifacts/predictions.*") if _RUN_ID.fullmatch(run.id) else ""
    remedy = f"run {run.id} has no artifact `predictions.*` here; log one, or name the file by `predictions.path`"
    return Offer(found, (found,) if found else (), remedy)


def _table(source: SourceFile, run: MlflowRun, role: str, name: str) -> Offer:
    """The dataset that the run has logged for training or evaluation."""
    stated = [_address(each) for each in run.datasets if _role(each) == role]
    here = tuple(source.from_here(each) for each in stated if each and not outside(each))
    which = f"has {', '.join(each or 'one without a source' for each in stated)}" if stated else "names none"
    remedy = f"run {run.id} {which} as data for `{name}`, which is not a file here; name it by `tables.{name}.path`"
    whole = len(here) == len(stated)
    return Offer(here[0] if len(here) == 1 and whole else "", here if whole else (), remedy)


READER = LineageReader(
    "mlflow",
    "a database or folder of runs of MLflow",
    (DATABASE, FOLDER),
    _recognises,
    _read,
    served=True,
    supplies=_supplied,
)
