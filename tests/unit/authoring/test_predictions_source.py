"""A first gate from predictions: roles by names and values, bounds that the rows show, and all of it passes at once."""

from __future__ import annotations

import json
import os
import pty
import random
import select
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgate.authoring.first_workflow import first_workflows
from mlgate.authoring.source import ENFORCED_AFTER
from mlgate.cli.main import run
from mlgate.doctor.diagnose import diagnose
from mlgate.reading.edge import today
from support.history import ARTEFACTS

ENFORCED = ["check", "--as-of", (today() + ENFORCED_AFTER).isoformat()]
Row = Sequence[object]


def written(file: Path, names: Sequence[str], rows: Iterable[Row]) -> None:
    """A CSV file."""
    file.write_text("\n".join(",".join(map(str, row)) for row in (names, *rows)) + "\n")


def binary(seed: int = 1, rows: int = 1200, quality: float = 0.35) -> list[Row]:
    """Rows with id, sex, label, prediction and score; the score tells more of the label, the higher the quality."""
    draw = random.Random(seed)
    found: list[Row] = []
    for number in range(rows):
        label = int(draw.random() < 0.4)
        score = min(max(draw.gauss(0.5 + quality * (label - 0.5), 0.2), 0), 1)
        found.append((number, draw.choice("FM"), label, int(score > 0.5), round(score, 4)))
    return found


NAMES = ("id", "sex", "label", "prediction", "score")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository."""
    folder = tmp_path / "credit"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def texts(here: Path) -> tuple[Any, Any]:
    """The candidate and the policy."""
    return tuple(yaml.safe_load((here / name).read_text()) for name in ("candidate.yaml", "policies/credit.yaml"))


def test_three_commands_lead_to_a_first_verdict(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first is `pip install`; these are the other two. Nothing is asked where nobody reads."""
    written(here / "preds.csv", NAMES, binary())
    assert run(["init", "preds.csv"]) == 0
    capsys.readouterr()
    assert run(["check"]) == 0
    said = capsys.readouterr().out
    assert "ALLOWED  credit" in said
    assert "4 rules" in said or "5 rules" in said


def test_the_roles_are_seen_and_the_bounds_have_room(here: Path) -> None:
    written(here / "preds.csv", NAMES, binary())
    assert run(["init", "preds.csv", "--owner", "@example/risk"]) == 0
    candidate, policy = texts(here)
    roles = {"label": "label", "prediction": "prediction", "score": "score", "id": "id"}
    assert candidate["predictions"] == {"path": "preds.csv", **roles}
    assert (candidate["task"], candidate["positive"]) == ("binary", "1")
    assert {rule["id"] for rule in policy["rules"]} == {"balanced_accuracy", "recall", "roc_auc", "recall-by-sex"}
    assert policy["enforce_from"] == today() + ENFORCED_AFTER
    assert policy["expects"]["predictions"]["label"] == "label"


@pytest.mark.slow
def test_fresh_rows_of_the_same_model_mostly_pass_and_a_worse_model_is_blocked(here: Path) -> None:
    written(here / "preds.csv", NAMES, binary())
    assert run(["init", "preds.csv", "--ci", "none"]) == 0
    passed = 0
    for seed in range(2, 12):
        written(here / "preds.csv", NAMES, binary(seed))
        passed += run(ENFORCED) == 0
    assert passed >= 7
    written(here / "preds.csv", NAMES, binary(1, quality=0.1))
    assert run(ENFORCED) == 1
    assert run(["check"]) == 0, "until then the rules only warn"


@pytest.mark.slow
@pytest.mark.parametrize("system", [*first_workflows(), "none"])
def test_what_is_written_passes_lint_test_check_and_doctor(
    here: Path, system: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written(here / "preds.csv", NAMES, binary())
    written(here / "before.csv", ("id", "prediction"), [(row[0], row[3]) for row in binary(7)])
    written(here / "train.csv", ("id", "age"), [(number, 20 + number % 60) for number in range(300)])
    asked = ["--champion", "before.csv", "--table", "train=train.csv", "--organisation", "--owner", "@example/risk"]
    assert run(["init", "preds.csv", *asked, "--ci", system]) == 0
    capsys.readouterr()
    assert run(["lint"]) == 0
    assert "advice" not in capsys.readouterr().out
    assert run(["test"]) == 0, capsys.readouterr().out
    assert run(["check"]) == 0, capsys.readouterr().out
    assert run(ENFORCED) == 0, capsys.readouterr().out
    kinds = [each.id for each in diagnose(here).weaknesses]
    assert kinds == (["no-gate", "no-owner"] if system == "none" else [])
    rules = {rule["id"] for rule in texts(here)[1]["rules"]}
    assert {"no-worse-than-before", "train-columns", "train-rows"} <= rules


def regression(draw: random.Random) -> Row:
    """A label, and a prediction near it."""
    label = draw.gauss(100, 20)
    return round(label, 2), round(label + draw.gauss(0, 5), 2), draw.choice("ab")


def multiclass(draw: random.Random) -> Row:
    """A class, and mostly the right one."""
    label = draw.choice(["cat", "dog", "cow"])
    return label, label if draw.random() < 0.8 else draw.choice(["cat", "dog", "cow"]), draw.random()


@pytest.mark.parametrize(
    ("names", "row", "task", "rules"),
    [
        (("Target", "y-hat", "region"), regression, "regression", {"mae", "r2", "mae-by-region"}),
        (("y_true", "y_pred", "noise"), multiclass, "multiclass", {"accuracy", "balanced_accuracy"}),
    ],
)
def test_other_tasks(
    here: Path, names: tuple[str, ...], row: Callable[[random.Random], Row], task: str, rules: set[str]
) -> None:
    draw = random.Random(1)
    written(here / "preds.csv", names, [row(draw) for _ in range(600)])
    assert run(["init", "preds.csv", "--organisation", "--owner", "a@example.com"]) == 0
    candidate, policy = texts(here)
    assert candidate["task"] == task
    assert {rule["id"] for rule in policy["rules"]} == rules
    assert run(ENFORCED) == 0
    assert run(["test"]) == 0


def test_a_table_of_counts_is_seen(here: Path) -> None:
    rows = [("F", "yes", "yes", 250), ("F", "yes", "no", 50), ("F", "no", "yes", 42), ("F", "no", "no", 378)]
    written(here / "preds.csv", ("sex", "label", "decision", "count"), [*rows, *(("M", *row[1:]) for row in rows)])
    assert run(["init", "preds.csv"]) == 0
    candidate, policy = texts(here)
    assert candidate["predictions"]["count"] == "count"
    assert candidate["positive"] == "yes" or candidate["positive"] is True
    assert "recall-by-sex" in {rule["id"] for rule in policy["rules"]}
    assert run(ENFORCED) == 0


@pytest.mark.parametrize(
    ("names", "rows", "arguments", "said"),
    [
        (("a", "pred"), [(0, 1)] * 50, [], "no column of preds.csv has a usual name of the true value; add `--label"),
        (("a", "b"), [(0, 1)] * 50, ["--prediction", "b"], "no column of preds.csv has a usual name of the true value"),
        (("label", "b"), [(0, 1)] * 50, ["--prediction", "c"], "has no such column"),
        (("label", "pred"), [(0, 1), (1, 0)] * 2, [], "too few rows to show anything"),
        (("label", "pred"), [("x", 1.5), ("y", 2.5)] * 30, [], "not seen to be of a binary, multiclass or regression"),
        (
            ("label", "pred"),
            [("1.0", True), ("0.0", False)] * 30,
            [],
            "`label` has 0.0, 1.0 and `pred` has False, True",
        ),
        (("label", "pred"), [(0, 1), (1, 1)] * 30, ["--positive", "2"], "has 0 and 1; name one of them"),
        (("label", "pred"), [(0, 0), (1, 1)] * 30, ["--champion", "preds.csv"], "has no column of unique ids"),
        (("label", "pred"), [(0, 0), (1, 1)] * 30, ["--table", "train"], "write NAME=FILE"),
        (("label", "pred"), [(0, 0), (1, 1)] * 30, ["--table", "evaluation=preds.csv"], "write it in candidate.yaml"),
        (("label", "pred"), [(0, 0), (1, 1)] * 30, ["--table", "train=gone.csv"], "no such file"),
        (("label", "pred"), [], [], "no rows"),
        (("label", "pred"), [("", 0), (0, 0), (1, 1)] * 30, [], "no rule passes on preds.csv: "),
        (("label", "pred"), [(0, 0), (1, 1)] * 30, ["--owner", "TODO"], "says nothing; write who is responsible"),
    ],
)
def test_what_cannot_be_seen_is_an_error_with_what_to_add(
    here: Path, names: tuple[str, ...], rows: list[Row], arguments: list[str], said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    written(here / "preds.csv", names, rows)
    assert run(["init", "preds.csv", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in here.iterdir() if path.name not in (".git", "preds.csv")] == []


def test_a_class_that_is_guessed_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(3)
    rows = [(label := draw.choice("aab"), label if draw.random() < 0.9 else draw.choice("ab")) for _ in range(400)]
    written(here / "preds.csv", ("label", "pred"), rows)
    assert run(["init", "preds.csv"]) == 0
    assert "Read `positive: b` in candidate.yaml: it is a guess" in capsys.readouterr().out


def turned(seed: int = 3) -> list[Row]:
    """Rows with truth, pred and prob, which is the probability of `benign`, the class of most rows."""
    draw = random.Random(seed)
    found: list[Row] = []
    for _ in range(600):
        benign = draw.random() < 0.65
        prob = min(max(draw.gauss(0.7 if benign else 0.3, 0.2), 0), 1)
        found.append(("benign" if benign else "malignant", "benign" if prob > 0.5 else "malignant", round(prob, 4)))
    return found


def test_the_class_whose_rows_score_higher_is_guessed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A guess by the rarer class alone would turn the score around."""
    written(here / "preds.csv", ("truth", "pred", "prob"), turned())
    assert run(["init", "preds.csv"]) == 0
    said = capsys.readouterr().out
    assert "Read `positive: benign` in candidate.yaml: it is a guess, because `prob` is higher where `truth`" in said
    candidate, policy = texts(here)
    assert (candidate["positive"], candidate["predictions"]["score"]) == ("benign", "prob")
    (ranking,) = [rule for rule in policy["rules"] if rule["id"] == "roc_auc"]
    assert ranking["at_least"] > 0.8
    assert run(ENFORCED) == 0


def test_a_score_of_the_other_class_is_left_out_and_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(here / "preds.csv", ("truth", "pred", "prob"), turned())
    assert run(["init", "preds.csv", "--positive", "malignant"]) == 0
    said = capsys.readouterr().out
    assert "`prob` is lower where `truth` is `malignant`, so no rule reads it: name the score of that class" in said
    assert "too few" not in said
    candidate, policy = texts(here)
    assert candidate["predictions"] == {"path": "preds.csv", "label": "truth", "prediction": "pred"}
    assert {rule["id"] for rule in policy["rules"]} == {"balanced_accuracy", "recall"}
    assert run(ENFORCED) == 0


def test_nothing_but_a_score_of_the_other_class_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(here / "preds.csv", ("truth", "prob"), [(row[0], row[2]) for row in turned()])
    assert run(["init", "preds.csv", "--positive", "malignant"]) == 2
    assert "so it is not the score of that class; name the score of that class by" in capsys.readouterr().err
    assert not (here / "candidate.yaml").exists()


def test_names_that_a_file_must_quote_are_quoted(here: Path) -> None:
    rows = [(row[0], row[2], row[3]) for row in binary()]
    written(here / "a b's {preds}.csv", ("id", "label", "prediction"), rows)
    assert run(["init", "a b's {preds}.csv", "--organisation", "--owner", 'x"y']) == 0
    assert texts(here)[1]["owner"] == 'x"y'
    assert (run(["lint"]), run(["test"]), run(ENFORCED)) == (0, 0, 0)


def test_signs_that_nobody_sees_are_escaped(here: Path) -> None:
    rows = [(row[0], *("yes" if value else "n\u202eo" for value in (row[2], row[3]))) for row in binary()]
    written(here / "preds.csv", ("id", "label", "prediction"), rows)
    assert run(["init", "preds.csv", "--positive", "n\u202eo", "--organisation", "--owner", "@example/risk"]) == 0
    assert "\u202e" not in (here / "candidate.yaml").read_text() + (here / "policies/credit.yaml").read_text()
    assert texts(here)[0]["positive"] == "n\u202eo"
    assert (run(["lint"]), run(["test"]), run(ENFORCED)) == (0, 0, 0)


def test_in_a_folder_of_a_repository_the_workflow_is_at_its_top(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "models" / "credit").mkdir(parents=True)
    monkeypatch.chdir(here / "models" / "credit")
    written(Path("preds.csv"), NAMES, binary())
    assert run(["init", "preds.csv", "--organisation", "--owner", "@example/risk"]) == 0
    workflow = yaml.safe_load((here / ".github/workflows/mlgate.yml").read_text())
    said = "mlgate check models/credit/candidate.yaml --policy models/credit/policies --policy-ref origin/main"
    assert workflow["jobs"]["mlgate"]["steps"][-1]["run"].startswith(said)
    assert [*yaml.safe_load((here / "models.yaml").read_text())["models"]] == ["models/credit/candidate.yaml"]
    assert (run(["test"]), run(ENFORCED)) == (0, 0)
    monkeypatch.chdir(here)
    assert run(["check", "models/credit/candidate.yaml", "--policy", "models/credit/policies"]) == 0
    assert diagnose(here).weaknesses == ()


def test_what_exists_around_it_stays_and_the_steps_say_what_to_add(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {
        ".gitlab-ci.yml": "build: {script: [make]}\n",
        "CODEOWNERS": "* @x\n",
        "models.yaml": "mlgate: 1\nowner: a\nmodels: {}\n",
    }
    for name, text in kept.items():
        (here / name).write_text(text)
    written(here / "preds.csv", NAMES, binary())
    assert run(["init", "preds.csv", "--ci", "gitlab", "--organisation", "--owner", "@example/risk"]) == 0
    said = capsys.readouterr().out
    assert {name: (here / name).read_text() for name in kept} == kept
    for part in (
        "Add `include: [{local: /ci/mlgate.gitlab-ci.yml}]` to .gitlab-ci.yml",
        "CODEOWNERS exists and stays as it is; add these lines: /policies/ @example/risk",
        "models.yaml exists and stays as it is; add this entry",
    ):
        assert part in said


def test_parquet_is_read_too_and_says_that_it_has_no_tests(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pandas as pd

    pd.DataFrame(binary(), columns=list(NAMES)).to_parquet(here / "preds.parquet")
    assert run(["init", "preds.parquet", "--organisation"]) == 0
    assert "No tests of the policy are written: tests edit CSV files" in capsys.readouterr().out
    assert run(ENFORCED) == 0


def test_metrics_and_tables_pass_lint_test_check_and_doctor_too(here: Path) -> None:
    (here / "metrics.json").write_text(json.dumps({"test": {"accuracy": 0.91, "log_loss": 0.2}}))
    assert run(["init", "metrics.json", "--organisation", "--owner", "@example/risk"]) == 0
    assert (run(["lint"]), run(["test"]), run(ENFORCED)) == (0, 0, 0)
    assert diagnose(here).weaknesses == ()


def test_a_run_of_mlflow_says_what_made_the_model(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ARTEFACTS / "mlflow-sqlite", here, dirs_exist_ok=True)
    git(here, "init", "--quiet")  # its commits are others than the run's
    with sqlite3.connect(here / "mlflow.db") as store:
        (run_id,) = store.execute("select run_uuid from runs").fetchone()
    written(here / "preds.csv", NAMES, binary())
    assert run(["init", "preds.csv", "--mlflow", run_id, "--owner", "@example/risk"]) == 0
    assert "The policy does not ask what the candidate cannot show yet: true-record." in capsys.readouterr().out
    candidate, policy = texts(here)
    assert candidate["source"] == {"mlflow": run_id}
    assert "sources-agree" in {rule["id"] for rule in policy["rules"]}
    assert run(ENFORCED) == 0
    assert diagnose(here).weaknesses == ()


def answered(command: Sequence[str], answers: Sequence[tuple[str, str]], folder: Path) -> str:
    """What a command prints in a terminal where a person answers each question."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ["TERM"] = "dumb"
        os.execv(command[0], command)
    said, waiting, until = "", list(answers), time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 4096).decode()
        except OSError:  # the program has ended
            break
        if not part:
            break
        said += part
        if waiting and waiting[0][0] in said:
            os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said
    assert waiting == [], said
    return said


@pytest.mark.slow
def test_a_person_is_asked_what_cannot_be_seen_and_nothing_else(here: Path) -> None:
    draw = random.Random(3)
    rows = [(label := draw.choice("aab"), label if draw.random() < 0.9 else draw.choice("ab")) for _ in range(400)]
    written(here / "preds.csv", ("reality", "pred"), rows)
    questions = [
        ("Who is responsible", "@example/risk"),
        ("Which column of preds.csv is the true value?", "reality"),
        ("Which class of `reality` is the positive one?", "a"),
    ]
    said = answered([sys.executable, "-P", "-m", "mlgate", "init", "preds.csv"], questions, here)
    assert said.count("?") == len(questions)
    candidate, policy = texts(here)
    assert (candidate["positive"], policy["owner"]) == ("a", "@example/risk")


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    name = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.mark.slow
def test_the_command_of_the_workflow_judges_the_change_that_brings_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "loans"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    git(origin, "config", "receive.denyCurrentBranch", "ignore")
    (origin / "README.md").write_text("loans\n")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message", "first")
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    git(clone, "checkout", "--quiet", "-b", "gate")
    monkeypatch.chdir(clone)
    written(clone / "preds.csv", NAMES, binary())
    assert run(["init", "preds.csv", "--organisation", "--owner", "@example/risk"]) == 0
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "the gate")
    workflow = yaml.safe_load((clone / ".github/workflows/mlgate.yml").read_text())
    command = shlex.split(workflow["jobs"]["mlgate"]["steps"][-1]["run"])
    assert run(command[1:]) == 0
    assert diagnose(clone).weaknesses == ()
    git(clone, "push", "--quiet", "origin", "gate:main")
    git(clone, "fetch", "--quiet")
    assert run(command[1:]) == 0
    assert [each.id for each in diagnose(clone).weaknesses] == ["bootstrap"]
