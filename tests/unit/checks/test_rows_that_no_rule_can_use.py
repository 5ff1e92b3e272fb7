"""What every rule refuses before it answers, from counts made by hand: one bad row is enough, and none for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlgate.candidate.roles import Predictions
from mlgate.checks.forecast_faults import sound_forecasts
from mlgate.checks.performance.metric import PerformanceMetric
from mlgate.checks.sampling_units import complete_units, units_apart
from mlgate.evidence.questions.copies import Copies, CopiesFact
from mlgate.evidence.questions.counts import Counts, CountsFact
from mlgate.evidence.questions.key_matches import Keys, KeysFact
from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.unit_counts import UnitsOf
from mlgate.evidence.sources import FrameSource
from support.fairness import subject
from support.guarded import cells, said


def test_a_forecast_is_made_before_its_time_and_once() -> None:
    of = subject((("y", "float"), ("p", "float"), ("h", "integer")), task="forecasting", roles={"horizon": "h"})
    (guard,) = sound_forecasts(of, "predictions")
    assert said(guard, cells(none=9)) is None
    refusal = "5 of 9 forecasts cannot be judged. 3: made too late; 2: repeated"
    assert said(guard, cells(none=4, repeated=2, **{"made too late": 3})) == refusal
    assert not list(sound_forecasts(of, "other"))
    assert not list(sound_forecasts(subject(), "predictions"))


KEYS, ALONE = Keys("a", ("id",), "b", ("id",)), Keys("a", ("id",))


@pytest.mark.parametrize(
    ("need", "fact", "refusal"),
    [
        (ALONE, KeysFact(9, 0, 0), None),
        (ALONE, KeysFact(9, 0, 1), "1 row of a has no id (`id`)"),
        (ALONE, KeysFact(9, 2, 0), "2 ids (`id`) repeat in a, so rows would count twice"),
        (KEYS, KeysFact(9, 0, 0, 9, 0, 0, 9), None),
        (KEYS, KeysFact(9, 0, 1, 9, 0, 0, 8), "1 row of a and 0 of b has no id (`id`)"),
        (KEYS, KeysFact(9, 0, 0, 9, 0, 2, 7), "0 rows of a and 2 of b have no id (`id`)"),
        (KEYS, KeysFact(9, 0, 1, 9, 0, 1, 8), "1 row of a and 1 of b have no id (`id`)"),
        (KEYS, KeysFact(9, 0, 2, 9, 0, 1, 7), "2 rows of a and 1 of b have no id (`id`)"),
        (KEYS, KeysFact(9, 1, 0, 9, 0, 0, 8), "1 id (`id`) repeats in a and 0 in b"),
        (KEYS, KeysFact(9, 0, 0, 9, 3, 0, 6), "0 ids (`id`) repeat in a and 3 in b"),
        (KEYS, KeysFact(9, 0, 0, 9, 0, 0, 8), "ids do not match: a has 9 rows and b 9, and 8 ids are in both;"),
        (KEYS, KeysFact(9, 0, 0, 10, 0, 0, 9), "ids do not match: a has 9 rows and b 10, and 9 ids are in both;"),
        (KEYS, KeysFact(10, 0, 0, 9, 0, 0, 9), "ids do not match: a has 10 rows and b 9, and 9 ids are in both;"),
        (KEYS, KeysFact(9, 0, 0, 9, 0, 0, 0), "Check that `id` of a and `id` of b are the same ids"),
    ],
)
def test_ids_are_complete_unique_and_matched(need: Keys, fact: KeysFact, refusal: str | None) -> None:
    (guard,) = subject(keys={"a": need}).guards("a")
    found = said(guard, fact)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")


def test_of_a_run_and_its_judgements_some_ids_match() -> None:
    predictions = Predictions(source=FrameSource(None), label="y", unretrieved="miss")
    need = Keys("predictions", ("id",), "evaluation", ("id",))
    of = subject(keys={"predictions": need})
    of = replace(of, candidate=replace(of.candidate, predictions=predictions))
    (guard,) = of.guards("predictions")
    assert said(guard, KeysFact(9, 0, 0, 7, 0, 0, 1)) is None
    assert "0 ids are in both" in (said(guard, KeysFact(9, 0, 0, 7, 0, 0, 0)) or "")


def units(*counted: int) -> CountsFact:
    """Groups of so many units."""
    return CountsFact((), tuple(UnitsOf((str(at),), n, 1, (), ()) for at, n in enumerate(counted)))


def test_no_unit_has_rows_in_several_groups() -> None:
    guard = units_apart(Counts("t", terms=(Term("sex", "sex"),)), Counts("t"))
    assert said(guard, units(5, 4), units(9)) is None
    assert "units have rows in several groups of `sex`" in (said(guard, units(5, 5), units(9)) or "")
    assert "there is 1 unit too many" in (said(guard, units(5, 5), units(9)) or "")


def test_where_columns_are_complete() -> None:
    check = PerformanceMetric(metric="accuracy", where=(("g", ("a",)),))
    complete, _ = check.guards(subject())
    assert said(complete, cells(false=9)) is None
    assert said(complete, cells(false=8, true=1)) == (
        "1 row has no value in `where` column(s) g; fill them in or exclude them"
    )


def test_every_row_has_a_unit() -> None:
    guard = complete_units(subject().rows(), ["y", "g"])
    assert said(guard, cells(false=9)) is None
    assert (said(guard, cells(false=8, true=1)) or "").startswith("1 of 9 rows has no `y`, `g`")


def copied(*times: tuple[int, int], rows: int | None = None) -> CopiesFact:
    """Rows of which so many distinct ones occur so often."""
    compared, distinct = sum(often * number for often, number in times), sum(number for _, number in times)
    return CopiesFact(compared if rows is None else rows, compared, distinct, times)


@pytest.mark.parametrize(
    ("fact", "refusal"),
    [
        (copied((1, 60)), None),
        (copied((2, 60)), "120 rows of the predictions are copies: nearly all of 60 distinct rows occur 2 times, or a"),
        (copied((6, 95), (1, 5)), "nearly all of 100 distinct rows occur 6 times"),
        (copied((6, 94), (1, 6)), None),
        (copied((6, 60), (3, 30), (9, 10)), "nearly all of 100 distinct rows occur 3 times"),
        (copied((2, 60), rows=400), "400 rows of the predictions are copies: nearly all of 60 distinct rows that were"),
        (copied(), None),
    ],
)
def test_rows_are_not_written_several_times_over(fact: CopiesFact, refusal: str | None) -> None:
    (guard,) = subject(copies=Copies("predictions")).guards("predictions")
    found = said(guard, fact)
    assert (found is None) is (refusal is None)
    assert (refusal or "") in (found or "")
    assert not subject(copies=Copies("predictions")).guards("other")
