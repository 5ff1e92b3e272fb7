"""Figures that were published about real data come out of mlgate as exact fractions."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from mlgate.candidate.read import load_candidate
from mlgate.gate.run import Settings, judge
from mlgate.policy.load import load_policies
from mlgate.values.verdict import Finding, Verdict

DATA = Path(__file__).parents[2] / "shared" / "data"


def rows_of(name: str, separator: str | None = None) -> list[list[str]]:
    """The rows of a file of the data folder beside the repository; the test is skipped where it is absent."""
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"needs {name} in ../shared/data beside the repository, which is absent here")
    lines = file.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split(separator)] for line in lines if line.strip()]


Rows = Iterable[Iterable[str]]


def judged(folder: Path, header: Iterable[str], rows: Rows, roles: str, policy: str) -> Verdict:
    """The verdict of a policy on a table of a binary task."""
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([header, *rows])
    (folder / "candidate.yaml").write_text(f"mlgate: 1\ncandidate: published\ntask: binary\n{roles}")
    (folder / "policy.yaml").write_text(f"mlgate: 1\npolicy: figures\nowner: o@example.com\n{policy}")
    policies = load_policies([folder / "policy.yaml"], workspace=folder)
    candidate = load_candidate(folder / "candidate.yaml", workspace=folder)
    return judge(candidate, policies, Settings(folder, date(2026, 1, 1)))


def by_group(verdict: Verdict) -> dict[str, Finding]:
    """The findings of the one rule, by the value of its one `by` column."""
    (outcome,) = verdict.outcomes
    return {finding.where[0][1]: finding for finding in outcome.findings}


def exact(finding: Finding) -> Fraction:
    """The value of a share as the fraction of counts that it is."""
    assert finding.exact is not None
    return Fraction(finding.exact)


@pytest.fixture
def german(tmp_path: Path) -> dict[str, Finding]:
    """German credit: how many are good by age, with the class as label and as prediction."""
    rows = [(row[12], row[20], row[20]) for row in rows_of("german.data")]
    roles = 'positive: "1"\npredictions: {path: rows.csv, label: class, prediction: decision}\n'
    policy = """derive: {age_band: {column: age, edges: [26]}}
rules:
  - id: good
    check: performance.metric
    metric: selection_rate
    by: [age_band]
    at_least: 0.5
"""
    return by_group(judged(tmp_path, ("age", "class", "decision"), rows, roles, policy))


@pytest.fixture
def adult(tmp_path: Path) -> dict[str, Finding]:
    """Adult: how many earn more than 50,000 by sex."""
    header, *rows = rows_of("adult.csv", ",")
    roles = 'positive: ">50K"\npredictions: {path: rows.csv, label: Salary}\n'
    policy = """rules:
  - id: rich
    check: performance.metric
    metric: rate
    column: Salary
    equals: ">50K"
    by: [sex]
    at_least: 0.2
"""
    return by_group(judged(tmp_path, header, rows, roles, policy))


def test_german_credit_good_by_age(german: dict[str, Finding]) -> None:
    assert [finding.exact for finding in german.values()] == ["110/190", "590/810"]


def test_german_credit_difference_and_ratio(german: dict[str, Finding]) -> None:
    young, older = exact(german["<26"]), exact(german[">=26"])
    assert float(young - older) == pytest.approx(-0.149448, abs=5e-7)
    assert float(young / older) == pytest.approx(0.794826, abs=5e-7)


def test_adult_high_income_by_sex(adult: dict[str, Finding]) -> None:
    assert adult["Female"].exact == "1179/10771"
    assert adult["Male"].exact == "6662/21790"


def test_adult_difference_and_ratio(adult: dict[str, Finding]) -> None:
    women, men = exact(adult["Female"]), exact(adult["Male"])
    assert float(women - men) == pytest.approx(-0.196276, abs=5e-7)
    assert float(women / men) == pytest.approx(0.358023, abs=5e-7)


def test_adult_bound_is_shown_for_men_and_refuted_for_women(adult: dict[str, Finding]) -> None:
    assert {sex: finding.status.value for sex, finding in adult.items()} == {"Female": "FAIL", "Male": "PASS"}
