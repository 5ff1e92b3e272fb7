"""mlgate check: the gate."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path

import click

from mlgate.candidate.read import find_candidates
from mlgate.cli.appearance import shown_on_console
from mlgate.cli.inputs import files_read
from mlgate.cli.options import (
    AsOf,
    candidates_argument,
    emit,
    paths_or,
    policy_option,
    report_option,
    running_options,
    sharing,
)
from mlgate.cli.progress import progress
from mlgate.gate.batch import judge_all
from mlgate.gate.run import Settings
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today, workspace
from mlgate.reports.registry import find_report
from mlgate.reports.write import STDOUT, parse_report_options, remove_stale, write_report
from mlgate.values.errors import InputError, MachineError, MlgateError, Problem
from mlgate.values.stored import write as stored_text
from mlgate.values.verdict import Refusal, Verdicts


@click.command("check")
@candidates_argument
@policy_option
@report_option
@click.option("--format", "form", type=click.Choice(["console", "json"]), default="console", help="What is printed.")
@click.option("--as-of", type=AsOf(), metavar="DATE", help="The day to judge by, YYYY-MM-DD. Default: today.")
@click.option(
    "--facts", type=click.Path(), metavar="FILE", help="Judge facts that `mlgate measure` wrote instead of the data."
)
@running_options
@click.option("--quiet", "-q", is_flag=True, help="Print a line a candidate.")
@click.option("--verbose", "-v", is_flag=True, help="Print every finding, also those that pass.")
def command(
    candidates: tuple[str, ...],
    policies: tuple[str, ...],
    reports: tuple[str, ...],
    form: str,
    as_of: date | None,
    facts: str | None,
    engine: str,
    threads: int | None,
    jobs: int | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Judge candidates by policies and end with the verdict as exit code.

    CANDIDATE is a candidate file, a folder that is searched for candidate.yaml and *.candidate.yaml, or a glob.
    Without one: candidate.yaml here.
    """
    taken = files_read(candidates, policies, [facts] if facts else []) if reports else ()
    targets = parse_report_options(reports, taken)
    remove_stale(path for _, path in targets)
    renderers = [(find_report(name), path) for name, path in targets]
    verdicts = _judged(candidates, policies, as_of, facts, engine, threads, jobs)
    pages = [(path, report.render(verdicts)) for report, path in renderers]
    if all(path != STDOUT for path, _ in pages):
        stored = next((str(path) for name, path in targets if name == "json"), None)
        console = shown_on_console(verdicts, verbose=verbose, quiet=quiet, stored=stored)
        pages.append((STDOUT, stored_text(verdicts) if form == "json" else console))
    problems = [problem for path, text in pages if (problem := _written(path, text))]
    if problems and verdicts.exit_code != 1:
        raise problems[0]
    for problem in problems:
        click.echo(f"mlgate: {problem}", err=True)
    return verdicts.exit_code


def _judged(
    candidates: tuple[str, ...],
    policies: tuple[str, ...],
    as_of: date | None,
    facts: str | None,
    engine: str,
    threads: int | None,
    jobs: int | None,
) -> Verdicts:
    """The verdicts; what is wrong with the policies or the command line is a refusal of them all."""
    try:
        top = workspace(Path.cwd())
        demanded = load_policies(
            [Path(path) for path in paths_or(policies, "policies", "policy (--policy)")], workspace=top
        )
        paths = find_candidates(paths_or(candidates, "candidate.yaml", "candidate"), Path.cwd())
        together, each = sharing(jobs, threads, len(paths))
        # What a metric of the policy's own choice prints must not end up in a report on standard output.
        with redirect_stdout(sys.stderr), progress() as say:
            settings = Settings(top, as_of or today(), each, together, progress=say, engine=engine)
            if facts is not None:
                from mlgate.gate.stored_facts import stored_evidence

                return judge_all(paths, demanded, settings, stored_evidence(Path(facts), demanded, top))
            return judge_all(paths, demanded, settings)
    except InputError as error:
        return Verdicts((), (Refusal("", 2, error.problems),))
    except MlgateError as error:
        return Verdicts((), (Refusal("", error.exit_code, (Problem(None, str(error)),)),))


def _written(path: Path, text: str) -> MachineError | None:
    try:
        if path == STDOUT:
            emit(text)
        else:
            write_report(path, text)
    except MachineError as error:
        return error
    return None
