"""The data tests of a dbt project, in a file of properties (schema.yml)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from mlgate.authoring.given_node import GivenNode, NotCarriedError, exact, in_condition, limits, quoted
from mlgate.authoring.imported_rules import ImportedRules, ImportSource, RulePart
from mlgate.authoring.row_conditions import sql_condition, sql_demand
from mlgate.authoring.table_rules import ColumnPart, RowsPart
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.errors import InputError

_KINDS = ("models", "seeds", "snapshots")
_IGNORED = (
    *("name", "description", "tags", "meta", "quote", "alias", "store_failures", "store_failures_as", "group"),
    *("schema", "database", "limit", "docs"),
)
_SETTINGS = ("severity", "enabled", "where", "error_if", "warn_if", "fail_calc")
_CHANGING = ("error_if", "warn_if", "fail_calc")
_REFERENCE = re.compile(r"\s*(?:\{\{\s*)?(?:ref|source)\(([^()]*)\)(?:\s*\}\})?\s*")


def _read(document: Mapping, found: ImportedRules, _table: str) -> None:
    tables = [table for kind in _KINDS for table in _mappings(document.get(kind))]
    for source in _mappings(document.get("sources")):
        _leave_freshness(found, source)
        tables += _mappings(source.get("tables"))
    if not tables:
        raise InputError(
            f"{document.at.file} has no `models`, `seeds`, `snapshots` or `sources`: it is not {SOURCE.said}"
        )
    for table in tables:
        name = table.get("name")
        if not isinstance(name, Scalar):
            found.leave(table.at, "a model", "it has no name")
            continue
        _leave_freshness(found, table)
        for item in _tests(table):
            _carry(found, name.text, "", item)
        for column in _mappings(table.get("columns")):
            of = column.get("name")
            for item in _tests(column):
                _carry(found, name.text, of.text if isinstance(of, Scalar) else "", item)
            if "constraints" in [key.text for key, _ in column.entries]:
                found.leave(column.key_at("constraints"), "constraints", "the warehouse enforces them, not a test")


def _leave_freshness(found: ImportedRules, of: Mapping) -> None:
    if of.get("freshness") is not None:
        found.leave(of.key_at("freshness"), "freshness", "write a rule of data.freshness by hand")


def _mappings(node: Node | None) -> list[Mapping]:
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []


def _tests(of: Mapping) -> list[Node]:
    listed = [of.get(key) for key in ("tests", "data_tests")]
    return [item for node in listed if isinstance(node, Sequence) for item in node.items]


def _carry(found: ImportedRules, table: str, column: str, item: Node) -> None:
    """One test: a name, `{name: arguments}`, or `{test_name: name, ...}`."""
    name, arguments = _test(item)
    where = f"{name} of {table}.{column}" if column else f"{name} of {table}"
    try:
        given, severity = _settings(arguments)
    except NotCarriedError as error:
        found.leave(item.at, where, str(error))
        return

    def parts(node: GivenNode) -> Iterator[RulePart]:
        if column and name in COLUMN_TESTS:
            return iter([COLUMN_TESTS[name](column, node)])
        if not column and name in TABLE_TESTS:
            return iter([TABLE_TESTS[name](node)])
        raise NotCarriedError("mlgate has no such rule")

    found.carry(where, table, given, parts, warns=severity == "warn", where=partial(_rows_of, given))


def _rows_of(given: GivenNode) -> str:
    """The condition for the rows that a test judges."""
    text = given.text("where")
    try:
        return sql_condition(text) if text else ""
    except NotCarriedError as error:
        raise NotCarriedError(f"`where`: {error}") from error


def _test(item: Node) -> tuple[str, Mapping]:
    empty = Mapping((), item.at)
    if isinstance(item, Scalar):
        return item.text, empty
    if not isinstance(item, Mapping) or not item.entries:
        return "a test", empty
    named = item.get("test_name")
    if isinstance(named, Scalar):
        return named.text, Mapping(tuple(each for each in item.entries if each[0].text != "test_name"), item.at)
    name = next((key.text for key, _ in item.entries if key.text not in (*_IGNORED, *_SETTINGS, "config")), "a test")
    arguments = item.get(name)
    beside = tuple(each for each in item.entries if each[0].text != name)
    below = arguments.entries if isinstance(arguments, Mapping) else ()
    return name, Mapping((*below, *beside), item.at)


def _settings(arguments: Mapping) -> tuple[GivenNode, str]:
    """The arguments of a test and its severity. NotCarriedError for a setting that changes what the test demands."""
    config, own = arguments.get("config"), arguments.get("arguments")
    every = (
        *(each for each in arguments.entries if each[0].text not in ("config", "arguments")),
        *(config.entries if isinstance(config, Mapping) else ()),
        *(own.entries if isinstance(own, Mapping) else ()),
    )
    node = GivenNode(Mapping(every, arguments.at), _IGNORED)
    severity = node.text("severity").lower()
    if not node.flag("enabled", default=True):
        raise NotCarriedError("it is not enabled")
    if changed := [f"`{key}`" for key in _CHANGING if node.has(key)]:
        raise NotCarriedError(f"{', '.join(changed)} cannot be carried over")
    return node, severity


def _one_of(column: str, given: GivenNode) -> RulePart:
    values = given.values("values")
    if "{{" in values:
        raise NotCarriedError("its values are made by a template")
    return ColumnPart(column, {"one_of": values})


def _reference(column: str, given: GivenNode) -> RulePart:
    found = _REFERENCE.fullmatch(given.wanted("to"))
    parts = re.findall(r"""['"]([^'"]+)['"]""", found[1]) if found else []
    if not parts:
        raise NotCarriedError("`to` is not a `ref` or a `source`")
    field = given.wanted("field")
    return RowsPart({"foreign_key": f"{{columns: {quoted(column)}, table: {quoted(parts[-1])}, to: {quoted(field)}}}"})


def _range(column: str, given: GivenNode) -> RulePart:
    strict = not given.flag("inclusive", default=True)
    return ColumnPart(column, limits(given.limit("min_value"), given.limit("max_value"), strict, strict))


def _not_null_share(column: str, given: GivenNode) -> RulePart:
    least = given.share("at_least")
    if least is None or given.limit("at_most") not in ("", "1", "1.0"):
        raise NotCarriedError("only `at_least` can be carried over")
    return ColumnPart(column, {"max_null_share": exact(1 - least)})


def _together(given: GivenNode) -> RulePart:
    names = given.names("combination_of_columns")
    return RowsPart({"duplicates": f"{{columns: [{', '.join(map(quoted, names))}]}}"})


def _is_true(expression: str) -> RulePart:
    return RowsPart(must={quoted(expression): f"{{holds: {quoted(sql_demand(expression))}}}"})


def _column_is_true(column: str, given: GivenNode) -> RulePart:
    return _is_true(f"{in_condition(column)} {given.wanted('expression')}")


COLUMN_TESTS: dict[str, Callable[[str, GivenNode], RulePart]] = {
    "not_null": lambda column, _: ColumnPart(column, {"max_nulls": "0"}),
    "unique": lambda column, _: ColumnPart(column, {"unique": "true"}),
    "accepted_values": _one_of,
    "relationships": _reference,
    "dbt_utils.accepted_range": _range,
    "dbt_utils.not_null_proportion": _not_null_share,
    "dbt_utils.not_constant": lambda column, _: ColumnPart(column, {"distinct": "{at_least: 2}"}),
    "dbt_utils.expression_is_true": _column_is_true,
}
TABLE_TESTS: dict[str, Callable[[GivenNode], RulePart]] = {
    "dbt_utils.unique_combination_of_columns": _together,
    "dbt_utils.expression_is_true": lambda given: _is_true(given.wanted("expression")),
}
SOURCE = ImportSource("dbt", "a file of dbt models with tests (YAML)", _read, names_tables=True)
