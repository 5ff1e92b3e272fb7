"""The report for a terminal or a CI log: the answer first, then the worst rules, then the rest."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reports.announced_lines import announced_to
from mlgate.reports.console_answers import add_answer, add_refusal, add_unjudged
from mlgate.reports.console_overview import add_overview, add_tally
from mlgate.reports.console_rules import add_rules
from mlgate.reports.interface import Report
from mlgate.reports.page import PLAIN_LOOK, STYLES, Look, Page
from mlgate.reports.safe_text import no_commands
from mlgate.reports.summary import (
    blocked_count,
    of_rules,
    only_warns,
    owned_policies,
    shown_about,
    title_of,
    why_blocked,
    worst_first,
)
from mlgate.reports.waiver_lines import about, by_kind, state, terms
from mlgate.values.verdict import Outcome, Status, Verdict, Verdicts, WaiverNote
from mlgate.values.words import counted


def render_console(
    verdicts: Verdicts,
    look: Look = PLAIN_LOOK,
    *,
    verbose: bool = False,
    quiet: bool = False,
    stored: str | None = None,
) -> str:
    """The verdicts as a page. `quiet` gives one line per candidate, `verbose` also shows what passed.

    `stored` is the path of the JSON report of the same run, for the commands that the page suggests.
    """
    page = Page(look)
    if quiet:
        add_overview(page, verdicts, quiet=True)
        if verdicts.unjudged:
            add_unjudged(page, verdicts.unjudged)
        return page.render()
    judged = len(verdicts.verdicts) + len(verdicts.refusals)
    several = judged != 1
    if several and (judged or not verdicts.allowed):
        add_answer(page, verdicts.allowed, blocked_count(verdicts), verdicts.exit_code)
        page.blank()
        add_overview(page, verdicts)
    for refusal in verdicts.refusals:
        page.blank()
        add_refusal(page, refusal, title_of(refusal, verdicts))
    for verdict in verdicts.verdicts:
        harmful = any(each.blocking for each in verdict.announced)
        in_overview_only = several and verdict.allowed and not (verdict.waivers or harmful)
        if verbose or not in_overview_only:
            page.blank()
            _add_verdict(page, verdict, verbose, title_of(verdict, verdicts))
    if verdicts.unjudged:
        page.blank()
        add_unjudged(page, verdicts.unjudged)
    _add_next(page, verdicts, stored)
    return page.render()


def render(verdicts: Verdicts) -> str:
    """The page for a file or a log: plain, 100 characters wide."""
    return no_commands(render_console(verdicts, Look(unicode=False)))


MARK = r"[+x✓✗] (ALLOWED|BLOCKED)  \S"

REPORT = Report("console", "the page for people, as in the terminal but plain", render, MARK)


def _add_verdict(page: Page, verdict: Verdict, verbose: bool, titled: str) -> None:
    look = page.look
    add_answer(page, verdict.allowed, titled, verdict.exit_code)
    asked = counted(len(of_rules(verdict.outcomes)), "rule")
    if len(owned_policies(verdict)) > 1:
        asked += f" of {counted(len(owned_policies(verdict)), 'policy')}"
    page.paragraph((f"{asked}: ", "dim"), *add_tally(page, verdict.outcomes), indent=2)
    facts = [f"as of {verdict.as_of}", verdict.path, *[f"mlgate {verdict.tool}"] * bool(verdict.tool)]
    facts += shown_about(verdict)
    page.line("  ", (look.dot.join(look.say(fact) for fact in facts), "dim"))
    warns = only_warns(verdict.outcomes)
    if warns:
        page.line("  ", (f"{counted(warns, 'rule')} would block but only warn{'s' * (warns == 1)}", "yellow"))
    for said in announced_to(verdict):
        page.paragraph((look.say(said), "yellow"), indent=2, lead="!")
    if why_blocked(verdict):
        page.paragraph((why_blocked(verdict), "bold"), indent=2)
    page.blank()
    add_rules(page, verdict, verbose)
    _add_waivers(page, verdict.waivers)
    if verdict.notes:
        page.blank()
        page.line(("Notes", "bold"))
        for note in verdict.notes:
            page.paragraph(look.say(note), indent=2, lead="-")


def _add_waivers(page: Page, waivers: tuple[WaiverNote, ...]) -> None:
    for title, notes in by_kind(waivers):
        applied = sum(waiver.applied for waiver in notes)
        page.blank()
        page.line((title, "bold"), f"  {applied} applied, {len(notes) - applied} not applied")
        for waiver in sorted(notes, key=lambda waiver: not waiver.applied):
            _add_waiver(page, waiver)


def _add_waiver(page: Page, waiver: WaiverNote) -> None:
    look = page.look
    status = Status.WAIVED if waiver.applied else Status.ERROR
    page.paragraph(
        (look.say(about(waiver)), "bold"),
        f"  {look.say(state(waiver))}",
        indent=2,
        lead=look.sign(status),
        style=STYLES[status],
    )
    page.paragraph((look.dot.join(look.say(term) for term in terms(waiver) if term), "dim"), indent=4)
    page.paragraph((look.say(waiver.reason), "italic"), indent=4)


def _add_next(page: Page, verdicts: Verdicts, stored: str | None) -> None:
    page.blank()
    hints = list(_next_steps(verdicts, stored))
    if hints:
        page.line(("Next", "bold"))
    for step, why in hints:
        page.line("  ", page.look.say(step), "   ", (page.look.say(why), "dim"))


def _next_steps(verdicts: Verdicts, stored: str | None) -> Iterator[tuple[str, str]]:
    """What the reader can do or ask next, and why."""
    blocked = [verdict for verdict in verdicts.verdicts if not verdict.allowed]
    blocking = [outcome for verdict in blocked for outcome in verdict.outcomes if outcome.blocking]
    if blocking:
        worst = next(_worst(verdict) for verdict in blocked if verdict.exit_code in (1, 3))
        if stored is None:
            yield "mlgate check ... --report json=verdict.json", "stores the verdict"
        yield f"mlgate explain {stored or 'verdict.json'} {worst.name}", "why, and what would have passed"
        if any(map(_waits, blocking)):
            yield "looks: N", "in the rule, if N models are to be judged on these rows"
        if worst.owner:
            yield worst.owner, f"owns the policy {worst.policy}"
    if verdicts.retryable:
        yield "check the machine, then run it again: only the machine failed", ""


def _waits(outcome: Outcome) -> bool:
    """Whether a rule that blocks is not shown, so that somebody will have it judged again."""
    return outcome.status is Status.INCONCLUSIVE and outcome.proof == "shown"


def _worst(verdict: Verdict) -> Outcome:
    return worst_first(verdict.outcomes)[0]
