"""The names by which a page, and links to it, know a rule and a finding: stable, and each once on a page.

The name of a rule is that of its policy and its id, `credit:recall`, and of a finding the same with its slice,
`credit:recall/sex=F,age=<25`. Other reports link to `PAGE#NAME`.
"""

from __future__ import annotations

from urllib.parse import quote

from mlgate.reports.summary import name_of
from mlgate.values.verdict import Finding, Outcome, Refusal, Verdict, Verdicts

_PLAIN = ":=,/@+-"


def answer_anchor(answer: Verdict | Refusal, verdicts: Verdicts) -> str:
    """The name of a candidate's part of the page: empty where the page is about one candidate alone."""
    alone = len(verdicts.verdicts) + len(verdicts.refusals) == 1
    return "" if alone else _quoted(name_of(answer, verdicts))


def rule_anchor(outcome: Outcome, answer: str = "") -> str:
    """The name of a rule, after that of the candidate's part of the page."""
    return f"{answer}{'/' if answer else ''}{_quoted(outcome.name)}"


def finding_anchor(outcome: Outcome, finding: Finding, answer: str = "") -> str:
    """The name of a finding: of the rule where it is about all rows."""
    where = ",".join(f"{_quoted(column, '')}={_quoted(value, '')}" for column, value in finding.where)
    return f"{rule_anchor(outcome, answer)}{f'/{where}' if where else ''}"


def _quoted(text: str, safe: str = _PLAIN) -> str:
    return quote(text, safe=safe, errors="backslashreplace")
