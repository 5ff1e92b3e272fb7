"""A run of MLflow, as a tracking server tells it over REST. Nothing is written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgate.lineage.mlflow_store import (
    ACTIVE,
    MlflowDataset,
    MlflowMetric,
    MlflowRun,
    RegisteredVersion,
    moment,
)
from mlgate.lineage.rest_server import RestServer, Secrets
from mlgate.lineage.source_file import listing, mapping
from mlgate.values.errors import EvidenceError, MachineError

_API, _PAGE, _MOST_PAGES = "api/2.0/mlflow", 100, 100
_SECRETS = Secrets("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")


@dataclass(frozen=True)
class ServerStore:
    """A tracking server of MLflow."""

    address: str

    @property
    def _server(self) -> RestServer:
        return RestServer(self.address, _SECRETS, "a tracking server of MLflow 3")

    def runs(self) -> list[str]:
        """Raises EvidenceError: a server has the runs of everybody, and only some may be seen."""
        raise EvidenceError(f"{self.address} has many runs; name the one that made the model by `run`", "lineage")

    def run(self, name: str) -> MlflowRun | None:
        """A run by its id."""
        answer = self._get("runs/get", run_id=name)
        if answer is None:
            return None
        of = mapping(answer.get("run"))
        info, data = mapping(of.get("info")), mapping(of.get("data"))
        if info.get("run_id") != name:
            raise MachineError(f"{self.address} answers with another run than `{name[:80]}`; look at the server's log")
        logged = list(self._logged(name, str(info.get("experiment_id") or "")))
        return MlflowRun(
            name, str(info.get("run_name") or name), str(info.get("status")), self._stage(info),
            moment(info.get("start_time")), moment(info.get("end_time")), _pairs(data.get("tags")),
            _pairs(data.get("params")), tuple(_datasets(mapping(of.get("inputs")))),
            tuple(str(mapping(model.get("info")).get("model_id")) for model in logged), tuple(_metrics(logged)),
        )  # fmt: skip

    def run_of(self, model: str) -> str:
        """The run of a model."""
        answer = self._get(f"logged-models/{model}")
        return str(mapping(mapping((answer or {}).get("model")).get("info")).get("source_run_id") or "")

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        """A version of a registered model."""
        return _registered(self._get("model-versions/get", name=name, version=version))

    def alias(self, name: str, alias: str) -> RegisteredVersion | None:
        """The version of a registered model that has an alias."""
        return _registered(self._get("registered-models/alias", name=name, alias=alias))

    def _stage(self, info: Mapping[str, Any]) -> str:
        """That of the run, or else of its experiment: a run of a deleted experiment is deleted."""
        own = str(info.get("lifecycle_stage"))
        if own != ACTIVE:
            return own
        answer = self._get("experiments/get", experiment_id=str(info.get("experiment_id")))
        return str(mapping((answer or {}).get("experiment")).get("lifecycle_stage"))

    def _logged(self, run: str, experiment: str) -> Iterator[Mapping[str, Any]]:
        """The models that a run has logged, page by page."""
        wanted: dict[str, Any] = {"experiment_ids": [experiment], "filter": f"source_run_id = '{run}'"}
        for _ in range(_MOST_PAGES):
            answer = self._server.search(f"{_API}/logged-models/search", {**wanted, "max_results": _PAGE})
            for model in map(mapping, listing(answer.get("models"))):
                if mapping(model.get("info")).get("source_run_id") == run:
                    yield model
            if not answer.get("next_page_token"):
                return
            wanted["page_token"] = answer["next_page_token"]
        raise EvidenceError(f"{self.address} has more than {_PAGE * _MOST_PAGES:,} models of run {run}", "lineage")

    def _get(self, path: str, **query: str) -> Mapping[str, Any] | None:
        return self._server.get(f"{_API}/{path}", **query)


def _pairs(entries: object) -> dict[str, str]:
    """The texts of a list of keys with values."""
    return {str(each.get("key")): str(each.get("value") or "") for each in map(mapping, listing(entries))}


def _datasets(inputs: Mapping[str, Any]) -> Iterator[MlflowDataset]:
    for entry in map(mapping, listing(inputs.get("dataset_inputs"))):
        of = mapping(entry.get("dataset"))
        context = _pairs(entry.get("tags")).get("mlflow.data.context", "")
        yield MlflowDataset(str(of.get("name")), str(of.get("digest")), str(of.get("source") or ""), context)


def _metrics(models: list[Mapping[str, Any]]) -> Iterator[MlflowMetric]:
    for model in models:
        for each in map(mapping, listing(mapping(model.get("data")).get("metrics"))):
            yield MlflowMetric(str(each.get("key")), str(each.get("value")), str(each.get("dataset_digest") or ""))


def _registered(answer: Mapping[str, Any] | None) -> RegisteredVersion | None:
    of = mapping((answer or {}).get("model_version"))
    return RegisteredVersion(str(of.get("run_id") or ""), str(of.get("source") or "")) if of else None
