"""The JSON of Evidently: a report with tests (0.7 and later), or a test suite (before)."""

from __future__ import annotations

from mlgate.checks.reported.readers.report_reader import (
    RESULTS,
    ReportDocument,
    ReportedRun,
    ReportedTest,
    ReportReader,
    Result,
    agree,
    contradiction,
    objects,
    result_of,
    text_in,
)

_STATUSES: dict[str, Result] = {
    "success": "passed",
    "fail": "failed",
    "warning": "failed",
    "error": "error",
    "skipped": "skipped",
}


def _recognises(document: ReportDocument) -> bool:
    found = document.json
    if not isinstance(found, dict) or not isinstance(found.get("tests"), list):
        return False
    summary = found.get("summary")
    return "metrics" in found or (isinstance(summary, dict) and "all_passed" in summary)


def _read(document: ReportDocument) -> ReportedRun:
    found, path = document.json, document.path
    tests = tuple(
        ReportedTest(text_in(each, "name", "id") or "unnamed", result_of(each.get("status"), _STATUSES, path))
        for each in objects(found["tests"], path, "tests")
    )
    summary = found.get("summary")
    if isinstance(summary, dict):
        agree(path, tests, {"total_tests": (summary.get("total_tests"), RESULTS)})
        agree(path, tests, {"success_tests": (summary.get("success_tests"), ("passed",))})
        passed = not any(test.result in ("failed", "error") for test in tests)
        if summary.get("all_passed") is True and not passed:
            raise contradiction(path, "`all_passed` is true, and tests failed")
    return ReportedRun(tests, text_in(found, "timestamp"))


READER = ReportReader("evidently", "JSON of an Evidently report with tests", _recognises, _read)
