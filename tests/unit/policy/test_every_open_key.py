"""Every key of a candidate that changes the value of a metric or check is listed as the candidate's to choose.

For each task a candidate is judged by a rule of every metric and of every other check, then with one key changed at a
time. Where a value differs, a policy with that rule alone must list the key, or one above it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgate.candidate.read import load_candidate
from mlgate.checks.base import Check
from mlgate.checks.fairness.gap import FairnessGap
from mlgate.checks.performance.champion import PerformanceChampion
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.registry import shipped
from mlgate.gate.run import Settings, judge
from mlgate.metrics.registry import metrics
from mlgate.policy.demanded import Expectation, Policy, Rule
from mlgate.policy.left_open import left_open
from mlgate.values.demand import Demand
from mlgate.values.errors import Location

AT = Location("p.yaml", 1, 1)
ROWS = 240
PARAMETERS: Mapping[str, Any] = {
    "column": "latency", "equals": ("0", "1"), "class": "a", "k": Fraction(1), "beta": Fraction(2),
    "quantile": Fraction(1, 2), "season": 1,
    "costs": (("tp", Fraction(0)), ("fp", Fraction(1)), ("fn", Fraction(3)), ("tn", Fraction(0))),
}  # fmt: skip
Tree = dict[str, Any]


@dataclass
class World:
    """The tables of a task, a candidate on them, and the same candidate with one key changed at a time."""

    task: str
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    candidate: Tree
    changes: Mapping[str, Tree] = field(default_factory=dict)

    def candidates(self) -> Iterator[tuple[str, Tree]]:
        yield "", self.candidate
        for key, changed in self.changes.items():
            found = deepcopy(self.candidate)
            for part, value in changed.items():
                below = found
                *above, last = part.split(".")
                for each in above:
                    below = below.setdefault(each, {})
                below.pop(last, None)
                if value is not None:
                    below[last] = value
            yield key, found


def rows_of(task: str) -> list[dict[str, Any]]:
    """Rows of a task with a second column for every role."""
    draw, names = random.Random(task), ("0", "1") if task == "binary" else ("a", "b", "c")
    found = []
    for i in range(ROWS):
        row: dict[str, Any] = {"id": i, "g": "FM"[i % 2], "h": "FM"[i // 2 % 2], "latency": i % 3, "n": 1 + i % 4}
        for column in ("y", "y2", "p", "old", "old2"):
            row[column] = draw.choice(names) if draw.random() < 0.4 else names[i % len(names)]
        for column in ("s", "s2", "old_s", "old_s2"):
            row[column] = round(draw.uniform(0.01, 0.99), 4)
        for model in ("", "old_"):
            shares = [draw.uniform(0.1, 1) for _ in names]
            row |= {f"{model}s_{name}": share / sum(shares) for name, share in zip(names, shares)}
        if task in ("regression", "forecasting"):
            row |= {column: round(draw.uniform(1, 9), 3) for column in ("y", "y2", "p", "old", "old2")}
            row |= {"lo": 1 + i % 3, "hi": 5 + i % 4, "old_lo": 1.5, "old_hi": 6}
        if task == "text":
            words = ("the cat", "a dog sat", "no", "the cat sat on")
            row |= {column: draw.choice(words) for column in ("y", "y2", "p", "old", "old2")}
        if task == "multilabel":
            row |= {
                column: "|".join(name for name in "abc" if draw.random() < 0.5) or "a"
                for column in ("y", "y2", "p", "old", "old2")
            }
        found.append(row)
    return found


def world(task: str) -> World:
    rows = rows_of(task)
    predictions: Tree = {"path": "p.csv", "id": "id", "label": "y", "prediction": "p"}
    champion: Tree = {"path": "c.csv", "prediction": "old"}
    top: Tree = {}
    changes: dict[str, Tree] = {
        "predictions.label": {"predictions.label": "y2"},
        "predictions.weight": {"predictions.weight": "n"},
        "predictions.count": {"predictions.id": None, "predictions.count": "n", "champion": None},
        "evaluation": {
            "predictions.label": None, "tables.evaluation": {"path": "e.csv", "key": "id", "label": "y"},
        },
        "champion.path": {"champion.path": "c2.csv"},
        "champion.prediction": {"champion.prediction": "old2"},
        "tables.train.path": {"tables.train.path": "p.csv"},
    }  # fmt: skip
    if task == "binary":
        top = {"positive": "1"}
        predictions |= {"score": "s"}
        champion |= {"score": "old_s"}
        changes |= {"positive": {"positive": "0"}, "champion.score": {"champion.score": "old_s2"}}
    if task == "multiclass":
        top = {"classes": ["a", "b", "c"]}
        predictions |= {"scores": {name: f"s_{name}" for name in "abc"}}
        champion |= {"scores": {name: f"old_s_{name}" for name in "abc"}}
        changes |= {"classes": {"classes": ["b", "a", "c"]}}
        changes |= {"champion.scores": {"champion.scores": {"a": "old_s_b", "b": "old_s_a", "c": "old_s_c"}}}
    if task == "multilabel":
        top = {"classes": ["a", "b", "c"]}
        predictions |= {"separator": "|"}
        changes |= {"classes": {"classes": ["a", "b", "c", "never"]}}
    if task == "regression":
        predictions |= {"lower": "lo", "upper": "hi"}
        champion |= {"lower": "old_lo", "upper": "old_hi"}
        changes |= {"champion.lower": {"champion.lower": "old_lo2"}}
    if task == "forecasting":
        return forecasts(rows, predictions, changes)
    if task == "ranking":
        return ranking(rows, changes)
    first = {"candidate": "m", "mlgate": 1, "task": task, **top, "predictions": predictions, "champion": champion}
    first["tables"] = {"train": {"path": "e.csv", "key": "id"}}
    return World(task, tables(rows), first, changes)


def tables(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The predictions, two champions, and another evaluation of the same rows, in which the truth is another."""
    own = {key: key for key in rows[0] if key.startswith(("old", "id", "q", "d", "t"))}
    return {
        "p.csv": [dict(row) for row in rows],
        "c.csv": [{key: row[key] for key in own} | {"old_lo2": 1.2} for row in rows],
        "c2.csv": [{key: row[key] for key in own} | {"old": row["old2"], "old_s": row["old_s2"]} for row in rows],
        "e.csv": [{**row, "y": row["y2"], "latency": int(row["latency"]) ** 2 % 2} for row in rows],
    }


def forecasts(rows: list[dict[str, Any]], predictions: Tree, changes: dict[str, Tree]) -> World:
    draw = random.Random(4)
    past = [{"s": s, "t": t, "v": round(draw.uniform(1, 9), 3)} for s in range(24) for t in range(60)]
    known = {(row["s"], row["t"]): row["v"] for row in past}
    for i, row in enumerate(rows):
        at = {"series": i % 24, "t": 50 + i // 24, "h": 1, "c": 49 + i // 24, "c2": 48 + i // 24, "h2": 2}
        row |= at | {"y": known[i % 24, at["t"]]}
    predictions |= {"id": None, "series": "series", "time": "t", "horizon": "h", "cutoff": "c"}
    predictions |= {"lower": "lo", "upper": "hi"}
    found = tables(rows)
    found["h.csv"] = past
    found["h2.csv"] = [{**row, "v": row["v"] if row["t"] >= 49 else row["t"] % 7 * 100} for row in past]
    for name in ("c.csv", "c2.csv"):
        found[name] = [
            row | {key: full[key] for key in ("series", "h", "c")} for row, full in zip(found[name], rows, strict=True)
        ]
    del predictions["id"]
    candidate = {
        "candidate": "m", "mlgate": 1, "task": "forecasting", "predictions": predictions,
        "champion": {"path": "c.csv", "prediction": "old"},
        "tables": {"history": {"path": "h.csv", "key": ["s", "t"], "label": "v"}},
    }  # fmt: skip
    del changes["evaluation"], changes["predictions.count"], changes["tables.train.path"], changes["predictions.label"]
    changes |= {
        "history.path": {"tables.history.path": "h2.csv"},
        "predictions.cutoff": {"predictions.cutoff": "c2", "predictions.horizon": "h2"},
    }
    return World("forecasting", found, candidate, changes)


def ranking(rows: list[dict[str, Any]], changes: dict[str, Tree]) -> World:
    for i, row in enumerate(rows):
        row |= {"q": i // 6, "q2": i // 12, "d": i, "grade": int(row["latency"]), "y": i % 2, "y2": i // 2 % 2}
    candidate = {
        "candidate": "m", "mlgate": 1, "task": "ranking",
        "predictions": {"path": "p.csv", "query": "q", "item": "d", "score": "s", "label": "y"},
        "champion": {"path": "c.csv", "score": "old_s"},
        "tables": {"train": {"path": "e.csv", "key": "id"}},
    }  # fmt: skip
    found = tables(rows)
    for name in ("c.csv", "c2.csv"):
        found[name] = [{**row, "q": full["q"], "d": full["d"]} for row, full in zip(found[name], rows, strict=True)]
    found["e.csv"] = found["e.csv"][: ROWS // 2]
    graded = {"predictions.label": None, "tables.evaluation": {"path": "e.csv", "key": ["q", "d"], "label": "y2"}}
    chosen = {
        "predictions.label": {"predictions.label": "y2"},
        "predictions.query": {"predictions.query": "q2", "champion": None},
        "predictions.unretrieved": {**graded, "predictions.unretrieved": "irrelevant"},
        "champion.path": changes["champion.path"],
        "champion.score": {"champion.score": "old_s2"},
        "tables.train.path": changes["tables.train.path"],
    }
    return World("ranking", found, candidate, chosen)


def rules(task: str) -> list[Rule]:
    """A rule of every metric of the task, the same against the champion, and one of every other check."""
    found: list[Check] = []
    for name, entries in metrics().items():
        for metric in entries:
            if task in metric.tasks:
                given = {"class_" if key == "class" else key: PARAMETERS.get(key) for key in metric.requires}
                given["average"] = metric.average if metric.average not in (None, "class") else None
                if "average" not in metric.requires:
                    del given["average"]
                if "class_" in given and metric.average != "class":
                    del given["class_"]
                found.append(PerformanceMetric(metric=name, **given))
                found.append(PerformanceChampion(metric=name, margin=Fraction(1, 2), **given))
                if "table" in metric.takes:
                    found.append(PerformanceMetric(metric=name, **given, table="train"))
    for check in shipped().values():
        if check not in (PerformanceMetric, PerformanceChampion, FairnessGap):
            found += made(check)
    return [Rule("p", f"r{at}", check, Demand(Fraction(0), None, "0"), AT) for at, check in enumerate(found)]


REQUIRED: Mapping[str, Mapping[str, Any]] = {
    "data.drift": {"against": "train"},
    "data.freshness": {"column": "g"},
    "governance.expires": {"days": 30},
    "governance.licence": {"allow": ("MIT",)},
    "operations.cost": {
        "of": "training", "unit": "EUR", "unit_name": "unit", "source_name": "source", "time": "at", "at_most_days": 30,
    },
}  # fmt: skip
"""The keys that some checks must have, besides those that many do."""


def made(check: Any) -> Iterator[Check]:
    """A check with the keys that it must have."""
    names = set(check.__dataclass_fields__)
    given = {"by": (("g",),), "columns": ("g",), "metric": "accuracy", "of": "changed", "method": "bonferroni",
        "report": "metrics", "name": "accuracy",
    }  # fmt: skip
    chosen = {key: value for key, value in given.items() if key in names}
    if check.id == "fairness.audit":
        chosen["metric"] = "selection_rate"
    chosen |= REQUIRED.get(check.id, {})
    for class_ in (None, "a") if "class_" in names else (None,):
        yield check(**chosen, **({"class_": class_} if class_ else {}))


def shown(task: str, folder: Path) -> dict[str, dict[str, tuple[float, ...]]]:
    """For every candidate of the task's world, the values of each rule."""
    here = world(task)
    for name, rows in here.tables.items():
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    policy = Policy("p", "o", "p.yaml", tuple(rules(task)))
    values = {}
    for key, candidate in here.candidates():
        (folder / "m.yaml").write_text(yaml.safe_dump(candidate, sort_keys=False))
        verdict = judge(
            load_candidate(folder / "m.yaml", workspace=folder), [policy], Settings(folder, date(2026, 1, 1))
        )
        values[key] = {
            outcome.rule: tuple(f.value for f in outcome.findings if f.value is not None)
            for outcome in verdict.outcomes
        }
    return values


SLOW = ("binary", "multiclass", "multilabel", "regression", "forecasting", "ranking")


@pytest.mark.parametrize("task", ["text", *(pytest.param(task, marks=pytest.mark.slow) for task in SLOW)])
def test_every_key_that_changes_a_value_is_listed(task: str, tmp_path: Path) -> None:
    found = shown(task, tmp_path)
    own, answered, idle = found.pop(""), set(), set(found)
    for rule in rules(task):
        policy = Policy("p", "o", "p.yaml", (rule,), expects=(Expectation(("task",), task, AT),))
        opened = {".".join(keys) for keys in left_open(policy)}
        for key, values in found.items():
            before, after = own[rule.id], values[rule.id]
            if not (before and after):
                continue
            answered.add(rule.id)
            if before != after:
                idle.discard(key)
                listed = any(key == each or key.startswith(f"{each}.") for each in opened)
                assert listed, f"{key} changes {rule.check} from {before} to {after}"
    population = [rule for rule in rules(task) if rule.check.about == "population" and rule.check.source]
    judged = [rule for rule in population if rule.check.reads(task) is not None]
    assert not idle, "these changes change no value, so that they say nothing"
    assert len(answered & {rule.id for rule in judged}) >= 0.7 * len(judged), "too few rules have a value"
