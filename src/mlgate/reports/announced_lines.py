"""What changes soon, as all reports announce it: for one candidate, and for all of a run together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mlgate.reports.summary import name_of
from mlgate.values.announcement import Announcement
from mlgate.values.verdict import Outcome, Table, Verdict, Verdicts
from mlgate.values.words import counted

COLUMNS = ("change", "day", "days", "rules", "would block", "announced")
MOST_NAMED = 5


def announced_to(verdict: Verdict) -> Iterator[str]:
    """Every announcement of a verdict, as a sentence."""
    yield from (each.said for each in verdict.announced)


def announced_about(verdict: Verdict, outcome: Outcome) -> Iterator[str]:
    """Every announcement about a rule, in the words of that rule alone."""
    for each in verdict.announced:
        if outcome.name in each.rules:
            then = "would block" if outcome.name in each.blocking else "would not block"
            yield f"{_change(each)}; the rule {then}"


def announced_to_all(verdicts: Verdicts) -> Iterator[str]:
    """Per change and day, the candidates of which rules would block; for one verdict, all that it announces."""
    if len(verdicts.verdicts) == 1:
        yield from announced_to(verdicts.verdicts[0])
        return
    alike: dict[tuple[int, str], list[tuple[Announcement, str]]] = defaultdict(list)
    for verdict in verdicts.verdicts:
        for each in verdict.announced:
            alike[each.days, each.what].append((each, name_of(verdict, verdicts)))
    for _, found in sorted(alike.items()):
        concerned = [name for each, name in found if each.blocking]
        of_all = f"of {len(concerned)} of {counted(len(verdicts.verdicts), 'verdict')} {_named(concerned)}"
        then = f"rules {of_all} would block" if concerned else "no rule would block"
        yield f"{_change(found[0][0])}; {then}"


def _change(each: Announcement) -> str:
    soon = f"in {counted(each.days, 'day')}" if each.days else "today"
    return f"{each.what} {soon} ({each.day})"


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"({', '.join(names[:MOST_NAMED])}{more})"


def announced_table(verdict: Verdict) -> Table:
    """All announcements of a verdict."""
    rows = (
        (each.what, each.day, str(each.days), ", ".join(each.rules), ", ".join(each.blocking), each.said)
        for each in verdict.announced
    )
    return Table("Announced", COLUMNS, tuple(rows))
