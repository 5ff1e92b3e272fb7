"""Which metric the name of a reported number means, so that its range and its better direction are known."""

from __future__ import annotations

import pytest

from mlgate.checks.reported.known_metric import known_metric, sign_turned


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("test.accuracy", "accuracy"),
        ("test/accuracy", "accuracy"),
        ("val:Accuracy", "accuracy"),
        ("eval_acc", "accuracy"),
        ("cv_accuracy_mean", "accuracy"),
        ("accuracy.1", "accuracy"),
        ("accuracy.test", "accuracy"),
        ("accuracy.value", "accuracy"),
        ("f1_macro", "f1"),
        ("test_macro_f1", "f1"),
        ("macro avg.f1-score", "f1"),
        ("roc_auc_ovr_weighted", "roc_auc"),
        ("mean_absolute_error", "mae"),
        ("negative_predictive_value", "negative_predictive_value"),
        ("accuracy_std", ""),
        ("accuracy_drop", ""),
        ("std.accuracy_gap", ""),
        ("neg_log_loss", ""),
        ("...", ""),
    ],
)
def test_a_name_means_the_metric_whatever_says_how_and_on_which_rows(name: str, metric: str) -> None:
    assert known_metric(name) == metric


def test_an_error_with_its_sign_turned_is_known_as_such() -> None:
    assert sign_turned("neg_log_loss")
    assert sign_turned("cv.mean_test_neg_mean_squared_error")
    assert not any(map(sign_turned, ("log_loss", "negative_predictive_value", "neg_pred_value", "")))
