"""The summary of several candidates as a table: the verdict, the owner, the worst rule, and what would block."""

from __future__ import annotations

from mlgate.reports.announced_lines import announced_to_all
from mlgate.reports.safe_text import markdown_row, markdown_text
from mlgate.reports.summary import only_warns, title_of, why_blocked, worst_first
from mlgate.values.verdict import Status, Table, Verdict, Verdicts

COLUMNS = ("candidate", "verdict", "owner", "worst rule", "would block")


def candidates_table(verdicts: Verdicts) -> Table:
    """A row per verdict, the blocked ones first."""
    ordered = sorted(verdicts.verdicts, key=lambda verdict: (verdict.allowed, verdict.place))
    return Table("Candidates", COLUMNS, tuple(_row(verdict, verdicts) for verdict in ordered))


def _row(verdict: Verdict, verdicts: Verdicts) -> tuple[str, ...]:
    word = "ALLOWED" if verdict.allowed else "BLOCKED"
    return title_of(verdict, verdicts), word, verdict.owner, _worst(verdict), str(only_warns(verdict.outcomes) or "")


def _worst(verdict: Verdict) -> str:
    """The worst rule that did not pass, with its status; why nothing was asked, if nothing was."""
    told = [each for each in worst_first(verdict.outcomes) if each.status.counts and each.status is not Status.PASS]
    return f"{told[0].rule} ({told[0].status.value})" if told else why_blocked(verdict)


def summary_in_markdown(verdicts: Verdicts) -> list[str]:
    """The table, and what is announced to the candidates together; nothing for a single one."""
    if len(verdicts.verdicts) < 2:
        return []
    table = candidates_table(verdicts)
    rows = [markdown_row(list(map(markdown_text, row))) for row in table.rows]
    soon = [f"- {markdown_text(said)}" for said in announced_to_all(verdicts)]
    return [markdown_row(COLUMNS), markdown_row(["---"] * len(COLUMNS)), *rows, "", *soon, *([""] if soon else [])]
