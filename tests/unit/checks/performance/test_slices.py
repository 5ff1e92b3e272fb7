"""A search of slices: how columns are cut, what is measured in them, what is listed, and what is judged."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benchmarks import slices as simulation
from scipy.stats import false_discovery_control, fisher_exact

from mlgate.candidate.presented import Candidate, TableSpec, Unit
from mlgate.candidate.roles import Predictions
from mlgate.checks.performance.slices import PerformanceSlices
from mlgate.evidence.sources import FrameSource
from mlgate.gate.run import Settings, judge
from mlgate.policy.demanded import Policy, Rule
from mlgate.reading.edge import today
from mlgate.values.demand import Demand
from mlgate.values.errors import Location
from mlgate.values.verdict import Finding, Outcome, Status

NAN = float("nan")


def searched(frame: pd.DataFrame, task: str = "binary", at_least: str | None = None, **keys: Any) -> Outcome:
    """The outcome of a search on a frame with the columns id, y and p, and with s where there is a score."""
    rule_keys = {key: keys.pop(key) for key in ("proof", "min_n", "at_most") if key in keys}
    at_most = rule_keys.pop("at_most", None)
    roles = {"label": "y", "prediction": "p", **({"score": "s"} if "s" in frame else {})}
    roles |= {"weight": "w"} if "w" in frame else {}
    predictions = Predictions(source=FrameSource(frame), id=("id",), **roles)
    candidate = Candidate(name="c", task=task, positive="1" if task == "binary" else None, predictions=predictions)
    check = PerformanceSlices(**{"metric": "accuracy", **keys})
    low, high = (None if text is None else Fraction(text) for text in (at_least, at_most))
    demand = Demand(low, high, at_least or "", at_most or "")
    rule = Rule("p", "r", check, demand, Location("policy.yaml", 3, 1), **rule_keys)
    verdict = judge(candidate, [Policy("p", "o", "policy.yaml", (rule,))], Settings(Path(), today(), threads=2))
    return verdict.outcomes[0]


def rows(n: int, seed: int = 0, **columns: Any) -> pd.DataFrame:
    """So many rows, right with a chance of .8, with some more columns."""
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, n).astype(str)
    p = np.where(random.random(n) < 0.8, y, np.where(y == "1", "0", "1"))
    return pd.DataFrame({"id": [f"r{i}" for i in range(n)], "y": y, "p": p, **columns})


def slices_of(outcome: Outcome) -> dict[str, int | None]:
    """Rows by slice of a single column."""
    return {finding.where[0][1]: finding.rows for finding in outcome.findings if len(finding.where) == 1}


def every(frame: pd.DataFrame, *columns: str, **keys: Any) -> Outcome:
    """Every slice as a judged finding."""
    return searched(frame, columns=columns, method="bonferroni", **{"at_least": "0.01", "min_n": 1, **keys})


def column_cut(values: Any, **keys: Any) -> dict[str, int | None]:
    """The slices of one column with these values."""
    return slices_of(every(rows(len(values), x=values), "x", **keys))


@pytest.mark.parametrize(
    ("values", "cut"),
    [
        (np.arange(100), {"(-inf, 24)": 24, "[24, 49)": 25, "[49, 74)": 25, "[74, inf)": 26}),
        (np.arange(100) / 4, {"(-inf, 6.0)": 24, "[6.0, 12.25)": 25, "[12.25, 18.5)": 25, "[18.5, inf)": 26}),
        ([str(i) for i in range(100)], {"(-inf, 24.0)": 24, "[24.0, 49.0)": 25, "[49.0, 74.0)": 25, "[74.0, inf)": 26}),
        ([0.0] * 80 + [5.5] * 20, {"0.0": 80, "5.5": 20}),
        ([0.5] * 20 + [9.5] * 80, {"0.5": 20, "9.5": 80}),
        ([0, 10, 500, 99999] * 25, {"0": 25, "10": 25, "500": 25, "99999": 25}),
        (
            [0.0] * 40 + list(np.arange(60) + 0.5),
            {"(-inf, 0.0]": 40, "(0.0, 9.5)": 9, "[9.5, 34.5)": 25, "[34.5, inf)": 26},
        ),
        ([1, 2, 3, 4] * 25, {"1": 25, "2": 25, "3": 25, "4": 25}),
        ([0.0, 1.0, NAN, 1.0] * 25, {"0.0": 25, "1.0": 50, "(missing)": 25}),
        ([0.5, 20.5, NAN, 40.5] * 25, {"0.5": 25, "20.5": 25, "40.5": 25, "(missing)": 25}),
        (["a", "b", None, "(missing)"] * 25, {"a": 25, "b": 25, "((missing))": 25, "(missing)": 25}),
        ([True, False, None, True] * 25, {"true": 50, "false": 25, "(missing)": 25}),
        (["7", "n/a", "8", "9"] * 25, {"7": 25, "n/a": 25, "8": 25, "9": 25}),
    ],
)
def test_a_column_is_cut_by_its_values_or_into_bins_and_every_row_is_in_one(values: Any, cut: dict[str, int]) -> None:
    assert column_cut(values) == cut


def test_bins_are_as_many_as_asked() -> None:
    assert list(column_cut(np.arange(100), quantiles=2)) == ["(-inf, 49)", "[49, inf)"]


def test_bins_are_named_by_few_digits_where_these_tell_them_apart() -> None:
    assert list(column_cut(np.arange(100) / 7, quantiles=2)) == ["(-inf, 7.0)", "[7.0, inf)"]
    close = column_cut(1e9 + np.arange(100) / 7, quantiles=4)
    assert next(iter(close)) == f"(-inf, {1e9 + 24 / 7!r})"


def random_rows(n: int = 2000) -> pd.DataFrame:
    random = np.random.default_rng(3)
    return rows(
        n,
        seed=4,
        sex=random.choice(["F", "M", None], n),
        region=random.choice(list("NSEW"), n),
        age=random.integers(18, 90, n),
    )


def test_every_slice_and_every_intersection_is_measured_as_pandas_does() -> None:
    frame = random_rows()
    found = {f.where: f for f in every(frame, "sex", "region", "age", pairs=True).findings}
    edges = [sorted(frame.age)[-(-2000 * at // 4) - 1] for at in (1, 2, 3)]
    a, b, c = edges
    named = pd.DataFrame(
        {
            "sex": frame.sex.fillna("(missing)"),
            "region": frame.region,
            "age": pd.cut(
                frame.age, [0, *edges, 200], right=False,
                labels=[f"(-inf, {a})", f"[{a}, {b})", f"[{b}, {c})", f"[{c}, inf)"],
            ).astype(str),
        }
    )  # fmt: skip
    right = frame.y == frame.p
    expected = {}
    for columns in (("sex",), ("region",), ("age",), *combinations(("sex", "region", "age"), 2)):
        for values, group in named.groupby(list(columns)):
            expected[tuple(zip(columns, values, strict=True))] = right[group.index]
    assert set(found) == set(expected)
    assert len(found) == 3 + 4 + 4 + 12 + 12 + 16
    for where, hits in expected.items():
        assert (found[where].rows, found[where].value) == (len(hits), hits.mean())


def weak(n: int = 4000, chance: float = 0.5, seed: int = 5) -> pd.DataFrame:
    """Rows that are right with a chance of .8, but in sex=F and region=S less often."""
    random = np.random.default_rng(seed)
    sex, region = random.choice(["F", "M"], n), random.choice(list("NSEW"), n)
    frame = rows(n, seed + 100, sex=sex, region=region, noise=random.choice(list("abcde"), n))
    here = (sex == "F") & (region == "S") & (random.random(n) < 1 - chance / 0.8)
    frame.loc[here, "p"] = np.where(frame.y[here] == "1", "0", "1")
    return frame


def test_the_weakest_slices_are_listed_by_benjamini_hochberg_against_the_rest() -> None:
    frame = weak()
    outcome = searched(frame, columns=("sex", "region", "noise"), pairs=True)
    assert outcome.status is Status.LISTED
    first = outcome.findings[0]
    assert first.where == (("sex", "F"), ("region", "S"))
    right = frame.y == frame.p
    p = {}
    for columns in (("sex",), ("region",), ("noise",), *combinations(("sex", "region", "noise"), 2)):
        for values, group in frame.groupby(list(columns)):
            ours, rest = right[group.index], right.drop(group.index)
            table = [[ours.sum(), (~ours).sum()], [rest.sum(), (~rest).sum()]]
            p[tuple(zip(columns, values, strict=True))] = fisher_exact(table, "less").pvalue
    adjusted = dict(zip(p, false_discovery_control(list(p.values())), strict=True))
    (table,) = outcome.tables
    assert table.title == "Weakest of 49 slices searched"
    assert table.columns == ("slice", "rows", "accuracy", "95 % lower", "95 % upper", "the rest", "adjusted p")
    for row, finding in zip(table.rows, outcome.findings, strict=True):
        value = adjusted[finding.where]
        assert row[-1] == ("<0.0001" if value < 0.0001 else f"{value:.2g}")
        inside = np.logical_and.reduce([frame[column] == of for column, of in finding.where])
        assert row[5] == f"{right[~inside].mean():.4g}"
    assert first.message == (
        "accuracy 0.4677 (0.4287 to 0.5069) against 0.7958 in the rest for sex=F, region=S, 464 rows; "
        "adjusted p <0.0001"
    )


def test_an_intersection_is_listed_only_where_it_is_weaker_than_both_its_columns() -> None:
    random = np.random.default_rng(0)
    frame = rows(4000, other=random.choice(list("ab"), 4000), sex=random.choice(["F", "M"], 4000))
    frame.loc[(frame.sex == "F") & (random.random(4000) < 0.5), "p"] = "9"
    frame["p"] = np.where(frame.p == "9", np.where(frame.y == "1", "0", "1"), frame.p)
    outcome = searched(frame, columns=("sex", "other"), pairs=True)
    assert outcome.findings[0].where == (("sex", "F"),)
    assert not any(("sex", "F") in finding.where[1:] or len(finding.where) > 1 for finding in outcome.findings[:2])


def test_rows_that_are_joined_are_halved_by_the_evaluations_key() -> None:
    frame = weak()
    evaluation = frame[["id", "y", "sex", "region"]].rename(columns={"id": "key"})
    shuffled = frame[["id", "p"]].sample(frac=1, random_state=0)
    predictions = Predictions(source=FrameSource(shuffled), id=("id",), prediction="p")
    tables = (("evaluation", TableSpec(FrameSource(evaluation), ("key",), "y")),)
    candidate = Candidate(name="c", task="binary", positive="1", predictions=predictions, tables=tables)
    check = PerformanceSlices(metric="accuracy", columns=("sex", "region"), pairs=True, method="split", list_=1)
    rule = Rule("p", "r", check, Demand(Fraction(7, 10), None, "0.7"), Location("policy.yaml", 3, 1))
    settings = Settings(Path(), today(), threads=2)
    (outcome,) = judge(candidate, [Policy("p", "o", "policy.yaml", (rule,))], settings).outcomes
    alone = searched(frame, columns=("sex", "region"), pairs=True, at_least="0.7", method="split", list_=1)
    assert (outcome.status, outcome.findings) == (Status.FAIL, alone.findings)


@pytest.mark.parametrize("score", [None, "max"])
def test_rows_that_belong_together_are_in_one_half(score: Any) -> None:
    frame = rows(6000, patient=[f"p{i // 4}" for i in range(6000)], ward=[f"w{i // 4 % 5}" for i in range(6000)])
    frame["s"] = (frame.p == "1").astype(float)
    predictions = Predictions(source=FrameSource(frame), id=("id",), label="y", prediction="p", score="s")
    unit = Unit(("patient",), score)
    candidate = Candidate(name="c", task="binary", positive="1", predictions=predictions, unit=unit)
    check = PerformanceSlices(metric="accuracy", columns=("ward",), method="split", list_=5)
    rule = Rule("p", "r", check, Demand(Fraction(1, 2), None, "0.5"), Location("policy.yaml", 3, 1))
    policy = Policy("p", "o", "policy.yaml", (rule,))
    (outcome,) = judge(candidate, [policy], Settings(Path(), today(), threads=2)).outcomes
    if score is not None:
        assert outcome.status is Status.ERROR
        return
    assert outcome.status is Status.PASS
    there = frame[frame.patient.map(half) == "test"]
    assert {f.where[0][1]: f.rows for f in outcome.findings} == there.groupby("ward").size().to_dict()


def half(identity: str) -> str:
    """The half of a row, by a second reader of the rule."""
    return "search" if hashlib.md5(f"mlgate slices {identity}".encode()).hexdigest() < "8" else "test"


def test_split_judges_by_the_rows_that_did_not_choose() -> None:
    frame = weak()
    halves = frame.id.map(half)
    assert 0.45 < (halves == "test").mean() < 0.55
    outcome = searched(frame, columns=("sex", "region", "noise"), pairs=True, at_least="0.7", method="split", list_=3)
    assert outcome.status is Status.FAIL
    judged = [finding for finding in outcome.findings if finding.status.counts]
    assert len(judged) == 3
    assert judged[0].where == (("sex", "F"), ("region", "S"))
    for finding in judged:
        inside = np.logical_and.reduce([frame[column] == of for column, of in finding.where]) & (halves == "test")
        assert (finding.rows, finding.value) == (inside.sum(), (frame.y == frame.p)[inside].mean())
    assert "one half of the rows searched 49 slices, and the other half judged the 3 weakest" in outcome.message
    (left_out,) = (finding for finding in outcome.findings if finding.status is Status.SKIPPED)
    assert left_out.rows is None


def test_a_slice_with_few_rows_in_a_half_is_not_searched() -> None:
    frame = rows(1000, group=["small"] * 50 + ["large"] * 500 + ["other"] * 450)
    keys = {"columns": ("group",), "at_least": "0.5"}
    small = searched(frame, method="split", **keys)
    assert "1 slice with fewer than 30 rows in a half" in small.message
    assert "small" in slices_of(searched(frame, method="bonferroni", **keys))


def test_what_is_too_small_or_undefined_is_told_in_one_sentence_and_no_slice_of_its_own() -> None:
    frame = rows(1000, group=["only zeros"] * 100 + ["large"] * 880 + list("abcdefghijklmnopqrst"))
    frame.loc[:99, "y"] = "0"
    outcome = searched(frame, columns=("group",), metric="recall", at_least="0.2", method="bonferroni")
    assert [finding.status.value for finding in outcome.findings] == ["SKIPPED", "PASS"]
    assert outcome.findings[0].message == (
        "not searched, so nothing is known of 20 slices with fewer than 30 rows and 1 slice where the metric is "
        "not defined (0/0), of at most 100 rows each"
    )


@pytest.mark.parametrize(
    "metric",
    [
        "roc_auc",
        "log_loss",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("balanced_accuracy", "f1", "average_precision")),
    ],
)
def test_other_metrics_are_searched_too(metric: str) -> None:
    frame = weak(2000)
    random = np.random.default_rng(1)
    frame["s"] = np.clip((frame.p == "1") * 0.5 + random.random(len(frame)) * 0.5, 0.01, 0.99)
    outcome = searched(frame, columns=("sex", "region"), pairs=True, metric=metric)
    assert outcome.findings[0].where == (("sex", "F"), ("region", "S"))
    against = outcome.tables[0].columns[5]
    assert against == ("all rows" if metric in ("roc_auc", "average_precision") else "the rest")


def numbers() -> pd.DataFrame:
    """A regression that errs more where g=b, on the high side."""
    random = np.random.default_rng(2)
    g, y = random.choice(list("abc"), 3000), random.normal(size=3000)
    p = y + random.normal(size=3000) * np.where(g == "b", 2.0, 1.0) + np.where(g == "b", 0.5, 0.0)
    return pd.DataFrame({"id": range(3000), "y": y, "p": p, "g": g})


@pytest.mark.parametrize("metric", ["mae", "rmse", "mean_error", "median_absolute_error"])
def test_errors_are_weak_where_they_are_large(metric: str) -> None:
    outcome = searched(numbers(), "regression", columns=("g",), metric=metric)
    assert outcome.findings[0].where == (("g", "b"),)
    judged = searched(numbers(), "regression", columns=("g",), metric=metric, at_most="0.2", method="split", list_=1)
    assert [f.where for f in judged.findings if f.status.counts] == [(("g", "b"),)]
    assert judged.status is Status.FAIL


def test_a_bound_that_is_missing_is_an_empty_cell() -> None:
    outcome = searched(numbers(), "regression", columns=("g",), metric="max_error")
    (table,) = outcome.tables
    assert table.columns[3:5] == ("95 % lower", "95 % upper")
    assert {(*row[3:5], row[6]) for row in table.rows} == {("", "", "")}
    assert "(no bounds) against" in outcome.findings[0].message


def test_sampling_weights_are_known_to_the_search() -> None:
    frame = weak()
    frame["w"] = np.random.default_rng(0).uniform(0.5, 2, len(frame))
    outcome = searched(frame, columns=("sex", "region"), pairs=True)
    assert outcome.findings[0].where == (("sex", "F"), ("region", "S"))
    inside = (frame.sex == "F") & (frame.region == "S")
    right = frame.y == frame.p
    assert outcome.findings[0].value == pytest.approx(np.average(right[inside], weights=frame.w[inside]))
    assert outcome.tables[0].rows[0][5] == f"{np.average(right[~inside], weights=frame.w[~inside]):.4g}"


def test_unrefuted_refutes_no_slice_but_by_holm() -> None:
    """Of 50 slices at the bound a few have an upper bound below it by chance; together they refute nothing."""
    frame = rows(10_000, seed=11, g=np.arange(10_000) % 50, h=np.arange(10_000) % 50)
    frame["g"] = frame.g.map("g{}".format)
    outcome = searched(frame, columns=("g",), at_least="0.8", method="bonferroni", proof="unrefuted")
    assert any(f.upper is not None and f.upper < 0.8 for f in outcome.findings)
    assert outcome.status is Status.PASS


def test_an_identifier_is_no_column_to_search() -> None:
    outcome = searched(rows(2000), columns=("id",))
    assert outcome.status is Status.ERROR
    assert "no slice of column `id` has 30 rows" in outcome.message


def test_forecasts_are_searched_by_their_horizon() -> None:
    steps = [(series, step) for series in range(40) for step in (1, 2)]
    frame = pd.DataFrame(steps, columns=["shop", "ahead"]).assign(y=10.0)
    frame["p"] = 10 + frame.ahead * np.random.default_rng(1).normal(0, 1, len(frame))
    frame["week"] = 50 + frame.ahead
    roles = {"label": "y", "prediction": "p", "series": ("shop",), "time": "week", "horizon": "ahead"}
    candidate = Candidate(name="c", task="forecasting", predictions=Predictions(source=FrameSource(frame), **roles))
    check = PerformanceSlices(metric="mae", columns=("ahead",))
    rule = Rule("p", "r", check, Demand(), Location("policy.yaml", 3, 1))
    verdict = judge(candidate, [Policy("p", "o", "policy.yaml", (rule,))], Settings(Path(), today(), threads=2))
    assert verdict.outcomes[0].status is Status.LISTED
    assert [row[:2] for row in verdict.outcomes[0].tables[0].rows] == [("ahead=2", "40"), ("ahead=1", "40")]


def test_a_column_of_too_many_values_is_refused() -> None:
    frame = rows(2400, code=[f"c{i % 1200}" for i in range(2400)])
    assert (
        "`code` has 1200 values with at least 2 rows each; at most 1000 are searched"
        in every(frame, "code", min_n=2).message
    )


def test_a_share_of_the_rows_can_be_asked_of_a_slice() -> None:
    frame = rows(1000, g=["a"] * 700 + ["b"] * 200 + ["c"] * 100)
    outcome = every(frame, "g", min_share=Fraction(15, 100))
    assert list(slices_of(outcome)) == ["a", "b"]
    assert "1 slice with fewer than 1 row or a smaller share than 0.15" in outcome.message


def test_the_same_slices_come_out_by_any_number_of_threads_and_rows_in_any_order() -> None:
    frame = weak()
    shuffled = frame.sample(frac=1, random_state=1)
    keys: dict[str, Any] = {"columns": ("sex", "region", "noise"), "pairs": True, "at_least": "0.7", "method": "split"}
    assert searched(frame, **keys).findings == searched(shuffled, **keys).findings


def found_listed(outcome: Outcome) -> list[Finding]:
    return [finding for finding in outcome.findings if finding.status is Status.LISTED]


def test_only_as_many_are_listed_as_asked() -> None:
    assert len(found_listed(searched(weak(), columns=("sex", "region", "noise"), list_=2))) == 2


RUNS = 200
LIMIT = 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5
SEVERAL = [simulation.SCENARIOS[at] for at in (0, 3, 4, 6)]


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SEVERAL, ids=lambda scenario: scenario.name)
def test_a_search_is_wrong_no_more_often_than_its_level(scenario: simulation.Scenario) -> None:
    assert simulation.counted(scenario, RUNS, seed=1) / RUNS <= LIMIT


@pytest.mark.slow
def test_a_weak_slice_is_found_and_refuted_by_either_method() -> None:
    for scenario in simulation.POWER:
        if scenario.rows == 5000:
            assert simulation.counted(scenario, 10, seed=2) >= 6
