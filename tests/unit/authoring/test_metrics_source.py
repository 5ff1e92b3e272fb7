"""A first candidate and policy from a file of metrics: they pass on it, and block what is clearly worse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgate.authoring.source import FileToStart, first_files
from mlgate.cli.main import run
from mlgate.values.errors import InputError


def rules(text: str) -> dict[str, dict[str, Any]]:
    """The rules of a policy for the text of a metrics file, by the name of the number."""
    found = yaml.safe_load(first_files(FileToStart("metrics.json", "churn", "o@example.com", text.encode())).policy)
    return {rule["name"]: rule for rule in found["rules"]}


@pytest.mark.parametrize(
    ("metrics", "side", "bound"),
    [
        ('{"accuracy": 0.91234}', "at_least", 0.912),
        ('{"accuracy": 1.0}', "at_least", 1.0),
        ('{"test": {"Accuracy": 0.9}}', "at_least", 0.9),
        ('{"val_auc": 0.9}', "at_least", 0.9),
        ('{"rmse": 3.2511}', "at_most", 3.26),
        ('{"brier_score": 0.99999}', "at_most", 0.99999),
        ('{"train_loss": 0.2}', "at_most", 0.2),
        ('{"test_neg_mean_squared_error": -0.31415}', "at_least", -0.315),
        ('{"test/f1_macro": 0.81234}', "at_least", 0.812),
        ('[{"test/loss": 0.33}]', "at_most", 0.33),
        ('{"error_rate": 0.05}', "at_most", 0.05),
        ('{"r2": -0.0512345}', "at_least", -0.0513),
        ("accuracy: 0.91\n", "at_least", 0.91),
        ("metric,value\naccuracy,0.91\n", "at_least", 0.91),
    ],
)
def test_a_number_is_bound_in_the_direction_that_is_worse(metrics: str, side: str, bound: float) -> None:
    (rule,) = rules(metrics).values()
    assert {key: rule[key] for key in ("at_least", "at_most") if key in rule} == {side: bound}


def test_a_percentage_has_its_range() -> None:
    assert rules('{"accuracy": 91.2}')["accuracy"]["range"] == [0, 100]
    assert "range" not in rules('{"accuracy": 0.912}')["accuracy"]


def test_numbers_of_the_training_data_are_not_judged_where_there_are_others() -> None:
    assert set(rules('{"train": {"accuracy": 1.0}, "test": {"accuracy": 0.9}}')) == {"test.accuracy"}
    assert set(rules('{"train": {"accuracy": 0.9}}')) == {"train.accuracy"}


def test_a_number_that_no_bound_would_demand_anything_of_is_named_and_not_judged() -> None:
    text = first_files(
        FileToStart("m", "churn", "o", b'{"accuracy": 0.9, "recall": 0, "seconds": 3, "x": 1, "x": 2}')
    ).policy
    assert '#   "recall"\n#   "seconds"\n#   "x"\n' in text
    assert text.count("check: reported.metric") == 1


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"accuracy": NaN}', "<xml/>"])
def test_a_file_without_numbers_is_not_a_file_of_metrics(text: str) -> None:
    with pytest.raises(InputError, match="is not one of these"):
        rules(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"accuracy": "0.91"}', "has no number: `accuracy` is `0.91`"),
        ('{"accuracy": null}', "has no number: `accuracy` is `null`"),
        ('{"accuracy": 0.9', "may be cut off"),
        ('{"accuracy": 0.9, "accuracy": 0.8}', "several values of each number, as of `accuracy`"),
    ],
)
def test_a_file_of_metrics_that_cannot_be_used_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rules(text)


def test_a_file_without_a_metric_of_known_direction_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"2 numbers .`seconds`, `x`., and no metric .* by hand"):
        rules('{"seconds": 3, "x": 1}')


SPELT = ["accuracy", "val_auc", "rmse", "Brier", "loss", "a b", "x.f1", "'\"", "#: -", "r2", "ß", "mape"]
NAMES = st.sampled_from(SPELT)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.floats(0, 1) | st.floats(-1e6, 1e6) | st.integers(0, 100) | FINITE
FILES = st.dictionaries(NAMES, NUMBERS | st.dictionaries(NAMES, NUMBERS, max_size=4), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_the_first_policy_passes_on_its_file(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, metrics: Any
) -> None:
    folder = tmp_path_factory.mktemp("work")
    (folder / ".git").mkdir()
    monkeypatch.chdir(folder)
    Path("metrics.json").write_text(json.dumps(metrics))
    code = run(["init", "metrics.json"])
    assert code in (0, 2)
    if code == 0:
        assert run(["check"]) == 0
    else:
        assert not Path("candidate.yaml").exists()
