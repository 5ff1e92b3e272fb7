"""Verdicts as canonical JSON, to be stored, compared and read back: equal verdicts, equal bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from mlgate.reports.interface import Report
from mlgate.reports.text import encodable
from mlgate.values.stored import read
from mlgate.values.verdict import Finding, Outcome, Refusal, Verdict, Verdicts, WaiverNote, Where
from mlgate.values.verdict_schema import FORMAT, schema

__all__ = ["REPORT", "read", "render", "schema"]

Record = dict[str, Any]


def render(verdicts: Verdicts) -> str:
    """The verdicts as JSON, without measured times. Raises ValueError for a NaN or an infinity."""
    judged = sorted(verdicts.verdicts, key=lambda v: (v.candidate, v.path, v.version))
    refused = sorted(verdicts.refusals, key=lambda r: (r.path, r.candidate))
    document = {
        "mlgate": FORMAT,
        **_answer(verdicts),
        "counts": dict(verdicts.counts),
        "verdicts": [_verdict(verdict) for verdict in judged],
        "refusals": [_refusal(refusal) for refusal in refused],
    }
    return encodable(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


REPORT = Report("json", "the whole verdict for programs, for storing and for `mlgate explain`", render)


def _verdict(verdict: Verdict) -> Record:
    return {
        **_fields(verdict, "candidate", "version", "path", "tool", "as_of"),
        **_answer(verdict),
        "counts": dict(verdict.counts),
        "inputs": [_fields(entry, "role", "path", "sha256") for entry in verdict.inputs],
        "waivers": [_waiver(waiver) for waiver in verdict.waivers],
        "notes": list(verdict.notes),
        "outcomes": [_outcome(outcome) for outcome in verdict.outcomes],
    }


def _outcome(outcome: Outcome) -> Record:
    return {
        **_fields(outcome, "policy", "rule", "check"),
        "status": outcome.status.value,
        "message": outcome.message,
        "at": _fields(outcome.at, "file", "line", "column"),
        "demand": outcome.demand,
        "at_least": _number(outcome.at_least),
        "at_most": _number(outcome.at_most),
        **_fields(outcome, "metric", "proof", "confidence", "severity", "enforce_from"),
        "findings": [_finding(finding) for finding in outcome.findings],
        "tables": [
            {"title": table.title, "columns": list(table.columns), "rows": [list(row) for row in table.rows]}
            for table in outcome.tables
        ],
        **_fields(outcome, "machine", "traceback"),
    }


def _finding(finding: Finding) -> Record:
    return {
        "where": _where(finding.where),
        "status": finding.status.value,
        "message": finding.message,
        "value": _number(finding.value),
        "exact": finding.exact,
        "lower": _number(finding.lower),
        "upper": _number(finding.upper),
        **_fields(finding, "rows", "n", "settle", "note"),
    }


def _waiver(waiver: WaiverNote) -> Record:
    return {
        "rule": waiver.rule,
        "where": _where(waiver.where),
        **_fields(waiver, "owner", "reason", "granted", "expires", "bound", "applied", "said"),
        "at": _fields(waiver.at, "file", "line", "column"),
    }


def _refusal(refusal: Refusal) -> Record:
    problems = [
        {"at": problem.at and _fields(problem.at, "file", "line", "column"), "message": problem.message}
        for problem in refusal.problems
    ]
    return {**_fields(refusal, "path", "candidate"), **_answer(refusal), "problems": problems}


def _answer(judged: Verdicts | Verdict | Refusal) -> Record:
    return _fields(judged, "allowed", "exit_code", "retryable")


def _where(where: Where) -> list[Mapping[str, str]]:
    return [{"column": column, "value": value} for column, value in where]


def _fields(value: object, *names: str) -> Record:
    return {name: getattr(value, name) for name in names}


def _number(value: float | None) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value):
        raise ValueError(f"a verdict cannot hold the number {value}")
    return float(f"{value:.12g}") + 0.0  # + 0.0 turns -0.0 into 0.0
