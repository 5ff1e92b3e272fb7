"""mlgate explain: what a check or metric means, and why a rule of a verdict has its status."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from mlgate.checks.registry import checks
from mlgate.cli.output import emit_page, on_terminal
from mlgate.cli.report import stored_verdicts
from mlgate.metrics.registry import known
from mlgate.reference.manual import check_page, metric_page
from mlgate.reports.explanation import explain_outcome
from mlgate.values.errors import InputError
from mlgate.values.verdict import Verdicts
from mlgate.values.words import did_you_mean


class Topic(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """A check, a metric, or a stored verdict."""

    name = "topic"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Files, and the names of checks and metrics."""
        names = [name for name in (*checks(), *known()) if name.startswith(incomplete)]
        # Files first, because click's script for bash drops what comes before them.
        return [CompletionItem(incomplete, type="file"), *map(CompletionItem, names)]


@click.command("explain")
@click.argument("topic", type=Topic(), metavar="CHECK|METRIC|VERDICT.json")
@click.argument("rule", required=False)
@click.option("--candidate", help="The candidate, if the file has verdicts on several.")
def command(topic: str, rule: str | None, candidate: str | None) -> int:
    """Explain a check or a metric, or why a RULE of a stored verdict has its status and what to do next."""
    if topic.endswith(".json") or Path(topic).is_file():
        emit_page(_explained(stored_verdicts(Path(topic)), rule, candidate))
        return 0
    if topic in checks():
        emit_page(_page(check_page(topic)))
    elif topic in known():
        emit_page(_page(metric_page(topic)))
    else:
        raise InputError(f"unknown check or metric `{topic}`{did_you_mean(topic, (*checks(), *known()))}")
    return 0


def _explained(stored: Verdicts, rule: str | None, candidate: str | None) -> str:
    chosen = [verdict for verdict in stored.verdicts if candidate in (None, verdict.candidate, verdict.path)]
    found = [
        (outcome, verdict)
        for verdict in chosen
        for outcome in verdict.outcomes
        if rule in (outcome.rule, outcome.name) or (rule is None and outcome.blocking)
    ]
    if rule is None and not found:
        return "nothing blocks in this verdict; name a RULE to explain it\n"
    if not found:
        names = [outcome.name for verdict in chosen for outcome in verdict.outcomes]
        known = f"it has {', '.join(names)}" if names else "no candidate in it could be judged"
        raise InputError(f"the verdict has no rule `{rule}`{did_you_mean(rule or '', names)}; {known}")
    return "\n".join(explain_outcome(outcome, verdict) for outcome, verdict in found)


def _page(markdown: str) -> str:
    if not on_terminal():
        return markdown
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    with console.capture() as captured:
        console.print(Markdown(markdown))
    return captured.get()
