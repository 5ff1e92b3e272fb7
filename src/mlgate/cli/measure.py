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
from mlgate.gate.stored_facts import measure_all
from mlgate.reading.edge import workspace
from mlgate.reports.write import remove_stale


@click.command("measure")
@candidates_argument
@policy_option
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("facts.json"), help="Default: facts.json."
)
@running_options("engine", "threads", "roots")
def command(candidates: tuple[str, ...], policies: tuple[str, ...], output: Path, running: Running) -> int:
    """Measure what the policies ask of candidates, and write the facts: counts and sums, never rows.

    `mlgate check --facts FILE` judges them elsewhere and gives the same verdict. The digest in the file reveals an
    accidental edit, but it is not a signature: whoever can write the file can also write the digest.
    """
    if output != STDOUT:
        with without_earlier([output]):
            refuse_overwriting("--output", output, files_read(candidates, policies))
            remove_stale([output], workspace(Path.cwd()))
    demanded, paths = load_demanded(policies, running.roots), find_presented(candidates)
    with running.settings(len(paths)) as settings:
        text = measure_all(paths, demanded, settings)
    deliver(output, text)
    return 0
