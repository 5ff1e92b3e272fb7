"""mlgate lint: checks policies without data or, with a candidate, against its data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from mlgate.cli.output import emit_page
from mlgate.cli.preamble import Running, find_presented, load_demanded
from mlgate.cli.shared_options import running_options
from mlgate.planning.advice import advice
from mlgate.policy.demanded import Policy
from mlgate.policy.left_open import left_open
from mlgate.reports.safe_text import visible
from mlgate.values.errors import Problem

FEW = 100
"""The number of draws that shows whether the gate rarely passes; `mlgate plan` uses more."""


@click.command("lint")
@click.argument("policies", nargs=-1, metavar="[POLICY]...", type=click.Path())
@click.option(
    "--candidate", "candidates", multiple=True, metavar="CANDIDATE", type=click.Path(),
    help="Also measure this candidate and name the rules that its data cannot show; may be repeated.",
)  # fmt: skip
@running_options("roots")
def command(policies: tuple[str, ...], candidates: tuple[str, ...], running: Running) -> int:
    """Check policies for mistakes and print each as file:line:column.

    POLICY is a file or a folder. Default: policies/. The exit code is 2 if anything is wrong. Advice is printed too and
    does not change the exit code; so are the keys that a policy leaves to the candidate, with the line that fixes each.
    With --candidate, advice is also about the candidate's data, as in `mlgate plan`.
    """
    loaded = load_demanded(policies, running.roots, "policy")
    for policy in loaded:
        rules = len(policy.rules)
        emit_page(
            visible(f"{policy.file}: policy {policy.name}, {rules} rule{'s' if rules != 1 else ''}, no problems\n")
        )
        if policy.owner_at and policy.owner_at.file != policy.file:
            emit_page(
                visible(f"{policy.file}: owned by {policy.owner}, from {policy.owner_at.file}:{policy.owner_at.line}\n")
            )
        for key, line in left_open(policy):
            _say(f"{policy.file}: the candidate may choose {key}; to fix it, write `expects: {{{line}}}`")
        for found in advice(policy):
            _say(f"{found.at}: advice: {found.message}")
    for found in _about_data(candidates, loaded, running) if candidates else ():
        _say(f"{found.at}: advice: {found.message}")
    return 0


def _say(line: str) -> None:
    emit_page(f"{visible(line)}\n")


def _about_data(candidates: Sequence[str], policies: Sequence[Policy], running: Running) -> Iterator[Problem]:
    from mlgate.gate import bind
    from mlgate.planning.advice import advice_with_data
    from mlgate.planning.measured import Drawing, plan_candidate

    for path in find_presented(candidates):
        with running.settings() as settings:
            candidate = bind.load(path, policies, settings.workspace, settings.roots)
            plan = plan_candidate(candidate, policies, settings, Drawing(draws=FEW))
        yield from advice_with_data(plan, policies)
