"""mlgate plan: the rows that a policy takes, and how likely a good model passes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from mlgate.candidate.read import find_candidates
from mlgate.cli.appearance import look
from mlgate.cli.options import AsOf, candidates_argument, emit, paths_or, policy_option, sharing
from mlgate.cli.progress import progress
from mlgate.gate import bind
from mlgate.gate.prospects import POWER
from mlgate.gate.run import Settings
from mlgate.metrics.base import TASKS
from mlgate.planning.assumed import Assumed, plan_assumed
from mlgate.planning.measured import DRAWS, SEED, Drawing, plan_candidate
from mlgate.policy.demanded import Policy
from mlgate.policy.load import load_policies
from mlgate.reading.edge import today, workspace
from mlgate.reports.plan import render_json, render_plans
from mlgate.values.errors import InputError
from mlgate.values.plan import Plan


class AssumeOption(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """NAME=VALUE, with the metrics completed."""

    name = "name=value"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The metrics' names."""
        from mlgate.metrics.registry import metrics

        return [CompletionItem(f"{name}=") for name in metrics() if name.startswith(incomplete)]


@click.command("plan")
@candidates_argument
@policy_option
@click.option(
    "--assume", "assumed", multiple=True, type=AssumeOption(), metavar="NAME=VALUE",
    help="Plan without data, as if this were the truth: a metric or a rule and its share (recall=0.92); for a gap the "
    "share of every group (fair=0.5,0.5,0.5); for a champion difference and discordant share (steady=0,0.05); "
    "prevalence and selection_rate tell which part of all rows counts. May be repeated.",
)  # fmt: skip
@click.option(
    "--task", type=click.Choice(TASKS), default="binary",
    help="With --assume: the task that metrics are meant for. Default: binary.",
)  # fmt: skip
@click.option("--power", type=float, default=POWER, help="How surely rows are to show what is true. Default: 0.8.")
@click.option("--draws", type=click.IntRange(1), default=DRAWS, help="How often counts are drawn anew. Default: 400.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=SEED, help="Seed of the draws. Default: 0.")
@click.option("--as-of", type=AsOf(), metavar="DATE", help="The day to plan for, YYYY-MM-DD. Default: today.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="What is printed.")
@click.option("--threads", type=click.IntRange(1), help="Threads for the scans. Default: the cores.")
@click.option("--verbose", "-v", is_flag=True, help="Print every slice, also those that surely pass.")
def command(
    candidates: tuple[str, ...],
    policies: tuple[str, ...],
    assumed: tuple[str, ...],
    task: str,
    power: float,
    draws: int,
    seed: int,
    as_of: date | None,
    form: str,
    threads: int | None,
    verbose: bool,
) -> int:
    """Plan data for a policy: the rows every rule takes, what the rows at hand would refute, and how likely the whole
    gate passes if the truth is what was observed.

    CANDIDATE is as for `mlgate check`; with --assume there is none. A plan decides nothing: exit code 0 says that one
    could be made, never that a model may merge.
    """
    drawing = Drawing(power, draws, seed)
    if assumed and candidates:
        raise InputError("rates are assumed (--assume) or measured (CANDIDATE), not both: leave one out")
    top = workspace(Path.cwd())
    demanded = load_policies(
        [Path(path) for path in paths_or(policies, "policies", "policy (--policy)")], workspace=top
    )
    if assumed:
        plans: Sequence[Plan] = [plan_assumed(demanded, Assumed.of(assumed), task, power)]
    else:
        plans = _measured(candidates, demanded, drawing, top, as_of, threads)
    emit(render_json(plans) if form == "json" else render_plans(plans, look(), verbose=verbose))
    return 0


def _measured(
    candidates: tuple[str, ...],
    policies: Sequence[Policy],
    drawing: Drawing,
    top: Path,
    as_of: date | None,
    threads: int | None,
) -> list[Plan]:
    """The plan of every candidate; what is wrong with one is told, and there is none of any."""
    given = paths_or(candidates, "candidate.yaml", "candidate (or --assume)")
    paths = find_candidates(given, Path.cwd())
    _, each = sharing(1, threads, len(paths))
    with redirect_stdout(sys.stderr), progress() as say:
        settings = Settings(top, as_of or today(), each, progress=say)
        return [plan_candidate(bind.load(path, policies, top), policies, settings, drawing) for path in paths]
