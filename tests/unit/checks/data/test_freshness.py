"""data.freshness: ages in days by the day of the verdict, in every zone and group; nothing old hides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import mlgate
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome, Status

AS_OF = date(2026, 3, 10)


def judged(folder: Path, times: list[Any], keys: str = "at_most: 2", policy: str = "", **more: list[Any]) -> Outcome:
    (folder / "p.yaml").write_text(
        f"mlgate: 1\npolicy: p\nowner: o@example.com\n{policy}\nrules:\n"
        f"  - {{id: r, check: data.freshness, table: t, column: at, {keys}}}\n"
    )
    table = pa.table({"at": pa.array(times), **more})
    (outcome,) = mlgate.check(policy=folder / "p.yaml", tables={"t": table}, as_of=AS_OF).outcomes
    assert not outcome.machine, outcome.message
    return outcome


EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("newest", "age"),
    [
        (date(2026, 3, 10), 0),
        (date(2026, 3, 8), 2),
        (datetime(2026, 3, 8, 23, 59, 59, 500_000), 2),
        (datetime(2026, 3, 9, 1, tzinfo=EAST), 2),
        (datetime(2026, 3, 7, 13, tzinfo=WEST), 2),
        ("2026-03-08", 2),
        ("2026-03-08T23:00:00-02:00", 1),
        (date(1960, 2, 29), 24116),
        (datetime(2024, 2, 29, tzinfo=UTC), 740),
    ],
)
def test_an_age_is_in_whole_days_of_utc(tmp_path: Path, newest: Any, age: int) -> None:
    (finding,) = judged(tmp_path, [newest, None]).findings
    assert finding.value == age
    assert finding.status is (Status.PASS if age <= 2 else Status.FAIL)


@pytest.mark.parametrize("most", ["0", "0.5"])
def test_data_may_have_to_be_of_the_same_day(tmp_path: Path, most: str) -> None:
    assert judged(tmp_path, [date(2026, 3, 10)], f"at_most: {most}").status is Status.PASS
    assert judged(tmp_path, [date(2026, 3, 9)], f"at_most: {most}").status is Status.FAIL


def test_the_message_says_what_was_found(tmp_path: Path) -> None:
    message = judged(tmp_path, [date(2026, 3, 1), date(2026, 2, 1)]).message
    assert message.startswith("age in days of the newest `at` 9 > 2")


def test_every_group_must_be_fresh(tmp_path: Path) -> None:
    days = [date(2026, 3, 10), date(2026, 1, 1), date(2026, 3, 9)]
    outcome = judged(tmp_path, days, "at_most: 2, by: site", site=["a", "b", "c"])
    assert [(dict(each.where)["site"], each.status.value) for each in outcome.findings] == [
        ("a", "PASS"), ("b", "FAIL"), ("c", "PASS"),
    ]  # fmt: skip
    outcome = judged(tmp_path, days, "at_most: 90, by: site", site=["a", None, "c"])
    assert outcome.status is Status.ERROR


def test_a_declared_group_whose_feed_has_stopped_is_an_error(tmp_path: Path) -> None:
    for declared, expected in (("[a, b]", Status.PASS), ("[a, b, c]", Status.ERROR)):
        groups = f"groups: {{site: {{values: {declared}}}}}"
        days = [date(2026, 3, 10), date(2026, 3, 9)]
        outcome = judged(tmp_path, days, "at_most: 2, by: site", groups, site=["a", "b"])
        assert outcome.status is expected
    assert "the declared group has no rows; there are a (1 row), b (1 row)" in outcome.message


def test_groups_that_the_policy_does_not_declare_count_as_it_says(tmp_path: Path) -> None:
    days, sites = [date(2026, 3, 10), date(2026, 1, 1), date(2026, 1, 1)], ["a", "b", None]
    for unknown, expected in (("", Status.ERROR), (", unknown: report", Status.PASS)):
        groups = f"groups: {{site: {{values: [a]{unknown}}}}}"
        assert judged(tmp_path, days, "at_most: 2, by: site", groups, site=sites).status is expected


def test_a_later_row_does_not_hide_that_the_others_are_old(tmp_path: Path) -> None:
    outcome = judged(tmp_path, [date(2026, 3, 11), date(2025, 1, 1)])
    assert outcome.status is Status.FAIL
    assert "1 row has a `at` later than 2026-03-10, the day of this verdict" in outcome.message
    assert judged(tmp_path, [datetime(2026, 3, 10, 23, 59, 59)]).status is Status.PASS
    assert judged(tmp_path, [datetime(2026, 3, 11, 0, 30, tzinfo=EAST)]).status is Status.PASS


@pytest.mark.parametrize("times", [[], [None, None]])
def test_without_a_time_nothing_was_evaluated(tmp_path: Path, times: list[Any]) -> None:
    (tmp_path / "p.yaml").write_text("")
    outcome = judged(tmp_path, pa.array(times, pa.date32()))  # type: ignore[arg-type]
    assert outcome.status is Status.ERROR
    assert "nothing was evaluated" in outcome.message


def test_a_value_that_counts_as_missing_is_not_a_group(tmp_path: Path) -> None:
    days = [date(2026, 3, 10), date(2026, 3, 10)]
    coded = judged(tmp_path, days, "at_most: 2, by: site, missing: [N/A]", site=["a", "N/A"])
    assert coded.status is Status.ERROR
    assert "1 row has no value of `site`" in coded.message
    assert judged(tmp_path, days, "at_most: 2, by: site", site=["a", "N/A"]).status is Status.PASS


def test_a_group_without_a_name_and_without_a_time_has_no_age(tmp_path: Path) -> None:
    outcome = judged(tmp_path, [date(2026, 3, 10), None], "at_most: 2, by: site", site=["a", None])
    assert outcome.status is Status.ERROR
    assert [each.message for each in outcome.findings if each.status is Status.ERROR] == [
        "age in days of the newest `at` for site=(missing): no row has a date or time, so nothing was evaluated"
    ]


def test_what_is_not_a_time_is_an_error_unless_it_counts_as_missing(tmp_path: Path) -> None:
    outcome = judged(tmp_path, ["2026-03-10", "10/03/2026"])
    assert outcome.status is Status.ERROR
    assert "1 of 2 rows has a value that is not a date or time; correct it" in outcome.message
    assert judged(tmp_path, ["2026-03-10", "N/A"], "at_most: 2, missing: [N/A]").status is Status.PASS
    assert judged(tmp_path, [1.5, 2.5]).status is Status.ERROR


@pytest.mark.parametrize("keys", ["at_least: 2", "at_most: -1", "proof: shown"])
def test_a_demand_that_says_nothing_is_refused(tmp_path: Path, keys: str) -> None:
    with pytest.raises(InputError):
        judged(tmp_path, [date(2026, 3, 10)], keys)


def test_a_day_after_the_year_9999_is_no_crash(tmp_path: Path) -> None:
    outcome = judged(tmp_path, pa.array([3_000_000], pa.int32()).cast(pa.date32()))  # type: ignore[arg-type]
    assert outcome.status is Status.ERROR
    assert "not in the years 1 to 9999" in outcome.message
