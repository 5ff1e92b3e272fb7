"""The manual pages of checks and metrics as Markdown, from their docstrings and entries; `docs/` and `explain` show them."""

from __future__ import annotations

import inspect

from mlgate.checks.base import Check
from mlgate.checks.registry import checks
from mlgate.fields import params
from mlgate.metrics.base import Metric
from mlgate.metrics.registry import metrics


def check_page(name: str) -> str:
    """A check's page: its docstring, and a table of its keys."""
    check: type[Check] = checks()[name]
    rows = [
        f"| `{entry.key}` | {entry.spec.noun} | {'required' if entry.required else 'optional'} | {entry.doc} |"
        for entry in params(check)
    ]
    table = "\n".join(["| key | value | | |", "|---|---|---|---|", *rows])
    return f"# {name}\n\n{inspect.getdoc(check)}\n\n## Keys\n\nBeside the keys that every rule has:\n\n{table}\n"


def metric_page(name: str) -> str:
    """A metric's page: an entry for every task and average that it is defined for."""
    sections = [_entry(metric) for metric in metrics()[name]]
    return f"# {name}\n\n" + "\n\n".join(sections) + "\n"


def _entry(metric: Metric) -> str:
    average = {"class": " of one class (`class:`)", None: ""}.get(metric.average, f", `average: {metric.average}`")
    caveat = f" ({metric.caveat})" if metric.caveat else ""
    keys = ", ".join(f"`{key}`{' (required)' if key in metric.requires else ''}" for key in metric.takes) or "none"
    lines = [
        f"## {' · '.join(metric.tasks)}{average}",
        "",
        metric.doc,
        "",
        f"- **Direction:** {metric.better.value}",
        f"- **Range:** {_range(*metric.range)}",
        f"- **Interval:** {metric.kind.method}",
        f"- **Coverage:** {metric.interval.value}{caveat}",
        f"- **Keys of its own:** {keys}",
        f"- **Sampling weights:** {'yes' if metric.kind.weighted else 'no'}",
        f"- **Tested against:** {metric.oracle}",
    ]
    return "\n".join(lines)


def _range(low: float, high: float) -> str:
    left = "(-∞" if low == float("-inf") else f"[{low:g}"
    right = "∞)" if high == float("inf") else f"{high:g}]"
    return f"{left}, {right}"
