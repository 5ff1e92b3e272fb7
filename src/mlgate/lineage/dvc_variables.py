"""Variables of `dvc.yaml`: what `${...}` in a stage means, as DVC writes it into the lock."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgate.lineage.dvc_parameters import PARAMS, flat_values, value_of, values_in
from mlgate.lineage.source_file import SourceFile, listing, mapping, outside
from mlgate.values.errors import EvidenceError

SIGN = "${"
_VARIABLE = re.compile(r"(?<!\\)\$\{(.*?)\}")
_NUMBER = re.compile(r"[-+]?([0-9][0-9_]*)?[.]?[0-9]+([eE][-+]?[0-9]+)?|[-+]?[0-9]+[.]")

_LONGEST_NUMBER, _LONGEST_VALUE, _MOST_VARIABLES = 100, 10_000, 1_000
"""The most signs of a number, and of a value in a text; and how many variables a text may have."""


@dataclass(frozen=True)
class DvcSpelling:
    """How DVC writes a value into a text, which depends on its type and on the settings of DVC."""

    either: bool = False
    """Whether a number or a truth is marked as either of its two texts, 1e-3 or 0.001, because a quoted one is kept."""
    negated: bool = False
    """Whether a false option of a command is `--no-x` rather than left out."""
    repeated: bool = False
    """Whether an option of a command with several values is repeated."""


USUAL = DvcSpelling()
SPELLINGS = tuple(DvcSpelling(True, negated, repeated) for negated in (False, True) for repeated in (False, True))
"""All that DVC may have written."""
_FIRST, _OR, _LAST = "\0\1\2"
_EITHER = re.compile(f"{_FIRST}(.*?){_OR}(.*?){_LAST}", re.DOTALL)


def without_marks(values: Any, said: str) -> Any:
    """Some values. Raises EvidenceError where they have a sign that marks one text or another."""
    if re.search(r"\\x0[012]", repr(values)):
        raise EvidenceError(f"{said} has a control character; write it without", "lineage")
    return values


def matches(wanted: str, found: str) -> bool:
    """Whether a text is one that is wanted, in which some parts may be marked as either of two texts."""
    parts, at = list[str](), 0
    for each in _EITHER.finditer(wanted):
        parts += [re.escape(wanted[at : each.start()]), f"(?:{re.escape(each[1])}|{re.escape(each[2])})"]
        at = each.end()
    return re.fullmatch("".join((*parts, re.escape(wanted[at:]))), found) is not None if parts else wanted == found


class NoSuchVariableError(Exception):
    """A variable to which nothing gives a value; its text is the name."""


@dataclass(frozen=True)
class DvcVariables:
    """The variables of a stage by their names."""

    values: Mapping[str, Any]

    @staticmethod
    def of(stages: SourceFile, entries: object) -> DvcVariables:
        """Those of the whole dvc.yaml: of the file params.yaml beside it, and of `vars`. Raises as `with_vars` does."""
        found = without_marks(values_in(stages.beside(PARAMS)), stages.beside(PARAMS).path)
        return DvcVariables(found).with_vars(stages, entries)

    def with_vars(self, source: SourceFile, entries: object) -> DvcVariables:
        """With those that entries of `vars` give. Raises EvidenceError where one has two values."""
        found = self.values
        for entry in listing(entries):
            more = without_marks(mapping(entry) or _of_file(source, str(entry)), f"`vars` of {source.path}")
            found = _merged(found, more, source.path)
        return DvcVariables(found)

    def with_item(self, item: object, key: str) -> DvcVariables:
        """With those of one turn of a loop; one over a list has no `key`."""
        return DvcVariables({**self.values, "item": item, **({"key": key} if key else {})})

    def resolved(self, value: Any, spelling: DvcSpelling, *, in_command: bool = False) -> Any:
        """A value of dvc.yaml with its variables written out.

        Raises NoSuchVariableError, and EvidenceError for a huge one.
        """
        if isinstance(value, dict):
            pairs = ((self.resolved(key, spelling), key, each) for key, each in value.items())
            return {name: self.resolved(each, spelling, in_command=key == "cmd") for name, key, each in pairs}
        if isinstance(value, list):
            return [self.resolved(each, spelling, in_command=in_command) for each in value]
        if not isinstance(value, str) or SIGN not in value:
            return value
        whole = _VARIABLE.fullmatch(value)
        found = self._value(whole[1]) if whole else ""
        if isinstance(found, list) or (isinstance(found, dict) and not in_command):
            return found
        if value.count(SIGN) > _MOST_VARIABLES:
            raise EvidenceError(f"a text of dvc.yaml has more than {_MOST_VARIABLES:,} variables; split it", "lineage")
        text = _VARIABLE.sub(lambda each: self._text(each[1], spelling), value)
        return text.replace("\\${", SIGN)

    def _value(self, inner: str) -> object:
        name = re.sub(r"\[(\w+)\]", r".\1", inner.strip())
        found = value_of(self.values, name) if name else None
        if found is None:
            raise NoSuchVariableError(inner.strip())
        return found

    def _text(self, inner: str, spelling: DvcSpelling) -> str:
        found = self._value(inner)
        if isinstance(found, list):
            raise NoSuchVariableError(inner.strip())
        text = _options(found, spelling) if isinstance(found, dict) else spelled(found, spelling)
        if len(text) > _LONGEST_VALUE:
            said = f"the variable `{inner.strip()[:80]}` of dvc.yaml has more than {_LONGEST_VALUE:,} signs"
            raise EvidenceError(f"{said}; shorten it", "lineage")
        return text


def spelled(value: object, spelling: DvcSpelling) -> str:
    """The text of one value."""
    text = str(value)
    canonical = _canonical(text)
    return f"{_FIRST}{text}{_OR}{canonical}{_LAST}" if spelling.either and text != canonical else canonical


def _canonical(text: str) -> str:
    """A number or a truth as DVC writes it; any other text as it is."""
    if text.lower() in ("true", "false"):
        return text.lower()
    if text in ("", "~", "null"):
        return "None"
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return text
    plain = text.replace("_", "")
    return str(int(plain)) if plain.lstrip("+-").isdecimal() else str(float(plain))


def _options(values: Mapping[str, Any], spelling: DvcSpelling) -> str:
    """A mapping as the options of a command."""
    return " ".join(part for name, value in _flat_lists(values) for part in _option(name, value, spelling))


def _flat_lists(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in values.items():
        name = f"{above}.{key}" if above else str(key)
        if isinstance(value, dict):
            yield from _flat_lists(value, name)
        else:
            yield name, value


def _option(name: str, value: object, spelling: DvcSpelling) -> Iterator[str]:
    if isinstance(value, list):
        several = [_quoted(each, spelling) for each in value]
        yield from (
            (f"--{name} {each}" for each in several) if spelling.repeated else (" ".join((f"--{name}", *several)),)
        )
    elif str(value).lower() == "true":
        yield f"--{name}"
    elif str(value).lower() == "false":
        yield from (f"--no-{name}",) if spelling.negated else ()
    else:
        yield f"--{name} {_quoted(value, spelling)}"


def _quoted(value: object, spelling: DvcSpelling) -> str:
    """A value for a shell, which keeps numbers and truths as they are."""
    text = spelled(value, spelling)
    return text if text.startswith(_FIRST) else shlex.quote(text)


def _of_file(source: SourceFile, entry: str) -> Mapping[str, Any]:
    """The variables of `FILE` or `FILE:KEY,KEY`."""
    path, colon, keys = entry.rpartition(":")
    if not colon:
        path = keys
    if outside(path):
        return {}
    found = values_in(source.beside(path))
    return {key: found[key] for key in keys.split(",") if key in found} if colon else found


def _merged(one: Mapping[str, Any], other: Mapping[str, Any], said: str) -> dict[str, Any]:
    """Both together, as DVC merges them: it refuses a second value."""
    found = dict(one)
    for key, value in other.items():
        if isinstance(found.get(key), dict) and isinstance(value, dict):
            found[key] = _merged(found[key], value, said)
        elif key in found and flat_values(found[key]) != flat_values(value):
            raise EvidenceError(
                f"{said} gives the variable `{key}` two values, which DVC refuses; leave one", "lineage"
            )
        else:
            found[key] = value
    return found
