"""JUnit XML, as pytest and most test runners write it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from mlgate.checks.reported.readers.report_reader import (
    RESULTS,
    ReportDocument,
    ReportedRun,
    ReportedTest,
    ReportReader,
    Result,
    contradiction,
    unlike,
)
from mlgate.checks.reported.recorded_time import earliest

_ROOTS = ("testsuites", "testsuite")
_COUNTS: dict[str, tuple[str, ...]] = {
    "tests": RESULTS,
    "failures": ("failed",),
    "errors": ("error",),
    "skipped": ("skipped",),
}


def _recognises(document: ReportDocument) -> bool:
    return document.xml is not None and _local(document.xml) in _ROOTS


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _read(document: ReportDocument) -> ReportedRun:
    root = document.xml
    assert root is not None  # noqa: S101 - only XML is recognised
    suites = [each for each in root.iter() if _local(each) == "testsuite"]
    for element in (root, *suites):
        _counts_agree(element, document.path)
    tests = tuple(_tests(root, document.path))
    own = [suite for suite in suites if any(_local(below) == "testcase" for below in suite)]
    return ReportedRun(tests, earliest(suite.get("timestamp") or "" for suite in own))


def _tests(element: Element, path: str) -> Iterator[ReportedTest]:
    for case in element.iter():
        if _local(case) == "testcase":
            name = case.get("name") or ""
            if not name:
                raise unlike(path, "a test without a name")
            yield ReportedTest(f"{case.get('classname')}.{name}" if case.get("classname") else name, _result(case))


def _result(case: Element) -> Result:
    """The worst of what is said below a test; some runners write the result as an attribute instead."""
    said = {_local(below) for below in case}
    stated = (case.get("status") or case.get("result") or "").lower()
    if "error" in said or stated in ("error", "errored"):
        return "error"
    if "failure" in said or stated in ("fail", "failed", "failure"):
        return "failed"
    if said & {"skipped", "disabled"} or stated in ("skipped", "notrun", "disabled", "ignored", "suppressed"):
        return "skipped"
    return "passed"


def _counts_agree(element: Element, path: str) -> None:
    """Raise EvidenceError where a suite's own counts are not those of the tests in it."""
    results = [_result(case) for case in element.iter() if _local(case) == "testcase"]
    for name, counted in _COUNTS.items():
        stated, real = element.get(name), sum(result in counted for result in results)
        if stated is not None and stated.strip() != str(real):
            said = f"`{name}` of {_local(element)} `{(element.get('name') or '')[:60]}` is {stated[:20]}"
            raise contradiction(path, f"{said}, and it holds {real:,}")


READER = ReportReader("junit", "JUnit XML", _recognises, _read)
