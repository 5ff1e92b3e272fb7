"""Reads the text of a report as JSON or XML: bounded, without entities, repeated keys or anything after the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from mlgate.values.errors import EvidenceError

DEEPEST = 100
"""The most levels of a document."""
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class ObjectPairs:
    """An object of JSON as its keys and values in order, so that a repeated key is seen."""

    entries: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Numeral:
    """A number of JSON as it is written, or NaN, Infinity or -Infinity."""

    text: str


def text_of(raw: bytes, path: str) -> str:
    """The text of a file in UTF-8. Raises EvidenceError for another encoding."""
    try:
        return raw.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise EvidenceError(f"{path} is not UTF-8 (byte {error.start + 1}); write it as UTF-8") from error


def is_json(text: str) -> bool:
    """Whether a text begins as an object or a list of JSON."""
    return text.lstrip()[:1] in ("{", "[") and bool(text.strip())


def json_as_written(text: str, path: str) -> Any:
    """The tree of JSON text, with ObjectPairs and Numeral. Raises EvidenceError for other text."""
    return _json(text, path, lambda pairs: ObjectPairs(tuple(pairs)), Numeral)


def json_document(text: str, path: str, number: Callable[[str], Any] | None = None) -> Any:
    """The plain values of JSON text; a NaN is a float, and `number` makes numbers of their text.

    Raises EvidenceError for other text and for a repeated key.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise EvidenceError(f"{path} has the key `{twice[:60]}` twice in one object; write it again")
        return found

    return _json(text, path, unique, number)


def _json(
    text: str, path: str, pairs: Callable[[list[tuple[str, Any]]], Any], number: Callable[[str], Any] | None
) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=number,
            parse_float=number,
            parse_constant=number,
        )
    except json.JSONDecodeError as error:
        said = f"{path}:{error.lineno}:{error.colno}: this is not JSON ({error.msg})"
        raise EvidenceError(f"{said}; the file may be cut off, so write it again") from error
    except (RecursionError, ValueError) as error:  # ValueError: a whole number of thousands of digits
        raise EvidenceError(
            f"{path} cannot be read: it is nested too deeply, or has a number of many digits"
        ) from error


def xml_document(raw: bytes, path: str) -> Element:
    """The root of an XML document. Raises EvidenceError for a document type, an entity, or text that is not XML."""
    builder, parser, depth = TreeBuilder(), expat.ParserCreate(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise EvidenceError(f"{path} is nested too deeply for a report of tests")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: Any) -> None:
        raise EvidenceError(
            f"{path} declares a document type, which may hide its content; write it without `<!DOCTYPE`"
        )

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        said = f"{path}:{error.lineno}:{error.offset + 1}: this is not XML ({expat.ErrorString(error.code)})"
        raise EvidenceError(f"{said}; the file may be cut off, so write it again") from error
    return builder.close()
