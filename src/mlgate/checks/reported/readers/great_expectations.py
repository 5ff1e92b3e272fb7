"""The validation result of Great Expectations: of one suite, or of a checkpoint with several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgate.checks.reported.readers.report_reader import (
    ReportDocument,
    ReportedRun,
    ReportedTest,
    ReportReader,
    Result,
    agree,
    contradiction,
    objects,
    text_in,
    unlike,
)
from mlgate.checks.reported.recorded_time import earliest

_ROUNDING = 1e-9
"""The tool compares shares as doubles."""
_FOUND = ("_values_to_contain_set", "_values_to_equal_set")
"""Expectations that never record what they observed, and succeed only where values of a set were found."""
_DISTINCT = "_unique_value_count_to_be_between"
_LISTS = ("results", "expectations")
"""What the list of a suite's results is called: in a validation result, and in a checkpoint's description."""


def _recognises(document: ReportDocument) -> bool:
    return isinstance(document.json, dict) and any(map(_is_suite, _suites(document.json)))


def _is_suite(found: Any) -> bool:
    return isinstance(found, dict) and {"success", "statistics"} <= found.keys() and any(key in found for key in _LISTS)


def _suites(found: Mapping[str, Any]) -> tuple[Any, ...]:
    """The document itself, or the suites of a checkpoint: those that it describes, or those of its runs."""
    if _is_suite(found):
        return (found,)
    runs = found.get("run_results", found.get("validation_results"))
    listed = runs.values() if isinstance(runs, dict) else runs if isinstance(runs, list) else ()
    return tuple(each.get("validation_result", each) if isinstance(each, dict) else each for each in listed)


def _read(document: ReportDocument) -> ReportedRun:
    suites = _suites(document.json)
    if not all(map(_is_suite, suites)):
        raise unlike(document.path, "a suite without `success`, `results` and `statistics`")
    tests = tuple(test for suite in suites for test in _tests(suite, document.path))
    if not _is_suite(document.json):
        _flag_agrees(document.json, all(suite["success"] is True for suite in suites), document.path)
    return ReportedRun(tests, earliest(map(_time, suites)))


def _tests(suite: Mapping[str, Any], path: str) -> Iterator[ReportedTest]:
    found = objects(next(suite[key] for key in _LISTS if key in suite), path, "results")
    tests = [ReportedTest(_name(each), _result(each, path)) for each in found]
    passing = ("passed", "skipped")  # what evaluated nothing is a success for Great Expectations
    summary = suite["statistics"]
    if not isinstance(summary, dict):
        raise unlike(path, "no `statistics`")
    agree(
        path,
        tests,
        {
            "evaluated_expectations": (summary.get("evaluated_expectations"), (*passing, "failed", "error")),
            "successful_expectations": (summary.get("successful_expectations"), passing),
            "unsuccessful_expectations": (summary.get("unsuccessful_expectations"), ("failed", "error")),
        },
    )
    _flag_agrees(suite, all(test.result in passing for test in tests), path)
    yield from tests


def _flag_agrees(found: Mapping[str, Any], passed: bool, path: str) -> None:
    if found.get("success") is not passed:
        raise contradiction(
            path, f"`success` is {str(found.get('success')).lower()}, and its results say {passed}".lower()
        )


def _expectation(found: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The type of an expectation and its arguments; a checkpoint that describes itself has them in the result."""
    config = found.get("expectation_config", found)
    config = config if isinstance(config, dict) else {}
    kwargs = config.get("kwargs")
    return text_in(config, "type", "expectation_type"), kwargs if isinstance(kwargs, dict) else {}


def _name(found: Mapping[str, Any]) -> str:
    """`expect_column_values_to_be_between(age)`."""
    name, kwargs = _expectation(found)
    columns = [value for key, value in kwargs.items() if "column" in key]
    return f"{name or 'unnamed'}({', '.join(str(each) for each in columns if isinstance(each, (str, list)))})"


def _result(found: Mapping[str, Any], path: str) -> Result:
    success = found.get("success")
    if not isinstance(success, bool):
        raise unlike(path, "a result without `success`")
    if _raised(found.get("exception_info")):
        return "error"
    if not success:
        return "failed"
    if _more_unexpected(found):
        raise contradiction(path, f"`success` of {_name(found)} is true, and it counts too many unexpected values")
    return "skipped" if _evaluated_nothing(found) else "passed"


def _more_unexpected(found: Mapping[str, Any]) -> bool:
    """Whether an expectation counts more unexpected values than its `mostly` allows: none if it has no `mostly`."""
    result = found.get("result")
    if not isinstance(result, dict) or (unexpected := _number(result, "unexpected_count")) is None:
        return False
    mostly = _number(_expectation(found)[1], "mostly")
    values = (_number(result, "element_count") or 0) - (_number(result, "missing_count") or 0)
    allowed = values * (1 - mostly) if mostly is not None else 0
    return unexpected > allowed + _ROUNDING * values


def _number(found: Mapping[str, Any], key: str) -> float | None:
    value = found.get(key)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _raised(info: Any) -> bool:
    """Whether an exception was raised: said by the result itself, or per metric that it needed."""
    if not isinstance(info, dict):
        return False
    below = [each for each in info.values() if isinstance(each, dict)]
    return any(each.get("raised_exception") is True for each in (info, *below)) or any(
        each.get("exception_message") for each in below
    )


def _evaluated_nothing(found: Mapping[str, Any]) -> bool:
    """Whether each value was missing, or there was none: Great Expectations then reports a success."""
    result, (name, kwargs) = found.get("result"), _expectation(found)
    if not isinstance(result, dict):
        return False
    if "observed_value" in result and result["observed_value"] is None:
        return not (name.endswith(_FOUND) and kwargs.get("value_set"))
    if name.endswith(_DISTINCT) and result.get("observed_value") == 0:
        return True
    count = _number(result, "element_count")
    return count is not None and (count <= (_number(result, "missing_count") or 0))


def _time(suite: Mapping[str, Any]) -> str:
    meta = suite.get("meta")
    run = meta.get("run_id") if isinstance(meta, dict) else None
    return text_in(run, "run_time") if isinstance(run, dict) else ""


READER = ReportReader("great_expectations", "Great Expectations validation result", _recognises, _read)
