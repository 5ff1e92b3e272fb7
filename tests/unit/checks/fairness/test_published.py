"""Figures that were published, or follow from published counts, come out of the gate with the verdict they deserve."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from mlgate.checks.fairness.terms import EqualizedOdds, FourFifths
from mlgate.values.verdict import Status
from support.fairness import counted, estimates, gap, kinds, measured, outcome, ratio, selected, subject

ROOT = Path(__file__).parents[4]
DATA = ROOT.parent / "shared" / "data"
COMPAS = ROOT / "examples" / "compas" / "two-year-recidivism.csv"
PASS, FAIL, INCONCLUSIVE, ERROR = Status.PASS, Status.FAIL, Status.INCONCLUSIVE, Status.ERROR

GERMAN = selected(young=(110, 190), old=(590, 810))
EEOC = selected(a=(60, 100), b=(45, 100), c=(48, 100), d=(51, 100))

# The arrays at the head of fairlearn's user guide, "Common fairness metrics".
FAIRLEARN = {
    "y": list("011110101000111111"),
    "p": list("001011100111100110"),
    "g": list("bbabbcccaacabccbcc"),
}


def data(name: str) -> list[str]:
    """The lines of a file beside the repository; the test is skipped where it is absent."""
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"needs {name} in ../shared/data beside the repository, which is absent here")
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_german_credit_by_ratio():
    (found,) = counted(ratio(), GERMAN)
    assert found.exact == Fraction(110, 190) / Fraction(590, 810)
    assert found.value == pytest.approx(0.794826, abs=5e-7)
    assert found.lower(0.05) == pytest.approx(0.705, abs=1e-3)
    assert found.upper(0.05) == pytest.approx(0.885, abs=1e-3)
    assert outcome(ratio(), GERMAN, at_least="0.8").status is INCONCLUSIVE
    assert outcome(ratio(), GERMAN, at_least="0.8", proof="estimate").status is FAIL
    assert outcome(FourFifths(by=(("g",),)), GERMAN, at_least="0.8", proof="estimate").status is FAIL
    assert outcome(ratio(), GERMAN, at_least="0.7").status is PASS
    assert outcome(ratio(), GERMAN, at_least="0.89").status is FAIL


def test_german_credit_by_difference():
    (found,) = counted(gap(), GERMAN)
    assert found.where == (("g", "young"),)
    assert found.value == pytest.approx(0.149448, abs=5e-7)
    assert "110/190 against 590/810" in outcome(gap(), GERMAN, at_most="0.05").message


def test_german_credit_is_what_the_file_says():
    rows = [line.split() for line in data("german.data")]
    columns = {
        "y": ["1" if row[20] == "1" else "0" for row in rows],
        "p": ["1" if row[20] == "1" else "0" for row in rows],
        "g": ["young" if int(row[12]) <= 25 else "old" for row in rows],
    }
    (found,) = measured(ratio(), **columns)
    assert found.counts == "110/190 against 590/810"


def test_adult():
    header, *lines = data("adult.csv")
    names = header.split(", ")
    sex, salary = names.index("sex"), names.index("Salary")
    rows = [line.split(", ") for line in lines]
    rich = ["1" if row[salary] == ">50K" else "0" for row in rows]
    columns = {"y": rich, "p": rich, "g": [row[sex] for row in rows]}
    (found,) = measured(ratio(), **columns)
    assert found.counts == "1179/10771 against 6662/21790"
    assert found.value == pytest.approx(0.358023, abs=5e-7)
    (found,) = measured(gap(), **columns)
    assert found.value == pytest.approx(0.196276, abs=5e-7)


def test_four_fifths_as_the_eeoc_reckons_it():
    """Questions and Answers 12 (44 FR 11996): 60, 45, 48 and 51 % are 1, .75, .80 and .85 of the highest."""
    found = estimates(counted(ratio(), EEOC))
    assert {group: each.exact for group, each in found.items()} == {
        "b": Fraction(3, 4),
        "c": Fraction(4, 5),
        "d": Fraction(17, 20),
    }
    judged = outcome(FourFifths(by=(("g",),)), EEOC, at_least="0.8", proof="estimate")
    assert {finding.where[0][1]: finding.status for finding in judged.findings} == {"b": FAIL, "c": PASS, "d": PASS}


@pytest.mark.parametrize(
    ("hits", "n", "of", "expected"),
    [((48, 60), (60, 60), None, PASS), ((47, 60), (60, 60), None, FAIL), ((8, 10), (3, 3), None, PASS)],
)
def test_an_estimate_compares_exact_counts(hits, n, of, expected):
    cells = selected(a=hits, b=n)
    assert outcome(ratio(), cells, at_least="0.8", proof="estimate").status is expected


def test_an_estimated_gap_compares_exact_counts():
    """.3 - .2 is .1 in fractions, and .09999999999999998 or more in floats."""
    cells = selected(a=(3, 10), b=(2, 10))
    assert outcome(gap(), cells, at_most="0.1", proof="estimate").status is PASS
    assert outcome(gap(), cells, at_most="0.0999999999999999999", proof="estimate").status is FAIL


def test_the_example_of_fairlearns_documentation():
    assert max(each.exact for each in measured(gap(), **FAIRLEARN)) == Fraction(1, 4)
    assert min(each.exact for each in measured(ratio(), **FAIRLEARN)) == Fraction(2, 3)
    odds = measured(EqualizedOdds(by=(("g",),)), **FAIRLEARN)
    assert max(each.exact for each in odds) == 1


def compas() -> dict[tuple[str | None, ...], int]:
    with COMPAS.open(encoding="utf-8") as file:
        return {(row["race"], row["reoffended"], row["flagged"]): int(row["count"]) for row in csv.DictReader(file)}


def test_compas():
    """ProPublica 2016: false alarms fall on African-American, misses on Caucasian defendants."""
    of = subject(positive="yes", classes=("no", "yes"))
    alarms = estimates(counted(gap("false_positive_rate", reference="Caucasian"), compas(), of))
    misses = estimates(counted(gap("false_negative_rate", reference="Caucasian"), compas(), of))
    assert alarms["African-American"].exact == Fraction(805, 1795) - Fraction(349, 1488)
    assert misses["African-American"].exact == Fraction(461, 966) - Fraction(532, 1901)
    assert set(alarms) == {"African-American", "Asian", "Hispanic", "Native American", "Other"}
    assert alarms["African-American"].value == pytest.approx(0.4485 - 0.2345, abs=1e-4)
    assert misses["African-American"].value == pytest.approx(0.4772 - 0.2799, abs=1e-4)


def test_compas_is_refuted_by_name_and_small_groups_stay_open():
    of = subject(positive="yes", classes=("no", "yes"))
    judged = outcome(EqualizedOdds(by=(("g",),), reference="Caucasian"), compas(), of, at_most="0.1")
    found = {(finding.where[0][1], finding.where[1][1]): finding.status for finding in judged.findings}
    assert judged.status is FAIL
    assert found["African-American", "false_positive_rate"] is FAIL
    assert found["African-American", "recall"] is FAIL
    assert found["Asian", "recall"] is INCONCLUSIVE
    assert found["Native American", "false_positive_rate"] is INCONCLUSIVE


def test_each_finding_of_equalized_odds_says_its_metric():
    found = counted(EqualizedOdds(by=(("g",),)), selected(a=(5, 10), b=(6, 10)))
    assert sorted(slice_ for _, slice_ in kinds(found)) == [
        "g=b, metric=false_positive_rate",
        "g=b, metric=recall",
    ]
