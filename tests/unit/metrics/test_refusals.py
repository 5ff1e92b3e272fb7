"""What guards refuse, from counts made by hand: one bad row is enough, and none is refused for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlgate.evidence.guard import Guard
from mlgate.evidence.questions.counts import Cell, Counts, CountsFact
from mlgate.evidence.questions.decimals import DecimalsFact
from mlgate.evidence.questions.profile import ProfileFact
from mlgate.evidence.questions.table_schema import SchemaFact
from mlgate.evidence.questions.values_present import ValuesFact
from mlgate.evidence.rows import Column, Rows
from mlgate.metrics.indicators import clear
from mlgate.metrics.labels import complete_column, labelled, values_present
from mlgate.metrics.options import Options
from mlgate.metrics.queries import one_valued, usable_queries, usable_ranks
from mlgate.metrics.question import ABOVE_ZERO, NOT_NEGATIVE, UNIT, Question
from mlgate.metrics.registry import entries, metrics
from support.guarded import cells, said

COLUMNS = ("y", "p", "s", "c", "lo", "hi")
ROWS = Rows("t", "the predictions", SchemaFact((("y", "text"), *((name, "float") for name in COLUMNS[1:]))))
TEXTS = replace(ROWS, schema=SchemaFact((("y", "text"), ("p", "text"))))
ROLES = {"label": "y", "prediction": "p", "score": "s", "lower": "lo", "upper": "hi"}


def question(task: str = "binary", **keys: Any) -> Question:
    return Question(ROWS, task, ROLES, Options(column="c"), **{"positive_class": "1", **keys})


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


TEXT, FLOAT = Column("c", "text"), Column("c", "float")
ALLOWED = "; `allow_absent: true` allows a rate of 0"


@pytest.mark.parametrize(
    ("column", "values", "key", "may_lack", "fact", "refusal"),
    [
        (TEXT, ("a", "b"), "where.c", False, ValuesFact((5, 1), (0, 0)), None),
        (TEXT, ("a", "b"), "where.c", False, ValuesFact((5, 0), (0, 0)), "no row has `b` in the text column `c`"),
        (TEXT, ("a", "b"), "where.c", False, ValuesFact((0, 0), (0, 0)), "no row has `a` or `b` in the text column"),
        (TEXT, ("a",), "equals", False, ValuesFact((0,), (0,)), f"Write values as the column has them{ALLOWED}"),
        (TEXT, ("a",), "equals", True, ValuesFact((0,), (0,)), None),
        (FLOAT, ("yes",), "equals", True, ValuesFact((0,), (0,)), "no row has `yes` in the float column `c`"),
        (TEXT, ("a", "b"), "equals", True, ValuesFact((5, 5), (0, 1)), "1 row has `b` in column `c` in another"),
        (TEXT, ("a", "b"), "where.c", False, ValuesFact((5, 5), (2, 3)), "5 rows have `a` and `b` in column `c` in"),
    ],
)
def test_values_that_a_rule_names_are_there_in_one_spelling(
    column: Column, values: tuple[str, ...], key: str, may_lack: bool, fact: ValuesFact, refusal: str | None
) -> None:
    found = said(values_present(ROWS, column, values, key, may_lack=may_lack), fact)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")
    assert (ALLOWED in (found or "")) is (ALLOWED in (refusal or ""))


@pytest.mark.parametrize("fact", [ValuesFact((5,), (0, 0)), ValuesFact((5, 5), (0,))])
def test_a_number_is_required_for_every_value_that_a_rule_names(fact: ValuesFact) -> None:
    with pytest.raises(ValueError, match="shorter"):
        said(values_present(ROWS, TEXT, ("a", "b"), "equals"), fact)


PERCENT = "; divide percentages by 100"


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
        (profile(low=-1e-9, high=1 + 1e-9), None),
        (profile(low=-2e-9), "a probability must be between 0 and 1"),
        (profile(high=1 + 2e-9), "a probability must be between 0 and 1"),
        (profile(high=2.0), "a probability must be between 0 and 1"),
        (profile(high=2.1), f"a probability must be between 0 and 1{PERCENT}"),
        (profile(high=100.0), f"a probability must be between 0 and 1{PERCENT}"),
        (profile(high=100.1), "a probability must be between 0 and 1"),
        (profile(low=-0.1, high=95.5), "a probability must be between 0 and 1"),
    ],
)
def test_probabilities(fact: ProfileFact, refusal: str | None) -> None:
    (guard,) = question().usable("score", within=UNIT)
    found = said(guard, fact)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")
    assert (PERCENT in (found or "")) is (PERCENT in (refusal or ""))


@pytest.mark.parametrize(
    ("within", "low", "passes"),
    [(None, -5.0, True), (NOT_NEGATIVE, 0.0, True), (NOT_NEGATIVE, -1e-9, False), (ABOVE_ZERO, 0.0, False)],
)
def test_numbers_within_a_range(within: Any, low: float, passes: bool) -> None:
    (guard,) = question().usable("prediction", within=within)
    found = said(guard, profile(low=low, high=7.0))
    assert (found is None) is passes
    assert PERCENT not in (found or "")


@pytest.mark.parametrize(
    ("classes", "low", "high", "decimals", "refusal"),
    [
        (3, 1.0, 1.0, None, None),
        (3, 1 - 1e-6, 1 + 1e-6, None, None),
        (3, 1.0, 1 + 2e-6, None, "sum to between 1 and 1; each row must sum to 1"),
        (4, 0.98, 1.02, 2, None),
        (4, 0.98, 1.03, 2, "sum to between 0.98 and 1.03; each row must sum to 1, or be off by at most 0.02: 4 prob"),
        (3, 0.9985, 1.0015, 3, None),
        (3, 0.998, 1.0, 3, "sum to between 0.998 and 1; each row must sum to 1, or be off by at most 0.0015: 3 prob"),
        (400, 0.98, 1.02, 3, None),
        (400, 0.97, 1.02, 3, "sum to between 0.97 and 1.02; each row must sum to 1, or be off by at most 0.02"),
        (3, None, None, None, "sum to nothing readable; each row must sum to 1"),
    ],
)
def test_class_probabilities_sum_to_1_within_what_their_decimals_lose(
    classes: int, low: float | None, high: float | None, decimals: int | None, refusal: str | None
) -> None:
    names = tuple(f"c{at}" for at in range(classes))
    of = question("multiclass", scores=tuple((name, "s") for name in names))
    found = said(of.usable_scores(probabilities=True)[-1], profile(low=low, high=high), DecimalsFact(decimals))
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")
    assert ("or be off" in (found or "")) is ("or be off" in (refusal or ""))


def test_an_allowed_sum_may_be_off_by_the_rounding_of_a_sum() -> None:
    (*_, guard) = question("multiclass", scores=(("a", "s"), ("b", "p"))).usable_scores(probabilities=True)
    assert said(guard, profile(low=1.0, high=1.01 + 0.9e-9), DecimalsFact(2)) is None
    assert said(guard, profile(low=1.0, high=1.01 + 1.1e-9), DecimalsFact(2))


def test_queries_have_finite_scores_and_one_value_of_what_selects_them() -> None:
    (ranked,) = usable_ranks(question("ranking"))
    assert said(ranked, cells(false=9)) is None
    assert (said(ranked, cells(false=8, true=1)) or "").startswith("column `s`: 1 of 9 queries has an item")
    (single,) = one_valued(ROWS, ["c"])
    assert said(single, cells(false=9)) is None
    assert "several values in 1 of 9 queries" in (said(single, cells(false=8, true=1)) or "")


@pytest.mark.parametrize(
    ("flaws", "refusal"),
    [
        ({}, "no queries to measure"),
        ({"false false false": 9}, None),
        (
            {"false false false": 8, "true false false": 1},
            "column `s`: 1 of 9 queries has an item with no finite s",
        ),
        (
            {"false false false": 8, "false true false": 1},
            "column `y`: 1 of 9 queries has an item with no finite grade",
        ),
        ({"false false false": 7, "false false true": 2}, "column `y`: 2 of 9 queries have an item with a grade below"),
    ],
)
def test_every_item_of_a_query_has_a_finite_score_and_a_grade(flaws: dict[str, int], refusal: str | None) -> None:
    rows = replace(ROWS, schema=SchemaFact((("y", "float"), ("s", "float"))))
    (guard,) = usable_queries(replace(question("ranking"), rows=rows))
    found = said(guard, CountsFact(tuple(Cell(tuple(each.split()), n) for each, n in flaws.items())))
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")


@pytest.mark.parametrize(
    ("fact", "refusal"),
    [
        (profile(9), None),
        (profile(0), "no rows to measure"),
        (profile(9, 2, 0, 0, 0), "2 of 9 rows have no label (column `y`)"),
        (profile(9, 1, 0, 0, 0), "1 of 9 rows has no label (column `y`)"),
    ],
)
def test_every_row_has_both_texts(fact: ProfileFact, refusal: str | None) -> None:
    (entry,) = (each for each in metrics()["exact_match"] if "text" in each.tasks)
    guards = [need for need in entry.kind.needs(replace(question("text"), rows=TEXTS)) if isinstance(need, Guard)]
    found = said(guards[0], fact)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")


@pytest.mark.parametrize(
    ("fact", "refusal"),
    [
        (profile(9), None),
        (profile(0), "no rows to measure"),
        (profile(9, 1, 0, 0, 0), "column `y`: of 9 values, 1 is missing;"),
        (profile(9, 0, 1, 2, 4), "column `y`: of 9 values, 7 are something else;"),
    ],
)
def test_every_row_says_clearly_which_classes_it_has(fact: ProfileFact, refusal: str | None) -> None:
    of = replace(question("multilabel", classes=("a", "b"), separator=";"), rows=TEXTS)
    found = said(clear(of)[0], fact)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")


def test_every_forecast_has_a_scale() -> None:
    rows = Rows("t", "the predictions", SchemaFact((("y", "float"), ("p", "float"))))
    roles = {"label": "y", "prediction": "p", "history": "h"}
    needs = metrics()["mase"][0].kind.needs(replace(question("forecasting"), rows=rows, roles=roles))
    (guard,) = [need for need in needs if isinstance(need, Guard) and isinstance(need.of, Counts)]
    assert said(guard, cells(none=9)) is None
    refusal = "5 of 9 forecasts have no scale. 3: new series; 2: constant history"
    assert said(guard, cells(none=4, **{"constant history": 2, "new series": 3})) == refusal


def test_a_function_is_given_complete_rows_and_some() -> None:
    (entry,) = entries("sklearn.metrics:accuracy_score")
    (guard,) = (need for need in entry.kind.needs(replace(question(), rows=TEXTS)) if isinstance(need, Guard))
    assert said(guard, cells(false=9)) is None
    assert said(guard, cells(false=8, true=1)) == "1 row has no label or no prediction"
    assert "no rows" in (said(guard, cells()) or "")


def test_no_label_has_the_probability_0_without_a_cap() -> None:
    needs = metrics()["log_loss"][0].kind.needs(question())
    (guard,) = [need for need in needs if isinstance(need, Guard) and need.inputs[0] == zero_probability(need)]
    assert said(guard, cells(false=9)) is None
    assert "the probability 0 in 1 row," in (said(guard, cells(false=8, true=1)) or "")


def zero_probability(guard: Guard) -> object:
    """The guard's need, if it counts the rows whose label has the probability 0."""
    (need,) = guard.inputs
    return need if isinstance(need, Counts) and need.terms[0].name == "zero" else None


@pytest.mark.parametrize("name", ["mape", "interval_width", "calibration_slope"])
def test_one_value_that_a_metric_cannot_use_is_enough(name: str) -> None:
    kind = metrics()[name][0].kind
    task = "binary" if name == "calibration_slope" else "regression"
    guards = [need for need in kind.needs(question(task)) if isinstance(need, Guard) and isinstance(need.of, Counts)]
    (guard,) = [each for each in guards if said(each, cells(false=9, true=1)) and each.of.terms[0].name != "label"]
    assert said(guard, cells(false=9)) is None
