"""What to do about a rule that blocks, the best remedy first."""

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
    """One sentence per remedy; none for a rule that does not block."""
    if not outcome.status.blocks:
        return
    if outcome.severity == "warn":
        when = f"blocks from {outcome.enforce_from}" if outcome.enforce_from else "never blocks"
        yield f"Nothing has to be done for this merge: the rule only warns, and {when}."
    if outcome.status is Status.ERROR:
        yield from _after_error(outcome)
        return
    yield from _by_evidence(outcome)
    if outcome.at_least is not None or outcome.at_most is not None:  # a waiver weakens a bound
        yield (
            f"Or ask {outcome.owner or 'the owner of the policy'} for a waiver of {outcome.name} (`waivers:` in the "
            "policy). It needs a reason, a bound and a last day, and must merge before this change."
        )


def _after_error(outcome: Outcome) -> Iterator[str]:
    if outcome.machine:
        yield "Look at the machine (disk, memory, network, installed extensions), then run the gate again."
    else:
        yield "Correct what was presented, as the message says, and run the gate again."
    if outcome.traceback:
        yield "If the evidence is correct, the check has a bug: report it with the traceback below."


def _by_evidence(outcome: Outcome) -> Iterator[str]:
    blocking = [finding for finding in outcome.findings if finding.status.blocks]
    thing = _IMPROVED.get(outcome.check.partition(".")[0], "the model")
    if any(finding.status is Status.FAIL and finding.value is not None for finding in blocking):
        yield f"Improve {thing} where it fails: these rows already refute the demand, so more rows will not help."
    elif outcome.status is Status.FAIL:
        yield "Correct what was presented, as the message says, and run the gate again."
    settled = [finding.settle for finding in foremost(outcome, blocking) if finding.settle]
    yield from (f"{said[:1].upper()}{said[1:]}." for said in settled)
    if settled:
        yield (
            "Judge once, on fresh rows: every further look, at more rows or at another model on the same rows, is a "
            "further chance to pass by luck. If there are to be several, state how many as `looks:` in the rule."
        )
    if any(finding.status is Status.INCONCLUSIVE for finding in blocking):
        yield f"Or improve {thing} until the same number of rows shows the demand."
