"""mlgate explain: what a check, metric or report means, and why a rule of a verdict has its status."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from mlgate.checks.registry import also_called as checks_called
from mlgate.checks.registry import checks
from mlgate.cli.appearance import look
from mlgate.cli.output import emit_page
from mlgate.cli.report import stored_verdicts
from mlgate.metrics.registry import also_called as metrics_called
from mlgate.metrics.registry import known
from mlgate.policy.packs import PREFIX, packs
from mlgate.reference.manual import check_page, metric_page
from mlgate.reference.pack_pages import pack_called, pack_page
from mlgate.reference.topics import report_page, topics_page
from mlgate.reports.explanation import explain_blocked, explain_outcome
from mlgate.reports.markdown_page import laid_out
from mlgate.reports.registry import reports
from mlgate.values.errors import InputError
from mlgate.values.verdict import Refusal, Verdict, Verdicts
from mlgate.values.words import did_you_mean


class Topic(click.ParamType):  # type: ignore[type-arg]  # generic only in newest click
    """A check, a metric, a report, a pack, or a stored verdict."""

    name = "topic"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Files, and the names of checks, metrics, reports and packs."""
        names = [name for name in (*checks(), *known(), *reports(), *_packs()) if name.startswith(incomplete)]
        # Files first, because click's script for bash drops what comes before them.
        return [CompletionItem(incomplete, type="file"), *map(CompletionItem, names)]


@click.command("explain")
@click.argument("topic", type=Topic(), required=False, metavar="[CHECK|METRIC|REPORT|PACK|VERDICT.json]")
@click.argument("rule", required=False)
@click.option("--candidate", help="The candidate, if the file has verdicts on several.")
def command(topic: str | None, rule: str | None, candidate: str | None) -> int:
    """Explain a check, a metric, a report or a pack, or why a RULE of a stored verdict has its status, and what to do.

    Without a topic it lists all checks, metrics and reports, with those of plugins, and the packs.
    """
    if topic is None:
        emit_page(laid_out(topics_page(), look()))
    elif topic.endswith(".json") or os.path.isfile(topic):
        emit_page(_explained(Path(topic), rule, candidate))
    else:
        emit_page(laid_out(_topic(topic), look()))
    return 0


def _topic(name: str) -> str:
    for family, page in ((checks(), check_page), (known(), metric_page), (reports(), report_page)):
        if name in family:
            return page(name)
    if pack := pack_called(name):
        return pack_page(pack)
    names = (*checks(), *known(), *reports(), *_packs())
    hint = did_you_mean(name, names, {**checks_called(), **metrics_called()})
    every = (
        f"; `mlgate explain` lists all, and `mlgate explain VERDICT.json {name}` explains a rule of a stored verdict"
    )
    raise InputError(f"unknown check, metric, report or pack `{name}`{hint or every}")


def _packs() -> tuple[str, ...]:
    return tuple(f"{PREFIX}{name}" for name in packs())


def _explained(path: Path, rule: str | None, candidate: str | None) -> str:
    chosen = _chosen(stored_verdicts(path), candidate)
    if rule is None:
        return explain_blocked(chosen, look()) or (
            "nothing blocks in this verdict; name a RULE to explain it\n"
            if chosen.allowed
            else "no candidate was presented, so nothing was judged\n"
        )
    asked = [(outcome, verdict) for verdict in chosen.verdicts for outcome in verdict.outcomes]
    found = [(outcome, verdict) for outcome, verdict in asked if rule in (outcome.rule, outcome.name)]
    if not found:
        names = list(dict.fromkeys(outcome.name for outcome, _ in asked))
        if not names:
            said = f"no rule was judged, so there is none to explain; `mlgate explain {path}` says why"
            raise InputError(said)
        raise InputError(f"the verdict has no rule `{rule}`{did_you_mean(rule, names)}; it has {', '.join(names)}")
    return "\n".join(explain_outcome(outcome, verdict, look()) for outcome, verdict in found)


def _chosen(stored: Verdicts, candidate: str | None) -> Verdicts:
    """The results for one candidate by its name or file; all of them unless one is named.

    What could not be judged before any candidate was read is about each of them.
    """
    if candidate is None:
        return stored
    verdicts = tuple(each for each in stored.verdicts if candidate in (each.candidate, each.path))
    refusals = tuple(each for each in stored.refusals if candidate in (each.candidate, each.path) or not each.path)
    if not verdicts and not refusals:
        every: tuple[Verdict | Refusal, ...] = (*stored.verdicts, *stored.refusals)
        names = sorted({each.candidate or each.path for each in every})
        there = f"it has {', '.join(names)}" if names else "it has none"
        raise InputError(f"the verdict has no candidate `{candidate}`{did_you_mean(candidate, names)}; {there}")
    return Verdicts(verdicts, refusals)
