"""What to do about a rule that blocks, the best remedy first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlgate.reports.statement import refuted
from mlgate.reports.summary import foremost
from mlgate.values.numbers import number
from mlgate.values.verdict import Finding, Outcome, Status, where_text

_CORRECT = "Correct what was presented, as the message says, and run the gate again."


def next_steps(outcome: Outcome) -> Iterator[str]:
    """One or two sentences per remedy; none for a rule that does not block."""
    if not outcome.status.blocks:
        return
    if outcome.severity == "warn":
        when = f"blocks from {outcome.enforce_from}" if outcome.enforce_from else "never blocks"
        yield f"Nothing has to be done for this merge: the rule only warns, and {when}."
    if outcome.status is Status.ERROR:
        yield from _after_error(outcome)
        return
    blocking = [finding for finding in outcome.findings if finding.status.blocks]
    yield from _after_failing(outcome, [finding for finding in blocking if finding.status is Status.FAIL])
    yield from _after_inconclusive(outcome, [finding for finding in blocking if finding.status is Status.INCONCLUSIVE])
    if any(_waivable(outcome.under(finding), finding) for finding in blocking):
        yield (  # a waiver weakens the demand; it does not give what an estimate lacks
            f"Or ask {outcome.owner or 'the owner of the policy'} for a waiver of {outcome.name} (`waivers:` in the "
            "policy). It needs a reason, a bound and a last day, and must merge before this change."
        )


def _after_error(outcome: Outcome) -> Iterator[str]:
    if outcome.machine:
        yield "Check the machine (disk, memory, network, installed extensions), then run the gate again."
    else:
        yield _CORRECT
    if outcome.traceback:
        yield "If the evidence is correct, the check has a bug: report it with the traceback below."


def _after_failing(outcome: Outcome, failing: Sequence[Finding]) -> Iterator[str]:
    if not outcome.sampled and failing:
        yield _CORRECT
        return
    what = outcome.words.improve
    measured = [finding for finding in failing if finding.value is not None]
    missing = [finding for finding in measured if not _is_refuted(outcome, finding)]
    if len(missing) < len(measured):
        yield (f"Improve {what} where it fails: these rows already refute the demand, so more rows will not help.")
    if missing:
        yield (
            f"Improve {what} where it fails: the observed value misses the demand, and by this rule's "
            "proof only this decides."
        )
        yield (
            f"Or judge more rows: the demand is not refuted{_still_possible(outcome, missing)}. `min_n` in the rule "
            "keeps a few rows from deciding."
        )
    if outcome.status is Status.FAIL and not measured:
        yield _CORRECT


def _after_inconclusive(outcome: Outcome, unsettled: Sequence[Finding]) -> Iterator[str]:
    lacking = {finding.lacking for finding in unsettled}
    for finding in foremost(outcome, unsettled):
        if said := finding.settle:
            where = where_text(finding.where)
            about = f"{where}: " if where and where not in said and len(outcome.findings) > 1 else ""
            yield f"{about}{said if about else said[:1].upper() + said[1:]}."
    if "rows" in lacking:
        yield (
            "Judge once, on fresh rows: every further look, at more rows or at another model on the same rows, is a "
            "further chance to pass by luck. If there are to be several, state how many as `looks:` in the rule."
        )
    if lacking & {"rows", "value"}:
        until = "its value meets" if outcome.proof == "unrefuted" else "the same number of rows shows"
        yield f"{'Or improve' if 'rows' in lacking else 'Improve'} {outcome.words.improve} until {until} the demand."


def _is_refuted(outcome: Outcome, finding: Finding) -> bool:
    """Whether the rows refute the demand of a FAIL. By `proof: estimate` the observed value alone may miss it."""
    return outcome.proof != "estimate" or refuted(outcome, finding)


def _still_possible(outcome: Outcome, missing: Iterable[Finding]) -> str:
    """What a bound of the true value still allows, if there is such a bound."""
    for finding in missing:
        demanded = outcome.under(finding)
        value, low, high = finding.value, demanded.at_least, demanded.at_most
        if value is not None and low is not None and value <= low and finding.upper is not None:
            return f", as the true value may be {number(low)} or more"
        if value is not None and high is not None and value >= high and finding.lower is not None:
            return f", as the true value may be {number(high)} or less"
    return ", as its value has no bounds"


def _waivable(outcome: Outcome, finding: Finding) -> bool:
    bounded = outcome.at_least is not None or outcome.at_most is not None
    return bounded and finding.value is not None and finding.lacking in ("", "rows", "value")
