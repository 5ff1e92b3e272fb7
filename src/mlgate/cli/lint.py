"""mlgate lint: policies without data, or beside a candidate's."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path

import click

from mlgate.cli.options import emit, paths_or
from mlgate.planning.advice import advice
from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today, workspace
from mlgate.values.errors import Problem

FEW = 100
"""Draws that tell whether the gate passes seldom; `mlgate plan` takes more."""


@click.command("lint")
@click.argument("policies", nargs=-1, metavar="[POLICY]...", type=click.Path())
@click.option(
    "--candidate", "candidates", multiple=True, metavar="CANDIDATE", type=click.Path(),
    help="Measure this candidate too, and name the rules that its data cannot show; may be repeated.",
)  # fmt: skip
def command(policies: tuple[str, ...], candidates: tuple[str, ...]) -> int:
    """Check policies for mistakes: every problem of every file, as file:line:column.

    POLICY is a file or a folder. Without one: policies/. Exit code 2 when anything is wrong; advice about what is
    seldom meant is printed too and changes no exit code. With --candidate the advice is also about its data, by the
    reckoning of `mlgate plan`.
    """
    paths = paths_or(policies, "policies", "policy")
    loaded = load_policies([Path(path) for path in paths], workspace=workspace(Path.cwd()))
    for policy in loaded:
        rules = len(policy.rules)
        emit(f"{policy.file}: policy {policy.name}, {rules} rule{'s' if rules != 1 else ''}, no problems\n")
        for found in advice(policy):
            emit(f"{found.at}: advice: {found.message}\n")
    for found in _about_data(candidates, loaded) if candidates else ():
        emit(f"{found.at}: advice: {found.message}\n")
    return 0


def _about_data(candidates: Sequence[str], policies: Sequence[Policy]) -> Iterator[Problem]:
    from mlgate.candidate.read import find_candidates
    from mlgate.cli.progress import progress
    from mlgate.gate import bind
    from mlgate.gate.run import Settings
    from mlgate.planning.advice import advice_with_data
    from mlgate.planning.measured import Drawing, plan_candidate

    top = workspace(Path.cwd())
    for path in find_candidates(candidates, Path.cwd()):
        with redirect_stdout(sys.stderr), progress() as say:
            settings = Settings(top, today(), progress=say)
            plan = plan_candidate(bind.load(path, policies, top), policies, settings, Drawing(draws=FEW))
        yield from advice_with_data(plan, policies)
