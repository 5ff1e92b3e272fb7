"""All reports by name: files in `formats/`, and plugins of the entry-point group `mlgate.reports`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from mlgate.reports.interface import Report
from mlgate.values.errors import InputError
from mlgate.values.family import Family, FilesBelow
from mlgate.values.words import did_you_mean


@cache
def shipped() -> Mapping[str, Report]:
    """The built-in reports."""
    return FilesBelow("mlgate.reports.formats", _report_in)


@cache
def reports() -> Family[Report]:
    """All reports that a command line can name."""
    return Family("report", shipped(), _accepted)


def find_report(name: str) -> Report:
    """The report with a name. Raises InputError for an unknown name, MachineError for a broken or repeated one."""
    if name not in reports():
        raise InputError(unknown(name))
    return reports()[name]


def unknown(name: str) -> str:
    """The message for an unknown report."""
    hint = did_you_mean(name, reports()) or f"; choose one of {', '.join(reports())}"
    return f"unknown report `{name}`{hint}"


def _report_in(module: ModuleType) -> Mapping[str, Report]:
    return {module.REPORT.name: module.REPORT} if hasattr(module, "REPORT") else {}


def _accepted(name: str, found: Any) -> Report:
    if not isinstance(found, Report):
        raise ValueError(f"it is not a mlgate.reports.interface.Report, but a {type(found).__name__}")  # noqa: TRY004
    if found.name != name:
        raise ValueError(f"it calls itself {found.name!r}; the two names must be the same")
    return found
