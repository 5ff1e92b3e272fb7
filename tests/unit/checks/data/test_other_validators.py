"""The test cases of Great Expectations, pandera and frictionless: ours answers the same, or differs for a known reason.

Each case is a rule of data.columns or data.rows. Cases without such a rule are counted by their reason.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import mlgate
from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.row_keys import CountKeys, DuplicatesKeys
from mlgate.checks.registry import shipped
from mlgate.reading.fields import keys
from mlgate.values.errors import InputError
from mlgate.values.verdict import Outcome, Status
from support.other_validators import Absent, Case, frictionless, great_expectations, pandera

REFUSED = "refused"
DIFFERING: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # reason, what ours gives, cases
    (
        "a rule that evaluated nothing is an error",
        "ERROR",
        ("*/test_empty_column_should_be_*", "*/positive_test_all_missing_values*", "*/positive_case_all_null_values"),
    ),
    (
        "a rule without a bound, a list or a pattern is refused",
        REFUSED,
        (
            *("*/*[0-9]/vacuously_true*", "*/empty_value_set", "*/negative_empty_values_set"),
            *("*/positive_test_empty_regex", "*/positive_test_values_set_is_null", "*/negative_test_null_set_*"),
        ),
    ),
    ("an empty range is refused", REFUSED, ("*lengths_to_be_between/1/6/negative_test_with_max_lt_min",)),
    (
        "texts have no order, so no bounds",
        REFUSED,
        tuple(f"pandera/*/{number}" for number in (8, 11, 15, 20, 23, 27, 32, 39, 53, 54, 61, 62, 63, 66)),
    ),
    ("regular expressions have no look around", REFUSED, ("pandera/TestStrMatches/*/114",)),
    ("truth values are not numbers", "ERROR", ("*mean_to_be_between/3/*/coerced_types_true_false_*",)),
    ("a number is not compared with a text", "ERROR", ("*in_set/1/11/test_conditional_expectation_passes",)),
    (
        "text beside a number is read as numbers, and a text that is not a number is a fault",
        "PASS",
        ("*to_be_between/1/19/error:*", "*to_be_between/1/23/error_on_string-to-int_comparisons"),
    ),
    (
        "text beside a number is read as numbers, and a text that is not a number is a fault",
        "FAIL",
        ("*to_be_between/1/17/error:*",),
    ),
    ("a value of another type is a fault of the data", "FAIL", ("*dateutil_parseable/1/4/*",)),
    ("a column of dates has the type of its values", "PASS", ("*strftime_format/1/10/*already_datetimes",)),
    ("0 and 1 are not truth values", "FAIL", ("frictionless/boolean/10",)),
    ("blanks are not ignored", "FAIL", ("frictionless/number/136",)),
    ("an empty text is a value unless `missing` names it", "PASS", ("frictionless/string/176",)),
)
AGREED = 327
PAGE = Path(__file__).parents[4] / "docs/validators.md"
NESTED = {"count": CountKeys, "duplicates": DuplicatesKeys}
_FAULTS = re.compile(r"\((\d+)/\d+\)|: (\d+) of \d+ (?:values?|rows?)")
ABSENT = {
    "no such rule": 13,
    "no formats of dates but ISO 8601": 29,
    "no such type": 50,
    "no options for reading numbers and words of truth": 28,
}


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in (*great_expectations(), *pandera(), *frictionless())}


@pytest.fixture(scope="module")
def answers(cases: dict[str, Case], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome | str]:
    """What ours gives, by case: the outcome of its rule, or REFUSED."""
    policy = tmp_path_factory.mktemp("vectors") / "p.yaml"
    rules = {f"r{at}": case for at, case in enumerate(cases.values()) if isinstance(case.rule, dict)}
    tables = _tables(rules)
    refused = _refused(policy, rules, tables)
    judged = {name: case for name, case in rules.items() if name not in refused}
    _write(policy, judged, tables)
    verdict = mlgate.check(policy=policy, tables=dict(tables.values()))
    found: dict[str, Outcome | str] = {rules[name].id: REFUSED for name in refused}
    return found | {rules[outcome.rule.rpartition("/")[2]].id: outcome for outcome in verdict.outcomes}


def _content(case: Case) -> str:
    return f"{case.table.schema} {case.table.to_pydict()}"


def _tables(rules: dict[str, Case]) -> dict[str, tuple[str, Any]]:
    """The different tables, each with a name, by their content."""
    found = {_content(case): case.table for case in rules.values()}
    return {content: (f"t{at}", table) for at, (content, table) in enumerate(found.items())}


def _write(policy: Path, rules: dict[str, Case], tables: dict[str, tuple[str, Any]]) -> None:
    """A policy with one rule per line, from the fifth."""
    lines = ["mlgate: 1", "policy: p", "owner: o@example.com", "rules:"]
    for name, case in rules.items():
        assert isinstance(case.rule, dict)
        rule = {"id": name, "table": tables[_content(case)][0]} | case.rule
        lines.append("- " + json.dumps(rule, default=float, ensure_ascii=False))
    policy.write_text("\n".join(lines), encoding="utf-8")


def _refused(policy: Path, rules: dict[str, Case], tables: dict[str, tuple[str, Any]]) -> set[str]:
    _write(policy, rules, tables)
    with pytest.raises(InputError) as refused:
        mlgate.check(policy=policy, tables=dict(tables.values()))
    lines = re.findall(r"p\.yaml:(\d+):\d+: ", str(refused.value))
    return {list(rules)[int(line) - 5] for line in lines}


def _given(answer: Outcome | str) -> str:
    return answer if isinstance(answer, str) else answer.status.name


def _fitting(case: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(case, pattern) for pattern in patterns)


def test_each_case_gives_what_the_other_tool_expects_or_differs_for_a_reason_of_the_table(
    cases: dict[str, Case], answers: dict[str, Outcome | str]
) -> None:
    differing = {name: _given(answer) for name, answer in answers.items() if _given(answer) != cases[name].expected}
    known = {name: given for _, given, patterns in DIFFERING for name in answers if _fitting(name, patterns)}
    assert differing == known
    assert len(answers) - len(differing) == AGREED


def test_each_pattern_of_the_table_has_a_case_of_its_own(cases: dict[str, Case]) -> None:
    patterns = [pattern for _, _, group in DIFFERING for pattern in group]
    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in cases)] == []
    assert [name for name in cases if sum(fnmatchcase(name, pattern) for pattern in patterns) > 1] == []


def test_cases_without_a_rule_of_ours_are_counted_by_their_reason(cases: dict[str, Case]) -> None:
    assert Counter(case.rule.reason for case in cases.values() if isinstance(case.rule, Absent)) == ABSENT


def test_counts_of_faults_are_theirs(cases: dict[str, Case], answers: dict[str, Outcome | str]) -> None:
    compared = 0
    for name, answer in answers.items():
        if isinstance(answer, Outcome) and cases[name].faults is not None:
            counts = [int(found[1] or found[2]) for each in answer.findings if (found := _FAULTS.search(each.message))]
            if counts:
                assert sum(counts) == cases[name].faults, name
                compared += 1
    assert compared == 84


def test_where_only_missing_values_are_at_fault_no_other_key_fails(
    cases: dict[str, Case], answers: dict[str, Outcome | str]
) -> None:
    found = [answer for name, answer in answers.items() if cases[name].only_nulls and isinstance(answer, Outcome)]
    failed = [dict(each.where)["key"] for answer in found for each in answer.findings if each.status is not Status.PASS]
    assert len(found) > 10
    assert set(failed) == {"max_nulls"}


def test_the_page_tells_each_reason() -> None:
    page = PAGE.read_text(encoding="utf-8")
    said = " ".join(page.split()).lower()
    assert [reason for reason in (*(reason for reason, _, _ in DIFFERING), *ABSENT) if reason.lower() not in said] == []


def _keys(check: str) -> set[str]:
    """The keys of a check by their paths; those of a column stand for themselves."""
    columns = {each.name for each in fields(ColumnKeys)} if check == "data.columns" else set()
    nested = {f"{name}.{each}" for name, cls in NESTED.items() if check == "data.rows" for each in keys(cls)}
    return columns | nested | set(keys(shipped()[check]))


def test_each_key_that_the_page_names_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`(data\.[a-z]+)\.([a-z_.]+)`", page))
    assert len(named) > 40
    assert sorted(f"{check}.{key}" for check, key in named if key not in _keys(check)) == []
