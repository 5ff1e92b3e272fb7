"""The numbers in a file of metrics, by dotted name: JSON, YAML or CSV, recognised by its content."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mlgate.checks.reported.parsed import DEEPEST, Numeral, ObjectPairs, is_json, json_as_written, text_of
from mlgate.reading.fields import number
from mlgate.reading.strict_yaml import Mapping as YamlMapping
from mlgate.reading.strict_yaml import Node, Scalar, Sequence
from mlgate.reading.strict_yaml import parse as parse_yaml
from mlgate.values.errors import EvidenceError, Problem
from mlgate.values.words import counted, did_you_mean

LISTED, LONGEST = 5, 80
_YAML = re.compile(r"\s*(?:[#%]|---\s|-\s|[^,\n]*:(?:\s|$))")
"""How YAML begins: with a comment, a mark, a list, or a key that no comma is in. A header of CSV does not."""
_NAMES, _VALUE = ("metric", "name", "key"), "value"
"""How the columns and keys are called that name a metric and its value."""


@dataclass(frozen=True)
class ReportedEntry:
    """One value of a file, as it is written."""

    name: str
    text: str
    plain: bool = True
    """Whether it is written as a number would be: not in quotes, and neither true, false nor null."""

    @property
    def number(self) -> Fraction | None:
        """The exact value, if it is a finite number."""
        return number(self.text) if self.plain else None


def entries(raw: bytes, path: str, layout: str = "") -> tuple[ReportedEntry, ...]:
    """All values of a file, in its order. Raises EvidenceError where it is not of the layout, or of any."""
    text = text_of(raw, path)
    if layout:
        return tuple(LAYOUTS[layout](text, path))
    return tuple(LAYOUTS["json" if is_json(text) else "yaml" if _YAML.match(text) else "csv"](text, path))


def one(found: Iterable[ReportedEntry], name: str, path: str) -> ReportedEntry:
    """The only value of a name. Raises EvidenceError where there is none, or several."""
    known = tuple(found)
    named = [entry for entry in known if entry.name == name]
    if not named:
        raise EvidenceError(f"{path} has no `{name}`{_instead(name, known)}")
    if len(named) > 1:
        values = ", ".join(entry.text[:LONGEST] for entry in named[:LISTED])
        more = ", ..." if len(named) > LISTED else ""
        said = f"{path} has {counted(len(named), 'value')} of `{name}` ({values}{more})"
        raise EvidenceError(f"{said}; write the one that is meant under a name of its own")
    return named[0]


def _instead(name: str, known: tuple[ReportedEntry, ...]) -> str:
    """What the policy may have meant: the same last part elsewhere, a near name, or what there is."""
    names = list(dict.fromkeys(entry.name for entry in known if entry.number is not None))
    last = name.rpartition(".")[2]
    alike = [each for each in names if each.rpartition(".")[2] == last]
    if len(alike) > 1:
        return f"; it has {', '.join(f'`{each[:LONGEST]}`' for each in alike[:LISTED])}: name the one that is meant"
    if alike:
        return f", did you mean `{alike[0][:LONGEST]}`?"
    if hint := did_you_mean(name, names):
        return hint
    shown = ", ".join(f"`{each[:LONGEST]}`" for each in names[:LISTED])
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return f"; its numbers are {shown}{more}" if shown else "; it has no number at all"


def _json(text: str, path: str) -> Iterator[ReportedEntry]:
    if not is_json(text):
        raise EvidenceError(f"{path} is not JSON: it begins with neither {{ nor [")
    yield from _of_json(json_as_written(text, path), "", path)


def _of_json(value: Any, name: str, path: str, depth: int = 0) -> Iterator[ReportedEntry]:
    if depth > DEEPEST:
        raise EvidenceError(f"{path} is nested too deeply for a file of metrics")
    if isinstance(value, ObjectPairs):
        for key, below in value.entries:
            yield from _of_json(below, _joined(name, key), path, depth + 1)
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from _of_json(_value_in(below), _joined(name, _name_in(below) or str(place)), path, depth + 1)
    elif isinstance(value, Numeral):
        yield ReportedEntry(name, value.text)
    else:
        said = "null" if value is None else str(value).lower()
        yield ReportedEntry(name, value if isinstance(value, str) else said, plain=False)


def _name_in(value: Any) -> str:
    """How an entry of a list calls itself: `{"key": "auc", "value": 0.9}` is `auc`, wherever it stands."""
    if not isinstance(value, ObjectPairs):
        return ""
    keys = dict(value.entries)
    named = next((keys[key] for key in _NAMES if isinstance(keys.get(key), str)), "")
    return str(named) if isinstance(keys.get(_VALUE), Numeral) and len(keys) == len(value.entries) else ""


def _value_in(value: Any) -> Any:
    return dict(value.entries)[_VALUE] if _name_in(value) else value


def _joined(above: str, key: str) -> str:
    return f"{above}.{key}" if above else key


def _yaml(text: str, path: str) -> Iterator[ReportedEntry]:
    problems: list[Problem] = []
    node = parse_yaml(text.encode(), path, problems)
    if problems or not isinstance(node, (YamlMapping, Sequence)):
        said = str(problems[0]) if problems else f"{path} is neither a mapping nor a list"
        raise EvidenceError(f"{said}; metrics are read from JSON, YAML or CSV")
    yield from _of_json(_as_json(node), "", path)


def _as_json(node: Node) -> Any:
    """The same values as of JSON; what is not written as a number is a text."""
    if isinstance(node, YamlMapping):
        return ObjectPairs(tuple((key.text, _as_json(below)) for key, below in node.entries))
    if isinstance(node, Sequence):
        return [_as_json(below) for below in node.items]
    written = isinstance(node, Scalar) and not node.quoted and number(node.text) is not None
    return Numeral(node.text) if written else node.text


def _csv(text: str, path: str) -> Iterator[ReportedEntry]:
    """Each row a metric where columns are called so (`metric,value`), else each column a metric."""
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (csv.Error, ValueError) as error:
        raise EvidenceError(f"{path} is not a table with a header: {error}; write it again") from error
    if not rows or len(set(header)) != len(header):
        fault = "has no row below its header" if not rows else "names a column twice"
        raise EvidenceError(f"{path} {fault}; write one header and its values")
    odd = next((place for place, row in enumerate(rows, 2) if len(row) != len(header)), 0)
    if odd:
        raise EvidenceError(f"{path} has another number of cells in row {odd} than in its header; write it again")
    words = [name.strip().lower() for name in header]
    named = next((words.index(name) for name in _NAMES if name in words), -1)
    value = words.index(_VALUE) if _VALUE in words and named >= 0 else -1
    for row in rows:
        pairs = [(row[named], row[value])] if value >= 0 else zip(header, row, strict=True)
        yield from (ReportedEntry(*pair) for pair in pairs)


LAYOUTS: Mapping[str, Callable[[str, str], Iterator[ReportedEntry]]] = {"json": _json, "yaml": _yaml, "csv": _csv}
"""The layouts of a file of metrics, by the names that rules use in `format`."""
