"""JUnit XML of tests of policies: one suite per file with tests, one case per test, and one for what is untested."""

from __future__ import annotations

from mlgate.reports.junit_suites import JunitCase, JunitSuite, classname, document
from mlgate.values.policy_tests import PolicyTestResult, PolicyTestRun

_TAGS = {"passed": None, "failed": "failure", "error": "error"}


def as_junit(run: PolicyTestRun) -> str:
    """The run as JUnit XML. It has a failure or an error if and only if the exit code is not 0."""
    files = list(dict.fromkeys(result.at.file for result in run.results))
    suites = [_suite(file, [result for result in run.results if result.at.file == file]) for file in files]
    return document([*suites, *_untested(run)])


def _suite(file: str, results: list[PolicyTestResult]) -> JunitSuite:
    return JunitSuite(file, classname("test", file), file, [_case(result) for result in results])


def _case(result: PolicyTestResult) -> JunitCase:
    first, *more = result.said or ("",)
    return JunitCase(
        result.name,
        _TAGS[result.status],
        result.status.upper(),
        first,
        tuple(more),
        result.at.file,
        result.at.line,
        result.seconds,
    )


def _untested(run: PolicyTestRun) -> list[JunitSuite]:
    """A suite with a case for each rule that no test has seen block, and each policy without a candidate."""
    allowed = run.allow_untested
    cases = [
        JunitCase(
            f"{each.name} applies to a candidate",
            "failure",
            "UNMATCHED",
            "the policy applies to no candidate of its tests",
            file=each.at.file,
            line=each.at.line,
        )
        for each in run.unmatched
    ]
    cases += [
        JunitCase(
            f"{each.name} blocks in a test",
            "skipped" if allowed else "failure",
            "UNTESTED",
            "no test has seen this rule block",
            file=each.at.file,
            line=each.at.line,
        )
        for each in run.untested
    ]
    return [JunitSuite("untested", classname("untested"), "", cases)] if cases else []
