"""mlgate measure: facts beside private data, to be judged elsewhere."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from mlgate.candidate.read import find_candidates
from mlgate.cli.inputs import files_read
from mlgate.cli.options import candidates_argument, emit, paths_or, policy_option, running_options, sharing
from mlgate.cli.progress import progress
from mlgate.gate.run import Settings
from mlgate.gate.stored_facts import measure_all
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today, workspace
from mlgate.reports.write import STDOUT, refuse_overwriting, remove_stale, write_report


@click.command("measure")
@candidates_argument
@policy_option
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("facts.json"), help="Default: facts.json."
)
@running_options
def command(
    candidates: tuple[str, ...],
    policies: tuple[str, ...],
    output: Path,
    engine: str,
    threads: int | None,
    jobs: int | None,
) -> int:
    """Measure what the policies ask of candidates and write the facts: counts and sums, never rows.

    `mlgate check --facts FILE` judges them elsewhere, with the same verdict.
    """
    if output != STDOUT:
        refuse_overwriting("--output", output, files_read(candidates, policies))
        remove_stale([output])
    top = workspace(Path.cwd())
    demanded = load_policies(
        [Path(path) for path in paths_or(policies, "policies", "policy (--policy)")], workspace=top
    )
    paths = find_candidates(paths_or(candidates, "candidate.yaml", "candidate"), Path.cwd())
    _, each = sharing(1, threads, len(paths))
    with redirect_stdout(sys.stderr), progress() as say:
        settings = Settings(top, today(), each, progress=say, engine=engine)
        text = measure_all(paths, demanded, settings)
    if output == STDOUT:
        emit(text)
    else:
        write_report(output, text)
    return 0
