"""Single values. Nothing is guessed: only the type of the key decides how a text is read."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from mlgate.reading.fields.problem_report import MISSING, Missing, ProblemReport
from mlgate.reading.python_values import Held, Listing
from mlgate.reading.strict_yaml import Node, Scalar
from mlgate.values.plain import Schema
from mlgate.values.words import did_you_mean

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Spec(Protocol[T_co]):
    """The type of a key's value: how to read it, its name in messages, and its JSON Schema."""

    @property
    def noun(self) -> str:
        """What is expected, in words: "a number"."""
        ...

    def read(self, node: Node, report: ProblemReport) -> T_co | Missing:
        """The value, or MISSING with the problems in the report."""
        ...

    def schema(self) -> Schema:
        """The JSON Schema (2020-12) of the value."""
        ...


class OneScalar(Generic[T]):
    """The base of single values: refuses a list, a mapping and an empty value."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        raise NotImplementedError

    def read(self, node: Node, report: ProblemReport) -> T | Missing:
        """The value, or MISSING with the problems in the report."""
        if not isinstance(node, Scalar):
            return report.refuse(node.at, f"must be {self.noun}, not {node}{self._remedy(node)}")
        if node.null:
            remedy = f'; write "{node.text}" in quotes if the text is meant' if node.text else ""
            return report.refuse(node.at, f"is empty; it must be {self.noun}{remedy}")
        return self._value(node, report)

    def _remedy(self, node: Node) -> str:
        """What to write instead of a number or a series in a call; empty if nothing can be suggested."""
        return node.remedy if isinstance(node, (Held, Listing)) else ""

    def _value(self, node: Scalar, report: ProblemReport) -> T | Missing:
        raise NotImplementedError


@dataclass(frozen=True)
class Text(OneScalar[str]):
    """Any text, exactly as written. `007`, `NO` and `2026.10` are texts too."""

    empty: bool = False
    """Whether a quoted "" is allowed."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a text"

    def _value(self, node: Scalar, report: ProblemReport) -> str | Missing:
        if not node.text.strip() and not (self.empty and not node.text):
            return report.refuse(node.at, "must not be an empty text")
        return node.text

    def schema(self) -> Schema:
        """A string, or a value that an editor reads as a number or boolean."""
        return {"type": ["string", "number", "boolean"], **({} if self.empty else {"minLength": 1})}


_IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


@dataclass(frozen=True)
class Identifier(OneScalar[str]):
    """A name that is valid in file names, URLs and reports: ASCII letters, digits, `.`, `_` and `-`."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a name of letters, digits, `.`, `_` and `-`"

    def _value(self, node: Scalar, report: ProblemReport) -> str | Missing:
        if re.fullmatch(_IDENTIFIER, node.text):
            return node.text
        return report.refuse(node.at, f"must be {self.noun}, starting with a letter or digit, not {node}")

    def schema(self) -> Schema:
        """A string of the pattern."""
        return {"type": ["string", "number"], "pattern": f"^{_IDENTIFIER}$"}


@dataclass(frozen=True, init=False)
class Choice(OneScalar[str]):
    """One of some words."""

    values: tuple[str, ...]

    def __init__(self, *values: str) -> None:
        object.__setattr__(self, "values", values)

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return f"one of {', '.join(self.values)}"

    def _remedy(self, node: Node) -> str:
        return ""  # a number in quotes is none of the words

    def _value(self, node: Scalar, report: ProblemReport) -> str | Missing:
        if node.text in self.values:
            return node.text
        hint = did_you_mean(node.text, self.values)
        return report.refuse(node.at, f"must be {self.noun}, not {node}{hint}")

    def schema(self) -> Schema:
        """An enum."""
        return {"enum": list(self.values)}


@dataclass(frozen=True)
class Flag(OneScalar[bool]):
    """`true` or `false`; other spellings are refused."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "true or false"

    def _value(self, node: Scalar, report: ProblemReport) -> bool | Missing:
        if node.text in ("true", "false") and not node.quoted:
            return node.text == "true"
        remedy = f"; write {node.text} without quotes" if node.text in ("true", "false") else ""
        return report.refuse(node.at, f"must be true or false, not {node}{remedy}")

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_NOT_FINITE = re.compile(r"[+-]?\.?(?:nan|inf|infinity)", re.IGNORECASE)


def number(text: str) -> Fraction | None:
    """The exact value of a finite decimal number in strict ASCII spelling, else None."""
    if len(text) > 100 or not _NUMBER.fullmatch(text):
        return None
    approximate = float(text)
    exact = Fraction(text)
    return exact if abs(approximate) != float("inf") and (approximate != 0) == (exact != 0) else None


_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")


def _number_remedy(node: Scalar, *, whole: bool = False) -> str:
    """How to write the number that was probably meant, as the end of a message."""
    text = node.text.strip()
    takes = _INTEGER.fullmatch if whole else number
    if number(text) is not None:
        return f"; write {text} without quotes" if node.quoted and takes(text) is not None else ""
    if _THOUSANDS.fullmatch(text):
        alone = text.replace(",", "")
        point = "" if whole or text.count(",") > 1 else f", or {text.replace(',', '.')} if the comma is a decimal one"
        return f"; write {alone}{point}"
    if _NOT_FINITE.fullmatch(text):
        return "; a finite number is required"
    plain = unicodedata.normalize("NFKC", text).replace("_", "").removeprefix("+").replace(",", ".")
    if not whole and plain.endswith("%") and (share := number(plain[:-1].strip())) is not None:
        return f"; write {float(share / 100):g}"
    for guess in (plain, f"0{plain}", f"{plain}0", plain.lstrip("0")):
        if plain and takes(guess) is not None:
            return f"; write {guess}"
    return ""


@dataclass(frozen=True)
class Integer(OneScalar[int]):
    """A whole number within bounds."""

    min: int | None = None
    max: int | None = None

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a whole number" + _range_words(self.min, self.max, None, None)

    def _value(self, node: Scalar, report: ProblemReport) -> int | Missing:
        if node.quoted or len(node.text) > 30 or not _INTEGER.fullmatch(node.text):
            return report.refuse(node.at, f"must be {self.noun}, not {node}{_number_remedy(node, whole=True)}")
        value = int(node.text)
        if (self.min is not None and value < self.min) or (self.max is not None and value > self.max):
            return report.refuse(node.at, f"must be {self.noun}, not {node}")
        return value

    def schema(self) -> Schema:
        """An integer with its bounds."""
        bounds = {"minimum": self.min, "maximum": self.max}
        return {"type": "integer", **{key: value for key, value in bounds.items() if value is not None}}


@dataclass(frozen=True)
class Number(OneScalar[Fraction]):
    """A finite decimal number, read exactly. `min` and `max` are allowed values, `above` and `below` are not."""

    min: int | Fraction | None = None
    max: int | Fraction | None = None
    above: int | Fraction | None = None
    below: int | Fraction | None = None

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a number" + _range_words(self.min, self.max, self.above, self.below)

    def _value(self, node: Scalar, report: ProblemReport) -> Fraction | Missing:
        value = None if node.quoted else number(node.text)
        if value is None or not self._within(value):
            return report.refuse(node.at, f"must be {self.noun}, not {node}{_number_remedy(node)}")
        return value

    def _within(self, value: Fraction) -> bool:
        if (self.min is not None and value < self.min) or (self.max is not None and value > self.max):
            return False
        too_low = self.above is not None and value <= self.above
        return not too_low and not (self.below is not None and value >= self.below)

    def schema(self) -> Schema:
        """A number with its bounds."""
        bounds = {"minimum": self.min, "maximum": self.max}
        bounds |= {"exclusiveMinimum": self.above, "exclusiveMaximum": self.below}
        return {"type": "number", **{k: _plain(v) for k, v in bounds.items() if v is not None}}


def _plain(value: int | Fraction) -> int | float:
    return int(value) if value == int(value) else float(value)


def _range_words(
    low: int | Fraction | None,
    high: int | Fraction | None,
    above: int | Fraction | None,
    below: int | Fraction | None,
) -> str:
    if low is not None and high is not None:
        return f" from {_plain(low)} to {_plain(high)}"
    words = [("of at least", low), ("of at most", high), ("above", above), ("below", below)]
    said = [f"{word} {_plain(value)}" for word, value in words if value is not None]
    return " " + " and ".join(said) if said else ""


@dataclass(frozen=True)
class Date(OneScalar[date]):
    """A day, YYYY-MM-DD."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a date YYYY-MM-DD"

    def _value(self, node: Scalar, report: ProblemReport) -> date | Missing:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node.text):
            try:
                return date.fromisoformat(node.text)
            except ValueError:
                return report.refuse(node.at, f"must be {self.noun}, and the day {node.text} does not exist")
        return report.refuse(node.at, f"must be {self.noun}, not {node}")

    def schema(self) -> Schema:
        """A string of the format `date`."""
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


_SHA256 = "[0-9a-f]{64}"


@dataclass(frozen=True)
class Sha256(OneScalar[str]):
    """The SHA-256 digest of a file, in hexadecimal."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a SHA-256 digest, 64 of the signs 0-9 and a-f"

    def _value(self, node: Scalar, report: ProblemReport) -> str | Missing:
        if re.fullmatch(_SHA256, node.text):
            return node.text
        return report.refuse(node.at, f"must be {self.noun}, not {node}; the JSON verdict has those of all inputs")

    def schema(self) -> Schema:
        """A string of the pattern."""
        return {"type": "string", "pattern": f"^{_SHA256}$"}


_UP = re.compile(r"(?:^|/)\.\.(?:/|$)")


@dataclass(frozen=True)
class RepositoryPath(OneScalar[str]):
    """A path from the top of the repository, with its folders in `/`; `.` and doubled `/` are dropped from it."""

    glob: bool = False
    """Whether it is a pattern, such as `features/**`."""

    @property
    def noun(self) -> str:
        """What is expected, in words."""
        return "a path from the top of the repository"

    def _value(self, node: Scalar, report: ProblemReport) -> str | Missing:
        text = node.text
        if text.startswith(("/", "~")) or "\\" in text or _UP.search(text) or not posixpath.normpath(text).strip("./ "):
            return report.refuse(node.at, f"must be {self.noun}, without `..` and without `/` first, not {node}")
        if not self.glob and any(sign in text for sign in "*?["):
            return report.refuse(node.at, f"must be {self.noun} without wildcards, not {node}")
        return posixpath.normpath(text)

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "minLength": 1, "pattern": "^[^/~]"}


__all__ = [
    "MISSING",
    "Choice",
    "Date",
    "Flag",
    "Identifier",
    "Integer",
    "Missing",
    "Number",
    "RepositoryPath",
    "Sha256",
    "Spec",
    "Text",
    "number",
]
