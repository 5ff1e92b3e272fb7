"""What would let a change slip past the gate: for a terminal, as Markdown and as JSON."""

from __future__ import annotations

from mlgate.reports.page import Look, Page
from mlgate.reports.safe_text import one_line, visible
from mlgate.values import plain
from mlgate.values.diagnosis import Diagnosis
from mlgate.values.json_text import to_text
from mlgate.values.words import agreeing

_ONLY = "Only settings can hold this, and no file shows it:"


def as_text(found: Diagnosis, look: Look) -> str:
    """A page with the answer first, then one paragraph per weakness, and what only settings can hold."""
    page = Page(look)
    page.line((look.say(_answer(found)), "bold red" if found.exit_code else "bold green"))
    for each in found.weaknesses:
        page.blank()
        head = f"{each.at}: " if each.at else ""
        page.paragraph((look.say(head) + " " * bool(head), "dim"), look.say(each.message), f"  [{each.id}]", indent=2)
        page.paragraph(look.say(each.remedy), indent=4, lead=look.arrow)
    for title, lines in ((_ONLY, found.settings), ("Not seen from here:", found.notes)):
        if lines:
            page.blank()
            page.line((title, "bold"))
            for line in lines:
                page.paragraph(look.say(line), indent=2, lead="-")
    return page.render()


def as_markdown(found: Diagnosis) -> str:
    """The answer, a table, and the lists, for a comment on a pull request."""
    lines = [f"**{_cell(_answer(found))}**", ""]
    if found.weaknesses:
        lines += ["| where | what lets a change past | remedy |", "| --- | --- | --- |"]
        lines += [f"| {' | '.join(map(_cell, (w.at, w.message, w.remedy)))} |" for w in found.weaknesses]
        lines.append("")
    for title, entries in ((_ONLY, found.settings), ("Not seen from here:", found.notes)):
        if entries:
            lines += [title, "", *(f"- {_cell(each)}" for each in entries), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def as_json(found: Diagnosis) -> str:
    """The whole, with the exit code."""
    return to_text(plain.write(Diagnosis, found))


def _answer(found: Diagnosis) -> str:
    number = len(found.weaknesses)
    if number:
        return f"{number} {agreeing(number, 'weaknesses')} would let a change slip past the gate"
    where = ", ".join(found.gates)
    return f"no weakness found in what files can hold; the gate runs at {where}"


def _cell(text: str) -> str:
    shown = one_line(visible(text))
    return "".join(f"\\{sign}" if sign in "\\|`<>[]*_" else sign for sign in shown)
