"""Rules of data.columns and data.rows as they are collected, table by table, and the policy that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mlgate.authoring.given_node import quoted
from mlgate.authoring.source import as_name
from mlgate.checks.data.column_keys import SINGLE
from mlgate.checks.data.column_names import pattern_of
from mlgate.checks.registry import shipped
from mlgate.policy.draft import read_draft
from mlgate.reading.fields import ProblemReport
from mlgate.values.errors import InputError

_PROBE = "imported"
EVERY_COLUMN = "/.*/"
LISTS = ("foreign_key",)
"""Keys of data.rows with a list of demands."""


@dataclass(frozen=True)
class ColumnPart:
    """Keys of one column. `share` is the share of values that may break the keys about single values."""

    column: str
    keys: Mapping[str, str] = field(default_factory=dict)
    share: str = ""
    always: bool = False
    """Whether the keys belong to every entry of the column, as `required` does."""
    where: str = ""
    """The condition for the rows that are judged; empty for all."""


@dataclass(frozen=True)
class ColumnsPart:
    """Keys about the columns of a table together, and the columns that it has."""

    keys: Mapping[str, str]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class RowsPart:
    """Keys of data.rows. `must` holds conditions by their names, and other keys are YAML."""

    keys: Mapping[str, str] = field(default_factory=dict)
    must: Mapping[str, str] = field(default_factory=dict)
    where: str = ""


@dataclass
class _Entry:
    keys: dict[str, str]
    share: str | None

    def takes(self, keys: Mapping[str, str], share: str | None) -> bool:
        same = share is None or self.share is None or share == self.share
        return same and not self.keys.keys() & keys.keys()

    def add(self, keys: Mapping[str, str], share: str | None) -> None:
        self.keys.update(keys)
        self.share = self.share if share is None else share


@dataclass
class _ColumnsRule:
    table: str
    warns: bool
    keys: dict[str, str] = field(default_factory=dict)
    where: str = ""
    columns: dict[str, _Entry] = field(default_factory=dict)
    sealed: bool = False
    """Whether it has no columns but its own: an entry more would allow that column."""
    kind = "columns"

    def takes(self, part: ColumnPart, share: str | None) -> bool:
        free = part.column not in self.columns or self.columns[part.column].takes(part.keys, share)
        return free and self.where == part.where

    def lines(self, always: Mapping[tuple[str, str], Mapping[str, str]]) -> Iterator[str]:
        if self.where:
            yield f"where: {quoted(self.where)}"
        yield from (f"{key}: {text}" for key, text in self.keys.items())
        yield "columns:"
        for name, entry in self.columns.items():
            share = {"max_fault_share": entry.share} if entry.share else {}
            yield f"  {_name(name)}: {_flow({**entry.keys, **share, **always.get((self.table, name), {})})}"


@dataclass
class _RowsRule:
    table: str
    warns: bool
    where: str
    keys: dict[str, list[str]] = field(default_factory=dict)
    must: dict[str, str] = field(default_factory=dict)
    kind = "rows"

    def takes(self, part: RowsPart) -> bool:
        single = {key for key in self.keys if key not in LISTS}
        return self.where == part.where and not single & part.keys.keys() and not self.must.keys() & part.must.keys()

    def lines(self, _always: object = None) -> Iterator[str]:
        if self.where:
            yield f"where: {quoted(self.where)}"
        if self.must:
            yield "must:"
            yield from (f"  {name}: {text}" for name, text in self.must.items())
        for key, texts in self.keys.items():
            yield f"{key}: {texts[0]}" if key not in LISTS else f"{key}: [{', '.join(texts)}]"


class TableRules:
    """The rules of some tables. A key that a column or table has twice goes to a further rule."""

    def __init__(self) -> None:
        self._rules: list[_ColumnsRule | _RowsRule] = []
        self._always: dict[tuple[str, str], dict[str, str]] = {}

    def why_not(self, table: str, part: ColumnPart | ColumnsPart | RowsPart) -> str:
        """Why a policy cannot have a part; empty if it can."""
        named = [part.column] if isinstance(part, ColumnPart) else part.columns if isinstance(part, ColumnsPart) else ()
        if strange := next((name for name in named if name != EVERY_COLUMN and pattern_of(name) is not None), ""):
            return f"a name between slashes is a pattern here: {strange}"
        alone = TableRules()
        alone.add(table, part, warns=False)
        report = ProblemReport()
        read_draft(alone.policy(_PROBE, _PROBE).encode("utf-8", "surrogatepass"), "", shipped(), None, report)
        try:
            report.raise_if_any()
        except InputError as error:
            return re.sub(r" of rule `[^`]*`", "", error.problems[0].message)
        return ""

    def add(self, table: str, part: ColumnPart | ColumnsPart | RowsPart, warns: bool) -> None:
        """Put a part into the first rule that can take it, or into a new one."""
        if isinstance(part, RowsPart):
            self._rows(table, part, warns)
        elif isinstance(part, ColumnsPart):
            entries = {name: _Entry({}, None) for name in part.columns}
            self._rules.append(_ColumnsRule(table, warns, dict(part.keys), columns=entries, sealed=True))
        elif part.always:
            self._always.setdefault((table, part.column), {}).update(part.keys)
            self._entry(table, ColumnPart(part.column), warns)
        else:
            self._entry(table, part, warns)

    def _entry(self, table: str, part: ColumnPart, warns: bool) -> None:
        share = part.share if part.keys.keys() & set(SINGLE) else None
        rule = next((rule for rule in self._open(table, warns) if rule.takes(part, share)), None)
        if rule is None:
            self._rules.append(rule := _ColumnsRule(table, warns, where=part.where))
        rule.columns.setdefault(part.column, _Entry({}, None)).add(part.keys, share)

    def _open(self, table: str, warns: bool) -> Iterator[_ColumnsRule]:
        for rule in self._rules:
            if isinstance(rule, _ColumnsRule) and (rule.table, rule.warns) == (table, warns) and not rule.sealed:
                yield rule

    def _rows(self, table: str, part: RowsPart, warns: bool) -> None:
        fitting = (
            rule
            for rule in self._rules
            if isinstance(rule, _RowsRule) and (rule.table, rule.warns) == (table, warns) and rule.takes(part)
        )
        rule = next(fitting, None)
        if rule is None:
            self._rules.append(rule := _RowsRule(table, warns, part.where))
        rule.must.update(part.must)
        for key, text in part.keys.items():
            rule.keys.setdefault(key, []).append(text)

    def policy(self, name: str, owner: str, head: str = "", left: Iterable[str] = ()) -> str:
        """The text of the policy; `left` are lines for a comment."""
        comments = [head, *(["Not carried over:"] if left else []), *(f"  {line}" for line in left)]
        lines = [f"# {comment}" for comment in comments if comment]
        lines += ["mlgate: 1", f"policy: {name}", f"owner: {quoted(owner)}", "rules:"]
        taken = {"expects"}
        for rule in sorted(self._rules, key=lambda rule: self._order(rule.table)):
            id_ = _free(f"{as_name(rule.table, 'table')}-{rule.kind}", taken)
            lines += [f"  - id: {id_}", f"    check: data.{rule.kind}", f"    table: {_name(rule.table)}"]
            lines += ["    severity: warn"] * rule.warns
            lines += [f"    {line}" for line in rule.lines(self._always)]
        return "\n".join(lines) + "\n"

    def _order(self, table: str) -> int:
        return [rule.table for rule in self._rules].index(table)


def _free(id_: str, taken: set[str]) -> str:
    found = next(name for at in range(len(taken) + 2) if (name := f"{id_}-{at + 1}" if at else id_) not in taken)
    taken.add(found)
    return found


def _flow(keys: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{key}: {text}' for key, text in keys.items())}}}"


def _name(text: str) -> str:
    """A name as YAML: in quotes unless it is a plain word."""
    plain = text.isascii() and text.replace("_", "").isalpha() and text.lower() not in _READ_OTHERWISE
    return text if plain else quoted(text)


_READ_OTHERWISE = ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "")


def plain_line(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split())
