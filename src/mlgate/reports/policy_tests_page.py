"""What became of tests of policies, as the users of pytest know it."""

from __future__ import annotations

from collections.abc import Iterator

from mlgate.reports.page import Look, Page
from mlgate.values.policy_tests import PolicyTestResult, PolicyTestRun
from mlgate.values.words import counted

_MARKS = {"passed": ".", "failed": "F", "error": "E"}
_STYLES = {"passed": "green", "failed": "bold red", "error": "bold magenta"}


def progress_line(file: str, results: list[PolicyTestResult], look: Look) -> str:
    """One line for a file: its name and a sign per result."""
    page = Page(look)
    marks = ((_MARKS[result.status], _STYLES[result.status]) for result in results)
    page.line(f"{look.say(file)} ", *marks)
    return page.render()


def result_line(result: PolicyTestResult, look: Look) -> str:
    """One line for a result: its place, its name and its status."""
    page = Page(look)
    place = f"{result.at.file}:{result.at.line}"
    page.line(f"{look.say(place)} {look.say(result.name)} ", (result.status.upper(), _STYLES[result.status]))
    return page.render()


def closing_page(run: PolicyTestRun, look: Look) -> str:
    """The failures, what is untested, and the counts."""
    page = Page(look)
    page.line()  # apart from the results above
    for result in run.results:
        if result.status != "passed":
            page.blank()
            head = (result.status.upper(), _STYLES[result.status])
            page.line(head, f" {look.say(f'{result.at.file}:{result.at.line}')} {look.say(result.name)}")
            for said in result.said:
                page.paragraph(look.say(said), indent=4)
    page.blank()
    for line in left_untested(run):
        page.line(look.say(line))
    page.blank()
    bad = run.exit_code != 0
    page.line((look.say(_counts(run)), "bold red" if bad else "bold green"))
    return page.render()


def left_untested(run: PolicyTestRun) -> Iterator[str]:
    """One line for each rule that no test has seen block, and for each policy that applies to no candidate."""
    for each in run.unmatched:
        said = f"{each.at.file}:{each.at.line}: the policy {each.name} applies to no candidate of its tests"
        yield f"{said}; correct its `for:`, or add a candidate that it selects"
    for each in run.untested:
        yield f"{each.at.file}:{each.at.line}: no test has seen the rule {each.name} block"
    if run.untested:
        yield "Add a mutation with `caught_by: RULE` for each, or list them only by --allow-untested."
    if run.partial:
        yield f"Not all tests were run ({run.partial}), so rules that no test has seen block are not listed."


def _counts(run: PolicyTestRun) -> str:
    parts = [f"{run.count(status)} {status}" for status in ("failed", "error", "passed") if run.count(status)]
    if run.untested:
        allowed = " (allowed)" if run.allow_untested else ""
        parts.append(f"{counted(len(run.untested), 'untested rule')}{allowed}")
    if run.unmatched:
        parts.append(f"{counted(len(run.unmatched), 'policy')} without a candidate")
    return f"{', '.join(parts)} in {sum(result.seconds for result in run.results):.2f} s"
