"""The scan results of Soda Core."""

from __future__ import annotations

from typing import Any

from mlgate.checks.reported.readers.report_reader import (
    ReportDocument,
    ReportedRun,
    ReportedTest,
    ReportReader,
    Result,
    contradiction,
    objects,
    result_of,
    text_in,
    unlike,
)

_OUTCOMES: dict[str, Result] = {"pass": "passed", "fail": "failed", "warn": "failed"}
_MONITORED = "automatedMonitoringChecks"
_FLAGS: dict[str, str] = {"hasFailures": "fail", "hasWarnings": "warn"}


def _recognises(document: ReportDocument) -> bool:
    return isinstance(document.json, dict) and {"checks", "hasErrors", "hasFailures"} <= document.json.keys()


def _read(document: ReportDocument) -> ReportedRun:
    found, path = document.json, document.path
    checks = [each for key in ("checks", _MONITORED) for each in objects(found.get(key, []), path, "checks")]
    outcomes = [check.get("outcome") for check in checks]
    for flag, outcome in _FLAGS.items():
        if found.get(flag) is not (outcome in outcomes):
            raise contradiction(
                path, f"`{flag}` is {_word(found.get(flag))}, and {outcomes.count(outcome)} checks {outcome}"
            )
    tests = [ReportedTest(text_in(c, "name", "identity") or "unnamed", _result(c.get("outcome"), path)) for c in checks]
    if found["hasErrors"] not in (True, False):
        raise unlike(path, "no `hasErrors`")
    if found["hasErrors"]:
        tests.append(ReportedTest("the scan itself", "error"))
    return ReportedRun(tuple(tests), text_in(found, "scanStartTimestamp"))


def _result(outcome: Any, path: str) -> Result:
    """The result of a check. Without an outcome it was not evaluated."""
    return "error" if outcome is None else result_of(outcome, _OUTCOMES, path)


def _word(value: Any) -> str:
    return str(value).lower()[:20]


READER = ReportReader("soda", "Soda scan results", _recognises, _read)
