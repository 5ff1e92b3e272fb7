"""The answer for one candidate on the console: allowed, blocked, or why it could not be judged."""

from __future__ import annotations

from collections.abc import Sequence

from mlgate.reports.page import Page
from mlgate.values.unjudged import Unjudged
from mlgate.values.verdict import Refusal, Status


def add_answer(page: Page, allowed: bool, about: str, exit_code: int) -> None:
    """The line with the answer."""
    look = page.look
    word = "ALLOWED" if allowed else "BLOCKED"
    sign = look.sign(Status.PASS if allowed else Status.FAIL)
    style = f"bold white on {'green' if allowed else 'red'}" if look.color else ""
    badge = f" {sign} {word} " if look.color else f"{sign} {word}"
    code = f"{look.dot}exit code {exit_code}" if exit_code else ""
    page.line((badge, style), "  ", (look.say(about), "bold"), (code, "dim"))


def add_refusal(page: Page, refusal: Refusal, titled: str) -> None:
    """That a candidate could not be judged, and every problem with its place."""
    look = page.look
    add_answer(page, False, f"{titled}: {refused(refusal)}", refusal.exit_code)
    for problem in refusal.problems:
        where = [(f"{look.say(str(problem.at))}: ", "cyan")] if problem.at else []
        first, _, rest = problem.message.partition("\n")
        page.paragraph(*where, look.say(first), indent=2, lead=look.sign(Status.ERROR))
        page.literal(rest, indent=4)


def refused(refusal: Refusal) -> str:
    """What became of a candidate without a verdict, in words."""
    return "the gate could not run" if refusal.retryable else "could not be judged"


def add_unjudged(page: Page, unjudged: Sequence[Unjudged]) -> None:
    """The candidates that were not judged, each with the reason. Neither sign nor colour reads as a pass."""
    look = page.look
    page.line(("Not judged", "bold"))
    for entry in sorted(unjudged, key=lambda entry: (entry.why, entry.path)):
        name = f"{entry.candidate} ({entry.path})"
        page.paragraph((f"{entry.why}  ", "dim"), look.say(name), (f": {look.say(entry.message)}", "dim"), indent=2)
