"""The `run_results.json` of dbt: its tests, and whatever else of the run failed."""

from __future__ import annotations

from collections.abc import Iterator

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

_STATUSES: dict[str, Result] = {
    "pass": "passed",
    "success": "passed",
    "fail": "failed",
    "warn": "failed",
    "error": "error",
    "runtime error": "error",
    "partial success": "error",
    "skipped": "skipped",
    "no-op": "skipped",
}
_TESTS = ("test.", "unit_test.")


def _recognises(document: ReportDocument) -> bool:
    found = document.json
    metadata = found.get("metadata") if isinstance(found, dict) else None
    return isinstance(metadata, dict) and "run-results" in text_in(metadata, "dbt_schema_version")


def _read(document: ReportDocument) -> ReportedRun:
    found, path = document.json, document.path
    if "results" not in found or "elapsed_time" not in found:  # the last key that dbt writes
        raise unlike(path, "no `results` and `elapsed_time`")
    return ReportedRun(tuple(_tests(document)), text_in(found["metadata"], "generated_at"))


def _tests(document: ReportDocument) -> Iterator[ReportedTest]:
    """The tests; of models and other nodes only those that did not succeed, since building one tests nothing."""
    for each in objects(document.json["results"], document.path, "results"):
        name = text_in(each, "unique_id")
        if not name:
            raise unlike(document.path, "a result without `unique_id`")
        result = result_of(each.get("status"), _STATUSES, document.path)
        if name.startswith(_TESTS):
            failures = each.get("failures")
            if result == "passed" and isinstance(failures, int) and failures > 0 and not isinstance(failures, bool):
                result = "failed"  # dbt passes by `error_if` and `warn_if`, which the report does not show
            yield ReportedTest(name, result)
        elif result != "passed":
            yield ReportedTest(name, result)


READER = ReportReader("dbt", "dbt run_results.json", _recognises, _read)
