"""mlgate explain: what a check, metric or report means, and why a rule of a verdict has its status."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from mlgate.checks.registry import also_called as checks_called
from mlgate.checks.registry import checks
from mlgate.cli.output import emit_page, on_terminal
from mlgate.cli.report import stored_verdicts
from mlgate.metrics.registry import also_called as metrics_called
from mlgate.metrics.registry import known
from mlgate.reference.manual import check_page, metric_page
from mlgate.reference.topics import report_page, topics_page
from mlgate.reports.explanation import explain_outcome
from mlgate.reports.registry import reports
from mlgate.values.errors import InputError
from mlgate.values.verdict import Verdicts
from mlgate.values.words import did_you_mean


class Topic(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """A check, a metric, a report, or a stored verdict."""

    name = "topic"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Files, and the names of checks, metrics and reports."""
        names = [name for name in (*checks(), *known(), *reports()) if name.startswith(incomplete)]
        # Files first, because click's script for bash drops what comes before them.
        return [CompletionItem(incomplete, type="file"), *map(CompletionItem, names)]


@click.command("explain")
@click.argument("topic", type=Topic(), required=False, metavar="[CHECK|METRIC|REPORT|VERDICT.json]")
@click.argument("rule", required=False)
@click.option("--candidate", help="The candidate, if the file has verdicts on several.")
def command(topic: str | None, rule: str | None, candidate: str | None) -> int:
    """Explain a check, a metric or a report, or why a RULE of a stored verdict has its status and what to do next.

    Without a topic it lists all checks, metrics and reports, with those of plugins.
    """
    if topic is None:
        emit_page(_page(topics_page()))
    elif topic.endswith(".json") or Path(topic).is_file():
        emit_page(_explained(stored_verdicts(Path(topic)), rule, candidate))
    else:
        emit_page(_page(_topic(topic)))
    return 0


def _topic(name: str) -> str:
    for family, page in ((checks(), check_page), (known(), metric_page), (reports(), report_page)):
        if name in family:
            return page(name)
    names = (*checks(), *known(), *reports())
    hint = did_you_mean(name, names, {**checks_called(), **metrics_called()})
    raise InputError(f"unknown check, metric or report `{name}`{hint or '; `mlgate explain` lists all'}")


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
