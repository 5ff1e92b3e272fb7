"""What `mlgate explain` lists: all checks and metrics by family, all reports, and the plugins of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mlgate.checks.registry import checks
from mlgate.metrics.metric import EVERYWHERE, TASKS
from mlgate.metrics.registry import known, metrics
from mlgate.reference.pack_pages import packs_listed
from mlgate.reports.registry import reports
from mlgate.values.faults import crashing
from mlgate.values.words import first_sentence

Section = tuple[str, Iterable[tuple[str, str]]]


def topics_page() -> str:
    """All that can be explained. Plugins are named with their distribution; listing them does not load them."""
    parts = ["# What can be explained", "`mlgate explain NAME` explains one of these."]
    for title, lines in (*_checks(), *_metrics(), *_reports()):
        parts.append(f"## {title}\n\n" + "\n".join(f"- `{name}`: {said}" for name, said in lines))
    parts.append("## Packs\n\n" + "\n".join(f"- `{name}`: {said}" for name, said in packs_listed()))
    return "\n\n".join(parts) + "\n"


def report_page(name: str) -> str:
    """The page of a report: what it is for, and how to have it written."""
    report = reports()[name]
    with crashing(f"the page of `{name}`", report.render):
        return f"# {name}\n\nA report: {report.about}.\n\n```console\nmlgate check --report {name}=PATH\n```\n"


def _checks() -> Iterator[Section]:
    shipped, plugins = checks().shipped, checks().plugins()
    for family in sorted({name.partition(".")[0] for name in (*shipped, *plugins)}):
        own = [(name, shipped[name].help()) for name in sorted(shipped) if name.partition(".")[0] == family]
        yield f"Checks: {family}", [*own, *(line for line in _of(plugins) if line[0].partition(".")[0] == family)]


def _metrics() -> Iterator[Section]:
    everywhere = {name for name, entries in metrics().items() if entries[0].tasks == EVERYWHERE}
    for task in TASKS:
        own = sorted(name for name in metrics() if name not in everywhere and _has(name, task))
        yield f"Metrics: {task}", [(name, _said(name, task)) for name in own]
    yield "Metrics: any task", [(name, _said(name, "")) for name in sorted(everywhere)]
    if plugins := known().plugins():
        yield "Metrics: plugins", _of(plugins)


def _has(name: str, task: str) -> bool:
    return any(task in metric.tasks for metric in metrics()[name])


def _said(name: str, task: str) -> str:
    """The first sentence about a metric. Where a task has it only as an average, what the metric is in general."""
    first = metrics()[name][0]
    plain = next((metric for metric in metrics()[name] if task in metric.tasks and metric.average is None), first)
    return first_sentence(plain.doc)


def _reports() -> Iterator[Section]:
    shipped = [(report.name, f"{report.about}.") for report in reports().shipped.values()]
    yield "Reports", [*shipped, *_of(reports().plugins())]


def _of(plugins: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, f"from the plugin {plugins[name] or 'of an unnamed distribution'}") for name in sorted(plugins)]
