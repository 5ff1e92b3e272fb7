"""A verdict in a notebook: a piece of HTML without style sheet or script, for light and dark themes; and in a line."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from mlgate.reports.announced_lines import announced_to
from mlgate.reports.example_lines import examples
from mlgate.reports.remedies import next_steps
from mlgate.reports.safe_text import one_line
from mlgate.reports.statement import statement
from mlgate.reports.summary import (
    by_cause,
    deciding,
    foremost,
    in_one_line,
    left_out,
    not_asked,
    same_for,
    shown_about,
    tally,
    untold,
    why_blocked,
    worst_first,
)
from mlgate.reports.waiver_lines import about, by_kind, terms
from mlgate.values.numbers import percent, span
from mlgate.values.verdict import Finding, Outcome, Status, Table, Verdict, WaiverNote, where_text
from mlgate.values.words import counted

MOST_SHOWN = 5
"""The most findings of a rule that the snippet shows one by one."""
MOST_ROWS = 20
"""The most rows of a published table that the snippet shows."""
_COLORS = {
    Status.PASS: "#1a7f37",
    Status.WAIVED: "#0b6e8a",
    Status.INCONCLUSIVE: "#8a6100",
    Status.FAIL: "#c62828",
    Status.ERROR: "#8e24aa",
    Status.SKIPPED: "#5f5f5f",
    Status.LISTED: "#0a6c74",
}
"""Behind white text. Text of these colours would be hard to read on one of a light and a dark page."""
_LINE = "border-top:1px solid rgba(128,128,128,.4)"
_CELL = f"text-align:left;vertical-align:top;padding:4px 12px 4px 0;color:inherit;{_LINE}"
_SMALL = "font-size:.92em;opacity:.85"


def html(verdict: Verdict) -> str:
    """The answer, the counts per status, one row per rule, worst first, and the waivers. All text is escaped."""
    word, status = ("ALLOWED", Status.PASS) if verdict.allowed else ("BLOCKED", Status.FAIL)
    counts = " ".join(_chip(said, each) for each, said in tally(verdict.outcomes))
    owner = f"owner {verdict.owner}" if verdict.owner else ""
    facts = [verdict.path, f"as of {verdict.as_of}", owner, *shown_about(verdict)]
    reason = f"<p>{_safe(why_blocked(verdict))}</p>" if why_blocked(verdict) else ""
    folded = not_asked(verdict.outcomes)
    told = [outcome for outcome in verdict.outcomes if outcome not in folded]
    rows = "".join([*map(_row, by_cause(worst_first(told))), *([_folded(folded)] if folded else [])])
    title = f"{verdict.candidate} {verdict.version}".strip()
    return (
        '<div style="font-family:system-ui,sans-serif;line-height:1.45;max-width:75em;color:inherit">'
        f"<p>{_chip(word, status)} <strong>{_safe(title)}</strong> &nbsp; {counts}</p>"
        f'<p style="{_SMALL}">{_joined(facts)}</p>{reason}'
        f'<table style="border-collapse:collapse;background:none"><tbody>{rows}</tbody></table>'
        + _section("Announced", map(_safe, announced_to(verdict)))
        + "".join(_section(title, map(_waiver, notes)) for title, notes in by_kind(verdict.waivers))
        + _section("Notes", map(_safe, verdict.notes))
        + "</div>\n"
    )


def in_short(verdict: Verdict) -> str:
    """The answer, the counts per status, and the worst rule, in two lines of text; and what is announced."""
    word = "allowed" if verdict.allowed else "blocked"
    counts = ", ".join(said for _, said in tally(verdict.outcomes)) or why_blocked(verdict)
    first = f"{word}: {verdict.candidate} {verdict.version}".strip() + f" ({counts})"
    for outcome in worst_first(verdict.outcomes)[:1]:
        first += f"\n{outcome.status.value} {outcome.name}: {statement(outcome, deciding(outcome))}{_where(outcome)}"
    first += "".join(f"\n{said}" for said in announced_to(verdict))
    return "\n".join(map(one_line, first.splitlines()))


def _row(alike: list[Outcome]) -> str:
    outcome, *others = alike
    warns = " (warns)" if outcome.severity == "warn" and outcome.status.blocks else ""
    place = [f"{outcome.at.file}:{outcome.at.line}", f"owner {outcome.owner}" if outcome.owner else ""]
    more = [same_for(others, {})]
    told = _told(outcome)
    said = told[0].message if len(told) == 1 else statement(outcome, deciding(outcome)) + _where(outcome)
    return (
        f'<tr style="background:none"><th scope="row" style="{_CELL}">'
        f"{_chip(outcome.status.value + warns, outcome.status)}</th>"
        f'<td style="{_CELL}"><strong>{_safe(outcome.name)}</strong><br>'
        f'<span style="{_SMALL}">{_joined(place)}</span></td>'
        f'<td style="{_CELL}">{_safe(said)}{_list(map(_safe, more))}{_details(outcome, told)}'
        f"{''.join(map(_table, outcome.tables))}</td></tr>"
    )


def _folded(outcomes: list[Outcome]) -> str:
    """All rules that do not apply, in one row."""
    return (
        f'<tr style="background:none"><th scope="row" style="{_CELL}">{_chip("SKIPPED", Status.SKIPPED)}</th>'
        f'<td style="{_CELL}" colspan="2">{_safe(in_one_line(outcomes, {}))}</td></tr>'
    )


def _table(table: Table) -> str:
    """A table that the rule publishes, below its title."""
    rows = "".join(_cells(row, "td") for row in table.rows[:MOST_ROWS])
    rest = len(table.rows) - MOST_ROWS
    more = f'<div style="{_SMALL}">and {counted(rest, "more row")} in the `tables` of this outcome</div>' * (rest > 0)
    return (
        f'<div style="margin-top:6px;{_SMALL}"><strong>{_safe(table.title)}</strong></div>'
        f'<table style="border-collapse:collapse;background:none;{_SMALL}"><tbody>{_cells(table.columns, "th")}{rows}'
        f"</tbody></table>{more}"
    )


def _cells(row: Iterable[str], tag: str) -> str:
    said = "".join(f'<{tag} style="{_CELL}">{_safe(cell)}</{tag}>' for cell in row)
    return f'<tr style="background:none">{said}</tr>'


def _where(outcome: Outcome) -> str:
    finding = deciding(outcome)
    judged = finding is not None and finding.value is not None and finding.status.counts
    return f" ({where_text(finding.where)})" if finding and judged and finding.where else ""


def _told(outcome: Outcome) -> list[Finding]:
    """The findings to show one by one: what was measured where a rule did not pass."""
    if not (outcome.status.blocks or outcome.status is Status.WAIVED):
        return []
    judged = (each for each in outcome.findings if each.status.counts and each.status is not Status.PASS)
    return foremost(outcome, judged, MOST_SHOWN)


def _details(outcome: Outcome, told: list[Finding]) -> str:
    """Each finding with its bounds, and what to do; nothing for a rule that passed."""
    if not (outcome.status.blocks or outcome.status is Status.WAIVED):
        return ""
    if len(told) == 1:
        found = f"<br>{_bounds(outcome, told[0])}{_examples(told[0])}"
    else:
        found = _list(f"{_safe(each.message)}<br>{_bounds(outcome, each)}{_examples(each)}" for each in told)
    rest = _safe(", ".join(filter(None, (untold(outcome, told), left_out(outcome)))))
    steps = _list(map(_safe, dict.fromkeys(next_steps(outcome))))
    return found + (f"<div>{rest}</div>" if rest else "") + (f"<div>What to do next:</div>{steps}" if steps else "")


def _bounds(outcome: Outcome, finding: Finding) -> str:
    if finding.lower is None and finding.upper is None:
        return ""
    ends = span(finding.lower, finding.upper)
    return f'<span style="{_SMALL}">{_safe(f"{percent(outcome.confidence)} bounds {ends}")}</span>'


def _examples(finding: Finding) -> str:
    shown = examples(finding)
    return f'<div style="{_SMALL}">{_safe(shown)}</div>' if shown else ""


def _waiver(waiver: WaiverNote) -> str:
    status = Status.WAIVED if waiver.applied else Status.SKIPPED
    chip = _chip("applied" if waiver.applied else "not applied", status)
    said = waiver.said if waiver.said != "applied" else ""
    return f"{chip} <strong>{_safe(about(waiver))}</strong> {_safe(said)}<br>{_joined([*terms(waiver), waiver.reason])}"


def _section(title: str, items: Iterable[str]) -> str:
    listed = _list(items)
    return f"<p><strong>{title}</strong></p>{listed}" if listed else ""


def _list(items: Iterable[str]) -> str:
    listed = "".join(f"<li>{item}</li>" for item in items if item)
    return f'<ul style="margin:2px 0 6px;padding-left:1.4em">{listed}</ul>' if listed else ""


def _joined(facts: Iterable[str]) -> str:
    return " &middot; ".join(_safe(fact) for fact in facts if fact)


def _chip(text: str, status: Status) -> str:
    style = f"background:{_COLORS[status]};color:#fff;padding:1px 7px;border-radius:3px;white-space:nowrap"
    return f'<span style="{style}">{_safe(text)}</span>'


def _safe(text: str) -> str:
    return escape(one_line(text), quote=True)
