"""data.rows: the same counts as pandas, what is an error, and what a policy may not write."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlgate
from mlgate.values.errors import InputError
from mlgate.values.verdict import Finding, Outcome

HEAD = "mlgate: 1\npolicy: p\nowner: o@example.com\nrules:\n  - id: r\n    check: data.rows\n    table: t\n"
Judge = Callable[..., Outcome]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """`judge(frame, keys)`: the outcome of a rule about the table `t`; further tables are given by name."""

    def judged(frame: Any, keys: str, **tables: Any) -> Outcome:
        policy = tmp_path / "policy.yaml"
        policy.write_text(HEAD + "".join(f"    {line}\n" for line in keys.splitlines()))
        (outcome,) = mlgate.check(policy=policy, tables={"t": frame, **tables}).outcomes
        return outcome

    return judged


def status(outcome: Outcome) -> str:
    return outcome.status.value


def finding(outcome: Outcome, **where: str) -> Finding:
    (found,) = (each for each in outcome.findings if dict(each.where).items() >= where.items())
    return found


def made(seed: int) -> pd.DataFrame:
    """A small table in which everything repeats and goes missing."""
    random = np.random.default_rng(seed)
    n = int(random.integers(5, 60))

    def some(values: list[Any], missing: float = 0.1) -> list[Any]:
        return [None if random.random() < missing else values[int(random.integers(len(values)))] for _ in range(n)]

    return pd.DataFrame(
        {
            "k": pd.array(some(list(range(30)), 0.05), "Int64"),
            "j": some(["a", "b", "é", "e\u0301"]),
            "x": pd.array([np.nan if v is None else v for v in some([0.0, -0.0, 1.5, float("inf")])]),
            "y": some(["yes", "no", "no"]),
            "day": pd.to_datetime(some([f"1969-12-{d:02}" for d in range(20, 32)] + ["1970-01-02"])),
        }
    )


EVERY = """\
duplicates: {at_most_share: 1}
key: [k, j]
foreign_key: {columns: k, table: other, at_most_share: 1}
label_balance: {column: y, classes: ["yes", "no"], at_least: 0}
complete: {at_least: 0}
missing_together: [[k, j]]
conflicting_labels: {features: [j, x], label: y, at_most_share: 1}
no_gap: {column: day, step: day, at_most: 1000}
"""


def fraction(hits: Any, rows: int) -> Fraction:
    return Fraction(int(hits), rows)


@pytest.mark.parametrize("seed", range(6))
def test_the_counts_are_those_of_pandas(judge: Judge, seed: int) -> None:
    frame = made(seed)
    other = pd.DataFrame({"k": pd.array(range(0, 30, 2), "Int64")})
    found = judge(frame, EVERY, other=other)
    n = len(frame)
    plain = frame.assign(x=frame["x"] + 0.0)
    assert said(found, rule="duplicates") == fraction(plain.duplicated().sum(), n)
    keyed = frame.dropna(subset=["k", "j"])
    assert said(found, rule="key") == fraction(n - len(keyed) + keyed.duplicated(["k", "j"]).sum(), n)
    with_key = frame["k"].dropna()
    assert said(found, rule="foreign_key") == fraction((~with_key.isin(other["k"])).sum(), len(with_key))
    for name, share in frame["y"].value_counts().items():
        assert said(found, rule="label_balance", **{"class": str(name)}) == fraction(share, frame["y"].count())
    assert said(found, rule="complete") == fraction(len(frame.dropna()), n)
    assert said(found, rule="missing_together") == fraction((frame["k"].isna() != frame["j"].isna()).sum(), n)
    labelled = plain[plain["y"].notna()]
    apart = labelled.groupby(["j", "x"], dropna=False)["y"].transform("nunique") > 1
    assert said(found, rule="conflicting_labels") == fraction(apart.sum(), len(labelled))
    days = frame["day"].dropna()
    gaps = len(pd.date_range(days.min(), days.max())) - days.nunique()
    assert finding(found, rule="no_gap").value == gaps


def counts(found: Finding) -> str:
    """The counts that a finding prints, as "1 of 4"."""
    if found.exact is not None:
        return found.exact.replace("/", " of ")
    printed = re.search(r"[0-9,]+ of [0-9,]+", found.message)
    assert printed is not None, found.message
    return printed[0].replace(",", "")


def said(outcome: Outcome, **where: str) -> Fraction:
    """The share that a finding prints as counts."""
    hits, rows = counts(finding(outcome, **where)).split(" of ")
    return Fraction(int(hits), int(rows))


NUMBERS = pd.DataFrame({"a": [1.0, 2.0, None, 0.0], "b": [1.0, 1.0, 1.0, 0.0]})


def test_a_row_that_is_not_decided_is_at_fault(judge: Judge) -> None:
    found = judge(NUMBERS, "must: {ratio: a / b >= 1}")
    assert (status(found), counts(finding(found, must="ratio"))) == ("FAIL", "2 of 4")
    assert found.message == (
        "rows that break `a / b >= 1`: 2 of 4; in 1 row it is not decided because a value is missing; "
        "fill it in, or write `if_missing: pass`; in 1 row it is not "
        "decided because a value is not of its type, a divisor is 0, or a result is not finite"
    )


def test_rows_that_lack_a_value_are_left_out_where_the_policy_says_so(judge: Judge) -> None:
    found = judge(NUMBERS, "must: {ratio: {holds: a / b >= 1, if_missing: pass}}")
    assert (status(found), counts(finding(found, must="ratio"))) == ("FAIL", "1 of 3")
    found = judge(NUMBERS, "must: {high: {holds: a >= 0, if_missing: pass}}")
    assert (status(found), counts(finding(found, must="high"))) == ("PASS", "0 of 3")


def test_a_number_and_a_share_of_rows_may_be_at_fault(judge: Judge) -> None:
    assert status(judge(NUMBERS, "must: {a: {holds: b = 1, at_most: 1}}")) == "PASS"
    assert status(judge(NUMBERS, "must: {a: {holds: b = 1, at_most: 0}}")) == "FAIL"
    found = judge(NUMBERS, "must: {a: {holds: b = 1, at_most_share: 0.25}}")
    assert (status(found), finding(found, must="a").note) == ("PASS", None)
    assert status(judge(NUMBERS, "must: {a: {holds: b = 1, at_most_share: 0.2499}}")) == "FAIL"


def test_a_share_can_be_shown_and_not_only_counted(judge: Judge) -> None:
    frame = pd.DataFrame({"a": [1] * 400})
    keys = "proof: shown\nmust: {a: {holds: a = 1, at_most_share: %s}}"
    assert status(judge(frame, keys % "0.01")) == "PASS"
    assert status(judge(frame, keys % "0.005")) == "INCONCLUSIVE"


def test_a_list_of_conditions_is_named_by_the_conditions(judge: Judge) -> None:
    found = judge(NUMBERS, "must: [b >= 0, b < 1]")
    assert [(dict(each.where)["must"], each.status.value) for each in found.findings] == [
        ("b >= 0", "PASS"),
        ("b < 1", "FAIL"),
    ]


def test_only_rows_of_where_are_judged(judge: Judge) -> None:
    assert counts(finding(judge(NUMBERS, "must: a >= 1\nwhere: a is not missing and b = 1"), must="a >= 1")) == "0 of 2"
    found = judge(NUMBERS, "must: b = 1\nwhere: a >= 1")
    assert status(found) == "ERROR"
    assert found.message == (
        "`where` is not decided for 1 of 4 rows, because a value is missing or not of its type; say by `is missing` or "
        "`is not missing` whether they are meant"
    )


EMPTY = pd.DataFrame({"a": pd.Series([], dtype="float64"), "b": pd.Series([], dtype="float64")})
HOLLOW = pd.DataFrame({"a": [None, np.nan], "b": [None, None]}, dtype="float64")
NOTHING = [
    "must: a > 0",
    "must: {x: {holds: a > 0, if_missing: pass}}",
    "count: {at_most: 5}",
    "duplicates: {}",
    "key: a",
    "foreign_key: {columns: a, table: t, to: b}",
    "one_to_one: {columns: a, table: t}",
    "label_balance: {column: a, at_most: 1}",
    "complete: {at_least: 0}",
    "missing_together: [[a, b]]",
    "conflicting_labels: {features: a, label: b}",
    "no_gap: {column: a, step: number}",
]


@pytest.mark.parametrize("keys", NOTHING)
def test_a_demand_without_rows_is_an_error(judge: Judge, keys: str) -> None:
    found = judge(EMPTY, keys)
    assert (status(found), {each.rows for each in found.findings} <= {0, None}) == ("ERROR", True)
    assert not any(said in found.message for said in ("a value is missing", "no row has the key"))
    assert status(judge(NUMBERS, f"{keys}\nwhere: b = 9")) == "ERROR"


@pytest.mark.parametrize("keys", NOTHING[1:2] + NOTHING[5:6] + NOTHING[7:8] + NOTHING[9:])
def test_a_demand_without_any_value_is_an_error(judge: Judge, keys: str) -> None:
    assert status(judge(HOLLOW, keys)) == "ERROR"


def test_no_rows_are_enough_where_the_policy_says_so(judge: Judge) -> None:
    assert status(judge(EMPTY, "count: {at_least: 0, at_most: 5}")) == "PASS"
    assert status(judge(EMPTY, "count: {at_least: 1}")) == "FAIL"


def test_the_rows_are_counted_one_by_one(judge: Judge) -> None:
    found = judge(NUMBERS, "count: {at_least: 4, at_most: 4}")
    assert (status(found), found.findings[0].value, found.findings[0].exact) == ("PASS", 4, None)
    assert status(judge(NUMBERS, "count: {at_least: 5}")) == "FAIL"
    assert status(judge(NUMBERS, "count: {at_most: 4}")) == "PASS"
    assert status(judge(NUMBERS, "count: {at_most: 3}")) == "FAIL"


def test_the_count_is_relative_to_another_table(judge: Judge) -> None:
    found = judge(NUMBERS, "count: {of: train, at_least: 0.1, at_most: 0.4}", train=pd.DataFrame({"z": range(10)}))
    assert (status(found), counts(found.findings[0])) == ("PASS", "4 of 10")
    assert status(judge(NUMBERS, "count: {of: train, at_least: 0}", train=EMPTY)) == "ERROR"
    assert status(judge(NUMBERS, "count: {of: nobody, at_least: 0}")) == "ERROR"


PAIRS = pd.DataFrame({"id": [1, 2, 3], "at": [1, 2, 2]})


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ([1, 2, 3], ""),
        ([1, 2, 3, 4], "1 row of `u` has no partner"),
        ([1, 2], "1 row of `t` has no partner"),
        ([1, 2, 3, 3], "1 key occurs more than once in `u`, 1 row of `u` has no partner"),
        ([1, 2, 3, None], "1 row of `u` has no key"),
        ([1, 2, 4], "1 row of `t` has no partner, 1 row of `u` has no partner"),
    ],
)
def test_each_row_has_one_partner(judge: Judge, to: list[Any], says: str) -> None:
    other = pd.DataFrame({"of": pd.array(to, "Int64")})
    found = judge(PAIRS, "one_to_one: {columns: id, table: u, to: of}", u=other)
    assert status(found) == ("FAIL" if says else "PASS")
    assert (f"by id: {says}; correct the keys" if says else "each once") in found.message


def test_a_key_that_both_tables_repeat_is_not_one_to_one(judge: Judge) -> None:
    found = judge(PAIRS, "one_to_one: {columns: at, table: u}", u=PAIRS)
    assert status(found) == "FAIL"
    assert "1 key occurs more than once in `t`, 1 key occurs more than once in `u`" in found.message


WITH_CODES = pd.DataFrame({"id": ["1", "2", "N/A", ""], "z": [-999.0, 1, 2, 3]})


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("foreign_key: {columns: id, table: u}", "FAIL"),
        ('foreign_key: {columns: id, table: u}\nmissing: [N/A, ""]', "PASS"),
        ('foreign_key: {columns: [id, z], table: u}\nmissing: [N/A, "", "-999", "1"]', "ERROR"),
        ("one_to_one: {columns: z, table: u}", "PASS"),
        ('one_to_one: {columns: z, table: u}\nmissing: ["-999"]', "FAIL"),
    ],
)
def test_values_that_count_as_missing_are_not_keys(judge: Judge, keys: str, expected: str) -> None:
    other = pd.DataFrame({"id": ["1", "2", "5", "6"], "z": [-999.0, 1, 2, 3]})
    found = judge(WITH_CODES, keys, u=other)
    assert status(found) == expected, found.message


def test_a_value_that_counts_as_missing_matches_nothing_in_the_other_table(judge: Judge) -> None:
    found = judge(WITH_CODES, 'foreign_key: {columns: id, table: u}\nmissing: [N/A, ""]', u=WITH_CODES)
    assert "2 rows have no key and are left out" in found.message


def test_keys_of_unlike_kinds_are_not_compared(judge: Judge) -> None:
    found = judge(PAIRS, "foreign_key: {columns: id, table: u, to: of}", u=pd.DataFrame({"of": ["1", "2", "3"]}))
    assert status(found) == "ERROR"
    assert "'007' and 7 are not the same id" in found.message


def test_where_leaves_out_rows_of_this_table_only(judge: Judge) -> None:
    keys = "foreign_key: {columns: at, table: t, to: id}\nwhere: id != 1"
    assert counts(finding(judge(PAIRS, keys), rule="foreign_key")) == "0 of 2"


LABELS = pd.DataFrame({"y": ["a"] * 9 + ["b"] + [None] * 5})


def test_the_balance_is_about_rows_with_a_label(judge: Judge) -> None:
    found = judge(LABELS, "label_balance: {column: y, at_least: 0.2, at_most: 0.9}")
    assert counts(finding(found, **{"class": "smallest"})) == "1 of 10"
    assert finding(found, **{"class": "smallest"}).status.value == "FAIL"
    assert finding(found, **{"class": "largest"}).status.value == "PASS"


def test_a_class_that_vanished_has_no_share_and_another_label_is_at_fault(judge: Judge) -> None:
    found = judge(LABELS, "label_balance: {column: y, classes: [a, c], at_least: 0.01}")
    assert [each.status.value for each in found.findings] == ["PASS", "FAIL", "FAIL"]
    assert [counts(each) for each in found.findings] == ["9 of 10", "0 of 10", "1 of 10"]


def test_a_single_label_is_no_balance(judge: Judge) -> None:
    assert status(judge(LABELS[:9], "label_balance: {column: y, at_least: 0.2}")) == "ERROR"


STEPS = [
    ("day", ["1969-12-30", "1969-12-31", "1970-01-01"], ["1969-12-30", "1970-01-01"]),
    ("week", ["2023-12-31", "2024-01-01", "2024-01-08"], ["2023-12-31", "2024-01-08"]),
    ("month", ["2023-12-31", "2024-01-01"], ["2023-12-31", "2024-02-01"]),
    ("year", ["2023-12-31", "2024-01-01"], ["2023-12-31", "2025-01-01"]),
    ("hour", ["2023-12-31 23:59", "2024-01-01 00:00", "2024-01-01 00:30"], ["2023-12-31 23:59", "2024-01-01 01:00"]),
    ("hour", ["2024-01-01T01:00+02:00", "2024-01-01T00:10Z"], ["2024-01-01T01:00+02:00", "2024-01-01T01:10Z"]),
    ("minute", ["1969-12-31 23:59:59", "1970-01-01 00:00"], ["1969-12-31 23:58:59", "1970-01-01 00:00"]),
    ("number", ["3", "-1", "0", "2", "1", "+2"], ["3", "5"]),
]


@pytest.mark.parametrize(("step", "whole", "broken"), STEPS)
def test_every_step_has_a_row(judge: Judge, step: str, whole: list[str], broken: list[str]) -> None:
    keys = f"no_gap: {{column: d, step: {step}}}"
    assert status(judge(pd.DataFrame({"d": whole}), keys)) == "PASS"
    found = judge(pd.DataFrame({"d": broken}), keys)
    assert (status(found), counts(found.findings[0])[:5]) == ("FAIL", "1 of ")


def test_values_that_are_no_steps_are_an_error(judge: Judge) -> None:
    found = judge(pd.DataFrame({"d": ["2024-01-01", "soon", None]}), "no_gap: {column: d, step: day}")
    assert (status(found), "1 of 3 rows has a value that is not a date or time" in found.message) == ("ERROR", True)
    found = judge(pd.DataFrame({"d": [1.0, 1.5]}), "no_gap: {column: d, step: number}")
    assert (status(found), "1 of 2 rows has a value that is not a whole number" in found.message) == ("ERROR", True)


def test_gaps_are_looked_for_in_each_group(judge: Judge) -> None:
    frame = pd.DataFrame({"g": ["a", "a", "b", "b"], "d": [1, 2, 2, 4]})
    assert counts(finding(judge(frame, "no_gap: {column: d, step: number, by: g}"), rule="no_gap")) == "1 of 5"
    assert counts(finding(judge(frame, "no_gap: {column: d, step: number}"), rule="no_gap")) == "1 of 4"


CODED = pd.DataFrame({"a": ["1", "N/A", ""], "b": [-999, 2, 3]})


def test_values_that_stand_for_missing_ones_count_as_missing_everywhere(judge: Judge) -> None:
    found = judge(CODED, "missing: ['N/A', '', '-999']\ncomplete: {at_least: 0}\nkey: a\nmissing_together: [[a, b]]")
    assert [counts(each) for each in found.findings] == ["2 of 3", "0 of 3", "3 of 3"]


def test_examples_show_the_rows_at_fault(judge: Judge) -> None:
    found = judge(NUMBERS, "must: {x: a >= 1}\nshow_values: [a]")
    assert found.findings[0].examples is not None
    assert sorted(row[0] or "" for row in found.findings[0].examples.rows) == ["", "0.0"]


@pytest.mark.parametrize("rule", ["key: k", "duplicates: {columns: k}"])
def test_examples_of_a_repeated_key_are_the_rows_that_share_it(judge: Judge, rule: str) -> None:
    frame = pd.DataFrame({"k": ["a", "b", "a", "c"], "n": [1, 2, 3, 4]})
    found = judge(frame, f"{rule}\nshow_values: [k]")
    assert found.findings[0].examples is not None
    assert (found.findings[0].examples.rows, found.findings[0].examples.counts) == ((("a",),), (2,))


def test_a_column_or_type_that_does_not_fit_is_told_at_its_place(judge: Judge) -> None:
    assert judge(NUMBERS, 'must: {x: a = 1 and b = "x"}').message.endswith("policy.yaml:8:27")
    assert "no column `c`" in judge(NUMBERS, "must: c = 1").message


REFUSED = [
    ("missing: ['x']", "the rule demands nothing; add one of must, count"),
    ("must: {x: {holds: a = 1, at_most: 1, at_most_share: 0.1}}", "is given beside `at_most_share`; keep one"),
    ("foreign_key: {columns: a, table: u, at_most: 1, at_most_share: 0.1}", "is given beside `at_most_share`"),
    ("count: {of: u}", "has no bound; add `at_least` or `at_most`"),
    ("count: {at_least: 5, at_most: 4}", "is above `at_most`; swap them"),
    ("label_balance: {column: a, at_least: 0.5, at_most: 0.4}", "is above `at_most`; swap them"),
    ("must: a == 1", "8:13: `must` of rule `r` is not a condition: `==` is not a sign"),
    ("must: [a = 1, a = 1]", "keep one"),
    ("must: {holds: a = 1}", "has the key `holds` without a name"),
    ("must: {x: 'a > 1', y: 'b +'}", "`must.y` of rule `r` is not a condition: a value is expected"),
    ("must: {x: {holds: days(a, b) > 1}}", "or put the condition in quotes"),
    ("duplicates: {}\nat_most: 1", "takes no bound"),
    ("complete: {at_least: 90}", "from 0 to 1"),
    ("missing_together: [[a]]", "at least 2 entries"),
    ("key: []", "at least one entry"),
]


@pytest.mark.parametrize(("keys", "says"), REFUSED, ids=[each[0] for each in REFUSED])
def test_what_a_policy_may_not_write(judge: Judge, keys: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        judge(NUMBERS, keys)
    assert says in str(refused.value)
