"""What a rule leaves out: the rows of groups that are unknown or too small, and an ERROR where they are too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgate.gate import wording
from mlgate.policy.demanded import Rule
from mlgate.values.estimate import Claim, Estimate, LeftOut, Listed, ShareLeftOut, Unanswered
from mlgate.values.verdict import Finding, Status, Where, columns_of, part_of

Judgeable = Estimate | Claim | Unanswered | LeftOut | Listed
"""The answers that become findings."""


def too_much_left_out(rule: Rule, answers: Sequence[Judgeable], findings: Sequence[Finding]) -> list[Finding]:
    """An ERROR per slicing of which more rows are left out than the rule allows, or nobody knows how many."""
    found = []
    for unknown, most in ((False, rule.at_most_left_out), (True, rule.at_most_unknown)):
        if most is None:
            continue
        for share in _shares(answers, findings, unknown=unknown):
            if share is None:
                found.append(Finding((), Status.ERROR, wording.unknown_share_left_out(unknown=unknown)))
            elif share.rows > most * share.of:
                said = wording.too_much_left_out(share, most, rule.check.searching, unknown=unknown)
                found.append(Finding((), Status.ERROR, said, rows=share.rows))
    return found


def _shares(
    answers: Sequence[Judgeable], findings: Sequence[Finding], *, unknown: bool
) -> Iterator[ShareLeftOut | None]:
    """Per slicing, the rows that are left out; None for an answer that does not say how many it leaves out."""
    slicings: dict[tuple[tuple[str, ...], Where], list[tuple[Judgeable, Finding]]] = {}
    for answer, finding in zip(answers, findings, strict=True):
        if isinstance(answer, LeftOut) and answer.rows is None:
            if answer.unknown is unknown:
                yield from (None,) if answer.shares is None else answer.shares
        else:
            slicing = columns_of(finding.where), part_of(finding.where)
            slicings.setdefault(slicing, []).append((answer, finding))
    for (columns, _), entries in slicings.items():
        yield ShareLeftOut(columns, *_left_out(entries, unknown=unknown))


def _left_out(entries: Sequence[tuple[Judgeable, Finding]], *, unknown: bool) -> tuple[int, int]:
    """Of one slicing, the rows of unknown or of too small groups that are left out, and all rows."""
    stated = [answer.of for answer, _ in entries if isinstance(answer, LeftOut) and answer.of is not None]
    rows = [finding.rows or 0 for _, finding in entries]
    out = sum(
        count
        for count, (answer, finding) in zip(rows, entries)
        if finding.status is Status.SKIPPED and (isinstance(answer, LeftOut) and answer.unknown) is unknown
    )
    return out, max(stated, default=sum(rows))
