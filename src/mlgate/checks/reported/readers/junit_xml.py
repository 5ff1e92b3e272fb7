"""JUnit XML, as pytest and most test runners write it."""

from __future__ import annotations

import re
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
    result_of,
    unknown,
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
_APART = {"skipped": "disabled", "failures": "warnings"}
"""Under which other name some runners count a part of these tests."""
_BESIDE = ("properties", "system-out", "system-err")
"""Elements that say nothing about a result; what is in them is not looked at."""
_SAID: dict[str, Result] = {
    "error": "error",
    "failure": "failed",
    "rerunFailure": "failed",
    "rerunError": "failed",
    "warning": "failed",
    "skipped": "skipped",
    "disabled": "skipped",
    "flakyFailure": "passed",
    "flakyError": "passed",
}
"""What an element below a test says. A flaky test has passed when it ran again."""
_STATED: dict[str, Result] = {
    **dict.fromkeys(("error", "errored"), "error"),
    **dict.fromkeys(("fail", "failed", "failure"), "failed"),
    **dict.fromkeys(("skip", "skipped", "notrun", "disabled", "ignored", "suppressed", "untested"), "skipped"),
    **dict.fromkeys(("", "run", "pass", "passed", "ok", "success", "successful", "completed", "executed"), "passed"),
}
"""What some runners write into `status` or `result` of a test, in any case."""
_WORST: tuple[Result, ...] = ("error", "failed", "skipped", "passed")


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
    """The tests in a suite and in the suites below it. A fault of a suite as a whole, as of its set-up, is an error."""
    for below in element:
        kind = _local(below)
        if kind == "testcase":
            name = below.get("name") or ""
            if not name:
                raise unlike(path, "a test without a name")
            yield ReportedTest(
                f"{below.get('classname')}.{name}" if below.get("classname") else name, _result(below, path)
            )
        elif kind == "testsuite":
            yield from _tests(below, path)
        elif kind in ("error", "failure"):
            yield ReportedTest(f"suite {element.get('name') or 'without a name'}", "error")
        elif kind not in _BESIDE:
            raise unknown(path, f"a suite with the unknown element `{kind[:40]}`")


def _result(case: Element, path: str) -> Result:
    """The worst of what is said below a test, and in its attributes. Raises EvidenceError for an unknown word."""
    said = [_local(below) for below in case if _local(below) not in _BESIDE]
    if odd := next((kind for kind in said if kind not in _SAID), ""):
        raise unknown(path, f"a test with the unknown element `{odd[:40]}`")
    found = [result_of(case.get(key, ""), _STATED, path) for key in ("status", "result")]
    return next(each for each in _WORST if each in (*found, *(_SAID[kind] for kind in said), "passed"))


def _counts_agree(element: Element, path: str) -> None:
    """Raise EvidenceError where a suite's own counts are not those of the tests in it."""
    results = [_result(case, path) for case in element.iter() if _local(case) == "testcase"]
    for name, counted in _COUNTS.items():
        stated, real = element.get(name), sum(result in counted for result in results)
        apart = _count(element.get(_APART.get(name, ""), "")) or 0
        if stated is not None and _count(stated) not in (real, real - apart):
            said = f"`{name}` of {_local(element)} `{(element.get('name') or '')[:60]}` is `{stated[:20]}`"
            raise contradiction(path, f"{said}, and it holds {real:,}")


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else None


READER = ReportReader("junit", "JUnit XML", _recognises, _read)
