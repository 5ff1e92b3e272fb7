"""mlgate plan: the rows that a policy needs, and the chance that a good model passes."""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from mlgate.cli.appearance import look
from mlgate.cli.output import emit, emit_page
from mlgate.cli.preamble import Running, find_presented, load_demanded
from mlgate.cli.shared_options import candidates_argument, policy_option, running_options
from mlgate.gate import bind
from mlgate.gate.prospects import POWER
from mlgate.metrics.metric import TASKS
from mlgate.planning.assumed import Assumed, plan_assumed
from mlgate.planning.measured import DRAWS, MOST_DRAWS, SEED, Drawing, plan_candidate
from mlgate.policy.demanded import Policy
from mlgate.reports.plan_page import render_json, render_plans
from mlgate.values.errors import InputError
from mlgate.values.plan import Plan


class AssumeOption(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """NAME=VALUE, with shell completion of metrics."""

    name = "name=value"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The metrics' names."""
        from mlgate.metrics.registry import known

        return [CompletionItem(f"{name}=") for name in known() if name.startswith(incomplete)]


@click.command("plan")
@candidates_argument
@policy_option
@click.option(
    "--assume", "assumed", multiple=True, type=AssumeOption(), metavar="NAME=VALUE",
    help="Plan without data, as if this were true: a metric or a rule and its share (recall=0.92); for a gap, the "
    "share of every group (fair=0.5,0.5,0.5); for a champion, the difference and the share of discordant rows "
    "(steady=0,0.05); prevalence and selection_rate give the share of all rows that counts. May be repeated.",
)  # fmt: skip
@click.option(
    "--task", type=click.Choice(TASKS), default="binary",
    help="With --assume: the task of the metrics. Default: binary.",
)  # fmt: skip
@click.option(
    "--power", type=float, default=POWER, help="The chance that the rows show a demand that is true. Default: 0.8."
)
@click.option(
    "--draws", type=click.IntRange(1, MOST_DRAWS), default=DRAWS, help="How often counts are drawn again. Default: 400."
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=SEED, help="Seed of the draws. Default: 0.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="What is printed.")
@running_options("as_of", "engine", "threads", "roots", "servers")
@click.option("--verbose", "-v", is_flag=True, help="Print all slices, including those that always pass.")
def command(
    candidates: tuple[str, ...],
    policies: tuple[str, ...],
    assumed: tuple[str, ...],
    task: str,
    power: float,
    draws: int,
    seed: int,
    form: str,
    verbose: bool,
    running: Running,
) -> int:
    """Plan data for a policy: the rows that every rule needs, what the present rows would refute, and the chance that
    the whole gate passes if the observed values are the true ones.

    CANDIDATE is as for `mlgate check`; leave it out with --assume. A plan decides nothing: exit code 0 means that it
    could be made, never that a model may merge.
    """
    drawing = Drawing(power, draws, seed)
    if assumed and candidates:
        raise InputError("values are either assumed (--assume) or measured (CANDIDATE); remove one")
    demanded = load_demanded(policies, running.roots)
    if assumed:
        plans: Sequence[Plan] = [plan_assumed(demanded, Assumed.of(assumed), task, power)]
    else:
        plans = _measured(candidates, demanded, drawing, running)
    if form == "json":
        emit(render_json(plans))
    else:
        emit_page(render_plans(plans, look(), verbose=verbose))
    return 0


def _measured(candidates: Sequence[str], policies: Sequence[Policy], drawing: Drawing, running: Running) -> list[Plan]:
    """The plans of all candidates. A mistake in one candidate is an error for all."""
    paths = find_presented(candidates, "candidate (or --assume)")
    with running.settings(len(paths)) as settings:
        loaded = [bind.load(path, policies, settings.workspace, settings.roots, settings.servers) for path in paths]
        return [plan_candidate(candidate, policies, settings, drawing) for candidate in loaded]
