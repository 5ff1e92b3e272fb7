"""Where a key of the candidate file is at fault, the message says where that key stands."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import mlgate
from mlgate.cli.main import run
from mlgate.values.stored import read

HEAD = """mlgate: 1
candidate: c
task: binary
"""
WHOLE = """positive: "1"
predictions:
  path: p.csv
  id: id
  label: y
  prediction: yhat
  score: s
"""
OTHER = "champion: {path: old.csv, prediction: yhat, label: y}\n"
ROWS = pd.DataFrame({"id": [f"r{at}" for at in range(40)], "y": [0, 1] * 20, "yhat": [0, 1] * 20, "s": [0.2, 0.7] * 20})
WRONG = ROWS.assign(yhat=[0, 1] * 18 + [1, 0] * 2)
RULES = {
    "accuracy": "check: performance.metric, metric: accuracy, at_least: 0.1",
    "brier": "check: performance.metric, metric: brier_score, at_most: 0.9",
    "split": "check: performance.slices, metric: accuracy, columns: [g], at_least: 0.1, method: split",
    "champion": "check: performance.champion, metric: accuracy, margin: 0.5",
}


def message(folder: Path, rule: str, text: str, **tables: pd.DataFrame) -> str:
    """The message of one rule about a candidate file, which must be an ERROR."""
    for name, rows in {"p": WRONG, "old": ROWS, **tables}.items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    (folder / "eval.yaml").write_text(text)
    policy = f"mlgate: 1\npolicy: gate\nowner: o@example.com\nrules:\n  - {{id: r, {RULES[rule]}}}\n"
    (folder / "gate.yaml").write_text(policy)
    assert run(["check", "eval.yaml", "--policy", "gate.yaml", "--quiet", "--report", "json=v.json"]) == 1
    (outcome,) = [each for each in read((folder / "v.json").read_text()).verdicts[0].outcomes if each.rule == "r"]
    assert (outcome.status, outcome.at.file) == (mlgate.Status.ERROR, "gate.yaml")
    return outcome.message


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


MISSPELT = [
    ("accuracy", "prediction: yhat", "prediction: y_hat", "eval.yaml:9 (prediction: y_hat)"),
    ("accuracy", "label: y\n", "label: yy\n", "eval.yaml:8 (label: yy)"),
    ("accuracy", "id: id", "id: idd", "eval.yaml:7 (id: idd)"),
    ("split", "id: id", "id: [id, idd]", "eval.yaml:7 (id: [id, idd])"),
    ("brier", "score: s\n", "score: ss\n", "eval.yaml:10 (score: ss)"),
    ("brier", "  score: s\n", "", "eval.yaml:5 (predictions)"),
    ("accuracy", "path: p.csv", "path: q.csv", "eval.yaml:6 (path: q.csv)"),
    ("accuracy", 'positive: "1"', 'positive: "2"', "eval.yaml:4 (positive: 2)"),
    ("champion", "{path: old.csv", "{path: new.csv", "eval.yaml:11 (path: new.csv)"),
    ("champion", "prediction: yhat, ", "prediction: yhatt, ", "eval.yaml:11 (prediction: yhatt)"),
    ("champion", "label: y}", "label: yy}", "eval.yaml:11 (label: yy)"),
    ("champion", "{path", "{id: idd, path", "eval.yaml:11 (id: idd)"),
    ("accuracy", "champion:", "unit: {column: u}\nchampion:", "eval.yaml:11 (column: u)"),
]


@pytest.mark.parametrize(("rule", "right", "wrong", "place"), MISSPELT)
def test_a_misspelt_key(folder: Path, rule: str, right: str, wrong: str, place: str) -> None:
    text = HEAD + WHOLE + OTHER
    assert right in text
    said = message(folder, rule, text.replace(right, wrong), p=WRONG.assign(g=["a", "b"] * 20))
    assert said.endswith(f"ook at {place}")


def test_values_that_a_column_must_not_have(folder: Path) -> None:
    percent = message(folder, "brier", HEAD + WHOLE, p=WRONG.assign(s=ROWS["s"] * 100))
    assert percent.endswith("divide percentages by 100; look at eval.yaml:10 (score: s)")
    missing = message(folder, "accuracy", HEAD + WHOLE, p=WRONG.assign(yhat=[None, *WRONG["yhat"][1:]]))
    assert missing.endswith("look at eval.yaml:9 (prediction: yhat)")
    lacking = message(folder, "champion", HEAD + WHOLE + OTHER, old=ROWS.iloc[:30])
    assert lacking.endswith("Give champion the rows of predictions, no more and no fewer; look at eval.yaml:7 (id: id)")


EVALUATED = """positive: "1"
predictions: {path: p.csv, id: id, prediction: yhat}
tables:
  evaluation:
    path: truth.csv
    key: KEY
    label: LABEL
"""


@pytest.mark.parametrize(
    ("key", "label", "place"), [("kk", "y", "eval.yaml:9 (key: kk)"), ("k", "yy", "eval.yaml:10 (label: yy)")]
)
def test_a_key_of_the_evaluation_table(folder: Path, key: str, label: str, place: str) -> None:
    text = HEAD + EVALUATED.replace("KEY", key).replace("LABEL", label)
    truth = pd.DataFrame({"k": ROWS["id"], "y": ROWS["y"]})
    said = message(folder, "accuracy", text, p=WRONG[["id", "yhat"]], truth=truth)
    assert said.endswith(f"Look at {place}")


def test_facts_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = message(folder, "accuracy", (HEAD + WHOLE).replace("p.csv", "gone.csv"))
    assert run(["measure", "eval.yaml", "--policy", "gate.yaml", "--output", "facts.json"]) == 0
    assert run(["check", "eval.yaml", "--policy", "gate.yaml", "--facts", "facts.json", "--report", "json=f.json"]) == 1
    outcomes = read((folder / "f.json").read_text()).verdicts[0].outcomes
    assert said in [outcome.message for outcome in outcomes]


def test_files_that_cannot_be_read_are_told_at_their_key(folder: Path) -> None:
    message(folder, "champion", HEAD + WHOLE + OTHER.replace("old.csv", "gone.csv"))
    inputs = read((folder / "v.json").read_text()).verdicts[0].outcomes[-1]
    assert (inputs.rule, inputs.at.file, inputs.at.line) == ("inputs", "eval.yaml", 11)


def test_a_column_of_the_policy_has_no_place_in_the_candidate(folder: Path) -> None:
    assert message(folder, "split", HEAD + WHOLE).endswith("`s`")


def test_an_argument_is_named_in_python(folder: Path) -> None:
    (folder / "gate.yaml").write_text(
        f"mlgate: 1\npolicy: gate\nowner: o@example.com\nrules:\n  - {{id: r, {RULES['accuracy']}}}\n"
    )
    verdict = mlgate.check(
        policy="gate.yaml", predictions=WRONG.astype(str), task="binary", positive="1", label="y", prediction="y_hat"
    )
    assert verdict.outcomes[0].message.endswith('did you mean `yhat`? Look at prediction="y_hat"')


def test_answers_of_another_type_are_told_at_their_own_model_with_what_to_store(folder: Path) -> None:
    policy = f"mlgate: 1\npolicy: gate\nowner: o@example.com\nrules:\n  - {{id: r, {RULES['champion']}}}\n"
    (folder / "gate.yaml").write_text(policy)
    ROWS.astype(str).to_csv("p.csv", index=False)
    ROWS.assign(y=ROWS["y"].astype(str)).to_parquet("old.parquet")
    (folder / "eval.yaml").write_text(HEAD + WHOLE + OTHER.replace("old.csv", "old.parquet"))
    (said,) = [each.message for each in mlgate.check(policy="gate.yaml", candidate="eval.yaml").outcomes]
    assert said == (
        "label `y` is text and the champion's prediction `champion.yhat` is integer, so they cannot be compared; "
        "store the champion's prediction `champion.yhat` as text too, spelled as in label `y` (all values of a "
        "CSV file are text); look at eval.yaml:8 (label: y) and eval.yaml:11 (prediction: yhat)"
    )
