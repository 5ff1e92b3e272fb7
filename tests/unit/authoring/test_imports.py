"""Rules of other tools become rules of ours, and what cannot be carried over is named with its line."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import reduce
from io import BytesIO
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgate.authoring.imported_rules import ImportedPolicy, PolicyToImport, import_sources, imported_policy
from mlgate.authoring.imports.dbt_tests import COLUMN_TESTS, TABLE_TESTS
from mlgate.authoring.imports.gx_suite import CONVERTERS
from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.contract_question import read_contract
from mlgate.checks.registry import shipped
from mlgate.evidence.typed import TypedLimit
from mlgate.policy.draft import read_draft
from mlgate.reading.fields import ProblemReport
from mlgate.values.errors import InputError


def imported(source: str, text: str, table: str = "") -> ImportedPolicy:
    return imported_policy(PolicyToImport(source, "file", text.encode(), "p", "o@example.com", table))


def rules(found: ImportedPolicy) -> dict[str, dict[str, Any]]:
    """The rules of the policy by their ids, without what every rule has."""
    listed = yaml.safe_load(found.text)["rules"]
    return {rule.pop("id"): {key: rule[key] for key in rule if key not in ("check", "table")} for rule in listed}


def suite(*expectations: tuple[str, dict[str, Any]], **beside: Any) -> str:
    return json.dumps(
        {"name": "s", "expectations": [{"type": f"expect_{name}", "kwargs": kw, **beside} for name, kw in expectations]}
    )


OLD_SUITE = """
{"expectation_suite_name": "orders", "ge_cloud_id": null, "meta": {"great_expectations_version": "0.18.12"},
 "expectations": [
  {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}, "meta": {}},
  {"expectation_type": "expect_column_values_to_be_between",
   "kwargs": {"column": "age", "min_value": 18, "max_value": 120, "mostly": 0.99, "strict_max": true}, "meta": {}},
  {"expectation_type": "expect_column_values_to_be_in_set",
   "kwargs": {"column": "status", "value_set": ["paid", "open", 3, null]}, "meta": {}},
  {"expectation_type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column": "age"}, "meta": {}}]}
"""
DBT = """
version: 2
models:
  - name: orders
    columns:
      - name: order_id
        tests: [unique, not_null]
      - name: status
        data_tests:
          - accepted_values: {values: [placed, shipped, 3], config: {severity: warn}}
          - accepted_values: {arguments: {values: [placed]}, where: "x > 1"}
      - name: customer_id
        tests:
          - relationships: {to: ref('customers'), field: id}
          - dbt_utils.accepted_range: {min_value: 0, inclusive: false}
          - {name: customers_once, test_name: unique}
    tests:
      - dbt_utils.unique_combination_of_columns: {combination_of_columns: [order_id, status]}
sources:
  - name: raw
    freshness: {warn_after: {count: 1, period: day}}
    tables:
      - name: payments
        columns: [{name: amount, tests: [dbt_utils.not_null_proportion: {at_least: 0.95}]}]
"""
ODCS = """
apiVersion: v3.0.2
kind: DataContract
schema:
  - name: payments
    properties:
      - {name: paid_on, logicalType: date, required: true}
      - name: receiver
        primaryKey: true
        primaryKeyPosition: 2
        logicalType: string
        logicalTypeOptions: {minLength: 2, maxLength: 18, pattern: "^[a-z]+$", format: uri}
        quality:
          - {rule: nullCount, mustBe: 0, severity: warning}
          - {type: sql, query: select 1, mustBe: 3}
          - {metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0}
      - {name: country, physicalName: cntry, primaryKey: true, primaryKeyPosition: 1, logicalType: object}
      - name: amount
        logicalType: number
        logicalTypeOptions: {minimum: 0, exclusiveMinimum: true, maximum: 9}
        quality:
          - {metric: nullValues, unit: percent, mustBeLessOrEqualTo: 5}
          - {metric: missingValues, arguments: {missingValues: [-999, "N/A"]}, mustBe: 0}
    quality:
      - {type: library, rule: rowCount, mustBeGreaterThan: 99}
      - {metric: duplicateValues, mustBeLessThan: 3, arguments: {properties: [receiver, cntry]}}
slaProperties: [{property: latency, value: 4, unit: d}]
"""
SCHEMA = """
{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["id", "mail"],
 "additionalProperties": false,
 "properties": {
  "id": {"type": "integer", "minimum": 1},
  "mail": {"type": ["string", "null"], "format": "email", "maxLength": 50},
  "kind": {"enum": ["a", "b", null], "description": "x"},
  "born": {"type": "string", "format": "date"},
  "score": {"type": "number", "exclusiveMaximum": 1, "multipleOf": 0.1},
  "site": {"type": "string", "format": "uri", "pattern": "^https"}}}
"""


def test_a_suite_of_great_expectations() -> None:
    found = imported("great-expectations", OLD_SUITE, "orders")
    assert rules(found) == {
        "orders-columns": {
            "columns": {
                "id": {"max_nulls": 0},
                "status": {"one_of": ["paid", "open", 3]},
            }
        },
        "orders-rows": {
            "where": "age is not missing",
            "must": {"age within bounds": {"holds": "age >= 18 and age < 120", "at_most_share": 0.01}},
        },
    }
    assert [str(each) for each in found.left] == [
        "file:9: expect_column_kl_divergence_to_be_less_than: mlgate has no such rule"
    ]


def test_tests_of_dbt() -> None:
    found = imported("dbt", DBT)
    assert rules(found) == {
        "orders-columns": {
            "columns": {
                "order_id": {"unique": True, "max_nulls": 0},
                "customer_id": {"above": 0, "unique": True},
            }
        },
        "orders-columns-2": {"severity": "warn", "columns": {"status": {"one_of": ["placed", "shipped", 3]}}},
        "orders-columns-3": {"where": "x is not missing and x > 1", "columns": {"status": {"one_of": ["placed"]}}},
        "orders-rows": {
            "duplicates": {"columns": ["order_id", "status"]},
            "foreign_key": [{"columns": "customer_id", "table": "customers", "to": "id"}],
        },
        "payments-columns": {"columns": {"amount": {"max_null_share": 0.05}}},
    }
    assert [(each.at.line, each.what.split()[0]) for each in found.left] == [(21, "freshness")]


def test_a_data_contract() -> None:
    found = imported("odcs", ODCS)
    assert rules(found) == {
        "payments-columns": {
            "columns": {
                "paid_on": {"type": "date", "max_nulls": 0},
                "receiver": {
                    "type": "text",
                    "contains": "^[a-z]+$",
                    "length": {"at_least": 2, "at_most": 18},
                    "one_of": ["a", "b"],
                },
                "amount": {"type": "number", "above": 0, "at_most": 9, "max_null_share": 0.05}
                | {"none_of": [-999, "N/A"], "max_nulls": 0},
            }
        },
        "payments-columns-2": {"severity": "warn", "columns": {"receiver": {"max_nulls": 0}}},
        "payments-rows": {
            "key": ["cntry", "receiver"],
            "count": {"at_least": 100},
            "duplicates": {"columns": ["receiver", "cntry"], "at_most": 2},
        },
    }
    assert [each.what.split()[0] for each in found.left] == ["format", "sql", "logicalType", "slaProperties"]


def test_the_words_of_odcs_are_those_that_the_contract_itself_is_judged_by() -> None:
    """`data.contract` and the imported rules must not differ in what they know."""
    text = """
apiVersion: v3.0.2
kind: DataContract
schema:
  - name: t
    properties:
      - {name: a, logicalType: integer, logicalTypeOptions: {format: i32}, quality: [{rule: nullCheck, mustBe: 0}]}
      - {name: b, quality: [{rule: uniqueCheck, mustBe: 0}]}
      - {name: c, logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: Etc/UTC}}
"""
    found = imported("odcs", text)
    assert not found.left
    assert rules(found)["t-columns"]["columns"] == {
        "a": {"type": "integer", "between": [-(2**31), 2**31 - 1], "max_nulls": 0},
        "b": {"unique": True},
        "c": {"type": "timestamp"},
    }
    assert rules(found)["t-columns-2"]["columns"] == {"c": {"type": "timestamp with zone"}}


def test_a_json_schema() -> None:
    found = imported("jsonschema", SCHEMA)
    optional = {"required": False}
    assert rules(found) == {
        "predictions-columns": {
            "columns": {
                "id": {"max_nulls": 0, "type": "integer", "at_least": 1},
                "mail": {"type": "text", "format": "email", "length": {"at_most": 50}},
                "kind": {"one_of": ["a", "b"]} | optional,
                "born": {"type": "date"} | optional,
                "score": {"type": "number", "below": 1} | optional,
                "site": {"type": "text", "contains": "^https"} | optional,
            }
        },
        "predictions-columns-2": {
            "only_columns": True,
            "columns": {"id": {}, "mail": {}, **dict.fromkeys(("kind", "born", "score", "site"), optional)},
        },
    }
    assert [each.what for each in found.left] == ["multipleOf of score", "format uri of site"]


def test_a_json_schema_of_a_list_has_its_number_of_rows() -> None:
    of_a = '{"type": "integer", "exclusiveMinimum": true, "minimum": 4}'
    text = f'{{"type": "array", "minItems": 3, "items": {{"properties": {{"a": {of_a}}}}}}}'
    found = rules(imported("jsonschema", text, "t"))
    assert found["t-rows"] == {"count": {"at_least": 3}}
    assert found["t-columns"] == {"columns": {"a": {"type": "integer", "above": 4, "required": False}}}


def test_a_json_schema_is_read_as_the_check_of_contracts_reads_it() -> None:
    text = """
    {"type": "object", "required": ["a", "b"], "allOf": [], "$defs": {"age": {"type": "integer", "minimum": 0}},
     "properties": {"a": {"$ref": "#/$defs/age"}, "b": {"anyOf": [{"type": "number"}, {"type": "null"}]}, "c": {},
                    "d": {"pattern": "a(?=b)", "maxLength": 3}}}
    """
    found = imported("jsonschema", text)
    assert rules(found)["predictions-columns"]["columns"] == {
        "a": {"type": "integer", "at_least": 0, "max_nulls": 0},
        "b": {"type": "number"},
        "d": {"length": {"at_most": 3}, "required": False},
    }
    assert [(each.at.line, each.what) for each in found.left] == [(2, "the rows: allOf"), (4, "contains of d")]


def test_columns_that_are_the_only_ones_stand_in_a_rule_of_their_own() -> None:
    text = suite(
        ("column_values_to_be_unique", {"column": "c"}),
        ("table_columns_to_match_set", {"column_set": ["a", "b"]}),
        ("column_values_to_be_unique", {"column": "d"}),
        ("table_column_count_to_equal", {"value": 2}),
    )
    found = rules(imported("great-expectations", text, "t"))
    assert [set(rule["columns"]) for rule in found.values()] == [{"c", "d"}, {"a", "b"}, {"/.*/"}]


def test_a_key_that_a_column_has_twice_or_with_another_tolerance_goes_to_a_further_rule() -> None:
    text = suite(
        ("column_values_to_be_between", {"column": "a", "min_value": 0}),
        ("column_values_to_be_between", {"column": "a", "min_value": 5, "mostly": 0.9}),
        ("column_values_to_be_in_set", {"column": "a", "value_set": [7], "mostly": 0.9}),
        ("column_max_to_be_between", {"column": "a", "max_value": 9}),
    )
    assert [rule["columns"]["a"] for rule in rules(imported("great-expectations", text)).values()] == [
        {"at_least": 0, "maximum": {"at_most": 9}},
        {"at_least": 5, "one_of": [7], "max_fault_share": 0.1},
    ]


def test_a_share_that_may_be_wrong_is_about_both_bounds_together() -> None:
    """Two keys that may each be broken by 30 % of the values would allow 60 % of them."""
    bounds = {"column": "a", "min_value": 2, "max_value": 5, "mostly": 0.7}
    found = rules(imported("great-expectations", suite(("column_values_to_be_between", bounds))))
    assert found["predictions-columns"]["columns"] == {"a": {"between": [2, 5], "max_fault_share": 0.3}}
    bounds["strict_min"] = True
    (rule,) = rules(imported("great-expectations", suite(("column_values_to_be_between", bounds)))).values()
    assert rule["must"] == {"a within bounds": {"holds": "a > 2 and a <= 5", "at_most_share": 0.3}}
    assert rule["where"] == "a is not missing"


def test_a_set_of_both_truth_values_is_their_type_however_a_file_writes_them() -> None:
    for values, keys in (([True, False], {"type": "boolean"}), ([True], {"one_of": ["true"]})):
        text = suite(("column_values_to_be_in_set", {"column": "a", "value_set": values}))
        (rule,) = rules(imported("great-expectations", text)).values()
        assert rule["columns"] == {"a": keys}
    text = suite(("column_values_to_be_in_set", {"column": "a", "value_set": ["true", "false"]}))
    (rule,) = rules(imported("great-expectations", text)).values()
    assert rule["columns"] == {"a": {"one_of": ["true", "false"]}}


def test_flags_of_an_expression_stay_about_it() -> None:
    text = suite(("column_values_to_not_match_regex", {"column": "a", "regex": "(?i)x"}))
    (rule,) = rules(imported("great-expectations", text)).values()
    assert rule["columns"] == {"a": {"not_matches": "(?s).*((?i:x)).*"}}


@pytest.mark.parametrize("value", ["\U0001f600", "a\\ud83d\\ude00", "\\\U0001f600", "a/b", "\u00e9"])
def test_a_suite_is_read_as_json_writes_it(value: str) -> None:
    """With tabs as indentation, and with two escapes for one sign beyond U+FFFF."""
    demand = {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "a", "value_set": [value]}}
    found = imported("great-expectations", json.dumps({"expectations": [demand]}, indent="\t"))
    assert rules(found)["predictions-columns"]["columns"] == {"a": {"one_of": [value]}}


def test_a_warning_is_not_blocking() -> None:
    text = suite(("column_values_to_be_unique", {"column": "a"}), severity="warning")
    assert rules(imported("great-expectations", text))["predictions-columns"]["severity"] == "warn"


NOT_CARRIED = [
    ("column_values_to_be_between", {"column": "a", "min_value": 0, "row_condition": "b > 1"}, "`condition_parser`"),
    (
        "column_values_to_be_unique",
        {"column": "a", "row_condition": "b.abs() > 1", "condition_parser": "pandas"},
        "`row_condition`: its condition calls `b.abs`",
    ),
    ("table_column_count_to_equal", {"value": 1, "row_condition": "b > 1", "condition_parser": "spark"}, "names of"),
    ("column_values_to_be_between", {"column": "a"}, "has no bound"),
    ("column_values_to_be_between", {"column": "a", "min_value": {"$PARAMETER": "x"}}, "`min_value` is a mapping"),
    ("column_values_to_be_between", {"column": "a", "min_value": "b"}, "must be a number, a date"),
    ("column_values_to_be_between", {"column": "/a/", "min_value": 1}, "a name between slashes is a pattern here"),
    ("column_values_to_be_between", {"column": "a", "min_value": 1, "mostly": 2}, "not a share"),
    (
        "column_values_to_be_between",
        {"column": "a", "min_value": "2024-01-01", "max_value": "2025-01-01", "strict_max": True, "mostly": 0.9},
        "`mostly` of a strict bound that is not a number",
    ),
    (
        "column_values_to_match_regex_list",
        {"column": "a", "regex_list": ["x", "y"], "match_on": "all", "mostly": 0.9},
        "`mostly` of several patterns",
    ),
    ("column_values_to_be_unique", {"column": "a", "mostly": 0.9}, "`mostly` cannot be carried over"),
    ("column_values_to_match_regex", {"column": "a", "regex": "a(?=b)"}, "is not supported"),
    ("column_values_to_match_regex", {"column": "a", "regex": "("}, "not a regular expression"),
    ("column_values_to_be_in_set", {"column": "a", "value_set": []}, "`value_set` has no value"),
    ("column_values_to_be_of_type", {"column": "a", "type_": "MultiIndex"}, "not one type of mlgate's"),
    ("column_mean_to_be_between", {"column": "a", "min_value": 1, "strict_min": True}, "strict bound"),
    ("column_values_to_match_strftime_format", {"column": "a", "strftime_format": "%d.%m"}, "ISO 8601"),
    ("multicolumn_sum_to_equal", {"column_list": ["a`", "b"], "sum_total": 1}, "cannot name the column"),
    ("table_row_count_to_be_between", {"min_value": 1.5, "max_value": 1}, "above `at_most`"),
]


@pytest.mark.parametrize(("name", "kwargs", "why"), NOT_CARRIED)
def test_what_would_be_another_demand_is_left_out_and_named(name: str, kwargs: dict[str, Any], why: str) -> None:
    found = imported("great-expectations", suite(("column_to_exist", {"column": "b"}), (name, kwargs)))
    assert found.carried == 1
    (left,) = found.left
    assert left.what == f"expect_{name}"
    assert why in left.why
    assert f"#   {left}" in found.text.splitlines()


def test_an_expression_of_dbt_is_a_condition_that_no_row_breaks() -> None:
    text = (
        "models: [{name: m, tests: [{dbt_utils.expression_is_true: {expression: a > b, config: {where: c = 1}}}], "
        "columns: [{name: a, tests: [{dbt_utils.expression_is_true: {expression: '>= 1'}}]}]}]"
    )
    assert rules(imported("dbt", text)) == {
        "m-rows": {
            "where": "c is not missing and c = 1",
            "must": {"a > b": {"holds": "not (a is not missing and b is not missing and a <= b)"}},
        },
        "m-rows-2": {"must": {"a >= 1": {"holds": "not (a is not missing and a < 1)"}}},
    }


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("{dbt_utils.expression_is_true: {expression: 'a + b = c'}}", "its condition has"),
        ("{not_null: {config: {enabled: false}}}", "not enabled"),
        ("{unique: {config: {error_if: '>10'}}}", "`error_if`"),
        ("{unique: {config: {where: 'b > now()'}}}", "`where`: its condition calls `now`"),
        ("{accepted_values: {values: ['{{ x }}']}}", "template"),
        ("{relationships: {to: customers, field: id}}", "`ref`"),
        ("{dbt_utils.not_null_proportion: {at_most: 0.5}}", "only `at_least`"),
        ("{my_test: {}}", "no such rule"),
    ],
)
def test_tests_of_dbt_that_are_left_out(test: str, why: str) -> None:
    text = f"models: [{{name: m, columns: [{{name: a, tests: [unique, {test}]}}]}}]"
    (left,) = imported("dbt", text).left
    assert why in left.why


@pytest.mark.parametrize(
    ("source", "text", "why"),
    [
        *((source, "[1]", "is a list, not ") for source in import_sources()),
        *((source, "a: 1", "it is not ") for source in import_sources()),
        *((source, "a: &x 1", "an anchor") for source in import_sources()),
        ("great-expectations", '{"expectations": []}', "nothing of file can be carried over"),
        (
            "great-expectations",
            suite(("column_to_be_nice", {})),
            "file:1: expect_column_to_be_nice: mlgate has no such",
        ),
        ("odcs", "apiVersion: v2.2.2\nschema: []", "v3"),
        ("odcs", "apiVersion: v3\nschema: [{name: t, properties: [{name: a, logicalType: [x]}]}]", "malformed"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(source: str, text: str, why: str) -> None:
    with pytest.raises(InputError) as refused:
        imported(source, text)
    assert why in str(refused.value)


@pytest.mark.parametrize("source", ["dbt", "odcs"])
def test_a_table_is_named_only_for_a_file_that_names_none(source: str) -> None:
    with pytest.raises(InputError, match="`--table` cannot be used"):
        imported(source, {"dbt": DBT, "odcs": ODCS}[source], "t")


def test_the_page_about_other_validators_names_each_rule_that_can_be_imported() -> None:
    page = (Path(__file__).parents[3] / "docs/validators.md").read_text(encoding="utf-8").lower()
    known = [*CONVERTERS, *COLUMN_TESTS, *TABLE_TESTS]
    assert [name for name in known if f"`{name.lower()}`" not in page] == []


def test_a_data_contract_demands_of_columns_what_the_check_of_contracts_demands() -> None:
    text = """
apiVersion: v3.0.2
kind: DataContract
schema:
  - name: t
    properties:
      - {name: a, logicalType: integer, required: true, logicalTypeOptions: {minimum: 1, exclusiveMaximum: 9}}
      - {name: b, physicalName: bb, logicalType: string, unique: true}
      - {name: c, logicalType: string, logicalTypeOptions: {pattern: x, format: email, minLength: 2, maxLength: 4}}
      - {name: d, logicalType: timestamp, quality: [{metric: nullValues, mustBe: 0}]}
      - name: e
        quality:
          - {metric: invalidValues, arguments: {validValues: [x, y]}, mustBe: 0}
          - {rule: duplicateCount, mustBe: 0}
"""
    (rule,) = yaml.safe_load(imported("odcs", text).text)["rules"]
    fact = read_contract(BytesIO(text.encode()), "file")
    assert fact.unjudged == ()
    assert rule["columns"] == {name: written(keys) for name, keys in fact.columns}


def written(keys: ColumnKeys) -> dict[str, Any]:
    """The keys of a column as a policy has them."""
    found = {key: getattr(keys, key) for key in keys.given()}
    found |= {"length": {side: int(bound) for side, bound in found["length"].sides}} if "length" in found else {}
    return {key: int(value.number) if isinstance(value, TypedLimit) else _listed(value) for key, value in found.items()}


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def places(node: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a document."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, below in entries:
        yield (*above, key)
        yield from places(below, (*above, key))


DOCUMENTS = {
    "great-expectations": json.loads(OLD_SUITE),
    "dbt": yaml.safe_load(DBT),
    "odcs": yaml.safe_load(ODCS),
    "jsonschema": json.loads(SCHEMA),
}
STRANGE = (None, True, -1, 1e300, "", "x", "/a/", "today", "a`b", "[", "é\n#: ", [], {}, [[1]], [None], {"a": 1})


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_strange_document_is_refused_or_gives_a_policy_that_can_be_read(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    document = copy.deepcopy(DOCUMENTS[source])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(list(places(document)) or [()]))
        if place:
            reduce(getitem, place[:-1], document)[place[-1]] = copy.deepcopy(data.draw(st.sampled_from(STRANGE)))
    try:
        text = imported(source, json.dumps(document)).text
    except InputError:
        return
    report = ProblemReport()
    assert read_draft(text.encode(), "policy", shipped(), None, report) is not None
    report.raise_if_any()
