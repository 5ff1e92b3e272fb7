"""Every report shows every waiver: a waived rule with the bound that misses, and one that expired or is not needed."""

# ruff: noqa: E501 - a row is easier to compare whole.

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

import mlgate
from mlgate.reports.explanation import explain_outcome
from mlgate.reports.formats.console import render_console
from mlgate.reports.notebook import html
from mlgate.reports.page import Look
from mlgate.reports.registry import find_report, reports
from mlgate.values.verdict import Verdict, Verdicts

POLICY = """
mlgate: 1
policy: spam
owner: mail@example.com
rules:
  - {id: finds-spam, check: performance.metric, metric: recall, at_least: 0.85}
  - {id: spares-mail, check: performance.metric, metric: false_positive_rate, at_most: 0.05}
  - {id: accurate, check: performance.metric, metric: accuracy, at_least: 0.9}
  - {id: precise, check: performance.metric, metric: precision, at_least: 0.95}
waivers:
  - {rule: spares-mail, for: spam, not_above: 0.06, owner: ann@example.com, reason: new, granted: 2026-11-20, expires: 2027-02-03}
  - {rule: finds-spam, for: spam, not_below: 0.8, owner: bob@example.com, reason: unused, granted: 2026-11-20, expires: 2027-02-04}
  - {rule: accurate, for: spam, not_below: 0.8, owner: carl@example.com, reason: old, granted: 2026-01-02, expires: 2026-04-01}
  - {rule: precise, for: spam, not_below: 0.9, owner: dora@example.com, reason: weak, granted: 2026-11-20, expires: 2027-02-05}
"""
MEASURED = "false_positive_rate 0.0375 (30/800; 95 % upper bound 0.05052)"
EXPECTED = (
    *("ann@example.com", "2027-02-03", "not above 0.06", "applied"),
    *("bob@example.com", "2027-02-04", "it is not needed, because the demand is met without it"),
    *("carl@example.com", "it expired on 2026-04-01"),
    *("dora@example.com", "2027-02-05", "it is insufficient: its own bound, not below 0.9, is not met either"),
)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    folder: Path = tmp_path_factory.mktemp("spam")
    (folder / "p.yaml").write_text(POLICY)
    (folder / "rows.csv").write_text("truth,guess,n\nyes,yes,180\nyes,no,20\nno,yes,30\nno,no,770\n")
    return mlgate.check(
        policy=folder / "p.yaml",
        predictions=folder / "rows.csv",
        roots=folder,
        name="spam",
        task="binary",
        positive="yes",
        label="truth",
        prediction="guess",
        count="n",
        as_of=date(2026, 11, 30),
    )


def _text(name: str, verdict: Verdict) -> str:
    """What people read of a report, on one line."""
    if name == "notebook":
        said = unescape(re.sub(r"<[^>]+>", " ", html(verdict)))
    elif name == "explain":
        said = "\n".join(explain_outcome(outcome, verdict, Look(88)) for outcome in verdict.outcomes)
    elif name == "junit":
        root = ElementTree.fromstring(find_report(name).text(Verdicts((verdict,))).encode())
        said = " ".join([*root.itertext(), *(value for each in root.iter() for value in each.attrib.values())])
    elif name == "json":
        said = json.dumps(json.loads(find_report(name).text(Verdicts((verdict,)))), ensure_ascii=False)
    else:
        said = find_report(name).text(Verdicts((verdict,))).replace("\\", "")
    return " ".join(said.split())


@pytest.mark.parametrize("name", [*reports(), "notebook", "explain"])
def test_every_report_shows_every_waiver(name: str, verdict: Verdict) -> None:
    text = _text(name, verdict)
    assert MEASURED in text
    assert re.search(re.escape(MEASURED) + r" is not shown to be (≤|<=) 0\.05", text)
    assert [part for part in EXPECTED if part not in text] == []


def test_a_program_reads_what_became_of_each_waiver(verdict: Verdict) -> None:
    assert {waiver.owner.partition("@")[0]: waiver.state for waiver in verdict.waivers} == {
        "ann": "applied",
        "bob": "unused",
        "carl": "expired",
        "dora": "insufficient",
    }


def test_a_waived_rule_never_reads_as_met(verdict: Verdict) -> None:
    line = next(line for line in render_console(Verdicts((verdict,)), Look(width=120)).splitlines() if "WAIVED" in line)
    assert "false_positive_rate 0.0375, upper bound 0.05052 > 0.05, waived" in line


def test_among_several_candidates_an_allowed_one_shows_its_waivers(verdict: Verdict) -> None:
    waived = tuple(outcome for outcome in verdict.outcomes if outcome.rule == "spares-mail")
    allowed = Verdict("a", "1", "a.yaml", verdict.as_of, waived, waivers=verdict.waivers)
    other = Verdict("b", "1", "b.yaml", verdict.as_of, verdict.outcomes[:1])
    assert "ann@example.com" in render_console(Verdicts((allowed, other)))


def test_rows_about_waivers_have_columns_of_their_own(verdict: Verdict) -> None:
    rows = list(csv.DictReader(io.StringIO(find_report("csv").text(Verdicts((verdict,))))))
    assert [(row["mlgate.rule"], row["mlgate.table"], row["waiver.expires"]) for row in rows] == [
        ("spam:finds-spam", "Waivers", "2027-02-04"),
        ("spam:spares-mail", "Waivers", "2027-02-03"),
        ("spam:accurate", "Waivers", "2026-04-01"),
        ("spam:precise", "Waivers", "2027-02-05"),
    ]


def test_a_passing_case_of_junit_names_the_waiver_that_it_does_not_need(verdict: Verdict) -> None:
    root = ElementTree.fromstring(find_report("junit").text(Verdicts((verdict,))).encode())
    (case,) = (case for case in root.iter("testcase") if case.get("name") == "accurate")
    assert [child.tag for child in case] == ["system-out"]
    assert "it expired on 2026-04-01" in (case[0].text or "")
