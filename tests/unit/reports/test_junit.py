"""JUnit: right counts, stable and unique names, and red exactly when the verdict blocks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser.cli import verify

from mlgate.reports.formats.junit import render
from mlgate.values.errors import Problem
from mlgate.values.verdict import Finding, Outcome, Refusal, Status, Verdict, Verdicts

# jenkinsci/xunit-plugin junit-10.xsd, and `file` and `line` of a testcase, which it lacks.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {
        *("name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname"),
        *("id", "package", "file", "log", "url"),
    },
    "testcase": {"name", "time", "classname", "group", "file", "line"},
    "property": {"name", "value"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "testcase": {"skipped", "error", "failure", "system-out", "system-err"},
    "properties": {"property"},
}


def parsed(verdicts: Verdicts) -> Element:
    return ElementTree.fromstring(render(verdicts))


def assert_valid(root: Element) -> None:
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES.get(element.tag, set())
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        if "time" in element.attrib:
            assert re.fullmatch(r"[0-9]+\.[0-9]{3}", element.attrib["time"])
    for suite in root:
        assert {"name", "tests", "failures", "errors"} <= set(suite.attrib)


def assert_counts_agree(root: Element) -> None:
    for element in (root, *root.findall("testsuite")):
        assert int(element.attrib["tests"]) == len(list(element.iter("testcase")))
        assert int(element.attrib["failures"]) == len(list(element.iter("failure")))
        assert int(element.attrib["errors"]) == len(list(element.iter("error")))
        if element is not root:
            assert int(element.attrib["skipped"]) == len(list(element.iter("skipped")))


def case(root: Element, name: str) -> Element:
    found = [element for element in root.iter("testcase") if element.attrib["name"] == name]
    assert len(found) == 1, [element.attrib["name"] for element in root.iter("testcase")]
    return found[0]


def test_the_whole_document(several: Verdicts, golden: Callable[[str, str], None]) -> None:
    golden("several.xml", render(several))


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_any_run_is_valid_and_red_exactly_when_it_blocks(
    any_verdicts: st.SearchStrategy[Verdicts], data: st.DataObject
) -> None:
    verdicts = data.draw(any_verdicts)
    root = parsed(verdicts)
    assert_valid(root)
    assert_counts_agree(root)
    red = int(root.attrib["failures"]) + int(root.attrib["errors"])
    assert (red > 0) is (verdicts.exit_code != 0)
    names = [(element.attrib["classname"], element.attrib["name"]) for element in root.iter("testcase")]
    assert len(set(names)) == len(names)
    assert len(names) > 0


def test_junitparser_agrees_with_the_verdict(tmp_path: Path, blocked: Verdict, allowed: Verdict) -> None:
    for verdict, code in ((blocked, 1), (allowed, 0)):
        path = tmp_path / f"{verdict.candidate}.xml"
        path.write_text(render(Verdicts((verdict,))), encoding="utf-8")
        assert verify([str(path)]) == code


@pytest.mark.parametrize(
    ("name", "tag", "kind"),
    [
        ("recall-for-everyone [sex=F, age_band=<25]", "failure", "FAIL"),
        ("recall-for-everyone [sex=F, age_band=25-40]", "failure", "INCONCLUSIVE"),
        ("recall-for-everyone [sex=M, age_band=<25]", "skipped", "WAIVED"),
        ("recall-for-everyone [sex=X, age_band=60+]", "skipped", "SKIPPED"),
        ("traceable", "error", "ERROR"),
        ("typical-error", "error", "ERROR"),
        ("latency", "skipped", "WAIVED"),
        ("ranking-only", "skipped", "SKIPPED"),
    ],
)
def test_each_status_has_its_element(blocked: Verdict, name: str, tag: str, kind: str) -> None:
    (result,) = case(parsed(Verdicts((blocked,))), name)
    assert (result.tag, result.attrib["type"]) == (tag, kind)
    assert result.attrib["message"] in (result.text or "")


def test_a_pass_is_a_bare_case_and_a_warning_a_passing_one(blocked: Verdict) -> None:
    root = parsed(Verdicts((blocked,)))
    assert list(case(root, "discriminates")) == []
    (warning,) = case(root, "calibrated")
    assert warning.tag == "system-out"
    assert "blocks from 2027-01-01" in (warning.text or "")


def test_cases_name_the_file_and_line_of_their_rule(blocked: Verdict) -> None:
    found = case(parsed(Verdicts((blocked,))), "traceable")
    assert (found.attrib["file"], found.attrib["line"]) == ("policies/credit.yaml", "70")


def test_a_crash_after_the_first_findings_keeps_a_case_of_its_own(blocked: Verdict) -> None:
    root = parsed(Verdicts((blocked,)))
    assert list(case(root, "typical-error [sex=F]")) == []
    (error,) = case(root, "typical-error")
    assert "ZeroDivisionError" in (error.text or "")


def test_a_crash_is_told_though_a_finding_is_in_error_too(blocked: Verdict) -> None:
    crashed = next(outcome for outcome in blocked.outcomes if outcome.rule == "typical-error")
    unanswered = Finding((("sex", "X"),), Status.ERROR, "mae: no rows for sex=X")
    verdict = replace(blocked, outcomes=(replace(crashed, findings=(unanswered,)),))
    assert int(parsed(Verdicts((verdict,))).attrib["errors"]) == 2


def test_names_hold_no_measured_values(blocked: Verdict) -> None:
    moved = tuple(
        replace(
            outcome,
            message="other",
            findings=tuple(replace(finding, value=0.1234, message="other") for finding in outcome.findings),
        )
        for outcome in blocked.outcomes
    )
    before, after = (
        [element.attrib["name"] for element in parsed(Verdicts((verdict,))).iter("testcase")]
        for verdict in (blocked, replace(blocked, outcomes=moved))
    )
    assert [name for name in after if name in before] == before


def test_slices_that_a_check_found_by_itself_are_in_the_body_of_one_case(blocked: Verdict) -> None:
    """Other data give other bins, and a panel's history follows names."""
    recall = replace(blocked.outcomes[0], rule="weak-spots", searched=True)
    elsewhere = replace(recall, findings=tuple(replace(f, where=(("age", "[3, 9)"),)) for f in recall.findings[:1]))
    for outcome in (recall, elsewhere):
        root = parsed(Verdicts((replace(blocked, outcomes=(outcome,)),)))
        assert [element.attrib["name"] for element in root.iter("testcase")] == ["weak-spots"]
        (result,) = case(root, "weak-spots")
        assert (result.tag, result.attrib["type"]) == ("failure", "FAIL")
        assert "FAIL recall 0.521 (95 % upper bound 0.561) < 0.6 for sex=F" in (result.text or "")
    assert "about 640 more rows" in render(Verdicts((replace(blocked, outcomes=(recall,)),)))


@pytest.mark.parametrize(
    "verdicts",
    [
        Verdicts(()),
        Verdicts((Verdict("x", "1", "x.yaml", "2026-11-24", ()),)),
        Verdicts((), (Refusal("", 2, ()),)),
        Verdicts((), (Refusal("x.yaml", 3, (Problem(None, "No space left"),)),)),
    ],
)
def test_nothing_judged_is_an_error(verdicts: Verdicts) -> None:
    assert parsed(verdicts).attrib["errors"] == "1"


def test_a_refusal_names_every_problem(several: Verdicts) -> None:
    root = parsed(Verdicts((), several.refusals))
    assert "unknown key `modell`" in "".join(element.text or "" for element in root.iter("error"))
    assert "No space left on device" in "".join(element.text or "" for element in root.iter("error"))


def test_text_that_xml_cannot_hold_is_left_out(blocked: Verdict) -> None:
    nasty = "a\x00b\x1b[31m\ufffe\ud800 ]]> <b>&"
    outcome: Outcome = replace(blocked.outcomes[0], rule=nasty, message=nasty, findings=())
    root = parsed(Verdicts((replace(blocked, candidate=nasty, outcomes=(outcome,)),)))
    (error,) = root.iter("failure")
    assert "]]> <b>&" in (error.text or "")
    assert re.fullmatch(r"[\w.-]+", next(root.iter("testcase")).attrib["classname"])


def test_candidates_whose_names_look_alike_stay_apart(allowed: Verdict) -> None:
    verdicts = Verdicts(tuple(replace(allowed, candidate=name) for name in ("a.b", "a_b", "a b")))
    classes = {element.attrib["classname"] for element in parsed(verdicts).iter("testcase")}
    assert classes == {"mlgate.a_b.credit", "mlgate.a_b.credit_2", "mlgate.a_b.credit_3"}
