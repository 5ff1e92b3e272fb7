"""The built-in reports in one table; those of the entry-point group `mlgate.reports` load when named."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from mlgate.reports import console, json_report, junit, tables
from mlgate.reports.interface import Report
from mlgate.reports.text import nearest
from mlgate.values.errors import InputError, MachineError

GROUP = "mlgate.reports"

BUILT_IN = {
    report.name: report
    for report in (
        console.REPORT,
        json_report.REPORT,
        junit.REPORT,
        tables.MARKDOWN,
        tables.CSV,
    )
}


def report_names() -> tuple[str, ...]:
    """The names of all reports, built-in ones first; loads no plugin."""
    plugins = {point.name for point in entry_points(group=GROUP)}
    return (*BUILT_IN, *sorted(plugins - set(BUILT_IN)))


def find_report(name: str) -> Report:
    """The report of a name. Raises InputError for an unknown, MachineError for a broken or doubled one."""
    points = tuple(entry_points(group=GROUP, name=name))
    built_in = BUILT_IN.get(name)
    if len(points) + (built_in is not None) > 1:
        raise MachineError(f"several reports are called {name!r}: {_origins(points, built_in)}; uninstall all but one")
    if built_in is not None:
        return built_in
    if points:
        return _load(points[0])
    known = report_names()
    raise InputError(f"no report is called {name!r}{nearest(name, known)}; reports are {', '.join(known)}")


def _load(point: EntryPoint) -> Report:
    origin = f"the report plugin {point.name!r} of {_distribution(point)} ({point.value})"
    try:
        report = point.load()
    except Exception as error:
        raise MachineError(f"{origin} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(report, Report):
        raise MachineError(f"{origin} is no mlgate.reports.interface.Report but {type(report).__name__}")
    if report.name != point.name:
        raise MachineError(f"{origin} calls itself {report.name!r}; the two names must be the same")
    return report


def _origins(points: Iterable[EntryPoint], built_in: Report | None) -> str:
    named = [f"{point.value} of {_distribution(point)}" for point in points]
    return ", ".join(["the built-in one", *named] if built_in else named)


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unnamed distribution"
