"""Tables of groups by hand: counts of (group, label, prediction), asked without files and decided as the gate does."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlgate.candidate.presented import Candidate
from mlgate.checks.fairness.gap import FairnessGap
from mlgate.checks.fairness.ratio import FairnessRatio
from mlgate.checks.subject import Subject
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.guard import asked_by
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.evidence.sources import FrameSource
from mlgate.gate.decide import decide
from mlgate.gate.proofs import levels
from mlgate.policy.demanded import Rule
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.estimate import Estimate
from mlgate.values.verdict import Outcome
from support.guarded import guarded

COLUMNS = tuple((name, "text") for name in ("y", "p", "g", "h"))
ALPHAS = (0.05,)
Cells = Mapping[tuple[str | None, ...], int]
"""Rows by (group ..., label, prediction)."""

CELLS = {"tp": ("1", "1"), "fn": ("1", "0"), "fp": ("0", "1"), "tn": ("0", "0")}


def _mean(values: np.ndarray) -> float:
    """The mean; NaN of nothing."""
    return values.sum() / len(values) if len(values) else float("nan")


SHARES: Mapping[str, tuple[Any, str, str]] = {
    "selection_rate": (lambda _y, p: _mean(p), "tp fp", "tp fp fn tn"),
    "recall": (lambda y, p: _mean(p[y == 1]), "tp", "tp fn"),
    "false_positive_rate": (lambda y, p: _mean(p[y == 0]), "fp", "fp tn"),
}
"""Metrics as fairlearn's MetricFrame takes them, and as cells over cells. By numpy, since fairlearn's own take long."""


def subject(columns: Any = COLUMNS, **more: Any) -> Subject:
    """A binary candidate with the classes 0 and 1."""
    rows = Rows("predictions", "the predictions", SchemaFact(tuple(columns)))
    of = {"task": "binary", "positive": "1", "classes": ("0", "1")}
    of |= {key: more.pop(key) for key in of if key in more}
    given = {"roles": {"label": "y", "prediction": "p"}, "tables": {"predictions": rows}}
    return Subject(Candidate(name="c", **of), **given | more)


def gap(metric: str = "selection_rate", **keys: Any) -> FairnessGap:
    return FairnessGap(metric=metric, **{"by": (("g",),), **keys})


def ratio(metric: str = "selection_rate", **keys: Any) -> FairnessRatio:
    return FairnessRatio(metric=metric, **{"by": (("g",),), **keys})


def counted(check: Any, cells: Cells, of: Subject | None = None, alphas: tuple[float, ...] = ALPHAS) -> list[Any]:
    """The answers from cells alone; each need gets the sums over the terms that it does not name."""
    of = of or subject()
    names = [*dict.fromkeys(name for columns in check.by for name in columns), "label", "prediction"]
    facts: dict[Any, Any] = {}
    needs = tuple(check.needs(of, alphas))
    for need in asked_by(needs):
        assert isinstance(need, Counts)
        sums: dict[tuple[str | None, ...], int] = {}
        for values, n in cells.items():
            found = dict(zip(names, values, strict=True))
            key = tuple(found[term.name] for term in need.terms)
            sums[key] = sums.get(key, 0) + n
        facts[need] = CountsFact(tuple(Cell(key, n) for key, n in sorted(sums.items(), key=str) if n))
    return list(check.answers(of, guarded(needs, Facts(facts)), alphas))


def measured(check: Any, of: Subject | None = None, **columns: Any) -> list[Any]:
    """The answers from rows, by the real evidence."""
    of = of or subject()
    with open_evidence({"predictions": FrameSource(pd.DataFrame(columns))}, Path()) as evidence:
        rows = Rows("predictions", "the predictions", evidence.schema("predictions"))
        bound = Subject(**{**vars(of), "tables": {"predictions": rows}})
        alphas = levels(rule(check, at_most="0.1"))
        needs = tuple(check.needs(bound, alphas))
        facts = guarded(needs, evidence.measure(needs))
        facts = Facts({**facts.answers, **evidence.measure(check.later(bound, facts, alphas)).answers})
        return list(check.answers(bound, facts, alphas))


def rule(check: Any, at_least: str | None = None, at_most: str | None = None, **keys: Any) -> Rule:
    low, high = (None if text is None else Fraction(text) for text in (at_least, at_most))
    return Rule("p", "r", check, Demand(low, high, at_least or "", at_most or ""), Location("p.yaml", 1, 1), **keys)


def outcome(check: Any, cells: Cells, of: Subject | None = None, **demanded: Any) -> Outcome:
    """What the gate makes of a rule on these cells."""
    asked = rule(check, **demanded)
    return decide(asked, counted(check, cells, of, levels(asked)))[0]


def selected(**shares: tuple[int, int]) -> dict[tuple[str | None, ...], int]:
    """Cells of groups of which so many of so many rows are selected, and all of these rightly."""
    cells: dict[tuple[str | None, ...], int] = {}
    for group, (hits, n) in shares.items():
        cells |= {(group, "1", "1"): hits, (group, "0", "0"): n - hits}
    return cells


def estimates(answers: list[Any]) -> dict[str, Estimate]:
    """The estimates by their group's value."""
    return {answer.where[0][1]: answer for answer in answers if isinstance(answer, Estimate)}


def kinds(answers: list[Any]) -> list[tuple[str, str]]:
    """What was answered, in order: (type, slice)."""
    return [(type(answer).__name__, ", ".join(f"{k}={v}" for k, v in answer.where)) for answer in answers]


@cache
def same_subject() -> Subject:
    """One subject for thousands of tables."""
    return subject()
