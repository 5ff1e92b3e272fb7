"""Lineage that MLflow has recorded, in its database and in its folder of files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from support.history import ARTEFACTS, History, workspace

STORES = ("mlflow-sqlite", "mlflow-file")
COMMIT = "91ef1436e6ce87ca8e4eb4359e518f315388b287"
ACCEPTED = """accept_unverified: [model, parameters, evaluation]"""
Open = Callable[[str], History]


@pytest.fixture
def mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Open:
    """A checkout in which the run's commit is there, as far as its name can be: it is the commit of this checkout."""
    monkeypatch.chdir(tmp_path)

    def opened(store: str) -> History:
        model = next((ARTEFACTS / store).rglob("model.skops")).relative_to(ARTEFACTS / store)
        history = workspace(tmp_path, store, f"model: {{path: {model}}}\n", capsys)
        history.edit("policy.yaml", "lineage.verified", f"lineage.verified, {ACCEPTED}")
        history.git("add", "train.csv", "test.csv") if store == "mlflow-sqlite" else None
        write_commit(history, store, history.commit("data, code and model"), "false")
        return history

    return opened


def write_commit(history: History, store: str, commit: str, dirty: str) -> None:
    """Let the run be of another commit, as MLflow would have recorded it."""
    tags = {"mlflow.source.git.commit": commit, "mlflow.source.git.dirty": dirty}
    if store == "mlflow-sqlite":
        change(history, "delete from tags where key like 'mlflow.source.git.%'")
        for key, value in tags.items():
            change(history, "insert into tags (key, value, run_uuid) select ?, ?, run_uuid from runs", key, value)
    else:
        (folder,) = history.folder.glob("mlruns/*/*/tags")
        for key, value in tags.items():
            (folder / key).write_text(value)


def change(history: History, sql: str, *values: str) -> None:
    """Change the database."""
    with closing(sqlite3.connect(history.folder / "mlflow.db")) as opened:
        opened.execute(sql, values)
        opened.commit()


def view(history: History, table: str, sql: str) -> None:
    """Put a view in the place of a table."""
    change(history, f"alter table {table} rename to of_before")
    change(history, f"create view {table} as {sql}")


def test_names_with_a_slash_are_read(mlflow: Open) -> None:
    """MLflow writes the parameter `model/lr` as a file in a folder."""
    history = mlflow("mlflow-file")
    (params,) = history.folder.glob("mlruns/*/*/params")
    (params / "model").mkdir()
    (params / "model" / "lr").write_text("0.1")
    assert "parameters is parameters of run first" in history.judge().said("complete")


@pytest.mark.parametrize("store", STORES)
def test_a_run_in_a_commit_with_its_data_passes(mlflow: Open, store: str) -> None:
    history = mlflow(store)
    if store == "mlflow-file":  # the store has no data beside it
        for name in ("train.csv", "test.csv"):
            (history.folder / name).write_bytes((ARTEFACTS / "mlflow-sqlite" / name).read_bytes())
        write_commit(history, store, history.commit(), "false")
    judged = history.judge()
    assert judged.failing == set(), judged.said()
    assert "data:train is train.csv" in judged.said("complete")


def test_the_digits_of_mlflow_fix_nothing(mlflow: Open) -> None:
    judged = mlflow("mlflow-file").judge()
    assert judged.failing == {"complete", "verified", "consistent"}
    assert "nothing shows that train.csv and test.csv differ" in judged.said("consistent")
    assert "data:train can change unseen" in judged.said("complete")
    assert "train.csv but dataset train, MLflow's digits 2e6a5d0d" in judged.said("complete")


@pytest.mark.parametrize("context", ["test", "Testing", "val", "valid", "validation", "dev", "eval"])
def test_common_contexts_are_evaluation_data(mlflow: Open, context: str) -> None:
    history = mlflow("mlflow-sqlite")
    change(history, "update input_tags set value = ? where value = 'evaluation'", context)
    assert history.judge().failing == set()
    change(history, "update logged_model_metrics set dataset_digest = '2e6a5d0d'")
    assert "was measured on other data: 2e6a5d0d" in history.judge().said("consistent")


def test_a_context_that_is_not_known_is_named(mlflow: Open) -> None:
    history = mlflow("mlflow-sqlite")
    change(history, "update input_tags set value = 'quiz' where value = 'evaluation'")
    judged = history.judge()
    assert "complete" in judged.failing
    assert "data:evaluation is missing" in judged.said("complete")
    assert "context `quiz`) is for" in judged.said("complete")


CHANGES: dict[str, tuple[Callable[[History], None], set[str], str]] = {
    "a commit that is not there": (
        lambda h: write_commit(h, "mlflow-sqlite", COMMIT, "false"),
        {"verified"},
        "commit 91ef1436e6ce is contradicted: the repository has no such commit",
    ),
    "a branch for a commit": (
        lambda h: write_commit(h, "mlflow-sqlite", "main", "false"),
        {"complete", "verified"},
        "code can change unseen",
    ),
    "changed files beside the commit": (
        lambda h: write_commit(h, "mlflow-sqlite", h.git("rev-parse", "HEAD"), "true"),
        {"verified"},
        "files differed from those of the commit",
    ),
    "a run that says nothing of changed files": (
        lambda h: change(h, "delete from tags where key = 'mlflow.source.git.dirty'"),
        {"verified"},
        "nothing says that the files were those of the commit",
    ),
    "a deleted run": (
        lambda h: change(h, "update runs set lifecycle_stage = 'deleted'"),
        {"complete", "verified", "consistent"},
        "has only a deleted run",
    ),
    "a run of a deleted experiment": (
        lambda h: change(h, "update experiments set lifecycle_stage = 'deleted'"),
        {"complete", "verified", "consistent"},
        "has only a deleted run",
    ),
    "a database of an older MLflow": (
        lambda h: change(h, "drop table logged_models"),
        {"complete", "verified", "consistent"},
        "cannot be read as a database of MLflow 3: no such table: logged_models",
    ),
    "a table without a column": (
        lambda h: change(h, "alter table runs rename column name to nam"),
        {"complete", "verified", "consistent"},
        "no such column: r.name",
    ),
    "a tag without a value": (
        lambda h: change(h, "update tags set value = null where key = 'mlflow.source.git.dirty'"),
        {"verified"},
        "nothing says that the files were those of the commit",
    ),
    "bytes for a commit": (
        lambda h: change(h, "update tags set value = x'ff' where key = 'mlflow.source.git.commit'"),
        {"complete", "verified"},
        "code can change unseen",
    ),
    "a huge text": (
        lambda h: view(h, "params", "select 'k' as key, hex(zeroblob(400000000)) as value, run_uuid from runs"),
        {"complete", "verified", "consistent"},
        "string or blob too big",
    ),
    "a NUL in an address": (
        lambda h: change(h, """update datasets set dataset_source = '{"uri": "a\\u0000b"}'"""),
        {"complete", "verified", "consistent"},
        "its name has a NUL",
    ),
    "a run that failed": (
        lambda h: change(h, "update runs set status = 'FAILED'"),
        {"verified"},
        "is FAILED, not FINISHED",
    ),
    "a metric of other data": (
        lambda h: change(h, "update logged_model_metrics set dataset_digest = '2e6a5d0d'"),
        {"consistent"},
        "metric `accuracy` of run 0e8d6660d5284fbc95ff9070ef4bc0e5 was measured on other data: 2e6a5d0d",
    ),
    "an end before the start": (
        lambda h: change(h, "update runs set end_time = start_time - 1000"),
        {"consistent"},
        "before it began at",
    ),
    "changed training data": (
        lambda h: h.edit("train.csv", "1", "2"),
        {"verified"},
        "train.csv is contradicted: it is not the file of commit",
    ),
    "another file of the run is the database": (
        lambda h: (h.folder / "mlflow.db").write_bytes(b"SQLite format 3\0" + b"x" * 4000) and None,
        {"complete", "verified", "consistent"},
        "cannot be read as a database of MLflow 3",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_fails_the_rule_that_is_about_it_and_no_other(mlflow: Open, what: str) -> None:
    history = mlflow("mlflow-sqlite")
    mutate, failing, said = CHANGES[what]
    mutate(history)
    judged = history.judge()
    assert judged.failing == failing, judged.said()
    assert said in judged.said(*failing)


def test_another_runs_id_is_a_contradiction(mlflow: Open) -> None:
    history = mlflow("mlflow-sqlite")
    columns = "name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version"
    more = f"{columns}, lifecycle_stage, artifact_uri, experiment_id, deleted_time"
    change(history, f"insert into runs (run_uuid, {more}) select 'f' || substr(run_uuid, 2), {more} from runs")
    run = "fe8d6660d5284fbc95ff9070ef4bc0e5"
    history.edit("candidate.yaml", "candidate: toy", f"candidate: toy\nlineage: [{{path: mlflow.db, run: {run}}}]")
    judged = history.judge()
    assert "consistent" in judged.failing
    assert f"the model was logged by run 0e8d6660d5284fbc95ff9070ef4bc0e5, and the candidate names run {run}" in (
        judged.said("consistent")
    )


@pytest.mark.parametrize("run", ["models:/toy/1", "models:/toy@champion", "models:/{model}"])
@pytest.mark.parametrize("store", STORES)
def test_a_registered_model_means_the_run_that_made_it(mlflow: Open, store: str, run: str) -> None:
    history = mlflow(store)
    place = "mlflow.db" if store == "mlflow-sqlite" else "mlruns"
    model = next(history.folder.rglob("model.skops")).parts[-3]
    named = run.format(model=model)
    history.edit("candidate.yaml", "candidate: toy", f'candidate: toy\nlineage: [{{path: {place}, run: "{named}"}}]')
    assert "parameters is parameters of run first" in history.judge().said("complete")


@pytest.mark.parametrize("run", ["models:/toy/2", "models:/toy@best", "models:/t*/1", "models:/../1", "models:/m-1"])
@pytest.mark.parametrize("store", STORES)
def test_a_model_that_is_not_registered_is_named(mlflow: Open, store: str, run: str) -> None:
    history = mlflow(store)
    place = "mlflow.db" if store == "mlflow-sqlite" else "mlruns"
    history.edit("candidate.yaml", "candidate: toy", f'candidate: toy\nlineage: [{{path: {place}, run: "{run}"}}]')
    judged = history.judge()
    assert set(judged.statuses.values()) == {"ERROR"}
    assert run in judged.said()


def test_a_deleted_version_and_one_name_in_two_workspaces_mean_nothing(mlflow: Open) -> None:
    history = mlflow("mlflow-sqlite")
    named = 'candidate: toy\nlineage: [{path: mlflow.db, run: "models:/toy@champion"}]'
    history.edit("candidate.yaml", "candidate: toy", named)
    change(history, "update model_versions set current_stage = 'Deleted_Internal'")
    assert "has no `models:/toy@champion` with a run" in history.judge().said()
    change(history, "update model_versions set current_stage = 'None'")
    change(history, "insert into registered_model_aliases values ('champion', 1, 'toy', 'other')")
    assert "has several models `toy`, in workspaces of their own" in history.judge().said()


def test_a_model_that_was_copied_is_known_by_its_mlmodel(mlflow: Open) -> None:
    history = mlflow("mlflow-sqlite")
    model = next(history.folder.rglob("model.skops")).parent
    history.edit("candidate.yaml", str(model.relative_to(history.folder) / "model.skops"), "exported/model.skops")
    model.rename(history.folder / "exported")
    history.commit("exported")
    assert history.judge().failing == set()


@pytest.mark.parametrize("store", STORES)
def test_a_deleted_model_does_not_count(mlflow: Open, store: str) -> None:
    history = mlflow(store)
    if store == "mlflow-sqlite":
        change(history, "update logged_models set lifecycle_stage = 'deleted'")
    else:
        (meta,) = history.folder.glob("mlruns/*/models/*/meta.yaml")
        meta.write_text(f"{meta.read_text()}lifecycle_stage: deleted\n")
    assert "no source knows how" in history.judge().said("complete")


def test_tags_of_the_run_approve_a_model_by_its_digest(mlflow: Open) -> None:
    history = mlflow("mlflow-sqlite")
    (history.folder / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: r@example.com\nrules:\n"
        "  - {id: approved, check: governance.approval, from: mlflow, not_author: false}\n"
    )
    (model,) = history.folder.rglob("model.skops")
    tags = {"by": "alice@example.com", "at": "2026-12-24T09:00:00Z", "sha256": sha256(model.read_bytes()).hexdigest()}
    for name, value in tags.items():
        assert history.judge("--as-of", "2027-01-01").statuses == {"approved": "FAIL"}
        key = f"mlgate.approved_{name}"
        change(history, "insert into tags (key, value, run_uuid) select ?, ?, run_uuid from runs", key, value)
    judged = history.judge("--as-of", "2027-01-01")
    assert judged.statuses == {"approved": "PASS"}, judged.said()
    history.edit("policy.yaml", ", not_author: false", "")
    change(history, "update tags set value = 'alice' where key = 'mlflow.user'")
    assert "is by who made the model (alice)" in history.judge("--as-of", "2027-01-01").said()
