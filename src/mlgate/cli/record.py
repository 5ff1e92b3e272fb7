"""mlgate record: runs a program, and records what it read and made."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgate.cli.output import complain
from mlgate.cli.shared_options import policy_option
from mlgate.reading.edge import workspace
from mlgate.values.errors import InputError

if TYPE_CHECKING:
    from mlgate.lineage.readers.lineage_file import RecordedPolicy

_NAMED = 5
"""The most changed files that are named."""


@click.command("record", context_settings={"ignore_unknown_options": True})
@click.argument("program", metavar="-- COMMAND...", nargs=-1, type=click.UNPROCESSED, required=True)
@click.option("--reads", multiple=True, metavar="PATH[=ROLE]", help="A file that it reads; may be repeated.")
@click.option("--makes", multiple=True, metavar="PATH[=ROLE]", required=True, help="A file that it makes.")
@click.option("--name", default="", metavar="NAME", help="The run's name. Default: that of the first file it makes.")
@click.option("--by", default="", metavar="NAME", help="Who starts it: an address, or `Name <address>`.")
@policy_option
@click.option("--output", "-o", type=click.Path(path_type=Path), default=Path("lineage.yaml"),
              help="Default: lineage.yaml.")  # fmt: skip
def command(
    program: tuple[str, ...],
    reads: tuple[str, ...],
    makes: tuple[str, ...],
    name: str,
    by: str,
    policies: tuple[str, ...],
    output: Path,
) -> int:
    """Run COMMAND, and record in lineage.yaml what it read and made, with their digests and its commit.

    A ROLE says what a file is for the model: data:train, data:evaluation, parameters, environment, features or
    base_model. Without it, the file's name tells whether it is code, a lock of the environment or parameters. A lock
    file of the workspace, such as uv.lock or requirements.txt, is recorded by itself. A run of the same name takes the
    place of the earlier one. The digests of the policies are recorded too, so that governance.preregistered can show
    that they stood before. If COMMAND fails, its exit code is returned and nothing is written.
    """
    from mlgate.authoring.recorded_run import RunToRecord, files_named, write_whole
    from mlgate.values.reach import Reach

    here = Path.cwd()
    top = workspace(here)
    made = files_named(makes, here, top, "--makes")
    inside = files_named([str(output)], here, top, "--output")[0].path
    called = name or Path(made[0].path).name
    read = files_named(reads, here, top, "--reads")
    wanted = RunToRecord(called, inside, read, made, Reach.of(top), _standing(policies), by)
    run = wanted.start()
    if changed := wanted.changed():
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        complain(f"not as in the commit: {', '.join(changed[:_NAMED])}{more}; the record says so, so commit them first")
    try:
        done = subprocess.run(program, check=False)
    except OSError as error:
        raise InputError(
            f"{program[0]} cannot be run: {error.strerror or error}; check the command after `--`"
        ) from error
    if done.returncode:
        complain(f"{program[0]} ended with exit code {done.returncode}, so nothing is recorded")
        return done.returncode if done.returncode > 0 else 128 - done.returncode
    write_whole(output, wanted.text(wanted.end(run)))
    return 0


def _standing(given: Sequence[str]) -> tuple[RecordedPolicy, ...]:
    """The files of the policies as they are now; none where there is no policy yet, or it has mistakes."""
    from mlgate.cli.preamble import load_demanded
    from mlgate.lineage.readers.lineage_file import RecordedPolicy

    try:
        found = load_demanded(given)
    except InputError as error:
        if given:
            raise
        if Path("policies").exists():
            complain(f"no policy is recorded, because they have mistakes: {error}")
        return ()
    entries = dict.fromkeys(entry for policy in found for entry in policy.inputs)
    return tuple(RecordedPolicy(entry.path, entry.sha256) for entry in entries)
