"""What a file of rules of another tool is, and how its rules become rules of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType

from mlgate.authoring import imports as folder
from mlgate.authoring.given_node import GivenNode, NotCarriedError
from mlgate.authoring.row_conditions import both
from mlgate.authoring.table_rules import ColumnPart, ColumnsPart, RowsPart, TableRules, plain_line
from mlgate.candidate.derivation import PREDICTIONS
from mlgate.reading.strict_yaml import Mapping, load
from mlgate.values.errors import InputError, Location
from mlgate.values.family import FilesBelow
from mlgate.values.words import counted

_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
"""One sign in two escapes, as JSON writes those beyond U+FFFF."""
RulePart = ColumnPart | ColumnsPart | RowsPart
"""A part of a rule: keys of a column, keys about the columns, or keys about the rows."""


@dataclass(frozen=True)
class NotCarried:
    """A rule of the file that has no counterpart in the policy."""

    at: Location
    what: str
    why: str

    def __str__(self) -> str:
        return plain_line(f"{self.at.file}:{self.at.line}: {self.what}: {self.why}")


class ImportedRules:
    """The rules of a file as far as they could be carried over, and those that could not."""

    def __init__(self) -> None:
        self.rules = TableRules()
        self.left: list[NotCarried] = []
        self.carried = 0

    def carry(
        self,
        what: str,
        table: str,
        given: GivenNode,
        parts: Callable[[GivenNode], Iterable[RulePart]],
        *,
        warns: bool = False,
        where: Callable[[], str] = str,
    ) -> None:
        """Add the parts for one rule of the file, all or none. One of which a key was not read is left out. `where`
        gives the condition for the rows that the rule judges; empty for all."""
        try:
            found = [_of_rows(part, where()) for part in parts(given)]
            given.refuse_unread()
            refused = next(filter(None, (self.rules.why_not(table, part) for part in found)), "")
        except NotCarriedError as error:
            refused = str(error)
        if refused:
            self.leave(given.at, what, refused)
            return
        for part in found:
            self.rules.add(table, part, warns)
        self.carried += 1

    def leave(self, at: Location, what: str, why: str) -> None:
        """Note what is not carried over."""
        self.left.append(NotCarried(at, what, why))


def _of_rows(part: RulePart, where: str) -> RulePart:
    """A part of a rule about some rows. NotCarriedError for one that is not about rows."""
    if not where:
        return part
    if isinstance(part, ColumnsPart) or (isinstance(part, ColumnPart) and not part.keys):
        raise NotCarriedError("a condition about rows changes nothing about the names of columns")
    if isinstance(part, RowsPart) and " of:" in part.keys.get("count", ""):
        raise NotCarriedError("a condition about the rows of two tables cannot be carried over")
    held = part.where if isinstance(part, RowsPart) else ""
    return replace(part, where=both(where, held))


@dataclass(frozen=True)
class ImportSource:
    """One format of rules. `read` adds the rules of a document; the table is the caller's where the format names none.

    It raises InputError for a document of another kind, and NotCarriedError for one that is malformed.
    """

    name: str
    said: str
    read: Callable[[Mapping, ImportedRules, str], None]
    names_tables: bool = False


@dataclass(frozen=True)
class PolicyToImport:
    """What a policy is made from: the format, the file, and what the caller says."""

    source: str
    path: str
    raw: bytes
    name: str
    owner: str
    table: str
    """The table of the rules; empty if the caller names none."""


@dataclass(frozen=True)
class ImportedPolicy:
    """The text of a policy, how many rules of the file it has, and what was left out."""

    text: str
    carried: int
    left: tuple[NotCarried, ...]


@cache
def import_sources() -> dict[str, ImportSource]:
    """Every format by name: the SOURCE of each file of the folder."""
    found = dict(FilesBelow(folder.__name__, _import_in))
    return {name: found[name] for name in sorted(found)}


def _import_in(module: ModuleType) -> dict[str, ImportSource]:
    found = getattr(module, "SOURCE", None)
    return {found.name: found} if isinstance(found, ImportSource) else {}


def _as_yaml(raw: bytes) -> bytes:
    """JSON as YAML reads it: with blanks for tabs, and signs beyond U+FFFF in one escape. Other text as it is.

    The tree of YAML knows the line of each rule. Within texts, JSON has no tabs.
    """
    try:
        text = raw.decode("utf-8-sig")
        json.loads(text)
    except (ValueError, RecursionError):
        return raw
    return _PAIR.sub(_one_escape, text.replace("\t", " ")).encode("utf-8", "surrogatepass")


def _one_escape(found: re.Match[str]) -> str:
    high, low = (int(found[at], 16) for at in (2, 3))
    return f"{found[1]}\\U{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):08x}"


def imported_policy(wanted: PolicyToImport) -> ImportedPolicy:
    """The policy for a file. Raises InputError for a file of another kind, or of which nothing can be carried over."""
    node = load(_as_yaml(wanted.raw), wanted.path)
    source = import_sources()[wanted.source]
    if not isinstance(node, Mapping):
        raise InputError(f"{wanted.path} is {node}, not {source.said}")
    found = ImportedRules()
    if wanted.table and source.names_tables:
        raise InputError(f"`--table` cannot be used with {source.name}: {wanted.path} names its tables")
    try:
        source.read(node, found, wanted.table or PREDICTIONS)
    except NotCarriedError as error:
        raise InputError(f"{wanted.path} is malformed: {error}") from error
    left = tuple(sorted(found.left, key=lambda each: each.at.line or 0))
    if not found.carried:
        why = f": {left[0]}" if left else ""
        raise InputError(f"nothing of {wanted.path} can be carried over{why}. No policy is written")
    head = f"Written by `mlgate import {wanted.source}` from {wanted.path}: {counted(found.carried, 'rule')}."
    text = found.rules.policy(wanted.name, wanted.owner, head, [str(each) for each in left])
    return ImportedPolicy(text, found.carried, left)
