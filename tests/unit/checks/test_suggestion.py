"""Names as people know them are understood in messages, and no policy accepts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgate.checks.registry import also_called as checks_called
from mlgate.checks.registry import checks
from mlgate.checks.suggestion import check_hint, metric_hint
from mlgate.cli.main import run
from mlgate.metrics.registry import also_called as metrics_called
from mlgate.metrics.registry import known
from mlgate.reports.registry import reports
from mlgate.values.words import did_you_mean


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sensitivity", "recall"),
        ("tpr", "recall"),
        ("TPR", "recall"),
        ("fpr", "false_positive_rate"),
        ("f1_score", "f1"),
        ("F1-Score", "f1"),
        ("pr_auc", "average_precision"),
        ("auc", "roc_auc"),
        ("AUROC", "roc_auc"),
        ("ROC AUC", "roc_auc"),
        ("rocauc", "roc_auc"),
        ("ece", "calibration_error"),
        ("mean_absolute_error", "mae"),
        ("MeanAbsoluteError", "mae"),
        ("mcc", "matthews_corrcoef"),
        ("r2_score", "r2"),
        ("accuracy_score", "accuracy"),
        ("wer", "word_error_rate"),
        ("mean_reciprocal_rank", "mrr"),
        ("p95", "quantile"),
        ("recal", "recall"),
    ],
)
def test_a_metric_is_suggested_by_the_name_that_others_give_it(written: str, meant: str) -> None:
    assert metric_hint(written) == f", did you mean `{meant}`?"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("demographic_parity_difference", "fairness.demographic_parity"),
        ("fairness.demographic_parity_difference", "fairness.demographic_parity"),
        ("Fairness.EqualizedOdds", "fairness.equalized_odds"),
        ("equalized_odds_difference", "fairness.equalized_odds"),
        ("disparate_impact", "fairness.four_fifths"),
        ("demographic_parity_ratio", "fairness.ratio"),
        ("performance.metrc", "performance.metric"),
    ],
)
def test_a_check_is_suggested_by_the_name_that_others_give_it(written: str, meant: str) -> None:
    assert check_hint(written, checks()) == f", did you mean `{meant}`?"


@pytest.mark.parametrize(
    ("written", "measures", "metric"),
    [
        ("recall", "performance.metric", "recall"),
        ("performance.recall", "performance.metric", "recall"),
        ("performance.auc", "performance.metric", "roc_auc"),
        ("fairness.selection_rate", "fairness.gap", "selection_rate"),
    ],
)
def test_a_metric_in_place_of_a_check_is_suggested_with_its_check(written: str, measures: str, metric: str) -> None:
    assert check_hint(written, checks()) == f", did you mean `{measures}` with `metric: {metric}`?"


def test_a_check_in_place_of_a_metric_is_suggested_as_a_check() -> None:
    assert metric_hint("demographic_parity_difference") == ", did you mean `check: fairness.demographic_parity`?"


def test_a_check_that_a_policy_cannot_name_is_not_suggested() -> None:
    assert check_hint("demographic_parity_difference", {"lineage.complete"}) == ""
    assert check_hint("recall", {"lineage.complete"}) == ""


def test_an_unknown_word_gets_no_other_name() -> None:
    assert metric_hint("zzz") == "; `mlgate explain` lists all metrics"
    assert check_hint("zzz", checks()) == ""
    assert did_you_mean("***", ["recall"], {"-": "mae"}) == ""


def test_other_names_are_those_of_no_metric_or_check_and_mean_one_that_there_is() -> None:
    assert not set(metrics_called()) & set(known())
    assert set(metrics_called().values()) <= set(known())
    assert not set(checks_called()) & {name.rpartition(".")[2] for name in checks()}
    assert set(checks_called().values()) <= set(checks())
    assert not set(metrics_called()) & set(checks_called())


def test_one_spelling_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rule = "{id: r, check: performance.metric, metric: sensitivity, at_least: 0.5}"
    Path("policy.yaml").write_text(f"mlgate: 1\npolicy: p\nowner: o\nrules:\n  - {rule}\n")
    assert run(["lint", "policy.yaml"]) == 2
    assert "unknown metric `sensitivity`, did you mean `recall`?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("topic", "meant"),
    [
        ("tpr", "recall"),
        ("precision@k", "precision_at_k"),
        ("hit@k", "hit_rate"),
        ("NDCG@k", "ndcg"),
        ("equal_opportunity_difference", "fairness.equal_opportunity"),
        ("jnit", "junit"),
    ],
)
def test_explain_suggests_too(topic: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", topic]) == 2
    assert f"unknown check, metric, report or pack `{topic}`, did you mean `{meant}`?" in capsys.readouterr().err


def test_every_name_given_by_others_is_unique() -> None:
    """A name in two tables would mean whichever was read last."""
    from importlib import import_module
    from pkgutil import iter_modules

    from mlgate import metrics

    tables = [
        getattr(import_module(f"mlgate.metrics.{file.name}"), "ALSO_CALLED", {})
        for file in iter_modules(metrics.__path__)
    ]
    names = [name for table in tables for others in table.values() for name in others.split(", ")]
    names += [name for check in checks().values() for name in check.also_called]
    assert len(names) == len(set(names))


def test_explain_alone_lists_every_check_metric_and_report_under_its_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    sections = dict(part.split("\n", 1) for part in capsys.readouterr().out.split("\n## ")[1:])
    for name in checks():
        assert f"- `{name}`: " in sections[f"Checks: {name.partition('.')[0]}"]
    for name, entries in known().items():
        for task in {task for metric in entries for task in metric.tasks}:
            section = "any task" if entries[0].for_tasks == "any task" else task
            assert f"- `{name}`: " in sections[f"Metrics: {section}"]
    for name in reports():
        assert f"- `{name}`: " in sections["Reports"]
