"""What becomes of a waiver, in words: in force or not, applied or not, and why."""

from __future__ import annotations

from datetime import date

from mlgate.policy.demanded import Rule, Waiver
from mlgate.values.verdict import Finding, WaiverNote, WaiverState

Said = tuple[WaiverState, str]
"""A waiver's state, and why it is so."""


def lapsed(waiver: Waiver, as_of: date) -> Said | None:
    """Why a waiver is not in force on a day, or None."""
    if waiver.shared_by > 1:
        said = f"{waiver.shared_by} candidates have the same name, and it is for one; give each candidate its own name"
        return "not granted", said
    if waiver.refused:
        return "not granted", f"it is not granted: {waiver.refused}"
    if as_of > waiver.expires:
        return "expired", f"it expired on {waiver.expires}"
    if as_of < waiver.granted:
        return "not started", f"it starts on {waiver.granted}, after the date of this verdict, {as_of}"
    return None


def waiver_bound(waiver: Waiver) -> str:
    """The waiver's own bound in words."""
    if waiver.not_below is not None:
        return f"not below {float(waiver.not_below):g}"
    return f"not above {float(waiver.not_above or 0):g}"


def waived(finding: Finding, waiver: Waiver) -> str:
    """The message of a waived finding."""
    return f"{finding.message}; waived ({waiver_bound(waiver)}) by {waiver.owner} until {waiver.expires}"


def applied(waived: int, needed: int) -> Said:
    """That a waiver was applied, to so many of the values that need it."""
    if waived == needed:
        return "applied", "applied"
    return "partly applied", f"applied to {waived} of {needed} that need it; it is insufficient for the others"


def unapplied(waiver: Waiver, judged: bool, needed: bool) -> Said:
    """Why a waiver in force was not applied. It is about values that were `judged`, and that `needed` it."""
    if needed:
        return "insufficient", f"it is insufficient: its own bound, {waiver_bound(waiver)}, is not met either"
    if judged:
        return "unused", "it is not needed, because the demand is met without it"
    return "unused", "its slice was not judged" if waiver.where else "nothing was judged that it could waive"


def waiver_note(rule: Rule, waiver: Waiver, found: Said) -> WaiverNote:
    """The waiver as reports show it."""
    state, said = found
    return WaiverNote(
        rule=rule.name,
        where=waiver.where,
        owner=waiver.owner,
        reason=waiver.reason,
        granted=waiver.granted.isoformat(),
        expires=waiver.expires.isoformat(),
        bound=waiver_bound(waiver),
        applied=state in ("applied", "partly applied"),
        said=said,
        at=waiver.at,
        state=state,
        approver="" if waiver.refused else ", ".join(waiver.granted_by),
    )
