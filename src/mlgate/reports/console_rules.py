"""The rules of one verdict on the console: one line each, with details below if people need to act."""

from __future__ import annotations

from collections.abc import Sequence

from mlgate.reports.bars import CROSSED, MARK, BarScale, bar, marks, ruler, scale_for
from mlgate.reports.console_tables import add_tables
from mlgate.reports.example_lines import examples
from mlgate.reports.page import STYLES, Look, Page, Span, cells, fitted
from mlgate.reports.statement import statement
from mlgate.reports.summary import (
    MOST_SHOWN,
    by_cause,
    deciding,
    foremost,
    in_one_line,
    left_out,
    not_asked,
    owned_policies,
    said_by_findings,
    same_for,
    untold,
    worst_first,
)
from mlgate.values.numbers import decimals, number, percent
from mlgate.values.verdict import INPUTS, Finding, Outcome, Status, Verdict, where_text
from mlgate.values.words import counted, plural

_LEAST_BAR, _WIDEST_BAR = 16, 44
_LEAST_NAME = 12


def add_rules(page: Page, verdict: Verdict, verbose: bool) -> None:
    """All rules, worst first. Rules that did not pass have their findings below; with `verbose`, all rules have."""
    several = len(owned_policies(verdict)) > 1
    names = {
        outcome.name: page.look.say(outcome.name if several or outcome.check == INPUTS else outcome.rule)
        for outcome in verdict.outcomes
    }
    widest = min(max(map(cells, names.values()), default=0), page.look.width // 3)
    detailed = False
    folded = [] if verbose else not_asked(verdict.outcomes)
    told = [outcome for outcome in verdict.outcomes if outcome not in folded]
    for outcome, *others in by_cause(worst_first(told)):
        shown = verbose or outcome.status.blocks or outcome.status is Status.WAIVED
        if shown or detailed:
            page.blank()
        detailed = shown
        _add_rule(page, outcome, fitted(names[outcome.name], widest, page.look), shown)
        if shown:
            _add_details(page, outcome, verbose)
            if others:
                page.paragraph(same_for(others, names), indent=4)
        elif outcome.tables:
            page.line("    ", (f"{counted(len(outcome.tables), 'table')} published: --report tables=FILE.md", "dim"))
        elif outcome.status.counts and left_out(outcome):
            page.line("    ", (page.look.say(left_out(outcome)), "dim"))
    if folded:
        lead = f"{page.look.sign(Status.SKIPPED)} {Status.SKIPPED.value:<12} "
        page.paragraph((in_one_line(folded, names), "dim"), lead=lead, style=STYLES[Status.SKIPPED])


def _add_rule(page: Page, outcome: Outcome, name: str, shown: bool) -> None:
    look, finding = page.look, deciding(outcome)
    word = outcome.status.value
    if outcome.severity == "warn" and outcome.status.blocks:
        word += " (warns)"
    style = STYLES[outcome.status]
    if not outcome.blocking and outcome.status.blocks:
        style = "yellow"
    strong = "bold" if outcome.blocking else ""
    said, where = (look.say(statement(outcome, finding)), strong), ""
    if finding and finding.value is not None and finding.where and outcome.status.counts:
        where = look.say(where_text(finding.where))
    elif shown and (finding is None or finding.value is None):
        said = (look.say(outcome.demand or outcome.check), "dim")
    _add_line(page, [(f"{look.sign(outcome.status)} {word:<12}  ", style), (name, strong)], said, (where, "dim"))


def _add_line(page: Page, head: list[tuple[str, str]], said: tuple[str, str], where: tuple[str, str]) -> None:
    """The head of a rule with its statement and slice, on one line if they fit, else below it."""
    room = page.look.width - sum(cells(text) for text, _ in head) - 2
    if cells(f"{said[0]}  {where[0]}".rstrip()) <= room:
        page.line(*head, "  ", said, "  ", where)
    elif cells(said[0]) <= room:
        page.line(*head, "  ", said)
        page.paragraph(where, indent=4)
    else:
        page.line(*head)
        page.paragraph(said, "  ", where, indent=4)


def _add_details(page: Page, outcome: Outcome, verbose: bool) -> None:
    look = page.look
    shown = [f for f in outcome.findings if verbose or (f.status.counts and f.status is not Status.PASS)]
    shown = foremost(outcome, shown, len(shown) if verbose else MOST_SHOWN)
    measured = [f for f in shown if f.value is not None and not (outcome.tables and f.status is Status.LISTED)]
    if outcome.description:
        page.paragraph((look.say(outcome.description), "dim"), indent=4)
    if measured:
        _add_slices(page, outcome, measured)
    add_tables(page, outcome.tables)
    if outcome.status is Status.LISTED and outcome.tables:
        shown = []  # the tables have them
    for finding in shown:
        _add_finding(page, outcome, finding)
    if outcome.message and outcome.status is not Status.LISTED and not said_by_findings(outcome, shown):
        page.paragraph(look.say(outcome.message), indent=4)
    _add_rest(page, outcome, shown)
    crash = "".join((outcome.traceback or "").strip().splitlines()[-1:])
    if crash not in outcome.message:
        page.paragraph((look.say(crash), "magenta"), indent=4)
    page.paragraph((look.dot.join(_terms(outcome, look)), "dim"), indent=4)


def _terms(outcome: Outcome, look: Look) -> list[str]:
    alike = (finding for finding in outcome.findings if finding.status is outcome.status)
    headed = outcome.demand and any(finding.value is not None for finding in alike)
    terms = [f"{outcome.at.file}:{outcome.at.line}", f"demanded: {outcome.demand}" if headed else ""]
    if outcome.severity == "warn":
        terms.append(f"blocks from {outcome.enforce_from}" if outcome.enforce_from else "warns only, never blocks")
    if outcome.machine:
        terms.append("the machine failed: check it, then retry")
    return [look.say(term) for term in terms if term]


def _add_finding(page: Page, outcome: Outcome, finding: Finding) -> None:
    """What a finding says beyond its line in the table."""
    told = finding.status.blocks or finding.status is Status.WAIVED
    if told or (finding.value is None and finding.status.counts):
        _add_message(page, finding)
    elif finding.value is None or finding.note:
        _say_of(page, outcome, finding)


def _say_of(page: Page, outcome: Outcome, finding: Finding) -> None:
    """The note on a value that stands in the table, or why there is none; what it is about comes first, once."""
    look, where = page.look, where_text(finding.where)
    said = finding.message if finding.value is None else finding.note or ""
    about = [where] if where not in said else []
    if finding.value is None and finding.rows is not None and f"{finding.rows:,}" not in said.split():
        about.append(counted(finding.rows, outcome.words.of))
    text = f"{', '.join(about)}: {said}" if about else said
    page.paragraph(look.say(text), indent=2, lead=look.sign(finding.status), style=STYLES[finding.status])


def _add_message(page: Page, finding: Finding) -> None:
    look = page.look
    page.paragraph(look.say(finding.message), indent=2, lead=look.sign(finding.status), style=STYLES[finding.status])
    if finding.settle and finding.settle not in finding.message:
        page.paragraph((look.say(finding.settle), "bold"), indent=4, lead=look.arrow)
    if finding.note and finding.note not in finding.message:
        page.paragraph((look.say(finding.note), "dim"), indent=4)
    if shown := examples(finding, in_terminal=look.values):
        page.paragraph(look.say(shown), indent=4)


def _add_rest(page: Page, outcome: Outcome, shown: Sequence[Finding]) -> None:
    if not outcome.status.counts:
        return
    named = [finding for finding in shown if finding.value is None]
    said = [text for text in (untold(outcome, shown), left_out(outcome, named)) if text]
    if said:
        page.line("    ", (page.look.dot.join(said), "dim"))


def _add_slices(page: Page, outcome: Outcome, findings: Sequence[Finding]) -> None:
    look = page.look
    table = _columns(outcome, findings, look)
    widths = [max(cells(row[column]) for row in table) for column in range(len(table[0]))]
    rest = 4 + sum(widths[1:]) + 2 * len(widths[1:])
    if look.cut:
        widths[0] = min(widths[0], max(min(look.width - rest, look.width * 2 // 5), _LEAST_NAME))
    room = min(look.width - rest - widths[0] - 2, _WIDEST_BAR)
    drawable = look.unicode and room >= _LEAST_BAR and not any(finding.own for finding in findings)
    scale = scale_for(findings, marks(outcome), room) if drawable else None
    if not scale and len(findings) == 1 and not findings[0].where:
        return
    if room < -2:
        _add_records(page, findings, table)
        return
    head, *rows = [[fitted(row[0], widths[0], look), *_right(row[1:], widths[1:], look)] for row in table]
    above = "  " + ruler(marks(outcome), scale) if scale else ""
    page.line("    ", ("  ".join(head) + above, "dim"))
    for finding, row in zip(findings, rows):
        style = STYLES[finding.status]
        drawn = _painted(finding, outcome, scale) if scale else []
        page.line("  ", (look.sign(finding.status) + " ", style), "  ".join(row), "  ", *drawn)


def _add_records(page: Page, findings: Sequence[Finding], table: Sequence[Sequence[str]]) -> None:
    """One paragraph per finding, where columns do not fit."""
    heads, *rows = table
    for finding, row in zip(findings, rows, strict=True):
        said = ", ".join(f"{head} {cell}" for head, cell in zip(heads, row, strict=True) if cell)
        page.paragraph(said, indent=2, lead=page.look.sign(finding.status), style=STYLES[finding.status])


def _columns(outcome: Outcome, findings: Sequence[Finding], look: Look) -> list[list[str]]:
    bounded = any(f.lower is not None or f.upper is not None for f in findings)
    narrower = any(f.exact or f.n not in (None, f.rows) for f in findings)
    head = [outcome.words.part, plural(outcome.words.of)] + ["counts"] * narrower + ["value"]
    table = [head + [look.say(f"{percent(outcome.confidence)} bounds")] * bounded]
    digits = decimals(v for f in findings for v in (f.value, f.lower, f.upper))
    for f in findings:
        row = [look.say(where_text(f.where)) or "all rows", _count(f.rows)]
        row += [look.say(f.exact) if f.exact else _count(f.n)] * narrower + [number(f.value, decimals=digits)]
        row += [look.signs(_interval(f, digits))] * bounded
        table.append(row)
    return table


def _interval(finding: Finding, digits: int | None) -> str:
    """Both bounds, `-` for one that is missing; empty without any."""
    if finding.lower is None and finding.upper is None:
        return ""
    return f"{number(finding.lower, decimals=digits)} … {number(finding.upper, decimals=digits)}"


def _right(cells: Sequence[str], widths: Sequence[int], look: Look) -> list[str]:
    return [fitted(cell, width, look, right=True) for cell, width in zip(cells, widths)]


def _count(rows: int | None) -> str:
    return "-" if rows is None else f"{rows:,}"


def _painted(finding: Finding, outcome: Outcome, scale: BarScale) -> list[Span]:
    drawn = bar(finding, marks(outcome), scale)
    return [(cell, "bold" if cell in (MARK, CROSSED) else STYLES[finding.status]) for cell in drawn]
