"""The verdict in Markdown, for the summary of a job and for a comment on a change that each run replaces."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reports.announced_lines import announced_to
from mlgate.reports.candidates_table import summary_in_markdown
from mlgate.reports.formats.tables import by_candidate, markdown_table
from mlgate.reports.interface import Report
from mlgate.reports.remedies import next_steps
from mlgate.reports.safe_text import markdown_row, markdown_text, no_commands
from mlgate.reports.statement import statement
from mlgate.reports.summary import answer_sentence, deciding, shown_about, title_of, worst_first
from mlgate.reports.waiver_lines import waiver_table
from mlgate.values.verdict import Outcome, Status, Verdict, Verdicts, where_text
from mlgate.values.words import counted, encodable

MARK = "<!-- mlgate verdict -->"
"""By which an earlier comment is found."""
MOST_BYTES = 60_000
"""A comment on GitHub has at most 65,536 characters, and GitLab's and a job's summary may have more."""
_SIGNS = {
    Status.PASS: "✅", Status.WAIVED: "🟦", Status.INCONCLUSIVE: "❔", Status.FAIL: "❌", Status.ERROR: "❗",
    Status.SKIPPED: "➖", Status.LISTED: "📋",
}  # fmt: skip


def render(verdicts: Verdicts) -> str:
    """The answers first, then the rules of each candidate, worst first. What does not fit is counted, never dropped
    unsaid.
    """
    lines, left, room = [MARK], 0, MOST_BYTES
    for part in _parts(verdicts):
        text = "\n".join(part)
        room -= len(text.encode("utf-8", "backslashreplace")) + 1
        if room < 0:
            left += 1
        else:
            lines.append(text)
    if left:
        lines += ["", f"And {counted(left, 'more part')}, which did not fit here: see the other reports of this run."]
    return encodable(no_commands("\n".join(lines))).rstrip() + "\n"


REPORT = Report("markdown", "Markdown for the summary of a job, or a comment on a change", render, MARK)


def _parts(verdicts: Verdicts) -> Iterator[list[str]]:
    """Pieces that are shown whole or not at all."""
    if summary := summary_in_markdown(verdicts):
        yield ["", *summary]
    blocked_first = sorted(by_candidate(verdicts), key=lambda each: each.allowed)
    for verdict in blocked_first:
        yield _head(verdict, title_of(verdict, verdicts))
    for refusal in verdicts.refusals:
        said = [markdown_text(str(problem)) for problem in refusal.problems]
        yield [
            f"### ❗ NOT JUDGED {markdown_text(title_of(refusal, verdicts))}",
            "",
            *(f"- {each}" for each in said),
            "",
        ]
    for entry in verdicts.unjudged:
        told = f"{entry.candidate} ({entry.path}): {entry.message}"
        yield [f"**{entry.why}** {markdown_text(told)}", ""]
    if not (verdicts.verdicts or verdicts.refusals or verdicts.unjudged):
        yield ["### ❗ BLOCKED", "", "No candidate was presented.", ""]
    for verdict in blocked_first:
        yield from _rules(verdict, title_of(verdict, verdicts))


def _head(verdict: Verdict, title: str) -> list[str]:
    word = "✅ ALLOWED" if verdict.allowed else "❌ BLOCKED"
    facts = [verdict.path, f"owner {verdict.owner}" if verdict.owner else "", f"as of {verdict.as_of}"]
    said = " · ".join(markdown_text(each) for each in (*facts, *shown_about(verdict)) if each)
    soon = [f"- {markdown_text(each)}" for each in announced_to(verdict)]
    answer = markdown_text(answer_sentence(verdict))
    return [f"### {word} {markdown_text(title)}", "", answer, "", *soon, *([""] if soon else []), said, ""]


def _rules(verdict: Verdict, title: str) -> Iterator[list[str]]:
    counted_rules = [outcome for outcome in worst_first(verdict.outcomes) if outcome.status is not Status.SKIPPED]
    skipped = len(verdict.outcomes) - len(counted_rules)
    if counted_rules:
        yield ["", f"#### {markdown_text(title)}: rules", "", markdown_row(["", "rule", "measured", "demanded at"]),
               markdown_row(["---"] * 4)]  # fmt: skip
        yield from ([_row(outcome)] for outcome in counted_rules)
        yield ["", f"{counted(skipped, 'rule')} skipped: not for this candidate."] if skipped else [""]
    for outcome in counted_rules:
        steps = [f"- {markdown_text(step)}" for step in dict.fromkeys(next_steps(outcome))]
        if outcome.blocking and steps:
            yield [
                "",
                f"<details><summary>{markdown_text(outcome.name)}: what to do</summary>",
                "",
                *steps,
                "",
                "</details>",
            ]
    if verdict.waivers:
        yield ["", *markdown_table(waiver_table(verdict))]
    for note in verdict.notes:
        yield ["", markdown_text(note)]


def _row(outcome: Outcome) -> str:
    finding = deciding(outcome)
    measured = finding is not None and finding.value is not None and finding.status.counts
    where = f" ({where_text(finding.where)})" if finding and measured and finding.where else ""
    warns = " (warns)" if outcome.status.blocks and not outcome.blocking else ""
    said = f"{statement(outcome, finding)}{where}"
    place = f"{outcome.at.file}:{outcome.at.line}"
    status = f"{_SIGNS[outcome.status]} {outcome.status.value}{warns}"
    return markdown_row([status, *map(markdown_text, (outcome.name, said, place))])
