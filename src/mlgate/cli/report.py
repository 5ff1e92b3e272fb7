"""mlgate report: renders a stored verdict again."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.cli.appearance import shown_on_console
from mlgate.cli.output import deliver, emit_page
from mlgate.cli.shared_options import report_option
from mlgate.cli.targets import parse_report_options
from mlgate.reading.verdict_file import read_verdicts
from mlgate.reports.registry import find_report
from mlgate.reports.registry import reports as formats
from mlgate.values.errors import InputError
from mlgate.values.verdict import Verdicts


@click.command("report")
@click.argument("verdict", type=click.Path(path_type=Path), metavar="VERDICT.json")
@report_option
def command(verdict: Path, reports: tuple[str, ...]) -> int:
    """Render the JSON report of an earlier run again, by default to the console.

    A report decides nothing: the exit code says whether it could be rendered, not what the verdict was.
    """
    if (name := str(verdict)) in formats() and not verdict.exists():
        said = f"`{name}` is a format and not a stored verdict"
        raise InputError(f"{said}; write `mlgate report VERDICT.json --report {name}=PATH`")
    stored = stored_verdicts(verdict)
    targets = parse_report_options(reports, [verdict])
    for name, path in targets:
        deliver(path, find_report(name).text(stored))
    if not targets:
        emit_page(shown_on_console(stored, stored=str(verdict)))
    return 0


def stored_verdicts(path: Path) -> Verdicts:
    """The verdicts in a JSON report. Raises InputError if the file is not one."""
    return read_verdicts(path, str(path)).verdicts
