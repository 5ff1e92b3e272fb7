"""Every report shows what is announced; rules that do not apply are one line; a summary says who owns what."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest

from mlgate.reports.explanation import explain_outcome
from mlgate.reports.formats.console import render_console
from mlgate.reports.notebook import html, in_short
from mlgate.reports.page import Look
from mlgate.reports.registry import find_report, reports
from mlgate.values.announcement import Announcement
from mlgate.values.verdict import Outcome, Status, Verdict, Verdicts

SAID = "waivers of 2 rules end in 9 days (2026-12-03); 1 rule would block: credit:latency"
SOON = Announcement("waivers end", "2026-12-03", 9, ("credit:latency", "credit:card"), ("credit:latency",), SAID)
LATER = Announcement(
    "rules begin to block", "2026-12-04", 10, ("credit:card",), (), "1 rule begins to block in 10 days (2026-12-04)"
)


@pytest.fixture
def announcing(blocked: Verdict) -> Verdict:
    """A verdict that announces two changes."""
    return replace(blocked, announced=(SOON, LATER))


def text_of(name: str, verdicts: Verdicts) -> str:
    """What people read of a report, on one line."""
    text = find_report(name).text(verdicts)
    if name == "junit":
        root = ElementTree.fromstring(text.encode())
        text = " ".join([*root.itertext(), *(value for each in root.iter() for value in each.attrib.values())])
    if name == "json":
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return " ".join(text.replace("\\", "").split())


@pytest.mark.parametrize("name", [*reports(), "notebook", "in short", "quiet"])
def test_every_report_announces(name: str, announcing: Verdict) -> None:
    verdicts = Verdicts((announcing,))
    if name == "notebook":
        text = unescape(re.sub(r"<[^>]+>", " ", html(announcing)))
    elif name == "in short":
        text = in_short(announcing)
    elif name == "quiet":
        text = render_console(verdicts, quiet=True)
    else:
        text = text_of(name, verdicts)
    assert SAID in " ".join(text.split())


def test_the_case_of_a_rule_in_junit_says_what_becomes_of_it(announcing: Verdict) -> None:
    root = ElementTree.fromstring(find_report("junit").text(Verdicts((announcing,))).encode())
    said = {case.get("name"): "".join(case.itertext()) for case in root.iter("testcase")}
    assert "rules begin to block in 10 days (2026-12-04); the rule would not block" in said["card [fact=owner]"]
    assert "waivers end" not in said["discriminates"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [("latency", ["waivers end in 9 days (2026-12-03); the rule would block"]), ("traceable", [])],
)
def test_an_explanation_says_what_becomes_of_its_rule(announcing: Verdict, rule: str, said: list[str]) -> None:
    (outcome,) = (each for each in announcing.outcomes if each.rule == rule)
    text = explain_outcome(outcome, announcing, Look(100))
    assert [line.strip() for line in text.splitlines() if "2026-12-03" in line] == said
    assert ("Announced" in text) is bool(said)


def test_rows_about_announcements_have_columns_of_their_own(announcing: Verdict) -> None:
    rows = list(csv.DictReader(io.StringIO(find_report("csv").text(Verdicts((announcing,))))))
    found = [row for row in rows if row["mlgate.table"] == "Announced"]
    assert [(row["announced.change"], row["announced.days"], row["announced.would block"]) for row in found] == [
        ("waivers end", "9", "credit:latency"),
        ("rules begin to block", "10", ""),
    ]


def test_a_run_announces_once_for_all_candidates(announcing: Verdict, allowed: Verdict) -> None:
    others = [replace(allowed, candidate=name, path=name) for name in ("a", "b")]
    harmless = replace(SOON, blocking=())
    run = Verdicts((announcing, replace(others[0], announced=(SOON, LATER)), replace(others[1], announced=(harmless,))))
    lines = render_console(run, Look(120), quiet=True).splitlines()
    assert lines[3:] == [
        "! waivers end in 9 days (2026-12-03); rules of 2 of 3 verdicts (credit-default, a) would block",
        "! rules begin to block in 10 days (2026-12-04); no rule would block",
    ]


def test_an_allowed_candidate_of_several_is_shown_with_what_it_announces(announcing: Verdict, allowed: Verdict) -> None:
    text = render_console(Verdicts((announcing, replace(allowed, announced=(SOON,)))), Look(120))
    assert text.count(SAID) == 2


def test_an_announcement_without_harm_is_in_the_overview_only(blocked: Verdict, allowed: Verdict) -> None:
    text = render_console(Verdicts((blocked, replace(allowed, announced=(LATER,)))), Look(120))
    assert text.count("(2026-12-04)") == 1


@pytest.mark.parametrize("name", ["markdown", "tables"])
def test_a_table_sums_up_several_candidates(name: str, announcing: Verdict, allowed: Verdict) -> None:
    rows = [
        line
        for line in find_report(name).text(Verdicts((announcing, allowed))).splitlines()
        if line.startswith(("|", "-"))
    ]
    start = next(at for at, row in enumerate(rows) if row.startswith("| candidate |"))
    assert [row.replace("\\", "") for row in rows[start : start + 6]] == [
        "| candidate | verdict | owner | worst rule | would block |",
        "| --- | --- | --- | --- | --- |",
        "| credit-default 2026.11.2 | BLOCKED | risk-ml@example.com | traceable (ERROR) | 1 |",
        "| churn 7 | ALLOWED |  |  |  |",
        "- waivers end in 9 days (2026-12-03); rules of 1 of 2 verdicts (credit-default) would block",
        "- rules begin to block in 10 days (2026-12-04); no rule would block",
    ]
    assert "| candidate |" not in find_report(name).text(Verdicts((announcing,)))


def skipped(blocked: Verdict, *rules: str) -> tuple[Outcome, ...]:
    (one,) = (each for each in blocked.outcomes if each.status is Status.SKIPPED)
    return tuple(replace(one, rule=rule) for rule in rules)


def test_rules_that_do_not_apply_are_one_line(blocked: Verdict) -> None:
    verdict = replace(blocked, outcomes=(*blocked.outcomes[:2], *skipped(blocked, *(f"r{at}" for at in range(12)))))
    text = render_console(Verdicts((verdict,)), Look(120))
    (line,) = (line for line in text.splitlines() if "SKIPPED" in line)
    assert line == "○ SKIPPED       12 rules do not apply: r0, r1, r2, r3, r4, r5, r6, r7 and 4 more"
    assert render_console(Verdicts((verdict,)), Look(120), verbose=True).count("SKIPPED  ") == 12
    assert html(verdict).count(">SKIPPED<") == 1
    root = ElementTree.fromstring(find_report("junit").text(Verdicts((verdict,))).encode())
    (case,) = (case for case in root.iter("testcase") if case.get("name") == "rules that do not apply")
    assert "r11: for ranking candidates; this one is binary" in (case[0].get("message") or "")
    assert "r3" not in {case.get("name") for case in root.iter("testcase")}


def test_one_rule_that_does_not_apply_says_why(blocked: Verdict) -> None:
    text = render_console(Verdicts((replace(blocked, outcomes=skipped(blocked, "r")),)), Look(120))
    assert "○ SKIPPED       r  for ranking candidates; this one is binary" in text


def test_the_summary_says_what_would_block_though_all_is_allowed(blocked: Verdict, allowed: Verdict) -> None:
    warns = tuple(each for each in blocked.outcomes if each.severity == "warn")
    waived = tuple(each for each in blocked.outcomes if each.status is Status.WAIVED)
    rollout = replace(allowed, candidate="rollout", path="r", owner="ann@example.com", outcomes=warns)
    mixed = replace(allowed, candidate="mixed", path="m", outcomes=(*allowed.outcomes, *warns, *waived))
    lines = render_console(Verdicts((rollout, mixed)), Look(120), quiet=True).splitlines()
    assert lines == [
        "✓ ALLOWED mixed 7    1 waived · 3 passed  latency  1 would block: calibrated",
        "✓ ALLOWED rollout 7  1 would block: calibrated  (ann@example.com)",
    ]
