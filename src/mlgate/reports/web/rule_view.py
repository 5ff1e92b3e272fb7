"""A rule as the page shows it: what its template prints, made from the outcome alone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from mlgate.reports.anchors import finding_anchor, rule_anchor
from mlgate.reports.example_lines import examples
from mlgate.reports.reasons import SAMPLE, confidence_sentence, reasons
from mlgate.reports.remedies import next_steps
from mlgate.reports.safe_text import one_line
from mlgate.reports.statement import statement
from mlgate.reports.summary import deciding, foremost, left_out, said_by_findings, same_for, untold
from mlgate.reports.waiver_lines import waivers_of
from mlgate.reports.web.interval_drawing import axis, interval_drawing, ruler_drawing
from mlgate.reports.web.picture_drawing import DrawnPicture, drawn
from mlgate.values.numbers import decimals, number, percent
from mlgate.values.verdict import Finding, Outcome, Status, Verdict, WaiverNote, where_text

MOST_SHOWN = 40
"""The most findings of a rule in its table."""


@dataclass(frozen=True)
class FindingRow:
    """A finding as a row of the rule's table."""

    anchor: str
    where: str
    status: str
    rows: str
    counts: str
    value: str
    bounds: str
    drawing: Markup


@dataclass(frozen=True)
class RuleView:
    """A rule, and the others that are in ERROR by the same cause."""

    verdict: Verdict
    outcome: Outcome
    others: tuple[Outcome, ...] = ()
    answer: str = ""
    """The anchor of the candidate's part of the page."""

    @property
    def anchor(self) -> str:
        """The name that links use."""
        return rule_anchor(self.outcome, self.answer)

    @property
    def also(self) -> list[str]:
        """The names that links to the other rules use."""
        return [rule_anchor(other, self.answer) for other in self.others]

    @property
    def status(self) -> str:
        """Its status, and whether it only warns."""
        warns = " (warns)" if self.outcome.status.blocks and not self.outcome.blocking else ""
        return f"{self.outcome.status.value}{warns}"

    @property
    def kind(self) -> str:
        """Its status as a class of the style sheet."""
        return self.outcome.status.value.lower()

    @property
    def said(self) -> str:
        """What was measured against what was demanded, and where."""
        finding = deciding(self.outcome)
        measured = finding is not None and finding.value is not None and finding.status.counts
        where = f" ({where_text(finding.where)})" if finding and measured and finding.where else ""
        return f"{statement(self.outcome, finding)}{where}"

    @property
    def place(self) -> str:
        """Where the policy demands it."""
        return f"{self.outcome.at.file}:{self.outcome.at.line}"

    @property
    def days(self) -> str:
        """From when it blocks, if it only warns."""
        if self.outcome.severity != "warn":
            return ""
        return f"blocks from {self.outcome.enforce_from}" if self.outcome.enforce_from else "warns only, never blocks"

    @property
    def confidence(self) -> str:
        """The proof and the confidence in a sentence."""
        listed = self.outcome.status is Status.LISTED
        return "" if listed or not self._measured else confidence_sentence(self.outcome)

    @property
    def sure(self) -> str:
        """The confidence of each bound, in per cent."""
        return percent(self.outcome.confidence)

    @property
    def sample(self) -> str:
        """What bounds are, where there are any."""
        return SAMPLE if self._measured and self.outcome.sampled else ""

    @cached_property
    def shown(self) -> list[Finding]:
        """The findings that are shown one by one, worst first."""
        return foremost(self.outcome, self.outcome.findings, MOST_SHOWN)

    @property
    def _measured(self) -> list[Finding]:
        return [finding for finding in self.shown if finding.value is not None]

    @property
    def ruler(self) -> Markup | None:
        """The head of the drawn intervals; None without drawings."""
        scale = axis(self.outcome, self._measured)
        return ruler_drawing(self.outcome, scale) if scale else None

    @property
    def rows(self) -> list[FindingRow]:
        """The measured findings as rows of a table."""
        outcome, found = self.outcome, self._measured
        scale = axis(outcome, found)
        digits = None if any(f.own for f in found) else decimals(v for f in found for v in (f.value, f.lower, f.upper))
        # Of several findings about one slice, the first and worst has the name.
        anchors = {f.where: finding_anchor(outcome, f, self.answer) for f in found if f.where}
        return [
            FindingRow(
                anchors.pop(finding.where, ""),
                where_text(finding.where) or ("the report" if outcome.reported else "all rows"),
                finding.status.value,
                "-" if finding.rows is None else f"{finding.rows:,}",
                finding.exact or ("-" if finding.n is None else f"{finding.n:,}"),
                number(finding.value, decimals=digits),
                _bounds(finding, digits),
                interval_drawing(outcome, finding, scale) if scale else Markup(""),
            )
            for finding in found
        ]

    @property
    def messages(self) -> list[tuple[str, str, list[str]]]:
        """Of each finding that needs words: its status, its message, and what else must be known of it."""
        told = [f for f in self.shown if f.status.blocks or f.status is Status.WAIVED or f.value is None]
        found: list[tuple[str, str, list[str]]] = []
        if self.outcome.message and not said_by_findings(self.outcome, told):
            found.append((self.outcome.status.value, self.outcome.message, []))
        for finding in told:
            more = (*reasons(self.outcome, finding), finding.settle, finding.note, examples(finding))
            found.append((finding.status.value, finding.message, [each for each in more if each]))
        return found

    @property
    def rest(self) -> list[str]:
        """What is not shown one by one."""
        alike = same_for(self.others, {})
        unnamed = left_out(self.outcome, self.shown)
        return [each for each in (untold(self.outcome, self.shown), unnamed, alike) if each]

    @property
    def steps(self) -> list[str]:
        """What to do, the best remedy first."""
        return list(dict.fromkeys(next_steps(self.outcome)))

    @property
    def pictures(self) -> list[DrawnPicture]:
        """The pictures that the rule publishes."""
        return [drawn(picture) for picture in self.outcome.pictures]

    @property
    def waivers(self) -> Sequence[WaiverNote]:
        """The waivers of the rule."""
        return list(waivers_of(self.verdict, self.outcome))

    @property
    def to_copy(self) -> str:
        """What matters of it as plain text, to send to somebody."""
        outcome, verdict = self.outcome, self.verdict
        candidate = f"{verdict.candidate} {verdict.version}".strip()
        lines = [
            f"{self.status} {outcome.name} for {candidate} ({verdict.path}), as of {verdict.as_of}",
            self.said,
            f"Demanded: {outcome.demand or outcome.check}, in {self.place}"
            + (f", owned by {outcome.owner}" if outcome.owner else ""),
            *(f"- {step}" for step in self.steps),
            f"Run it again: mlgate check {shlex.quote(verdict.path)} --as-of {verdict.as_of}",
        ]
        return "\n".join(map(one_line, lines))


def _bounds(finding: Finding, digits: int | None) -> str:
    if finding.lower is None and finding.upper is None:
        return "-"
    lower = "no lower bound" if finding.lower is None else number(finding.lower, decimals=digits)
    upper = "no upper bound" if finding.upper is None else number(finding.upper, decimals=digits)
    return f"{lower} to {upper}"
