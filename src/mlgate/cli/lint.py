"""mlgate lint: policies without data."""

from __future__ import annotations

from pathlib import Path

import click

from mlgate.cli.options import emit, paths_or
from mlgate.edge import workspace
from mlgate.policy.advice import advice
from mlgate.policy.load import load_policies


@click.command("lint")
@click.argument("policies", nargs=-1, metavar="[POLICY]...", type=click.Path())
def command(policies: tuple[str, ...]) -> int:
    """Check policies for mistakes: every problem of every file, as file:line:column.

    POLICY is a file or a folder. Without one: policies/. Exit code 2 when anything is wrong; advice about what is
    seldom meant is printed too and changes no exit code.
    """
    paths = paths_or(policies, "policies", "policy")
    for policy in load_policies([Path(path) for path in paths], workspace=workspace(Path.cwd())):
        rules = len(policy.rules)
        emit(f"{policy.file}: policy {policy.name}, {rules} rule{'s' if rules != 1 else ''}, no problems\n")
        for found in advice(policy):
            emit(f"{found.at}: advice: {found.message}\n")
    return 0
