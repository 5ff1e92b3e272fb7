"""A mapping of a file of another tool, read key by key: what nobody read is not carried over in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from mlgate.reading.fields import number
from mlgate.reading.strict_yaml import Mapping, Node, Scalar, Sequence
from mlgate.values.errors import Location

TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class NotCarriedError(Exception):
    """A rule of the file cannot be carried over; the text says why."""


class GivenNode:
    """A mapping of which each key is to be read once. Nulls count as left out. Texts are given as YAML of ours."""

    def __init__(self, node: Mapping, ignored: Iterable[str] = ()) -> None:
        """`ignored` are the keys that change no result."""
        self.at: Location = node.at
        self._node = node
        self._read = set(ignored)

    def node(self, key: str) -> Node | None:
        """What stands under a key; None for null."""
        self._read.add(key)
        found = self._node.get(key)
        return None if isinstance(found, Scalar) and found.null else found

    def has(self, key: str) -> bool:
        """Whether a key has a value."""
        found = self._node.get(key)
        return found is not None and not (isinstance(found, Scalar) and found.null)

    def text(self, key: str) -> str:
        """A text; empty if it is left out."""
        found = self.node(key)
        if found is not None and not isinstance(found, Scalar):
            raise NotCarriedError(f"`{key}` is {found}, not a text")
        return found.text if found else ""

    def wanted(self, key: str) -> str:
        """A text that must be there."""
        if not (found := self.text(key)):
            raise NotCarriedError(f"it has no `{key}`")
        return found

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        text = self.text(key)
        if text and text not in TRUTHS:
            raise NotCarriedError(f"`{key}` is {text}, not true or false")
        return TRUTHS.get(text, default)

    def share(self, key: str) -> Fraction | None:
        """A number from 0 to 1."""
        text = self.text(key)
        found = number(text) if text else None
        if text and (found is None or not 0 <= found <= 1):
            raise NotCarriedError(f"`{key}` is {text}, not a share from 0 to 1")
        return found

    def limit(self, key: str) -> str:
        """A number, date or time as a limit; empty if it is left out."""
        text = self.text(key)
        return text if not text or number(text) is not None else json.dumps(text, ensure_ascii=False)

    def items(self, key: str) -> tuple[Node, ...]:
        """The entries of a list."""
        found = self.node(key)
        if found is None:
            return ()
        if not isinstance(found, Sequence):
            raise NotCarriedError(f"`{key}` is {found}, not a list")
        return found.items

    def names(self, key: str) -> list[str]:
        """A list of texts."""
        found = self.items(key)
        if not found:
            raise NotCarriedError(f"it has no `{key}`")
        texts = [item.text for item in found if isinstance(item, Scalar) and not item.null]
        if len(texts) < len(found):
            raise NotCarriedError(f"`{key}` is not a list of names")
        return texts

    def values(self, key: str) -> str:
        """A list of values, without null and without repeats."""
        return values_of(self.items(key), key)

    def below(self, key: str, ignored: Iterable[str] = ()) -> GivenNode | None:
        """The mapping under a key."""
        found = self.node(key)
        if found is not None and not isinstance(found, Mapping):
            raise NotCarriedError(f"`{key}` is {found}, not a mapping")
        return GivenNode(found, ignored) if found else None

    def unread(self) -> Iterator[tuple[str, Location]]:
        """The keys with a value that nobody read."""
        for key, found in self._node.entries:
            if key.text not in self._read and not (isinstance(found, Scalar) and found.null):
                yield key.text, key.at

    def refuse_unread(self) -> None:
        """Raise NotCarriedError if a key was not read."""
        if names := [f"`{key}`" for key, _ in self.unread()]:
            raise NotCarriedError(f"{', '.join(names)} cannot be carried over")


def values_of(items: Iterable[Node], key: str) -> str:
    """Values as a YAML list, without null and without repeats."""
    found = []
    for item in items:
        if not isinstance(item, Scalar):
            raise NotCarriedError(f"`{key}` has {item} in it, not a value")
        if not item.null:
            found.append(value_of(item))
    if not found:
        raise NotCarriedError(f"`{key}` has no value")
    return f"[{', '.join(dict.fromkeys(found))}]"


def value_of(node: Scalar) -> str:
    """A value as YAML: a number as it is written, and a text in quotes."""
    plain = not node.quoted and number(node.text) is not None
    return node.text if plain else quoted(node.text)


def quoted(text: str) -> str:
    """A text as YAML in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def exact(value: Fraction) -> str:
    """A share as text. NotCarriedError for one without an end, as of a third."""
    for digits in range(19):
        if (scaled := value * 10**digits).denominator == 1:
            return format(Decimal(scaled.numerator).scaleb(-digits), "f")
    raise NotCarriedError(f"the share {value} has no end as a decimal number")


def interval(low: str, high: str) -> str:
    """A range of numbers as YAML. NotCarriedError without a bound."""
    sides = [f"{side}: {text}" for side, text in (("at_least", low), ("at_most", high)) if text]
    if not sides:
        raise NotCarriedError("it has no bound, so it demands nothing")
    return f"{{{', '.join(sides)}}}"


def limits(low: str, high: str, strict_low: bool = False, strict_high: bool = False) -> dict[str, str]:
    """Keys of a column for bounds of its values; one key where it can be. NotCarriedError without a bound."""
    if low and high and not strict_low and not strict_high:
        return {"between": f"[{low}, {high}]"}
    found = {"above" if strict_low else "at_least": low, "below" if strict_high else "at_most": high}
    if not low and not high:
        raise NotCarriedError("it has no bound, so it demands nothing")
    return {key: text for key, text in found.items() if text}


def anywhere(pattern: str) -> dict[str, str]:
    """The key for a regular expression that occurs anywhere in a text."""
    return {"contains": quoted(pattern)}


def in_condition(column: str) -> str:
    """A column as a condition names it."""
    if "`" in column or not column.strip():
        raise NotCarriedError(f"a condition cannot name the column {column}")
    return column if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) and column not in _WORDS else f"`{column}`"


_WORDS = frozenset(
    (
        *("and", "or", "not", "in", "between", "is", "missing", "if", "then", "else", "true", "false"),
        *("days", "length", "abs", "number", "date"),
    )
)
"""What a condition reads as a word of its own."""
