"""A backtest as a page for people and as Markdown. Each says first that it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgate.reports.page import Look, Page, Span, cells, fitted
from mlgate.reports.safe_text import one_line, visible
from mlgate.values.backtest import Backtest, PastRule, PastVersion, RuleRecord
from mlgate.values.numbers import whole_percent
from mlgate.values.verdict import Status
from mlgate.values.words import counted

HEADS = ("rule", "demanded", "judged", "blocked", "by noise", "errors", "as good pass")
LEGEND = (
    "blocked: versions that the rule would have blocked, once it is enforced. A rule that (warns) never blocks.",
    "by noise: of these, versions whose observed values all meet the demand: more rows would show it.",
    "as good pass: how often a version whose observed values meet the demand passes with as many fresh rows.",
)
DECIDES_NOTHING = "it decides nothing: the gate is `mlgate check`"


def as_text(found: Backtest, look: Look) -> str:
    """The answer, a table of rules, and a line per version."""
    page = Page(look)
    page.line(("BACKTEST", "bold"), f"  {look.say(_about(found))}", (f"{look.dot}{DECIDES_NOTHING}", "dim"))
    for said in _answers(found):
        page.paragraph((look.say(said), "bold"), indent=2)
    if found.rules:
        page.blank()
        _add_table(page, found.rules)
        page.blank()
        for said in LEGEND:
            page.paragraph((look.say(said), "dim"), indent=2)
    page.blank()
    for version in found.versions:
        _add_version(page, version)
    return page.render()


def as_markdown(found: Backtest) -> str:
    """The same for a comment on a pull request."""
    lines = [f"**Backtest: {_cell(_about(found))}** ({DECIDES_NOTHING})", ""]
    lines += [f"- {_cell(said)}" for said in _answers(found)]
    if found.rules:
        lines += ["", f"| {' | '.join(HEADS)} |", f"|{' --- |' * len(HEADS)}"]
        lines += [f"| {' | '.join(map(_cell, _row(rule)))} |" for rule in found.rules]
        lines += ["", *(f"- {said}" for said in LEGEND)]
    lines += ["", "| version | found | day | answer | rules |", "| --- | --- | --- | --- | --- |"]
    for version in found.versions:
        given = (_name(version), version.found, version.as_of, _answer(version), _why(version))
        lines.append(f"| {' | '.join(map(_cell, given))} |")
    return "\n".join(lines) + "\n"


def _about(found: Backtest) -> str:
    return f"{', '.join(found.policies)} on {counted(len(found.versions), 'past version')}"


def _answers(found: Backtest) -> Iterator[str]:
    """How many versions would have been blocked, by what, and how many could not be judged."""
    judged = f"{found.blocked} of {counted(found.judged, 'version')}"
    if found.judged:
        noise = f", {found.by_noise} by noise alone" if found.blocked else ""
        yield f"{judged} would have been blocked{noise}"
    warned = sum(bool(version.warning) and not version.blocking for version in found.versions)
    if warned:
        yield f"{warned} more would have been blocked if the rules that only warn blocked, too"
    left = len(found.versions) - found.judged
    if left:
        them = "it" if left == 1 else "them"
        yield f"{counted(left, 'version')} could not be judged, so nothing is known about {them}"


def _row(rule: RuleRecord) -> tuple[str, ...]:
    name = f"{rule.policy}:{rule.rule}{' (warns)' if rule.severity == 'warn' else ''}"
    chance = "-" if rule.chance is None else f"{whole_percent(rule.chance)} of {rule.as_good}"
    return name, rule.demand, *map(str, (rule.asked, rule.blocked, rule.by_noise, rule.errors)), chance


def _add_table(page: Page, rules: Sequence[RuleRecord]) -> None:
    look = page.look
    rows = [tuple(look.say(cell) for cell in _row(rule)) for rule in rules]
    widths = [max(cells(row[at]) for row in (HEADS, *rows)) for at in range(len(HEADS))]
    whole = sum(widths) + 2 * len(widths)
    if whole > look.width:  # what is demanded gets a line of its own
        widths[1] = 0
    for row in (HEADS, *rows):
        shown = [fitted(row[0], widths[0], look)]
        shown += [fitted(row[1], widths[1], look)] if widths[1] else []
        shown += [fitted(cell, width, look, right=True) for cell, width in zip(row[2:], widths[2:])]
        page.line("  ", ("  ".join(shown), "dim" if row is HEADS else ""), whole=True)
        if not widths[1] and row is not HEADS:
            page.paragraph((row[1], "dim"), indent=4)


def _add_version(page: Page, version: PastVersion) -> None:
    look = page.look
    status = Status.SKIPPED if version.why_not else Status.FAIL if version.blocking else Status.PASS
    head: list[Span] = [(f"{look.sign(status)} {_answer(version):<12}", "bold" if version.blocking else "")]
    named = f"  {look.say(_name(version))}{look.dot}{look.say(version.found)}{look.dot}as of {version.as_of}"
    page.line("  ", *head, named)
    if why := _why(version):
        page.paragraph((look.say(why), "dim"), indent=6)


def _name(version: PastVersion) -> str:
    return f"{version.candidate or version.path} {version.version}".strip()


def _answer(version: PastVersion) -> str:
    if version.why_not:
        return "not judged"
    return "by noise" if version.by_noise else "blocked" if version.blocking else "allowed"


def _why(version: PastVersion) -> str:
    """The rules that would have blocked, or why it could not be judged."""
    if version.why_not:
        return version.why_not.partition("\n")[0]
    return "; ".join(map(_said, (*version.blocking, *version.warning)))


def _said(rule: PastRule) -> str:
    word = ", by noise" * rule.by_noise + " (warns)" * (rule.severity == "warn")
    said = f": {rule.said}" if rule.status is Status.ERROR and rule.said else ""
    return f"{rule.name} {rule.status.value}{word}{said}"


def _cell(text: str) -> str:
    return visible(one_line(text)).replace("\\", "\\\\").replace("|", "\\|")
