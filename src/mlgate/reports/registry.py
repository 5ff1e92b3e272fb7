"""Every report by its name: a file of `formats/`, or a plugin of the entry-point group `mlgate.reports`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from mlgate.reports.interface import Report
from mlgate.values.errors import InputError
from mlgate.values.family import Family, FilesBelow
from mlgate.values.words import did_you_mean


def shipped() -> Mapping[str, Report]:
    """The reports that ship with mlgate."""
    return FilesBelow("mlgate.reports.formats", _report_in)


@cache
def reports() -> Mapping[str, Report]:
    """Every report that a command line may name."""
    return Family("report", "mlgate.reports", shipped(), _accepted)


def find_report(name: str) -> Report:
    """The report of a name. Raises InputError for an unknown one, MachineError for a broken or doubled one."""
    if name not in reports():
        raise InputError(unknown(name))
    return reports()[name]


def unknown(name: str) -> str:
    """What is said of a name that no report has."""
    hint = did_you_mean(name, reports()) or f"; the reports are {', '.join(reports())}"
    return f"no report is called `{name}`{hint}"


def _report_in(module: ModuleType) -> Mapping[str, Report]:
    return {module.REPORT.name: module.REPORT} if hasattr(module, "REPORT") else {}


def _accepted(name: str, found: Any) -> Report:
    if not isinstance(found, Report):
        raise ValueError(f"it is not a mlgate.reports.interface.Report, but a {type(found).__name__}")  # noqa: TRY004
    if found.name != name:
        raise ValueError(f"it calls itself {found.name!r}; the two names must be the same")
    return found
