"""Two candidates of one name are told apart by their files in every report."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest

from mlgate.reports.formats.console import render_console
from mlgate.reports.registry import find_report, reports
from mlgate.values.errors import Location, Problem
from mlgate.values.verdict import Finding, Outcome, Refusal, Status, Table, Verdict, Verdicts

FILES = ("a/candidate.yaml", "b/candidate.yaml", "c/candidate.yaml")


def _verdict(path: str) -> Verdict:
    findings = (Finding((), Status.FAIL, "accuracy 0.5 < 0.9", 0.5, "5/10", 0.3, 0.7, 10, 10),)
    table = Table("rates", ("group", "rate"), (("x", "0.5"),))
    at = Location("policies/p.yaml", 4, 5)
    outcome = Outcome("p", "r", "performance.metric", Status.FAIL, "m", at, findings=findings, tables=(table,))
    return Verdict("churn", "7", path, "2026-11-24", (outcome,))


VERDICTS = Verdicts(
    (_verdict(FILES[0]), _verdict(FILES[1])), (Refusal(FILES[2], 1, (Problem(None, "said"),), candidate="churn"),)
)


@pytest.mark.parametrize("name", list(reports()))
def test_every_report_names_the_files(name: str) -> None:
    text = find_report(name).text(VERDICTS)
    for file in FILES[:2] if name in ("tables", "csv") else FILES:
        assert file in text, f"{name} does not name {file}"


def test_the_overview_names_the_files() -> None:
    lines = render_console(VERDICTS, quiet=True).strip().splitlines()
    assert [sum(f"churn 7 ({file})" in line or f"churn ({file})" in line for line in lines) for file in FILES] == [
        1,
        1,
        1,
    ]


def test_suites_of_junit_and_rows_of_csv_differ_by_file() -> None:
    root = ElementTree.fromstring(find_report("junit").text(VERDICTS).encode())
    assert [suite.get("name") for suite in root] == [f"churn ({file}) / p" for file in FILES[:2]] + [
        f"churn ({FILES[2]})"
    ]
    rows = list(csv.DictReader(io.StringIO(find_report("csv").text(VERDICTS))))
    assert [row["mlgate.candidate_file"] for row in rows] == list(FILES[:2])


def test_a_name_that_occurs_once_is_shown_alone() -> None:
    assert "(a/candidate.yaml)" not in render_console(Verdicts((_verdict(FILES[0]),)), quiet=True)
