"""Waivers and known failures as all reports show them: what each is about, whether it was applied, and its terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgate.reports.summary import foremost
from mlgate.values.verdict import Outcome, Table, Verdict, WaiverNote, Where, where_text

COLUMNS = ("rule", "slice", "state", "measured", "bound", "owner", "granted", "expires", "reason", "kind", "approver")


TITLES = {"waiver": "Waivers", "known failure": "Known failures"}


def by_kind(waivers: Iterable[WaiverNote]) -> Iterator[tuple[str, list[WaiverNote]]]:
    """Waivers and known failures with a title each; only what there is."""
    given = list(waivers)
    for kind, title in TITLES.items():
        if found := [waiver for waiver in given if waiver.kind == kind]:
            yield title, found


def about(waiver: WaiverNote) -> str:
    """`credit:recall [sex=F]`: the waived rule and slice."""
    return f"{waiver.rule} [{where_text(waiver.where)}]" if waiver.where else waiver.rule


def state(waiver: WaiverNote) -> str:
    """Whether the waiver was applied, or why not."""
    return waiver.said if waiver.applied else f"not applied: {waiver.said}"


def terms(waiver: WaiverNote) -> tuple[str, ...]:
    """The waiver's bound, its owner, its days and its place."""
    days = f"{'granted' if waiver.kind == 'waiver' else 'recorded'} {waiver.granted}, expires {waiver.expires}"
    granted = f"granted by {waiver.approver}" if waiver.approver else ""
    return waiver.bound, f"owner {waiver.owner}", granted, days, f"{waiver.at.file}:{waiver.at.line}"


def in_one_line(waiver: WaiverNote) -> str:
    """All of a waiver."""
    return f"{waiver.kind} {state(waiver)}; {'; '.join(filter(None, terms(waiver)))}: {waiver.reason}"


def waivers_of(verdict: Verdict, outcome: Outcome, where: Where | None = None) -> Iterator[WaiverNote]:
    """The waivers of a rule; with `where`, those of one of its slices."""
    for waiver in verdict.waivers:
        concerned = where is None or not waiver.where or set(waiver.where) == set(where)
        if waiver.rule in (outcome.name, outcome.rule) and concerned:
            yield waiver


def waiver_table(verdict: Verdict) -> Table:
    """All waivers and known failures of a verdict with what was measured."""
    return Table("Waivers", COLUMNS, tuple(_row(verdict, waiver) for waiver in verdict.waivers))


def measured_under(verdict: Verdict, waiver: WaiverNote) -> str:
    """What was measured where a waiver is about; empty where its rule was not judged."""
    return next((_measured(waiver, each) for each in verdict.outcomes if waiver in waivers_of(verdict, each)), "")


def _row(verdict: Verdict, waiver: WaiverNote) -> tuple[str, ...]:
    measured = measured_under(verdict, waiver)
    given = (waiver.bound, waiver.owner, waiver.granted, waiver.expires, waiver.reason, waiver.kind, waiver.approver)
    return waiver.rule, where_text(waiver.where), state(waiver), measured, *given


def _measured(waiver: WaiverNote, outcome: Outcome) -> str:
    """What was measured against what is required in the waived slice, the worst first; else the rule's message."""
    of_slice = [f for f in outcome.findings if f.status.counts and set(f.where) == set(waiver.where)]
    return foremost(outcome, of_slice, 1)[0].message if waiver.where and of_slice else outcome.message
