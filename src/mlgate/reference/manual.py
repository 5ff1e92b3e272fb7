"""The manual as Markdown, for `docs/` and `mlgate explain`, made from docstrings, metric entries and declared keys."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from mlgate.checks.base import Check
from mlgate.checks.registry import checks
from mlgate.metrics.metric import Better, Interval, Metric
from mlgate.metrics.options import samples
from mlgate.metrics.registry import known, metrics
from mlgate.reading.fields import ListOf, MapOf, Record, params
from mlgate.reading.fields.records import Param
from mlgate.values.faults import crashing

INFINITE = float("inf")
AROUND = {"calibration_slope": "[0.8, 1.2]", "calibration_intercept": "[-0.2, 0.2]"}
"""The bounds that examples give to metrics whose best value is in the middle."""

_WEIGHTED = (
    "yes, with approximate bounds: where few rows weigh much, they miss up to 8 % instead of 5 %, and up to 23 % where "
    "wrong rows weigh several times as much as others and the sample has few of them"
)


def check_page(name: str) -> str:
    """The page of a check: its docstring, and a table of its keys."""
    check: type[Check] = checks()[name]
    with crashing(f"the page of `{name}`", check):
        return _check_page(name, check)


def _check_page(name: str, check: type[Check]) -> str:
    bound = "and its bound" if check.bounded else "without a bound"
    bound += " if it has one" if check.searching else ""
    before = f"In addition to the keys of every rule, {bound}:"
    below = "".join(f"\n{heading}\n\n{keys_table(record)}\n" for heading, record in _records(check))
    return f"# {name}\n\n{inspect.getdoc(check)}\n\n## Keys\n{before}\n\n{keys_table(check)}\n{below}"


def _records(record: type[Any], above: str = "") -> Iterator[tuple[str, type[Any]]]:
    """The records below the keys of a record, each with a heading: the keys of each entry of `columns`."""
    for entry in params(record):
        inner = entry.spec.of if isinstance(entry.spec, (MapOf, ListOf)) else entry.spec
        key = f"{above}{entry.key}"
        if isinstance(inner, Record):
            yield f"### {'Each entry of ' if inner is not entry.spec else ''}`{key}`", inner.cls
            yield from _records(inner.cls, f"{key}.")


def metric_page(name: str) -> str:
    """The page of a metric: one section per task and average that it is defined for."""
    entries = known()[name]
    with crashing(f"the page of `{name}`", entries[0].kind):
        return f"# {name}\n\n" + "\n\n".join(map(_entry, entries)) + "\n"


def keys_table(record: type[Any]) -> str:
    """A table of the keys that a record declares: their values, whether they are required, and their meaning."""
    return table(("key", "value", "", "meaning"), map(_key_row, params(record)))


def checks_table() -> str:
    """A table of all checks, one line each, with links to their pages."""
    rows = ((f"[{name}]({name}.md)", checks()[name].help()) for name in sorted(checks()))
    return table(("check", "what it demands"), rows)


def metrics_table(task: str) -> str:
    """A table of the metrics of a task, one line each, with links to their pages."""
    chosen = [metric for entries in metrics().values() for metric in entries if task in metric.tasks]
    rows = (
        (f"[{m.name}]({m.name}.md){_average(m)}", m.doc, _DIRECTIONS[m.better], _COVERAGE[m.interval]) for m in chosen
    )
    return table(("metric", "definition", "better", "coverage"), rows)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(map(_escaped, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def _key_row(entry: Param) -> tuple[str, str, str, str]:
    return f"`{entry.key}`", entry.spec.noun, "required" if entry.required else "", entry.doc


_DIRECTIONS = {Better.HIGHER: "higher", Better.LOWER: "lower", Better.NEITHER: "neither"}
_COVERAGE = {
    Interval.GUARANTEED: "guaranteed on the grid",
    Interval.APPROXIMATE: "approximate",
    Interval.NOT_GUARANTEED: "not guaranteed",
    Interval.NONE: "none",
}


def _entry(metric: Metric) -> str:
    caveat = f": {metric.caveat}" if metric.caveat else ""
    keys = [f"`{key}`{' (required)' if key in metric.requires else ''}" for key in metric.takes]
    lines = [
        f"## {metric.for_tasks}{_average(metric)}",
        "",
        metric.doc,
        "",
        f"- **Direction:** {metric.better.value}",
        f"- **Range:** {_range(*metric.range)}",
        f"- **Interval:** {metric.kind.method}",
        f"- **Coverage:** {metric.interval.value}{caveat}",
        f"- **Keys of its own:** {', '.join(keys) or 'none'}",
        f"- **Sampling weights:** {_WEIGHTED if metric.kind.weighted else 'no'}",
        f"- **Rows in units:** {_in_units(metric)}",
        f"- **Two models on the same rows:** {_compared(metric)}",
        f"- **Tested against:** {_oracle(metric.oracle)}",
        "",
        "```yaml",
        *_example(metric),
        "```",
    ]
    return "\n".join(lines)


def _in_units(metric: Metric) -> str:
    """The method of the interval for rows in units."""
    return metric.kind.in_units or "an ERROR, because it has no interval for them"


def _compared(metric: Metric) -> str:
    """The method of the interval for the difference of two models on the same rows."""
    return metric.kind.compared or "an ERROR; only a champion given by its `verdict` can be compared"


def _average(metric: Metric) -> str:
    """The key of a rule that selects this entry among those of its name, in words."""
    if metric.average is None:
        return ""
    return " of one `class:`" if metric.average == "class" else f", `average: {metric.average}`"


def _oracle(oracle: str) -> str:
    return f"`{oracle}`" if ":" in oracle else f"a second, independent computation ({oracle})"


def _example(metric: Metric) -> list[str]:
    """An example rule for this entry; the tests of the docs load it."""
    written = samples() | {"average": metric.average or ""}
    if metric.name == "top_k_accuracy":
        written["k"] = "2"
    lines = [f"- id: {metric.name}", "  check: performance.metric", f"  metric: {metric.name}"]
    lines += [f"  {key}: {written[key]}" for key in metric.requires]
    lines.append(f"  {_bound(metric)}")
    return [*lines, "  proof: estimate"] if metric.interval is Interval.NONE else lines


def _bound(metric: Metric) -> str:
    """A bound that fits the direction of the metric and is inside its range."""
    low, high = metric.range
    finite = high != INFINITE
    good = Fraction(high) - Fraction(1, 5) if finite else Fraction(max(low, 0)) + 2
    if metric.better is Better.HIGHER:
        return f"at_least: {float(good):g}"
    if metric.better is Better.LOWER:
        return "at_most: 0.2" if finite else f"at_most: {float(good):g}"
    return f"between: {AROUND.get(metric.name, '[0.1, 0.4]' if finite else '[-2, 250]')}"


def _range(low: float, high: float) -> str:
    left = "(-∞" if low == -INFINITE else f"[{low:g}"
    right = "∞)" if high == INFINITE else f"{high:g}]"
    return f"{left}, {right}"
