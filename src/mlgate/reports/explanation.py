"""`mlgate explain VERDICT.json`: what blocks, and one rule on a page, from the demand to what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlgate.reports.announced_lines import announced_about
from mlgate.reports.console_answers import add_answer, add_refusal
from mlgate.reports.console_tables import add_tables
from mlgate.reports.example_lines import examples
from mlgate.reports.page import STYLES, Look, Page
from mlgate.reports.reasons import SAMPLE, confidence_sentence, interval, reasons
from mlgate.reports.remedies import next_steps
from mlgate.reports.summary import foremost, said_by_findings, shown_about, title_of, untold, why_blocked
from mlgate.reports.waiver_lines import about, state, terms, waivers_of
from mlgate.values.numbers import number
from mlgate.values.verdict import Finding, Outcome, Refusal, Status, Verdict, Verdicts, where_text
from mlgate.values.words import Words, counted

WIDEST = 100


def explain_blocked(verdicts: Verdicts, look: Look) -> str:
    """Pages on all that blocks: the candidates that could not be judged, the rules, and the verdicts without a rule."""
    pages = [_refused(refusal, verdicts, look) for refusal in verdicts.refusals]
    for verdict in verdicts.verdicts:
        blocking = [outcome for outcome in verdict.outcomes if outcome.blocking]
        pages += [explain_outcome(outcome, verdict, look) for outcome in blocking]
        if not blocking and not verdict.allowed:
            pages.append(_not_asked(verdict, verdicts, look))
    return "\n".join(pages)


def _refused(refusal: Refusal, verdicts: Verdicts, look: Look) -> str:
    page = Page(look)
    add_refusal(page, refusal, title_of(refusal, verdicts))
    return page.render()


def _not_asked(verdict: Verdict, verdicts: Verdicts, look: Look) -> str:
    page = Page(look)
    add_answer(page, False, title_of(verdict, verdicts), verdict.exit_code)
    page.paragraph(look.say(why_blocked(verdict)), indent=2)
    return page.render()


def explain_outcome(outcome: Outcome, verdict: Verdict, look: Look) -> str:
    """The page: what was demanded, what was measured, why this status, what to do next."""
    page = Page(replace(look, width=min(look.width, WIDEST)))
    _add_title(page, outcome, verdict)
    _add_demand(page, outcome)
    if outcome.tables:
        _add_heading(page, "What is published")
        add_tables(page, outcome.tables, indent=2)
    _add_found(page, outcome)
    _add_announced(page, outcome, verdict)
    _add_waivers(page, outcome, verdict)
    _add_steps(page, outcome)
    if outcome.traceback:
        _add_heading(page, "Traceback")
        page.literal(outcome.traceback, indent=2)
    return page.render()


def _add_title(page: Page, outcome: Outcome, verdict: Verdict) -> None:
    look, status = page.look, outcome.status
    blocks = "blocks the merge" if outcome.blocking else "does not block the merge"
    title = (f"{look.sign(status)} {status.value}  {look.say(outcome.name)}", f"bold {STYLES[status]}")
    page.line(title, f"{look.dot}{blocks}")
    facts = [
        f"{verdict.candidate} {verdict.version}".strip(),
        verdict.path,
        f"as of {verdict.as_of}",
        *shown_about(verdict),
    ]
    page.line("  ", (look.dot.join(look.say(fact) for fact in facts), "dim"))


def _add_demand(page: Page, outcome: Outcome) -> None:
    look = page.look
    _add_heading(page, "What was demanded")
    listed = outcome.status is Status.LISTED
    asked = f"nothing; the rule publishes {outcome.metric}" if listed else f"what the check {outcome.check} asks"
    page.paragraph((look.say(outcome.demand or asked), "bold"), indent=2)
    if outcome.description:
        page.paragraph(look.say(outcome.description), indent=2)
    owned = f", owned by {outcome.owner}" if outcome.owner else ""
    page.paragraph(look.say(f"{outcome.at.file}:{outcome.at.line}{owned}"), indent=2)
    page.paragraph(look.say(f"check {outcome.check}{f': {outcome.help}' if outcome.help else ''}"), indent=2)
    if not listed and any(finding.value is not None for finding in outcome.findings):
        page.paragraph(look.say(confidence_sentence(outcome)), indent=2)


def _add_found(page: Page, outcome: Outcome) -> None:
    measured = any(finding.value is not None for finding in outcome.findings)
    _add_heading(page, "What was measured, and what it means" if measured else "What was found")
    if not said_by_findings(outcome, outcome.findings):
        for said in (outcome.message, *_about_status(outcome)):
            page.paragraph(page.look.say(said), indent=2)
        page.blank()
    if measured and outcome.sampled:
        page.paragraph((SAMPLE, "dim"), indent=2)
        page.blank()
    told = foremost(outcome, outcome.findings)
    for finding in told:
        _add_finding(page, outcome, finding)
    if untold(outcome, told):
        page.paragraph(page.look.say(untold(outcome, told)), indent=2)


def _add_finding(page: Page, outcome: Outcome, finding: Finding) -> None:
    look, style = page.look, STYLES[finding.status]
    several = finding.status is Status.SKIPPED and finding.rows is None
    whole = "the report" if outcome.reported else "all rows"
    title = where_text(finding.where) or ("left out" if several else whole)
    head = (f"{look.say(title)}: {finding.status.value}{_rows(finding, outcome.words, look)}", style)
    page.paragraph(head, indent=2, lead=look.sign(finding.status), style=style)
    page.paragraph(look.say(finding.message), indent=4)
    if finding.value is not None:
        page.paragraph(look.say(_measured(outcome, finding)), indent=4)
        if outcome.sampled:
            page.paragraph(look.say(interval(finding, outcome.confidence)), indent=4)
    for said in (*reasons(outcome, finding), finding.note, examples(finding)):
        if said and said not in finding.message:
            page.paragraph(look.say(said), indent=4)
    page.blank()


def _rows(finding: Finding, words: Words, look: Look) -> str:
    if finding.rows is None:
        return ""
    of_which = f", of which {finding.n:,} count" if finding.n not in (None, finding.rows) else ""
    return f"{look.dot}{counted(finding.rows, words.of)}{of_which}"


def _measured(outcome: Outcome, finding: Finding) -> str:
    outcome = outcome.under(finding)
    metric = outcome.metric or "the value"
    exact = f", exactly {finding.exact}" if finding.exact else ""
    nearest_bound = outcome.at_least if outcome.at_least is not None else outcome.at_most
    done = "Reported by others" if outcome.reported else "Measured on the rows presented"
    return f"{done}: {metric} is {number(finding.value, nearest_bound)}{exact}."


def _about_status(outcome: Outcome) -> Iterator[str]:
    if outcome.status is Status.ERROR:
        fault = "The gate could not run this rule" if outcome.machine else "The evidence cannot answer this rule"
        yield f"{fault}, so it does not pass."
    elif outcome.status is Status.SKIPPED:
        yield "The rule does not apply to this candidate, so it does not count."
    elif outcome.status is Status.LISTED:
        yield "The rule publishes values and demands nothing, so it does not count."


def _add_announced(page: Page, outcome: Outcome, verdict: Verdict) -> None:
    soon = list(announced_about(verdict, outcome))
    if soon:
        _add_heading(page, "Announced")
    for said in soon:
        page.paragraph((page.look.say(said), "yellow"), indent=2)


def _add_waivers(page: Page, outcome: Outcome, verdict: Verdict) -> None:
    look = page.look
    granted = list(waivers_of(verdict, outcome))
    if granted:
        _add_heading(page, "Waivers")
    for waiver in granted:
        page.paragraph(look.say(f"{about(waiver)}: {state(waiver)}."), indent=2)
        page.paragraph((look.dot.join(look.say(term) for term in terms(waiver) if term), "dim"), indent=4)
        page.paragraph((look.say(waiver.reason), "dim"), indent=4)


def _add_steps(page: Page, outcome: Outcome) -> None:
    steps = list(dict.fromkeys(next_steps(outcome)))
    if not steps:
        return
    _add_heading(page, "What to do next")
    for step in steps:
        page.paragraph(page.look.say(step), indent=2, lead=page.look.arrow)


def _add_heading(page: Page, text: str) -> None:
    page.blank()
    page.line((text, "bold underline" if page.look.color else ""))
