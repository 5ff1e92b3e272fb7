"""Lineage that a tracking server of MLflow tells: what is true passes, and the server is asked with care."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import mlgate
from mlgate.cli.main import run
from mlgate.values.errors import InputError
from support.history import ARTEFACTS, History, Judged, workspace
from support.tracking import MODEL, RUN, Tracking, tracking_server

ACCEPTED = "accept_unverified: [model, parameters, evaluation]"
OTHER = "f" * 32
ALL = {"complete", "verified", "consistent"}


class Served:
    """A checkout whose model was downloaded from a server."""

    def __init__(self, history: History, server: Tracking) -> None:
        self.history, self.server = history, server

    def judge(self) -> Judged:
        return self.history.judge("--server", f"mlflow={self.server.address}")

    def name(self, run: str) -> None:
        """Let the candidate name another run."""
        self.history.edit("candidate.yaml", f"run: {RUN}", f"run: {run}")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Served]:
    for name in ("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    history = workspace(tmp_path, "", f"model: {{path: model}}\nlineage: [{{server: mlflow, run: {RUN}}}]\n", capsys)
    (logged,) = (ARTEFACTS / "mlflow-sqlite").glob("mlruns/*/models/*/artifacts")
    shutil.copytree(logged, tmp_path / "model")
    for name in ("train.csv", "test.csv"):
        shutil.copy(ARTEFACTS / "mlflow-sqlite" / name, tmp_path)
    history.edit("policy.yaml", "lineage.verified", f"lineage.verified, {ACCEPTED}")
    with tracking_server() as server:
        server.tag("mlflow.source.git.commit", history.commit("data and code"))
        server.tag("mlflow.source.git.dirty", "false")
        yield Served(history, server)


@pytest.mark.parametrize("run", [RUN, f"models:/{MODEL}", "models:/toy/1", "models:/toy@champion"])
def test_a_run_or_a_registered_model_of_a_server_passes(served: Served, run: str) -> None:
    served.name(run)
    judged = served.judge()
    assert judged.failing == set(), judged.said()
    assert "data:train is train.csv" in judged.said("complete")
    assert f"{served.server.address}: run {RUN}" in judged.said("verified")


def test_the_run_of_a_downloaded_model_is_known_by_its_MLmodel(served: Served) -> None:
    served.history.edit("candidate.yaml", f", run: {RUN}", "")
    assert served.judge().failing == set()


def test_the_packages_in_the_folder_of_the_model_are_a_part_of_it(served: Served) -> None:
    history = served.history
    history.edit("policy.yaml", ', roles: [code, "data:train", "data:evaluation", parameters]', "")
    history.git("rm", "-q", "-r", "--cached", "model")
    history.git("commit", "-q", "-m", "the model is fetched")
    judged = served.judge()
    assert judged.failing == {"verified"}, judged.said()
    assert "model/requirements.txt is unverified" in judged.said("verified")
    history.edit("policy.yaml", ACCEPTED, ACCEPTED.replace("[model", "[environment, model"))
    assert served.judge().failing == set()
    history.edit("candidate.yaml", "path: model}", "path: model/model.skops}")
    judged = served.judge()
    assert judged.failing == {"complete"}, judged.said()
    assert "environment can change unseen" in judged.said("complete")


def test_the_policy_names_the_server(served: Served) -> None:
    served.history.edit("policy.yaml", "rules:", f"servers: {{mlflow: {served.server.address}}}\nrules:")
    assert served.history.judge().failing == set()


def test_without_a_server_the_message_says_who_names_it(served: Served) -> None:
    judged = served.history.judge()
    assert set(judged.statuses.values()) == {"ERROR"}
    assert "add `servers: {mlflow: ADDRESS}` to the policy, or `--server mlflow=ADDRESS`" in judged.said()


def test_two_addresses_are_a_mistake(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    served.history.edit("policy.yaml", "rules:", "servers: {mlflow: https://mlflow.example.com}\nrules:")
    assert run(["check", "--policy", "policy.yaml", "--server", f"mlflow={served.server.address}"]) == 2
    assert "for the caller, and https://mlflow.example.com for policy `traceable`" in " ".join(
        capsys.readouterr().out.split()
    )
    assert served.server.asked == []


def test_python_names_the_server(served: Served) -> None:
    verdict = mlgate.check(policy="policy.yaml", candidate="candidate.yaml", servers={"mlflow": served.server.address})
    assert verdict.allowed, verdict
    with pytest.raises(InputError, match="`mlfow` is not a server that mlgate asks, did you mean `mlflow`"):
        mlgate.check(policy="policy.yaml", candidate="candidate.yaml", servers={"mlfow": served.server.address})


def test_a_verdict_of_a_server_is_reproduced(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--policy", "policy.yaml", "--server", f"mlflow={served.server.address}"]
    assert run(["check", *arguments, "--report", "json=v.json"]) == 0
    assert run(["check", "--reproduce", "v.json"]) == 0, capsys.readouterr()


def test_the_graph_is_shown(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lineage", "--server", f"mlflow={served.server.address}"]) == 0
    assert "run first [run]" in capsys.readouterr().out


CHANGES: dict[str, tuple[Callable[[Served], None], set[str], str]] = {
    "a run that is not there": (lambda s: s.name(OTHER), ALL, f"has no run `{OTHER}`"),
    "a model that is not there": (lambda s: s.name(f"models:/m-{OTHER}"), ALL, "with a run that made it"),
    "a version that is not there": (lambda s: s.name("models:/toy/2"), ALL, "has no `models:/toy/2` with a run"),
    "an alias that is not there": (lambda s: s.name("models:/toy@best"), ALL, "has no `models:/toy@best` with a run"),
    "the latest version": (lambda s: s.name("models:/toy/latest"), ALL, "names no version of a model"),
    "a path for a name": (lambda s: s.name("models:/../../x/1"), ALL, "names no version of a model"),
    "a deleted run": (
        lambda s: s.server.run["info"].update(lifecycle_stage="deleted"),
        ALL,
        "has only a deleted run",
    ),
    "a run of a deleted experiment": (
        lambda s: s.server.experiment.update(lifecycle_stage="deleted"),
        ALL,
        "has only a deleted run",
    ),
    "a run that failed": (
        lambda s: s.server.run["info"].update(status="FAILED"),
        {"verified"},
        "is FAILED, not FINISHED",
    ),
    "a commit that is not there": (
        lambda s: s.server.tag("mlflow.source.git.commit", "9" * 40),
        {"verified"},
        "the repository has no such commit",
    ),
    "a branch for a commit": (
        lambda s: s.server.tag("mlflow.source.git.commit", "main"),
        {"complete", "verified"},
        "code can change unseen",
    ),
    "changed files beside the commit": (
        lambda s: s.server.tag("mlflow.source.git.dirty", "true"),
        {"verified"},
        "files differed from those of the commit",
    ),
    "an end before the start": (
        lambda s: s.server.run["info"].update(end_time=1),
        {"consistent"},
        "before it began at",
    ),
    "a metric of other data": (
        lambda s: s.server.model["data"]["metrics"][0].update(dataset_digest="2e6a5d0d"),
        {"consistent"},
        "was measured on other data: 2e6a5d0d",
    ),
    "the model of another run": (
        lambda s: s.server.model["info"].update(source_run_id=OTHER),
        {"complete", "consistent", "verified"},
        f"the model was logged by run {OTHER}, and the candidate names run {RUN}",
    ),
    "another model of the same run": (
        lambda s: s.server.version.update(source=f"models:/m-{OTHER}") or s.name("models:/toy/1"),
        {"consistent"},
        f"the model is {MODEL}, and the candidate names m-{OTHER} of run {RUN}",
    ),
    "changed training data": (
        lambda s: s.history.edit("train.csv", "1", "2"),
        {"verified"},
        "train.csv is contradicted: it is not the file of commit",
    ),
    "an address of another machine for data": (
        lambda s: s.server.run["inputs"]["dataset_inputs"][0]["dataset"].update(source='{"uri": "/etc/passwd"}'),
        {"complete", "verified", "consistent"},
        "data:train can change unseen",
    ),
    "a path out of the workspace for data": (
        lambda s: s.server.run["inputs"]["dataset_inputs"][0]["dataset"].update(source='{"uri": "../../x.csv"}'),
        {"complete", "verified", "consistent"},
        "is outside the workspace",
    ),
    "no parameters": (
        lambda s: s.server.run["data"].update(params=[]),
        {"complete"},
        "parameters is missing",
    ),
    "an MLmodel that names no model": (
        lambda s: s.history.edit("model/MLmodel", f"model_id: {MODEL}", "model_id: m-1"),
        {"complete", "consistent", "verified"},
        "no source knows how model was made",
    ),
    "wrong kinds everywhere": (
        lambda s: s.server.run.update(data=[1], inputs={"dataset_inputs": {"a": 1}}, outputs=None),
        {"complete", "verified"},
        "is missing",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_fails_the_rule_that_is_about_it_and_no_other(served: Served, what: str) -> None:
    mutate, failing, said = CHANGES[what]
    mutate(served)
    judged = served.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said(*failing)


def test_models_are_asked_for_page_by_page(served: Served) -> None:
    others = []
    for number in range(5):
        other = copy.deepcopy(served.server.model)
        other["info"]["model_id"] = f"m-{number:032}"
        others.append(other)
    served.server.models = [*others, served.server.model]
    served.server.page_size = 2
    assert served.judge().failing == set()
    assert sum(path.endswith("logged-models/search") for path, _ in served.server.asked) % 3 == 0


def test_pages_without_end_are_given_up(served: Served) -> None:
    served.server.raw["logged-models/search"] = (200, {}, b'{"next_page_token": "again"}')
    assert "has more than 10,000 models of run" in served.judge().said()


JSON = {"Content-Type": "application/json"}
UNREACHED: dict[str, tuple[tuple[int, dict[str, str], bytes], str]] = {
    "a login page": (
        (200, {}, b"<html>please log in</html>"),
        "is not a tracking server of MLflow 3: an answer is not JSON",
    ),
    "a list": ((200, JSON, b"[]"), "an answer is not an object of JSON"),
    "another run": ((200, JSON, b'{"run": {"info": {"run_id": "x"}}}'), "answers with another run"),
    "nothing": ((200, JSON, b""), "an answer is not JSON"),
    "a repeated key": ((200, JSON, b'{"run": 1, "run": 2}'), "an answer is not JSON"),
    "bytes that are not UTF-8": ((200, JSON, b"\xff\xfe"), "an answer is not JSON"),
    "deep nesting": ((200, JSON, b"[" * 100_000), "an answer is not JSON"),
    "a huge answer": ((200, JSON, b" " * ((16 << 20) + 1)), "an answer has more than 16 MiB"),
    "no such page": ((404, {}, b"<html>404</html>"), "is not a tracking server of MLflow 3: it answers 404"),
    "an error of the server": ((500, {}, b"oops"), "answers with error 500"),
    "too many requests": ((429, {}, b""), "answers with error 429"),
    "no access": ((401, {}, b""), "refuses access (401); set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and"),
    "forbidden": ((403, JSON, b'{"error_code": "RESOURCE_DOES_NOT_EXIST"}'), "refuses access (403)"),
    "another host": (
        (302, {"Location": "https://evil.example.com/"}, b""),
        "leads on to https://evil.example.com, which nobody named",
    ),
    "another port": ((307, {"Location": "http://127.0.0.1:1/"}, b""), "leads on to http://127.0.0.1, which nobody"),
    "a file": ((302, {"Location": "file:///etc/passwd"}, b""), "answers with error 302"),
    "itself without end": ((302, {"Location": "/api/2.0/mlflow/runs/get"}, b""), "answers with error 302"),
}


@pytest.mark.parametrize("what", UNREACHED)
def test_a_server_that_cannot_be_asked_is_exit_code_3(
    served: Served, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    served.server.raw["runs/get"], said = UNREACHED[what]
    arguments = ["check", "--policy", "policy.yaml", "--server", f"mlflow={served.server.address}"]
    assert run([*arguments, "--format", "json"]) == 3
    printed = capsys.readouterr()
    assert said in printed.out
    assert "Traceback" not in printed.out


def test_a_server_that_is_not_there_is_exit_code_3(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--policy", "policy.yaml", "--server", "mlflow=http://127.0.0.1:9", "--verbose"]) == 3
    said = " ".join(capsys.readouterr().out.split())
    assert "http://127.0.0.1:9 cannot be reached" in said
    assert "check the address in `servers` or `--server`, and the network" in said


@contextmanager
def asking(served: Served, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The headers that say who asks, of every request."""
    for name, value in variables.items():
        monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)
    found: list[str] = []
    served.judge()
    found += [headers.get("Authorization", "") for _, headers in served.server.asked]
    yield found


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({"TOKEN": "sesame"}, "Bearer sesame"),
        ({"USERNAME": "ann", "PASSWORD": "pass"}, "Basic YW5uOnBhc3M="),
        ({"USERNAME": "ann", "PASSWORD": "pass", "TOKEN": "sesame"}, "Basic YW5uOnBhc3M="),
        ({"USERNAME": "ann"}, ""),
        ({}, ""),
    ],
)
def test_a_secret_is_sent_as_mlflow_sends_it(
    served: Served, variables: dict[str, str], header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking(served, variables, monkeypatch) as headers:
        assert set(headers) == {header}


def test_a_secret_is_in_no_message_and_goes_to_no_other_host(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with tracking_server() as other:
        served.server.raw["runs/get"] = (302, {"Location": f"{other.address}/api/2.0/mlflow/runs/get"}, b"")
        for value in ("sesame", "sesame\nX-Other: 1", "sesameé"):
            monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", value)
            run(["check", "--policy", "policy.yaml", "--server", f"mlflow={served.server.address}", "--verbose"])
            printed = capsys.readouterr()
            assert "sesame" not in printed.out + printed.err
        assert other.asked == []


@pytest.mark.parametrize("address", ["http://mlflow.example.com", "HTTP://mlflow.example.com"])
def test_a_secret_is_not_sent_unencrypted_to_another_machine(
    address: str, served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "sesame")
    assert run(["check", "--policy", "policy.yaml", "--server", f"mlflow={address}", "--verbose"]) == 3
    said = " ".join(capsys.readouterr().out.split())
    assert f"MLFLOW_TRACKING_TOKEN is set, and {address} would send it unencrypted" in said


ADDRESSES = {
    "mlflow=mlflow.example.com": "is not an address that begins with https://",
    "mlflow=": "is not an address",
    "mlflow": "is not an address",
    "mlflow=ftp://h": "is not an address",
    "mlflow=file:///etc/passwd": "is not an address",
    "mlflow=https://": "is not an address",
    "mlflow=https://h:99999": "is not an address",
    "mlflow=https://h h": "is not an address",
    "mlflow=https://h\\@evil": "is not an address",
    "mlflow=https://ann:pass@h": "has a user or password in it",
    "mlflow=https://h?x=1": "has more than a host and a folder",
    "mlflow=https://h#x": "has more than a host and a folder",
    "dvc=https://h": "`dvc` is not a server that mlgate asks; write mlflow=ADDRESS",
}


@pytest.mark.parametrize("given", ADDRESSES)
def test_an_address_that_is_none_is_refused(given: str, served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--policy", "policy.yaml", "--server", given]) == 2
    assert ADDRESSES[given] in capsys.readouterr().err
    name, _, address = given.partition("=")
    served.history.edit("policy.yaml", "rules:", f'servers: {{{name}: "{address}"}}\nrules:'.replace("\\", "\\\\"))
    if address:
        assert run(["check", "--policy", "policy.yaml"]) == 2
        assert ADDRESSES[given].replace("=", "=")[:40] in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{run: x}", "neither a `path` nor a `server`"),
        ("{server: mlflow, path: mlflow.db}", "both a `path` and a `server`"),
        ("{server: dvc}", "`dvc` is not a server that mlgate asks"),
    ],
)
def test_a_source_is_a_path_or_a_server(served: Served, entry: str, said: str) -> None:
    served.history.edit("candidate.yaml", f"{{server: mlflow, run: {RUN}}}", entry)
    assert said in served.judge().said()
