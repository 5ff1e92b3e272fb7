"""A data contract of the Open Data Contract Standard, version 3."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mlgate.authoring.given_node import GivenNode, NotCarriedError, anywhere, exact, interval, limits, quoted
from mlgate.authoring.imported_rules import ImportedRules, ImportSource, RulePart
from mlgate.authoring.table_rules import ColumnPart, RowsPart
from mlgate.checks.data.contracts.odcs import INTEGERS, INVALID, NULLS, REPEATS, ZONED
from mlgate.checks.data.limits import whole_numbers
from mlgate.reading.fields import number
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.errors import InputError

_TYPES = {name: name for name in ("integer", "number", "boolean", "date", "timestamp")} | {"string": "text"}
_FORMATS = ("email", "uuid", "ipv4", "ipv6")
_NOTES = (
    *("id", "name", "description", "dimension", "method", "businessImpact", "scheduler", "schedule", "tags", "type"),
    *("customProperties", "authoritativeDefinitions", "severity", "metric", "rule", "unit"),
)
_MORE = ("slaProperties", "relationships")
"""Parts of a contract or table, with demands that are not carried over."""


def _read(document: Mapping, found: ImportedRules, _table: str) -> None:
    version, tables = document.get("apiVersion"), document.get("schema")
    if not isinstance(version, Scalar) or not version.text.startswith("v3") or not isinstance(tables, Sequence):
        raise InputError(f"{document.at.file} has no `apiVersion: v3` with a list `schema`, so it is not {SOURCE.said}")
    for table in _mappings(tables):
        name = table.get("name")
        if isinstance(name, Scalar):
            _read_table(found, name.text, table)
        else:
            found.leave(table.at, "a table", "it has no name")
    _leave_more(document, found)


def _leave_more(of: Mapping, found: ImportedRules) -> None:
    for key in _MORE:
        if of.get(key) is not None:
            remedy = "data.freshness" if key == "slaProperties" else "foreign_key of data.rows"
            found.leave(of.key_at(key), key, f"write such demands by hand, with {remedy}")


def _mappings(node: Node | None) -> list[Mapping]:
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []


def _read_table(found: ImportedRules, table: str, of: Mapping) -> None:
    key: list[tuple[int, str]] = []
    for node in _mappings(of.get("properties")):
        named = node.get("physicalName") or node.get("name")
        if not isinstance(named, Scalar):
            found.leave(node.at, f"a property of {table}", "it has no name")
            continue
        _read_column(found, table, named.text, node)
        if GivenNode(node).text("primaryKey") == "true":
            place = GivenNode(node).text("primaryKeyPosition")
            key.append((int(place) if place.isdecimal() else len(key), named.text))
    if key:
        listed = f"[{', '.join(quoted(name) for _, name in sorted(key))}]"
        found.carry(f"the primary key of {table}", table, _empty(of), lambda _: [RowsPart({"key": listed})])
    for demand in _mappings(of.get("quality")):
        _quality(found, table, "", demand)
    _leave_more(of, found)


def _empty(of: Mapping) -> GivenNode:
    return GivenNode(Mapping((), of.at))


def _read_column(found: ImportedRules, table: str, name: str, of: Mapping) -> None:
    node = GivenNode(of)
    type_ = node.text("logicalType")
    where = f"{table}.{name}"
    if type_ in _TYPES:
        keys = {"type": _TYPES[type_]}
        found.carry(f"type of {where}", table, _empty(of), lambda _: [ColumnPart(name, keys)])
    elif type_:
        found.leave(of.key_at("logicalType"), f"logicalType of {where}", f"mlgate has no type {type_}")
    for key, demanded in (("required", {"max_nulls": "0"}), ("unique", {"unique": "true"})):
        if node.text(key) == "true":
            found.carry(f"{key} of {where}", table, _empty(of), _keys(name, demanded))
    options = of.get("logicalTypeOptions")
    if isinstance(options, Mapping):
        _options(found, table, name, options)
    for demand in _mappings(of.get("quality")):
        _quality(found, table, name, demand)
    _leave_more(of, found)


def _keys(name: str, keys: dict[str, str]) -> Callable[[GivenNode], list[RulePart]]:
    return lambda _: [ColumnPart(name, keys)]


def _options(found: ImportedRules, table: str, name: str, options: Mapping) -> None:
    """Each group of options alone, so that one without a counterpart does not take the others with it."""
    handled: set[str] = set()
    for keywords, convert in OPTIONS:
        own = Mapping(tuple(each for each in options.entries if each[0].text in keywords), options.at)
        handled.update(keywords)
        if own.entries:

            def parts(given: GivenNode, convert: Callable[[GivenNode], dict[str, str]] = convert) -> Iterator[RulePart]:
                yield ColumnPart(name, convert(given))

            found.carry(f"{own.entries[0][0].text} of {table}.{name}", table, GivenNode(own), parts)
    for key, at in GivenNode(options, handled).unread():
        found.leave(at, f"{key} of {table}.{name}", "mlgate has no such rule")


def _format(given: GivenNode) -> dict[str, str]:
    form = given.wanted("format")
    if form in INTEGERS:
        bits, signed = INTEGERS[form]
        low, high = whole_numbers(bits, signed=signed)
        return {"between": f"[{low.text}, {high.text}]"}
    if form not in _FORMATS:
        raise NotCarriedError(f"mlgate has no format {form}")
    return {"format": form}


def _zone(given: GivenNode) -> dict[str, str]:
    """Whether each time has a zone; the zone of a time that has none demands nothing."""
    given.text("defaultTimezone")
    return {"type": ZONED} if given.flag("timezone") else {}


def _limits(given: GivenNode) -> dict[str, str]:
    """Bounds; `exclusiveMinimum` is true or, since 3.1, a bound of its own."""
    found: dict[str, str] = {}
    for low, bound, strict in ((True, "minimum", "exclusiveMinimum"), (False, "maximum", "exclusiveMaximum")):
        value, end = given.limit(bound), given.text(strict)
        own = given.limit(strict) if end and end not in ("true", "false") else ""
        exclusive = bool(own) or end == "true"
        if value or own:
            found |= limits(own or value, "", exclusive) if low else limits("", own or value, False, exclusive)
    return found or limits("", "")


OPTIONS: tuple[tuple[tuple[str, ...], Callable[[GivenNode], dict[str, str]]], ...] = (
    (("pattern",), lambda given: anywhere(given.wanted("pattern"))),
    (("format",), _format),
    (("timezone", "defaultTimezone"), _zone),
    (("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _limits),
    (
        ("minLength", "maxLength"),
        lambda given: {"length": interval(given.limit("minLength"), given.limit("maxLength"))},
    ),
)
"""The options of a type that belong together, and the keys of a column for them."""


def _quality(found: ImportedRules, table: str, column: str, demand: Mapping) -> None:
    node = GivenNode(demand, _NOTES)
    name = node.text("metric") or node.text("rule") or node.text("type") or "a quality rule"
    at = f"{name} of {table}.{column}" if column else f"{name} of {table}"

    def parts(given: GivenNode) -> list[RulePart]:
        known = METRICS.get(name)
        if known is None or given.text("type") not in ("", "library"):
            raise NotCarriedError("mlgate has no such rule")
        return [known(column, given)]

    found.carry(at, table, node, parts, warns=node.text("severity") in ("warning", "info"))


def _bounds(given: GivenNode) -> tuple[str, str]:
    """The lowest and highest whole number that the demand accepts; empty for none."""
    if given.text("unit") in ("percent", "%"):
        raise NotCarriedError("it is in percent")
    same, low, high = given.limit("mustBe"), given.limit("mustBeGreaterOrEqualTo"), given.limit("mustBeLessOrEqualTo")
    low, high = low or given.limit("mustBeGreaterThanOrEqualTo"), high or given.limit("mustBeLessThanOrEqualTo")
    above, below = number(given.text("mustBeGreaterThan")), number(given.text("mustBeLessThan"))
    low = str(above + 1) if above is not None else low
    high = str(below - 1) if below is not None else high
    if between := given.items("mustBeBetween"):
        ends = [each.text for each in between if isinstance(each, Scalar)]
        low, high = (ends[0], ends[1]) if len(ends) == 2 else ("", "")
    return same or low, same or high


def _most(given: GivenNode) -> str:
    low, high = _bounds(given)
    if not high or low not in ("", "0"):
        raise NotCarriedError("only a largest number can be carried over")
    return high


def _none_at_all(given: GivenNode) -> None:
    if _most(given) != "0":
        raise NotCarriedError("only `mustBe: 0` can be carried over")


def _nulls(column: str, given: GivenNode) -> RulePart:
    """Missing values. Those that count as missing are forbidden: `missing` would hide them from the other keys."""
    if not column:
        raise NotCarriedError("it is about no column")
    coded = given.below("arguments")
    if coded:
        _none_at_all(given)
        return ColumnPart(column, {"max_nulls": "0", "none_of": coded.values("missingValues")})
    if given.text("unit") not in ("percent", "%"):
        return ColumnPart(column, {"max_nulls": _most(given)})
    if (most := number(given.wanted("mustBeLessOrEqualTo"))) is None:
        raise NotCarriedError("`mustBeLessOrEqualTo` is not a number")
    return ColumnPart(column, {"max_null_share": exact(most / 100)})


def _repeats(column: str, given: GivenNode) -> RulePart:
    below = given.below("arguments")
    if column and below is None:
        _none_at_all(given)
        return ColumnPart(column, {"unique": "true"})
    if below is None:
        raise NotCarriedError("it names no columns")
    listed = ", ".join(map(quoted, below.names("properties")))
    return RowsPart({"duplicates": f"{{columns: [{listed}], at_most: {_most(given)}}}"})


def _valid(column: str, given: GivenNode) -> RulePart:
    if not column:
        raise NotCarriedError("it is about no column")
    arguments = given.below("arguments")
    if arguments or given.has("mustBe"):
        _none_at_all(given)
    node = arguments or given
    keys = {"one_of": node.values("validValues")} if node.has("validValues") else {}
    if node.has("pattern") or not keys:
        keys |= anywhere(node.wanted("pattern"))
    if arguments:
        arguments.refuse_unread()
    return ColumnPart(column, keys)


def _count(column: str, given: GivenNode) -> RulePart:
    if column:
        raise NotCarriedError("it is about a column")
    return RowsPart({"count": interval(*_bounds(given))})


METRICS: dict[str, Callable[[str, GivenNode], RulePart]] = {
    **dict.fromkeys((*NULLS, "nullCount", "missingValues"), _nulls),
    **dict.fromkeys(REPEATS, _repeats),
    **dict.fromkeys((*INVALID, "validValues"), _valid),
    "rowCount": _count,
}
"""Rules of the standard's library by their names, of 3.0 and 3.1."""
SOURCE = ImportSource("odcs", "a data contract of ODCS 3 (YAML)", _read, names_tables=True)
