"""What can be done about a rule that stands in the way, the honest remedy first."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reports.summary import foremost
from mlgate.values.verdict import Outcome, Status

_IMPROVED = {
    "data": "the data",
    "lineage": "the record",
    "governance": "what is presented",
    "operations": "the service",
}


def next_steps(outcome: Outcome) -> Iterator[str]:
    """One sentence a remedy; nothing for a rule that does not stand in the way."""
    if not outcome.status.blocks:
        return
    if outcome.severity == "warn":
        when = f"blocks from {outcome.enforce_from}" if outcome.enforce_from else "never blocks"
        yield f"Nothing has to be done for this merge: the rule only warns, and {when}."
    if outcome.status is Status.ERROR:
        yield from _after_error(outcome)
        return
    yield from _by_evidence(outcome)
    yield (
        f"Or ask {outcome.owner or 'the owner of the policy'} for a waiver of {outcome.name} (`waivers:` in the "
        "policy). It needs a reason, a bound and a last day, and must merge before this change."
    )


def _after_error(outcome: Outcome) -> Iterator[str]:
    if outcome.machine:
        yield "Look at the machine (disk, memory, network, installed extensions), then run the gate again."
    else:
        yield "Mend what was presented, as the message says, and run the gate again."
    if outcome.traceback:
        yield "If the evidence is sound, the check has a defect: report it with the traceback below."


def _by_evidence(outcome: Outcome) -> Iterator[str]:
    blocking = [finding for finding in outcome.findings if finding.status.blocks]
    thing = _IMPROVED.get(outcome.check.partition(".")[0], "the model")
    if any(finding.status is Status.FAIL and finding.value is not None for finding in blocking):
        yield f"Improve {thing} where it fails: the rows are enough to refute it, more of them will not help."
    elif outcome.status is Status.FAIL:
        yield "Mend what was presented, as the message says, and run the gate again."
    settled = [finding.settle for finding in foremost(outcome, blocking) if finding.settle]
    yield from (f"To settle it: {said}." for said in settled)
    if settled:
        yield "Judge once, on fresh rows: topping up and looking again makes errors more likely than stated."
    if any(finding.status is Status.INCONCLUSIVE for finding in blocking):
        yield f"Or improve {thing} until the same number of rows shows it."
