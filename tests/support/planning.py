"""Small workspaces: a table of counts, a candidate and a policy of some rules; planned as users do."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mlgate.candidate.read import load_candidate
from mlgate.gate.run import Settings
from mlgate.planning.measured import Drawing, plan_candidate
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today
from mlgate.values.plan import Plan, RulePlan

HEADS = ("g", "h", "label", "decision", "n")
Rows = Iterable[Sequence[object]]
"""Rows of g, h, label, decision and their number."""


def slices(number: int, hits: int, misses: int) -> list[tuple[object, ...]]:
    """As many slices with these rows with label 1, and as many with label 0 that are all right."""
    return [
        row
        for at in range(number)
        for row in ((f"g{at}", "x", 1, 1, hits), (f"g{at}", "x", 1, 0, misses), (f"g{at}", "x", 0, 0, hits + misses))
    ]


def write(folder: Path, rows: Rows, rules: Sequence[str], more: str = "") -> None:
    """The three files."""
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADS, *rows])
    (folder / "candidate.yaml").write_text(
        "mlgate: 1\ncandidate: small\nversion: '1'\nowner: a@example.com\ntask: binary\npositive: '1'\n"
        "predictions: {path: rows.csv, label: label, prediction: decision, count: n}\n",
        encoding="utf-8",
    )
    (folder / "policy.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: a@example.com\nrules:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules) + more,
        encoding="utf-8",
    )


def planned(folder: Path, rows: Rows, rules: Sequence[str], more: str = "", **drawing: Any) -> Plan:
    """The plan of such a workspace."""
    write(folder, rows, rules, more)
    return planned_again(folder, **drawing)


def planned_again(folder: Path, **drawing: Any) -> Plan:
    """The plan of a workspace that is there."""
    candidate = load_candidate(folder / "candidate.yaml", workspace=folder)
    policies = load_policies([folder / "policy.yaml"], workspace=folder)
    return plan_candidate(candidate, policies, Settings(folder, today(), threads=2), Drawing(**drawing))


def rule_of(plan: Plan, name: str) -> RulePlan:
    """A rule's plan by its id."""
    (found,) = (rule for rule in plan.rules if rule.rule == name)
    return found
