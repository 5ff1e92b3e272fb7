"""Audits list and demand nothing: rates, ratios, counts and unknowns, as a law has them published."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlgate.checks.fairness.audit import FairnessAudit
from mlgate.checks.policy_groups import GroupSpec
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError
from mlgate.values.estimate import Published
from mlgate.values.verdict import Status, Table
from support.fairness import counted, kinds, measured, outcome, selected, subject

EXAM = selected(Black=(26, 48), Hispanic=(3, 4), Indian=(2, 3), White=(206, 259))
UNIDENTIFIED = {(None, "1", "1"): 9, (None, "0", "0"): 6}


def audit(**keys: Any) -> FairnessAudit:
    return FairnessAudit(**{"by": (("g",),), **keys})


def table(answers: list[Any]) -> Table:
    (found,) = [answer.shown for answer in answers if isinstance(answer, Published)]
    return found


def test_the_published_table_of_an_exam() -> None:
    """Connecticut v. Teal, 457 U.S. 440 (1982), footnote 4: who passed the written examination."""
    found = table(counted(audit(min_share=Fraction(2, 100)), {**EXAM, **UNIDENTIFIED}))
    assert found.title == "selection_rate by g, 329 rows, 15 of an unknown group"
    assert found.columns == ("g", "rows", "of", "hits", "selection_rate", "lower", "upper", "impact ratio", "note")
    assert found.rows == (
        ("Black", "48", "48", "26", "0.5417", "0.4137", "0.6657", "0.6810", ""),
        ("Hispanic", "4", "4", "3", "0.7500", "0.2486", "0.9873", "", "below min_share"),
        ("Indian", "3", "3", "2", "0.6667", "0.1354", "0.9830", "", "below min_share"),
        ("White", "259", "259", "206", "0.7954", "0.7498", "0.8358", "1.0000", "highest"),
        ("(missing)", "15", "", "", "", "", "", "", "unknown group"),
    )


def test_an_audit_is_listed_and_shows_every_group() -> None:
    judged = outcome(audit(), {**EXAM, **UNIDENTIFIED})
    assert judged.status is Status.LISTED
    assert [(f.where[0][1], f.status.value, f.exact) for f in judged.findings] == [
        ("Black", "LISTED", "26/48"),
        ("Hispanic", "LISTED", "3/4"),
        ("Indian", "LISTED", "2/3"),
        ("White", "LISTED", "206/259"),
        ("(missing)", "SKIPPED", None),
    ]
    assert judged.findings[0].message == "selection_rate 0.5417 (26/48), impact ratio 0.681 to g=White"


def test_rows_that_belong_together_widen_the_bounds_and_leave_the_ratio() -> None:
    rows = {"g": ["a", "b"] * 200, "y": ["1"] * 400, "p": ["1", "1", "1", "0"] * 100}
    alone = table(measured(audit(), subject(), **rows)).rows
    units = [f"{'ab'[i % 2]}{i // 8}" for i in range(400)]
    together = table(measured(audit(), subject(unit=("u",)), **rows, u=units)).rows
    assert [(*row[:5], row[7]) for row in together] == [(*row[:5], row[7]) for row in alone]
    assert [row[7] for row in together] == ["1.0000", "0.5000"]


def test_a_group_below_min_n_is_not_the_highest() -> None:
    cells = selected(a=(30, 60), b=(20, 60), tiny=(4, 4))
    found = table(counted(audit(), cells, subject(least_rows=30)))
    assert [(row[0], row[-2], row[-1]) for row in found.rows] == [
        ("a", "1.0000", "highest"),
        ("b", "0.6667", ""),
        ("tiny", "", "below min_n"),
    ]


def test_unknown_values_of_declared_groups_are_counted() -> None:
    declared = subject(groups={"g": GroupSpec(("a", "b"))})
    answers = counted(audit(), selected(a=(30, 60), b=(20, 60), x=(4, 5)), declared)
    assert kinds(answers) == [
        ("Listed", "g=a"),
        ("Listed", "g=b"),
        ("LeftOut", "g=x"),
        ("Published", ""),
    ]


def test_what_cannot_be_audited_is_an_error() -> None:
    one_only, nobody = selected(a=(30, 60)), selected(a=(0, 60), b=(0, 40))
    absent = subject(groups={"g": GroupSpec(("a", "b", "c"))})
    for cells, of in ((one_only, None), (nobody, None), (selected(a=(3, 6), b=(4, 6)), absent)):
        assert outcome(audit(), cells, of).status is Status.ERROR
    without_positives = {**selected(a=(30, 60)), ("b", "0", "0"): 50}
    assert outcome(audit(metric="recall"), without_positives).status is Status.ERROR


def test_the_table_is_published_with_what_is_wrong_in_it() -> None:
    """Whoever has to mend an audit sees the counts that there are."""
    absent = subject(groups={"g": GroupSpec(("a", "b", "c"))})
    undefined = {**selected(a=(30, 60)), ("b", "0", "0"): 50}
    found = {
        "nobody": table(counted(audit(), selected(a=(0, 60), b=(0, 40)))).rows,
        "alone": table(counted(audit(), selected(a=(30, 60)))).rows,
        "absent": table(counted(audit(), selected(a=(3, 6), b=(4, 6)), absent)).rows,
        "undefined": table(counted(audit(metric="recall"), undefined)).rows,
    }
    assert {name: [(row[0], row[1], row[-2], row[-1]) for row in rows] for name, rows in found.items()} == {
        "nobody": [("a", "60", "", ""), ("b", "40", "", "")],
        "alone": [("a", "60", "", "")],
        "absent": [
            ("a", "6", "0.7500", ""),
            ("b", "6", "1.0000", "highest"),
            ("c", "0", "", "the declared group has no rows"),
        ],
        "undefined": [("a", "60", "", ""), ("b", "50", "", "the value is not defined")],
    }


def test_a_declared_group_that_occurs_only_beside_an_unknown_one_is_not_absent() -> None:
    of = subject(groups={"g": GroupSpec(("a", "b"))})
    cells = {(g, h, *pair): 5 for g in "a" for h in "xy" for pair in (("1", "1"), ("0", "0"))}
    cells |= {("b", None, "1", "1"): 4}
    judged = outcome(audit(by=(("g", "h"),)), cells, of)
    assert judged.status is Status.LISTED
    assert judged.tables[0].title == "selection_rate by g and h, 24 rows, 4 of an unknown group"


def test_the_policy_may_make_unknown_rows_a_group_of_their_own() -> None:
    of = subject(groups={"g": GroupSpec(("a", "b"), "own_group")})
    cells = {**selected(a=(30, 60), b=(20, 60)), ("(unknown)", "1", "1"): 6, ("(unknown)", "0", "0"): 2}
    found = table(counted(audit(), cells, of))
    assert [(row[0], row[-2]) for row in found.rows] == [("a", "0.6667"), ("b", "0.4444"), ("(unknown)", "1.0000")]


@pytest.mark.parametrize("metric", ["mae", "roc_auc", "fbeta", "mean"])
def test_what_is_not_a_share_of_rows_is_refused_before_any_data(metric: str) -> None:
    keys = {"mean": {"column": "c"}, "fbeta": {"beta": Fraction(2)}}.get(metric, {})
    ((key, said),) = audit(metric=metric, **keys).problems(Demand())
    assert key == "metric"
    assert "not a share of rows" in said


def test_what_is_a_share_for_other_tasks_only_is_an_error() -> None:
    with pytest.raises(EvidenceError, match="f1 of a binary candidate is not a share of rows"):
        counted(audit(metric="f1"), EXAM)


def test_predictions_need_no_label() -> None:
    bare = subject(roles={"prediction": "p"})
    answers = measured(audit(), bare, p=list("1100101011"), g=list("aaaaabbbbb"))
    assert [(row[0], row[2], row[3]) for row in table(answers).rows] == [("a", "5", "3"), ("b", "5", "3")]
    scored = subject(roles={"score": "s"})
    answers = measured(audit(threshold=Fraction(1, 2)), scored, s=[0.1, 0.5, 0.9, 0.2, 0.7, 0.4], g=list("aaabbb"))
    assert [(row[0], row[3]) for row in table(answers).rows] == [("a", "2"), ("b", "1")]


def test_scoring_rates_are_shares_above_the_median_of_all() -> None:
    rng = np.random.default_rng(3)
    for n in (11, 40, 201):
        frame = pd.DataFrame({"s": rng.integers(0, 30, n) / 30, "g": rng.choice(list("abc"), n)})
        above = frame["s"] > np.median(frame["s"])
        wanted = {group: (int(rows.sum()), len(rows)) for group, rows in above.groupby(frame["g"])}
        of = subject(roles={"score": "s"})
        rows = table(measured(audit(metric="scoring_rate"), of, s=list(frame["s"]), g=list(frame["g"]))).rows
        assert {row[0]: (int(row[3]), int(row[2])) for row in rows} == wanted


def test_groups_that_intersect_have_a_table_of_their_own() -> None:
    answers = measured(
        audit(by=(("g",), ("g", "h"))),
        y=list("1010") * 10,
        p=list("1010") * 10,
        g=list("aabb") * 10,
        h=list("xyxy") * 10,
    )
    titles = [answer.shown.title for answer in answers if isinstance(answer, Published)]
    assert titles == [
        "selection_rate by g, 40 rows, 0 of an unknown group",
        "selection_rate by g and h, 40 rows, 0 of an unknown group",
    ]
