"""What guards refuse, from counts made by hand: one bad row is enough, and none is refused for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mlgate.checks.sampling_units import complete_units
from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.need import Facts
from mlgate.evidence.questions.profile import ProfileFact
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.rows import Rows
from mlgate.metrics.labels import complete_column, labelled
from mlgate.metrics.options import Options
from mlgate.metrics.queries import one_valued, usable_ranks
from mlgate.metrics.question import ABOVE_ZERO, NOT_NEGATIVE, UNIT, Question
from mlgate.metrics.registry import metrics
from mlgate.values.errors import EvidenceError

COLUMNS = ("y", "p", "s", "c", "lo", "hi")
ROWS = Rows("t", "the predictions", SchemaFact((("y", "text"), *((name, "float") for name in COLUMNS[1:]))))
ROLES = {"label": "y", "prediction": "p", "score": "s", "lower": "lo", "upper": "hi"}


def question(task: str = "binary", **keys: Any) -> Question:
    return Question(ROWS, task, ROLES, Options(column="c"), **{"positive_class": "1", **keys})


def said(guard: Guard, *facts: Any) -> str | None:
    """What the guard says against the facts of its needs; None if it lets them pass."""
    try:
        guard.check(Facts(dict(zip(guard.inputs, facts, strict=True))))
    except EvidenceError as refused:
        return str(refused)
    return None


def cells(**counted: int) -> CountsFact:
    """Counts by the value of one term; `none` is a missing value."""
    return CountsFact(tuple(Cell((None if value == "none" else value.strip("_"),), n) for value, n in counted.items()))


@pytest.mark.parametrize(
    ("classes", "scored", "counted", "refusal"),
    [
        ((), None, {"_1": 1, "_0": 1}, None),
        (("0", "1"), None, {"_1": 1}, None),
        ((), None, {"_1": 1}, None),
        ((), None, {}, "no rows"),
        ((), None, {"_1": 5, "_0": 5, "none": 1}, "1 of 11 rows has no label (column `y`)"),
        (("0", "1"), None, {"_1": 5, "_2": 1}, "`2`: not among the declared classes"),
        ((), None, {"_0": 5, "_1": 5, "_2": 1}, "a binary task has two classes"),
        ((), None, {"_0": 5, "_2": 5}, "the positive class `1`"),
        ((), ("0", "1"), {"_0": 5, "_1": 5}, None),
        ((), ("0",), {"_0": 5, "_1": 5}, "labels without a score column: 1"),
    ],
)
def test_labels(classes: tuple[str, ...], scored: Any, counted: dict[str, int], refusal: str | None) -> None:
    found = said(labelled(question(classes=classes), scored=scored), cells(**counted))
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")


def test_labels_of_several_classes_may_be_more_than_two() -> None:
    guard = labelled(question("multiclass", positive_class=None))
    assert said(guard, cells(a=1, b=1, c=1)) is None


def test_a_column_is_complete_and_has_rows() -> None:
    guard = complete_column(question())
    assert said(guard, cells(false=5)) is None
    assert said(guard, cells(false=5, true=1)) == "column `c`: 1 row has no value"
    assert "no rows" in (said(guard, cells()) or "")


def profile(rows: int = 9, *bad: int, low: float | None = 0.0, high: float | None = 1.0) -> ProfileFact:
    return ProfileFact(rows, *(bad or (0, 0, 0, 0)), minimum=low, maximum=high)


@pytest.mark.parametrize(
    ("fact", "refusal"),
    [
        (profile(), None),
        (profile(1), None),
        (profile(0, low=None, high=None), "no rows to measure"),
        (profile(9, 1, 0, 0, 0), "of 9 values, 1 is missing;"),
        (profile(9, 0, 1, 0, 0), "of 9 values, 1 is not a number;"),
        (profile(9, 0, 0, 1, 0), "of 9 values, 1 is NaN;"),
        (profile(9, 0, 0, 0, 1), "of 9 values, 1 is infinite;"),
        (profile(9, 2, 0, 3, 0), "of 9 values, 2 are missing and 3 are NaN;"),
        (profile(low=-0.1), "a probability must be between 0 and 1"),
        (profile(high=1.1), "a probability must be between 0 and 1"),
        (profile(high=95.5), "a probability must be between 0 and 1; divide percentages by 100"),
    ],
)
def test_probabilities(fact: ProfileFact, refusal: str | None) -> None:
    (guard,) = question().usable("score", within=UNIT)
    found = said(guard, fact)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")


@pytest.mark.parametrize(
    ("within", "low", "passes"),
    [(None, -5.0, True), (NOT_NEGATIVE, 0.0, True), (NOT_NEGATIVE, -1e-9, False), (ABOVE_ZERO, 0.0, False)],
)
def test_numbers_within_a_range(within: Any, low: float, passes: bool) -> None:
    (guard,) = question().usable("prediction", within=within)
    assert (said(guard, profile(low=low, high=7.0)) is None) is passes


def test_queries_have_finite_scores_and_one_value_of_what_selects_them() -> None:
    (ranked,) = usable_ranks(question("ranking"))
    assert said(ranked, cells(false=9)) is None
    assert (said(ranked, cells(false=8, true=1)) or "").startswith("column `s`: 1 of 9 queries has an item")
    (single,) = one_valued(ROWS, ["c"])
    assert said(single, cells(false=9)) is None
    assert "several values in 1 of 9 queries" in (said(single, cells(false=8, true=1)) or "")


def test_every_row_has_a_unit() -> None:
    guard = complete_units(ROWS, ["y", "c"])
    assert said(guard, cells(false=9)) is None
    assert (said(guard, cells(false=8, true=1)) or "").startswith("1 of 9 rows has no `y`, `c`")


@pytest.mark.parametrize("name", ["mape", "interval_width", "calibration_slope"])
def test_one_value_that_a_metric_cannot_use_is_enough(name: str) -> None:
    kind = metrics()[name][0].kind
    task = "binary" if name == "calibration_slope" else "regression"
    guards = [need for need in kind.needs(question(task)) if isinstance(need, Guard) and isinstance(need.of, Counts)]
    (guard,) = [each for each in guards if said(each, cells(false=9, true=1)) and each.of.terms[0].name != "label"]
    assert said(guard, cells(false=9)) is None
