"""mlgate known: records the findings that fail today."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mlgate.authoring.waiver_stub import TO_WRITE
from mlgate.cli.output import complain, emit
from mlgate.cli.shared_options import AsOf
from mlgate.policy.known_failures import MOST_DAYS
from mlgate.values.errors import InputError, MachineError
from mlgate.values.verdict import Verdicts
from mlgate.values.words import are, counted


@click.command("known")
@click.argument("verdict", metavar="VERDICT.json", type=click.Path(path_type=Path))
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="FILE",
    help="Write a new file, instead of printing it.",
)  # fmt: skip
@click.option("--owner", default=TO_WRITE, help="Who repairs them. Without it, TODO, with which the file is refused.")
@click.option("--reason", default=TO_WRITE, help="Why they may stay for now. Without it, TODO.")
@click.option(
    "--days", type=click.IntRange(1, MOST_DAYS), default=90,
    help=f"For how long they are known. Default: 90, at most {MOST_DAYS}.",
)  # fmt: skip
@click.option("--as-of", type=AsOf(), metavar="DATE", help="The day of recording, YYYY-MM-DD. Default: today.")
@click.option(
    "--shrink", type=click.Path(path_type=Path), metavar="FILE",
    help="Instead: remove from FILE what the verdict, judged with --known FILE, shows to be met or expired.",
)  # fmt: skip
def command(
    verdict: Path,
    output: Path | None,
    owner: str,
    reason: str,
    days: int,
    as_of: date | None,
    shrink: Path | None,
) -> int:
    """Record the findings of a stored verdict that fail, for `mlgate check --known FILE`.

    Each is known with its value: it does not block while it is not worse, which is decided by the rule's own bound.
    What is an ERROR cannot be recorded. With --policy-ref, the file may only shrink.
    """
    from mlgate.authoring.known_entries import Recording, recorded
    from mlgate.cli.new_files import write_new
    from mlgate.reading.edge import today
    from mlgate.reading.strict_yaml import escaped
    from mlgate.reading.verdict_file import read_verdicts

    stored = read_verdicts(verdict, str(verdict)).verdicts
    if shrink:
        return _shrunk(stored, shrink)
    found = recorded(stored.verdicts, Recording(owner, reason, as_of or today(), days))
    for said in found.left_out:
        complain(f"not recorded: {said}")
    if not found.entries:
        raise InputError(f"{verdict} has no finding that fails and can be recorded; there is nothing to know")
    if output:
        write_new({output: found.text})
        emit(f"{output}: {counted(found.entries, 'known failure')}\n")
    else:
        emit(escaped(found.text))
    return 0


def _shrunk(stored: Verdicts, file: Path) -> int:
    from mlgate.authoring.known_entries import needless, without
    from mlgate.policy.known_failures import load_known
    from mlgate.reading.edge import workspace

    top = workspace(Path.cwd())
    known = load_known(file, workspace=top)
    if all(known.input not in verdict.inputs for verdict in stored.verdicts):
        raise InputError(f"the verdict was not given with {file} as it is; run `mlgate check --known {file}` again")
    gone = dict(needless(stored.verdicts, known.input.path))
    if gone:
        text = without(known, file.read_bytes().decode(), set(gone))
        try:
            file.write_bytes(text.encode())
        except OSError as error:
            raise MachineError(f"{file} cannot be written: {error}") from error
    for line, said in sorted(gone.items()):
        emit(f"{known.input.path}:{line} removed: {said}\n")
    left = len(known.entries) - len(gone)
    emit(f"{file}: {counted(left, 'known failure')} {are(left)} left\n")
    return 0
