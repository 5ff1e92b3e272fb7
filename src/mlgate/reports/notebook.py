"""A verdict in a notebook cell: a piece of HTML without style sheet or script."""

from __future__ import annotations

from html import escape

from mlgate.reports.safe_text import one_line
from mlgate.reports.summary import deciding, statement, tally, why_blocked, worst_first
from mlgate.values.verdict import Outcome, Status, Verdict, where_text

_COLORS = {
    Status.PASS: "#1a7f37",
    Status.WAIVED: "#0b6e8a",
    Status.INCONCLUSIVE: "#8a6100",
    Status.FAIL: "#c62828",
    Status.ERROR: "#8e24aa",
    Status.SKIPPED: "#6e6e6e",
    Status.LISTED: "#0a6c74",
}
_CELL = "text-align:left;vertical-align:top;padding:2px 10px 2px 0"


def html(verdict: Verdict) -> str:
    """The answer, the counts per status, and one row per rule, worst first. All text from outside is escaped."""
    word, color = ("ALLOWED", "#1a7f37") if verdict.allowed else ("BLOCKED", "#c62828")
    counts = " &middot; ".join(_coloured(said, status) for status, said in tally(verdict.counts))
    reason = f"<p>{_safe(why_blocked(verdict))}</p>" if why_blocked(verdict) else ""
    notes = "".join(f"<li>{_safe(note)}</li>" for note in verdict.notes)
    rows = "".join(_row(outcome) for outcome in worst_first(verdict.outcomes))
    return (
        '<div style="font-family:system-ui,sans-serif;line-height:1.45">'
        f'<p><strong style="background:{color};color:#fff;padding:2px 8px;border-radius:3px">{word}</strong> '
        f"<strong>{_safe(f'{verdict.candidate} {verdict.version}')}</strong> &middot; {counts} "
        f"&middot; as of {_safe(verdict.as_of)}</p>{reason}"
        f'<table style="border-collapse:collapse"><tbody>{rows}</tbody></table>'
        + (f"<ul>{notes}</ul>" if notes else "")
        + "</div>\n"
    )


def _row(outcome: Outcome) -> str:
    finding = deciding(outcome)
    where = f" ({where_text(finding.where)})" if finding and finding.value is not None and finding.where else ""
    warns = " (warns)" if outcome.severity == "warn" and outcome.status.blocks else ""
    place = f"{outcome.at.file}:{outcome.at.line}"
    said = statement(outcome, finding) + where
    return (
        f'<tr><th scope="row" style="{_CELL}">{_coloured(outcome.status.value + warns, outcome.status)}</th>'
        f'<td style="{_CELL}"><code title="{_safe(place)}">{_safe(outcome.name)}</code></td>'
        f'<td style="{_CELL}" title="{_safe(outcome.message)}">{_safe(said)}</td></tr>'
    )


def _coloured(text: str, status: Status) -> str:
    return f'<span style="color:{_COLORS[status]}">{_safe(text)}</span>'


def _safe(text: str) -> str:
    return escape(one_line(text), quote=True)
