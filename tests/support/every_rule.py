"""For every task a small table as a candidate presents it, and for every metric of the registry a rule about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mlgate
from mlgate.metrics.metric import Better, Metric
from mlgate.metrics.options import samples
from mlgate.metrics.registry import metrics

CLASSES = ("a", "b", "c")
HEAD = "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
GIVEN = {"class": "a", "equals": "[1]", "season": "2", "column": "value", "inputs": "prediction"}
"""The values of required keys on these tables, where those of the manual do not fit."""
OPTIONAL = {
    "threshold": "0.5", "normalise": "[case, whitespace]", "beta": "2", "cap": "1", "bins": "4", "gain": "exponential",
    "relevant_from": "2", "allow_absent": "true", "table": "predictions", "k": "1", "season": "3",
}  # fmt: skip
"""The values of keys that a rule may also have."""
TOP = {"binary": "0.2", "multiclass": "2", "ranking": "3"}


@dataclass(frozen=True)
class Presented:
    """A candidate as arguments of `mlgate.check`."""

    task: str
    rows: pd.DataFrame
    arguments: Mapping[str, Any]
    champion: Mapping[str, Any]
    """The same answers of an earlier model, as columns of the rows."""
    history: pd.DataFrame | None = None

    def with_rows(self, rows: pd.DataFrame) -> Presented:
        """The same candidate with other rows."""
        return replace(self, rows=rows)

    def check(self, policy: Path, **more: Any) -> mlgate.Verdict:
        """The verdict."""
        given = {**self.arguments, **more}
        if self.history is not None:
            given["history"] = self.history
        rows = given.pop("predictions", self.rows)
        return mlgate.check(policy=policy, predictions=rows, task=self.task, **given)


def columns(found: Presented, *roles: str) -> tuple[str, ...]:
    """The columns of some roles, those per class included."""
    named: list[str] = []
    for role in roles:
        value = found.arguments.get(role, ())
        named += value.values() if isinstance(value, Mapping) else [value] if isinstance(value, str) else value
    return tuple(named)


def binary(random: np.random.Generator, n: int) -> Presented:
    score = random.random(n)
    label = random.random(n) < 0.2 + 0.6 * score
    rows = pd.DataFrame({"y": label, "p": score > 0.5, "s": score}).astype({"y": int, "p": int})
    roles = {"label": "y", "prediction": "p", "score": "s", "positive": "1"}
    return Presented("binary", rows, roles, {"prediction": "old p", "score": "old s"})


def multiclass(random: np.random.Generator, n: int) -> Presented:
    raw = random.exponential(1, (n, 3)) + 0.01
    scores = raw / raw.sum(axis=1, keepdims=True)
    label = np.where(random.random(n) < 0.6, scores.argmax(axis=1), random.integers(0, 3, n))
    names = np.array(CLASSES)
    rows = pd.DataFrame({"y": names[label], "p": names[scores.argmax(axis=1)]})
    rows[[f"s{name}" for name in CLASSES]] = scores
    own = {"prediction": "p", "scores": {name: f"s{name}" for name in CLASSES}}
    old = {"prediction": "old p", "scores": {name: f"old s{name}" for name in CLASSES}}
    return Presented("multiclass", rows, {"label": "y", **own}, old)


def multilabel(random: np.random.Generator, n: int) -> Presented:
    score = random.random((n, 3))
    has = random.random((n, 3)) < 0.2 + 0.6 * score
    rows = pd.DataFrame()
    for at, name in enumerate(CLASSES):
        rows[f"t{name}"], rows[f"p{name}"] = has[:, at].astype(int), (score[:, at] > 0.5).astype(int)
        rows[f"s{name}"] = score[:, at]
    of = {key: {name: f"{letter}{name}" for name in CLASSES} for key, letter in (("decisions", "p"), ("scores", "s"))}
    old = {key: {name: f"old {column}" for name, column in found.items()} for key, found in of.items()}
    return Presented("multilabel", rows, {"labels": {name: f"t{name}" for name in CLASSES}, **of}, old)


def regression(random: np.random.Generator, n: int) -> Presented:
    label = random.normal(5, 1, n)
    prediction = label + random.normal(0, 0.3, n)
    rows = pd.DataFrame({"y": label, "p": prediction, "low": prediction - 0.6, "high": prediction + 0.6})
    answers = {"prediction": "p", "lower": "low", "upper": "high"}
    return Presented("regression", rows, {"label": "y", **answers}, {key: f"old {of}" for key, of in answers.items()})


def forecasting(random: np.random.Generator, n: int) -> Presented:
    parts, past = [], []
    for series in "ABC":
        y = np.cumsum(random.normal(0, 1, 24 + n // 3))
        past.append(pd.DataFrame({"series": series, "time": np.arange(len(y)), "y": y}))
        at = 20 + np.arange(n // 3)
        parts.append(pd.DataFrame({"series": series, "time": at, "h": 1 + np.arange(len(at)) % 4, "y": y[at]}))
    rows = pd.concat(parts, ignore_index=True)
    rows["c"] = rows["time"] - rows["h"]
    rows["p"] = rows["y"] + random.normal(0, 0.5, len(rows))
    rows["low"], rows["high"] = rows["p"] - 1, rows["p"] + 1
    answers = {"prediction": "p", "lower": "low", "upper": "high"}
    roles = {"label": "y", "series": "series", "time": "time", "horizon": "h", "cutoff": "c", **answers}
    old = {key: f"old {of}" for key, of in answers.items()}
    return Presented("forecasting", rows, roles, old, pd.concat(past, ignore_index=True))


def ranking(random: np.random.Generator, n: int) -> Presented:
    """Eight items per query."""
    grade = random.choice([0, 0, 1, 2], n).astype(float)
    rows = pd.DataFrame({"q": np.arange(n) // 8, "d": np.arange(n) % 8, "y": grade})
    rows["s"] = grade + random.normal(0, 1, n)
    return Presented("ranking", rows, {"label": "y", "score": "s", "query": "q", "item": "d"}, {"score": "old s"})


def text(random: np.random.Generator, n: int) -> Presented:
    label = [" ".join(random.choice(["the", "cat", "sat", "on"], 3)) for _ in range(n)]
    said = [of if random.random() < 0.6 else " ".join(random.choice(["the", "cat", "sat", "on"], 3)) for of in label]
    return Presented("text", pd.DataFrame({"y": label, "p": said}), {"label": "y", "prediction": "p"},
                     {"prediction": "old p"})  # fmt: skip


MADE = (binary, multiclass, multilabel, regression, ranking, forecasting, text)


def presented(task: str, n: int = 60, seed: int = 1) -> Presented:
    """About `n` rows of a task, with a column `value`, groups `g`, and an earlier model's answers as `old …`."""
    (make,) = (each for each in MADE if each.__name__ == task)
    random = np.random.default_rng(seed)
    found = make(random, n)
    rows = found.rows
    rows["value"] = random.integers(-1, 2, len(rows))
    unit = rows["q"] if task == "ranking" else np.arange(len(rows))
    rows["g"] = np.array(["left", "right"])[np.asarray(unit) % 2]
    at = np.arange(len(rows))
    moved = np.where(random.random(len(rows)) < 0.3, np.roll(at, 1), at)
    for name in columns(found, "prediction", "score", "scores", "decisions", "lower", "upper"):
        rows[f"old {name}"] = rows[name].to_numpy()[moved]
    return found


def entries_of(task: str) -> Iterator[Metric]:
    """Every entry of the registry for a task."""
    for found in metrics().values():
        yield from (metric for metric in found if task in metric.tasks)


def named(metric: Metric) -> str:
    """A name of its own for an entry among those of a task."""
    return metric.name.replace("_", "-") + (f"-{metric.average}" if metric.average else "")


def keys_of(metric: Metric, task: str) -> dict[str, str]:
    """The keys of a rule about a metric, without its bound."""
    required = {key: GIVEN.get(key) or samples()[key] for key in metric.requires}
    required |= {"k": TOP[task]} if "k" in required else {}
    required |= {"average": metric.average} if metric.average not in (None, "class") else {}
    return {"metric": metric.name, **required}


def bound_of(metric: Metric) -> str:
    """A bound in the middle of most ranges, on the side that the metric takes."""
    return "at_most: 0.4" if metric.better is Better.LOWER else "at_least: 0.4"


def proofs_of(metric: Metric) -> tuple[str, ...]:
    """The proofs that a rule may ask for."""
    return ("estimate",) if metric.name == "max_error" else ("shown", "estimate", "unrefuted")


def rule(name: str, check: str, keys: Mapping[str, str], *more: str) -> str:
    """A rule as a line of YAML."""
    said = ", ".join([f"{key}: {value}" for key, value in keys.items()] + list(more))
    return f"  - {{id: {name}, check: {check}, {said}}}\n"


def rules(task: str, proofs: Sequence[str] = ("shown", "estimate"), by: Sequence[str] = ("",)) -> str:
    """One rule per metric of a task, proof and slicing. Its id is the metric's name, the proof and the slicing."""
    return "".join(
        rule(f"{named(metric)}-{proof}-{sliced or 'all'}", "performance.metric", keys_of(metric, task),
             bound_of(metric), f"proof: {proof}", *([f"by: {sliced}"] if sliced else ()))
        for metric in entries_of(task)
        for proof in proofs
        if proof in proofs_of(metric)
        for sliced in by
    )  # fmt: skip


def rules_with_options(task: str) -> str:
    """One rule per metric of a task and optional key. Its id is the metric's name, the proof and the key."""
    return "".join(
        rule(f"{named(metric)}-{proofs_of(metric)[0]}-{key}", "performance.metric",
             {**keys_of(metric, task), key: OPTIONAL[key]}, bound_of(metric), f"proof: {proofs_of(metric)[0]}")
        for metric in entries_of(task)
        for key in metric.takes
        if key not in metric.requires and key not in ("average", "class")
    )  # fmt: skip
