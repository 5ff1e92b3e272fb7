"""Test cases of other validators, and the rule of ours for each, or why there is none.

The files in tests/unit/checks/data/vectors name their sources, commits and licences.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

FOLDER = Path(__file__).parents[1] / "unit/checks/data/vectors"
Rule = dict[str, Any]
Params = dict[str, Any]


@dataclass(frozen=True)
class Absent:
    """Why there is no rule of ours."""

    reason: str


NO_RULE = Absent("no such rule")
NO_DATE_FORMAT = Absent("no formats of dates but ISO 8601")
NO_OPTION = Absent("no options for reading numbers and words of truth")
NO_TYPE = Absent("no such type")


@dataclass(frozen=True)
class Case:
    """A test case of another validator."""

    id: str
    table: pa.Table
    expected: str
    """PASS, FAIL, or `refused` for an error."""
    rule: Rule | Absent
    """Ours, without `id` and `table`."""
    faults: int | None = None
    """The number of values at fault that their test names."""
    only_nulls: bool = False
    """Whether missing values are the only faults."""


def great_expectations() -> list[Case]:
    """The cases of Great Expectations."""
    return [
        Case(
            each["id"],
            table_of(each["table"]),
            _expected(each["expected"]),
            _rule(GX, each["rule"], each["params"]),
            each["expected"].get("unexpected_count"),
        )
        for each in cases_in("great_expectations.json")
    ]


def pandera() -> list[Case]:
    """The cases of pandera; `nulls_fail` is `max_nulls: 0`."""
    found = []
    for each in cases_in("pandera.json"):
        rule = _rule(PANDERA, each["rule"], _plain(each["params"]))
        if each["nulls_fail"] and isinstance(rule, dict):
            rule["columns"]["x"]["max_nulls"] = 0
        table = table_of({"x": _plain(each["values"])})
        faults = each["expected"].get("unexpected_count")
        found.append(Case(each["id"], table, _expected(each["expected"]), rule, faults, each["nulls_fail"]))
    return found


def frictionless() -> list[Case]:
    """The cells of frictionless, each as a column of one row."""
    return [
        Case(each["id"], table_of({"x": [_plain(each["source_value"])]}), "PASS" if each["ok"] else "FAIL", _cell(each))
        for each in cases_in("frictionless.json")
    ]


def table_of(columns: dict[str, list[Any]] | None) -> pa.Table:
    """A table of the columns; one of several types is a text column."""
    return pa.table({name: _array(values) for name, values in (columns or {}).items()})


def _array(values: list[Any]) -> pa.Array:
    if any(isinstance(value, list) for value in values):
        return pa.array([None if value is None else json.dumps(value) for value in values], pa.string())
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and len(kinds) == 2:
        return pa.array([None if value is None else float(value) for value in values])
    if len(kinds) > 1:
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    if not kinds:
        return pa.array(values, pa.string())
    large = any(isinstance(value, int) and value >= 2**63 for value in values)
    return pa.array(values, pa.uint64() if large else None)


def cases_in(name: str) -> list[dict[str, Any]]:
    """The cases of a file as it has them."""
    found: list[dict[str, Any]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cases"]
    return found


def _expected(given: dict[str, Any]) -> str:
    return "refused" if "error" in given else "PASS" if given["success"] else "FAIL"


def _plain(value: Any) -> Any:
    """A value as Python has it."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "timestamp" in value:
        return datetime.fromisoformat(value["timestamp"])
    if "datetime" in value:
        return datetime(*value["datetime"])
    if "date" in value:
        return date(*value["date"])
    if "decimal" in value:
        return Decimal(value["decimal"])
    return {key: _plain(each) for key, each in value.items()}


def _rule(table: dict[str, Callable[[Params], Rule | Absent]], name: str, params: Params) -> Rule | Absent:
    return table[name](params) if name in table else NO_RULE


def _column(params: Params, **keys: Any) -> Rule:
    """A rule of data.columns about one column; `mostly` is the share that must be right."""
    if "mostly" in params:
        keys["max_fault_share"] = _rest(params)
    return {"check": "data.columns", "columns": {params.get("column", "x"): keys}}


def _rest(params: Params) -> Decimal:
    return 1 - Decimal(str(params["mostly"]))


def _range(params: Params) -> Any:
    sides = {"at_least": params.get("min"), "at_most": params.get("max")}
    return {side: value for side, value in sides.items() if value is not None}


def _ranged(key: str) -> Callable[[Params], Rule]:
    return lambda params: _column(params, **{key: _range(params)})


def _limits(params: Params) -> Rule:
    low = "above" if params.get("exclusive_min") else "at_least"
    high = "below" if params.get("exclusive_max") else "at_most"
    given = {low: params.get("min"), high: params.get("max")}
    return _column(params, **{key: value for key, value in given.items() if value is not None})


def _where(params: Params, condition: str) -> Rule:
    """A rule of data.rows for a condition with `where`, `mostly` and rows to leave out."""
    signs = {"==": "=", "!=": "!="}
    parts = [f"{_name(each['column'])} {signs[each['op']]} {_value(each['value'])}" for each in params.get("where", ())]
    parts = [*_ignored(params), *parts]
    keys: Rule = {"holds": condition}
    if "mostly" in params:
        keys["at_most_share"] = _rest(params)
    return {"check": "data.rows", "must": {"condition": keys}} | ({"where": " and ".join(parts)} if parts else {})


def _ignored(params: Params) -> Iterator[str]:
    names = [_name(name) for name in (params.get("columns") or [params.get("a"), params.get("b")]) if name]
    ignore = params.get("ignore_row_if", "both_values_are_missing" if "a" in params else "all_values_are_missing")
    if not names or ignore == "never":
        return
    if ignore in ("both_values_are_missing", "all_values_are_missing"):
        yield f"({' or '.join(f'{name} is not missing' for name in names)})"
    else:
        yield from (f"{name} is not missing" for name in names)


def _name(column: str) -> str:
    return f"`{column}`"


def _value(value: Any) -> str:
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)


def _length(params: Params) -> Rule:
    if "where" not in params:
        return _column(params, length=_range(params))
    return _where(params, f"length({_name(params['column'])}) between {params['min']} and {params['max']}")


def _one_of(params: Params) -> Rule:
    if "where" not in params:
        return _column(params, one_of=params["values"])
    return _where(params, f"{_name(params['column'])} in [{', '.join(map(_value, params['values']))}]")


def _any(patterns: list[str]) -> str:
    return "|".join(f"({pattern})" for pattern in patterns)


def _free_of(params: Params, pattern: str) -> Rule:
    """Their search for a pattern anywhere: ours is about the whole text."""
    return _column(params, not_matches=f"(?s).*({pattern}).*")


def _like(pattern: str) -> str:
    """A pattern of SQL's LIKE as a regular expression for the whole text, of one line."""
    return "".join({"%": ".*", "_": "."}.get(each, re.escape(each)) for each in pattern)


def _each(params: Params, key: str, patterns: list[str]) -> Rule:
    """Several demands of one key on one column: an entry for each, by different patterns for its name."""
    name = re.escape(params["column"])
    shares = {"max_fault_share": _rest(params)} if "mostly" in params else {}
    entries = {f"/{'(' * at}{name}{')' * at}/": {key: each} | shares for at, each in enumerate(patterns)}
    return {"check": "data.columns", "columns": entries}


def _listed(key: str, change: Callable[[str], str], name: str) -> Callable[[Params], Rule]:
    def rule(params: Params) -> Rule:
        patterns = [change(each) for each in params[name]]
        if params.get("match_on", "any" if name == "likes" else "all") == "any":
            return _column(params, **{key: _any(patterns)})
        return _each(params, key, patterns)

    return rule


def _quantiles(params: Params) -> Rule:
    given = params["quantile_ranges"]
    pairs = zip(given["quantiles"], given["value_ranges"], strict=True)
    ranges = {level: _range({"min": low, "max": high}) for level, (low, high) in pairs}
    ends = {key: ranges.pop(level) for key, level in (("minimum", 0.0), ("maximum", 1.0)) if level in ranges}
    return _column(params, **ends, quantiles={str(level): limits for level, limits in ranges.items()})


def _pairs(params: Params) -> Rule:
    a, b = _name(params["a"]), _name(params["b"])
    return _where(params, " or ".join(f"({a} = {_value(x)} and {b} = {_value(y)})" for x, y in params["pairs"]))


def _all_different(params: Params) -> Rule:
    names = [_name(name) for name in params["columns"]]
    parts = [f"{left} != {right}" for at, left in enumerate(names) for right in names[at + 1 :]]
    return _where(params, " and ".join(parts))


def _no_repeats(params: Params, columns: list[str]) -> Rule:
    rule = _where(params, "true")
    tolerated = {"at_most_share": _rest(params)} if "mostly" in params else {}
    return {key: value for key, value in rule.items() if key != "must"} | {
        "duplicates": {"columns": columns, **tolerated}
    }


def _unique(params: Params) -> Rule:
    if "mostly" not in params:
        return _column(params, unique=True)
    return _no_repeats(params, [params["column"]]) | {"where": f"{_name(params['column'])} is not missing"}


def _nulls(params: Params) -> Rule:
    most = {"max_null_share": _rest(params)} if "mostly" in params else {"max_nulls": 0}
    return {"check": "data.columns", "columns": {params["column"]: most}}


def _named(params: Params) -> dict[str, Rule]:
    return {name: {"required": True} for name in params["columns"] or []}


GX: dict[str, Callable[[Params], Rule | Absent]] = {
    "all_null": lambda params: _where(params, f"{_name(params['column'])} is missing"),
    "between": _limits,
    "column_count": lambda params: {"check": "data.columns", "columns": {"/.*/": {}}, "columns_count": _range(params)},
    "columns_set": lambda params: {
        "check": "data.columns",
        "columns": _named(params),
        "only_columns": bool(params["exact_match"]),
    },
    "date_format": lambda params: _column(params, type="date") if params["format"] == "%Y-%m-%d" else NO_DATE_FORMAT,
    "date_parseable": lambda params: _column(params, type="timestamp"),
    "decreasing": lambda params: _column(params, decreasing=True, strictly=bool(params.get("strictly"))),
    "distinct_contains": lambda params: _column(params, contains_all=params["values"]),
    "distinct_count": _ranged("distinct"),
    "distinct_equals": lambda params: _column(params, exactly=params["values"]),
    "distinct_in": lambda params: _column(params, one_of=params["values"]),
    "increasing": lambda params: _column(params, increasing=True, strictly=bool(params.get("strictly"))),
    "key": lambda params: _no_repeats(params, params["columns"]),
    "length": _length,
    "matches": lambda params: _column(params, contains=params["pattern"]),
    "matches_like": lambda params: _column(params, matches=_like(params["like"])),
    "matches_like_list": _listed("matches", _like, "likes"),
    "matches_list": _listed("contains", str, "patterns"),
    "maximum": _ranged("maximum"),
    "mean": _ranged("mean"),
    "median": _ranged("median"),
    "minimum": _ranged("minimum"),
    "none_of": lambda params: _column(params, none_of=params["values"]),
    "not_matches": lambda params: _free_of(params, params["pattern"]),
    "not_matches_like": lambda params: _column(params, not_matches=_like(params["like"])),
    "not_matches_like_list": lambda params: _column(
        params, not_matches=_any([_like(each) for each in params["likes"]])
    ),
    "not_matches_list": lambda params: _free_of(params, _any(params["patterns"])),
    "not_null": _nulls,
    "one_of": _one_of,
    "order": lambda params: {
        "check": "data.columns",
        "columns": _named(params),
        "only_columns": True,
        "order": params["columns"],
    },
    "quantiles": _quantiles,
    "required": lambda params: _column(params, required=True),
    "row_count": lambda params: {"check": "data.rows", "count": _range(params)},
    "rows_all_different": _all_different,
    "rows_compare": lambda params: _where(
        params, f"{_name(params['a'])} {'>=' if params.get('or_equal') else '>'} {_name(params['b'])}"
    ),
    "rows_equal": lambda params: _where(params, f"{_name(params['a'])} = {_name(params['b'])}"),
    "rows_pair_in": _pairs,
    "rows_sum": lambda params: _where(params, f"{' + '.join(map(_name, params['columns']))} = {params['total']}"),
    "std": _ranged("std"),
    "sum": _ranged("sum"),
    "type": lambda params: _column(params, type=params["types"][0]) if len(params["types"]) == 1 else NO_RULE,
    "unique": _unique,
}


def _limited(key: str, name: str) -> Callable[[Params], Rule | Absent]:
    return lambda params: _column(params, **{key: _limit(params[name])})


def _limit(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _between(params: Params) -> Rule | Absent:
    low, high, with_low, with_high = (*params["check_args"], True, True)[:4]
    ends = {"at_least" if with_low else "above": low, "at_most" if with_high else "below": high}
    return _column(params, **{key: _limit(value) for key, value in ends.items()})


def _values(key: str, name: str) -> Callable[[Params], Rule]:
    def rule(params: Params) -> Rule:
        given = [params[name]] if name == "value" else params[name]
        return _column(params, **{key: [_limit(each) for each in dict.fromkeys(given)]})

    return rule


def _text_length(params: Params) -> Rule:
    exact = params.get("exact_len")
    given = {"min": params.get("min_len", exact), "max": params.get("max_len", exact)}
    return _column(params, length=_range(given))


PANDERA: dict[str, Callable[[Params], Rule | Absent]] = {
    "at_least": _limited("at_least", "min_val"),
    "at_most": _limited("at_most", "max_value"),
    "between": _between,
    "ends_with": lambda params: _column(params, matches=f"(?s).*{re.escape(params['pattern'])}"),
    "equals": _values("one_of", "value"),
    "greater_than": _limited("above", "min_val"),
    "length": _text_length,
    "less_than": _limited("below", "max_value"),
    "matches": lambda params: _column(params, contains=params["pattern"]),
    "matches_start": lambda params: _column(params, matches=f"(?s)({params['pattern']}).*"),
    "none_of": _values("none_of", "forbidden"),
    "not_equals": _values("none_of", "value"),
    "one_of": _values("one_of", "allowed"),
    "starts_with": lambda params: _column(params, matches=f"(?s){re.escape(params['pattern'])}.*"),
}

_CELLS = {
    **{(name, "default"): {"type": name} for name in ("boolean", "date", "integer", "number")},
    ("datetime", "default"): {"type": "timestamp"},
    ("string", "default"): {"type": "text"},
    ("string", "email"): {"format": "email"},
    ("string", "uri"): {"format": "url"},
}


def _cell(case: dict[str, Any]) -> Rule | Absent:
    if {*case["options"]} - {"example", "floatNumber"}:
        return NO_OPTION
    keys = _CELLS.get((case["type"], case["format"]))
    if keys is None:
        return NO_DATE_FORMAT if case["type"] in ("date", "datetime") else NO_TYPE
    return {"check": "data.columns", "columns": {"x": keys}}
