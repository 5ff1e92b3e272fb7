"""A suite of Great Expectations, of 0.18 or 1.x."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import combinations

from mlgate.authoring.given_node import (
    GivenNode,
    NotCarriedError,
    anywhere,
    exact,
    in_condition,
    interval,
    limits,
    quoted,
    value_of,
)
from mlgate.authoring.imported_rules import ImportedRules, ImportSource, RulePart
from mlgate.authoring.row_conditions import CONDITIONS
from mlgate.authoring.table_rules import EVERY_COLUMN, ColumnPart, ColumnsPart, RowsPart
from mlgate.reading.fields import number
from mlgate.reading.strict_yaml import Mapping, Scalar, Sequence
from mlgate.values.errors import InputError

_IGNORED = ("batch_id", "result_format", "include_config", "catch_exceptions", "meta", "notes")
_BESIDE = ("kwargs", "meta", "notes", "id", "rendered_content", "description", "ge_cloud_id", "expectation_context")
_INTEGERS = "int int8 int16 int32 int64 uint8 uint16 uint32 uint64 integer bigint smallint tinyint integertype longtype"
_TYPES = {
    "integer": _INTEGERS,
    "number": "float float32 float64 double double_precision real doubletype floattype",
    "text": "str string varchar text char stringtype",
    "boolean": "bool boolean booleantype",
    "date": "date datetype",
    "timestamp": "datetime datetime64 datetime64[ns] timestamp timestamptype",
}
_TYPE_OF = {word: name for name, words in _TYPES.items() for word in words.split()}

_ENDS: dict[Fraction | None, str] = {Fraction(0): "minimum", Fraction(1): "maximum"}
"""The quantiles that have keys of their own."""

Made = Iterator[RulePart]
Converter = Callable[[GivenNode], Made]


def _read(document: Mapping, found: ImportedRules, table: str) -> None:
    listed = document.get("expectations")
    if not isinstance(listed, Sequence):
        raise InputError(f"{document.at.file} has no list `expectations`, so it is not {SOURCE.said}")
    for item in listed.items:
        if not isinstance(item, Mapping):
            found.leave(item.at, "an expectation", f"it is {item}, not a mapping")
            continue
        beside = GivenNode(item, _BESIDE)
        try:
            name = beside.text("type") or beside.wanted("expectation_type")
            severity = beside.text("severity")
            beside.refuse_unread()
        except NotCarriedError as error:
            found.leave(item.at, "an expectation", str(error))
            continue
        kwargs = item.get("kwargs")
        given = GivenNode(kwargs if isinstance(kwargs, Mapping) else Mapping((), item.at), _IGNORED)
        convert = CONVERTERS.get(name, _unknown)
        found.carry(
            name, table, given, convert, warns=severity in ("warning", "info"), where=partial(_row_condition, given)
        )


def _row_condition(given: GivenNode) -> str:
    """The condition for the rows that are judged."""
    text = given.text("row_condition")
    parser = given.text("condition_parser")
    if not text:
        return ""
    if parser not in CONDITIONS:
        raise NotCarriedError(f"`row_condition` without a `condition_parser` among {', '.join(CONDITIONS)}")
    try:
        return CONDITIONS[parser](text)
    except NotCarriedError as error:
        raise NotCarriedError(f"`row_condition`: {error}") from error


def _unknown(_: GivenNode) -> Made:
    raise NotCarriedError("mlgate has no such rule")


def _column(convert: Callable[[GivenNode], dict[str, str]], *, tolerant: bool = True) -> Converter:
    """Keys of a column, with `mostly` as the share that may be wrong, where the expectation is about single values."""

    def parts(given: GivenNode) -> Made:
        share = _wrong(given) if tolerant else ""
        yield ColumnPart(given.wanted("column"), convert(given), share)

    return parts


def _wrong(given: GivenNode) -> str:
    """The share that may be wrong as text; empty for none."""
    mostly = given.share("mostly")
    return exact(1 - mostly) if mostly is not None and mostly < 1 else ""


def _ranged(key: str) -> Converter:
    return _column(lambda given: {key: _interval(given)}, tolerant=False)


def _interval(given: GivenNode) -> str:
    if given.flag("strict_min") or given.flag("strict_max"):
        raise NotCarriedError("a strict bound of a statistic cannot be carried over")
    return interval(given.limit("min_value"), given.limit("max_value"))


def _between(given: GivenNode) -> Made:
    """Bounds of values. A share that may be wrong is about both bounds, so two keys must not each have it."""
    name, share = given.wanted("column"), _wrong(given)
    low, high = given.limit("min_value"), given.limit("max_value")
    above, below = given.flag("strict_min"), given.flag("strict_max")
    keys = limits(low, high, above, below)
    if not share or len(keys) == 1:
        yield ColumnPart(name, keys, share)
        return
    if number(low) is None or number(high) is None:
        raise NotCarriedError("`mostly` of a strict bound that is not a number cannot be carried over")
    column = in_condition(name)
    condition = f"{column} {'>' if above else '>='} {low} and {column} {'<' if below else '<='} {high}"
    yield from _must(f"{name} within bounds", condition, f"{column} is not missing", share)


def _nulls(given: GivenNode) -> Made:
    share = _wrong(given)
    yield ColumnPart(given.wanted("column"), {"max_null_share": share} if share else {"max_nulls": "0"})


def _type(names: list[str]) -> dict[str, str]:
    meant = {_TYPE_OF.get(name.lower().removeprefix("pd.").removeprefix("np."), "") for name in names}
    if len(meant) > 1 or "" in meant:
        raise NotCarriedError(f"{', '.join(names)} is not one type of mlgate's")
    return {"type": meant.pop()}


def _like(key: str) -> Callable[[GivenNode], dict[str, str]]:
    """A key for a pattern of SQL's LIKE, which is about the whole text."""
    return lambda given: {key: quoted(f"(?s){_as_regex(given.wanted('like_pattern'))}")}


def _likes(key: str) -> Callable[[GivenNode], dict[str, str]]:
    """A key for patterns of which a text has one."""

    def keys(given: GivenNode) -> dict[str, str]:
        patterns = [_as_regex(like) for like in given.names("like_pattern_list")]
        if given.text("match_on") == "all" and len(patterns) > 1:
            raise NotCarriedError("several patterns of which each must match cannot be carried over")
        return {key: quoted(f"(?s){_either(patterns)}")}

    return keys


def _as_regex(like: str) -> str:
    marks = {"%": ".*", "_": "."}
    return "".join(marks.get(each, re.escape(each)) for each in like)


def _date_format(given: GivenNode) -> dict[str, str]:
    if (form := given.wanted("strftime_format")) != "%Y-%m-%d":
        raise NotCarriedError(f"dates in the form {form} cannot be read; only ISO 8601 can")
    return {"type": "date"}


def _free_of(pattern: str) -> dict[str, str]:
    return {"not_matches": quoted(f"(?s).*({_inside(pattern)}).*")}


def _inside(pattern: str) -> str:
    """An expression as a part of another: flags in front of it are only about it."""
    return re.sub(r"\A\(\?([a-z]+)\)(.*)\Z", r"(?\1:\2)", pattern, flags=re.DOTALL)


def _either(patterns: list[str]) -> str:
    return "|".join(f"({_inside(pattern)})" for pattern in patterns)


def _all_or_any(given: GivenNode) -> Made:
    patterns, share, name = given.names("regex_list"), _wrong(given), given.wanted("column")
    if given.text("match_on") == "all":
        if share and len(patterns) > 1:
            raise NotCarriedError("`mostly` of several patterns that must all match cannot be carried over")
        yield from (ColumnPart(name, anywhere(pattern), share) for pattern in patterns)
    else:
        yield ColumnPart(name, anywhere(_either(patterns)), share)


def _ordered(key: str) -> Converter:
    def keys(given: GivenNode) -> dict[str, str]:
        return {key: "true"} | ({"strictly": "true"} if given.flag("strictly") else {})

    return _column(keys, tolerant=False)


def _quantiles(given: GivenNode) -> dict[str, str]:
    ranges = given.below("quantile_ranges")
    if ranges is None or given.flag("allow_relative_error"):
        raise NotCarriedError("it has no exact quantiles")
    found, ends = [], {}
    for level, pair in zip(ranges.names("quantiles"), ranges.items("value_ranges"), strict=False):
        if not isinstance(pair, Sequence) or len(pair.items) != 2:
            raise NotCarriedError("`value_ranges` is not a list of pairs")
        low, high = (
            "" if isinstance(end, Scalar) and end.null else str(getattr(end, "text", end)) for end in pair.items
        )
        place = _ENDS.get(number(level))
        if place:
            ends[place] = interval(low, high)
        else:
            found.append(f"{level}: {interval(low, high)}")
    return ends | ({"quantiles": f"{{{', '.join(found)}}}"} if found else {})


def _exact_columns(given: GivenNode) -> Made:
    names = given.names("column_list")
    listed = f"[{', '.join(map(quoted, names))}]"
    yield ColumnsPart({"only_columns": "true", "order": listed}, tuple(names))


def _set_of_columns(given: GivenNode) -> Made:
    only = {"only_columns": "true"} if given.flag("exact_match", default=True) else {}
    yield ColumnsPart(only, tuple(given.names("column_set")))


def _equal(given: GivenNode) -> str:
    return interval(given.limit("value"), given.limit("value"))


def _where(given: GivenNode, names: list[str], default: str) -> str:
    """The condition for the rows that are judged, from `ignore_row_if`."""
    ignore = given.text("ignore_row_if") or default
    words = {"both_values_are_missing": " or ", "all_values_are_missing": " or ", "either_value_is_missing": " and "}
    words |= {"any_value_is_missing": " and ", "neither": "", "never": ""}
    if ignore not in words:
        raise NotCarriedError(f"`ignore_row_if` is {ignore}")
    parts = [f"{in_condition(name)} is not missing" for name in dict.fromkeys(names)]
    return words[ignore].join(parts) if words[ignore] else ""


def _must(what: str, condition: str, where: str, share: str) -> Made:
    most = f", at_most_share: {share}" if share else ""
    yield RowsPart(must={quoted(what): f"{{holds: {quoted(condition)}{most}}}"}, where=where)


def _pair(sign: str, or_equal: str = "") -> Converter:
    def parts(given: GivenNode) -> Made:
        names = [given.wanted("column_A"), given.wanted("column_B")]
        sign_ = or_equal if or_equal and given.flag("or_equal") else sign
        condition = f"{in_condition(names[0])} {sign_} {in_condition(names[1])}"
        yield from _must(condition, condition, _where(given, names, "both_values_are_missing"), _wrong(given))

    return parts


def _pairs(given: GivenNode) -> Made:
    names = [given.wanted("column_A"), given.wanted("column_B")]
    left, right = map(in_condition, names)
    found = []
    for pair in given.items("value_pairs_set"):
        ends = pair.items if isinstance(pair, Sequence) else ()
        values = [_in_condition(end) for end in ends if isinstance(end, Scalar) and not end.null]
        if len(values) != 2 or len(ends) != 2:
            raise NotCarriedError("`value_pairs_set` is not a list of pairs of values")
        found.append(f"({left} = {values[0]} and {right} = {values[1]})")
    where = _where(given, names, "both_values_are_missing")
    yield from _must(f"{names[0]} and {names[1]}", " or ".join(found), where, _wrong(given))


def _in_condition(node: Scalar) -> str:
    plain = not node.quoted and value_of(node) == node.text
    return node.text if plain else '"' + node.text.replace('"', '""') + '"'


def _sum(given: GivenNode) -> Made:
    names, total = given.names("column_list"), given.wanted("sum_total")
    condition = f"{' + '.join(map(in_condition, names))} = {total}"
    yield from _must(condition, condition, _where(given, names, "all_values_are_missing"), _wrong(given))


def _all_different(given: GivenNode) -> Made:
    names = given.names("column_list")
    condition = " and ".join(f"{in_condition(a)} != {in_condition(b)}" for a, b in combinations(names, 2))
    yield from _must(
        f"different {' '.join(names)}", condition, _where(given, names, "all_values_are_missing"), _wrong(given)
    )


def _all_missing(given: GivenNode) -> Made:
    condition = f"{in_condition(given.wanted('column'))} is missing"
    yield from _must(condition, condition, "", _wrong(given))


def _compound(given: GivenNode) -> Made:
    names = given.names("column_list")
    listed = f"[{', '.join(map(quoted, names))}]"
    yield RowsPart({"duplicates": f"{{columns: {listed}}}"}, where=_where(given, names, "all_values_are_missing"))


def _rows_like(given: GivenNode) -> Made:
    other = quoted(given.wanted("other_table_name"))
    yield RowsPart({"count": f"{{at_least: 1, at_most: 1, of: {other}}}"})


def _one_of(given: GivenNode) -> dict[str, str]:
    """The key for a set of values. Both truth values are a type, so that it matters in no file how they are written."""
    items = given.items("value_set")
    truths = {item.text for item in items if isinstance(item, Scalar) and not item.quoted and not item.null}
    both = truths == {"true", "false"} and len(items) == len(truths)
    return {"type": "boolean"} if both else {"one_of": _set(given)}


def _set(given: GivenNode) -> str:
    return given.values("value_set")


CONVERTERS: dict[str, Converter] = {
    f"expect_{name}": converter
    for name, converter in {
        "column_to_exist": _column(lambda _: {}, tolerant=False),
        "table_columns_to_match_ordered_list": _exact_columns,
        "table_columns_to_match_set": _set_of_columns,
        "table_column_count_to_equal": lambda given: iter(
            [ColumnsPart({"columns_count": _equal(given)}, (EVERY_COLUMN,))]
        ),
        "table_column_count_to_be_between": lambda given: iter(
            [ColumnsPart({"columns_count": _interval(given)}, (EVERY_COLUMN,))]
        ),
        "table_row_count_to_equal": lambda given: iter([RowsPart({"count": _equal(given)})]),
        "table_row_count_to_be_between": lambda given: iter([RowsPart({"count": _interval(given)})]),
        "table_row_count_to_equal_other_table": _rows_like,
        "column_values_to_not_be_null": _nulls,
        "column_values_to_be_null": _all_missing,
        "column_values_to_be_unique": _column(lambda _: {"unique": "true"}, tolerant=False),
        "column_values_to_be_of_type": _column(lambda given: _type([given.wanted("type_")])),
        "column_values_to_be_in_type_list": _column(lambda given: _type(given.names("type_list"))),
        "column_values_to_be_in_set": _column(_one_of),
        "column_values_to_not_be_in_set": _column(lambda given: {"none_of": _set(given)}),
        "column_distinct_values_to_be_in_set": _column(_one_of, tolerant=False),
        "column_distinct_values_to_contain_set": _column(lambda given: {"contains_all": _set(given)}, tolerant=False),
        "column_distinct_values_to_equal_set": _column(lambda given: {"exactly": _set(given)}, tolerant=False),
        "column_values_to_be_between": _between,
        "column_value_lengths_to_be_between": _column(lambda given: {"length": _interval(given)}),
        "column_value_lengths_to_equal": _column(lambda given: {"length": _equal(given)}),
        "column_values_to_match_regex": _column(lambda given: anywhere(given.wanted("regex"))),
        "column_values_to_not_match_regex": _column(lambda given: _free_of(given.wanted("regex"))),
        "column_values_to_match_regex_list": _all_or_any,
        "column_values_to_not_match_regex_list": _column(lambda given: _free_of(_either(given.names("regex_list")))),
        "column_values_to_match_like_pattern": _column(_like("matches")),
        "column_values_to_not_match_like_pattern": _column(_like("not_matches")),
        "column_values_to_match_like_pattern_list": _column(_likes("matches")),
        "column_values_to_not_match_like_pattern_list": _column(_likes("not_matches")),
        "column_values_to_match_strftime_format": _column(_date_format),
        "column_values_to_be_increasing": _ordered("increasing"),
        "column_values_to_be_decreasing": _ordered("decreasing"),
        "column_unique_value_count_to_be_between": _ranged("distinct"),
        "column_min_to_be_between": _ranged("minimum"),
        "column_max_to_be_between": _ranged("maximum"),
        "column_mean_to_be_between": _ranged("mean"),
        "column_median_to_be_between": _ranged("median"),
        "column_stdev_to_be_between": _ranged("std"),
        "column_sum_to_be_between": _ranged("sum"),
        "column_quantile_values_to_be_between": _column(_quantiles, tolerant=False),
        "compound_columns_to_be_unique": _compound,
        "column_pair_values_to_be_equal": _pair("="),
        "column_pair_values_a_to_be_greater_than_b": _pair(">", ">="),
        "column_pair_values_to_be_in_set": _pairs,
        "multicolumn_sum_to_equal": _sum,
        "select_column_values_to_be_unique_within_record": _all_different,
    }.items()
}
CONVERTERS["expect_column_pair_values_A_to_be_greater_than_B"] = _pair(">", ">=")
SOURCE = ImportSource("great-expectations", "a suite of Great Expectations (JSON)", _read)
