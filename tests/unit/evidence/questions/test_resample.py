"""Resampling: the functions of others, on rows by group; anything but a finite number is an error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from mlgate.evidence.questions.need import Term
from mlgate.evidence.questions.resample import Resample
from mlgate.values.errors import EvidenceError, MachineError

G = Term("g", '"g"')


def _frame(n: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    x = random.normal(size=n)
    return pd.DataFrame(
        {"y": x, "q": x + random.normal(size=n), "g": random.choice(["b", "a", None], n), "c": random.integers(1, 4, n)}
    )


def _need(function: str, **more: object) -> Resample:
    return Resample("t", function=function, **{"label": '"y"', "prediction": '"q"', "replicates": 50, **more})


def test_values_by_group(ask) -> None:
    frame = _frame()
    fact = ask(frame, _need("statistics:covariance", by=(G,)))
    assert [of.group for of in fact.groups] == [(None,), ("a",), ("b",)]
    for of in fact.groups:
        part = frame[frame.g.isna() if of.group[0] is None else frame.g == of.group[0]]
        assert (of.n, of.value) == (len(part), pytest.approx(np.cov(part.y, part.q)[0, 1]))
        assert list(of.replicates) == sorted(of.replicates)
        assert of.replicates[0] < of.value < of.replicates[-1]


def test_frequencies_and_the_order_of_rows_change_nothing(ask) -> None:
    frame = _frame()
    repeated = frame.loc[frame.index.repeat(frame.c)].sample(frac=1, random_state=0)
    function = "statistics:covariance"
    counted = ask(frame, _need(function, count='"c"', by=(G,)))
    assert counted == ask(repeated, _need(function, by=(G,)), threads=4)
    assert counted != ask(frame, _need(function, count='"c"', by=(G,), seed=1))


def test_classes_are_texts(ask) -> None:
    frame = pd.DataFrame({"y": ["a", "b", "b", "a"] * 10, "q": ["a", "b", "a", "a"] * 10})
    fact = ask(frame, _need("sklearn.metrics:cohen_kappa_score", numeric=False))
    assert fact.groups[0].value == pytest.approx(cohen_kappa_score(frame.y, frame.q))


def test_no_rows_have_no_groups(ask) -> None:
    assert ask(_frame().iloc[:0], _need("sklearn.metrics:mean_squared_error", by=(G,))).groups == ()


def test_a_warning_is_an_error(ask) -> None:
    frame = pd.DataFrame({"y": [1.0], "q": [1.0]})
    with pytest.raises(EvidenceError, match=r"r2_score` warns on the rows: R\^2 score is not well-defined"):
        ask(frame, _need("sklearn.metrics:r2_score"))


def test_a_failure_is_an_error(ask) -> None:
    frame = pd.DataFrame({"y": [-2.0, 1.0], "q": [1.0, 1.0]})
    with pytest.raises(EvidenceError, match=r"correlation` fails on the rows: StatisticsError: .*constant"):
        ask(frame, _need("statistics:correlation"))


@pytest.mark.parametrize("function", ["numpy:true_divide", "builtins:print"])
def test_no_finite_number_is_an_error(ask, function: str) -> None:
    with pytest.raises(EvidenceError, match=r"fails on the rows|gives"):
        ask(_frame(), _need(function))


@pytest.mark.parametrize("function", ["nosuchmodule:f", "statistics:nosuch", "statistics", "math:pi"])
def test_a_function_that_is_not_there_is_the_machines(ask, function: str) -> None:
    with pytest.raises(MachineError, match=r"cannot be loaded|is not a function"):
        ask(_frame(), _need(function))


def test_missing_values_are_an_error(ask) -> None:
    frame = pd.DataFrame({"y": [1.0, np.nan], "q": [1.0, 1.0]})
    with pytest.raises(EvidenceError, match=r"column `y`: 1 row has no finite number"):
        ask(frame, _need("sklearn.metrics:mean_squared_error"))


def test_too_many_rows_are_an_error(ask) -> None:
    frame = pd.DataFrame({"y": [1.0], "q": [1.0], "c": [3_000_000]})
    with pytest.raises(EvidenceError, match=r"3,000,000 rows, and .* at most 2,000,000"):
        ask(frame, _need("sklearn.metrics:mean_squared_error", count='"c"'))
