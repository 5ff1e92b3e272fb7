"""A table: a candidate that presents it, and rules for its columns and rows that pass on it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlgate.authoring.column_draft import column_rule, named_key, usual_rule
from mlgate.authoring.drafted_gate import DraftedGate
from mlgate.authoring.first_tests import (
    FirstMutation,
    another_file,
    dropped,
    first_tests,
    shortened,
    why_untestable,
)
from mlgate.authoring.source import FileToStart, FirstFiles, StartSource
from mlgate.authoring.table_profile import ProfiledColumn, TableProfile, profile
from mlgate.evidence.evidence import open_evidence
from mlgate.evidence.open import typed
from mlgate.evidence.sources import FileSource
from mlgate.reading.strict_yaml import hidden_character
from mlgate.values.errors import EvidenceError, InputError

TABLE = "data"
"""What the table is called in the candidate."""


def _draft(wanted: FileToStart) -> FirstFiles:
    source = FileSource(wanted.path, wanted.workspace)
    try:
        with open_evidence({TABLE: source}, wanted.workspace) as evidence:
            found = profile(evidence, TABLE, wanted.path)
    except EvidenceError as error:
        raise InputError(str(error)) from error
    gate = DraftedGate(wanted, _candidate(wanted), _head(wanted), (), table_rules(wanted, TABLE, wanted.path, found))
    gate = gate.closed()
    steps = tuple(_next_steps(wanted, found))
    if why := why_untestable(wanted, [wanted.path]):
        return FirstFiles(gate.candidate, gate.policy, steps, untestable=why)
    changed = [*table_mutations(wanted.path, found, gate.further), another_file(wanted.path, ("tables", TABLE, "path"))]
    return FirstFiles(gate.candidate, gate.policy, steps, first_tests(wanted, gate.candidate, [wanted.path], changed))


def _candidate(wanted: FileToStart) -> str:
    return (
        "# What is presented to the gate. docs/candidate.md of mlgate lists all keys.\n"
        "mlgate: 1\n"
        f"candidate: {wanted.candidate}\n"
        f"tables:\n  {TABLE}: {{path: {json.dumps(wanted.path, ensure_ascii=False)}}}\n"
        "# model: {path: ...}         # its bytes become part of the verdict\n"
    )


def _head(wanted: FileToStart) -> str:
    return (
        "# What a table must be before a model is trained or judged on it. The bounds are those of the present table,\n"
        "# with slack: set those that you need.\n"
        "mlgate: 1\n"
        f"policy: {wanted.candidate}\n"
        f"owner: {json.dumps(wanted.owner, ensure_ascii=False)}\n"
        f"enforce_from: {wanted.enforced_from} # until then its rules only warn\n"
    )


def table_mutations(path: str, found: TableProfile, rules: str, before: str = "") -> Iterator[FirstMutation]:
    """Changes of a table that its rules must catch."""
    ids = tuple(name for each in ("columns", "usual-values") if f"id: {(name := before + each)}\n" in rules)
    yield dropped(path, [column.name for column in found.columns], ids)
    yield shortened(path, found.rows, (f"{before}rows",))


def table_rules(wanted: FileToStart, table: str, path: str, found: TableProfile, before: str = "") -> str:
    """The rules for a table as items of a list, which it meets. `before` is what their ids begin with.

    Raises InputError where no rule can name a column.
    """
    columns, left_out = _columns(wanted, found, typed(FileSource(path, wanted.workspace)))
    if not columns:
        names = ", ".join(f"`{name[:60]}`" for name in (*left_out, *found.refused)[:5])
        raise InputError(f"{path} has no column that a rule can name: {names}; give each a name of its own")
    only = "" if left_out or found.refused else "    only_columns: true\n"
    head = f"  - id: {before}columns\n    check: data.columns\n    table: {table}\n{only}    columns:\n"
    others = [f"# No rule judges {json.dumps(name)}.\n" for name in (*left_out, *found.refused)]
    usual, rows = _usual(table, found, left_out, before), _rows(table, found, before)
    return head + "".join([*columns, *usual, *rows, *others])


def _columns(wanted: FileToStart, found: TableProfile, has_types: bool) -> tuple[list[str], list[str]]:
    lines, left_out = [], []
    for column in found.columns:
        if hidden_character(column.name) or not column.name.strip() or "\n" in column.name:
            left_out.append(column.name)
            continue
        keys = column_rule(column, has_types, wanted.today)
        said = ", ".join(f"{key}: {value}" for key, value in keys.items())
        lines.append(f"      {named_key(column.name)}: {{{said}}}{_noted(column)}\n")
    return lines, left_out


def _usual(table: str, found: TableProfile, left_out: list[str], before: str) -> Iterator[str]:
    """A rule for what nearly all values are, in which a few of the next table may be others."""
    rules = {each.name: keys for each in found.columns if each.name not in left_out and (keys := usual_rule(each))}
    if rules:
        yield f"  - id: {before}usual-values\n    check: data.columns\n    table: {table}\n    columns:\n"
    for name, keys in rules.items():
        yield f"      {named_key(name)}: {{{', '.join(f'{key}: {value}' for key, value in keys.items())}}}\n"


def _noted(column: ProfiledColumn) -> str:
    return "" if column.values else "  # it has no value in the present table"


def _rows(table: str, found: TableProfile, before: str) -> Iterator[str]:
    least = -(-found.rows // 2)
    yield f"  - id: {before}rows\n    check: data.rows\n    table: {table}\n    count: {{at_least: {least}}}\n"
    if not found.repeats:
        yield "    duplicates: {}\n"


def _next_steps(wanted: FileToStart, found: TableProfile) -> Iterator[str]:
    yield "Run `mlgate check`: the policy passes on the present table."
    yield "Read each bound, set it to what you need, and let the owner of the policy merge it before the next table."
    if any(column.categories for column in found.columns):
        yield "The policy lists the values of columns that have few; remove those that must not be public."
    if blank := [column.name for column in found.columns if column.all_blank]:
        named = ", ".join(f"`{name}`" for name in blank[:3]) + (" and others" if len(blank) > 3 else "")
        yield f"Every text of {named} has blanks around it, so none is read as a number or date: remove them first."
    yield f"To judge the next table, write it to {wanted.path}, or name its file in candidate.yaml."
    yield "Compare it with this one by `data.drift`, and its rows with each other by `data.rows`."


SOURCE = StartSource("table", "a table (`--from-table`)", _draft, asked=True)
