"""data.leakage: overlaps against pandas, rankings against scikit-learn, and errors where nothing can be compared."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

import mlgate
from mlgate.values.errors import InputError
from mlgate.values.verdict import Finding, Outcome, Status

PASS, FAIL, ERROR, INCONCLUSIVE = Status.PASS, Status.FAIL, Status.ERROR, Status.INCONCLUSIVE


def judged(folder: Path, keys: str, test: Any, train: Any = None) -> Outcome:
    (outcome,) = judged_by(folder, [keys], test, test.iloc[:0] if train is None else train)
    return outcome


def judged_by(folder: Path, rules: list[str], test: Any, train: Any) -> tuple[Outcome, ...]:
    (folder / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        + "".join(
            f"  - {{id: r{at}, check: data.leakage, table: test, against: train, {keys}}}\n"
            for at, keys in enumerate(rules)
        )
    )
    outcomes = mlgate.check(policy=folder / "p.yaml", tables={"test": test, "train": train}).outcomes
    assert not [outcome.message for outcome in outcomes if outcome.machine]
    return outcomes


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
    assert f"{expected} of 300 rows of test have all features of a row of train" in none.message


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
            "name": [f"n{at:b}".translate({48: "x", 49: "y"}) for at in range(600)],
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
        (pd.DataFrame({"y": range(40), "x": [chr(97 + at) for at in range(40)]}), "x", "no value of it has 20 rows"),
    ],
)
def test_a_numeric_label_that_tells_nothing_is_an_error(
    tmp_path: Path, frame: pd.DataFrame, columns: str, said: str
) -> None:
    outcome = judged(tmp_path, f"predictors: {{label: y, columns: {columns}, at_most: 0.8}}", frame)
    assert outcome.status is ERROR
    assert said in outcome.message


def absent(kind: str, label: Any) -> Any:
    """A column that tells nothing by its values, and everything by which rows have none."""
    random = np.random.default_rng(8)
    values: Any = {
        "number": random.normal(0, 1, len(label)),
        "infinite": random.normal(0, 1, len(label)),
        "text": random.choice(["a", "b"], len(label)),
        "truth": random.choice([True, False], len(label)),
        "name": [f"n{at:b}".translate({48: "x", 49: "y"}) for at in range(len(label))],
        "coded": random.normal(0, 1, len(label)).astype(str),
        "date": pd.to_datetime("1968-01-01") + pd.to_timedelta(random.integers(0, 900, len(label)), unit="D"),
    }[kind]
    gone = {"infinite": np.inf, "coded": "n/a"}.get(kind)
    return pd.Series(values).astype("datetime64[us]" if kind == "date" else object).where(label == 0, gone)


@pytest.mark.parametrize("kind", ["number", "infinite", "text", "truth", "name", "coded", "date"])
def test_missing_values_that_tell_the_label_are_refuted(tmp_path: Path, labelled: pd.DataFrame, kind: str) -> None:
    """A date of discharge is missing if and only if the patient died."""
    column = absent(kind, labelled.y)
    column = column.astype(float) if kind in ("number", "infinite") else column
    frame = labelled[["y", "noise"]].assign(left=column)
    few = frame.assign(left=column.where(labelled.up < 1, column[labelled.y == 0].iloc[0]))
    keys = 'missing: [n/a], predictors: {label: y, positive: "1", at_most: 0.9}'
    outcome = judged(tmp_path, keys, frame)
    (told,) = [each for each in outcome.findings if ("values", "(missing)") in each.where]
    assert (told.status, told.value) == (FAIL, 1.0)
    assert "ROC AUC of whether this column has a value 1" in told.message
    (told,) = [each for each in judged(tmp_path, keys, few).findings if ("values", "(missing)") in each.where]
    lacking = few.left.isna() | few.left.isin([np.inf, "n/a"])
    area = roc_auc_score(labelled.y, lacking)
    assert told.value == pytest.approx(area)
    assert told.lower is not None
    assert told.lower < area


def test_values_that_are_missing_by_chance_tell_nothing(tmp_path: Path, labelled: pd.DataFrame) -> None:
    frame = labelled[["y", "noise"]].assign(left=labelled.noise.where(labelled.down.rank() % 3 > 0))
    outcome = judged(tmp_path, 'predictors: {label: y, positive: "1", at_most: 0.7}', frame)
    assert outcome.status is PASS
    assert [each.where for each in outcome.findings] == [
        (("column", "noise"),),
        (("column", "left"),),
        (("column", "left"), ("values", "(missing)")),
    ]


@pytest.mark.parametrize("csv", [False, True])
def test_a_numeric_label_is_told_by_values_and_by_missing_ones(tmp_path: Path, csv: bool) -> None:
    random = np.random.default_rng(3)
    high = random.random(500) < 0.5
    label = 100 * high + random.normal(0, 20, 500)
    frame = pd.DataFrame(
        {
            "y": label,
            "gone": pd.Series(random.normal(0, 1, 500)).where(~high),
            "ward": np.where(high, "icu", random.choice(["north", "south"], 500)),
            "died": high,
        }
    )
    texts = frame.astype({"y": str, "ward": str, "died": str}).assign(gone=frame.gone.map("{:.9g}".format))
    given = texts.assign(gone=texts.gone.where(~high, None)) if csv else frame
    findings = judged(tmp_path, "predictors: {label: y, at_most: 0.7}", given).findings
    found = {tuple(value for _, value in each.where): each for each in findings}
    for names, column in ((("gone", "(missing)"), high), (("ward",), frame.ward), (("died",), frame.died)):
        means = frame.groupby(column).y.transform("mean")
        assert found[names].value == pytest.approx(np.corrcoef(means, label)[0, 1] ** 2)
        assert found[names].status is FAIL
    assert found["gone",].status is PASS


@pytest.mark.parametrize("positive", [', positive: "1"', ""])
def test_an_id_that_is_sorted_by_the_label_is_found(tmp_path: Path, labelled: pd.DataFrame, positive: str) -> None:
    place = (labelled.y * 2 + labelled.noise / 100).rank().astype(int)
    ids = pd.DataFrame(
        {"y": labelled.y, "id": place.map("PAT-{:05d}-X".format), "other": labelled.name.map("{}-7".format)}
    )
    found = by_column(judged(tmp_path, f"predictors: {{label: y{positive}, at_most: 0.7}}", ids))
    assert found["id"].status is FAIL


@pytest.mark.parametrize("positive", [', positive: "1"', ""])
def test_a_code_that_shows_the_label_is_found_whatever_its_size(
    tmp_path: Path, labelled: pd.DataFrame, positive: str
) -> None:
    """Of the ways in which a patient may leave, the numbers 11 and 19 say that the patient died."""
    random = np.random.default_rng(1)
    ways = np.where(labelled.y, random.choice([11, 19], 600), random.choice([1, 12, 25], 600))
    frame = pd.DataFrame({"y": labelled.y, "way": ways, "age": random.integers(20, 45, 600), "up": labelled.up})
    for given in (frame, frame.astype(float), frame.astype(str)):
        findings = judged(tmp_path, f"predictors: {{label: y{positive}, at_most: 0.9}}", given).findings
        found = {tuple(value for _, value in each.where): each for each in findings}
        assert [found["way",].status, found["way", "(codes)"].status] == [PASS, FAIL]
        assert found["way", "(codes)"].value == 1
        assert found["age", "(codes)"].status is PASS
        assert ("up", "(codes)") not in found


@pytest.mark.parametrize("kind", ["number", "date", "day in words"])
def test_one_other_value_does_not_hide_what_the_rest_shows(tmp_path: Path, labelled: pd.DataFrame, kind: str) -> None:
    random = np.random.default_rng(2)
    size = labelled.y * 40 + random.integers(0, 28, 600) + random.random(600)
    texts = {
        "number": size.map("{:.9f}".format),
        "date": size.map(lambda each: f"{1960 + int(each)}-03-{random.integers(10, 28)}"),
        "day in words": size.map(lambda each: f"year {1960 + each:.4f}, spring"),
    }[kind]
    frame = pd.DataFrame({"y": labelled.y, "x": ["unknown", *texts[1:]]})
    outcome = judged(tmp_path, 'predictors: {label: y, positive: "1", at_most: 0.9}', frame)
    assert outcome.status is FAIL
    last = outcome.findings[-1]
    assert last.value == pytest.approx(1)
    assert ("values", "(numbers)") in last.where or kind == "day in words"


def test_a_column_that_cannot_be_read_is_not_left_out(tmp_path: Path, labelled: pd.DataFrame) -> None:
    """A copy of the label under its name in capitals would be passed over."""
    frame = labelled[["y", "noise"]].assign(Y=labelled.y)
    outcome = judged(tmp_path, 'predictors: {label: y, positive: "1", at_most: 0.9}', frame)
    assert outcome.status is ERROR
    assert "two columns are named" in outcome.message


def test_times_of_day_are_ranked(tmp_path: Path, labelled: pd.DataFrame) -> None:
    table = pa.table({"y": pa.array(labelled.y), "at": pa.array([time(12 * each) for each in labelled.y])})
    keys = 'predictors: {label: y, positive: "1", columns: at, at_most: 0.9}'
    assert judged(tmp_path, keys, table, table).findings[0].value == 1


def test_labels_that_count_as_missing_are_no_class(tmp_path: Path, labelled: pd.DataFrame) -> None:
    label = labelled.y.astype(str).where(labelled.down < 0.3, "?")
    frame = pd.DataFrame({"y": label, "x": labelled.up})
    known = frame[frame.y != "?"]
    keys = 'missing: ["?"], predictors: {label: y, positive: "1", at_most: 0.99}'
    assert by_column(judged(tmp_path, keys, frame))["x"].value == pytest.approx(roc_auc_score(known.y == "1", known.x))


def test_what_the_model_predicted_is_not_a_leak(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        '  - {id: r, check: data.leakage, predictors: {label: y, positive: "1", at_most: 0.9}}\n'
    )
    label = [0, 1] * 100
    frame = pd.DataFrame({"id": range(200), "y": label, "p": label, "s": [0.1, 0.9] * 100, "x": range(200)})
    for leak, expected in ((False, PASS), (True, FAIL)):
        given = frame.assign(x=frame.s) if leak else frame
        found = mlgate.check(
            policy=tmp_path / "p.yaml", predictions=given, id="id", label="y", prediction="p", score="s", task="binary",
            positive="1",
        )  # fmt: skip
        assert found.outcomes[0].status is expected, found.outcomes[0].message


SPELLED = {
    "number of a column with missing values": ("7", "7.0", "key", True),
    "leading zeros": ("007", "7", "key", True),
    "half": ("0.50", "5e-1", "features", True),
    "half as a key": ("0.50", "0.5", "key", False),
    "beyond 2^53": ("9007199254740993", "9007199254740992", "features", False),
    "digits beyond whole numbers": ("9" * 50, "9" * 49 + "8", "key", False),
    "zones": ("2024-01-01T01:00:00+01:00", "2024-01-01 00:00", "key", True),
    "a day that does not exist": ("2023-02-30", "2023-02-31", "key", False),
    "rounded": ("0.12341", "0.12339", "alike", True),
    "rounded to a whole number": ("2.0001", "2", "alike", True),
    "not rounded to another": ("0.1244", "0.1256", "alike", False),
    "Unicode forms": ("M\u00fcnster", "mu\u0308nster", "alike", True),
    "blanks": ("New\u00a0York\n", "new york", "alike", True),
    "sharp s": ("STRASSE", "Stra\u00dfe", "alike", True),
    "other words": ("Bonn", "Born", "alike", False),
}


def test_texts_of_one_value_are_equal(tmp_path: Path) -> None:
    keys = {"alike": "features: {}, alike: true", "features": "features: {}", "key": "key: {}"}
    columns = [f"c{at}" for at in range(len(SPELLED))]
    rules = [keys[key].format(name) for name, (_, _, key, _) in zip(columns, SPELLED.values(), strict=True)]
    test, train = (
        pd.DataFrame({name: [spelled[side], rest] for name, spelled in zip(columns, SPELLED.values(), strict=True)})
        for side, rest in ((0, "q"), (1, "r"))
    )
    found = [outcome.status for outcome in judged_by(tmp_path, rules, test, train)]
    assert dict(zip(SPELLED, found, strict=True)) == {
        name: FAIL if same else PASS for name, (_, _, _, same) in SPELLED.items()
    }


MIDNIGHT = datetime(2024, 1, 1)
TYPED: dict[str, tuple[Any, Any, Any]] = {
    "times with a zone and without": (
        pa.array([MIDNIGHT], pa.timestamp("us", "Asia/Tokyo")),
        pa.array([MIDNIGHT], pa.timestamp("ms")),
        pa.array([datetime(2024, 1, 1, 9)], pa.timestamp("ms")),
    ),
    "days and times": (
        pa.array([date(1960, 1, 1)]),
        pa.array([datetime(1960, 1, 1)], pa.timestamp("us")),
        pa.array([datetime(1960, 1, 1, 1)], pa.timestamp("us")),
    ),
    "times of day": (pa.array([time(12, 30)]), pa.array([time(12, 30)]), pa.array([time(12, 31)])),
    "whole numbers beyond 2^53": (pa.array([2**53 + 1]), pa.array([2**53 + 1]), pa.array([2**53])),
    "whole and decimal numbers": (
        pa.array([2**53 + 1]),
        pa.array([Decimal(2**53 + 1)], pa.decimal128(20, 2)),
        pa.array([Decimal(2**53)], pa.decimal128(20, 2)),
    ),
    "decimal numbers of two scales": (
        pa.array([Decimal("1.5")]),
        pa.array([Decimal("1.500")]),
        pa.array([Decimal("1.501")]),
    ),
    "whole numbers and floats": (pa.array([7]), pa.array([7.0]), pa.array([7.5])),
}


def test_values_of_two_types_are_equal(tmp_path: Path) -> None:
    mine, same, other = (
        pa.table({f"c{at}": arrays[side] for at, arrays in enumerate(TYPED.values())}) for side in range(3)
    )
    rules = [f"key: c{at}" for at in range(len(TYPED))]
    for train, expected in ((same, FAIL), (other, PASS)):
        found = [outcome.status for outcome in judged_by(tmp_path, rules, mine, train)]
        assert dict(zip(TYPED, found, strict=True)) == dict.fromkeys(TYPED, expected)


def test_rows_without_a_value_are_counted(tmp_path: Path) -> None:
    test, train = pd.DataFrame({"id": ["a", None, None]}), pd.DataFrame({"id": ["b", None]})
    said = (
        "0 of 1 row of test have the key of a row of train; left out without a value to compare: 2 rows of test and 1"
    )
    assert said in judged(tmp_path, "key: id", test, train).message
    share = judged(tmp_path, "key: id, max_share: 0.5, proof: estimate", test, train)
    assert "left out without a value to compare" in str(share.findings[0].note)


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
