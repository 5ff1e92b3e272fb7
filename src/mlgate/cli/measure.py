"""mlgate measure: measures facts where private data are, to be judged elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.cli.inputs import files_read
from mlgate.cli.output import STDOUT, deliver
from mlgate.cli.preamble import Running, find_presented, load_demanded
from mlgate.cli.set_aside import without_earlier
from mlgate.cli.shared_options import candidates_argument, policy_option, running_options
from mlgate.cli.targets import refuse_overwriting
from mlgate.gate.run import Settings
from mlgate.gate.stored_facts import measure_all
from mlgate.gate.table_facts import measure_table
from mlgate.policy.demanded import Policy
from mlgate.reading.edge import workspace
from mlgate.reports.write import remove_stale
from mlgate.values.errors import InputError


@click.command("measure")
@candidates_argument
@policy_option
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("facts.json"), help="Default: facts.json."
)
@click.option(
    "--table",
    "table",
    metavar="NAME[=TABLE]",
    help="Only what rules of data.drift ask of the table that they call NAME in `against`, for `facts:` of a later "
    "candidate. TABLE is its name in this candidate, if it has another one.",
)
@running_options("engine", "threads", "as_of", "roots", "servers")
def command(
    candidates: tuple[str, ...], policies: tuple[str, ...], output: Path, table: str | None, running: Running
) -> int:
    """Measure what the policies ask of candidates, and write the facts: counts and sums, never rows.

    `mlgate check --facts FILE` judges them elsewhere and gives the same verdict. The digest in the file reveals an
    accidental edit, but it is not a signature: whoever can write the file can also write the digest.

    With `--table train`, later candidates name the file instead of the table `train`: `tables: {train: {facts: FILE}}`.
    It has counts per bin and category, the edges of bins, and the categories themselves only for columns that
    `show_values` of a rule names; of others it has digests.
    """
    if output != STDOUT:
        with without_earlier([output]):
            refuse_overwriting("--output", output, files_read(candidates, policies, (), running.servers))
            remove_stale([output], workspace(Path.cwd()))
    demanded, paths = load_demanded(policies, running.roots), find_presented(candidates)
    with running.settings(len(paths)) as settings:
        text = _of_table(table, paths, demanded, settings) if table else measure_all(paths, demanded, settings)
    deliver(output, text)
    return 0


def _of_table(given: str, paths: tuple[Path, ...], policies: tuple[Policy, ...], settings: Settings) -> str:
    name, _, table = given.partition("=")
    if len(paths) != 1:
        raise InputError(f"--table is about the table of one candidate, and {len(paths)} are given; name one file")
    return measure_table(paths[0], policies, name, table or name, settings)
