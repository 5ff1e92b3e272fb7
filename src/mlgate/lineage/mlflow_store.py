"""A run of MLflow, as its database or its folder of files has it, and what a run is meant. MLflow is not used."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from mlgate.lineage.source_file import SourceFile, mapping
from mlgate.values.errors import EvidenceError

ACTIVE, FINISHED = "active", "FINISHED"
_STATUSES = {"1": "RUNNING", "2": "SCHEDULED", "3": FINISHED, "4": "FAILED", "5": "KILLED"}
_MOST = 100_000
"""The most steps of SQLite, in thousands, that one question may take."""
_MOST_ROWS, _LONGEST, _DIGITS = 100_000, 1 << 24, 10
_RUNS = "runs r join experiments e on e.experiment_id = r.experiment_id"


@dataclass(frozen=True)
class MlflowDataset:
    """A dataset that a run has read. The digest has eight digits, and fixes nothing."""

    name: str
    digest: str
    source: str
    """JSON: where it came from."""
    context: str
    """`training` or `evaluation`; empty where the run does not say."""


@dataclass(frozen=True)
class MlflowMetric:
    """A metric that was recorded for a model."""

    name: str
    value: str
    dataset: str
    """The digest of the dataset that it was measured on; empty where nothing says so."""


@dataclass(frozen=True)
class MlflowRun:
    """A run with all that it has read and made."""

    id: str
    name: str
    status: str
    stage: str
    started: str
    ended: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    datasets: tuple[MlflowDataset, ...]
    models: tuple[str, ...]
    """The ids of the models that it has logged."""
    metrics: tuple[MlflowMetric, ...]


@dataclass(frozen=True)
class RegisteredVersion:
    """A version of a registered model."""

    run: str
    """The id of the run that made it; empty where the registry does not know."""
    source: str
    """What was registered: `models:/m-...` for a model that a run has logged."""


class MlflowStore(Protocol):
    """Where runs are."""

    def runs(self) -> list[str]:
        """The ids of the runs that are not deleted."""
        ...

    def run(self, name: str) -> MlflowRun | None:
        """A run by its id, deleted or not; None if there is none."""
        ...

    def run_of(self, model: str) -> str:
        """The id of the run that has logged a model, by the model's id; empty if there is no such model."""
        ...

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        """A version of a registered model; None if there is none, or it was deleted."""
        ...

    def alias(self, name: str, alias: str) -> RegisteredVersion | None:
        """The version of a registered model that has an alias; None if none has."""
        ...


_REFERENCE = re.compile(
    r"models:/(?:(?P<model>m-[0-9a-f]{32})|(?P<name>[^/@]+)(?:/(?P<version>[0-9]{1,9})|@(?P<alias>[^/@]+)))"
)
_OF_MODEL = re.compile(r"models:/(m-[0-9a-f]{32})")


def meant(store: MlflowStore, said: str, shown: str) -> tuple[str, str]:
    """The ids of the run and of the model that a text means; the model's is empty where a run is named.

    It is a run's id, or `models:/` with a model's id, or a registered model with its version or alias. Raises
    EvidenceError where there is no such model. `shown` is what messages call the store.
    """
    if not said.startswith("models:"):
        return said, ""
    parts = _REFERENCE.fullmatch(said)
    if parts is None:
        wanted = "`models:/NAME/VERSION`, `models:/NAME@ALIAS` or a run's id"
        raise EvidenceError(f"`{said[:80]}` names no version of a model; write {wanted}", "lineage")
    if parts["model"]:
        run, model = store.run_of(parts["model"]), parts["model"]
    else:
        name = parts["name"]
        found = store.alias(name, parts["alias"]) if parts["alias"] else store.version(name, parts["version"])
        of = _OF_MODEL.fullmatch(found.source) if found else None
        run, model = found.run if found else "", of.group(1) if of else ""
    if not run:
        raise EvidenceError(f"{shown} has no `{said[:80]}` with a run that made it; correct `run`", "lineage")
    return run, model


@dataclass(frozen=True)
class DatabaseStore:
    """A SQLite database of MLflow."""

    source: SourceFile

    def runs(self) -> list[str]:
        """The ids of the runs that are not deleted, nor their experiments."""
        sql = f"select r.run_uuid from {_RUNS} where r.lifecycle_stage = 'active' and e.lifecycle_stage = 'active'"
        return [row["run_uuid"] for row in self._rows(sql)]

    def run_of(self, model: str) -> str:
        """The run of a model."""
        found = self._rows(
            "select source_run_id from logged_models where model_id = ? and lifecycle_stage = 'active'", model
        )
        return found[0]["source_run_id"] if found else ""

    def run(self, name: str) -> MlflowRun | None:
        """A run by its id."""
        sql = f"""select r.name, r.status, r.start_time, r.end_time,
            case e.lifecycle_stage when 'active' then r.lifecycle_stage else e.lifecycle_stage end as stage
            from {_RUNS} where r.run_uuid = ?"""
        found = self._rows(sql, name)
        if not found:
            return None
        of = found[0]
        return MlflowRun(
            name, of["name"] or name, of["status"], of["stage"], moment(of["start_time"]),
            moment(of["end_time"]), self._pairs("tags", name), self._pairs("params", name),
            tuple(self._datasets(name)), self._models(name), tuple(self._metrics(name)),
        )  # fmt: skip

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        """A version of a registered model."""
        sql = """select run_id, source from model_versions
            where name = ? and cast(version as text) = ? and coalesce(current_stage, '') != 'Deleted_Internal'"""
        return self._only_version(self._rows(sql, name, str(int(version))), name)

    def alias(self, name: str, alias: str) -> RegisteredVersion | None:
        """The version of a registered model that has an alias."""
        found = self._rows("select version from registered_model_aliases where name = ? and alias = ?", name, alias)
        if len(found) > 1:
            raise self._ambiguous(name)
        return self.version(name, found[0]["version"]) if found else None

    def _only_version(self, rows: list[dict[str, str]], name: str) -> RegisteredVersion | None:
        if len(rows) > 1:
            raise self._ambiguous(name)
        return RegisteredVersion(rows[0]["run_id"], rows[0]["source"]) if rows else None

    def _ambiguous(self, name: str) -> EvidenceError:
        said = f"{self.source.path} has several models `{name}`, in workspaces of their own"
        return EvidenceError(f"{said}; name the run by its id", "lineage")

    def _pairs(self, table: str, run: str) -> Mapping[str, str]:
        return {
            row["key"]: row["value"] for row in self._rows(f"select key, value from {table} where run_uuid = ?", run)
        }

    def _datasets(self, run: str) -> Iterator[MlflowDataset]:
        sql = """select d.name, d.digest, d.dataset_source as source, t.value as context
            from inputs i join datasets d on d.dataset_uuid = i.source_id
            left join input_tags t on t.input_uuid = i.input_uuid and t.name = 'mlflow.data.context'
            where i.source_type = 'DATASET' and i.destination_type = 'RUN' and i.destination_id = ?"""
        for row in self._rows(sql, run):
            yield MlflowDataset(row["name"], row["digest"], row["source"], row["context"])

    def _models(self, run: str) -> tuple[str, ...]:
        sql = "select model_id from logged_models where source_run_id = ? and lifecycle_stage = 'active'"
        return tuple(row["model_id"] for row in self._rows(sql, run))

    def _metrics(self, run: str) -> Iterator[MlflowMetric]:
        sql = "select metric_name, metric_value, dataset_digest from logged_model_metrics where run_id = ?"
        for row in self._rows(sql, run):
            yield MlflowMetric(row["metric_name"], row["metric_value"], row["dataset_digest"])

    def _rows(self, sql: str, *values: str) -> list[dict[str, str]]:
        """The rows of one question, as texts. The database is opened for reading, and no view may run long."""
        try:
            with closing(sqlite3.connect(f"{self.source.place.as_uri()}?mode=ro", uri=True)) as opened:
                opened.row_factory = sqlite3.Row
                steps = iter(range(_MOST))
                opened.set_progress_handler(lambda: next(steps, None) is None, 1000)
                opened.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
                rows = opened.execute(sql, values).fetchmany(_MOST_ROWS + 1)
        except sqlite3.Error as error:
            said = f"{self.source.path} cannot be read as a database of MLflow 3: {error}"
            raise EvidenceError(f"{said}; name the file that `mlflow` writes", "lineage") from error
        if len(rows) > _MOST_ROWS:
            raise EvidenceError(f"{self.source.path} has more than {_MOST_ROWS:,} entries for one run", "lineage")
        return [{name: "" if row[name] is None else str(row[name]) for name in row.keys()} for row in rows]  # noqa: SIM118


@dataclass(frozen=True)
class FolderStore:
    """A folder `mlruns` of MLflow."""

    source: SourceFile

    def runs(self) -> list[str]:
        """The ids of the runs that are not deleted."""
        found = (place.parent.name for place in self.source.place.glob("*/*/meta.yaml") if len(place.parent.name) == 32)
        return [name for name in sorted(found) if (run := self.run(name)) and run.stage == ACTIVE]

    def run_of(self, model: str) -> str:
        """The run of a model."""
        return _text(self._logged(model).get("source_run_id"))

    def _logged(self, model: str) -> Mapping[str, Any]:
        """What is recorded of a model; empty if there is none, or it was deleted."""
        found = self._one(f"*/models/{model}/meta.yaml")
        of = found.yaml() if found else {}
        return {} if of.get("lifecycle_stage") == "deleted" else of

    def run(self, name: str) -> MlflowRun | None:
        """A run by its id."""
        meta = self._one(f"*/{name}/meta.yaml")
        if meta is None:
            return None
        of = meta.yaml()
        models = tuple(each.name for each in self._names(meta, "outputs") if self._logged(each.name))
        return MlflowRun(
            name, str(of.get("run_name") or name), _STATUSES.get(str(of.get("status")), str(of.get("status"))),
            str(of.get("lifecycle_stage")), moment(of.get("start_time")), moment(of.get("end_time")),
            self._pairs(meta, "tags"), self._pairs(meta, "params"), tuple(self._datasets(meta)), models,
            tuple(self._metrics(meta, models)),
        )  # fmt: skip

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        """A version of a registered model."""
        found = self._one(f"models/{name}/version-{int(version)}/meta.yaml")
        of = found.yaml() if found else {}
        gone = not of or of.get("current_stage") == "Deleted_Internal"
        return None if gone else RegisteredVersion(_text(of.get("run_id")), _text(of.get("source")))

    def alias(self, name: str, alias: str) -> RegisteredVersion | None:
        """The version of a registered model that has an alias."""
        found = self._one(f"models/{name}/aliases/{alias}")
        version = found.text().strip() if found else ""
        return self.version(name, version) if version.isdecimal() and len(version) < _DIGITS else None

    def _datasets(self, meta: SourceFile) -> Iterator[MlflowDataset]:
        for entry in self._names(meta, "inputs"):
            said = entry.below("meta.yaml").yaml()
            of = meta.beside(f"../datasets/{said.get('source_id')}/meta.yaml").yaml()
            context = str(mapping(said.get("tags")).get("mlflow.data.context") or "")
            yield MlflowDataset(str(of.get("name")), str(of.get("digest")), str(of.get("source") or ""), context)

    def _metrics(self, meta: SourceFile, models: tuple[str, ...]) -> Iterator[MlflowMetric]:
        """The last line of each metric of a model: time, value, step, run, and perhaps a dataset with its digest."""
        for model in models:
            for entry in self._names(meta, f"../models/{model}/metrics"):
                last = (entry.text().strip().splitlines() or [""])[-1].split()
                yield MlflowMetric(entry.name, last[1] if last[1:] else "", last[5] if last[5:] else "")

    def _pairs(self, meta: SourceFile, folder: str) -> Mapping[str, str]:
        """The texts of the files in a folder. A name with a slash is a file in a folder of it."""
        return dict(self._texts(self._names(meta, folder), ""))

    def _texts(self, entries: list[SourceFile], above: str) -> Iterator[tuple[str, str]]:
        for entry in entries:
            if entry.place.is_dir():
                yield from self._texts(self._names(entry, entry.name), f"{above}{entry.name}/")
            else:
                yield f"{above}{entry.name}", _or_empty(entry)

    def _names(self, meta: SourceFile, folder: str) -> list[SourceFile]:
        """What lies in a folder beside a file."""
        inside = meta.beside(folder)
        return [inside.below(place.name) for place in sorted(inside.place.iterdir())] if inside.there else []

    def _one(self, pattern: str) -> SourceFile | None:
        """The only file of a pattern in the store; a pattern in a name finds nothing."""
        if any(sign in pattern[2:] for sign in "*?[\\") or ".." in pattern:
            return None
        found = sorted(self.source.place.glob(pattern))
        return self.source.below(found[0].relative_to(self.source.place).as_posix()) if found else None


def _text(value: Any) -> str:
    return "" if value in (None, "null") else str(value)


def _or_empty(entry: SourceFile) -> str:
    return entry.text() if entry.place.stat().st_size else ""


def moment(milliseconds: Any) -> str:
    """A time that MLflow has recorded, in UTC; empty if it is not one."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
