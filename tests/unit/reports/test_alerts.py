"""Reports for tools that put alerts beside lines of files, and Markdown for comments and summaries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgate.reports.alerts import ASKED, JUDGED, alerts
from mlgate.reports.formats.markdown import MARK, MOST_BYTES
from mlgate.reports.registry import find_report
from mlgate.reports.waiver_lines import COLUMNS
from mlgate.values.errors import Location
from mlgate.values.verdict import Finding, Outcome, Status, Unjudged, Verdict, Verdicts

from .conftest import blocked_verdict, outcomes


def run_of(verdicts: Verdicts) -> Any:
    document = json.loads(find_report("sarif").text(verdicts))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    return run


def entries(verdicts: Verdicts) -> Any:
    return json.loads(find_report("code-quality").text(verdicts))


def test_the_whole_reports(several: Verdicts, golden: Callable[[str, str], None]) -> None:
    golden("several.sarif", find_report("sarif").text(several))
    golden("several.code-quality.json", find_report("code-quality").text(several))
    golden("several.verdict.md", find_report("markdown").text(several))


def test_each_rule_that_does_not_pass_is_one_alert_at_the_candidate_and_its_policy(blocked: Verdict) -> None:
    wrong = [each for each in blocked.outcomes if each.status.blocks]
    results = run_of(Verdicts((blocked,)))["results"]
    assert [each["level"] for each in results] == ["error"] * 4 + ["warning"] + ["note"] * 2
    results = results[:5]
    assert sorted(each["ruleId"] for each in results) == sorted(each.check for each in wrong)
    for each in results:
        assert each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "candidate.yaml"
        related = each["relatedLocations"][0]["physicalLocation"]
        assert related["artifactLocation"]["uri"] == "policies/credit.yaml"
        assert related["region"]["startLine"] in {of.at.line for of in wrong}


def test_texts_of_rules_hold_no_measured_values_and_keys_do_not_move(blocked: Verdict) -> None:
    def moved(of: Outcome) -> Outcome:
        findings = tuple(replace(each, value=0.123, message="recall 0.123") for each in of.findings)
        return replace(of, at=Location(of.at.file, of.at.line + 7, 1), findings=findings, message="recall 0.123")

    before = Verdicts((blocked,))
    after = Verdicts((replace(blocked, outcomes=tuple(map(moved, blocked.outcomes))),))
    assert run_of(before)["tool"] == run_of(after)["tool"]
    assert {each.key for each in alerts(before)} == {each.key for each in alerts(after)}
    assert len({each.key for each in alerts(before)}) == 7


def test_an_allowed_run_has_no_results_which_closes_the_alerts_of_earlier_ones(allowed: Verdict) -> None:
    run = run_of(Verdicts((allowed,)))
    assert (run["results"], run["invocations"]) == ([], [{"executionSuccessful": True, "exitCode": 0}])
    assert entries(Verdicts((allowed,))) == []


def test_what_could_not_run_is_no_successful_execution(several: Verdicts) -> None:
    run = run_of(several)
    assert run["invocations"][0]["executionSuccessful"] is False
    places = [each["ruleIndex"] for each in run["results"]]
    assert all(run["tool"]["driver"]["rules"][at]["id"] == each["ruleId"] for at, each in zip(places, run["results"]))
    assert {JUDGED, ASKED} <= {each["ruleId"] for each in run["results"]}


def test_gitlab_tells_what_blocks_from_what_warns_and_merges_nothing(several: Verdicts) -> None:
    found = entries(several)
    assert len({each["fingerprint"] for each in found}) == len(found)
    assert {each["severity"] for each in found} == {"blocker", "minor", "info"}
    assert all(each["location"]["lines"]["begin"] >= 1 and each["location"]["path"] for each in found)


def test_no_candidate_at_all_is_an_alert() -> None:
    for nothing in (Verdicts(()), Verdicts((), (), unjudged=(Unjudged("a.yaml", "a", "NOT COVERED", "no policy"),))):
        assert [each.check for each in alerts(nothing)] == [ASKED]
        assert "BLOCKED" in find_report("markdown").text(nothing) or nothing.unjudged


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(outcomes(), max_size=3))
def test_something_blocks_in_each_report_exactly_if_the_run_is_not_allowed(found: list[Outcome]) -> None:
    verdicts = Verdicts((replace(blocked_verdict(), outcomes=tuple(found)),))
    blocking = [each for each in run_of(verdicts)["results"] if each["level"] == "error"]
    assert bool(blocking) is not verdicts.allowed
    assert bool([each for each in entries(verdicts) if each["severity"] == "blocker"]) is not verdicts.allowed
    text = find_report("markdown").text(verdicts)
    assert ("### ✅ ALLOWED" in text) is verdicts.allowed
    assert text.startswith(MARK)


def test_a_long_verdict_is_cut_between_rows_and_says_so(blocked: Verdict) -> None:
    many = tuple(replace(of, rule=f"{of.rule}-{at}") for at in range(300) for of in blocked.outcomes)
    text = find_report("markdown").text(Verdicts((replace(blocked, outcomes=many),)))
    assert len(text.encode()) < 65_536
    assert len(text.encode()) > MOST_BYTES * 0.9
    assert re.search(r"And [\d,]+ more parts, which did not fit here", text)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_hostile_text_stays_text(blocked: Verdict) -> None:
    bad = "|`<script>`|\n::error::x ##[error] @everyone [a](javascript:x) \u202e\x1b[31m </details>"
    finding = Finding(((bad, bad),), Status.FAIL, bad, 0.1, rows=5)
    rule = replace(blocked.outcomes[0], rule=bad, findings=(finding,), message=bad, owner=bad, demand=bad)
    verdicts = Verdicts((replace(blocked, candidate=bad, path="a b/ü?#.yaml", outcomes=(rule,), notes=(bad,)),))
    text = find_report("markdown").text(verdicts)
    assert " @everyone" not in text
    assert "<script" not in text.replace("\\<", "")
    assert not re.search(r"^\s*::|##\[|\x1b|\u202e", text, re.MULTILINE)
    for line in text.splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) in (5, len(COLUMNS) + 1)
    uri = run_of(verdicts)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/%C3%BC%3F%23.yaml"
