"""data.leakage: overlaps against pandas, rankings against scikit-learn, and errors where nothing can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import mlgate
from mlgate.values.errors import InputError
from mlgate.values.verdict import Finding, Outcome, Status

PASS, FAIL, ERROR, INCONCLUSIVE = Status.PASS, Status.FAIL, Status.ERROR, Status.INCONCLUSIVE


def judged(folder: Path, keys: str, test: pd.DataFrame, train: pd.DataFrame | None = None) -> Outcome:
    (folder / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        f"  - {{id: r, check: data.leakage, table: test, against: train, {keys}}}\n"
    )
    tables = {"test": test, "train": test.iloc[:0] if train is None else train}
    (outcome,) = mlgate.check(policy=folder / "p.yaml", tables=tables).outcomes
    assert not outcome.machine, outcome.message
    return outcome


def by_column(outcome: Outcome) -> dict[str, Finding]:
    return {finding.where[0][1]: finding for finding in outcome.findings}


@pytest.fixture
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(2)

    def frame(rows: int) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "a": random.integers(0, 6, rows),
                "b": random.choice(["x", "y", None], rows),
                "c": random.integers(0, 4, rows) / 4,
            }
        )

    return frame(300), frame(60)


@pytest.mark.parametrize("names", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_overlaps_are_those_of_pandas(
    tmp_path: Path, frames: tuple[pd.DataFrame, pd.DataFrame], names: list[str]
) -> None:
    test, train = frames
    expected = len(test.merge(train[names].drop_duplicates(), on=names))
    outcome = judged(tmp_path, f"features: [{', '.join(names)}], max_share: 0.999, proof: estimate", test, train)
    (finding,) = outcome.findings
    assert finding.exact == f"{expected}/300"
    none = judged(tmp_path, f"features: [{', '.join(names)}]", test, train)
    assert none.status is FAIL
    assert f"{expected} of 300 rows of test are rows with all features of a row of train" in none.message


def test_a_share_is_about_the_population(tmp_path: Path) -> None:
    test, train = pd.DataFrame({"id": range(200)}), pd.DataFrame({"id": range(196, 400)})
    assert judged(tmp_path, "key: id, max_share: 0.03", test, train).status is INCONCLUSIVE
    assert judged(tmp_path, "key: id, max_share: 0.06", test, train).status is PASS
    assert judged(tmp_path, "key: id, max_share: 0.02, proof: estimate", test, train).status is PASS


def test_rows_that_are_only_alike(tmp_path: Path) -> None:
    test = pd.DataFrame({"x": [0.12341], "word": ["New York "]})
    train = pd.DataFrame({"x": [0.12339], "word": ["new york"]})
    assert judged(tmp_path, "features: [x, word]", test, train).status is PASS
    assert judged(tmp_path, "features: [x, word], alike: true", test, train).status is FAIL
    assert judged(tmp_path, "features: [x, word], alike: true, digits: 5", test, train).status is PASS


def test_rows_without_any_value_are_not_in_both(tmp_path: Path) -> None:
    empty = pd.DataFrame({"x": pd.array([None, 1], dtype="Int64"), "y": ["N/A", "b"]})
    other = pd.DataFrame({"x": pd.array([None, 2], dtype="Int64"), "y": ["N/A", "c"]})
    assert judged(tmp_path, "features: [x, y]", empty, other).status is FAIL
    assert judged(tmp_path, "features: [x, y], missing: [N/A]", empty, other).status is PASS


def test_whole_numbers_and_texts_are_not_compared(tmp_path: Path) -> None:
    test, train = pd.DataFrame({"id": ["1", "2"]}), pd.DataFrame({"id": [1, 2]})
    outcome = judged(tmp_path, "key: id", test, train)
    assert outcome.status is ERROR
    assert "column `id` is text in test and integer in train; store it alike in both" in outcome.message
    same = judged(tmp_path, "key: id", pd.DataFrame({"id": [1.0, 3.0]}), train)
    assert same.status is FAIL


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [
        ("2024-01-31", "2024-02-01", PASS),
        ("2024-02-01", "2024-02-01", FAIL),
        ("2024-02-01T00:30:00+02:00", "2024-01-31T22:45:00Z", PASS),
        ("2024-02-01T00:30:00+02:00", "2024-01-31T22:15:00Z", FAIL),
        ("1960-01-01", "1960-01-02", PASS),
        ("", "2024-01-01", ERROR),
    ],
)
def test_training_ends_before_evaluation_begins(tmp_path: Path, train: str, test: str, expected: Status) -> None:
    frames = (pd.DataFrame({"day": [day]}) for day in (test, train))
    assert judged(tmp_path, 'before: day, missing: [""]', *frames).status is expected


@pytest.fixture
def labelled() -> pd.DataFrame:
    random = np.random.default_rng(4)
    label = random.integers(0, 2, 600)
    site = np.where(random.random(600) < 0.8, np.where(label, "north", "south"), "east")
    return pd.DataFrame(
        {
            "y": label,
            "up": label + random.normal(0, 1, 600),
            "down": -label + random.normal(0, 0.5, 600),
            "noise": random.normal(0, 1, 600),
            "site": site,
            "day": pd.to_datetime("2024-01-01") + pd.to_timedelta(label * 30 + random.integers(0, 20, 600), unit="D"),
            "flag": random.random(600) < 0.2 + 0.6 * label,
            "name": [f"n{at}" for at in range(600)],
        }
    )


def test_columns_are_ranked_as_by_scikit_learn(tmp_path: Path, labelled: pd.DataFrame) -> None:
    outcome = judged(tmp_path, 'predictors: {label: y, positive: "1", at_most: 0.99}', labelled)
    found = by_column(outcome)
    for name in ("up", "down", "noise", "day"):
        area = roc_auc_score(labelled.y, labelled[name].astype("int64") if name == "day" else labelled[name])
        assert found[name].value == pytest.approx(max(area, 1 - area))
    for name in ("site", "flag"):
        rates = labelled.groupby(name).y.transform("mean")
        assert found[name].value == pytest.approx(roc_auc_score(labelled.y, rates))
    for finding in (found["up"], found["site"]):
        assert finding.lower is not None
        assert finding.upper is not None
        assert finding.lower < (finding.value or 0) < finding.upper
    assert found["name"].status is Status.SKIPPED
    assert "no value of it has 20 rows" in found["name"].message


def test_a_column_that_tells_the_label_is_refuted(tmp_path: Path, labelled: pd.DataFrame) -> None:
    keys = 'predictors: {label: y, positive: "1", columns: [up, /d.*/, noise], at_most: 0.8}'
    found = by_column(judged(tmp_path, keys, labelled.assign(day=labelled.y)))
    assert [found[name].status for name in ("down", "day", "noise")] == [FAIL, FAIL, PASS]
    assert found["day"].value == 1.0


def test_a_numeric_label_is_told_by_a_straight_line(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    x = random.normal(0, 1, 400)
    frame = pd.DataFrame({"y": 2 * x + random.normal(0, 1, 400), "x": x, "noise": random.normal(0, 1, 400), "one": 1.0})
    found = by_column(judged(tmp_path, "predictors: {label: y, at_most: 0.5}", frame))
    assert found["x"].value == pytest.approx(np.corrcoef(frame.x, frame.y)[0, 1] ** 2)
    assert [found[name].status for name in ("x", "noise", "one")] == [FAIL, PASS, PASS]


@pytest.mark.slow
@pytest.mark.parametrize("true", [0.2, 0.5, 0.9])
def test_the_bounds_of_r_squared_cover(true: float) -> None:
    from mlgate.checks.data.predictors import _fisher

    random, n, runs = np.random.default_rng(7), 60, 2000
    r = np.sqrt(true)
    missed = [0, 0]
    for _ in range(runs):
        x = random.normal(size=n)
        found = abs(np.corrcoef(x, r * x + np.sqrt(1 - true) * random.normal(size=n))[0, 1])
        missed[0] += _fisher(found, n, -1)(0.05) > true
        missed[1] += _fisher(found, n, 1)(0.05) < true
    assert max(missed) / runs < 0.07


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("max_share: 0.1", "demands nothing"),
        ("predictors: {label: y, at_most: 1.5}", "above 0 and below 1"),
        ("features: y, predictors: {label: y, at_most: 0.5}", "`y` is the label and not a feature"),
        ('features: "/(/"', "is not a regular expression"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(tmp_path: Path, keys: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        judged(tmp_path, keys, pd.DataFrame({"y": [1]}))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("key: gone", "no column `gone`"),
        ('features: "/z.*/"', "has no column `/z.*/`"),
        ("predictors: {label: y, columns: [zz], at_most: 0.5}", "has no column `zz`"),
        ('predictors: {label: y, positive: "7", at_most: 0.5}', "no rows with the label `7`"),
    ],
)
def test_what_cannot_be_compared_is_an_error(tmp_path: Path, keys: str, said: str) -> None:
    frame = pd.DataFrame({"y": [0, 1] * 30, "x": range(60)})
    outcome = judged(tmp_path, keys, frame, frame)
    assert outcome.status is ERROR
    assert said in " ".join([outcome.message, *(finding.message for finding in outcome.findings)])


def test_an_empty_table_is_an_error(tmp_path: Path) -> None:
    frame: Any = pd.DataFrame({"id": pd.array([], dtype="Int64")})
    full = pd.DataFrame({"id": pd.array([1, 2], dtype="Int64")})
    nothing = pd.DataFrame({"id": pd.array([None, None], dtype="Int64")})
    for pair in ((frame, full), (full, frame), (nothing, full), (full, nothing)):
        outcome = judged(tmp_path, "key: id", *pair)
        assert outcome.status is ERROR
        assert "nothing was evaluated" in outcome.message


def test_a_column_that_was_named_must_be_ranked_and_some_must_be(tmp_path: Path, labelled: pd.DataFrame) -> None:
    named = 'predictors: {label: y, positive: "1", columns: [name], at_most: 0.9}'
    assert by_column(judged(tmp_path, named, labelled))["name"].status is ERROR
    alone = labelled[["y", "name"]]
    outcome = judged(tmp_path, 'predictors: {label: y, positive: "1", at_most: 0.9}', alone)
    assert outcome.status is ERROR
    assert "no column could be ranked, so nothing was evaluated" in outcome.message


def test_a_time_that_is_missing_or_cannot_be_read_hides_nothing(tmp_path: Path) -> None:
    """A row of the training table that nobody can place may be later than the evaluation."""
    test, train = pd.DataFrame({"day": ["2024-03-01"]}), pd.DataFrame({"day": ["2024-01-01", "31/12/2025"]})
    outcome = judged(tmp_path, "before: day", test, train)
    assert outcome.status is ERROR
    assert "1 row of train has no date or time in `day`" in outcome.message
    assert judged(tmp_path, "before: day", test, train.iloc[:1]).status is PASS
    assert judged(tmp_path, "before: day", test, pd.DataFrame({"day": ["2024-01-01", None]})).status is ERROR


@pytest.mark.parametrize("positive", [', positive: "1"', ""])
def test_numbers_and_dates_of_a_csv_file_are_ranked_as_such(
    tmp_path: Path, labelled: pd.DataFrame, positive: str
) -> None:
    frame = labelled[["y", "up", "down", "noise", "day"]]
    texts = frame.assign(day=frame.day.astype(str)).astype(str)
    keys = f"predictors: {{label: y{positive}, at_most: 0.8}}"
    stored, written = (by_column(judged(tmp_path, keys, each)) for each in (frame, texts))
    assert {name: each.status for name, each in written.items()} == {name: each.status for name, each in stored.items()}
    for name in ("up", "down", "noise", "day"):
        assert written[name].value == pytest.approx(stored[name].value)


@pytest.mark.parametrize(
    ("frame", "columns", "said"),
    [
        (pd.DataFrame({"y": [1.0] * 40, "x": range(40)}), "x", "the label has one value"),
        (pd.DataFrame({"y": ["1"] * 39 + ["?"], "x": range(40)}), "x", "1 row has a label that is not a finite number"),
        (pd.DataFrame({"y": range(40), "x": ["a", "b"] * 20}), "x", "column `x` has no numbers, as the label has"),
    ],
)
def test_a_numeric_label_that_tells_nothing_is_an_error(
    tmp_path: Path, frame: pd.DataFrame, columns: str, said: str
) -> None:
    outcome = judged(tmp_path, f"predictors: {{label: y, columns: {columns}, at_most: 0.8}}", frame)
    assert outcome.status is ERROR
    assert said in outcome.message


def test_a_training_table_that_is_joined_must_match(tmp_path: Path) -> None:
    """Predictions without the rows of their evaluation would hide what they share with another table."""
    (tmp_path / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        "  - {id: r, check: data.leakage, table: test, against: predictions, key: person}\n"
    )
    evaluation = pd.DataFrame({"id": ["a", "b"], "y": ["1", "0"], "person": ["x", "z"]})
    for ids, expected in ((["a", "b"], PASS), (["a", "c"], ERROR)):
        predictions = pd.DataFrame({"id": ids, "p": ["1", "0"]})
        tables = {
            "test": pd.DataFrame({"person": ["q"]}),
            "evaluation": {"path": evaluation, "key": "id", "label": "y"},
        }
        found = mlgate.check(
            policy=tmp_path / "p.yaml", predictions=predictions, id="id", prediction="p", task="binary", positive="1",
            tables=tables,
        )  # fmt: skip
        assert found.outcomes[0].status is expected, found.outcomes[0].message
