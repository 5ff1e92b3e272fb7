"""How reports of tests are read: those of real tools, and what no report may hide."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgate.checks.reported.readers.report_reader import ReportedRun
from mlgate.checks.reported.reported_tests import recognised, report_readers
from mlgate.values.errors import EvidenceError

DATA = Path(__file__).parent / "data"


def run(raw: bytes, wanted: str = "") -> ReportedRun:
    reader, document = recognised(raw, "report", wanted)
    return reader.read(document)


def results(raw: bytes) -> dict[str, int]:
    found = [test.result for test in run(raw).tests]
    return {each: found.count(each) for each in sorted(set(found))}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("pytest_pass.xml", {"passed": 3, "skipped": 2}),
        ("pytest_fail.xml", {"passed": 1, "failed": 1, "error": 1}),
        ("great_expectations_pass.json", {"passed": 3}),
        ("great_expectations_fail.json", {"passed": 2, "failed": 1}),
        ("great_expectations_error.json", {"error": 1}),
        ("great_expectations_empty.json", {}),
        ("great_expectations_checkpoint.json", {"passed": 1, "failed": 1}),
        ("great_expectations_nulls.json", {"skipped": 1}),
        ("pytest_teardown.xml", {"passed": 1, "failed": 1, "error": 2}),
        ("soda_pass.json", {"passed": 2}),
        ("soda_fail.json", {"passed": 1, "failed": 2}),
        ("soda_error.json", {"error": 1}),
        ("dbt_pass.json", {"passed": 2}),
        ("dbt_fail.json", {"passed": 2, "failed": 1}),
        ("dbt_warn.json", {"passed": 2, "failed": 1}),
        ("evidently_pass.json", {"passed": 2}),
        ("evidently_fail.json", {"passed": 1, "failed": 1}),
        ("evidently_none.json", {}),
        ("deepchecks_pass.json", {"passed": 2}),
        ("deepchecks_fail.json", {"passed": 1, "failed": 1}),
        ("deepchecks_error.json", {"passed": 1, "error": 1}),
        ("pandera_message.json", {"failed": 2}),
        ("pandera_cases.json", {"failed": 2}),
    ],
)
def test_a_report_of_a_real_tool_has_the_results_that_the_tool_gave(file: str, expected: dict[str, int]) -> None:
    assert results((DATA / file).read_bytes()) == dict(sorted(expected.items()))
    reader, _ = recognised((DATA / file).read_bytes(), file)
    assert file.startswith("pytest" if reader.name == "junit" else reader.name)


def test_every_format_has_a_report_of_a_real_tool() -> None:
    producers = {name.replace("junit", "pytest") for name in report_readers()}
    assert producers == {
        next(producer for producer in producers if file.name.startswith(producer))
        for file in DATA.glob("*_*.*")
        if file.suffix in (".json", ".xml")
    }


@pytest.mark.parametrize("file", sorted(file.name for file in DATA.glob("*_pass.*")))
def test_a_report_that_is_cut_off_anywhere_is_refused(file: str) -> None:
    raw = (DATA / file).read_bytes().rstrip()
    for end in range(1, len(raw), max(1, len(raw) // 60)):
        with pytest.raises(EvidenceError):
            run(raw[:end])


def test_the_name_of_a_test_is_the_one_of_its_tool() -> None:
    names = [test.name for test in run((DATA / "pytest_pass.xml").read_bytes()).tests]
    assert names[:2] == ["test_x.TestSum.test_add", "test_x.TestSum.test_par[1]"]
    names = [test.name for test in run((DATA / "great_expectations_pass.json").read_bytes()).tests]
    assert names[1:] == ["expect_column_values_to_be_between(age)", "expect_table_row_count_to_be_between()"]


@pytest.mark.parametrize(
    ("file", "time"),
    [
        ("pytest_pass.xml", "2026-11-30T14:19:48.646944+00:00"),
        ("soda_pass.json", "2026-11-30T14:21:08+00:00"),
        ("dbt_pass.json", "2026-11-30T14:24:43.008126Z"),
        ("evidently_pass.json", ""),
    ],
)
def test_the_time_is_the_one_that_the_report_records(file: str, time: str) -> None:
    assert run((DATA / file).read_bytes()).time == time


def test_the_time_of_several_suites_is_the_earliest_moment_and_unknown_if_one_is() -> None:
    suite = '<testsuite name="s" timestamp="{}"><testcase name="a"/></testsuite>'
    later, earlier = suite.format("2026-01-01T02:00:00+01:00"), suite.format("2026-01-01T01:30:00+05:00")
    assert run(f"<testsuites>{later}{earlier}</testsuites>".encode()).time == "2026-01-01T01:30:00+05:00"
    without_zone = suite.format("2026-01-01T01:30:00")
    assert run(f"<testsuites>{later}{without_zone}</testsuites>".encode()).time == "2026-01-01T01:30:00"
    undated = '<testsuite name="s"><testcase name="a"/></testsuite>'
    assert run(f"<testsuites>{later}{undated}</testsuites>".encode()).time == ""


Change = Callable[[Any], None]


def changed(file: str, change: Change) -> bytes:
    document = copy.deepcopy(json.loads((DATA / file).read_text()))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("great_expectations_fail.json", lambda d: d.update(success=True), "`success` is true"),
        ("great_expectations_pass.json", lambda d: d.update(success=False), "`success` is false"),
        ("great_expectations_pass.json", lambda d: d["results"].pop(), "`evaluated_expectations` is 3"),
        ("great_expectations_pass.json", lambda d: d["results"][0].pop("success"), "a result without `success`"),
        (
            "great_expectations_pass.json",
            lambda d: d["results"][1]["result"].update(element_count=10, missing_count=0, unexpected_count=1),
            "too many unexpected values",
        ),
        ("soda_fail.json", lambda d: d.update(hasFailures=False), "`hasfailures` is false"),
        (
            "soda_pass.json",
            lambda d: d.update(automatedMonitoringChecks=[{"name": "a", "outcome": "fail"}]),
            "`hasfailures` is false",
        ),
        ("soda_fail.json", lambda d: d.update(checks=[]), "`hasfailures` is true"),
        ("soda_pass.json", lambda d: d.update(hasErrors=None), "no `haserrors`"),
        ("dbt_pass.json", lambda d: d["results"][1].update(status="fine"), "unknown result 'fine'"),
        ("dbt_pass.json", lambda d: d.pop("results"), "no `results`"),
        ("evidently_pass.json", lambda d: d["tests"][0].update(status="OK"), "unknown result 'ok'"),
        ("deepchecks_pass.json", lambda d: d["results"][0].update(type="Result"), "unknown type 'result'"),
    ],
)
def test_a_report_that_contradicts_itself_or_lacks_a_part_is_refused(file: str, change: Change, said: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        run(changed(file, change))
    assert said in str(refused.value).lower()


def test_an_expectation_without_a_value_to_look_at_has_not_passed() -> None:
    def all_missing(document: Any) -> None:
        document["results"][1]["result"].update(element_count=3, missing_count=3)

    def nothing_observed(document: Any) -> None:
        document["results"][2]["result"]["observed_value"] = None

    def all_missing_in_doubles(document: Any) -> None:
        document["results"][1]["result"].update(element_count=3.0, missing_count=3.0)

    for change in (all_missing, all_missing_in_doubles, nothing_observed):
        assert results(changed("great_expectations_pass.json", change)) == {"passed": 2, "skipped": 1}


@pytest.mark.parametrize(
    ("name", "observed", "result"),
    [
        ("expect_column_distinct_values_to_equal_set", None, "passed"),
        ("expect_column_distinct_values_to_contain_set", None, "passed"),
        ("expect_column_distinct_values_to_be_in_set", None, "skipped"),
        ("expect_column_unique_value_count_to_be_between", 0, "skipped"),
        ("expect_column_unique_value_count_to_be_between", 3, "passed"),
    ],
)
def test_a_set_of_values_that_was_found_shows_that_there_were_some(name: str, observed: Any, result: str) -> None:
    """Great Expectations 1.24 writes a null for what it observed of a set, whether or not the column has values."""

    def change(document: Any) -> None:
        document["results"] = document["results"][:1]
        document["statistics"].update(evaluated_expectations=1, successful_expectations=1)
        document["results"][0]["result"] = {"observed_value": observed, "unexpected_count": 0}
        document["results"][0]["expectation_config"].update(type=name, kwargs={"column": "a", "value_set": [1]})

    assert results(changed("great_expectations_pass.json", change)) == {result: 1}


def test_unexpected_values_are_allowed_as_far_as_mostly_says() -> None:
    def mostly(share: float) -> Change:
        def change(document: Any) -> None:
            found = document["results"][1]
            found["expectation_config"]["kwargs"]["mostly"] = share
            found["result"].update(element_count=12, missing_count=2, unexpected_count=3)

        return change

    assert results(changed("great_expectations_pass.json", mostly(0.7))) == {"passed": 3}
    with pytest.raises(EvidenceError, match="contradicts itself"):
        run(changed("great_expectations_pass.json", mostly(0.71)))


def test_a_checkpoint_of_great_expectations_holds_several_suites() -> None:
    one, other = (json.loads((DATA / f"great_expectations_{name}.json").read_text()) for name in ("pass", "fail"))
    for entries in ({"a": one, "b": other}, {"a": {"validation_result": one}, "b": {"validation_result": other}}):
        raw = json.dumps({"success": False, "run_results": entries}).encode()
        assert results(raw) == {"failed": 1, "passed": 5}
        with pytest.raises(EvidenceError, match="contradicts itself"):
            run(json.dumps({"success": True, "run_results": entries}).encode())


def test_the_flag_of_a_described_checkpoint_is_compared_with_its_suites() -> None:
    with pytest.raises(EvidenceError, match="contradicts itself"):
        run(changed("great_expectations_checkpoint.json", lambda d: d.update(success=True)))
    with pytest.raises(EvidenceError, match="contradicts itself"):
        run(changed("great_expectations_checkpoint.json", lambda d: d["validation_results"][0]["expectations"].pop(0)))


def test_an_older_test_suite_of_evidently_is_read_and_its_summary_compared() -> None:
    """Written by the format's description: a test suite before evidently 0.7."""
    tests = [{"name": "Drift", "status": "SUCCESS"}, {"name": "Nulls", "status": "WARNING"}]
    summary = {"all_passed": False, "total_tests": 2, "success_tests": 1, "failed_tests": 0}
    assert results(json.dumps({"tests": tests, "summary": summary}).encode()) == {"failed": 1, "passed": 1}
    for wrong in ({"all_passed": True}, {"total_tests": 3}, {"success_tests": 2}):
        with pytest.raises(EvidenceError, match="contradicts itself"):
            run(json.dumps({"tests": tests, "summary": {**summary, **wrong}}).encode())


def test_a_dbt_test_that_passes_with_failing_rows_has_failed_and_a_model_that_failed_counts() -> None:
    def failing(document: Any) -> None:
        document["results"][0]["status"] = "error"
        document["results"][1]["failures"] = 3

    assert results(changed("dbt_pass.json", failing)) == {"error": 1, "failed": 1, "passed": 1}


CASE = '<testcase classname="c" name="{}">{}</testcase>'


@pytest.mark.parametrize(
    ("below", "result"),
    [
        ("", "passed"),
        ("<system-out>text</system-out>", "passed"),
        ("<failure/>", "failed"),
        ("<error/>", "error"),
        ("<failure/><error/>", "error"),
        ("<skipped/>", "skipped"),
        ("<skipped/><failure/>", "failed"),
        ("<flakyFailure/>", "passed"),
        ("<rerunError/>", "failed"),
        ("<warning/>", "failed"),
        ("<system-out><failure/></system-out>", "passed"),
    ],
)
def test_the_worst_of_what_is_below_a_junit_test_is_its_result(below: str, result: str) -> None:
    (test,) = run(f"<testsuite>{CASE.format('a', below)}</testsuite>".encode()).tests
    assert test.result == result


@pytest.mark.parametrize("element", ["failed", "Failure", "cancelled", "results"])
def test_an_element_of_a_junit_test_or_suite_that_may_be_a_result_is_refused(element: str) -> None:
    for suite in (CASE.format("a", f"<{element}/>"), CASE.format("a", "") + f"<{element}/>"):
        with pytest.raises(EvidenceError, match=f"unknown element `{element}`"):
            run(f"<testsuite>{suite}</testsuite>".encode())


@pytest.mark.parametrize(
    ("stated", "result"),
    [("Passed", "passed"), ("FAIL", "failed"), ("untested", "skipped"), ("errored", "error"), ("inconclusive", "")],
)
def test_the_status_that_a_junit_test_states_counts_and_an_unknown_one_is_refused(stated: str, result: str) -> None:
    raw = f'<testsuite><testcase name="a" status="run" result="{stated}"/></testsuite>'.encode()
    if result:
        assert results(raw) == {result: 1}
    else:
        with pytest.raises(EvidenceError, match="unknown result 'inconclusive'"):
            run(raw)


def test_a_fault_of_a_junit_suite_as_a_whole_is_an_error_beside_its_tests() -> None:
    below = CASE.format("a", "") + '<error message="set-up"/>'
    assert results(f'<testsuites><testsuite name="s" tests="1">{below}</testsuite></testsuites>'.encode()) == {
        "error": 1,
        "passed": 1,
    }


def test_tests_that_are_disabled_or_warn_may_be_counted_apart() -> None:
    """As GoogleTest and CTest count the disabled tests, and PHPUnit those that warn."""
    disabled = '<testcase name="b" status="notrun" result="suppressed"/>'
    warns = CASE.format("c", "<warning/>")
    counts = 'tests="3" failures="0" errors="0" skipped="0" disabled="1" warnings="1"'
    raw = f"<testsuite {counts}>{CASE.format('a', '')}{disabled}{warns}</testsuite>".encode()
    assert results(raw) == {"failed": 1, "passed": 1, "skipped": 1}


@pytest.mark.parametrize("counts", ['tests="2"', 'failures="0"', 'errors="1"', 'skipped="1"', 'tests="one"'])
def test_counts_of_a_junit_suite_that_are_not_those_of_its_tests_are_refused(counts: str) -> None:
    suite = f"<testsuite {counts}>{CASE.format('a', '<failure/>')}</testsuite>"
    with pytest.raises(EvidenceError, match="contradicts itself"):
        run(suite.encode())
    with pytest.raises(EvidenceError, match="contradicts itself"):
        run(f"<testsuites {counts}><testsuite>{CASE.format('a', '<failure/>')}</testsuite></testsuites>".encode())


LAUGHS = '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
OUTSIDE = '<!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuite><testcase name="a"/></testsuite>'


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (LAUGHS, "document type"),
        (OUTSIDE, "document type"),
        ("<a>" * 200 + "</a>" * 200, "nested too deeply"),
        ('<testsuite><testcase name="a"/></testsuite><testsuite/>', "not XML"),
        ("<testsuite><testcase/></testsuite>", "a test without a name"),
        ("<html><body/></html>", "not a report that mlgate reads"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        ('{"success": true, "success": false, "results": [], "statistics": {}}', "twice"),
        ('{"accuracy": 0.9}', "not a report that mlgate reads"),
        ("[]", "not a report that mlgate reads"),
        ("{}", "not a report that mlgate reads"),
        ("", "not a report that mlgate reads"),
        ("all tests passed", "not a report that mlgate reads"),
    ],
)
def test_what_is_not_a_plain_report_is_refused(raw: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        run(raw.encode())


def test_another_encoding_is_refused() -> None:
    with pytest.raises(EvidenceError, match="not UTF-8"):
        run((DATA / "pytest_pass.xml").read_text().encode("utf-16"))


def test_the_format_is_known_by_the_content_and_a_wrong_one_is_refused() -> None:
    raw = (DATA / "soda_pass.json").read_bytes()
    assert run(raw, "soda").tests == run(raw).tests
    with pytest.raises(EvidenceError, match="is Soda scan results, not dbt"):
        run(raw, "dbt")
    with pytest.raises(EvidenceError, match="is not JUnit XML"):
        run(b'{"accuracy": 0.9}', "junit")


def test_a_document_of_two_formats_is_refused() -> None:
    both = json.loads((DATA / "soda_pass.json").read_text()) | json.loads((DATA / "evidently_pass.json").read_text())
    with pytest.raises(EvidenceError, match="could be"):
        run(json.dumps(both).encode())
