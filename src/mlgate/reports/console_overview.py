"""The candidates of a run on the console, one line each: the verdict, the owner, the worst rule, what would block."""

from __future__ import annotations

from collections.abc import Sequence

from mlgate.reports.announced_lines import announced_to_all
from mlgate.reports.console_answers import refused
from mlgate.reports.page import STYLES, Page, Span, cells, fitted
from mlgate.reports.summary import of_rules, tally, title_of, why_blocked, worst_first, would_block
from mlgate.values.verdict import Outcome, Refusal, Status, Verdict, Verdicts
from mlgate.values.words import counted


def add_overview(page: Page, verdicts: Verdicts, quiet: bool = False) -> None:
    """One line per candidate, the blocked ones first, and what is announced to several."""
    look = page.look
    answers: list[Verdict | Refusal] = [*verdicts.refusals, *verdicts.verdicts]
    names = [look.say(title_of(answer, verdicts)) for answer in answers]
    widest = min(max(map(cells, names), default=0), look.width // 2)
    for name, answer in sorted(zip(names, answers), key=lambda pair: (pair[1].allowed, pair[0])):
        style = "green" if answer.allowed else "bold red"
        sign = look.sign(Status.PASS if answer.allowed else Status.FAIL)
        word = f"{'ALLOWED' if answer.allowed else 'BLOCKED'} " if quiet else ""
        page.line((f"{sign} {word}", style), fitted(name, widest, look), "  ", *_in_short(page, answer), whole=quiet)
    for said in announced_to_all(verdicts):
        page.paragraph((look.say(said), "yellow"), indent=0, lead="!")


def _in_short(page: Page, answer: Verdict | Refusal) -> list[Span]:
    if isinstance(answer, Refusal):
        first = next((f"  {page.look.say(str(each))}" for each in answer.problems), "")
        return [(refused(answer), "magenta"), (first, "dim")]
    warning = [outcome for outcome in answer.outcomes if outcome.status.blocks and not outcome.blocking]
    blocking = [outcome for outcome in answer.outcomes if outcome.blocking]
    if answer.allowed:
        waived = [outcome for outcome in answer.outcomes if outcome.status is Status.WAIVED]
        told = [add_tally(page, [outcome for outcome in answer.outcomes if outcome not in warning])]
        told += [[page.look.say(_worst_rules(waived))]] if waived else []
    else:
        told = [[*_blocking(page, answer, blocking), page.look.say(_worst_rules(blocking) or why_blocked(answer))]]
    told += [[(page.look.say(would_block(warning)), "yellow")]] if warning else []
    told += [[(page.look.say(f"({answer.owner})"), "dim")]] if answer.owner else []
    return [span for part in filter(None, told) for span in (*part, "  ")][:-1]


def _blocking(page: Page, verdict: Verdict, blocking: Sequence[Outcome]) -> list[Span]:
    """How many of the rules block, by status, and whether files that could not be read do."""
    rules = of_rules(blocking)
    every = counted(len(of_rules(verdict.outcomes)), "rule")
    of_all: list[Span] = [(f" of {every}", "dim")] if rules else []
    unread = add_tally(page, [outcome for outcome in blocking if outcome not in rules])
    between: list[Span] = [page.look.dot] if rules and unread else []
    return [*add_tally(page, rules), *of_all, *between, *unread, *(["  "] * bool(blocking))]


def _worst_rules(outcomes: Sequence[Outcome]) -> str:
    names = [outcome.rule for outcome in worst_first(outcomes)]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}" if names else ""


def add_tally(page: Page, outcomes: Sequence[Outcome]) -> list[Span]:
    """The counts per status, each in its colour."""
    parts: list[Span] = []
    for status, said in tally(outcomes):
        parts += [page.look.dot] if parts else []
        parts.append((said, STYLES[status]))
    return parts
