"""The failures of pandera, which writes a report only where a schema failed: it can block, and never pass."""

from __future__ import annotations

from mlgate.checks.reported.readers.report_reader import (
    ReportDocument,
    ReportedRun,
    ReportedTest,
    ReportReader,
    objects,
    text_in,
)

_CASES = frozenset(("schema_context", "column", "check", "failure_case"))
_NEVER = "pandera writes only failures, so a file without any does not show that a schema was validated"


def _recognises(document: ReportDocument) -> bool:
    """The message of `SchemaErrors` (`SCHEMA` and `DATA`), or its `failure_cases` as a list of records."""
    found = document.json
    if isinstance(found, dict):
        return bool(found) and found.keys() <= {"SCHEMA", "DATA"}
    return isinstance(found, list) and bool(found) and isinstance(found[0], dict) and found[0].keys() >= _CASES


def _read(document: ReportDocument) -> ReportedRun:
    found, path = document.json, document.path
    listed = [found] if isinstance(found, list) else [
        each for part in found.values() if isinstance(part, dict) for each in part.values()
    ]  # fmt: skip
    tests = {
        f"{text_in(each, 'column') or 'table'}: {text_in(each, 'check')}": None
        for part in listed
        for each in objects(part, path, "failures")
    }
    return ReportedRun(tuple(ReportedTest(name, "failed") for name in tests), cannot_pass=_NEVER)


READER = ReportReader("pandera", "JSON of failures of pandera", _recognises, _read)
