"""JUnit XML for CI servers: one suite per candidate and policy, one case per rule or per slice."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reports.announced_lines import announced_about, announced_to
from mlgate.reports.example_lines import examples
from mlgate.reports.interface import Report
from mlgate.reports.junit_suites import MARK, JunitCase, JunitSuite, classname, document
from mlgate.reports.safe_text import one_line
from mlgate.reports.summary import (
    blocked_count,
    foremost,
    name_of,
    not_asked,
    only_warns,
    policies,
    said_by_findings,
    why_blocked,
)
from mlgate.reports.waiver_lines import about, in_one_line, waivers_of
from mlgate.values.unjudged import Unjudged
from mlgate.values.verdict import Finding, Outcome, Refusal, Status, Table, Verdict, Verdicts, where_text


def render(verdicts: Verdicts) -> str:
    """The verdicts as JUnit XML. It has a failure or an error if and only if the exit code is not 0."""
    told = [*_judged(verdicts), *(_refused(each, verdicts) for each in verdicts.refusals)]
    asked = told or verdicts.allowed
    return document([*told, *map(_unjudged, verdicts.unjudged), *([] if asked else [_nothing_asked(verdicts)])])


REPORT = Report("junit", "JUnit XML for the test panels of CI servers", render, MARK)


def _judged(verdicts: Verdicts) -> Iterator[JunitSuite]:
    for verdict in sorted(verdicts.verdicts, key=lambda v: v.place):
        for policy in policies(verdict):
            yield _suite(verdict, policy, name_of(verdict, verdicts))
        if verdict.exit_code == 2:
            named = name_of(verdict, verdicts)
            case = JunitCase(
                "something was asked",
                "error",
                "NOTHING_ASKED",
                why_blocked(verdict),
                file=verdict.path,
                line=1,
            )
            yield JunitSuite(named, classname(named), verdict.path, [case], _properties(verdict))


def _suite(verdict: Verdict, policy: str, named: str) -> JunitSuite:
    outcomes = [outcome for outcome in verdict.outcomes if outcome.policy == policy]
    folded = not_asked(outcomes)
    return JunitSuite(
        name=f"{named} / {policy}",
        classname=classname(named, policy),
        file=outcomes[0].at.file,
        cases=[*(case for each in outcomes if each not in folded for case in _cases(each, verdict)), *_folded(folded)],
        properties=_properties(verdict),
        as_of=verdict.as_of,
    )


def _folded(outcomes: list[Outcome]) -> Iterator[JunitCase]:
    """One case for all rules that do not apply."""
    if outcomes:
        at = outcomes[0].at
        said = "; ".join(f"{each.rule}: {each.message}" for each in outcomes)
        yield JunitCase("rules that do not apply", "skipped", "SKIPPED", said, file=at.file, line=at.line)


def _refused(refusal: Refusal, verdicts: Verdicts) -> JunitSuite:
    title = name_of(refusal, verdicts) if refusal.candidate or refusal.path else "mlgate"
    kind = "MACHINE" if refusal.retryable else "REFUSED"
    said = [str(problem) for problem in refusal.problems] or ["the candidate could not be judged"]
    place = next((problem.at for problem in refusal.problems if problem.at), None)
    file, line = (place.file, place.line) if place else (refusal.path, 1)
    case = JunitCase("candidate can be judged", "error", kind, said[0], tuple(said[1:]), file, line)
    return JunitSuite(title, classname(title), refusal.path, [case])


def _unjudged(entry: Unjudged) -> JunitSuite:
    case = JunitCase("candidate is judged", "skipped", message=f"{entry.why}: {entry.message}", file=entry.path, line=1)
    named = f"{entry.candidate} ({entry.path})"
    return JunitSuite(named, classname(named), entry.path, [case])


def _nothing_asked(verdicts: Verdicts) -> JunitSuite:
    case = JunitCase("something was asked", "error", "NOTHING_ASKED", blocked_count(verdicts))
    return JunitSuite("mlgate", "mlgate", "", [case])


def _cases(outcome: Outcome, verdict: Verdict) -> Iterator[JunitCase]:
    findings = outcome.findings
    apart = len(findings) > 1 or any(finding.where for finding in findings)
    if outcome.searched or (outcome.status is Status.LISTED and outcome.tables):
        apart = False  # other data give other slices, and names of cases last; the table has all that is listed
    if not apart:
        alone = findings[0] if len(findings) == 1 and not (outcome.tables or outcome.searched) else None
        yield _case(outcome, alone, outcome.status, outcome.seconds, verdict)
        return
    # A failure after the first findings is not in any of them, so it gets its own case.
    worse = max(finding.status.rank for finding in findings) < outcome.status.rank
    whole = worse or (outcome.status is Status.ERROR and not said_by_findings(outcome, findings))
    share = outcome.seconds / (len(findings) + whole)
    if whole:
        yield _case(outcome, None, outcome.status, share, verdict)
    for finding in findings:
        yield _case(outcome, finding, finding.status, share, verdict)


def _case(outcome: Outcome, finding: Finding | None, status: Status, seconds: float, verdict: Verdict) -> JunitCase:
    where = where_text(finding.where) if finding else ""
    message = (finding.message if finding and finding.message else outcome.message) or status.value
    return JunitCase(
        name=f"{outcome.rule} [{where}]" if where else outcome.rule,
        tag=_tag(status, outcome.severity),
        kind=status.value,
        message=message,
        details=tuple(_details(outcome, finding)),
        file=outcome.at.file,
        line=outcome.at.line,
        seconds=seconds,
        waivers=(
            *announced_about(verdict, outcome),
            *map(in_one_line, waivers_of(verdict, outcome, finding.where if finding else None)),
        ),
    )


def _tag(status: Status, severity: str) -> str | None:
    if status in (Status.SKIPPED, Status.WAIVED):
        return "skipped"
    if status is Status.LISTED:
        return "system-out"
    if not status.blocks:
        return None
    if severity == "warn":
        return "system-out"
    return "error" if status is Status.ERROR else "failure"


def _details(outcome: Outcome, finding: Finding | None) -> Iterator[str]:
    warns = f"warns only, blocks from {outcome.enforce_from}" if outcome.enforce_from else "warns only"
    yield f"{outcome.at.file}:{outcome.at.line} {warns if outcome.severity == 'warn' else ''}".rstrip()
    if demand := outcome.under(finding).demand:
        yield f"demanded: {demand} (proof: {outcome.proof}, confidence {outcome.confidence})"
    yield from filter(None, (finding.settle, finding.note, examples(finding)) if finding else ())
    yield from filter(None, (outcome.description, f"the policy is owned by {outcome.owner}" if outcome.owner else ""))
    if outcome.traceback and finding is None:
        yield outcome.traceback
    if finding is None:
        yield from _of_slices(outcome)
        yield from (line for table in outcome.tables for line in _as_text(table))


def _of_slices(outcome: Outcome) -> Iterator[str]:
    """What was found in slices that have no case of their own."""
    told = [each for each in outcome.findings if outcome.searched and each.status.counts]
    for each in foremost(outcome, (found for found in told if found.status is not Status.PASS)):
        yield f"{each.status.value} {'; '.join(filter(None, (each.message, each.settle, each.note, examples(each))))}"


def _as_text(table: Table) -> Iterator[str]:
    yield table.title
    yield from (" | ".join(one_line(cell) for cell in row) for row in (table.columns, *table.rows))


def _properties(verdict: Verdict) -> list[tuple[str, str]]:
    answer = "allowed" if verdict.allowed else "blocked"
    named = [("mlgate.version", verdict.tool), ("mlgate.as_of", verdict.as_of), ("mlgate.verdict", answer)]
    named += [("mlgate.candidate.version", verdict.version), ("mlgate.exit_code", str(verdict.exit_code))]
    facts = {"owner": verdict.owner, "task": verdict.task, "risk": verdict.risk, "tags": ", ".join(verdict.tags)}
    named += [(f"mlgate.candidate.{name}", value) for name, value in facts.items() if value]
    named += [
        (f"{entry.role}.sha256 {entry.path}", entry.sha256)
        for entry in verdict.inputs
        if entry.role.startswith("policy")
    ]
    for waiver in verdict.waivers:
        named.append((f"mlgate.{waiver.kind.replace(' ', '_')} {about(waiver)}", in_one_line(waiver)))
    named += [("mlgate.announced", said) for said in announced_to(verdict)]
    if warns := only_warns(verdict.outcomes):
        named += [("mlgate.would_block", str(warns))]
    if verdict.predictions:
        named += [("mlgate.predictions", verdict.predictions)]
    named += [("mlgate.preregistered", "true")] * verdict.preregistered
    return named + [("mlgate.note", note) for note in verdict.notes]
