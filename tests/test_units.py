"""Rows that belong together, from a frame to a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.values.errors import InputError
from mlgate.values.verdict import Finding, Status

POLICY = """\
mlgate: 1
policy: gate
owner: me@example.com
rules:
  - {id: rule, check: CHECK}
"""
ACCURATE = "performance.metric, metric: accuracy, threshold: 0.5, at_least: 0.5"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def visits(patients: int = 60, rows: int = 10) -> pd.DataFrame:
    random = np.random.default_rng(7)
    patient = np.repeat(np.arange(patients), rows)
    label = patient % 2
    score = 1 / (
        1 + np.exp(-(2 * label - 1 + random.normal(size=patients)[patient] + random.normal(size=len(patient))))
    )
    return pd.DataFrame(
        {
            "patient": [f"p{number}" for number in patient],
            "site": ["ab", "a"] * (len(patient) // 2),
            "sex": np.where(patient % 4 < 2, "F", "M"),
            "label": label.astype(str),
            "score": score,
        }
    )


def finding(frame: pd.DataFrame, check: str = ACCURATE, **more: Any) -> Finding:
    Path("policy.yaml").write_text(POLICY.replace("CHECK", check))
    roles = {"label": "label", "score": "score", "positive": "1", "task": "binary"}
    verdict = mlgate.check(policy="policy.yaml", predictions=frame, **roles, **more)
    (outcome,) = verdict.outcomes
    return outcome.findings[0] if outcome.findings else Finding((), outcome.status, outcome.message)


def test_a_finding_tells_its_units() -> None:
    alone, together = finding(visits()), finding(visits(), unit="patient")
    assert (alone.value, alone.n, alone.note) == (together.value, together.n, None)
    assert together.note.startswith("60 units, 600 rows; effective rows ")
    assert together.lower < alone.lower - 0.01


def test_what_would_settle_it_is_counted_in_units() -> None:
    found = finding(
        visits(), ACCURATE.replace("0.5}", "0.7}").replace("at_least: 0.5", "at_least: 0.74"), unit="patient"
    )
    assert found.status is Status.INCONCLUSIVE
    assert " more units (some " in found.settle


def test_several_columns_name_a_unit_together() -> None:
    assert finding(visits(), unit=["patient", "site"]).note.startswith("120 units, 600 rows")


def test_names_of_several_columns_do_not_run_together() -> None:
    frame = visits().assign(patient=lambda f: np.where(f.site == "a", "bc" + f.patient, "c" + f.patient))
    assert finding(frame, unit=["site", "patient"]).note.startswith("120 units")


def test_rolled_up_rows_are_units() -> None:
    found = finding(visits(), unit={"column": "patient", "score": "mean"})
    assert (found.n, found.rows, found.note) == (60, 60, None)
    rolled = visits().groupby("patient").agg(label=("label", "first"), score=("score", "mean"))
    assert found.value == ((rolled.score >= 0.5) == (rolled.label == "1")).mean()


GAP = "fairness.gap, metric: accuracy, threshold: 0.5, by: sex, at_most: 0.9"


def test_groups_of_whole_units_are_compared_by_their_own_bounds() -> None:
    alone, together = finding(visits(), GAP), finding(visits(), GAP, unit="patient")
    assert alone.value == together.value
    assert together.upper > alone.upper + 0.01


def test_groups_that_share_units_are_not_compared() -> None:
    mixed = visits().assign(sex=["F", "M"] * 300)
    assert finding(mixed, GAP).status is Status.PASS
    refused = finding(mixed, GAP, unit="patient")
    assert refused.status is Status.ERROR
    assert "summed over groups there are 60 units too many" in refused.message
    by = ACCURATE + ", by: sex"
    assert finding(mixed, by, unit="patient").status is Status.PASS


def test_a_rate_of_predictions_needs_no_labels() -> None:
    Path("policy.yaml").write_text(
        POLICY.replace("CHECK", "performance.metric, metric: selection_rate, threshold: 0.5, between: [0.2, 0.8]")
    )
    roles = {"score": "score", "positive": "1", "task": "binary", "classes": ["0", "1"]}
    verdict = mlgate.check(policy="policy.yaml", predictions=visits(), unit="patient", **roles)
    assert verdict.outcomes[0].status is Status.PASS
    assert verdict.outcomes[0].findings[0].note.startswith("60 units, 600 rows")


def test_a_reference_to_all_rows_is_no_exact_share() -> None:
    found = finding(visits(), GAP + ", reference: overall", unit="patient")
    assert "treated as independent" in found.note


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"unit": []}, "must be a list with at least one entry"),
        ({"unit": {"score": "max"}}, "missing key `column` in `unit`"),
        ({"unit": {"column": "patient", "mean": "score"}}, "unknown key `mean` in `unit`"),
        ({"unit": {"column": "patient", "score": "min"}}, "one of max, mean"),
        ({"unit": "patient", "weight": "score"}, "`unit` cannot be combined with `weight`"),
        ({"unit": "patient", "count": "score"}, "`unit` cannot be combined with `count`"),
    ],
)
def test_what_is_no_unit(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        finding(visits(), **given)


def test_a_unit_column_that_is_not_there() -> None:
    assert (
        "no column `Patient` (unit) in the predictions, did you mean `patient`?"
        in finding(visits(), unit="Patient").message
    )


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (ACCURATE, "60 units"),
        ("performance.metric, metric: recall, threshold: 0.5, at_least: 0.99", "units with label `1`"),
        (
            "performance.metric, metric: recall, threshold: 0.5, at_least: 0.1, min_n: 50",
            "20 more units with label `1`",
        ),
    ],
)
def test_a_rolled_up_row_is_a_unit_in_words_too(check: str, said: str) -> None:
    found = finding(visits(), check, unit={"column": "patient", "score": "max"})
    text = " ".join(filter(None, (found.message, found.note, found.settle)))
    assert said in text
    assert "rows" not in text
