"""data.drift: what moved is found, what did not passes, and what cannot be compared is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

import mlgate
from mlgate.values.errors import InputError
from mlgate.values.verdict import Finding, Outcome, Status

PASS, FAIL, ERROR, INCONCLUSIVE = Status.PASS, Status.FAIL, Status.ERROR, Status.INCONCLUSIVE


def judged(
    folder: Path, current: Any, reference: Any, more: str = "", at_most: str = "0.1", **candidate: Any
) -> Outcome:
    table = "" if "predictions" in candidate else "table: now\n    "
    (folder / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - id: r\n    check: data.drift\n"
        f"    {table}against: then\n"
        + "".join(f"    {line}\n" for line in (f"at_most: {at_most}", *more.splitlines())),
        encoding="utf-8",
    )
    tables = {"then": reference, **({} if current is None else {"now": current})}
    (outcome,) = mlgate.check(policy=folder / "p.yaml", tables=tables, **candidate).outcomes
    assert not outcome.machine, outcome.message
    return outcome


def by_column(outcome: Outcome) -> dict[str, Finding]:
    return {dict(finding.where)["column"]: finding for finding in outcome.findings}


def sample(seed: int, n: int = 3000) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "number": random.normal(size=n),
            "whole": random.integers(0, 4, n),
            "word": random.choice(["north", "south", "west"], n),
            "flag": random.random(n) < 0.3,
            "digits": [str(each) for each in random.integers(0, 60, n)],
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 90, n), "D"),
        }
    )


def test_two_samples_of_one_population_pass_in_every_column_but_dates(tmp_path: Path) -> None:
    outcome = judged(tmp_path, sample(1), sample(2))
    assert outcome.status is PASS
    assert list(by_column(outcome)) == ["number", "whole", "word", "flag", "digits"]


DRIFTED = {
    "number": lambda t: t.number + 0.5,
    "whole": lambda t: t.whole.where(t.index % 3 > 0, 2),
    "word": lambda t: t.word.where(t.index % 10 > 0, "east"),
    "flag": lambda t: ~t.flag,
    "digits": lambda t: t.digits.where(t.index % 5 > 0, "12"),
}


@pytest.mark.parametrize("column", DRIFTED)
def test_a_column_that_moved_fails_and_no_other(column: str, tmp_path: Path) -> None:
    current = sample(1).assign(**{column: DRIFTED[column]})
    found = by_column(judged(tmp_path, current, sample(2)))
    assert {name: finding.status for name, finding in found.items()} == {
        name: FAIL if name == column else PASS for name in found
    }


LOST = {
    "missing": lambda t: t.number.where(t.index % 10 > 0),
    "infinite": lambda t: t.number.where(t.index % 10 > 0, np.inf),
    "one value": lambda t: t.number * 0,
}


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("distance", ["jensen_shannon", "total_variation", "hellinger", "psi", "chebyshev"])
def test_lost_values_are_drift(lost: str, distance: str, tmp_path: Path) -> None:
    current = sample(1).assign(number=LOST[lost])
    outcome = judged(tmp_path, current, sample(2), f"columns: number\ndistance: {distance}", "0.02")
    assert outcome.status is FAIL


def test_nan_and_null_are_different_cells(tmp_path: Path) -> None:
    one = pa.table({"x": pa.array([1.0] * 900 + [None] * 100)})
    other = pa.table({"x": pa.array([1.0] * 900 + [float("nan")] * 100)})
    outcome = judged(tmp_path, one, other)
    assert outcome.status is FAIL
    assert "10 % -> 0 % in (NaN)" in (outcome.findings[0].note or "")


def test_a_constant_that_became_another_one_is_drift(tmp_path: Path) -> None:
    one, other = (pd.DataFrame({"x": [value] * 500}) for value in (7.0, 5.0))
    outcome = judged(tmp_path, one, other)
    assert (outcome.status, outcome.findings[0].value) == (FAIL, 1.0)


def test_a_value_that_half_of_the_rows_have_is_told_from_its_neighbours(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    reference = pd.DataFrame({"x": np.where(random.random(2000) < 0.9, 0.0, random.random(2000))})
    assert judged(tmp_path, reference.replace(0.0, -0.5), reference).status is FAIL


def test_the_jensen_shannon_distance_of_categories_is_scipys(tmp_path: Path) -> None:
    one, other = sample(1), sample(2)
    counts = [table.word.value_counts(normalize=True).sort_index() for table in (one, other)]
    (finding,) = judged(tmp_path, one, other, "columns: word").findings
    assert finding.value == pytest.approx(float(jensenshannon(*counts, base=2)))
    assert f"{float(jensenshannon(*counts)):.4g} in scipy and Evidently" in (finding.note or "")


@pytest.mark.parametrize(("per", "unit"), [("std", np.std), ("range", np.ptp)])
def test_the_wasserstein_distance_is_scipys_per_unit_of_the_reference(per: str, unit: Any, tmp_path: Path) -> None:
    one, other = sample(1), sample(2)
    (finding,) = judged(tmp_path, one, other, f"columns: number\ndistance: wasserstein\nper: {per}").findings
    assert finding.value == pytest.approx(wasserstein_distance(one.number, other.number) / unit(other.number))


def test_the_kolmogorov_smirnov_distance_is_scipys(tmp_path: Path) -> None:
    one, other = sample(1), sample(2)
    found = by_column(judged(tmp_path, one, other, "columns: [number, digits, day]\ndistance: kolmogorov_smirnov"))
    assert found["number"].value == pytest.approx(ks_2samp(one.number, other.number).statistic)
    assert found["digits"].value == pytest.approx(ks_2samp(one.digits.astype(int), other.digits.astype(int)).statistic)
    assert found["day"].value == pytest.approx(ks_2samp(one.day.astype(int), other.day.astype(int)).statistic)


def test_missing_numbers_are_judged_beside_the_wasserstein_distance(tmp_path: Path) -> None:
    current = sample(1).assign(number=LOST["missing"])
    outcome = judged(tmp_path, current, sample(2), "columns: number\ndistance: wasserstein\nproof: estimate")
    assert [finding.status for finding in outcome.findings] == [PASS, PASS]
    assert outcome.findings[1].value == pytest.approx(0.1)
    assert "change of the share of rows without a number" in outcome.findings[1].message


ERRORS = {
    "an infinite number": (lambda t: t.assign(number=LOST["infinite"]), "distance: wasserstein", "infinite"),
    "a category": (lambda t: t.assign(number="a"), "distance: wasserstein", "has no number"),
    "no such column": (lambda t: t.drop(columns="number"), "", "number"),
    "no rows": (lambda t: t.iloc[:0], "", "no rows"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_compared_is_an_error(name: str, tmp_path: Path) -> None:
    change, more, said = ERRORS[name]
    outcome = judged(tmp_path, change(sample(1)), sample(2), f"columns: number\n{more}".strip())
    assert outcome.status is ERROR
    assert said in outcome.message


@pytest.mark.parametrize(
    ("reference", "more", "said"),
    [
        (lambda t: t.assign(number=5.0), "columns: number\ndistance: wasserstein", "one value only"),
        (lambda t: t.assign(number=np.nan), "columns: number", "no value in the reference"),
        (lambda t: t.assign(word=None), "columns: word", "no value in the reference"),
        (lambda t: t, "columns: word\ndistance: wasserstein", "has categories"),
        (lambda t: t, "columns: /nothing_.*/", "no such column"),
        (lambda t: t, "edges: {numbre: [1]}", "did you mean `number`"),
        (lambda t: t, "read_as: {numbre: category}", "did you mean `number`"),
        (lambda t: t, "except: /.*/", "no column is left"),
        (lambda t: t[["day"]], "", "no column is left"),
    ],
)
def test_a_rule_that_compares_nothing_is_an_error(reference: Any, more: str, said: str, tmp_path: Path) -> None:
    outcome = judged(tmp_path, sample(1), reference(sample(2)), more)
    assert outcome.status is ERROR
    assert said in outcome.message or any(said in finding.message for finding in outcome.findings)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("distance: euclid", "jensen_shannon"),
        ("columns: /(/", "not a regular expression"),
        ("edges: {number: [2, 1]}", "must rise"),
        ("distance: wasserstein\nedges: {number: [2]}", "no bins"),
        ("per: range", "wasserstein"),
        ("at_least: 0.1", "at_most"),
    ],
)
def test_wrong_keys_are_told_without_data(more: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        judged(tmp_path, sample(1), sample(2), more)


def test_a_table_is_not_its_own_reference(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n"
        "  - {id: r, check: data.drift, table: now, against: now, at_most: 0.1}\n"
    )
    with pytest.raises(InputError, match="name another table"):
        mlgate.check(policy=tmp_path / "p.yaml", tables={"now": sample(1)})


@pytest.mark.parametrize("distance", ["jensen_shannon", "kolmogorov_smirnov", "wasserstein"])
def test_a_copy_of_the_reference_shows_nothing(distance: str, tmp_path: Path) -> None:
    more = f"columns: [number, whole]\ndistance: {distance}\nproof: estimate"
    copied = judged(tmp_path, sample(1).sample(frac=1, random_state=1), sample(1), more)
    assert copied.status is ERROR
    assert "have the same rows" in copied.message
    assert judged(tmp_path, sample(1).iloc[1:], sample(1), more).status is PASS


def test_two_tables_of_one_value_may_be_equal(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": [5.0] * 500})
    assert judged(tmp_path, table, table.copy()).status is PASS


def test_values_are_shown_only_where_the_policy_allows_it_or_wrote_the_edges(tmp_path: Path) -> None:
    current = sample(1).assign(number=DRIFTED["number"], word=DRIFTED["word"])
    hidden, shown, edges = (
        by_column(judged(tmp_path, current, sample(2), f"columns: [number, word]\n{more}".strip()))
        for more in ("", "show_values: [word]", "edges: {number: [-1, 0, 1]}")
    )
    assert "in bin 10 of 10" in hidden["number"].note
    assert "east" not in hidden["word"].note
    assert "0 % -> 10 % in east" in shown["word"].note
    assert "in from 1" in edges["number"].note


def test_pictures_of_what_moved_name_values_only_where_allowed(tmp_path: Path) -> None:
    current = sample(1).assign(word=DRIFTED["word"])
    hidden, shown = (judged(tmp_path, current, sample(2), more) for more in ("", "show_values: true"))
    assert [picture.column for picture in hidden.pictures] == ["word"]
    assert hidden.pictures[0].bins == ("1", "2", "3", "4")
    assert set(shown.pictures[0].bins) == {"north", "south", "west", "east"}


def test_a_share_of_the_columns_may_drift(tmp_path: Path) -> None:
    current = sample(1).assign(number=DRIFTED["number"], word=DRIFTED["word"])
    lax = judged(tmp_path, current, sample(2), "share_of_columns_above: 0.5")
    outcome = judged(tmp_path, current, sample(2), "share_of_columns_above: 0.1")
    assert lax.status is PASS
    (share,) = [finding for finding in outcome.findings if finding.status is not Status.LISTED]
    assert (share.status, share.value, share.note) == (FAIL, 0.4, "above 0.1: `word`, `number`")


def test_a_slice_that_moved_is_found(tmp_path: Path) -> None:
    current = sample(1)
    current["number"] += np.where(current.word == "west", 0.6, 0.0)
    outcome = judged(tmp_path, current, sample(2), "columns: number\nby: word")
    found = {dict(finding.where)["word"]: finding.status for finding in outcome.findings}
    assert found["west"] is FAIL
    assert FAIL not in (found["north"], found["south"])
    gone = judged(tmp_path, current[current.word != "west"], sample(2), "columns: number\nby: word")
    assert {dict(each.where)["word"]: each.status for each in gone.findings}["west"] is ERROR


def test_a_declared_group_without_rows_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "mlgate: 1\npolicy: p\nowner: o@example.com\ngroups: {word: {values: [north, south, west, east]}}\nrules:\n"
        "  - {id: r, check: data.drift, table: now, against: then, columns: number, by: word, at_most: 0.2}\n"
    )
    (outcome,) = mlgate.check(policy=tmp_path / "p.yaml", tables={"now": sample(1), "then": sample(2)}).outcomes
    found = {dict(finding.where)["word"]: finding.status for finding in outcome.findings}
    assert found == {"north": PASS, "south": PASS, "west": PASS, "east": ERROR}


def test_values_that_grow_in_the_open_bin_are_seen_by_the_wasserstein_distance(tmp_path: Path) -> None:
    current = sample(1).assign(number=lambda t: t.number.where(t.number < 1.5, 50.0))
    statuses = [
        judged(tmp_path, current, sample(2), f"columns: number\ndistance: {name}").status
        for name in ("jensen_shannon", "wasserstein")
    ]
    assert statuses == [PASS, FAIL]


def test_few_rows_do_not_decide(tmp_path: Path) -> None:
    outcome = judged(tmp_path, sample(1, 60), sample(2, 60), "columns: number")
    assert outcome.status is INCONCLUSIVE


def test_dates_and_lengths_are_compared_where_they_are_named(tmp_path: Path) -> None:
    current = sample(1).assign(word=lambda t: t.word.where(t.word != "west", "far west"))
    current["day"] += pd.to_timedelta(45, "D")
    more = "columns: [day, word]\nread_as: {word: length}\nshow_values: true"
    found = by_column(judged(tmp_path, current, sample(2), more))
    assert found["day"].status is FAIL
    assert "2026-0" in found["day"].note
    assert found["word"].status is FAIL


def test_text_of_a_csv_file_is_read_as_what_all_of_the_reference_is(tmp_path: Path) -> None:
    for seed, name in ((1, "now.csv"), (2, "then.csv")):
        sample(seed).to_csv(tmp_path / name, index=False)
    found = by_column(judged(tmp_path, str(tmp_path / "now.csv"), str(tmp_path / "then.csv")))
    assert list(found) == ["number", "whole", "word", "flag", "digits"]
    assert {finding.status for finding in found.values()} == {PASS}


STRAY = {
    "as categories": ("", "`c` has 1,999 numbers and 1 other value in the rows that were read"),
    "without bins": ("distance: wasserstein", "name the others in `missing`, or say `read_as: {c: number}`"),
}


@pytest.mark.parametrize("name", STRAY)
def test_one_text_among_numbers_does_not_hide_that_they_moved(name: str, tmp_path: Path) -> None:
    """As categories, nearly all values would be one rare cell in both tables."""
    more, said = STRAY[name]
    random = np.random.default_rng(1)
    then = pd.DataFrame({"c": ["n/a", *random.normal(0, 1, 1999).astype(str)], "word": "a"})
    now = pd.DataFrame({"c": random.normal(5, 1, 2000).astype(str), "word": "a"})
    more = f"columns: c\n{more}".strip()
    outcome = judged(tmp_path, now, then, more)
    assert outcome.status is ERROR
    assert said in outcome.message
    for mended in ("missing: [n/a]", "read_as: {c: number}"):
        assert judged(tmp_path, now, then, f"{more}\n{mended}").status is FAIL


@pytest.mark.parametrize("rows", [600, 110_000])
def test_names_that_nobody_named_are_listed_and_not_judged(rows: int, tmp_path: Path) -> None:
    def table(sign: str) -> pd.DataFrame:
        return pd.DataFrame({"name": [f"{sign}{at}" for at in range(rows)], "word": ["a", "b"] * (rows // 2)})

    found = by_column(judged(tmp_path, table("v"), table("u"), "read_as: {word: category}"))
    assert [found[name].status for name in ("name", "word")] == [Status.SKIPPED, PASS]
    assert "leave it out by `except`" in found["name"].message
    for more in ("columns: name", "read_as: {name: category}"):
        assert judged(tmp_path, table("v"), table("u"), more).status is ERROR
    assert "no column is left" in judged(tmp_path, table("v")[["name"]], table("u")[["name"]]).message


def names(sign: str, rows: int = 600) -> list[Any]:
    return [f"{sign}{at}" for at in range(rows)]


CHANGED: dict[str, tuple[list[Any], list[Any], Status]] = {
    "names became one word": (names("u"), ["same"] * 600, FAIL),
    "names were lost": (names("u"), [None] * 600, FAIL),
    "words became names": (["a", "b"] * 300, names("v"), FAIL),
    "words became very many names": (["a", "b"] * 300, names("v", 110_000), ERROR),
    "names of people are other names": (names("u"), names("v"), Status.SKIPPED),
    "half of the doses are 0, and the others moved": (
        ["n/a", *["0"] * 330, *(f"1.{at:09d}" for at in range(269))],
        [*["0"] * 330, *(f"9.{at:09d}" for at in range(270))],
        ERROR,
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_names_that_became_something_else_are_drift(name: str, tmp_path: Path) -> None:
    then, now, expected = CHANGED[name]
    tables = (pd.DataFrame({"c": each, "d": (["x", "y"] * len(each))[: len(each)]}) for each in (now, then))
    assert by_column(judged(tmp_path, *tables))["c"].status is expected


def test_one_slice_of_names_only_is_an_error(tmp_path: Path) -> None:
    then, now = (
        pd.DataFrame({"c": [*["a"] * 2000, *names(sign)], "g": [*["x"] * 2000, *["y"] * 600]}) for sign in "uv"
    )
    assert judged(tmp_path, now, then, "columns: c\nby: g", "0.9").status is ERROR


def test_edges_for_a_column_without_numbers_are_an_error(tmp_path: Path) -> None:
    then, now = (pd.DataFrame({"c": [*pair] * 300}) for pair in ("ab", "yz"))
    outcome = judged(tmp_path, now, then, "edges: {c: [1, 2]}")
    assert outcome.status is ERROR
    assert "`c` has no number in the reference" in outcome.message


def test_a_copy_is_found_beside_a_column_that_is_not_judged(tmp_path: Path) -> None:
    table = pd.DataFrame({"name": [f"u{at}" for at in range(600)], "word": [f"{at % 7} x" for at in range(600)]})
    assert "have the same rows" in judged(tmp_path, table, table).message


KINDS: dict[str, tuple[Any, Any, str]] = {
    "truth values and a CSV file": ([True, False, False] * 200, ["True", "False", "False"] * 200, ""),
    "a CSV file and truth values": (["TRUE", "FALSE", "FALSE"] * 200, [True, False, False] * 200, ""),
    "classes as whole numbers and floats": ([1, 2, 2] * 200, [1.0, 2.0, 2.0] * 200, "read_as: {c: category}"),
    "classes as floats and text": ([1.0, 2.0, 2.0] * 200, ["1", "2", "2"] * 200, "read_as: {c: category}"),
}


@pytest.mark.parametrize("name", KINDS)
def test_categories_of_two_types_are_the_same(name: str, tmp_path: Path) -> None:
    then, now, more = KINDS[name]
    outcome = judged(tmp_path, pd.DataFrame({"c": now}), pd.DataFrame({"c": then}), more)
    assert (outcome.status, outcome.findings[0].value) == (PASS, 0)
    moved = pd.DataFrame({"c": now}).iloc[::-3]
    assert judged(tmp_path, moved, pd.DataFrame({"c": then}), more).status is FAIL


UNLIKE: dict[str, tuple[Any, Any, str]] = {
    "numbers and truth values": ([1, 2, 3], [True, False, True], "`c` is boolean in now and is compared as a number"),
    "numbers and times": ([1, 2, 3], pd.to_datetime(["2024-01-01"] * 3), "`c` is time in now"),
    "nested": (pa.array([[1]]), pa.array([[1]]), "`c` is nested or binary, and cannot be compared; leave it out by"),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_types_that_cannot_be_compared_are_told(name: str, tmp_path: Path) -> None:
    then, now, said = UNLIKE[name]
    outcome = judged(tmp_path, pa.table({"c": now}), pa.table({"c": then}))
    assert outcome.status is ERROR
    assert said in outcome.message


@pytest.mark.parametrize("per", ["std", "range"])
def test_numbers_of_any_size_are_measured(per: str, tmp_path: Path) -> None:
    for size in (1.0, 2.0**1023, 2.0**-1070):
        then, now = (pd.DataFrame({"c": np.array(values) * size}) for values in ([1, -1] * 100, [1, 0] * 100))
        (finding,) = judged(tmp_path, now, then, f"distance: wasserstein\nper: {per}").findings
        assert finding.value == pytest.approx(0.5 if per == "std" else 0.25)


def test_numbers_that_are_too_close_together_for_a_deviation_are_an_error(tmp_path: Path) -> None:
    then, now = (pd.DataFrame({"c": values * 100}) for values in ([1e-5, 2e-5], [1e300, 2e300]))
    outcome = judged(tmp_path, now, then, "distance: wasserstein")
    assert outcome.status is ERROR
    assert "then has numbers that are too close together" in outcome.message


def test_predictions_are_compared_as_classes_and_without_their_ids(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    columns = {"label": "y", "prediction": "p", "score": "s", "positive": "1", "id": "i"}

    def answers(n: int, share: float) -> pd.DataFrame:
        score = random.random(n)
        table = pd.DataFrame({"i": np.arange(n), "y": random.random(n) < 0.4, "p": score > share, "s": score})
        return table.astype({"y": int, "p": int})

    same, moved = (
        by_column(
            judged(tmp_path, None, answers(2000, 0.5), predictions=answers(2000, share), task="binary", **columns)
        )
        for share in (0.5, 0.8)
    )
    assert list(same) == ["y", "p", "s"]
    assert {finding.status for finding in same.values()} == {PASS}
    assert [finding.status for finding in moved.values()] == [PASS, FAIL, PASS]


def test_rows_of_one_unit_have_no_bounds(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    table = pd.DataFrame({"i": range(800), "u": np.arange(800) // 4, "y": random.random(800), "p": random.random(800)})
    given = {"task": "regression", "label": "y", "prediction": "p", "id": "i", "unit": "u"}
    outcome = judged(tmp_path, None, table.iloc[4:], "columns: [y]", predictions=table, **given)
    assert outcome.status is INCONCLUSIVE
    assert "independent rows" in (outcome.findings[0].settle or "")


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 2000])
def test_equal_populations_fail_in_at_most_five_percent_of_rules(n: int, tmp_path: Path) -> None:
    statuses = [
        judged(tmp_path, sample(2 * seed, n), sample(2 * seed + 1, 3 * n), at_most="0.001").status for seed in range(40)
    ]
    assert statuses.count(FAIL) <= 4


def test_a_value_that_counts_as_missing_is_in_no_band(tmp_path: Path) -> None:
    """-999 is not a low age."""
    tables = [sample(at, 200).assign(age=lambda t: [-999 if each % 2 else 50 for each in t.index]) for at in (1, 2)]
    bands = "derive: {band: {column: age, edges: [30], labels: [young, old]}}\n"
    rule = "  - {{check: data.drift, table: now, against: then, {}}}\n"
    text = f"mlgate: 1\npolicy: p\nowner: o@example.com\n{{}}rules:\n{rule}"
    keys = "columns: whole, by: band, at_most: 0.5"
    found = {}
    for missing in ("", ", missing: ['-999']"):
        (tmp_path / "p.yaml").write_text(text.format(bands, keys + missing), encoding="utf-8")
        (outcome,) = mlgate.check(policy=tmp_path / "p.yaml", tables=dict(zip(("then", "now"), tables))).outcomes
        found[bool(missing)] = {dict(each.where)["band"] for each in outcome.findings}, outcome.status
    assert found == {False: ({"young", "old"}, PASS), True: ({"(missing)", "old", "young"}, ERROR)}
