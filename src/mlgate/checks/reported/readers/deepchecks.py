"""The JSON of a suite of deepchecks: each condition of each check is a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.checks.reported.readers.report_reader import (
    ReportDocument,
    ReportedRun,
    ReportedTest,
    ReportReader,
    Result,
    objects,
    result_of,
    text_in,
    unlike,
)

_STATUSES: dict[str, Result] = {"pass": "passed", "fail": "failed", "warn": "failed", "error": "error"}
_TYPES = ("CheckResult", "CheckFailure")


def _recognises(document: ReportDocument) -> bool:
    found = document.json
    return isinstance(found, dict) and found.get("type") == "SuiteResult" and "results" in found


def _read(document: ReportDocument) -> ReportedRun:
    found = objects(document.json["results"], document.path, "results")
    return ReportedRun(tuple(test for each in found for test in _tests(each, document.path)))


def _tests(found: Mapping[str, Any], path: str) -> Iterator[ReportedTest]:
    """The conditions of a check. A check that crashed is an error; one without conditions demands nothing."""
    check = found.get("check")
    name = (text_in(check, "name") if isinstance(check, dict) else "") or text_in(found, "header") or "unnamed"
    if found.get("type") not in _TYPES:
        raise unlike(path, f"a result of the unknown type {str(found.get('type'))[:40]!r}")
    if found["type"] == "CheckFailure":
        yield ReportedTest(name, "error")
        return
    for each in objects(found.get("conditions_results") or [], path, "conditions"):
        condition = text_in(each, "Condition", "name")
        yield ReportedTest(f"{name}: {condition}", result_of(each.get("Status"), _STATUSES, path))


READER = ReportReader("deepchecks", "JSON of a deepchecks suite result", _recognises, _read)
