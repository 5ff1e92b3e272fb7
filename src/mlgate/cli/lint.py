"""mlgate lint: policies without data, or beside a candidate's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from mlgate.cli.output import emit
from mlgate.cli.preamble import Running, find_presented, load_demanded
from mlgate.evidence.engines.choice import DEFAULT
from mlgate.planning.advice import advice
from mlgate.policy.demanded import Policy
from mlgate.values.errors import Problem

FEW = 100
"""Draws that are enough to see whether the gate seldom passes; `mlgate plan` takes more."""


@click.command("lint")
@click.argument("policies", nargs=-1, metavar="[POLICY]...", type=click.Path())
@click.option(
    "--candidate", "candidates", multiple=True, metavar="CANDIDATE", type=click.Path(),
    help="Measure this candidate too, and name the rules that its data cannot show; may be repeated.",
)  # fmt: skip
def command(policies: tuple[str, ...], candidates: tuple[str, ...]) -> int:
    """Check policies for mistakes: every problem of every file, as file:line:column.

    POLICY is a file or a folder. Without one: policies/. The exit code is 2 when anything is wrong. Advice is printed
    too and does not change the exit code. With --candidate it is also about the candidate's data, as in `mlgate plan`.
    """
    loaded = load_demanded(policies, "policy")
    for policy in loaded:
        rules = len(policy.rules)
        emit(f"{policy.file}: policy {policy.name}, {rules} rule{'s' if rules != 1 else ''}, no problems\n")
        if policy.owner_at and policy.owner_at.file != policy.file:
            emit(f"{policy.file}: owned by {policy.owner}, says {policy.owner_at.file}:{policy.owner_at.line}\n")
        for found in advice(policy):
            emit(f"{found.at}: advice: {found.message}\n")
    for found in _about_data(candidates, loaded) if candidates else ():
        emit(f"{found.at}: advice: {found.message}\n")
    return 0


def _about_data(candidates: Sequence[str], policies: Sequence[Policy]) -> Iterator[Problem]:
    from mlgate.gate import bind
    from mlgate.planning.advice import advice_with_data
    from mlgate.planning.measured import Drawing, plan_candidate

    for path in find_presented(candidates):
        with Running(DEFAULT).settings() as settings:
            candidate = bind.load(path, policies, settings.workspace)
            plan = plan_candidate(candidate, policies, settings, Drawing(draws=FEW))
        yield from advice_with_data(plan, policies)
