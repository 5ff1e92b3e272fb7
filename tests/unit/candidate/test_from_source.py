"""A candidate that names a stage of DVC or a run of MLflow, and leaves to it which files are meant."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import mlgate
from mlgate.cli.main import run
from mlgate.reference.schemas import candidate_schema
from support.history import History, workspace
from support.tracking import MODEL, RUN, Tracking, tracking_server

ACCEPTED = "lineage.verified, accept_unverified: [model, parameters, evaluation]"
FOLDER = f"mlruns/1/models/{MODEL}/artifacts"
OTHER = f"m-{'f' * 32}"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def of_dvc(here: Path, capsys: pytest.CaptureFixture[str], more: str = "") -> History:
    return workspace(here, "dvc", f"source: {{dvc: train}}\n{more}", capsys)


def of_mlflow(here: Path, capsys: pytest.CaptureFixture[str], named: str = RUN, more: str = "") -> History:
    """A checkout in which the run's commit is the one that is checked out."""
    history = workspace(here, "mlflow-sqlite", f"source: {{mlflow: {named}}}\n{more}", capsys)
    history.edit("policy.yaml", "lineage.verified", ACCEPTED)
    history.git("add", "train.csv", "test.csv")
    with closing(sqlite3.connect(here / "mlflow.db")) as opened:
        opened.execute("delete from tags where key like 'mlflow.source.git.%'")
        for key, value in {"commit": history.commit(), "dirty": "false"}.items():
            opened.execute("insert into tags select ?, ?, run_uuid from runs", (f"mlflow.source.git.{key}", value))
        opened.commit()
    return history


def refused(capsys: pytest.CaptureFixture[str], code: int = 2, *arguments: str) -> str:
    """What is said of a candidate that cannot be judged."""
    capsys.readouterr()
    assert run(["check", "--policy", "policy.yaml", *arguments]) == code
    printed = capsys.readouterr()
    return " ".join((printed.out + printed.err).split())


def inputs(*arguments: str) -> dict[str, str]:
    """The files of a verdict by their roles."""
    verdict = mlgate.check(policy="policy.yaml", candidate="candidate.yaml")
    return {entry.role: entry.path for entry in verdict.inputs}


TABLES = "tables: {train: {path: data/split/train.csv}, evaluation: {path: data/split/test.csv}}\n"


def test_a_stage_says_which_model_it_made(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged = of_dvc(here, capsys, TABLES).judge()
    assert judged.failing == set(), judged.said()
    assert inputs()["model"] == "model.json"


def test_the_stages_that_read_the_model_say_which_predictions_are_its(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = "task: binary\npositive: '1'\npredictions: {id: id, label: y, prediction: p}\n"
    history = of_dvc(here, capsys, columns)
    header = (here / "predictions.csv").read_text().splitlines()[0]
    assert inputs()["predictions"] == "predictions.csv", header
    history.edit("dvc.yaml", "outs: [predictions.csv]", "outs: [predictions.csv, plot.csv]")
    history.edit("dvc.lock", "    - path: predictions.csv", "    - path: plot.csv\n    - path: predictions.csv")
    said = refused(capsys)
    assert "the stages that read model.json make plot.csv, predictions.csv; name the predictions by" in said


def test_data_of_two_stages_are_not_told_apart(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_dvc(here, capsys, "tables: {train: {}}\n")
    assert "it is not clear which data are `tables.train` (of stage `train` of dvc.lock: data/split)" in refused(capsys)


PIPELINE = """\
stages:
  train: {cmd: train, deps: [train.csv, train.py], outs: [model.bin]}
  score: {cmd: score, deps: [test.csv, model.bin, score.py], outs: [scored.csv], metrics: [metrics.json]}
"""
LOCK = """\
schema: '2.0'
stages:
  train: {cmd: train, deps: [{path: train.csv}, {path: train.py}], outs: [{path: model.bin}]}
  score:
    cmd: score
    deps: [{path: test.csv}, {path: model.bin}, {path: score.py}]
    outs: [{path: scored.csv}, {path: metrics.json}]
"""


def test_data_of_one_stage_are_its_table(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = dict.fromkeys(("train.csv", "test.csv", "model.bin"), "x,y\n1,2\n")
    workspace(here, "", "source: {dvc: train}\n", capsys, {**files, "dvc.yaml": PIPELINE, "dvc.lock": LOCK})
    found = inputs()
    assert (found["model"], found["train"], found["evaluation"]) == ("model.bin", "train.csv", "test.csv")
    (here / "test.csv").unlink()
    assert "evaluation" not in inputs()  # what no rule reads does not block


MADE = """\
    - path: model.json
      hash: md5
      md5: cc21c4ef028f54b900a5cfa2e930ce7e
      size: 31
  evaluate:"""


def test_a_candidate_names_one_of_several_files(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = dict.fromkeys(("train.csv", "test.csv", "model.bin", "words.txt"), "x,y\n1,2\n")
    several = LOCK.replace("outs: [{path: model.bin}]", "outs: [{path: words.txt}, {path: model.bin}]")
    named = "source: {dvc: train}\nmodel: {path: model.bin}\n"
    workspace(here, "", named, capsys, {**files, "dvc.yaml": PIPELINE, "dvc.lock": several})
    assert inputs()["model"] == "model.bin"


DVC_CHANGES: dict[str, tuple[Callable[[History], None], int, str]] = {
    "a stage that is not there": (
        lambda h: h.edit("candidate.yaml", "dvc: train", "dvc: trian"),
        1,
        "dvc.lock has no stage `trian`, did you mean `train`?",
    ),
    "a stage that makes two files": (
        lambda h: (
            h.edit("dvc.yaml", "type: model", "type: dataset"),
            h.edit("dvc.lock", MADE, "    - path: model.json\n    - path: vocabulary.txt\n  evaluate:"),
        )[0],
        2,
        "makes model.json, vocabulary.txt; name the model by `model.path`, or in `artifacts`",
    ),
    "a stage that makes only metrics": (
        lambda h: h.edit("candidate.yaml", "dvc: train", "dvc: evaluate"),
        0,
        "",
    ),
    "another model": (
        lambda h: h.edit("candidate.yaml", "source:", "model: {path: metrics.json}\nsource:"),
        2,
        "candidate.yaml:3:9: `model.path` is metrics.json, which is not model.json, as stage `train` of dvc.lock says",
    ),
    "a table that no stage read": (
        lambda h: h.edit("candidate.yaml", "source:", "tables: {train: {path: predictions.csv}}\nsource:"),
        2,
        "`tables.train.path` is predictions.csv, which is not data/split, as stage `train` of dvc.lock says",
    ),
    "predictions that no stage made": (
        lambda h: h.edit(
            "candidate.yaml",
            "source:",
            "task: binary\npositive: '1'\npredictions: {path: data/raw.csv, label: y, prediction: p}\nsource:",
        ),
        2,
        "`predictions.path` is data/raw.csv, which is not predictions.csv",
    ),
    "no lock": (lambda h: (h.folder / "dvc.lock").unlink(), 1, "no dvc.lock lies beside the candidate; name it by"),
    "a lock elsewhere": (
        lambda h: h.edit("candidate.yaml", "{dvc: train}", "{dvc: train, path: ../dvc.lock}"),
        1,
        "is outside the workspace",
    ),
    "a lock that is none": (
        lambda h: h.edit("candidate.yaml", "{dvc: train}", "{dvc: train, path: metrics.json}"),
        1,
        "metrics.json is not a dvc.lock, dvc.yaml or .dvc file of DVC",
    ),
    "both tools": (
        lambda h: h.edit("candidate.yaml", "{dvc: train}", "{dvc: train, mlflow: x}"),
        2,
        "`source` has both `mlflow` and `dvc`; name one of them",
    ),
    "no tool": (
        lambda h: h.edit("candidate.yaml", "{dvc: train}", "{path: dvc.lock}"),
        2,
        "`source` has neither `mlflow` nor `dvc`; name one of them",
    ),
    "a text": (lambda h: h.edit("candidate.yaml", "{dvc: train}", "train"), 2, "`source` must be a mapping"),
    "a list": (lambda h: h.edit("candidate.yaml", "{dvc: train}", "{dvc: [train]}"), 2, "`source.dvc` must be a text"),
    "an unknown key": (lambda h: h.edit("candidate.yaml", "{dvc: train}", "{dcv: train}"), 2, "did you mean `dvc`?"),
    "stages that are a list": (
        lambda h: (h.folder / "dvc.lock").write_text("stages: [a, b]\n") and None,
        1,
        "dvc.lock has no stage `train`",
    ),
    "an output on another machine": (
        lambda h: h.edit("dvc.lock", MADE, "    - path: /etc/passwd\n  evaluate:"),
        2,
        "makes no file; name the model by",
    ),
    "a name that nobody sees": (
        lambda h: h.edit("dvc.lock", MADE, '    - path: "model\\u202e.json"\n  evaluate:'),
        2,
        "names a file for `model.path` whose name has signs that nobody sees; rename it",
    ),
    "a name with a line end": (
        lambda h: h.edit("dvc.lock", MADE, '    - path: "a\\n::error::x"\n  evaluate:'),
        2,
        "names a file for `model.path` whose name has signs that nobody sees; rename it",
    ),
    "an output out of the workspace": (
        lambda h: h.edit("dvc.lock", MADE, "    - path: ../../x\n  evaluate:"),
        1,
        "is outside the workspace",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DVC_CHANGES)
def test_what_a_stage_does_not_say_is_an_error(what: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = of_dvc(here, capsys)
    (here / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o\nrules: [{check: lineage.complete, roles: [run]}]\n"
    )
    mutate, code, said = DVC_CHANGES[what]
    mutate(history)
    assert said in refused(capsys, code)


@pytest.mark.parametrize("named", [RUN, "models:/toy/1", "models:/toy@champion", f"models:/{MODEL}"])
def test_a_run_says_which_model_and_data_are_its(here: Path, capsys: pytest.CaptureFixture[str], named: str) -> None:
    judged = of_mlflow(here, capsys, named).judge()
    assert judged.failing == set(), judged.said()
    found = inputs()
    assert (found["model"], found["train"], found["evaluation"]) == (FOLDER, "train.csv", "test.csv")


def test_a_run_of_a_folder_of_files(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace(here, "mlflow-file", "source: {mlflow: models:/toy/1}\n", capsys)
    found = inputs()
    assert found["model"].endswith("/models/m-3085043f942148c88f238068451b7d8a/artifacts")
    assert "train" not in found  # it is not here


def test_a_candidate_names_what_the_run_does_not_say(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_mlflow(here, capsys, more="tables: {train: {path: train.csv}}\n")
    change(here, stated("/repo/train.csv"))
    assert inputs()["train"] == "train.csv"


def test_predictions_are_an_artifact_of_the_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_mlflow(here, capsys, more="task: binary\npositive: '1'\npredictions: {label: y, prediction: p}\n")
    assert f"run {RUN} has no artifact `predictions.*` here; log one, or name the file by" in refused(capsys)
    (here / f"mlruns/1/{RUN}/artifacts").mkdir(parents=True)
    (here / f"mlruns/1/{RUN}/artifacts/predictions.csv").write_text("y,p\n1,1\n0,0\n")
    assert inputs()["predictions"] == f"mlruns/1/{RUN}/artifacts/predictions.csv"


def change(here: Path, sql: str) -> None:
    with closing(sqlite3.connect(here / "mlflow.db")) as opened:
        opened.execute(sql)
        opened.commit()


def stated(address: str) -> str:
    return f"""update datasets set dataset_source = '{{"uri": "{address}"}}' where name = 'train'"""


MLFLOW_CHANGES: dict[str, tuple[Callable[[History], None], int, str]] = {
    "a run that is not there": (lambda h: h.edit("candidate.yaml", RUN, "f" * 32), 1, "mlflow.db has no run `fff"),
    "a deleted run": (
        lambda h: change(h.folder, "update runs set lifecycle_stage = 'deleted'"),
        1,
        "has only a deleted run",
    ),
    "a run that failed": (
        lambda h: change(h.folder, "update runs set status = 'FAILED'"),
        1,
        "is FAILED, not FINISHED; name one that ended",
    ),
    "a deleted model": (
        lambda h: change(h.folder, "update logged_models set lifecycle_stage = 'deleted'"),
        2,
        "has logged no model that is not deleted",
    ),
    "a model that is not here": (
        lambda h: shutil.rmtree(h.folder / "mlruns"),
        2,
        f"the files of {MODEL} are not here; fetch them by `mlflow artifacts download",
    ),
    "another model": (
        lambda h: h.edit("candidate.yaml", "source:", "model: {path: train.csv}\nsource:"),
        2,
        "`model.path` is no model that MLflow has logged, for it has no `MLmodel`, and not m-dfab",
    ),
    "the model of another run": (
        lambda h: h.edit("candidate.yaml", "source:", f"model: {{path: {FOLDER.replace(MODEL, OTHER)}}}\nsource:"),
        2,
        f"is the model {OTHER}, and not {MODEL}",
    ),
    "other training data": (
        lambda h: h.edit("candidate.yaml", "source:", "tables: {train: {path: test.csv}}\nsource:"),
        2,
        f"`tables.train.path` is test.csv, which is not train.csv, as run {RUN} says",
    ),
    "data on another machine, asked for": (
        lambda h: change(h.folder, stated("/repo/train.csv"))
        or h.edit("candidate.yaml", "source:", "tables: {train: {}}\nsource:"),
        2,
        "has /repo/train.csv as data for `train`, which is not a file here; name it by `tables.train.path`",
    ),
    "data on another machine": (lambda h: change(h.folder, stated("/etc/passwd")), 1, "data:train"),
    "data out of the workspace": (lambda h: change(h.folder, stated("../../x.csv")), 1, "is outside the workspace"),
    "a database that is none": (
        lambda h: (h.folder / "mlflow.db").write_text("x") and None,
        1,
        "is not a database or folder of runs of MLflow",
    ),
    "no database": (
        lambda h: ((h.folder / "mlflow.db").unlink(), shutil.rmtree(h.folder / "mlruns"))[1],
        1,
        "neither mlflow.db nor mlruns lies beside the candidate; name it by `source.path`",
    ),
    "a pattern for a run": (lambda h: h.edit("candidate.yaml", RUN, '"*"'), 1, "mlflow.db has no run `*`"),
}  # fmt: skip


@pytest.mark.parametrize("what", MLFLOW_CHANGES)
def test_what_a_run_does_not_say_is_an_error(what: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = of_mlflow(here, capsys)
    mutate, code, said = MLFLOW_CHANGES[what]
    mutate(history)
    assert said in refused(capsys, code, "--verbose")


@pytest.fixture
def served(here: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[tuple[History, Tracking]]:
    """A checkout beside which a run of the server is, and another store with a run of the same id."""
    history = of_mlflow(here, capsys, more="model: {path: model}\n")
    shutil.copytree(here / FOLDER, here / "model")
    history.edit("policy.yaml", "rules:", "servers: {mlflow: ADDRESS}\nrules:")
    with tracking_server() as server:
        history.edit("policy.yaml", "ADDRESS", server.address)
        server.tag("mlflow.source.git.commit", history.commit())
        server.tag("mlflow.source.git.dirty", "false")
        yield history, server


def test_a_server_that_is_named_is_asked_and_not_the_store_beside(served: tuple[History, Tracking]) -> None:
    history, server = served
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert f"{server.address}: run {RUN}" in judged.said("verified")
    assert "mlflow.db" not in judged.said()
    assert inputs()["train"] == "train.csv"


def test_a_candidate_cannot_choose_another_store(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    history, _ = served
    history.edit("candidate.yaml", f"{{mlflow: {RUN}}}", f"{{mlflow: {RUN}, path: mlflow.db}}")
    assert "`source.path` names a store, and the server `mlflow` is named for this candidate; remove it" in refused(
        capsys
    )


def test_the_model_of_a_server_must_be_fetched(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    history, _ = served
    history.edit("candidate.yaml", "model: {path: model}\n", "")
    assert f"download --artifact-uri models:/{MODEL} --dst-path model`, and add `model: {{path: model}}`" in refused(
        capsys
    )


def test_a_server_that_is_not_there_is_exit_code_3(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    history, server = served
    history.edit("policy.yaml", server.address, "http://127.0.0.1:9")
    assert "http://127.0.0.1:9 cannot be reached" in refused(capsys, 3)


def test_only_a_policy_that_applies_names_the_server(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    history, server = served
    (history.folder / "other.yaml").write_text(
        "mlgate: 1\npolicy: other\nowner: o\nfor: {risk: high}\nservers: {mlflow: http://127.0.0.1:9}\n"
        "rules: [{check: lineage.consistent}]\n"
    )
    assert run(["check", "--policy", "policy.yaml", "--policy", "other.yaml"]) == 0
    history.edit("candidate.yaml", "candidate: toy", "candidate: toy\nrisk: high")
    assert "make them equal, or name one" in refused(capsys, 2, "--policy", "other.yaml")
    assert server.asked


def test_python_says_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_mlflow(here, capsys)
    verdict = mlgate.check(policy="policy.yaml", name="toy", source={"mlflow": RUN})
    assert verdict.allowed, verdict


def test_a_policy_can_require_the_source(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = of_mlflow(here, capsys, "models:/toy/1")
    history.edit("policy.yaml", "rules:", "expects: {source: {mlflow: models:/toy@champion}}\nrules:")
    assert "the policy expects models:/toy@champion" in refused(capsys, 1)
    history.edit("candidate.yaml", "models:/toy/1", "models:/toy@champion")
    assert run(["check", "--policy", "policy.yaml"]) == 0


def test_a_file_that_a_source_names_is_shown_where_the_source_stands(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of_dvc(here, capsys)
    (here / "model.json").unlink()
    outcome = mlgate.check(policy="policy.yaml", candidate="candidate.yaml").outcomes[-1]
    assert (outcome.rule, outcome.at.file, outcome.at.line) == ("inputs", "candidate.yaml", 3)


def test_a_candidate_in_a_folder_names_the_source_beside_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace(here / "churn", "dvc", f"source: {{dvc: train}}\n{TABLES}", capsys)
    shutil.move(here / "churn" / ".git", here / ".git")
    shutil.move(here / "churn" / "policy.yaml", here / "policy.yaml")
    assert run(["check", "churn", "--policy", "policy.yaml", "--format", "json"]) == 0
    assert '"churn/model.json"' in capsys.readouterr().out


def test_what_a_source_says_is_not_held_to_an_earlier_commit(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = "task: binary\npositive: '1'\npredictions: {id: id, label: y, prediction: prediction}\n"
    history = of_dvc(here, capsys, columns)
    history.edit("policy.yaml", "rules:", "rules:\n  - {check: performance.metric, metric: accuracy, at_least: 0.1}")
    for rule in ("complete", "verified", "consistent"):
        history.edit("policy.yaml", f"{{id: {rule},", f"{{id: {rule}, severity: warn,")
    history.commit()
    (here / "predictions.csv").rename(here / "scored.csv")
    for name in ("dvc.yaml", "dvc.lock"):
        history.edit(name, "predictions.csv", "scored.csv")
    said = refused(capsys, 0, "--policy-ref", "HEAD", "--verbose")
    assert "since HEAD" not in said
    history.edit("candidate.yaml", "label: y, prediction: prediction", "label: y, prediction: y2")
    history.edit("candidate.yaml", "id: id", "id: z")
    assert "predictions.id was id and is z" in refused(capsys, 1, "--policy-ref", "HEAD", "--verbose")


def test_a_change_of_the_server_must_hold_under_both_policies(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    history, server = served
    history.commit()
    server.tag("mlflow.source.git.commit", history.git("rev-parse", "HEAD"))
    assert "ALLOWED" in refused(capsys, 0, "--policy-ref", "HEAD")
    history.edit("policy.yaml", server.address, "http://127.0.0.1:9")
    said = refused(capsys, 3, "--policy-ref", "HEAD")
    assert "http://127.0.0.1:9 cannot be reached" in said
    assert server.asked


def test_facts_that_were_measured_with_a_server_are_judged_without_it(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    history, server = served
    history.edit("candidate.yaml", f"source: {{mlflow: {RUN}}}", f"lineage: [{{server: mlflow, run: {RUN}}}]")
    assert run(["measure", "--policy", "policy.yaml", "-o", "facts.json"]) == 0
    server.raw["runs/get"] = (500, {}, b"")
    assert "ALLOWED" in refused(capsys, 0, "--facts", "facts.json")


def test_a_plan_and_lint_ask_the_source_too(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    _, server = served
    assert run(["lint", "policy.yaml", "--candidate", "candidate.yaml"]) == 0
    asked = len(server.asked)
    assert asked
    assert run(["lineage", "candidate.yaml", "--server", f"mlflow={server.address}"]) == 0
    assert "run first [run]" in capsys.readouterr().out
    assert len(server.asked) > asked


def test_editors_know_that_a_source_says_where_the_files_are() -> None:
    schema = Draft202012Validator(candidate_schema())
    columns = {"mlgate": 1, "candidate": "c", "task": "binary", "predictions": {"label": "y"}}
    assert schema.is_valid(columns | {"source": {"dvc": "train"}})
    assert not schema.is_valid(columns)
    assert not schema.is_valid(columns | {"source": {"path": "dvc.lock"}})
    assert not schema.is_valid(columns | {"source": {"dvc": "train", "mlflow": "x"}})


def test_policies_that_extend_one_another_name_one_server(
    served: tuple[History, Tracking], capsys: pytest.CaptureFixture[str]
) -> None:
    history, server = served
    extending = "mlgate: 1\npolicy: more\nowner: o\nextends: policy.yaml\n"
    (history.folder / "more.yaml").write_text(extending)
    assert run(["check", "--policy", "more.yaml"]) == 0
    (history.folder / "more.yaml").write_text(f"{extending}servers: {{mlflow: http://127.0.0.1:9}}\n")
    capsys.readouterr()
    assert run(["check", "--policy", "more.yaml"]) == 2
    assert "`servers.mlflow` differs from its definition at policy.yaml:" in " ".join(capsys.readouterr().out.split())
    assert server.asked
