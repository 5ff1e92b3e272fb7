"""mlgate init: writes a first candidate file and policy from a file that a team has."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from mlgate.authoring.source import FileToStart, FirstFiles, as_name, first_files
from mlgate.cli.output import emit_page
from mlgate.evidence.files import contents
from mlgate.reports.safe_text import visible
from mlgate.values.errors import EvidenceError, InputError, MachineError
from mlgate.values.reach import Reach

UNNAMED = "not named yet"


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
    called = as_name(name or here.name, "model")
    if name and called != name:
        raise InputError(f"`--name {name}` is not a name of letters, digits, `.`, `_` and `-`; write {called}")
    _refuse_taken(called)
    drafted = _drafted(file, here, FileToStart("", called, owner, workspace=here), "table" if from_table else "")
    candidate, policy = _write(drafted, called)
    unnamed = [f"Name who is responsible as `owner` in {policy}."] * (owner == UNNAMED)
    steps = (f"Wrote {candidate} and {policy}.", *unnamed, *drafted.next_steps)
    emit_page(visible("".join(f"{step}\n" for step in steps)))
    return 0


def _drafted(file: Path, here: Path, wanted: FileToStart, named: str) -> FirstFiles:
    path = os.path.relpath(os.path.abspath(file), here)
    if path.startswith(os.pardir):
        raise InputError(f"{file} is outside the working folder; copy it here, or run in its folder")
    wanted = replace(wanted, path=Path(path).as_posix())
    if named:
        return first_files(wanted, named)
    try:
        raw = contents(path, Reach.of(here))
    except EvidenceError as error:
        raise InputError(str(error)) from error
    return first_files(replace(wanted, raw=raw))


def _refuse_taken(called: str) -> tuple[Path, Path]:
    """The paths of both files. Raises InputError if one of them exists."""
    paths = Path("candidate.yaml"), Path("policies") / f"{called}.yaml"
    if taken := [str(path) for path in paths if os.path.lexists(path)]:
        raise InputError(f"{' and '.join(taken)} exist already and are not overwritten; remove them, or edit them")
    return paths


def _write(files: FirstFiles, called: str) -> tuple[Path, Path]:
    """Write both files, or none if one of them exists."""
    paths = _refuse_taken(called)
    try:
        paths[1].parent.mkdir(exist_ok=True)
        for path, text in zip(paths, (files.candidate, files.policy), strict=True):
            with path.open("x", encoding="utf-8") as opened:
                opened.write(text)
    except OSError as error:
        raise MachineError(f"the first files cannot be written: {error}") from error
    return paths
