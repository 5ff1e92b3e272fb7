"""mlgate waive: the stub of a waiver for a rule that blocks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mlgate.cli.output import emit
from mlgate.cli.shared_options import AsOf
from mlgate.values.errors import InputError
from mlgate.values.words import counted, did_you_mean

MOST_DAYS = 90


@click.command("waive")
@click.argument("verdict", metavar="VERDICT.json", type=click.Path(path_type=Path))
@click.argument("rule")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=30, help="For how long. Default: 30, at most 90.")
@click.option("--candidate", help="The candidate, if the file has verdicts on several.")
@click.option("--as-of", type=AsOf(), metavar="DATE", help="The first day, YYYY-MM-DD. Default: today.")
def command(verdict: Path, rule: str, days: int, candidate: str | None, as_of: date | None) -> int:
    """Print the stub of a waiver for RULE, for the `waivers:` of its policy.

    It names just what blocks, for this candidate, with the bound that it meets now. Who is responsible and why is to be
    written: a policy with TODO in their place is refused.
    """
    from mlgate.authoring.waiver_stub import outcomes_of, waiver_stub
    from mlgate.reading.edge import today
    from mlgate.reading.verdict_file import read_verdicts

    stored = read_verdicts(verdict, str(verdict)).verdicts
    there = tuple(each for each in stored.verdicts if candidate in (None, each.candidate, each.path))
    found = list(outcomes_of(there, rule))
    if not found:
        names = list(dict.fromkeys(each.name for one in there for each in one.outcomes))
        hint = did_you_mean(rule, names) or f"; it has {', '.join(names) or 'no rule'}"
        raise InputError(f"{verdict} has no rule `{rule}`{hint}")
    if len(found) > 1:
        said = f"{verdict} has {counted(len(found), 'outcome')} of `{rule}`"
        raise InputError(f"{said}; name one by --candidate, and by the rule's full name")
    emit(waiver_stub(*found[0], as_of or today(), days))
    return 0
