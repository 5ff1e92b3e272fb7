"""Published tables: as Markdown, as CSV, on the console, in `explain` and in JUnit; whatever a cell holds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgate.reports.explanation import explain_outcome
from mlgate.reports.formats.console import render_console
from mlgate.reports.formats.csv import render_csv
from mlgate.reports.formats.junit import render as as_junit
from mlgate.reports.formats.tables import render_markdown
from mlgate.reports.page import Look
from mlgate.reports.safe_text import visible
from mlgate.values.errors import Location
from mlgate.values.stored import read, write
from mlgate.values.verdict import Finding, Outcome, Status, Table, Verdict, Verdicts

Golden = Callable[[str, str], None]
TEXT = st.text(max_size=8) | st.text("|\\`<[*&\n\r =", max_size=6)
BY_RACE = Table(
    "selection_rate by race, 329 rows",
    ("race", "rows", "of", "hits", "selection_rate", "impact ratio", "note"),
    (
        ("Black", "48", "48", "26", "0.5417", "0.6810", ""),
        ("White", "259", "259", "206", "0.7954", "1.0000", "highest"),
        ("Hispanic", "4", "4", "3", "0.7500", "", "below min_share (0.02)"),
        ("(missing)", "15", "", "", "", "", "unknown group"),
    ),
    groups=1,
)
BY_BOTH = Table(
    "selection_rate by sex and race, 12 rows",
    ("sex", "race", "rows", "note"),
    (("F", "=1+1", "5", "a | b"), ("M", "<script>", "7", "`x` *y*\nz")),
    groups=2,
)


def audit(*tables: Table) -> Outcome:
    findings = (Finding((("race", "Black"),), Status.LISTED, "0.5417, impact ratio 0.681", 0.5417, "26/48", rows=48),)
    said = "1 listed; the rule demands nothing"
    metric, at = "selection_rate and impact ratio", Location("policies/credit.yaml", 9, 5)
    return Outcome(
        "credit", "audit", "fairness.audit", Status.LISTED, said, at, metric=metric, findings=findings, tables=tables
    )


def publishing(table: Table) -> Verdicts:
    return Verdicts((Verdict("c", "1", "c.yaml", "2026-11-24", (audit(table),)),))


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
    golden("tables-explained.txt", explain_outcome(verdict.outcomes[-1], verdict, Look(88)))


def test_in_junit_a_table_is_a_passing_case_that_says_it(published: Verdicts) -> None:
    text = as_junit(published)
    assert 'failures="0" errors="0"' in text
    assert text.count('name="audit') == 1
    assert "Black | 48 | 48 | 26 | 0.5417 | 0.6810 | " in text


def test_json_keeps_them(published: Verdicts) -> None:
    (verdict,) = read(write(published)).verdicts
    assert verdict.outcomes[-1].tables == (BY_RACE, BY_BOTH)
    assert verdict.exit_code == 0


def test_csv_is_read_back_by_csv_and_pandas_and_holds_no_formula(published: Verdicts) -> None:
    text = render_csv(published)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["group.race"] for row in rows] == ["Black", "White", "Hispanic", "(missing)", "'=1+1", "<script>"]
    assert [row["group.sex"] for row in rows] == ["", "", "", "", "F", "M"]
    frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    assert list(frame["impact ratio"]) == ["0.6810", "1.0000", "", "", "", ""]
    assert set(frame["mlgate.rule"]) == {"credit:audit"}


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "＝1+1", "-", "-cmd|' /C x'!A0"]
)
def test_no_cell_of_the_csv_is_run_by_a_spreadsheet(cell: str) -> None:
    (row,) = csv.DictReader(io.StringIO(render_csv(publishing(Table("t", ("g",), ((cell,),))))))
    assert row["g"].startswith("'")
    assert row["g"].endswith(cell.strip("\t\r"))


@pytest.mark.parametrize("cell", ["-0.5", "+1", "1e-05", "-3e+07", "F", "25-40", ""])
def test_numbers_and_plain_values_are_themselves(cell: str) -> None:
    (row,) = csv.DictReader(io.StringIO(render_csv(publishing(Table("t", ("g", "n"), ((cell, "1"),))))))
    assert row["g"] == cell


@given(cells=st.lists(TEXT, min_size=2, max_size=2))
def test_whatever_a_cell_holds_the_csv_has_its_rows(cells: list[str]) -> None:
    table = Table("t", ("a", "b"), (tuple(cells), ("x", "y")))
    text = render_csv(publishing(table))
    first, second = csv.DictReader(io.StringIO(text))
    assert [one.removeprefix("'") for one in (first["a"], first["b"])] == [visible(c).removeprefix("'") for c in cells]
    assert (second["a"], second["b"]) == ("x", "y")
    assert len(pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)) == 2


@given(cell=TEXT)
def test_whatever_a_cell_holds_the_markdown_table_keeps_its_shape(cell: str) -> None:
    lines = render_markdown(publishing(Table("t", (f"h{cell}", "b"), ((cell, "y"),)))).splitlines()
    head, _, row = (line for line in lines if line.startswith("| "))
    for line in (head, row):
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3
        assert not re.search(r"(?<!\\)(?:\\\\)*[`<\[]", line)


def test_a_table_that_does_not_fit_is_folded_and_never_cut(published: Verdicts) -> None:
    for width in (40, 60, 80):
        text = render_console(published, Look(width=width), verbose=True)
        shown = text[text.index("LISTED") :]
        for table in (BY_RACE, BY_BOTH):
            for row in table.rows:
                for cell in row:
                    assert all(word in shown for word in cell.split())


def test_a_verdict_that_only_lists_says_that_nothing_was_demanded() -> None:
    alone = publishing(BY_RACE)
    assert alone.exit_code == 2
    assert "nothing was demanded, because the rules only list values" in " ".join(render_console(alone).split())
    assert 'type="NOTHING_ASKED"' in as_junit(alone)


def test_a_column_that_stands_twice_loses_nothing() -> None:
    table = Table("t", ("rows", "rows", "note"), (("a", "1", "x"),))
    (row,) = csv.DictReader(io.StringIO(render_csv(publishing(table))))
    assert (row["rows"], row["rows 2"], row["note"]) == ("a", "1", "x")


def test_a_column_of_the_data_is_never_mixed_with_one_of_the_table() -> None:
    by_rows = Table("by rows", ("rows", "rows", "note"), (("x", "714", ""), ("y", "786", "highest")), groups=1)
    by_note = Table("by note", ("note", "rows", "note"), (("z", "12", "below min_n"),), groups=1)
    at = Verdicts((Verdict("c", "1", "c.yaml", "2026-11-24", (audit(by_rows, by_note),)),))
    rows = list(csv.DictReader(io.StringIO(render_csv(at))))
    assert [(row["group.rows"], row["group.note"], row["rows"], row["note"]) for row in rows] == [
        ("x", "", "714", ""),
        ("y", "", "786", "highest"),
        ("", "z", "12", "below min_n"),
    ]


def test_no_table_is_said_and_is_a_csv_with_a_head(allowed: Verdict) -> None:
    assert "No rule publishes a table." in render_markdown(Verdicts((allowed,)))
    assert render_csv(Verdicts((allowed,))).splitlines()[0].startswith("mlgate.version,")
