"""Examples of the rows at fault in one line, from what the policy or a terminal may show."""

from __future__ import annotations

from mlgate.values.verdict import Examples, Finding
from mlgate.values.words import counted

MISSING = "(missing)"


def examples(finding: Finding, *, in_terminal: bool = False) -> str:
    """`for example id=17, age=-3; id=(missing), age=900 (12 rows)`; empty where no values may be shown."""
    found = finding.in_terminal if in_terminal and finding.in_terminal else finding.examples
    return f"for example {'; '.join(_rows(found))}" if found else ""


def _rows(found: Examples) -> list[str]:
    rows = []
    for values, count in zip(found.rows, found.counts):
        named = zip(found.columns, values)
        said = ", ".join(f"{column}={MISSING if value is None else value}" for column, value in named)
        rows.append(f"{said} ({counted(count, 'row')})" if count > 1 else said)
    return rows
