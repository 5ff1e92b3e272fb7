"""mlgate init: writes a first candidate file and policy from a file that a team has."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.authoring.source import FileToStart, first_files
from mlgate.cli.new_files import UNNAMED, checked_name, path_here, refuse_taken, write_new
from mlgate.cli.output import emit_page
from mlgate.reports.safe_text import visible


@click.command("init")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--from-table", is_flag=True, help="FILE is a table: make rules for its columns and rows.")
@click.option("--owner", default=UNNAMED, metavar="OWNER", help="Who is responsible for the policy.")
@click.option("--name", default="", metavar="NAME", help="The candidate's name. Default: the folder's.")
def command(file: Path, from_table: bool, owner: str, name: str) -> int:
    """Write candidate.yaml and a policy for FILE, which pass on it, and say what to do next.

    FILE is a file of metrics (JSON, YAML or CSV) in the working folder or below, or with --from-table a table that is
    profiled. The policy is policies/NAME.yaml. A file that exists is not overwritten.
    """
    here = Path.cwd()
    called = checked_name(name, here.name)
    candidate, policy = Path("candidate.yaml"), Path("policies") / f"{called}.yaml"
    refuse_taken((candidate, policy))
    wanted = FileToStart(path_here(file), called, owner, workspace=here)
    drafted = first_files(wanted, "table" if from_table else "")
    write_new({candidate: drafted.candidate, policy: drafted.policy})
    unnamed = [f"Name who is responsible as `owner` in {policy}."] * (owner == UNNAMED)
    steps = (f"Wrote {candidate} and {policy}.", *unnamed, *drafted.next_steps)
    emit_page(visible("".join(f"{step}\n" for step in steps)))
    return 0
