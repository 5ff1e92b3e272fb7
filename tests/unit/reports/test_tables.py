"""Published tables: as Markdown, as CSV, on the console, in `explain` and in JUnit; whatever a cell holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from mlgate.errors import Location
from mlgate.reports.console import render_console
from mlgate.reports.explain import explain_outcome
from mlgate.reports.json_report import read
from mlgate.reports.json_report import render as as_json
from mlgate.reports.junit import render as as_junit
from mlgate.reports.tables import render_csv, render_markdown
from mlgate.verdict import Finding, Outcome, Status, Table, Verdict, Verdicts

Golden = Callable[[str, str], None]
BY_RACE = Table(
    "selection_rate by race, 329 rows",
    ("race", "rows", "of", "hits", "selection_rate", "impact ratio", "note"),
    (
        ("Black", "48", "48", "26", "0.5417", "0.6810", ""),
        ("White", "259", "259", "206", "0.7954", "1.0000", "highest"),
        ("Hispanic", "4", "4", "3", "0.7500", "", "below min_share (0.02)"),
        ("(missing)", "15", "", "", "", "", "unknown group"),
    ),
)
BY_BOTH = Table(
    "selection_rate by sex and race, 12 rows",
    ("sex", "race", "rows", "note"),
    (("F", "=1+1", "5", "a | b"), ("M", "<script>", "7", "`x` *y*\nz")),
)


def audit(*tables: Table) -> Outcome:
    findings = (Finding((("race", "Black"),), Status.LISTED, "0.5417, impact ratio 0.681", 0.5417, "26/48", rows=48),)
    said = "1 listed, nothing demanded"
    metric, at = "selection_rate and impact ratio", Location("policies/credit.yaml", 9, 5)
    return Outcome(
        "credit", "audit", "fairness.audit", Status.LISTED, said, at, metric=metric, findings=findings, tables=tables
    )


@pytest.fixture
def published(allowed: Verdict) -> Verdicts:
    """An allowed candidate whose policy also publishes two tables."""
    return Verdicts((replace(allowed, outcomes=(*allowed.outcomes, audit(BY_RACE, BY_BOTH))),))


def test_markdown(published: Verdicts, golden: Golden) -> None:
    golden("tables.md", render_markdown(published))


def test_csv(published: Verdicts, golden: Golden) -> None:
    golden("tables.csv", render_csv(published))


def test_on_the_console(published: Verdicts, golden: Golden) -> None:
    golden("tables.txt", render_console(published))
    golden("tables-verbose.txt", render_console(published, verbose=True))


def test_in_an_explanation(published: Verdicts, golden: Golden) -> None:
    (verdict,) = published.verdicts
    golden("tables-explained.txt", explain_outcome(verdict.outcomes[-1], verdict))


def test_in_junit_a_table_is_a_passing_case_that_says_it(published: Verdicts) -> None:
    text = as_junit(published)
    assert 'failures="0" errors="0"' in text
    assert text.count('name="audit') == 1
    assert "Black | 48 | 48 | 26 | 0.5417 | 0.6810 | " in text


def test_json_keeps_them(published: Verdicts) -> None:
    (verdict,) = read(as_json(published)).verdicts
    assert verdict.outcomes[-1].tables == (BY_RACE, BY_BOTH)
    assert verdict.exit_code == 0


def test_csv_is_read_back_by_csv_and_pandas_and_holds_no_formula(published: Verdicts) -> None:
    text = render_csv(published)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["race"] for row in rows] == ["Black", "White", "Hispanic", "(missing)", "'=1+1", "<script>"]
    assert [row["sex"] for row in rows] == ["", "", "", "", "F", "M"]
    frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    assert list(frame["impact ratio"]) == ["0.6810", "1.0000", "", "", "", ""]
    assert set(frame["mlgate.rule"]) == {"credit:audit"}


def test_a_column_that_stands_twice_loses_nothing() -> None:
    table = Table("t", ("rows", "rows", "note"), (("a", "1", "x"),))
    verdict = Verdict("c", "1", "c.yaml", "2026-11-24", (audit(table),))
    (row,) = csv.DictReader(io.StringIO(render_csv(Verdicts((verdict,)))))
    assert (row["rows"], row["rows 2"], row["note"]) == ("a", "1", "x")


def test_no_table_is_said_and_is_a_csv_with_a_head(allowed: Verdict) -> None:
    assert "No rule publishes a table." in render_markdown(Verdicts((allowed,)))
    assert render_csv(Verdicts((allowed,))).splitlines()[0].startswith("mlgate.version,")
