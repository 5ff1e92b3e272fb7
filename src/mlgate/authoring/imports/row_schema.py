"""A JSON Schema of an object, which is a row, or of an array of objects: what data.contract reads of it, as rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from io import BytesIO
from typing import Any

from mlgate.authoring.given_node import GivenNode, exact, interval, quoted
from mlgate.authoring.imported_rules import ImportedRules, ImportSource, RulePart
from mlgate.authoring.table_rules import ColumnPart, ColumnsPart, RowsPart
from mlgate.checks.data.column_keys import ColumnKeys
from mlgate.checks.data.contract_document import ContractDocument, ContractFact
from mlgate.checks.data.contract_question import plain_tree
from mlgate.checks.data.contracts.json_schema import READER
from mlgate.evidence.typed import TypedLimit
from mlgate.reading.fields import number
from mlgate.reading.strict_yaml import Mapping
from mlgate.values.demand import Demand
from mlgate.values.errors import EvidenceError, InputError, Location

_UNJUDGED = re.compile(r"`(.*)`: (.*)", re.DOTALL)
_NUMBER_OF_ROWS = ("minItems", "maxItems")


def _read(document: Mapping, found: ImportedRules, table: str) -> None:
    path = document.at.file
    try:
        fact = READER.read(ContractDocument(path, BytesIO(), b"", 0, plain_tree(document)), "")
    except EvidenceError as error:
        raise InputError(str(error)) from error
    if not fact.columns:
        raise InputError(f"{path} has no `properties` of an object, so it is not {SOURCE.said}")
    items = document.get("items")
    properties = (items if isinstance(items, Mapping) else document).get("properties")
    places = properties if isinstance(properties, Mapping) else document
    _rows(document, found, table)
    for name, keys in fact.columns:
        for part in _parts(name, keys):
            what = f"{', '.join(part.keys) or 'required'} of {name}"
            optional = [] if keys.required else [ColumnPart(name, {"required": "false"}, always=True)]
            found.carry(what, table, GivenNode(Mapping((), places.place_of(name))), _only(part, *optional))
    if fact.closed:
        found.carry("the properties", table, GivenNode(Mapping((), document.at)), lambda _: _names(fact))
    for said in fact.unjudged:
        _leave(found, said, places, document.at)


def _leave(found: ImportedRules, said: str, places: Mapping, at: Location) -> None:
    if of_column := _UNJUDGED.fullmatch(said):
        name, word = of_column[1], of_column[2]
        found.leave(places.place_of(name, word.split()[0]), f"{word} of {name}", "mlgate has no such rule")
    elif not said.endswith(_NUMBER_OF_ROWS):
        found.leave(at, said, "mlgate has no such rule")


def _only(*parts: RulePart) -> Callable[[GivenNode], list[RulePart]]:
    return lambda _: list(parts)


def _names(fact: ContractFact) -> Iterator[RulePart]:
    """The columns of the object, and that it has no others."""
    for name, keys in fact.columns:
        if not keys.required:
            yield ColumnPart(name, {"required": "false"}, always=True)
    yield ColumnsPart({"only_columns": "true"}, tuple(name for name, _ in fact.columns))


def _rows(document: Mapping, found: ImportedRules, table: str) -> None:
    node = GivenNode(document)
    low, high = (node.limit(key) for key in _NUMBER_OF_ROWS)
    if low or high:
        part = RowsPart({"count": interval(low, high)})
        found.carry("the number of items", table, GivenNode(Mapping((), document.at)), _only(part))


def _parts(name: str, keys: ColumnKeys) -> Iterator[ColumnPart]:
    """Every key alone, so that the others stay if a policy cannot have one."""
    given = [key for key in keys.given() if key != "required"]
    yield from (ColumnPart(name, {key: _as_yaml(getattr(keys, key))}) for key in given)
    if keys.required and not given:
        yield ColumnPart(name)


def _as_yaml(value: Any) -> str:
    """The value of a key of a column as a policy writes it."""
    if isinstance(value, Demand):
        return interval(value.at_least_text, value.at_most_text)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_as_yaml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction):
        return exact(value)
    text = value.text if isinstance(value, TypedLimit) else str(value)
    return text if number(text) is not None else quoted(text)


SOURCE = ImportSource("jsonschema", "a JSON Schema of rows", _read)
