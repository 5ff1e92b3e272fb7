"""The keys that a policy leaves to the candidate, and the `expects:` that fixes them, as `mlgate lint` prints them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlgate.cli.main import run
from mlgate.policy.demanded import Policy
from mlgate.policy.left_open import closing_block, left_open
from mlgate.policy.load import load_policies

HEAD = "mlgate: 1\npolicy: p\nowner: o\n"
RULE = "{check: performance.metric, metric: accuracy, at_least: 0.7}"
PREDICTIONS = "predictions: {id: i, label: y, count: none, weight: none, unread_parts: none}"
ALL = f"positive: a, {PREDICTIONS}, unit: {{column: u, score: none}}"


def loaded(folder: Path, expects: str, rule: str = RULE, rest: str = "") -> Policy:
    """A policy with one rule of the real checks."""
    said = f"expects: {expects}\n" if expects else ""
    (folder / "p.yaml").write_text(f"{HEAD}{rest}{said}rules: [{rule}]\n")
    (policy,) = load_policies([folder / "p.yaml"], workspace=folder)
    return policy


def opened(folder: Path, expects: str, rule: str = RULE, rest: str = "") -> str:
    return " ".join(".".join(keys) for keys in left_open(loaded(folder, expects, rule, rest)))


ROWS = "predictions.id predictions.label predictions.count predictions.weight predictions.unread_parts"
UNIT = "unit.column unit.score"
LABELLED = "predictions.id predictions.count predictions.weight predictions.unread_parts"


@pytest.mark.parametrize(
    ("expects", "rest", "keys"),
    [
        ("", "", f"task positive classes {ROWS} {UNIT} evaluation"),
        ("{task: multiclass}", "", f"classes {ROWS} {UNIT} evaluation"),
        ("{task: binary}", "", f"positive {ROWS} {UNIT} evaluation"),
        ("", "for: {task: binary}\n", f"positive {ROWS} {UNIT} evaluation"),
        ("{positive: a}", "", f"{ROWS} {UNIT} evaluation"),
        ("{classes: [a, b, c]}", "", f"{ROWS} {UNIT} evaluation"),
        ("{predictions: {label: y}}", "", f"task positive classes {LABELLED} {UNIT}"),
        (
            "{evaluation: {key: id, label: y}, task: binary}",
            "",
            f"positive {LABELLED} {UNIT} evaluation.path evaluation.unread_parts",
        ),
        (
            "{evaluation: {path: e.csv}, task: binary}",
            "",
            f"positive {LABELLED.replace('.id', '.id evaluation.label')} {UNIT} evaluation.key",
        ),
        (
            "{evaluation: {path: e.csv, key: id, label: none}, positive: a}",
            "",
            f"{ROWS} {UNIT}",
        ),
        ("{positive: a, predictions: {label: y}, unit: {column: u}}", "", f"{LABELLED} unit.score"),
        ("{positive: a, predictions: {label: y}, unit: none}", "", LABELLED),
        (f"{{task: binary, {ALL}}}", "", ""),
        (f"{{{ALL}}}", "", ""),
    ],
)
def test_what_is_not_fixed_is_listed(tmp_path: Path, expects: str, rest: str, keys: str) -> None:
    assert opened(tmp_path, expects, rest=rest) == keys


METRIC = "check: performance.metric, metric"
CHAMPION = "check: performance.champion, margin: 0.1, metric"
RANKED = "predictions.id predictions.label predictions.query predictions.item predictions.unretrieved"
FORECAST = "predictions.series predictions.time predictions.horizon predictions.cutoff"


@pytest.mark.parametrize(
    ("rule", "expects", "keys"),
    [
        # Only candidates of one task have the metric, so the task is known.
        (f"{METRIC}: quadratic_weighted_kappa, at_least: 0.7", "", "classes"),
        (f"{METRIC}: hamming_loss, at_most: 0.1", "", "classes predictions.separator"),
        (f"{METRIC}: hamming_loss, at_most: 0.1", "{predictions: {labels: {a: x, b: z}}}", "predictions.separator"),
        (
            f"{METRIC}: hamming_loss, at_most: 0.1",
            "{predictions: {label: none}}",
            "classes predictions.labels predictions.separator",
        ),
        (f"{METRIC}: hamming_loss, at_most: 0.1", "{predictions: {labels: none}}", "classes predictions.separator"),
        (f"{METRIC}: ndcg, at_least: 0.7", "", RANKED),
        (f"{METRIC}: interval_width, at_most: 7", "{task: regression}", "predictions.weight"),
        (
            f"{METRIC}: mase, season: 1, at_most: 1",
            "",
            f"{FORECAST} history.path history.unread_parts history.key history.label",
        ),
        (
            f"{METRIC}: mase, season: 1, at_most: 1",
            "{history: {path: h.csv, key: [s, t]}}",
            f"{FORECAST} history.label",
        ),
        (f"{METRIC}: mae, at_most: 1", "{task: forecasting}", FORECAST),
        # A rule that reads another table depends on nothing else.
        (
            f"{METRIC}: mean, column: c, at_most: 1, table: train",
            "",
            "tables.train.path tables.train.unread_parts tables.train.key",
        ),
        (f"{METRIC}: mean, column: c, at_most: 1, table: train", "{tables: {train: {path: t.csv, key: none}}}", ""),
        (f"{METRIC}: mean, column: c, at_most: 1, table: train", "{tables: none}", ""),
        # A rule may look the keys of its rows up in a further table.
        (
            "check: data.rows, table: a, foreign_key: {columns: k, table: b}, count: {of: c, at_least: 1}",
            "{tables: {a: {path: a.csv, key: none}}}",
            "tables.c.path tables.c.unread_parts tables.c.key tables.b.path tables.b.unread_parts tables.b.key",
        ),
        (
            "check: data.leakage, table: a, against: b, key: k",
            "{tables: {a: {path: a.csv, key: none}}}",
            "tables.b.path tables.b.unread_parts tables.b.key",
        ),
        (
            f"{METRIC}: mean, column: c, at_most: 1, table: evaluation",
            "",
            "evaluation.path evaluation.unread_parts evaluation.key",
        ),
        # A folder or a glob may hold files that are not read; a single CSV file may not.
        (
            f"{METRIC}: mean, column: c, at_most: 1, table: train",
            "{tables: {train: {path: t.parquet, key: none}}}",
            "tables.train.unread_parts",
        ),
        (
            f"{METRIC}: mean, column: c, at_most: 1, table: train",
            "{tables: {train: {path: '*.csv', key: none}}}",
            "tables.train.unread_parts",
        ),
        # A champion's file does not say which of its columns is the earlier model's answer.
        (f"{CHAMPION}: accuracy", "{positive: a}", "champion.path champion.unread_parts champion.prediction"),
        (f"{CHAMPION}: accuracy", "{positive: a, champion: {path: c.csv}}", "champion.prediction"),
        (f"{CHAMPION}: accuracy", "{positive: a, champion: {path: c.csv, prediction: old}}", ""),
        (f"{CHAMPION}: accuracy", "{positive: a, champion: {verdict: v.json}}", ""),
        (f"{CHAMPION}: accuracy", "{positive: a, champion: none}", ""),
        (f"{CHAMPION}: roc_auc", "{positive: a}", "champion.path champion.unread_parts champion.score"),
        (f"{CHAMPION}: accuracy, threshold: 0.5", "{positive: a, champion: {path: c.csv}}", "champion.score"),
        (
            f"{CHAMPION}: log_loss",
            "{task: multiclass, classes: [a, b, c]}",
            "champion.path champion.unread_parts champion.scores",
        ),
        (
            f"{CHAMPION}: accuracy, against: [serving, anchor]",
            "{positive: a, champions: {serving: {path: c.csv, prediction: old}}}",
            "champions.anchor.path champions.anchor.unread_parts champions.anchor.prediction",
        ),
        (
            "check: performance.flips, of: changed, at_most: 0.1",
            "{positive: a}",
            "champion.path champion.unread_parts champion.prediction",
        ),
    ],
)
def test_what_a_rule_reads_decides_what_is_listed(tmp_path: Path, rule: str, expects: str, keys: str) -> None:
    everywhere = {*ROWS.split(), *UNIT.split(), "evaluation", "evaluation.label"} - {*keys.split()}
    found = [key for key in opened(tmp_path, expects, f"{{{rule}}}").split() if key not in everywhere]
    assert " ".join(found) == keys


FIXED = [
    "",
    "{predictions: {label: y}}",
    "{predictions: {label: y}, champion: {path: serving.csv}, task: binary}",
    '{positive: "1, 2", tags: [a, "b: c"], unit: none}',
    "{task: multiclass, tables: {train: {path: t.csv}, other: none}}",
]
RULES = [
    RULE,
    f"{{{METRIC}: mean, column: c, at_most: 1, table: train}}",
    f"{{{CHAMPION}: accuracy}}",
    f"{{{CHAMPION}: log_loss, against: [serving, anchor]}}",
]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("expects", FIXED)
def test_the_block_is_a_valid_expects_that_keeps_what_is_fixed_and_leaves_nothing_open(
    tmp_path: Path, expects: str, rule: str
) -> None:
    policy = loaded(tmp_path, expects, rule)
    block = closing_block(policy).replace("TASK", "binary")
    assert len(re.findall(r"^expects:$", block, re.MULTILINE)) == 1
    closed = loaded(tmp_path, "", rule, block)
    assert left_open(closed) == {}
    before = {entry.keys: entry.value for entry in policy.expects}
    assert before.items() <= {entry.keys: entry.value for entry in closed.expects}.items()


@pytest.mark.parametrize(
    ("expects", "rule"),
    [
        ("{task: multilabel, predictions: {labels: {a: x, b: z}}}", f"{{{METRIC}: hamming_loss, at_most: 0.1}}"),
        ("{task: ranking, evaluation: {key: [q, i], label: grade}}", f"{{{CHAMPION}: ndcg}}"),
        ("{task: forecasting}", f"{{{METRIC}: mase, season: 1, at_most: 1}}"),
    ],
)
def test_the_block_of_other_tasks_closes_too(tmp_path: Path, expects: str, rule: str) -> None:
    closed = loaded(tmp_path, "", rule, closing_block(loaded(tmp_path, expects, rule)))
    assert left_open(closed) == {}


def test_lint_prints_where_and_the_block_as_it_is_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = "rules: [{check: performance.champion, metric: recall, margin: 0.1, against: [serving, anchor]}]\n"
    text = f"{HEAD}for: {{task: binary}}\nexpects: {{positive: a, predictions: {{label: y}}}}\n{rules}"
    Path("policy.yaml").write_text(text)
    assert run(["lint", "policy.yaml"]) == 0
    place, *block = capsys.readouterr().out.splitlines()[1:6]
    assert place == (
        "policy.yaml:5:1: advice: the candidate may choose predictions.id, predictions.count, predictions.weight, "
        "predictions.unread_parts, unit.column, unit.score, champions.serving.path, champions.serving.unread_parts, "
        "champions.serving.prediction, champions.anchor.path, champions.anchor.unread_parts, "
        "champions.anchor.prediction. To fix them, replace `expects:` by this, with your words or `none` for those in "
        "capitals:"
    )
    assert block == [
        "expects:",
        "  positive: a",
        "  predictions: {label: y, id: COLUMN, count: none, weight: none, unread_parts: none}",
        "  unit: {column: COLUMN, score: none}",
    ]
    Path("policy.yaml").write_text(f"{HEAD}{rules}")
    assert run(["lint", "policy.yaml"]) == 0
    assert "policy.yaml:1:1: advice: the candidate may choose positive, predictions.id, " in capsys.readouterr().out


def test_every_line_of_lint_has_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.yaml").write_text(f"{HEAD}rules:\n  - {{check: nothing.such}}\n  - {{check: fairness.audit}}\n")
    assert run(["lint", "policy.yaml"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert [line for line in lines if not re.match(r"policy\.yaml:\d+:\d+: ", line)] == []
