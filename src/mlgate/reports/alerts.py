"""What blocks, warns or is waived, for tools that put alerts beside the lines of files.

There is one alert for each rule and candidate. Its place is the candidate's file, which the change has touched; where
the policy demands it comes second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from mlgate.reports.safe_text import one_line
from mlgate.reports.statement import statement
from mlgate.reports.summary import blocked_count, deciding, foremost, name_of, of_rules, why_blocked, worst_first
from mlgate.reports.waiver_lines import about, in_one_line, measured_under
from mlgate.values.errors import Location
from mlgate.values.verdict import INPUTS, Outcome, Refusal, Verdict, Verdicts, WaiverNote, where_text

AlertLevel = Literal["error", "warning", "note"]
LEVELS: tuple[AlertLevel, ...] = ("error", "warning", "note")
"""The worst first."""
MOST_TOLD = 20
"""The most findings of a rule in its alert."""
ASKED, JUDGED, WAIVED, ANNOUNCED = "mlgate.asked", "mlgate.judged", "mlgate.waived", "mlgate.announced"
"""The gate's own demands: that something is asked of each candidate, and that each can be judged; exceptions; and
what is announced."""
HELP = {
    ASKED: "At least one rule demands something of the candidate.",
    JUDGED: "The candidate's file is right, and the gate can run.",
    WAIVED: "A policy or a file of known failures makes an exception, or names one that does not apply.",
    ANNOUNCED: "A waiver ends soon, or a rule that only warns begins to block.",
    INPUTS: "The files that a candidate names can be read.",
}


@dataclass(frozen=True)
class Alert:
    """One rule that a candidate does not meet, or a candidate that could not be judged."""

    check: str
    """The id of the check: few and stable, for groups of alerts."""
    help: str
    """What the check asks, without measured values."""
    title: str
    """The rule and the candidate."""
    said: tuple[str, ...]
    """What was measured against what was required, the worst first, on one line each."""
    level: AlertLevel
    """`error` where it blocks, `warning` where the rule only warns, `note` for a waiver and for what is announced."""
    path: str
    """The candidate's file; empty where there is none."""
    demanded: Location | None
    """Where the policy demands it, or where a file is wrong."""
    key: str
    """The same for the same rule and candidate, whatever was measured and wherever the lines are."""


def alerts(verdicts: Verdicts) -> Iterator[Alert]:
    """All that blocks, warns, is waived or is announced. One blocks if and only if the run is not allowed."""
    found = [alert for verdict in verdicts.verdicts for alert in _of_verdict(verdict, verdicts)]
    found += [_of_refusal(refusal, verdicts) for refusal in verdicts.refusals]
    if not verdicts.allowed and not any(alert.level == "error" for alert in found):
        found.append(_made(ASKED, "mlgate", (f"Nothing was asked: {blocked_count(verdicts)}.",), "", None))
    yield from sorted(found, key=lambda alert: LEVELS.index(alert.level))


def _of_verdict(verdict: Verdict, verdicts: Verdicts) -> Iterator[Alert]:
    named = name_of(verdict, verdicts)
    for outcome in worst_first(verdict.outcomes):
        if outcome.status.blocks:
            yield _of_outcome(outcome, verdict, named)
    yield from (_of_waiver(waiver, verdict, named) for waiver in verdict.waivers)
    for each in verdict.announced:
        made = _made(ANNOUNCED, f"{each.what} for {named}", (each.said,), verdict.path, None)
        yield replace(made, level="note", key=_key(ANNOUNCED, verdict.path, each.what, each.day))
    if verdict.exit_code == 2:
        yield _made(ASKED, named, (f"{why_blocked(verdict)}.",), verdict.path, None)


def _of_outcome(outcome: Outcome, verdict: Verdict, named: str) -> Alert:
    finding = deciding(outcome)
    measured = finding is not None and finding.value is not None and finding.where
    where = f" ({where_text(finding.where)})" if finding and measured else ""
    said = [f"{outcome.status.value}: {statement(outcome, finding)}{where}"]
    told = foremost(outcome, [each for each in outcome.findings if each.status.blocks], MOST_TOLD)
    said += [each.message for each in told if each.message and each.message not in said[0]]
    said += [f"Demanded: {outcome.demand}"] if outcome.demand else []
    title = f"{outcome.rule if outcome.check == INPUTS else outcome.name} for {named}"
    at = outcome.at if of_rules([outcome]) else None
    made = _made(outcome.check, title, said, verdict.path, at)
    asks = one_line(HELP.get(outcome.check) or outcome.help or outcome.check)
    key = _key(outcome.check, verdict.path, outcome.name)
    return replace(made, help=asks, level="error" if outcome.blocking else "warning", key=key)


def _of_waiver(waiver: WaiverNote, verdict: Verdict, named: str) -> Alert:
    said = (in_one_line(waiver), measured_under(verdict, waiver))
    made = _made(WAIVED, f"{about(waiver)} for {named}", tuple(filter(None, said)), verdict.path, waiver.at)
    return replace(
        made, level="note", key=_key(WAIVED, verdict.path, waiver.kind, waiver.rule, where_text(waiver.where))
    )


def _of_refusal(refusal: Refusal, verdicts: Verdicts) -> Alert:
    said = [str(problem) for problem in refusal.problems] or ["the candidate could not be judged"]
    at = next((problem.at for problem in refusal.problems if problem.at), None)
    return _made(JUDGED, name_of(refusal, verdicts), said, refusal.path, at)


def _made(check: str, title: str, said: Sequence[str], path: str, at: Location | None) -> Alert:
    return Alert(
        check, one_line(HELP.get(check, check)), one_line(title), tuple(map(one_line, said)), "error", path, at,
        _key(check, path, check),
    )  # fmt: skip


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
