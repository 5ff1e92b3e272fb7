"""mlgate waive: the stub of a waiver for a rule that blocks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgate.cli.output import emit
from mlgate.cli.shared_options import AsOf
from mlgate.policy.filed_waivers import FILE_NAME
from mlgate.values.errors import InputError, MachineError
from mlgate.values.words import counted, did_you_mean

if TYPE_CHECKING:
    from mlgate.values.verdict import Outcome, Verdict

MOST_DAYS = 90


@click.command("waive")
@click.argument("verdict", metavar="VERDICT.json", type=click.Path(path_type=Path))
@click.argument("rule")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=30, help="For how long. Default: 30, at most 90.")
@click.option("--candidate", help="The candidate, if the file has verdicts on several.")
@click.option(
    "--into", type=click.Path(path_type=Path), metavar="waivers.yaml",
    help="Add it to this file of waivers, which is made if it does not exist, instead of printing it.",
)  # fmt: skip
@click.option("--as-of", type=AsOf(), metavar="DATE", help="The first day, YYYY-MM-DD. Default: today.")
def command(verdict: Path, rule: str, days: int, candidate: str | None, into: Path | None, as_of: date | None) -> int:
    """Print the stub of a waiver for RULE, for the `waivers:` of its policy, or add it to a `waivers.yaml`.

    It names just what blocks, for this candidate, with the bound that it meets now. Who is responsible and why is to be
    written: a policy with TODO in their place is refused.
    """
    from mlgate.authoring.waiver_stub import waiver_entries, waiver_stub
    from mlgate.reading.edge import today

    judged, outcome = _chosen(verdict, rule, candidate)
    first = as_of or today()
    if into is None:
        emit(waiver_stub(judged, outcome, first, days))
    else:
        _add(waiver_entries(judged, outcome, first, days, outcome.name), into)
    return 0


def _chosen(verdict: Path, rule: str, candidate: str | None) -> tuple[Verdict, Outcome]:
    """The outcome of a rule in a stored verdict. Raises InputError where there is none, or several."""
    from mlgate.authoring.waiver_stub import outcomes_of
    from mlgate.reading.verdict_file import read_verdicts

    stored = read_verdicts(verdict, str(verdict)).verdicts
    there = tuple(each for each in stored.verdicts if candidate in (None, each.candidate, each.path))
    found = outcomes_of(there, rule)
    if not found:
        names = list(dict.fromkeys(each.name for one in there for each in one.outcomes))
        hint = did_you_mean(rule, names) or f"; it has {', '.join(names) or 'no rule'}"
        raise InputError(f"{verdict} has no rule `{rule}`{hint}")
    if len(found) > 1:
        said = f"{verdict} has {counted(len(found), 'outcome')} of `{rule}`"
        raise InputError(f"{said}; name one by --candidate, and by the rule's full name")
    return found[0]


def _add(entries: Sequence[Sequence[str]], into: Path) -> None:
    """Add stubs to a file of waivers. Raises InputError for another file."""
    from mlgate.authoring.filed_stub import new_file, stubs_at_end
    from mlgate.authoring.waiver_stub import TO_WRITE
    from mlgate.cli.new_files import path_here, read_here, write_new

    name = path_here(into)
    if into.name != FILE_NAME:
        raise InputError(f"--into {into}: a file of waivers is called `{FILE_NAME}`; name one, or print the stub")
    if not os.path.lexists(into):
        write_new({Path(name): new_file(entries)})
    elif into.is_symlink():
        raise InputError(f"{name} is a link; name the file itself, or print the stub without --into")
    else:
        _append(into, stubs_at_end(read_here(name), entries, name))
    emit(f"{name}: {counted(len(entries), 'waiver')} added; write who is responsible and why instead of {TO_WRITE}\n")


def _append(file: Path, text: bytes) -> None:
    try:
        with file.open("ab") as stream:
            stream.write(text)
    except OSError as error:
        raise MachineError(f"{file} cannot be written: {error.strerror or error}") from error
