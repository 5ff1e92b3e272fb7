"""Every key of every check does something: with it a rule passes, with it a rule is blocked, and its value matters.

The keys are those that the checks declare. A key without an example fails here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlgate.checks.registry import shipped
from mlgate.metrics.kinds.share import HitShare, Share
from mlgate.metrics.registry import metrics
from mlgate.reading.fields import params
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome
from support.every_rule import HEAD, presented, rule
from support.key_examples import Pairwise, pairs

Keys = Mapping[str, str]
OTHER = pd.DataFrame(
    {"value": np.arange(400.0) % 7 + 1, "g": ["left", "right"] * 200, "wing": ["a", "a", "b", "b"] * 100}
)
"""A further table of the candidate."""


@dataclass(frozen=True)
class Example:
    """A key with two values that measure different things, and one that no rule can have or answer."""

    task: str
    with_keys: Keys
    one: str
    two: str
    wrong: str
    lax: str = "at_least: 0.001"
    strict: str = "at_least: 0.999"
    wide: str = "0.999"
    """A difference that is surely larger than any."""


SHARE = {"metric": "accuracy"}
OF_ANY: Mapping[str, Example] = {
    "metric": Example("binary", {}, "accuracy", "recall", "nothing"),
    "where": Example("binary", SHARE, '{value: ["0", "1"]}', '{value: "0"}', "{value: nobody}"),
    "average": Example("multiclass", {"metric": "f1"}, "macro", "weighted", "nothing"),
    "k": Example("multiclass", {"metric": "top_k_accuracy"}, "1", "2", "0"),
    "class": Example("multiclass", {"metric": "recall"}, "a", "b", "nobody"),
    "column": Example("binary", {"metric": "mean"}, "s", "weight", "nothing", "at_least: 0.001", "at_least: 90", "90"),
    "threshold": Example("binary", SHARE, "0.4", "0.7", "nothing"),
    "normalise": Example("text", {"metric": "exact_match"}, "case", "whitespace", "nothing"),
    "season": Example("forecasting", {"metric": "mase"}, "1", "4", "0", "at_most: 90", "at_most: 0.01", "90"),
    "beta": Example("binary", {"metric": "fbeta"}, "0.5", "2", "0"),
    "quantile": Example(
        "regression", {"metric": "pinball_loss"}, "0.1", "0.8", "2", "at_most: 90", "at_most: 0.001", "90"
    ),
    "equals": Example("binary", {"metric": "rate", "column": "value"}, "[0, 1]", "[1]", "[nobody]"),
    "allow_absent": Example("binary", {"metric": "rate", "column": "value", "equals": "[0, 9]"}, "true", "false", "no"),
    "costs": Example(
        "binary", {"metric": "expected_cost"}, "{tp: 0, fp: 1, fn: 5, tn: 0}", "{tp: 0, fp: 4, fn: 1, tn: 0}",
        "{tp: 0}", "at_most: 3.9", "at_most: 0.01", "3.9",
    ),
    "cap": Example("regression", {"metric": "mae"}, "0.2", "0.4", "0", "at_most: 0.19", "at_most: 0.001", "0.19"),
    "bins": Example("binary", {"metric": "calibration_error"}, "5", "30", "1", "at_most: 0.9", "at_most: 0.0001"),
    "gain": Example("ranking", {"metric": "ndcg"}, "linear", "exponential", "nothing"),
    "relevant_from": Example("ranking", {"metric": "mrr"}, "1", "2", "0"),
    "inputs": Example(
        "binary", {"metric": "sklearn.metrics:brier_score_loss"}, "score", "prediction", "nothing",
        "at_most: 0.9", "at_most: 0.001",
    ),
    "table": Example(
        "binary", {"metric": "mean", "column": "value"}, "other", "predictions", "nothing",
        "at_least: -90", "at_least: 90", "90",
    ),
    "by": Example("binary", SHARE, "g", "wing", "nothing"),
    "min_share": Example("binary", SHARE, "0.01", "0.6", "2"),
    "reference": Example("binary", SHARE, "overall", "pairs", "nobody"),
}  # fmt: skip
"""Keys that several checks share."""
OF_CHECK: Mapping[tuple[str, str], Example] = {
    ("fairness.exposure", "by"): Example("ranking", {}, "maker", "factory", "nothing"),
    ("fairness.exposure", "reference"): Example("ranking", {}, "best", "big", "nobody"),
    ("fairness.audit", "column"): Example("binary", {"metric": "rate", "equals": "[0]"}, "value", "y", "nothing"),
    ("fairness.audit", "table"): Example(
        "binary", {"metric": "rate", "column": "value", "equals": "[1]"}, "other", "predictions", "nothing"
    ),
    ("fairness.audit", "average"): Example("multiclass", {"metric": "recall"}, "micro", "weighted", "nothing"),
}
"""Keys whose examples for other checks are not possible here."""
DECISIONS = (
    "fairness.demographic_parity",
    "fairness.equal_opportunity",
    "fairness.equalized_odds",
    "fairness.predictive_parity",
    "fairness.four_fifths",
)
NUMBERS = ("fairness.error_parity", "fairness.mean_prediction", "fairness.mean_residual")
DEMANDS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(DECISIONS, ("at_most: 0.999", "at_most: 0.000001")),
    "fairness.four_fifths": ("at_least: 0.8", "at_least: 0.9999"),
    **dict.fromkeys(NUMBERS, ("at_most: 90", "at_most: 0.000001")),
    "fairness.calibration": ("at_most: 0.999", "at_most: 0.000001"),
    "fairness.exposure": ("at_least: 0.000001", "at_least: 0.999999"),
}
"""A demand that everything meets, and one that nothing does, of checks whose metric is fixed."""


def champion(**keys: str) -> Keys:
    return {"metric": "accuracy", "proof": "estimate", **keys}


def slices(**keys: str) -> Keys:
    return {"metric": "accuracy", "columns": "[half]", "proof": "unrefuted", "method": "bonferroni", **keys}


BOTH = {
    "champions": {"old": {"prediction": "old p", "score": "old s"}, "bad": {"prediction": "bad p"}},
    "champion": None,
}
SAME = {"champion": {"prediction": "same p", "score": "same s"}}
OF_ONE: dict[tuple[str, str], Pairwise] = {
    ("performance.champion", "against"): Pairwise(
        champion(against="bad", superior="true"), champion(against="old", equivalent="0.001"), given=BOTH
    ),
    ("performance.champion", "first_run"): Pairwise(
        champion(margin="0.9", first_run="allow"), champion(margin="0.9", first_run="block"), given={"champion": None}
    ),
    ("performance.champion", "identical"): Pairwise(
        champion(margin="0.1", identical="allow"), champion(margin="0.1", identical="block"), given=SAME
    ),
    ("performance.champion", "margin"): Pairwise(champion(margin="0.9"), champion(margin="-1")),
    ("performance.champion", "superior"): Pairwise(
        champion(superior="true"), champion(superior="false"), given={"champion": {"prediction": "bad p"}}
    ),
    ("performance.champion", "equivalent"): Pairwise(champion(equivalent="0.9"), champion(equivalent="0.000001")),
    ("performance.champion", "relative"): Pairwise(
        champion(equivalent="0.35", relative="false"),
        champion(equivalent="0.35", relative="true"),
        given={"champion": {"prediction": "bad p"}},
    ),
    ("performance.flips", "against"): Pairwise(
        {"of": "negative", "at_most": "0.2", "against": "bad"},
        {"of": "negative", "at_most": "0.2", "against": "nobody"},
        given=BOTH,
    ),
    ("performance.flips", "first_run"): Pairwise(
        {"of": "changed", "at_most": "0.5", "first_run": "allow"},
        {"of": "changed", "at_most": "0.5", "first_run": "block"},
        given={"champion": None},
    ),
    ("performance.flips", "identical"): Pairwise(
        {"of": "changed", "at_most": "0.5", "identical": "allow"},
        {"of": "changed", "at_most": "0.5", "identical": "block"},
        given=SAME,
    ),
    ("performance.flips", "of"): Pairwise(
        {"of": "negative", "at_most": "0.2"},
        {"of": "changed", "at_most": "0.2"},
        given={"champion": {"prediction": "bad p", "score": "bad s"}},
    ),
    ("performance.slices", "columns"): Pairwise(
        slices(columns="[g]", at_least="0.5"), slices(columns="[half]", at_least="0.5")
    ),
    ("performance.slices", "quantiles"): Pairwise(
        slices(columns="[spread]", quantiles="2", at_least="0.5"),
        slices(columns="[spread]", quantiles="20", at_least="0.5"),
    ),
    ("performance.slices", "pairs"): Pairwise(
        slices(columns="[one, two]", pairs="false", at_least="0.5"),
        slices(columns="[one, two]", pairs="true", at_least="0.5"),
    ),
    ("performance.slices", "min_share"): Pairwise(
        slices(columns="[rare]", min_share="0.2", at_least="0.5"),
        slices(columns="[rare]", min_share="0.05", at_least="0.5"),
    ),
    ("performance.slices", "method"): Pairwise(
        slices(columns="[g]", method="bonferroni", at_least="0.5"),
        slices(columns="[g]", method="nothing", at_least="0.5"),
    ),
    ("performance.slices", "list"): Pairwise(
        slices(columns="[g]", list="1", at_least="0.5"), slices(columns="[g]", list="0", at_least="0.5")
    ),
}
"""Keys of one check alone, or that work differently there."""
OF_ONE |= pairs()


@cache
def table(task: str) -> Any:
    """The candidate of a task, with groups in further columns."""
    found = presented(task, 800 if task == "ranking" else 400)
    rows = found.rows.copy()
    unit = rows["q"].to_numpy() if task == "ranking" else np.arange(len(rows))
    rows["wing"] = np.array(["a", "b"])[unit // 2 % 2]
    rows["weight"] = 1.0 + np.arange(len(rows)) % 5
    if task == "binary":
        random = np.random.default_rng(3)
        for name, share in (("p", 0.15), ("bad p", 0.4)):
            rows[name] = np.where(random.random(len(rows)) < share, 1 - rows["y"], rows["y"])
        rows["bad s"], rows["same p"], rows["same s"] = 0.5 * rows["bad p"], rows["p"], rows["s"]
        wrong = (rows["p"] != rows["y"]).astype(int)
        rows["half"] = np.where(wrong, "wrong", "right")
        rows["spread"] = wrong * 1000.0 + np.arange(len(rows))
        rows["one"], rows["two"] = _crossed(wrong.to_numpy())
        rows["rare"] = np.where(wrong, "wrong", "right")
    if task == "ranking":
        rows["maker"] = np.array(["big", "small"])[rows["d"] % 2]
        rows["factory"] = np.array(["north", "south"])[rows["d"] // 4]
    if task == "text":
        rows.loc[rows.index % 3 == 0, "p"] = rows["y"].str.upper()
        rows.loc[rows.index % 11 == 0, "p"] = rows["y"].str.replace(" ", "  ")
    return found.with_rows(rows)


def _crossed(wrong: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two columns of which each value has few wrong rows, and one pair of values only wrong ones."""
    at = np.arange(len(wrong))
    one = np.where(wrong, "x", np.where(at % 2, "x", "y"))
    two = np.where(wrong, "x", np.where(at % 2, "y", "x"))
    return one, two


def outcomes(task: str, text: str, folder: Path, **given: Any) -> dict[str, Outcome]:
    """The outcome of each rule, by its id."""
    (folder / "policy.yaml").write_text(HEAD + text)
    found = table(task)
    more = {"champion": dict(found.champion), "tables": {"other": OTHER}, **given}
    more = {key: value for key, value in more.items() if value is not None}
    if task == "forecasting":
        more["tables"] = {**more["tables"], "history": {"path": found.history, "key": ["series", "time"], "label": "y"}}
        found = type(found)(found.task, found.rows, found.arguments, found.champion)
    return {each.rule: each for each in found.check(folder / "policy.yaml", **more).outcomes}


def demands(check: str, example: Example) -> tuple[Keys, Keys]:
    """The keys of a rule of a check that everything meets, and of one that nothing does."""

    def split(text: str) -> Keys:
        key, _, value = text.partition(": ")
        return {key: value}

    if check in DEMANDS:
        return tuple(map(split, DEMANDS[check]))  # type: ignore[return-value]
    if check in ("performance.metric", "performance.slices"):
        return split(example.lax), split(example.strict)
    if check == "fairness.gap":
        return {"at_most": example.wide}, {"at_most": "0.0000001"}
    if check == "fairness.ratio":
        return {"at_least": "0.0000001"}, {"at_least": "0.9999999"}
    if check == "performance.champion":
        return {"equivalent": example.wide}, {"equivalent": "0.0000001"}
    return ({"at_most": "0.999"}, {"at_most": "0.0000001"}) if check == "performance.flips" else ({}, {})


def base(check: str, key: str, example: Example) -> tuple[str, Keys]:
    """The task, and the keys of a rule of a check beside its demand and the key itself."""
    own = {of.key for of in params(shipped()[check])}
    keys = {name: value for name, value in example.with_keys.items() if name in own}
    task = example.task
    if check in NUMBERS:
        task = "regression"
    if check == "fairness.exposure":
        task = "ranking"
    if "by" in own and not check.startswith("performance"):
        keys["by"] = "maker" if check == "fairness.exposure" else "g"
    if check == "performance.slices":
        keys |= {"columns": "[g, wing]", "method": "bonferroni", "proof": "unrefuted"}
    elif check != "fairness.audit":
        keys["proof"] = "estimate"
    if check == "performance.flips":
        keys["of"] = "changed"
    return task, keys


def answerable(check: str, key: str) -> bool:
    """Whether a metric that the check can judge takes a key.

    A champion has no column of its own beside its answers, and an audit is of shares. Nothing but a function takes
    `inputs`.
    """
    takes = [metric for found in metrics().values() for metric in found if key in metric.takes]
    if check == "performance.champion":
        compared = any(metric.kind.compared and "column" not in metric.takes for metric in takes)
        return compared or (not takes and key != "inputs")
    shares = any(isinstance(metric.kind, (Share, HitShare)) for metric in takes)
    return check != "fairness.audit" or shares or (not takes and key != "inputs")


def declared() -> Iterator[Any]:
    for check, found in sorted(shipped().items()):
        for each in params(found):
            slow = () if check == "performance.metric" else pytest.mark.slow
            yield pytest.param(check, each.key, id=f"{check} {each.key}", marks=slow)


def test_every_key_has_an_example() -> None:
    every = [each.values for each in declared()]
    assert [f"{check} {key}" for check, key in every if key not in OF_ANY and (check, key) not in OF_ONE] == []
    assert (OF_ONE.keys() | OF_CHECK.keys()) <= set(every)


def seen(outcome: Outcome) -> Any:
    """What a rule measured and published."""
    return [(each.where, each.value, each.status) for each in outcome.findings], outcome.tables


@pytest.mark.parametrize(("check", "key"), list(declared()))
def test_a_key_lets_pass_blocks_and_matters(check: str, key: str, tmp_path: Path) -> None:
    if (check, key) in OF_ONE:
        alone(OF_ONE[check, key], check, tmp_path)
        return
    example = OF_CHECK.get((check, key)) or OF_ANY[key]
    task, keys = base(check, key, example)
    lax, strict = demands(check, example)
    text = (
        rule("one", check, {**keys, key: example.one, **lax})
        + rule("two", check, {**keys, key: example.two, **lax})
        + rule("strict", check, {**keys, key: example.one, **strict})
    )
    if not answerable(check, key):
        assert blocked(task, rule("one", check, {**keys, key: example.one, **lax}), tmp_path)
        return
    found = outcomes(task, text, tmp_path)
    assert found["one"].status.value in ("PASS", "LISTED"), found["one"].message
    assert check == "fairness.audit" or found["strict"].status.value == "FAIL", found["strict"].message
    assert seen(found["one"]) != seen(found["two"])
    assert blocked(task, rule("wrong", check, {**keys, key: example.wrong, **lax}), tmp_path)


def alone(pair: Pairwise, check: str, folder: Path) -> None:
    if pair.package:
        pytest.importorskip(pair.package, reason=f"the key needs the package `{pair.package}`")
    for name, text in pair.beside.items():
        (folder / name).write_text(text)
    with chdir(folder):  # which is in no repository
        passed = outcomes(pair.task, rule("r", check, pair.passes), folder, **pair.given)["r"]
        assert passed.status.value in ("PASS", "SKIPPED"), passed.message
        assert blocked(pair.task, rule("r", check, pair.blocks), folder, **pair.given)


def blocked(task: str, text: str, folder: Path, **given: Any) -> bool:
    """Whether a rule is refused, or its outcome blocks."""
    try:
        (outcome,) = outcomes(task, text, folder, **given).values()
    except InputError:
        return True
    assert not outcome.machine, outcome.message
    return outcome.status.value in ("FAIL", "ERROR", "INCONCLUSIVE")
