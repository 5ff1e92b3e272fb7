"""Functions of a policy's choice: what they are given, and the value that comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.metrics import get_scorer, get_scorer_names

import mlgate
from mlgate.evidence.called_function import NoValue, refuse_decisions
from mlgate.values.verdict import Status, Verdict

RANDOM = np.random.default_rng(4)
N = 400
TRUTH = RANDOM.random(N) < 0.4
SCORE = np.clip(0.5 * TRUTH + 0.5 * RANDOM.random(N), 0.01, 0.99)
DECIDED = np.where(SCORE > 0.5, "sick", "well")
GROUP = RANDOM.choice(list("ab"), N)
BINARY = pd.DataFrame({"y": np.where(TRUTH, "sick", "well"), "p": DECIDED, "s": SCORE, "g": GROUP})
ROLES = {"predictions": BINARY, "task": "binary", "positive": "sick", "label": "y", "prediction": "p", "score": "s"}

NAMES = ("cat", "dog", "eel")
CLASSES = RANDOM.choice(NAMES, N)
MATRIX = RANDOM.dirichlet([1, 1, 1], N) * 0.5 + 0.5 * (CLASSES[:, None] == np.array(NAMES))
COLUMNS = {f"s_{name}": MATRIX[:, at] for at, name in enumerate(NAMES)}
MANY = pd.DataFrame({"y": CLASSES, "p": np.array(NAMES)[MATRIX.argmax(1)], **COLUMNS})
MANY_ROLES = {
    "predictions": MANY, "task": "multiclass", "label": "y", "prediction": "p",
    "scores": {"eel": "s_eel", "cat": "s_cat", "dog": "s_dog"},
}  # fmt: skip


def slow(*parameters: Any) -> Any:
    """Parameters of a slow test: each starts a process that imports scikit-learn."""
    return pytest.param(*parameters, marks=pytest.mark.slow)


def judged(folder: Path, rule: str, **candidate: Any) -> Verdict:
    """The verdict under a policy of one rule."""
    policy = folder / "policy.yaml"
    policy.write_text(
        f"mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - {{id: r, check: performance.metric, {rule}}}\n"
    )
    return mlgate.check(policy=policy, **candidate)


def value(verdict: Verdict) -> float | None:
    """The value of its first finding."""
    return verdict.outcomes[0].findings[0].value


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [
        slow("log_loss", "score", metrics.log_loss(TRUTH, SCORE)),
        slow("log_loss", "scores", metrics.log_loss(TRUTH, SCORE)),
        slow("roc_auc_score", "score", metrics.roc_auc_score(TRUTH, SCORE)),
        slow("brier_score_loss", "score", metrics.brier_score_loss(TRUTH, SCORE)),
        slow("average_precision_score", "score", metrics.average_precision_score(TRUTH, SCORE)),
        slow("f1_score", "prediction", metrics.f1_score(TRUTH, BINARY.p == "sick")),
        ("f1_score", "", metrics.f1_score(TRUTH, BINARY.p == "sick")),
        slow("precision_score", "", metrics.precision_score(TRUTH, BINARY.p == "sick")),
    ],
)
def test_a_binary_label_is_0_or_1(tmp_path: Path, function: str, inputs: str, expected: float) -> None:
    """scikit-learn's f1 takes 1 for positive: of class names it knows no positive one."""
    given = f", inputs: {inputs}" if inputs else ""
    verdict = judged(tmp_path, f'metric: "sklearn.metrics:{function}"{given}, at_most: 1', **ROLES)
    assert value(verdict) == pytest.approx(expected, rel=1e-9), verdict.outcomes[0].message


def test_scores_of_several_classes_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    verdict = judged(tmp_path, 'metric: "sklearn.metrics:log_loss", inputs: scores, at_most: 9', **MANY_ROLES)
    assert value(verdict) == pytest.approx(metrics.log_loss(CLASSES, MATRIX), rel=1e-9)


def test_every_group_has_its_own_value(tmp_path: Path) -> None:
    verdict = judged(tmp_path, 'metric: "statistics:correlation", inputs: score, by: g, at_least: 0.1', **ROLES)
    found = {finding.where[0][1]: finding.value for finding in verdict.outcomes[0].findings}
    expected = {g: np.corrcoef(TRUTH[BINARY.g == g], SCORE[BINARY.g == g])[0, 1] for g in "ab"}
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rule", "candidate", "said"),
    [
        ('metric: "sklearn.metrics:log_loss"', ROLES, "function of scores"),
        slow('metric: "sklearn.metrics:log_loss", inputs: prediction', ROLES, "function of scores"),
        slow('metric: "sklearn.metrics:roc_auc_score"', ROLES, "function of scores"),
        slow('metric: "sklearn.metrics:log_loss"', MANY_ROLES, "function of scores"),
        ('metric: "sklearn.metrics:log_loss", inputs: score', MANY_ROLES, "write `inputs: scores`"),
        slow('metric: "sklearn.metrics:accuracy_score", inputs: score', ROLES, "fails on the rows"),
    ],
)
def test_what_a_function_does_not_take_is_an_error(
    tmp_path: Path, rule: str, candidate: dict[str, Any], said: str
) -> None:
    verdict = judged(tmp_path, f"{rule}, at_most: 9", **candidate)
    assert verdict.outcomes[0].status is Status.ERROR
    assert said in verdict.outcomes[0].message
    assert verdict.exit_code == 1


def test_a_built_in_metric_takes_no_inputs(tmp_path: Path) -> None:
    with pytest.raises(mlgate.InputError, match="takes no `inputs`"):
        judged(tmp_path, "metric: accuracy, inputs: score, at_least: 0.5", **ROLES)


def test_the_words_say_what_a_function_gets(tmp_path: Path) -> None:
    verdict = judged(tmp_path, 'metric: "statistics:correlation", inputs: score, at_most: 9', **ROLES)
    assert "statistics:correlation of scores" in verdict.outcomes[0].message


def test_every_scorer_of_scikit_learn_that_asks_for_scores_is_known() -> None:
    """scikit-learn itself says of its scorers what they ask a model for."""
    wrong = []
    for name in get_scorer_names():
        scorer = get_scorer(name)
        asked = scorer._response_method
        of_scores = "predict_proba" in asked or "decision_function" in asked
        try:
            refuse_decisions(name, scorer._score_func, chosen=True)
            refused = False
        except NoValue:
            refused = True
        if refused != of_scores:
            wrong.append(name)
    assert wrong == []
