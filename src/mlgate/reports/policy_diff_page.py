"""The differences between two versions of policies, for a terminal, as Markdown and as JSON."""

from __future__ import annotations

from mlgate.reports.page import Look, Page
from mlgate.reports.safe_text import one_line, visible
from mlgate.values import plain
from mlgate.values.json_text import to_text
from mlgate.values.policy_change import PolicyChange, PolicyDiff
from mlgate.values.words import counted

_STYLES = {
    "removed": "bold red",
    "looser": "bold red",
    "not comparable": "yellow",
    "tighter": "green",
    "added": "green",
}


def as_text(diff: PolicyDiff, look: Look) -> str:
    """A page with the answer first, then one paragraph per difference, the worst first."""
    page = Page(look)
    page.line((_answer(diff), "bold"), (f"{look.dot}{look.say(diff.old)} -> {look.say(diff.new)}", "dim"))
    for change in diff.changes:
        page.blank()
        head = (f"{change.direction.upper()}  ", _STYLES.get(change.direction, ""))
        page.paragraph(head, look.say(f"{change.policy}:{change.what}"), f"  {look.say(_difference(change))}", indent=2)
        page.line("    ", (look.say(f"{change.file}:{change.line}"), "dim"))
        if change.loosens:
            page.paragraph(look.say(_reason(change)), indent=4)
    return page.render()


def as_markdown(diff: PolicyDiff) -> str:
    """The answer and a table, for a comment on a pull request."""
    lines = [f"**{_answer(diff)}**", ""]
    if diff.changes:
        lines += ["| change | rule | what | where | reason |", "| --- | --- | --- | --- | --- |"]
    for change in diff.changes:
        reason = _reason(change) if change.loosens else ""
        cells = (
            change.direction,
            f"{change.policy}:{change.what}",
            _difference(change),
            f"{change.file}:{change.line}",
        )
        lines.append(f"| {' | '.join(map(_cell, (*cells, reason)))} |")
    return "\n".join(lines) + "\n"


def as_json(diff: PolicyDiff) -> str:
    """The whole, with the exit code."""
    return to_text(plain.write(PolicyDiff, diff))


def _answer(diff: PolicyDiff) -> str:
    if not diff.changes:
        return "nothing changed in what is demanded"
    counts = ", ".join(f"{count} {direction}" for direction, count in diff.counts.items())
    if diff.exit_code:
        missing = sum(change.unreasoned for change in diff.changes)
        return f"{counts}; {counted(missing, 'change')} that may loosen ha{'s' if missing == 1 else 've'} no reason"
    return f"{counts}; each that loosens has a reason" if diff.loosens else f"{counts}; nothing is looser"


def _difference(change: PolicyChange) -> str:
    value = f"{change.was or 'none'} -> {change.now or 'none'}" if change.was or change.now else ""
    return f"{change.key}: {value}" if change.key and value else change.key or value


def _reason(change: PolicyChange) -> str:
    if change.reason:
        return f"reason: {change.reason}"
    if change.what == "policy":
        return "no reason: a policy that is gone has no place for one, so its owner must agree"
    return f"no reason; write one in the policy: `reasons: {{{change.what}: ...}}`"


def _cell(text: str) -> str:
    shown = one_line(visible(text))
    return "".join(f"\\{sign}" if sign in "\\|`<>[]*_" else sign for sign in shown)
