"""Which stored verdicts would be others, as a page for people and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reports.page import Look, Page
from mlgate.reports.safe_text import one_line, visible
from mlgate.values.stored_answers import Flips, StoredAnswer
from mlgate.values.verdict import Status
from mlgate.values.words import counted

DECIDES_NOTHING = "it decides nothing: the gate is `mlgate check`"


def as_text(found: Flips, look: Look) -> str:
    """The counts, and a paragraph per verdict that flips or is unknown."""
    page = Page(look)
    page.line(("BACKTEST", "bold"), f"  {look.say(_about(found))}", (f"{look.dot}{DECIDES_NOTHING}", "dim"))
    for said in _answers(found):
        page.paragraph((look.say(said), "bold"), indent=2)
    page.blank()
    for each in _shown(found):
        named = look.dot.join(look.say(part) for part in (_name(each), each.file, f"as of {each.as_of}"))
        page.line("  ", (f"{look.sign(_status(each))} {look.signs(_change(each))}", ""), f"  {named}")
        for why in each.why:
            page.paragraph((look.say(why), "dim"), indent=6)
    return page.render()


def as_markdown(found: Flips) -> str:
    """The same for a comment on a pull request."""
    lines = [f"**Backtest: {_cell(_about(found))}** ({DECIDES_NOTHING})", ""]
    lines += [f"- {_cell(said)}" for said in _answers(found)]
    if shown := list(_shown(found)):
        lines += ["", "| verdict | file | day | change | why |", "| --- | --- | --- | --- | --- |"]
        for each in shown:
            given = (_name(each), each.file, each.as_of, _change(each), "; ".join(each.why))
            lines.append(f"| {' | '.join(map(_cell, given))} |")
    return "\n".join(lines) + "\n"


def _about(found: Flips) -> str:
    return f"{', '.join(found.policies)} on {counted(len(found.verdicts), 'stored verdict')}"


def _answers(found: Flips) -> Iterator[str]:
    counts = found.counts
    flip = counts["blocked"] + counts["allowed"]
    every = counted(len(found.verdicts), "verdict")
    yield f"{flip} of {every} would flip: {counts['blocked']} to blocked, {counts['allowed']} to allowed"
    if unknown := counts["unknown"]:
        yield f"{counted(unknown, 'verdict')} cannot be judged by what is stored; measure the candidate again"


def _shown(found: Flips) -> list[StoredAnswer]:
    """Those that flip, then those that are unknown."""
    flipping = [each for each in found.verdicts if each.flips]
    return [*flipping, *(each for each in found.verdicts if each.now == "unknown")]


def _status(answer: StoredAnswer) -> Status:
    return {"blocked": Status.FAIL, "allowed": Status.PASS}.get(answer.now, Status.INCONCLUSIVE)


def _change(answer: StoredAnswer) -> str:
    return f"{answer.was} → {answer.now}"


def _name(answer: StoredAnswer) -> str:
    return f"{answer.candidate} {answer.version}".strip()


def _cell(text: str) -> str:
    return visible(one_line(text)).replace("\\", "\\\\").replace("|", "\\|")
