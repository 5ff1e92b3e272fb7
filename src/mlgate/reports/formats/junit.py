"""JUnit XML for CI servers: one suite per candidate and policy, one case per rule or per slice.

It is valid against the junit-10.xsd of Jenkins, except for `file` and `line` of a case, which annotations need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mlgate.reports.example_lines import examples
from mlgate.reports.interface import Report
from mlgate.reports.safe_text import no_commands, one_line, visible, xml_text
from mlgate.reports.summary import blocked_count, foremost, name_of, policies, said_by_findings, why_blocked
from mlgate.reports.waiver_lines import about, in_one_line, waivers_of
from mlgate.values.verdict import Finding, Outcome, Refusal, Status, Table, Unjudged, Verdict, Verdicts, where_text

_MIDNIGHT = "T00:00:00"


@dataclass
class _Case:
    name: str
    tag: str | None
    """The XML child with the result: failure, error, skipped or system-out; None for a pass."""
    kind: str = ""
    message: str = ""
    details: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    seconds: float = 0.0
    waivers: tuple[str, ...] = ()


@dataclass
class _Suite:
    name: str
    classname: str
    file: str
    cases: list[_Case]
    properties: list[tuple[str, str]] = field(default_factory=list)
    as_of: str = ""

    def total(self, tag: str) -> int:
        return sum(case.tag == tag for case in self.cases)

    @property
    def seconds(self) -> float:
        return sum(round(case.seconds, 3) for case in self.cases)


def render(verdicts: Verdicts) -> str:
    """The verdicts as JUnit XML. It has a failure or an error if and only if the exit code is not 0."""
    told = [*_judged(verdicts), *(_refused(each, verdicts) for each in verdicts.refusals)]
    asked = told or verdicts.allowed
    suites = _apart([*told, *map(_unjudged, verdicts.unjudged), *([] if asked else [_nothing_asked(verdicts)])])
    root = Element("testsuites", name="mlgate", tests=str(sum(len(suite.cases) for suite in suites)))
    root.set("failures", str(sum(suite.total("failure") for suite in suites)))
    root.set("errors", str(sum(suite.total("error") for suite in suites)))
    root.set("time", _time(sum(suite.seconds for suite in suites)))
    for number, suite in enumerate(suites, start=1):
        _write_suite(root, suite, number)
    ElementTree.indent(root)
    text = no_commands(ElementTree.tostring(root, encoding="unicode"), colon="&#58;", number_sign="&#35;")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


MARK = r'<\?xml version="1\.0" encoding="utf-8"\?>\s*<testsuites name="mlgate" '

REPORT = Report("junit", "JUnit XML for the test panels of CI servers", render, MARK)


def _judged(verdicts: Verdicts) -> Iterator[_Suite]:
    for verdict in sorted(verdicts.verdicts, key=lambda v: v.place):
        for policy in policies(verdict):
            yield _suite(verdict, policy, name_of(verdict, verdicts))
        if verdict.exit_code == 2:
            named = name_of(verdict, verdicts)
            case = _Case(
                "something was asked",
                "error",
                "NOTHING_ASKED",
                why_blocked(verdict),
                file=verdict.path,
                line=1,
            )
            yield _Suite(named, _classname(named), verdict.path, [case], _properties(verdict))


def _suite(verdict: Verdict, policy: str, named: str) -> _Suite:
    outcomes = [outcome for outcome in verdict.outcomes if outcome.policy == policy]
    return _Suite(
        name=f"{named} / {policy}",
        classname=_classname(named, policy),
        file=outcomes[0].at.file,
        cases=[case for outcome in outcomes for case in _cases(outcome, verdict)],
        properties=_properties(verdict),
        as_of=verdict.as_of,
    )


def _refused(refusal: Refusal, verdicts: Verdicts) -> _Suite:
    title = name_of(refusal, verdicts) if refusal.candidate or refusal.path else "mlgate"
    kind = "MACHINE" if refusal.retryable else "REFUSED"
    said = [str(problem) for problem in refusal.problems] or ["the candidate could not be judged"]
    place = next((problem.at for problem in refusal.problems if problem.at), None)
    file, line = (place.file, place.line) if place else (refusal.path, 1)
    case = _Case("candidate can be judged", "error", kind, said[0], tuple(said[1:]), file, line)
    return _Suite(title, _classname(title), refusal.path, [case])


def _unjudged(entry: Unjudged) -> _Suite:
    case = _Case("candidate is judged", "skipped", message=f"{entry.why}: {entry.message}", file=entry.path, line=1)
    named = f"{entry.candidate} ({entry.path})"
    return _Suite(named, _classname(named), entry.path, [case])


def _nothing_asked(verdicts: Verdicts) -> _Suite:
    case = _Case("something was asked", "error", "NOTHING_ASKED", blocked_count(verdicts))
    return _Suite("mlgate", "mlgate", "", [case])


def _cases(outcome: Outcome, verdict: Verdict) -> Iterator[_Case]:
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


def _case(outcome: Outcome, finding: Finding | None, status: Status, seconds: float, verdict: Verdict) -> _Case:
    where = where_text(finding.where) if finding else ""
    message = (finding.message if finding and finding.message else outcome.message) or status.value
    return _Case(
        name=f"{outcome.rule} [{where}]" if where else outcome.rule,
        tag=_tag(status, outcome.severity),
        kind=status.value,
        message=message,
        details=tuple(_details(outcome, finding)),
        file=outcome.at.file,
        line=outcome.at.line,
        seconds=seconds,
        waivers=tuple(map(in_one_line, waivers_of(verdict, outcome, finding.where if finding else None))),
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
    named += [(f"mlgate.waiver {about(waiver)}", in_one_line(waiver)) for waiver in verdict.waivers]
    if verdict.predictions:
        named += [("mlgate.predictions", verdict.predictions)]
    named += [("mlgate.preregistered", "true")] * verdict.preregistered
    return named + [("mlgate.note", note) for note in verdict.notes]


def _write_suite(root: Element, suite: _Suite, number: int) -> None:
    element = SubElement(root, "testsuite", name=_attribute(suite.name), tests=str(len(suite.cases)))
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        element.set(name, str(suite.total(tag)))
    element.set("time", _time(suite.seconds))
    if suite.as_of:
        element.set("timestamp", _attribute(suite.as_of) + _MIDNIGHT)
    element.set("id", str(number))
    if suite.file:
        element.set("file", _attribute(suite.file))
    if suite.properties:
        listed = SubElement(element, "properties")
        for name, value in suite.properties:
            SubElement(listed, "property", name=_attribute(name), value=_attribute(value))
    for case in suite.cases:
        _write_case(element, suite.classname, case)


def _write_case(parent: Element, classname: str, case: _Case) -> None:
    element = SubElement(parent, "testcase", name=case.name, classname=classname, time=_time(case.seconds))
    if case.file:
        element.set("file", _attribute(case.file))
        element.set("line", str(case.line))
    if case.tag is None and case.waivers:
        SubElement(element, "system-out").text = xml_text(visible("\n".join(case.waivers)))
    if case.tag is None:
        return
    text = xml_text(visible("\n".join([case.message, *case.details, *case.waivers])))
    if case.tag == "system-out":
        SubElement(element, case.tag).text = f"{'' if case.kind == 'LISTED' else 'warning: '}{case.kind}: {text}"
        return
    result = SubElement(element, case.tag, type=case.kind, message=_attribute(case.message))
    # GitLab shows the text instead of the attribute, so for a skipped case the text is only the reason.
    result.text = xml_text(visible(case.message)) if case.tag == "skipped" else text


def _apart(suites: list[_Suite]) -> list[_Suite]:
    """Make each (classname, case name) unique by numbering repeated names."""
    seen: dict[str, int] = {}
    for suite in suites:
        suite.classname = _numbered(suite.classname, seen, "{}_{}")
        named: dict[str, int] = {}
        for case in suite.cases:
            case.name = _numbered(_attribute(case.name), named, "{} ({})")
    return suites


def _numbered(name: str, seen: dict[str, int], form: str) -> str:
    seen[name] = seen.get(name, 0) + 1
    if seen[name] == 1:
        return name
    return _numbered(form.format(name, seen[name]), seen, form)


def _classname(*parts: str) -> str:
    return ".".join(["mlgate", *(re.sub(r"[^\w-]", "_", part, flags=re.ASCII) or "_" for part in parts)])


def _attribute(text: str) -> str:
    return xml_text(one_line(text))


def _time(seconds: float) -> str:
    return f"{max(seconds, 0.0):.3f}"
