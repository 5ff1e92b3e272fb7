"""Lineage that a real MLflow records: on a tracking server of this machine, started once, and in a folder of files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from mlgate.cli.main import run
from support.history import History, workspace
from support.producers import environment, executable, require

pytestmark = pytest.mark.slow

TRAINING = """\
import json, mlflow, pandas
from sklearn.linear_model import LinearRegression

mlflow.set_experiment("toy")
train, test = pandas.read_csv("train.csv"), pandas.read_csv("test.csv")
with mlflow.start_run() as run:
    mlflow.log_param("fit_intercept", True)
    mlflow.set_tag("mlflow.source.git.dirty", "false")
    mlflow.log_input(mlflow.data.from_pandas(train, source="train.csv", name="train"), context="training")
    test_data = mlflow.data.from_pandas(test, source="test.csv", name="test")
    mlflow.log_input(test_data, context="evaluation")
    model = LinearRegression().fit(train[["age"]], train["minutes"])
    info = mlflow.sklearn.log_model(model, name="model", registered_model_name="minutes")
    mlflow.log_metric("mae", 0.5, dataset=test_data, model_id=info.model_id)
mlflow.MlflowClient().set_registered_model_alias("minutes", "champion", "1")
open("run.json", "w").write(json.dumps({"run": run.info.run_id, "model": info.model_id}))
"""
FILES = {
    "train.csv": "age,minutes\n20,15.0\n40,25.0\n60,30.0\n",
    "test.csv": "age,minutes\n30,20.0\n50,29.0\n",
    "train.py": TRAINING,
    ".gitignore": "run.json\nmlruns\nmodel\n",
}
ACCEPTED = "lineage.verified, accept_unverified: [model, parameters, evaluation, environment]"


@dataclass(frozen=True)
class RealRun:
    """A run of a real MLflow in a checkout."""

    folder: Path
    run: str
    model: str
    address: str = ""

    def ask(self, path: str, **said: str) -> None:
        """Let the server change something."""
        body = json.dumps(said).encode()
        request = Request(f"{self.address}/api/2.0/mlflow/{path}", body, {"Content-Type": "application/json"})
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            answer.read()

    def history(self, source: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> History:
        """The checkout with a candidate that names the run in some way."""
        monkeypatch.chdir(self.folder)
        text = f"mlgate: 1\ncandidate: minutes\n{source.format(run=self.run, model=self.model)}\n"
        (self.folder / "candidate.yaml").write_text(text)
        return History(self.folder, capsys)


def trained(folder: Path, address: str, more: dict[str, str]) -> RealRun:
    """A checkout in which a model was trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        history = workspace(folder, "", "", None, FILES)  # type: ignore[arg-type]  # nothing is printed here
        history.edit("policy.yaml", "lineage.verified", ACCEPTED)
        history.commit("code and data")
    python = Path(executable("mlflow")).parent / "python3"
    subprocess.run(
        [python, "train.py"], cwd=folder, check=True, capture_output=True, timeout=120,
        env=environment() | {"MLFLOW_TRACKING_URI": address} | more,
    )  # fmt: skip
    told = json.loads((folder / "run.json").read_text())
    return RealRun(folder, told["run"], told["model"], address)


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRun]:
    """A run on a tracking server."""
    mlflow, folder = require("mlflow"), tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", "sqlite:///mlflow.db", "--artifacts-destination", "artifacts"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [mlflow, "server", *arguments, *stores], cwd=folder, env=environment(), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server, folder / "log")
        yield trained(tmp_path_factory.mktemp("checkout"), f"http://127.0.0.1:{port}", {})
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(30)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + 90
    while time.monotonic() < until and server.poll() is None:
        try:
            with build_opener(ProxyHandler({})).open(address, timeout=5) as answer:
                answer.read()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


MODEL = "model: {{path: model}}\n"
WAYS = {
    "the run of a source": MODEL + "source: {{mlflow: {run}}}",
    "a registered version": MODEL + "source: {{mlflow: models:/minutes/1}}",
    "an alias": MODEL + "source: {{mlflow: models:/minutes@champion}}",
    "the model's own id": MODEL + "source: {{mlflow: models:/{model}}}",
    "a server for the lineage": MODEL + "lineage: [{{server: mlflow, run: {run}}}]",
    "the MLmodel of a download": MODEL + "lineage: [{{server: mlflow}}]",
}


def fetch(served: RealRun) -> None:
    """Download the model, as a message of mlgate says."""
    if not (served.folder / "model").exists():
        command = [require("mlflow"), "artifacts", "download", "--artifact-uri", f"models:/{served.model}"]
        subprocess.run(
            [*command, "--dst-path", "model"], cwd=served.folder, check=True, capture_output=True, timeout=120,
            env=environment() | {"MLFLOW_TRACKING_URI": served.address},
        )  # fmt: skip


WRONG = {
    "a run that is not there": ("source: {{mlflow: " + "f" * 32 + "}}", "has no run `fff"),
    "a version that is not there": ("source: {{mlflow: models:/minutes/9}}", "has no `models:/minutes/9` with a run"),
    "a name that is not there": ("source: {{mlflow: models:/hours/1}}", "has no `models:/hours/1` with a run"),
    "an alias that is not there": ("source: {{mlflow: models:/minutes@best}}", "has no `models:/minutes@best`"),
    "a model that is not there": ("source: {{mlflow: models:/m-" + "f" * 32 + "}}", "with a run that made it"),
    "a model that is not fetched": ("source: {{mlflow: {run}}}", "are not here; fetch them by `mlflow artifacts"),
}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a candidate that cannot be judged."""
    capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml", *arguments]) in (1, 2)
    return " ".join(capsys.readouterr().out.split())


def test_what_a_real_server_tells_is_judged_and_what_it_does_not_have_is_named(
    served: RealRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test, so that one server is started."""
    server = ("--server", f"mlflow={served.address}")
    for source, said in WRONG.values():
        served.history(source, capsys, monkeypatch)
        assert said in refused(capsys, *server), source
    fetch(served)
    for source in WAYS.values():
        judged = served.history(source, capsys, monkeypatch).judge(*server)
        assert judged.failing == set(), (source, judged.said())
        assert "data:train is train.csv" in judged.said("complete")
    served.history(WAYS["the run of a source"], capsys, monkeypatch)
    for what, told in (("runs", {"run_id": served.run}), ("experiments", {"experiment_id": "1"})):
        served.ask(f"{what}/delete", **told)
        assert f"has only a deleted run `{served.run}`" in refused(capsys, *server)
        served.ask(f"{what}/restore", **told)


def test_a_run_in_a_folder_of_files_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    require("mlflow")
    made = trained(tmp_path, "mlruns", {"MLFLOW_ALLOW_FILE_STORE": "true"})
    history = made.history("source: {{mlflow: models:/minutes@champion}}", capsys, monkeypatch)
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    shutil.rmtree(next((tmp_path / "mlruns").glob("*/models")))
    assert "has logged no model" in refused(capsys)
