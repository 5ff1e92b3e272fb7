"""Where the keys of a candidate stand, in its file or in the call, for messages about evidence that cannot answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlgate.candidate.roles import EVALUATION, ROLES, is_answer
from mlgate.reading.python_values import Argument
from mlgate.reading.strict_yaml import Mapping as MappingNode
from mlgate.reading.strict_yaml import Node, Scalar, Sequence
from mlgate.values.errors import Location

_LONGEST = 60


@dataclass(frozen=True)
class WrittenKey:
    """A key as it is written: its place, and what messages call it."""

    at: Location
    said: str
    """`candidate.yaml:4 (prediction: y_hat)`, or `prediction="y_hat"` in a call; empty for a mapping in a call."""


def written_keys(node: MappingNode, above: str = "") -> dict[str, WrittenKey]:
    """All keys of a candidate by their dotted names, such as `predictions.score`."""
    found: dict[str, WrittenKey] = {}
    for key, below in node.entries:
        name = f"{above}{key.text}"
        found[name] = WrittenKey(key.at, _said(key, below))
        if isinstance(below, MappingNode):
            found |= written_keys(below, f"{name}.")
    return found


def _said(key: Scalar, value: Node) -> str:
    text = _text(value)
    if isinstance(key.at, Argument):
        return f'{str(key.at).removesuffix("=")}="{text}"' if isinstance(value, Scalar) else ""
    return f"{key.at.file}:{key.at.line} ({key.text}{f': {text}' if text else ''})"


def _text(value: Node) -> str:
    """A short value as text; empty for a mapping, and for a list of mappings."""
    if isinstance(value, Sequence):
        items = [text for text in map(_text, value.items) if text]
        return f"[{', '.join(items)}]"[:_LONGEST] if items else ""
    return value.text[:_LONGEST] if isinstance(value, Scalar) else ""


def nearest(keys: Mapping[str, WrittenKey], wanted: str) -> WrittenKey | None:
    """The key that was written for a wanted one, or else the nearest above it; None if there is none."""
    return next((keys[name] for name in _places(wanted) if name in keys), None)


def _places(key: str) -> Iterator[str]:
    """Where a key may stand: itself, where it comes from if it is left out, and the keys above."""
    yield key
    section, *rest = key.split(".")
    role = ".".join(rest[1:] if section == "champions" else rest)
    shared = section in ("champion", "champions") and role in ROLES and not is_answer(role)
    if shared:  # a champion has its own answers alone, and often its own id and label
        yield f"predictions.{role}"
    if (shared or section == "predictions") and role.partition(".")[0] in ("label", "labels"):
        yield f"tables.{EVALUATION}.{role}"
    while "." in key:
        key = key.rpartition(".")[0]
        yield key
