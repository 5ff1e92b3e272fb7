"""mlgate doctor: what would let a change slip past the gate."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.cli.appearance import look
from mlgate.cli.output import emit, emit_page
from mlgate.reading.edge import workspace

FORMATS = ("text", "markdown", "json")


@click.command("doctor")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="Default: text.")
def command(form: str) -> int:
    """Say what would let a change slip past the gate of this repository, and what to do about it.

    It reads the workflows of GitHub Actions, GitLab, Azure Pipelines and Jenkins, the scripts that they run,
    CODEOWNERS, the policies, and what git says. The exit code is 1 if it finds anything, else 0. What only settings of
    the repository can hold is listed beside that, because no file shows it.
    """
    from mlgate.doctor.diagnose import diagnose
    from mlgate.reports.diagnosis_page import as_json, as_markdown, as_text

    found = diagnose(workspace(Path.cwd()))
    if form == "json":
        emit(as_json(found))
    else:
        emit_page(as_text(found, look()) if form == "text" else as_markdown(found))
    return found.exit_code
